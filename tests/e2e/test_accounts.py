"""People's accounts in a real browser: joining on a phone, a second step, a passkey, being asked again."""

from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from hub import db
from hub.demo import builder
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind, Role
from hub.settings import settings
from tests.browser import PHONE, check_page

PASSWORD = "a long enough sentence"
ANOTHER = "another quite long sentence"
Visit = Callable[..., Page]
WORDS = {
    "en": {"invite": "Make the invitation", "copy": "Message to copy", "join": "Join", "name": "Your name",
           "password": "Choose a password", "people": "People", "used": "accepted already", "keys": "API keys",
           "make": "Make the key", "key": "Key", "end": "End the access", "app": "Set up an app",
           "confirm": "Confirm the app", "code": "Code", "kept": "I have kept them", "go": "Go on",
           "again": "Confirm that it is you", "yes": "Confirm and go on", "pass": "Password", "saved": "Saved",
           "save": "Save", "scope": "Read and verify records", "called": "Name"},
    "zh": {"invite": "生成邀请", "copy": "要复制的消息", "join": "加入", "name": "您的姓名", "password": "设一个密码",
           "people": "同事", "used": "已经接受过了", "keys": "接口密钥", "make": "生成密钥", "key": "密钥",
           "end": "结束权限", "app": "设置应用", "confirm": "确认应用", "code": "验证码", "kept": "我已保存好",
           "go": "继续", "again": "请确认是您本人", "yes": "确认并继续", "pass": "密码", "saved": "已保存",
           "save": "保存", "scope": "读取和核验记录", "called": "名称"},
}  # fmt: skip


@pytest.fixture
def chain(clean: str) -> Organization:
    """Hejia, with a store, and Gao who administers it."""
    org = builder.party(OrganizationKind.RETAILER, "Hejia", "和家超市")
    builder.place(org, name="Lixia store", zh="历下店")
    builder.person(org, Role.ADMINISTRATOR, PASSWORD, "gao@example.org", "Gao Yuan")
    builder.person(org, Role.BUYER, PASSWORD, "lin@example.org", "Lin Xiao")
    return org


def enter(page: Page, email: str = "gao@example.org", to: str = "/account", password: str = PASSWORD) -> None:
    page.goto(f"/sign-in?next={to}")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.click("main form[action='/sign-in'] button[type=submit]")
    page.wait_for_load_state()


def link_in(page: Page, label: str) -> str:
    return page.get_by_label(label).input_value().split(": ")[-1].split("：")[-1].strip()


def invite(page: Page, words: dict[str, str], email: str, *roles: str) -> str:
    page.goto("/settings/people/new")
    page.fill("[name=email]", email)
    for role in roles:
        page.check(f"[name=roles][value={role}]")
    page.get_by_role("button", name=words["invite"]).click()
    return link_in(page, words["copy"])


def let_time_pass() -> None:
    """Eleven minutes go by since anybody has shown who they are."""
    with db.hub_session() as session:
        session.execute(text("update login set auth_at = auth_at - interval '11 minutes'"))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.usefixtures("chain")
