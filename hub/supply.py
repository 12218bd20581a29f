"""How a supplier delivers to a buyer: by the terms for that buyer, else by those for everybody."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, or_, select

from hub.errors import HubError, Sum
from hub.models.party import Organization
from hub.models.supply import SupplyTerms


class NotDeliveredThen(HubError):
    """This supplier does not deliver on %(day)s. The next possible day is %(next)s."""

    code, status, at = "not-delivered-then", 409, "deliver_on"


class OrderedTooLate(HubError):
    """For %(day)s it is too late: this supplier needs %(days)s days. The next possible day is %(next)s."""

    code, status, at = "ordered-too-late", 409, "deliver_on"


class BelowMinimum(HubError):
    """This order comes to %(value)s, and this supplier delivers from %(minimum)s on: %(missing)s are missing."""

    code, status, at = "below-minimum", 409, "lines"


def terms(session: Session, supplier_ids: Collection[UUID], buyer_id: UUID) -> dict[UUID, SupplyTerms]:
    """The terms that suppliers have for a buyer, by the supplier; nothing where one has none."""
    rows = select(SupplyTerms).where(
        col(SupplyTerms.owner_id).in_(supplier_ids),
        or_(col(SupplyTerms.buyer_id) == buyer_id, col(SupplyTerms.buyer_id).is_(None)),
        col(SupplyTerms.ended_on).is_(None),
    )
    # Those for everybody come first, so that the buyer's own take their place.
    return {row.owner_id: row for row in session.exec(rows.order_by(col(SupplyTerms.buyer_id).asc().nulls_first()))}


def earliest(terms: SupplyTerms, supplier: Organization, at: datetime) -> date:
    """The first day on which something comes that is ordered at a moment; days are reckoned where the supplier is."""
    return terms.next_day(supplier.day(at) + timedelta(days=terms.lead_days))


def possible(terms: SupplyTerms, supplier: Organization, day: date, at: datetime) -> bool:
    """Whether what is ordered at a moment may come on a day."""
    return terms.delivers(day) and day >= earliest(terms, supplier, at)


def require_day(terms: SupplyTerms, supplier: Organization, day: date, at: datetime) -> None:
    """Refuse a day on which what is ordered at a moment cannot come, and say which can."""
    first = earliest(terms, supplier, at)
    if not terms.delivers(day):
        raise NotDeliveredThen(day=day, next=terms.next_day(max(day, first)))
    if day < first:
        raise OrderedTooLate(day=day, days=terms.lead_days, next=first)


def require_minimum(terms: SupplyTerms, value: Decimal) -> None:
    """Refuse an order of less than is delivered for, and say how much is missing."""
    if value < terms.minimum:
        sums = [Sum(amount, terms.currency) for amount in (value, terms.minimum, terms.minimum - value)]
        raise BelowMinimum(value=sums[0], minimum=sums[1], missing=sums[2])
