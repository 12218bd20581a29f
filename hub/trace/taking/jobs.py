"""Capture jobs as they are told: what became of each event of a document, and what would become of one."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from hub import access, db
from hub.access import Actor, Permission
from hub.gs1 import epcis, jcs, vocabularies
from hub.gs1.profiles import judging
from hub.gs1.profiles.form import Profile
from hub.models.trace import CaptureJob, Event
from hub.trace import capture
from hub.trace.judging import oddities


class Became(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    WARNED = "warned"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True)
class Told:
    """What became of one event: the how-manieth it is, its name, its payload's SHA-256, and what is said about it.

    ``line`` is where it begins in a document in XML that was only judged; 0 elsewhere.
    """

    index: int
    became: Became
    event_id: str = ""
    payload_hash: str = ""
    messages: tuple[tuple[str, str], ...] = ()
    line: int = 0


def outcomes(session: Session, job: CaptureJob) -> list[Told]:
    """What became of each event of a job's document, in the document's order; none of older jobs' events.

    While it runs nothing has become of any, and where nothing is kept only what was refused is told.

    Those it brought are found by the span that their rows lie in: they were written in the document's order.
    """
    if job.running:
        return []
    refused = {error["index"]: error for error in job.errors if "index" in error}
    known = {entry["index"]: entry for entry in job.known}
    brought = iter(_brought(session, job))
    odd = _by_event(job.warnings)
    told = []
    rolled_back = job.error_behaviour == "rollback" and not job.success
    for index in sorted(refused) if rolled_back else range(job.events + len(known) + len(refused)):
        if index in refused:
            error = refused[index]
            said = [(entry["path"], entry["message"]) for entry in error.get("errors", ())]
            told.append(Told(index, Became.REFUSED, messages=tuple(said or [(error["path"], error["detail"])])))
        elif index in known:
            entry = known[index]
            told.append(Told(index, Became.DUPLICATE, entry["eventID"], entry["payloadHash"]))
        else:
            event = next(brought, None)
            if event is None:
                break
            name, payload = event
            kind = Became.WARNED if index in odd else Became.ACCEPTED
            digest = hashlib.sha256(payload or b"").hexdigest()
            told.append(Told(index, kind, name, digest, tuple(odd.get(index, ()))))
    return told


def _brought(session: Session, job: CaptureJob) -> Iterator[tuple[str, bytes | None]]:
    if job.first_event is None or job.last_event is None:
        return iter(())
    span = col(Event.id).between(job.first_event, job.last_event)
    rows = select(Event.event_id, Event.payload).where(span, col(Event.job_id) == job.id).order_by(col(Event.id))
    return iter(session.exec(rows).all())


def judged(
    session: Session, actor: Actor, document: bytes, read: capture.Read = jcs.parse, tried: Profile | None = None
) -> tuple[list[Told], dict[str, list[tuple[str, ...]]]]:
    """What a capture with ``proceed`` would say of each event of a document; nothing is kept.

    Of a profile that is ``tried`` what the events do not say stands beside them; and of each of their lots, which steps
    of those that a lot's life must have none of them is. Bad master data in its header is refused
    (``InvalidDocument``): it is said of no event.
    """
    access.require(actor, Permission.CAPTURE_EVENTS)
    whole = read(document)
    submitted, faults = capture.checked(whole)
    if wrong := vocabularies.read(whole).faults:
        raise epcis.InvalidDocument(list(wrong))
    db.let_think(session)
    writer = capture.Writer(session, actor.organization_id, None)
    good = [event for event, wrong in zip(submitted, faults, strict=True) if not wrong]
    foreseen = writer.foresee(good)
    new = [event for event, outcome in zip(good, foreseen, strict=True) if not (outcome.known or outcome.refusal)]
    odd = oddities.of_each(
        session, actor.organization_id, new, {outcome.event_id for outcome in foreseen if not outcome.known}
    )
    outcomes = iter(foreseen)
    told = [
        _bad(index, event, wrong) if wrong else _good(index, event, next(outcomes), odd, tried)
        for index, (event, wrong) in enumerate(zip(submitted, faults, strict=True))
    ]
    return told, judging.unlived(tried, good) if tried else {}


def _bad(index: int, event: epcis.Submitted, faults: Sequence[epcis.Fault]) -> Told:
    return Told(index, Became.REFUSED, _named(event), messages=_said(faults), line=_line(event))


def _good(
    index: int,
    event: epcis.Submitted,
    outcome: capture.Outcome,
    odd: Iterator[list[epcis.Fault]],
    tried: Profile | None,
) -> Told:
    """What becomes of an event in which nothing is wrong; the next of ``odd`` is its own, if it is new."""
    if isinstance(outcome.refusal, epcis.InvalidDocument):
        return _bad(index, event, outcome.refusal.faults)
    if outcome.refusal is not None:
        return _bad(index, event, [epcis.Fault(event.path, outcome.refusal.detail)])
    said = [] if outcome.known else [*next(odd), *outcome.warnings, *(judging.judge(tried, event) if tried else ())]
    became = Became.DUPLICATE if outcome.known else Became.WARNED if said else Became.ACCEPTED
    return Told(index, became, outcome.event_id, outcome.payload_hash, _said(said), _line(event))


def _said(faults: Iterable[epcis.Fault]) -> tuple[tuple[str, str], ...]:
    return tuple((fault.path, fault.message) for fault in faults)


def _named(event: epcis.Submitted) -> str:
    """The eventID that an event says, if it says one."""
    said = event.event.get("eventID") if isinstance(event.event, dict) else None
    return said if isinstance(said, str) else ""


def _line(event: epcis.Submitted) -> int:
    return event.event.line if isinstance(event.event, epcis.Lined) else 0


def _by_event(warnings: Iterable[Mapping[str, Any]]) -> dict[int, list[tuple[str, str]]]:
    """What is odd, by the place of the event that it is said of."""
    odd: dict[int, list[tuple[str, str]]] = {}
    for warning in warnings:
        listing, _, rest = warning["path"].partition("[")
        place = rest.partition("]")[0]
        if listing.partition(".")[0] == "event":  # a bare event is the only one
            place = "0"
        elif not listing.startswith("epcisBody."):
            continue
        if place.isdecimal():
            odd.setdefault(int(place), []).append((warning["path"], warning["message"]))
    return odd
