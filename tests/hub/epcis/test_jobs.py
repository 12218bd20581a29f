"""Capture jobs that run after the answer (E1, E2): their states in order, who sees them, and what a crash leaves."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from hub import access, db, queue, tasks
from hub.access import Permission
from hub.demo import builder
from hub.models.base import now
from hub.models.party import OrganizationKind, Role
from hub.models.trace import CaptureDocument, CaptureJob, Event
from hub.settings import settings
from hub.trace.taking import documents, waiting
from tests.hub.epcis.documents import LD, document, machine, stored
from tests.hub.gs1.test_xml import in_xml, object_event
from tests.waiting import wait_for

ASYNC = {"Prefer": "respond-async"}
PROCEED = {"GS1-Capture-Error-Behaviour": "proceed"}


def several(*events):
    whole = json.loads(document())
    [one] = whole["epcisBody"]["eventList"]
    whole["epcisBody"]["eventList"] = [one | {"eventID": f"urn:x:{n}"} | event for n, event in enumerate(events)]
    return json.dumps(whole).encode()


GOOD, WRONG = {}, {"action": "BUY"}


def send(client, content, **headers):
    return client.post("/epcis/capture", content=content, headers=LD | headers)


def states(client, answer):
    job = client.get(answer.headers["location"]).json()
    return job["running"], job["success"]


def due_again() -> None:
    """The pause after a try is over."""
    with db.hub_session() as session:
        session.execute(text("update capture_document set due_at = now() - interval '1 second'"))


def waits() -> list[CaptureDocument]:
    with db.hub_session() as session:
        return list(session.exec(select(CaptureDocument)))


# Who is answered before the work


def test_e1_a_small_document_is_captured_before_the_answer(client):
    answer = send(client, several(GOOD, GOOD))
    job = answer.json()
    assert (job["running"], job["success"], job["events"]) == (False, True, 2) and job["finishedAt"]
    assert "preference-applied" not in answer.headers and waits() == [] and stored() == 2


@pytest.mark.parametrize(
    "prefer",
    [
        "respond-async",
        "Respond-Async, wait=100",
        'handling=lenient; note="a, respond-async", respond-async',
        "return=minimal, respond-async; wait=5",
    ],
)
def test_e1_whoever_would_rather_not_wait_is_answered_at_once(client, prefer):
    answer = send(client, several(GOOD), Prefer=prefer)
    job = answer.json()
    assert answer.status_code == 202 and answer.headers["preference-applied"] == "respond-async"
    assert (job["running"], job["success"], job["finishedAt"], job["events"]) == (True, True, None, 0)
    assert stored() == 0 and answer.headers["location"] == f"/epcis/capture/{job['captureID']}"


@pytest.mark.parametrize("prefer", ["", "return=minimal", 'note="respond-async"', "respond-asynchronously"])
def test_e1_other_preferences_change_nothing(client, prefer):
    answer = send(client, several(GOOD), Prefer=prefer)
    assert answer.json()["running"] is False and "preference-applied" not in answer.headers


def test_e1_what_stands_in_a_second_header_counts_too(client):
    headers = [("content-type", "application/ld+json"), ("prefer", "return=minimal"), ("prefer", "respond-async")]
    assert client.post("/epcis/capture", content=several(GOOD), headers=headers).json()["running"] is True


@pytest.mark.parametrize(("setting", "most"), [("capture_at_once", 2), ("capture_at_once_bytes", 600)])
def test_e1_a_large_document_is_captured_after_the_answer_though_nobody_asked_for_that(
    client, monkeypatch, setting, most
):
    monkeypatch.setattr(settings(), setting, most)
    answer = send(client, several(GOOD, GOOD, GOOD))
    assert answer.json()["running"] is True and "preference-applied" not in answer.headers
    assert tasks.capture_documents.run() == 1 and stored() == 3


def test_e1_more_than_a_thousand_events_are_captured_after_the_answer(client):
    answer = send(client, several(*[GOOD] * 1001))
    assert answer.json()["running"] is True and stored() == 0
    assert tasks.capture_documents.run() == 1
    job = client.get(answer.headers["location"]).json()
    assert (job["running"], job["success"], job["events"], len(job["outcomes"])) == (False, True, 1001, 1001)
    assert send(client, several(*[GOOD] * 1000)).json()["running"] is False


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"{", 400, "malformed-json"), (b'{"type": "EPCISDocument"}', 400, "epcis-validation"), (None, 413, "")],
)
def test_e1_what_is_no_document_or_holds_too_many_is_refused_at_once(client, content, status, code, monkeypatch):
    monkeypatch.setattr(settings(), "capture_limit", 2)
    answer = send(client, content or several(GOOD, GOOD, GOOD), **ASYNC)
    assert answer.status_code == status and answer.json()["code"] == (code or "capture-limit-exceeded")
    assert client.get("/epcis/capture").json() == [] and waits() == []


def test_e1_who_has_no_number_on_the_ledger_is_refused_at_once(clean):
    answer = send(machine(builder.party(OrganizationKind.SUPPLIER)), several(GOOD), **ASYNC)
    assert (answer.status_code, answer.json()["code"]) == (409, "not-a-member")


def test_e1_a_worker_is_asked_for_once_the_document_is_kept_and_for_no_other(client, monkeypatch):
    asked = []
    monkeypatch.setattr(queue, "hint", lambda name, *_, **__: asked.append((name, len(waits()))))
    send(client, several(GOOD))
    assert asked == []
    send(client, several(GOOD), **ASYNC)
    assert asked == [(waiting.TASK, 1)] and waiting.TASK in queue.app.tasks
    assert queue.app.conf.task_routes[waiting.TASK] == {"queue": "bulk"}
    assert waiting.TASK in queue.app.conf.beat_schedule


def test_e1_an_organisation_fills_nobodys_disk(client, monkeypatch):
    monkeypatch.setattr(waiting, "MOST_WAITING", 2)
    for number in range(2):
        assert send(client, several(GOOD), **ASYNC).status_code == 202, number
    answer = send(client, several(GOOD), **ASYNC)
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-waiting") and answer.headers["retry-after"]
    assert send(client, several(GOOD)).status_code == 202
    tasks.capture_documents.run()
    assert send(client, several(GOOD), **ASYNC).status_code == 202


# The four states


def test_e2_a_job_runs_without_error_and_then_has_succeeded(client):
    content = several(GOOD, GOOD)
    answer = send(client, content, **ASYNC)
    assert states(client, answer) == (True, True) and client.get(answer.headers["location"]).json()["outcomes"] == []
    [kept] = waits()
    assert (kept.content, kept.media_type) == (content, "application/ld+json")
    assert tasks.capture_documents.run() == 1
    job = client.get(answer.headers["location"]).json()
    assert (job["running"], job["success"], job["errors"], job["events"]) == (False, True, [], 2)
    assert job["createdAt"] < job["finishedAt"] and waits() == [] and stored() == 2
    assert [told["outcome"] for told in job["outcomes"]] == ["accepted", "accepted"]
    assert [told["captureID"] for told in client.get("/epcis/capture").json()] == [job["captureID"]]


def at_work(client, answer):
    """What a job says while a worker writes: something else holds the table of events for a moment."""
    with db.hub_session() as held:
        held.execute(text("lock table event in share mode"))
        worker = threading.Thread(target=waiting.work)
        worker.start()
        wait_for("the worker", lambda: blocked())
        told = states(client, answer)
    worker.join()
    return told


def blocked() -> bool:
    with db.hub_session() as session:
        return session.execute(text("select exists (select 1 from pg_locks where not granted)")).scalar_one()


def test_e2_with_proceed_a_job_says_while_it_runs_that_something_was_refused_and_keeps_the_others(client):
    answer = send(client, several(GOOD, WRONG, GOOD), **ASYNC, **PROCEED)
    assert states(client, answer) == (True, True)
    assert at_work(client, answer) == (True, False)
    job = client.get(answer.headers["location"]).json()
    assert (job["running"], job["success"], job["events"]) == (False, False, 2) and job["finishedAt"]
    assert [told["outcome"] for told in job["outcomes"]] == ["accepted", "refused", "accepted"]
    [error] = job["errors"]
    assert (error["index"], error["type"], error["path"]) == (
        1,
        "epcisException:ValidationException",
        "epcisBody.eventList[1]",
    )
    assert error["errors"][0]["path"] == "epcisBody.eventList[1].action" and stored() == 2


def test_e2_without_an_error_a_job_still_says_success_while_it_is_written(client):
    answer = send(client, several(GOOD), **ASYNC)
    assert at_work(client, answer) == (True, True) and states(client, answer) == (False, True)


def test_e2_with_rollback_one_bad_event_ends_the_job_with_its_error_and_nothing_is_kept(client):
    answer = send(client, several(GOOD, WRONG, GOOD, WRONG), **ASYNC)
    assert tasks.capture_documents.run() == 1
    job = client.get(answer.headers["location"]).json()
    assert (job["running"], job["success"], job["events"]) == (False, False, 0) and job["finishedAt"]
    told = [(error["index"], error["type"], error["status"], error["code"]) for error in job["errors"]]
    assert told == [(n, "epcisException:ValidationException", 400, "epcis-validation") for n in (1, 3)]
    assert [(told["index"], told["outcome"]) for told in job["outcomes"]] == [(1, "refused"), (3, "refused")]
    assert stored() == 0 and waits() == []


def test_e2_with_rollback_a_conflict_undoes_what_was_written_before_it(client):
    send(client, several(GOOD))
    conflict = {"eventID": "urn:x:0", "bizStep": "packing"}
    answer = send(client, several({"eventID": "urn:x:new"}, conflict), **ASYNC)
    tasks.capture_documents.run()
    job = client.get(answer.headers["location"]).json()
    [error] = job["errors"]
    assert (job["running"], job["success"], error["index"], error["status"], error["eventID"]) == (
        False,
        False,
        1,
        409,
        "urn:x:0",
    )
    assert error["type"] == "epcisException:ResourceAlreadyExistsException" and stored() == 1
    in_xml = client.get(answer.headers["location"], headers={"accept": "application/xml"}).text
    assert "epcisException:ResourceAlreadyExistsException" in in_xml and 'running="false"' in in_xml


def test_e2_what_is_wrong_with_a_header_is_among_the_errors(client):
    whole = json.loads(several(GOOD))
    element = {"id": "urn:epc:id:sgln:0614141.00729.0", "attributes": "none"}
    vocabulary = {"type": "urn:epcglobal:epcis:vtype:ReadPoint", "vocabularyElementList": [element]}
    whole["epcisHeader"] = {"epcisMasterData": {"vocabularyList": [vocabulary]}}
    refused = send(client, json.dumps(whole)).json()
    answer = send(client, json.dumps(whole), **ASYNC)
    tasks.capture_documents.run()
    job = client.get(answer.headers["location"]).json()
    assert job["success"] is False and stored() == 0
    assert [error["path"] for error in job["errors"]] == [error["path"] for error in refused["errors"]]


def test_e2_xml_is_captured_after_the_answer_too(client):
    content = in_xml(object_event("<eventID>urn:x:1</eventID>") * 2)
    answer = client.post("/epcis/capture", content=content, headers=ASYNC | {"content-type": "application/xml"})
    assert tasks.capture_documents.run() == 1
    job = client.get(answer.headers["location"]).json()
    assert (job["success"], [told["outcome"] for told in job["outcomes"]]) == (True, ["accepted", "duplicate"])


# Whose it is


def test_e2_another_party_sees_no_job_and_whose_key_sent_it_stands_in_the_events(client, farm):
    answer = send(client, several(GOOD), **ASYNC)
    other = machine(builder.member(builder.party(OrganizationKind.SUPPLIER, "other")))
    auditor = machine(builder.party(OrganizationKind.RETAILER), Permission.AUDIT)
    for stranger in (other, auditor):
        assert stranger.get(answer.headers["location"]).status_code == 404
        assert stranger.get("/epcis/capture").json() == []
    tasks.capture_documents.run()
    at_once = send(client, several({"eventID": "urn:x:now"}))
    assert at_once.json()["success"] and other.get(answer.headers["location"]).status_code == 404
    with db.hub_session() as session:
        ways = {(row.owner_id, row.created_by, row.via) for row in session.exec(select(Event))}
    assert len(ways) == 1 and ways.pop()[0] == farm.id


def test_e2_a_person_is_named_in_what_a_worker_wrote_for_it(client, farm):
    person = builder.person(farm, Role.SUPPLIER, "hashed")
    actor = access.Actor(farm.id, farm.kind, frozenset({Permission.CAPTURE_EVENTS}), person.id, via="web")
    with db.session(actor.who) as session:
        waiting.take_in(session, actor, waiting.Sent(several(GOOD), "application/json", later=True))
    waiting.work()
    with db.hub_session() as session:
        [event] = session.exec(select(Event)).all()
    assert (event.created_by, event.via) == (person.id, "web") and event.trace is None


def test_e2_what_came_of_a_click_bears_its_number(client):
    send(client, several(GOOD), **ASYNC)
    waiting.work()
    with db.hub_session() as session:
        [event] = session.exec(select(Event)).all()
    assert event.trace is not None


# What a crash leaves

KILLED = """
import os, signal
from sqlalchemy import event as heard
from hub import db, tasks

