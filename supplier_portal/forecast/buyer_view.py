"""What the buyer's page of the forecast shows, decided and said in the buyer's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from hub.models.catalogue import TradeItem
from hub.models.party import Organization
from hub.web.i18n import NN_, Language
from hub.web.view import Choice
from supplier_portal.forecast.collaboration import ItemWeeks, Week
from supplier_portal.models import Forecast

_LOWER = NN_("%(num)s week is committed lower than asked.", "%(num)s weeks are committed lower than asked.")
_OPEN = NN_("%(num)s week has no commitment yet.", "%(num)s weeks have no commitment yet.")


@dataclass(frozen=True)
class Demand:
    """What a buyer expects as it was read, of one ``chosen`` supplier or of all.

    ``newest`` is its last forecast; ``asked`` is when another was asked for, if the reader just did.
    """

    at: datetime
    today: date
    suppliers: Sequence[Organization] = ()
    grid: Sequence[ItemWeeks] = ()
    items: Mapping[UUID, TradeItem] = field(default_factory=dict)
    newest: Forecast | None = None
    chosen: Organization | None = None
    asked: datetime | None = None

    @property
    def by_supplier(self) -> list[tuple[Organization, list[ItemWeeks]]]:
        """The items of each supplier that any is expected of."""
        rows: dict[UUID, list[ItemWeeks]] = {}
        for row in self.grid:
            rows.setdefault(row.supplier_id, []).append(row)
        return [(supplier, rows[supplier.id]) for supplier in self.suppliers if supplier.id in rows]

    def ahead(self, row: ItemWeeks) -> list[Week]:
        """An item's weeks that have not begun."""
        return [week for week in row.weeks if week.monday > self.today]


class Answers(NamedTuple):
    """How many weeks were committed in full, lower than asked, and not at all."""

    full: int
    lower: int
    open: int


@dataclass(frozen=True)
class AnsweredWeek:
    """How a supplier answered to a week, over all its items; sentences, empty where nothing is to be said."""

    monday: date
    full: str
    lower: str
    open: str


@dataclass(frozen=True)
class SupplierAnswers:
    """A supplier, how many items are expected of it, and how it answered week by week."""

    name: str
    gln: str
    items: str
    weeks: Sequence[AnsweredWeek]


@dataclass(frozen=True)
class AskedWeek:
    """What was asked of an item in a week, and what was committed: a word with its tone, and an icon if it has one."""

    monday: date
    median: Decimal
    low: Decimal
    high: Decimal
    answer: str
    tone: str
    icon: str


@dataclass(frozen=True)
class AskedItem:
    """An item week by week; a week that nothing was asked for is None, an ``error`` that is unknown empty."""

    name: str
    unit: str
    weeks: Sequence[AskedWeek | None]
    error: str


@dataclass(frozen=True)
class AskedSupplier:
    """A supplier and the items that are asked of it."""

    name: str
    items: Sequence[AskedItem]


@dataclass(frozen=True)
class Run:
    """A forecast that was asked for so long ago and is not here yet; ``address`` says whether it is."""

    address: str
    ago: str
    late: bool


@dataclass(frozen=True)
class BuyerForecast:
    """The buyer's page: ``answers`` of all suppliers, or what is ``asked`` of the one that was chosen, or neither.

    ``chosen`` is that supplier's GLN; ``shareable`` a forecast that no supplier sees yet.
    """

    lead: str
    shareable: bool
    run: Run | None
    suppliers: Sequence[Choice]
    chosen: str
    mondays: Sequence[date]
    answers: Sequence[SupplierAnswers]
    asked: Sequence[AskedSupplier]

    @property
    def columns(self) -> int:
        """How many columns the items' table has: the item, the weeks, the past error."""
        return len(self.mondays) + 2


