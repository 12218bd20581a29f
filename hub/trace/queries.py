"""Finding events: EPCIS query parameters to SQL, with paging that later captures do not disturb."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from hub.errors import HubError, NotFound
from hub.gs1 import cbv, digital_link, epcis, jcs, reading
from hub.models.base import now
from hub.models.party import Organization
from hub.models.trace import CaptureJob, Event, EventKey

MOST_A_PAGE = 1_000
_PAGE = 30
_TOKEN_LASTS = timedelta(days=1)
_KNOWN = {
    "eventType", "EQ_bizStep", "EQ_eventID", "GE_eventTime", "LT_eventTime", "MATCH_anyEPC", "MATCH_anyEPCClass",
    "perPage", "nextPageToken",
}  # fmt: skip
_IDENTIFIERS = {
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList", "parentID"), ""),
    **dict.fromkeys(("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), "epcClass"),
    **dict.fromkeys(("readPoint", "bizLocation"), "id"), "sourceList": "source", "destinationList": "destination",
}  # fmt: skip
"""Where an event names something: the field, and the name under which each of its objects does."""


class QueryParameterInvalid(HubError):
    """This parameter is unknown here, or its value cannot be read."""

    code, status, epcis = "query-parameter", 400, "QueryParameterException"


@dataclass(frozen=True)
class Page:
    """Some events, and the token of the next page; empty on the last."""

    events: list[Event]
    next_token: str


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


def page(session: Session, parameters: Mapping[str, str]) -> Page:
    """A page of the events that the session may see, oldest first.

    The first page fixes which events there are: what is captured while somebody pages comes into no page of his,
    and nothing of the first look is missed or shown twice.
    """
    for name in parameters:
        if name not in _KNOWN:
            raise QueryParameterInvalid(f"{name} is not a parameter here", parameter=name)
    size = _size(parameters.get("perPage", str(_PAGE)))
    statement = select(Event).where(col(Event.payload).is_not(None))
    for condition in _conditions(parameters):
        statement = statement.where(condition)
    asked = _fingerprint(session, parameters)
    token = parameters.get("nextPageToken", "")
    if token:
        after, until = _open(token, asked)
        statement = statement.where(col(Event.id) > after)
    else:
        newest = session.exec(select(Event.id).order_by(col(Event.id).desc()).limit(1)).first()
        if newest is None:
            return Page([], "")
        until = newest
    statement = statement.where(col(Event.id) <= until).order_by(col(Event.id)).limit(size + 1)
    events = list(session.exec(statement))
    more = len(events) > size
    events = events[:size]
    return Page(events, _close(events[-1].id, until, asked) if more else "")


def jobs(session: Session, parameters: Mapping[str, str]) -> tuple[list[CaptureJob], str]:
    """A page of the session's capture jobs, the newest first, and the token of the next; empty on the last."""
    for name in parameters:
        if name not in ("perPage", "nextPageToken"):
            raise QueryParameterInvalid(f"{name} is not a parameter here", parameter=name)
    size = _size(parameters.get("perPage", str(_PAGE)))
    statement = select(CaptureJob).order_by(col(CaptureJob.id).desc()).limit(size + 1)
    asked = _fingerprint(session, {**parameters, "of": "jobs"})
    if token := parameters.get("nextPageToken", ""):
        statement = statement.where(col(CaptureJob.id) < _open(token, asked)[0])
    rows = list(session.exec(statement))
    last = rows[:size][-1].id if len(rows) > size else None
    return rows[:size], _close(last, last, asked) if last else ""


def readable(event: Event) -> bool:
    """Whether what is stored of an event still is one; what was altered into something else is named by the checks."""
    return reading.event_of(event.payload or b"") is not None


def shown(event: Event, *, translated: bool = True) -> dict[str, Any]:
    """An event as it is answered: with its eventID and recordTime, and with identifiers as GS1 Digital Links."""
    answer = dict(_opened(event).event)
    answer.setdefault("eventID", event.event_id)
    answer["recordTime"] = event.created_at.isoformat()
    return _translate(answer) if translated else answer


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


def alone(event: Event, *, translated: bool = True) -> dict[str, Any]:
    """An event by itself, under all its contexts."""
    context, answer = _apart(event, translated)
    return {"@context": context, **answer}