@heard.listens_for(db.TenantSession, "before_commit")
def die(session):
    if any(type(row).__name__ == "CaptureDocument" for row in session.deleted) or session.info.get("gone"):
        session.flush()
        os.kill(os.getpid(), signal.SIGKILL)

tasks.capture_documents.run()
"""


def killed() -> None:
    """A worker that has written everything, and dies before it commits."""
    done = subprocess.run([sys.executable, "-c", KILLED], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL


def test_e2_a_worker_that_is_killed_leaves_a_job_that_is_taken_up_again_and_nothing_twice(client):
    answer = send(client, several(GOOD, GOOD, WRONG), **ASYNC, **PROCEED)
    killed()
    assert states(client, answer) == (True, False) and stored() == 0
    assert tasks.capture_documents.run() == 0  # its pause is not over
    due_again()
    killed()
    due_again()
    assert [document.attempts for document in waits()] == [2] and tasks.capture_documents.run() == 1
    job = client.get(answer.headers["location"]).json()
    assert (job["running"], job["success"], job["events"], len(job["errors"])) == (False, False, 2, 1)
    assert stored() == 2 and waits() == [] and tasks.capture_documents.run() == 0


def test_e2_a_document_that_kills_every_worker_ends_its_job_all_the_same(client, monkeypatch):
    monkeypatch.setattr(waiting, "MOST_ATTEMPTS", 1)
    answer = send(client, several(GOOD), **ASYNC)
    killed()
    due_again()
    assert tasks.capture_documents.run() == 1
    job = client.get(answer.headers["location"]).json()
    assert (job["running"], job["success"], [error["code"] for error in job["errors"]]) == (
        False,
        False,
        ["not-captured"],
    )
    assert job["errors"][0]["type"] == "epcisException:ImplementationException" and job["finishedAt"]
    assert stored() == 0 and waits() == [] and job["outcomes"] == []


def test_e2_a_failure_that_nobody_foresaw_is_tried_again_for_a_bounded_time(client, monkeypatch):
    def fails(*_):
        raise OSError("the disk is full")

    answer = send(client, several(GOOD), **ASYNC)
    with monkeypatch.context() as broken:
        broken.setattr(documents, "take", fails)
        pauses = []
        for attempt in range(1, waiting.MOST_ATTEMPTS):
            assert waiting.work() == 0 and states(client, answer) == (True, True)
            [row] = waits()
            assert row.attempts == attempt
            pauses.append(row.due_at - now())
            due_again()
        assert pauses == sorted(pauses) and timedelta(minutes=1) < sum(pauses, timedelta()) < timedelta(hours=1)
        assert waiting.work() == 1
    assert states(client, answer) == (False, False) and waits() == []


def test_e2_two_workers_share_no_document(client):
    answers = [send(client, several({"eventID": f"urn:x:{n}"}), **ASYNC) for n in range(6)]
    workers = [threading.Thread(target=waiting.work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert {states(client, answer) for answer in answers} == {(False, True)} and stored() == 6


def test_e2_a_job_that_has_ended_keeps_no_bytes_and_is_not_begun_again(client):
    send(client, several(GOOD), **ASYNC)
    [row] = waits()
    assert waiting.work() == 1 and waiting._capture(row, documents.examined(json.loads(row.content))) is False
    with db.hub_session() as session:
        assert [job.running for job in session.exec(select(CaptureJob))] == [False]


def test_e5_options_say_how_many_events_are_captured_at_once(client):
    assert client.options("/epcis/capture").headers["furrow-capture-at-once"] == "1000"
