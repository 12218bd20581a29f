"""What a buyer and a supplier read of the forecast, in Chinese and in English, from plain values."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi import Request

from hub.models.party import Organization, OrganizationKind
from hub.web.forms import Filled
from hub.web.i18n import language
from hub.web.templating import render
from supplier_portal.forecast.buyer_view import BuyerForecast, Demand, buyer_forecast, run_of
from supplier_portal.forecast.collaboration import ItemWeeks, Week
from supplier_portal.forecast.item_view import ItemForecast, item_forecast
from supplier_portal.forecast.overview_view import ForecastOverview, forecast_overview
from supplier_portal.forecast.view import Row
from supplier_portal.models import Forecast
from tests import rows

MONDAY = date(2026, 11, 30)
"""The first week ahead, number 49."""


FARM = rows.party(OrganizationKind.SUPPLIER, "Qinghe")
SHOP, OTHER = (rows.party(OrganizationKind.RETAILER, name) for name in ("Hejia", "Lihua"))
TOMATO = rows.item(FARM, "Tomatoes", "番茄")


def week(ahead: int, median: int, *, sold: int | None = None, committed: str | None = None) -> Week:
    """A week so many before or after the first that lies ahead; P10 and P90 are ten below and above the median."""
    return Week(
        MONDAY + timedelta(days=7 * ahead),
        Decimal(median - 10),
        Decimal(median),
        Decimal(median + 10),
        None if sold is None else Decimal(sold),
        None if committed is None else Decimal(committed),
        None,
    )


def weeks(*weeks: Week) -> ItemWeeks:
    return ItemWeeks(TOMATO.id, SHOP.id, FARM.id, list(weeks))


def row(*of: Week, first: int = 0) -> Row:
    past, ahead = ([week for week in of if (week.monday >= MONDAY) is later] for later in (False, True))
    return Row(TOMATO, weeks(*of), past, ahead, first)


def typed(code: str = "en", *, errors: dict[str, str] | None = None, **values: str) -> Filled[Any]:
    """A form; ``w1="90"`` is what was typed into the second field."""
    return Filled(
        language(code),
        {f"weeks.{name[1:]}.quantity": value for name, value in values.items()},
        {f"weeks.{name[1:]}.quantity": sentence for name, sentence in (errors or {}).items()},
    )


def html(code: str, template: str, **context: Any) -> str:
    """A page's HTML, as a browser gets it."""
    asked = {"type": "http", "method": "GET", "path": "/", "query_string": b""}
    headers = [(b"host", b"hub"), (b"accept-language", code.encode())]
    return render(Request(asked | {"headers": headers}), template, **context)


# One item


PAST = (week(-2, 110, sold=100), week(-1, 90, sold=100))
AHEAD = (week(0, 1200, committed="1200"), week(1, 1300, committed="1250.5"), week(2, 1250))


def item(*of: Week, form: Filled[Any] | None = None, first: int = 0, code: str = "en") -> ItemForecast:
    return item_forecast(row(*of, first=first), SHOP, form or typed(code), language(code))


def test_an_item_says_how_good_its_forecasts_were():
    figures = [(figure.figure, figure.small) for figure in item(*PAST, *AHEAD).figures]
    assert figures == [
        ("10.0%", "over 2 weeks"),
        ("0.0%", "about right"),
        ("2 / 2", "80% is right"),
        ("1 week", ""),
    ]


@pytest.mark.parametrize(
    ("median", "word"), [(102, "about right"), (103, "too high"), (98, "about right"), (97, "too low")]
)
def test_a_forecast_is_biased_from_two_per_cent_on(median, word):
    assert item(week(-1, median, sold=100), week(0, 100)).figures[1].small == word


def test_where_no_week_is_over_there_is_nothing_to_judge():
    page = item(*AHEAD)
    assert [figure.figure for figure in page.figures] == ["–", "–", "–", "1 week"]
    assert [figure.small for figure in page.figures] == ["no week is over yet", "", "80% is right", ""]
    assert page.legend == ["p50", "commit"] and not page.past


def test_weeks_without_a_commitment_are_warned_of():
    assert [item(*of).figures[3].tone for of in ([week(0, 100)], [week(0, 100, committed="0")])] == ["warn", ""]


def test_a_past_week_says_what_was_sold_and_how_far_off_the_median_was():
    below, within, unsold = item(week(-3, 90, sold=120), week(-2, 90, sold=100), week(-1, 5, sold=0)).weeks
    assert (below.sold, below.error, below.outside) == ("120", "−25.0%", True)
    assert (within.sold, within.error, within.outside) == ("100", "−10.0%", False)
    assert (unsold.sold, unsold.error, unsold.outside) == ("0", "", False)
    assert below.past and below.field is None and below.median == ""


