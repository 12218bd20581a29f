"""What the buyer's page of an order shows, decided and said in the buyer's language."""

from dataclasses import dataclass

from hub.web.i18n import Language
from supplier_portal.orders.agreeing.points_view import points, standing_line
from supplier_portal.orders.cancelling.view import CostView, cost_view
from supplier_portal.orders.deadlines.elsewhere_view import ElsewhereView, elsewhere_view
from supplier_portal.orders.order_book import ANSWERED, TALKING, TO_SEND, UNANSWERED, UNPLACED, OrderStatus
from supplier_portal.orders.view import (
    Dossier,
    Order,
    claims_of,
    comments_of,
    history_of,
    lines_of,
    order_state,
    papers_of,
    shipments_of,
)

_REVOCABLE = UNANSWERED | ANSWERED | {OrderStatus.DECLINED}


@dataclass(frozen=True)
class BuyerOrder(Order):
    """The buyer's page: what it can do with an order now; ``promised`` if its supplier may have begun.

    ``draft`` is where a draft is written on; one that waits for approval can be taken back, and be approved or returned
    by whom it waits for. ``elsewhere`` is what may go to fallback suppliers, ``cost`` what
    calling it off costs.
    """

    supplier: str
    placeable: bool
    draft: str
    waits: bool
    approves: bool
    revocable: bool
    closable: bool
    promised: bool
    change: str
    elsewhere: ElsewhereView
    cost: CostView


def buyer_order(dossier: Dossier, speaks: Language, *, changing: bool = False, approves: bool = False) -> BuyerOrder:
    """The page of an order for its buyer, with what was agreed open to be asked otherwise if it is ``changing`` it.

    ``approves`` says whether whoever reads it may approve it.
    """
    reading, address = dossier.reading, f"/buyer/orders/{dossier.order.number}"
    order, sheet, supplier = dossier.order, dossier.sheet, speaks.name(dossier.supplier)
    return BuyerOrder(
        number=order.number,
        state=order_state(sheet.status, speaks),
        lead=_lead(dossier, speaks),
        facts=[
            (speaks.gettext("Supplier"), supplier),
            (speaks.gettext("Deliver to"), speaks.name(dossier.place)),
            (speaks.gettext("Arrives"), speaks.day(order.deliver_on)),
            (speaks.gettext("Value"), speaks.money(sheet.value, sheet.currency)),
        ],
        answers=speaks.gettext("Answer"),
        silence=speaks.gettext("No answer yet"),
        lines=lines_of(dossier, speaks),
        note=sheet.answer.note if sheet.answer else "",
        shipments=shipments_of(dossier, speaks),
        claims=claims_of(dossier, speaks),
        history=history_of(dossier, speaks),
        papers=papers_of(dossier, speaks),
        comments=comments_of(dossier),
        supplier=supplier,
        placeable=sheet.status is OrderStatus.PROPOSED,
        draft=f"/buyer/orders/new?draft={order.number}" if sheet.status is OrderStatus.DRAFT else "",
        waits=sheet.status is OrderStatus.TO_APPROVE,
        approves=approves,
        revocable=sheet.status in _REVOCABLE,
        closable=sheet.status is OrderStatus.PART_RECEIVED,
        promised=sheet.status in ANSWERED,
        cost=cost_view(dossier.cost, dossier.own, speaks),
        elsewhere=elsewhere_view(dossier.elsewhere, supplier, speaks),
        change=f"{address}?change=true#points" if sheet.status in ANSWERED and not changing else "",
        talk=standing_line(reading, dossier.at, speaks) if reading else "",
        points=points(reading, f"{address}/reply", speaks, changing=changing and sheet.status in ANSWERED)
        if reading and sheet.status in TO_SEND
        else None,
    )


def _lead(dossier: Dossier, speaks: Language) -> str:
    order, status, supplier = dossier.order, dossier.sheet.status, speaks.name(dossier.supplier)
    if status in UNANSWERED and order.respond_by:
        return speaks.gettext(
            "%(supplier)s has until %(when)s to answer (%(left)s).",
            supplier=supplier,
            when=speaks.moment(order.respond_by, dossier.own),
            left=speaks.due(order.respond_by, dossier.at),
        )
    if status in ANSWERED - TALKING:
        return speaks.gettext(
            "%(supplier)s answered. It is expected on %(day)s.", supplier=supplier, day=speaks.day(order.deliver_on)
        )
    if status is OrderStatus.DRAFT and order.returned:
        return speaks.gettext("It was not approved: %(reason)s", reason=order.returned)
    if status is OrderStatus.TO_APPROVE:
        return speaks.gettext("It is worth so much that a second person approves it before its supplier sees it.")
    return speaks.gettext("Nobody but you sees this yet.") if status in UNPLACED else ""
