"""EPCIS in XML says the same as its JSON: read (2.0 and 1.2), written, and both ways again (E1, E6, E12, E15).

OpenEPCIS's and the event hash generator's documents come in pairs. What is written here is judged by GS1's XSDs, where
they are at hand (beside this checkout; their licence lets nobody pass them on).
"""

import contextlib
import copy
import json
import random
import re
import time
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from hub.gs1 import epcis, event_hash, jcs
from hub.gs1.xml import names, parsing, reading, writing
from tests.hub.gs1.test_epcis_schema import CONTEXT, EPCIS_TYPES, SCHEMA, SHARED, events

SAMPLES = Path(__file__).parents[2] / "samples"
PAIRS = sorted(
    path
    for folder in ("openepcis", "epcis-event-hash")
    for path in (SAMPLES / folder).glob("*.xml")
    if path.with_suffix(".json").is_file() or path.with_suffix(".jsonld").is_file()
)
HASHED = sorted(path for path in (SAMPLES / "epcis-event-hash").rglob("*.xml") if path.with_suffix(".hashes").is_file())
OPENEPCIS = SHARED / "traceability" / "openepcis-test-resources"
XSD = SHARED / "traceability" / "gs1-epcis" / "artefacts" / "xsd" / "EPCglobal-epcis-query-2_0.xsd"
EXAMPLES = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
TIME = "2026-11-24T09:00:00Z"
GS1 = epcis.CONTEXT[:1]


def read(document: bytes) -> list[epcis.Submitted]:
    """The events of a document that is right."""
    found = epcis.read(reading.read(document))
    assert [fault for one in found for fault in epcis.validate(one)] == []
    return found


def read_one(document: bytes) -> dict[str, Any]:
    (one,) = read(document)
    return one.event


def wrong(document: bytes) -> list[epcis.Fault]:
    try:
        return [fault for one in epcis.read(reading.read(document)) for fault in epcis.validate(one)]
    except epcis.InvalidDocument as refusal:
        return refusal.faults


def written(event: dict[str, Any], form: str = writing.WEB, context: list[Any] = CONTEXT) -> bytes:
    own = event.get("@context", [])
    whole = [*context[1:], *(own if isinstance(own, list) else [own])]
    return writing.query_document([event | {"@context": whole}], TIME, form)


def plain(event: dict[str, Any]) -> bytes:
    return jcs.canonical({name: value for name, value in event.items() if name != "@context"})


def in_xml(event: str, version: str = "2", root: str = "") -> bytes:
    """A document of events as XML text."""
    return (
        f'<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:{version}" schemaVersion="{version}.0"'
        f' creationDate="{TIME}" {root}><EPCISBody><EventList>{event}</EventList></EPCISBody></epcis:EPCISDocument>'
    ).encode()


def object_event(more: str = "", own: str = "") -> str:
    return (
        f"<ObjectEvent {own}><eventTime>{TIME}</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>"
        f"<epcList><epc>urn:epc:id:sgtin:0614141.107346.2017</epc></epcList><action>OBSERVE</action>{more}</ObjectEvent>"
    )


# Pairs


def twins(path: Path) -> tuple[list[str], list[str]]:
    other = next(twin for twin in (path.with_suffix(".json"), path.with_suffix(".jsonld")) if twin.is_file())
    return _named(read(path.read_bytes())), _named(epcis.read(jcs.parse(other.read_bytes())))


def _named(found: list[epcis.Submitted]) -> list[str]:
    return [event_hash.event_id(one) for one in found]


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)
def test_e12_a_document_in_xml_says_the_same_as_its_twin_in_json(path):
    from_xml, from_json = twins(path)
    assert from_xml == from_json and from_xml


@pytest.mark.parametrize("path", HASHED, ids=lambda path: path.stem)
def test_the_ids_that_follow_from_xml_are_the_published_ones(path):
    assert _named(read(path.read_bytes())) == path.with_suffix(".hashes").read_text().split()


def test_times_that_differ_in_their_zeros_are_one_event():
    found = read((SAMPLES / "epcis-event-hash" / "timestampPrecision.xml").read_bytes())
    assert len(found) == 4 and len(set(_named(found))) == 1


