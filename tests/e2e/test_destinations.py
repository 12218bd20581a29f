"""Buyers' repositories in the settings: added, stopped, gone on, in a real browser and in both languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from hub.demo import builder
from hub.models.party import Role
from tests.browser import check_page
from tests.e2e.test_settings import PASSWORD, enter
from tests.hub.growers import keys_of_the_hub
from tests.hub.trace.test_passing import Repository, Trade, pass_on, repository

__all__ = ["keys_of_the_hub", "repository"]
PATH = "/settings/destinations"


@pytest.mark.parametrize(("code", "width"), [("en", 1280), ("zh", 360)])
def test_a_repository_is_added_stops_with_its_reason_and_goes_on(
    clean: str,
    keys_of_the_hub: None,
    repository: Repository,
    visit: Callable[..., Page],
    code: str,
    width: int,
) -> None:
    trade = Trade()
    builder.person(trade.farm, Role.ADMINISTRATOR, PASSWORD, "wang@example.org")
    page = visit(code, viewport={"width": width, "height": 800})
    enter(page, PATH)
    check_page(page)
    page.click(f"a[href='{PATH}/new']")
    check_page(page)
    page.fill("[name=url]", repository.address)
    page.fill("[name=token]", "of the buyer")
    page.click("main form button[type=submit]")
    expect(page.locator(".err").first).to_be_visible()
    check_page(page)
    page.fill("[name=token]", "of-the-buyer")
    page.click("main form button[type=submit]")
    page.wait_for_url(f"**{PATH}/*-*")
    check_page(page)
    trade.capture("1", "2")
    repository.status = 400
    repository.problem = {"detail": "epcisBody.eventList[1].readPoint: is missing"}
    pass_on(1)
    page.reload()
    expect(page.locator("main")).to_contain_text("readPoint: is missing")
    check_page(page)
    repository.status, repository.problem = 201, None
    page.click("form[action$='/resume'] button")
    pass_on()
    page.click("form[action$='/again'] button")
    pass_on()
    page.goto(PATH)
    expect(page.locator("main tbody")).to_contain_text("2")
    assert repository.events == [["urn:x:1", "urn:x:2"], ["urn:x:1"], ["urn:x:2"]]
    check_page(page)
    page.click("main tbody a")
    page.click("button[commandfor=end]")
    page.click("dialog[open] button[type=submit]")
    expect(page.locator(".empty")).to_be_visible()
