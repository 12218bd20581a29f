"""What the buyer's page of an order says of fallback suppliers, in the buyer's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.models.catalogue import TradeItem
from hub.models.trade import PurchaseOrder
from hub.web.i18n import Language
from supplier_portal.orders.deadlines.fallback import Plan


@dataclass(frozen=True)
class Elsewhere:
    """What could be ordered of fallback suppliers, what was, and in whose place the order at hand was written."""

    plan: Plan
    items: Mapping[UUID, TradeItem]
    moved: Sequence[PurchaseOrder]
    instead_of: Sequence[PurchaseOrder]


@dataclass(frozen=True)
class Going:
    """What goes to one supplier."""

    to: str
    lines: Sequence[str]


@dataclass(frozen=True)
class ElsewhereView:
    """The question before it is ordered elsewhere, ``said`` and what goes where; nothing where ``goings`` are none.

    ``orders`` are links to orders that hang together with this one: what they are, and their numbers.
    """

    said: str
    goings: Sequence[Going]
    orders: Sequence[tuple[str, str]]


def elsewhere_view(elsewhere: Elsewhere | None, supplier: str, speaks: Language) -> ElsewhereView:
    """What is said of it; ``supplier`` is the one that failed."""
    if elsewhere is None:
        return ElsewhereView("", [], [])
    plan = elsewhere.plan
    said = speaks.gettext("What %(supplier)s does not deliver is ordered in addition.", supplier=supplier)
    if plan.withdraws:
        said = speaks.gettext(
            "The order is withdrawn: %(supplier)s can answer it no more. If it answers first, nothing is ordered.",
            supplier=supplier,
        )
    goings = []
    for move in plan.moves if plan.helps else []:
        who, day = speaks.name(move.supplier), speaks.day(move.deliver_on)
        to = speaks.gettext("From %(who)s, for %(day)s", who=who, day=day)
        if move.same:
            to = speaks.gettext("Anew from %(who)s, for %(day)s: no fallback supplier", who=who, day=day)
        lines = [
            f"{speaks.name(elsewhere.items[part.item_id])} · {speaks.quantity(part.quantity, part.line.unit)}"
            for part in move.lines
        ]
        goings.append(Going(to, lines))
    instead, before = speaks.gettext("Ordered instead"), speaks.gettext("In place of")
    return ElsewhereView(
        said,
        goings,
        [(instead, order.number) for order in elsewhere.moved]
        + [(before, order.number) for order in elsewhere.instead_of],
    )
