"""EPCIS documents in XML, 2.0 and 1.2, read into the JSON form that hub.gs1.epcis validates.

Source: EPCIS 2.0 (ISO/IEC 19987:2024) and EPCIS 1.2, whose later fields stand inside ``extension`` and
``baseExtension``.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from hub.gs1 import cbv, epcis, jcs
from hub.gs1.xml import headers, names
from hub.gs1.xml.parsing import (
    MOST_SPACES,
    Element,
    attributes,
    fault,
    is_epcis,
    line,
    local,
    parsed,
    scope,
    tags,
)

Json = dict[str, Any]


def read(document: bytes) -> epcis.Lined:
    """An EPCISDocument, an EPCISQueryDocument or a bare event as ``epcis.read`` takes it.

    An EPCISMasterDataDocument is one without events, whose master data stands in its header.
    What of an event cannot be read is a fault of that event; a document that holds no events in their place is
    refused (``InvalidDocument``), and so is what is no XML (``MalformedXML``).
    """
    root = parsed(document)
    kind = local(root)
    if kind in ("EPCISDocument", "EPCISQueryDocument") and is_epcis(root):
        return _document(root, kind)
    if kind == "EPCISMasterDataDocument" and is_epcis(root):
        return _master_data(root)
    event = _event(root)
    if event is None:
        expected = "an EPCISDocument, EPCISQueryDocument, EPCISMasterDataDocument or an event is expected"
        raise epcis.InvalidDocument([fault(root, expected)])
    event["@context"] = [*epcis.CONTEXT[:1], *event.get("@context", [])]
    return event


# The document


def _document(root: Element, kind: str) -> epcis.Lined:
    *way, last = _WAYS[kind]
    body = root
    for name in way:
        below = _child(body, name)
        if below is None:
            raise epcis.InvalidDocument([fault(body, f"{name} is expected in it")])
        body = below
    listing = _child(body, last)
    if listing is None and kind == "EPCISQueryDocument":
        raise epcis.InvalidDocument([fault(body, f"{last} is expected in it")])
    events = [] if listing is None else list(_events(listing))
    whole = _whole(root, kind, events)
    if kind == "EPCISQueryDocument":
        whole["epcisBody"] = {"queryResults": {"resultsBody": {"eventList": events}}}
    header = _child(root, "EPCISHeader")
    if header is not None and len(header):
        whole["epcisHeader"] = headers.read(header, _foreign_value)
    return whole


def _whole(root: Element, kind: str, events: list[epcis.Lined]) -> epcis.Lined:
    version = root.get("schemaVersion", "")
    created = root.get("creationDate", "")
    return epcis.Lined(
        {
            "@context": epcis.CONTEXT[:1],
            "type": kind,
            "schemaVersion": "2.0" if version.startswith("1.") else version,
            "creationDate": created if _OFFSET.search(created) else f"{created}Z",
            "epcisBody": {"eventList": events},
        }
    )


def _master_data(root: Element) -> epcis.Lined:
    body = _child(root, "EPCISBody")
    if body is None:
        raise epcis.InvalidDocument([fault(root, "EPCISBody is expected in it")])
    whole = _whole(root, "EPCISDocument", [])
    whole["epcisHeader"] = headers.of_body(body, _foreign_value)
    return whole


def _foreign_value(element: Element) -> tuple[Any, list[epcis.Fault]]:
    """What an element that is not EPCIS's own says, and what of it cannot be read."""
    reader = _Reader(element)
    return reader.value(element, _OUTER), reader.event.faults


_WAYS = {
    "EPCISDocument": ("EPCISBody", "EventList"),
    "EPCISQueryDocument": ("EPCISBody", "QueryResults", "resultsBody", "EventList"),
}
_OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)$")


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element if local(child) == name and is_epcis(child)), None)


