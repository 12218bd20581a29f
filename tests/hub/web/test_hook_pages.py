"""The settings' pages of programs that are told: adding one, its secret, what was sent, and sending it again."""

import re

import pytest
from sqlmodel import select

from hub import db
from hub.demo import builder
from hub.hooks import hooks, sending
from hub.messages import NoticeGiven
from hub.models.hook import Hook, HookMessage
from hub.models.party import OrganizationKind, Role
from tests import supermarket
from tests.hub.epcis.test_subscriptions import receiver
from tests.hub.hooks.test_hooks import due_now

__all__ = ["receiver"]
PATH = "/settings/hooks"


@pytest.fixture
def office(clean):
    farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe")
    with supermarket.signed_in(farm, Role.SUPPLIER) as client:
        client.headers["accept"] = "text/html"
        client.farm = farm
        yield client


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def hook() -> Hook:
    with db.hub_session() as session:
        return session.exec(select(Hook)).one()


def given(office, number: int) -> None:
    with db.session(db.Who(office.farm.id)) as session:
        hooks.given(session, NoticeGiven("order.waiting", f"order.waiting/{number}", "", {}, "/supplier/orders"))


def test_before_there_is_one_the_page_leads_to_adding_it(office):
    page = office.get(PATH).text
    assert "No program of yours is told anything yet" in page and f'href="{PATH}/new"' in page


def test_one_is_added_its_secret_shown_once_and_its_messages_sent_again(office, receiver):
    added = office.post(f"{PATH}/new", data={"url": receiver.address, "kinds": ["order.waiting", "order.due"]})
    (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", added.text)
    here = f"{PATH}/{hook().id}"
    given(office, 1)
    assert "On its way" in words(office.get(here).text)
    receiver.status = 500
    sending.send_due()
    failed = words(office.get(here).text)
    assert "Not taken" in failed and "HTTP 500" in failed and "1 try; next at" in failed
    receiver.status = 204
    due_now()
    assert sending.send_due() == 1
    page = office.get(here).text
    assert "Taken" in words(page) and "HTTP 500" not in words(page) and secret not in page
    (again,) = re.findall(r'action="([^"]*/messages/[^"]*/again)"', page)
    office.post(again)
    assert sending.send_due() == 1 and len(receiver.taken) == 3
    assert "Taken" in words(office.get(PATH).text)


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(office):
    answer = office.post(f"{PATH}/new", data={"url": "http://example.org/hook", "kinds": "order.waiting"})
    assert answer.status_code == 422 and "does not begin with https://" in words(answer.text)
    assert 'value="http://example.org/hook"' in answer.text
    assert re.search(r'value="order.waiting"\s+checked', answer.text)
    nothing = office.post(f"{PATH}/new", data={"url": "https://93.184.215.14/hook"})
    assert nothing.status_code == 422 and 'id="f-kinds-e"' in nothing.text


def test_given_up_ones_go_out_together_and_a_stopped_program_is_resumed(office, receiver):
    office.post(f"{PATH}/new", data={"url": receiver.address, "kinds": "order.waiting"})
    here = f"{PATH}/{hook().id}"
    given(office, 1)
    given(office, 2)
    with db.hub_session() as session:
        for row in session.exec(select(HookMessage)):
            row.attempts = len(sending.PAUSES)
            session.add(row)
    receiver.status = 503
    for _ in range(2):
        sending.send_due()
    page = office.get(f"{here}?state=given-up").text
    assert "Send all 2 given up again" in page
    office.post(f"{here}/again")
    receiver.status = 410
    sending.send_due()
    stopped = office.get(here).text
    assert "It answered that it is gone" in stopped and f'action="{here}/test"' not in stopped
    receiver.status = 204
    office.post(f"{here}/resume")
    office.post(f"{here}/test")
    assert sending.send_due() == 3 and "A test" in words(office.get(here).text)
    office.post(f"{here}/end")
    assert office.get(here).status_code == 404


def test_another_party_finds_none_of_it(office, receiver):
    office.post(f"{PATH}/new", data={"url": receiver.address, "kinds": "order.waiting"})
    given(office, 1)
    here = f"{PATH}/{hook().id}"
    (message,) = re.findall(r"msg_([0-9a-f-]+)", office.get(here).text)
    with supermarket.signed_in(
        builder.party(OrganizationKind.SUPPLIER, "Other"), Role.SUPPLIER, "o@example.org"
    ) as stranger:
        stranger.headers["accept"] = "text/html"
        assert stranger.get(here).status_code == 404
        for act in ("test", "again", "resume", "end", f"messages/{message}/again"):
            assert stranger.post(f"{here}/{act}").status_code == 404
    assert hook().ended_at is None
