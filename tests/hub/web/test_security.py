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


def test_a_body_that_trickles_is_cut_off():
    async def app(scope, receive, send):
        while (await receive()).get("more_body"):
            pass

    async def trickle():
        await anyio.sleep(0.03)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def call():
        scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
        await security.BodyLimit(app, seconds=0.1)(scope, trickle, None)

    with pytest.raises(security.Refused) as refused:
        aside(call)
    assert refused.value.error.code == "body-too-slow"


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


class Waiting:
    """An app whose requests stay inside until they are let go."""

    def __init__(self) -> None:
        self.inside, self.most = 0, 0
        self.door = anyio.Event()

    async def __call__(self, scope, receive, send):
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.door.wait()
        self.inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def ask(gate: security.Gate, path: str = "/orders", answers: list | None = None):
    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"accept", b"application/json")]}
    scope |= {"query_string": b"", "server": ("hub", 80), "scheme": "http"}

    async def send(message):
        if message["type"] == "http.response.start":
            answers.append((message["status"], dict(message["headers"])))

    async def call():
        await gate(scope, None, send)

    return call


def test_no_more_are_inside_than_there_are_seats_and_the_others_wait():
    async def run():
        app, answers = Waiting(), []
        gate = security.Gate(app, seats=5)
        async with anyio.create_task_group() as group:
            for _ in range(200):
                group.start_soon(ask(gate, answers=answers))
            await anyio.sleep(0.05)
            assert app.inside == 5
            app.door.set()
        assert app.most == 5 and [status for status, _ in answers] == [200] * 200

    aside(run)


def test_whoever_waited_too_long_is_told_when_to_come_again():
    async def run():
        app, answers = Waiting(), []
        gate = security.Gate(app, patience=0.05, seats=1)
        async with anyio.create_task_group() as group:
            group.start_soon(ask(gate, answers=answers))
            await anyio.sleep(0.01)
            await ask(gate, answers=answers)()
            status, headers = answers[0]
            assert status == 503 and headers[b"retry-after"] == b"5"
            group.start_soon(ask(gate, "/health/live", answers=answers))
            await anyio.sleep(0.01)
            assert app.inside == 2
            app.door.set()

    aside(run)


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
            threading.Thread(target=lambda: statuses.append(client.get("/api/slow").status_code))
            for _ in range(60)
        ]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
    assert statuses == [200] * 60


def test_the_hub_refuses_to_serve_past_row_level_security(app, monkeypatch):
    from hub import db

    monkeypatch.setattr(db, "app_engine", db.relay_engine)
    with pytest.raises(RuntimeError, match="bypasses row-level security"), TestClient(app):
        pass
