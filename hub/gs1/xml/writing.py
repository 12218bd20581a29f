"""Events of the JSON form written as EPCIS 2.0 XML, each element in its place in GS1's XSD.

What XML has no way to say (an empty list where the XSD wants one item, a member whose name is no XML name) stands as
JSON in ``furrow:members``, so that whoever reads it here has the same event again. Source: EPCIS 2.0 (ISO/IEC
19987:2024), its XSDs, and openapi 2.0.0 for the forms of CBV's terms.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from lxml import etree

from hub.gs1 import cbv, jcs
from hub.gs1.xml import names

Element = etree._Element
WEB, URN, KEPT, ANY = "Always_Web_URI", "Always_URN", "Never_Translates", "No_Preference"
CBV_FORMS = (WEB, ANY, URN, KEPT)
"""The values of GS1-CBV-XML-Format. A bare word has no form of its own in XML: it is kept as its web URI."""


def query_document(events: Iterable[Mapping[str, Any]], created: str, cbv_form: str = WEB) -> bytes:
    """An EPCISQueryDocument of events, each with what its own ``@context`` declares; ``created`` is a time."""
    spaces = {"epcisq": names.QUERY, "xsi": names.XSI, "xsd": names.XSD, "furrow": names.OURS}
    root = etree.Element(f"{{{names.QUERY}}}EPCISQueryDocument", nsmap=spaces)
    root.set("schemaVersion", "2.0")
    root.set("creationDate", created)
    results = etree.SubElement(etree.SubElement(root, "EPCISBody"), f"{{{names.QUERY}}}QueryResults")
    etree.SubElement(results, "queryName").text = "SimpleEventQuery"
    listing = etree.SubElement(etree.SubElement(results, "resultsBody"), "EventList")
    for event in events:
        _Writer(event, cbv_form).write(listing)
    return serialized(root)


def serialized(root: Element) -> bytes:
    """An element as a document in UTF-8."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


class _Unsayable(Exception):
    """XML, or GS1's XSD, has no way to say it."""


_BREAKS = (_Unsayable, TypeError, KeyError, ValueError, AttributeError)
"""What a value of another shape than its field's ends in, such as one that was altered where it is stored."""


