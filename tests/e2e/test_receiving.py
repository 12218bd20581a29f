"""A store receives on a phone: by scanning, and in a cellar without a line, once."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hub.demo import builder
from hub.models.base import now
from hub.models.claims import ReceiptPhoto
from hub.models.party import Role
from hub.models.trade import Shipment
from hub.settings import settings
from logistics.models import Receipt, ReceiptLine
from logistics.receive import count_pages as store
from tests.browser import check_axe, check_page
from tests.hub import files
from tests.logistics.conftest import Region, keys_of_the_hub, morning, region, seen_by
from tests.waiting import wait_for

__all__ = ["keys_of_the_hub", "region"]
PASSWORD = "a long enough sentence"
SHOTS = os.environ.get("FURROW_SHOTS", "")
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
WORDS = {
    "en": {"receive": "Receive", "yes": "Yes, receive it", "calm": "Go on as usual",
           "again": "Take it back and change it", "taken": "another count", "drop": "Remove"},
    "zh": {"receive": "收货", "yes": "确认收货", "calm": "可以照常做",
           "again": "收回修改", "taken": "已经收过", "drop": "移除"},
}  # fmt: skip
Visit = Callable[..., Page]


def enter(page: Page, who: str) -> Page:
    page.goto("/sign-in")
    page.fill("[name=email]", f"{who}@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


@pytest.fixture
def people(region: Region, monkeypatch: pytest.MonkeyPatch) -> Region:
    """Somebody at the first store, on Wednesday morning."""
    monkeypatch.setattr(store, "now", lambda: morning(7))
    builder.person(region.chain, Role.STORE, PASSWORD, "li@example.org")
    builder.person(region.chain, Role.STORE, PASSWORD, "sun@example.org")
    return region


def kept(page: Page, address: str) -> None:
    """Wait until the phone keeps a page."""
    wait_for(
        f"the phone to keep {address}",
        lambda: page.evaluate(
            "async address => !!(await navigator.serviceWorker.getRegistration())?.active"
            " && !!(await caches.match(address, {ignoreVary: true}))"
            " && !!(await caches.match('/no-line', {ignoreVary: true}))",
            address,
        ),
    )


def receive(page: Page, words: dict[str, str]) -> None:
    page.get_by_role("button", name=words["receive"], exact=True).click()
    page.get_by_role("button", name=words["yes"]).click()


def looked(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at the pages."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_count_without_a_line_is_kept_on_the_phone_and_booked_once(
    visit: Visit, people: Region, language: str
) -> None:
    words, shipment = WORDS[language], people.shipped(tomato=120, eggs=60)
    address = f"/store/deliveries/{shipment.sscc}"
    phone = enter(visit(language, **PHONE), "li")
    phone.goto("/store/deliveries")
    kept(phone, address)
    check_page(phone)

    phone.context.set_offline(True)
    phone.goto(address)
    expect(phone.locator("#outbox")).to_contain_text(words["calm"])
    check_axe(phone)
    looked(phone, f"offline-{language}")
    line = phone.locator(f"tr[data-gtin='{people.tomato.gtin}']")
    line.locator("input[value=less]").check()
    more = phone.locator("tr.detail").nth(0 if line.get_attribute("data-lot") == first_lot(phone) else 1)
    more.locator("[name$=quantity]").fill("110")
    more.locator("[name$=reason]").select_option("damaged")
    more.locator("[name$=photo]").set_input_files(
        {"name": "crate.jpg", "mimeType": "image/jpeg", "buffer": files.jpeg()}
    )
    receive(phone, words)
    expect(phone.get_by_role("button", name=words["again"])).to_be_visible()
    check_axe(phone)
    looked(phone, f"kept-{language}")
    assert seen_by(people.chain.id, Receipt) == []
    phone.goto(address)
    expect(phone.get_by_role("button", name=words["again"])).to_be_visible()

    phone.context.set_offline(False)
    expect(phone.locator("form.lines")).to_have_count(0)
    expect(phone.locator("#outbox")).to_be_empty()
    assert len(seen_by(people.chain.id, Receipt)) == 1 == len(seen_by(people.chain.id, ReceiptPhoto))
    assert sorted(line.quantity for line in seen_by(people.chain.id, ReceiptLine)) == [60, 110]


def first_lot(page: Page) -> Any:
    return page.locator("tr[data-gtin]").first.get_attribute("data-lot")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_answer_that_got_lost_on_the_way_books_nothing_twice(visit: Visit, people: Region, language: str) -> None:
    words, shipment = WORDS[language], people.shipped(tomato=120)
    phone = enter(visit(language, **PHONE), "li")
    phone.goto(f"/store/deliveries/{shipment.sscc}")
    reached = []

    def lose(route: Any) -> None:
        reached.append(route.fetch(max_redirects=0).status)
        route.abort()

    phone.context.route("**/receipt", lose)
    receive(phone, words)
    expect(phone.get_by_role("button", name=words["again"])).to_be_visible()
    assert reached[0] == 204 and len(seen_by(people.chain.id, Receipt)) == 1
    phone.context.unroute("**/receipt")
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    expect(phone.locator("form.lines")).to_have_count(0)
    assert len(seen_by(people.chain.id, Receipt)) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_where_somebody_else_counted_in_the_meantime_the_phone_says_what_to_do(
    visit: Visit, people: Region, language: str
) -> None:
    words, shipment = WORDS[language], people.shipped(tomato=120)
    address = f"/store/deliveries/{shipment.sscc}"
    phone = enter(visit(language, **PHONE), "li")
    phone.goto(address)
    kept(phone, address)
    phone.context.set_offline(True)
    phone.locator("[name='lines.0.answer'][value=none]").check()
    phone.locator("[name='lines.0.reason']").select_option("too-warm")
    receive(phone, words)
    expect(phone.get_by_role("button", name=words["again"])).to_be_visible()
    phone.goto("/store/stock")
    expect(phone.locator("h1")).to_be_visible()
    other = enter(visit(language, **PHONE), "sun")
    other.goto(address)
    receive(other, words)
    expect(other.locator("form.lines")).to_have_count(0)

    phone.context.set_offline(False)
    phone.goto("/store/deliveries")
    expect(phone.locator("#outbox .note-stop")).to_contain_text(words["taken"])
    check_axe(phone)
    looked(phone, f"conflict-{language}")
    phone.get_by_role("button", name=words["drop"]).click()
    expect(phone.locator("#outbox")).to_be_empty()
    (line,) = seen_by(people.chain.id, ReceiptLine)
    assert line.quantity == 120


def test_what_one_person_kept_on_a_phone_is_not_sent_by_another(visit: Visit, people: Region) -> None:
    shipment = people.shipped(tomato=120)
    address = f"/store/deliveries/{shipment.sscc}"
    phone = enter(visit(**PHONE), "li")
    phone.goto(address)
    kept(phone, address)
    phone.context.set_offline(True)
    receive(phone, WORDS["en"])
    expect(phone.get_by_role("button", name=WORDS["en"]["again"])).to_be_visible()
    phone.context.clear_cookies()
    phone.context.set_offline(False)
    enter(phone, "sun")
    phone.goto("/store/deliveries")
    expect(phone.get_by_text("1 record of somebody else is kept on this phone")).to_be_visible()
    assert seen_by(people.chain.id, Receipt) == []
    assert "pages-" in phone.evaluate("async () => (await caches.keys()).join()")
    phone.context.clear_cookies()
    enter(phone, "li")
    wait_for("what was kept to be sent", lambda: len(seen_by(people.chain.id, Receipt)) == 1)
    phone.goto("/store/deliveries?state=all")
    expect(phone.locator("#outbox")).to_be_empty()


def test_whoever_signs_out_leaves_no_page_on_the_phone(visit: Visit, people: Region) -> None:
    people.shipped(tomato=120)
    phone = enter(visit(**PHONE), "li")
    phone.goto("/store/deliveries")
    kept(phone, "/store/deliveries")
    phone.wait_for_load_state("networkidle")
    phone.locator("header .menu summary").click()
    phone.get_by_role("button", name="Sign out").click()
    phone.wait_for_url(lambda address: "/store" not in address)
    wait_for("the pages to be forgotten", lambda: phone.evaluate("async () => (await caches.keys()).length === 0"))


def code(phone: Page, text: str) -> None:
    phone.locator("#scan").fill(text)
    phone.locator("#scan").press("Enter")


def test_a_delivery_is_counted_by_scanning(visit: Visit, people: Region) -> None:
    shipment: Shipment = people.shipped(tomato=120, eggs=60)
    phone = enter(visit(**PHONE), "li")
    phone.goto(f"/store/deliveries/{shipment.sscc}")
    said = phone.locator("[data-scanner] [role=status]")
    eggs, tomato = people.eggs.gtin, people.tomato.gtin
    code(phone, f"01{eggs}3720\x1d10E-12")
    expect(said).to_have_text("Eggs: 20 of 60 pieces scanned.")
    line = phone.locator(f"tr[data-gtin='{eggs}']")
    expect(line.locator("input[value=less]")).to_be_checked()
    code(phone, f"(01){eggs}(10)E-12(37)40")
    expect(said).to_have_text("Eggs: 60 of 60 pieces scanned.")
    expect(line.locator("input[value=all]")).to_be_checked()
    code(phone, f"https://id.example.org/01/{eggs}/10/E-99")
    expect(said).to_contain_text("the label says lot E-99, announced was E-12")
    code(phone, f"]C101{tomato}3102001500\x1d10T-88")
    expect(said).to_contain_text("15 of 120 kg scanned")
    code(phone, f"01{tomato}10T-88")
    expect(said).to_have_text("Tomato, lot T-88: the label says no weight. Type how much it is.")
    code(phone, f"01{tomato}15261130310200010010T-88")
    expect(said).to_contain_text("The label says 2026-11-30: another date than announced.")
    code(phone, builder.gtin(9876))
    expect(said).to_contain_text("is not of this delivery.")
    code(phone, "hello")
    expect(said).to_have_text("This code says nothing that belongs to a delivery.")
    check_page(phone)
    looked(phone, "scanned")
    code(phone, f"00{shipment.sscc}")
    expect(said).to_contain_text("The whole delivery")
    receive(phone, WORDS["en"])
    expect(phone.locator("form.lines")).to_have_count(0)
    assert {line.quantity for line in seen_by(people.chain.id, ReceiptLine)} == {60, 120}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_parts_are_kept_and_a_receipt_is_undone_by_clicks(
    visit: Visit, people: Region, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "receipt_undo_minutes", 10)
    monkeypatch.setattr(store, "now", now)
    shipment = people.shipped(eggs=60)
    phone = enter(visit(language, **PHONE), "li")
    phone.goto(f"/store/deliveries/{shipment.sscc}")
    phone.locator("[name='lines.0.answer'][value=less]").check()
    phone.locator("[name='lines.0.quantity']").fill("40")
    phone.locator("button[formaction$=parts]").click()
    expect(phone.locator("form[action*='/parts/']")).to_have_count(1)
    check_page(phone)
    looked(phone, f"part-{language}")
    receive(phone, WORDS[language])
    undo = phone.locator("form[action$='/receipt/undo'] button")
    expect(undo).to_be_visible()
    check_page(phone)
    looked(phone, f"undo-{language}")
    undo.click()
    expect(phone.locator("#h-e")).to_be_visible()
    check_page(phone)
    looked(phone, f"undone-{language}")
    assert seen_by(people.chain.id, Receipt) == []
