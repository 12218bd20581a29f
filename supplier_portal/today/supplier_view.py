"""What the supplier's first page shows, decided and said in the supplier's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from hub.lists import CountedPage
from hub.models.party import Organization, Place
from hub.web.i18n import NN_, Language
from hub.web.view import Deadline, deadline
from supplier_portal.lots.record_book import RecordRow, lot_number
from supplier_portal.lots.view import step_word
from supplier_portal.orders.order_book import OrderRow, OrderStatus
from supplier_portal.orders.view import order_address
from supplier_portal.today import worklist
from supplier_portal.today.trouble_view import Trouble, trouble_of

_WAITING = NN_("%(num)s order awaits your answer.", "%(num)s orders await your answer.")
_OVERDUE = NN_("%(num)s is overdue.", "%(num)s are overdue.")
_LOTS = 2
"""So many lots of a record are named."""


@dataclass(frozen=True)
class Day:
    """A supplier's day as it was read: orders, what went wrong, what is expected otherwise, what was recorded."""

    own: Organization
    at: datetime
    overdue: int = 0
    waiting: CountedPage[OrderRow] = field(default_factory=CountedPage)
    troubles: Sequence[worklist.Trouble] = ()
    changes: Sequence[worklist.Change] = ()
    records: CountedPage[RecordRow] = field(default_factory=CountedPage)
    organizations: Mapping[UUID, Organization] = field(default_factory=dict)
    places: Mapping[UUID, Place] = field(default_factory=dict)

    @property
    def date(self) -> date:
        """The day on the supplier's calendar."""
        return self.own.day(self.at)


@dataclass(frozen=True)
class Order:
    """An order that waits for an answer; ``next`` is the one to answer first."""

    number: str
    address: str
    answer_by: Deadline
    buyer: str
    place: str
    lines: int
    arrives: date
    next: bool


@dataclass(frozen=True)
class DueOrders:
    """The orders to be answered by the same day, and what the day is called."""

    title: str
    rows: Sequence[Order]


@dataclass(frozen=True)
class UnansweredOrders:
    """The orders that wait, by their day; how many there are in all, and how many of them are not listed."""

    days: Sequence[DueOrders]
    total: int
    more: int


@dataclass(frozen=True)
class Change:
    """The week whose expected demand for an item moved the most, with the weeks around it before and now."""

    item: str
    address: str
    week: date
    unit: str
    share: Decimal
    before: Decimal
    now: Decimal
    old: Sequence[Decimal]
    new: Sequence[Decimal]


@dataclass(frozen=True)
class Record:
    """Something that was recorded today: when, how far it is on its way to the chain, and of which lots."""

    at: datetime
    state: str
    sealed: bool
    step: str
    lots: Sequence[str]


@dataclass(frozen=True)
class Records:
    """The newest records of today, and how many there are in all."""

    rows: Sequence[Record]
    total: int


@dataclass(frozen=True)
class SupplierToday:
    """The supplier's first page."""

    day: date
    zone: str
    lead: str
    waiting: UnansweredOrders
    troubles: Sequence[Trouble]
    changes: Sequence[Change]
    records: Records


def supplier_today(day: Day, speaks: Language) -> SupplierToday:
    """The first page of a supplier's day."""
    return SupplierToday(
        day=day.date,
        zone=day.own.time_zone,
        lead=_lead(day, speaks),
        waiting=UnansweredOrders(
            _days(day, speaks), day.waiting.total, max(day.waiting.total - len(day.waiting.rows), 0)
        ),
        troubles=[trouble_of(trouble, day.own, day.organizations, speaks) for trouble in day.troubles],
        changes=[_change(change, day, speaks) for change in day.changes],
        records=Records([_record(row, speaks) for row in day.records.rows], day.records.total),
    )


def _lead(day: Day, speaks: Language) -> str:
    if not day.waiting.total:
        return speaks.gettext("No order awaits your answer.")
    deadlines = [row.answer_by for row in day.waiting.rows if row.status is not OrderStatus.OVERDUE]
    nearest = next((moment for moment in deadlines if moment), None)
    return speaks.paragraph(
        speaks.counted(_WAITING, day.waiting.total),
        speaks.counted(_OVERDUE, day.overdue),
        speaks.gettext("The next is due by %(when)s.", when=speaks.moment(nearest, day.own)) if nearest else "",
    )


def _days(day: Day, speaks: Language) -> list[DueOrders]:
    """Orders by when they must be answered: today (with what is late), tomorrow, later."""
    today = speaks.gettext("Overdue and today") if day.overdue else speaks.gettext("Today")
    titles = (today, speaks.gettext("Tomorrow"), speaks.gettext("Later"))
    days: tuple[list[OrderRow], ...] = ([], [], [])
    for row in day.waiting.rows:
        last = day.own.day(row.answer_by or day.at)
        days[min(max((last - day.date).days, 0), 2)].append(row)
    first = next((row for rows in days for row in rows), None)
    return [
        DueOrders(title, [_order(row, day, speaks, row is first) for row in rows])
        for title, rows in zip(titles, days, strict=True)
        if rows
    ]


def _order(row: OrderRow, day: Day, speaks: Language, first: bool) -> Order:
    order, buyer = row.order, day.organizations[row.order.owner_id]
    return Order(
        number=order.number,
        address=order_address(order, buyer),
        answer_by=deadline(row.answer_by or day.at, day.at, day.own, speaks),
        buyer=speaks.name(buyer),
        place=speaks.name(day.places[order.deliver_to_id]),
        lines=row.lines,
        arrives=order.deliver_on,
        next=first,
    )


def _change(change: worklist.Change, day: Day, speaks: Language) -> Change:
    return Change(
        item=speaks.name(change.item),
        address=f"/supplier/forecast/{change.item.gtin}?buyer={day.organizations[change.buyer_id].gln}",
        week=change.week,
        unit=speaks.unit(change.item.unit),
        share=change.share,
        before=change.before,
        now=change.now,
        old=change.old,
        new=change.new,
    )


def _record(row: RecordRow, speaks: Language) -> Record:
    return Record(
        at=row.event.created_at,
        state=_record_state(row, speaks),
        sealed=row.sealed,
        step=step_word(row.event, speaks),
        lots=[lot_number(link) for link in row.lots[:_LOTS]],
    )


def _record_state(row: RecordRow, speaks: Language) -> str:
    if row.append and row.append.block_number:
        return speaks.gettext("block %(number)s", number=speaks.number(row.append.block_number))
    if row.sealed:
        return speaks.gettext("sealed")
    if row.state == "unsigned":
        return speaks.gettext("waiting for your signature")
    return speaks.gettext("waiting to be sealed")
