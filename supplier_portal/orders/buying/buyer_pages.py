"""The buyer's orders: part, followed line by line, called off."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.inputs import Figure
from hub.models.base import now
from hub.models.party import Organization, Place
from hub.models.trade import PurchaseOrder
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.claims import claim_book
from supplier_portal.dispatch import consignments
from supplier_portal.forecast import replenishment
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.agreeing import replying
from supplier_portal.orders.agreeing.replying import Replying
from supplier_portal.orders.buying import approval
from supplier_portal.orders.buying.buyer_view import buyer_order
from supplier_portal.orders.cancelling import cancelling
from supplier_portal.orders.deadlines import fallback
from supplier_portal.orders.deadlines.elsewhere_view import Elsewhere
from supplier_portal.orders.list_pages import OrderQuery, Side
from supplier_portal.orders.list_view import buyers_orders
from supplier_portal.orders.order_book import OrderSheet
from supplier_portal.orders.view import Dossier

router = Router(prefix="/buyer", dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)
LIST = Side(False, "answered", order_book.buyer_orders, buyers_orders, lambda order: order.supplier_id)
Tab = Literal["drafts", "to-approve", "asked", "awaiting", "answered", "shipped", "received", "closed", "all"]


class Asked(OrderQuery):
    """Which orders are looked for, by their states."""

    state: Tab = "awaiting"


class Taken(Asked):
    """Which orders are taken away."""

    state: Tab = "all"


class Cancelling(BaseModel):
    """Why an order is called off, and what whoever does has read that it costs."""

    reason: str = Field(default="", max_length=200)
    costs: Figure = Field(default=Decimal(0), ge=0)


def _order(number: str, actor: ActorDep, session: SessionDep) -> PurchaseOrder:
    return lookup.order(session, actor, number)


OrderDep = Annotated[PurchaseOrder, Depends(_order)]
"""The order that an address names by its number."""


@router.get("/orders")
def listed(
    request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep, query: Annotated[Asked, Query()]
) -> HTMLResponse:
    """Orders by state, searched, page by page."""
    return LIST.listed(request, session, actor, query, speaks)


@router.get("/orders/export.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep, query: Annotated[Taken, Query()]) -> Response:
    """The same list to take away."""
    return LIST.taken_away(session, actor, query, speaks)


@router.get("/orders/{number}")
def show(
    order: OrderDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    change: Annotated[bool, Query()] = False,
) -> HTMLResponse:
    """One order: what was asked, answered, sent and received; with ``change``, a form to ask for it otherwise."""
    return shown(request, session, actor, order, form, change=change)


def shown(
    request: Request,
    session: Session,
    actor: Actor,
    order: PurchaseOrder,
    form: Filled[Any],
    *,
    change: bool = False,
) -> HTMLResponse:
    """The page of an order, with a form of it as it was sent."""
    at = now()
    sheet = order_book.sheet(session, actor, order.id, at=at)
    buyer = session.get_one(Organization, order.owner_id)
    dossier = Dossier(
        sheet=sheet,
        at=at,
        own=buyer,
        buyer=buyer,
        supplier=session.get_one(Organization, order.supplier_id),
        place=session.get_one(Place, order.deliver_to_id),
        sent=consignments.sent(session, sheet),
        claims=claim_book.of_order(session, sheet.order.id),
        reasons=replenishment.reasons(session, actor, [order]),
        reading=replying.reading(session, actor, sheet),
        cost=_cost(session, sheet, at),
        cancellation=cancelling.of(session, order),
        elsewhere=_elsewhere(session, sheet, at),
        people={one: approval.person(session, one) for one in (order.asked_by, order.approved_by) if one},
    )
    may = approval.may_approve(actor, order)
    view = buyer_order(dossier, form.language, changing=change, approves=may)
    status = 422 if form.errors else 200
    return page(request, "orders/buyer-order.html", status=status, order=view, form=form)


def _cost(session: Session, sheet: OrderSheet, at: datetime) -> cancelling.Cost | None:
    if sheet.status not in order_book.ANSWERED:
        return None
    return cancelling.cost(session, sheet.order, [row.line for row in sheet.lines], at=at)


def _elsewhere(session: Session, sheet: OrderSheet, at: datetime) -> Elsewhere:
    plan = fallback.plan(session, sheet.order, sheet.status, at=at)
    items = lookup.items(session, {part.item_id for move in plan.moves for part in move.lines})
    moved, before = fallback.moved(session, sheet.order), fallback.instead_of(session, sheet.order)
    return Elsewhere(plan, items, moved, before)


@router.post("/orders/{number}/cancel")
def cancel(
    order: OrderDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Cancelling], filled(Cancelling)],
) -> Response:
    """Call an order off, with the reason that the supplier of a confirmed order reads."""
    if form.read is not None:
        with form.attempt(session, otherwise="reason"):
            read = form.read
            cancelling.cancel(session, actor, order, at=now(), reason=read.reason, costs=read.costs)
    if form.read is None:
        return shown(request, session, actor, order, form)
    toast = form.language.gettext("Order %(number)s is cancelled.", number=order.number)
    return go(request, f"/buyer/orders/{order.number}", toast)


@router.post("/orders/{number}/reply")
def reply(
    order: OrderDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Replying], filled(Replying)],
) -> Response:
    """Answer what the supplier wants otherwise, or ask for a change of what was agreed."""
    at = now()
    sheet = order_book.sheet(session, actor, order.id, at=at)
    turn = replying.Attempt(session, actor, at).reply(sheet, form)
    if turn is None:
        return shown(request, session, actor, order, form, change=True)
    supplier = form.language.name(session.get_one(Organization, order.supplier_id))
    toast = form.language.gettext("Sent. %(who)s sees it now.", who=supplier)
    return go(request, f"/buyer/orders/{order.number}", toast)


@router.post("/orders/{number}/close")
def close(order: OrderDep, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Want no more of an order of which a part has come."""
    orders.close(session, actor, order, at=now())
    toast = speaks.gettext("Nothing more of order %(number)s is awaited.", number=order.number)
    return go(request, f"/buyer/orders/{order.number}", toast)
