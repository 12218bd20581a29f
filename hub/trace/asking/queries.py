"""Finding events: EPCIS query parameters to SQL, with paging that later captures do not disturb."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, cast, false, or_, tuple_
from sqlmodel import Session, col, func, select

from hub.errors import HubError, NotFound
from hub.gs1 import cbv, digital_link, epcis, query, reading
from hub.gs1.query import QueryParameterInvalid
from hub.models.base import beginning
from hub.models.party import Organization
from hub.models.trace import CaptureJob, Event, EventKey
from hub.trace.asking import page_tokens, vocabularies

MOST_A_PAGE = 1_000
_PAGE = 30
_LOOKED_AT = 20_000
"""Events that are looked into for one page: of a question that few answer, a page may be short, and lead on."""
_AT_A_TIME = 1_000
_IDENTIFIERS = {
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList", "parentID"), ""),
    **dict.fromkeys(("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), "epcClass"),
    **dict.fromkeys(("readPoint", "bizLocation"), "id"), "sourceList": "source", "destinationList": "destination",
}  # fmt: skip
"""Where an event names something: the field, and the name under which each of its objects does."""


class QueryTooLarge(HubError):
    """More events answer than you allowed; ask for less, or for all of them page by page."""

    code, status, epcis = "query-too-large", 413, "QueryTooLargeException"


@dataclass(frozen=True)
class Page:
    """Some events, and the token of the next page; empty on the last."""

    events: list[Event]
    next_token: str


@dataclass(frozen=True)
class Within:
    """A part of the events that is asked alone, by name: those of one business step, or of one identifier."""

    name: str = ""
    conditions: Sequence[Any] = ()


EVERYWHERE = Within()


class Unreadable(HubError):
    """What is stored of this event can no longer be read as one; the checks name the record."""

    code, status, epcis = "event-unreadable", 409, "ImplementationException"


class SeveralParties(HubError):
    """Several parties have an event of this eventID; say whose you want, by its GLN: party=…"""

    code, status, epcis = "several-parties", 409, "QueryParameterException"


def find(session: Session, event_id: str, party: str = "") -> list[Event]:
    """The event of an eventID and its error declarations after it, oldest first, of one party.

    An eventID is a party's own: the asker's own event goes first, then that of the ``party`` (a GLN) asked for.
    """
    rows = session.exec(
        select(Event, Organization.gln)
        .join(Organization, col(Organization.id) == col(Event.owner_id), isouter=True)
        .where(col(Event.event_id) == event_id, col(Event.payload).is_not(None))
        .order_by(col(Event.declaration) != "", col(Event.id))
    ).all()
    own = session.info["who"].org
    by_party: dict[UUID, list[Event]] = {}
    glns: dict[UUID, str] = {}
    for event, gln in rows:
        by_party.setdefault(event.owner_id, []).append(event)
        glns[event.owner_id] = gln or ""
    owners = [owner for owner in by_party if (glns[owner] == party if party else owner == own)] or (
        [] if party else list(by_party)
    )
    if not owners:
        raise NotFound("There is no event with this eventID, or it is not yours to see.")
    if len(owners) > 1:
        raise SeveralParties(parties=sorted(glns[owner] for owner in owners))
    return by_party[owners[0]]


def parameters_of(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """A query's parameters by name; refuses one that stands twice, of which any might be meant."""
    parameters: dict[str, str] = {}
    for name, value in pairs:
        if name in parameters:
            raise QueryParameterInvalid(
                f"{name} stands twice; write several values with | between them", parameter=name
            )
        parameters[name] = value
    return parameters


def page(session: Session, parameters: Mapping[str, str], within: Within = EVERYWHERE) -> Page:
    """A page of the events that the session may see, oldest first unless ``orderBy`` says otherwise.

    The first page fixes which events there are: what is captured while somebody pages comes into no page of his,
    and nothing of the first look is missed or shown twice.
    """
    asked = page_tokens.fingerprint(session, parameters, within.name)
    look = _look(parameters, within, vocabularies.answering(session, parameters))
    if token := parameters.get("nextPageToken", ""):
        spot = _open(token, asked)
    else:
        newest = session.exec(select(Event.id).order_by(col(Event.id).desc()).limit(1)).first()
        if newest is None:
            return Page([], "")
        spot = _Spot(None, newest, None, look.limit)
        if look.most is not None and len(_matching(session, look, spot, look.most + 1)[0]) > look.most:
            raise QueryTooLarge(f"more than {look.most} events", maxEventCount=look.most)
    size = look.size if spot.left is None else min(look.size, spot.left)
    events, last, ended = _matching(session, look, spot, size)
    left = None if spot.left is None else spot.left - len(events)
    if ended or last is None or left == 0:
        return Page(events, "")
    return Page(events, _close(_Spot(last.id, spot.until, last.event_time, left), asked))


