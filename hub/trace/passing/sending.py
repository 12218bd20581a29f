"""Events sent on to buyers' repositories, in the order in which a buyer was let read them; a 2xx alone counts.

What a buyer may read grows at both ends of time: an old record of a lot is opened to whoever buys the lot. So a
destination follows the grants (`EventAudience`) and not the log. Their identifiers are ordered by time; what a slow
transaction commits behind the mark is found within `_GRACE`, and a row of each event that was dealt with keeps the
same from being sent twice.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, exists, select

from hub import db, keys, log
from hub.errors import N_
from hub.gs1 import epcis, reading
from hub.gs1.profiles import judging, shelf
from hub.messages import NoticeGiven
from hub.models.base import now
from hub.models.party import Organization
from hub.models.passing import Destination, PassedEvent, Passing
from hub.models.trace import Event, EventAudience
from hub.notices import desk
from hub.trace.asking import documents, queries, subscriptions, webhooks
from hub.trace.passing import destinations

AT_ONCE = 100
"""Events in one document."""
_GRACE = timedelta(hours=1)
"""Longer than any transaction lasts."""
_SOON, _FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(seconds=5), timedelta(hours=1)
_HEARD = 64 * 1024
"""Bytes of a refusal that are read."""
_TRANSIENT = (408, 425, 429)
"""Statuses below 500 after which the same is worth sending again."""
_PLACE = re.compile(r"eventList\[(\d+)\]")
_log = log.get("hub.trace.passing.sending")


@dataclass
class _Batch:
    """What is dealt with at once: the events that go out, those that are held with what they lack, and the new mark."""

    good: list[Event] = field(default_factory=list)
    held: dict[UUID, list[dict[str, str]]] = field(default_factory=dict)
    mark: UUID | None = None

    @property
    def empty(self) -> bool:
        return not (self.good or self.held)


def pass_on(most: int = 100) -> int:
    """Send what is due, one document to each destination; return how many were sent something."""
    standing = [col(over).is_(None) for over in (Destination.ended_at, Destination.paused_at)]
    going = col(Destination.stopped_at).is_(None) | col(Destination.trial)
    with db.hub_session() as session:
        due = select(Destination.owner_id, Destination.id).where(col(Destination.due_at) <= now(), going, *standing)
        waiting = session.exec(due.order_by(col(Destination.due_at)).limit(most)).all()
    return sum(_pass_on(owner, row) for owner, row in waiting)


def _pass_on(owner: UUID, row: UUID) -> bool:
    with db.session(db.Who(owner)) as session:
        db.let_think(session)
        locked = select(Destination).where(col(Destination.id) == row).with_for_update(skip_locked=True)
        destination = session.exec(locked).one_or_none()
        if destination is None or destination.ended_at is not None or destination.paused_at is not None:
            return False
        try:
            return _try(session, destination) if destination.trial else _send(session, destination)
        except (webhooks.NotTaken, webhooks.BadDestination, keys.Unsealable) as problem:
            destination.failures += 1
            destination.tried_at, destination.trial = now(), False
            destination.answered, destination.problem = problem.extra.get("answered"), problem.detail[:300]
            pause = _FIRST_PAUSE * 2 ** min(destination.failures - 1, 20)
            destination.due_at = now() + min(pause, _LONGEST_PAUSE)
            _log.info("a destination did not take it", destination=str(row), failures=destination.failures)
            return False


def _try(session: Session, destination: Destination) -> bool:
    """Send a document without events; what is answered is written down, and nothing else changes."""
    answer = _post(destination, [])
    destination.trial, destination.tried_at, destination.answered = False, now(), answer.status
    if answer.taken:
        destination.problem = destination.problem if destination.stopped_at else ""
    else:
        destination.problem = _why(answer)[:300]
    return True


def _send(session: Session, destination: Destination) -> bool:
    if destination.partner_id not in {each.id for each in destinations.buyers(session, destination.owner_id)}:
        _stop(session, destination, NO_PARTNER)
        return False
    batch = _batch(session, destination)
    if batch.empty:
        destination.due_at = now() + _SOON
        return False
    if batch.good:
        answer = _post(destination, documents.told(batch.good, documents.KEPT))
        destination.tried_at, destination.answered = now(), answer.status
        if not answer.taken and (answer.status >= 500 or answer.status < 400 or answer.status in _TRANSIENT):
            raise webhooks.NotTaken(why=f"HTTP {answer.status}", answered=answer.status)
        if not answer.taken:
            _refused(session, destination, batch, answer)
            return False
        destination.sent_at, destination.sent = now(), destination.sent + len(batch.good)
    _mark(session, destination, {event.id: (Passing.SENT, []) for event in batch.good})
    _mark(session, destination, {event: (Passing.HELD, wrong) for event, wrong in batch.held.items()})
    destination.mark = batch.mark or destination.mark
    destination.failures, destination.problem, destination.due_at = 0, "", now()
    return bool(batch.good)


STOPPED = "destination.stopped"
NO_PARTNER = "You do not work with each other any more."
"""Why nothing is sent to somebody who was a partner."""


def _stop(session: Session, destination: Destination, why: str) -> None:
    """Send nothing until a person says so, and tell the administrators."""
    destination.stopped_at, destination.problem = now(), why[:300]
    buyer = session.get(Organization, destination.partner_id)
    name = {"zh": buyer.name_zh, "en": buyer.name_en} if buyer else urlsplit(destination.url).hostname
    key = f"{STOPPED}/{destination.id}/{destination.stopped_at.isoformat()}"
    sentence = N_("Nothing is sent to the repository of %(name)s until you resume it.")
    address = f"/settings/destinations/{destination.id}"
    desk.tell(session, destination.owner_id, NoticeGiven(STOPPED, key, sentence, {"name": name}, address))


def _refused(session: Session, destination: Destination, batch: _Batch, answer: webhooks.Answer) -> None:
    """Stop, since the same would be refused again; the events that the refusal names are kept back from now on."""
    problem = _problem(answer)
    named: dict[UUID, tuple[Passing, list[dict[str, str]]]] = {}
    for path, message in _said(problem):
        place = _PLACE.search(path)
        if place is not None and int(place[1]) < len(batch.good):
            _, wrong = named.setdefault(batch.good[int(place[1])].id, (Passing.REFUSED, []))
            wrong.append({"path": path[place.end() :].lstrip(".")[:300], "message": message[:300]})
    for event in batch.good:
        if event.event_id == problem.get("eventID"):
            named.setdefault(event.id, (Passing.REFUSED, [{"path": "eventID", "message": _why(answer)[:300]}]))
    _mark(session, destination, named)
    _stop(session, destination, _why(answer))
    _log.info("a destination refused it", destination=str(destination.id), status=answer.status, events=len(named))


def _batch(session: Session, destination: Destination) -> _Batch:
    """The next events: first those that a person has sent again, then what the buyer was let read since the mark."""
    asked = (col(PassedEvent.destination_id) == destination.id) & (col(PassedEvent.state) == Passing.AGAIN)
    repeated = select(Event).join(PassedEvent, col(PassedEvent.event_id) == col(Event.id)).where(asked)
    found = list(session.exec(repeated.order_by(col(Event.id)).limit(AT_ONCE)))
    mark = None
    if not found:
        known = exists().where(
            col(PassedEvent.destination_id) == destination.id, col(PassedEvent.event_id) == col(Event.id)
        )
        grants = (
            select(Event, EventAudience.id)
            .join(EventAudience, col(EventAudience.event_id) == col(Event.id))
            .where(
                col(EventAudience.owner_id) == destination.owner_id,
                col(EventAudience.org_id) == destination.partner_id,
                col(EventAudience.id) > _floor(destination.mark),
                col(Event.owner_id) == destination.owner_id,
                ~known,
            )
        )
        rows = session.exec(grants.order_by(col(EventAudience.id)).limit(AT_ONCE)).all()
        found = sorted((event for event, _ in rows), key=lambda event: event.id)
        mark = max((grant for _, grant in rows), default=None)
    return _judged(destination, found, max(filter(None, (mark, destination.mark)), default=None))


def _judged(destination: Destination, events: Sequence[Event], mark: UUID | None) -> _Batch:
    """The events, those apart that break the destination's profile or can be read no more."""
    batch, profile = _Batch(mark=mark), shelf.PROFILES.get(destination.profile)
    for event in events:
        submitted = reading.opened(event.payload or b"") if queries.readable(event) else None
        if submitted is None:
            batch.held[event.id] = [{"path": "", "message": "what is stored of it is no event any more"}]
            continue
        missing = judging.judge(profile, submitted) if profile else []
        if missing:
            batch.held[event.id] = [_lacks(fault) for fault in missing]
        else:
            batch.good.append(event)
    return batch


