"""Our own API holds every clause that must be held, and the suite can tell a server that does not."""

import json
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import uvicorn

from conformance import __main__
from conformance.cases import operations, parameters
from conformance.clauses import Verdict, Weight
from conformance.judging import Judged, fails, judge, wanted
from conformance.repository import Options
from hub import access, db
from hub.access import Permission
from hub.app import create_app
from hub.demo import builder
from hub.ledger.log import sealing
from hub.local.home import free_port
from hub.models.party import OrganizationKind
from hub.settings import settings
from hub.trace.asking import subscriptions
from hub.trace.taking import waiting
from tests.hub.growers import keys_of_the_hub  # noqa: F401
from tests.waiting import wait_for

NOWHERE = "https://93.184.215.14/hook"
WAITING: set[str] = set()
"""Clauses that must hold and do not yet: each is named here until it does."""


class Deaf(BaseHTTPRequestHandler):
    """Says that everything went well, whatever it was asked."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_DELETE = do_OPTIONS = _answer

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def deaf() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Deaf)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/epcis"
    server.shutdown()
    server.server_close()
    thread.join()


def whole(app):
    return app


def forgetful(app):
    """The hub, but that no answer leads on to its next page."""

    async def passed(scope, receive, send):
        async def say(message):
            if message["type"] == "http.response.start":
                message["headers"] = [(name, value) for name, value in message["headers"] if name.lower() != b"link"]
            await send(message)

        await app(scope, receive, say)

    return passed


@contextmanager
def served(changed) -> Iterator[str]:
    """The hub over this process's database, and beside it what seals events, tells subscribers and captures."""
    port, over = free_port(0), threading.Event()
    server = uvicorn.Server(uvicorn.Config(changed(create_app()), port=port, log_level="warning", access_log=False))

    def keep() -> None:
        while not over.wait(0.3):
            with db.hub_session() as session:
                sealing.seal(session, patient=False)
            subscriptions.tell()
            waiting.work()

    threads = [threading.Thread(target=server.run), threading.Thread(target=keep)]
    for thread in threads:
        thread.start()
    wait_for("the hub", lambda: server.started)
    yield f"http://127.0.0.1:{port}/epcis"
    over.set()
    server.should_exit = True
    for thread in threads:
        thread.join()


@pytest.fixture
def hub(clean, keys_of_the_hub, request) -> Iterator[Options]:  # noqa: F811
    """The hub, as a farm's program asks it; or what a test makes of it."""
    farm = builder.member(builder.party(OrganizationKind.SUPPLIER))
    with db.session(db.Who(farm.id)) as session:
        key = access.make_api_key(session, farm.id, "conformance", [Permission.CAPTURE_EVENTS])
    with served(getattr(request, "param", whole)) as address:
        yield Options(address, key, destination=NOWHERE)


def told(judged: list[Judged]) -> str:
    return "\n".join(f"{one.clause.name}: {one.why} ({one.exchange})" for one in judged)


def test_the_hub_holds_every_clause_that_must_be_held(hub):
    judged = list(judge(hub, wanted()))
    broken = [one for one in fails(judged) if one.clause.name not in WAITING]
    assert broken == [], told(broken)
    assert {one.clause.name for one in fails(judged)} == WAITING, "a clause holds now: it waits no longer"
    assert Counter(one.verdict for one in judged)[Verdict.HELD] > 500


def test_the_hub_delivers_answers_signed_and_none_twice(hub, monkeypatch):
    monkeypatch.setattr(settings(), "webhooks_to_neighbours", True)
    listening = replace(hub, receiver=f"http://127.0.0.1:{free_port(0)}/hook")
    [delivery] = judge(listening, wanted("E10 each answer is delivered"))
    assert delivery.verdict is Verdict.HELD, told([delivery])


@pytest.mark.parametrize("hub", [forgetful], indirect=True)
def test_a_hub_that_forgets_to_lead_on_is_found_out_by_the_clauses_of_paging_alone(hub):
    judged = list(judge(hub, wanted("E9"))) + list(judge(hub, wanted("E8")))
    broken = {one.clause.name for one in fails(judged)} - WAITING
    assert "E9 each event stands on one page, and Link leads to the next" in broken
    assert "E8 the order holds over pages" in broken and "E8 orderBy=eventTime, ASC" not in broken
    assert "E9 perPage=0 is refused" not in broken


def test_a_server_that_says_yes_to_everything_is_found_out(capsys, tmp_path):
    with deaf() as address:
        status = __main__.main([address, "--token", "x", "--json", str(tmp_path / "out.json")])
    said = capsys.readouterr().out
    assert status == 1 and "By resource" in said and re.search(r"By rule, \d\d \w+ \d{4}", said)
    verdicts = json.loads((tmp_path / "out.json").read_text())
    failed = [one for one in verdicts if one["verdict"] == "failed"]
    assert len(failed) > 0.9 * len(verdicts) and all(one["why"] and one["exchange"] for one in failed)


def test_where_nobody_answers_every_clause_fails_with_its_reason():
    [first, *_] = judged = list(judge(Options("http://127.0.0.1:9/epcis"), wanted("E8 orderBy")))
    assert {one.verdict for one in judged} == {Verdict.FAILED} and "no answer" in first.why


def test_all_operations_and_parameters_are_asked():
    """63 operations; openapi's 55 parameters, nine more of query-schema.json, which has 60, and its 108 families."""
    assert len(set(operations.OPERATIONS)) == 63
    asked = {*parameters.OPENAPI, "EQ_eventID", "GE_recordTime", "LT_recordTime"}
    assert len(asked) + len("perPage nextPageToken orderBy orderDirection eventCountLimit maxEventCount".split()) == 55
    assert (len(parameters.OF_THE_SCHEMA), len(parameters.FAMILIES) + len(("HASATTR", "EQ_ATTR"))) == (9, 108)
    fixed = {*asked, *parameters.OF_THE_SCHEMA, "orderBy", "orderDirection", "eventCountLimit", "maxEventCount"}
    of_openapi_alone = {"GE_errorDeclarationTime", "LT_errorDeclarationTime"}
    assert len(fixed - of_openapi_alone) + 108 == 168
    assert len(wanted("epcisException:")) == 15


def test_each_step_of_tcr_53_and_54_is_asked():
    steps = {one.name.partition(":")[0] for one in wanted("TCR-53")}
    assert steps == {f"TCR-53 step {number}" for number in range(1, 30)}
    assert [one.name.partition(":")[0] for one in wanted("TCR-54")] == [
        "TCR-54 steps 1 and 2",
        "TCR-54 step 3",
        "TCR-54 step 4",
    ]


def test_each_clause_has_a_name_of_its_own_a_reference_and_a_weight():
    clauses = wanted()
    assert len({one.name for one in clauses}) == len(clauses)
    assert all(one.reference and one.weight in Weight for one in clauses)


@pytest.mark.parametrize(
    ("arguments", "said"), [(["http://127.0.0.1:9", "--header", "nonsense"], "Name: value"), ([""], "http://")]
)
def test_arguments_that_cannot_be_read_are_named(capsys, arguments, said):
    with pytest.raises(SystemExit):
        __main__.main(arguments)
    assert said in capsys.readouterr().err


def test_the_command_says_what_it_takes():
    help_text = subprocess.run([sys.executable, "-m", "conformance", "--help"], capture_output=True, text=True)
    assert help_text.returncode == 0 and "--receiver" in help_text.stdout
