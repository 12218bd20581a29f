"""A document taken in whole: its events and the master data of its header, and what its job says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import HubError
from hub.gs1 import epcis, jcs, vocabularies
from hub.gs1.xml import reading
from hub.models.base import now
from hub.models.trace import CaptureJob
from hub.trace import capture as events
from hub.trace.asking import vocabularies as kept
from hub.trace.judging import oddities

READ: Mapping[str, events.Read] = {
    **dict.fromkeys(("application/json", "application/ld+json"), jcs.parse),
    **dict.fromkeys(("application/xml", "text/xml"), reading.read),
}
"""How a document is read, by the media type that it says it has."""
_MOST_SAID = 50
"""Faults of a header that a job tells."""
_MOST_ASKED = 500
"""Of what buyers ask for and events do not say, what a job tells."""


@dataclass(frozen=True)
class Refused:
    """Something of a document that is refused: where it stands, of the how-manieth event if it is of one, and why."""

    refusal: HubError
    path: str = ""
    index: int | None = None

    def told(self) -> dict[str, Any]:
        """It as one of a job's errors: a problem of EPCIS's, with our own name beside it."""
        refusal, of_event = self.refusal, self.index is not None
        fault = refusal.faults[0] if isinstance(refusal, epcis.InvalidDocument) and not of_event else None
        return {
            **({"index": self.index} if of_event else {}),
            "path": self.path,
            "type": refusal.epcis_type,
            "title": (type(refusal).__doc__ or "").strip().split("\n")[0],
            "status": refusal.status,
            "code": refusal.code,
            "detail": fault.message if fault else refusal.detail,
            **(refusal.extra if of_event else {}),
        }


def errors(refused: Sequence[Refused]) -> list[dict[str, Any]]:
    """A job's errors: the first of its header's, then those of each event."""
    of_header = [one for one in refused if one.index is None]
    return [one.told() for one in [*of_header[:_MOST_SAID], *(one for one in refused if one.index is not None)]]


@dataclass(frozen=True)
class Examined:
    """A document's events with what is wrong with each, and what its header says."""

    submitted: Sequence[epcis.Submitted]
    faults: Sequence[Sequence[epcis.Fault]]
    header: vocabularies.Told

    @property
    def refused(self) -> list[Refused]:
        """What is refused before anything is written."""
        both = enumerate(zip(self.submitted, self.faults, strict=True))
        bad = [Refused(epcis.InvalidDocument(list(wrong)), event.path, n) for n, (event, wrong) in both if wrong]
        return [*self.of_header, *bad]

    @property
    def of_header(self) -> list[Refused]:
        """What is refused of the header."""
        return [Refused(epcis.InvalidDocument([fault]), fault.path) for fault in self.header.faults]

    @property
    def taken(self) -> list[epcis.Submitted]:
        """The events in which nothing is wrong by themselves."""
        return [event for event, wrong in zip(self.submitted, self.faults, strict=True) if not wrong]


def examined(whole: Any) -> Examined:
    """A document that was read, looked through; refuses what is none, or holds more events than one capture takes."""
    submitted, faults = events.checked(whole)
    return Examined(submitted, faults, vocabularies.read(whole))


def capture(
    session: Session, actor: Actor, document: bytes, *, proceed: bool = False, read: events.Read = jcs.parse
) -> CaptureJob:
    """Take a document's events; the job says what became of each.

    By default all or none: one bad event refuses the document. With ``proceed`` the good ones are kept and the
    job names the others; likewise the master data in its header. The same again changes nothing.
    """
    return at_once(session, actor, read(document), proceed=proceed)


def at_once(session: Session, actor: Actor, whole: Any, *, proceed: bool) -> CaptureJob:
    """The same, of a document that was read."""
    access.require(actor, Permission.CAPTURE_EVENTS)
    found = examined(whole)
    job = begin(session, actor, proceed=proceed)
    refused = take(session, job, found)
    if refused and not proceed:
        raise as_one(refused)
    return job


def begin(session: Session, actor: Actor, *, proceed: bool) -> CaptureJob:
    """A job that has just begun: running, and so far without an error."""
    job = CaptureJob(owner_id=actor.organization_id, error_behaviour="proceed" if proceed else "rollback")
    session.add(job)
    session.flush()
    return job


def take(session: Session, job: CaptureJob, found: Examined) -> list[Refused]:
    """Write what a document brings, and end its job; return what was refused.

    Under ``rollback`` nothing may stay once anything is refused: whoever calls undoes the transaction.
    """
    proceed, refused = job.error_behaviour == "proceed", found.refused
    if refused and not proceed:
        return refused
    db.let_think(session)  # of 100,000 names each is brought into its one form before the next statement
    writer = events.Writer(session, job.owner_id, job.id)
    kept.keep(session, found.header.elements)
    taken = found.taken
    written = writer.write_all(taken, judged=True)
    outcomes, known = iter(written), list[dict[str, Any]]()
    refused = found.of_header
    for index, (event, wrong) in enumerate(zip(found.submitted, found.faults, strict=True)):
        outcome = events.Outcome(refusal=epcis.InvalidDocument(list(wrong))) if wrong else next(outcomes)
        if outcome.refusal is not None:
            refused.append(Refused(outcome.refusal, event.path, index))
        elif outcome.known:
            known.append({"index": index, "eventID": outcome.event_id, "payloadHash": outcome.payload_hash})
    job.running, job.success, job.errors = False, not refused, errors(refused)
    job.events, job.first_event, job.last_event = writer.written, writer.first, writer.last
    job.known, job.warnings = known, _odd(writer, found.header.passed_over, taken, written)
    job.finished_at = now()
    session.flush()
    return refused


def as_one(refused: Sequence[Refused]) -> HubError:
    """What refuses a document as a whole: all that is invalid in it together, else the first of what else there is."""
    invalid = [one.refusal for one in refused if isinstance(one.refusal, epcis.InvalidDocument)]
    if not invalid:
        return refused[0].refusal
    return type(invalid[0])([fault for each in invalid for fault in each.faults])


def _odd(
    writer: events.Writer,
    passed_over: Sequence[str],
    taken: Sequence[epcis.Submitted],
    outcomes: Sequence[events.Outcome],
) -> list[dict[str, str]]:
    """What is odd about a document and about those of its events that it brought."""
    both = zip(taken, outcomes, strict=True)
    brought = [event for event, outcome in both if not outcome.known and outcome.refusal is None]
    written = {outcome.event_id for outcome in outcomes if not outcome.known}
    warnings = [epcis.Fault(path, "is not kept: of a header only master data is") for path in passed_over]
    warnings += oddities.of(writer.session, writer.organization.id, brought, written)
    warnings += [fault for outcome in outcomes for fault in outcome.warnings][:_MOST_ASKED]
    return [{"path": warning.path, "message": warning.message} for warning in warnings]