class _Writer:
    """Writes one event."""

    def __init__(self, event: Mapping[str, Any], cbv_form: str) -> None:
        self.event, self.cbv_form = event, cbv_form
        self.spaces = _declared(event.get("@context"))
        self.prefixes: dict[str, str] = {}
        """The one prefix under which a name space is read again."""
        for prefix, space in [*((p, s) for s, p in names.prefix_of.items()), *self.spaces.items()]:
            self.prefixes.setdefault(space, prefix)

    def write(self, listing: Element) -> None:
        kind = self.event.get("type")
        order = names.ORDER.get(kind, names.OF_ANY) if isinstance(kind, str) else names.OF_ANY
        odd: dict[str, Any] = {}
        if order is not names.OF_ANY:
            element = etree.SubElement(listing, str(kind), nsmap=self.spaces)
        else:
            try:
                tag = self.tag(kind, bare=False)
            except _BREAKS:
                tag, odd["type"] = names.EVENT, kind
            element = etree.SubElement(etree.SubElement(listing, "extension"), tag, nsmap=self.spaces)
        for name in order:
            if name in self.event:
                self.field(element, name, self.event[name], odd)
        others = {name: value for name, value in self.event.items() if name not in order and name not in _TOLD}
        self.others(element, others, odd)

    def field(self, parent: Element, name: str, value: Any, odd: dict[str, Any]) -> None:
        """One of EPCIS's fields; what cannot be said in its place is odd."""
        element = etree.SubElement(parent, name)
        try:
            _FIELDS[name](self, element, value)
        except _BREAKS:
            parent.remove(element)
            odd[name] = value
            if name == "certificationInfo" and isinstance(value, list) and value:
                self.field(parent, name, value[0], {})  # the XSD knows one alone: others read that

    # Names and terms

    def tag(self, name: Any, bare: bool) -> str:
        """The tag of a name that is read as the same name again; ``bare``: it may stand in no name space."""
        prefix, colon, local = name.partition(":")
        if not colon:
            if bare and names.is_word(name):
                return str(name)
            raise _Unsayable(name)
        space = cbv.PREFIXES.get(prefix) or self.spaces.get(prefix)
        if space is None or self.prefixes.get(space) != prefix or not names.is_word(local):
            raise _Unsayable(name)
        return f"{{{space}}}{local}"

    def child(self, parent: Element, tag: str) -> Element:
        """An element, which declares a prefix of EPCIS's own context where it needs one."""
        space, brace, _ = tag[1:].partition("}")
        prefix = names.prefix_of.get(space) if brace else None
        return etree.SubElement(parent, tag, nsmap={prefix: space} if prefix else None)

    def term(self, field: str, value: Any) -> str:
        """A term of CBV in the form that is asked for; somebody else's as it is."""
        kind, words = names.TERMS[field]
        word = cbv.word(kind, value)
        if word not in words or (self.cbv_form == KEPT and ":" in value):
            return str(value)
        return cbv.urn(kind, word) if self.cbv_form == URN and kind != "Comp" else cbv.term(kind, word)

    def measured(self, name: str, value: Any) -> str:
        """What is measured, or warned of, as a URI of GS1's web vocabulary."""
        word = cbv.measured(value)
        if word not in names.MEASURED[name] or (self.cbv_form == KEPT and ":" in value):
            return str(value)
        return cbv.PREFIXES["gs1"] + word

    # Fields

    def text(self, element: Element, value: Any) -> None:
        if not isinstance(value, str):
            raise _Unsayable
        element.text = value

    def vocabulary(self, element: Element, value: Any) -> None:
        element.text = self.term(str(element.tag), value)

    def texts(self, element: Element, values: Any, item: str = "epc") -> None:
        if not isinstance(values, list):
            raise _Unsayable
        for value in values:
            self.text(etree.SubElement(element, item), value)

    def corrections(self, element: Element, values: Any) -> None:
        self.texts(element, values, "correctiveEventID")

    def quantities(self, element: Element, values: Any) -> None:
        for value in _list(values):
            _only(value, "epcClass", "quantity", "uom")
            item = etree.SubElement(element, "quantityElement")
            self.text(etree.SubElement(item, "epcClass"), value["epcClass"])
            if "quantity" in value:
                etree.SubElement(item, "quantity").text = f"{Decimal(_number(value['quantity'])):f}"
            elif "uom" in value:
                etree.SubElement(item, "quantity").set(names.NIL, "true")
            if "uom" in value:
                self.text(etree.SubElement(item, "uom"), value["uom"])

    def typed(self, element: Element, values: Any) -> None:
        name = _ITEMS[str(element.tag)]
        for value in _some(values):
            _only(value, "type", name)
            item = etree.SubElement(element, name)
            if "type" in value:
                item.set("type", self.term(name, value["type"]))
            self.text(item, value[name])

    def place(self, element: Element, value: Any) -> None:
        self.text(etree.SubElement(element, "id"), value["id"])
        self.others(element, {name: inner for name, inner in value.items() if name != "id"}, {})

    def ilmd(self, element: Element, value: Any) -> None:
        self.others(element, dict(value.items()), {})

    def declaration(self, element: Element, value: Any) -> None:
        odd: dict[str, Any] = {}
        for name in _DECLARED:
            if name in value:
                self.field(element, name, value[name], odd)
        self.others(element, {name: inner for name, inner in value.items() if name not in _DECLARED}, odd)

    def persistent(self, element: Element, value: Any) -> None:
        _only(value, "set", "unset")
        if not value:
            raise _Unsayable
        for name in ("unset", "set"):
            for word in _some(value[name]) if name in value else ():
                etree.SubElement(element, name).text = self.term("disposition", word)

    def sensors(self, element: Element, values: Any) -> None:
        for value in _some(values):
            item = etree.SubElement(element, "sensorElement")
            if "sensorMetadata" in value:
                self.report(etree.SubElement(item, "sensorMetadata"), value["sensorMetadata"])
            for report in _some(value["sensorReport"]):
                self.report(etree.SubElement(item, "sensorReport"), report)
            own = ("sensorMetadata", "sensorReport")
            self.others(item, {name: inner for name, inner in value.items() if name not in own}, {})

    def report(self, element: Element, value: Any) -> None:
        """A sensor's metadata or report: everything is an attribute there."""
        odd: dict[str, Any] = {}
        for name, inner in value.items():
            try:
                if name in names.NUMBERS:
                    element.set(name, _number(inner))
                elif name in names.MEASURED:
                    element.set(name, self.measured(name, inner))
                elif name == "component":
                    element.set(name, self.term(name, inner))
                elif name == "booleanValue":
                    element.set(name, _TRUTHS[inner is True, inner is False])
                elif not isinstance(inner, str) or (name == "hexBinaryValue" and len(inner) % 2):
                    raise _Unsayable  # XML Schema knows whole bytes alone
                else:
                    element.set(name if name in _OF_SENSORS else self.tag(name, bare=False), inner)
            except _BREAKS:
                odd[name] = inner
        if odd:
            element.set(names.MEMBERS, json.dumps(odd))

    # What is not EPCIS's

    def others(self, parent: Element, members: Mapping[str, Any], odd: dict[str, Any], bare: bool = False) -> None:
        """Members of others' as elements, and what is odd as JSON."""
        for name, value in members.items():
            before = len(parent)
            try:
                self.member(parent, self.tag(name, bare), value)
            except _BREAKS:
                del parent[before:]
                odd[name] = value
        if odd:
            etree.SubElement(parent, names.MEMBERS).text = json.dumps(odd)

    def member(self, parent: Element, tag: str, value: Any) -> None:
        """A value as an element, a list as one for each item."""
        if not isinstance(value, list):
            self.value(self.child(parent, tag), value)
            return
        for item in _some(value):
            if isinstance(item, list) or (len(value) == 1 and (item == "" or isinstance(item, int | float))):
                raise _Unsayable  # what says its type has no other attribute
            element = self.child(parent, tag)
            if len(value) == 1:
                element.set(names.LIST, "true")
            self.value(element, item)

    def value(self, element: Element, value: Any) -> None:
        if isinstance(value, str):
            element.text = value
            if value != value.strip():
                element.set(names.SPACE, "preserve")
            if not value:
                element.set(names.TYPE, "xsd:string")  # without it an empty element says nothing
        elif value is None:
            element.set(names.NIL, "true")
        elif isinstance(value, bool):
            element.set(names.TYPE, "xsd:boolean")
            element.text = "true" if value else "false"
        elif isinstance(value, int | float):
            element.set(names.TYPE, "xsd:double")
            element.text = jcs.number(value)
        else:
            members = dict(value.items())
            odd = {name: members.pop(name) for name in (names.TEXT,) if name in members}
            self.others(element, members, odd, bare=True)
            if not len(element):
                etree.SubElement(element, names.MEMBERS).text = "{}"


