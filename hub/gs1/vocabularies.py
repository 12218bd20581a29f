"""Master data in the header of EPCIS documents: vocabularies, their elements, what is said of each. Pure.

Source: EPCIS 2.0 (ISO/IEC 19987:2024), 6.1 and its JSON schema; the names of attributes are those of CBV 2.0.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.gs1 import cbv, digital_link, epcis, jcs
from hub.gs1.epcis import Fault

MOST_ELEMENTS = 20_000
"""Elements in one document."""
MOST_ATTRIBUTES, MOST_CHILDREN = 200, 10_000
LONGEST, LONGEST_NAME = 1_000, 300
"""Characters of an identifier; of a vocabulary's name, or an attribute's."""
LARGEST = 256 * 1024
"""Bytes of what is said of one element, as canonical JSON."""

_NUL = re.compile(rb"(?<!\\)(\\\\)*\\u0000")
_MDA = "urn:epcglobal:cbv:mda#"
_OF_MDA = (_MDA, "urn:epcglobal:cbv:mda:", "cbvmda:")


@dataclass(frozen=True)
class Element:
    """What is said of one element: its vocabulary, its canonical identifier, attributes by full name, and children."""

    vocabulary: str
    id: str
    attributes: Mapping[str, Any]
    children: Sequence[str]

    @property
    def digest(self) -> str:
        """The SHA-256 of what is said, by which the same is known again."""
        return hashlib.sha256(jcs.canonical([self.attributes, self.children])).hexdigest()


@dataclass(frozen=True)
class Told:
    """The elements of a header that can be kept, and what is wrong with the others."""

    elements: Sequence[Element]
    faults: Sequence[Fault]
    passed_over: Sequence[str]
    """What stands in the header and is not kept, by its path."""


def read(document: Mapping[str, Any]) -> Told:
    """The master data of a document's header; empty where it has none."""
    header = document.get("epcisHeader")
    if header is None:
        return Told((), (), ())
    reader = _Reader(_prefixes(document.get("@context")))
    if reader.is_object(header, "epcisHeader"):
        reader.passed_over += [f"epcisHeader.{name}" for name in header if name != "epcisMasterData"]
        reader.master_data(header.get("epcisMasterData", {}), "epcisHeader.epcisMasterData")
    return Told(list(reader.elements.values()), reader.faults, reader.passed_over)


def attribute_name(name: str, prefixes: Mapping[str, str] = cbv.PREFIXES) -> str:
    """The full name of an attribute; those of CBV in their one form, however they are written.

    A bare word is CBV's: ``city``, ``cbvmda:city`` and ``urn:epcglobal:cbv:mda#city`` are the same.
    """
    for root in _OF_MDA:
        if name.startswith(root):
            return _MDA + name.removeprefix(root)
    prefix, colon, rest = name.partition(":")
    if not colon:
        return _MDA + name
    meant = prefixes.get(prefix)
    return name if meant is None else meant + rest


