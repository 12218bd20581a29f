"""What a supplier's page of all forecast items shows, decided and said in the supplier's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from hub.models.catalogue import TradeItem
from hub.models.party import Organization
from hub.web.forms import Filled
from hub.web.i18n import NN_, Language
from supplier_portal.forecast.collaboration import Week
from supplier_portal.forecast.view import CommitmentField, Row, commitment_field

_OPEN = NN_("%(num)s week has no commitment yet.", "%(num)s weeks have no commitment yet.")


@dataclass(frozen=True)
class BuyerTab:
    """One of several buyers, and whether its forecast is on the page."""

    name: str
    gln: str
    current: bool


@dataclass(frozen=True)
class ExpectedWeek:
    """What is expected of an item in a week, the field, and a word on what was committed; ``tone`` is its class."""

    monday: date
    median: Decimal
    low: Decimal
    high: Decimal
    field: CommitmentField
    answer: str
    tone: str


@dataclass(frozen=True)
class ExpectedItem:
    """An item in the overview; a week that nothing was expected for is None, an ``error`` that is unknown empty."""

    name: str
    gtin: str
    unit: str
    weeks: Sequence[ExpectedWeek | None]
    error: str
    bias: str


@dataclass(frozen=True)
class ForecastOverview:
    """The page of all items and the weeks ahead; ``named`` is the end of an address that names the buyer."""

    lead: str
    named: str
    buyers: Sequence[BuyerTab]
    mondays: Sequence[date]
    items: Sequence[ExpectedItem]


def forecast_overview(
    rows: Sequence[Row],
    buyer: Organization | None,
    buyers: Sequence[Organization],
    form: Filled[Any],
    speaks: Language,
) -> ForecastOverview:
    """The page of what a buyer expects of every item, with what was typed into its form."""
    gln = buyer.gln if buyer else ""
    mondays = sorted({week.monday for row in rows for week in row.ahead})
    return ForecastOverview(
        lead=_lead(rows, speaks),
        named=f"?buyer={gln}" if gln else "",
        buyers=[BuyerTab(speaks.name(party), party.gln, party.gln == gln) for party in buyers]
        if len(buyers) > 1
        else [],
        mondays=mondays,
        items=[_expected_item(row, mondays, form, speaks) for row in rows],
    )


def _lead(rows: Sequence[Row], speaks: Language) -> str:
    if not rows:
        return ""
    return speaks.paragraph(
        speaks.counted(_OPEN, sum(row.open for row in rows)) or speaks.gettext("Every week ahead has your commitment."),
        speaks.gettext("Demand falls between P10 and P90 in about 8 weeks of 10."),
    )


def _expected_item(row: Row, mondays: Sequence[date], form: Filled[Any], speaks: Language) -> ExpectedItem:
    weeks = {
        week.monday: _expected_week(week, row.first + n, row.item, form, speaks) for n, week in enumerate(row.ahead)
    }
    wape, bias = row.grid.wape, row.grid.bias
    return ExpectedItem(
        name=speaks.name(row.item),
        gtin=row.item.gtin,
        unit=speaks.unit(row.item.unit),
        weeks=[weeks.get(monday) for monday in mondays],
        error="" if wape is None else speaks.percent(wape),
        bias="" if bias is None else speaks.gettext("bias %(share)s", share=speaks.percent(bias, signed=True)),
    )


def _expected_week(week: Week, number: int, item: TradeItem, form: Filled[Any], speaks: Language) -> ExpectedWeek:
    answer, tone = _answer(week, speaks)
    field = commitment_field(week, number, item, form, speaks)
    return ExpectedWeek(week.monday, week.p50, week.p10, week.p90, field, answer, tone)


def _answer(week: Week, speaks: Language) -> tuple[str, str]:
    """What was committed, in a word, and its tone."""
    if week.committed is None:
        return speaks.gettext("open"), "t-warn"
    if week.committed < week.p50:
        return speaks.signed(week.committed - week.p50), "mute"
    return speaks.gettext("full"), "t-ok"
