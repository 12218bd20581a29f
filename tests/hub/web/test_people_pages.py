"""The pages of people, keys and one's own account, as a stranger and another organisation's administrator meet them."""

import logging
import statistics
import time

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import select

from hub import access, db, log
from hub.access import Permission
from hub.accounts import factors, invitations, post
from hub.accounts.people import Duties
from hub.demo import builder
from hub.models.access import ApiKey
from hub.models.party import OrganizationKind, Role
from tests.hub.web.conftest import BROWSER, PASSWORD
from tests.hub.web.test_routes import doors, named

ANOTHER = "another quite long sentence"


@pytest.fixture
def hejia(clean):
    """Hejia with Gao, who administers it, Lin, who buys, a key and an invitation."""
    chain = builder.party(OrganizationKind.RETAILER, "Hejia")
    builder.person(chain, Role.ADMINISTRATOR, PASSWORD, "gao@example.org", "Gao")
    lin = builder.person(chain, Role.BUYER, PASSWORD, "lin@example.org", "Lin")
    builder.key(chain, "weighbridge", Permission.AUDIT)
    gao = access.actor_of(access.sign_in("gao@example.org", PASSWORD, "127.0.0.1"))
    with db.session(gao.who) as session:
        link = invitations.invite(session, gao, "su@example.org", Duties((Role.BUYER,)))
        ids = {
            "person_id": lin.id,
            "invitation_id": invitations.open_ones(session)[0].id,
            "key_id": session.exec(select(ApiKey)).one().id,
        }
    return ids, link


def within(link):
    """A link without the hub's own address in front, which the settings may have moved."""
    return "/" + link.split("/", 3)[3]


def enter(browser, email, password=PASSWORD):
    browser.cookies.clear()
    assert browser.post("/sign-in", data={"email": email, "password": password}).status_code == 303
    return browser


def everything():
    """What there is of people, keys and invitations, to the last column."""
    with db.hub_session() as session:
        tables = ("person", "membership", "api_key", "invitation", "password_link", "authenticator", "passkey")
        return {
            table: session.execute(text(f"select t::text from {table} t order by id")).scalars().all()
            for table in tables
        }


def test_another_organisations_administrator_sees_and_changes_nothing_by_any_id(browser, hejia):
    ids, _ = hejia
    other = builder.party(OrganizationKind.RETAILER, "Lelin")
    builder.person(other, Role.ADMINISTRATOR, PASSWORD, "ma@example.org", "Ma")
    enter(browser, "ma@example.org")
    before, tried = everything(), 0
    with db.hub_session() as session:
        lins = session.execute(text("select id from membership where role = 'buyer'")).scalar_one()
    known = ids | {"membership_id": lins, "passkey_id": ids["person_id"], "login_id": ids["person_id"]}
    for door in doors():
        gaps = list(named(door.path))
        if not door.path.startswith(("/settings/people", "/settings/keys", "/account")) or not gaps:
            continue
        path = door.path
        for gap, name in gaps:
            path = path.replace(gap, str(known[name]))
        for method in door.original_route.methods:
            answer = browser.request(method, path, data={"roles": "administrator"} if method == "POST" else None)
            assert answer.status_code == 404 and "lin@example.org" not in answer.text, (method, path)
            tried += 1
    assert tried >= 9
    assert [row for row in before["person"] if "Lin" in row] == [r for r in everything()["person"] if "Lin" in r]
    assert before["api_key"] == everything()["api_key"] and before["invitation"] == everything()["invitation"]
    page = browser.get("/settings/people").text + browser.get("/settings/keys").text
    told = ("Lin<", "lin@example.org", "weighbridge", "su@example.org")
    assert [word for word in told if word in page] == []


def test_whoever_does_not_administer_has_none_of_these_pages(browser, hejia):
    enter(browser, "lin@example.org")
    for path in ("/settings/people", "/settings/people/new", "/settings/keys", "/settings/keys/new"):
        assert browser.get(path).status_code == 403
    assert "/settings/people" not in browser.get("/settings/places").text
    assert browser.get("/settings").headers["location"] == "/settings/places"


def test_a_link_leaves_the_address_and_is_in_no_log_and_no_referrer(browser, hejia, capfd):
    _, link = hejia
    log.configure("web")
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # that is the test's own client
    answer = browser.get(within(link))
    token = link.partition("?t=")[2]
    assert answer.status_code == 303 and answer.headers["location"] == "/join"
    assert answer.headers["referrer-policy"] == "no-referrer"
    page = browser.get("/join")
    assert page.status_code == 200 and token not in page.text and page.headers["referrer-policy"] == "no-referrer"
    browser.post("/join/new", data={"name": "Su", "password": ANOTHER, "lang": "zh"})
    told = capfd.readouterr()
    assert token not in told.out + told.err and ANOTHER not in told.out + told.err and "request" in told.out


def test_nothing_is_lost_of_a_join_that_was_refused(browser, hejia):
    browser.get(within(hejia[1]))
    for password in ("short", "passwordpassword"):
        answer = browser.post("/join/new", data={"name": "Su Qing", "password": password, "lang": "en"})
        assert answer.status_code == 422 and "Su Qing" in answer.text and password not in answer.text
    assert browser.post("/join/new", data={"name": "Su Qing", "password": ANOTHER}).status_code == 303
    assert browser.get("/buyer").status_code == 200


