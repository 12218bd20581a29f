"""What the list of shipments shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hub.lists import CountedPage
from hub.web.i18n import Language
from hub.web.view import Heading, Narrowed, Paging, State, counted_paging
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
    """The list of shipments, what it was searched for, and where it can be taken away.

    ``kept`` stays when other words are searched, ``sort`` when another day is chosen.
    """

    lead: str
    columns: Sequence[Heading]
    rows: Sequence[Row]
    search: str
    kept: Sequence[tuple[str, str]]
    sort: str
    day: str
    export: str
    paging: Paging


def shipments_page(standings: CountedPage[Standing], speaks: Language, *, day: date | None) -> ShipmentsPage:
    """A page of the shipments, those of a day or all."""
    said = day.isoformat() if day else ""
    here = Narrowed("/dispatch/shipments", standings.search, (("day", said),))
    counted = speaks.ngettext("%(num)s shipment.", "%(num)s shipments.", standings.total)
    return ShipmentsPage(
        lead=speaks.paragraph(counted, speaks.gettext("Suppliers announced them for you to drive.")),
        columns=_columns(here, speaks),
        rows=[_row(standing, speaks) for standing in standings.rows],
        search=here.search.words,
        kept=here.kept,
        sort=here.search.sort,
        day=said,
        export=here.address(".csv"),
        paging=counted_paging(here.address(), standings, speaks),
    )


def _columns(here: Narrowed, speaks: Language) -> Sequence[Heading]:
    return [
        here.heading(speaks.gettext("Dispatch advice"), "number"),
        here.heading(speaks.gettext("Store"), f"store_{speaks.code}"),
        here.heading(speaks.gettext("Arrives"), "arrives"),
        here.heading("kg", "weight", "num"),
        here.heading(speaks.gettext("Pallets"), "pallets", "num hide-m"),
        Heading(speaks.gettext("Temperature")),
        here.heading(speaks.gettext("Vehicle"), "plate"),
        Heading(speaks.gettext("State"), "num"),
    ]


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
