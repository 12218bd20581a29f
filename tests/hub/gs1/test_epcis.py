"""EPCIS documents, strictly read."""

import json
from pathlib import Path

import pytest

from hub.gs1 import cbv, digital_link, epcis, jcs

SAMPLES = Path(__file__).parents[2] / "samples"
DOCUMENTS = sorted((SAMPLES / "openepcis").glob("*.json"))


def document(**event) -> bytes:
    whole = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-24T09:00:00Z",
        "epcisBody": {"eventList": [EVENT | event]},
    }
    return json.dumps(whole).encode()


EVENT = {
    "type": "ObjectEvent", "eventTime": "2026-11-24T06:40:00+08:00", "eventTimeZoneOffset": "+08:00", "action": "ADD",
    "bizStep": "commissioning", "readPoint": {"id": "https://id.gs1.org/414/6901234000016"},
    "quantityList": [{"epcClass": "https://id.gs1.org/01/06901234000016/10/A1", "quantity": 612, "uom": "KGM"}],
}  # fmt: skip


def faults(**event):
    (one,) = epcis.read(jcs.parse(document(**event)))
    return [(fault.path.removeprefix(one.path + "."), fault.message) for fault in epcis.validate(one)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_openepcis_documents_are_valid_and_come_back_as_they_were(path):
    for one in epcis.read(jcs.parse(path.read_bytes())):
        assert epcis.validate(one) == []
        assert epcis.opened(epcis.payload(one)).event == one.event


@pytest.mark.parametrize(
    ("event", "where", "what"),
    [
        ({"eventTime": "2026-11-24T06:40:00"}, "eventTime", "offset"),
        ({"eventTime": "2026-13-24T06:40:00Z"}, "eventTime", "offset"),
        ({"eventTimeZoneOffset": "8"}, "eventTimeZoneOffset", "+08:00"),
        ({"bizStep": "shippping"}, "bizStep", "neither in the vocabulary"),
        ({"bizStep": "urn:epcglobal:cbv:bizstep:flying"}, "bizStep", "no term of the Core"),
        ({"action": "CREATE"}, "action", "ADD"),
        ({"quantityList": [{"epcClass": "urn:x:y", "quantity": -5}]}, "quantityList[0].quantity", "0 or more"),
        ({"quantityList": [{"epcClass": "urn:x:y", "quantity": True}]}, "quantityList[0].quantity", "0 or more"),
        ({"quantityList": [{"epcClass": "urn:x:y", "uom": "kilograms"}]}, "quantityList[0].uom", "Recommendation 20"),
        ({"quantityList": [{"epcClass": "urn:x:y", "colour": "red"}]}, "quantityList[0].colour", "neither EPCIS's"),
        ({"epcList": ["urn:x:1", "urn:x:1"]}, "epcList", "twice"),
        ({"epcList": ["not a uri"]}, "epcList[0]", "not a URI"),
        ({"readPoint": "here"}, "readPoint", "not an object"),
        ({"readPoint": {}}, "readPoint.id", "needed"),
        ({"unknown:field": 1}, "unknown:field", "declared prefix"),
        ({"persistentDisposition": {"set": []}}, "persistentDisposition.set", "empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(event, where, what):
    assert [path for path, message in faults(**event) if what in message] == [where]


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ({"action": "OBSERVE", "ilmd": {"cbvmda:lot": "1"}}, "only with action ADD"),
        ({"type": "AggregationEvent", "quantityList": None}, "children"),
    ],
)  # fmt: skip
def test_e13_rules_above_the_form_of_fields_hold(event, what):
    whole = {name: value for name, value in (EVENT | event).items() if value is not None}
    assert any(what in fault.message for fault in epcis.validate(epcis.Submitted(epcis.CONTEXT, whole)))


@pytest.mark.parametrize(
    "text",
    [b'{"a":1,"a":2}', b"[NaN]", b"[1e999]", b"[1.00000000000000000001]", b'["\\ud800"]', b"\xff",
     b"[" * 1000 + b"]" * 1000, b"[9007199254740993]", b"{", b""],
)  # fmt: skip
def test_e15_json_that_two_readers_could_read_differently_is_refused(text):
    with pytest.raises(jcs.MalformedJSON):
        jcs.parse(text)


def test_e15_a_byte_order_mark_is_let_pass_and_an_unknown_context_is_not():
    assert epcis.read(jcs.parse(b"\xef\xbb\xbf" + document()))
    strange = json.loads(document()) | {"@context": ["https://example.org/context.jsonld"]}
    with pytest.raises(epcis.InvalidDocument, match="never fetched"):
        epcis.read(strange)


@pytest.mark.parametrize("name", ["arrays", "french", "structures"])
def test_canonical_json_is_rfc_8785s(name):
    folder = SAMPLES / "rfc8785-jcs"
    assert (
        jcs.canonical(json.loads((folder / f"input-{name}.json").read_bytes()))
        == (folder / f"output-{name}.json").read_bytes()
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("urn:epc:id:sgtin:0614141.107346.2017", "https://id.gs1.org/01/10614141073464/21/2017"),
        ("urn:epc:class:lgtin:4012345.012345.998877", "https://id.gs1.org/01/04012345123456/10/998877"),
        ("urn:epc:id:sgln:0614141.07346.1234", "https://id.gs1.org/414/0614141073467/254/1234"),
        ("urn:epc:id:pgln:4012345.00000", "https://id.gs1.org/417/4012345000009"),
        ("urn:epc:id:sscc:4012345.0000000111", "https://id.gs1.org/00/040123450000001112"),
        ("https://shop.example/01/04012345999990/21/XYZ-1234?17=261201", "https://id.gs1.org/01/04012345999990/21/XYZ-1234"),
        ("https://shop.example/01/04012345123456/10/A%2F1", "https://id.gs1.org/01/04012345123456/10/A%2F1"),
        ("urn:gdst:example.org:product:class:1", "urn:gdst:example.org:product:class:1"),
    ],
)  # fmt: skip
def test_every_form_of_a_key_is_compared_as_one(written, meant):
    assert digital_link.canonical(written) == meant


def test_wrong_keys_are_refused():
    for wrong in ("4012345123457", "40123451234", "401234512345６", ""):
        with pytest.raises(digital_link.BadKey):
            digital_link.gtin(wrong)
    for lot in ("", "x" * 21, "ä", "a b"):
        with pytest.raises(digital_link.BadKey):
            digital_link.lot_link("06901234000016", lot)
    with pytest.raises(digital_link.BadKey, match="do not follow"):
        digital_link.parse("https://id.gs1.org/01/04012345123456/21/1/10/A")
    assert digital_link.gtin("4012345123456") == "04012345123456"


@pytest.mark.parametrize("under_the_bars", ["4012345123456", "96385074", "614141073467", "14012345123453"])
def test_people_read_an_article_number_as_it_stands_under_the_bar_code(under_the_bars):
    assert digital_link.printed(under_the_bars.zfill(14)) == under_the_bars
    assert digital_link.printed(digital_link.printed(under_the_bars)) == under_the_bars


def test_a_term_is_one_term_in_all_its_forms():
    forms = (
        "shipping",
        "cbv:BizStep-shipping",
        "urn:epcglobal:cbv:bizstep:shipping",
        "https://ref.gs1.org/cbv/BizStep-shipping",
    )
    assert {cbv.word("BizStep", form) for form in forms} == {"shipping"}
