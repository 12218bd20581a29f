"""What runs by itself for every retailer: a forecast once a day's sales are in, shortages through the day."""

from datetime import datetime, timedelta
from uuid import UUID

from hub import db
from hub.inventory import assortment
from hub.models.base import now
from hub.queue import Queue, task
from supplier_portal.claims import claims
from supplier_portal.claims import news as claim_news
from supplier_portal.forecast import collaboration, levels, making, replenishment
from supplier_portal.forecast.days import NotEnoughSales
from supplier_portal.orders import news
from supplier_portal.orders.deadlines import fallback, second
from supplier_portal.orders.standing import writing_round


def forecast_for(retailer: UUID, at: datetime) -> None:
    """Forecast a retailer's demand, share it, and set the levels its stores order by."""
    with db.session(db.Who(retailer)) as session:
        making.make(session, at=at)
    with db.session(db.Who(retailer)) as session:
        levels.set_levels(session, at=at)


def propose_for(retailer: UUID, at: datetime) -> int:
    """Propose what a retailer's stores run short of; return how many orders."""
    with db.session(db.Who(retailer)) as session:
        return len(replenishment.propose(session, at=at))


@task(Queue.BULK, every=timedelta(hours=1), alone=True)
def forecast() -> int:
    """Forecast for every retailer that has a new day of sales; return for how many."""
    count = 0
    for retailer in assortment.retailers():
        at = now()
        try:
            with db.session(db.Who(retailer)) as session:
                due = collaboration.due(session, at=at)
            if due:
                forecast_for(retailer, at)
                count += 1
        except NotEnoughSales:
            continue
    return count


@task(Queue.BULK)
def forecast_now(retailer: str) -> None:
    """Forecast for one retailer, because somebody asked."""
    forecast_for(UUID(retailer), now())


@task(Queue.CORES, every=timedelta(minutes=1), alone=True)
def remind() -> int:
    """Tell of answers that are due soon or overdue; return of how many orders."""
    return news.remind(now()) + second.tell(now())


@task(Queue.CORES, every=timedelta(minutes=1), alone=True)
def order_elsewhere() -> int:
    """Order from fallback suppliers what is overdue for as long as its buyer has said; return of how many orders."""
    return fallback.move_overdue(now())


@task(Queue.CORES, every=timedelta(minutes=1), alone=True)
def remind_of_claims() -> int:
    """Tell of claims that are due soon or overdue; return of how many."""
    return claim_news.remind(now(), claims.patience())


@task(Queue.BULK, every=timedelta(minutes=10), alone=True)
def write_standing_orders() -> int:
    """Write what standing orders want of the days that come; return how many orders."""
    return writing_round.write_all(now())


@task(Queue.BULK, every=timedelta(minutes=10), alone=True)
def propose() -> int:
    """Propose orders for every retailer; return how many."""
    return sum(propose_for(retailer, now()) for retailer in assortment.retailers())
