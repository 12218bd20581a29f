"""Who follows a query over a WebSocket is told in the log's order, none missed, none twice, while he may: E10."""

import json
import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import jsonschema_rs
import pytest
import uvicorn
from sqlalchemy import text
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from hub import access, db
from hub.access import Permission
from hub.api.following.lines import Lines
from hub.app import create_app
from hub.demo import builder
from hub.ledger.log import sealing
from hub.local.home import free_port
from hub.models.base import now
from hub.models.party import OrganizationKind, Role
from tests.hub.epcis.documents import LD, document, machine
from tests.hub.epcis.test_subscriptions import capture, kept
from tests.hub.gs1.test_epcis_schema import SCHEMA
from tests.waiting import wait_for

FOLLOWED = "/epcis/queries/damaged/events"


@pytest.fixture
def client(farm):
    with machine(farm) as made:
        made.app.state.lines = Lines(again=0.3, breath=0.05)
        yield made


def results(line):
    return line.receive_json()["epcisBody"]["queryResults"]


def names(told):
    return [event["eventID"].removeprefix("urn:uuid:") for event in told["resultsBody"]["eventList"]]


def refused(client, query, path=FOLLOWED, **options):
    with pytest.raises(WebSocketDenialResponse) as denial, client.websocket_connect(f"{path}?{query}", **options):
        pass
    return denial.value


def closed(line):
    with pytest.raises(WebSocketDisconnect) as ended:
        line.receive_json()
    return ended.value.code, ended.value.reason


def revoke(org):
    with db.session(db.Who(org.id)) as session:
        session.execute(text("update api_key set revoked_at = now()"))


def test_e10_who_follows_is_told_of_each_answer_once_in_the_order_of_the_log(client):
    kept(client)
    capture(client, "before")
    with client.websocket_connect(f"{FOLLOWED}?stream=true") as line:
        capture(client, "one")
        capture(client, "good", disposition="in_progress")
        capture(client, "two", "three")
        told = [results(line)]
        while len([name for one in told for name in names(one)]) < 3:
            told.append(results(line))
    assert [name for one in told for name in names(one)] == ["one", "two", "three"]
    assert len({one["subscriptionID"] for one in told}) == 1 and told[0]["queryName"] == "damaged"


def test_e10_who_comes_back_goes_on_by_the_mark(client):
    kept(client)
    with client.websocket_connect(f"{FOLLOWED}?stream=true") as line:
        begun = dict(line.extra_headers)[b"furrow-mark"].decode()
        capture(client, "one")
        mark = results(line)["furrow:mark"]
    capture(client, "while-away")
    with client.websocket_connect(f"{FOLLOWED}?stream=true&mark={mark}") as line:
        assert names(results(line)) == ["while-away"]
    with client.websocket_connect(f"{FOLLOWED}?stream=true&mark={begun}&perPage=1") as line:
        assert [names(results(line)), names(results(line))] == [["one"], ["while-away"]]


def test_e10_who_follows_from_a_time_on_is_first_told_what_is_there(client):
    kept(client)
    capture(client, "before")
    since = (now() - timedelta(minutes=1)).isoformat().replace("+", "%2B")
    with client.websocket_connect(f"{FOLLOWED}?stream=true&initialRecordTime={since}") as line:
        assert names(results(line)) == ["before"]
        assert b"gs1-query-min-record-time" in dict(line.extra_headers)
        assert dict(line.extra_headers)[b"gs1-epcis-version"] == b"2.0.0"


def test_e10_a_schedule_tells_what_is_new_and_if_asked_that_nothing_is(client):
    kept(client)
    every_second = "second=[0-59]"
    with client.websocket_connect(f"{FOLLOWED}?{every_second}&reportIfEmpty=true") as line:
        assert names(results(line)) == []
        capture(client, "one")
        told = []
        while not told:
            told = names(results(line))
        assert told == ["one"]


def test_e10_a_document_over_a_websocket_is_valid_by_gs1s_schema(client):
    if not SCHEMA.is_file():
        pytest.skip(f"GS1's schema is not at hand ({SCHEMA})")
    kept(client)
    with client.websocket_connect(f"{FOLLOWED}?stream=true") as line:
        capture(client, "one")
        told = line.receive_json()
    assert told["@context"][1] == {"furrow": "urn:furrow:ns:1:"}
    told["epcisBody"]["queryResults"]["resultsBody"]["eventList"] = []
    judge = jsonschema_rs.Draft7Validator(json.loads(SCHEMA.read_text()), validate_formats=True)
    assert [str(error)[:300] for error in judge.iter_errors(told)] == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "stream=false",
        "stream=true&second=5",
        "second=77",
        "stream=perhaps",
        "stream=true&colour=red",
        "stream=true&mark=x",
        "stream=true&initialRecordTime=yesterday",
    ],
)
def test_e10_both_or_neither_of_stream_and_schedule_is_refused_before_the_line_opens(client, query):
    kept(client)
    denial = refused(client, query)
    assert denial.status_code == 400
    assert denial.json()["type"] == "epcisException:SubscriptionControlsException"
    assert denial.headers["content-type"] == "application/problem+json"
    assert denial.headers["gs1-epcis-version"] == "2.0.0"


