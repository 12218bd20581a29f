"""The settings' page of webhooks: whom it shows, how a test goes, and what it never shows or moves."""

import hashlib
import hmac
import json
import re
from datetime import timedelta

import pytest
from sqlmodel import col, select

from hub import attempts, db
from hub.demo import builder
from hub.lists import Search
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.party import OrganizationKind, Role
from hub.models.question import Subscription
from hub.settings import settings
from hub.trace.asking import subscriptions, trials, webhooks
from hub.web.i18n import language
from tests import supermarket
from tests.hub.epcis.documents import machine
from tests.hub.epcis.test_subscriptions import ANYWHERE, DAMAGED, capture, receiver, tell_until_nothing_is_due
from tests.hub.growers import keys_of_the_hub

__all__ = ["keys_of_the_hub", "receiver"]
PATH = "/settings/webhooks"
SECRET = "correct horse battery"


@pytest.fixture
def grower(clean, keys_of_the_hub):
    farm = builder.member(builder.party(OrganizationKind.SUPPLIER, "Qinghe"))
    with supermarket.signed_in(farm, Role.SUPPLIER) as client:
        client.headers["accept"] = "text/html"
        client.farm = farm
        yield client


def subscribed(grower, address: str, **told) -> str:
    """A subscription of the grower's, made by API; its identifier."""
    with machine(grower.farm) as client:
        client.post("/epcis/queries", json=DAMAGED)
        answer = client.post("/epcis/queries/damaged/subscriptions", json={"dest": address, "stream": True, **told})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rpartition("/")[2]


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def kept() -> Subscription:
    with db.hub_session() as session:
        return session.exec(select(Subscription)).one()


def trail() -> list[tuple[str, str, str]]:
    with db.hub_session() as session:
        found = select(AuditEntry).where(col(AuditEntry.action).startswith("subscription."))
        rows = session.exec(found.order_by(col(AuditEntry.id)))
        return [(row.action, row.subject, row.detail.get("answer", "")) for row in rows]


def test_before_anybody_subscribes_the_page_says_how(grower):
    page = grower.get(PATH).text
    assert "Nobody is told of new events yet" in page and "POST /epcis/queries" in page


def test_a_subscription_shows_how_it_goes(grower, receiver):
    subscribed(grower, receiver.address, signatureToken=SECRET)
    first = words(grower.get(PATH).text)
    assert "damaged" in first and receiver.address in first and "Nothing sent yet" in first and "never" in first
    with machine(grower.farm) as client:
        capture(client, "1")
        tell_until_nothing_is_due()
        assert "HTTP 204" in words(grower.get(PATH).text)
        receiver.status = 503
        capture(client, "2")
        tell_until_nothing_is_due()
    failed = grower.get(PATH).text
    assert "HTTP 503" in words(failed) and "failed 1 time in a row" in words(failed) and SECRET not in failed


def test_what_keeps_it_from_being_told_is_said_in_words(grower, receiver, monkeypatch):
    subscribed(grower, receiver.address)
    monkeypatch.setattr(settings(), "webhooks_to_neighbours", False)
    with machine(grower.farm) as client:
        capture(client, "1")
    tell_until_nothing_is_due()
    page = words(grower.get(PATH).text)
    assert "No answer" in page and "it leads to a private address" in page
    known = webhooks.reason("Nothing is sent to this address: it leads to a private address.")
    assert known and known.values["why"] == "it leads to a private address" and webhooks.reason("HTTP 500") is None


# Tests


def test_a_test_is_sent_signed_and_moves_nothing(grower, receiver):
    row = subscribed(grower, receiver.address, signatureToken=SECRET)
    with machine(grower.farm) as client:
        capture(client, "1")
    before = kept().model_dump()
    answer = grower.post(f"{PATH}/{row}/test")
    [(headers, body)] = receiver.taken
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    whole = json.loads(body)
    assert whole["type"] == "EPCISQueryDocument" and receiver.events() == [[]]
    assert whole["epcisBody"]["queryResults"]["queryName"] == "damaged"
    assert headers["GS1-Signature"] == signature and answer.status_code == 200
    assert "The test was taken" in answer.text and "HTTP 204" in answer.text and signature in answer.text
    for name, value in headers.items():
        assert f"{name.lower()}: {value}".lower() in answer.text.lower()
    assert SECRET not in answer.text and kept().model_dump() == before
    assert trail() == [("subscription.make", "damaged", ""), ("subscription.test", "damaged", "HTTP 204")]
    tell_until_nothing_is_due()
    assert receiver.events() == [[], ["urn:uuid:1"]]


