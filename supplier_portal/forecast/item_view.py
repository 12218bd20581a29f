"""What a supplier's page of one forecast item shows, decided and said in the supplier's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hub.models.catalogue import TradeItem
from hub.models.party import Organization
from hub.web import drawing
from hub.web.drawing import Plot
from hub.web.forms import Filled
from hub.web.i18n import NN_, Language
from hub.web.view import KeyFigure
from supplier_portal.forecast import collaboration
from supplier_portal.forecast.view import CommitmentField, Row, commitment_field

_OVER = NN_("over %(num)s week", "over %(num)s weeks")
_ABOUT_RIGHT = 0.02
"""A bias of so much either way is no bias."""
_FEW = 7
"""Fewer weeks than these do not fill the chart's width."""


@dataclass(frozen=True)
class Week:
    """A column of an item's chart and table; what is empty has nothing to show for the week.

    Past weeks have what was sold and the ``error`` then, ``outside`` P10 to P90 or not; weeks ahead the forecast,
    a field, and the ``difference`` of what was committed from the median.
    """

    monday: date
    past: bool
    sold: str
    error: str
    outside: bool
    high: str
    median: str
    low: str
    committed: str
    field: CommitmentField | None
    difference: str


@dataclass(frozen=True)
class ItemForecast:
    """The page of one item: how good its forecasts were, its chart, and its weeks in figures."""

    name: str
    gtin: str
    unit: str
    buyer: str
    buyer_gln: str
    figures: Sequence[KeyFigure]
    legend: Sequence[str]
    plot: Plot
    label: str
    few: bool
    past: bool
    weeks: Sequence[Week]


def item_forecast(row: Row, buyer: Organization, form: Filled[Any], speaks: Language) -> ItemForecast:
    """The page of an item, with what was typed into its form."""
    return ItemForecast(
        name=speaks.name(row.item),
        gtin=row.item.gtin,
        unit=speaks.unit(row.item.unit),
        buyer=speaks.name(buyer),
        buyer_gln=buyer.gln,
        figures=_figures(row, speaks),
        legend=["act", "p50", "prev", "commit"] if row.past else ["p50", "commit"],
        plot=_plot(row),
        label=_chart_label(row, speaks),
        few=len(row.past) + len(row.ahead) < _FEW,
        past=bool(row.past),
        weeks=[_past_week(week, speaks) for week in row.past]
        + [_week_ahead(week, row.first + n, row.item, form, speaks) for n, week in enumerate(row.ahead)],
    )


def _figures(row: Row, speaks: Language) -> list[KeyFigure]:
    grid, over = row.grid, len(row.grid.over)
    weeks = speaks.ngettext("%(num)s week", "%(num)s weeks", row.open)
    return [
        KeyFigure(
            speaks.gettext("Past error (WAPE)"),
            "–" if grid.wape is None else speaks.percent(grid.wape, 1),
            speaks.counted(_OVER, over) or speaks.gettext("no week is over yet"),
        ),
        KeyFigure(
            speaks.gettext("Bias"),
            "–" if grid.bias is None else speaks.percent(grid.bias, 1, signed=True),
            _bias(grid.bias, speaks),
        ),
        KeyFigure(
            speaks.gettext("Within P10–P90"),
            f"{grid.inside} / {over}" if over else "–",
            speaks.gettext("80%% is right"),
        ),
        KeyFigure(speaks.gettext("Not committed"), weeks, "", "warn" if row.open else ""),
    ]


def _bias(bias: float | None, speaks: Language) -> str:
    if bias is None:
        return ""
    if bias > _ABOUT_RIGHT:
        return speaks.gettext("too high")
    if bias < -_ABOUT_RIGHT:
        return speaks.gettext("too low")
    return speaks.gettext("about right")


def _chart_label(row: Row, speaks: Language) -> str:
    if not row.ahead:
        return speaks.gettext("Weekly demand")
    highest = max(row.ahead, key=lambda week: week.p50)
    return speaks.gettext(
        "Weekly demand of %(item)s: %(weeks)s weeks ahead, the highest median %(most)s in %(week)s.",
        item=speaks.name(row.item),
        weeks=len(row.ahead),
        most=speaks.quantity(highest.p50, row.item.unit),
        week=speaks.week(highest.monday),
    )


def _plot(row: Row) -> Plot:
    """Past weeks with what was sold and what had been expected, then the weeks ahead with their band."""
    weeks = [*row.past, *row.ahead]
    nothing = [None] * len(row.past)
    joined = len(row.past) - 1 if row.past and row.past[-1].actual is not None else None
    median: list[Any] = [*nothing, *(week.p50 for week in row.ahead)]
    low: list[Any] = [*nothing, *(week.p10 for week in row.ahead)]
    high: list[Any] = [*nothing, *(week.p90 for week in row.ahead)]
    if joined is not None:
        median[joined] = low[joined] = high[joined] = row.past[joined].actual
    return drawing.plot(
        len(weeks),
        {
            "act": [week.actual for week in weeks],
            "prev": [week.p50 if week in row.past else None for week in weeks],
            "p50": median,
        },
        band=(low, high),
        marks=[week.committed for week in weeks],
        past=len(row.past),
    )


def _past_week(week: collaboration.Week, speaks: Language) -> Week:
    sold = week.actual
    return Week(
        monday=week.monday,
        past=True,
        sold="" if sold is None else speaks.number(sold),
        error=speaks.percent((week.p50 - sold) / sold, 1, signed=True) if sold else "",
        outside=bool(sold) and not week.p10 <= (sold or 0) <= week.p90,
        high="",
        median="",
        low="",
        committed="" if week.committed is None else speaks.number(week.committed),
        field=None,
        difference="",
    )


def _week_ahead(week: collaboration.Week, number: int, item: TradeItem, form: Filled[Any], speaks: Language) -> Week:
    return Week(
        monday=week.monday,
        past=False,
        sold="",
        error="",
        outside=False,
        high=speaks.number(week.p90),
        median=speaks.number(week.p50),
        low=speaks.number(week.p10),
        committed="",
        field=commitment_field(week, number, item, form, speaks),
        difference="" if week.committed is None else speaks.signed(week.committed - week.p50),
    )
