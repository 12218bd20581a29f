"""EPCIS's top-level resources: the words, places and identifiers that the events one may see speak of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from hub.errors import NotFound
from hub.gs1 import cbv, digital_link, reading
from hub.models.trace import Event, EventKey
from hub.trace.asking import page_tokens, queries
from hub.trace.asking.queries import Within

EVENT_TYPES = ("AggregationEvent", "AssociationEvent", "ObjectEvent", "TransactionEvent", "TransformationEvent")


class Kind(StrEnum):
    """A top-level resource, by its name in an address."""

    EVENT_TYPES = "eventTypes"
    EPCS = "epcs"
    BIZ_STEPS = "bizSteps"
    BIZ_LOCATIONS = "bizLocations"
    READ_POINTS = "readPoints"
    DISPOSITIONS = "dispositions"


@dataclass(frozen=True)
class _Source:
    """Where a kind's members stand: a column that has an index, in a table whose rows are shown by row security."""

    table: str
    column: str


_SOURCES = {
    Kind.EPCS: _Source("event_key", "link"),
    Kind.BIZ_STEPS: _Source("event", "biz_step"),
    Kind.BIZ_LOCATIONS: _Source("event", "biz_location"),
    Kind.READ_POINTS: _Source("event", "read_point"),
    Kind.DISPOSITIONS: _Source("event", "disposition"),
}


_STANDARD = {
    Kind.EVENT_TYPES: EVENT_TYPES,
    Kind.BIZ_STEPS: tuple(sorted(cbv.BIZ_STEPS)),
    Kind.DISPOSITIONS: tuple(sorted(cbv.DISPOSITIONS)),
}
"""What the standard names itself is there whether or not an event speaks of it."""


def members(session: Session, kind: Kind, parameters: Mapping[str, str]) -> tuple[Sequence[str], str]:
    """A page of a resource's members, and the token of the next; empty on the last.

    First those of the standard, then those of events, each in the order of their names. From each the next greater one
    is sought in the index, so that a million events of one step cost one step.
    """
    page_tokens.paging_alone(parameters)
    size, asked = queries.per_page(parameters), page_tokens.fingerprint(session, parameters, kind)
    standard = _STANDARD.get(kind, ())
    token = parameters.get("nextPageToken", "")
    passed, after = _after(token, asked) if token else (0, "")
    found = list(standard[passed : passed + size + 1])
    if len(found) <= size and kind in _STEPS:
        told = {"after": after, "most": size + 1 - len(found), "standard": list(standard)}
        found += session.execute(_STEPS[kind], told).scalars()
    if len(found) <= size:
        return found, ""
    last = "" if found[size - 1] in standard else found[size - 1]
    return found[:size], page_tokens.close([min(passed + size, len(standard)), last], asked)


def within(session: Session, kind: Kind, name: str) -> Within:
    """The events of one member, whatever form its name is written in; ``NotFound`` where no event speaks of it."""
    conditions = _conditions(kind, name)
    known = _word(kind, name) in _STANDARD.get(kind, ())
    if not known and session.exec(select(Event.id).where(*conditions).limit(1)).first() is None:
        raise NotFound("No event that you may see speaks of this.")
    return Within(f"{kind}/{name}", conditions)


def _conditions(kind: Kind, name: str) -> list[Any]:
    if kind is Kind.EPCS:
        link = digital_link.canonical(name)[:300]
        return [col(Event.id).in_(select(EventKey.event_id).where(col(EventKey.link) == link))]
    if kind is Kind.EVENT_TYPES:
        return [col(Event.type) == _word(kind, name)]
    if kind is Kind.BIZ_STEPS:
        return [col(Event.biz_step) == _word(kind, name)[:200]]
    if kind is Kind.DISPOSITIONS:
        return [col(Event.disposition) == _word(kind, name)[: reading.LONGEST_TERM]]
    column = Event.read_point if kind is Kind.READ_POINTS else Event.biz_location
    return [col(column) == digital_link.canonical(name)[: reading.LONGEST_TERM]]


def _word(kind: Kind, name: str) -> str:
    """A word of the standard's in whatever form; every other name as it is."""
    if kind is Kind.EVENT_TYPES:
        return name.removeprefix("epcis:")
    words = {Kind.BIZ_STEPS: "BizStep", Kind.DISPOSITIONS: "Disp"}
    return cbv.word(words[kind], name) if kind in words else name


def _after(token: str, asked: str) -> tuple[int, str]:
    """How many of the standard's were shown, and behind which of the others a page begins."""
    passed, after = page_tokens.read(token, asked, float, str)
    return max(0, int(passed)), after


def _steps(source: _Source) -> Any:
    """From one value of a column to the next greater; no name here comes from outside."""
    said = " and payload is not null" if source.table == "event" else ""
    following = "select {c} from {t} where {c} ~>~ {after}{said} order by {c} using ~<~ limit 1"
    first, other = (
        following.format(c=source.column, t=source.table, said=said, after=after) for after in (":after", "seen.value")
    )
    return text(
        f"with recursive seen(value) as (({first}) union all"
        f" select ({other}) from seen where seen.value is not null)"
        " select value from seen where value is not null and value <> all(cast(:standard as text[])) limit :most"
    )


_STEPS = {kind: _steps(source) for kind, source in _SOURCES.items()}
