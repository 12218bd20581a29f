"""The buyer's standing orders: made of an order, changed, paused, ended; one of their days left out."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.errors import N_
from hub.inputs import Count, Day, Figure, Prose, Weekdays
from hub.models.base import now
from hub.models.party import Organization, Place
from hub.models.trade import StandingOrder
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.idempotency import Once
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.buying import writing
from supplier_portal.orders.standing import pattern, standing, view
from supplier_portal.orders.standing.pattern import Pattern
from supplier_portal.orders.standing.view import HERE

router = Router(prefix=HERE, dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)


class Line(BaseModel):
    """How much of an item is wanted each time; nothing, or 0, takes it out."""

    item: UUID
    quantity: Annotated[Figure, Field(ge=0, max_digits=18, decimal_places=6)] | None = None


class Said(BaseModel):
    """A standing order as it was said."""

    like: str = Field(default="", max_length=30)
    weekdays: Weekdays = ""
    valid_from: Day
    valid_to: Day | None = None
    days_ahead: Annotated[Count, Field(ge=1, le=28)]
    days_off: Prose = Field(default="", max_length=10_000)
    places: bool = False
    lines: list[Line] = Field(max_length=1000)

    def wanted(self) -> standing.Wanted:
        """What that comes to."""
        days = [int(day) for day in self.weekdays.split()]
        off = frozenset(pattern.days_off(self.days_off))
        lines = [orders.DraftLine(line.item, line.quantity) for line in self.lines if line.quantity]
        return standing.Wanted(Pattern(days, self.valid_from, self.valid_to, off), lines, self.days_ahead, self.places)


class OneDay(BaseModel):
    """A day of it."""

    day: Day


@router.get("")
def listed(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> HTMLResponse:
    """All that go on or are paused."""
    rows = standing.kept(session, actor)
    suppliers = lookup.organizations(session, {row.supplier_id for row in rows})
    places = lookup.places(session, {row.deliver_to_id for row in rows})
    shown = [view.row_of(row, suppliers[row.supplier_id], places[row.deliver_to_id], speaks) for row in rows]
    return page(request, "standing/list.html", rows=shown)


@router.get("/new")
def new(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    like: Annotated[str, Query(max_length=30)],
) -> HTMLResponse:
    """The form, filled in like an order."""
    return _new(request, session, actor, like, form)


@router.post("/new")
def add(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Said], filled(Said)]
) -> Response:
    """Order so every week; the same form sent twice is one standing order."""
    order = lookup.order(session, actor, form.value("like"))
    read = form.read
    if read is not None:
        place = session.get_one(Place, order.deliver_to_id)
        once = Once.of_form(form.value("once"), f"{HERE}/new")

        def work() -> dict[str, str]:
            row = standing.add(session, actor, order.supplier_id, place, read.wanted(), at=now())
            return {"id": str(row.id)}

        with form.attempt(session, otherwise="valid_from", called=_WHOLE):
            done = once.kept(session, work)
            toast = form.language.gettext("The standing order is kept. It writes what is due within ten minutes.")
            return go(request, f"{HERE}/{done['id']}", toast)
    return _new(request, session, actor, order.number, form)


@router.get("/{standing_id}")
def show(standing_id: UUID, request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """One: how it is said, and what comes of it in the next four weeks."""
    return _shown(request, session, actor, standing.find(session, actor, standing_id), form)


@router.post("/{standing_id}")
def change(
    standing_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Said], filled(Said)],
) -> Response:
    """Say it anew."""
    row = standing.find(session, actor, standing_id)
    if form.read is not None:
        with form.attempt(session, otherwise="valid_from", called=_WHOLE):
            standing.change(session, actor, row, form.read.wanted(), at=now())
            return go(request, f"{HERE}/{row.id}", form.language.gettext("Saved."))
        session.refresh(row)
    return _shown(request, session, actor, row, form)


@router.post("/{standing_id}/pause")
def pause(standing_id: UUID, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Write nothing until it goes on."""
    row = standing.pause(session, actor, standing.find(session, actor, standing_id), paused=True)
    return go(request, f"{HERE}/{row.id}", speaks.gettext("It is paused: nothing is written until it goes on."))


@router.post("/{standing_id}/resume")
def resume(standing_id: UUID, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Go on."""
    row = standing.pause(session, actor, standing.find(session, actor, standing_id), paused=False)
    return go(request, f"{HERE}/{row.id}", speaks.gettext("It goes on."))


@router.post("/{standing_id}/end")
def end(standing_id: UUID, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Write nothing any more."""
    standing.end(session, actor, standing.find(session, actor, standing_id), at=now())
    return go(request, HERE, speaks.gettext("The standing order has ended."))


@router.post("/{standing_id}/skip")
def skip(
    standing_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[OneDay], filled(OneDay)],
) -> Response:
    """Leave one day out."""
    return _one_day(request, session, actor, standing.find(session, actor, standing_id), form, skips=True)


@router.post("/{standing_id}/take")
def take(
    standing_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[OneDay], filled(OneDay)],
) -> Response:
    """Take a day in again that was left out."""
    return _one_day(request, session, actor, standing.find(session, actor, standing_id), form, skips=False)


_WHOLE = {"lines": "lines.0.quantity", "quantity": "lines.0.quantity"}
"""Where the form says what is wrong with all lines."""


def _one_day(
    request: Request, session: Session, actor: Actor, row: StandingOrder, form: Filled[OneDay], *, skips: bool
) -> Response:
    if form.read is None:
        return _shown(request, session, actor, row, form)
    standing.skip(session, actor, row, form.read.day, skips=skips)
    said = form.language.day(form.read.day)
    toast = form.language.gettext(N_("%(day)s is left out.") if skips else N_("%(day)s is taken in again."), day=said)
    return go(request, f"{HERE}/{row.id}", toast)


def _new(request: Request, session: Session, actor: Actor, like: str, form: Filled[Any]) -> HTMLResponse:
    order, at = lookup.order(session, actor, like), now()
    supplier, place = session.get_one(Organization, order.supplier_id), session.get_one(Place, order.deliver_to_id)
    offers = writing.offers(session, actor, supplier, place, at=at)
    quantities = {line.trade_item_id: line.quantity for line in orders.lines_of(session, order)}
    sheet = view.sheet_of(offers, quantities, form, action=f"{HERE}/new", today=place.day(at), like=order.number)
    title = f"{form.language.name(supplier)} → {form.language.name(place)}"
    status = 422 if form.errors else 200
    return page(request, "standing/new.html", status=status, title=title, sheet=sheet, form=form)


def _shown(request: Request, session: Session, actor: Actor, row: StandingOrder, form: Filled[Any]) -> HTMLResponse:
    at = now()
    supplier, place = session.get_one(Organization, row.supplier_id), session.get_one(Place, row.deliver_to_id)
    offers = writing.offers(session, actor, supplier, place, at=at)
    quantities: dict[UUID, Decimal] = {line.trade_item_id: line.quantity for line in standing.lines_of(row)}
    sheet = view.sheet_of(offers, quantities, form, action=f"{HERE}/{row.id}", today=place.day(at), row=row)
    days = standing.preview(session, row, at=at)
    states = {day.order.id: order_book.status_of(session, day.order, at=at) for day in days if day.order is not None}
    shown = view.page_of(row, (supplier, place), sheet, days, states, form.language)
    status = 422 if form.errors else 200
    return page(request, "standing/show.html", status=status, standing=shown, sheet=sheet, form=form)
