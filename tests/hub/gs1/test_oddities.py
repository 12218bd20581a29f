"""What is odd about a valid event, E13: each oddity by itself, and nothing about what is usual."""

import json
from datetime import UTC, datetime

import pytest

from hub.gs1 import digital_link, epcis, oddities
from tests.hub.epcis.documents import document

NOW = datetime(2026, 11, 25, tzinfo=UTC)
PIECE, LOT = "https://id.gs1.org/01/10614141073464/21/1", "https://id.gs1.org/01/10614141073464/10/A"
SSCC = "https://id.gs1.org/00/106141412345678908"


def odd(**more: object) -> list[str]:
    whole = json.loads(document(**more))
    [submitted] = epcis.read(whole)
    assert epcis.validate(submitted) == []
    return [fault.message for fault in oddities.of(submitted, NOW)]


def quantity(epc_class: str, **more: object) -> dict[str, object]:
    return {"quantityList": [{"epcClass": epc_class, "quantity": 5, **more}]}


def reading(**report: object) -> dict[str, object]:
    return {"sensorElementList": [{"sensorReport": [report]}]}


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"eventTime": "2026-11-25T00:06:00Z"}, "eventTime 2026-11-25T00:06:00Z lies in the future"),
        ({"eventTimeZoneOffset": "+09:00"}, "eventTimeZoneOffset +09:00 is not that of eventTime, +08:00"),
        ({"epcList": [LOT]}, f"epcList[0] {LOT} is a class, among single things"),
        (
            {"epcList": ["urn:epc:idpat:sgtin:0614141.107346.*"]},
            "epcList[0] urn:epc:idpat:sgtin:0614141.107346.* is a class, among single things",
        ),
        (quantity(PIECE), f"quantityList[0].epcClass {PIECE} is a single thing, and no class"),
        (quantity(SSCC), f"quantityList[0].epcClass {SSCC} is a single thing, and no class"),
        (
            quantity("https://example.com/01/10614141073465/10/A"),
            "quantityList[0].epcClass https://example.com/01/10614141073465/10/A has a wrong check digit",
        ),
        (
            {"readPoint": {"id": "https://id.gs1.org/414/0614141007777"}},
            "readPoint.id https://id.gs1.org/414/0614141007777 has a wrong check digit",
        ),
        (
            quantity(LOT, uom="XYZ"),
            "quantityList[0].uom XYZ is a unit that is not known here: it is compared with itself alone",
        ),
        (
            reading(type="Temperature", value=4.1),
            "sensorElementList[0].sensorReport[0] tells a figure without its unit",
        ),
        (
            reading(type="Temperature", value=4.1, uom="C"),
            "sensorElementList[0].sensorReport[0].uom C is a unit that is not known here:"
            " it is compared with itself alone",
        ),
        (
            reading(type="Temperature", value=4.1, uom="CEL", time="2026-11-24T06:41:00+08:00"),
            "sensorElementList[0] was measured after the event's time",
        ),
    ],
)
def test_e13_what_is_odd_is_said_with_its_place_and_nothing_else_is(event, said):
    assert odd(**event) == [said]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"eventTime": "2026-11-23T22:40:00Z", "eventTimeZoneOffset": "+08:00"},
        {"eventTime": "2026-11-25T00:04:00Z", "eventTimeZoneOffset": "+00:00"},
        {"eventTime": "2026-11-24T06:40:00-00:00", "eventTimeZoneOffset": "+00:00"},
        {"epcList": [PIECE, SSCC, "urn:epc:id:sgtin:0614141.107346.2017", "https://example.com/things/5"]},
        quantity(LOT, uom="KGM"),
        quantity("urn:epc:class:lgtin:4012345.012345.998877", uom="KGM"),
        {"readPoint": {"id": "https://example.com/01/places"}},
        reading(type="Temperature", value=4.1, uom="CEL"),
        reading(type="Count", value=4),
        reading(type="Temperature", stringValue="warm"),
    ],
)
def test_e13_of_what_is_usual_nothing_is_said(event):
    assert odd(**event) == []


def test_e13_an_event_that_is_odd_all_over_is_not_told_of_for_ever():
    assert len(odd(epcList=[f"{LOT}{number}" for number in range(500)])) == 10


@pytest.mark.parametrize(
    ("identifier", "wrong"),
    [
        ("https://id.gs1.org/01/10614141073464", False),
        ("https://id.gs1.org/01/10614141073465", True),
        ("https://shop.example/fruit/01/10614141073465?17=261231", True),
        ("https://id.gs1.org/00/106141412345678900", True),
        ("urn:epc:id:sgtin:0614141.107346.2017", False),
        ("https://example.com/01/12345678", True),
        ("https://example.com/01/123", False),
        ("01/10614141073465", False),
    ],
)
def test_a_key_whose_check_digit_is_wrong_is_told_from_what_is_no_key(identifier, wrong):
    assert digital_link.is_misnumbered(identifier) is wrong
