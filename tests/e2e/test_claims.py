"""A claim by clicks, in both languages: counted with a photo, answered with a share, which the buyer takes."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from hub import db, outbox
from hub.demo import builder
from hub.listeners import LISTENERS
from hub.models.claims import Claim, ClaimOutcome
from hub.models.party import Role
from logistics.drive import tracking
from logistics.models import Stop
from logistics.receive import count_pages as store
from tests.browser import PHONE, check_page
from tests.e2e.test_portal import look
from tests.hub import files
from tests.logistics.conftest import Region, keys_of_the_hub, morning, region, seen_by

__all__ = ["keys_of_the_hub", "region"]
PASSWORD = "a long enough sentence"
Visit = Callable[..., Page]
WORDS = {
    "en": {"wrong": "Not in order", "receive": "Receive", "yes": "Yes, receive it", "send": "Send answer",
           "goods": "We bear, of the goods", "insist": "Insist once", "back": "Announce the return",
           "noted": "Note that it came back"},
    "zh": {"wrong": "有问题", "receive": "收货", "yes": "确认收货", "send": "发出答复", "goods": "我方承担的货物",
           "insist": "坚持一次", "back": "通知退货", "noted": "记录已退回"},
}  # fmt: skip


def enter(page: Page, who: str) -> Page:
    page.goto("/sign-in")
    page.fill("[name=email]", f"{who}@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


def measured(region: Region, *celsius: str) -> None:
    """The driver reads the thermometer on the way."""
    (stop, *_) = region.stops(region.planned(publish=True))
    with db.session(region.driver.who) as session:
        for number, value in enumerate(celsius):
            held = session.get_one(Stop, stop.id)
            tracking.read_temperature(session, region.driver, held, Decimal(value), at=morning(5, number * 10))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_claim_from_the_count_to_its_credit(
    visit: Visit, region: Region, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = WORDS[language]
    monkeypatch.setattr(store, "now", lambda: morning(7))
    for party, role, name in (
        (region.chain, Role.STORE, "li"), (region.chain, Role.BUYER, "gao"), (region.farm, Role.SUPPLIER, "wang")
    ):  # fmt: skip
        builder.person(party, role, PASSWORD, f"{name}@example.org")
    shipment = region.shipped(tomato=120)
    measured(region, "4.1", "5.0", "9.4", "7.2")

    phone = enter(visit(language, viewport={"width": PHONE, "height": 740}, has_touch=True), "li")
    phone.goto(f"/store/deliveries/{shipment.sscc}")
    phone.locator("[name='lines.0.answer'][value=but]").check()
    check_page(phone)
    phone.get_by_label(words["wrong"]).fill("30")
    phone.locator("[name='lines.0.reason']").select_option("too-warm")
    photo = {"name": "warm.jpg", "mimeType": "image/jpeg", "buffer": files.jpeg()}
    phone.locator("[name='lines.0.photo']").set_input_files(photo)
    phone.get_by_role("button", name=words["receive"], exact=True).click()
    phone.get_by_role("button", name=words["yes"]).click()
    expect(phone.locator("form.lines")).to_have_count(0)
    outbox.relay(LISTENERS)
    (claim,) = seen_by(region.chain.id, Claim)

    desk = enter(visit(language), "wang")
    check_page(desk)
    desk.goto("/supplier/claims")
    check_page(desk)
    desk.get_by_role("link", name=claim.number).click()
    expect(desk.locator("img.shot")).to_be_visible()
    expect(desk.locator(".fc-svg").first).to_be_visible()
    look(desk, f"claim-{language}")
    desk.locator("[name=kind][value=shared]").check()
    desk.get_by_role("button", name=words["send"]).click()
    expect(desk.locator(".note-stop[role=alert]")).to_be_visible()
    check_page(desk)
    desk.get_by_label(words["goods"]).fill("15")
    desk.get_by_role("button", name=words["send"]).click()
    expect(desk.locator("[name=kind]")).to_have_count(0)

    buyer = enter(visit(language), "gao")
    buyer.goto("/buyer/claims")
    check_page(buyer)
    buyer.get_by_role("link", name=claim.number).click()
    check_page(buyer)
    buyer.get_by_role("button", name=words["insist"]).click()
    expect(buyer.locator(".note-stop[role=alert]")).to_be_visible()
    buyer.get_by_role("button", name=words["back"]).click()
    expect(buyer.locator("[name=leaves_on]")).to_have_count(0)
    buyer.locator("button[value=take]").click()
    expect(buyer.locator(".head .st-ok")).to_be_visible()
    check_page(buyer)

    desk.reload()
    desk.get_by_role("button", name=words["noted"]).click()
    expect(desk.locator("[name=amount]")).to_have_count(0)
    check_page(desk)
    (settled,) = seen_by(region.farm.id, Claim)
    assert settled.outcome is ClaimOutcome.SHARED and settled.credit == round(15 * settled.price, 2)
