"""Figures out of lines; pure. Without a line there is none: nothing measured is never all well."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from uuid import UUID

from supplier_portal.orders.agreeing.terms import Part


@dataclass(frozen=True)
class Line:
    """What one row adds to a figure: ``got`` out of ``of``.

    ``agreed`` should have come and ``came`` did, in ``unit``; ``hours`` is how long something took; ``number`` is that
    of the order or shipment, ``item_id`` whose item.
    """

    subject_id: UUID
    got: Decimal
    of: Decimal
    number: str = ""
    item_id: UUID | None = None
    agreed: tuple[Part, ...] = ()
    came: tuple[Part, ...] = ()
    unit: str = ""
    hours: float | None = None

    @property
    def good(self) -> bool:
        """Whether nothing of it is missing."""
        return self.got >= self.of


@dataclass(frozen=True)
class Figure:
    """A share over so many lines, how many were left out, and how long the median took where that is measured.

    ``share`` is None where there is nothing to measure.
    """

    share: float | None
    lines: int
    left_out: int
    hours: float | None = None


def figure(lines: Sequence[Line], left_out: Collection[UUID] = ()) -> Figure:
    """What some lines come to, without those that are left out."""
    counted = [line for line in lines if line.subject_id not in left_out and line.of > 0]
    of = sum((line.of for line in counted), Decimal(0))
    got = sum((min(line.got, line.of) for line in counted), Decimal(0))
    hours = [line.hours for line in counted if line.hours is not None]
    return Figure(
        share=float(got / of) if of else None,
        lines=len(counted),
        left_out=sum(line.subject_id in left_out for line in lines),
        hours=median(hours) if hours else None,
    )


def in_time(agreed: Sequence[Part], came: Sequence[Part]) -> bool:
    """Whether by each agreed day as much had come as was agreed to have come by then."""
    return all(_by(came, part.deliver_on) >= _by(agreed, part.deliver_on) for part in agreed)


def _by(parts: Sequence[Part], day: date) -> Decimal:
    return sum((part.quantity for part in parts if part.deliver_on <= day), Decimal(0))
