"""EPCIS 2.0 capture over HTTP, rule by rule: E1 to E6 of the standard's REST bindings."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from hub.access import Permission
from tests.hub.epcis.documents import LD, document, event_in, machine, stored

pytestmark = pytest.mark.usefixtures("client")


def event(**more):
    whole = json.loads(document(**more))
    return {"@context": whole["@context"], **whole["epcisBody"]["eventList"][0]}


def post(client, path, content, **headers):
    return client.post(f"/epcis/{path}", content=json.dumps(content), headers=LD | headers)


def several(*events):
    whole = json.loads(document())
    whole["epcisBody"]["eventList"] = [
        {name: value for name, value in one.items() if name != "@context"} for one in events
    ]
    return whole


# E1


def test_e1_a_capture_is_answered_with_where_its_job_is_and_how_much_is_taken_at_once(client):
    answer = post(client, "capture", several(event()))
    job = answer.headers["location"]
    assert answer.status_code == 202 and job.startswith("/epcis/capture/")
    assert answer.headers["gs1-epcis-capture-limit"] == "2000"
    assert int(answer.headers["gs1-epcis-capture-file-size-limit"]) > 1_000_000
    assert client.get(job).json()["captureID"] == job.rpartition("/")[2]


@pytest.mark.parametrize(
    ("status", "kind", "ask"),
    [
        (400, "ValidationException", lambda c: post(c, "capture", {"type": "EPCISDocument"})),
        (400, "ValidationException", lambda c: c.post("/epcis/capture", content=b"{", headers=LD)),
        (400, "QueryParameterException", lambda c: c.get("/epcis/events?colour=red")),
        (401, "SecurityException", lambda c: c.get("/epcis/events", headers={"authorization": "Bearer forged"})),
        (404, "NoSuchResourceException", lambda c: c.get("/epcis/events/urn:uuid:none")),
        (404, "NoSuchResourceException", lambda c: c.options("/epcis/nothing/there")),
        (406, "NotAcceptableException", lambda c: c.get("/epcis/events", headers={"GS1-EPCIS-Min": "3.0"})),
        (414, "URITooLongException", lambda c: c.get("/epcis/events?EQ_eventID=" + "x" * 9000)),
        (415, "UnsupportedMediaTypeException", lambda c: c.post("/epcis/capture", content=b"a,b", headers={})),
        (501, "ImplementationException", lambda c: c.delete("/epcis/nextPageToken/abc")),
    ],
)
def test_e1_problems_bear_the_standards_names_and_ours_stands_beside_them(client, status, kind, ask):
    answer = ask(client)
    told = answer.json()
    assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"
    assert told["type"] == f"epcisException:{kind}" and told["status"] == status
    assert told["title"] and told["code"]


def test_e1_a_problem_elsewhere_keeps_our_own_name(client):
    told = client.get("/api/mandates/none").json()
    assert told["type"].startswith("urn:furrow:problem:")


# E2


def test_e2_a_job_tells_what_became_of_each_event(client):
    good, odd, again = event(), event(eventID="urn:uuid:odd"), event(eventID="urn:uuid:known")
    odd["sensorElementList"] = [
        {"sensorReport": [{"type": "Temperature", "value": 4, "uom": "CEL", "time": "2026-12-31T00:00:00Z"}]}
    ]
    post(client, "capture", several(again))
    wrong = {**event(eventID="urn:uuid:wrong"), "action": "BUY"}
    answer = post(client, "capture", several(good, again, wrong, odd), **{"GS1-Capture-Error-Behaviour": "proceed"})
    job = client.get(answer.headers["location"]).json()
    assert (job["running"], job["success"], job["captureErrorBehaviour"]) == (False, False, "proceed")
    assert [told["outcome"] for told in job["outcomes"]] == ["accepted", "duplicate", "refused", "warned"]
    assert [told["index"] for told in job["outcomes"]] == [0, 1, 2, 3]
    kept = [told for told in job["outcomes"] if told["outcome"] != "refused"]
    assert all(len(told["payloadHash"]) == 64 and told["eventID"] for told in kept)
    assert "action" in job["outcomes"][2]["messages"][0]["path"]
    assert "measured after the event's time" in job["outcomes"][3]["messages"][0]["message"]


def test_e2_all_or_nothing_leaves_neither_events_nor_job(client):
    answer = post(client, "capture", several(event(), {**event(eventID="urn:uuid:wrong"), "action": "BUY"}))
    assert answer.status_code == 400 and stored() == 0 and client.get("/epcis/capture").json() == []


def test_e2_an_event_that_stands_twice_in_one_document_is_kept_once(client):
    answer = post(client, "capture", several(event(), event(), event(eventID="urn:uuid:other")))
    job = client.get(answer.headers["location"]).json()
    assert [told["outcome"] for told in job["outcomes"]] == ["accepted", "duplicate", "accepted"] and stored() == 2


def test_e2_jobs_are_listed_the_newest_first_page_by_page_and_nobody_elses(client, farm):
    made = [post(client, "capture", several(event(eventID=f"urn:uuid:{n}"))).json()["captureID"] for n in range(5)]
    first = client.get("/epcis/capture?perPage=3")
    assert [job["captureID"] for job in first.json()] == made[:1:-1]
    following = first.headers["link"].removeprefix("<").partition(">")[0]
    ends = datetime.fromisoformat(first.headers["gs1-next-page-token-expires"])
    assert timedelta(hours=23) < ends - datetime.now(UTC) < timedelta(hours=25)
    last = client.get(following)
    assert [job["captureID"] for job in last.json()] == made[1::-1] and "link" not in last.headers


# E3


def test_e3_one_event_is_created_and_the_same_again_is_a_conflict(client):
    answer = post(client, "events", event(eventID="urn:uuid:one"))
    assert answer.status_code == 201 and answer.content == b""
    assert answer.headers["location"] == f"/epcis/events/{quote('urn:uuid:one', safe='')}"
    assert event_in(client.get(answer.headers["location"]))["eventID"] == "urn:uuid:one"
    again = post(client, "events", event(eventID="urn:uuid:one"))
    assert (again.status_code, again.json()["type"]) == (409, "epcisException:ResourceAlreadyExistsException")
    assert stored() == 1


def test_e3_the_same_event_with_an_error_declaration_is_taken(client):
    said = event(eventID="urn:uuid:one")
    post(client, "events", said)
    declared = {"errorDeclaration": {"declarationTime": "2026-11-25T08:00:00Z", "reason": "incorrect_data"}}
    assert post(client, "events", said | declared).status_code == 201
    assert post(client, "events", said | declared).status_code == 201 and stored() == 2


def test_e3_a_document_is_not_one_event(client):
    answer = post(client, "events", several(event()))
    assert answer.status_code == 400 and answer.json()["code"] == "one-event-here"


# E4


def test_e4_an_event_without_a_name_is_found_by_the_hash_that_became_its_name(client):
    answer = post(client, "events", event())
    found = event_in(client.get(answer.headers["location"]))
    assert found["eventID"].startswith("ni:///sha-256;") and found["eventID"].endswith("?ver=CBV2.0")


# E5


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("capture", "GET, OPTIONS, POST"),
        ("capture/0199e5c1-0000-7000-8000-000000000000", "GET, OPTIONS"),
        ("events", "GET, OPTIONS, POST"),
        ("events/urn:uuid:one", "GET, OPTIONS"),
        ("nextPageToken/abc", "DELETE, OPTIONS"),
    ],
)
def test_e5_every_address_says_what_it_takes_and_what_is_spoken_there(client, path, allowed):
    answer = client.options(f"/epcis/{path}")
    assert answer.status_code == 204 and answer.headers["allow"] == allowed
    for kind in ("GS1-EPCIS", "GS1-CBV"):
        assert {answer.headers[f"{kind}-{end}"] for end in ("Version", "Min", "Max")} == {"2.0.0"}
    for name in ("GS1-EPC-Format", "GS1-Extensions", "GS1-Vendor-Version"):
        assert answer.headers[name]
    assert answer.headers.get("GS1-Capture-Error-Behaviour") == ("all" if path == "capture" else None)


# E6


@pytest.mark.parametrize("headers", [{"GS1-EPCIS-Min": "2.1"}, {"GS1-EPCIS-Max": "1.2"}, {"GS1-CBV-Min": "two"}])
def test_e6_versions_that_are_not_spoken_are_not_acceptable(client, headers):
    assert client.get("/epcis/events", headers=headers).status_code == 406


@pytest.mark.parametrize("headers", [{"GS1-EPCIS-Min": "1.2", "GS1-EPCIS-Max": "2.0"}, {"GS1-CBV-Min": "2.0.0"}])
def test_e6_versions_that_are_spoken_are_answered_in_and_said(client, headers):
    answer = client.get("/epcis/events", headers=headers)
    assert answer.status_code == 200 and answer.headers["gs1-epcis-version"] == "2.0.0"


def test_e6_a_document_that_says_it_is_of_another_version_is_not_acceptable(client):
    assert post(client, "capture", several(event()), **{"GS1-EPCIS-Version": "1.2"}).status_code == 406
    assert post(client, "capture", several(event()), **{"GS1-EPCIS-Version": "2.0"}).status_code == 202


# What is not captured


def test_a_dry_run_judges_each_event_and_keeps_nothing(client):
    wrong = {**event(eventID="urn:uuid:wrong"), "action": "BUY"}
    answer = post(client, "events/validate", several(event(), wrong))
    assert answer.status_code == 200 and not answer.json()["success"] and stored() == 0
    assert [told["outcome"] for told in answer.json()["outcomes"]] == ["accepted", "refused"]
    taken = post(client, "capture", several(event()))
    [kept] = client.get(taken.headers["location"]).json()["outcomes"]
    assert kept == answer.json()["outcomes"][0]


def test_where_things_are_is_said_under_a_proxys_prefix(client):
    answer = post(client, "events", event(eventID="urn:uuid:one"), **{"X-Forwarded-Prefix": "/hub"})
    assert answer.headers["location"].startswith("/hub/epcis/events/")
    hostile = post(client, "events", event(eventID="urn:uuid:two"), **{"X-Forwarded-Prefix": "//evil.example"})
    assert hostile.headers["location"].startswith("/epcis/events/")


def test_who_may_only_read_captures_no_event(farm):
    with machine(farm, Permission.AUDIT) as reader:
        assert post(reader, "events", event()).status_code == 403 and stored() == 0
