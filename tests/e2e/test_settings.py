"""The settings area in a real browser: lists, forms and sheets of what an organisation keeps, in both languages."""

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from hub.demo import builder
from hub.models.party import Organization, OrganizationKind, Role
from tests.browser import check_page
from tests.hub.growers import keys_of_the_hub
from tests.hub.test_notices import tell

__all__ = ["keys_of_the_hub"]
PASSWORD = "a long enough sentence"
Visit = Callable[..., Page]
WORDS = {
    "en": {"items": "Items", "add": "Add an item", "wrong": "last would be 6", "added": "The item is listed",
           "take": "Take 2 rows in", "taken": "2 rows taken in", "end": "Offer it no longer", "until": "Until",
           "columns": ["Article number (GTIN)", "Chinese name", "Category", "Sold by", "Price (¥)", "Temperature",
                       "Shelf life (days)", "Units in a case"], "fruit": "Fruit", "kg": "kilogram", "cold": "chilled",
           "figure": "Enter a figure", "nothing": "nothing to take in", "here": "Nothing is called that"},
    "zh": {"items": "品项", "add": "添加品项", "wrong": "最后一位应为6", "added": "品项已上架",
           "take": "导入2行", "taken": "已导入2行", "end": "停止供应", "until": "至",
           "columns": ["商品条码（GTIN）", "中文名称", "品类", "销售单位", "价格（元）", "温度",
                       "保质期（天）", "每箱数量"],
           "fruit": "水果", "kg": "千克", "cold": "冷藏", "figure": "请输入数字", "nothing": "没有可导入的",
           "here": "没有找到"},
}  # fmt: skip


@pytest.fixture
def farm(clean: str, keys_of_the_hub: None) -> Organization:
    """A grower that is a member of the ledger and offers nothing yet."""
    party = builder.member(builder.party(OrganizationKind.SUPPLIER, "Qinghe", "清河"))
    builder.person(party, Role.SUPPLIER, PASSWORD, "wang@example.org")
    return party


def enter(page: Page, path: str) -> None:
    page.goto(f"/sign-in?next={path}")
    page.fill("[name=email]", "wang@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"**{path}")


def sheet(tmp_path: Path, *rows: list[object]) -> str:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    path = tmp_path / "items.xlsx"
    book.save(path)
    return str(path)


def upload(page: Page, path: str) -> None:
    page.set_input_files("[name=file]", path)
    page.locator("form[enctype] button[type=submit]").click()
    page.wait_for_load_state()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.usefixtures("farm")
@pytest.mark.parametrize("section", ["prices", "terms"])
def test_prices_and_delivery_terms_are_kept_on_pages_that_fit_and_speak(
    visit: Visit, language: str, section: str
) -> None:
    page = visit(language)
    enter(page, f"/settings/{section}")
    check_page(page)
    page.goto(f"/settings/{section}/new")
    check_page(page)
    if section == "prices":
        page.locator("form.form2 button[type=submit]").click()
        check_page(page)
        return
    page.fill("[name=lead_days]", "2")
    page.check("[name=weekdays][value='1']")
    page.fill("[name=days_off]", "2027-02-05 ~ 2027-02-12")
    page.locator("form.form2 button[type=submit]").click()
    page.wait_for_url(f"**/settings/{section}")
    check_page(page)
    page.locator("a.key").click()
    expect(page.locator("[name=weekdays]:checked")).to_have_count(1)
    check_page(page)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.usefixtures("farm")
class TestInBothLanguages:
    def test_an_item_is_added_by_form_found_changed_and_ended(self, visit: Visit, language: str) -> None:
        words, page = WORDS[language], visit(language)
        enter(page, "/settings/items")
        check_page(page)
        page.get_by_role("link", name=words["add"]).click()
        page.fill("[name=gtin]", "6901234000017")
        page.fill("[name=name_zh]", "普罗旺斯番茄")
        page.fill("[name=price]", "7.20")
        page.fill("[name=shelf_life_days]", "8")
        page.fill("[name=case_quantity]", "10")
        page.get_by_role("button", name=words["add"]).click()
        expect(page.get_by_role("alert").filter(has_text=words["wrong"])).to_be_visible()
        expect(page.locator("[name=name_zh]")).to_have_value("普罗旺斯番茄")  # nothing of it is lost
        check_page(page)
        page.fill("[name=gtin]", "6901234000016")
        page.get_by_role("button", name=words["add"]).click()
        expect(page.get_by_role("status")).to_contain_text(words["added"])
        page.fill("#q", "6901234")
        page.press("#q", "Enter")
        page.get_by_role("link", name="普罗旺斯番茄").click()
        check_page(page)
        page.get_by_role("button", name=words["end"]).first.click()
        page.get_by_role("dialog").get_by_role("button", name=words["end"]).click()
        expect(page.get_by_role("complementary")).to_contain_text(words["until"])
        page.goto("/settings/items?q=nothing-like-that")
        expect(page.get_by_text(words["here"])).to_be_visible()
        check_page(page)

    def test_a_sheet_is_looked_at_put_right_taken_in_and_the_same_again_changes_nothing(
        self, visit: Visit, tmp_path: Path, language: str
    ) -> None:
        words, page = WORDS[language], visit(language)
        good = [
            [builder.gtin(101), "奶油草莓", words["fruit"], words["kg"], "28.5", words["cold"], 5, 4],
            [builder.gtin(102), "蓝莓", words["fruit"], words["kg"], 60, words["cold"], 7, 2],
        ]
        enter(page, "/settings/items/import")
        check_page(page)
        upload(page, sheet(tmp_path, words["columns"], good[0], [*good[1][:4], "七元", *good[1][5:]]))
        expect(page.get_by_role("main")).to_contain_text(words["figure"])
        check_page(page)
        upload(page, sheet(tmp_path, words["columns"], *good))
        check_page(page)
        page.get_by_role("button", name=words["take"]).click()
        expect(page.get_by_role("status")).to_contain_text(words["taken"])
        expect(page.get_by_role("link", name="蓝莓")).to_be_visible()
        page.goto("/settings/items/import")
        upload(page, sheet(tmp_path, words["columns"], *good))
        expect(page.get_by_role("main")).to_contain_text(words["nothing"])


@pytest.mark.usefixtures("farm")
def test_what_is_taken_away_can_be_changed_and_taken_in_again(visit: Visit, tmp_path: Path) -> None:
    page = visit("zh")
    enter(page, "/settings/certificates/new")
    for name, text in {"number": "CN-1", "name_zh": "良好农业规范", "issuer": "中检集团"}.items():
        page.fill(f"[name={name}]", text)
    page.fill("[name=valid_from]", "2026-01-01")
    page.locator("form.form2 button[type=submit]").click()
    page.wait_for_url("**/settings/certificates")
    with page.expect_download() as got:
        page.get_by_role("link", name="导出").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(got.value.path()).read_bytes()))
    assert [cell.value for cell in book.worksheets[0][2]][:3] == ["CN-1", "良好农业规范（GAP）", "良好农业规范"]
    book.worksheets[0]["D2"] = "GAP"
    book.save(tmp_path / "again.xlsx")
    page.goto("/settings/certificates/import")
    upload(page, str(tmp_path / "again.xlsx"))
    page.get_by_role("button", name="导入1行").click()
    page.goto("/settings/certificates")
    page.get_by_role("link", name="良好农业规范").click()
    expect(page.locator("[name=name_en]")).to_have_value("GAP")
    expect(page.get_by_role("complementary")).to_contain_text("英文名称")
    check_page(page)


