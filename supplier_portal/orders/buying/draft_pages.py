"""What becomes of a buyer's drafts: placed, one or many at once, approved by somebody else, returned, taken back."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hub.access import Permission
from hub.lists import Search
from hub.models.base import now
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import Filled, filled
from hub.web.routing import Router
from hub.web.templating import go
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.buying import approval, drafts
from supplier_portal.orders.buying.buyer_pages import Asked, OrderDep, shown
from supplier_portal.orders.buying.proposals_view import placed_words
from supplier_portal.orders.order_book import OrderStatus

router = Router(prefix="/buyer/orders", dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)
_APPROVES = requires(Permission.APPROVE_ORDERS)
_AT_ONCE = 1000


class Returning(BaseModel):
    """Why an order is not approved."""

    reason: str = Field(default="", max_length=200)


@router.post("/place-drafts")
def place_drafts(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    query: Annotated[Asked, Query()],
) -> Response:
    """Place every draft that was looked for as it stands; what cannot be placed stays."""
    search = Search(query.q, size=_AT_ONCE)
    found = order_book.buyer_orders(session, actor, search, at=now(), states={OrderStatus.DRAFT})
    done = drafts.place_many(session, actor, [row.order for row in found.rows], at=now())
    whole = done.placed + done.asked == found.total
    return go(request, f"/buyer/orders?state={'awaiting' if whole else 'drafts'}", placed_words(done, speaks))


@router.post("/{number}/place")
def place(order: OrderDep, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Place a draft as it stands, or ask for its approval."""
    orders.place(session, actor, order, at=now())
    if order.placed_at is None:
        toast = speaks.gettext("Order %(number)s waits for somebody else to approve it.", number=order.number)
    else:
        toast = speaks.gettext("Order %(number)s is on its way to its supplier.", number=order.number)
    return go(request, f"/buyer/orders/{order.number}", toast)


@router.post("/{number}/take-back")
def take_back(order: OrderDep, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Ask no longer for an order to be approved: it is a draft again."""
    approval.take_back(session, actor, order)
    toast = speaks.gettext("Order %(number)s is a draft again.", number=order.number)
    return go(request, f"/buyer/orders/{order.number}", toast)


@router.post("/{number}/approve", dependencies=[_APPROVES])
def approve(order: OrderDep, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Approve what somebody else asked for, and send it."""
    approval.approve(session, actor, order, at=now())
    toast = speaks.gettext("Order %(number)s is on its way to its supplier.", number=order.number)
    return go(request, f"/buyer/orders/{order.number}", toast)


@router.post("/{number}/return", dependencies=[_APPROVES])
def give_back(
    order: OrderDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Returning], filled(Returning)],
) -> Response:
    """Do not approve an order, with the reason that its asker reads."""
    if form.read is not None:
        with form.attempt(session):
            approval.give_back(session, actor, order, form.read.reason, at=now())
    if form.read is None:
        return shown(request, session, actor, order, form)
    toast = form.language.gettext("Order %(number)s is a draft again.", number=order.number)
    return go(request, f"/buyer/orders/{order.number}", toast)
