"""Sales and stock of a chain without a stock system: by sheet, counted once, and a forecast comes out of them."""

import io
import re
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from sqlalchemy import func, select

from hub import db
from hub.inventory import cores
from hub.models.base import now
from hub.models.inventory import Assortment, CoreKind, LotStock, SalesDay, StockLevel
from hub.models.party import Role
from supplier_portal import tasks
from supplier_portal.models import Forecast, ForecastLine
from tests.supermarket import Supermarket, signed_in

SALES = ["Day", "Week", "Store", "Item", "Quantity sold"]
STOCK = ["Store", "Item", "Quantity", "Lot", "Best before"]
TODAY = date.today()


@pytest.fixture
def market(clean):
    made = Supermarket()
    with db.session(db.Who(made.chain.id)) as session:
        for item, code in ((made.tomato, "T-1"), (made.eggs, "E-1")):
            row = {"owner_id": made.chain.id, "supplier_id": made.farm.id, "trade_item_id": item.id}
            session.add(Assortment(**row, core_code=code))
    return made


@pytest.fixture
def browser(market):
    return signed_in(market.chain, Role.ADMINISTRATOR)


def xlsx(*lines) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(browser, kind, content, name="sheet.xlsx"):
    return browser.post(f"/settings/core/{kind}/import", files={"file": (name, content)})


def take(browser, kind, content) -> bool:
    """Look at a sheet and take it in; False where there is nothing to take."""
    looked = upload(browser, kind, content)
    assert looked.status_code == 200, text(looked)
    address = re.search(rf'action="(/settings/core/{kind}/import/[^"]+)"', looked.text)
    return bool(address) and browser.post(address[1]).status_code == 303


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def rows(market, model) -> list:
    with db.session(db.Who(market.chain.id)) as session:
        return list(session.scalars(select(model).order_by(model.id)).all())


def day(back: int) -> date:
    return TODAY - timedelta(days=back)


def test_a_sheet_of_sales_counts_once_and_a_correction_replaces(market, browser):
    gln = market.stores[0].gln
    lines = [[day(2), "", gln, "T-1", 12.5], [str(day(1)), "", "Store 2", market.eggs.gtin, "1,200"]]
    assert take(browser, "sales", xlsx(SALES, *lines))
    assert sorted(row.quantity for row in rows(market, SalesDay)) == [Decimal("12.5"), 1200]
    assert not take(browser, "sales", xlsx(SALES, *lines))
    looked = upload(browser, "sales", xlsx(SALES, [day(2), "", gln, "T-1", 15], lines[1]))
    assert "12.5" in text(looked) and "15" in text(looked)
    assert take(browser, "sales", xlsx(SALES, [day(2), "", gln, "T-1", 15], lines[1]))
    assert sorted(row.quantity for row in rows(market, SalesDay)) == [15, 1200]


def test_a_weeks_figure_is_spread_over_its_days_to_the_last_gram(market, browser):
    year, week, _ = day(14).isocalendar()
    csv = f"周,门店,品项,销量\n{year}-W{week:02},{market.stores[0].gln},T-1,100\n".encode("gb18030")
    assert take(browser, "sales", csv)
    sold = rows(market, SalesDay)
    assert len(sold) == 7 and sum(row.quantity for row in sold) == 100
    assert not take(browser, "sales", csv)


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ([str(day(1)), "", "Store 9", "T-1", 1], ["2", "Store", "None of your places has this GLN or name"]),
        ([str(day(1)), "", "Store 1", "X-9", 1], ["Item", "Nothing of your assortment has this article number"]),
        (["yesterday", "", "Store 1", "T-1", 1], ["Day", "Enter a date, such as 2026-11-24"]),
        ([str(day(-2)), "", "Store 1", "T-1", 1], ["Day", "not over yet"]),
        (["", "", "Store 1", "T-1", 1], ["Day", "either a day or a week"]),
        (["", "2026-W77", "Store 1", "T-1", 1], ["Week", "either a day or a week"]),
        ([str(day(1)), "", "Store 1", "T-1", "=1+1"], ["Quantity sold", "A formula is not read"]),
        ([str(day(1)), "", "Store 1", "T-1", "many"], ["Quantity sold", "Enter a figure"]),
        ([str(day(1)), "", "Store 1", "T-1", -1], ["Quantity sold", "Enter 0 or more"]),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column_and_nothing_is_taken(market, browser, line, sentences):
    looked = upload(browser, "sales", xlsx(SALES, line, [day(1), "", "Store 2", "T-1", 3]))
    assert looked.status_code == 422
    assert [sentence for sentence in sentences if sentence not in text(looked)] == []
    assert rows(market, SalesDay) == []


