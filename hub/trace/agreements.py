"""What two parties agreed on, as each of them records it: the same words under the same event id in both streams."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from hub.gs1 import digital_link, jcs
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, Place
from hub.models.trace import Event
from hub.trace import capture
from hub.trace.records import transaction

AGREEING = "urn:furrow:bizstep:agreeing"
"""Both parties of an order have said the same of it."""
CANCELLING = "urn:furrow:bizstep:cancelling"
"""Its buyer has called off what both had agreed on."""


@dataclass(frozen=True)
class AgreedItem:
    """How much of an item will come in all; nothing of it where that was agreed."""

    item: TradeItem
    quantity: Decimal
    unit: str


@dataclass(frozen=True)
class Agreed:
    """A version of an order that both its parties stand for.

    ``terms`` says everything, prices too: of them only a hash is recorded, which is salted by what only the two know.
    """

    buyer: Organization
    supplier: Organization
    place: Place
    number: str
    version: int
    at: datetime
    items: Sequence[AgreedItem]
    terms: dict[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of the terms in the JSON canonicalisation of RFC 8785, in hexadecimal."""
        return hashlib.sha256(jcs.canonical(self.terms)).hexdigest()


def record(session: Session, agreed: Agreed, *, cancels: bool = False) -> Event:
    """Record an agreement, or that it was called off, in the stream of the party that the session serves.

    It names the order by its buyer's number and its confirmation by its supplier's, so that each record names the
    other's; and since both say the same, both have the same event id.
    """
    clock = agreed.place.clock(agreed.at).isoformat(timespec="seconds")
    version = f"{agreed.number}.v{agreed.version}"
    event: dict[str, object] = {
        "type": "TransactionEvent",
        "eventTime": clock,
        "eventTimeZoneOffset": clock[-6:],
        "action": "DELETE" if cancels else "ADD",
        "bizStep": CANCELLING if cancels else AGREEING,
        "quantityList": [_quantity(some) for some in agreed.items],
        "bizTransactionList": [
            {"type": "po", "bizTransaction": transaction(agreed.buyer, version)},
            {"type": "poc", "bizTransaction": transaction(agreed.supplier, version)},
        ],
        "sourceList": [{"type": "owning_party", "source": digital_link.party_link(agreed.supplier.gln)}],
        "destinationList": [{"type": "owning_party", "destination": digital_link.party_link(agreed.buyer.gln)}],
        "furrow:terms": "0x" + agreed.digest,
    }
    return capture.record(session, event, published=False)


def _quantity(some: AgreedItem) -> dict[str, Any]:
    quantity: dict[str, Any] = {"epcClass": digital_link.item_link(some.item.gtin), "quantity": float(some.quantity)}
    return quantity if some.unit in ("H87", "EA") else quantity | {"uom": some.unit}