def test_a_week_ahead_has_its_forecast_and_how_far_the_commitment_is_from_the_median():
    full, lower, unanswered = item(*AHEAD).weeks
    assert (full.low, full.median, full.high, full.difference) == ("1,190", "1,200", "1,210", "0")
    assert (lower.difference, unanswered.difference) == ("−49.5", "")


def test_a_field_is_numbered_through_the_form_and_holds_the_commitment_as_it_is_typed():
    fields = [week.field for week in item(*PAST, *AHEAD, first=4).weeks if week.field]
    assert [(field.number, field.value) for field in fields] == [(4, "1200"), (5, "1250.5"), (6, "")]
    assert fields[0].label == "Commitment for Tomatoes, Week 49"


def test_what_was_typed_stays_with_what_is_wrong_with_it():
    form = typed(errors={"w1": "Enter a figure."}, w0="", w1="many")
    fields = [week.field for week in item(*AHEAD, form=form).weeks if week.field]
    assert [(field.value, field.error) for field in fields] == [("", ""), ("many", "Enter a figure."), ("", "")]


def test_the_chart_is_said_in_words():
    page = item(*PAST, *AHEAD)
    assert page.label == ("Weekly demand of Tomatoes: 3 weeks ahead, the highest median 1,300 kg in Week 50.")
    assert item(*PAST).label == "Weekly demand"
    assert page.few and not item(*PAST, *AHEAD, week(3, 1), week(4, 1)).few


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("of", [PAST, AHEAD, (*PAST, *AHEAD)])
def test_the_items_template_lays_out_whatever_weeks_there_are(code, of):
    form = typed(code, errors={"w0": "<b>"})
    page = item(*of, form=form, code=code)
    laid_out = html(code, "forecast/forecast-item.html", item=page, form=form)
    assert page.name in laid_out and page.label in laid_out and "<b><" not in laid_out
    assert laid_out.count('inputmode="decimal"') == sum(week.field is not None for week in page.weeks)


# All items


def overview(
    *rows: Row, buyers: tuple[Organization, ...] = (SHOP,), form: Filled[Any] | None = None, code: str = "en"
) -> ForecastOverview:
    return forecast_overview(rows, buyers[0] if buyers else None, buyers, form or typed(code), language(code))


def test_the_overview_opens_with_how_many_weeks_have_no_commitment():
    demand = "Demand falls between P10 and P90 in about 8 weeks of 10."
    assert overview(row(*AHEAD), row(*AHEAD)).lead == f"2 weeks have no commitment yet. {demand}"
    assert overview(row(AHEAD[0])).lead == f"Every week ahead has your commitment. {demand}"
    assert overview().lead == ""
    assert "。 " not in overview(row(*AHEAD), code="zh").lead


def test_several_buyers_are_chosen_from_and_one_is_only_named():
    assert overview(row(*AHEAD)).buyers == [] and overview().named == f"?buyer={SHOP.gln}"
    tabs = overview(row(*AHEAD), buyers=(SHOP, OTHER)).buyers
    assert [(tab.name, tab.current) for tab in tabs] == [("Hejia", True), ("Lihua", False)]
    assert overview(buyers=()).named == ""


def test_every_row_has_the_same_weeks_though_something_may_be_expected_in_some_only():
    page = overview(row(*AHEAD[:2]), row(AHEAD[2], first=2))
    assert page.mondays == [week.monday for week in AHEAD]
    assert [[week is not None for week in item.weeks] for item in page.items] == [
        [True, True, False],
        [False, False, True],
    ]
    assert [week.field.number for item in page.items for week in item.weeks if week] == [0, 1, 2]


def test_what_was_committed_is_said_against_the_median():
    (item,) = overview(row(*AHEAD)).items
    assert [(week.answer, week.tone) for week in item.weeks if week] == [
        ("full", "t-ok"),
        ("−49.5", "mute"),
        ("open", "t-warn"),
    ]


def test_an_items_past_error_stands_with_its_bias_where_a_week_is_over():
    known, unknown = overview(row(week(-1, 120, sold=100), *AHEAD), row(*AHEAD)).items
    assert (known.error, known.bias) == ("20%", "bias +20%")
    assert (unknown.error, unknown.bias) == ("", "")


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("rows", [(), (row(*AHEAD[:2]), row(*PAST, AHEAD[2], first=2))])
def test_the_overviews_template_lays_out_whatever_is_expected(code, rows):
    form = typed(code, errors={"w0": "<b>"})
    page = overview(*rows, buyers=(SHOP, OTHER), form=form, code=code)
    laid_out = html(code, "forecast/forecast.html", forecast=page, form=form)
    assert page.lead in laid_out and OTHER.name_en in laid_out
    assert laid_out.count('inputmode="decimal"') == sum(len(row.ahead) for row in rows)


