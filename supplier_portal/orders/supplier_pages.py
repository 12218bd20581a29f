"""The supplier's orders: found, answered line by line, shipped lot by lot."""

import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.models.base import now, plain
from hub.models.party import Organization, Place
from hub.models.trade import AnswerKind, PurchaseOrder
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.export import MOST_ROWS
from hub.web.forms import Day, EmptyForm, Figure, Filled, filled, typed
from hub.web.idempotency import Once
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.orders import consignments, dispatch_advice, order_book, orders
from supplier_portal.orders.consignments import Consignment
from supplier_portal.orders.order_book import ANSWERED, UNANSWERED, OrderSheet, OrderStatus, SheetLine
from supplier_portal.today.supplier_pages import orders_file

router = Router(prefix="/supplier/orders", dependencies=[requires(Permission.ANSWER_ORDERS)], include_in_schema=False)
TABS: dict[str, frozenset[OrderStatus]] = {
    "awaiting": UNANSWERED,
    "to-ship": ANSWERED,
    "shipped": frozenset({OrderStatus.SHIPPED, OrderStatus.PART_RECEIVED}),
    "received": frozenset({OrderStatus.RECEIVED}),
    "closed": frozenset({OrderStatus.DECLINED, OrderStatus.CANCELLED}),
    "all": frozenset(),
}
_A_PAGE = 25
_PIECES = {"H87", "EA"}
Tab = Literal["awaiting", "to-ship", "shipped", "received", "closed", "all"]
Buyer = Annotated[str, Query(max_length=13)]
Words = Annotated[str, Query(max_length=100)]


class LineAnswer(BaseModel):
    """What was chosen and typed for one line."""

    line: UUID
    answer: AnswerKind | None = None
    quantity: Figure | None = Field(default=None, max_digits=18, decimal_places=6)
    deliver_on: Day | None = None
    reason: str = Field(default="", max_length=200)


class Answer(BaseModel):
    """The answer to an order, or, with ``do=fill``, the wish to have the open lines confirmed first."""

    lines: list[LineAnswer]
    note: str = Field(default="", max_length=400)
    do: Literal["send", "fill"] = "send"


class PackedLot(BaseModel):
    """How much of a lot goes into a line."""

    line: UUID
    lot: UUID
    quantity: Figure | None = Field(default=None, max_digits=18, decimal_places=6)


class Dispatch(BaseModel):
    """A shipment as it was typed in."""

    group: str = Field(max_length=40)
    once: str = Field(default="", max_length=80)
    ship_from: UUID
    packed: list[PackedLot]


@dataclass
class Amount:
    """How much was ordered, and how much of it the answer would give."""

    ordered: Decimal = Decimal(0)
    told: Decimal = Decimal(0)


@dataclass
class Effect:
    """What an answer would say if it were sent now: amounts by unit under each kind, and how many lines."""

    lines: int
    answered: int = 0
    sums: dict[str, dict[str, Amount]] = field(default_factory=dict)


@dataclass(frozen=True)
class Days:
    """The day it is at the place of delivery, and the day that was ordered."""

    today: date
    ordered: date


@router.get("")
def listed(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    state: Tab = "awaiting",
    q: Words = "",
    p: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """Orders by state, searched, page by page."""
    at = now()
    found = order_book.supplier_orders(session, actor, at=at, states=TABS[state], search=q, page=p, size=_A_PAGE)
    counts = order_book.counts(session, actor, at=at)
    return page(
        request,
        "orders/orders.html",
        found=found,
        state=state,
        q=q,
        at=at,
        tabs=TABS,
        own=session.get_one(Organization, actor.organization_id),
        counted={name: sum(counts[one] for one in states or OrderStatus) for name, states in TABS.items()},
        organizations=lookup.organizations(session, {row.order.owner_id for row in found.rows}),
        places=lookup.places(session, {row.order.deliver_to_id for row in found.rows}),
    )


@router.get("/export.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep, state: Tab = "all", q: Words = "") -> Response:
    """The same list to take away."""
    found = order_book.supplier_orders(
        session, actor, at=now(), states=TABS[state], search=q, page=1, size=MOST_ROWS + 1
    )
    return orders_file(session, actor, speaks.gettext("Orders"), found.rows, speaks)


@router.get("/{number}")
def show(
    number: str,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    buyer: Buyer = "",
    change: Annotated[bool, Query()] = False,
) -> HTMLResponse:
    """One order, and what can be done with it now; with ``change``, its answer is open to be changed."""
    order = lookup.order(session, actor, number, buyer)
    return _shown(request, session, actor, order.id, form, change=change)


@router.post("/{number}/answer")
def answer(
    number: str,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Answer], filled(Answer)],
    buyer: Buyer = "",
) -> Response:
    """Send the answer, or fill in the lines that are still open."""
    at = now()
    order = lookup.order(session, actor, number, buyer)
    sheet = order_book.sheet(session, actor, order.id, at=at)
    place = session.get_one(Place, order.deliver_to_id)
    if form.value("do") == "fill":
        for n in range(len(sheet.lines)):
            if not form.value(f"lines.{n}.answer"):
                form.values[f"lines.{n}.answer"] = AnswerKind.CONFIRMED
        form.errors.clear()
        return _shown(request, session, actor, order.id, form, change=True)
    days = Days(at.astimezone(ZoneInfo(place.time_zone)).date(), order.deliver_on)
    said = _answers(form, sheet, days) if form.read else []
    if form.errors:
        return _shown(request, session, actor, order.id, form, status=422, change=True)
    with form.attempt(session):
        given = orders.confirm(session, actor, order, said, at=at, note=form.value("note"))
    if form.errors:
        return _shown(request, session, actor, order.id, form, status=422, change=True)
    named = session.get_one(Organization, order.owner_id)
    toast = form.language.gettext("Answer sent. %(buyer)s sees it now.", buyer=form.language.name(named))
    if given.changed_at == at:
        toast = form.language.gettext(
            "Answer changed. %(buyer)s sees it now, and what you said before.", buyer=form.language.name(named)
        )
    return go(request, f"/supplier/orders/{number}?buyer={named.gln}", toast)


