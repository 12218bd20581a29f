"""Demand talked about: the retailer shares what it expects, the supplier commits to what it can."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlmodel import Session, col

from hub import access, db, queue
from hub.access import Actor, Permission
from hub.errors import HubError, InvalidInput, NotFound
from hub.models.base import now, uuid7
from supplier_portal.forecast import days
from supplier_portal.models import Commitment, CommitmentKind, Forecast, ForecastLine, SharedForecast


class WeekBegun(HubError):
    """That week has begun; commit to weeks that lie ahead."""

    code, status = "week-begun", 409


def monday(day: date) -> date:
    """The Monday of a day's ISO week."""
    return day - timedelta(days=day.weekday())


def due(session: Session, *, at: datetime) -> bool:
    """Whether a business day is over that the newest forecast does not know of."""
    newest = select(func.max(col(Forecast.through))).where(col(Forecast.owner_id) == session.info["who"].org)
    through = session.scalar(newest)
    return through is None or through < days.last_day(session, at=at)


def ask(session: Session, actor: Actor) -> None:
    """Have a forecast made soon, and shared."""
    access.require(actor, Permission.SHARE_FORECASTS)
    access.record(session, actor, "forecast.ask", actor.organization_id)
    db.after_commit(session, lambda: queue.hint("supplier_portal.tasks.forecast_now", actor.organization_id))


def share(session: Session, actor: Actor, forecast: Forecast, *, at: datetime) -> Forecast:
    """Let each supplier see what is expected of its items."""
    access.require(actor, Permission.SHARE_FORECASTS, forecast.owner_id)
    if forecast.shared_at is None:
        forecast.shared_at = at
        session.add(forecast)
        access.record(session, actor, "forecast.share", forecast.id)
    return forecast


@dataclass(frozen=True)
class Promise:
    """How much of an item a supplier will have in a week (its Monday)."""

    trade_item_id: UUID
    week: date
    quantity: Decimal


def commit(
    session: Session, actor: Actor, buyer_id: UUID, promises: Sequence[Promise], *, at: datetime
) -> list[Commitment]:
    """Commit to what the buyer expects, or to less; a later word on the same week replaces the earlier one."""
    access.require(actor, Permission.COMMIT_TO_FORECASTS)
    today = days.business_date(session, at)
    asked = {(row.trade_item_id, row.week): row for row in _newest(session, buyer_id, actor.organization_id)}
    given = []
    for promise in promises:
        forecast = asked.get((promise.trade_item_id, promise.week))
        if forecast is None:
            raise NotFound("No forecast of this item was shared for that week.")
        if promise.week <= today:
            raise WeekBegun(week=promise.week.isoformat())
        if not promise.quantity.is_finite() or promise.quantity < 0:
            raise InvalidInput("A commitment is 0 or more.", at="quantity")
        given.append(_give(session, actor, forecast, promise, at))
    return given


def _give(session: Session, actor: Actor, forecast: SharedForecast, promise: Promise, at: datetime) -> Commitment:
    kind = CommitmentKind.FULL if promise.quantity >= forecast.p50 else CommitmentKind.LOWER
    terms = {"kind": kind, "asked": forecast.p50, "quantity": promise.quantity, "committed_at": at}
    row = insert(Commitment).values(
        id=uuid7(),
        owner_id=actor.organization_id,
        created_at=now(),
        created_by=actor.user_id,
        via=actor.via,
        buyer_id=forecast.owner_id,
        trade_item_id=promise.trade_item_id,
        week=promise.week,
        **terms,
    )
    key = ["owner_id", "buyer_id", "trade_item_id", "week"]
    kept = session.scalars(
        row.on_conflict_do_update(index_elements=key, set_=terms).returning(Commitment),
        execution_options={"populate_existing": True},
    ).one()
    access.record(
        session,
        actor,
        "forecast.commit",
        promise.trade_item_id,
        week=promise.week,
        quantity=promise.quantity,
        asked=forecast.p50,
    )
    return kept


