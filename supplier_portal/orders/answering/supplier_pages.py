"""The supplier's orders: part, answered line by line, shipped lot by lot."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from hub.access import Actor, Permission
from hub.models.base import now
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, Place
from hub.models.trade import AnswerKind, OrderAnswer, PurchaseOrder
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.idempotency import Once
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.claims import claim_book
from supplier_portal.dispatch import consignments, dispatch_advice
from supplier_portal.dispatch.dispatch_view import Packing
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.agreeing import replying
from supplier_portal.orders.agreeing.replying import Replying
from supplier_portal.orders.answering import answers
from supplier_portal.orders.answering.answer_view import as_answered, effect_of
from supplier_portal.orders.answering.supplier_view import supplier_order
from supplier_portal.orders.cancelling import cancelling
from supplier_portal.orders.list_pages import OrderQuery, Side
from supplier_portal.orders.list_view import suppliers_orders
from supplier_portal.orders.order_book import ANSWERED, UNANSWERED, OrderSheet
from supplier_portal.orders.view import Dossier, order_address

router = Router(prefix="/supplier/orders", dependencies=[requires(Permission.ANSWER_ORDERS)], include_in_schema=False)
LIST = Side(True, "to-ship", order_book.supplier_orders, suppliers_orders, lambda order: order.owner_id)
Tab = Literal["awaiting", "to-ship", "shipped", "received", "closed", "all"]
Buyer = Annotated[str, Query(max_length=13)]


class Asked(OrderQuery):
    """Which orders are looked for, by their states."""

    state: Tab = "awaiting"


class Taken(Asked):
    """Which orders are taken away."""

    state: Tab = "all"


class Answer(BaseModel):
    """The answer to an order, or, with ``do=fill``, the wish to have the open lines confirmed first."""

    lines: list[answers.LineAnswer]
    note: str = Field(default="", max_length=400)
    do: Literal["send", "fill"] = "send"


class Dispatch(BaseModel):
    """A shipment as it was typed in."""

    group: str = Field(max_length=40)
    once: str = Field(default="", max_length=80)
    ship_from: UUID
    lines: list[dispatch_advice.Packed]


@dataclass(frozen=True)
class Desk:
    """An order that its supplier works on, and who asked for it in which session."""

    request: Request
    session: Session
    actor: Actor
    order: PurchaseOrder

    @property
    def buyer(self) -> Organization:
        """Who placed it."""
        return self.session.get_one(Organization, self.order.owner_id)

    @property
    def address(self) -> str:
        """The order's page."""
        return order_address(self.order, self.buyer)

    def sheet(self, at: datetime) -> OrderSheet:
        """The order as it is at a moment."""
        return order_book.sheet(self.session, self.actor, self.order.id, at=at)

    def dossier(self, at: datetime) -> Dossier:
        """All that the order's page is made of."""
        sheet = self.sheet(at)
        supplier = self.session.get_one(Organization, self.actor.organization_id)
        return Dossier(
            sheet=sheet,
            at=at,
            own=supplier,
            buyer=self.buyer,
            supplier=supplier,
            place=self.session.get_one(Place, self.order.deliver_to_id),
            sent=consignments.sent(self.session, sheet),
            reading=replying.reading(self.session, self.actor, sheet),
            offered=_offered(self.session, supplier, sheet) if sheet.status in UNANSWERED | ANSWERED else (),
            claims=claim_book.of_order(self.session, sheet.order.id),
            cancellation=cancelling.of(self.session, self.order),
        )

    def answer(self, form: Filled[Answer], at: datetime) -> OrderAnswer | None:
        """Answer as a form says; None where it is refused, or asks that open lines be filled in first."""
        sheet = self.sheet(at)
        if form.value("do") == "fill":
            for number in range(len(sheet.lines)):
                if not form.value(f"lines.{number}.answer"):
                    form.values[f"lines.{number}.answer"] = AnswerKind.CONFIRMED
            form.errors.clear()
            return None
        lines = _answers(self.session, form, sheet)
        if not form.errors:
            with form.attempt(self.session):
                response = answers.OrderResponse(lines, form.value("note"))
                return answers.confirm(self.session, self.actor, self.order, response, at=at)
        return None


def _desk(number: str, request: Request, actor: ActorDep, session: SessionDep, buyer: Buyer = "") -> Desk:
    return Desk(request, session, actor, lookup.order(session, actor, number, buyer))


DeskDep = Annotated[Desk, Depends(_desk)]
"""The desk of the order that an address names, by its number and its buyer's GLN."""


@router.get("")
def listed(
    request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep, query: Annotated[Asked, Query()]
) -> HTMLResponse:
    """Orders by state, searched, page by page."""
    return LIST.listed(request, session, actor, query, speaks)


