"""The buyer's proposals: orders that something runs short for, looked over, changed, and placed."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.inputs import Figure
from hub.lists import Search
from hub.models.base import now
from hub.models.party import Organization
from hub.models.trade import PurchaseOrder
from hub.web.deps import ActorDep, LanguageDep, ListQuery, SessionDep, requires
from hub.web.export import MOST_ROWS, csv_file
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.forecast import replenishment
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.buying import drafts
from supplier_portal.orders.buying.proposals_view import (
    Proposed,
    here,
    placed_words,
    proposals_page,
    proposals_table,
)
from supplier_portal.orders.order_book import OrderStatus

router = Router(prefix="/buyer/proposals", dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)
_AT_ONCE = 1000
_PROPOSALS = 10
_FIRST = {"lines": "lines.0.quantity", "deliver_on": "lines.0.quantity"}
"""Where a proposal's form says what is wrong with the whole."""


Asked = Annotated[ListQuery, Query()]
"""Which proposals are looked for, and in which order; kept while one after another is placed."""


class LineQuantity(BaseModel):
    """How much of a proposed line is wanted; nothing takes it out."""

    line: UUID
    quantity: Annotated[Figure, Field(ge=0, max_digits=18, decimal_places=6)]


class Placing(BaseModel):
    """A proposal as it was looked over."""

    lines: list[LineQuantity]


@router.get("")
def proposals(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm, query: Asked) -> HTMLResponse:
    """Proposed orders, each line with its reason."""
    return _proposals(request, session, actor, form, query.search(_PROPOSALS))


@router.get("/export.csv")
def export(actor: ActorDep, session: SessionDep, form: EmptyForm, query: Asked) -> Response:
    """Their lines to take away."""
    search = Search(query.q, size=MOST_ROWS + 1, sort=query.sort)
    header, rows = proposals_table(_read(session, actor, form, search), form.language)
    return csv_file(form.language.gettext("Proposals"), header, rows)


@router.post("/look")
def look(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Look for shortages now."""
    proposed = replenishment.ask(session, actor, at=now())
    toast = speaks.ngettext("%(num)s order proposed.", "%(num)s orders proposed.", len(proposed))
    return go(request, "/buyer/proposals", toast)


@router.post("/place-all")
def place_all(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep, query: Asked) -> Response:
    """Place every proposal that was looked for as it stands; what its day or its supplier's terms forbid stays.

    More than fit into one go are named.
    """
    search = Search(query.q, size=_AT_ONCE)
    proposed = order_book.buyer_orders(session, actor, search, at=now(), states={OrderStatus.PROPOSED})
    done = drafts.place_many(session, actor, [row.order for row in proposed.rows], at=now())
    toast = placed_words(done, speaks)
    if left := proposed.total - len(proposed.rows):
        more = speaks.ngettext(
            "%(num)s more waits: place it in another go.", "%(num)s more wait: place them in another go.", left
        )
        toast = speaks.paragraph(toast, more)
    return go(request, here(query.search()).address() if left or done.against else "/buyer/orders", toast)


@router.post("/{order_id}/place")
def place(
    order_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Placing], filled(Placing)],
    query: Asked,
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
        return _proposals(request, session, actor, form, query.search(_PROPOSALS))
    if order.placed_at is None:
        toast = speaks.gettext("Order %(number)s waits for somebody else to approve it.", number=order.number)
        return go(request, here(query.search()).address(), toast)
    toast = speaks.gettext(
        "%(number)s is placed. %(supplier)s has until %(when)s to answer.",
        number=order.number,
        supplier=speaks.name(session.get_one(Organization, order.supplier_id)),
        when=_until(session, order, speaks),
    )
    return go(request, here(query.search()).address(), toast)


@router.post("/{order_id}/dismiss")
def dismiss(
    order_id: UUID, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep, query: Asked
) -> Response:
    """Turn a proposal down; what still runs short is proposed anew."""
    order = order_book.find(session, actor, order_id)
    orders.cancel(session, actor, order, at=now())
    toast = speaks.gettext("Proposal %(number)s is dismissed.", number=order.number)
    return go(request, here(query.search()).address(), toast)


def _until(session: Session, order: PurchaseOrder, speaks: LanguageDep) -> str:
    own = session.get_one(Organization, order.owner_id)
    return speaks.moment(order.respond_by, own) if order.respond_by else ""


def _proposals(request: Request, session: Session, actor: Actor, form: Filled[Placing], search: Search) -> HTMLResponse:
    status = 422 if form.errors else 200
    view = proposals_page(_read(session, actor, form, search), form.language)
    return page(request, "orders/proposals.html", status=status, proposals=view, form=form)


def _read(session: Session, actor: Actor, form: Filled[Placing], search: Search) -> Proposed:
    """A page of the proposals that a search finds; what the form was sent for is among them in any case."""
    part = order_book.buyer_orders(session, actor, search, at=now(), states={OrderStatus.PROPOSED})
    shown = [row.order.id for row in part.rows]
    if (chosen := form.value("order")) and UUID(chosen) not in shown:
        shown.insert(0, UUID(chosen))
    sheets = order_book.drafts(session, actor, shown, at=now())
    return Proposed(
        page=part,
        sheets=sheets,
        form=form,
        organizations=lookup.organizations(session, {sheet.order.supplier_id for sheet in sheets}),
        places=lookup.places(session, {sheet.order.deliver_to_id for sheet in sheets}),
        reasons=replenishment.reasons(session, actor, [sheet.order for sheet in sheets]),
    )