def check(parameters: Mapping[str, str]) -> None:
    """Refuse (``QueryParameterInvalid``) what is no query."""
    _look(parameters, EVERYWHERE, {})


def sealed_after(
    session: Session, parameters: Mapping[str, str], place: int, most: int, since: datetime | None = None
) -> tuple[list[Event], int]:
    """The events sealed behind a place in the log that answer, in the log's order, and how far was looked.

    The log grows at its end alone, so whoever goes on from there misses nothing and sees nothing twice.
    """
    look = _look(parameters, EVERYWHERE, vocabularies.answering(session, parameters))
    found: list[Event] = []
    newer = [] if since is None else [col(Event.created_at) >= since]
    behind = select(Event).where(*look.conditions, *newer, col(Event.log_index) > place)
    for event in session.exec(behind.order_by(col(Event.log_index)).limit(_AT_A_TIME)):
        place = place if event.log_index is None else event.log_index
        said = (reading.event_of(event.payload or b"") or {}) if look.tests else {}
        if all(test(said) for test in look.tests):
            found.append(event)
            if len(found) == most:
                break
    return found, place


def newest_place(session: Session) -> int:
    """The last place of the log that holds an event of those one may see; -1 before any."""
    newest = session.exec(select(func.max(col(Event.log_index)))).one()
    return -1 if newest is None else newest


@dataclass(frozen=True)
class _Look:
    """What a query asks for: conditions that the database answers, tests of what events say, order and bounds."""

    conditions: Sequence[Any]
    tests: Sequence[query.Test]
    size: int
    by_time: bool
    descending: bool
    limit: int | None
    most: int | None


@dataclass(frozen=True)
class _Spot:
    """How far somebody has paged: after which event, at which time of its own; up to which; how many are left."""

    after: UUID | None
    until: UUID
    at: datetime | None
    left: int | None


def _look(parameters: Mapping[str, str], within: Within, kept: query.Kept) -> _Look:
    order, direction = parameters.get("orderBy", ""), parameters.get("orderDirection", "DESC")
    if order not in ("", "eventTime", "recordTime"):
        raise QueryParameterInvalid("orderBy is eventTime or recordTime", parameter="orderBy")
    if direction not in ("ASC", "DESC"):
        raise QueryParameterInvalid("orderDirection is ASC or DESC", parameter="orderDirection")
    limit, most = count(parameters, "eventCountLimit"), count(parameters, "maxEventCount")
    if limit is not None and not order:
        raise QueryParameterInvalid("eventCountLimit needs orderBy", parameter="eventCountLimit")
    if limit is not None and most is not None:
        raise QueryParameterInvalid("eventCountLimit and maxEventCount exclude each other", parameter="maxEventCount")
    return _Look(
        conditions=[col(Event.payload).is_not(None), *within.conditions, *_conditions(parameters, kept)],
        tests=query.tests(parameters, kept),
        size=per_page(parameters),
        by_time=order == "eventTime",
        descending=bool(order) and direction == "DESC",
        limit=limit,
        most=most,
    )


def count(parameters: Mapping[str, str], name: str) -> int | None:
    """How many a parameter says; None where it is not there."""
    text = parameters.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise QueryParameterInvalid(f"{name} is a number above 0", parameter=name)
    return int(text)


