"""Single events that come at once share a transaction, and nothing else."""

import asyncio
import json

import pytest
from sqlmodel import select

from hub import db
from hub.access import Actor, Permission
from hub.api import together
from hub.errors import HubError
from hub.models.party import OrganizationKind
from hub.models.trace import Event
from hub.trace import capture
from hub.trace.capture import EventExists
from hub.web.problems import Busy
from tests import event_loop
from tests.hub.epcis.documents import document


def body(**more: object) -> bytes:
    whole = json.loads(document(**more))
    return json.dumps({"@context": whole["@context"], **whole["epcisBody"]["eventList"][0]}).encode()


@pytest.fixture
def actor(farm):
    return Actor(farm.id, OrganizationKind.SUPPLIER, frozenset({Permission.CAPTURE_EVENTS}), name="test", via="api")


def at_once(actor: Actor, *bodies: bytes) -> list[str | BaseException]:
    async def all_of_them() -> list[str | BaseException]:
        return await asyncio.gather(*(together.capture_one(actor, one) for one in bodies), return_exceptions=True)

    return event_loop.run(all_of_them())


def stored(actor: Actor) -> list[str]:
    with db.session(actor.who) as session:
        return list(session.scalars(select(Event.event_id)))


@pytest.fixture
def rounds(monkeypatch):
    """How many events each transaction began with."""
    taken = []

    def counted(session, singles):
        taken.append(len(singles))
        return capture_singles(session, singles)

    capture_singles = capture.capture_singles
    monkeypatch.setattr(capture, "capture_singles", counted)
    return taken


def test_what_comes_while_another_is_written_is_written_together(actor, rounds):
    names = [f"urn:uuid:{number:032x}" for number in range(40)]
    assert at_once(actor, *(body(eventID=name) for name in names)) == names
    assert sorted(stored(actor)) == names and sum(rounds) == 40 and len(rounds) <= 3


def test_each_has_an_answer_of_its_own(actor, rounds):
    one, same = body(eventID="urn:uuid:1"), body(eventID="urn:uuid:1", bizStep="packing")
    answers = at_once(actor, one, same, one, body(eventID="urn:uuid:2"))
    assert (answers[0], answers[3]) == ("urn:uuid:1", "urn:uuid:2")
    assert [type(answer) for answer in answers[1:3]] == [EventExists, EventExists]
    assert sorted(stored(actor)) == ["urn:uuid:1", "urn:uuid:2"]


def test_an_event_that_the_database_refuses_takes_no_other_with_it(actor, monkeypatch):
    capture_singles = capture.capture_singles

    def refusing(session, singles):
        if any(one.submitted.event["eventID"] == "urn:uuid:bad" for one in singles):
            raise RuntimeError("the disk does not like it")
        return capture_singles(session, singles)

    monkeypatch.setattr(capture, "capture_singles", refusing)
    good, bad, other = at_once(actor, *(body(eventID=f"urn:uuid:{name}") for name in ("good", "bad", "other")))
    assert isinstance(bad, RuntimeError) and (good, other) == ("urn:uuid:good", "urn:uuid:other")
    assert sorted(stored(actor)) == ["urn:uuid:good", "urn:uuid:other"]


def test_a_long_queue_is_asked_to_come_again(actor, monkeypatch):
    monkeypatch.setattr(together, "MOST_WAITING", 3)
    answers = at_once(actor, *(body(eventID=f"urn:uuid:{number}") for number in range(8)))
    assert {type(answer) for answer in answers} == {str, Busy}
    assert sorted(stored(actor)) == sorted(answer for answer in answers if isinstance(answer, str))


def test_what_is_wrong_with_one_is_said_before_it_waits(actor, rounds):
    [answer] = at_once(actor, body(action="LOOK"))
    assert isinstance(answer, HubError) and answer.status == 400 and rounds == []
