"""How well a supplier answers and delivers, from the orders both sides can see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Double, Integer, Uuid, column, func, select, text
from sqlmodel import Session, col

from hub import sought
from hub.access import Actor
from hub.lists import CountedPage, Search
from hub.models.party import Organization, OrganizationKind


@dataclass(frozen=True)
class Period:
    """From one moment on, and up to another."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Scorecard:
    """A supplier's figures for one buyer or for all it can see; None where there is nothing to measure.

    The worst is what took longest; the need begins when an order was proposed or written, and ends with its receipt.
    """

    supplier_id: UUID
    orders: int
    answered: int
    median_hours: float | None
    within_time: float | None
    delivered: int
    on_time_in_full: float | None
    fill_rate: float | None
    worst_hours: float | None = None
    need_hours: float | None = None
    worst_need_hours: float | None = None


@dataclass(frozen=True)
class SupplierRow:
    """A supplier in a list; it has no card where nothing was ordered of it."""

    supplier: Organization
    card: Scorecard | None = None


def scorecards(
    session: Session,
    actor: Actor,
    period: Period,
    *,
    supplier_id: UUID | None = None,
    buyer_id: UUID | None = None,
) -> list[Scorecard]:
    """Every supplier's card over the orders placed in a period, as the actor's organisation sees them.

    Response time runs from placing to the answer. On time in full: everything ordered was accepted by the end of
    the ordered day. Fill rate: what was accepted of what was ordered, in orders that were received or declined.
    """
    if actor.kind is OrganizationKind.SUPPLIER:
        supplier_id = actor.organization_id
    else:
        buyer_id = actor.organization_id
    rows = session.execute(_CARDS, vars(period) | {"supplier": supplier_id, "buyer": buyer_id})
    return [Scorecard(*row) for row in rows]


def suppliers(session: Session, actor: Actor, period: Period, search: Search = Search()) -> CountedPage[SupplierRow]:
    """The suppliers of the actor's organisation with their cards: found by name and GLN, sorted by any figure."""
    found = (
        select(Organization)
        .where(col(Organization.kind) == OrganizationKind.SUPPLIER)
        .where(sought.mentions(search.words, col(Organization.sought)))
    )
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    card = _CARDS.columns(*_COLUMNS).subquery("card")
    sorts: dict[str, Any] = {
        "name_zh": col(Organization.name_zh),
        "name_en": col(Organization.name_en),
        "orders": func.coalesce(card.c.orders, 0),
        "hours": card.c.median_hours,
        "need": card.c.need_hours,
        "within_time": card.c.within_time,
        "in_full": card.c.on_time_in_full,
        "fill_rate": card.c.fill_rate,
    }
    rows = found.add_columns(*card.c).outerjoin(card, card.c.supplier_id == col(Organization.id))
    rows = rows.order_by(*search.order(sorts, col(Organization.gln))).limit(search.size).offset(search.before)
    asked = session.execute(rows, vars(period) | {"supplier": None, "buyer": actor.organization_id})
    listed = [SupplierRow(supplier, Scorecard(*figures) if figures[0] else None) for supplier, *figures in asked]
    return CountedPage(listed, total, search)


_CARDS = text(
    """
    with placed as (
      select o.id, o.supplier_id, o.proposed_at, o.placed_at, o.respond_by, a.answered_at, o.received_at,
        cast(o.received_at at time zone p.time_zone as date) <= o.deliver_on as on_time,
        l.ordered, l.received, l.whole, coalesce(n.declined, false) as declined
      from purchase_order o
      join place p on p.id = o.deliver_to_id
      join lateral (select sum(quantity * price) as ordered, sum(least(received, quantity) * price) as received,
        bool_and(received >= quantity) as whole from order_line where order_id = o.id) l on true
      left join order_answer a on a.order_id = o.id and a.owner_id = o.supplier_id
      left join lateral (select bool_and(kind = 'declined') as declined from answer_line
        where answer_id = a.id) n on true
      where o.placed_at >= :since and o.placed_at < :until and o.cancelled_at is null
        and (cast(:supplier as uuid) is null or o.supplier_id = cast(:supplier as uuid))
        and (cast(:buyer as uuid) is null or o.owner_id = cast(:buyer as uuid))
    ), done as (
      select *, received_at is not null or declined as over from placed
    )
    select supplier_id, count(*) as orders, count(answered_at) as answered,
      cast(extract(epoch from percentile_cont(0.5) within group (order by answered_at - placed_at)) / 3600 as float8)
        as median_hours,
      avg(case when answered_at <= respond_by then cast(1 as float8) else 0 end) filter (where answered_at is not null)
        as within_time,
      count(*) filter (where over) as delivered,
      avg(case when coalesce(on_time, false) and whole then cast(1 as float8) else 0 end) filter (where over)
        as on_time_in_full,
      cast(sum(received) filter (where over) / nullif(sum(ordered) filter (where over), 0) as float8) as fill_rate,
      cast(extract(epoch from max(answered_at - placed_at)) / 3600 as float8) as worst_hours,
      cast(extract(epoch from percentile_cont(0.5) within group (order by received_at - proposed_at)) / 3600 as float8)
        as need_hours,
      cast(extract(epoch from max(received_at - proposed_at)) / 3600 as float8) as worst_need_hours
    from done group by supplier_id order by supplier_id
    """
)
"""Lines of different units are added up by what they cost."""
_COLUMNS = (
    column("supplier_id", Uuid),
    column("orders", Integer),
    column("answered", Integer),
    column("median_hours", Double),
    column("within_time", Double),
    column("delivered", Integer),
    column("on_time_in_full", Double),
    column("fill_rate", Double),
    column("worst_hours", Double),
    column("need_hours", Double),
    column("worst_need_hours", Double),
)
