"""Recalls: opened and closed by name, signed by the issuer, said on the chain, and first on every shopper's page."""

import secrets
from datetime import datetime

from coincurve import PrivateKey
from sqlmodel import Session, col, func, select

from hub import access, keys
from hub.access import Actor, Permission
from hub.errors import HubError
from hub.models.catalogue import Lot, RecallNotice
from hub.models.party import KeyHolder, Organization, SigningKey
from hub.models.trace import LotClaim
from hub.trace import jcs, journal, streams


class RecallClosed(HubError):
    """This recall is closed already."""

    code, status = "recall-closed", 409


class NotRegistered(HubError):
    """The lot has no key on the chain, so it cannot be recalled there; withdraw it from sale by hand."""

    code, status = "lot-not-registered", 409


def open_recall(
    session: Session,
    actor: Actor,
    lot: Lot,
    *,
    recall_class: int,
    reason_zh: str,
    reason_en: str,
    at: datetime,
) -> RecallNotice:
    """Call a lot back; class 1 is the gravest. Every page of the lot says so from the commit on."""
    access.require(actor, Permission.RECALL_LOTS)
    if lot.key is None:
        raise NotRegistered
    notice = RecallNotice(
        owner_id=actor.organization_id, lot_id=lot.id, recall_class=recall_class, reason_zh=reason_zh, reason_en=reason_en,
        opened_at=at, salt=secrets.token_bytes(32), nonce=_next_nonce(session, actor),
    )  # fmt: skip
    session.add(notice)
    _sign(session, actor, notice, lot, recall_class)
    access.record(session, actor, "recall.open", lot.number, recall_class=recall_class)
    session.flush()
    return notice


def close_recall(session: Session, actor: Actor, notice: RecallNotice, *, at: datetime) -> None:
    """End a recall; who ended it stands in the audit trail."""
    access.require(actor, Permission.RECALL_LOTS, notice.owner_id)
    if notice.closed_at is not None:
        raise RecallClosed
    notice.closed_at = at
    access.record(session, actor, "recall.close", notice.lot_id)
    session.flush()


def notices_of(session: Session, lot: Lot) -> list[RecallNotice]:
    """A lot's recalls, the open ones first, then the newest."""
    found = session.exec(select(RecallNotice).where(col(RecallNotice.lot_id) == lot.id))
    return sorted(found, key=lambda n: (n.closed_at is not None, -n.opened_at.timestamp()))


def unsent(session: Session) -> int:
    """Put the recalls that the chain has not heard of into the journal, behind their lots; return how many."""
    waiting = session.exec(
        select(RecallNotice, Lot, Organization)
        .join(Lot, col(Lot.id) == col(RecallNotice.lot_id))
        .join(Organization, col(Organization.id) == col(RecallNotice.owner_id))
        .join(LotClaim, col(LotClaim.id) == col(Lot.claim_id))
        .where(
            col(LotClaim.message_number).is_not(None),
            col(RecallNotice.message_number).is_(None),
            col(RecallNotice.signature).is_not(None),
        )
        .order_by(col(RecallNotice.id))
    ).all()
    for notice, lot, issuer in waiting:
        assert lot.key is not None and notice.signature is not None  # the query's own condition
        body: dict[str, object] = {
            "keys": [lot.key.hex()], "issuer": issuer.member, "nonce": notice.nonce, "class": notice.recall_class,
            "notice": _commitment(notice).hex(), "signature": notice.signature.hex()
        }  # fmt: skip
        notice.message_number = journal.enqueue(session, "recall", body).number
    return len(waiting)


def _sign(session: Session, actor: Actor, notice: RecallNotice, lot: Lot, level: int) -> None:
    """With the key that the hub holds; a member with its own key signs the recall in its own client."""
    key = session.exec(
        select(SigningKey).where(
            col(SigningKey.owner_id) == actor.organization_id,
            col(SigningKey.held_by) == KeyHolder.HUB,
            col(SigningKey.revoked_at).is_(None),
        )
    ).one_or_none()
    issuer = session.get(Organization, actor.organization_id)
    if key is None or issuer is None or issuer.member is None or lot.key is None:
        return
    secret = PrivateKey(keys.unseal(key.sealed or "", key.owner_id, "signing_key", "sealed", key.id))
    said = streams.Recall((lot.key,), issuer.member, notice.nonce, level, _commitment(notice))
    notice.signature = streams.sign(streams.digest(journal.lot_domain(), said), secret)


def _commitment(notice: RecallNotice) -> bytes:
    told = jcs.canonical(
        {"class": notice.recall_class, "reason": {"en": notice.reason_en, "zh": notice.reason_zh}}
    )
    return streams.commitment(told, notice.salt)


def _next_nonce(session: Session, actor: Actor) -> int:
    newest = session.exec(
        select(func.max(RecallNotice.nonce)).where(col(RecallNotice.owner_id) == actor.organization_id)
    ).one()
    return (newest or 0) + 1
