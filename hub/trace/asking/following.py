"""Following the log over an open line: who asked a kept query is told of new answers, from a place of the log on.

Nothing is kept of it but the line itself. Each document says how far it goes, and who comes back goes on from there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from hub.errors import NotFound
from hub.gs1 import epcis, schedule
from hub.models.base import now
from hub.models.question import NamedQuery
from hub.trace.asking import documents, named_queries, queries
from hub.trace.asking.subscriptions import AT_ONCE, SubscriptionControls

MARK = "furrow:mark"
"""Where a document says how far in the log it goes."""
_SCHEDULED = ("second", "minute", "hour", "dayOfMonth", "month", "dayOfWeek")
_KNOWN = {"stream", *_SCHEDULED, "reportIfEmpty", "initialRecordTime", "perPage", "mark"}
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True)
class Wish:
    """How somebody wants to be told: as soon as something is sealed, or by a schedule; from when or where on."""

    schedule: schedule.Schedule | None
    report_if_empty: bool
    since: datetime | None
    mark: int | None
    most: int


@dataclass(frozen=True)
class Follower:
    """Who follows a query, and how far he was told."""

    subscription: UUID
    query: UUID
    name: str
    wish: Wish
    epcs: str
    mark: int


@dataclass(frozen=True)
class Answer:
    """What there is to tell (None where nothing answers), and the follower once it has been told."""

    document: dict[str, Any] | None
    follower: Follower
    more: bool


def wish(parameters: Mapping[str, str]) -> Wish:
    """What an address asks for; refused are both a stream and a schedule, neither, and what is no parameter here."""
    if unknown := parameters.keys() - _KNOWN:
        raise SubscriptionControls(why=f"{min(unknown)} is no parameter of it; {', '.join(sorted(_KNOWN))} are")
    stream, empty = (_truth(parameters, name) for name in ("stream", "reportIfEmpty"))
    planned = {name: parameters[name] for name in _SCHEDULED if name in parameters}
    if stream == bool(planned):
        raise SubscriptionControls(why="it needs a schedule, or stream=true, and not both")
    begun, mark = parameters.get("initialRecordTime"), parameters.get("mark")
    if begun is not None and not epcis.is_time(begun):
        raise SubscriptionControls(why="initialRecordTime is a date and time with its offset, + written %2B")
    if mark is not None and not re.fullmatch(r"-1|[0-9]{1,18}", mark):
        raise SubscriptionControls(why=f"mark is what {MARK} of the last document said")
    return Wish(
        schedule=schedule.read(planned) if planned else None,
        report_if_empty=empty,
        since=epcis.moment(begun) if begun is not None else None,
        mark=int(mark) if mark is not None else None,
        most=queries.per_page(parameters) if "perPage" in parameters else AT_ONCE,
    )


def _truth(parameters: Mapping[str, str], name: str) -> bool:
    told = parameters.get(name, "false")
    if told not in _TRUTHS:
        raise SubscriptionControls(why=f"{name} is true or false")
    return _TRUTHS[told]


def begin(session: Session, name: str, wished: Wish, epcs: str) -> Follower:
    """Follow a kept query: from the mark on, or from the first event since a time, or from now."""
    query = named_queries.named(session, name)
    mark = wished.mark
    if mark is None:
        mark = -1 if wished.since else queries.newest_place(session)
    return Follower(uuid4(), query.id, name, wished, epcs, mark)


def check(session: Session, follower: Follower) -> NamedQuery:
    """The query; ``NotFound`` once it is kept no longer, or is another of the same name."""
    query = named_queries.named(session, follower.name)
    if query.id != follower.query:
        raise NotFound("You keep no query of this name.")
    return query


def answer(session: Session, follower: Follower) -> Answer:
    """What is new to a follower, a document's worth at most; ``more`` where there may be more behind it."""
    parameters = named_queries.parameters(check(session, follower).query)
    wished = follower.wish
    events, mark = queries.sealed_after(session, parameters, follower.mark, wished.most, wished.since)
    after = replace(follower, mark=mark)
    document = _document(after, documents.told(events, follower.epcs)) if events else None
    return Answer(document, after, more=mark > follower.mark)


def nothing(follower: Follower) -> dict[str, Any]:
    """What is told of a schedule's moment at which nothing was new (``reportIfEmpty``)."""
    return _document(follower, [])


def _document(follower: Follower, listing: list[dict[str, Any]]) -> dict[str, Any]:
    results = {"subscriptionID": str(follower.subscription), "queryName": follower.name, MARK: str(follower.mark)}
    return documents.of(listing, now().isoformat(), results) | {"@context": epcis.CONTEXT}
