"""Whose requests count, how much is read, how many are inside."""

import threading
import time
from collections.abc import Iterator

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from hub.web import security
from hub.web.deps import PUBLIC
from hub.web.routing import Router

OURS = "https://hub.example.org"


def aside(work):
    """Run something asynchronous in a thread of its own: an open browser keeps this one's event loop for itself."""
    with start_blocking_portal() as portal:
        portal.call(work)


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin", "cookie": "furrow=x"}, True),
        ({"sec-fetch-site": "none", "cookie": "furrow=x"}, True),
        ({"sec-fetch-site": "same-site", "cookie": "furrow=x"}, False),
        ({"sec-fetch-site": "cross-site", "cookie": "furrow=x"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "null", "cookie": "furrow=x"}, True),
        ({"sec-fetch-site": "cross-site", "origin": OURS, "cookie": "furrow=x"}, False),
        ({"origin": OURS, "cookie": "furrow=x"}, True),
        ({"origin": "https://evil.example.org", "cookie": "furrow=x"}, False),
        ({"origin": "null", "cookie": "furrow=x"}, False),
        ({"origin": "http://hub.example.org", "cookie": "furrow=x"}, False),
        ({"cookie": "furrow=x"}, False),
        ({"authorization": "Bearer furrow_x"}, True),
    ],
)
def test_only_our_own_pages_and_programs_change_anything(headers, ours):
    assert security.same_origin(Headers(headers), {OURS}) is ours


