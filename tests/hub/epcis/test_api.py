"""EPCIS over HTTP: what others wrote goes in, and comes out as it was; what is wrong is refused by name."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from sqlmodel import func, select

from hub import db
from hub.access import Permission
from hub.app import create_app
from hub.demo import builder
from hub.gs1 import epcis, jcs
from hub.models.party import OrganizationKind
from hub.models.trace import EventKey
from hub.settings import settings
from hub.trace.taking import waiting
from tests.hub.epcis.documents import LD, document, event_in, machine, stored

SAMPLES = Path(__file__).parents[2] / "samples"
DOCUMENTS = sorted((SAMPLES / "openepcis").glob("*.json"))
pytestmark = pytest.mark.usefixtures("keys_of_the_hub")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_e12_a_document_is_captured_and_its_events_come_back_with_the_same_bytes(client, path):
    answer = client.post("/epcis/capture", content=path.read_bytes(), headers=LD)
    assert answer.status_code == 202, answer.text
    job = client.get(answer.headers["location"]).json()
    submitted = epcis.read(jcs.parse(path.read_bytes()))
    assert job["success"] and not job["running"] and job["events"] == len({epcis.payload(s) for s in submitted})
    found = client.get("/epcis/events?perPage=100", headers={"GS1-EPC-Format": "Never_Translates"}).json()
    events = found["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    back = {jcs.canonical(_as_sent(event, one.event)) for event in events for one in submitted}
    assert all(jcs.canonical(_as_sent(one.event, one.event)) in back for one in submitted)


def test_of_many_who_send_one_event_at_once_each_is_told_what_became_of_his(farm):
    said = []
    with machine(farm) as client:

        def send(number):
            content = document(eventID="urn:uuid:one", epcList=[f"urn:epc:id:sgtin:0614141.107346.{number % 12}"])
            said.append(client.post("/epcis/capture", content=content, headers=LD))

        crowd = [threading.Thread(target=send, args=(number,)) for number in range(24)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
    taken = [answer for answer in said if answer.status_code == 202]
    refused = [answer for answer in said if answer.status_code == 409]
    assert len(taken) + len(refused) == 24 and sum(answer.json()["events"] for answer in taken) == 1
    assert {answer.json()["code"] for answer in refused} == {"event-exists"} and stored() == 1


def test_e15_a_load_of_a_hundred_thousand_pieces_is_one_event(client):
    pieces = [f"urn:epc:id:sgtin:0614141.107346.{number}" for number in range(100_000)]
    answer = client.post("/epcis/capture", content=document(epcList=pieces), headers=LD)
    assert answer.status_code == 202 and waiting.work() == 1, answer.text
    with db.hub_session() as session:
        assert session.exec(select(func.count()).select_from(EventKey)).one() == 100_000


def _as_sent(event: dict, submitted: dict) -> dict:
    """The event without what the hub fills in: record time, its document's contexts, an eventID where none was sent."""
    filled = {"recordTime"} | ({"eventID", "@context"} - submitted.keys())
    return {name: value for name, value in event.items() if name not in filled}


def test_the_whole_chain_goes_in_as_far_as_the_standard_allows(client):
    body = (SAMPLES / "opentraceability" / "all_wholechain_events.jsonld").read_bytes()
    strict = client.post("/epcis/capture", content=body, headers=LD)
    assert strict.status_code == 400 and "transformationID" in strict.text and stored() == 0

    lenient = client.post("/epcis/capture", content=body, headers=LD | {"GS1-Capture-Error-Behaviour": "proceed"})
    job = lenient.json()
    assert lenient.status_code == 202 and not job["success"]
    assert {error["code"] for error in job["errors"]} == {"epcis-validation"} and len(job["errors"]) == 3
    assert job["events"] == stored() > 10


@pytest.mark.parametrize(
    "event_id",
    [
        "ni:///sha-256;00?ver=CBV2.0",
        "https://example.com/events?id=1&part=2",
        "https://example.com/events#1",
        "urn:x:a+b",
        "urn:x:!$'()*,;=@~",
    ],
)
def test_e4_an_event_is_found_by_an_id_of_any_characters(client, event_id):
    assert client.post("/epcis/capture", content=document(eventID=event_id), headers=LD).status_code == 202
    found = client.get(f"/epcis/events/{quote(event_id, safe='')}")
    assert found.status_code == 200 and event_in(found)["eventID"] == event_id