def _newest(
    session: Session, buyer_id: UUID | None, supplier_id: UUID | None, since: date | None = None
) -> list[SharedForecast]:
    """For each item and week the last forecast made from sales before that week."""
    statement = (
        select(SharedForecast)
        .join(Forecast, col(Forecast.id) == col(SharedForecast.forecast_id))
        .where(col(Forecast.through) < col(SharedForecast.week), col(Forecast.shared_at).is_not(None))
        .ext(distinct_on(col(SharedForecast.owner_id), col(SharedForecast.trade_item_id), col(SharedForecast.week)))
        .order_by(
            col(SharedForecast.owner_id),
            col(SharedForecast.trade_item_id),
            col(SharedForecast.week),
            col(Forecast.made_at).desc(),
        )
    )
    if buyer_id is not None:
        statement = statement.where(col(SharedForecast.owner_id) == buyer_id)
    if supplier_id is not None:
        statement = statement.where(col(SharedForecast.supplier_id) == supplier_id)
    if since is not None:
        statement = statement.where(col(SharedForecast.week) >= since)
    return list(session.scalars(statement))


@dataclass(frozen=True)
class Week:
    """One ISO week of one item: what was expected, what was promised, and, once it is over, what was sold."""

    monday: date
    p10: Decimal
    p50: Decimal
    p90: Decimal
    actual: Decimal | None
    committed: Decimal | None
    kind: CommitmentKind | None


@dataclass(frozen=True)
class ItemWeeks:
    """An item's weeks in order, and how good its past forecasts were."""

    trade_item_id: UUID
    buyer_id: UUID
    supplier_id: UUID
    weeks: list[Week]

    @property
    def over(self) -> list[Week]:
        """The weeks that are over."""
        return [week for week in self.weeks if week.actual is not None]

    @property
    def wape(self) -> float | None:
        """Absolute error of the median over what was sold, in the weeks that are over."""
        sold = sum(w.actual or 0 for w in self.over)
        return float(sum(abs(w.p50 - (w.actual or 0)) for w in self.over) / sold) if sold else None

    @property
    def bias(self) -> float | None:
        """Error of the median over what was sold; above zero is too high."""
        sold = sum(w.actual or 0 for w in self.over)
        return float(sum(w.p50 - (w.actual or 0) for w in self.over) / sold) if sold else None

    @property
    def inside(self) -> int:
        """In how many of the weeks that are over demand lay between P10 and P90."""
        return sum(w.p10 <= (w.actual or 0) <= w.p90 for w in self.over)


def supplier_grid(session: Session, actor: Actor, buyer_id: UUID, *, at: datetime, past: int = 6) -> list[ItemWeeks]:
    """What a buyer expects of the supplier's items, ``past`` weeks back and all that lie ahead."""
    access.require(actor, Permission.COMMIT_TO_FORECASTS)
    since = monday(days.business_date(session, at)) - timedelta(days=7 * past)
    return _grid(session, _newest(session, buyer_id, actor.organization_id, since))


def buyer_grid(
    session: Session, actor: Actor, *, at: datetime, supplier_id: UUID | None = None, past: int = 6
) -> list[ItemWeeks]:
    """What was asked of suppliers and what they committed to."""
    access.require(actor, Permission.SHARE_FORECASTS)
    since = monday(days.business_date(session, at)) - timedelta(days=7 * past)
    return _grid(session, _newest(session, actor.organization_id, supplier_id, since))


def _grid(session: Session, forecasts: Sequence[SharedForecast]) -> list[ItemWeeks]:
    promises = {
        (row.buyer_id, row.trade_item_id, row.week): row
        for row in session.scalars(select(Commitment).where(col(Commitment.week).in_({row.week for row in forecasts})))
    }
    rows: dict[tuple[UUID, UUID], ItemWeeks] = {}
    for row in forecasts:
        item = rows.setdefault(
            (row.owner_id, row.trade_item_id),
            ItemWeeks(row.trade_item_id, row.owner_id, row.supplier_id, []),
        )
        promise = promises.get((row.owner_id, row.trade_item_id, row.week))
        item.weeks.append(
            Week(
                row.week,
                row.p10,
                row.p50,
                row.p90,
                row.actual,
                promise.quantity if promise else None,
                promise.kind if promise else None,
            )
        )
    return list(rows.values())


def store_lines(session: Session, actor: Actor, trade_item_id: UUID) -> list[ForecastLine]:
    """What each store is expected to sell of an item, by the newest forecast."""
    access.require(actor, Permission.SHARE_FORECASTS)
    newest = (
        select(col(Forecast.id))
        .where(col(Forecast.owner_id) == actor.organization_id)
        .order_by(col(Forecast.made_at).desc())
        .limit(1)
    )
    statement = select(ForecastLine).where(
        col(ForecastLine.forecast_id).in_(newest), col(ForecastLine.trade_item_id) == trade_item_id
    )
    return list(session.scalars(statement.order_by(col(ForecastLine.place_id), col(ForecastLine.week))))
