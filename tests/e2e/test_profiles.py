"""What a buyer asks of events, chosen and read in a real browser, in both languages, at a desk and on a phone."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hub.demo import builder
from hub.models.party import OrganizationKind, Role
from tests.browser import check_page
from tests.e2e.test_settings import PASSWORD, enter, keys_of_the_hub

__all__ = ["keys_of_the_hub"]
WORDS = {
    "en": ("Deliveries to a large retailer", "Hejia asks for: ", "dispatch advice number"),
    "zh": ("向大型零售商交货", "合家要求：", "发货通知单号"),
}
PHONE = {"width": 360, "height": 760}


def shot(page: Page, name: str) -> None:
    """A picture to look at, where somebody asks for pictures."""
    if folder := os.environ.get("FURROW_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_buyer_chooses_what_it_asks_for_and_its_supplier_reads_it(
    visit: Callable[..., Page], keys_of_the_hub: None, language: str
) -> None:
    title, asked, datum = WORDS[language]
    chain = builder.party(OrganizationKind.RETAILER, "Hejia", "合家")
    farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe", "清河")
    builder.relation(chain, farm)
    builder.person(chain, Role.ADMINISTRATOR, PASSWORD, "wang@example.org")
    page = visit(language)
    enter(page, "/settings/organization")
    check_page(page)
    shot(page, f"organization-{language}")
    page.goto("/settings/partners")
    shot(page, f"partners-{language}")
    page.get_by_role("link", name={"en": "Qinghe", "zh": "清河"}[language]).click()
    check_page(page)
    page.locator("main details").first.locator("summary").click()
    shot(page, f"buyer-{language}")
    page.select_option("[name=profile]", label=title)
    page.select_option("[name=weight]", "refuse")
    page.locator("form.form2 button[type=submit]").click()
    expect(page.locator("[name=profile]")).to_have_value("retailer-inbound")
    builder.person(farm, Role.ADMINISTRATOR, PASSWORD, "li@example.org")
    for width in ({"width": 1280, "height": 800}, PHONE):
        reader = visit(language, viewport=width)
        reader.goto(f"/sign-in?next=/settings/partners/{chain.id}")
        reader.fill("[name=email]", "li@example.org")
        reader.fill("[name=password]", PASSWORD)
        reader.click("main button[type=submit]")
        expect(reader.get_by_role("heading", name=asked + title)).to_be_visible()
        expect(reader.get_by_text(datum).first).to_be_visible()
        check_page(reader)
        shot(reader, f"supplier-{language}-{width['width']}")
    phone = visit(language, viewport=PHONE)
    enter(phone, f"/settings/partners/{farm.id}")
    phone.locator("main details").first.locator("summary").click()
    check_page(phone)
    shot(phone, f"buyer-{language}-360")
