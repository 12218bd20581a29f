"""What the list of deliveries shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from hub.lists import Page
from hub.models.party import Place
from hub.web.i18n import Language
from hub.web.view import Paging, Tab, paging
from logistics.receive.store import Delivery
from logistics.receive.view import DeliveryRow, delivery_row


@dataclass(frozen=True)
class DeliveriesPage:
    """A list of deliveries; ``finds`` is where it is searched."""

    rows: Sequence[DeliveryRow]
    search: str
    finds: str
    tabs: Sequence[Tab]
    paging: Paging


def deliveries_page(
    deliveries: Page[Delivery], places: Sequence[Place], speaks: Language, *, state: str, at: datetime
) -> DeliveriesPage:
    """A page of the deliveries: of those ``open`` to be counted, or of ``all``."""
    parts = {"open": speaks.gettext("To be counted"), "all": speaks.gettext("All")}
    path, words = "/store/deliveries", deliveries.search.words
    return DeliveriesPage(
        rows=[delivery_row(delivery, speaks, at=at, many=len(places) != 1) for delivery in deliveries.rows],
        search=words,
        finds=f"{path}?state={state}",
        tabs=[
            Tab(word, f"{path}?{urlencode({'state': name, 'q': words})}", name == state) for name, word in parts.items()
        ],
        paging=paging(f"{path}?{urlencode({'state': state, 'q': words})}", deliveries),
    )