def _lacks(fault: judging.Missing) -> dict[str, str]:
    """What an event lacks, with the element of the profile, by whose name people read it in their language."""
    path = fault.path.partition(".")[2] if fault.path.startswith("event.") else fault.path
    return {"path": path, "message": fault.message, "element": fault.element}


def _floor(mark: UUID | None) -> UUID:
    """So far behind the mark a grant may lie that was committed after it."""
    back = int(_GRACE.total_seconds() * 1000) << 80
    return UUID(int=max(mark.int - back, 0)) if mark else UUID(int=0)


KEPT = timedelta(days=30)
"""For how long it is kept that an event was sent, at least."""
_FORGET = text(
    "delete from passed_event where id in (select passed.id from passed_event passed"
    " join event_audience granted on granted.owner_id = passed.owner_id and granted.event_id = passed.event_id"
    " where passed.destination_id = :destination and passed.state = 'sent' and passed.created_at < :before"
    " and granted.org_id = :partner and granted.id < :floor limit :most)"
)


def forget_sent(most: int = 5_000) -> int:
    """Forget which events were sent so far behind a destination's mark that they are not looked at again."""
    with db.hub_session() as session:
        every = session.exec(select(Destination).order_by(col(Destination.id))).all()
        for destination in every:
            session.expunge(destination)
    gone = 0
    for destination in every:
        told = {"destination": destination.id, "partner": destination.partner_id, "floor": _floor(destination.mark)}
        last = most
        while last == most:
            with db.hub_session() as session:
                last = session.execute(_FORGET, {**told, "before": now() - KEPT, "most": most}).rowcount  # type: ignore[attr-defined]
            gone += last
    return gone


