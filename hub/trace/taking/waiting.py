"""Documents that are captured after the answer: kept with their job, and worked by whoever finds them.

Two transactions for each: one counts that a worker begins, the other writes everything, ends the job and drops the
document's bytes. What dies in between leaves the count alone, and the document is due again.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from hub import access, db, log, queue
from hub.access import Actor, Permission
from hub.errors import HubError
from hub.models.base import now
from hub.models.party import Organization
from hub.models.trace import CaptureDocument, CaptureJob
from hub.settings import settings
from hub.trace import capture
from hub.trace.taking import documents
from hub.trace.taking.documents import Examined, Refused

MOST_ATTEMPTS = 6
"""How often a document is begun with: over a quarter of an hour, as long as a database may be away."""
MOST_WAITING = 50
"""Documents of one organisation that may wait at once."""
TASK = "hub.tasks.capture_documents"
"""What a worker is asked for when a document begins to wait."""
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=20), timedelta(minutes=10)
_log = log.get("hub.trace.taking.waiting")


class NotCaptured(HubError):
    """The document could not be captured, for a reason on our side, and nothing of it was kept; send it again."""

    code, status, epcis = "not-captured", 500, "ImplementationException"


class TooManyWaiting(HubError):
    """As many of your documents wait to be captured as this hub keeps; send the next when one of them is done."""

    code, status, epcis = "too-many-waiting", 429, "ImplementationException"


class _Undone(Exception):
    """Something is refused where all or nothing is taken: the transaction is to be undone."""

    def __init__(self, refused: list[Refused]) -> None:
        super().__init__()
        self.refused = refused


@dataclass(frozen=True)
class Sent:
    """A document as it was sent: its bytes and media type, whether its good events are kept though others are bad.

    ``later`` says that whoever sent it would rather not wait until it is captured.
    """

    content: bytes
    media_type: str
    proceed: bool = False
    later: bool = False


def take_in(session: Session, actor: Actor, sent: Sent) -> CaptureJob:
    """Capture a document now; or keep it with a job that runs, where it is large or its sender would not wait.

    What is no document, or holds too many events, is refused at once either way.
    """
    whole = documents.READ[sent.media_type](sent.content)
    count = len(capture.counted(whole))
    large = count > settings().capture_at_once or len(sent.content) > settings().capture_at_once_bytes
    if not large and not sent.later:
        return documents.at_once(session, actor, whole, proceed=sent.proceed)
    job = _keep(session, actor, sent)
    db.after_commit(session, lambda: queue.hint(TASK))
    return job


def _keep(session: Session, actor: Actor, sent: Sent) -> CaptureJob:
    access.require(actor, Permission.CAPTURE_EVENTS)
    capture.Writer(session, actor.organization_id, None)  # refuses who has no number on the ledger
    own = col(CaptureDocument.owner_id) == actor.organization_id
    if session.exec(select(func.count()).select_from(CaptureDocument).where(own)).one() >= MOST_WAITING:
        raise TooManyWaiting(most=MOST_WAITING)
    job = documents.begin(session, actor, proceed=sent.proceed)
    session.add(
        CaptureDocument(
            owner_id=actor.organization_id,
            job_id=job.id,
            content=sent.content,
            media_type=sent.media_type,
            permissions=sorted(actor.permissions),
        )
    )
    session.flush()
    return job


def work(most: int = 20) -> int:
    """Capture the documents that are due, the longest due first; return how many jobs ended.

    Several workers never share a document.
    """
    ended = 0
    for _ in range(most):
        found = _next()
        if found is None:
            break
        with log.traced(found.trace):
            ended += _work(found)
    return ended


def _next() -> CaptureDocument | None:
    """The document that is due longest, counted as begun with: who dies over it leaves it due again."""
    with db.hub_session() as session:
        due = select(CaptureDocument).where(col(CaptureDocument.due_at) <= now())
        one = due.order_by(col(CaptureDocument.due_at)).limit(1).with_for_update(skip_locked=True)
        found = session.exec(one).one_or_none()
        if found is not None:
            found.attempts += 1
            found.due_at = now() + min(_FIRST_PAUSE * 2 ** (found.attempts - 1), _LONGEST_PAUSE)
        return found


def _work(waiting: CaptureDocument) -> bool:
    """Capture one document; whether its job ended."""
    try:
        if waiting.attempts > MOST_ATTEMPTS:  # whoever began last with it died
            return _end(waiting, [Refused(NotCaptured())])
        found = documents.examined(documents.READ[waiting.media_type](waiting.content))
        _say_so_far(waiting, found)
        return _capture(waiting, found)
    except _Undone as undone:
        return _end(waiting, undone.refused)
    except HubError as refusal:
        return _end(waiting, [Refused(refusal)])
    except Exception:  # the database is away, or something nobody foresaw: tried again, and not for ever
        last = waiting.attempts >= MOST_ATTEMPTS
        _log.exception("a document was not captured", job=str(waiting.job_id), attempts=waiting.attempts)
        return last and _end(waiting, [Refused(NotCaptured())])


def _say_so_far(waiting: CaptureDocument, found: Examined) -> None:
    """Tell what is refused already while the others are still written: running, and not a success."""
    with _session(waiting) as session:
        job = session.get_one(CaptureJob, waiting.job_id, with_for_update=True)
        if job.running and (refused := found.refused):
            job.success, job.errors = False, documents.errors(refused)


def _capture(waiting: CaptureDocument, found: Examined) -> bool:
    with _session(waiting) as session:
        held = _hold(session, waiting.id)
        if held is None:
            return False
        job = session.get_one(CaptureJob, waiting.job_id)
        access.require(_sender(session, waiting), Permission.CAPTURE_EVENTS)
        refused = documents.take(session, job, found)
        if refused and job.error_behaviour == "rollback":
            raise _Undone(refused)
        session.delete(held)
    _log.info("captured", job=str(waiting.job_id), events=job.events)
    return True


def _end(waiting: CaptureDocument, refused: list[Refused]) -> bool:
    """End a job of which nothing is kept, and say why."""
    with _session(waiting) as session:
        held = _hold(session, waiting.id)
        if held is None:
            return False
        job = session.get_one(CaptureJob, waiting.job_id)
        job.running, job.success, job.errors = False, False, documents.errors(refused)
        job.finished_at = now()
        session.delete(held)
    _log.info("refused", job=str(waiting.job_id), why=refused[0].refusal.code)
    return True


def _hold(session: Session, document_id: UUID) -> CaptureDocument | None:
    """A document, to oneself until the transaction ends; None where another has it, or its job has ended."""
    mine = select(CaptureDocument).where(col(CaptureDocument.id) == document_id)
    mine = mine.options(defer(CaptureDocument.content)).with_for_update(skip_locked=True)  # type: ignore[arg-type]
    return session.exec(mine).one_or_none()


def _session(waiting: CaptureDocument) -> AbstractContextManager[db.TenantSession]:
    """A session of whoever sent the document."""
    return db.session(db.Who(waiting.owner_id, waiting.created_by, waiting.via))


def _sender(session: Session, waiting: CaptureDocument) -> Actor:
    """Whoever sent the document, with what it might do then."""
    kind = session.get_one(Organization, waiting.owner_id).kind
    allowed = frozenset(Permission(name) for name in waiting.permissions)
    return Actor(waiting.owner_id, kind, allowed, waiting.created_by, via=waiting.via)
