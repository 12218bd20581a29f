"""The days a retailer's sales are known of."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from hub.errors import HubError
from hub.models.inventory import SalesDay
from hub.models.party import Organization


class NotEnoughSales(HubError):
    """There are less than two weeks of sales to learn from; forecasts begin once there are."""

    code, status = "not-enough-sales", 409


def business_date(session: Session, at: datetime) -> date:
    """The date it is where the organisation that the session serves does business."""
    org = session.get_one(Organization, session.info["who"].org)
    return org.day(at)


def last_day(session: Session, *, at: datetime) -> date:
    """The last business day that is over and has sales."""
    mine = session.info["who"].org
    newest: date | None = session.scalar(select(func.max(SalesDay.day)).where(col(SalesDay.owner_id) == mine))
    if newest is None:
        raise NotEnoughSales
    return min(newest, business_date(session, at) - timedelta(days=1))
