"""EPCIS documents in XML, 2.0 and 1.2, read into the JSON form that hub.gs1.epcis validates.

Nothing outside the document is ever read: a DOCTYPE is refused, and with it every entity. Source: EPCIS 2.0
(ISO/IEC 19987:2024) and EPCIS 1.2, whose later fields stand inside ``extension`` and ``baseExtension``.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from lxml import etree

from hub.errors import HubError
from hub.gs1 import cbv, epcis, jcs
from hub.gs1.xml import names

Element = etree._Element
Json = dict[str, Any]


class MalformedXML(HubError):
    """The text is not XML that is read here."""

    code, status = "malformed-xml", 400


def read(document: bytes) -> epcis.Lined:
    """An EPCISDocument, an EPCISQueryDocument or a bare event as ``epcis.read`` takes it.

    What of an event cannot be read is a fault of that event; a document that holds no events in their place is
    refused (``InvalidDocument``), and so is what is no XML (``MalformedXML``).
    """
    root = _parsed(document)
    kind = _local(root)
    if kind in ("EPCISDocument", "EPCISQueryDocument") and _is_epcis(root):
        return _document(root, kind)
    event = _event(root)
    if event is None:
        raise epcis.InvalidDocument([_fault(root, "an EPCISDocument, an EPCISQueryDocument or an event is expected")])
    event["@context"] = [*epcis.CONTEXT[:1], *event.get("@context", [])]
    return event


# The text


_ENCODINGS = frozenset("utf-8 utf-16 ascii iso8859-1 iso8859-15 cp1252 gb2312 gbk gb18030".split())
_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?\bencoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")


def _parsed(document: bytes) -> Element:
    text = _in_utf8(document)
    _refuse_doctype(text)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,  # nesting deeper than 256, texts above 10 MB
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise MalformedXML(f"line {line}, column {column}: {error.msg}", line=line, column=column) from error
    about: Any = root.getroottree().docinfo
    if about.doctype:
        raise MalformedXML("a document type (DOCTYPE) is not read here; leave it out")
    return root


def _in_utf8(document: bytes) -> bytes:
    """What stands in another encoding is brought into the one in which the beginning is looked through."""
    if document.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        name = "utf-16"
    else:
        document = document.removeprefix(codecs.BOM_UTF8)
        declared = _DECLARED.match(document)
        name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        name = codecs.lookup(name).name
        if name not in _ENCODINGS:
            raise LookupError
        return document if name in ("utf-8", "ascii") else document.decode(name).encode()
    except LookupError:
        raise MalformedXML(f"it is written in {name}; UTF-8 is read here") from None
    except UnicodeDecodeError as error:
        raise MalformedXML(f"byte {error.start} is not {name}", offset=error.start) from error


def _refuse_doctype(text: bytes) -> None:
    """Looked for before anything is parsed: what a parser does with one can no longer be taken back."""
    place = 0
    while before := _BEFORE_THE_ROOT.match(text, place):
        place = before.end()
    if text.startswith(b"<!DOCTYPE", place):
        line = text.count(b"\n", 0, place) + 1
        raise MalformedXML(f"line {line}: a document type (DOCTYPE) is not read here; leave it out", line=line)


_BEFORE_THE_ROOT = re.compile(rb"[ \t\r\n]+|\xef\xbb\xbf|<\?.*?\?>|<!--.*?-->", re.DOTALL)


# The document


def _document(root: Element, kind: str) -> epcis.Lined:
    *way, last = _WAYS[kind]
    body = root
    for name in way:
        below = _child(body, name)
        if below is None:
            raise epcis.InvalidDocument([_fault(body, f"{name} is expected in it")])
        body = below
    listing = _child(body, last)
    if listing is None and kind == "EPCISQueryDocument":
        raise epcis.InvalidDocument([_fault(body, f"{last} is expected in it")])
    events = [] if listing is None else list(_events(listing))
    version = root.get("schemaVersion", "")
    created = root.get("creationDate", "")
    whole = epcis.Lined(
        {
            "@context": epcis.CONTEXT[:1],
            "type": kind,
            "schemaVersion": "2.0" if version.startswith("1.") else version,
            "creationDate": created if _OFFSET.search(created) else f"{created}Z",
            "epcisBody": {"eventList": events},
        }
    )
    if kind == "EPCISQueryDocument":
        whole["epcisBody"] = {"queryResults": {"resultsBody": {"eventList": events}}}
    header = _child(root, "EPCISHeader")
    if header is not None and len(header):
        whole["epcisHeader"] = {}
    return whole


_WAYS = {
    "EPCISDocument": ("EPCISBody", "EventList"),
    "EPCISQueryDocument": ("EPCISBody", "QueryResults", "resultsBody", "EventList"),
}
_OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)$")


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element if _local(child) == name and _is_epcis(child)), None)


def _events(listing: Element) -> Iterable[epcis.Lined]:
    for element in listing:
        if element.tag in _EXTENSION:
            yield from _events(element)
        else:
            event = _event(element)
            if event is None:
                event = epcis.Lined({"type": _local(element)})
                event.line = _line(element)
                event.faults = [_fault(element, f"one of EPCIS's event types is expected: {', '.join(names.EVENTS)}")]
            yield event


def _event(element: Element) -> epcis.Lined | None:
    """One event; None for an element that is none."""
    kind = _local(element)
    reader = _Reader(element)
    if _is_epcis(element):
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


def _tags(*locals_: str) -> frozenset[str]:
    """The tags of EPCIS's names, as they ought to stand and as many write them."""
    return frozenset(f"{space}{name}" for name in locals_ for space in _SPACES)