def _events(listing: Element) -> Iterable[epcis.Lined]:
    for element in listing:
        if element.tag in _EXTENSION:
            yield from _events(element)
        else:
            event = _event(element)
            if event is None:
                event = epcis.Lined({"type": local(element)})
                event.line = line(element)
                event.faults = [fault(element, f"one of EPCIS's event types is expected: {', '.join(names.EVENTS)}")]
            yield event


def _event(element: Element) -> epcis.Lined | None:
    """One event; None for an element that is none."""
    kind = local(element)
    reader = _Reader(element)
    if is_epcis(element):
        if kind == "QuantityEvent":
            reader.event["type"] = "ObjectEvent"
            reader.quantity_event(element)
        elif kind in names.EVENTS:
            reader.event["type"] = kind
            reader.fields(element, reader.event, _EVENT)
        else:
            return None
    else:
        if element.tag != names.EVENT:  # whose type is among its members
            reader.event["type"] = reader.name(element)
        reader.fields(element, reader.event, _EVENT)
    reader.attributes(element, reader.event, _OF_BARE_EVENT)
    return reader.done()


_OF_BARE_EVENT = ("schemaVersion", "creationDate")
"""What belongs to a document, and stands on an event that comes without one."""


_EXTENSION = tags("extension", "baseExtension")
_EPC, _ELEMENT = tags("epc"), tags("quantityElement")


# Events