def _mark(
    session: Session, destination: Destination, became: Mapping[UUID, tuple[Passing, list[dict[str, str]]]]
) -> None:
    """Write down what became of events."""
    mine = (col(PassedEvent.destination_id) == destination.id) & col(PassedEvent.event_id).in_(list(became))
    known = {row.event_id: row for row in session.exec(select(PassedEvent).where(mine))}
    for event, (state, wrong) in became.items():
        row = known.get(event) or PassedEvent(
            owner_id=destination.owner_id, destination_id=destination.id, event_id=event, state=state
        )
        row.state, row.wrong = state, wrong
        session.add(row)
    session.flush()


def _post(destination: Destination, listing: Sequence[Mapping[str, Any]]) -> webhooks.Answer:
    """Send events as they were captured, without the time at which they were recorded here."""
    events = [{name: value for name, value in event.items() if name != "recordTime"} for event in listing]
    told = {
        "@context": epcis.CONTEXT[:1],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": now().isoformat(),
        "epcisBody": {"eventList": events},
    }
    token = keys.unseal(destination.token, destinations.cell(destination)).decode() if destination.token else ""
    passes = {"Authorization": f"Bearer {token}"} if token else {}
    headers = {**subscriptions.HEADERS, **passes, "GS1-Capture-Error-Behaviour": "rollback"}
    body = json.dumps(told, ensure_ascii=False).encode()
    return webhooks.post(destination.url, body, "", headers, most=_HEARD)


def _problem(answer: webhooks.Answer) -> Mapping[str, Any]:
    """The problem document that was answered (RFC 7807); empty where it is none."""
    try:
        told = json.loads(answer.beginning)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _why(answer: webhooks.Answer) -> str:
    """Why it was refused, in the other side's words."""
    problem = _problem(answer)
    said = next((problem[name] for name in ("detail", "title") if isinstance(problem.get(name), str)), "")
    return f"HTTP {answer.status}: {said}" if said else f"HTTP {answer.status}"


def _said(problem: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where and what, as far as a problem names places: in its errors, as we do, or in its sentence."""
    errors = problem.get("errors")
    found = []
    for entry in errors if isinstance(errors, list) else []:
        if isinstance(entry, dict):
            where, what = entry.get("path") or entry.get("where"), entry.get("message") or entry.get("what")
            found.append((str(where or ""), str(what or "")))
    detail = problem.get("detail")
    return found or ([(detail, detail)] if isinstance(detail, str) else [])
