"""The stock system's pages in a real browser, over the real reference core, in both languages."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from hub import db
from hub.demo import builder
from hub.inventory import rounds
from hub.models.inventory import Assortment, CommandState, CoreCommand, CoreConnection
from hub.models.party import Role
from tests.browser import check_page
from tests.hub.inventory.conftest import Chain, ReferenceCore, reference

__all__ = ["reference"]
PASSWORD = "a long enough sentence"
Visit = Callable[..., Page]
WORDS = {
    "en": {"test": "Test", "connect": "Connect", "found": "It has 2 stores", "locked": "does not let this password",
           "half": "Half of the mapping", "match": "Match", "matched": "Matched.", "step": "in step",
           "pause": "Pause", "resume": "Resume", "again": "Tell it again", "disconnect": "Disconnect"},
    "zh": {"test": "测试", "connect": "连接", "found": "有2家门店", "locked": "不接受这个密码",
           "half": "对应只完成了一部分", "match": "对应", "matched": "已对应。", "step": "平台与库存系统一致",
           "pause": "暂停", "resume": "恢复", "again": "重新告知", "disconnect": "断开"},
}  # fmt: skip


@pytest.fixture
def market(clean: str, reference: ReferenceCore) -> Chain:
    """A chain whose core calls one of its stores by a code of its own; the hub does not know the way yet."""
    made = Chain(reference=reference)
    reference.rows("update place set gln = 'S2', name = 'Store No. 2' where gln = ?", made.stores[1].gln)
    with db.hub_session() as session:
        session.delete(session.scalars(select(CoreConnection)).one())
    builder.person(made.chain, Role.ADMINISTRATOR, PASSWORD, "li@example.org")
    return made


def enter(page: Page, path: str) -> None:
    page.goto(f"/sign-in?next={path}")
    page.fill("[name=email]", "li@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"**{path}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_stock_system_is_tested_connected_matched_watched_and_let_go(
    visit: Visit, market: Chain, language: str
) -> None:
    words, page = WORDS[language], visit(language)
    assert market.reference is not None
    enter(page, "/settings/core")
    check_page(page)
    page.select_option("[name=kind]", "rest")
    page.fill("[name=url]", market.reference.url)
    page.fill("[name=token]", "wrong")
    page.get_by_role("button", name=words["test"], exact=True).click()
    expect(page.get_by_role("alert").filter(has_text=words["locked"])).to_be_visible()
    expect(page.locator("[name=url]")).to_have_value(market.reference.url)  # nothing of it is lost
    check_page(page)
    page.fill("[name=token]", market.token)
    page.get_by_role("button", name=words["test"], exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(words["found"])
    check_page(page)
    page.get_by_role("button", name=words["connect"], exact=True).click()
    expect(page.locator("#progress")).to_be_visible()
    check_page(page)
    rounds.pull(market.chain.id)
    page.goto("/settings/core")
    expect(page.get_by_role("main")).to_contain_text(words["half"])
    page.goto("/settings/core/stores")
    check_page(page)
    page.get_by_role("button", name=words["match"], exact=True).click()
    expect(page.get_by_role("status").filter(has_text=words["matched"])).to_be_visible()
    check_page(page)
    page.goto("/settings/core/items")
    check_page(page)
    page.goto("/settings/core/stores/import")
    check_page(page)
    rounds.pull(market.chain.id)
    market.receive()
    with db.hub_session() as session:
        session.execute(update(CoreCommand).values(state=CommandState.REFUSED, answer="422 unknown item"))
    market.reference.rows("update stock set quantity = quantity + 3000000, changed = changed where 1")
    rounds.reconcile(market.chain.id)
    page.goto("/settings/core")
    check_page(page)
    page.get_by_role("button", name=words["again"]).click()
    page.get_by_role("button", name=words["pause"], exact=True).click()
    expect(page.get_by_role("button", name=words["resume"], exact=True)).to_be_visible()
    check_page(page)
    page.get_by_role("button", name=words["disconnect"]).first.click()
    page.get_by_role("dialog").get_by_role("button", name=words["disconnect"]).click()
    expect(page.get_by_role("button", name=words["connect"], exact=True)).to_be_visible()
    check_page(page)


@pytest.mark.parametrize(
    ("language", "columns", "unknown", "take", "taken"),
    [
        ("zh", ["日期", "门店", "品项", "销量"], "没有这个GLN或名称", "导入1行", "已导入1行"),
        ("en", ["Day", "Store", "Item", "Quantity sold"], "has this GLN or name", "Take 1 row in", "1 row taken in"),
    ],
)
def test_sales_are_uploaded_where_there_is_no_stock_system(
    visit: Visit, market: Chain, tmp_path: Path, language: str, columns: list[str], unknown: str, take: str, taken: str
) -> None:
    def sheet(store: str) -> str:
        book = openpyxl.Workbook()
        book.active.append(columns)  # type: ignore[union-attr]
        yesterday = date.today() - timedelta(days=1)
        book.active.append([yesterday, store, market.tomato.gtin, 12.5])  # type: ignore[union-attr]
        book.save(tmp_path / "sales.xlsx")
        return str(tmp_path / "sales.xlsx")

    with db.session(db.Who(market.chain.id)) as session:
        item = {"supplier_id": market.farm.id, "trade_item_id": market.tomato.id, "core_code": "T-1"}
        session.add(Assortment(owner_id=market.chain.id, **item))
    page = visit(language)
    enter(page, "/settings/core/sales/import")
    check_page(page)
    page.set_input_files("[name=file]", sheet("Store 9"))
    page.locator("form[enctype] button[type=submit]").click()
    expect(page.get_by_role("main")).to_contain_text(unknown)
    check_page(page)
    page.set_input_files("[name=file]", sheet("Store 1"))
    page.locator("form[enctype] button[type=submit]").click()
    check_page(page)
    page.get_by_role("button", name=take).click()
    expect(page.get_by_role("status").filter(has_text=taken)).to_be_visible()
