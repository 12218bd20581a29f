"""What is wrong, told to programs, to people, and to parts of pages."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from structlog.contextvars import merge_contextvars
from structlog.processors import format_exc_info
from structlog.testing import capture_logs

from hub import access, db
from hub.access import Permission
from hub.demo import builder
from hub.errors import HubError, NotAllowed
from hub.models.access import ApiKey
from hub.models.party import OrganizationKind, Role, User
from hub.web.deps import PUBLIC, SessionDep, requires
from hub.web.problems import problems
from hub.web.routing import Router
from tests.hub.web.conftest import PASSWORD


class LotRecalled(HubError):
    """This lot has been recalled and is not sold."""

    code, status = "lot-recalled", 409


@pytest.fixture(autouse=True)
def room(app: FastAPI) -> None:
    """A room in which things go wrong."""
    made = Router(prefix="/wrong")

    @made.get("/recalled", dependencies=[PUBLIC], responses=problems(LotRecalled, NotAllowed))
    def recalled() -> None:
        raise LotRecalled("It was recalled on %(day)s.", day="2026-11-24", lot="SG-1120-07")

    @made.get("/broken", dependencies=[PUBLIC])
    def broken() -> None:
        raise RuntimeError("select secret from vault")

    @made.get("/count/{number}", dependencies=[PUBLIC])
    def count(number: int) -> int:
        return number

    @made.get("/audit", dependencies=[requires(Permission.AUDIT)])
    def audit() -> None:
        """For auditors."""

    @made.post("/rename/{name}", dependencies=[requires(Permission.ANSWER_ORDERS)])
    def rename(name: str, session: SessionDep, fail: bool = False) -> None:
        own = session.info["who"].user
        with db.on_behalf(session, own):
            session.get_one(User, own).name = name.replace("NUL", "\0")
        if fail:
            raise LotRecalled

    app.include_router(made)


def test_a_program_gets_a_problem_document(program):
    answer = program.get("/wrong/recalled")
    assert answer.status_code == 409 and answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["code"] == "lot-recalled" and told["type"] == "urn:furrow:problem:lot-recalled"
    assert told["title"] == "This lot has been recalled and is not sold."
    assert told["detail"] == "It was recalled on 2026-11-24."
    assert told["lot"] == "SG-1120-07" and told["instance"] == "/wrong/recalled"
    assert told["request_id"] == answer.headers["x-request-id"]


def test_a_person_gets_a_page_that_says_what_to_do(browser):
    answer = browser.get("/wrong/recalled")
    assert answer.status_code == 409 and answer.headers["content-type"].startswith("text/html")
    assert "This lot has been recalled and is not sold." in answer.text and "Go back" in answer.text


def test_htmx_gets_a_part_and_where_it_goes(browser):
    answer = browser.get("/wrong/recalled", headers={"hx-request": "true"})
    assert answer.headers["hx-retarget"] == "#problem" and "<html" not in answer.text
    assert "This lot has been recalled and is not sold." in answer.text


def test_what_nobody_foresaw_is_logged_and_told_without_its_insides(browser, program):
    for client in (browser, program):
        with capture_logs([merge_contextvars, format_exc_info]) as lines:
            answer = client.get("/wrong/broken")
        assert answer.status_code == 500 and "secret" not in answer.text
        assert answer.headers["x-request-id"] in answer.text
        (line,) = [line for line in lines if line["log_level"] == "error"]
        assert line["trace"] == answer.headers["x-request-id"] and "select secret" in line["exception"]


def test_what_cannot_be_read_says_what_and_where(browser, program):
    told = program.get("/wrong/count/many").json()
    assert told["status"] == 422
    assert told["errors"] == [{"where": "path.number", "what": "Enter a whole number."}]
    page = browser.get("/wrong/count/many", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert "请输入整数。" in page.text and '<html lang="zh-CN">' in page.text


def test_whoever_has_not_signed_in_is_led_there_and_back(browser, program):
    answer = browser.get("/account?from=mail")
    assert answer.status_code == 303 and answer.headers["location"] == "/sign-in?next=/account%3Ffrom%3Dmail"
    part = browser.get("/account", headers={"hx-request": "true", "hx-current-url": "http://testserver/supplier"})
    assert part.status_code == 204 and part.headers["hx-redirect"].startswith("/sign-in?next=")
    refused = program.get("/account")
    assert refused.status_code == 401 and refused.json()["code"] == "sign-in-needed"


@pytest.mark.parametrize("cookie", ["forged", "A" * 44, "!!", "é"])
def test_a_forged_cookie_leads_to_the_sign_in_page(browser, cookie):
    answer = browser.get("/account", headers={"cookie": f"furrow={cookie}".encode()})
    assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


def test_an_expired_login_leads_to_the_sign_in_page(li):
    assert li.get("/account").status_code == 200
    with db.hub_session() as session:
        session.execute(text("update login set expires_at = now() - interval '1 minute'"))
    assert li.get("/account").headers["location"] == "/sign-in?next=/account"
    assert "Sign in to go on where you were" in li.get("/sign-in?next=/account").text


@pytest.mark.parametrize("next", ["https://evil.example.org", "//evil.example.org", "/\\evil.example.org", "/\t/evil"])
def test_nobody_is_sent_to_another_site_after_signing_in(browser, next):
    org = builder.party(OrganizationKind.SUPPLIER)
    builder.person(org, Role.SUPPLIER, PASSWORD, "li@example.org")
    answer = browser.post("/sign-in", data={"email": "li@example.org", "password": PASSWORD, "next": next})
    assert answer.status_code == 303 and answer.headers["location"] == "/"


def test_a_role_that_may_not_enter_is_told_so(li):
    answer = li.get("/wrong/audit")
    assert answer.status_code == 403 and "Your role does not allow this." in answer.text


def test_the_login_cookie_is_out_of_reach_of_scripts_and_other_sites(browser):
    org = builder.party(OrganizationKind.SUPPLIER)
    builder.person(org, Role.SUPPLIER, PASSWORD, "li@example.org")
    cookie = browser.post("/sign-in", data={"email": "li@example.org", "password": PASSWORD}).headers["set-cookie"]
    assert cookie.startswith("furrow=") and "HttpOnly" in cookie and "SameSite=lax" in cookie


def test_over_tls_the_cookie_belongs_to_this_host_alone(browser, monkeypatch):
    from hub.settings import settings

    monkeypatch.setattr(settings(), "base_url", "https://hub.example.org")
    org = builder.party(OrganizationKind.SUPPLIER)
    builder.person(org, Role.SUPPLIER, PASSWORD, "li@example.org")
    answer = browser.post("/sign-in", data={"email": "li@example.org", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-furrow=") and "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie
    assert "max-age=63072000" in answer.headers["strict-transport-security"]


def test_what_was_done_is_kept_before_the_answer_leaves(li):
    assert li.post("/wrong/rename/Wang").status_code == 200
    with db.hub_session() as session:
        assert session.execute(text("select name from person")).scalar() == "Wang"


def test_a_refusal_undoes_what_was_begun(li):
    assert li.post("/wrong/rename/Wang?fail=true").status_code == 409
    with db.hub_session() as session:
        assert session.execute(text("select name from person")).scalar() == "Li"


def test_text_that_no_database_keeps_is_bad_input(li):
    answer = li.post("/wrong/rename/NUL")
    assert answer.status_code == 422 and "cannot be kept" in answer.text


def test_a_program_comes_in_by_its_key_within_its_scopes(app):
    org = builder.party(OrganizationKind.AUDITOR)
    import hashlib

    with db.session(db.Who(org.id)) as session:
        hashed = hashlib.sha256(b"furrow_test").digest()
        session.add(ApiKey(owner_id=org.id, name="scanner", token_hash=hashed, scopes=[Permission.AUDIT.value]))
    with TestClient(app, headers={"authorization": "Bearer furrow_test"}) as client:
        assert client.get("/wrong/audit").status_code == 200
        assert client.post("/wrong/rename/x").status_code == 403
    with TestClient(app, headers={"authorization": "Bearer furrow_other"}) as client:
        answer = client.get("/wrong/audit")
        assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"


def test_a_lost_database_is_a_503_that_says_when_to_try_again(browser, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def lost(token: str, *, seen: bool) -> None:
        raise OperationalError("select 1", {}, Exception("connection refused"))

    monkeypatch.setattr(access, "actor_of", lost)
    answer = browser.get("/account", headers={"cookie": "furrow=x"})
    assert answer.status_code == 503 and answer.headers["retry-after"] == "5"


def test_health_lives_without_a_database_and_is_ready_only_with_one(program, monkeypatch):
    assert program.get("/health/ready").json() == {"status": "ready"}

    def away():
        from sqlalchemy.exc import OperationalError

        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(db, "app_engine", away)
    assert program.get("/health/live").json() == {"status": "live"}
    answer = program.get("/health/ready")
    assert answer.status_code == 503 and answer.json()["code"] == "database-away"


def test_sample_accounts_are_shown_on_a_development_machine_only(browser, tmp_path, monkeypatch):
    import json

    from hub.settings import settings

    file = tmp_path / "accounts.json"
    one = {
        "role": "buyer",
        "name": "Wang Fang",
        "organization_zh": "禾家",
        "organization_en": "Hejia",
        "email": "wang@example.org",
        "password": "a long enough sentence",
    }
    file.write_text(json.dumps([one]))
    monkeypatch.setattr(settings(), "sample_accounts_file", file)
    assert "Wang Fang" in browser.get("/sign-in").text
    monkeypatch.setattr(settings(), "environment", "production")
    assert "Wang Fang" not in browser.get("/sign-in").text


def test_the_openapi_description_names_the_refusals(program):
    answer = program.get("/api/openapi.json")
    said = answer.json()["paths"]["/wrong/recalled"]["get"]["responses"]["409"]
    assert "`lot-recalled`" in said["description"] and "application/problem+json" in said["content"]