def test_all_of_openepcis_documents_are_read_and_as_their_twins():
    if not OPENEPCIS.is_dir():
        pytest.skip(f"OpenEPCIS's documents are not at hand ({OPENEPCIS})")
    paths = [path for path in sorted(OPENEPCIS.rglob("*.xml")) if "Queries" not in path.parts]
    differ = []
    for path in paths:
        found = read(path.read_bytes())
        assert found, path
        for one in found:
            assert plain(read_one(written(one.event, context=one.context))) == plain(one.event), path
        twin = Path(str(path).replace("/XML/", "/JSON/")).with_suffix(".json")
        if twin.is_file() and _named(found) != _named(epcis.read(jcs.parse(twin.read_bytes()))):
            differ.append(path.name)
    assert len(paths) > 30 and differ == []


def test_what_is_read_from_xml_is_valid_by_gs1s_json_schema():
    if not SCHEMA.is_file():
        pytest.skip(f"GS1's schema is not at hand ({SCHEMA})")
    whole = json.loads(SCHEMA.read_text())
    one = {"definitions": whole["definitions"], "$ref": "#/definitions/EPCIS-Document-Event"}
    judge = jsonschema_rs.Draft7Validator(one, validate_formats=True)
    paths = [*PAIRS, *(SAMPLES / "openepcis" / "1.2").glob("*.xml"), *OPENEPCIS.rglob("Documents/*.xml")]
    for event in [one.event for path in paths for one in read(path.read_bytes())]:
        if "EffectiveDose" in json.dumps(event):  # CBV has it, GS1's schema does not
            continue
        if event["type"] in ("ObjectEvent", "TransformationEvent") or "persistentDisposition" not in event:
            assert [str(error)[:300] for error in judge.iter_errors(event)] == []


# 1.2


def test_epcis_1_2_keeps_its_later_fields_in_extensions():
    event = read_one((SAMPLES / "openepcis" / "1.2" / "TransformationEvent.xml").read_bytes())
    assert event["eventID"] == "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"
    assert event["errorDeclaration"] == {
        "declarationTime": "2020-01-15T00:00:00+01:00",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8"],
        "example:vendorExtension": "Test1",
    }
    assert event["inputQuantityList"] == [{"epcClass": "urn:epc:class:lgtin:4012345.022222.87545GHGH"}]
    assert event["outputQuantityList"][0]["quantity"] == 452 and event["bizStep"] == "commissioning"
    assert event["@context"] == [{"example": "http://ns.example.com/epcis"}]


@pytest.mark.parametrize("name", ["ObjectEvent", "AggregationEvent", "TransformationEvent"])
def test_documents_of_epcis_1_2_are_read(name):
    assert read((SAMPLES / "openepcis" / "1.2" / f"{name}.xml").read_bytes())


def test_epcis_1_2_wraps_quantities_ends_and_ilmd_twice():
    more = """<extension><quantityList><quantityElement><epcClass>urn:x:1</epcClass><quantity>3</quantity>
        </quantityElement></quantityList><sourceList><source type="urn:epcglobal:cbv:sdt:location">urn:x:2</source>
        </sourceList><ilmd><ex:lot xmlns:ex="urn:ex:">A</ex:lot></ilmd></extension>"""
    event = read_one(in_xml(object_event(more).replace("OBSERVE", "ADD"), "1"))
    assert event["quantityList"] == [{"epcClass": "urn:x:1", "quantity": 3}]
    assert event["sourceList"] == [{"type": "location", "source": "urn:x:2"}] and event["ilmd"] == {"ex:lot": "A"}


def test_a_quantity_event_of_epcis_1_is_an_observation_of_a_quantity():
    told = f"""<QuantityEvent><eventTime>{TIME}</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>
        <epcClass>urn:epc:idpat:sgtin:0614141.107346.*</epcClass><quantity>200</quantity>
        <bizStep>urn:epcglobal:cbv:bizstep:storing</bizStep></QuantityEvent>"""
    event = read_one(in_xml(told, "1"))
    assert (event["type"], event["action"], event["bizStep"]) == ("ObjectEvent", "OBSERVE", "storing")
    assert event["quantityList"] == [{"epcClass": "urn:epc:idpat:sgtin:0614141.107346.*", "quantity": 200}]


