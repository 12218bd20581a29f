"""The ids that follow from what an event says: of CBV 2.0 and 2.1, whatever form the event is written in."""

import json
import os
from pathlib import Path

import pytest

from hub.gs1 import cbv, digital_link, epcis, event_hash, jcs
from hub.settings import CHECKOUT

SAMPLES = Path(__file__).parents[2] / "samples"
VECTORS = SAMPLES / "epcis-event-hash"
SHARED = Path(os.environ.get("FURROW_TEST_DATA", CHECKOUT.parent / "shared" / "data"))
PARTS = SHARED / "traceability" / "gs1-epcis" / "artefacts" / "context-parts"
"""GS1's vocabulary as JSON-LD, where it is at hand; its licence lets nobody pass it on."""

EVENT = {
    "type": "ObjectEvent", "eventTime": "2026-11-24T06:40:00+08:00", "eventTimeZoneOffset": "+08:00", "action": "ADD",
    "bizStep": "commissioning", "readPoint": {"id": "https://id.gs1.org/414/6901234000016"},
    "quantityList": [{"epcClass": "https://id.gs1.org/01/06901234000016/10/A1", "quantity": 612, "uom": "KGM"}],
}  # fmt: skip
EXAMPLE = {"ex": "https://ns.example.com/"}


def events(path: Path) -> list[epcis.Submitted]:
    return epcis.read(jcs.parse(path.read_bytes()))


def told(event, context=EXAMPLE, version="CBV2.0"):
    return event_hash.pre_hash(epcis.Submitted([epcis.CONTEXT[0], context], event), version)


def named(event, context=EXAMPLE, version="CBV2.0"):
    return event_hash.event_id(epcis.Submitted([epcis.CONTEXT[0], context], event), version)


def reported(**report):
    return EVENT | {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4} | report]}]}


# C1: a term is one term in each of its forms


def cbv_forms(kind, urn):
    return lambda word: [
        word,
        f"cbv:{kind}-{word}",
        f"urn:epcglobal:cbv:{urn}:{word}",
        f"https://ref.gs1.org/cbv/{kind}-{word}",
        f"https://ns.gs1.org/cbv/{kind}-{word}",
    ]


def gs1_forms(word):
    return [word, f"gs1:{word}", f"https://gs1.org/voc/{word}", f"https://ref.gs1.org/voc/{word}"]


BUSINESS, PARTY = {"bizTransaction": "urn:epc:id:gdti:0614141.00001.1618034"}, "https://id.gs1.org/417/6901234000016"
TERMS = {
    "bizStep": (cbv.BIZ_STEPS, cbv_forms("BizStep", "bizstep"), lambda term: EVENT | {"bizStep": term}),
    "disposition": (cbv.DISPOSITIONS, cbv_forms("Disp", "disp"), lambda term: EVENT | {"disposition": term}),
    "set": (
        cbv.DISPOSITIONS,
        cbv_forms("Disp", "disp"),
        lambda term: EVENT | {"persistentDisposition": {"set": [term]}},
    ),
    "unset": (
        cbv.DISPOSITIONS,
        cbv_forms("Disp", "disp"),
        lambda term: EVENT | {"persistentDisposition": {"unset": [term]}},
    ),
    "transaction": (
        cbv.TRANSACTION_TYPES,
        cbv_forms("BTT", "btt"),
        lambda term: EVENT | {"bizTransactionList": [BUSINESS | {"type": term}]},
    ),
    "source": (
        cbv.PARTY_TYPES,
        cbv_forms("SDT", "sdt"),
        lambda term: EVENT | {"sourceList": [{"type": term, "source": PARTY}]},
    ),
    "destination": (
        cbv.PARTY_TYPES,
        cbv_forms("SDT", "sdt"),
        lambda term: EVENT | {"destinationList": [{"type": term, "destination": PARTY}]},
    ),
    "measurement": (cbv.MEASUREMENTS, gs1_forms, lambda term: reported(type=term)),
    "alert": (cbv.ALERTS, gs1_forms, lambda term: reported(exception=term)),
    "component": (cbv.COMPONENTS, cbv_forms("Comp", "comp"), lambda term: reported(component=term)),
}