class TestInBothLanguages:
    def test_somebody_is_invited_and_joins_on_a_phone(self, visit: Visit, language: str) -> None:
        office, words = visit(language), WORDS[language]
        enter(office, to="/settings/people")
        check_page(office)
        office.goto("/settings/people/new")
        check_page(office)
        office.get_by_role("button", name=words["invite"]).click()
        check_page(office)
        link = invite(office, words, "su@example.org", "buyer", "administrator")
        check_page(office)

        phone = visit(language, viewport={"width": PHONE, "height": 780})
        phone.goto(link)
        assert "?t=" not in phone.url
        check_page(phone)
        phone.get_by_label(words["name"]).fill("苏晴")
        phone.get_by_label(words["password"]).fill("short")
        phone.get_by_role("button", name=words["join"], exact=True).click()
        check_page(phone)
        expect(phone.get_by_label(words["name"])).to_have_value("苏晴")
        phone.get_by_label(words["password"]).fill(ANOTHER)
        phone.get_by_role("button", name=words["join"], exact=True).click()
        phone.wait_for_url("**/buyer")

        late = visit(language)
        late.goto(link)
        expect(late.get_by_role("main")).to_contain_text(words["used"])
        check_page(late)
        office.goto("/settings/people?q=苏")
        office.get_by_role("link", name="苏晴").click()
        check_page(office)

    def test_a_key_is_made_and_shown_once(self, visit: Visit, language: str) -> None:
        page, words = visit(language), WORDS[language]
        enter(page, to="/settings/keys")
        check_page(page)
        page.goto("/settings/keys/new")
        check_page(page)
        page.fill("[name=name]", "scale")
        page.get_by_label(words["scope"]).check()
        page.get_by_role("button", name=words["make"]).click()
        key = page.locator("#f-key").input_value()
        assert key.startswith("furrow_")
        check_page(page)
        page.goto("/settings/keys")
        assert key not in page.content()
        check_page(page)

    def test_a_second_step_is_set_up_and_asked_for(self, visit: Visit, language: str) -> None:
        page, words = visit(language), WORDS[language]
        enter(page, to="/account")
        check_page(page)
        page.goto("/account/password")
        check_page(page)
        page.goto("/account/second-step")
        check_page(page)
        page.get_by_role("button", name=words["app"]).click()
        check_page(page)
        secret = page.locator("code.mono").inner_text().replace(" ", "")
        page.locator("[name=code]").fill(pyotp.TOTP(secret).at(now().timestamp() - 30))
        page.get_by_role("button", name=words["confirm"]).click()
        expect(page.locator(".codes li")).to_have_count(10)
        check_page(page)
        code = page.locator(".codes code").first.inner_text()
        page.get_by_role("link", name=words["kept"]).click()
        check_page(page)

        other = visit(language)
        enter(other, to="/settings/people")
        check_page(other)
        other.locator("[name=code]").fill("000000")
        other.get_by_role("button", name=words["go"], exact=True).click()
        check_page(other)
        other.locator("[name=code]").fill(code)
        other.get_by_role("button", name=words["go"], exact=True).click()
        other.wait_for_url("**/settings/people")

    def test_who_is_asked_again_goes_on_with_what_was_typed(self, visit: Visit, language: str) -> None:
        page, words = visit(language), WORDS[language]
        enter(page, to="/settings/people/new")
        page.fill("[name=email]", "su@example.org")
        page.check("[name=roles][value=buyer]")
        page.check("[name=roles][value=auditor]")
        let_time_pass()
        page.get_by_role("button", name=words["invite"]).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(words["again"])
        check_page(page)
        page.locator("[name=again-password]").fill("not it")
        page.get_by_role("button", name=words["yes"]).click()
        check_page(page)
        page.locator("[name=again-password]").fill(PASSWORD)
        page.get_by_role("button", name=words["yes"]).click()
        assert "/join?t=" in link_in(page, words["copy"])

    def test_a_forgotten_password_is_set_by_an_administrators_link(self, visit: Visit, language: str) -> None:
        lost, words = visit(language), WORDS[language]
        lost.goto("/forgotten")
        check_page(lost)
        office = visit(language)
        enter(office, to="/settings/people")
        office.get_by_role("link", name="Lin Xiao").click()
        check_page(office)
        office.locator("form[action$='password-link'] button").click()
        lost.goto(link_in(office, words["copy"]))
        check_page(lost)
        lost.fill("[name=password]", ANOTHER)
        lost.locator("main button[type=submit]").click()
        lost.wait_for_url("**/sign-in")
        enter(lost, "lin@example.org", password=ANOTHER)
        expect(lost.locator("summary.who")).to_be_visible()


def test_a_passkey_opens_the_account_on_its_own_and_is_asked_as_the_second_step(
    visit: Visit, chain: Organization
) -> None:
    page = visit("en")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    simulated = device | {"isUserVerified": True, "automaticPresenceSimulation": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": simulated})

    enter(page, to="/account/second-step")
    page.fill("[name=name]", "my phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("main")).to_contain_text("my phone")
    check_page(page)

    page.get_by_role("banner").locator("summary.who").click()
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    enter(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Account")

    let_time_pass()
    page.goto("/account/second-step")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")

    page.get_by_role("banner").locator("summary.who").click()
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    for number in range(10):
        page.request.post("/sign-in", form={"email": "gao@example.org", "password": f"guess {number}"})
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.post_data or "") if "/sign-in/passkey" in asked.url else None)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/admin")
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
    page.context.clear_cookies()
    assert page.request.post("/sign-in/passkey", data=sent[0], headers=headers).status == 401, "an answer is good once"

    page.goto("/sign-in")
    address, settings().base_url = settings().base_url, "http://localhost:1"
    try:
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert").filter(has_text="The passkey was not accepted")).to_be_visible()
    finally:
        settings().base_url = address


def test_whoever_acts_for_two_switches_in_the_menu(visit: Visit, chain: Organization) -> None:
    farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe")
    builder.person(farm, Role.SUPPLIER, "", "lin@example.org")
    page = visit("en")
    enter(page, "lin@example.org")
    check_page(page)
    page.get_by_role("banner").locator("summary.who").click()
    page.get_by_role("banner").get_by_role("button", name="Qinghe · Supplier").click()
    page.wait_for_url("**/supplier")
    expect(page.get_by_role("banner")).to_contain_text("Qinghe")


def test_an_invitation_opened_as_somebody_else_says_so_and_stays_good(visit: Visit, chain: Organization) -> None:
    page = visit("en")
    enter(page)
    link = invite(page, WORDS["en"], "su@example.org", "buyer")
    page.goto(link)
    expect(page.get_by_role("main")).to_contain_text("you are signed in as gao@example.org")
    check_page(page)
    page.get_by_role("button", name="Sign out and go on").click()
    expect(page.get_by_role("heading", name="I am new here")).to_be_visible()
