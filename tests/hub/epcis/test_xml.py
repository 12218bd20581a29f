"""EPCIS over HTTP in XML: taken in, read back, and in the forms that may be asked for (E1, E2, E3, E6, E12, E15)."""

import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import etree

from hub.gs1 import epcis, event_hash, jcs
from hub.gs1.xml import reading
from hub.settings import settings
from hub.trace.taking import waiting
from tests.hub.epcis.documents import LD, document, event_in, stored
from tests.hub.gs1.test_epcis_schema import SHARED
from tests.hub.gs1.test_xml import LAUGHS, PAIRS, in_xml, object_event

SAMPLES = Path(__file__).parents[2] / "samples"
XSD = SHARED / "traceability" / "gs1-epcis" / "artefacts" / "xsd" / "EPCglobal-epcis-query-2_0.xsd"
XML = {"content-type": "application/xml"}
ASKS = {"accept": "application/xml"}
KEPT = {"GS1-EPC-Format": "Never_Translates"}
pytestmark = pytest.mark.usefixtures("keys_of_the_hub")


def valid(content: bytes) -> etree._Element:
    """A document as it was answered, judged by GS1's XSD where that is at hand."""
    root = etree.fromstring(content)
    if XSD.is_file():
        etree.XMLSchema(etree.parse(XSD)).assertValid(root)
    return root


def ids(found: list[epcis.Submitted]) -> list[str]:
    return sorted({str(one.event.get("eventID") or event_hash.event_id(one)) for one in found})


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)
def test_e1_a_document_in_xml_is_captured_and_its_events_come_back_in_both_forms(client, path):
    answer = client.post("/epcis/capture", content=path.read_bytes(), headers=XML)
    assert answer.status_code == 202, answer.text
    job = client.get(answer.headers["location"]).json()
    sent = epcis.read(reading.read(path.read_bytes()))
    assert job["success"] and job["events"] == len(ids(sent)) == stored()

    in_xml_again = client.get("/epcis/events?perPage=100", headers=ASKS | KEPT)
    assert in_xml_again.headers["content-type"] == "application/xml"
    valid(in_xml_again.content)
    assert ids(epcis.read(reading.read(in_xml_again.content))) == ids(sent)
    in_json = client.get("/epcis/events?perPage=100", headers=KEPT)
    assert in_json.headers["content-type"] == "application/ld+json"
    assert ids(epcis.read(jcs.parse(in_json.content))) == ids(sent)


@pytest.mark.parametrize("name", ["ObjectEvent", "AggregationEvent", "TransformationEvent"])
def test_e1_documents_of_epcis_1_2_are_captured(client, name):
    content = (SAMPLES / "openepcis" / "1.2" / f"{name}.xml").read_bytes()
    headers = {"content-type": "text/xml; charset=utf-8", "GS1-EPCIS-Version": "1.2", "GS1-CBV-Version": "1.2"}
    assert client.post("/epcis/capture", content=content, headers=headers).status_code == 202
    assert stored() == 1
    valid(client.get("/epcis/events", headers=ASKS).content)


def test_e12_an_event_in_json_is_answered_in_xml_and_the_other_way_round(client):
    told = {"readPoint": {"id": "https://id.gs1.org/414/6901234000016"}, "eventID": "urn:x:1"}
    client.post("/epcis/capture", content=document(**told), headers=LD)
    root = valid(client.get("/epcis/events/urn:x:1", headers=ASKS).content)
    assert etree.QName(root).localname == "EPCISQueryDocument"
    assert root.findtext(".//bizStep") == "https://ref.gs1.org/cbv/BizStep-storing"
    again = client.post("/epcis/capture", content=etree.tostring(root), headers=XML)
    assert again.status_code in (202, 409)  # with the record time that the hub wrote it is another event
    client.post("/epcis/capture", content=in_xml(object_event("<eventID>urn:x:2</eventID>")), headers=XML)
    assert event_in(client.get("/epcis/events/urn:x:2"))["type"] == "ObjectEvent"


def test_the_same_document_again_changes_nothing_whatever_else_it_brings(client):
    one = object_event("<a:x>1</a:x>")
    root = 'xmlns:a="urn:a:" xmlns:b="urn:b:"'
    assert client.post("/epcis/capture", content=in_xml(one, root=root), headers=XML).json()["events"] == 1
    both = in_xml(one + object_event("<b:x>1</b:x>"), root=root)
    answer = client.post("/epcis/capture", content=both, headers=XML)
    assert answer.status_code == 202 and answer.json()["events"] == 1 and stored() == 2