def test_a_namespace_that_epcis_1_2_documents_put_on_every_element_is_let_pass():
    document = in_xml(object_event("<ex:a xmlns:ex='urn:ex:'><b>1</b></ex:a>"), "1").decode()
    document = document.replace("<epcis:", "<").replace("</epcis:", "</").replace("xmlns:epcis", "xmlns")
    assert read_one(document.encode())["ex:a"] == {"b": "1"}


# Both ways


@EXAMPLES
@given(event=events())
def test_e12_an_event_written_in_xml_is_read_as_the_same_event(event):
    back = read_one(written(event))
    assert plain(back) == plain(event)
    meant, means = _meant([*CONTEXT, event.get("@context", [])]), _meant(back.get("@context", []))
    assert means == {prefix: meant[prefix] for prefix in means}
    before = epcis.Submitted(CONTEXT, event)
    assert event_hash.event_id(epcis.Submitted(GS1, back)) == event_hash.event_id(before)


def _meant(context: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in context:
        found |= entry if isinstance(entry, dict) else _meant(entry) if isinstance(entry, list) else {}
    return found


@EXAMPLES
@given(event=events(), form=st.sampled_from(writing.CBV_FORMS))
def test_whatever_form_terms_are_written_in_they_are_the_same_terms(event, form):
    assert plain(read_one(written(event, form))) == plain(event)


@pytest.fixture(scope="module")
def judge() -> etree.XMLSchema:
    """GS1's XSD of a query document, where it is at hand."""
    if not XSD.is_file():
        pytest.skip(f"GS1's XSDs are not at hand ({XSD})")
    return etree.XMLSchema(etree.parse(XSD))


def _as_the_xsd_has_times(event: dict[str, Any]) -> dict[str, Any]:
    """Offsets beyond 14 hours are JSON schema's alone; libxml2 knows no year 0."""
    return json.loads(json.dumps(event).replace("+23:59", "+13:59"))


@EXAMPLES
@given(event=events())
def test_what_is_written_is_valid_by_gs1s_xsd(judge, event):
    document = etree.fromstring(written(_as_the_xsd_has_times(event)))
    judge.validate(document)
    assert [str(error) for error in judge.error_log] == []


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)
def test_what_others_wrote_is_written_again_as_the_same_and_valid(path):
    for one in read(path.read_bytes()):
        document = written(one.event, context=GS1)
        assert plain(read_one(document)) == plain(one.event)


@EXAMPLES
@given(event=events(), seed=st.integers(0, 1000))
def test_the_order_of_elements_says_nothing(event, seed):
    root = etree.fromstring(written(event))
    (told,) = root.find(".//EventList")
    told = told if told.tag != "extension" else told[0]
    children = list(told)
    tags = list(dict.fromkeys(child.tag for child in children))
    random.Random(seed).shuffle(tags)
    told[:] = [child for tag in tags for child in children if child.tag == tag]
    assert plain(read_one(etree.tostring(root))) == plain(event)


@EXAMPLES
@given(event=events())
def test_where_a_namespace_is_declared_says_nothing(event):
    kept = written(event)
    root = etree.fromstring(kept)
    for element in list(root.iter()):
        if element.tag[0] == "{" and element.getparent() is not None and element.prefix:
            fresh = etree.Element(element.tag, dict(element.attrib), nsmap=element.nsmap)
            fresh.text, fresh[:] = element.text, list(element)
            element.getparent().replace(element, fresh)
    assert plain(read_one(etree.tostring(root))) == plain(event)


# Names


def test_each_event_declares_what_it_uses_and_nothing_else():
    root = 'xmlns:a="urn:a:" xmlns:b="urn:b:" xmlns:unused="urn:unused:"'
    first, second = read(in_xml(object_event("<a:x>1</a:x>") + object_event("<b:x>1</b:x>"), root=root))
    assert first.event["@context"] == [{"a": "urn:a:"}] and second.event["@context"] == [{"b": "urn:b:"}]
    assert "@context" not in read_one(in_xml(object_event(), root=root))


def test_a_prefix_with_two_meanings_becomes_two_prefixes():
    event = read_one(in_xml(object_event('<p:x xmlns:p="urn:a:"><p:y xmlns:p="urn:b:">1</p:y></p:x>')))
    assert event["p:x"] == {"p1:y": "1"} and event["@context"] == [{"p": "urn:a:", "p1": "urn:b:"}]