def _apart(event: Event, translated: bool) -> tuple[list[Any], dict[str, Any]]:
    """The contexts an event stands under, its document's and then its own, and the event without them."""
    answer = shown(event, translated=translated)
    own = answer.pop("@context", [])
    return [*_opened(event).context, *reading.listed(own)], answer


def _translate(event: dict[str, Any]) -> dict[str, Any]:
    return event | {name: _linked(event[name], key) for name, key in _IDENTIFIERS.items() if name in event}


def _linked(value: Any, key: str) -> Any:
    """Identifiers as links, in a list and under the ``key`` of an object too; what has another shape stays as it is."""
    if isinstance(value, list):
        return [_linked(item, key) for item in value]
    if isinstance(value, str) and not key:
        return digital_link.canonical(value)
    if isinstance(value, dict) and isinstance(value.get(key), str):
        return value | {key: digital_link.canonical(value[key])}
    return value


def _conditions(parameters: Mapping[str, str]) -> list[Any]:
    conditions: list[Any] = []
    for name, value in parameters.items():
        values = [part for part in value.split("|") if part]
        if name == "eventType":
            conditions.append(col(Event.type).in_(values))
        elif name == "EQ_bizStep":
            conditions.append(col(Event.biz_step).in_([cbv.word("BizStep", step) for step in values]))
        elif name == "EQ_eventID":
            conditions.append(col(Event.event_id).in_(values))
        elif name in ("GE_eventTime", "LT_eventTime"):
            moment = _moment(name, value)
            conditions.append(
                col(Event.event_time) >= moment if name == "GE_eventTime" else col(Event.event_time) < moment
            )
        elif name in ("MATCH_anyEPC", "MATCH_anyEPCClass"):
            links = [digital_link.canonical(epc) for epc in values]
            conditions.append(col(Event.id).in_(select(EventKey.event_id).where(col(EventKey.link).in_(links))))
    return conditions


def _moment(name: str, value: str) -> datetime:
    """A moment of xsd:dateTimeStamp: with its offset, and within what can be kept."""
    if not epcis.is_time(value):
        hint = " (a + in an address is written %2B)" if " " in value else ""
        raise QueryParameterInvalid(
            f"{name} is a date and time with its offset, such as 2026-11-24T06:40:00+08:00{hint}",
            parameter=name,
        )
    return epcis.moment(value)


def _size(text: str) -> int:
    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= MOST_A_PAGE:
        raise QueryParameterInvalid(f"perPage is a number from 1 to {MOST_A_PAGE}", parameter="perPage")
    return int(text)


def _fingerprint(session: Session, parameters: Mapping[str, str]) -> str:
    """Binds a token to the query and to whom it was given."""
    rest = sorted((name, value) for name, value in parameters.items() if name not in ("nextPageToken", "perPage"))
    return hashlib.sha256(repr((str(session.info["who"].org), rest)).encode()).hexdigest()[:16]


def _close(after: UUID, until: UUID, asked: str) -> str:
    ends = int((now() + _TOKEN_LASTS).timestamp())
    return base64.urlsafe_b64encode(json.dumps([after.hex, until.hex, asked, ends]).encode()).decode().rstrip("=")


def expiry(token: str) -> datetime:
    """Until when a page token leads on."""
    return _read(token)[3]


def _open(token: str, asked: str) -> tuple[UUID, UUID]:
    after, until, bound, ends = _read(token)
    if bound != asked:
        raise QueryParameterInvalid("this page token belongs to another query", parameter="nextPageToken")
    if ends < now():
        raise QueryParameterInvalid("this page token has ended; begin again", parameter="nextPageToken")
    return after, until


def _read(token: str) -> tuple[UUID, UUID, str, datetime]:
    try:
        after, until, bound, ends = jcs.parse(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return UUID(after), UUID(until), str(bound), datetime.fromtimestamp(ends, UTC)
    except (jcs.MalformedJSON, ValueError, TypeError, AttributeError, OverflowError) as problem:
        raise QueryParameterInvalid("this is not a page token of ours", parameter="nextPageToken") from problem
