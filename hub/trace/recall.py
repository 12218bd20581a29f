"""Recalls: opened and closed by name, signed by the issuer, said on the chain, and first on every shopper's page."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from coincurve import PrivateKey
from sqlmodel import Session, col, func, select

from hub import access, keys
from hub.access import Actor, Permission
from hub.errors import N_, HubError, NotFound
from hub.gs1 import digital_link
from hub.ledger.audit import notices
from hub.ledger.custody import speakers
from hub.ledger.formats import streams
from hub.ledger.log import journal, members
from hub.messages import NoticeGiven
from hub.models.catalogue import Lot, LotBuyer, RecallNotice, TradeItem
from hub.models.party import KeyHolder, Organization, SigningKey
from hub.models.trace import LotClaim
from hub.notices import desk


class RecallClosed(HubError):
    """This recall is closed already."""

    code, status = "recall-closed", 409


class NotRegistered(HubError):
    """The lot has no key on the chain, so it cannot be recalled there; withdraw it from sale by hand."""

    code, status = "lot-not-registered", 409


class RecallOpen(HubError):
    """You have called this lot back already. Close that recall first, if another is to take its place."""

    code, status = "recall-open", 409


class RecallNotYours(HubError):
    """Only who made a lot, has received some of it, or is an authority may call it back."""

    code, status = "recall-not-yours", 403


class RecallSigned(HubError):
    """This recall is signed already, with another salt or another signature."""

    code, status = "recall-signed", 409


class RecallMisread(HubError):
    """The signature is not of this member's key over this recall: fetch it again, and sign what it says."""

    code, status = "recall-misread", 422


@dataclass(frozen=True)
class Grounds:
    """Why a lot is called back; class 1 is the gravest."""

    recall_class: int
    reason_zh: str
    reason_en: str


def open_recall(session: Session, actor: Actor, lot: Lot, grounds: Grounds, *, at: datetime) -> RecallNotice:
    """Call a lot back. Every page of the lot says so from the commit on.

    Where the hub holds the issuer's key the next seal signs it (`unsent`), else the issuer's own client. The
    register keeps one word of each issuer about a lot, so only one recall of it is open at a time.
    """
    access.require(actor, Permission.RECALL_LOTS)
    if lot.key is None:
        raise NotRegistered
    if not _may_recall(session, actor, lot):
        raise RecallNotYours
    if any(n.closed_at is None and n.owner_id == actor.organization_id for n in notices_of(session, lot)):
        raise RecallOpen
    notice = RecallNotice(
        owner_id=actor.organization_id,
        lot_id=lot.id,
        recall_class=grounds.recall_class,
        reason_zh=grounds.reason_zh,
        reason_en=grounds.reason_en,
        opened_at=at,
        salt=secrets.token_bytes(32),
        nonce=_next_nonce(session, actor),
    )
    session.add(notice)
    journal.wake_keeper(session)
    access.record(session, actor, "recall.open", lot.number, recall_class=grounds.recall_class)
    session.flush()
    _tell(session, actor, lot, notice)
    return notice


def _tell(session: Session, actor: Actor, lot: Lot, notice: RecallNotice) -> None:
    """The maker and all who bought some of the lot are told, and so are their stores."""
    item = session.get_one(TradeItem, lot.trade_item_id)
    said = {
        "item": {"zh": item.name_zh, "en": item.name_en},
        "lot": lot.number,
        "who": desk.names(session.get_one(Organization, actor.organization_id)),
    }
    sentence = N_("%(who)s recalls %(item)s, lot %(lot)s. Take it off the shelf.")
    buyers = session.exec(select(LotBuyer.buyer_id).where(col(LotBuyer.lot_id) == lot.id)).all()
    address = f"/product/{item.gtin}/{quote(lot.number, safe='')}"
    for party in {lot.owner_id, *buyers} - {actor.organization_id}:
        desk.tell(session, party, NoticeGiven("recall", f"recall/{notice.id}", sentence, said, address))
    for buyer in {*buyers, actor.organization_id}:
        desk.tell(session, buyer, NoticeGiven("recall.store", f"recall.store/{notice.id}", sentence, said, address))


def close_recall(session: Session, actor: Actor, notice: RecallNotice, *, at: datetime) -> None:
    """End a recall; who ended it stands in the audit trail.

    The chain is told by a withdrawal, signed as the recall was. Until the chain has it, shoppers go on
    reading the recall.
    """
    access.require(actor, Permission.RECALL_LOTS, notice.owner_id)
    if notice.closed_at is not None:
        raise RecallClosed
    notice.closed_at = at
    session.add(
        RecallNotice(
            owner_id=notice.owner_id,
            lot_id=notice.lot_id,
            recall_class=0,
            reason_zh="",
            reason_en="",
            opened_at=at,
            closed_at=at,
            salt=secrets.token_bytes(32),
            nonce=_next_nonce(session, actor),
        )
    )
    access.record(session, actor, "recall.close", session.get_one(Lot, notice.lot_id).number)
    session.flush()


def _may_recall(session: Session, actor: Actor, lot: Lot) -> bool:
    """What the contract leaves to the records: who made a lot, an authority, or a retailer for a lot it has held."""
    known = speakers.members(session)
    member = known.numbers.get(actor.organization_id)
    if lot.owner_id == actor.organization_id or member in known.authorities:
        return True
    item = session.get(TradeItem, lot.trade_item_id)
    link = digital_link.lot_link(item.gtin, lot.number) if item else ""
    return member in speakers.of_lot(session, lot, link, speakers.naming(session, link)).since