def test_e4_an_event_is_found_by_the_hash_that_became_its_id(client):
    client.post("/epcis/capture", content=document(), headers=LD)
    (event,) = client.get("/epcis/events").json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert event["eventID"].startswith("ni:///sha-256;") and event["eventID"].endswith("?ver=CBV2.0")
    found = client.get(f"/epcis/events/{quote(event['eventID'], safe='')}")
    assert found.status_code == 200 and event_in(found)["eventID"] == event["eventID"]
    assert event_in(found)["epcList"] == ["https://id.gs1.org/01/10614141073464/21/2017"]


def test_e2_the_same_event_again_changes_nothing_and_another_under_its_id_is_refused(client):
    for _ in range(2):
        assert client.post("/epcis/capture", content=document(eventID="urn:uuid:1"), headers=LD).status_code == 202
    assert stored() == 1
    other = client.post("/epcis/capture", content=document(eventID="urn:uuid:1", bizStep="holding"), headers=LD)
    assert other.status_code == 409 and other.json()["code"] == "event-exists"
    correction = document(eventID="urn:uuid:1", errorDeclaration={"declarationTime": "2026-11-24T10:00:00Z"})
    assert client.post("/epcis/capture", content=correction, headers=LD).status_code == 202


def test_e9_paging_shows_each_event_of_the_first_look_once_whatever_comes_meanwhile(client):
    for number in range(25):
        client.post("/epcis/capture", content=document(eventID=f"urn:x:{number}"), headers=LD)
    seen, address = [], "/epcis/events?perPage=7"
    while address:
        answer = client.get(address)
        seen += [e["eventID"] for e in answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]
        client.post("/epcis/capture", content=document(eventID=f"urn:late:{len(seen)}"), headers=LD)
        link = answer.headers.get("link", "")
        address = link.partition("<")[2].partition(">")[0]
    assert seen == [f"urn:x:{number}" for number in range(25)]


def test_e9_of_ten_thousand_events_each_is_shown_once_while_a_thousand_more_are_written(client):
    def several(name, numbers):
        whole = json.loads(document())
        [one] = whole["epcisBody"]["eventList"]
        whole["epcisBody"]["eventList"] = [one | {"eventID": f"urn:{name}:{number}"} for number in numbers]
        assert client.post("/epcis/capture", content=json.dumps(whole), headers=LD).json()["success"]

    for thousand in range(10):
        several("first", range(thousand * 1_000, (thousand + 1) * 1_000))
    seen, address = list[str](), "/epcis/events?perPage=500"
    while address:
        answer = client.get(address)
        seen += [e["eventID"] for e in answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]
        several("late", range(len(seen), len(seen) + 50))
        link = answer.headers.get("link", "")
        assert bool(link) is ("gs1-next-page-token-expires" in answer.headers)
        address = link.partition("<")[2].partition(">")[0]
    assert seen == [f"urn:first:{number}" for number in range(10_000)] and stored() == 11_000


def test_e9_a_page_token_serves_its_own_query_and_caller_only(client, farm):
    for number in range(3):
        client.post("/epcis/capture", content=document(eventID=f"urn:x:{number}"), headers=LD)
    token = client.get("/epcis/events?perPage=1").headers["link"].partition("nextPageToken=")[2].partition(">")[0]
    for wrong in (f"?perPage=1&eventType=ObjectEvent&nextPageToken={token}", "?nextPageToken=nonsense"):
        answer = client.get(f"/epcis/events{wrong}")
        assert answer.status_code == 400 and answer.json()["code"] == "query-parameter"
    other = builder.party(OrganizationKind.SUPPLIER)
    with machine(other) as stranger:
        assert stranger.get(f"/epcis/events?perPage=1&nextPageToken={token}").status_code == 400


