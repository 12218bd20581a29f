"""The hub's own housekeeping: what has served its purpose is forgotten after a stated time."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from hub import db, letters
from hub.hooks import sending as telling
from hub.models.base import now
from hub.notices import delivery
from hub.notices import watch as watching
from hub.queue import Queue, task
from hub.trace.asking import subscriptions
from hub.trace.passing import sending
from hub.trace.taking import waiting
from supplier_portal.links import answer_links


@dataclass(frozen=True)
class Term:
    """How long rows of a table are kept, from when on, and what they are."""

    table: str
    since: str
    kept: timedelta
    what: str


TERMS = (
    Term("sign_in_attempt", "at", timedelta(days=1), "wrong passwords and codes that count no more"),
    Term("login", "expires_at", timedelta(days=30), "sign-ins that ended by themselves"),
    Term("passkey_challenge", "expires_at", timedelta(days=1), "what passkeys were asked to sign"),
    Term("password_link", "expires_at", timedelta(days=30), "links for a new password that open nothing any more"),
    Term("answer_link", "expires_at", timedelta(days=30), "links for an answer that open nothing any more"),
    Term("known_browser", "seen_at", timedelta(days=400), "browsers that a person has not used for so long"),
    Term("idempotency_key", "created_at", timedelta(days=30), "answers kept in case a request comes again"),
    Term("upload", "created_at", timedelta(days=1), "files that were looked at and not taken in"),
    Term("notice_delivery", "sent_at", timedelta(days=30), "letters that were sent"),
    Term("notice", "read_at", timedelta(days=90), "notices that were read"),
    Term("hook_message", "created_at", timedelta(days=30), "what programs were told, or did not take"),
    Term("report_contact", "closed_at", timedelta(days=180), "how to reach a shopper whose report is closed"),
    Term("report_photo", "closed_at", timedelta(days=180), "photos of reports that are closed"),
    Term("code_sighting", "seen_at", timedelta(days=7), "in which cities the codes of single packs were scanned"),
    Term("copied_code", "looked_at", timedelta(days=365), "copied codes that were looked into"),
    Term("outbox_message", "handled_at", timedelta(days=30), "messages that were handled"),
)
"""Records of the ledger, orders, receipts and the audit trail are not among them: those are kept."""

_AT_ONCE = 5_000


@task(Queue.BULK, every=timedelta(hours=1), alone=True)
def forget_what_is_over() -> int:
    """Delete the rows whose term is over, some thousands a transaction; return how many."""
    return sum(_forget(term) for term in TERMS) + sending.forget_sent()


def _forget(term: Term) -> int:
    over = text(
        f"delete from {term.table} where id in"
        f" (select id from {term.table} where {term.since} < :before order by {term.since} limit {_AT_ONCE})"
    )
    gone, last = 0, _AT_ONCE
    while last == _AT_ONCE:
        with db.hub_session() as session:
            last = session.execute(over, {"before": now() - term.kept}).rowcount  # type: ignore[attr-defined]
        gone += last
    return gone


@task(Queue.CORES, every=timedelta(seconds=5), alone=True)
def send_notices() -> int:
    """Send the notices that are due by mail and chat; return how many letters."""
    return delivery.send_due(letters.letter, LINKS)


@task(Queue.CORES, every=timedelta(seconds=2), alone=True)
def tell_subscribers() -> int:
    """Tell who subscribed to a named query what is new; return how many were told something."""
    return subscriptions.tell()


@task(Queue.CORES, every=timedelta(seconds=2), alone=True)
def tell_programs() -> int:
    """Tell organisations' programs what people are told; return how many messages were taken."""
    return telling.send_due()


@task(Queue.BULK, every=timedelta(seconds=5), alone=True)
def pass_on_events() -> int:
    """Send suppliers' events on to their buyers' repositories; return how many were sent something."""
    return sending.pass_on()


@task(Queue.BULK, every=timedelta(seconds=2))
def capture_documents() -> int:
    """Capture the documents that wait, each by one worker; return how many jobs ended."""
    return waiting.work()


LINKS = {"order.waiting": answer_links.of_notice, "order.due": answer_links.of_notice}
"""The kinds of notices whose letter brings a link of its own, and who makes it."""


@task(Queue.BULK, every=timedelta(minutes=10), alone=True)
def watch() -> int:
    """Tell of certificates that end and of cores that are silent; return of how many."""
    return watching.certificates(now()) + watching.cores(now())