def shown(element: Element) -> dict[str, Any]:
    """An element as EPCIS's JSON has it; an attribute of several values stands there several times."""
    told: dict[str, Any] = {"id": element.id}
    attributes = [
        {"id": name, "attribute": value}
        for name, values in element.attributes.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    if attributes:
        told["attributes"] = attributes
    if element.children:
        told["children"] = list(element.children)
    return told


def listed(elements: Sequence[Element]) -> list[dict[str, Any]]:
    """Elements as a vocabularyList, those of one vocabulary together."""
    vocabularies: dict[str, list[dict[str, Any]]] = {}
    for element in elements:
        vocabularies.setdefault(element.vocabulary, []).append(shown(element))
    return [{"type": name, "vocabularyElementList": members} for name, members in vocabularies.items()]


def _prefixes(context: Any) -> dict[str, str]:
    """What the prefixes of a document mean."""
    meant = dict(cbv.PREFIXES)
    for entry in context if isinstance(context, list) else [context]:
        if isinstance(entry, Mapping):
            meant |= {name: space for name, space in entry.items() if isinstance(space, str) and name not in meant}
    return meant


class _Reader:
    """Reads a header's master data, and gathers what of it cannot be kept."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = prefixes
        self.elements: dict[tuple[str, str], Element] = {}
        self.faults: list[Fault] = []
        self.passed_over: list[str] = []
        self.seen = 0

    def no(self, path: str, message: str) -> None:
        self.faults.append(Fault(path, message))

    def master_data(self, told: Any, path: str) -> None:
        if self.is_object(told, path):
            self.others(told, ("vocabularyList",), path)
            for vocabulary, place in self.items(told.get("vocabularyList", []), f"{path}.vocabularyList"):
                self.vocabulary(vocabulary, place)

    def vocabulary(self, told: Any, path: str) -> None:
        if not self.is_object(told, path):
            return
        before = len(self.faults)
        name = self.uri(told.get("type"), f"{path}.type", LONGEST_NAME)
        self.others(told, ("type", "vocabularyElementList"), path)
        listing = f"{path}.vocabularyElementList"
        members = list(self.items(told.get("vocabularyElementList", []), listing))
        if self.in_order(told, before):
            self.seen += len(members)
            if self.seen > MOST_ELEMENTS:
                self.no(listing, f"a document holds at most {MOST_ELEMENTS} elements")
                return
            for element, place in members:
                self.element(self.full(name), element, place)

    def element(self, vocabulary: str, told: Any, path: str) -> None:
        if not self.is_object(told, path):
            return
        before = len(self.faults)
        identifier = self.uri(told.get("id"), f"{path}.id", LONGEST)
        self.others(told, ("id", "attributes", "children"), path)
        attributes = self.attributes(told.get("attributes", []), f"{path}.attributes")
        children = self.children(told.get("children", []), f"{path}.children")
        element = Element(vocabulary, digital_link.canonical(identifier), attributes, children)
        if len(self.faults) == before:
            self.bounded(jcs.canonical([attributes, children]), path)
            if self.elements.get((vocabulary, element.id), element) != element:
                self.no(path, f"{identifier} is told twice, and differently")
        if self.in_order(told, before):
            self.elements[vocabulary, element.id] = element

    def bounded(self, said: bytes, path: str) -> None:
        if len(said) > LARGEST:
            self.no(path, f"says more than {LARGEST} bytes")
        if _NUL.search(said):
            self.no(path, "holds the character U+0000, which cannot be kept")

    def attributes(self, told: Any, path: str) -> dict[str, Any]:
        """Attributes by their full names, several of one name as a list; what has no value is not there."""
        found: dict[str, list[Any]] = {}
        for attribute, place in self.items(told, path, MOST_ATTRIBUTES):
            if not self.is_object(attribute, place):
                continue
            self.others(attribute, ("id", "attribute"), place)
            name = self.uri(attribute.get("id"), f"{place}.id", LONGEST_NAME)
            value = attribute.get("attribute")
            if isinstance(value, list):
                self.no(f"{place}.attribute", "is a list; an attribute of several values stands several times")
            elif name and value is not None:
                found.setdefault(attribute_name(name, self.prefixes), []).append(value)
        return {name: values if len(values) > 1 else values[0] for name, values in found.items()}

    def children(self, told: Any, path: str) -> list[str]:
        children = [self.uri(child, place, LONGEST) for child, place in self.items(told, path, MOST_CHILDREN)]
        return list(dict.fromkeys(digital_link.canonical(child) for child in children))

    # What is right, and what is not

    def is_object(self, told: Any, path: str) -> bool:
        if not isinstance(told, Mapping):
            self.no(path, "is not an object")
        return isinstance(told, Mapping)

    def items(self, told: Any, path: str, most: int = MOST_ELEMENTS) -> Iterable[tuple[Any, str]]:
        """The items of a list, each with its path."""
        if not isinstance(told, list):
            self.no(path, "is not a list")
        elif len(told) > most:
            self.no(path, f"holds {len(told)}; at most {most} are taken")
        else:
            return ((item, f"{path}[{place}]") for place, item in enumerate(told))
        return ()

    def uri(self, told: Any, path: str, longest: int) -> str:
        """A URI as it is; empty where there is none."""
        if told is None:
            self.no(path, "is needed")
        elif not epcis.is_uri(told):
            self.no(path, "is not a URI")
        elif len(told) > longest:
            self.no(path, f"is longer than {longest} characters")
        else:
            return str(told)
        return ""

    def others(self, told: Mapping[str, Any], known: Collection[str], path: str) -> None:
        """What somebody added under a name of his own is passed over; all else is a fault."""
        for name in told:
            if name not in known and ":" in name:
                self.passed_over.append(f"{path}.{name}")
            elif name not in known:
                self.no(f"{path}.{name}", "is neither EPCIS's nor of a declared prefix")

    def full(self, name: str) -> str:
        """A vocabulary's name in full."""
        prefix, _, rest = name.partition(":")
        return self.prefixes[prefix] + rest if prefix in self.prefixes else name

    def in_order(self, told: Any, before: int) -> bool:
        """Whether nothing was found wrong since; of what came in XML it is said where."""
        if isinstance(told, epcis.Lined):
            place = f" (in the element on line {told.line})"
            found = [Fault(fault.path, fault.message + place) for fault in self.faults[before:]]
            self.faults[before:] = told.faults or found
        return len(self.faults) == before