@pytest.mark.parametrize("version", event_hash.VERSIONS)
@pytest.mark.parametrize("place", TERMS)
def test_c1_a_term_in_each_of_its_forms_gives_one_id(place, version):
    words, forms, event = TERMS[place]
    ids = [{named(event(form), version=version) for form in forms(word)} for word in sorted(words)]
    assert all(len(one) == 1 for one in ids)
    assert len(set.union(*ids)) == len(words)


@pytest.mark.parametrize("place", TERMS)
def test_c1_a_term_in_each_of_its_forms_is_valid(place):
    words, forms, event = TERMS[place]
    for word in words:
        for form in forms(word):
            assert epcis.validate(epcis.Submitted([epcis.CONTEXT[0]], event(form))) == [], form


def test_c1_an_error_reason_is_one_term_in_each_of_its_forms():
    for word in cbv.ERROR_REASONS:
        assert {cbv.word("ER", form) for form in cbv_forms("ER", "er")(word)} == {word}


def test_c1_a_term_of_somebody_elses_stays_as_it_is():
    assert "bizStep=https://example.org/drying" in told(EVENT | {"bizStep": "https://example.org/drying"})
    assert "type=ex:Firmness" in told(reported(type="ex:Firmness"))
    assert "component=ex:core" in told(reported(component="ex:core"))


@pytest.mark.skipif(not PARTS.exists(), reason="GS1's artefacts are not at hand")
@pytest.mark.parametrize(
    ("part", "prefix", "words"),
    [
        ("cbv-context-bizstep", "cbv:BizStep-", cbv.BIZ_STEPS),
        ("cbv-context-disposition", "cbv:Disp-", cbv.DISPOSITIONS),
        ("cbv-context-biztransaction-type", "cbv:BTT-", cbv.TRANSACTION_TYPES),
        ("cbv-context-sourcedest-type", "cbv:SDT-", cbv.PARTY_TYPES),
        ("cbv-context-error-reason", "cbv:ER-", cbv.ERROR_REASONS),
        ("cbv-context-component", "cbv:Comp-", cbv.COMPONENTS),
        ("gs1-context-sensor-alert-type", "gs1:", cbv.ALERTS),
        ("gs1-context-measurement-type", "gs1:", cbv.MEASUREMENTS),
    ],
)
def test_c1_the_terms_are_those_of_the_vocabulary(part, prefix, words):
    context = json.loads((PARTS / f"{part}.jsonld").read_text())["@context"]
    terms = {name: meant for name, meant in context.items() if isinstance(meant, str) and meant.startswith(prefix)}
    assert terms == {name: f"{prefix}{name}" for name in terms}
    assert terms.keys() <= words
    assert part == "gs1-context-measurement-type" or terms.keys() == words


# C2: the ids


@pytest.mark.parametrize("path", sorted(VECTORS.glob("*.hashes")), ids=lambda path: path.stem)
def test_c2_ids_of_cbv_2_0_are_the_reference_generators(path):
    found = [event_hash.event_id(one) for one in events(path.with_suffix(".jsonld"))]
    assert found == path.read_text().split()


IDS_2026 = {
    (name, version): hashes
    for name, versions in json.loads((VECTORS / "versions-2026.json").read_text()).items()
    for version, hashes in versions.items()
}


@pytest.mark.parametrize(("name", "version"), IDS_2026)
def test_c2_ids_of_cbv_2_1_and_the_corrected_2_0_are_the_reference_generators(name, version):
    found = [event_hash.event_id(one, version) for one in events(VECTORS / f"{name}.jsonld")]
    suffix = version.removesuffix("-2026")
    assert found == [f"ni:///sha-256;{hashed}?ver={suffix}" for hashed in IDS_2026[name, version]]


