"""What the hub asks of a supermarket's core, whichever system it is.

Places are named by their GLN and items by the core's own code. Quantities are decimal text, as they travel
from the core into PostgreSQL. Every feed tells values as they now are, never differences, so that reading a
page twice changes nothing; ``after`` is the core's own mark of how far a reader has come, empty at the start.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

import httpx2

from hub.errors import HubError


class CoreUnreachable(HubError):
    """The supermarket's core does not answer now; what waits for it is told again later."""

    code, status, at = "core-unreachable", 503, "url"


class CoreLockedOut(CoreUnreachable):
    """The stock system answers, but does not let this password or token in."""

    code, at = "core-locked-out", "token"


class CoreNotThere(CoreUnreachable):
    """Something answers at this address, but not a stock system of this kind."""

    code = "core-not-there"


def away(error: Exception, what: str) -> CoreUnreachable:
    """Why a core could not be asked, as far as its side of the line tells."""
    why = f"{what}: {type(error).__name__}: {error}"
    if isinstance(error, httpx2.HTTPStatusError):
        status = error.response.status_code
        if status in (401, 403):
            return CoreLockedOut(why)
        return CoreNotThere(why) if status < 500 and status not in (408, 429) else CoreUnreachable(why)
    if isinstance(error, httpx2.TransportError):
        return CoreUnreachable(why)
    return CoreNotThere(why)


class CoreRefused(HubError):
    """The supermarket's core refused what it was told, and a person must look at it."""

    code, status = "core-refused", 409


class CoreCannot(CoreRefused):
    """This stock system takes no such change over its interface; enter it there by hand."""

    code = "core-cannot"


@dataclass(frozen=True)
class CoreItem:
    """An item as the core knows it."""

    code: str
    gtin: str
    name: str
    unit: str


@dataclass(frozen=True)
class CorePlace:
    """A store or distribution centre as the core knows it; ``gln`` is another code where the core has no GLNs."""

    gln: str
    name: str


@dataclass(frozen=True)
class Page:
    """Part of a feed, in columns of equal length; a key stands in it at most once.

    ``left`` is how many rows are to come after it, from a core that says so.
    """

    after: str
    more: bool
    place: list[str]
    item: list[str]
    quantity: list[str]
    left: int | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class StockPage(Page):
    """How much of an item is at a place."""


@dataclass(frozen=True)
class LotPage(Page):
    """How much of a lot is at a place; ``best_before`` is an ISO date, or none."""

    lot: list[str]
    best_before: list[str | None]


@dataclass(frozen=True)
class SalesPage(Page):
    """What a place sold of an item on a business date, up to now."""

    day: list[str]


@dataclass(frozen=True)
class ReceivedGoods:
    """One lot of one item, accepted at a store."""

    item: str
    lot: str
    best_before: date | None
    quantity: Decimal
    unit: str


@dataclass(frozen=True)
class GoodsReceipt:
    """A delivery as it was accepted; ``reference`` is the number of the supplier's dispatch advice."""

    reference: str
    supplier: str
    place: str
    received_at: datetime
    lines: tuple[ReceivedGoods, ...]


@dataclass(frozen=True)
class AdjustedGoods:
    """How much more, or less, there is of a lot than the books say; ``lot`` is empty where none is known."""

    item: str
    lot: str
    best_before: date | None
    quantity: Decimal
    unit: str


@dataclass(frozen=True)
class Adjustment:
    """Stock of a place that changed otherwise than by a delivery or a sale, and why.

    ``reason`` is one of the profile's words; ``other_place`` is where goods went to, or came from, in a transfer.
    """

    reference: str
    reason: str
    place: str
    at: datetime
    lines: tuple[AdjustedGoods, ...]
    note: str = ""
    other_place: str = ""


@dataclass(frozen=True)
class MarkedDown:
    """A lower price of a lot at a place, until a day; its end may be told too, by the old price."""

    reference: str
    place: str
    item: str
    lot: str
    price: Decimal
    currency: str
    ends_on: date
    at: datetime


class Core(Protocol):
    """A supermarket's own inventory system."""

    def items(self) -> list[CoreItem]:
        """Every item the core carries."""
        ...

    def places(self) -> list[CorePlace]:
        """Every place the core keeps stock at."""
        ...

    def stock(self, after: str) -> StockPage:
        """Stock that changed after the mark; from the start, all of it."""
        ...

    def lots(self, after: str) -> LotPage:
        """Stock by lot that changed after the mark; from the start, all of it."""
        ...

    def sales(self, after: str) -> SalesPage:
        """Sales that changed after the mark; from the start, all of them."""
        ...

    def last_sale(self) -> date | None:
        """The newest business date that something was sold on; None where there is none, or the core cannot say."""
        ...

    def receive(self, key: str, receipt: GoodsReceipt) -> str:
        """Book a delivery once, however often it is told under the same key; the core's number for it."""
        ...

    def adjust(self, key: str, adjustment: Adjustment) -> str:
        """Book a change of stock once, like a receipt; the core's number for it."""
        ...

    def mark_down(self, key: str, markdown: MarkedDown) -> str:
        """Take a lower price once, like a receipt; the core's number for it."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...
