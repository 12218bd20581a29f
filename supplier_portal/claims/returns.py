"""Goods of a claim go back: announced by the buyer, noted by the supplier once they are there; each in its own row."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from hub import access
from hub.access import Actor, Permission
from hub.errors import Amount, HubError
from hub.inputs import Day, Figure
from hub.models.claims import Claim, ClaimKind, GoodsReturn, ReturnReceipt
from supplier_portal.claims import claims, news


class NothingToReturn(HubError):
    """What never came cannot go back."""

    code, status = "nothing-to-return", 409


class ReturnContradicts(HubError):
    """Enter more than 0, and at most %(most)s."""

    code, status = "return-contradicts", 409


class AlreadyReturned(HubError):
    """The return of this claim's goods is announced already, or was received already, with other figures."""

    code, status = "already-returned", 409


class SentBack(BaseModel):
    """How much of a claim's goods goes back, and when it leaves."""

    model_config = ConfigDict(frozen=True)

    quantity: Figure = Field(max_digits=18, decimal_places=6)
    leaves_on: Day
    words: str = Field(default="", max_length=200)


class CameBack(BaseModel):
    """How much came back."""

    model_config = ConfigDict(frozen=True)

    quantity: Figure = Field(max_digits=18, decimal_places=6)
    words: str = Field(default="", max_length=200)


def returnable(claim: Claim) -> bool:
    """Whether goods of a claim are there to go back."""
    return claim.kind is not ClaimKind.SHORT


def announce(session: Session, actor: Actor, claim: Claim, sent: SentBack, *, at: datetime) -> GoodsReturn:
    """Say that goods of a claim go back; the supplier is told. The same again is the same return."""
    access.require(actor, Permission.PLACE_ORDERS, claim.owner_id)
    claims.hold(session, claim)
    if not returnable(claim):
        raise NothingToReturn
    if not 0 < sent.quantity <= claim.quantity:
        raise ReturnContradicts(at="quantity", most=Amount(claim.quantity, claim.unit))
    known = session.exec(select(GoodsReturn).where(col(GoodsReturn.claim_id) == claim.id)).one_or_none()
    if known is not None:
        if (known.quantity, known.leaves_on, known.words) != (sent.quantity, sent.leaves_on, sent.words.strip()):
            raise AlreadyReturned
        return known
    row = GoodsReturn(
        owner_id=claim.owner_id,
        supplier_id=claim.supplier_id,
        claim_id=claim.id,
        quantity=sent.quantity,
        leaves_on=sent.leaves_on,
        words=sent.words.strip(),
        announced_at=at,
    )
    session.add(row)
    session.flush()
    access.record(session, actor, "claim.return", claim.number)
    news.sent_back(session, claim)
    return row


def note(session: Session, actor: Actor, claim: Claim, came: CameBack, *, at: datetime) -> ReturnReceipt:
    """Note that returned goods are there, and how much of them; the same again is the same note."""
    access.require(actor, Permission.ANSWER_ORDERS, claim.supplier_id)
    claims.hold(session, claim)
    sent = session.exec(select(GoodsReturn).where(col(GoodsReturn.claim_id) == claim.id)).one_or_none()
    if sent is None:
        raise NothingToReturn("The return of these goods is not announced.")
    if not 0 <= came.quantity <= sent.quantity:
        raise ReturnContradicts(
            "Enter 0 or more, and at most %(most)s.", at="quantity", most=Amount(sent.quantity, claim.unit)
        )
    known = session.exec(select(ReturnReceipt).where(col(ReturnReceipt.return_id) == sent.id)).one_or_none()
    if known is not None:
        if (known.quantity, known.words) != (came.quantity, came.words.strip()):
            raise AlreadyReturned
        return known
    row = ReturnReceipt(
        owner_id=claim.supplier_id,
        buyer_id=claim.owner_id,
        return_id=sent.id,
        quantity=came.quantity,
        words=came.words.strip(),
        received_at=at,
    )
    session.add(row)
    session.flush()
    access.record(session, actor, "claim.return-received", claim.number)
    return row
