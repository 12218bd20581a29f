"""Finding events: EPCIS query parameters to SQL, with paging that later captures do not disturb."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from hub.errors import HubError, NotFound
from hub.models.trace import Event, EventKey
from hub.trace import cbv, digital_link, epcis, jcs

MOST_A_PAGE = 1_000
_PAGE = 30
_KNOWN = {"eventType", "EQ_bizStep", "EQ_eventID", "GE_eventTime", "LT_eventTime", "MATCH_anyEPC", "MATCH_anyEPCClass", "perPage", "nextPageToken"}  # fmt: skip
_TRANSLATED = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")


class QueryParameterInvalid(HubError):
    """This parameter is unknown here, or its value cannot be read."""

    code, status = "query-parameter", 400


@dataclass(frozen=True)
class Page:
    """Some events, and the token of the next page; empty on the last."""

    events: list[Event]
    next_token: str


def find(session: Session, event_id: str) -> Event:
    """The event of an eventID, the newest first where an error declaration repeats it."""
    found = session.exec(
        select(Event).where(col(Event.event_id) == event_id).order_by(col(Event.id).desc())
    ).first()
    if found is None or found.payload is None:
        raise NotFound("There is no event with this eventID, or it is not yours to see.")
    return found


def page(session: Session, parameters: Mapping[str, str]) -> Page:
    """A page of the events that the session may see, oldest first.

    The first page fixes which events there are: what is captured while somebody pages comes into no page of his,
    and nothing of the first look is missed or shown twice.
    """
    for name in parameters:
        if name not in _KNOWN:
            raise QueryParameterInvalid(f"{name} is not a parameter here", parameter=name)
    size = _size(parameters.get("perPage", str(_PAGE)))
    wanted = select(Event).where(col(Event.payload).is_not(None))
    for condition in _conditions(parameters):
        wanted = wanted.where(condition)
    asked = _fingerprint(session, parameters)
    token = parameters.get("nextPageToken", "")
    if token:
        after, until = _open(token, asked)
        wanted = wanted.where(col(Event.id) > after)
    else:
        newest = session.exec(select(Event.id).order_by(col(Event.id).desc()).limit(1)).first()
        if newest is None:
            return Page([], "")
        until = newest
    wanted = wanted.where(col(Event.id) <= until).order_by(col(Event.id)).limit(size + 1)
    found = list(session.exec(wanted))
    more = len(found) > size
    found = found[:size]
    return Page(found, _close(found[-1].id, until, asked) if more else "")


def shown(event: Event, *, translated: bool = True) -> dict[str, Any]:
    """An event as it is answered: with its eventID and recordTime, and with identifiers as GS1 Digital Links."""
    submitted = epcis.opened(event.payload or b"")
    told = dict(submitted.event)
    told.setdefault("eventID", event.event_id)
    told["recordTime"] = event.created_at.isoformat()
    return _translate(told) if translated else told


def context_of(event: Event) -> list[Any]:
    """The context an event was submitted under."""
    return epcis.opened(event.payload or b"").context


def _translate(event: dict[str, Any]) -> dict[str, Any]:
    for name in _TRANSLATED:
        if name in event:
            event[name] = [digital_link.canonical(epc) for epc in event[name]]
    for name in _QUANTITIES:
        if name in event:
            event[name] = [
                {**one, "epcClass": digital_link.canonical(one["epcClass"])} for one in event[name]
            ]
    if "parentID" in event:
        event["parentID"] = digital_link.canonical(event["parentID"])
    for name in ("readPoint", "bizLocation"):
        if name in event:
            event[name] = {**event[name], "id": digital_link.canonical(event[name]["id"])}
    for name, end in (("sourceList", "source"), ("destinationList", "destination")):
        if name in event:
            event[name] = [{**one, end: digital_link.canonical(one[end])} for one in event[name]]
    return event


def _conditions(parameters: Mapping[str, str]) -> list[Any]:
    found: list[Any] = []
    for name, value in parameters.items():
        values = [part for part in value.split("|") if part]
        if name == "eventType":
            found.append(col(Event.type).in_(values))
        elif name == "EQ_bizStep":
            found.append(col(Event.biz_step).in_([cbv.word("BizStep", one) for one in values]))
        elif name == "EQ_eventID":
            found.append(col(Event.event_id).in_(values))
        elif name in ("GE_eventTime", "LT_eventTime"):
            try:
                moment = epcis.moment(value)
            except ValueError as problem:
                raise QueryParameterInvalid(
                    f"{name} is a date and time with its offset", parameter=name
                ) from problem
            found.append(
                col(Event.event_time) >= moment if name == "GE_eventTime" else col(Event.event_time) < moment
            )
        elif name in ("MATCH_anyEPC", "MATCH_anyEPCClass"):
            links = [digital_link.canonical(one) for one in values]
            found.append(col(Event.id).in_(select(EventKey.event_id).where(col(EventKey.link).in_(links))))
    return found


def _size(text: str) -> int:
    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= MOST_A_PAGE:
        raise QueryParameterInvalid(f"perPage is a number from 1 to {MOST_A_PAGE}", parameter="perPage")
    return int(text)


def _fingerprint(session: Session, parameters: Mapping[str, str]) -> str:
    """Binds a token to the query and to whom it was given."""
    rest = sorted(
        (name, value) for name, value in parameters.items() if name not in ("nextPageToken", "perPage")
    )
    return hashlib.sha256(repr((str(session.info["who"].org), rest)).encode()).hexdigest()[:16]


def _close(after: UUID, until: UUID, asked: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([after.hex, until.hex, asked]).encode()).decode().rstrip("=")


def _open(token: str, asked: str) -> tuple[UUID, UUID]:
    try:
        after, until, bound = jcs.parse(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        found = UUID(after), UUID(until)
    except (jcs.MalformedJSON, ValueError, TypeError, AttributeError) as problem:
        raise QueryParameterInvalid(
            "this is not a page token of ours", parameter="nextPageToken"
        ) from problem
    if bound != asked:
        raise QueryParameterInvalid("this page token belongs to another query", parameter="nextPageToken")
    return found
