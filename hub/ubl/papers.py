"""What documents of the trade say, as values: the same whether they were read or are to be written.

Parties and places go by GLN, items by GTIN, quantities in a unit of UN/ECE Recommendation 20. ``row`` is the line of
the file on which something stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

ROW = 0


def _row() -> int:
    found: int = field(default=ROW, compare=False)
    return found


@dataclass(frozen=True)
class Party:
    """An organisation or a place; its number is empty where a document does not say it."""

    gln: str
    name: str = ""


NOBODY = Party("")


@dataclass(frozen=True)
class Line:
    """So much of an item."""

    id: str
    gtin: str
    name: str
    quantity: Decimal | None
    unit: str


@dataclass(frozen=True)
class OrderLine(Line):
    """What is ordered, and what a unit of it costs."""

    price: Decimal | None = None
    currency: str = ""
    row: int = _row()


@dataclass(frozen=True)
class Order:
    """A buyer's order, to be answered by a moment."""

    number: str
    issued: datetime
    buyer: Party
    seller: Party
    deliver_to: Party
    deliver_on: date | None
    currency: str
    lines: Sequence[OrderLine]
    note: str = ""
    respond_by: datetime | None = None


@dataclass(frozen=True)
class ResponseLine(Line):
    """What a supplier says to a line: how much, when, and why; ``status`` is a code of UN/EDIFACT 1229.

    What comes on several days has ``parts``, each a day and how much of the quantity comes then; ``instead`` is the
    GTIN of an item that would come in the place of the one ordered.
    """

    status: str = ""
    deliver_on: date | None = None
    reason: str = ""
    price: Decimal | None = None
    currency: str = ""
    parts: Sequence[tuple[date, Decimal]] = ()
    instead: str = ""
    row: int = _row()


@dataclass(frozen=True)
class OrderResponse:
    """A supplier's answer to an order; ``code`` is one of UN/EDIFACT 4343."""

    number: str
    issued: datetime
    order: str
    buyer: Party
    seller: Party
    lines: Sequence[ResponseLine]
    code: str = ""
    note: str = ""


@dataclass(frozen=True)
class DespatchLine(Line):
    """How much of which lot leaves for which line of the order."""

    order_line: str = ""
    lot: str = ""
    best_before: date | None = None
    row: int = _row()


@dataclass(frozen=True)
class DespatchAdvice:
    """What leaves, under which SSCC, from where and for which day."""

    number: str
    issued: datetime
    order: str
    supplier: Party
    buyer: Party
    ship_from: Party
    deliver_to: Party
    deliver_on: date | None
    lines: Sequence[DespatchLine]
    ssccs: Sequence[str] = ()
    weight_kg: Decimal | None = None


@dataclass(frozen=True)
class ReceiptLine(Line):
    """How much of a lot was accepted, how much was short, and why."""

    order_line: str = ""
    lot: str = ""
    short: Decimal = Decimal(0)
    reason: str = ""
    row: int = _row()


@dataclass(frozen=True)
class ReceiptAdvice:
    """What a store counted of a shipment."""

    number: str
    issued: datetime
    order: str
    despatch: str
    supplier: Party
    buyer: Party
    deliver_to: Party
    lines: Sequence[ReceiptLine]
    ssccs: Sequence[str] = ()
    note: str = ""


@dataclass(frozen=True)
class ForecastLine(Line):
    """How much of an item is expected in a week; ``figures`` are what else is said of it, by name."""

    first: date = date.min
    last: date = date.min
    figures: Sequence[tuple[str, str]] = ()
    row: int = _row()


@dataclass(frozen=True)
class Forecast:
    """What a buyer expects to need of a supplier's items."""

    number: str
    issued: datetime
    buyer: Party
    seller: Party
    lines: Sequence[ForecastLine]


@dataclass(frozen=True)
class InvoiceLine(Line):
    """What is owed for a lot of an item that was delivered; ``order`` and ``despatch`` are numbers of documents."""

    price: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    order: str = ""
    despatch: str = ""
    lot: str = ""
    delivered: date | None = None
    row: int = _row()


@dataclass(frozen=True)
class Allowance:
    """What is taken off a sum, or where it is a charge put on it, and why."""

    number: str
    reason: str
    amount: Decimal
    charge: bool = False


@dataclass(frozen=True)
class SelfBilledInvoice:
    """What a buyer states it owes a supplier for a period, before tax."""

    number: str
    issued: datetime
    buyer: Party
    supplier: Party
    first: date
    last: date
    currency: str
    lines: Sequence[InvoiceLine]
    allowances: Sequence[Allowance] = ()

    @property
    def goods(self) -> Decimal:
        """What the lines come to."""
        return sum((line.amount for line in self.lines), Decimal(0))

    def sum_of(self, *, charge: bool) -> Decimal:
        """What the charges come to, or the allowances."""
        return sum((row.amount for row in self.allowances if row.charge is charge), Decimal(0))

    @property
    def payable(self) -> Decimal:
        """What is owed."""
        return self.goods - self.sum_of(charge=False) + self.sum_of(charge=True)


Paper = Order | OrderResponse | DespatchAdvice | ReceiptAdvice | Forecast | SelfBilledInvoice