def test_the_same_day_twice_is_named_and_an_xlsx_that_is_a_csv_is_read_as_one(market, browser):
    line = f"{day(1)},Store 1,T-1,5\n"
    twice = upload(browser, "sales", f"Day,Store,Item,Quantity sold\n{line}{line}".encode())
    assert twice.status_code == 422 and "Row 2 has the same" in text(twice)
    assert take(browser, "sales", f"Day,Store,Item,Quantity sold\n{line}".encode())
    assert upload(browser, "sales", b"PK\x03\x04 not a workbook").status_code == 422


def test_stock_is_what_the_sheet_says_and_lots_it_does_not_name_are_gone(market, browser):
    gln = market.stores[0].gln
    lots = [[gln, "T-1", 30, "L1", day(-5)], [gln, "T-1", 12.5, "L2", ""]]
    assert take(browser, "stock", xlsx(STOCK, *lots))
    assert [row.on_hand for row in rows(market, StockLevel)] == [Decimal("42.5")]
    assert {row.lot: row.best_before for row in rows(market, LotStock)} == {"L1": day(-5), "L2": None}
    assert not take(browser, "stock", xlsx(STOCK, *lots))
    assert take(browser, "stock", xlsx(STOCK, [gln, "T-1", 9, "L2", ""]))
    assert [row.on_hand for row in rows(market, StockLevel)] == [9]
    assert {row.lot: row.on_hand for row in rows(market, LotStock)} == {"L1": 0, "L2": 9}


def test_a_forecast_and_a_proposal_come_out_of_uploaded_sales(market, browser):
    lines = [
        [day(back), "", store.gln, code, 20 + back % 7]
        for back in range(1, 36)
        for store in market.stores
        for code in ("T-1", "E-1")
    ]
    assert take(browser, "sales", xlsx(SALES, *lines))
    assert take(browser, "stock", xlsx(STOCK, *([store.gln, "T-1", 1, "", ""] for store in market.stores)))
    assert tasks.forecast() == 1
    with db.session(db.Who(market.chain.id)) as session:
        assert session.scalar(select(func.count()).select_from(Forecast)) == 1
        weeks = session.scalars(select(ForecastLine.p50)).all()
    assert weeks and all(weeks)
    assert tasks.propose_for(market.chain.id, now()) >= 1


def test_while_a_stock_system_is_connected_sheets_are_not_taken(market, browser):
    with db.session(db.Who(market.chain.id)) as session:
        cores.connect(session, market.administrator, cores.Way(CoreKind.REST, "http://127.0.0.1:9", "token"))
    refused = upload(browser, "sales", xlsx(SALES, [day(1), "", "Store 1", "T-1", 1]))
    assert refused.status_code == 422 and "Disconnect it" in text(refused)


def test_another_retailers_places_and_items_are_unknown(market, browser):
    other = Supermarket()
    stranger = signed_in(other.chain, Role.ADMINISTRATOR, "else@example.org")
    answer = upload(stranger, "sales", xlsx(SALES, [day(1), "", market.stores[0].gln, "T-1", 1]))
    assert answer.status_code == 422 and rows(market, SalesDay) == []
    assert signed_in(market.chain, Role.STORE, "s@example.org").get("/settings/core/sales").status_code == 403