def test_others_events_are_not_to_be_seen(client):
    client.post("/epcis/capture", content=document(eventID="urn:x:1"), headers=LD)
    other = builder.party(OrganizationKind.SUPPLIER)
    with machine(other) as stranger:
        assert stranger.get("/epcis/events/urn:x:1").status_code == 404
        assert stranger.get("/epcis/events").json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"] == []


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", LD, 400, "malformed-json"),
        (b"\xff\xfe", LD, 400, "malformed-json"),
        (b'{"a": NaN}', LD, 400, "malformed-json"),
        (b'{"a": 1, "a": 2}', LD, 400, "malformed-json"),
        (b"[" * 5000, LD, 400, "malformed-json"),
        (b"[]", LD, 400, "epcis-validation"),
        (b"<epcis/>", {"content-type": "application/xml"}, 400, "epcis-validation"),
        (b"<epcis", {"content-type": "text/xml"}, 400, "malformed-xml"),
        (b"<epcis/>", {"content-type": "application/soap+xml"}, 415, "wrong-content-type"),
        (document(), {"content-type": "text/plain"}, 415, "wrong-content-type"),
        (document(quantityList=[{"epcClass": "urn:x:1", "quantity": -5}]), LD, 400, "epcis-validation"),
        (document(epcList=[]) + b" trailing", LD, 400, "malformed-json"),
        (document(), LD | {"GS1-Capture-Error-Behaviour": "maybe"}, 400, "query-parameter"),
    ],
)  # fmt: skip
def test_e15_bad_input_gets_its_own_error_and_leaves_nothing_behind(client, body, headers, status, code):
    answer = client.post("/epcis/capture", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] and stored() == 0


def test_e1_a_body_of_200_megabytes_is_refused_before_it_is_read(client):
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b" " * 1024 * 1024

    answer = client.post("/epcis/capture", content=endless(), headers=LD)
    assert answer.status_code == 413 and answer.json()["code"] == "body-too-large"


def test_e1_more_events_than_a_capture_takes_are_refused(client):
    os.environ["FURROW_CAPTURE_LIMIT"] = "2"
    settings.cache_clear()
    try:
        whole = json.loads(document())
        whole["epcisBody"]["eventList"] *= 3
        answer = client.post("/epcis/capture", content=json.dumps(whole), headers=LD)
    finally:
        del os.environ["FURROW_CAPTURE_LIMIT"]
        settings.cache_clear()
    assert answer.status_code == 413 and answer.json()["limit"] == 2


def test_without_a_key_or_with_a_forged_one_nothing_opens(client):
    with TestClient(create_app()) as nobody:
        assert nobody.post("/epcis/capture", content=document(), headers=LD).status_code == 401
        forged = {"authorization": "Bearer furrow_forged"}
        assert nobody.get("/epcis/events", headers=forged).status_code == 401


def test_a_key_without_the_scope_may_not_capture(farm):
    with machine(farm, Permission.AUDIT) as reader:
        assert reader.post("/epcis/capture", content=document(), headers=LD).status_code == 403
        assert reader.get("/epcis/events").status_code == 200


def test_an_organisation_that_is_no_member_is_told_so(clean):
    outsider = builder.party(OrganizationKind.SUPPLIER)
    with machine(outsider) as client_:
        answer = client_.post("/epcis/capture", content=document(), headers=LD)
    assert answer.status_code == 409 and answer.json()["code"] == "not-a-member"


@pytest.mark.parametrize("query", ["?colour=red", "?perPage=0", "?perPage=x", "?GE_eventTime=yesterday"])
def test_e7_unknown_or_unreadable_parameters_are_named(client, query):
    answer = client.get(f"/epcis/events{query}")
    assert answer.status_code == 400 and answer.json()["code"] == "query-parameter"
    assert answer.json()["parameter"] in query


def test_e6_an_unknown_form_of_answer_is_not_acceptable(client):
    for header in ("GS1-EPC-Format", "GS1-CBV-XML-Format"):
        answer = client.get("/epcis/events", headers={header: "Always_Barcode"})
        assert answer.status_code == 406 and answer.json()["type"] == "epcisException:NotAcceptableException"
