"""What the list of deliveries shows, and the same list as it is taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.lists import CountedPage
from hub.models.base import plain
from hub.models.party import Place
from hub.web.i18n import Language
from hub.web.view import Heading, Narrowed, Nothing, Paging, Tab, counted_paging
from logistics.receive.store import Delivery
from logistics.receive.view import DeliveryRow, delivery_row, delivery_state

_HERE = "/store/deliveries"


@dataclass(frozen=True)
class DeliveriesPage:
    """A list of deliveries, or why there is none; ``kept`` stays when it is searched."""

    lead: str
    columns: Sequence[Heading]
    rows: Sequence[DeliveryRow]
    search: str
    kept: Sequence[tuple[str, str]]
    tabs: Sequence[Tab]
    export: str
    paging: Paging
    nothing: Nothing


def deliveries_page(
    deliveries: CountedPage[Delivery], places: Sequence[Place], speaks: Language, *, at: datetime
) -> DeliveriesPage:
    """A page of the deliveries: of those that are ``open`` to be counted, or of ``all``, as the search's state says."""
    parts = {"open": speaks.gettext("To be counted"), "all": speaks.gettext("All")}
    here = Narrowed(_HERE, deliveries.search)
    counted = speaks.ngettext("%(num)s delivery.", "%(num)s deliveries.", deliveries.total)
    return DeliveriesPage(
        lead=speaks.paragraph(counted, speaks.gettext("Count each delivery once, when it is there.")),
        columns=_columns(here, speaks),
        rows=[delivery_row(delivery, speaks, at=at, many=len(places) != 1) for delivery in deliveries.rows],
        search=here.search.words,
        kept=here.kept,
        tabs=[Tab(word, here.address(state=name), name == here.search.state) for name, word in parts.items()],
        export=here.address(".csv"),
        paging=counted_paging(here.address(), deliveries, speaks),
        nothing=_nothing(here, speaks),
    )


def deliveries_sheet(deliveries: Sequence[Delivery], speaks: Language) -> tuple[list[str], list[list[Any]]]:
    """The list to take away: its headings and its rows."""
    _ = speaks.gettext
    headings = [
        _("Dispatch advice"),
        "SSCC",
        _("From"),
        _("Store"),
        _("Day"),
        _("Expected"),
        _("Vehicle"),
        "kg",
        _("Temperature"),
        _("State"),
    ]
    return headings, [_written(delivery, speaks) for delivery in deliveries]


def _written(delivery: Delivery, speaks: Language) -> list[Any]:
    shipment, expected = delivery.shipment, delivery.expected_at
    return [
        shipment.number,
        shipment.sscc,
        speaks.name(delivery.supplier) if delivery.supplier else "",
        speaks.name(delivery.place),
        shipment.deliver_on,
        expected.isoformat(timespec="minutes") if expected else "",
        delivery.stop.plate if delivery.stop else "",
        plain(shipment.weight_kg),
        shipment.temperature,
        delivery_state(delivery, speaks).word,
    ]


def _columns(here: Narrowed, speaks: Language) -> Sequence[Heading]:
    return [
        here.heading(speaks.gettext("From"), f"supplier_{speaks.code}"),
        here.heading(speaks.gettext("Expected"), "arrives"),
        here.heading("kg", "weight", "num"),
        Heading(speaks.gettext("Temperature"), "hide-m"),
        Heading(speaks.gettext("State")),
        Heading(""),
    ]


def _nothing(here: Narrowed, speaks: Language) -> Nothing:
    everything = f"{_HERE}?state=all"
    if here.search.words:
        return Nothing(
            speaks.gettext("No delivery matches."),
            speaks.gettext("Names of suppliers, numbers and SSCCs are searched."),
            everything,
            speaks.gettext("Show all deliveries"),
        )
    if here.search.state == "all":
        return Nothing(
            speaks.gettext("No delivery was announced yet."),
            speaks.gettext("A delivery appears here once its supplier has announced it."),
        )
    return Nothing(
        speaks.gettext("Nothing waits to be counted."),
        speaks.gettext("A delivery appears here once its supplier has announced it."),
        everything,
        speaks.gettext("Look at earlier deliveries"),
    )
