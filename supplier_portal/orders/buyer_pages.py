"""The buyer's orders: part, followed line by line, called off; and proposals, looked over and placed."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import supply
from hub.access import Actor, Permission
from hub.inputs import Figure
from hub.lists import Search
from hub.models.base import now
from hub.models.party import Organization, Place
from hub.models.trade import PurchaseOrder
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, Words, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.dispatch import consignments
from supplier_portal.forecast import replenishment
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.buyer_view import buyer_order
from supplier_portal.orders.list_pages import OrderQuery, Side
from supplier_portal.orders.list_view import buyers_orders
from supplier_portal.orders.order_book import OrderStatus
from supplier_portal.orders.orders import DeliveryDatePassed
from supplier_portal.orders.proposals_view import Proposed, proposals_page
from supplier_portal.orders.view import Dossier

router = Router(prefix="/buyer", dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)
LIST = Side("answered", order_book.buyer_orders, buyers_orders, lambda order: order.supplier_id)
_AT_ONCE = 1000
_PROPOSALS = 10
_FIRST = {"lines": "lines.0.quantity", "deliver_on": "lines.0.quantity"}
"""Where a proposal's form says what is wrong with the whole."""
_NOT_AS_AGREED = (supply.NotDeliveredThen, supply.OrderedTooLate, supply.BelowMinimum)
Tab = Literal["awaiting", "answered", "shipped", "received", "closed", "all"]


class Asked(OrderQuery):
    """Which orders are looked for, by their states."""

    state: Tab = "awaiting"


class Taken(Asked):
    """Which orders are taken away."""

    state: Tab = "all"


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
def show(order: OrderDep, request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """One order: what was asked, answered, sent and received."""
    return _shown(request, session, actor, order, form)


def _shown(request: Request, session: Session, actor: Actor, order: PurchaseOrder, form: Filled[Any]) -> HTMLResponse:
    """The page of an order, with the form of calling it off as it was sent."""
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
        reasons=replenishment.reasons(session, actor, [order]),
    )
    shown = buyer_order(dossier, form.language)
    status = 422 if form.errors else 200
    return page(request, "orders/buyer-order.html", status=status, order=shown, form=form)


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
        with form.attempt(session):
            orders.cancel(session, actor, order, at=now(), reason=form.read.reason)
    if form.read is None:
        return _shown(request, session, actor, order, form)
    toast = form.language.gettext("Order %(number)s is cancelled.", number=order.number)
    return go(request, f"/buyer/orders/{order.number}", toast)


@router.post("/orders/{number}/close")
def close(order: OrderDep, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Want no more of an order of which a part has come."""
    orders.close(session, actor, order, at=now())
    toast = speaks.gettext("Nothing more of order %(number)s is awaited.", number=order.number)
    return go(request, f"/buyer/orders/{order.number}", toast)


@router.get("/proposals")
def proposals(
    request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm, q: Words = "", p: PageNumber = 1
) -> HTMLResponse:
    """Proposed orders, each line with its reason."""
    return _proposals(request, session, actor, form, Search(q, p, _PROPOSALS))


@router.post("/proposals/look")
def look(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Look for shortages now."""
    proposed = replenishment.ask(session, actor, at=now())
    toast = speaks.ngettext("%(num)s order proposed.", "%(num)s orders proposed.", len(proposed))
    return go(request, "/buyer/proposals", toast)


@router.post("/proposals/place-all")
def place_all(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Place every proposal as it stands; what its day or its supplier's terms forbid stays.

    More than fit into one go are named.
    """
    placed = passed = against = 0
    proposed = order_book.buyer_orders(session, actor, Search(size=_AT_ONCE), at=now(), states={OrderStatus.PROPOSED})
    for row in proposed.rows:
        try:
            with session.begin_nested():
                orders.place(session, actor, row.order, at=now())
            placed += 1
        except DeliveryDatePassed:
            passed += 1
        except _NOT_AS_AGREED:
            against += 1
    toast = speaks.ngettext("%(num)s order placed.", "%(num)s orders placed.", placed)
    if passed:
        more = speaks.ngettext("%(num)s is too late to place.", "%(num)s are too late to place.", passed)
        toast = speaks.paragraph(toast, more)
    if against:
        more = speaks.ngettext(
            "%(num)s does not keep its supplier's terms: place it alone to read why.",
            "%(num)s do not keep their suppliers' terms: place them one by one to read why.",
            against,
        )
        toast = speaks.paragraph(toast, more)
    if left := proposed.total - len(proposed.rows):
        more = speaks.ngettext(
            "%(num)s more waits: place it in another go.", "%(num)s more wait: place them in another go.", left
        )
        toast = speaks.paragraph(toast, more)
    return go(request, "/buyer/proposals" if left or against else "/buyer/orders", toast)


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
    if form.read is not None:
        quantities = {line.line: line.quantity for line in form.read.lines}
        with form.attempt(session, called=_FIRST):
            orders.place(session, actor, order, at=now(), quantities=quantities)
    if form.read is None:
        form.values["order"] = str(order_id)
        return _proposals(request, session, actor, form, Search(size=_PROPOSALS))
    toast = speaks.gettext(
        "%(number)s is placed. %(supplier)s has until %(when)s to answer.",
        number=order.number,
        supplier=speaks.name(session.get_one(Organization, order.supplier_id)),
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


def _proposals(request: Request, session: Session, actor: Actor, form: Filled[Placing], search: Search) -> HTMLResponse:
    part = order_book.buyer_orders(session, actor, search, at=now(), states={OrderStatus.PROPOSED})
    shown = [row.order.id for row in part.rows]
    if (chosen := form.value("order")) and UUID(chosen) not in shown:
        shown.insert(0, UUID(chosen))
    sheets = order_book.drafts(session, actor, shown, at=now())
    proposed = Proposed(
        page=part,
        sheets=sheets,
        form=form,
        organizations=lookup.organizations(session, {sheet.order.supplier_id for sheet in sheets}),
        places=lookup.places(session, {sheet.order.deliver_to_id for sheet in sheets}),
        reasons=replenishment.reasons(session, actor, [sheet.order for sheet in sheets]),
    )
    status = 422 if form.errors else 200
    view = proposals_page(proposed, form.language)
    return page(request, "orders/proposals.html", status=status, proposals=view, form=form)
