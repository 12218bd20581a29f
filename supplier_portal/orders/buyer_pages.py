"""The buyer's orders: found, followed line by line, called off; and proposals, looked over and placed."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.models.base import now
from hub.models.party import Organization, Place
from hub.models.trade import PurchaseOrder
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.export import MOST_ROWS
from hub.web.forms import EmptyForm, Figure, Filled, filled
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.forecast import replenishment
from supplier_portal.orders import consignments, order_book, orders
from supplier_portal.orders.order_book import ANSWERED, UNANSWERED, OrderStatus
from supplier_portal.orders.orders import DeliveryDatePassed
from supplier_portal.today.supplier_pages import orders_file

router = Router(prefix="/buyer", dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)
TABS: dict[str, frozenset[OrderStatus]] = {
    "awaiting": UNANSWERED,
    "answered": ANSWERED,
    "shipped": frozenset({OrderStatus.SHIPPED, OrderStatus.PART_RECEIVED}),
    "received": frozenset({OrderStatus.RECEIVED}),
    "closed": frozenset({OrderStatus.DECLINED, OrderStatus.CANCELLED}),
    "all": frozenset(OrderStatus) - {OrderStatus.PROPOSED},
}
Tab = Literal["awaiting", "answered", "shipped", "received", "closed", "all"]
Words = Annotated[str, Query(max_length=100)]
PageNumber = Annotated[int, Query(ge=1, le=10_000)]
_A_PAGE = 25
_AT_ONCE = 1000
_PROPOSALS = 10


class LineQuantity(BaseModel):
    """How much of a proposed line is wanted; nothing takes it out."""

    line: UUID
    quantity: Annotated[Figure, Field(ge=0, max_digits=18, decimal_places=6)]


class Cancelling(BaseModel):
    """Why an order is called off."""

    reason: str = Field(default="", max_length=200)


class Placing(BaseModel):
    """A proposal as it was looked over."""

    lines: list[LineQuantity]


@router.get("/orders")
def listed(
    request: Request, actor: ActorDep, session: SessionDep, state: Tab = "awaiting", q: Words = "", p: PageNumber = 1
) -> HTMLResponse:
    """Orders by state, searched, page by page."""
    at = now()
    found = order_book.buyer_orders(session, actor, at=at, states=TABS[state], search=q, page=p, size=_A_PAGE)
    counts = order_book.counts(session, actor, at=at)
    return page(
        request,
        "orders/buyer-orders.html",
        found=found,
        state=state,
        q=q,
        at=at,
        tabs=TABS,
        own=session.get_one(Organization, actor.organization_id),
        counted={name: sum(counts[one] for one in states) for name, states in TABS.items()},
        organizations=lookup.organizations(session, {row.order.supplier_id for row in found.rows}),
        places=lookup.places(session, {row.order.deliver_to_id for row in found.rows}),
    )


@router.get("/orders/export.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep, state: Tab = "all", q: Words = "") -> Response:
    """The same list to take away."""
    found = order_book.buyer_orders(session, actor, at=now(), states=TABS[state], search=q, size=MOST_ROWS + 1)
    return orders_file(session, actor, speaks.gettext("Orders"), found.rows, speaks)


@router.get("/orders/{number}")
def show(number: str, request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """One order: what was asked, answered, sent and received."""
    return _shown(request, session, actor, lookup.order(session, actor, number), form)


def _shown(
    request: Request,
    session: Session,
    actor: Actor,
    order: PurchaseOrder,
    form: Filled[Any],
    status: int = 200,
) -> HTMLResponse:
    at = now()
    sheet = order_book.sheet(session, actor, order.id, at=at)
    return page(
        request,
        "orders/buyer-order.html",
        status=status,
        form=form,
        sheet=sheet,
        order=order,
        at=at,
        promised=sheet.status in ANSWERED,
        own=session.get_one(Organization, actor.organization_id),
        supplier=session.get_one(Organization, order.supplier_id),
        buyer=session.get_one(Organization, order.owner_id),
        place=session.get_one(Place, order.deliver_to_id),
        sent=consignments.sent(session, sheet),
        items={row.line.trade_item_id: row.item for row in sheet.lines},
        reasons=replenishment.reasons(session, actor, order),
    )


@router.post("/orders/{number}/cancel")
def cancel(
    number: str,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Cancelling], filled(Cancelling)],
) -> Response:
    """Call an order off, with the reason that the supplier of a confirmed order reads."""
    order = lookup.order(session, actor, number)
    if form.read is not None:
        with form.attempt(session):
            orders.cancel(session, actor, order, at=now(), reason=form.read.reason)
    if form.read is None:
        return _shown(request, session, actor, order, form, status=422)
    return go(
        request, f"/buyer/orders/{number}", form.language.gettext("Order %(number)s is cancelled.", number=number)
    )


@router.post("/orders/{number}/close")
def close(number: str, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Want no more of an order of which a part has come."""
    order = lookup.order(session, actor, number)
    orders.close(session, actor, order, at=now())
    return go(
        request,
        f"/buyer/orders/{number}",
        speaks.gettext("Nothing more of order %(number)s is awaited.", number=number),
    )