@router.post("/{number}/sum")
def summed(
    number: str,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Answer], filled(Answer)],
    buyer: Buyer = "",
) -> HTMLResponse:
    """What the answer would say as it stands; nothing is sent."""
    order = lookup.order(session, actor, number, buyer)
    sheet = order_book.sheet(session, actor, order.id, at=now())
    return page(request, "orders/_sum.html", effect=_effect(form, sheet), swapped=True)


@router.post("/{number}/dispatch")
def dispatch(
    number: str,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Dispatch], filled(Dispatch)],
    buyer: Buyer = "",
) -> Response:
    """Announce what leaves, lot by lot."""
    order = lookup.order(session, actor, number, buyer)
    # Two clicks on one form are one shipment, and two forms are two.
    once = Once.of_form(form.value("once"), f"dispatch/{order.id}")
    if sent := once.known(session):
        return _dispatched(request, session, order, form, sent)
    sheet = order_book.sheet(session, actor, order.id, at=now())
    planned = next((one for one in consignments.planned(session, sheet) if one.key == form.value("group")), None)
    packed = _packed(form, planned)
    if form.read is None or planned is None or not packed:
        return _shown(request, session, actor, order.id, form, status=422)
    ship_from = session.get_one(Place, form.read.ship_from)

    def work() -> dict[str, str]:
        zone = ZoneInfo(session.get_one(Place, order.deliver_to_id).time_zone)
        day = max(planned.deliver_on, now().astimezone(zone).date())
        made = dispatch_advice.announce_shipment(
            session, actor, order, packed, ship_from=ship_from, at=now(), deliver_on=day
        )
        return {"number": made.number, "sscc": made.sscc}

    return _dispatched(request, session, order, form, once.kept(session, work))


def _dispatched(
    request: Request, session: Session, order: PurchaseOrder, form: Filled[Dispatch], sent: dict[str, str]
) -> Response:
    named = session.get_one(Organization, order.owner_id)
    toast = form.language.gettext("%(number)s is on its way under SSCC %(sscc)s.", **sent)
    return go(request, f"/supplier/orders/{order.number}?buyer={named.gln}", toast)


def _shown(
    request: Request,
    session: Session,
    actor: Actor,
    order_id: UUID,
    form: Filled[Any],
    status: int = 200,
    change: bool = False,
) -> HTMLResponse:
    at = now()
    sheet = order_book.sheet(session, actor, order_id, at=at)
    changing = change and sheet.status in ANSWERED
    open_ = changing or sheet.status in UNANSWERED
    if changing and not form.values:
        _as_answered(form, sheet)
    return page(
        request,
        "orders/order.html",
        status=status,
        sheet=sheet,
        order=sheet.order,
        form=form,
        at=at,
        own=session.get_one(Organization, actor.organization_id),
        buyer=session.get_one(Organization, sheet.order.owner_id),
        place=session.get_one(Place, sheet.order.deliver_to_id),
        open=open_,
        changing=changing,
        changeable=sheet.status in ANSWERED,
        effect=_effect(form, sheet) if open_ else None,
        planned=[] if changing else consignments.planned(session, sheet),
        sent=consignments.sent(session, sheet),
        sources=consignments.sources(session, actor),
        once=secrets.token_urlsafe(16),
    )


def _as_answered(form: Filled[Any], sheet: OrderSheet) -> None:
    """Fill the form with the answer as it stands."""
    for n, row in enumerate(sheet.lines):
        if (said := row.answer) is None:
            continue
        form.values |= {f"lines.{n}.answer": said.kind, f"lines.{n}.reason": said.reason}
        if said.kind in (AnswerKind.LESS, AnswerKind.OTHER_DATE):
            form.values[f"lines.{n}.quantity"] = plain(said.quantity)
        if said.kind is AnswerKind.OTHER_DATE:
            form.values[f"lines.{n}.deliver_on"] = said.deliver_on.isoformat()
    form.values["note"] = sheet.answer.note if sheet.answer else ""