def _matching(session: Session, look: _Look, spot: _Spot, most: int) -> tuple[list[Event], Event | None, bool]:
    """So many events that answer, the last that was looked at, and whether none is left behind that."""
    found: list[Event] = []
    last: Event | None = None
    seen, wanted = 0, min(most + 1, _AT_A_TIME) if look.tests else most + 1
    while seen < _LOOKED_AT:
        rows = session.exec(_after(look, spot, last).limit(wanted)).all()
        for event in rows:
            said = (reading.event_of(event.payload or b"") or {}) if look.tests else {}
            if all(test(said) for test in look.tests):
                if len(found) == most:
                    return found, last, False
                found.append(event)
            last = event
        seen += len(rows)
        if len(rows) < wanted:
            return found, last, True
        wanted = min(2 * wanted, _AT_A_TIME)
    return found, last, False


def _after(look: _Look, spot: _Spot, last: Event | None) -> Any:
    """The events that follow a spot, or the last one that was looked at."""
    statement = select(Event).where(*look.conditions, col(Event.id) <= spot.until)
    after, at = (last.id, last.event_time) if last is not None else (spot.after, spot.at)
    key = tuple_(col(Event.event_time), col(Event.id)) if look.by_time else col(Event.id)
    if after is not None:
        behind: Any = tuple_(at, after) if look.by_time else after
        statement = statement.where(key < behind if look.descending else key > behind)
    columns = [col(Event.event_time), col(Event.id)] if look.by_time else [col(Event.id)]
    return statement.order_by(*(column.desc() if look.descending else column for column in columns))


def jobs(session: Session, parameters: Mapping[str, str]) -> tuple[list[CaptureJob], str]:
    """A page of the session's capture jobs, the newest first, and the token of the next; empty on the last."""
    page_tokens.paging_alone(parameters)
    size = per_page(parameters)
    statement = select(CaptureJob).order_by(col(CaptureJob.id).desc()).limit(size + 1)
    asked = page_tokens.fingerprint(session, parameters, "jobs")
    if token := parameters.get("nextPageToken", ""):
        statement = statement.where(col(CaptureJob.id) < _open(token, asked).after)
    rows = list(session.exec(statement))
    last = rows[:size][-1].id if len(rows) > size else None
    return rows[:size], _close(_Spot(last, last, None, None), asked) if last else ""


def readable(event: Event) -> bool:
    """Whether what is stored of an event still is one; what was altered into something else is named by the checks."""
    return reading.event_of(event.payload or b"") is not None


def shown(event: Event, *, translated: bool = True) -> dict[str, Any]:
    """An event as it is answered: with its eventID and recordTime, and with identifiers as GS1 Digital Links."""
    answer = dict(_opened(event).event)
    answer.setdefault("eventID", event.event_id)
    answer["recordTime"] = event.created_at.isoformat()
    return worded(answer, digital_link.canonical) if translated else answer


def _opened(event: Event) -> epcis.Submitted:
    submitted = reading.opened(event.payload or b"")
    if submitted is None:
        raise Unreadable(eventID=event.event_id)
    return submitted


def in_document(event: Event, *, translated: bool = True) -> dict[str, Any]:
    """An event as one of many under EPCIS's own context, with the rest of its contexts as its own."""
    context, answer = _apart(event, translated)
    rest = [entry for entry in context if not (isinstance(entry, str) and entry in cbv.CONTEXTS)]
    return {"@context": rest, **answer} if rest else answer


def _apart(event: Event, translated: bool) -> tuple[list[Any], dict[str, Any]]:
    """The contexts an event stands under, its document's and then its own, and the event without them."""
    answer = shown(event, translated=translated)
    own = answer.pop("@context", [])
    return [*_opened(event).context, *reading.listed(own)], answer


def worded(event: Mapping[str, Any], say: Callable[[str], str]) -> dict[str, Any]:
    """An event with each of its identifiers said in another form."""
    return {**event, **{name: _said(event[name], key, say) for name, key in _IDENTIFIERS.items() if name in event}}


def _said(value: Any, key: str, say: Callable[[str], str]) -> Any:
    """Identifiers in a list and under the ``key`` of an object too; what has another shape stays as it is."""
    if isinstance(value, list):
        return [_said(item, key, say) for item in value]
    if isinstance(value, str) and not key:
        return say(value)
    if isinstance(value, dict) and isinstance(value.get(key), str):
        return value | {key: say(value[key])}
    return value


