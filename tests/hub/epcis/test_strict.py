"""An organisation that is strict has odd events refused, as what is wrong is (E13); by default they are warned of."""

import json

import pytest

from hub import db
from hub.models.party import Organization
from tests.hub.epcis.documents import stored
from tests.hub.epcis.test_capture import event, post, several
from tests.hub.gs1.test_xml import in_xml, object_event

PIECE = "urn:epc:id:sgtin:0614141.107346.2018"
PROCEED = {"GS1-Capture-Error-Behaviour": "proceed"}


@pytest.fixture
def strict(farm, client):
    with db.session(db.Who(farm.id)) as session:
        session.get_one(Organization, farm.id).strict = True
    return client


def odd(**more):
    return event(eventID="urn:uuid:odd", eventTime="2099-11-24T06:40:00+08:00", **more)


def test_e13_by_default_an_odd_event_is_taken(client):
    assert post(client, "capture", several(event(), odd())).status_code == 202 and stored() == 2
    assert post(client, "events", odd(epcList=[PIECE]) | {"eventID": "urn:uuid:other"}).status_code == 201


def test_e13_a_strict_organisation_refuses_a_document_with_an_odd_event_whole(strict):
    answer = post(strict, "capture", several(event(), odd()))
    told = answer.json()
    assert answer.status_code == 400 and told["code"] == "odd-event" and stored() == 0
    assert told["type"] == "epcisException:ValidationException"
    assert [error["path"] for error in told["errors"]] == ["epcisBody.eventList[1]"]
    assert "lies in the future" in told["errors"][0]["message"]


def test_e13_with_proceed_the_odd_event_alone_is_refused_and_the_job_says_where_and_why(strict):
    answer = post(strict, "capture", several(event(), odd()), **PROCEED)
    job = strict.get(answer.headers["location"]).json()
    assert (job["success"], job["events"], job["warnings"]) == (False, 1, [])
    [error] = job["errors"]
    assert (error["index"], error["path"], error["code"]) == (1, "epcisBody.eventList[1]", "odd-event")
    assert [told["outcome"] for told in job["outcomes"]] == ["accepted", "refused"]
    assert "lies in the future" in job["outcomes"][1]["messages"][0]["message"]


def test_e13_a_single_odd_event_is_refused_and_said_so_beforehand(strict):
    answer = post(strict, "events", odd())
    assert answer.status_code == 400 and answer.json()["code"] == "odd-event" and stored() == 0
    told = post(strict, "events/validate", several(event(), odd())).json()
    assert not told["success"] and [each["outcome"] for each in told["outcomes"]] == ["accepted", "refused"]


def test_e13_an_odd_event_in_xml_is_refused_with_its_line(strict):
    content = in_xml(object_event().replace("<eventTime>20", "<eventTime>30"))
    answer = strict.post("/epcis/capture", content=content, headers={"content-type": "application/xml"})
    assert answer.status_code == 400 and "in the event on line" in answer.json()["errors"][0]["message"]


def test_e13_the_same_again_is_a_duplicate_however_strict(strict):
    made = event(action="ADD", bizStep="commissioning", epcList=[PIECE], eventID="urn:uuid:made")
    for became in ("accepted", "duplicate"):
        answer = post(strict, "capture", several(made, made))
        outcomes = strict.get(answer.headers["location"]).json()["outcomes"]
        assert [told["outcome"] for told in outcomes] == [became, "duplicate"]


def test_e13_what_was_known_before_makes_an_event_odd_too_and_a_refused_one_adds_nothing(strict):
    made = event(action="ADD", bizStep="commissioning", epcList=[PIECE])
    early = made | {"eventID": "urn:uuid:early", "eventTime": "2099-11-24T06:40:00+08:00"}
    right, again = made | {"eventID": "urn:uuid:right"}, made | {"eventID": "urn:uuid:again"}
    answer = post(strict, "capture", several(early, right, again), **PROCEED)
    outcomes = strict.get(answer.headers["location"]).json()["outcomes"]
    assert [told["outcome"] for told in outcomes] == ["refused", "accepted", "refused"]
    assert "added again" in outcomes[2]["messages"][0]["message"]


def test_e13_what_was_taken_before_can_be_declared_wrong_however_odd_it_is(client, farm):
    post(client, "events", odd())
    with db.session(db.Who(farm.id)) as session:
        session.get_one(Organization, farm.id).strict = True
    declaration = odd() | {"errorDeclaration": {"declarationTime": "2026-11-25T00:00:00Z"}}
    assert post(client, "events", declaration).status_code == 201
    other = declaration | {"eventID": "urn:uuid:nobodys"}
    assert "not known here" in json.dumps(post(client, "events", other).json())
