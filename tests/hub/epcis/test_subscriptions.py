"""Named queries and who is told of their answers, E10, over HTTP and with a real receiver."""

import hashlib
import hmac
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlmodel import select

from hub import db
from hub.demo import builder
from hub.ledger.log import sealing
from hub.models.base import now
from hub.models.party import OrganizationKind
from hub.models.question import Subscription
from hub.settings import settings
from hub.trace.asking import subscriptions, webhooks
from tests.hub.epcis.documents import LD, document, machine

DAMAGED = {"name": "damaged", "query": {"EQ_disposition": ["damaged", "expired"], "eventType": ["ObjectEvent"]}}
ANYWHERE = "https://93.184.215.14/hook"


class Receiver:
    """A subscriber's program: keeps what it was sent, answers what it is told to."""

    def __init__(self) -> None:
        self.taken, self.status = [], 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.taken.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def events(self) -> list[list[str]]:
        """The eventIDs of each delivery."""
        told = [json.loads(body)["epcisBody"]["queryResults"]["resultsBody"]["eventList"] for _, body in self.taken]
        return [[event["eventID"] for event in events] for events in told]


@pytest.fixture
def receiver(monkeypatch):
    monkeypatch.setattr(settings(), "webhooks_to_neighbours", True)
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def capture(client, *names: str, disposition: str = "damaged") -> None:
    whole = json.loads(document(disposition=disposition))
    [one] = whole["epcisBody"]["eventList"]
    whole["epcisBody"]["eventList"] = [one | {"eventID": f"urn:uuid:{name}"} for name in names]
    assert client.post("/epcis/capture", content=json.dumps(whole), headers=LD).status_code == 202
    with db.hub_session() as session:
        sealing.seal(session, patient=False)


def kept(client, told=DAMAGED):
    answer = client.post("/epcis/queries", json=told)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def subscribed(client, **told):
    kept(client)
    answer = client.post("/epcis/queries/damaged/subscriptions", json=told)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def tell_until_nothing_is_due() -> None:
    with db.hub_session() as session:
        for subscription in session.exec(select(Subscription)):
            subscription.due_at = now()
    for _ in range(3):
        subscriptions.tell()


# Queries


