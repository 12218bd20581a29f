"""EPCIS's SimpleMasterDataQuery: the master data that one keeps, by vocabulary, name and attribute, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ARRAY, Text, any_, cast, tuple_
from sqlmodel import Session, col, func, select

from hub.gs1 import digital_link, query
from hub.gs1.query import QueryParameterInvalid
from hub.gs1.vocabularies import Element, attribute_name
from hub.models.vocabulary import VocabularyElement
from hub.trace.asking import page_tokens, queries, vocabularies

_EQATTR = "EQATTR_"
PARAMETERS = (
    "vocabularyName", "EQ_name", "WD_name", "HASATTR", "includeAttributes", "attributeNames", "includeChildren",
    "maxElementCount", "perPage", "nextPageToken",
)  # fmt: skip
"""Those of EPCIS 1.2, 8.2.7.2, which 2.0 keeps, and how pages are asked for; EQATTR_ has an attribute's name behind."""


@dataclass(frozen=True)
class Page:
    """Some elements, and the token of the next page; empty on the last."""

    elements: Sequence[Element]
    next_token: str


def page(session: Session, parameters: Mapping[str, str]) -> Page:
    """A page of the elements that one keeps, by vocabulary and identifier, as the newest version says each.

    What is not asked for with ``includeAttributes`` and ``includeChildren`` is included. More elements than
    ``maxElementCount`` are refused (``QueryTooLarge``), not cut.
    """
    shown = _shown(parameters)
    size, asked = queries.per_page(parameters), page_tokens.fingerprint(session, parameters, "vocabularies")
    conditions = _conditions(session, parameters)
    most = queries.count(parameters, "maxElementCount")
    if most is not None:
        there = select(func.count()).select_from(VocabularyElement).where(*conditions)
        if session.exec(there).one() > most:
            raise queries.QueryTooLarge(f"more than {most} elements", maxElementCount=most)
    key = tuple_(col(VocabularyElement.vocabulary), col(VocabularyElement.element))
    if token := parameters.get("nextPageToken", ""):
        conditions.append(key > tuple_(*page_tokens.read(token, asked, str, str)))
    order = (col(VocabularyElement.vocabulary), col(VocabularyElement.element))
    rows = session.exec(select(VocabularyElement).where(*conditions).order_by(*order).limit(size + 1)).all()
    following = ""
    if len(rows) > size:
        following = page_tokens.close([rows[size - 1].vocabulary, rows[size - 1].element], asked)
    return Page([shown.of(row) for row in rows[:size]], following)


@dataclass(frozen=True)
class _Shown:
    """What is shown of each element: attributes, all or some by name, and children."""

    attributes: bool
    names: Sequence[str]
    children: bool

    def of(self, row: VocabularyElement) -> Element:
        whole = Element(row.vocabulary, row.element, row.attributes, row.children)
        attributes = {
            name: value
            for name, value in row.attributes.items()
            if self.attributes and (not self.names or name in self.names)
        }
        return replace(whole, attributes=attributes, children=row.children if self.children else [])


def _shown(parameters: Mapping[str, str]) -> _Shown:
    for name in parameters:
        if name not in PARAMETERS and (not name.startswith(_EQATTR) or name == _EQATTR):
            raise QueryParameterInvalid(f"{name[:80]} is not a parameter here", parameter=name[:80])
    wanted = {}
    for name in ("includeAttributes", "includeChildren"):
        wanted[name] = parameters.get(name, "true")
        if wanted[name] not in ("true", "false"):
            raise QueryParameterInvalid(f"{name} is true or false", parameter=name)
    names = [attribute_name(name) for name in query.values_of(parameters.get("attributeNames", ""))]
    return _Shown(wanted["includeAttributes"] == "true", names, wanted["includeChildren"] == "true")


def _conditions(session: Session, parameters: Mapping[str, str]) -> list[Any]:
    conditions = vocabularies.current(session)
    for name, value in parameters.items():
        values = query.values_of(value)
        if name == "vocabularyName":
            conditions.append(_one_of(VocabularyElement.vocabulary, values))
        elif name == "EQ_name":
            conditions.append(_one_of(VocabularyElement.element, [digital_link.canonical(one) for one in values]))
        elif name == "WD_name":
            conditions.append(_one_of(VocabularyElement.element, vocabularies.lying_in(session, values)))
        elif name == "HASATTR":
            conditions.append(vocabularies.saying(session, [attribute_name(one) for one in values], None))
        elif name.startswith(_EQATTR):
            asked = attribute_name(name.removeprefix(_EQATTR))
            conditions.append(vocabularies.saying(session, [asked], values))
    return conditions


def _one_of(column: Any, values: Sequence[str]) -> Any:
    return col(column) == any_(cast(list(values), ARRAY(Text)))
