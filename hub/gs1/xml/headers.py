"""The header of an EPCIS document in XML, read into the JSON form that hub.gs1.vocabularies takes."""

from collections.abc import Callable, Iterator
from typing import Any

from hub.gs1 import epcis
from hub.gs1.xml import names
from hub.gs1.xml.parsing import Element, fault, line, local, tags

Value = Callable[[Element], tuple[Any, list[epcis.Fault]]]
"""What an element says that is not EPCIS's own, and what of it cannot be read."""

_EXTENSION = tags("extension")
_MASTER_DATA, _LIST, _VOCABULARY = tags("EPCISMasterData"), tags("VocabularyList"), tags("Vocabulary")
_ELEMENTS, _ELEMENT = tags("VocabularyElementList"), tags("VocabularyElement")
_ATTRIBUTE, _CHILDREN, _ID = tags("attribute"), tags("children"), tags("id")


def read(header: Element, value: Value) -> dict[str, Any]:
    """A header's master data; of what else stands in it the names alone."""
    told: dict[str, Any] = {}
    for child in _parts(header):
        if child.tag not in _MASTER_DATA:
            told[local(child)] = {}
            continue
        listings = [part for part in _parts(child) if part.tag in _LIST]
        told.setdefault("epcisMasterData", {"vocabularyList": []})["vocabularyList"] += [
            _vocabulary(part, value) for listing in listings for part in _parts(listing)
        ]
    return told


def of_body(body: Element, value: Value) -> dict[str, Any]:
    """The master data that stands in the body of a document of its own, as that of a header."""
    told: dict[str, Any] = {_foreign(part): {} for part in _parts(body) if part.tag not in _LIST}
    listed = [_vocabulary(one, value) for part in _parts(body) if part.tag in _LIST for one in _parts(part)]
    return told | {"epcisMasterData": {"vocabularyList": listed}}


def _parts(element: Element) -> Iterator[Element]:
    """The children of an element, those in ``extension`` among them."""
    for child in element:
        if child.tag in _EXTENSION:
            yield from _parts(child)
        else:
            yield child


def _vocabulary(element: Element, value: Value) -> epcis.Lined:
    told = _lined(element, "type")
    if element.tag not in _VOCABULARY:
        told.faults.append(fault(element, "Vocabulary is expected here"))
    members: list[Any] = []
    for part in _parts(element):
        if part.tag in _ELEMENTS:
            members += [_element(one, value) for one in _parts(part)]
        else:
            told[_foreign(part)] = {}
    told["vocabularyElementList"] = members
    return told


def _element(element: Element, value: Value) -> epcis.Lined:
    told = _lined(element, "id")
    if element.tag not in _ELEMENT:
        told.faults.append(fault(element, "VocabularyElement is expected here"))
    attributes, children = [], []
    for part in _parts(element):
        if part.tag in _ATTRIBUTE:
            said, faults = _said(part, value)
            told.faults += faults
            attributes.append({**_identified(part, "id"), "attribute": said})
        elif part.tag in _CHILDREN:
            children += [(child.text or "").strip() for child in part if child.tag in _ID]
            told.faults += [fault(child, "id is expected here") for child in part if child.tag not in _ID]
        else:
            told[_foreign(part)] = {}
    told.update({"attributes": attributes, "children": children})
    return told


def _said(attribute: Element, value: Value) -> tuple[Any, list[epcis.Fault]]:
    """The value of an attribute: text, or an object of what stands in it."""
    said, faults = value(attribute)
    if isinstance(said, dict):
        said.pop("id", None)
        if set(said) <= {names.TEXT}:
            said = said.get(names.TEXT)
    return "" if said is None else said, faults


def _lined(element: Element, name: str) -> epcis.Lined:
    told = epcis.Lined(_identified(element, name))
    told.line = line(element)
    return told


def _identified(element: Element, name: str) -> dict[str, str]:
    given = element.get(name)
    return {} if given is None else {name: given.strip()}


def _foreign(element: Element) -> str:
    """The name of something that somebody added, as one with a prefix."""
    return f"{element.prefix or 'xml'}:{local(element)}"
