"""E7: master data in the header of documents is kept by its sender, and answers its queries and nobody else's."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from sqlmodel import col, select

from hub import db
from hub.demo import builder
from hub.models.party import OrganizationKind
from hub.models.vocabulary import VocabularyElement
from hub.trace.asking import vocabularies
from tests.hub.epcis.documents import LD, document, machine, stored
from tests.hub.epcis.test_xml import XML
from tests.hub.gs1.test_epcis_schema import SCHEMA
from tests.hub.gs1.test_xml import in_xml, object_event

SAMPLES = Path(__file__).parents[2] / "samples"
LOCATION, CLASS = "urn:epcglobal:epcis:vtype:Location", "urn:epcglobal:epcis:vtype:EPCClass"
CITY, NAME = "urn:epcglobal:cbv:mda#city", "urn:epcglobal:cbv:mda#name"
FARM, FIELD, SHED = "urn:x:farm", "urn:x:field", "urn:epc:id:sgln:0614141.07346.0"
SHED_LINK = "https://id.gs1.org/414/0614141073467"


def element(name, /, *children, **attributes):
    told = [{"id": f"urn:epcglobal:cbv:mda#{word}", "attribute": value} for word, value in attributes.items()]
    return {"id": name, "attributes": told, "children": list(children)}


def with_header(*elements, of=LOCATION, **event):
    whole = json.loads(document(**event))
    listing = [{"type": of, "vocabularyElementList": list(elements)}]
    return whole | {"epcisHeader": {"epcisMasterData": {"vocabularyList": listing}}}


def capture(client, whole, **headers):
    return client.post("/epcis/capture", content=json.dumps(whole), headers=LD | headers)


def say(client, *elements, of=LOCATION):
    """Send master data and no event."""
    whole = with_header(*elements, of=of)
    whole["epcisBody"]["eventList"] = []
    answer = capture(client, whole)
    assert answer.status_code == 202 and not answer.json()["warnings"], answer.text


def happened(client, name, **event):
    assert capture(client, json.loads(document(eventID=f"urn:x:{name}", **event))).status_code == 202


def found(client, **parameters):
    answer = client.get("/epcis/events", params=parameters)
    assert answer.status_code == 200, answer.text
    events = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return [event["eventID"].removeprefix("urn:x:") for event in events]


def versions(farm):
    with db.session(db.Who(farm.id)) as session:
        order = (col(VocabularyElement.element), col(VocabularyElement.version))
        rows = session.exec(select(VocabularyElement).order_by(*order)).all()
        return [(row.element, row.version, row.attributes, row.replaced_at is None) for row in rows]


# What is kept


def test_master_data_is_kept_without_a_warning(client, farm):
    answer = capture(client, with_header(element(SHED, city="Yichang")))
    assert answer.status_code == 202 and answer.json()["warnings"] == [] and stored() == 1
    assert versions(farm) == [(SHED_LINK, 1, {CITY: "Yichang"}, True)]


def test_what_says_something_else_is_a_new_version_and_the_same_again_is_nothing(client, farm):
    for city in ("Yichang", "Yichang", "Wuhan", "Wuhan", "Yichang"):
        say(client, element(SHED, city=city))
    say(client, element(SHED_LINK, city="Yichang"))
    assert versions(farm) == [
        (SHED_LINK, 1, {CITY: "Yichang"}, False),
        (SHED_LINK, 2, {CITY: "Wuhan"}, False),
        (SHED_LINK, 3, {CITY: "Yichang"}, True),
    ]


def test_a_number_that_json_writes_in_two_ways_is_no_new_version(client, farm):
    for _ in range(2):
        say(client, element(SHED, area=1e300, share=0.1))
    assert len(versions(farm)) == 1


def test_bad_master_data_refuses_the_document_and_its_events(client, farm):
    answer = capture(client, with_header(element(SHED), element("no place")))
    assert answer.status_code == 400 and answer.json()["code"] == "epcis-validation"
    [error] = answer.json()["errors"]
    assert error["path"].endswith("vocabularyList[0].vocabularyElementList[1].id")
    assert stored() == 0 and versions(farm) == []


def test_with_proceed_the_good_elements_are_kept_and_the_job_names_the_others(client, farm):
    whole = with_header(element(SHED), element("no place"))
    answer = capture(client, whole, **{"GS1-Capture-Error-Behaviour": "proceed"})
    assert answer.status_code == 202 and not answer.json()["success"]
    [error] = answer.json()["errors"]
    assert error["path"].endswith("[1].id") and error["detail"] == "is not a URI"
    assert [row[0] for row in versions(farm)] == [SHED_LINK] and stored() == 1
    job = answer.headers["location"]
    assert [outcome["outcome"] for outcome in client.get(job).json()["outcomes"]] == ["accepted"]
    assert client.get(job, headers={"accept": "application/xml"}).status_code == 200


def test_what_a_capture_would_say_of_a_header_is_said(client):
    answer = client.post("/epcis/events/validate", content=json.dumps(with_header(element("no"))), headers=LD)
    assert answer.status_code == 400 and answer.json()["errors"][0]["message"] == "is not a URI"


def test_more_than_an_organisation_may_keep_is_refused(client, farm, monkeypatch):
    monkeypatch.setattr(vocabularies, "MOST", 1)
    answer = capture(client, with_header(element(SHED), element(FARM)))
    assert answer.status_code == 409 and answer.json()["code"] == "too-much-master-data"
    assert versions(farm) == []


@pytest.mark.parametrize(
    ("name", "elements"), [("EPCISQueryDocument_with_masterdata", 7), ("all_wholechain_events", None)]
)
def test_documents_of_opentraceability_are_kept_with_their_master_data(client, farm, name, elements):
    body = (SAMPLES / "opentraceability" / f"{name}.jsonld").read_bytes().removeprefix(b"\xef\xbb\xbf")
    listing = json.loads(body)["epcisHeader"]["epcisMasterData"]["vocabularyList"]
    told = {one["id"] for vocabulary in listing for one in vocabulary["vocabularyElementList"]}
    headers = LD | {"GS1-Capture-Error-Behaviour": "proceed"}
    answer = client.post("/epcis/capture", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    assert not [error for error in answer.json()["errors"] if "epcisHeader" in error["path"]]
    assert len(versions(farm)) == len(told) == (elements or len(told))


def test_master_data_in_xml_is_kept(client, farm):
    header = (
        f'<EPCISHeader><extension><EPCISMasterData><VocabularyList><Vocabulary type="{LOCATION}">'
        f'<VocabularyElementList><VocabularyElement id="{SHED}"><attribute id="{CITY}">Yichang</attribute>'
        "</VocabularyElement></VocabularyElementList></Vocabulary></VocabularyList></EPCISMasterData></extension>"
        "</EPCISHeader><EPCISBody>"
    )
    content = in_xml(object_event()).replace(b"<EPCISBody>", header.encode())
    assert client.post("/epcis/events", content=content, headers=XML).json()["code"] == "one-event-here"
    assert client.post("/epcis/capture", content=content, headers=XML).status_code == 202
    assert versions(farm) == [(SHED_LINK, 1, {CITY: "Yichang"}, True)]


def alone(version, body):
    """A document of master data alone, of EPCIS 2.0 or 1.2."""
    said = f'schemaVersion="{version}" creationDate="2026-11-30T10:00:00Z"'
    space = f"urn:epcglobal:epcis-masterdata:xsd:{version[0]}"
    return f'<m:EPCISMasterDataDocument xmlns:m="{space}" {said}>{body}</m:EPCISMasterDataDocument>'.encode()


LISTED = (
    f'<EPCISBody><VocabularyList><Vocabulary type="{LOCATION}"><VocabularyElementList><VocabularyElement id="{FARM}">'
    f'<attribute id="{NAME}">Qinghe</attribute><children><id>{SHED}</id></children></VocabularyElement>'
    "</VocabularyElementList></Vocabulary></VocabularyList></EPCISBody>"
)


@pytest.mark.parametrize("version", ["2.0", "1.2"])
def test_a_document_of_master_data_alone_is_kept(client, farm, version):
    answer = client.post("/epcis/capture", content=alone(version, LISTED), headers=XML)
    assert answer.status_code == 202 and not answer.json()["warnings"], answer.text
    assert versions(farm) == [(FARM, 1, {NAME: "Qinghe"}, True)]
    again = client.post("/epcis/capture", content=alone(version, LISTED), headers=XML)
    assert again.status_code == 202 and len(versions(farm)) == 1


def test_what_is_wrong_with_master_data_alone_is_said_with_its_line(client, farm):
    bad = LISTED.replace(f' id="{FARM}"', "").replace("<VocabularyList>", "\n<VocabularyList>")
    answer = client.post("/epcis/capture", content=alone("2.0", bad), headers=XML)
    assert answer.status_code == 400 and "line 2" in answer.text and versions(farm) == []
    without = client.post("/epcis/capture", content=alone("2.0", ""), headers=XML)
    assert without.status_code == 400 and "EPCISBody is expected" in without.text


def test_what_stands_beside_the_list_is_passed_over_and_it_is_no_single_event(client, farm):
    more = LISTED.replace("</EPCISBody>", '<x:note xmlns:x="urn:x">n</x:note></EPCISBody>')
    answer = client.post("/epcis/capture", content=alone("2.0", more), headers=XML)
    assert answer.status_code == 202
    assert [warning["path"] for warning in answer.json()["warnings"]] == ["epcisHeader.x:note"]
    single = client.post("/epcis/events", content=alone("2.0", LISTED), headers=XML)
    assert single.status_code == 400 and single.json()["code"] == "one-event-here"


# What queries of events make of it


@pytest.fixture
def four(client):
    """Events at a shed, behind a door of it, in a field and elsewhere; the shed and the field lie in the farm."""
    happened(client, "shed", readPoint={"id": SHED}, bizLocation={"id": SHED})
    happened(client, "door", readPoint={"id": f"{SHED_LINK}/254/1"}, bizLocation={"id": FIELD})
    happened(client, "field", readPoint={"id": FIELD})
    happened(client, "elsewhere", readPoint={"id": "urn:x:elsewhere"})
    return client


def test_e7_wd_follows_the_children_of_ones_own_master_data(four):
    assert found(four, WD_readPoint=FARM) == []
    say(four, element("urn:x:country", FARM), element(FARM, SHED, FIELD), element(FIELD, FARM))
    assert found(four, WD_readPoint=FARM) == ["shed", "door", "field"]
    assert found(four, WD_readPoint="urn:x:country") == ["shed", "door", "field"]
    assert found(four, WD_readPoint=FIELD) == ["shed", "door", "field"]
    assert found(four, WD_readPoint=SHED) == ["shed", "door"]
    assert found(four, WD_bizLocation=FARM) == ["shed", "door"]
    assert found(four, EQ_readPoint=FARM) == []


def test_e7_wd_goes_on_from_what_lies_below_an_identifier(four):
    say(four, element(f"{SHED_LINK}/254/7", FIELD))
    assert found(four, WD_readPoint=SHED) == ["shed", "door", "field"]


def test_wd_with_more_places_than_the_database_is_asked_for(four, monkeypatch):
    say(four, element(FARM, SHED, *(f"urn:x:{number}" for number in range(300))))
    assert found(four, WD_readPoint=FARM) == ["shed", "door"]


def test_only_the_newest_version_answers(four):
    say(four, element(FARM, SHED, city="Yichang"))
    say(four, element(FARM, FIELD))
    assert found(four, WD_readPoint=FARM) == ["field"]
    assert found(four, HASATTR_readPoint=CITY) == []


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("HASATTR_readPoint", CITY, ["shed", "field"]),
        ("HASATTR_readPoint", f"name|{NAME}x", ["field"]),
        ("HASATTR_bizLocation", "cbvmda:name", ["door"]),
        ("HASATTR_readPoint", "urn:x:colour", []),
        ("EQATTR_readPoint_city", "Yichang|Beijing", ["shed"]),
        ("EQ_ATTR_readPoint_city", "Wuhan", ["field"]),
        (f"EQATTR_bizLocation_{CITY}", "Wuhan", ["door"]),
        ("EQATTR_readPoint_area", "3", ["shed"]),
        ("EQATTR_readPoint_owner", "https://id.gs1.org/417/0614141073467", ["shed"]),
    ],
)
def test_e7_events_are_found_by_what_master_data_says_of_their_places(four, name, value, meant):
    say(four, element(SHED, city="Yichang", area=3, owner="urn:epc:id:pgln:0614141.07346"))
    say(four, element(FIELD, city="Wuhan", name="Field"))
    assert found(four, **{name: value}) == meant


@pytest.mark.parametrize(
    ("field", "name", "event"),
    [
        ("bizStep", "urn:epcglobal:cbv:bizstep:packing", {"bizStep": "packing"}),
        ("disposition", "https://ref.gs1.org/cbv/Disp-damaged", {"disposition": "damaged"}),
        ("epcClass", "https://id.gs1.org/01/10614141073464",
         {"quantityList": [{"epcClass": "urn:epc:class:lgtin:0614141.107346.L1"}]}),
        ("bizTransaction", "urn:x:order", {"bizTransactionList": [{"bizTransaction": "urn:x:order"}]}),
        ("source", "urn:x:one", {"sourceList": [{"type": "owning_party", "source": "urn:x:one"}]}),
        ("destination", "urn:x:one", {"destinationList": [{"type": "owning_party", "destination": "urn:x:one"}]}),
        ("ex:laboratory", "urn:x:one", {"@context": {"ex": "urn:ex:"}, "ex:laboratory": "urn:x:one"}),
    ],
)  # fmt: skip
def test_events_are_found_by_what_master_data_says_of_their_other_fields(client, field, name, event):
    happened(client, "meant", **event)
    happened(client, "other")
    assert found(client, **{f"HASATTR_{field}": "name"}) == []
    say(client, element(name, name="x"), of="urn:x:vocabulary")
    assert found(client, **{f"HASATTR_{field}": "name"}) == ["meant"]
    assert found(client, **{f"EQATTR_{field}_name": "x"}) == ["meant"]
    assert found(client, **{f"EQATTR_{field}_name": "y"}) == []


@pytest.mark.parametrize(
    "name", ["HASATTR_colour", "HASATTR_", "EQATTR_readPoint", "EQATTR_colour_city", "HASATTR_readPoint_city"]
)
def test_what_no_master_data_describes_is_no_parameter(client, name):
    answer = client.get("/epcis/events", params={name: "x"})
    assert answer.status_code == 400 and answer.json()["parameter"] == name


def test_a_named_query_asks_master_data_as_it_is_when_it_is_asked(four):
    told = {"name": "farm", "query": {"WD_readPoint": [FARM], "HASATTR_readPoint": ["city"]}}
    assert four.post("/epcis/queries", json=told).status_code == 201
    say(four, element(FARM, SHED, FIELD), element(SHED, city="Yichang"))
    answer = four.get("/epcis/queries/farm/events").json()
    assert len(answer["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 1


# Whose it is


def test_nobodys_master_data_answers_anothers_query(four, farm):
    buyer = builder.member(builder.party(OrganizationKind.RETAILER))
    with machine(buyer) as other:
        happened(other, "own", readPoint={"id": SHED})
        say(other, element(FARM, SHED, city="Wuhan"), element(SHED, name="Their shed"))
        assert found(other, WD_readPoint=FARM) == found(other, HASATTR_readPoint="name") == ["own"]
        assert found(four, WD_readPoint=FARM) == found(four, HASATTR_readPoint="name") == []
        say(four, element(SHED, city="Yichang"))
        assert found(other, HASATTR_readPoint="city") == []
        assert len(versions(farm)) == 1 and len(versions(buyer)) == 2


# SimpleMasterDataQuery


ADDRESS = "/epcis/vocabularies"


@pytest.fixture
def kept(client):
    """A farm in which a shed and a field lie, a door of the shed, and a class."""
    say(client, element(FARM, SHED, FIELD, city="Yichang", name="Farm"), element(SHED, city="Yichang"))
    say(client, element(FIELD, city="Wuhan"), element(f"{SHED_LINK}/254/1", name="Door"))
    say(client, element("urn:x:tomato", name="Tomato"), of=CLASS)
    return client


def names(client, **parameters):
    answer = client.get(ADDRESS, params=parameters)
    assert answer.status_code == 200, answer.text
    listing = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["vocabularyList"]
    return [one["id"] for vocabulary in listing for one in vocabulary["vocabularyElementList"]]


def test_ones_master_data_is_answered_as_epcis_answers_it(kept):
    answer = kept.get(ADDRESS, params={"vocabularyName": LOCATION, "EQ_name": FARM})
    assert answer.headers["content-type"] == "application/ld+json"
    told = answer.json()
    assert told["type"] == "EPCISQueryDocument"
    assert told["epcisBody"]["queryResults"]["queryName"] == "SimpleMasterDataQuery"
    [vocabulary] = told["epcisBody"]["queryResults"]["resultsBody"]["vocabularyList"]
    attributes = [{"id": CITY, "attribute": "Yichang"}, {"id": NAME, "attribute": "Farm"}]
    [farm] = vocabulary["vocabularyElementList"]
    assert vocabulary["type"] == LOCATION and farm["id"] == FARM and farm["children"] == [SHED_LINK, FIELD]
    assert sorted(farm["attributes"], key=str) == sorted(attributes, key=str)
    if SCHEMA.is_file():
        jsonschema_rs.validator_for(json.loads(SCHEMA.read_bytes())).validate(told)


@pytest.mark.parametrize(
    ("parameters", "meant"),
    [
        ({"vocabularyName": CLASS}, {"urn:x:tomato"}),
        ({"vocabularyName": f"{CLASS}|{LOCATION}", "EQ_name": f"{SHED}|urn:x:tomato"}, {SHED_LINK, "urn:x:tomato"}),
        ({"WD_name": FARM}, {FARM, FIELD, SHED_LINK, f"{SHED_LINK}/254/1"}),
        ({"WD_name": SHED}, {SHED_LINK, f"{SHED_LINK}/254/1"}),
        ({"HASATTR": "name"}, {FARM, f"{SHED_LINK}/254/1", "urn:x:tomato"}),
        ({"EQATTR_city": "Yichang|Beijing"}, {FARM, SHED_LINK}),
        ({"EQATTR_city": "Yichang", f"EQATTR_{NAME}": "Farm"}, {FARM}),
        ({"EQ_name": "urn:x:nothing"}, set()),
    ],
)
def test_elements_are_found_by_vocabulary_name_and_attribute(kept, parameters, meant):
    assert set(names(kept, **parameters)) == meant


def test_what_is_not_asked_for_is_not_told(kept):
    def farm(**more):
        told = kept.get(ADDRESS, params={"EQ_name": FARM, **more}).json()["epcisBody"]["queryResults"]["resultsBody"]
        return told["vocabularyList"][0]["vocabularyElementList"][0]

    assert farm(includeAttributes="false", includeChildren="false") == {"id": FARM}
    assert farm(attributeNames="cbvmda:city", includeChildren="false")["attributes"] == [
        {"id": CITY, "attribute": "Yichang"}
    ]


def test_master_data_is_answered_page_by_page(kept):
    path, found = f"{ADDRESS}?perPage=2", []
    while path:
        answer = kept.get(path)
        listing = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["vocabularyList"]
        found.append([one["id"] for vocabulary in listing for one in vocabulary["vocabularyElementList"]])
        path = answer.headers.get("link", "").removeprefix("<").partition(">")[0]
    assert [len(page) for page in found] == [2, 2, 1]
    assert len({name for page in found for name in page}) == 5


def test_more_elements_than_allowed_are_refused_and_never_cut(kept):
    assert len(names(kept, maxElementCount=5)) == 5
    answer = kept.get(ADDRESS, params={"maxElementCount": 4})
    assert answer.status_code == 413 and answer.json()["type"].endswith("QueryTooLargeException")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", "red"),
        ("includeAttributes", "yes"),
        ("maxElementCount", "0"),
        ("nextPageToken", "x"),
        ("EQATTR_", "x"),
    ],
)
def test_what_cannot_be_asked_of_master_data_is_named(client, name, value):
    answer = client.get(ADDRESS, params={name: value})
    assert answer.status_code == 400 and answer.json()["parameter"] == name


def test_nobody_is_answered_anothers_master_data(kept):
    with machine(builder.member(builder.party(OrganizationKind.RETAILER))) as other:
        assert names(other) == names(other, WD_name=FARM) == []
        say(other, element(FARM, city="Shanghai"))
        assert names(other, EQATTR_city="Shanghai") == [FARM]
    assert names(kept, EQATTR_city="Shanghai") == []


def test_the_address_says_what_it_takes(client):
    assert client.options(ADDRESS).headers["allow"] == "GET, OPTIONS"