def test_c2_stored_events_keep_their_ids():
    kept = [line.split() for line in (SAMPLES / "event-ids" / "openepcis.txt").read_text().splitlines()]
    documents = {name: events(SAMPLES / "openepcis" / name) for name, _, _ in kept}
    assert sum(map(len, documents.values())) == len(kept)
    for name, place, expected in kept:
        assert event_hash.event_id(documents[name][int(place)]) == expected, name


def test_c2_the_versions_differ_where_the_reference_says():
    event = reported(**{"ex:cv": "1"}) | {
        "certificationInfo": "https://example.org/certificate",
        "bizTransactionList": [{"bizTransaction": "urn:x:1"}],
        "readPoint": {"id": "urn:x:place", "ex:door": "3"},
    }
    before = told(event)
    corrected = told(event, version="CBV2.0-2026")
    newest = told(event, version="CBV2.1")
    head = "eventTimeZoneOffset=+08:00"
    assert f"{head}certificationInfo=https://example.org/certificate" in before
    assert "certificationInfo" not in corrected + newest
    assert before.index("sensorElementList") < before.index("bizTransactionList")
    assert newest.index("bizTransactionList") < newest.index("sensorElementList")
    assert "sensorElementList" not in corrected
    for inline in (before, newest):
        assert "id=urn:x:place{https://ns.example.com/}door=3" in inline
        assert "value=4{https://ns.example.com/}cv=1" in inline
    assert corrected.endswith(
        "readPoint{https://ns.example.com/}door=3sensorElementsensorReport{https://ns.example.com/}cv=1"
    )
    assert "type=https://gs1.org/voc/Temperature" in before
    assert "type=https://ref.gs1.org/voc/Temperature" in newest


SERIALISATIONS = [
    EVENT | {"ex:sugar": 12.5},
    dict(reversed((EVENT | {"ex:sugar": "12.50"}).items())),
    EVENT | {"ex:sugar": "+012.5", "eventID": "urn:uuid:1", "recordTime": "2026-11-25T00:00:00Z"},
    EVENT | {"ex:sugar": 12.5, "eventTime": "2026-11-23T22:40:00.000Z", "rdfs:comment": "said again"},
    EVENT | {"ex:sugar": "1.25e1", "bizStep": "urn:epcglobal:cbv:bizstep:commissioning", "epcList": []},
    EVENT
    | {
        "ex:sugar": 12.5,
        "readPoint": {"id": "urn:epc:id:sgln:690123400001..0"},
        "quantityList": [{"uom": "KGM", "epcClass": "urn:epc:class:lgtin:6901234.000001.A1", "quantity": 612.0}],
    },
    EVENT
    | {
        "ex:sugar": " 12.5 ",
        "readPoint": {"id": "HTTPS://EXAMPLE.COM/shop/gln/6901234000016?linkType=all"},
        "quantityList": [{"epcClass": "https://d.cn/gtin/6901234000016/lot/A1?17=1", "quantity": 612, "uom": "KGM"}],
    },
]  # fmt: skip


@pytest.mark.parametrize("version", event_hash.VERSIONS)
def test_c2_seven_serialisations_of_one_event_give_one_id(version):
    assert len({told(event, version=version) for event in SERIALISATIONS}) == 1
    other_names = {name.replace("ex:", "other:"): value for name, value in SERIALISATIONS[0].items()}
    assert named(other_names, {"other": EXAMPLE["ex"]}, version) == named(SERIALISATIONS[0], version=version)


def test_c2_events_that_are_one_for_the_reference_give_one_id():
    assert len({event_hash.event_id(one) for one in events(VECTORS / "equal.json")}) == 1


@pytest.mark.parametrize(
    ("number", "meant"),
    [
        ("007", "7"), ("7.0", "7"), ("+7", "7"), ("7e0", "7"), (7, "7"), (7.0, "7"), ("-0", "0"), (".5", "0.5"),
        ("0.50", "0.5"), (1e-7, "0.0000001"), ("1e-7", "0.0000001"), (1e21, "1000000000000000000000"),
        ("12345678901234567890.10", "12345678901234567890.1"), ("1e999", "1e999"), ("1.2.3", "1.2.3"), (".", "."),
        ("1_000", "1_000"), ("07-11", "07-11"), (True, "true"), (False, "false"),
    ],
)  # fmt: skip
def test_c2_a_number_is_one_number_however_written(number, meant):
    assert told(EVENT | {"ex:counted": number}).endswith(f"}}counted={meant}")


