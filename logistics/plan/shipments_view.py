"""What the list of shipments shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from hub.lists import Page
from hub.web.i18n import Language
from hub.web.view import Paging, State, paging
from logistics.shipments import Standing
from logistics.view import temperature_class


@dataclass(frozen=True)
class Row:
    """A shipment on the list."""

    number: str
    sscc: str
    place: str
    buyer: str
    day: date
    weight_kg: int
    pallets: float
    temperature: str
    plate: str
    state: State


@dataclass(frozen=True)
class ShipmentsPage:
    """The list of shipments, what it was searched for, and where it can be taken away."""

    rows: Sequence[Row]
    search: str
    day: str
    export: str
    paging: Paging


def shipments_page(standings: Page[Standing], speaks: Language, *, day: date | None) -> ShipmentsPage:
    """A page of the shipments, those of a day or all."""
    words = standings.search.words
    query = {"q": words, "day": day or ""}
    return ShipmentsPage(
        rows=[_row(standing, speaks) for standing in standings.rows],
        search=words,
        day=day.isoformat() if day else "",
        export=f"/dispatch/shipments.csv?{urlencode(query)}",
        paging=paging(f"/dispatch/shipments?{urlencode(query)}", standings),
    )


def _row(standing: Standing, speaks: Language) -> Row:
    shipment = standing.shipment
    return Row(
        number=shipment.number,
        sscc=shipment.sscc,
        place=speaks.name(standing.place) if standing.place else "",
        buyer=speaks.name(standing.buyer) if standing.buyer else "",
        day=shipment.deliver_on,
        weight_kg=round(shipment.weight_kg),
        pallets=float(shipment.pallets),
        temperature=temperature_class(shipment.temperature, speaks),
        plate=standing.stop.plate if standing.stop else "–",
        state=_standing_state(standing, speaks),
    )


def _standing_state(standing: Standing, speaks: Language) -> State:
    """How far a shipment is, for the haulier."""
    stop = standing.stop
    if standing.receipt:
        return State(speaks.gettext("Received"), "ok", "ok")
    if stop is None:
        return State(speaks.gettext("Announced"), "box")
    if stop.delivered_at:
        return State(speaks.gettext("Handed over"), "ok", "ok")
    if stop.arrived_at:
        return State(speaks.gettext("Arrived"), "pin", "act")
    return State(speaks.gettext("On a route"), "truck")
