"""Claims as they are read: lists by whose turn it is, and all there is to one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlmodel import Session, col

from hub import sought
from hub.access import Actor
from hub.errors import NotFound
from hub.lists import CountedPage, Search
from hub.models.catalogue import TradeItem
from hub.models.claims import Claim, ClaimReply, GoodsReturn, ReceiptPhoto, ReturnReceipt
from hub.models.party import Organization, OrganizationKind
from hub.models.trade import PurchaseOrder, Shipment


class ClaimState(StrEnum):
    """How far a claim is: whose turn it is, or how it ended."""

    TO_ANSWER = "to-answer"
    TO_CLOSE = "to-close"
    ACCEPTED = "accepted"
    SHARED = "shared"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN = (ClaimState.TO_ANSWER, ClaimState.TO_CLOSE)
SETTLED = frozenset(ClaimState) - set(OPEN)
_REPLY = (
    select(col(ClaimReply.kind))
    .where(
        col(ClaimReply.claim_id) == col(Claim.id),
        col(ClaimReply.owner_id) == col(Claim.supplier_id),
        col(ClaimReply.round) == col(Claim.round),
    )
    .correlate(Claim)
    .scalar_subquery()
)
_STATE: ColumnElement[str] = case(
    (col(Claim.closed_at).is_not(None), col(Claim.outcome)),
    (_REPLY.is_(None), ClaimState.TO_ANSWER.value),
    (_REPLY == "accepted", ClaimState.ACCEPTED.value),
    else_=ClaimState.TO_CLOSE.value,
)


@dataclass(frozen=True)
class ClaimRow:
    """A claim in a list, with its item and the number of its order."""

    claim: Claim
    state: ClaimState
    item: TradeItem
    order_number: str


def state_of(session: Session, claim: Claim) -> ClaimState:
    """How far a claim is."""
    return ClaimState(session.execute(select(_STATE).where(col(Claim.id) == claim.id)).scalar_one())


def _mine(actor: Actor) -> ColumnElement[bool]:
    if actor.kind is OrganizationKind.SUPPLIER:
        return col(Claim.supplier_id) == actor.organization_id
    return col(Claim.owner_id) == actor.organization_id


def claims(
    session: Session, actor: Actor, search: Search = Search(), *, states: Collection[ClaimState] = ()
) -> CountedPage[ClaimRow]:
    """The claims of the actor's organisation: the open ones by their deadline, then the newest first."""
    statement = (
        select(Claim, _STATE, TradeItem, col(PurchaseOrder.number))
        .join(TradeItem, col(TradeItem.id) == col(Claim.trade_item_id))
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(Claim.order_id))
        .where(_mine(actor), *(_mentions(like) for like in sought.patterns(search.words)))
    )
    if states:
        statement = statement.where(_STATE.in_([state.value for state in states]))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    waits = case((_STATE.in_([state.value for state in OPEN]), col(Claim.due_at)))
    order_by = search.order(_SORTS, waits.asc().nulls_last(), col(Claim.opened_at).desc(), col(Claim.number).desc())
    rows = session.execute(statement.order_by(*order_by).limit(search.size).offset(search.before))
    return CountedPage([ClaimRow(c, ClaimState(s), i, n) for c, s, i, n in rows], total, search)


_SORTS: dict[str, Any] = {
    "number": col(Claim.number),
    "value": col(Claim.value),
    "due": col(Claim.due_at),
    "credit": col(Claim.credit),
}


def _mentions(like: str) -> ColumnElement[bool]:
    """The claim's number, its order's, its lot's, an item's name or GTIN, or the other party's name."""
    party = select(col(Organization.id)).where(
        col(Organization.id).in_([col(Claim.supplier_id), col(Claim.owner_id)]),
        sought.has(col(Organization.sought), like),
    )
    return or_(
        col(Claim.number).ilike(like),
        col(Claim.lot_number).ilike(like),
        col(PurchaseOrder.number).ilike(like),
        sought.has(col(TradeItem.sought), like),
        party.exists(),
    )