def test_who_asks_for_a_link_learns_nothing_from_the_answer_or_its_time(browser, hejia):
    post.carry_by(lambda letter: None)
    try:
        times = {"lin@example.org": [], "nobody@example.org": []}
        pages = {}
        for turn in range(40):
            for email, taken in sorted(times.items(), reverse=bool(turn % 2)):
                with db.hub_session() as session:
                    session.execute(text("delete from sign_in_attempt"))
                begun = time.perf_counter()
                answer = browser.post("/forgotten", data={"email": email})
                taken.append(time.perf_counter() - begun)
                pages[email] = answer.text.replace(email, "")
    finally:
        post.carry_by_nobody()
    known, unknown = (statistics.median(taken) for taken in times.values())
    assert pages["lin@example.org"] == pages["nobody@example.org"]
    assert abs(known - unknown) < 0.2 * max(known, unknown)


def test_a_revoked_key_and_an_ended_person_are_out_on_the_next_request(app, browser, hejia):
    ids, _ = hejia
    enter(browser, "gao@example.org")
    made = browser.post("/settings/keys/new", data={"name": "scale", "scopes": "audit", "days": "30"})
    key = made.text.partition("furrow_")[2][:52]
    machine = TestClient(app, headers={"authorization": f"Bearer furrow_{key}"})
    lin = TestClient(app, headers=BROWSER, follow_redirects=False)
    with machine, lin:
        enter(lin, "lin@example.org")
        assert machine.get("/audit/bundle").status_code != 401 and lin.get("/buyer").status_code == 200
        with db.hub_session() as session:
            scale = session.execute(text("select id from api_key where name = 'scale'")).scalar_one()
        assert browser.post(f"/settings/keys/{scale}/revoke").status_code == 303
        assert browser.post(f"/settings/people/{ids['person_id']}/end").status_code == 303
        assert machine.get("/audit/bundle").status_code == 401 and lin.get("/buyer").status_code == 303
    assert key not in browser.get("/settings/keys").text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "x", "days": "30"}, "Fill this in."),
        ({"name": "x", "scopes": "administer", "days": "30"}, "cannot open that"),
        ({"name": "x", "scopes": "audit", "days": "9999"}, "730"),
        ({"scopes": "audit", "days": "30"}, "Fill this in."),
    ],
)
def test_a_key_that_cannot_be_is_not_made(browser, hejia, sent, said):
    enter(browser, "gao@example.org")
    answer = browser.post("/settings/keys/new", data=sent)
    assert answer.status_code == 422 and said in answer.text


def test_half_a_login_opens_no_page_and_is_led_to_its_other_half(browser, hejia):
    import pyotp

    lin = access.actor_of(access.sign_in("lin@example.org", PASSWORD, "127.0.0.1"))
    with db.session(lin.who) as session:
        secret = factors.begin_app(session, lin).secret
    with db.session(lin.who) as session:
        factors.confirm_app(session, lin, pyotp.TOTP(secret).at(time.time() - 30))
    answer = browser.post("/sign-in", data={"email": "lin@example.org", "password": PASSWORD, "next": "/buyer/orders"})
    assert answer.headers["location"] == "/sign-in/second?next=/buyer/orders"
    assert browser.get("/buyer").headers["location"].startswith("/sign-in")
    assert browser.get("/account").status_code == 303 and browser.post("/account/again").status_code in (303, 401)
    before = browser.cookies["furrow"]
    done = browser.post("/sign-in/second", data={"code": pyotp.TOTP(secret).now(), "next": "/buyer/orders"})
    assert done.headers["location"] == "/buyer/orders" and browser.cookies["furrow"] != before
    assert browser.get("/buyer/orders").status_code == 200


def test_being_asked_again_loses_no_tick_and_gives_a_new_token(browser, hejia):
    enter(browser, "gao@example.org")
    with db.hub_session() as session:
        session.execute(text("update login set auth_at = auth_at - interval '11 minutes'"))
    sent = {"email": "ma@example.org", "roles": ["buyer", "auditor"]}
    asked = browser.post("/settings/people/new", data=sent)
    assert asked.status_code == 403
    before = browser.cookies["furrow"]
    again = browser.post("/account/again", data=sent | {"again-to": "/settings/people/new", "again-password": PASSWORD})
    assert again.status_code == 307 and again.headers["location"] == "/settings/people/new"
    assert browser.cookies["furrow"] != before
    assert browser.post("/settings/people/new", data=sent).status_code == 200
    with db.hub_session() as session:
        roles = session.execute(text("select roles from invitation where email = 'ma@example.org'")).scalar_one()
    assert roles == ["buyer", "auditor"]


def test_the_question_leads_to_none_but_our_own_pages(browser, hejia):
    enter(browser, "gao@example.org")
    sent = {"again-to": "https://evil.example/x", "again-password": PASSWORD}
    assert browser.post("/account/again", data=sent).headers["location"] == "/"
