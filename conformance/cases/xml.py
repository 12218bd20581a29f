"""XML in and out, which a repository may speak beside JSON."""

import re
from urllib.parse import quote

import httpx2

from conformance.cases.operations import PATHS, filled
from conformance.clauses import NotOffered, Weight, clause
from conformance.documents import event, moment, new_id, piece
from conformance.repository import Repository, expect, header, ids, require

XML = "application/xml"
_CAPTURE, _EVENTS = "/capture", "/events"


def _document(epc: str, event_id: str, extension: str = "") -> bytes:
    """An EPCISDocument of one event in XML."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:ex="https://ns.example.com/conformance/"
    schemaVersion="2.0" creationDate="{moment()}"><EPCISBody><EventList><ObjectEvent>
<eventTime>{moment(-60)}</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><eventID>{event_id}</eventID>
<epcList><epc>{epc}</epc></epcList><action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>
{extension}</ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>""".encode()


def _taken(answer: httpx2.Response, *statuses: int) -> httpx2.Response:
    """An answer in XML, or to XML; that neither is spoken is told by 406 and 415."""
    if answer.status_code in (406, 415):
        raise NotOffered(str(answer.status_code))
    expect(answer, *statuses)
    return answer


def _is_xml(answer: httpx2.Response, root: str) -> str:
    """The text of an answer in XML whose outermost element has this name."""
    kind = answer.headers.get("Content-Type", "")
    if "json" in kind:
        raise NotOffered(f"{kind} is answered")
    require("xml" in kind, f"XML was expected, and {kind} came")
    require(re.search(rf"<(\w+:)?{root}[\s>]", answer.text[:2000]) is not None, f"the root is no {root}")
    return answer.text


@clause(_CAPTURE, "XML: a document is taken", "openapi POST /capture, application/xml", Weight.MAY)
def _(repository: Repository) -> None:
    mine, named = piece(), new_id()
    answer = _taken(repository.post(_CAPTURE, _document(mine, named), XML), 202)
    require(repository.finished(header(answer, "Location")).get("success") is True, "the job did not succeed")
    found = repository.events(MATCH_anyEPC=mine)
    require(ids(found) == [named], "the event is not found")
    require(found[0].get("bizStep") == "shipping", f"in JSON its bizStep is {found[0].get('bizStep')}")


@clause(_CAPTURE, "XML: a document with a DOCTYPE is refused", "safe reading of XML", Weight.MAY)
def _(repository: Repository) -> None:
    body = _document(piece(), new_id()).replace(b"<epcis:", b'<!DOCTYPE x [<!ENTITY e "x">]><epcis:', 1)
    _taken(repository.post(_CAPTURE, body, XML), 400)


@clause(_CAPTURE, "XML: what is no XML is refused", "openapi POST /capture 400", Weight.MAY)
def _(repository: Repository) -> None:
    _taken(repository.post(_CAPTURE, b"<epcis:EPCISDocument", XML), 400)


@clause(_CAPTURE, "XML: an extension comes back in JSON", "ISO/IEC 19987:2024, XML and JSON bindings", Weight.MAY)
def _(repository: Repository) -> None:
    named = new_id()
    body = _document(piece(), named, "<ex:colour>red</ex:colour>")
    answer = _taken(repository.post(_CAPTURE, body, XML), 202)
    require(repository.finished(header(answer, "Location")).get("success") is True, "the job did not succeed")
    require(repository.event(named).get("ex:colour") == "red", "the extension is another")


@clause(_EVENTS, "XML: one event is taken", "openapi POST /events", Weight.MAY)
def _(repository: Repository) -> None:
    _taken(repository.post(_EVENTS, _document(piece(), new_id()), XML), 201)


@clause(
    _EVENTS, "XML: events are answered as EPCISQueryDocument", "openapi GET /events 200, application/xml", Weight.MAY
)
def _(repository: Repository) -> None:
    told = event()
    repository.captured(told)
    asked = {"EQ_eventID": told["eventID"]}
    answer = _taken(repository.get(_EVENTS, params=asked, headers={"Accept": XML}), 200)
    require(told["eventID"] in _is_xml(answer, "EPCISQueryDocument"), "the event is not found")


@clause(
    "/events/{eventID}",
    "XML: an event is answered as EPCISQueryDocument",
    "openapi GET /events/{eventID} 200",
    Weight.MAY,
)
def _(repository: Repository) -> None:
    told = event()
    repository.captured(told)
    where = f"/events/{quote(told['eventID'], safe='')}"
    _is_xml(_taken(repository.get(where, headers={"Accept": XML}), 200), "EPCISQueryDocument")


@clause("/capture/{captureID}", "XML: a job is answered as EPCISCaptureJob", "openapi CaptureJob, xml", Weight.MAY)
def _(repository: Repository) -> None:
    job = repository.capture(event())
    where = f"/capture/{job.get('captureID')}"
    _is_xml(_taken(repository.get(where, headers={"Accept": XML}), 200), "EPCISCaptureJob")


def _words(form: str, beginning: str) -> None:
    @clause(_EVENTS, f"XML: GS1-CBV-XML-Format: {form}", "openapi GS1-CBV-XML-Format", Weight.MAY)
    def _(repository: Repository) -> None:
        told = event(bizStep="shipping")
        repository.captured(told)
        headers = {"Accept": XML, "GS1-CBV-XML-Format": form}
        answer = _taken(repository.get(_EVENTS, params={"EQ_eventID": told["eventID"]}, headers=headers), 200)
        require(f"<bizStep>{beginning}shipping<" in _is_xml(answer, "EPCISQueryDocument"), "the step has another form")


_words("Always_Web_URI", "https://ref.gs1.org/cbv/BizStep-")
_words("Always_URN", "urn:epcglobal:cbv:bizstep:")


@clause("/", "XML: who speaks it names GS1-CBV-XML-Format in each answer to OPTIONS", "openapi OPTIONS 204", Weight.MAY)
def _(repository: Repository) -> None:
    _is_xml(_taken(repository.get(_EVENTS, params={"perPage": 1}, headers={"Accept": XML}), 200), "EPCISQueryDocument")
    for path in PATHS:
        if path not in _WITHOUT:
            header(expect(repository.ask("OPTIONS", filled(repository, path)), 204), "GS1-CBV-XML-Format")


_WITHOUT = ("/nextPageToken/{token}", "/queries/{queryName}/subscriptions/{subscriptionID}")
"""Paths whose OPTIONS openapi does not have, or has without this header."""


@clause("exceptions", "XML: a problem is application/problem+xml", "openapi application/problem+xml", Weight.MAY)
def _(repository: Repository) -> None:
    headers = {"Accept": XML}
    answer = repository.get(_EVENTS, params={"EQ_colour": "red"}, headers=headers)
    _is_xml(_taken(answer, 400), "EPCISException|problem")