def test_e2_of_a_document_in_xml_the_good_events_are_kept_and_the_others_named(client):
    odd = "<quantityList><epc>urn:x:1</epc></quantityList>"
    content = in_xml("\n".join([object_event(), object_event(odd), object_event("<bizStop>1</bizStop>")]))
    refused = client.post("/epcis/capture", content=content, headers=XML)
    assert refused.status_code == 400 and refused.json()["type"] == "epcisException:ValidationException"
    assert [error["path"] for error in refused.json()["errors"]] == [
        "EPCISDocument/EPCISBody/EventList/ObjectEvent[2]/quantityList/epc",
        "epcisBody.eventList[2].bizStop",
    ]
    assert "line 2" in refused.json()["errors"][0]["message"] and "line 3" in refused.json()["errors"][1]["message"]
    assert refused.headers["content-type"] == "application/problem+json" and stored() == 0

    kept = client.post("/epcis/capture", content=content, headers=XML | {"GS1-Capture-Error-Behaviour": "proceed"})
    assert kept.status_code == 202 and kept.json()["events"] == stored() == 1
    job = valid_job(client.get(kept.headers["location"], headers=ASKS))
    assert job.get("success") == "false" and job.get("running") == "false"
    assert job.findtext("captureErrorBehaviour") == "proceed" and len(job.findall("errors/error")) == 2
    assert job.findtext("errors/error/type") == "epcisException:ValidationException"
    outcomes = job.findall("{urn:furrow:ns:1:}outcome")
    assert [outcome.get("outcome") for outcome in outcomes] == ["accepted", "refused", "refused"]


def valid_job(answer) -> etree._Element:
    assert answer.status_code == 200 and answer.headers["content-type"].startswith(("application/xml", "text/xml"))
    root = etree.fromstring(answer.content)
    if XSD.is_file():
        schema = etree.XMLSchema(etree.parse(XSD.with_name("EPCglobal-epcis-2_0.xsd")))
        for job in [root] if etree.QName(root).localname == "EPCISCaptureJob" else root:
            schema.assertValid(etree.fromstring(etree.tostring(job)))
    return root


def test_capture_jobs_are_listed_in_xml(client):
    for number in range(3):
        content = in_xml(object_event(f"<eventID>urn:x:{number}</eventID>"))
        client.post("/epcis/capture", content=content, headers=XML)
    answer = client.get("/epcis/capture?perPage=2", headers={"accept": "text/xml"})
    assert len(valid_job(answer)) == 2 and 'rel="next"' in answer.headers["link"]
    assert [job["captureID"] for job in client.get("/epcis/capture?perPage=2").json()] == [
        job.get("captureID") for job in etree.fromstring(answer.content)
    ]


def test_e3_one_event_in_xml_by_itself_or_in_a_document(client):
    content = object_event("<eventID>urn:x:1</eventID>").encode()
    answer = client.post("/epcis/events", content=content, headers=XML)
    assert answer.status_code == 201 and answer.headers["location"] == f"/epcis/events/{quote('urn:x:1', safe='')}"
    assert client.post("/epcis/events", content=content, headers=XML).status_code == 409
    one = in_xml(object_event("<eventID>urn:x:2</eventID>"))
    assert client.post("/epcis/events", content=one, headers=XML).status_code == 201
    two = client.post("/epcis/events", content=in_xml(object_event() * 2), headers=XML)
    assert two.status_code == 400 and two.json()["code"] == "one-event-here" and stored() == 2


def test_what_a_capture_would_say_of_xml_is_said_and_nothing_kept(client):
    content = in_xml(object_event() + object_event("<bizStop>1</bizStop>"))
    answer = client.post("/epcis/events/validate", content=content, headers=XML)
    assert [outcome["outcome"] for outcome in answer.json()["outcomes"]] == ["accepted", "refused"]
    assert not answer.json()["success"] and stored() == 0