class _Reader:
    """Reads one event, and gathers which prefixes it uses and what of it cannot be read."""

    def __init__(self, element: Element) -> None:
        self.event = epcis.Lined()
        self.event.line = line(element)
        self.spaces: dict[str, str] = {}
        """The prefixes of name spaces that are not EPCIS's, by name space."""

    def done(self) -> epcis.Lined:
        if self.spaces:
            self.event["@context"] = [{prefix: space for space, prefix in self.spaces.items()}]
        return self.event

    def no(self, element: Element, message: str) -> None:
        """Keep that something cannot be read."""
        if len(self.event.faults) < _MOST_FAULTS:
            self.event.faults.append(fault(element, message))

    # Names

    def name(self, element: Element) -> str:
        """The name of an element in JSON, with a prefix where it stands in somebody's name space."""
        tag = element.tag
        if tag[0] != "{":
            return tag
        space, _, word = tag[1:].rpartition("}")
        return f"{self.prefix(element.prefix, space)}:{word}" if space not in names.EPCIS else word

    def attribute(self, element: Element, key: str) -> str:
        """The same of an attribute."""
        space, _, word = key.rpartition("}")
        if not space:
            return word
        space = space[1:]
        known = self.spaces.get(space)
        if known is None:
            given = next((prefix for prefix, meant in scope(element).items() if prefix and meant == space), None)
            known = self.prefix(given, space)
        return f"{known}:{word}"

    def prefix(self, given: str | None, space: str) -> str:
        """The prefix of a name space: EPCIS's own, that of the document, or another where that means something else."""
        known = names.prefix_of.get(space) or self.spaces.get(space)
        if known is None:
            if len(self.spaces) >= MOST_SPACES:
                raise epcis.InvalidDocument([epcis.Fault("$", f"an event uses at most {MOST_SPACES} name spaces")])
            known = stem = given or "ns"
            number = 1
            while known in cbv.TERMS or known in cbv.PREFIXES or known in _SCHEMES or known in self.spaces.values():
                known, number = f"{stem}{number}", number + 1
            self.spaces[space] = known
        return known

    def curie(self, element: Element, value: str) -> str:
        """A name in a value, whose prefix the document declares as it does those of elements."""
        prefix, colon, rest = value.partition(":")
        if not colon or prefix in _SCHEMES or prefix in cbv.PREFIXES:
            return value
        space = scope(element).get(prefix)
        return f"{self.prefix(prefix, space)}:{rest}" if space and space not in names.EPCIS else value

    # Values

    def text(self, element: Element) -> str:
        """The text of an element that has nothing else in it."""
        if len(element):
            self.no(element, "text is expected here, and nothing else")
        return (element.text or "").strip()

    def number(self, element: Element, text: str) -> Any:
        """A number as a double; what is none stays, and is refused where a number is needed."""
        text = text.strip()
        if not _NUMBER.fullmatch(text):
            return text
        value = float(text)
        if len(text) <= _EXACT and "e" not in text and "E" not in text:
            return value
        if value in (float("inf"), float("-inf")) or Decimal(text) != Decimal(jcs.number(value)):
            self.no(element, f"the number {text[:40]} would be changed by reading it as a double")
        return value

    def term(self, element: Element, field: str, value: str) -> str:
        """A term of CBV as the bare word, whatever form it has; somebody else's as it is."""
        kind, words = names.TERMS[field]
        value = value.strip()
        word = cbv.word(kind, value)
        return word if word in words else self.curie(element, value)

    def vocabulary(self, element: Element) -> str:
        """The text of an element as a term."""
        return self.term(element, local(element), self.text(element))

    def epcs(self, listing: Element) -> list[str]:
        return [self.text(item) for item in self.items(listing, _EPC, "epc")]

    def corrections(self, listing: Element) -> list[str]:
        return [self.text(item) for item in self.items(listing, _CORRECTIONS, "correctiveEventID")]

    def quantities(self, listing: Element) -> list[Json]:
        found = []
        for item in self.items(listing, _ELEMENT, "quantityElement"):
            told: Json = {}
            self.fields(item, told, _QUANTITY)
            if told.get("quantity") is None:
                told.pop("quantity", None)
            found.append(told)
        return found

    def amount(self, element: Element) -> Any:
        """A quantity; None where it is said to be nil."""
        text = self.text(element)
        return None if element.get(names.NIL, "").strip() in _TRUE and not text else self.number(element, text)

    def typed(self, listing: Element) -> list[Json]:
        """Business transactions, sources and destinations: the text and its type."""
        field = _ITEMS[local(listing)]
        found = []
        for item in self.items(listing, _ITEM_TAGS[field], field):
            kind = item.get("type")
            told = {} if kind is None else {"type": self.term(item, field, kind)}
            found.append(told | {field: self.text(item)})
        return found

    def place(self, element: Element) -> Json:
        return self.object(element, _PLACE)

    def ilmd(self, element: Element) -> Json:
        return self.object(element, {})

    def declaration(self, element: Element) -> Json:
        return self.object(element, _DECLARATION)

    def object(self, element: Element, fields: "Fields") -> Json:
        told: Json = {}
        self.fields(element, told, fields)
        self.attributes(element, told)
        return told

    def persistent(self, element: Element) -> Json:
        """Dispositions that are set and unset from now on."""
        told: Json = {}
        for item in self.items(element, _PERSISTENT, "set or unset"):
            told.setdefault(local(item), []).append(self.term(item, "disposition", self.text(item)))
        return told

    def sensors(self, listing: Element) -> list[Json]:
        found = []
        for item in self.items(listing, _SENSOR, "sensorElement"):
            told: Json = {}
            reports: list[Json] = []
            self.fields(item, told, _METADATA, reports)
            if reports:
                told["sensorReport"] = reports
            found.append(told)
        return found

    def report(self, element: Element) -> Json:
        """What a sensor's metadata or one of its reports says, in attributes."""
        told: Json = {}
        for name, value in attributes(element):
            if name in names.NUMBERS:
                told[name] = self.number(element, value)
            elif name in names.MEASURED:
                word = cbv.measured(value.strip())
                told[name] = word if word in names.MEASURED[name] else self.curie(element, value.strip())
            elif name == "component":
                told[name] = self.term(element, name, value)
            elif name == "booleanValue":
                told[name] = _boolean(value)
            elif name in _AS_IT_IS:
                told[name] = value
            elif name[0] != "{":
                told[name] = value.strip()
            else:
                self.foreign(element, name, value, told)
        self.fields(element, told, {})
        return told

    def quantity_event(self, element: Element) -> None:
        """EPCIS 1's QuantityEvent: since 1.1 the same as an observation of a quantity of a class."""
        event = self.event
        self.fields(element, event, _EVENT | _QUANTITY)
        told = {name: event.pop(name) for name in ("epcClass", "quantity") if name in event}
        event["action"] = "OBSERVE"
        event["quantityList"] = [told]

    # What is not EPCIS's

    def fields(self, element: Element, told: Json, fields: "Fields", reports: list[Json] | None = None) -> None:
        """The children of an element of EPCIS: its own fields, those in ``extension``, and what others added."""
        others: list[Element] = []
        self.no_text(element, element.text)
        for child in element:
            tag = child.tag
            self.no_text(element, child.tail)
            field = fields.get(tag)
            if field is not None:
                name, read_as = field
                if name == "certificationInfo":
                    self.certified(child, told)
                elif name in told:
                    self.no(child, f"{name} stands twice")
                else:
                    told[name] = read_as(self, child)
            elif reports is not None and tag in _REPORT:
                reports.append(self.report(child))
            elif tag in _EXTENSION:
                self.fields(child, told, fields, reports)
            else:
                others.append(child)
        if others:
            self.members(others, told, _OUTER)

    def certified(self, element: Element, told: Json) -> None:
        """One certification is told alone, several as a list."""
        known, text = told.get("certificationInfo"), self.text(element)
        if isinstance(known, list):
            known.append(text)
        else:
            told["certificationInfo"] = text if known is None else [known, text]

    def members(self, elements: Iterable[Element], told: Json, depth: int) -> None:
        """Elements as members of an object, those of one name as a list."""
        groups: dict[str, list[Element]] = {}
        for element in elements:
            if element.tag == names.MEMBERS:
                self.said_in_json(element, element.text or "", told)
            else:
                groups.setdefault(self.name(element), []).append(element)
        for name, group in groups.items():
            listed = len(group) > 1 or group[0].get(names.LIST) is not None
            values = [self.value(element, depth + 1 + listed) for element in group]
            told[name] = values if listed else values[0]

    def value(self, element: Element, depth: int) -> Any:
        """What an extension says: text, a value of the type it names, or an object of its attributes and children.

        An empty element says nothing: null, which JSON-LD and the event hash pass over.
        """
        if depth > jcs.DEEPEST:
            self.no(element, f"nested deeper than {jcs.DEEPEST} levels")
            return None
        given_with = attributes(element)
        text = element.text or ""
        if not given_with and not len(element):
            return text.strip() or None
        told: Json = {}
        for key, given in given_with:
            self.foreign(element, key, given, told)
        if not len(element):
            if element.get(names.NIL, "").strip() in _TRUE:
                return None
            if element.get(names.SPACE) != "preserve":
                text = text.strip()
            kind = element.get(names.TYPE)
            plain = self.of_type(element, kind, text) if kind is not None else text or None
            return (told if plain is None else told | {names.TEXT: plain}) if told else plain
        self.members(element, told, depth)
        pieces = [text, *(child.tail or "" for child in element)]
        if said := " ".join(piece.strip() for piece in pieces if piece.strip()):
            told[names.TEXT] = said
        return told

    def of_type(self, element: Element, kind: str, text: str) -> Any:
        """A text as a number or a truth where its ``xsi:type`` is one of XML Schema's; else as it is."""
        prefix, colon, word = kind.strip().rpartition(":")
        if scope(element).get(prefix if colon else None) != names.XSD:
            return text
        if word in _NUMBERS:
            return self.number(element, text)
        return _boolean(text) if word == "boolean" else text

    def attributes(self, element: Element, told: Json, left_out: tuple[str, ...] = ()) -> None:
        """The attributes of an element of EPCIS, as members."""
        for key, value in attributes(element):
            if key not in left_out:
                self.foreign(element, key, value, told)

    def foreign(self, element: Element, key: str, value: str, told: Json) -> None:
        """An attribute as a member, but for those that speak of the XML itself."""
        if key == names.MEMBERS:
            self.said_in_json(element, value, told)
        elif key != names.LIST and not key.startswith((f"{{{names.XSI}}}", f"{{{names.XML}}}")):
            told[self.attribute(element, key)] = value

    def said_in_json(self, element: Element, text: str, told: Json) -> None:
        """Members that XML has no way to say."""
        try:
            members = jcs.parse(text.encode())
        except jcs.MalformedJSON as problem:
            return self.no(element, problem.detail)
        if not isinstance(members, dict) or _deep(members) > jcs.DEEPEST // 2:
            return self.no(element, "a flat JSON object is expected here")
        told.update(self.declared(element, members))
        return None

    def declared(self, element: Element, value: Any) -> Any:
        """A value from JSON, with the prefixes of its names declared as those of elements are."""
        if isinstance(value, dict):
            return {self.curie(element, name): self.declared(element, inner) for name, inner in value.items()}
        return [self.declared(element, inner) for inner in value] if isinstance(value, list) else value

    def items(self, listing: Element, tags: frozenset[str], name: str) -> Iterator[Element]:
        """The items of a list of EPCIS; what is none is said."""
        self.no_text(listing, listing.text)
        for item in listing:
            self.no_text(listing, item.tail)
            if item.tag in tags:
                yield item
            else:
                self.no(item, f"{name} is expected here")

    def no_text(self, element: Element, text: str | None) -> None:
        """Between the elements of EPCIS stand blanks alone."""
        if text and not text.isspace():
            self.no(element, f"elements are expected here, not {text.strip()[:40]!r}")