@router.get("/proposals")
def proposals(
    request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm, q: Words = "", p: PageNumber = 1
) -> HTMLResponse:
    """Proposed orders, each line with its reason."""
    return _proposals(request, session, actor, form, q, p)


@router.post("/proposals/look")
def look(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Look for shortages now."""
    found = replenishment.ask(session, actor, at=now())
    return go(
        request, "/buyer/proposals", speaks.ngettext("%(num)s order proposed.", "%(num)s orders proposed.", len(found))
    )


@router.post("/proposals/place-all")
def place_all(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Place every proposal as it stands; those whose day has passed stay, and more than fit into one go are named."""
    placed = passed = 0
    proposed = order_book.buyer_orders(session, actor, at=now(), states={OrderStatus.PROPOSED}, size=_AT_ONCE)
    for row in proposed.rows:
        try:
            orders.place(session, actor, row.order, at=now())
            placed += 1
        except DeliveryDatePassed:
            passed += 1
    toast = speaks.ngettext("%(num)s order placed.", "%(num)s orders placed.", placed)
    if passed:
        more = speaks.ngettext("%(num)s is too late to place.", "%(num)s are too late to place.", passed)
        toast = f"{toast} {more}"
    if left := proposed.total - len(proposed.rows):
        more = speaks.ngettext(
            "%(num)s more waits: place it in another go.", "%(num)s more wait: place them in another go.", left
        )
        toast = f"{toast} {more}"
    return go(request, "/buyer/proposals" if left else "/buyer/orders", toast)


@router.post("/proposals/{order_id}/place")
def place(
    order_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Placing], filled(Placing)],
) -> Response:
    """Place one, with the quantities as they were changed."""
    order = order_book.find(session, actor, order_id)
    speaks = form.language
    if form.read is not None and not any(one.quantity for one in form.read.lines):
        form.refuse("lines.0.quantity", speaks.gettext("Leave at least one line above 0, or dismiss the proposal."))
    if form.read is None:
        form.values["order"] = str(order_id)
        return _proposals(request, session, actor, form, status=422)
    orders.place(session, actor, order, at=now(), quantities={one.line: one.quantity for one in form.read.lines})
    named = speaks.name(session.get_one(Organization, order.supplier_id))
    toast = speaks.gettext(
        "%(number)s is placed. %(supplier)s has until %(when)s to answer.",
        number=order.number,
        supplier=named,
        when=_until(session, order, speaks),
    )
    return go(request, "/buyer/proposals", toast)


@router.post("/proposals/{order_id}/dismiss")
def dismiss(order_id: UUID, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Turn a proposal down; what still runs short is proposed anew."""
    order = order_book.find(session, actor, order_id)
    orders.cancel(session, actor, order, at=now())
    return go(request, "/buyer/proposals", speaks.gettext("Proposal %(number)s is dismissed.", number=order.number))


def _until(session: Session, order: PurchaseOrder, speaks: LanguageDep) -> str:
    own = session.get_one(Organization, order.owner_id)
    return speaks.moment(order.respond_by, own) if order.respond_by else ""


def _proposals(
    request: Request, session: Session, actor: Actor, form: Filled[Placing], q: str = "", p: int = 1, status: int = 200
) -> HTMLResponse:
    at = now()
    chosen = form.value("order")
    found = order_book.buyer_orders(
        session, actor, at=at, states={OrderStatus.PROPOSED}, search=q, page=p, size=_PROPOSALS
    )
    rows = found.rows
    sheets = [order_book.sheet(session, actor, row.order.id, at=at) for row in rows]
    if chosen and UUID(chosen) not in {row.order.id for row in rows}:
        sheets.insert(0, order_book.sheet(session, actor, UUID(chosen), at=at))
    parties = {sheet.order.supplier_id for sheet in sheets}
    return page(
        request,
        "orders/proposals.html",
        status=status,
        found=found,
        sheets=sheets,
        form=form,
        chosen=chosen,
        q=q,
        organizations=lookup.organizations(session, parties),
        places=lookup.places(session, {sheet.order.deliver_to_id for sheet in sheets}),
        reasons={sheet.order.id: replenishment.reasons(session, actor, sheet.order) for sheet in sheets},
    )
