"""Coming in and going out, in a real browser, in both languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from hub.demo import builder
from hub.models.party import OrganizationKind, Role
from tests.browser import check_page

PASSWORD = "a long enough sentence"
WORDS = {
    "en": {"in": "Sign in", "out": "Sign out", "wrong": "The e-mail address or the password is not right.",
           "nothing": "Nothing is here", "account": "Account", "end": "End", "other": "中文",
           "left": "You have signed out."},
    "zh": {"in": "登录", "out": "退出", "wrong": "邮箱或密码不对。", "nothing": "这里什么也没有", "account": "账户",
           "end": "结束", "other": "English", "left": "您已退出。"},
}  # fmt: skip
Visit = Callable[..., Page]


@pytest.fixture
def li(clean: str) -> None:
    """Li Min of Qinghe."""
    org = builder.party(OrganizationKind.SUPPLIER, "清河蔬菜合作社")
    builder.person(org, Role.SUPPLIER, PASSWORD, "li@example.org")


def enter(page: Page, password: str = PASSWORD) -> None:
    page.goto("/sign-in?next=/account")
    page.fill("[name=email]", "li@example.org")
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_load_state()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.usefixtures("li")
class TestInBothLanguages:
    def test_a_person_comes_in_and_goes_out(self, visit: Visit, language: str) -> None:
        page, words = visit(language), WORDS[language]
        page.goto("/")
        expect(page.get_by_role("heading", level=1)).to_have_text(words["in"])
        check_page(page)

        enter(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(words["account"])
        check_page(page)

        page.get_by_role("main").get_by_role("button", name=words["out"]).click()
        expect(page.get_by_role("status")).to_contain_text(words["left"])
        page.goto("/account")
        expect(page).to_have_url(page.url.split("/account")[0].split("/sign-in")[0] + "/sign-in?next=/account")

    def test_a_wrong_password_says_so_and_keeps_the_address(self, visit: Visit, language: str) -> None:
        page = visit(language)
        enter(page, "guessed")
        said = page.get_by_role("alert").filter(has_text=WORDS[language]["wrong"])
        expect(said).to_be_focused()
        expect(page.locator("[name=email]")).to_have_value("li@example.org")
        expect(page.locator("[name=password]")).to_have_value("")
        check_page(page)

    def test_an_address_of_nothing_says_what_to_do(self, visit: Visit, language: str) -> None:
        page = visit(language)
        page.goto("/no/such/place")
        expect(page.get_by_role("heading", level=1)).to_have_text(WORDS[language]["nothing"])
        check_page(page)


def test_the_language_is_switched_and_remembered_with_the_person(visit: Visit, li: None) -> None:
    page = visit("en")
    enter(page)
    page.get_by_role("banner").get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("账户")

    elsewhere = visit("en")
    enter(elsewhere)
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("账户")


def test_a_login_left_open_elsewhere_is_ended_from_here(visit: Visit, li: None) -> None:
    elsewhere, here = visit("en"), visit("en")
    enter(elsewhere)
    enter(here)
    row = here.get_by_role("row").filter(has_text="Another browser")
    row.get_by_role("button").click()
    expect(here.get_by_role("status")).to_contain_text("That login has ended.")
    expect(here.get_by_role("row").filter(has_text="Another browser")).to_have_count(0)

    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_menus_open_by_keyboard_and_close_with_escape(visit: Visit, li: None) -> None:
    page = visit("en")
    enter(page)
    menu = page.locator("summary.who")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("banner").get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("banner").get_by_role("button", name="Sign out")).to_be_hidden()
    expect(menu).to_be_focused()


def test_everything_works_without_a_script(visit: Visit, li: None) -> None:
    page = visit("en", java_script_enabled=False)
    enter(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Account")
    page.get_by_role("banner").get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("账户")
    page.get_by_role("main").get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
