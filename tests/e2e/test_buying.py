"""A buyer keeps a draft, asks for its approval, and lets it stand: in a real browser, at a desk and on a phone."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from hub import db
from hub.demo import builder
from hub.models.base import now
from hub.models.party import Organization, Role
from tests.browser import check_page
from tests.e2e.test_settings import PASSWORD, keys_of_the_hub
from tests.supplier_portal.conftest import Trade

__all__ = ["keys_of_the_hub"]
SIZES = {"en": {"width": 1280, "height": 800}, "zh": {"width": 360, "height": 760}}


def enter(page: Page, path: str, email: str) -> None:
    page.goto(f"/sign-in?next={path}")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"**{path}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_draft_is_kept_approved_by_another_and_stands_every_week(
    visit: Callable[..., Page], keys_of_the_hub: None, language: str
) -> None:
    trade = Trade(at=now(), deliver_on=(now() + timedelta(days=20)).date())
    with db.session(trade.buyer.who) as session:
        session.get_one(Organization, trade.chain.id).approve_above = Decimal(1)
    for email in ("gao@example.org", "lin@example.org"):
        builder.person(trade.chain, Role.BUYER, PASSWORD, email)
    first = visit(language, viewport=SIZES[language])
    enter(first, "/buyer/orders", "gao@example.org")
    first.goto(f"/buyer/orders/new?supplier={trade.farm.id}&place={trade.stores[0].id}")
    first.locator("[name='lines.0.quantity']").fill("40")
    first.locator("[formaction='/buyer/orders/new/keep']").click()
    first.wait_for_url("**/buyer/orders/PO*")
    address = first.url
    check_page(first)
    first.goto("/buyer/orders?state=drafts")
    check_page(first)
    first.goto(address)
    first.locator("form[action$='/place'] button").click()
    expect(first.locator("form[action$='/take-back'] button")).to_be_visible()
    expect(first.locator("[command=show-modal][commandfor=approve]")).to_have_count(0)
    check_page(first)
    second = visit(language, viewport=SIZES[language])
    enter(second, "/buyer/orders", "lin@example.org")
    second.goto(address)
    check_page(second)
    second.locator("[command=show-modal][commandfor=return]").click()
    second.locator("#return [name=reason]").fill("40?")
    second.locator("#return .btn-main").click()
    expect(second.locator("h1 + .lead")).to_contain_text("40?")
    second.goto(address)
    first.goto(address)
    first.locator("form[action$='/place'] button").click()
    expect(first.locator("form[action$='/take-back'] button")).to_be_visible()
    second.goto(address)
    second.locator("[command=show-modal][commandfor=approve]").click()
    second.locator("#approve .btn-main").click()
    expect(second.locator("[command=show-modal][commandfor=cancel]")).to_be_visible()
    second.locator("a[href*='/standing/new']").click()
    check_page(second)
    for day in "135":
        second.check(f"[name=weekdays][value='{day}']")
    second.locator("main form button[type=submit]").last.click()
    expect(second.locator("form[action$='/skip']").first).to_be_visible()
    check_page(second)
    second.locator("form[action$='/skip'] button").first.click()
    expect(second.locator("form[action$='/take'] button")).to_have_count(1)
    second.goto("/buyer/orders/standing")
    check_page(second)
