"""What is odd about events by what is known already; of a document all is asked at once, and only where it must be."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from hub.gs1 import epcis, oddities, reading
from hub.gs1.epcis import Fault, Submitted
from hub.models.base import now
from hub.models.trace import Event, EventKey

_MOST = 50
"""Oddities told of one document."""
_AT_ONCE = 5_000
_MAKING, _SENDING = "commissioning", "shipping"


def of(session: Session, owner: UUID, submitted: Sequence[Submitted], written: set[str]) -> list[Fault]:
    """What is odd about the events that a document brought: the first fifty.

    ``written`` are the eventIDs that it brought; they are no earlier knowledge.
    """
    faults = list[Fault]()
    for found in of_each(session, owner, submitted, written):
        if len(faults) >= _MOST:
            break
        faults += found
    return faults[:_MOST]


def of_each(session: Session, owner: UUID, submitted: Sequence[Submitted], written: set[str]) -> Iterator[list[Fault]]:
    """What is odd about each of the events, in their order; ``written`` as in `of`."""
    at, known = now(), _Known(session, owner, submitted, written)
    for event in submitted:
        yield [*oddities.of(event, at), *(Fault(event.path, message) for message in known.says(event.event))]


def each(session: Session, owner: UUID, submitted: Sequence[Submitted]) -> Iterator[list[Fault]]:
    """What is odd about each of some events that are not here yet, where an odd one is not taken.

    A declaration repeats the event that it is about, with what is odd about that: it is not asked of it again.
    """
    at, known = now(), _Known(session, owner, submitted, set())
    for event in submitted:
        odd = [] if "errorDeclaration" in event.event else oddities.of(event, at)
        odd += [Fault(event.path, message) for message in known.says(event.event, taken=not odd)]
        yield odd


class _Known:
    """What was known before a document of what its events name."""

    def __init__(self, session: Session, owner: UUID, submitted: Sequence[Submitted], written: set[str]) -> None:
        events = [one.event for one in submitted]
        self.declared = _declared(session, owner, events)
        made = {link for event in events if _adds(event) for link in _pieces(event)}
        sent = {link for event in events if reading.step(event) == _SENDING for link in _pieces(event)}
        self.made = _made(session, sorted(made | sent)[:_AT_ONCE], written)
        self.seen: set[str] = set()

    def says(self, event: Mapping[str, Any], *, taken: bool = True) -> list[str]:
        """What is odd about one of the events, in their order; what is not ``taken`` adds nothing."""
        said = []
        named = _named_by(event)
        if named and named not in self.declared:
            said.append(f"it declares an error of {named}, which is not known here")
        if _adds(event):
            pieces = _pieces(event)
            again = next((link for link in pieces if link in self.made or link in self.seen), None)
            if again is not None:
                said.append(f"{again} is added again: it was there already")
            self.seen.update(pieces if taken else ())
        if reading.step(event) == _SENDING:
            sent = epcis.moment(event["eventTime"])
            early = next((link for link in _pieces(event) if link in self.made and self.made[link] > sent), None)
            if early is not None:
                said.append(f"{early} was shipped before it was commissioned")
        return said


def _adds(event: Mapping[str, Any]) -> bool:
    return event.get("type") == "ObjectEvent" and event.get("action") == "ADD" and "errorDeclaration" not in event


def _pieces(event: Mapping[str, Any]) -> list[str]:
    return [link for _, link in reading.instances(event)]


def _named_by(event: Mapping[str, Any]) -> str:
    """The eventID that an error declaration is about."""
    return str(event.get("eventID", "")) if "errorDeclaration" in event else ""


def _declared(session: Session, owner: UUID, events: Sequence[Mapping[str, Any]]) -> set[str]:
    """Of the eventIDs that error declarations name, those whose event is known, or stands beside them."""
    named = {name for event in events if (name := _named_by(event))}
    if not named:
        return set()
    beside = {str(event.get("eventID", "")) for event in events if "errorDeclaration" not in event}
    rows = select(Event.event_id).where(
        col(Event.owner_id) == owner, col(Event.event_id).in_(named), col(Event.declaration) == ""
    )
    return named & {*beside, *session.exec(rows).all()}


def _made(session: Session, links: Sequence[str], written: set[str]) -> dict[str, datetime]:
    """When pieces were commissioned first, of those whose commissioning one may see."""
    if not links:
        return {}
    rows = (
        select(EventKey.link, func.min(col(Event.event_time)))
        .join(Event, col(Event.id) == col(EventKey.event_id))
        .where(
            col(EventKey.link).in_(links),
            col(Event.biz_step) == _MAKING,
            col(Event.type) == "ObjectEvent",
            col(Event.declaration) == "",
        )
        .group_by(col(EventKey.link))
    )
    if written:
        rows = rows.where(col(Event.event_id).not_in(written))
    return dict(session.exec(rows).all())
