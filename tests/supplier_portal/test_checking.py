"""A file of events that a supplier looks at first: what is said of it and where, and that it is captured once."""

import json
import re

import pytest
from sqlmodel import select

from hub import db
from hub.demo import builder
from hub.gs1 import epcis
from hub.models.access import Upload
from hub.models.party import OrganizationKind, Role
from hub.settings import settings
from hub.trace.trying import files, lines
from hub.web.i18n import language
from supplier_portal.checking import words
from tests import supermarket
from tests.hub.epcis.documents import LD, document, machine, stored

PATH = "/supplier/records/check"


@pytest.fixture
def grower(trade):
    with supermarket.signed_in(trade.farm, Role.SUPPLIER) as client:
        client.headers["accept"] = "text/html"
        yield client


def several(*events: dict, **more: object) -> bytes:
    """A document of events, each said by what it has other than the first, over many lines."""
    whole = json.loads(document())
    [one] = whole["epcisBody"]["eventList"]
    whole["epcisBody"]["eventList"] = [one | {"eventID": f"urn:uuid:{n}"} | event for n, event in enumerate(events)]
    return json.dumps(whole | more, indent=2).encode()


def xml(*events: str) -> bytes:
    body = "\n".join(events)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0"
    creationDate="2026-11-24T09:00:00Z">