def test_c2_what_is_empty_is_no_field_and_an_empty_extension_is_its_name_alone():
    assert told(EVENT | {"epcList": [], "transformationID": "", "persistentDisposition": {"set": []}}) == told(EVENT)
    assert told(EVENT | {"ex:empty": []}) == told(EVENT | {"ex:empty": None}) == told(EVENT)
    assert (
        told(EVENT | {"ex:empty": ""})
        == told(EVENT | {"ex:empty": {}})
        == told(EVENT) + "{https://ns.example.com/}empty"
    )


def test_c2_a_comment_is_not_hashed_at_any_depth():
    event = EVENT | {"ex:said": {"ex:by": "Li"}}
    assert told(event | {"rdfs:comment": "x", "ex:said": {"ex:by": "Li", "rdfs:comment": "y"}}) == told(event)


@pytest.mark.parametrize(
    ("identifier", "meant"),
    [
        ("urn:epc:id:sgtin:4012345.011111.98%22", "01/04012345111118/21/98%22"),
        ("urn:epc:id:sgtin:415056789012.0.987654", "01/04150567890128/21/987654"),
        ("urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()", "01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29"),
        ("urn:epc:id:sscc:4012345.3111111111", "00/340123451111111111"),
        ("urn:epc:id:sgln:4012345.00005.122", "414/4012345000054/254/122"),
        ("urn:epc:id:sgln:4012345.00005.0", "414/4012345000054"),
        ("urn:epc:id:pgln:4000001.00000", "417/4000001000005"),
        ("urn:epc:id:pgln:999999999999.", "417/9999999999994"),
        ("urn:epc:id:grai:4012345.00022.334455", "8003/04012345000221334455"),
        ("urn:epc:id:giai:4012345.ABC345", "8004/4012345ABC345"),
        ("urn:epc:id:gsrn:4012345.0000006765", "8018/401234500000067657"),
        ("urn:epc:id:gsrnp:4012345.0000000007", "8017/401234500000000074"),
        ("urn:epc:id:gdti:4012345.00009.PO-4711", "253/4012345000092PO-4711"),
        ("urn:epc:id:gdti:987659999999..9", "253/98765999999929"),
        ("urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234", "8010/061414111111111111111-A%23%2F/8011/1234"),
        ("urn:epc:id:sgcn:4012345.99999.44", "255/401234599999044"),
        ("urn:epc:id:ginc:0614141.xyz47%2F11", "401/0614141xyz47%2F11"),
        ("urn:epc:id:gsin:4012345.222333444", "402/40123452223334442"),
        ("urn:epc:id:itip:4012345.011111.01.02.987", "8006/040123451111180102/21/987"),
        ("urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7'S=", "01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7'S="),
        ("urn:epc:class:lgtin:4012345.012345.Lot987", "01/04012345123456/10/Lot987"),
        ("urn:epc:idpat:sgtin:4012345.012345.*", "01/04012345123456"),
        ("urn:epc:idpat:grai:4012345.99999.*", "8003/04012345999990"),
        ("urn:epc:idpat:gdti:4012345.11111.*", "253/4012345111118"),
        ("urn:epc:idpat:sgcn:4012345.22222.*", "255/4012345222227"),
        ("urn:epc:idpat:cpi:4012345.AB12.*", "8010/4012345AB12"),
        ("urn:epc:idpat:itip:4012345.012345.01.02.*", "8006/040123451234560102"),
        ("urn:epc:idpat:upui:4012345.012345.*", "01/04012345123456"),
        ("https://example.com/gtin/09780345418913/21/765tz?abc=211121", "01/09780345418913/21/765tz"),
        ("http://example.de/gtin-8/01/97803111", "01/00000097803111"),
        ("https://id.gs1.org/gtin/9780345418913/cpv/344/lot/1223/ser/765tz", "01/09780345418913/21/765tz"),
        ("https://id.gs1.org/01/9780345418913/22/344/10/1223", "01/09780345418913/10/1223"),
        ("https://id.gs1.org/itip/123456789101100190/cpv/ABCD", "8006/123456789101100190"),
        ("https://fashion-corp.com/8006/040123451234560102/10/Lot-123/21/ser987", "8006/040123451234560102/21/ser987"),
        ("https://example.co.uk/party/4226350800008", "417/4226350800008"),
    ],
)  # fmt: skip
def test_c2_a_key_of_gs1_is_one_key_however_written(identifier, meant):
    assert digital_link.finest(identifier) == f"https://id.gs1.org/{meant}"
    assert digital_link.finest(digital_link.canonical(identifier)) == digital_link.finest(identifier)