def _answers(form: Filled[Answer], sheet: OrderSheet, days: Days) -> list[orders.LineAnswer]:
    """What the form says to each line; what cannot be said is refused beside its field."""
    speaks, said = form.language, []
    given = {one.line: one for one in (form.read.lines if form.read else [])}
    for n, row in enumerate(sheet.lines):
        one = given.get(row.line.id)
        if one is None or one.answer is None:
            form.errors.setdefault(
                f"lines.{n}.answer", speaks.gettext("Choose an answer for %(item)s.", item=speaks.name(row.item))
            )
            continue
        _check(form, n, one, row, days)
        kept = one.answer in (AnswerKind.LESS, AnswerKind.OTHER_DATE)
        said.append(
            orders.LineAnswer(
                row.line.id,
                one.answer,
                one.quantity if kept else None,
                one.deliver_on if one.answer is AnswerKind.OTHER_DATE else None,
                one.reason if one.answer is not AnswerKind.CONFIRMED else "",
            )
        )
    return said


def _check(form: Filled[Answer], n: int, one: LineAnswer, row: SheetLine, days: Days) -> None:
    """Refuse, beside its field, a figure or a day that the line's answer does not allow."""
    speaks, ordered, amount = form.language, row.line.quantity, one.quantity
    shown, field_ = speaks.quantity(ordered, row.line.unit), f"lines.{n}.quantity"
    if one.answer not in (AnswerKind.LESS, AnswerKind.OTHER_DATE):
        return
    if amount is not None and not amount.is_finite():
        form.errors[field_] = speaks.gettext("Enter a figure, such as 12.5.")
    elif one.answer is AnswerKind.LESS and (amount is None or not 0 < amount < ordered):
        form.errors[field_] = speaks.gettext("Enter more than 0 and less than %(ordered)s.", ordered=shown)
    elif amount is not None and not 0 < amount <= ordered:
        form.errors[field_] = speaks.gettext("Enter more than 0, and at most %(ordered)s.", ordered=shown)
    elif amount is not None and row.line.unit in _PIECES and amount % 1:
        form.errors[field_] = speaks.gettext("Enter a whole number.")
    if one.answer is AnswerKind.OTHER_DATE and (
        one.deliver_on is None or one.deliver_on < days.today or one.deliver_on == days.ordered
    ):
        form.errors[f"lines.{n}.deliver_on"] = speaks.gettext(
            "Choose another day than %(ordered)s, from %(today)s on.",
            ordered=speaks.day(days.ordered),
            today=speaks.day(days.today),
        )


def _effect(form: Filled[Any], sheet: OrderSheet) -> Effect:
    """Add up what is chosen so far, whatever else is still wrong in the form."""
    made = Effect(len(sheet.lines))
    for n, row in enumerate(sheet.lines):
        kind = form.value(f"lines.{n}.answer") or "open"
        made.answered += kind != "open"
        amount = made.sums.setdefault(kind, {}).setdefault(row.line.unit, Amount())
        amount.ordered += row.line.quantity
        amount.told += _told(form, n, kind, row.line.quantity)
    return made


def _told(form: Filled[Any], n: int, kind: str, ordered: Decimal) -> Decimal:
    """What was typed for a line that gives less or comes later, as far as it is a figure; else what was ordered."""
    if kind not in (AnswerKind.LESS, AnswerKind.OTHER_DATE):
        return ordered
    try:
        amount = Decimal(typed(form.value(f"lines.{n}.quantity")))
    except InvalidOperation:
        return ordered
    return amount if amount.is_finite() and 0 < amount <= ordered else ordered


def _packed(form: Filled[Dispatch], planned: Consignment | None) -> list[dispatch_advice.Packed]:
    """What was packed of which lot; more than there is is refused beside its field."""
    if form.read is None or planned is None:
        return []
    speaks = form.language
    left = {(line.row.line.id, lot.lot.id): (line, lot) for line in planned.lines for lot in line.lots}
    packed: list[dispatch_advice.Packed] = []
    taken: dict[UUID, Decimal] = defaultdict(Decimal)
    for n, one in enumerate(form.read.packed):
        if not one.quantity:
            continue
        known = left.get((one.line, one.lot))
        name = f"packed.{n}.quantity"
        if known is None:
            form.errors[name] = speaks.gettext("This lot is no longer there.")
            continue
        line, lot = known
        taken[one.line] += one.quantity
        most = min(lot.left, line.open)
        if not one.quantity.is_finite() or one.quantity <= 0 or one.quantity > lot.left or taken[one.line] > line.open:
            form.errors[name] = speaks.gettext(
                "Enter at most %(most)s.", most=speaks.quantity(most, line.row.line.unit)
            )
        packed.append(dispatch_advice.Packed(one.line, one.lot, one.quantity))
    if not packed and not form.errors:
        form.errors["packed.0.quantity"] = speaks.gettext("Enter how much leaves of at least one lot.")
    if form.errors:
        form.read = None
    return packed
