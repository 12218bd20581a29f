"""An empty hub, the link that opens it, and the assistant behind it, in a real browser, in both languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from hub import db
from hub.beginning import links
from hub.demo import builder
from hub.models.access import AdmissionLink
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind, Role
from tests.browser import PHONE, check_page

PASSWORD = "a long enough sentence"
Visit = Callable[..., Page]


def link(email: str = "") -> str:
    """The path of a new link."""
    with db.hub_session() as session:
        return "/welcome" + links.make(session, email).partition("/welcome")[2]


def fill(page: Page, gln: str = "6901234500011") -> None:
    """What the assistant asks for, with the GLN typed digit by digit."""
    for name, value in {
        "name": "王芳", "email": "wang@example.com", "password": PASSWORD, "chain_zh": "鲁邻超市",
        "chain_en": "Lulin", "store_zh": "文化路店",
    }.items():  # fmt: skip
        page.fill(f"[name={name}]", value)
    page.locator("[name=gln]").press_sequentially(gln)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_hub_says_where_its_link_is_and_the_link_makes_the_first_administrator(
    visit: Visit, language: str
) -> None:
    page = visit(language, viewport={"width": PHONE, "height": 740})
    page.goto("/sign-in")
    expect(page.get_by_text("furrow admin-link")).to_be_visible()
    check_page(page)

    page.goto(link())
    check_page(page)
    fill(page)
    expect(page.get_by_text({"zh": "13位数字相符。", "en": "All 13 digits fit together."}[language])).to_be_visible()
    page.locator("main button[type=submit]").click()
    expect(page).to_have_url(page.url.partition("/welcome")[0].partition("/admin")[0] + "/admin")
    check_page(page)

    elsewhere = visit(language)
    elsewhere.goto("/sign-in")
    expect(elsewhere.get_by_text("furrow admin-link")).to_have_count(0)


def test_a_wrong_digit_is_said_while_it_is_typed_and_again_when_it_is_sent(visit: Visit, served: str) -> None:
    page = visit("en")
    page.goto(link())
    page.locator("[name=gln]").press_sequentially("690123450001")
    expect(page.get_by_text("Digits to go: 1")).to_be_visible()
    page.locator("[name=gln]").press_sequentially("7")
    expect(page.get_by_text("A digit is wrong")).to_be_visible()
    page.fill("[name=gln]", "")
    fill(page, "6901234500017")
    page.fill("[name=password]", "too short")
    page.locator("main button[type=submit]").click()
    expect(page.get_by_role("alert").filter(has_text="Nothing was set up yet.")).to_be_focused()
    expect(page.locator("#f-gln-e")).to_contain_text("the last would be 1")
    expect(page.locator("#f-password-e")).to_contain_text("at least 15 characters")
    expect(page.locator("[name=chain_zh]")).to_have_value("鲁邻超市")
    expect(page.locator("[name=password]")).to_have_value("")
    check_page(page)
    with db.hub_session() as session:
        assert session.exec(select(Organization)).all() == []


def test_who_has_no_gln_yet_gets_a_number_of_the_hub_without_a_script(visit: Visit, served: str) -> None:
    page = visit("zh", java_script_enabled=False)
    page.goto(link())
    fill(page, "")
    page.check("[name=no_gln]")
    page.locator("main button[type=submit]").click()
    expect(page).to_have_url(served + "/admin")
    with db.hub_session() as session:
        assert session.exec(select(Organization)).one().gln.startswith("29")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_link_that_works_no_more_says_why(visit: Visit, served: str, language: str) -> None:
    page, used = visit(language), link()
    page.goto(used)
    fill(page)
    page.locator("main button[type=submit]").click()
    expect(page).to_have_url(served + "/admin")
    page.goto(used)
    expect(page.get_by_text({"zh": "只能用一次", "en": "it works once"}[language])).to_be_visible()
    check_page(page)

    expired = link("wang@example.com")
    with db.hub_session() as session:
        for row in session.exec(select(AdmissionLink)):
            row.expires_at = now()
            row.used_at = None
    page.goto(expired)
    expect(page.get_by_text({"zh": "已过期", "en": "has expired"}[language])).to_be_visible()
    page.goto(expired + "x")
    expect(page.get_by_text({"zh": "不是本站的链接", "en": "not one of this hub's"}[language])).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_administrator_who_is_locked_out_comes_in_again(visit: Visit, served: str, language: str) -> None:
    org = builder.party(OrganizationKind.RETAILER)
    builder.person(org, Role.ADMINISTRATOR, PASSWORD, "zhao@example.com")
    page = visit(language)
    page.goto(link("zhao@example.com"))
    check_page(page)
    page.fill("[name=password]", "short")
    page.locator("main button[type=submit]").click()
    expect(page.locator("#f-password-e")).to_be_visible()
    page.fill("[name=password]", "another long sentence")
    page.locator("main button[type=submit]").click()
    expect(page).to_have_url(served + "/admin")
