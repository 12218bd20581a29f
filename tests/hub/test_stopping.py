"""Ctrl-C stops the hub in good order, whatever it was just doing."""

import pytest

from hub.local import __main__ as local
from hub.local.installation import Installation


class Supervisor:
    """Starts nothing, and remembers that it was stopped."""

    stopped = False

    def __init__(self, *_):
        Supervisor.stopped = False

    def sweep(self):
        pass

    def stop(self):
        Supervisor.stopped = True


@pytest.fixture
def nothing_runs(monkeypatch):
    monkeypatch.setattr(local, "Supervisor", Supervisor)
    monkeypatch.setattr(local.signal, "signal", lambda *_: None)
    monkeypatch.setattr(Installation, "postgres", type("Nobody", (), {"stop": lambda self: None})())
    local._ASKED.clear()
    yield
    local._ASKED.clear()


def in_the_middle_of_a_question(*_):
    """As psycopg does: what the signal's handler raised comes out as an error of its own."""
    try:
        local._stop()
    except local.Stopped as stopped:
        raise ConnectionError("another command is already in progress") from stopped


def test_who_asks_in_the_middle_of_a_question_to_the_database_is_obeyed(nothing_runs, monkeypatch, tmp_path):
    monkeypatch.setattr(local, "_start", in_the_middle_of_a_question)
    assert local._run(Installation(tmp_path)) == 0 and Supervisor.stopped


def test_a_fault_of_its_own_is_no_request_to_stop(nothing_runs, monkeypatch, tmp_path):
    def fails(*_):
        raise ConnectionError("no database")

    monkeypatch.setattr(local, "_start", fails)
    with pytest.raises(ConnectionError):
        local._run(Installation(tmp_path))
    assert Supervisor.stopped