def test_what_of_a_header_in_xml_is_not_kept_is_said_so(client):
    header = b"""<EPCISHeader><s:StandardBusinessDocumentHeader xmlns:s="urn:s"/>
        <extension><EPCISMasterData/></extension></EPCISHeader><EPCISBody>"""
    content = in_xml(object_event()).replace(b"<EPCISBody>", header)
    answer = client.post("/epcis/capture", content=content, headers=XML)
    assert answer.status_code == 202
    assert [one["path"] for one in answer.json()["warnings"]] == ["epcisHeader.StandardBusinessDocumentHeader"]


# What is asked for


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/xml", "application/xml"), ("text/xml", "text/xml"), ("text/*", "text/xml"),
        ("application/json", "application/json"), ("application/ld+json", "application/ld+json"),
        ("*/*", "application/json"), ("application/*", "application/json"), ("", "application/json"),
        ("application/json;q=0.2, application/xml;q=0.9", "application/xml"),
        ("application/xml;q=0.2, application/json;q=0.9", "application/json"),
        ("application/xml, */*", "application/xml"), ("application/xml;q=0, */*;q=0.1", "application/json"),
        ("text/html, application/xml;charset=utf-8;q=0.9, */*;q=0.8", "application/xml"),
        ("text/html, */*;q=0.8", "application/json"), ("APPLICATION/XML", "application/xml"),
    ],
)  # fmt: skip
def test_the_kind_that_is_liked_best_is_answered(client, accept, kind):
    answer = client.get("/epcis/capture", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind.replace("ld+json", "json")
    events = client.get("/epcis/events", headers={"accept": accept})
    assert events.headers["content-type"].partition(";")[0] in (kind, "application/ld+json")
    assert ("json" in events.headers["content-type"]) == ("json" in kind)


@pytest.mark.parametrize("accept", ["text/html", "image/*", "application/json;q=0", "application/xml;q=2", "nonsense"])
@pytest.mark.parametrize("address", ["/epcis/events", "/epcis/events/urn:x:1", "/epcis/capture"])
def test_what_is_not_spoken_is_not_acceptable(client, accept, address):
    answer = client.get(address, headers={"accept": accept})
    assert answer.status_code == 406 and answer.json()["type"] == "epcisException:NotAcceptableException"


def test_a_problem_is_told_in_xml_to_who_takes_nothing_else(client):
    answer = client.get("/epcis/events/urn:x:1", headers=ASKS)
    assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+xml"
    told = etree.fromstring(answer.content)
    assert told.tag == "{urn:ietf:rfc:7807}problem"
    said = {etree.QName(child).localname: child.text for child in told}
    assert (said["type"], said["status"], said["code"]) == (
        "epcisException:NoSuchResourceException",
        "404",
        "not-found",
    )
    both = client.get("/epcis/events/urn:x:1", headers={"accept": "application/xml;q=0.5, application/json"})
    assert both.headers["content-type"] == "application/problem+json"


def test_a_problem_in_xml_tells_what_is_wrong_where_and_nothing_that_xml_cannot_hold(client):
    answer = client.get("/epcis/events", params={"EQ_\x01colour<": "red"}, headers=ASKS)
    told = etree.fromstring(answer.content)
    assert answer.status_code == 400 and "EQ_�colour<" in told.findtext("{urn:ietf:rfc:7807}parameter")
    whole = document(action="LOOK")
    refused = client.post("/epcis/capture", content=whole, headers={**LD, **ASKS})
    [error] = etree.fromstring(refused.content).find("{urn:ietf:rfc:7807}errors")
    assert error.findtext("{urn:ietf:rfc:7807}path") == "epcisBody.eventList[0].action"


@pytest.mark.parametrize("address", ["/epcis/capture", "/epcis/events"])
def test_options_say_that_xml_is_spoken(client, address):
    headers = client.options(address).headers
    assert headers["GS1-CBV-XML-Format"] == "Always_Web_URI"
    assert headers["Accept-Post"] == "application/json, application/ld+json, application/xml, text/xml"


@pytest.mark.parametrize(
    ("form", "step"),
    [
        ("Always_Web_URI", "https://ref.gs1.org/cbv/BizStep-storing"),
        ("Always_URN", "urn:epcglobal:cbv:bizstep:storing"),
        ("No_Preference", "https://ref.gs1.org/cbv/BizStep-storing"),
        ("Never_Translates", "urn:epcglobal:cbv:bizstep:storing"),
    ],
)
def test_e6_terms_are_answered_in_the_form_that_is_asked_for(client, form, step):
    client.post("/epcis/capture", content=document(bizStep="urn:epcglobal:cbv:bizstep:storing"), headers=LD)
    root = valid(client.get("/epcis/events", headers=ASKS | {"GS1-CBV-XML-Format": form}).content)
    assert root.findtext(".//bizStep") == step


LINK, URN = "https://id.gs1.org/01/10614141073464/21/2017", "urn:epc:id:sgtin:0614141.107346.2017"
OF_ANOTHER = "https://id.gs1.org/01/06901234000016/10/A1"


@pytest.mark.parametrize(
    ("form", "first", "second"),
    [
        ("Always_GS1_Digital_Link", LINK, LINK), ("No_Preference", LINK, LINK),
        ("Never_Translates", URN, LINK), ("Always_EPC_URN", URN, URN),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["application/json", "application/xml"])
def test_e6_identifiers_are_answered_in_the_form_that_is_asked_for(client, form, first, second, kind):
    client.post("/epcis/capture", content=document(eventID="urn:x:1", epcList=[URN]), headers=LD)
    place = {"id": "https://id.gs1.org/414/0614141000012"}
    told = {"epcList": [LINK, OF_ANOTHER], "readPoint": place, "eventID": "urn:x:2"}
    client.post("/epcis/capture", content=document(**told), headers=LD)
    answer = client.get("/epcis/events", headers={"accept": kind, "GS1-EPC-Format": form})
    whole = reading.read(answer.content) if kind.endswith("xml") else json.loads(answer.content)
    one, other = [found.event for found in epcis.read(whole)]
    assert one["epcList"] == [first] and other["epcList"] == [second, OF_ANOTHER]
    as_urn = form == "Always_EPC_URN"
    assert other["readPoint"]["id"] == ("urn:epc:id:sgln:0614141.00001.0" if as_urn else place["id"])


def test_e6_an_event_alone_is_answered_with_urns_as_far_as_they_are_known(client):
    told = {"epcList": [URN, LINK.replace("2017", "2018"), OF_ANOTHER], "eventID": "urn:x:1"}
    client.post("/epcis/capture", content=document(**told), headers=LD)
    answer = client.get("/epcis/events/urn:x:1", headers={"GS1-EPC-Format": "Always_EPC_URN"})
    assert event_in(answer)["epcList"] == [URN, URN.replace("2017", "2018"), OF_ANOTHER]


# E15


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_e15_a_billion_laughs_are_refused_by_name(client, encoding):
    text = LAUGHS if encoding == "utf-8" else LAUGHS.removeprefix('<?xml version="1.0"?>')
    answer = client.post("/epcis/capture", content=text.encode(encoding), headers=XML)
    assert answer.status_code == 400 and answer.json()["code"] == "malformed-xml"
    assert "DOCTYPE" in answer.json()["detail"] and stored() == 0


def test_e15_nesting_too_deep_is_refused(client):
    for depth in (100, 100_000):
        content = in_xml(object_event("<e:a xmlns:e='urn:e:'>" + "<b>" * depth + "</b>" * depth + "</e:a>"))
        assert client.post("/epcis/capture", content=content, headers=XML).status_code == 400
    assert stored() == 0


def test_e15_a_load_of_a_hundred_thousand_pieces_in_xml_is_one_event(client):
    pieces = "".join(f"<epc>urn:epc:id:sgtin:0614141.107346.a{number}</epc>" for number in range(100_000))
    content = in_xml(object_event("<eventID>urn:x:1</eventID>").replace("</epcList>", f"{pieces}</epcList>"))
    assert client.post("/epcis/capture", content=content, headers=XML).json()["running"] and waiting.work() == 1
    answer = client.get("/epcis/events/urn:x:1", headers=ASKS)
    assert answer.content.count(b"<epc>") == 100_001


def test_more_events_in_xml_than_a_capture_takes_are_refused(client):
    os.environ["FURROW_CAPTURE_LIMIT"] = "2"
    settings.cache_clear()
    try:
        answer = client.post("/epcis/capture", content=in_xml(object_event() * 3), headers=XML)
    finally:
        del os.environ["FURROW_CAPTURE_LIMIT"]
        settings.cache_clear()
    assert answer.status_code == 413 and answer.json()["limit"] == 2