def test_of_the_answer_the_beginning_is_shown_as_text_and_the_token_never(grower, receiver):
    said = f"<script>alert(1)</script> {SECRET} \u202e" + "x" * 5_000
    handler = receiver.server.RequestHandlerClass

    def answers(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(500)
        self.end_headers()
        self.wfile.write(said.encode())

    handler.do_POST = answers
    page = grower.post(f"{PATH}/{subscribed(grower, receiver.address, signatureToken=SECRET)}/test").text
    assert "arrived and was not taken" in page and "HTTP 500" in page
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page and "\u202e" not in page
    assert SECRET not in page and "x" * 400 in page and "x" * 500 not in page


def test_a_redirect_leads_nowhere_and_is_shown(grower, receiver):
    receiver.status = 302
    page = grower.post(f"{PATH}/{subscribed(grower, receiver.address)}/test").text
    assert "HTTP 302" in page and "was not taken" in page and len(receiver.taken) == 1


def test_nothing_is_sent_to_a_private_address(grower, receiver, monkeypatch):
    row = subscribed(grower, receiver.address)
    monkeypatch.setattr(settings(), "webhooks_to_neighbours", False)
    page = grower.post(f"{PATH}/{row}/test")
    assert page.status_code == 200 and "did not arrive" in page.text and receiver.taken == []
    secure = {"http": "it does not begin with https://", "https": "it leads to a private address"}
    assert any(why in page.text for why in secure.values()) and trail()[-1][2] == "–"


def test_that_nobody_answers_is_said_in_words(grower, receiver):
    row = subscribed(grower, "http://127.0.0.1:9/hook")
    assert "nobody answers there" in grower.post(f"{PATH}/{row}/test").text


def test_tests_are_counted_for_the_whole_organisation(grower, receiver, monkeypatch):
    row = subscribed(grower, receiver.address)
    asked = [grower.post(f"{PATH}/{row}/test").status_code for _ in range(4)]
    assert asked == [200, 200, 200, 429] and len(receiver.taken) == 3
    with supermarket.signed_in(grower.farm, Role.DISPATCHER, "li@example.org") as colleague:
        refused = colleague.post(f"{PATH}/{row}/test", headers={"accept": "text/html"})
    assert refused.status_code == 429 and "three times a minute at most" in refused.text and len(receiver.taken) == 3
    later = now() + timedelta(minutes=2)
    assert attempts.count_of("webhook test", grower.farm.id, trials.OFTEN, later, trials.TooManyTests)


# Ended, and whose it is


def test_a_subscription_is_ended_after_a_question(grower):
    row = subscribed(grower, ANYWHERE)
    page = grower.get(PATH).text
    assert f'action="{PATH}/{row}/end"' in page and "<dialog" in page
    assert [grower.post(f"{PATH}/{row}/end").status_code for _ in range(2)] == [303, 404]
    assert "Nobody is told" in grower.get(PATH).text
    assert [entry[0] for entry in trail()] == ["subscription.make", "subscription.end"]


def test_another_organisation_sees_tests_and_ends_nothing(grower, receiver):
    row = subscribed(grower, receiver.address)
    other = builder.party(OrganizationKind.SUPPLIER, "Beihu")
    with supermarket.signed_in(other, Role.SUPPLIER, "li@example.org") as stranger:
        stranger.headers["accept"] = "text/html"
        assert "Nobody is told" in stranger.get(PATH).text
        assert [stranger.post(f"{PATH}/{row}/{verb}").status_code for verb in ("test", "end")] == [404, 404]
    assert receiver.taken == [] and str(kept().id) == row


def test_who_asks_no_queries_has_no_such_page(clean, browser):
    assert browser.get(PATH).status_code in (303, 401)


@pytest.mark.parametrize("code", ["zh", "en"])
def test_a_schedule_is_said_in_the_readers_words(grower, code):
    subscribed(grower, ANYWHERE, stream=False, schedule={"minute": "0", "hour": "[6-8]"})
    page = words(grower.get(PATH, headers={"accept-language": code}).text)
    assert "[6-8]" in page and ("by a schedule" in page) is (language(code).code == "en")


def test_the_subscriptions_are_shown_page_by_page(grower):
    for _ in range(3):
        subscribed(grower, ANYWHERE)
    with db.session(db.Who(grower.farm.id)) as session:
        found = subscriptions.page(session, Search(page=2, size=2))
    assert (len(found.rows), found.total) == (1, 3)
