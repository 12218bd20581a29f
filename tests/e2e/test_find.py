"""The search over everything in a real browser: as one types, by keyboard, on a phone in Chinese and at a desk."""

import os
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from hub.models.party import Role
from tests.browser import DESK, PHONE, check_page
from tests.hub.web.test_find import World
from tests.supermarket import signed_in

Visit = Callable[..., Page]
PASSWORD = "a long enough password"


@pytest.fixture
def world(clean: str) -> World:
    """The supermarket, its order, shipment and lot, and a buyer's account."""
    made = World()
    signed_in(made.chain, Role.BUYER, "lin@example.org").close()
    return made


def enter(page: Page, path: str) -> None:
    page.goto(f"/sign-in?next={path}")
    page.fill("[name=email]", "lin@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"**{path}")


def keep(page: Page, name: str) -> None:
    """A picture for whoever wants to look, where FURROW_PICTURES names a folder."""
    if folder := os.environ.get("FURROW_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_on_a_phone_a_tomato_is_found_by_pinyin(visit: Visit, world: World) -> None:
    page = visit("zh", viewport={"width": PHONE, "height": 740})
    enter(page, "/buyer")
    page.locator("a.to-find").click()
    expect(page.get_by_text("拼音首字母")).to_be_visible()
    keep(page, "find-empty-zh")
    check_page(page)
    page.locator("#find").press_sequentially("fanqie")
    expect(page.get_by_role("link", name="番茄").last).to_be_visible()
    page.wait_for_url("**/find?q=fanqie")
    keep(page, "find-zh-360")
    check_page(page)
    page.locator("#find").fill("没有这个")
    expect(page.get_by_text("没有找到“没有这个”")).to_be_visible()
    check_page(page)


def test_on_a_phone_a_list_is_sorted_beside_its_search_and_at_a_desk_by_its_headings(
    visit: Visit, world: World
) -> None:
    page = visit("zh", viewport={"width": PHONE, "height": 740})
    enter(page, "/buyer/orders?state=all")
    order = page.get_by_label("排序")
    expect(order).to_be_visible()
    expect(page.locator(".order-by button")).to_be_hidden()
    check_page(page)
    order.select_option("-value")
    page.wait_for_url("**sort=-value*")
    expect(page.get_by_label("排序")).to_have_value("-value")
    assert "state=all" in page.url
    keep(page, "sorted-zh-360")
    check_page(page)
    page.set_viewport_size({"width": DESK, "height": 800})
    expect(page.get_by_label("排序")).to_be_hidden()
    page.locator("#q").fill("番茄")
    page.locator("#q").press("Enter")
    page.wait_for_url("**q=%E7%95%AA%E8%8C%84*")
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    assert "sort=-value" in page.url
    check_page(page)
    bare = visit("zh", viewport={"width": PHONE, "height": 740}, java_script_enabled=False)
    enter(bare, "/buyer/orders")
    bare.get_by_label("排序").select_option("number")
    bare.get_by_role("button", name="排序").click()
    bare.wait_for_url("**sort=number*")


def test_at_a_desk_the_keyboard_alone_leads_there_and_back(visit: Visit, world: World) -> None:
    page = visit("en", viewport={"width": DESK, "height": 800})
    enter(page, "/buyer/orders?state=all")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("tomato")
    expect(page.locator(".drop [data-hit]").first).to_be_visible()
    keep(page, "find-drop-en")
    check_page(page)
    page.locator("#find").fill("tomatoes")
    expect(page.locator(".drop [data-hit]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".drop [data-hit]").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".drop [data-hit]")).to_have_count(0)
    page.locator("#find").fill("tomato")
    page.keyboard.press("Enter")
    page.wait_for_url("**/find?q=tomato")
    keep(page, "find-en-1280")
    check_page(page)
    page.locator("#find").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/buyer/orders/PO-2026-0007")
    page.keyboard.press("/")
    page.keyboard.type(world.shipment.sscc)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/buyer/orders/PO-2026-0007$"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_is_read_at_its_place_on_any_screen(visit: Visit, world: World, language: str) -> None:
    page = visit(language, viewport={"width": DESK, "height": 800})
    enter(page, "/buyer/stock")
    page.locator("summary.who").click()
    page.locator("a[href^='/help/']").click()
    page.wait_for_url("**/help/buyer#stock")
    keep(page, f"help-{language}")
    check_page(page)
    page.goto("/help/operator")
    check_page(page)


def test_on_a_phone_the_guide_that_is_read_is_in_sight_among_the_others(visit: Visit, world: World) -> None:
    page = visit("zh", viewport={"width": PHONE, "height": 800})
    enter(page, "/buyer/stock")
    page.goto("/help/operator")
    expect(page.locator(".side [aria-current]")).to_be_in_viewport(ratio=1)
    page.goto("/help/everybody")
    expect(page.locator(".side [aria-current]")).to_be_in_viewport(ratio=1)