def notices_of(session: Session, lot: Lot) -> list[RecallNotice]:
    """A lot's recalls, the open ones first, then the newest; withdrawals are not among them."""
    rows = session.exec(
        select(RecallNotice).where(col(RecallNotice.lot_id) == lot.id, col(RecallNotice.recall_class) > 0)
    )
    return sorted(rows, key=lambda n: (n.closed_at is not None, -n.opened_at.timestamp()))


def unsigned(session: Session, actor: Actor) -> list[tuple[RecallNotice, Lot]]:
    """The organisation's recalls that wait for its own signature, in the order of their nonces."""
    access.require(actor, Permission.RECALL_LOTS)
    rows = session.exec(
        select(RecallNotice, Lot)
        .join(Lot, col(Lot.id) == col(RecallNotice.lot_id))
        .where(col(RecallNotice.owner_id) == actor.organization_id, col(RecallNotice.signature).is_(None))
        .order_by(col(RecallNotice.nonce))
    )
    return list(rows)


def take_signature(session: Session, actor: Actor, nonce: int, salt: bytes, signature: bytes) -> RecallNotice:
    """Take the signature that an issuer made in its own client, and the salt it chose; again is as good as once."""
    access.require(actor, Permission.RECALL_LOTS)
    row = session.exec(
        select(RecallNotice, Lot, SigningKey, Organization)
        .join(Lot, col(Lot.id) == col(RecallNotice.lot_id))
        .join(SigningKey, col(SigningKey.owner_id) == col(RecallNotice.owner_id))
        .join(Organization, col(Organization.id) == col(RecallNotice.owner_id))
        .where(
            col(RecallNotice.owner_id) == actor.organization_id,
            col(RecallNotice.nonce) == nonce,
            col(SigningKey.revoked_at).is_(None),
        )
        .with_for_update(of=RecallNotice)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such recall of yours.")
    notice, lot, key, issuer = row
    if notice.signature == signature and notice.salt == salt:
        return notice
    if notice.signature is not None:
        raise RecallSigned
    notice.salt = salt
    digest = streams.digest(journal.lot_domain(), _said(notice, lot, issuer))
    if "0x" + streams.recover(digest, signature).hex() != key.address.lower():
        raise RecallMisread
    notice.signature = signature
    access.record(session, actor, "recall.sign", lot.number, nonce=nonce)
    return notice


def unsent(session: Session) -> int:
    """Sign what the hub signs, and put recalls that the chain has not heard of into the journal, behind their lots."""
    _sign_for_members(session)
    waiting = session.exec(
        select(RecallNotice, Lot, Organization, LotClaim)
        .join(Lot, col(Lot.id) == col(RecallNotice.lot_id))
        .join(Organization, col(Organization.id) == col(RecallNotice.owner_id))
        .outerjoin(LotClaim, col(LotClaim.id) == col(Lot.claim_id))
        .where(col(RecallNotice.message_number).is_(None), col(Lot.key).is_not(None))
        .order_by(col(RecallNotice.owner_id), col(RecallNotice.nonce))
    ).all()
    held_up: set[UUID] = set()
    sent = 0
    for notice, lot, issuer, claim in waiting:
        assert lot.key is not None  # the query's own condition
        registered = claim is not None and claim.message_number is not None
        if notice.owner_id in held_up or notice.signature is None or not registered:
            # The register takes an issuer's recalls in the order of their numbers: those behind wait too.
            held_up.add(notice.owner_id)
            continue
        body: dict[str, object] = {
            "keys": [lot.key.hex()],
            "issuer": issuer.member,
            "nonce": notice.nonce,
            "class": notice.recall_class,
            "notice": notices.commitment(notice).hex(),
            "signature": notice.signature.hex(),
        }
        notice.message_number = journal.enqueue(session, "recall", body).number
        sent += 1
    return sent


def _sign_for_members(session: Session) -> None:
    """Sign the recalls of those whose key the hub holds."""
    waiting = session.exec(
        select(RecallNotice, Lot, SigningKey, Organization)
        .join(Lot, col(Lot.id) == col(RecallNotice.lot_id))
        .join(SigningKey, col(SigningKey.owner_id) == col(RecallNotice.owner_id))
        .join(Organization, col(Organization.id) == col(RecallNotice.owner_id))
        .where(
            col(RecallNotice.signature).is_(None),
            col(SigningKey.held_by) == KeyHolder.HUB,
            col(SigningKey.revoked_at).is_(None),
            col(Lot.key).is_not(None),
        )
    ).all()
    for notice, lot, key, issuer in waiting:
        secret = PrivateKey(keys.unseal(key.sealed or "", members.cell(key)))
        message = _said(notice, lot, issuer)
        notice.signature = streams.sign(streams.digest(journal.lot_domain(), message), secret)
    session.flush()


def _said(notice: RecallNotice, lot: Lot, issuer: Organization) -> streams.Recall:
    if lot.key is None or issuer.member is None:
        raise NotRegistered
    return streams.Recall((lot.key,), issuer.member, notice.nonce, notice.recall_class, notices.commitment(notice))


def _next_nonce(session: Session, actor: Actor) -> int:
    newest = session.exec(
        select(func.max(RecallNotice.nonce)).where(col(RecallNotice.owner_id) == actor.organization_id)
    ).one()
    return (newest or 0) + 1
