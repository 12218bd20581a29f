"""What an organisation says of itself, who audits it, and its name on the ledger: in a real browser."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page

from hub import db
from hub.beginning import auditors
from hub.beginning.partners import Days
from hub.demo import builder
from hub.models.party import Organization, OrganizationKind, Role
from tests.browser import check_page
from tests.hub.growers import keys_of_the_hub

__all__ = ["keys_of_the_hub"]
PASSWORD = "a long enough sentence"
Visit = Callable[..., Page]


@pytest.fixture
def farm(clean: str, keys_of_the_hub: None) -> Organization:
    """A grower with a key of its own, which lets an auditor look."""
    farm = builder.member(builder.party(OrganizationKind.SUPPLIER, "Qinghe", "清河"), "0x" + "ab" * 20)
    auditor = builder.party(OrganizationKind.AUDITOR, "Zhengxin", "正信")
    builder.person(farm, Role.ADMINISTRATOR, PASSWORD, "wang@example.org")
    builder.person(auditor, Role.ADMINISTRATOR, PASSWORD, "he@example.org")
    me = builder.actor(farm, Role.ADMINISTRATOR)
    with db.session(me.who) as session:
        auditors.grant(session, me, auditor.gln, Days(date(2026, 1, 1)))
        auditors.invite(session, me, "诚鉴", Days(date(2026, 1, 1)))
    return farm


def enter(page: Page, path: str, email: str) -> None:
    page.goto(f"/sign-in?next={path}")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"**{path}")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.usefixtures("farm")
def test_organisation_auditors_and_ledger_are_pages_that_fit_and_speak(visit: Visit, language: str) -> None:
    page = visit(language)
    enter(page, "/settings/organization", "wang@example.org")
    check_page(page)
    page.fill("[name=gln]", "6901234000017")
    page.locator("form.form2 button[type=submit]").click()
    check_page(page)
    for path in ("/settings/auditors", "/settings/auditors/new", "/settings/ledger?check=yes"):
        page.goto(path)
        check_page(page)


@pytest.mark.usefixtures("farm")
def test_an_auditor_takes_an_audit_on_by_a_click(visit: Visit) -> None:
    page = visit("en")
    enter(page, "/settings/audits", "he@example.org")
    check_page(page)
    page.get_by_role("button", name="Take it on: Qinghe").click()
    page.get_by_text("Records open").wait_for()
    check_page(page)
