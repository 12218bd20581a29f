"""EPCIS's top-level resources over HTTP, E11: what the events one may see speak of, and the events of each."""

import json
from urllib.parse import quote

import pytest

from hub.demo import builder
from hub.gs1 import cbv
from hub.models.party import OrganizationKind
from hub.trace.asking.resources import Kind
from tests.hub.epcis.documents import LD, document, machine

PIECE = "urn:epc:id:sgtin:0614141.107346."
LINK = "https://id.gs1.org/01/10614141073464/21/"
DOCK, SHELF = "urn:epc:id:sgln:0614141.00777.0", "https://id.gs1.org/414/0614141007783"


@pytest.fixture
def told(client):
    """Three events: two received at the dock, one of them damaged; one stored on the shelf, in the shop."""
    whole = json.loads(document())
    [one] = whole["epcisBody"]["eventList"]
    received = {"bizStep": "receiving", "readPoint": {"id": DOCK}}
    whole["epcisBody"]["eventList"] = [
        one | received | {"epcList": [f"{PIECE}1"], "disposition": "in_progress"},
        one | received | {"epcList": [f"{PIECE}2"], "disposition": "https://ref.gs1.org/cbv/Disp-damaged"},
        one | {"epcList": [f"{PIECE}1"], "bizStep": "http://example.com/steps/admire", "bizLocation": {"id": SHELF}},
    ]
    assert client.post("/epcis/capture", content=json.dumps(whole), headers=LD).status_code == 202
    return client


def members(client, path, **parameters):
    answer = client.get(f"/epcis/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.json()["type"] == "Collection"
    return answer.json()["member"]


def events(client, path, **parameters):
    answer = client.get(f"/epcis/{path}/events", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


def test_e11_the_root_names_what_there_is(told):
    top = members(told, "")
    assert {"capture", "events", *Kind} <= set(top)
    for name in top:
        assert told.get(f"/epcis/{name}").status_code == 200, name


@pytest.mark.parametrize(
    ("kind", "listed"),
    [
        ("bizSteps", [*sorted(cbv.BIZ_STEPS), "http://example.com/steps/admire"]),
        ("dispositions", sorted(cbv.DISPOSITIONS)),
        ("readPoints", ["https://id.gs1.org/414/0614141007776"]),
        ("bizLocations", [SHELF]),
        ("epcs", [f"{LINK}1", f"{LINK}2"]),
        (
            "eventTypes",
            ["AggregationEvent", "AssociationEvent", "ObjectEvent", "TransactionEvent", "TransformationEvent"],
        ),
    ],
)
def test_e11_each_resource_lists_its_members_once(told, kind, listed):
    assert members(told, kind, perPage=100) == listed


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("bizSteps/receiving", 2),
        ("bizSteps/" + quote("urn:epcglobal:cbv:bizstep:receiving", safe=""), 2),
        ("bizSteps/" + quote("http://example.com/steps/admire", safe=""), 1),
        ("dispositions/damaged", 1),
        ("readPoints/" + quote(DOCK, safe=""), 2),
        ("bizLocations/" + quote(SHELF, safe=""), 1),
        ("epcs/" + quote(f"{PIECE}1", safe=""), 2),
        ("epcs/" + quote(f"{LINK}2", safe=""), 1),
        (f"epcs/{LINK}2", 1),
        ("eventTypes/ObjectEvent", 3),
        ("eventTypes/TransactionEvent", 0),
        ("bizSteps/shipping", 0),
        ("dispositions/recalled", 0),
    ],
)
def test_e11_a_member_leads_to_its_events_in_whatever_form_it_is_named(told, path, count):
    assert members(told, path) == ["events"]
    assert len(events(told, path)) == count


def test_e11_the_parameters_of_a_query_narrow_the_events_of_a_member(told):
    dock = "readPoints/" + quote(DOCK, safe="")
    assert len(events(told, dock, EQ_disposition="damaged")) == 1
    assert events(told, dock, EQ_bizStep="shipping") == []
    refused = told.get(f"/epcis/{dock}/events", params={"colour": "red"})
    assert (refused.status_code, refused.json()["type"]) == (400, "epcisException:QueryParameterException")


def test_e11_a_place_or_a_disposition_is_asked_of_all_events_by_its_index_too(told):
    def asked(**parameters):
        answer = told.get("/epcis/events", params=parameters).json()
        return len(answer["epcisBody"]["queryResults"]["resultsBody"]["eventList"])

    assert asked(EQ_readPoint=DOCK) == 2 and asked(EQ_readPoint="https://id.gs1.org/414/0614141007776") == 2
    assert asked(EQ_bizLocation=SHELF) == 1 and asked(EQ_bizLocation=DOCK) == 0
    assert asked(EQ_disposition="urn:epcglobal:cbv:disp:damaged|in_progress") == 2


def test_e11_members_and_their_events_come_page_by_page(told):
    first = told.get("/epcis/epcs", params={"perPage": 1})
    assert first.json()["member"] == [f"{LINK}1"] and first.headers["gs1-next-page-token-expires"].endswith("Z")
    second_page = first.headers["link"].removeprefix("<").partition(">")[0]
    second = told.get(second_page)
    assert second.json()["member"] == [f"{LINK}2"] and "link" not in second.headers
    steps, following = [], "/epcis/bizSteps?perPage=7"
    while following:
        answer = told.get(following)
        steps += answer.json()["member"]
        following = answer.headers.get("link", "").removeprefix("<").partition(">")[0]
    assert steps == [*sorted(cbv.BIZ_STEPS), "http://example.com/steps/admire"]
    path = "epcs/" + quote(f"{PIECE}1", safe="")
    page = told.get(f"/epcis/{path}/events", params={"perPage": 1})
    onward = page.headers["link"].removeprefix("<").partition(">")[0]
    assert told.get(onward).status_code == 200
    elsewhere = told.get("/epcis/bizSteps", params={"nextPageToken": second_page.rpartition("=")[2], "perPage": 1})
    assert elsewhere.status_code == 400


@pytest.mark.parametrize("kind", list(Kind))
def test_e11_what_no_event_speaks_of_is_not_there(told, kind):
    for path in (f"{kind}/nobody:has:seen", f"{kind}/nobody:has:seen/events"):
        answer = told.get(f"/epcis/{path}")
        assert (answer.status_code, answer.json()["type"]) == (404, "epcisException:NoSuchResourceException"), path


def test_e11_another_party_s_words_places_and_pieces_are_not_listed(told):
    stranger = builder.member(builder.party(OrganizationKind.SUPPLIER, "Anyang", "安阳烘焙"))
    with machine(stranger) as other:
        for kind in Kind:
            names = "".join(members(other, kind, perPage=100))
            assert ":" not in names, kind
        assert other.get("/epcis/epcs/" + quote(f"{PIECE}1", safe="")).status_code == 404
        assert events(other, "eventTypes/ObjectEvent") == []


@pytest.mark.parametrize("kind", list(Kind))
def test_e5_each_address_says_what_it_takes(client, kind):
    for path in (kind, f"{kind}/x", f"{kind}/x/events"):
        answer = client.options(f"/epcis/{path}")
        assert (answer.status_code, answer.headers["allow"]) == (204, "GET, OPTIONS"), path
        assert answer.headers["gs1-epcis-version"] == "2.0.0"