def test_a_prefix_that_epcis_keeps_for_itself_is_another_and_its_own_namespaces_have_its_prefix():
    told = '<type:x xmlns:type="urn:a:">1</type:x><z:netWeight xmlns:z="https://gs1.org/voc/">2</z:netWeight>'
    told += '<cbvmda:lot xmlns:cbvmda="urn:epcglobal:cbv:mda">3</cbvmda:lot><y xmlns="urn:c:">4</y>'
    event = read_one(in_xml(object_event(told)))
    assert event["type"] == "ObjectEvent" and event["type1:x"] == "1" and event["gs1:netWeight"] == "2"
    assert event["cbvmda:lot"] == "3" and event["ns:y"] == "4"
    assert event["@context"] == [{"type1": "urn:a:", "ns": "urn:c:"}]


def test_a_name_in_a_value_keeps_its_prefix():
    told = """<bizStep>my:stirring</bizStep><sensorElementList><sensorElement><sensorReport type="my:Smell"
        value="1"/></sensorElement></sensorElementList>"""
    event = read_one(in_xml(object_event(told), root='xmlns:my="urn:my:"'))
    assert event["bizStep"] == "my:stirring" and event["sensorElementList"][0]["sensorReport"][0]["type"] == "my:Smell"
    assert event["@context"] == [{"my": "urn:my:"}]


# Extensions and types


def test_extensions_are_told_by_the_type_they_name_and_else_as_text():
    told = """<e:int xsi:type="xsd:integer">10</e:int><e:float xsi:type="xsd:double">2E1</e:float>
        <e:time xsi:type="xsd:dateTime">2013-06-08T14:58:56Z</e:time><e:yes xsi:type="xsd:boolean">1</e:yes>
        <e:text> 10
        </e:text><e:nothing/><e:nil xsi:nil="true"/><e:empty xsi:type="xsd:string"/><e:many>1</e:many><e:many>2</e:many>
        <e:blank xml:space="preserve"> a </e:blank><e:both unit="kg" e:of="apples">7<e:x>1</e:x></e:both>"""
    root = f'xmlns:e="urn:e:" xmlns:xsd="{names.XSD}" xmlns:xsi="{names.XSI}"'
    event = read_one(in_xml(object_event(told), root=root))
    assert {name: value for name, value in event.items() if name.startswith("e:")} == {
        "e:int": 10, "e:float": 20, "e:time": "2013-06-08T14:58:56Z", "e:yes": True, "e:text": "10",
        "e:nothing": None, "e:nil": None, "e:empty": "", "e:many": ["1", "2"], "e:blank": " a ",
        "e:both": {"unit": "kg", "e:of": "apples", "e:x": "1", "#text": "7"},
    }  # fmt: skip


def test_a_sensor_says_its_values_with_their_types():
    told = """<sensorElementList><sensorElement><sensorMetadata time="2026-11-24T08:00:00Z" e:room="3"/>
        <sensorReport type="gs1:Temperature" value="26.0" uom="CEL" component="cbv:Comp-x" e:cv="1"/>
        <sensorReport type="https://gs1.org/voc/Speed" booleanValue="true" hexBinaryValue="0F" minValue="-.5"/>
        <sensorReport exception="gs1:ALARM_CONDITION" type="gs1:Mass"/><e:more>1</e:more>
        </sensorElement></sensorElementList>"""
    event = read_one(in_xml(object_event(told), root='xmlns:e="urn:e:"'))
    assert event["sensorElementList"] == [
        {
            "sensorMetadata": {"time": "2026-11-24T08:00:00Z", "e:room": "3"},
            "sensorReport": [
                {"type": "Temperature", "value": 26, "uom": "CEL", "component": "x", "e:cv": "1"},
                {"type": "Speed", "booleanValue": True, "hexBinaryValue": "0F", "minValue": -0.5},
                {"type": "Mass", "exception": "ALARM_CONDITION"},
            ],
            "e:more": "1",
        }
    ]


