"""The buyer writes an order: chooses whom and where, types or pastes how much of what, and sends it."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.errors import N_, InvalidInput, NotFound
from hub.inputs import Day, Figure, Prose
from hub.models.base import now, uuid7
from hub.models.party import Organization, OrganizationKind, Place
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.idempotency import Once
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.orders import orders
from supplier_portal.orders.buying import writing
from supplier_portal.orders.buying.writing_view import Chosen, Reading, filled_in, reading_of, sheet_of
from supplier_portal.orders.templates import templates

ADDRESS = "/buyer/orders/new"
router = Router(prefix=ADDRESS, dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)

_BECAME = {
    "placed": N_("Order %(number)s is on its way to its supplier."),
    "asked": N_("Order %(number)s waits for somebody else to approve it."),
    "kept": N_("Draft %(number)s is kept. Nobody but you sees it until it is placed."),
}
"""What is said of an order that was written."""


class Line(BaseModel):
    """How much of an item is wanted; nothing, or 0, orders none of it."""

    item: UUID
    quantity: Annotated[Figure, Field(ge=0, max_digits=18, decimal_places=6)] | None = None


class For(BaseModel):
    """Whom an order goes to, and for where."""

    supplier: UUID
    place: UUID


class Pasting(For):
    """Lines out of somebody's sheet."""

    pasted: Prose = Field(max_length=100_000)


class Writing(For):
    """An order as it was written; ``draft`` is the number of the draft that it is written anew of."""

    draft: str = Field(default="", max_length=30)
    deliver_on: Day
    lines: list[Line]


@router.get("")
def show(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    supplier: Annotated[str, Query(max_length=40)] = "",
    place: Annotated[str, Query(max_length=40)] = "",
    like: Annotated[str, Query(max_length=30)] = "",
    draft: Annotated[str, Query(max_length=30)] = "",
    template: UUID | None = None,
) -> HTMLResponse:
    """Choose supplier and place, then the sheet, filled in from an earlier order, a draft or a template."""
    again: dict[UUID, Any] = {}
    if template is not None:
        begun = templates.find(session, actor, template)
        again, supplier = templates.quantities(begun), str(begun.supplier_id)
        form.values["template"] = str(template)
    if number := draft or like:
        order = lookup.order(session, actor, number)
        again = {line.trade_item_id: line.quantity for line in orders.lines_of(session, order)}
        supplier, place = str(order.supplier_id), str(order.deliver_to_id)
    if not (supplier and place):
        return _choose(request, session, actor, form, supplier)
    chosen = _chosen(session, actor, _id(supplier), _id(place))
    form.values |= filled_in(chosen.offers, again)
    if draft:
        form.values |= {"draft": order.number, "deliver_on": order.deliver_on.isoformat()}
    return _shown(request, chosen, form)


@router.post("/paste")
def paste(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Pasting], filled(Pasting)]
) -> HTMLResponse:
    """Fill the sheet in from pasted lines; what was typed before stays where they say nothing of it."""
    chosen = _chosen(session, actor, _id(form.value("supplier")), _id(form.value("place")))
    reading = None
    if form.read is not None:
        with form.attempt(session):
            quantities, wrong = writing.pasted(form.read.pasted, chosen.offers)
            form.values |= filled_in(chosen.offers, quantities)
            reading = reading_of(len(quantities), wrong, form.language)
            form.values["pasted"] = "\n".join(one.words for one in wrong)
    return _shown(request, chosen, form, reading)


@router.post("")
def send(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Writing], filled(Writing)]
) -> Response:
    """Send the order to its supplier, or ask for its approval; the same sheet sent twice is one order."""
    return _written(request, session, actor, form, sends=True)


@router.post("/keep")
def keep(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Writing], filled(Writing)]
) -> Response:
    """Keep the order as a draft; the same sheet kept twice is one draft."""
    return _written(request, session, actor, form, sends=False)


def _written(request: Request, session: Session, actor: Actor, form: Filled[Writing], *, sends: bool) -> Response:
    chosen = _chosen(session, actor, _id(form.value("supplier")), _id(form.value("place")))
    once, read = Once.of_form(form.value("once"), ADDRESS if sends else f"{ADDRESS}/keep"), form.read
    if read is not None:
        draft = lookup.order(session, actor, read.draft) if read.draft else None
        wanted = [
            (number, orders.DraftLine(line.item, line.quantity))
            for number, line in enumerate(read.lines)
            if line.quantity
        ]
        order = orders.OrderDraft(read.supplier, read.place, read.deliver_on, [line for _, line in wanted])

        def work() -> dict[str, str]:
            if not wanted:
                raise InvalidInput("Type how much you want of at least one item.", at="lines")
            does = writing.place if sends else writing.keep
            written = does(session, actor, order, at=now(), draft=draft)
            became = "placed" if written.placed_at else "asked" if written.asked_at else "kept"
            return {"number": written.number, "became": became}

        with form.attempt(session, otherwise="deliver_on", called=_called([number for number, _ in wanted])):
            done = once.kept(session, work)
            toast = form.language.gettext(_BECAME[done.get("became", "placed")], number=done["number"])
            return go(request, f"/buyer/orders/{done['number']}", toast)
    return _shown(request, chosen, form)


def _called(rows: Sequence[int]) -> dict[str, str]:
    """What the sheet calls the fields that the rules number by the lines that are ordered."""
    lines = {f"lines.{place}.quantity": f"lines.{row}.quantity" for place, row in enumerate(rows)}
    return {**lines, "lines": "lines.0.quantity", "quantity": "lines.0.quantity"}


def _id(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError as wrong:
        raise NotFound from wrong


def _chosen(session: Session, actor: Actor, supplier_id: UUID, place_id: UUID) -> Chosen:
    supplier, place = session.get(Organization, supplier_id), session.get(Place, place_id)
    if supplier is None or supplier.kind is not OrganizationKind.SUPPLIER:
        raise NotFound("You have no such supplier.")
    if place is None or place.owner_id != actor.organization_id:
        raise NotFound("There is no such store.")
    at = now()
    offers = writing.offers(session, actor, supplier, place, at=at)
    return Chosen(supplier, place, writing.first_day(session, actor, supplier, place, at=at), offers)


def _choose(request: Request, session: Session, actor: Actor, form: Filled[Any], supplier: str) -> HTMLResponse:
    speaks = form.language
    suppliers = [(str(party.id), speaks.name(party)) for party in lookup.suppliers(session)]
    places = [(str(place.id), speaks.name(place)) for place in writing.targets(session, actor, at=now())]
    form.values["supplier"] = supplier
    return page(request, "orders/order-for.html", suppliers=suppliers, places=places, form=form)


def _shown(request: Request, chosen: Chosen, form: Filled[Any], reading: Reading | None = None) -> HTMLResponse:
    sheet = sheet_of(chosen, form, form.language)
    status, once = 422 if form.errors else 200, form.value("once") or str(uuid7())
    return page(request, "orders/order-new.html", status=status, sheet=sheet, form=form, reading=reading, once=once)