# The buyer's page


AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
GROWER = rows.party(OrganizationKind.SUPPLIER, "Yimeng")
MADE = Forecast(
    owner_id=SHOP.id,
    made_at=AT - timedelta(hours=3),
    created_at=AT - timedelta(hours=3),
    through=date(2026, 11, 24),
    method="m",
    shared_at=AT,
)
DEMAND = Demand(
    at=AT,
    today=AT.date(),
    suppliers=[FARM, GROWER],
    grid=[weeks(PAST[0], *AHEAD), weeks(*AHEAD)],
    items={TOMATO.id: TOMATO},
    newest=MADE,
)
ONE_SUPPLIER = replace(DEMAND, chosen=FARM)
NOTHING_YET = Demand(AT, AT.date())


def buyers(demand: Demand = DEMAND, code: str = "en") -> BuyerForecast:
    return buyer_forecast(demand, language(code))


def test_a_buyer_reads_how_old_the_forecast_is_and_what_suppliers_did_not_commit_to():
    assert buyers().lead == (
        "Made 3 h ago from sales up to Tue 24 Nov. 2 weeks are committed lower than asked. "
        "2 weeks have no commitment yet."
    )
    assert buyers(replace(DEMAND, grid=[weeks(AHEAD[0])])).lead == "Made 3 h ago from sales up to Tue 24 Nov."
    assert buyers(NOTHING_YET).lead == "No forecast has been made yet."


def test_a_forecast_that_is_not_shared_can_be():
    unshared = Forecast(**MADE.model_dump() | {"shared_at": None})
    assert buyers(replace(DEMAND, newest=unshared)).shareable
    assert not buyers().shareable and not buyers(NOTHING_YET).shareable


def test_of_all_suppliers_it_is_counted_how_they_answered_to_each_week():
    page = buyers()
    (farm,) = page.answers  # nothing is expected of the other
    assert (farm.name, farm.items, page.asked) == ("Qinghe", "2 items", [])
    assert [(week.full, week.lower, week.open) for week in farm.weeks] == [
        ("2 in full", "", ""),
        ("", "2 lower", ""),
        ("", "", "2 no answer"),
    ]
    assert [week.monday for week in farm.weeks] == page.mondays == [week.monday for week in AHEAD]


def test_of_one_supplier_every_item_is_shown_with_what_it_committed_to():
    page = buyers(ONE_SUPPLIER)
    (farm,) = page.asked
    assert (page.answers, page.chosen, page.columns) == ([], FARM.gln, 5)
    assert [choice.chosen for choice in page.suppliers] == [True, False]
    assert [item.error for item in farm.items] == ["10%", ""]
    assert [(week.answer, week.tone, week.icon) for week in farm.items[0].weeks if week] == [
        ("1,200", "t-ok", "ok"),
        ("1,250.5", "t-warn", "less"),
        ("no answer", "mute", ""),
    ]


def test_a_week_that_nothing_is_asked_for_stays_empty():
    page = buyers(replace(ONE_SUPPLIER, grid=[weeks(*AHEAD), weeks(AHEAD[2])]))
    assert [week is not None for week in page.asked[0].items[1].weeks] == [False, False, True]


def test_a_forecast_that_was_asked_for_is_awaited_until_it_is_here():
    awaited = buyers(replace(DEMAND, asked=AT - timedelta(minutes=1))).run
    assert awaited is not None
    assert awaited.address == "/buyer/forecast/run?asked=2026-11-25T00:59:00Z"
    assert (awaited.ago, awaited.late) == ("1 min ago", False)
    assert buyers(replace(DEMAND, asked=AT - timedelta(hours=4))).run is None
    assert buyers().run is None


@pytest.mark.parametrize(("late", "asks_again"), [(False, True), (True, False)])
def test_only_a_forecast_that_is_not_late_is_asked_for_again(late, asks_again):
    run = run_of(AT, AT, language("en"), late=late)
    assert ("hx-get" in html("en", "forecast/_run.html", run=run)) is asks_again


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("demand", [DEMAND, ONE_SUPPLIER, NOTHING_YET, replace(NOTHING_YET, asked=AT)])
def test_the_buyers_template_lays_out_whatever_is_asked(code, demand):
    page = buyers(demand, code)
    laid_out = html(code, "forecast/buyer-forecast.html", forecast=page)
    assert page.lead in laid_out and ("hx-get" in laid_out) is (demand.asked is not None)