def counts(session: Session, actor: Actor) -> dict[ClaimState, int]:
    """How many claims of the actor's organisation are in each state."""
    states = select(_STATE.label("state")).where(_mine(actor)).subquery()
    rows = session.execute(select(states.c.state, func.count()).group_by(states.c.state))
    return dict.fromkeys(ClaimState, 0) | {ClaimState(state): count for state, count in rows}


def of_order(session: Session, order_id: UUID) -> list[ClaimRow]:
    """The claims of an order, as far as the session reads them."""
    rows = session.execute(
        select(Claim, _STATE, TradeItem)
        .join(TradeItem, col(TradeItem.id) == col(Claim.trade_item_id))
        .where(col(Claim.order_id) == order_id)
        .order_by(col(Claim.number))
    )
    return [ClaimRow(claim, ClaimState(state), item, "") for claim, state, item in rows]


@dataclass(frozen=True)
class ClaimSheet:
    """All there is to one claim; ``replies`` come the newest first."""

    claim: Claim
    state: ClaimState
    item: TradeItem
    order: PurchaseOrder
    shipment: Shipment
    replies: Sequence[ClaimReply]
    photo_id: UUID | None
    returned: GoodsReturn | None
    came_back: ReturnReceipt | None

    @property
    def standing(self) -> ClaimReply | None:
        """What the supplier says in the present round."""
        return next((reply for reply in self.replies if reply.round == self.claim.round), None)


def find(session: Session, actor: Actor, claim_id: UUID) -> Claim:
    """A claim that the actor's organisation has a part in."""
    claim = session.get(Claim, claim_id)
    if claim is None or actor.organization_id not in (claim.owner_id, claim.supplier_id):
        raise NotFound("There is no such claim, or it is not yours to see.")
    return claim


def sheet(session: Session, claim: Claim) -> ClaimSheet:
    """One claim with what was said, shown and sent back."""
    replies = session.scalars(
        select(ClaimReply)
        .where(col(ClaimReply.claim_id) == claim.id, col(ClaimReply.owner_id) == claim.supplier_id)
        .order_by(col(ClaimReply.round).desc())
    )
    photo = select(col(ReceiptPhoto.id)).where(*_of(claim))
    returned = session.scalar(select(GoodsReturn).where(col(GoodsReturn.claim_id) == claim.id))
    back = select(ReturnReceipt).where(col(ReturnReceipt.return_id) == returned.id) if returned else None
    return ClaimSheet(
        claim=claim,
        state=state_of(session, claim),
        item=session.get_one(TradeItem, claim.trade_item_id),
        order=session.get_one(PurchaseOrder, claim.order_id),
        shipment=session.get_one(Shipment, claim.shipment_id),
        replies=replies.all(),
        photo_id=session.scalar(photo),
        returned=returned,
        came_back=session.scalar(back) if back is not None else None,
    )


def photo(session: Session, claim: Claim) -> bytes:
    """The photo that was taken as the goods were counted."""
    row = session.scalar(select(ReceiptPhoto).where(*_of(claim)))
    if row is None:
        raise NotFound
    return row.content


def _of(claim: Claim) -> list[ColumnElement[bool]]:
    """What the photo of a claim's line is found by; an earlier count that was undone has its own."""
    receipt = col(ReceiptPhoto.receipt_id)
    return [
        col(ReceiptPhoto.shipment_line_id) == claim.shipment_line_id,
        col(ReceiptPhoto.owner_id) == claim.owner_id,
        or_(receipt == claim.receipt_id, receipt.is_(None)),
    ]


def overdue(claim: Claim, state: ClaimState, at: datetime) -> bool:
    """Whether the supplier should have answered by now."""
    return state is ClaimState.TO_ANSWER and claim.due_at <= at
