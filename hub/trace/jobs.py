"""Capture jobs as they are told: what became of each event of a document, and what would become of one."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from hub.gs1 import epcis, event_hash, jcs, oddities, vocabularies
from hub.models.base import now
from hub.models.trace import CaptureJob, Event
from hub.trace import capture


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


def judged(document: bytes, read: capture.Read = jcs.parse) -> list[Told]:
    """What a capture would say of each event of a document, whatever is there already.

    Bad master data in its header is refused (``InvalidDocument``): it is said of no event.
    """
    whole = read(document)
    submitted, faults = capture.checked(whole)
    if wrong := vocabularies.read(whole).faults:
        raise epcis.InvalidDocument(list(wrong))
    told = []
    for index, (event, wrong) in enumerate(zip(submitted, faults, strict=True)):
        if wrong:
            said = tuple((fault.path, fault.message) for fault in wrong)
            told.append(Told(index, Became.REFUSED, messages=said))
            continue
        odd = tuple((fault.path, fault.message) for fault in oddities.of(event, now()))
        name = str(event.event.get("eventID") or event_hash.event_id(event))
        digest = hashlib.sha256(epcis.payload(event)).hexdigest()
        told.append(Told(index, Became.WARNED if odd else Became.ACCEPTED, name, digest, odd))
    return told


def _by_event(warnings: Iterable[Mapping[str, Any]]) -> dict[int, list[tuple[str, str]]]:
    """What is odd, by the place of the event that it is said of."""
    odd: dict[int, list[tuple[str, str]]] = {}
    for warning in warnings:
        listing, _, rest = warning["path"].partition("[")
        place = rest.partition("]")[0]
        if listing.startswith("epcisBody.") and place.isdecimal():
            odd.setdefault(int(place), []).append((warning["path"], warning["message"]))
    return odd