@router.get("/export.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep, query: Annotated[Taken, Query()]) -> Response:
    """The same list to take away."""
    return LIST.taken_away(session, actor, query, speaks)


@router.get("/{number}")
def show(desk: DeskDep, form: EmptyForm, change: Annotated[bool, Query()] = False) -> HTMLResponse:
    """One order, and what can be done with it now; with ``change``, its answer is open to be changed."""
    return _shown(desk, form, change=change)


@router.post("/{number}/answer")
def answer(desk: DeskDep, form: Annotated[Filled[Answer], filled(Answer)]) -> Response:
    """Send the answer, or fill in the lines that are still open."""
    at = now()
    given = desk.answer(form, at)
    if given is None:
        return _shown(desk, form, change=True)
    named = form.language.name(desk.buyer)
    toast = form.language.gettext("Answer sent. %(buyer)s sees it now.", buyer=named)
    if given.changed_at == at:
        toast = form.language.gettext("Answer changed. %(buyer)s sees it now, and what you said before.", buyer=named)
    return go(desk.request, desk.address, toast)


@router.post("/{number}/sum")
def summed(desk: DeskDep, form: Annotated[Filled[Answer], filled(Answer)]) -> HTMLResponse:
    """What the answer would say as it stands; nothing is sent."""
    return page(desk.request, "orders/_effect.html", effect=effect_of(desk.sheet(now()), form, form.language))


@router.post("/{number}/reply")
def reply(desk: DeskDep, form: Annotated[Filled[Replying], filled(Replying)]) -> Response:
    """Answer what the buyer wants otherwise."""
    at = now()
    if replying.Attempt(desk.session, desk.actor, at).reply(desk.sheet(at), form) is None:
        return _shown(desk, form)
    toast = form.language.gettext("Sent. %(who)s sees it now.", who=form.language.name(desk.buyer))
    return go(desk.request, desk.address, toast)


@router.post("/{number}/dispatch")
def dispatch(desk: DeskDep, form: Annotated[Filled[Dispatch], filled(Dispatch)]) -> Response:
    """Announce what leaves, lot by lot."""
    # Two clicks on one form are one shipment, and two forms are two.
    once = Once.of_form(form.value("once"), f"dispatch/{desk.order.id}")
    sent = once.known(desk.session)
    if sent is None and form.read is not None:
        sent = _sent(desk, form, once)
    if sent is None:
        return _shown(desk, form)
    toast = form.language.gettext("%(number)s is on its way under SSCC %(sscc)s.", **sent)
    return go(desk.request, desk.address, toast)


def _sent(desk: Desk, form: Filled[Dispatch], once: Once) -> dict[str, str] | None:
    """What left, by its numbers; nothing if the form has been refused."""
    at, read, session, order = now(), form.read, desk.session, desk.order
    sheet = desk.sheet(at)
    key = form.value("group")
    planned = next((known for known in consignments.planned(session, sheet) if known.key == key), None)
    if read is None or planned is None:
        form.refuse("lines.0.quantity", form.language.gettext("This lot is no longer there."))
        return None

    def work() -> dict[str, str]:
        day = max(planned.deliver_on, orders.today_there(session, order, at))
        advice = dispatch_advice.DispatchAdvice(read.lines, session.get_one(Place, read.ship_from), day)
        shipment = dispatch_advice.announce_shipment(session, desk.actor, order, advice, at=at)
        return {"number": shipment.number, "sscc": shipment.sscc}

    with form.attempt(session):
        sent: dict[str, str] = once.kept(session, work)
        return sent
    return None


def _shown(desk: Desk, form: Filled[Any], *, change: bool = False) -> HTMLResponse:
    """The page of an order, with a form as it was sent, and its answer open if it is to ``change``."""
    session, dossier = desk.session, desk.dossier(now())
    sheet = dossier.sheet
    changing = change and sheet.status in ANSWERED
    if changing and not form.values:
        form.values |= as_answered(sheet)
    packing = Packing(
        planned=[] if changing else consignments.planned(session, sheet),
        sources=consignments.sources(session, desk.actor),
        form=form,
        once=secrets.token_urlsafe(16),
    )
    shown = supplier_order(dossier, packing, form.language, changing=changing)
    status = 422 if form.errors else 200
    return page(desk.request, "orders/supplier-order.html", status=status, order=shown, form=form)


def _offered(session: Session, supplier: Organization, sheet: OrderSheet) -> list[TradeItem]:
    """The supplier's items that could come in the place of one that was ordered."""
    units = {row.line.unit for row in sheet.lines}
    items = select(TradeItem).where(
        col(TradeItem.owner_id) == supplier.id, col(TradeItem.ended_on).is_(None), col(TradeItem.unit).in_(units)
    )
    return list(session.exec(items.order_by(col(TradeItem.gtin)).limit(200)))


def _answers(session: Session, form: Filled[Answer], sheet: OrderSheet) -> list[answers.LineAnswer]:
    """What the form says to each line; what cannot be said is refused beside its field."""
    if form.read is None:
        return []
    lines: list[answers.LineAnswer] = []
    chosen = {answer.line: answer for answer in form.read.lines}
    today = orders.today_there(session, sheet.order, now())
    for number, row in enumerate(sheet.lines):
        answer = _meant(chosen.get(row.line.id) or answers.LineAnswer(line=row.line.id))
        with form.attempt(session, f"lines.{number}.answer"):
            answers.settle(session, sheet.order, row.line, answer, today=today, at=f"lines.{number}")
        lines.append(answer)
    return lines


def _meant(answer: answers.LineAnswer) -> answers.LineAnswer:
    """An answer without what was typed for another kind of it: the form sends those fields too."""
    kind, otherwise = answer.answer, (AnswerKind.OTHERWISE,)
    meant: dict[str, tuple[object, tuple[AnswerKind, ...]]] = {
        "quantity": (None, (AnswerKind.LESS, AnswerKind.OTHER_DATE, *otherwise)),
        "deliver_on": (None, (AnswerKind.OTHER_DATE, *otherwise)),
        "parts": ([], otherwise),
        "price": (None, otherwise),
        "substitute": (None, otherwise),
    }
    emptied = {field: empty for field, (empty, kinds) in meant.items() if kind not in kinds}
    return answer.model_copy(update=emptied | ({"reason": ""} if kind is AnswerKind.CONFIRMED else {}))
