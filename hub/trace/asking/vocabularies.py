"""Master data that came with captured documents: kept by its sender, version after version, and asked by its queries.

It is what its sender says and nobody proves: it answers questions of its own, and on pages (`names`) its names stand
apart from what is proved.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, cast, text
from sqlmodel import Session, col, func, select

from hub import db
from hub.errors import HubError
from hub.gs1 import digital_link, query
from hub.gs1.vocabularies import Element
from hub.models.base import now
from hub.models.vocabulary import VocabularyElement

MOST = 200_000
"""Elements that an organisation may keep."""
_AT_ONCE = 1_000


class TooMuchMasterData(HubError):
    """You keep as many elements of master data as this hub keeps."""

    code, status, epcis = "too-much-master-data", 409, "ImplementationException"


def keep(session: Session, elements: Sequence[Element]) -> int:
    """Keep what is said of some elements; what says something new is a new version, the same again is nothing.

    Return how many versions were added. One capture of an organisation at a time does so.
    """
    if not elements:
        return 0
    owner = session.info["who"].org
    db.in_turn(session, f"vocabularies {owner}")
    added = sum(_keep(session, owner, elements[at : at + _AT_ONCE]) for at in range(0, len(elements), _AT_ONCE))
    if added and session.exec(select(func.count()).where(*current(session))).one() > MOST:
        raise TooMuchMasterData(most=MOST)
    return added


def _keep(session: Session, owner: UUID, elements: Sequence[Element]) -> int:
    spoken_of = list({one.vocabulary for one in elements})
    names = {"owner": owner, "vocabularies": spoken_of, "ids": [one.id for one in elements]}
    known = {(row.vocabulary, row.element): row for row in session.execute(_KNOWN, names)}
    new, replaced = [], []
    for element in elements:
        before = known.get((element.vocabulary, element.id))
        digest = element.digest
        if before is not None and before.digest == digest:
            continue
        if before is not None:
            replaced.append(before.id)
        new.append(
            VocabularyElement(
                owner_id=owner,
                vocabulary=element.vocabulary,
                element=element.id,
                version=before.version + 1 if before is not None else 1,
                attributes=dict(element.attributes),
                children=list(element.children),
                digest=digest,
            )
        )
    session.execute(_REPLACED, {"owner": owner, "ids": replaced, "at": now()})
    session.add_all(new)
    session.flush()
    return len(new)


_KNOWN = text("""select id, vocabulary, element, version, digest from vocabulary_element
    where owner_id = :owner and replaced_at is null and element = any(cast(:ids as text[]))
        and vocabulary = any(cast(:vocabularies as text[]))""")
_REPLACED = text("""update vocabulary_element set replaced_at = :at
    where owner_id = :owner and id = any(cast(:ids as uuid[]))""")


def current(session: Session) -> list[Any]:
    """The newest version of each element of one's own."""
    return [
        col(VocabularyElement.owner_id) == session.info["who"].org,
        col(VocabularyElement.replaced_at).is_(None),
    ]


# What queries of events ask


def answering(session: Session, parameters: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The elements that one's own master data answers each parameter with that asks it, as canonical identifiers."""
    kept = {}
    for name, value in parameters.items():
        if name in query.WITHIN:
            kept[name] = within(session, query.values_of(value))
        elif asked := query.described(name, value):
            kept[name] = frozenset(session.exec(_elements(session, saying(session, asked.names, asked.values))))
    return kept


def within(session: Session, places: Iterable[str]) -> frozenset[str]:
    """What lies in some places by the children of one's own master data, however deep, and the places themselves.

    What lies below an identifier, as a GLN's extensions do, lies in it too; a ring of children ends where it began.
    """
    told = select(VocabularyElement.element, VocabularyElement.children).where(
        *current(session), col(VocabularyElement.children) != []
    )
    children: dict[str, list[str]] = {}
    for element, listed in session.exec(told):
        children.setdefault(element, []).extend(listed)
    names = sorted(children)
    found: set[str] = set()
    waiting = [digital_link.canonical(place) for place in places]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting += [child for name in (place, *_below(names, place)) for child in children.get(name, ())]
    return frozenset(found)


def _below(names: Sequence[str], place: str) -> Sequence[str]:
    """Of identifiers in their order those that begin with one and go on."""
    return names[bisect_left(names, f"{place}/") : bisect_left(names, f"{place}0")]  # 0 is the next sign after /


def _elements(session: Session, condition: Any) -> Any:
    return select(VocabularyElement.element).where(*current(session), condition)


def lying_in(session: Session, names: Iterable[str]) -> list[str]:
    """The elements of one's own master data that are one of some, or lie in one."""
    found = within(session, names)
    every = session.exec(select(VocabularyElement.element).where(*current(session)).distinct())
    return [element for element in every if query.lies_in(element, found)]


def saying(session: Session, names: Collection[str], values: Sequence[str] | None) -> Any:
    """The elements, as a condition, of which one of some attributes is said; with ``values``, and is one of these."""
    has = col(VocabularyElement.attributes).op("?|")(cast(list(names), ARRAY(Text)))
    if values is None:
        return has
    told = select(VocabularyElement.id, VocabularyElement.attributes).where(*current(session), has)
    rows = [
        row
        for row, attributes in session.exec(told)
        if any(_is_said(attributes.get(name), value) for name in names for value in values)
    ]
    return col(VocabularyElement.id) == any_(cast(rows, ARRAY(Uuid)))


def _is_said(said: Any, asked: str) -> bool:
    return any(query.same(one, asked) for one in (said if isinstance(said, list) else [said]))