def test_e10_a_query_is_kept_asked_listed_and_dropped(client):
    capture(client, "1", "2")
    capture(client, "3", disposition="in_progress")
    where = kept(client)
    assert where == "/epcis/queries/damaged" and client.get(where).json() == DAMAGED
    answer = client.get(f"{where}/events", params={"perPage": 1})
    following = answer.headers["link"].removeprefix("<").partition(">")[0]
    pages = [answer.json(), client.get(following).json()]
    found = [page["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["eventID"] for page in pages]
    assert found == ["urn:uuid:1", "urn:uuid:2"]
    kept(client, DAMAGED | {"name": "another"})
    names = client.get("/epcis/queries", params={"perPage": 1})
    assert [one["name"] for one in names.json()] == ["another"] and "link" in names.headers
    assert client.delete(where).status_code == 204
    assert [client.get(path).status_code for path in (where, f"{where}/events")] == [404, 404]
    assert [one["name"] for one in client.get("/epcis/queries").json()] == ["another"]


def test_e10_a_name_is_taken_once(client):
    kept(client)
    again = client.post("/epcis/queries", json=DAMAGED)
    assert (again.status_code, again.json()["type"]) == (409, "epcisException:ResourceAlreadyExistsException")


@pytest.mark.parametrize(
    "told",
    [
        [],
        {"name": "x"},
        {"name": "a b", "query": {}},
        {"name": "x", "query": {"colour": "red"}},
        {"name": "x", "query": {"perPage": 5}},
        {"name": "x", "query": {"GE_eventTime": "yesterday"}},
        {"name": "x", "query": {"EQ_bizStep": {"a": 1}}},
        {"name": "x", "query": {}, "owner": "me"},
    ],
)
def test_e10_what_is_no_query_is_refused(client, told):
    answer = client.post("/epcis/queries", json=told)
    assert (answer.status_code, answer.json()["type"]) == (400, "epcisException:QueryParameterException")


def test_e10_another_party_s_queries_and_subscribers_are_its_own(client):
    where = subscribed(client, dest=ANYWHERE, stream=True)
    with machine(builder.member(builder.party(OrganizationKind.SUPPLIER, "Anyang", "安阳烘焙"))) as other:
        assert other.get("/epcis/queries").json() == []
        for path in ("/epcis/queries/damaged", "/epcis/queries/damaged/subscriptions", where):
            assert other.get(path).status_code == 404, path
        kept(other)
        assert other.get(where).status_code == 404 and other.delete(where).status_code == 404
    assert client.get(where).status_code == 200


# Subscriptions


def test_e10_each_answer_is_told_once_in_the_order_of_the_log(client, receiver):
    capture(client, "before")
    where = subscribed(client, dest=receiver.address, signatureToken="secret", stream=True)
    tell_until_nothing_is_due()
    assert receiver.taken == []
    capture(client, "1", "2")
    capture(client, "other", disposition="in_progress")
    capture(client, "3")
    tell_until_nothing_is_due()
    tell_until_nothing_is_due()
    assert receiver.events() == [["urn:uuid:1", "urn:uuid:2", "urn:uuid:3"]]
    [(headers, body)] = receiver.taken
    assert headers["GS1-Signature"] == "sha256=" + hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert headers["GS1-EPCIS-Version"] == "2.0.0" and headers["Content-Type"] == "application/ld+json"
    results = json.loads(body)["epcisBody"]["queryResults"]
    assert (results["queryName"], results["subscriptionID"]) == ("damaged", where.rpartition("/")[2])
    shown = client.get(where).json()
    assert shown["stream"] is True and "secret" not in json.dumps(shown) and shown["lastNotifiedAt"]


def test_e10_what_is_not_taken_comes_again_the_same_and_later_and_later(client, receiver):
    where = subscribed(client, dest=receiver.address, stream=True)
    capture(client, "1")
    receiver.status = 302
    tell_until_nothing_is_due()
    assert client.get(where).json()["minorErrors"] == ["What was sent was not taken: HTTP 302."]
    with db.hub_session() as session:
        subscription = session.exec(select(Subscription)).one()
        assert subscription.failures == 1 and now() < subscription.due_at < now() + timedelta(seconds=6)
        subscription.failures = 40
    tell_until_nothing_is_due()
    with db.hub_session() as session:
        assert session.exec(select(Subscription)).one().due_at > now() + timedelta(minutes=59)
    receiver.status = 200
    capture(client, "2")
    tell_until_nothing_is_due()
    assert receiver.events() == [["urn:uuid:1"], ["urn:uuid:1"], ["urn:uuid:1", "urn:uuid:2"]]
    assert receiver.taken[0][0]["Idempotency-Key"] == receiver.taken[1][0]["Idempotency-Key"]
    assert "minorErrors" not in client.get(where).json()


def test_e10_who_begins_in_the_past_is_told_from_there_on_a_hundred_at_a_time(client, receiver, monkeypatch):
    monkeypatch.setattr(subscriptions, "AT_ONCE", 2)
    capture(client, "1", "2", "3")
    past = (now() - timedelta(days=1)).isoformat()
    subscribed(client, dest=receiver.address, stream=True, initialRecordTime=past)
    tell_until_nothing_is_due()
    assert receiver.events() == [["urn:uuid:1", "urn:uuid:2"], ["urn:uuid:3"]]


def test_e10_a_schedule_is_kept_and_tells_that_nothing_came_where_that_is_wanted(client, receiver):
    where = subscribed(client, dest=receiver.address, schedule={"hour": "1", "minute": "5"}, reportIfEmpty=True)
    subscriptions.tell()
    assert receiver.taken == []  # it is not five past one
    with db.hub_session() as session:
        session.exec(select(Subscription)).one().due_at = now()
    subscriptions.tell()
    assert receiver.events() == [[]]
    with db.hub_session() as session:
        due = session.exec(select(Subscription)).one().due_at
    assert (due.hour, due.minute) == (1, 5) and due > now()
    assert client.delete(where).status_code == 204 and client.get(where).status_code == 404


@pytest.mark.parametrize(
    "told",
    [
        {"dest": ANYWHERE},
        {"dest": ANYWHERE, "stream": True, "schedule": {"hour": "1"}},
        {"dest": ANYWHERE, "stream": False},
        {"dest": ANYWHERE, "schedule": {"hour": "25"}},
        {"dest": ANYWHERE, "stream": True, "colour": "red"},
        {"dest": ANYWHERE, "stream": True, "initialRecordTime": "yesterday"},
        {"stream": True},
        {"dest": 5, "stream": True},
        {"dest": "http://93.184.215.14/hook", "stream": True},
        {"dest": "https://user:word@93.184.215.14/hook", "stream": True},
        {"dest": "https://127.0.0.1/hook", "stream": True},
        {"dest": "https://localhost/hook", "stream": True},
        {"dest": "https://10.1.2.3/hook", "stream": True},
        {"dest": "https://169.254.169.254/latest", "stream": True},
        {"dest": "https://[::1]/hook", "stream": True},
        {"dest": "https://[::ffff:10.1.2.3]/hook", "stream": True},
        {"dest": "https://0/hook", "stream": True},
        {"dest": "https://nobody.invalid/hook", "stream": True},
        {"dest": "https://93.184.215.14:port/hook", "stream": True},
    ],
)
def test_e10_what_cannot_be_subscribed_to_says_why(client, told):
    kept(client)
    answer = client.post("/epcis/queries/damaged/subscriptions", json=told)
    assert (answer.status_code, answer.json()["type"]) == (400, "epcisException:SubscriptionControlsException")


def test_e10_a_destination_that_moves_into_our_network_is_sent_nothing(client, receiver, monkeypatch):
    where = subscribed(client, dest=receiver.address, stream=True)
    capture(client, "1")
    monkeypatch.setattr(settings(), "webhooks_to_neighbours", False)
    tell_until_nothing_is_due()
    assert receiver.taken == [] and "private address" in client.get(where).json()["minorErrors"][0]


def test_e10_dropping_a_query_ends_its_subscriptions(client, receiver):
    subscribed(client, dest=receiver.address, stream=True)
    assert len(client.get("/epcis/queries/damaged/subscriptions").json()) == 1
    assert client.delete("/epcis/queries/damaged").status_code == 204
    capture(client, "1")
    assert subscriptions.tell() == 0 and receiver.taken == []


def test_a_signature_is_that_of_the_bytes_that_were_sent():
    body = '{"步骤": 1}'.encode()
    assert webhooks.signature(body, "词") == "sha256=" + hmac.new("词".encode(), body, hashlib.sha256).hexdigest()
