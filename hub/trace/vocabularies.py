"""Master data that came with captured documents: kept by its sender, version after version, and asked by its queries.

It is what its sender says and nobody proves, so it answers questions of its own and stands on no page.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from hub import db
from hub.errors import HubError
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
    if added and session.exec(select(func.count()).where(*_current(session))).one() > MOST:
        raise TooMuchMasterData(most=MOST)
    return added


def _keep(session: Session, owner: UUID, elements: Sequence[Element]) -> int:
    names = {"owner": owner, "vocabularies": [one.vocabulary for one in elements], "ids": [one.id for one in elements]}
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


_KNOWN = text("""select v.id, v.vocabulary, v.element, v.version, v.digest from vocabulary_element v
    join unnest(cast(:vocabularies as text[]), cast(:ids as text[])) as told(vocabulary, element)
        on told.vocabulary = v.vocabulary and told.element = v.element
    where v.owner_id = :owner and v.replaced_at is null""")
_REPLACED = text("""update vocabulary_element set replaced_at = :at
    where owner_id = :owner and id = any(cast(:ids as uuid[]))""")


def _current(session: Session) -> list[Any]:
    """The newest version of each element of one's own."""
    return [
        col(VocabularyElement.owner_id) == session.info["who"].org,
        col(VocabularyElement.replaced_at).is_(None),
    ]
