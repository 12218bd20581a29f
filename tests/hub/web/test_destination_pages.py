"""The settings' pages of buyers' repositories: added by form, shown as they go, and never the token."""

import re

import pytest
from sqlmodel import select

from hub import db
from hub.demo import builder
from hub.models.party import OrganizationKind, Role
from hub.models.passing import Destination
from tests import supermarket
from tests.hub.growers import keys_of_the_hub
from tests.hub.trace.test_passing import TOKEN, Trade, pass_on, repository

__all__ = ["keys_of_the_hub", "repository"]
PATH = "/settings/destinations"


@pytest.fixture
def trade(clean, keys_of_the_hub) -> Trade:
    return Trade()


@pytest.fixture
def boss(trade):
    with supermarket.signed_in(trade.farm, Role.ADMINISTRATOR, "wang@example.org") as client:
        yield client


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def add(boss, trade, url: str, **more: str):
    return boss.post(f"{PATH}/new", data={"partner": str(trade.chain.id), "url": url, "token": TOKEN} | more)


def kept() -> Destination:
    with db.hub_session() as session:
        return session.exec(select(Destination)).one()


def test_before_any_is_added_the_page_says_what_it_is_for(boss):
    page = boss.get(PATH)
    assert page.status_code == 200 and "Your events are sent nowhere yet" in words(page.text)
    assert f'href="{PATH}"' in boss.get("/settings").text or f'href="{PATH}"' in page.text


def test_one_is_added_sent_to_and_shown_and_the_token_never(boss, trade, repository):
    trade.capture("1", "2")
    answer = add(boss, trade, repository.address)
    where = answer.headers["location"]
    assert answer.status_code == 303 and where == f"{PATH}/{kept().id}"
    assert "Nothing sent yet" in words(boss.get(where).text)
    pass_on()
    one, every = words(boss.get(where).text), words(boss.get(PATH).text)
    for page in (one, every):
        assert "Hejia" in page and repository.address in page and "2 events sent" in page and TOKEN not in page
    assert "HTTP 202" in one and "Goes on by itself" in one and "kept, and shown to nobody" in one


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"url": "http://127.0.0.1/capture"}, "does not begin with https://"),
        ({"url": "https://127.0.0.1/capture"}, "leads to a private address"),
        ({"url": ""}, "aria-invalid"),
        ({"token": "two words"}, "without a space"),
        ({"profile": "nobody-knows"}, "There is no profile of this name"),
        ({"partner": "00000000-0000-0000-0000-000000000000"}, "Choose a buyer"),
        ({"partner": "nobody"}, "aria-invalid"),
    ],
)
def test_what_cannot_be_added_is_said_beside_its_field_and_the_token_not_said_again(boss, trade, told, said):
    answer = add(boss, trade, **{"url": "https://93.184.215.14/capture"} | told)
    assert answer.status_code == 422 and said in answer.text and TOKEN not in answer.text
    with db.hub_session() as session:
        assert session.exec(select(Destination)).all() == []


def test_what_stopped_it_and_what_is_kept_back_stand_on_its_page(boss, trade, repository):
    trade.capture("1", "2")
    where = add(boss, trade, repository.address).headers["location"]
    repository.status = 400
    path = "epcisBody.eventList[0].readPoint"
    repository.problem = {"detail": "<b>no</b>", "errors": [{"path": path, "message": "is <i>missing</i>"}]}
    pass_on()
    page = boss.get(where).text
    assert "Stopped" in words(page) and "It stopped, since" in words(page) and "Refused there" in words(page)
    assert "&lt;b&gt;no&lt;/b&gt;" in page and "is &lt;i&gt;missing" in page and "urn:x:1" in page
    assert "1 event is kept back" in words(boss.get(PATH).text)
    assert f'action="{where}/resume"' in page and f'action="{where}/again"' in page
    repository.status, repository.problem = 201, None
    assert [boss.post(f"{where}/{verb}").status_code for verb in ("resume", "again", "pause", "try")] == [303] * 4
    assert kept().paused_at is not None
    assert boss.post(f"{where}/resume").status_code == 303
    pass_on(4)
    page = words(boss.get(where).text)
    assert "Kept back" not in page and "2 events sent" in page


def test_a_failure_says_why_and_when_it_is_tried_next(boss, trade, repository):
    trade.capture("1")
    where = add(boss, trade, repository.address).headers["location"]
    repository.status = 503
    pass_on(1)
    page = words(boss.get(where).text)
    assert "Failed 1 time in a row" in page and "HTTP 503" in page and "Next time" in page
    assert "失败1次" in boss.get(where, headers={"accept-language": "zh"}).text


def test_it_is_ended_after_a_question_and_is_gone(boss, trade, repository):
    where = add(boss, trade, repository.address).headers["location"]
    assert "<dialog" in boss.get(where).text
    assert boss.post(f"{where}/end").status_code == 303 and boss.get(where).status_code == 404
    assert "sent nowhere" in boss.get(PATH).text and kept().token == ""


@pytest.mark.parametrize("kind", [OrganizationKind.RETAILER, OrganizationKind.HAULIER])
def test_who_is_no_supplier_has_no_such_page(clean, kind):
    with supermarket.signed_in(builder.party(kind), Role.ADMINISTRATOR) as client:
        assert [client.get(path).status_code for path in (PATH, f"{PATH}/new")] == [403, 403]
        assert PATH not in client.get("/settings/organization").text


def test_who_does_not_administer_has_no_such_page(trade):
    with supermarket.signed_in(trade.farm, Role.SUPPLIER, "li@example.org") as client:
        assert client.get(PATH).status_code == 403 and add(client, trade, "https://example.org").status_code == 403