def _boolean(text: str) -> Any:
    return _TRUTHS.get(text.strip(), text)


def _deep(value: Any) -> int:
    inner: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_deep, inner), default=0) if isinstance(value, dict | list) else 0


_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_NUMBERS = frozenset(
    """decimal integer float double byte short int long unsignedByte unsignedShort unsignedInt unsignedLong
    positiveInteger negativeInteger nonPositiveInteger nonNegativeInteger""".split()
)
_EXACT = 15
"""As many figures every double keeps."""
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_TRUE = ("true", "1")
_SCHEMES = ("urn", "http", "https", "ni")
_MOST_FAULTS = 50
_OUTER = 7
"""How deep the values of an event lie at most before an extension begins."""
_AS_IT_IS = ("stringValue", "uom")
_ITEMS = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}
_ITEM_TAGS = {field: tags(field) for field in _ITEMS.values()}
_CORRECTIONS, _PERSISTENT, _SENSOR, _REPORT = (
    tags("correctiveEventID"), tags("set", "unset"), tags("sensorElement"), tags("sensorReport"),
)  # fmt: skip

Fields = Mapping[str, tuple[str, Callable[[_Reader, Element], Any]]]


def _fields(told: Mapping[str, Callable[[_Reader, Element], Any]]) -> dict[str, Any]:
    return {tag: (name, read_as) for name, read_as in told.items() for tag in tags(name)}


_QUANTITY = _fields({"epcClass": _Reader.text, "quantity": _Reader.amount, "uom": _Reader.text})
_PLACE = _fields({"id": _Reader.text})
_METADATA = _fields({"sensorMetadata": _Reader.report})
_DECLARATION = _fields(
    {
        "declarationTime": _Reader.text,
        "reason": _Reader.vocabulary,
        "correctiveEventIDs": _Reader.corrections,
    }
)
_EVENT = _fields(
    {
        **dict.fromkeys(names.OF_ANY, _Reader.text),
        **dict.fromkeys(("bizStep", "disposition"), _Reader.vocabulary),
        **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), _Reader.epcs),
        **dict.fromkeys(
            ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _Reader.quantities
        ),
        **dict.fromkeys(("readPoint", "bizLocation"), _Reader.place),
        **dict.fromkeys(_ITEMS, _Reader.typed),
        "sensorElementList": _Reader.sensors,
        "persistentDisposition": _Reader.persistent,
        "ilmd": _Reader.ilmd,
        "errorDeclaration": _Reader.declaration,
    }
)
