"""Capture jobs as they are told: what became of each event of a document, and what would become of one."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from hub.access import Actor
from hub.gs1 import epcis, event_hash, jcs, oddities, reading, vocabularies
from hub.gs1.epcis import Fault, Submitted
from hub.gs1.profiles import judging
from hub.gs1.profiles.form import Profile
from hub.models.base import now
from hub.models.party import Organization
from hub.models.trace import CaptureJob, Event
from hub.trace import capture
from hub.trace.judging import audience, verdicts


class Became(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    WARNED = "warned"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True)
class Told:
    """What became of one event: the how-manieth it is, its name, its payload's SHA-256, and what is said about it."""

    index: int
    became: Became
    event_id: str = ""
    payload_hash: str = ""
    messages: tuple[tuple[str, str], ...] = ()


def outcomes(session: Session, job: CaptureJob) -> list[Told]:
    """What became of each event of a job's document, in the document's order; none of older jobs' events.

    Those it brought are found by the span that their rows lie in: they were written in the document's order.
    """
    refused = {error["index"]: error for error in job.errors if "index" in error}
    known = {entry["index"]: entry for entry in job.known}
    brought = iter(_brought(session, job))
    odd = _by_event(job.warnings)
    told = []
    for index in range(job.events + len(known) + len(refused)):
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
    """What a capture would say of each event of a document, whatever is there already.

    Of a profile that is ``tried`` what the events do not say stands beside them; and of each of their lots, which steps
    of those that a lot's life must have none of them is. Bad master data in its header is refused
    (``InvalidDocument``): it is said of no event.
    """
    whole = read(document)
    submitted, faults = capture.checked(whole)
    if wrong := vocabularies.read(whole).faults:
        raise epcis.InvalidDocument(list(wrong))
    good = [event for event, wrong in zip(submitted, faults, strict=True) if not wrong]
    would = iter(_would(session, actor, good))
    told = []
    for index, (event, wrong) in enumerate(zip(submitted, faults, strict=True)):
        verdict = verdicts.Verdict(refusal=epcis.InvalidDocument(wrong)) if wrong else next(would)
        if verdict.refusal is not None:
            told.append(Told(index, Became.REFUSED, messages=_said(verdict.refusal.faults)))
            continue
        said = [*verdict.warnings, *(judging.judge(tried, event) if tried else ())]
        name = str(event.event.get("eventID") or event_hash.event_id(event))
        digest = hashlib.sha256(epcis.payload(event)).hexdigest()
        told.append(Told(index, Became.WARNED if said else Became.ACCEPTED, name, digest, _said(said)))
    return told, judging.unlived(tried, good) if tried else {}


def _would(session: Session, actor: Actor, events: Sequence[Submitted]) -> Iterator[verdicts.Verdict]:
    """What a capture would say of valid events, beside what is known of what they name."""
    own, at = session.get_one(Organization, actor.organization_id), now()
    asked = verdicts.asked_of(session, own.id)
    named = [audience.named_by(event.event, reading.objects(event.event)) for event in events] if asked else []
    reached = audience.readers(session, own.id, named) if asked else [set[UUID]() for _ in events]
    for event, readers in zip(events, reached, strict=True):
        odd = oddities.of(event, at)
        if odd and own.strict and "errorDeclaration" not in event.event:
            yield verdicts.Verdict(refusal=verdicts.OddEvent(epcis.lined(event.event, odd)))
        else:
            verdict = verdicts.by_buyers(asked, event, readers)
            yield verdicts.Verdict((*odd, *verdict.warnings), verdict.refusal)


def _said(faults: Iterable[Fault]) -> tuple[tuple[str, str], ...]:
    return tuple((fault.path, fault.message) for fault in faults)


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