<EPCISBody>
<EventList>
{body}
</EventList>
</EPCISBody>
</epcis:EPCISDocument>
""".encode()


def event_in_xml(name: str, **said: str) -> str:
    told = {"eventTime": "2026-11-24T06:40:00Z", "eventTimeZoneOffset": "+00:00", "eventID": name}
    told |= {"epcList": "<epc>urn:epc:id:sgtin:0614141.107346.2017</epc>", "action": "OBSERVE", "bizStep": "storing"}
    fields = "\n".join(f"<{field}>{value}</{field}>" for field, value in (told | said).items())
    return f"<ObjectEvent>\n{fields}\n</ObjectEvent>"


def drop(client, content: bytes, name: str = "events.json"):
    return client.post(PATH, files={"file": (name, content)})


def marked(page: str) -> list[str]:
    """The lines that a page points at."""
    return re.findall(r'<li class="marked">.*?<code>(.*?)</code>', page, re.DOTALL)


def figures(page: str) -> list[int]:
    return [
        int(figure.replace(",", ""))
        for figure in re.findall(r"<dd[^>]*>([\d,]+)</dd>", page.partition("kpis")[2].partition("</dl>")[0])
    ]


def captures_it(page: str) -> str:
    """Where a page lets the file be captured."""
    found = re.search(rf'action="({PATH}/[0-9a-f-]+)"', page)
    return found[1] if found else ""


def kept() -> int:
    with db.hub_session() as session:
        return len(session.exec(select(Upload.id)).all())


# What is said


def test_a_file_is_looked_at_and_each_fault_shown_at_its_line_and_nothing_kept(grower):
    content = several({}, {"bizStep": "packin"}, {"eventTimeZoneOffset": "CET"})
    answer = drop(grower, content)
    assert answer.status_code == 422 and figures(answer.text) == [1, 0, 0, 2]
    assert [line.strip() for line in marked(answer.text)] == [
        "&#34;bizStep&#34;: &#34;packin&#34;,",
        "&#34;eventTimeZoneOffset&#34;: &#34;CET&#34;,",
    ]
    assert "Event 2" in answer.text and "urn:uuid:1" in answer.text and "eventList[1].bizStep" in answer.text
    assert "Would be taken: packing" in answer.text and "Such as +08:00." in answer.text
    assert not captures_it(answer.text) and stored() == 0 and kept() == 0


def test_the_page_says_what_the_api_says(grower, trade):
    content = several({}, {"action": "BUY"}, {"eventTime": "2099-01-01T00:00:00+08:00"}, {"epcList": ["x"]})
    with machine(trade.farm) as client:
        told = client.post("/epcis/events/validate", content=content, headers=LD).json()["outcomes"]
    with db.session(trade.grower.who) as session:
        look = files.look(session, trade.grower, content)
    assert [one["outcome"] for one in told] == [one.became.value for one in look.outcomes]
    said = [(one["index"], m["path"], m["message"]) for one in told for m in one.get("messages", ())]
    assert sorted((place.index, place.path, place.message) for place in look.places) == sorted(said)


def test_what_is_there_already_is_said_and_what_contradicts_it_is_refused(grower, trade):
    with machine(trade.farm) as client:
        client.post("/epcis/capture", content=several({}, {}), headers=LD)
        again = client.post("/epcis/events/validate", content=several({}, {"bizStep": "packing"}, {}), headers=LD)
    assert [one["outcome"] for one in again.json()["outcomes"]] == ["duplicate", "refused", "accepted"]
    answer = drop(grower, several({}, {"bizStep": "packing"}, {}))
    assert figures(answer.text) == [1, 0, 1, 1] and "Another event of yours has this eventID" in answer.text
    same = drop(grower, several({}, {}))
    assert "All of them are there already" in same.text and not captures_it(same.text)


def test_of_two_events_of_one_name_in_a_file_the_second_is_refused_as_a_capture_would(grower, trade):
    content = several({}, {"eventID": "urn:uuid:0", "bizStep": "packing"}, {"eventID": "urn:uuid:0"})
    with machine(trade.farm) as client:
        judged = client.post("/epcis/events/validate", content=content, headers=LD).json()["outcomes"]
        proceed = LD | {"GS1-Capture-Error-Behaviour": "proceed"}
        taken = client.post("/epcis/capture", content=content, headers=proceed)
        job = client.get(taken.headers["location"]).json()["outcomes"]
    assert [one["outcome"] for one in judged] == ["accepted", "refused", "duplicate"]
    assert [one["outcome"] for one in job] == [one["outcome"] for one in judged]


def test_what_is_odd_is_shown_at_its_line_and_captured_all_the_same(grower):
    answer = drop(grower, several({"eventTime": "2099-01-01T00:00:00+08:00"}))
    assert answer.status_code == 200 and figures(answer.text) == [0, 1, 0, 0]
    assert "lies in the future" in answer.text and "eventTime" in marked(answer.text)[0]
    assert captures_it(answer.text)


def test_a_fault_of_xml_is_shown_at_its_line(grower):
    content = xml(event_in_xml("urn:uuid:1"), event_in_xml("urn:uuid:2", bizStep="packin", action="BUY"))
    answer = drop(grower, content, "events.xml")
    assert figures(answer.text) == [1, 0, 0, 1]
    assert sorted(marked(answer.text)) == ["&lt;action&gt;BUY&lt;/action&gt;", "&lt;bizStep&gt;packin&lt;/bizStep&gt;"]
    odd = drop(grower, xml(event_in_xml("urn:uuid:1", stranger="x")), "events.xml")
    assert odd.status_code == 422 and "stranger" in "".join(marked(odd.text))


def test_of_a_file_on_one_line_the_place_is_shown(grower):
    whole = json.dumps(json.loads(several(*[{}] * 300, {"bizStep": "packin"}))).encode()
    [line] = marked(drop(grower, whole).text)
    assert "packin" in line and len(line) < 2_000


def test_of_thousands_of_faults_the_first_are_shown_and_the_others_counted(grower):
    answer = drop(grower, several(*[{"action": "BUY"}] * 1_500))
    assert len(marked(answer.text)) == files.MOST and figures(answer.text) == [0, 0, 0, 1500]
    assert "1,450 more are not shown" in answer.text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty"),
        (b" \n\t", "This file is empty"),
        (b"\xef\xbb\xbf", "This file is empty"),
        (b"PK\x03\x04 a spreadsheet", "neither JSON nor XML"),
        (b"eventTime;bizStep\n", "neither JSON nor XML"),
        (document().decode().encode("utf-16"), "It is not written in UTF-8"),
        ('{"a": "\u00e9"}'.encode("latin-1"), "It is not written in UTF-8"),
        (b'<?xml version="1.0" encoding="EBCDIC-US"?><a/>', "which is not read here"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "document type (DOCTYPE)"),
        (b'{"type": "EPCISDocument",\n "oops" }', "on line 2"),
        (b"<a>\n<b></a>", "on line 2"),
        (b"[1]", "An EPCIS document is an object."),
        (b"<html/>", "It is no document of EPCIS."),
        (several(), "It holds no event"),
        (several({}, schemaVersion="1.2"), "It is no version of EPCIS 2."),
        (b'{"a": 1, "a": 2}', "stands twice in one object"),
        (b"[" * 100_000, "nested deeper than"),
    ],
)
def test_a_file_that_is_not_read_is_answered_by_a_sentence(grower, content, sentence):
    answer = drop(grower, content)
    assert answer.status_code == 422 and sentence in answer.text, re.sub(r"<[^>]+>|\s+", " ", answer.text)
    assert not captures_it(answer.text) and kept() == 0


def test_no_file_is_asked_for_again(grower):
    answer = grower.post(PATH, data={"x": "y"})
    assert answer.status_code == 422 and "This file is empty" in answer.text


def test_a_file_of_more_events_than_a_capture_takes_is_refused(grower, monkeypatch):
    monkeypatch.setattr(settings(), "capture_limit", 2)
    assert "It holds 3 events; at most 2 are captured at a time." in drop(grower, several({}, {}, {})).text


def test_a_file_that_is_larger_than_a_capture_takes_is_refused(grower, monkeypatch):
    monkeypatch.setattr(settings(), "body_limit", 10_000)
    assert drop(grower, several(*[{}] * 200)).status_code == 413


@pytest.mark.parametrize("code", ["zh", "en"])
def test_what_is_wrong_is_said_in_both_languages(code):
    said = words.of("epcisBody.eventList[0].action", "is none of ADD, OBSERVE and DELETE", language(code))
    assert (said.wrong == "It is no action of EPCIS.") is (code == "en") and said.taken == "ADD, OBSERVE, DELETE"


# Hostile files


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>.json", "../../etc/passwd", "\u202egnp.exe", "x" * 4_000, "'"]
)
def test_what_a_file_is_called_does_nothing(grower, name):
    answer = drop(grower, several({}), name)
    assert answer.status_code == 200 and "<script>alert" not in answer.text and "\u202e" not in answer.text
    assert grower.post(captures_it(answer.text)).headers["location"] == "/supplier/records"


@pytest.mark.parametrize("content", [json.dumps, lambda whole: json.dumps(whole, indent=1, ensure_ascii=False)])
def test_what_stands_in_a_file_does_nothing(grower, content):
    hostile = "<script>alert(1)</script>\u202e%(path)s{{ 7 * 7 }}"
    whole = json.loads(several({"eventID": hostile, hostile: 1, "action": hostile}))
    answer = drop(grower, content(whole).encode())
    assert answer.status_code == 422 and "<script>alert" not in answer.text and "\u202e" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text


def test_names_of_any_length_are_shown_in_part(grower):
    answer = drop(grower, several({"a.[" * 200_000: 1, "eventID": "x" * 1_000_000}))
    assert answer.status_code == 422 and len(answer.text) < 100_000


# Captured


def test_a_mended_file_is_captured_whole_and_once(grower, trade):
    address = captures_it(drop(grower, several({}, {}), "day.json").text)
    assert kept() == 1 and stored() == 0
    first, second = grower.post(address), grower.post(address)
    assert first.status_code == second.status_code == 303 and stored() == 2 and kept() == 0
    assert "/supplier/records" in first.headers["location"]
    with machine(trade.farm) as client:
        [job] = client.get("/epcis/capture").json()
    assert (job["success"], job["events"], job["captureErrorBehaviour"]) == (True, 2, "rollback")


def test_a_file_that_waits_makes_room_for_the_next(grower):
    addresses = [captures_it(drop(grower, several({"eventID": f"urn:uuid:{n}"})).text) for n in "ab"]
    assert kept() == 1
    assert [grower.post(address).status_code for address in addresses] == [303, 303] and stored() == 1


def test_what_came_in_between_is_said_and_nothing_is_captured(grower, trade):
    address = captures_it(drop(grower, several({}, {"eventID": "urn:uuid:new"})).text)
    with machine(trade.farm) as client:
        client.post("/epcis/capture", content=several({"bizStep": "packing"}), headers=LD)
    answer = grower.post(address)
    assert answer.status_code == 422 and "urn:uuid:0" in answer.text and stored() == 1


# The wrong party


def test_another_organisation_captures_nothing_of_a_file_that_waits(grower, trade):
    address = captures_it(drop(grower, several({})).text)
    other = builder.party(OrganizationKind.SUPPLIER, "Beihu")
    with supermarket.signed_in(other, Role.SUPPLIER, "li@example.org") as stranger:
        assert stranger.post(address).headers["location"] == "/supplier/records"
    assert stored() == 0 and kept() == 1


@pytest.mark.parametrize("role", [Role.BUYER, Role.ADMINISTRATOR])
def test_who_keeps_no_records_has_no_such_page(trade, role):
    with supermarket.signed_in(trade.chain if role is Role.BUYER else trade.farm, role) as client:
        assert client.get(PATH).status_code == 403 and drop(client, several({})).status_code == 403


# Lines


TEXT = json.dumps({"a": [1, {"b.c": "x", "d": {"e": []}}], "f": 'a"[{'}, indent=1)


@pytest.mark.parametrize(
    ("path", "line"),
    [("", 1), ("a", 2), ("a[0]", 3), ("a[1]", 4), ("a[1].b.c", 5), ("a[1].d.e", 7), ("a[1].d.no.e[3]", 6), ("f", 11)],
)
def test_a_path_of_json_is_found_or_what_is_nearest_around_it(path, line):
    offset = lines.in_json(TEXT, {path, "a", "f"})[path]
    [shown] = [one for one in lines.excerpt(TEXT, offset) if one.marked]
    assert shown.number == line


def test_a_sentence_about_a_long_name_is_said_all_the_same_and_in_no_time():
    message = f"{'x events; at most ' * 60_000} is there already, with other content"
    said = words.of("event", message, language("zh"))
    assert said.wrong.startswith("您的另一条事件已用了这个") and len(said.wrong) < 1_000


def test_a_long_line_before_the_one_that_is_meant_is_cut_and_not_marked():
    told = lines.excerpt(f"{'x' * 500}\n{'y' * 500}\nhere", 1_002)
    assert [(one.number, one.marked, one.cut) for one in told] == [(1, False, True), (2, False, True), (3, True, False)]


def test_an_excerpt_ends_where_its_text_does():
    assert [one.number for one in lines.excerpt("a\nb\nc\n", 4)] == [1, 2, 3]
    assert [one.number for one in lines.excerpt("a", 0)] == [1] and lines.excerpt("", 0)[0].text == ""
    [one] = lines.excerpt("x" * 1_000, 999)
    assert one.cut and len(one.text) <= lines.WIDEST


def test_every_sentence_of_the_readers_has_a_twin():
    wrong = {"type": "ObjectEvent", "eventTime": 1, "eventTimeZoneOffset": 1, "action": 1, "bizStep": 1, "ilmd": 1}
    wrong |= {"epcList": {}, "readPoint": [], "recordTime": "x", "x": 1, "disposition": "cbv:x", "eventID": "a b"}
    wrong |= {"quantityList": [{"quantity": -1, "uom": "kg"}], "persistentDisposition": {"set": []}}
    wrong |= {"sensorElementList": [{"sensorReport": [{"value": "1", "booleanValue": 1, "hexBinaryValue": "x"}]}]}
    kinds = [{"type": kind} for kind in ("AggregationEvent", "TransactionEvent", "TransformationEvent", "ObjectEvent")]
    least = {"eventTime": "2026-11-24T06:40:00Z", "eventTimeZoneOffset": "+00:00", "action": "ADD"}
    told = [
        wrong,
        {"type": "x"},
        *(least | kind for kind in kinds),
        {**least, **kinds[3], "action": "OBSERVE", "ilmd": {}},
    ]
    faults = [fault for event in told for fault in epcis.validate(epcis.Submitted(epcis.CONTEXT[:1], event))]
    assert len(faults) > 25
    assert [
        fault for fault in faults if words.of(fault.path, fault.message, language("en")).wrong == fault.message
    ] == []