@pytest.mark.parametrize("kind", EPCIS_TYPES)
def test_a_persistent_disposition_may_stand_in_any_event(kind):
    told = """<persistentDisposition><unset>urn:epcglobal:cbv:disp:completeness_inferred</unset>
        <set>https://ref.gs1.org/cbv/Disp-completeness_verified</set></persistentDisposition>"""
    body = {
        "ObjectEvent": "<epcList><epc>urn:x:1</epc></epcList><action>OBSERVE</action>",
        "TransactionEvent": """<bizTransactionList><bizTransaction>urn:x:2</bizTransaction></bizTransactionList>
            <epcList><epc>urn:x:1</epc></epcList><action>ADD</action>""",
        "TransformationEvent": """<inputEPCList><epc>urn:x:1</epc></inputEPCList><outputEPCList><epc>urn:x:2</epc>
            </outputEPCList>""",
    }.get(kind, "<parentID>urn:x:2</parentID><childEPCs><epc>urn:x:1</epc></childEPCs><action>ADD</action>")
    head = f"<eventTime>{TIME}</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>"
    event = read_one(in_xml(f"<{kind}>{head}{body}{told}</{kind}>"))
    assert event["persistentDisposition"] == {"unset": ["completeness_inferred"], "set": ["completeness_verified"]}


def test_several_certificates_and_a_single_one_are_told_as_in_json():
    one = read_one(in_xml(object_event("<certificationInfo>urn:x:1</certificationInfo>")))
    assert one["certificationInfo"] == "urn:x:1"
    both = "<certificationInfo>urn:x:1</certificationInfo><certificationInfo>urn:x:2</certificationInfo>"
    assert read_one(in_xml(object_event(both)))["certificationInfo"] == ["urn:x:1", "urn:x:2"]


def test_a_bare_event_is_read_by_itself():
    text = object_event("<e:x>1</e:x>", 'xmlns:e="urn:e:" schemaVersion="2.0" creationDate="2026-11-24T09:00:00Z"')
    (one,) = read(text.encode())
    assert one.event["e:x"] == "1" and one.context == [*GS1, {"e": "urn:e:"}] and "schemaVersion" not in one.event


# CBV in the forms that may be asked for


@pytest.mark.parametrize(
    ("form", "step", "transaction"),
    [
        ("Always_Web_URI", "https://ref.gs1.org/cbv/BizStep-shipping", "https://ref.gs1.org/cbv/BTT-po"),
        ("No_Preference", "https://ref.gs1.org/cbv/BizStep-shipping", "https://ref.gs1.org/cbv/BTT-po"),
        ("Always_URN", "urn:epcglobal:cbv:bizstep:shipping", "urn:epcglobal:cbv:btt:po"),
        ("Never_Translates", "https://ref.gs1.org/cbv/BizStep-shipping", "urn:epcglobal:cbv:btt:po"),
    ],
)
def test_terms_are_written_in_the_form_that_is_asked_for(form, step, transaction):
    event = {
        "type": "ObjectEvent", "eventTime": TIME, "eventTimeZoneOffset": "+08:00", "action": "OBSERVE",
        "epcList": ["urn:x:1"], "bizStep": "shipping", "disposition": "https://example.org/voc/Disp-wet",
        "bizTransactionList": [{"type": "urn:epcglobal:cbv:btt:po", "bizTransaction": "urn:x:2"}],
    }  # fmt: skip
    root = etree.fromstring(written(event, form))
    assert root.findtext(".//bizStep") == step and root.find(".//bizTransaction").get("type") == transaction
    assert root.findtext(".//disposition") == "https://example.org/voc/Disp-wet"


