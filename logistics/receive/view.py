"""What several of a store's pages show of deliveries and lots, decided and said in the reader's language."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from hub.models.catalogue import TradeItem
from hub.web.i18n import N_, Language
from hub.web.view import State
from logistics.receive.receiving import OVER
from logistics.receive.store import Delivery
from logistics.view import temperature_class

REASONS = {
    "damaged": N_("Damaged"),
    "missing": N_("Not there"),
    "too-warm": N_("Too warm"),
    "too-old": N_("Too old"),
    "wrong": N_("Not what was ordered"),
    "wrong-lot": N_("Another lot than announced"),
    OVER: N_("More than announced"),
}
"""What is wrong with a line, as a store may choose it."""


Recalled = Collection[tuple[UUID, str]]
"""The lots under an open recall, as item and lot number."""


@dataclass(frozen=True)
class DeliveryRow:
    """A delivery on a list: from whom, when, how warm it was where it was too warm or too cold, and what to do.

    ``reference`` is its number, with its store where there are several; ``plate`` is empty while no route is published.
    What is still to be counted a phone should ``keep``, so that it opens without a line.
    """

    sscc: str
    reference: str
    supplier: str
    expected: str
    plate: str
    weight_kg: int
    temperature: str
    state: State
    excursion: str
    keep: bool
    action: str
    action_label: str


@dataclass(frozen=True)
class LotLink:
    """A lot, and where it can be looked up."""

    number: str
    address: str
    recalled: bool


def delivery_state(delivery: Delivery, speaks: Language) -> State:
    """How far a delivery is, for the store."""
    stop, receipt = delivery.stop, delivery.receipt
    if receipt and receipt.disputed:
        return State(speaks.gettext("Disputed"), "stop", "stop")
    if receipt:
        return State(speaks.gettext("Received"), "ok", "ok")
    if stop is None:
        return State(speaks.gettext("Announced"), "box")
    if stop.delivered_at:
        return State(speaks.gettext("To be counted"), "clock", "warn")
    if stop.arrived_at:
        return State(speaks.gettext("At the door"), "truck", "act")
    return State(speaks.gettext("On the way"), "truck")


def supplier(delivery: Delivery, speaks: Language) -> str:
    """From whom it is; its number where we may not know."""
    return speaks.name(delivery.supplier) if delivery.supplier else delivery.shipment.number


def delivery_row(
    delivery: Delivery, speaks: Language, *, at: datetime, many: bool, clock_only: bool = False
) -> DeliveryRow:
    shipment, place, expected = delivery.shipment, delivery.place, delivery.expected_at
    tell = speaks.clock if clock_only else speaks.moment
    if delivery.to_count(at):
        action, label = speaks.gettext("Count"), speaks.gettext("Count %(number)s", number=shipment.number)
    else:
        action, label = speaks.gettext("View"), speaks.gettext("View %(number)s", number=shipment.number)
    return DeliveryRow(
        sscc=shipment.sscc,
        reference=f"{shipment.number} · {speaks.name(place)}" if many else shipment.number,
        supplier=supplier(delivery, speaks),
        expected=tell(expected, place) if expected else speaks.day(shipment.deliver_on),
        plate=delivery.stop.plate if delivery.stop else "",
        weight_kg=round(shipment.weight_kg),
        temperature=temperature_class(shipment.temperature, speaks),
        state=delivery_state(delivery, speaks),
        excursion=speaks.temperature(delivery.excursions[-1].celsius) if delivery.excursions else "",
        keep=delivery.receipt is None,
        action=action,
        action_label=label,
    )


def reason(reason: str, speaks: Language) -> str:
    """Why a line is short: one of our words, or what a program wrote."""
    return speaks.gettext(REASONS[reason]) if reason in REASONS else reason


def address(item: TradeItem, lot: str) -> str:
    return f"/01/{item.gtin}/10/{quote(lot)}"


def lot_link(item: TradeItem, number: str, recalled: Recalled) -> LotLink:
    return LotLink(number, address(item, number), (item.id, number) in recalled)
