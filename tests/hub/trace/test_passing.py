"""A supplier's events are sent on to a buyer's own repository: which, in what order, how often, and what stops it."""

import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import pytest
import uvicorn
from sqlalchemy import text
from sqlmodel import col, select

from hub import access, db, keys
from hub.access import Permission
from hub.app import create_app
from hub.demo import builder
from hub.errors import NotAllowed, NotFound
from hub.gs1 import epcis, event_hash, reading
from hub.gs1.profiles import shelf
from hub.local.home import free_port
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.outbox import OutboxMessage
from hub.models.party import OrganizationKind, Role
from hub.models.passing import Destination, PassedEvent, Passing
from hub.models.trace import Event, EventAudience
from hub.settings import settings
from hub.trace.asking import webhooks
from hub.trace.passing import destinations, sending
from hub.trace.passing.destinations import Wanted
from hub.trace.taking import documents
from tests.hub.growers import keys_of_the_hub  # noqa: F401
from tests.waiting import wait_for

TOKEN = "s3cret-of-the-buyer"


class Repository:
    """A buyer's program: keeps what it was sent, and answers what it is told to."""

    def __init__(self) -> None:
        self.taken, self.status, self.problem = [], 202, None
        repository = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                repository.taken.append((dict(self.headers), json.loads(body)))
                self.send_response(repository.status)
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()
                if repository.problem is not None:
                    self.wfile.write(json.dumps(repository.problem).encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/capture"

    @property
    def events(self) -> list[list[str]]:
        """The eventIDs of each delivery."""
        return [[event["eventID"] for event in body["epcisBody"]["eventList"]] for _, body in self.taken]


@pytest.fixture
def repository(monkeypatch):
    monkeypatch.setattr(settings(), "webhooks_to_neighbours", True)
    made = Repository()
    yield made
    made.server.shutdown()
    made.server.server_close()


class Trade:
    """A grower with two buyers, and what it records for them."""

    def __init__(self) -> None:
        self.chain = builder.party(OrganizationKind.RETAILER, "Hejia")
        self.rival = builder.party(OrganizationKind.RETAILER, "Lelin")
        self.farm = builder.member(builder.party(OrganizationKind.SUPPLIER, "Qinghe"))
        builder.relation(self.chain, self.farm)
        builder.relation(self.rival, self.farm)
        self.actor = builder.actor(self.farm, Role.ADMINISTRATOR)
        self.grower = builder.actor(self.farm, Role.SUPPLIER)

    def capture(self, *names: str, buyer=None, **more: object) -> list[str]:
        """Shippings to a buyer, named as told, or by their hash where a name is empty; their eventIDs."""
        told = [shipping(name, (buyer or self.chain).gln, **more) for name in names]
        with db.session(self.grower.who) as session:
            documents.capture(session, self.grower, json.dumps(document(*told)).encode())
        return [
            event.get("eventID") or event_hash.event_id(epcis.Submitted(epcis.CONTEXT[:1], event)) for event in told
        ]

    def add(self, url: str, *, profile: str = "", buyer=None) -> Destination:
        with db.session(self.actor.who) as session:
            return destinations.add(session, self.actor, Wanted((buyer or self.chain).id, url, TOKEN, profile))

    def act(self, what, destination: Destination) -> None:
        with db.session(self.actor.who) as session:
            what(session, self.actor, destination.id)


@pytest.fixture
def trade(clean, keys_of_the_hub) -> Trade:  # noqa: F811
    return Trade()


def shipping(name: str, gln: str, **more: object) -> dict:
    told = {
        "type": "ObjectEvent",
        "eventTime": "2026-11-24T06:40:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "epcList": ["urn:epc:id:sgtin:0614141.107346.2017"],
        "destinationList": [{"type": "owning_party", "destination": f"https://id.gs1.org/417/{gln}"}],
    }
    return told | ({"eventID": f"urn:x:{name}"} if name else {}) | more


def document(*events: dict) -> dict:
    return {
        "@context": epcis.CONTEXT[:1],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-24T09:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }


def pass_on(times: int = 3) -> None:
    with db.hub_session() as session:
        session.execute(text("update destination set due_at = now() - interval '1 second'"))
    for _ in range(times):
        sending.pass_on()


def kept(destination: Destination) -> Destination:
    with db.hub_session() as session:
        return session.get_one(Destination, destination.id)


def passed(state: Passing) -> list[PassedEvent]:
    with db.hub_session() as session:
        return list(session.exec(select(PassedEvent).where(col(PassedEvent.state) == state)))


# Which, and in what order


def test_what_a_buyer_may_see_is_sent_as_it_was_captured_in_order_and_nothing_else(trade, repository):
    trade.capture("1", "2")
    trade.capture("3", buyer=trade.rival)
    destination = trade.add(repository.address)
    pass_on()
    trade.capture("4")
    pass_on()
    assert repository.events == [["urn:x:1", "urn:x:2"], ["urn:x:4"]]
    headers, body = repository.taken[0]
    assert headers["Authorization"] == f"Bearer {TOKEN}" and headers["Content-Type"] == "application/ld+json"
    assert headers["GS1-Capture-Error-Behaviour"] == "rollback" and headers["GS1-EPCIS-Version"] == "2.0.0"
    assert body["type"] == "EPCISDocument" and epcis.validate(epcis.read(body)[0]) == []
    assert body["epcisBody"]["eventList"][0] == shipping("1", trade.chain.gln)
    row = kept(destination)
    assert (row.sent, row.answered, row.failures, row.problem) == (3, 202, 0, "") and row.sent_at is not None


def test_many_are_sent_in_several_documents(trade, repository, monkeypatch):
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    names = trade.capture(*"12345")
    trade.add(repository.address)
    pass_on(4)
    assert repository.events == [names[:2], names[2:4], names[4:]]


def test_an_old_record_that_is_opened_to_a_buyer_later_is_sent_then(trade, repository):
    [name] = trade.capture("1", buyer=trade.rival)
    trade.capture("2")
    trade.add(repository.address)
    pass_on()
    with db.session(db.Who(trade.farm.id)) as session:
        event = session.exec(select(Event).where(col(Event.event_id) == name)).one()
        session.add(EventAudience(owner_id=trade.farm.id, event_id=event.id, org_id=trade.chain.id))
    pass_on()
    assert repository.events == [["urn:x:2"], ["urn:x:1"]]


def test_a_slow_transaction_that_commits_behind_the_mark_is_not_missed_nor_another_sent_twice(trade, repository):
    trade.capture("1", "2")
    with db.hub_session() as session:  # the grant of the first is not visible yet
        late = session.exec(select(EventAudience).order_by(col(EventAudience.id)).limit(1)).one()
        session.delete(late)
    trade.add(repository.address)
    pass_on()
    with db.hub_session() as session:
        session.add(EventAudience(**late.model_dump()))
    pass_on()
    assert repository.events == [["urn:x:2"], ["urn:x:1"]]


def test_nothing_is_sent_to_whom_one_does_not_work_with_any_more(trade, repository):
    destination = trade.add(repository.address)
    trade.capture("1")
    with db.hub_session() as session:
        session.execute(text("update trade_relation set valid_to = '2026-01-01'"))
    pass_on()
    assert repository.taken == [] and kept(destination).problem == sending.NO_PARTNER
    assert kept(destination).stopped_at is not None


# The mark moves with a 2xx alone


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_moves_the_mark(trade, repository, status):
    repository.status = status
    trade.capture("1")
    trade.add(repository.address)
    pass_on()
    assert repository.events == [["urn:x:1"]]


@pytest.mark.parametrize("status", [302, 408, 429, 500, 503])
def test_what_was_not_taken_comes_again_the_same_after_longer_and_longer(trade, repository, status):
    repository.status = status
    trade.capture("1", "2")
    destination = trade.add(repository.address)
    pauses = []
    for _ in range(3):
        pass_on(1)
        pauses.append(kept(destination).due_at - now())
    assert repository.events == [["urn:x:1", "urn:x:2"]] * 3 and pauses == sorted(pauses)
    row = kept(destination)
    assert (row.failures, row.answered, row.sent) == (3, status, 0) and f"HTTP {status}" in row.problem
    assert timedelta(seconds=15) < pauses[-1] < timedelta(seconds=25) and row.stopped_at is None
    repository.status = 202
    pass_on()
    assert len(repository.events) == 4 and (kept(destination).failures, kept(destination).sent) == (0, 2)


def test_that_nobody_answers_is_a_failure_and_no_loss(trade, repository):
    trade.capture("1")
    destination = trade.add("http://127.0.0.1:9/capture")
    pass_on(1)
    assert "nobody answers" in kept(destination).problem and kept(destination).failures == 1


def test_nothing_is_sent_to_a_private_address(trade, repository, monkeypatch):
    destination = trade.add(repository.address)
    trade.capture("1")
    monkeypatch.setattr(settings(), "webhooks_to_neighbours", False)
    pass_on(1)
    assert repository.taken == [] and "private address" in kept(destination).problem
    for url in (
        "http://127.0.0.1/capture",
        "https://127.0.0.1/capture",
        "ftp://example.com",
        "https://u:p@example.com",
    ):
        with pytest.raises(webhooks.BadDestination):
            trade.add(url)


# A refusal stops it


def test_a_refused_batch_stops_visibly_and_the_named_event_is_kept_back(trade, repository):
    trade.capture("1", "2", "3")
    destination = trade.add(repository.address)
    repository.status = 400
    repository.problem = {
        "type": "epcisException:ValidationException",
        "title": "bad",
        "detail": "epcisBody.eventList[1].bizStep: is not allowed here",
        "errors": [{"path": "epcisBody.eventList[1].bizStep", "message": "is not allowed here"}],
    }
    pass_on(5)
    row = kept(destination)
    assert len(repository.taken) == 1 and row.stopped_at is not None and row.sent == 0
    assert row.problem == "HTTP 400: epcisBody.eventList[1].bizStep: is not allowed here"
    with db.hub_session() as session:
        [message] = session.exec(select(OutboxMessage).where(col(OutboxMessage.type) == "NoticeGiven")).all()
    assert (message.to_org, message.body["kind"]) == (trade.farm.id, "destination.stopped")
    assert message.body["address"] == f"/settings/destinations/{destination.id}"
    [refused] = passed(Passing.REFUSED)
    assert refused.wrong == [{"path": "bizStep", "message": "is not allowed here"}]
    repository.status, repository.problem = 202, None
    trade.act(destinations.resume, destination)
    pass_on()
    assert repository.events[1:] == [["urn:x:1", "urn:x:3"]] and kept(destination).stopped_at is None
    trade.act(destinations.again, destination)
    pass_on()
    assert repository.events[2:] == [["urn:x:2"]] and passed(Passing.REFUSED) == []


def test_a_conflict_that_names_an_event_keeps_that_one_back(trade, repository):
    trade.capture("1", "2")
    destination = trade.add(repository.address)
    repository.status, repository.problem = 409, {"detail": "is there already", "eventID": "urn:x:2"}
    pass_on()
    repository.status, repository.problem = 202, None
    trade.act(destinations.resume, destination)
    pass_on()
    assert repository.events[1:] == [["urn:x:1"]] and len(passed(Passing.REFUSED)) == 1


@pytest.mark.parametrize("said", [None, [], {"detail": 7}, {"errors": [1, {"path": None}]}, "x" * 70_000])
def test_a_refusal_that_says_nothing_of_use_stops_too_and_the_same_goes_out_again(trade, repository, said):
    trade.capture("1")
    destination = trade.add(repository.address)
    repository.status, repository.problem = 403, said
    pass_on(3)
    assert len(repository.taken) == 1 and kept(destination).problem == "HTTP 403"
    trade.act(destinations.resume, destination)
    repository.status = 201
    pass_on()
    assert repository.events == [["urn:x:1"]] * 2 and kept(destination).sent == 1


# A profile


def test_what_breaks_the_profile_is_held_with_what_is_missing_and_the_others_go_on(trade, repository):
    profile = shelf.PROFILES["retailer-inbound"]
    [step] = [step for step in profile.steps if step.name == "shipping"]
    whole = {key: value for key, value in step.example.items() if key not in ("@context", "eventID")}
    buyers = [{"type": "owning_party", "destination": f"https://id.gs1.org/417/{trade.chain.gln}"}]
    others = [one for one in whole.get("destinationList", []) if one["type"] != "owning_party"]
    trade.capture("good", **whole | {"destinationList": [*buyers, *others]})
    trade.capture("bad")
    destination = trade.add(repository.address, profile="retailer-inbound")
    pass_on()
    assert repository.events == [["urn:x:good"]]
    with db.session(trade.actor.who) as session:
        [back], count = destinations.kept_back(session, destinations.find(session, destination.id))
    assert count == 1 and back.event.event_id == "urn:x:bad" and back.passed.state is Passing.HELD
    assert back.passed.wrong and all(wrong["path"] and wrong["message"] for wrong in back.passed.wrong)
    trade.act(destinations.again, destination)
    pass_on()
    assert repository.events == [["urn:x:good"]] and len(passed(Passing.HELD)) == 1


# Paused, tried, ended, and whose it is


def test_paused_nothing_goes_out_and_resumed_all_of_it_does(trade, repository):
    destination = trade.add(repository.address)
    trade.act(destinations.pause, destination)
    trade.capture("1")
    pass_on()
    assert repository.taken == []
    trade.act(destinations.resume, destination)
    pass_on()
    assert repository.events == [["urn:x:1"]]


def test_a_test_is_a_document_without_events_and_moves_nothing(trade, repository):
    destination = trade.add(repository.address)
    trade.capture("1")
    trade.act(destinations.pause, destination)
    trade.act(destinations.resume, destination)
    trade.act(destinations.try_it, destination)
    pass_on(1)
    assert repository.events == [[]] and repository.taken[0][0]["Authorization"] == f"Bearer {TOKEN}"
    row = kept(destination)
    assert (row.sent, row.answered, row.mark, row.trial) == (0, 202, None, False) and row.sent_at is None
    repository.status = 401
    trade.act(destinations.try_it, destination)
    pass_on(1)
    assert (kept(destination).answered, kept(destination).problem) == (401, "HTTP 401")
    assert kept(destination).stopped_at is None


def test_ended_it_forgets_the_token_and_sends_nothing(trade, repository):
    destination = trade.add(repository.address)
    trade.act(destinations.end, destination)
    trade.capture("1")
    pass_on()
    assert repository.taken == [] and kept(destination).token == "" and kept(destination).ended_at is not None
    with pytest.raises(NotFound):
        trade.act(destinations.resume, destination)


def test_the_token_lies_sealed_and_only_the_worker_opens_it(trade, repository, monkeypatch, tmp_path):
    destination = trade.add(repository.address)
    assert TOKEN not in destination.token and destination.token.startswith("x1.cores.")
    trade.capture("1")
    monkeypatch.setattr(settings(), "core_key_file", tmp_path / "nowhere")
    with pytest.raises(keys.Unsealable):
        keys.unseal(destination.token, destinations.cell(destination))
    pass_on(1)
    assert repository.taken == [] and kept(destination).failures == 1


def test_what_is_done_stands_in_the_audit_trail_without_the_token(trade, repository):
    destination = trade.add(repository.address)
    acts = (destinations.try_it, destinations.pause, destinations.resume, destinations.again, destinations.end)
    for what in acts:
        trade.act(what, destination)
    with db.hub_session() as session:
        found = select(AuditEntry).where(col(AuditEntry.action).startswith("destination."))
        rows = session.exec(found.order_by(col(AuditEntry.id)))
        told = [(row.action, row.subject, row.detail["url"]) for row in rows]
        assert TOKEN not in str(told)
    names = ("add", "try", "pause", "resume", "again", "end")
    assert told == [(f"destination.{name}", trade.chain.gln, repository.address) for name in names]


def test_only_a_suppliers_administrator_adds_one_and_only_for_a_buyer_of_its_own(trade, repository):
    stranger = builder.party(OrganizationKind.RETAILER, "Stranger")
    builder.word(trade.farm, stranger)  # the other side has not said so
    with pytest.raises(destinations.NoSuchBuyer):
        trade.add(repository.address, buyer=stranger)
    for actor in (trade.grower, builder.actor(trade.chain, Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed), db.session(actor.who) as session:
            destinations.add(session, actor, Wanted(trade.chain.id, repository.address))
    for token in ("two words", "ключ", "x" * 2001, "a\nb"):
        with pytest.raises(destinations.UnfitToken), db.session(trade.actor.who) as session:
            destinations.add(session, trade.actor, Wanted(trade.chain.id, repository.address, token))


def test_nobody_elses_is_found_or_changed(trade, repository):
    destination = trade.add(repository.address)
    other = builder.actor(builder.party(OrganizationKind.SUPPLIER, "Beihu"), Role.ADMINISTRATOR)
    for actor in (other, builder.actor(trade.chain, Role.ADMINISTRATOR)):
        with db.session(actor.who) as session:
            assert destinations.listed(session) == []
            assert session.get(Destination, destination.id) is None
    for what in (destinations.pause, destinations.resume, destinations.again, destinations.end, destinations.try_it):
        with pytest.raises(NotFound), db.session(other.who) as session:
            what(session, other, destination.id)


# A second hub as the buyer's repository


@contextmanager
def served():
    port = free_port(0)
    server = uvicorn.Server(uvicorn.Config(create_app(), port=port, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for("the hub", lambda: server.started)
    yield f"http://127.0.0.1:{port}/epcis"
    server.should_exit = True
    thread.join()


def test_our_own_api_takes_them_under_the_same_ids_and_the_same_again_is_harmless(trade, monkeypatch):
    monkeypatch.setattr(settings(), "webhooks_to_neighbours", True)
    builder.member(trade.chain)
    with db.session(db.Who(trade.chain.id)) as session:
        key = access.make_api_key(session, trade.chain.id, "suppliers", [Permission.CAPTURE_EVENTS])
    names = [*trade.capture("1"), *trade.capture("", eventTime="2026-11-24T07:00:00.123+08:00")]
    assert names[1].startswith("ni:///sha-256;")
    with served() as address:
        with db.session(trade.actor.who) as session:
            destination = destinations.add(session, trade.actor, Wanted(trade.chain.id, f"{address}/capture", key))
        pass_on()
        assert (kept(destination).answered, kept(destination).sent, kept(destination).problem) == (202, 2, "")
        with db.hub_session() as session:  # as if the answer had been lost
            session.execute(text("delete from passed_event"))
            session.execute(text("update destination set mark = null"))
        pass_on()
        assert kept(destination).sent == 4 and kept(destination).stopped_at is None
    with db.hub_session() as session:
        rows = session.exec(select(Event).order_by(col(Event.id))).all()
        ids = {
            owner: [row.event_id for row in rows if row.owner_id == owner] for owner in (trade.farm.id, trade.chain.id)
        }
    assert ids[trade.chain.id] == ids[trade.farm.id] == names
    arrived = [reading.opened(row.payload) for row in rows if row.owner_id == trade.chain.id]
    assert [event_hash.event_id(event) for event in arrived][1] == names[1]


def test_what_was_sent_long_ago_is_forgotten_and_not_sent_again(trade, repository):
    trade.add(repository.address)
    trade.capture("1", "2")
    pass_on()
    assert len(repository.events) == 1
    with db.hub_session() as session:
        session.execute(text("update passed_event set created_at = now() - interval '40 days'"))
        held = session.exec(select(PassedEvent).order_by(col(PassedEvent.id))).first()
        held.state = Passing.HELD
        session.add(held)
    assert sending.forget_sent() == 0, "so near its mark a grant is looked at again"
    with db.hub_session() as session:
        old = session.exec(select(EventAudience).order_by(col(EventAudience.id))).all()
        for grant in old:
            session.execute(
                text("update event_audience set id = :earlier where id = :id"),
                {"earlier": UUID(int=grant.id.int - (7_200_000 << 80)), "id": grant.id},
            )
    assert sending.forget_sent(most=1) == 1
    pass_on()
    assert len(repository.events) == 1
    with db.hub_session() as session:
        [left] = session.exec(select(PassedEvent)).all()
    assert left.state is Passing.HELD