def _declared(context: Any) -> dict[str, str]:
    """The prefixes that a context declares and XML can."""
    found: dict[str, str] = {}
    for entry in context if isinstance(context, list) else [context]:
        for prefix, space in entry.items() if isinstance(entry, dict) else ():
            found.pop(prefix, None)
            if isinstance(space, str) and space and names.is_word(prefix) and prefix not in cbv.PREFIXES:
                found[prefix] = space
    return {
        prefix: space
        for prefix, space in found.items()
        if not prefix.lower().startswith("xml") and space not in _TAKEN and space not in names.prefix_of
    }


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _Unsayable
    return value


def _some(value: Any) -> list[Any]:
    """A list that has something in it."""
    if not _list(value):
        raise _Unsayable
    return list(value)


def _only(value: Any, *known: str) -> None:
    if set(value.keys()) - set(known):
        raise _Unsayable


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Unsayable
    return jcs.number(value)


_TAKEN = names.EPCIS | {names.XSI, names.XML, "http://www.w3.org/2000/xmlns/"}
_TOLD = ("type", "@context")
_DECLARED = ("declarationTime", "reason", "correctiveEventIDs")
_ITEMS = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}
_TRUTHS = {(True, False): "true", (False, True): "false"}
_OF_SENSORS = frozenset(
    """time startTime endTime deviceID deviceMetadata rawData dataProcessingMethod bizRules microorganism
    chemicalSubstance coordinateReferenceSystem stringValue hexBinaryValue uriValue uom""".split()
)

_FIELDS: dict[str, Callable[[_Writer, Element, Any], None]] = {
    **dict.fromkeys((*names.OF_ANY, "declarationTime"), _Writer.text),
    **dict.fromkeys(("bizStep", "disposition", "reason"), _Writer.vocabulary),
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), _Writer.texts),
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _Writer.quantities
    ),
    **dict.fromkeys(("readPoint", "bizLocation"), _Writer.place),
    **dict.fromkeys(_ITEMS, _Writer.typed),
    "sensorElementList": _Writer.sensors,
    "persistentDisposition": _Writer.persistent,
    "ilmd": _Writer.ilmd,
    "errorDeclaration": _Writer.declaration,
    "correctiveEventIDs": _Writer.corrections,
}
