"""Orders over HTTP as their buyer's system writes, places, approves and calls them off."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from hub.access import Actor, Permission
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.gs1 import digital_link
from hub.inputs import Day
from hub.models.base import now
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment
from hub.models.trade import PurchaseOrder
from hub.supply import BelowMinimum, NotDeliveredThen, OrderedTooLate
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.idempotency import KeyReused, OnceDep
from hub.web.problems import problems
from hub.web.routing import Router
from supplier_portal import lookup
from supplier_portal.api import shown
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.buying import approval, writing
from supplier_portal.orders.cancelling import cancelling

router = Router(prefix="/api", tags=["Trade"])
_BUYS = requires(Permission.PLACE_ORDERS)
_APPROVES = requires(Permission.APPROVE_ORDERS)
WHY_NOT = (
    orders.DeliveryDatePassed, orders.ItemNotOffered, orders.PlaceClosed, orders.PartnerNoMore, orders.OrderNotOpen,
    NotDeliveredThen, OrderedTooLate, BelowMinimum,
)  # fmt: skip


class WantedItem(BaseModel):
    """How much of an item you want."""

    gtin: str = Field(max_length=14)
    quantity: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)]


class NewOrder(BaseModel):
    """What you want of a supplier, where and on which day; with `place` false it is kept as a draft."""

    supplier: str = Field(max_length=13, description="The supplier's GLN.")
    deliver_to: str = Field(max_length=13, description="GLN of your store or centre.")
    deliver_on: Day
    lines: list[WantedItem] = Field(min_length=1, max_length=500)
    place: bool = True


class Cancellation(BaseModel):
    """Why you call an order off; needed once its supplier has confirmed it."""

    reason: str = Field(default="", max_length=200)
    costs: Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)] = Field(
        default=Decimal(0), description="What you know that calling it off late costs; refused where it is more."
    )


class Approval(BaseModel):
    """Whether you approve what somebody else asks for; if not, why."""

    approved: bool
    reason: str = Field(default="", max_length=200)


@router.post(
    "/orders", status_code=201, dependencies=[_BUYS],
    responses=problems(NotFound, lookup.UnknownGtin, InvalidInput, KeyReused, *WHY_NOT),
)  # fmt: skip
def write_order(wanted: NewOrder, actor: ActorDep, session: SessionDep, once: OnceDep) -> JSONResponse:
    """Write an order and place it. Above your chain's own sum its status is `to-approve` until somebody approves it."""

    def work() -> dict[str, Any]:
        at = now()
        supplier = lookup.supplier(session, wanted.supplier)
        place = lookup.place(session, actor, wanted.deliver_to)
        items = _offered(session, actor, supplier.id, [line.gtin for line in wanted.lines])
        lines = [orders.DraftLine(items[digital_link.gtin(line.gtin)], line.quantity) for line in wanted.lines]
        draft = orders.OrderDraft(supplier.id, place.id, wanted.deliver_on, lines)
        order = (writing.place if wanted.place else writing.keep)(session, actor, draft, at=at)
        return _shown(session, actor, order)

    return once.answer(session, work, status=201)


@router.post(
    "/orders/{number}/placing", dependencies=[_BUYS], responses=problems(NotFound, InvalidInput, KeyReused, *WHY_NOT)
)
def place_order(number: str, actor: ActorDep, session: SessionDep, once: OnceDep) -> JSONResponse:
    """Place a draft or a proposal as it stands."""
    order = lookup.order(session, actor, number)
    return once.answer(session, lambda: _shown(session, actor, orders.place(session, actor, order, at=now())))


@router.post(
    "/orders/{number}/approval", dependencies=[_APPROVES],
    responses=problems(NotFound, NotAllowed, InvalidInput, approval.OwnOrder, KeyReused, *WHY_NOT),
)  # fmt: skip
def approve_order(number: str, decision: Approval, actor: ActorDep, session: SessionDep, once: OnceDep) -> JSONResponse:
    """Approve an order that somebody else asked for, or return it; a machine approves only what a person asked for."""
    order = lookup.order(session, actor, number)

    def work() -> dict[str, Any]:
        if decision.approved:
            return _shown(session, actor, approval.approve(session, actor, order, at=now()))
        return _shown(session, actor, approval.give_back(session, actor, order, decision.reason, at=now()))

    return once.answer(session, work)


@router.post(
    "/orders/{number}/cancellation", dependencies=[_BUYS],
    responses=problems(NotFound, orders.OrderNotOpen, cancelling.CostsMore, InvalidInput, KeyReused),
)  # fmt: skip
def cancel_order(
    number: str, cancellation: Cancellation, actor: ActorDep, session: SessionDep, once: OnceDep
) -> JSONResponse:
    """Call an order off, or throw a draft away, as long as nothing was shipped for it."""
    order = lookup.order(session, actor, number)
    why, costs = cancellation.reason, cancellation.costs

    def work() -> dict[str, Any]:
        return _shown(session, actor, cancelling.cancel(session, actor, order, at=now(), reason=why, costs=costs))

    return once.answer(session, work)


def _shown(session: Session, actor: Actor, order: PurchaseOrder) -> dict[str, Any]:
    session.flush()
    return shown(session, order_book.sheet(session, actor, order.id, at=now()))


def _offered(session: Session, actor: Actor, supplier: UUID, gtins: list[str]) -> dict[str, UUID]:
    """What the actor's organisation carries of a supplier, by GTIN; refused where it carries no such item."""
    numbers = [digital_link.gtin(gtin) for gtin in gtins]
    rows = session.execute(
        select(TradeItem.gtin, TradeItem.id)
        .join(Assortment, col(Assortment.trade_item_id) == col(TradeItem.id))
        .where(
            col(Assortment.owner_id) == actor.organization_id,
            col(Assortment.supplier_id) == supplier,
            col(Assortment.ended_on).is_(None),
            col(TradeItem.gtin).in_(numbers),
        )
    )
    known = {row.gtin: row.id for row in rows}
    for place, number in enumerate(numbers):
        if number not in known:
            raise lookup.UnknownGtin(
                "This supplier offers you no item of GTIN %(gtin)s.", gtin=number, at=f"lines.{place}.gtin"
            )
    return known