@pytest.mark.usefixtures("farm")
def test_a_file_that_is_none_is_refused_in_words_and_nothing_is_written(visit: Visit, tmp_path: Path) -> None:
    page = visit("en")
    enter(page, "/settings/places/import")
    (tmp_path / "notes.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    upload(page, str(tmp_path / "notes.xlsx"))
    expect(page.get_by_role("alert").filter(has_text="cannot be read as a spreadsheet")).to_be_visible()
    check_page(page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_a_person_was_told_stands_under_the_bell_and_how_is_his_to_choose(
    visit: Visit, farm: Organization, language: str
) -> None:
    words = {
        "zh": ("没有需要您处理的事", "禾家下了订单PO-1", "答复"),
        "en": ("Nothing needs you", "Hejia ordered PO-1", "Answer"),
    }
    nothing, sentence, verb = words[language]
    page = visit(language)
    enter(page, "/notices")
    expect(page.get_by_text(nothing)).to_be_visible()
    check_page(page)
    tell(farm)
    page.reload()
    expect(page.locator(".bell .n")).to_have_text("1")
    expect(page.get_by_text(sentence)).to_be_visible()
    check_page(page)
    page.goto("/notices/choices")
    check_page(page)
    page.fill("[name=quiet_from]", "22:00")
    page.fill("[name=quiet_to]", "07:00")
    page.locator("form.stack button[type=submit]").click()
    expect(page.locator("[name=quiet_from]")).to_have_value("22:00")
    page.goto("/notices")
    page.get_by_role("button", name=verb).click()
    expect(page.locator(".bell .n")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_supplier_is_invited_joins_on_a_phone_and_lists_its_first_item(
    visit: Visit, clean: str, keys_of_the_hub: None, language: str
) -> None:
    words = {
        "zh": ("邀请合作方", "生成链接", "加入", "Hejia邀请您加入", "现在添加第一个品项", "有1个合作方"),
        "en": (
            "Invite a partner",
            "Make the link",
            "Join",
            "Hejia invites you",
            "Now your first item",
            "work with 1 organ",
        ),
    }[language]
    chain = builder.party(OrganizationKind.RETAILER, "Hejia", "Hejia")
    builder.person(chain, Role.ADMINISTRATOR, PASSWORD, "wang@example.org")
    page = visit(language)
    enter(page, "/settings/partners")
    check_page(page)
    page.get_by_role("link", name=words[0]).click()
    page.fill("[name=name]", "清河")
    check_page(page)
    page.get_by_role("button", name=words[1]).click()
    link = page.locator("#f-link").input_value()
    check_page(page)
    phone = visit(language, viewport={"width": 360, "height": 760})
    phone.goto(link.partition("/partner")[1] + link.partition("/partner")[2])
    expect(phone.get_by_role("heading", level=1)).to_have_text(words[3])
    assert "t=" not in phone.url
    phone.get_by_role("button", name=words[2]).click()
    expect(phone.locator("[data-focus]")).to_be_visible()  # what is missing; nothing is lost
    check_page(phone)
    phone.fill("[name=name]", "王秀兰")
    phone.fill("[name=email]", "qinghe@example.org")
    phone.fill("[name=password]", "春天种下的番茄到了秋天都收获了呀")
    phone.get_by_role("button", name=words[2]).click()
    phone.wait_for_url("**/settings/items/new")
    expect(phone.get_by_role("status")).to_contain_text(words[4])
    for name, text in {"gtin": "6901234000016", "name_zh": "番茄", "price": "4", "shelf_life_days": "8",
                       "case_quantity": "10"}.items():  # fmt: skip
        phone.fill(f"[name={name}]", text)
    phone.locator("form.form2 button[type=submit]").click()
    expect(phone.get_by_role("link", name="番茄")).to_be_visible()
    page.goto("/settings/partners")
    expect(page.get_by_text(words[5])).to_be_visible()
    check_page(page)
