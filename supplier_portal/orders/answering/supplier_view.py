"""What the supplier's page of an order shows, decided and said in the supplier's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from hub.web.i18n import Language
from hub.web.view import State
from supplier_portal.dispatch.dispatch_view import ConsignmentForm, Packing, consignment_forms
from supplier_portal.orders.agreeing.points_view import Points, points, standing_line
from supplier_portal.orders.answering.answer_view import AnswerForm, answer_form
from supplier_portal.orders.order_book import ANSWERED, TO_SEND, UNANSWERED, OrderSheet, OrderStatus
from supplier_portal.orders.view import (
    Dossier,
    Order,
    claims_of,
    comments_of,
    history_of,
    lines_of,
    order_address,
    order_state,
    papers_of,
    shipments_of,
    why_cancelled,
)


@dataclass(frozen=True)
class Link:
    """Where something is, and the words that lead there."""

    address: str
    word: str


@dataclass(frozen=True)
class SupplierOrder(Order):
    """The supplier's page: ``answer`` while there is one to give, ``consignments`` when something can leave.

    Its forms are sent to ``path``, each with its own ending, and ``buyer`` behind it.
    """

    path: str
    buyer: str
    change: Link | None
    answer: AnswerForm | None
    consignments: Sequence[ConsignmentForm]


def supplier_order(dossier: Dossier, packing: Packing, speaks: Language, *, changing: bool = False) -> SupplierOrder:
    """The page of an order for its supplier, with its answer open to be changed if it is ``changing`` it."""
    order, sheet, form = dossier.order, dossier.sheet, packing.form
    to_answer = changing or sheet.status in UNANSWERED
    return SupplierOrder(
        number=order.number,
        state=_state(dossier, speaks),
        lead=_lead(dossier, speaks, changing=changing, to_send=bool(packing.planned)),
        facts=_facts(dossier, speaks),
        answers=speaks.gettext("Your answer"),
        silence=speaks.gettext("No answer"),
        lines=lines_of(dossier, speaks),
        note=sheet.answer.note if sheet.answer else "",
        shipments=shipments_of(dossier, speaks),
        claims=claims_of(dossier, speaks),
        history=history_of(dossier, speaks),
        talk=standing_line(dossier.reading, dossier.at, speaks) if dossier.reading else "",
        points=_points(dossier, speaks) if not changing and sheet.status in TO_SEND else None,
        papers=papers_of(dossier, speaks),
        comments=comments_of(dossier),
        path=f"/supplier/orders/{quote(order.number)}",
        buyer=f"?buyer={dossier.buyer.gln}",
        change=_change(dossier, speaks, changing=changing),
        answer=answer_form(sheet, form, speaks, dossier.offered) if to_answer else None,
        consignments=consignment_forms(packing, speaks),
    )


def _points(dossier: Dossier, speaks: Language) -> Points | None:
    path = f"/supplier/orders/{quote(dossier.order.number)}/reply?buyer={dossier.buyer.gln}"
    return points(dossier.reading, path, speaks) if dossier.reading else None


def _state(dossier: Dossier, speaks: Language) -> State:
    """How far an order is, with how long there is to answer it."""
    order, status = dossier.order, dossier.sheet.status
    if order.respond_by is None or status not in UNANSWERED:
        return order_state(status, speaks, supplier=True)
    left = speaks.due(order.respond_by, dossier.at)
    if status is OrderStatus.OVERDUE:
        return State(f"{speaks.gettext('Overdue')} · {left}", "stop", "stop")
    by = speaks.gettext("Answer by %(time)s", time=speaks.moment(order.respond_by, dossier.own))
    return State(f"{by} · {left}", "clock", "warn")


def _lead(dossier: Dossier, speaks: Language, *, changing: bool, to_send: bool) -> str:
    order, buyer = dossier.order, speaks.name(dossier.buyer)
    if dossier.sheet.status is OrderStatus.OVERDUE:
        return speaks.gettext("An answer still counts, and is marked late.")
    if changing:
        return speaks.gettext(
            "You answered already. What was agreed holds until %(buyer)s says yes to what you send now.", buyer=buyer
        )
    if to_send:
        return speaks.gettext("You answered. Announce the shipment when it leaves.")
    if order.cancelled_at and order.cancel_reason:
        return speaks.gettext(
            "%(buyer)s called it off: %(reason)s", buyer=buyer, reason=why_cancelled(order.cancel_reason, speaks)
        )
    return ""


def _change(dossier: Dossier, speaks: Language, *, changing: bool) -> Link | None:
    address = order_address(dossier.order, dossier.buyer)
    if changing:
        return Link(address, speaks.gettext("Leave it as it is"))
    if dossier.sheet.status in ANSWERED:
        return Link(f"{address}&change=true", speaks.gettext("Change the answer"))
    return None


def _facts(dossier: Dossier, speaks: Language) -> list[tuple[str, str]]:
    place, sheet = dossier.place, dossier.sheet
    return [
        (speaks.gettext("Buyer"), speaks.name(dossier.buyer)),
        (speaks.gettext("Deliver to"), speaks.name(place)),
        (speaks.gettext("Arrives"), speaks.day(dossier.order.deliver_on)),
        (speaks.gettext("Opening hours"), f"{place.opens:%H:%M}–{place.closes:%H:%M}"),
        (speaks.gettext("Ordered"), _ordered(sheet, speaks)),
        (speaks.gettext("Value"), speaks.money(sheet.value, sheet.currency)),
    ]


def _ordered(sheet: OrderSheet, speaks: Language) -> str:
    """How much was ordered in all, each unit for itself."""
    units = dict.fromkeys(row.line.unit for row in sheet.lines)
    amounts = {unit: sum(row.line.quantity for row in sheet.lines if row.line.unit == unit) for unit in units}
    return " · ".join(speaks.quantity(amount, unit) for unit, amount in amounts.items())
