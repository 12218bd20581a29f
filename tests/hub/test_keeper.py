"""The keeper of the ledger: one leads, a stopped one no longer does, and a chain that hangs holds up no sealing."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from chain_node.errors import NodeUnreachable
from hub import db, keeper, leader, terms
from hub.ledger.log import journal
from hub.settings import CHECKOUT, settings
from tests.hub.growers import Farm, growers, keys_of_the_hub  # noqa: F401
from tests.waiting import wait_for

SHORT = timedelta(seconds=1)


def sealed() -> int:
    with db.hub_session() as session:
        return int(session.execute(text("select count(*) from log_leaf")).scalar_one())


def has_sealed(count: int, seconds: float = 20) -> None:
    """So many records are sealed, or come to be."""
    wait_for(f"the sealing of {count} records", lambda: sealed() == count, seconds, told=sealed)


def said(log: Path, pattern: str) -> None:
    """A keeper has said something, or comes to say it."""
    wait_for(pattern, lambda: re.search(pattern, log.read_text()), told=log.read_text)


@pytest.fixture
def stood(clean: str) -> Iterator[ExitStack]:
    with ExitStack() as everybody:
        yield everybody


def silent(stood: ExitStack) -> leader.Candidate:
    """A candidate that lives, and lets nobody hear of it: as one that is stopped."""
    connection = stood.enter_context(psycopg.connect(settings().database_relay_url.get_secret_value(), autocommit=True))
    connection.execute(f"set idle_session_timeout = {int(SHORT.total_seconds() * 1000)}")
    return leader.Candidate(connection, "duty", SHORT)


def test_one_of_two_leads_and_when_it_is_gone_the_other_does_under_a_new_term(stood):
    second = stood.enter_context(leader.candidate("duty"))
    with leader.candidate("duty") as first:
        held = first.elected()
        assert held is not None and held.term == 1
        assert second.elected() is None
    later = wait_for("a successor", second.elected, 5)
    assert later.term == 2


def test_a_leader_that_is_heard_of_leads_for_longer_than_the_silence_allowed(stood):
    first = stood.enter_context(leader.candidate("duty", SHORT))
    second = stood.enter_context(leader.candidate("duty"))
    assert first.elected() is not None
    time.sleep(2.5 * SHORT.total_seconds())
    assert second.elected() is None and not first.lost.is_set()


def test_a_leader_that_falls_silent_loses_its_term_and_commits_nothing_more_under_it(stood):
    old = silent(stood).elected()
    second = stood.enter_context(leader.candidate("duty"))
    assert old is not None and second.elected() is None
    wait_for("a successor", second.elected, 10)
    with terms.under(old), pytest.raises(terms.LeaseLost), db.hub_session() as session:
        session.execute(text("update lease set until = now() + interval '1 year'"))
    with db.hub_session() as session:
        assert session.execute(text("select until < now() + interval '1 minute' from lease")).scalar()


def test_a_successor_waits_for_a_commit_of_the_old_term_that_was_checked(stood):
    first = stood.enter_context(leader.candidate("duty"))
    second = silent(stood)
    held = first.elected()
    assert held is not None
    second._connection.execute("set lock_timeout = '200ms'")
    with db.HubSession(db.relay_engine()) as session:
        checked = {"name": held.name, "holder": held.holder, "term": held.term}
        assert session.execute(text("select holds_lease(:name, :holder, :term)"), checked).scalar()
        first._connection.close()
        assert second.elected() is None
    assert (later := second.elected()) is not None and later.term == 2


def test_a_capture_wakes_the_keeper_but_not_for_each_of_many(growers: Farm, monkeypatch):  # noqa: F811
    monkeypatch.setattr(journal, "_rung", {})
    monkeypatch.setattr(journal, "_SELDOM", 60)
    with psycopg.connect(settings().database_relay_url.get_secret_value(), autocommit=True) as bell:
        bell.execute(f"listen {journal.CHANNEL}")
        growers.grow("L-1")
        growers.grow("L-2")
        assert [note.channel for note in bell.notifies(timeout=2)] == [journal.CHANNEL]


def test_a_duty_that_fails_stops_no_other_and_a_chain_that_is_away_is_said(database):
    def away(_session):
        raise NodeUnreachable("nobody there")

    def broken(_session):
        raise ValueError("odd")

    rounds = [keeper.Round(away), keeper.Round(broken), keeper.Round(lambda _session: 3)]
    with capture_logs() as lines:
        assert sum(one.turn() for one in rounds) == 3
    assert [(line["log_level"], line["event"], line["duty"]) for line in lines] == [
        ("warning", "the chain is away", "away"),
        ("error", "a duty failed", "broken"),
    ]


def test_a_duty_is_done_no_more_often_than_it_should_be(database):
    seldom = keeper.Round(lambda _session: 1, timedelta(seconds=30))
    assert [seldom.turn(), seldom.turn()] == [1, 0]


@contextmanager
def kept(log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A keeper as an installation runs it."""
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-u", "-m", "hub.keeper"], cwd=CHECKOUT, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        assert process.wait(30) == 0, log.read_text()


def test_two_keepers_of_which_the_leader_is_stopped_and_wakes_again_seal_each_record_once(growers: Farm, tmp_path):  # noqa: F811
    logs = [tmp_path / "a.log", tmp_path / "b.log"]
    with kept(logs[0]) as first:
        said(logs[0], "event=leading term=1")
        with kept(logs[1]):
            growers.grow("L-1")
            has_sealed(2)
            os.kill(first.pid, signal.SIGSTOP)
            growers.grow("L-2")
            said(logs[1], "event=leading term=2")
            has_sealed(4)
            os.kill(first.pid, signal.SIGCONT)
            said(logs[0], "no longer leading|away")
            growers.grow("L-3")
            has_sealed(6)
            assert "event=leading term=3" not in logs[0].read_text()


@pytest.fixture
def mute() -> Iterator[str]:
    """A node that takes every question and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        asked: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    asked.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def test_a_chain_that_takes_questions_and_answers_none_holds_up_no_sealing(growers: Farm, mute, monkeypatch, tmp_path):  # noqa: F811
    monkeypatch.setenv("FURROW_CHAIN_URL", mute)
    log = tmp_path / "keeper.log"
    with kept(log):
        said(log, "event=leading")
        for round_ in range(1, 4):
            growers.grow(f"L-{round_}")
            has_sealed(2 * round_, 5)
