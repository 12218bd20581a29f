"""Whoever asks what became of a click finds it in the logs under one id, from the answer to the block."""

import json
import os
import subprocess
import sys
import urllib.request
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from hub import access, db, log, queue
from hub.access import Permission
from hub.app import create_app
from hub.local import home
from hub.models.base import uuid7
from hub.settings import CHECKOUT
from tests.hub.epcis.documents import LD, document
from tests.hub.growers import growers, keys_of_the_hub, node, run_to_the_end  # noqa: F401
from tests.waiting import wait_for


def test_one_id_goes_from_the_answer_to_the_block(node, growers):  # noqa: F811
    with db.session(db.Who(growers.organization.id)) as session:
        key = access.make_api_key(session, growers.organization.id, "test", [Permission.CAPTURE_EVENTS])
    with TestClient(create_app(), headers={"authorization": f"Bearer {key}"}) as client:
        answer = client.post("/epcis/capture", content=document(), headers=LD)
    assert answer.status_code == 202
    with capture_logs() as lines:
        run_to_the_end()
    told = {line["event"] for line in lines if line.get("trace") == answer.headers["x-request-id"]}
    assert told == {"sealed", "anchored"}


def test_a_hinted_task_works_under_the_id_of_the_click_that_hinted(monkeypatch):
    sent = {}
    monkeypatch.setattr(queue.app, "send_task", lambda name, **options: sent.update(options, name=name))
    click = uuid7()
    with log.traced(click):
        queue.hint("some.task", "x")
    assert sent["name"] == "some.task" and sent["headers"] == {"trace": str(click)}
    seen: list[UUID | None] = []

    @queue.task(queue.Queue.BULK)
    def watched(_argument: str) -> None:
        seen.append(log.trace())

    watched.apply(args=["x"], headers=sent["headers"])
    assert seen == [click] and log.trace() is None


def test_a_click_ends_with_its_answer():
    with log.traced(uuid7()):
        with log.traced(None):
            assert log.trace() is None
        assert log.trace() is not None
    assert log.trace() is None


TELL = "from hub import log; log.configure('web'); log.get('x').info('said', n=1); log.get('x').debug('not said')"


@pytest.mark.parametrize("form", ["logfmt", "json"])
def test_a_line_bears_its_time_level_and_process(form):
    environment = os.environ | {"FURROW_LOG_FORMAT": form}
    done = subprocess.run(
        [sys.executable, "-c", TELL], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True
    )
    (line,) = done.stdout.splitlines()
    told = json.loads(line) if form == "json" else dict(part.split("=", 1) for part in line.split())
    assert (told["level"], told["process"], told["event"], str(told["n"])) == ("info", "web", "said", "1")
    assert told["timestamp"].endswith("Z") and "trace" not in told


SERVE = "from hub import metrics; metrics.serve(1); metrics.SEALED.inc(3); input()"


def test_a_process_shows_its_figures_where_the_settings_say():
    port = home.free_port()
    environment = os.environ | {"FURROW_METRICS_PORT": str(port - 1)}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE], cwd=CHECKOUT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        wait_for("the figures", lambda: "furrow_sealed_records_total 3.0" in _figures(port), 30)
    finally:
        process.communicate(b"\n")


def _figures(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_requests_are_counted_by_route_and_not_by_address(clean):
    from prometheus_client import generate_latest

    with TestClient(create_app(), follow_redirects=False) as client:
        client.get("/product/06901234000015/NONE-1")
    told = generate_latest().decode()
    assert 'route="/product/{gtin}/{lot:path}"' in told and "NONE-1" not in told