def test_e10_only_who_may_ask_may_follow(client, farm):
    kept(client)
    assert refused(client, "stream=true", path="/epcis/queries/none/events").status_code == 404
    assert refused(client, "stream=true", headers={"authorization": "Bearer nobody"}).status_code == 401
    assert refused(client, "stream=true", headers={"GS1-EPCIS-Min": "9.0.0"}).status_code == 406
    assert refused(client, "stream=true", headers={"GS1-EPC-Format": "Whatever"}).status_code == 406
    foreign = refused(client, "stream=true", headers={"origin": "https://elsewhere.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "from-another-site")
    with machine(farm, Permission.PLAN_ROUTES) as other:
        assert refused(other, "stream=true").status_code == 403


def test_e10_a_cookie_counts_from_our_own_pages_alone_and_an_open_line_is_no_use_of_the_login(client, farm):
    kept(client)
    builder.person(farm, Role.SUPPLIER, "a-long-sentence-of-words", "lin@example.org")
    cookie = {"cookie": f"furrow={access.sign_in('lin@example.org', 'a-long-sentence-of-words', '127.0.0.1')}"}
    with TestClient(client.app) as browser:
        assert refused(browser, "stream=true", headers=cookie).status_code == 403
        assert (
            refused(browser, "stream=true", headers=cookie | {"origin": "https://elsewhere.example"}).status_code == 403
        )
        own = cookie | {"sec-fetch-site": "same-origin"}
        with browser.websocket_connect(f"{FOLLOWED}?stream=true", headers=own) as line:
            with db.hub_session() as session:
                session.execute(text("update login set seen_at = now() - interval '1 day'"))
            assert closed(line) == (1008, "sign-in-needed")


def test_e10_another_party_follows_its_own_query_and_is_told_what_it_may_see(client):
    kept(client)
    stranger = builder.member(builder.party(OrganizationKind.SUPPLIER))
    with machine(stranger) as theirs:
        theirs.app.state.lines = Lines(again=0.3, breath=0.05)
        kept(theirs)
        with theirs.websocket_connect(f"{FOLLOWED}?stream=true") as line:
            capture(client, "mine")
            capture(theirs, "theirs")
            assert names(results(line)) == ["theirs"]


def test_e10_a_line_ends_when_its_key_is_revoked_or_its_query_dropped_or_something_is_said(client, farm):
    kept(client)
    with client.websocket_connect(f"{FOLLOWED}?stream=true") as line:
        line.send_text("hello")
        assert closed(line) == (1003, "nothing-is-read-here")
    with client.websocket_connect(f"{FOLLOWED}?hour=3") as line:
        assert client.delete("/epcis/queries/damaged").status_code == 204
        assert closed(line) == (1008, "not-found")
    kept(client)
    with client.websocket_connect(f"{FOLLOWED}?stream=true") as line:
        revoke(farm)
        assert closed(line) == (1008, "sign-in-needed")


def test_e10_lines_are_bounded_and_a_closed_one_leaves_its_place(client):
    client.app.state.lines = Lines(most_of_one=2)
    kept(client)
    for _ in range(2):
        with ExitStack() as opened:
            for _ in range(2):
                opened.enter_context(client.websocket_connect(f"{FOLLOWED}?stream=true"))
            denial = refused(client, "stream=true")
            assert (denial.status_code, denial.json()["code"]) == (429, "too-many-lines")
        wait_for("the places", lambda: client.app.state.lines._open.total() == 0)


@contextmanager
def served(app):
    port = free_port(0)
    config = uvicorn.Config(app, port=port, http="httptools", log_level="warning", timeout_graceful_shutdown=10)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for("the hub", lambda: server.started)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def passes(farm):
    with db.session(db.Who(farm.id)) as session:
        key = access.make_api_key(session, farm.id, "line", [Permission.CAPTURE_EVENTS])
    return {"Authorization": f"Bearer {key}"}


def test_e10_over_a_real_line_the_bell_wakes_at_once_and_the_server_says_good_bye(client, passes):
    kept(client)
    with ExitStack() as until:
        with served(create_app()) as port:
            address = f"ws://127.0.0.1:{port}{FOLLOWED}?stream=true"
            line = until.enter_context(connect(address, additional_headers=passes))
            assert line.response.status_code == 101
            time.sleep(1)  # the first look is over, and the next by itself half a minute away
            capture(client, "one")
            assert names(json.loads(line.recv(timeout=10))["epcisBody"]["queryResults"]) == ["one"]
            begun = time.monotonic()
        assert time.monotonic() - begun < 5
        with pytest.raises(ConnectionClosed) as ended:
            line.recv(timeout=5)
        assert ended.value.rcvd.code == 1012


def test_e10_who_does_not_read_is_let_go_and_does_not_hold_the_server(client, passes):
    kept(client)
    whole = json.loads(document(disposition="damaged"))
    [one] = whole["epcisBody"]["eventList"]
    whole["@context"].append({"ex": "https://example.org/"})
    for part in range(8):  # more than the kernel keeps for a line, each little enough to be captured at once
        whole["epcisBody"]["eventList"] = [
            one | {"eventID": f"urn:uuid:{part}-{number}", "ex:note": "x" * 50_000} for number in range(30)
        ]
        assert client.post("/epcis/capture", content=json.dumps(whole), headers=LD).status_code == 202
    with db.hub_session() as session:
        sealing.seal(session, patient=False)
    app = create_app()
    app.state.lines = Lines(patience=1)
    with served(app) as port, socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", port))
        asked = [
            f"GET {FOLLOWED}?stream=true&mark=-1&perPage=20 HTTP/1.1", "Host: hub", "Connection: Upgrade",
            "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: Y29uZm9ybWFuY2VzdWl0ZQ==",
            *(f"{name}: {value}" for name, value in passes.items()),
        ]  # fmt: skip
        deaf.sendall("\r\n".join([*asked, "", ""]).encode())
        wait_for("the line", lambda: app.state.lines._open.total() == 1)
        wait_for("its end", lambda: app.state.lines._open.total() == 0, 20)