def test_a_form_of_another_site_does_nothing_and_says_so(li):
    answer = li.post("/sign-out", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403 and "another site" in answer.text
    assert li.get("/account").status_code == 200


def test_every_answer_tells_browsers_what_they_may_load(browser, program):
    for answer in (
        browser.get("/sign-in"),
        browser.get("/nowhere"),
        program.get("/nowhere"),
        browser.get("/health/live"),
    ):
        assert answer.headers["content-security-policy"] == security.CSP
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"]
    assert "unsafe" not in security.CSP


def test_pages_are_kept_nowhere_and_files_by_their_version(browser):
    page = browser.get("/sign-in")
    assert page.headers["cache-control"] == "no-store"
    address = page.text.split('<link rel="stylesheet" href="')[1].split('"')[0]
    answer = browser.get(address)
    assert answer.status_code == 200 and answer.headers["etag"]
    assert browser.get("/static/../hub/settings.py").status_code == 404


@pytest.fixture
def reading(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The app with a route that reads bodies, and a limit of a thousand bytes."""
    from hub.settings import settings

    room = Router(dependencies=[PUBLIC])

    @room.post("/api/read")
    async def read(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @room.post("/api/lines")
    def lines(body: dict[str, float]) -> dict[str, float]:
        return body

    app.include_router(room)
    monkeypatch.setattr(settings(), "body_limit", 1000)
    with TestClient(app, headers={"accept": "application/json"}) as client:
        yield client


def test_a_body_that_announces_too_much_is_refused_before_it_is_read(reading):
    answer = reading.post("/api/read", content=b"x", headers={"content-length": "200000000"})
    assert answer.status_code == 413 and answer.json()["code"] == "body-too-large"
    assert answer.json()["limit"] == 1000


@pytest.mark.parametrize(("size", "status"), [(1000, 200), (1001, 413)])
def test_a_body_in_chunks_is_counted_to_the_byte(reading, size, status):
    answer = reading.post("/api/read", content=(b"x" for _ in range(size)))
    assert "content-length" not in answer.request.headers
    assert answer.status_code == status


def test_json_in_chunks_that_is_too_large_is_told_as_such(reading):
    chunks = [b'{"a": 1', b" " * 2000, b"}"]
    answer = reading.post("/api/lines", content=iter(chunks), headers={"content-type": "application/json"})
    assert answer.status_code == 413 and answer.json()["code"] == "body-too-large"


def coming(*pieces, every=0.0, address="192.0.2.1", headers=()):
    """A request whose body comes in pieces."""
    waiting = list(pieces)

    async def receive():
        await anyio.sleep(every)
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    scope = {"type": "http", "method": "POST", "path": "/", "headers": list(headers), "client": (address, 1)}
    return Request(scope, receive)


def test_a_body_that_trickles_is_cut_off_and_one_that_flows_is_not():
    async def call():
        trickling = security.Arrivals(patience=0.1, slowest=1000)
        with pytest.raises(security.BodyTooSlow):
            async with trickling.whole(coming(*[b"x"] * 100, every=0.03), 1000):
                pass
        flowing = security.Arrivals(patience=0.5, slowest=10)  # what has come earns time for what is to come
        async with flowing.whole(coming(*[b"x" * 100] * 10, every=0.1), 1000) as body:
            assert body == b"x" * 1000

    aside(call)


def test_a_body_whose_sender_hangs_up_is_refused_as_unfinished():
    async def gone():
        return {"type": "http.disconnect"}

    async def call():
        request = Request({"type": "http", "method": "POST", "path": "/", "headers": []}, gone)
        with pytest.raises(security.BodyIncomplete):
            async with security.Arrivals().whole(request, 1000):
                pass

    aside(call)


def test_one_address_holds_no_more_than_its_share_and_others_are_not_kept_waiting():
    async def call():
        arrivals = security.Arrivals(patience=30, at_once=3)

        async def send(address, pieces):
            async with arrivals.whole(coming(*pieces, every=0.2, address=address), 1000):
                pass

        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(send, "192.0.2.1", [b"x", b"x"])
            await anyio.sleep(0.05)
            with pytest.raises(security.TooManyAtOnce):
                await send("192.0.2.1", [b"x"])
            await send("192.0.2.2", [b"x"])
        await send("192.0.2.1", [b"x"])
        assert not arrivals._coming and not arrivals._held

    aside(call)


@pytest.mark.parametrize(
    ("connection", "said", "address"),
    [
        ("198.51.100.9", ["203.0.113.5"], "198.51.100.9"),
        ("10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["127.0.0.1, 203.0.113.5, 10.0.0.2"], "203.0.113.5"),
        ("10.0.0.1", ["203.0.113.5", "198.51.100.9"], "198.51.100.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["nonsense"], "nonsense"),
        ("testclient", ["203.0.113.5"], "testclient"),
    ],
)
def test_only_a_trusted_proxy_is_believed_where_a_request_comes_from(monkeypatch, connection, said, address):
    from hub.settings import Settings

    given = Settings(trusted_proxies="10.0.0.0/8")
    monkeypatch.setattr(security, "settings", lambda: given)
    headers = [(b"x-forwarded-for", one.encode()) for one in said]
    assert security.address_of(coming(b"", address=connection, headers=headers)) == address


def test_nobody_is_kept_out_by_uploads_that_do_not_end(app):
    """More unfinished bodies than there are seats, at a door open to all: the next one comes at once."""
    app.state.gate = security.Gate(patience=1, seats=2)
    form = [(b"content-type", b"application/x-www-form-urlencoded"), (b"accept", b"application/json")]
    statuses = []

    async def call(receive, address, *more):
        scope = {"type": "http", "method": "POST", "path": "/sign-in", "query_string": b"", "scheme": "http"}
        scope |= {"headers": [*form, *more], "client": (address, 1), "server": ("hub", 80)}

        async def send(message):
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await app(scope, receive, send)

    async def run():
        async def never():
            await anyio.sleep(60)

        async def whole():
            return {"type": "http.request", "body": b"email=li%40example.org", "more_body": False}

        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(call, never, "192.0.2.1", (b"transfer-encoding", b"chunked"))
            await anyio.sleep(0.1)
            with anyio.fail_after(10):
                await call(whole, "192.0.2.1", (b"content-length", b"22"))
            group.cancel_scope.cancel()
        assert statuses == [422]

    aside(run)


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b'{"a": ', "application/json", 400, "malformed-json"),
        (b'{"a": NaN}', "application/json", 400, "malformed-json"),
        (b'{"a": 1, "a": 2}', "application/json", 400, "malformed-json"),
        (b"[" * 10_00, "application/json", 400, "malformed-json"),
        (b"\xff", "application/json", 400, "malformed-json"),
        (b"<a/>", "application/xml", 415, "wrong-content-type"),
        (b'{"a": "much"}', "application/json", 422, "invalid-input"),
        (b"", "application/json", 422, "invalid-input"),
        (b'{"a": 1}', "application/ld+json", 200, None),
    ],
)
def test_bad_input_gets_its_own_clear_error(reading, content, kind, status, code):
    answer = reading.post("/api/lines", content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert code is None or answer.json()["code"] == code


def test_no_more_are_inside_than_there_are_seats_and_the_others_wait():
    async def run():
        gate, door, inside, most, served = security.Gate(seats=5), anyio.Event(), 0, 0, 0

        async def visit():
            nonlocal inside, most, served
            async with gate.seat():
                inside += 1
                most = max(most, inside)
                await door.wait()
                inside -= 1
            served += 1

        async with anyio.create_task_group() as group:
            for _ in range(200):
                group.start_soon(visit)
            await anyio.sleep(0.05)
            assert inside == 5
            door.set()
        assert most == 5 and served == 200

    aside(run)


def test_whoever_waited_too_long_is_told_when_to_come_again(app):
    app.state.gate = security.Gate(patience=0.05, seats=1)

    async def fill():
        await app.state.gate.seats.acquire()

    aside(fill)
    with TestClient(app, headers={"accept": "application/json"}) as client:
        answer = client.get("/sign-in")
        assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
        assert client.get("/health/live").status_code == 200


def test_a_crowd_on_a_small_pool_is_served_to_the_last(app, monkeypatch):
    """Two hundred at once against the pool's connections: nobody fails, nobody starves."""
    room = Router(dependencies=[PUBLIC])

    @room.get("/api/slow")
    def slow() -> float:
        from sqlalchemy import text

        from hub import db

        with db.app_engine().connect() as connection:
            connection.execute(text("select pg_sleep(0.02)"))
        return time.monotonic()

    app.include_router(room)
    statuses: list[int] = []
    with TestClient(app, headers={"accept": "application/json"}) as client:
        crowd = [
            threading.Thread(target=lambda: statuses.append(client.get("/api/slow").status_code)) for _ in range(200)
        ]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
    assert statuses == [200] * 200


def test_the_hub_refuses_to_serve_past_row_level_security(app, monkeypatch):
    from hub import db

    monkeypatch.setattr(db, "app_engine", db.relay_engine)
    with pytest.raises(RuntimeError, match="bypasses row-level security"), TestClient(app):
        pass