@pytest.mark.parametrize(
    "identifier",
    [
        "http://example.org/123/4012345ABC987/456/4711", "http://id.gs1.org/01/9780345418913/99/utfgf",
        "http://example.de/01/97803", "https://id.gs1.org/8006/04012345123456/22/ABCD/10/XYZ", "urn:epc:id:sgtin:1.2.3",
        "urn:epc:idpat:sgtin:4012345.012345.7", "urn:epc:idpat:sgln:4012345.00005.*", "urn:epc:idpat:sgtin:*.*.*",
        "urn:epc:id:cpi:4012345.ab.1", "urn:epc:id:itip:4012345.011111.1.02.9", "urn:epc:id:sgcn:4012345.99999.4x4",
        "urn:epc:id:giai:4012345.", "geo:50.9,6.9", "Hello World!", "https://example.com/giai/tractors",
        "https://example.com/lot/7", "urn:epc:class:lgtin:4012345.012345.",
    ],
)  # fmt: skip
def test_c2_what_is_no_key_of_gs1_stays_as_it_is(identifier):
    assert digital_link.finest(identifier) == digital_link.canonical(identifier) == identifier


def test_c2_a_link_with_lot_and_serial_number_is_its_sgtin():
    links = ("https://id.gs1.org/01/04012345111118/10/A1/21/98", "urn:epc:id:sgtin:4012345.011111.98")
    assert len({told(EVENT | {"epcList": [link]}) for link in links}) == 1
    assert digital_link.canonical(links[0]) == links[0], "whoever asks for the lot still finds it"


# C3: times


@pytest.mark.parametrize("version", event_hash.VERSIONS)
@pytest.mark.parametrize(
    ("time", "meant"),
    [
        ("2023-02-02T11:04:03Z", "2023-02-02T11:04:03.000Z"),
        ("2023-02-02T11:04:03.1Z", "2023-02-02T11:04:03.100Z"),
        ("2023-02-02T11:04:03.1414999Z", "2023-02-02T11:04:03.141Z"),
        ("2023-02-02T11:04:03.1415Z", "2023-02-02T11:04:03.142Z"),
        ("2023-02-02T11:04:03.1405Z", "2023-02-02T11:04:03.141Z"),
        ("2022-12-31T23:59:59.9995Z", "2023-01-01T00:00:00.000Z"),
        ("2023-02-02T11:04:03.123456789+01:00", "2023-02-02T10:04:03.123Z"),
    ],
)
def test_c3_a_time_below_the_millisecond_is_rounded_half_up_and_the_version_named(time, meant, version):
    assert f"eventTime={meant}event" in told(EVENT | {"eventTime": time}, version=version)
    assert f"sensorMetadatatime={meant}" in told(
        EVENT | {"sensorElementList": [{"sensorMetadata": {"time": time}, "sensorReport": [{"type": "Mass"}]}]},
        version=version,
    )
    suffix = "CBV2.1" if version == "CBV2.1" else "CBV2.0"
    assert named(EVENT | {"eventTime": time}, version=version).endswith(f"?ver={suffix}")