# Refusals name the line, the place, and what was expected there


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        (
            b"<a/>",
            "a",
            "an EPCISDocument, EPCISQueryDocument, EPCISMasterDataDocument or an event is expected (line 1)",
        ),
        (in_xml("").replace(b"EPCISBody", b"Body"), "EPCISDocument", "EPCISBody is expected in it (line 1)"),
        (
            in_xml("\n<FlyingEvent/>"), "EPCISDocument/EPCISBody/EventList/FlyingEvent",
            "one of EPCIS's event types is expected: ObjectEvent, AggregationEvent, TransactionEvent,"
            " TransformationEvent, AssociationEvent (line 2)",
        ),
        (
            in_xml(object_event() + object_event("\n\n<quantityList><epc>urn:x:1</epc></quantityList>")),
            "EPCISDocument/EPCISBody/EventList/ObjectEvent[2]/quantityList/epc",
            "quantityElement is expected here (line 3)",
        ),
        (
            in_xml(object_event("<bizStep>urn:x:1</bizStep><bizStep>urn:x:1</bizStep>")),
            "EPCISDocument/EPCISBody/EventList/ObjectEvent/bizStep[2]", "bizStep stands twice (line 1)",
        ),
        (
            in_xml(object_event("and so on")), "EPCISDocument/EPCISBody/EventList/ObjectEvent",
            "elements are expected here, not 'and so on' (line 1)",
        ),
        (
            in_xml("\n" + object_event("<bizStop>urn:x:1</bizStop>")), "epcisBody.eventList[0].bizStop",
            "is neither EPCIS's nor of a declared prefix (in the event on line 2)",
        ),
        (
            in_xml(object_event("<quantityList><quantityElement><epcClass>urn:x:1</epcClass><quantity>many</quantity>"
                                "</quantityElement></quantityList>")),
            "epcisBody.eventList[0].quantityList[0].quantity",
            "is not a number of 0 or more (in the event on line 1)",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line_and_place(document, path, message):
    assert epcis.Fault(path, message) in wrong(document)


def test_a_version_that_is_neither_1_nor_2_is_refused():
    assert [fault.path for fault in wrong(in_xml(object_event(), "2").replace(b'"2.0"', b'"3.0"'))] == ["schemaVersion"]


@pytest.mark.parametrize("text", ["1e400", "NaN", "INF", "0x10", "9007199254740993"])
def test_a_number_that_json_could_not_carry_is_refused(text):
    report = f'<sensorElement><sensorReport type="gs1:Mass" value="{text}"/></sensorElement>'
    assert wrong(in_xml(object_event(f"<sensorElementList>{report}</sensorElementList>")))


# E15: hostile input


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n + 1} "{f"&lol{n or str()};" * 10}">' for n in range(9))
    + "]><lolz>&lol9;</lolz>"
)


@pytest.mark.parametrize(
    "document",
    [
        LAUGHS.encode(),
        LAUGHS.encode("utf-16"),
        b"\xef\xbb\xbf" + LAUGHS.encode(),
        b"\xef\xbb\xbf\xef\xbb\xbf" + LAUGHS[21:].encode(),
        b"<!-- x --><?y z?>\n<!DOCTYPE a SYSTEM 'file:///etc/passwd'>" + in_xml(object_event()),
        b"<!DOCTYPE a [<!ENTITY x SYSTEM 'http://127.0.0.1/'>]>" + in_xml(object_event("<a>&x;</a>")),
    ],
)  # fmt: skip
def test_e15_a_doctype_is_refused_by_name_whatever_stands_before_it(document):
    with pytest.raises(parsing.MalformedXML, match="DOCTYPE"):
        reading.read(document)


def test_a_doctype_that_is_only_spoken_of_is_let_pass():
    document = in_xml(object_event("<!-- <!DOCTYPE x> --><e:a xmlns:e='urn:e:'><![CDATA[<!DOCTYPE x>]]></e:a>"))
    assert read_one(document)["e:a"] == "<!DOCTYPE x>"


@pytest.mark.parametrize(
    "document",
    [
        b"", b"{", b"<a>", b"\xff\xfe", b"<a>&undefined;</a>", b"<a \x00/>",
        b'<?xml version="1.0" encoding="utf-7"?><a/>', b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b"<a>\xff</a>", in_xml("<ObjectEvent><a></ObjectEvent>"),
        b"<a/>" * 2, b"<a b='1' b='2'/>", b"<e:a/>",
    ],
)  # fmt: skip
def test_what_is_no_xml_is_refused(document):
    with pytest.raises(parsing.MalformedXML):
        reading.read(document)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "gb18030"])
def test_other_encodings_are_read(encoding):
    letters = "ä" if encoding == "iso-8859-1" else "番茄"
    declared = "" if encoding.startswith("utf") else f'<?xml version="1.0" encoding="{encoding}"?>'
    text = declared + in_xml(object_event(f"<e:a xmlns:e='urn:e:'>{letters}</e:a>")).decode()
    assert read_one(text.encode(encoding))["e:a"] == letters