_SPACES = ("", *(f"{{{space}}}" for space in sorted(names.EPCIS)))
_EXTENSION = _tags("extension", "baseExtension")
_EPC, _ELEMENT = _tags("epc"), _tags("quantityElement")


def _local(element: Element) -> str:
    return _local_of(str(element.tag))


def _local_of(tag: str) -> str:
    return tag.rpartition("}")[2]


def _is_epcis(element: Element) -> bool:
    space = str(element.tag).rpartition("}")[0][1:]
    return not space or space in names.EPCIS


def _fault(element: Element, message: str) -> epcis.Fault:
    """What is wrong with an element: its line, its path from the root, and what was expected there."""
    above = [element, *element.iterancestors()]
    path = "/".join(_step(step) for step in reversed(above))
    return epcis.Fault(path, f"{message} (line {_line(element)})")


def _line(element: Element) -> int:
    line: Any = element.sourceline
    return line or 0


def _attributes(element: Element) -> list[tuple[str, str]]:
    found: Any = element.items()
    return list(found)


def _step(element: Element) -> str:
    """An element's name, with its place where its parent has several of it; beyond the thousandth the line must do."""
    tag = str(element.tag)
    before = sum(1 for _ in islice(element.itersiblings(tag, preceding=True), _COUNTED))
    if not before and next(iter(element.itersiblings(tag)), None) is None:
        return _local(element)
    return f"{_local(element)}[{before + 1 if before < _COUNTED else '…'}]"


def _scope(element: Element) -> dict[str | None, str]:
    """The prefixes that are declared where an element stands, looked through for each name in a value."""
    found: Any = element.nsmap
    if len(found) > _MOST_SPACES:
        raise epcis.InvalidDocument([_fault(element, f"at most {_MOST_SPACES} name spaces are expected")])
    return dict(found)


_COUNTED = 1_000
_MOST_SPACES = 256
_MOST_FAULTS = 50


# Events


class _Reader:
    """Reads one event, and gathers which prefixes it uses and what of it cannot be read."""

    def __init__(self, element: Element) -> None:
        self.event = epcis.Lined()
        self.event.line = _line(element)
        self.spaces: dict[str, str] = {}
        """The prefixes of name spaces that are not EPCIS's, by name space."""

    def done(self) -> epcis.Lined:
        if self.spaces:
            self.event["@context"] = [{prefix: space for space, prefix in self.spaces.items()}]
        return self.event

    def no(self, element: Element, message: str) -> None:
        """Keep that something cannot be read."""
        if len(self.event.faults) < _MOST_FAULTS:
            self.event.faults.append(_fault(element, message))

    # Names

    def name(self, element: Element) -> str:
        """The name of an element in JSON, with a prefix where it stands in somebody's name space."""
        tag = element.tag
        if tag[0] != "{":
            return tag
        space, _, local = tag[1:].rpartition("}")
        return f"{self.prefix(element.prefix, space)}:{local}" if space not in names.EPCIS else local

    def attribute(self, element: Element, key: str) -> str:
        """The same of an attribute."""
        space, _, local = key.rpartition("}")
        if not space:
            return local
        space = space[1:]
        known = self.spaces.get(space)
        if known is None:
            given = next((prefix for prefix, meant in _scope(element).items() if prefix and meant == space), None)
            known = self.prefix(given, space)
        return f"{known}:{local}"

    def prefix(self, given: str | None, space: str) -> str:
        """The prefix of a name space: EPCIS's own, that of the document, or another where that means something else."""
        known = names.prefix_of.get(space) or self.spaces.get(space)
        if known is None:
            if len(self.spaces) >= _MOST_SPACES:
                raise epcis.InvalidDocument([epcis.Fault("$", f"an event uses at most {_MOST_SPACES} name spaces")])
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
        space = _scope(element).get(prefix)
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
        return self.term(element, _local(element), self.text(element))

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
        field = _ITEMS[_local(listing)]
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
            told.setdefault(_local(item), []).append(self.term(item, "disposition", self.text(item)))
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
        for name, value in _attributes(element):
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
        attributes = _attributes(element)
        text = element.text or ""
        if not attributes and not len(element):
            return text.strip() or None
        told: Json = {}
        for key, given in attributes:
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
        if _scope(element).get(prefix if colon else None) != names.XSD:
            return text
        if word in _NUMBERS:
            return self.number(element, text)
        return _boolean(text) if word == "boolean" else text

    def attributes(self, element: Element, told: Json, left_out: tuple[str, ...] = ()) -> None:
        """The attributes of an element of EPCIS, as members."""
        for key, value in _attributes(element):
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
_OUTER = 7
"""How deep the values of an event lie at most before an extension begins."""
_AS_IT_IS = ("stringValue", "uom")
_ITEMS = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}
_ITEM_TAGS = {field: _tags(field) for field in _ITEMS.values()}
_CORRECTIONS, _PERSISTENT, _SENSOR, _REPORT = (
    _tags("correctiveEventID"), _tags("set", "unset"), _tags("sensorElement"), _tags("sensorReport"),
)  # fmt: skip

Fields = Mapping[str, tuple[str, Callable[[_Reader, Element], Any]]]


def _fields(told: Mapping[str, Callable[[_Reader, Element], Any]]) -> dict[str, Any]:
    return {tag: (name, read_as) for name, read_as in told.items() for tag in _tags(name)}


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