def buyer_forecast(demand: Demand, speaks: Language) -> BuyerForecast:
    """The page of what a buyer expects."""
    mondays = sorted({week.monday for row in demand.grid for week in demand.ahead(row)})
    chosen, newest, asked = demand.chosen, demand.newest, demand.asked
    came = newest is not None and asked is not None and newest.created_at > asked
    return BuyerForecast(
        lead=_lead(demand, speaks),
        shareable=newest is not None and newest.shared_at is None,
        run=run_of(asked, demand.at, speaks) if asked and not came else None,
        suppliers=[Choice(supplier.gln, speaks.name(supplier), supplier is chosen) for supplier in demand.suppliers],
        chosen=chosen.gln if chosen else "",
        mondays=mondays,
        answers=[] if chosen else [_answers(*group, demand, mondays, speaks) for group in demand.by_supplier],
        asked=[_asked(*group, demand, mondays, speaks) for group in demand.by_supplier] if chosen else [],
    )


def run_of(asked: datetime, at: datetime, speaks: Language, *, late: bool = False) -> Run:
    """A forecast that was asked for; if it is ``late`` nobody waits for it any longer."""
    return Run(f"/buyer/forecast/run?asked={asked:%Y-%m-%dT%H:%M:%SZ}", speaks.ago(asked, at), late)


def _lead(demand: Demand, speaks: Language) -> str:
    newest = demand.newest
    if newest is None:
        return speaks.gettext("No forecast has been made yet.")
    counted = _count([week for _, rows in demand.by_supplier for row in rows for week in demand.ahead(row)])
    ago, day = speaks.ago(newest.made_at, demand.at), speaks.day(newest.through)
    return speaks.paragraph(
        speaks.gettext("Made %(ago)s from sales up to %(day)s.", ago=ago, day=day),
        speaks.counted(_LOWER, counted.lower),
        speaks.counted(_OPEN, counted.open),
    )


def _count(weeks: Sequence[Week]) -> Answers:
    answered = [(week.committed, week.p50) for week in weeks if week.committed is not None]
    lower = sum(committed < asked for committed, asked in answered)
    return Answers(len(answered) - lower, lower, len(weeks) - len(answered))


def _answers(
    supplier: Organization, rows: Sequence[ItemWeeks], demand: Demand, mondays: Sequence[date], speaks: Language
) -> SupplierAnswers:
    ahead = [week for row in rows for week in demand.ahead(row)]
    return SupplierAnswers(
        name=speaks.name(supplier),
        gln=supplier.gln,
        items=speaks.ngettext("%(num)s item", "%(num)s items", len(rows)),
        weeks=[_answered(monday, [week for week in ahead if week.monday == monday], speaks) for monday in mondays],
    )


def _answered(monday: date, weeks: Sequence[Week], speaks: Language) -> AnsweredWeek:
    full, lower, unanswered = _count(weeks)
    return AnsweredWeek(
        monday=monday,
        full=speaks.gettext("%(count)s in full", count=full) if full else "",
        lower=speaks.gettext("%(count)s lower", count=lower) if lower else "",
        open=speaks.gettext("%(count)s no answer", count=unanswered) if unanswered else "",
    )


def _asked(
    supplier: Organization, rows: Sequence[ItemWeeks], demand: Demand, mondays: Sequence[date], speaks: Language
) -> AskedSupplier:
    items = [_asked_item(row, demand.items[row.trade_item_id], mondays, speaks) for row in rows]
    return AskedSupplier(speaks.name(supplier), items)


def _asked_item(row: ItemWeeks, item: TradeItem, mondays: Sequence[date], speaks: Language) -> AskedItem:
    weeks = {week.monday: _asked_week(week, speaks) for week in row.weeks}
    return AskedItem(
        name=speaks.name(item),
        unit=speaks.unit(item.unit),
        weeks=[weeks.get(monday) for monday in mondays],
        error="" if row.wape is None else speaks.percent(row.wape),
    )


def _asked_week(week: Week, speaks: Language) -> AskedWeek:
    if week.committed is None:
        answer, tone, icon = speaks.gettext("no answer"), "mute", ""
    elif week.committed < week.p50:
        answer, tone, icon = speaks.number(week.committed), "t-warn", "less"
    else:
        answer, tone, icon = speaks.number(week.committed), "t-ok", "ok"
    return AskedWeek(week.monday, week.p50, week.p10, week.p90, answer, tone, icon)