@pytest.mark.parametrize("depth", [40, 70, 240, 5_000, 500_000])
def test_deep_nesting_is_refused_and_breaks_nothing(depth):
    document = in_xml(object_event("<e:a xmlns:e='urn:e:'>" + "<b>" * depth + "</b>" * depth + "</e:a>"))
    try:
        faults = wrong(document)
    except parsing.MalformedXML:
        assert depth > 200
    else:
        assert bool(faults) == (depth > 60)


def test_what_is_read_at_all_can_be_read_again_from_its_payload():
    inner = "<b>1</b><b>2</b>"
    for _ in range(60):
        inner = f"<b>{inner}</b><b>1</b>"
        (one,) = epcis.read(reading.read(in_xml(object_event(f"<e:a xmlns:e='urn:e:'>{inner}</e:a>"))))
        if not epcis.validate(one):
            assert epcis.opened(epcis.payload(one)).event == one.event


def test_members_said_in_json_are_no_way_around_a_limit():
    deep = json.dumps({"e:x": json.loads("[" * 40 + "]" * 40)})
    for text in (deep, '{"a": 1, "a": 2}', "[]", "{", "1"):
        told = f"<f:members xmlns:f='{names.OURS}'>{text}</f:members>"
        assert wrong(in_xml(object_event(told)))


def test_an_event_of_100_000_pieces_is_read():
    pieces = "".join(f"<epc>urn:epc:id:sgtin:0614141.107346.a{number}</epc>" for number in range(100_000))
    event = read_one(in_xml(object_event().replace("</epcList>", f"{pieces}</epcList>")))
    assert len(event["epcList"]) == 100_001
    assert plain(read_one(written(event, context=GS1))) == plain(event)


@pytest.mark.parametrize(
    "more",
    [
        "<epcList>" + "<x/>" * 50_000 + "</epcList>",
        "<e:a " + " ".join(f'xmlns:n{n}="urn:{n}:" n{n}:b="1"' for n in range(5_000)) + "/>",
        "".join(f'<p:a xmlns:p="urn:{n}:"/>' for n in range(5_000)),
        "<certificationInfo>urn:x:1</certificationInfo>" * 50_000 + "<x/>",
        "<ex>" * 50_000,
    ],
)  # fmt: skip
def test_what_is_wrong_many_times_takes_no_longer_for_it(more):
    begun = time.process_time()
    with contextlib.suppress(parsing.MalformedXML):
        assert 0 < len(wrong(in_xml(object_event(more, 'xmlns:e="urn:e:"')))) <= 50
    assert time.process_time() - begun < 5


def test_of_many_wrong_events_each_is_named():
    found = epcis.read(reading.read(in_xml(object_event("<epcList/>") * 3_000)))
    assert [len(epcis.validate(one)) for one in found] == [1] * 3_000
    assert epcis.validate(found[1])[0].path == "EPCISDocument/EPCISBody/EventList/ObjectEvent[2]/epcList[2]"
    assert epcis.validate(found[-1])[0].path == "EPCISDocument/EPCISBody/EventList/ObjectEvent[…]/epcList[2]"


@EXAMPLES
@given(event=events(), place=st.integers(0, 10_000), put=st.sampled_from([b"<", b"&", b"\x00", b"<x>", b"", b"]]>"]))
def test_a_document_altered_anywhere_is_read_or_refused(event, place, put):
    document = written(event)
    place %= len(document)
    altered = document[:place] + put + document[place + 1 :]
    try:
        for one in epcis.read(reading.read(altered)):
            epcis.validate(one)
    except (parsing.MalformedXML, epcis.InvalidDocument):
        pass


@EXAMPLES
@given(event=events(), data=st.data())
def test_what_was_altered_where_it_is_stored_is_written_all_the_same(event, data):
    altered = copy.deepcopy(event)
    name = data.draw(st.sampled_from(sorted(altered)))
    altered[name] = data.draw(st.sampled_from([None, 5, "x", [], {}, [5], [[1]], {"id": 5}, [{}], "\x00", True]))
    assert re.match(rb"<\?xml", written(altered))