def _conditions(parameters: Mapping[str, str], kept: query.Kept) -> list[Any]:
    """What the database answers by its indexes; where that is less than what is asked, the tests say the rest."""
    conditions: list[Any] = []
    for name, value in parameters.items():
        values = query.values_of(value)
        if name == "eventType":
            conditions.append(col(Event.type).in_(values))
        elif name == "EQ_bizStep":
            conditions.append(col(Event.biz_step).in_([cbv.word("BizStep", step)[:200] for step in values]))
        elif name == "EQ_disposition":
            dispositions = [cbv.word("Disp", value)[: reading.LONGEST_TERM] for value in values]
            conditions.append(col(Event.disposition).in_(dispositions))
        elif name in ("EQ_readPoint", "EQ_bizLocation"):
            place = col(Event.read_point if name == "EQ_readPoint" else Event.biz_location)
            conditions.append(place.in_([digital_link.canonical(value)[: reading.LONGEST_TERM] for value in values]))
        elif name == "EQ_eventID":
            conditions.append(col(Event.event_id).in_(values))
        elif name in ("GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime"):
            column = col(Event.event_time if name.endswith("eventTime") else Event.created_at)
            moment = query.moment(name, value)
            conditions.append(column >= moment if name.startswith("GE") else column < moment)
        elif parts := query.matched(name):
            links = [digital_link.canonical(epc) for epc in values]
            if not any("*" in link for link in links):
                conditions.append(col(Event.id).in_(naming(links, parts)))
        elif name in query.WITHIN:
            conditions += _in_places(_COLUMNS[query.WITHIN[name]], [*kept.get(name, ())])
        elif asked := query.described(name, value):
            conditions += _of_elements(asked.field, kept.get(name, ()))
    return conditions


def _in_places(column: Any, places: Sequence[str]) -> list[Any]:
    """The events at one of some places, or at one below it."""
    if len(places) > _FEW or any("*" in place for place in places):
        return []
    below = [beginning(col(column), f"{place}/") for place in places]
    return [or_(col(column).in_([place[: reading.LONGEST_TERM] for place in places]), *below)]


def _of_elements(field: str, elements: Collection[str]) -> list[Any]:
    """The events that name, in a field that has an index, one of the elements that are meant."""
    if field == "epcClass":
        if len(elements) > _FEW:
            return []
        return [col(Event.id).in_(naming(list(elements), ("epc", "child", "input", "output")))]
    if field not in _COLUMNS:
        return [] if elements else [false()]
    kind = query.TERMS.get(field)
    names = {(cbv.word(kind, element) if kind else element)[: reading.LONGEST_TERM] for element in elements}
    if field == "bizStep":
        names = {name[:200] for name in names}
    return [_COLUMNS[field] == any_(cast(sorted(names), ARRAY(Text)))]


_FEW = 100
"""Identifiers whose branches the database looks for; of more the tests must say."""
_COLUMNS: dict[str, Any] = {
    "bizStep": Event.biz_step,
    "disposition": Event.disposition,
    "readPoint": Event.read_point,
    "bizLocation": Event.biz_location,
}


def naming(links: Sequence[str], parts: Sequence[str]) -> Any:
    """The events that name one of some identifiers, or one below it, in some of their parts."""
    below = [beginning(col(EventKey.link), f"{link}/") for link in links]
    named = or_(col(EventKey.link).in_([link[:300] for link in links]), *below)
    return select(EventKey.event_id).where(named, col(EventKey.part).in_(parts))


def per_page(parameters: Mapping[str, str]) -> int:
    """How much a page holds, as ``perPage`` says."""
    text = parameters.get("perPage", str(_PAGE))
    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= MOST_A_PAGE:
        raise QueryParameterInvalid(f"perPage is a number from 1 to {MOST_A_PAGE}", parameter="perPage")
    return int(text)


def _close(spot: _Spot, asked: str) -> str:
    """A page token of events: where it leads on from."""
    at = spot.at.isoformat() if spot.at else ""
    return page_tokens.close([spot.after.hex if spot.after else "", spot.until.hex, at, spot.left], asked)


def _open(token: str, asked: str) -> _Spot:
    try:
        after, until, at, left = page_tokens.read(token, asked)
        return _Spot(UUID(after), UUID(until), epcis.moment(at) if at else None, None if left is None else int(left))
    except (ValueError, TypeError, AttributeError) as problem:
        raise page_tokens.refuse(problem) from problem
