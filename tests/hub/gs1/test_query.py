"""E7: every parameter of EPCIS's query language holds of the event it means, and not of another."""

import pytest

from hub.gs1 import query, units
from hub.gs1.query import QueryParameterInvalid

NOON = "2026-11-24T12:00:00Z"
PIECE, OTHER_PIECE = "urn:epc:id:sgtin:0614141.107346.2017", "urn:epc:id:sgtin:0614141.107346.2018"
CLASS, OTHER_CLASS = "urn:epc:class:lgtin:0614141.107346.L1", "urn:epc:class:lgtin:0614141.107346.L2"
PLACE, OTHER_PLACE = "urn:epc:id:sgln:0614141.07346.1", "urn:epc:id:sgln:0614141.07347.0"


def amount(number, unit="KGM", of=CLASS):
    return {"quantityList": [{"epcClass": of, "quantity": number, "uom": unit}]}


def sensor(report=None, **metadata):
    return {
        "sensorElementList": [{"sensorMetadata": metadata, "sensorReport": [{"type": "Temperature"} | (report or {})]}]
    }


def declared(**more):
    return {"errorDeclaration": {"declarationTime": NOON, **more}}


def deep(**more):
    return {"ex:whole": {"ex:part": [more]}}


FIXED = {
    "EQ_action": ("ADD|DELETE", {"action": "ADD"}, {"action": "OBSERVE"}),
    "EQ_bizStep": ("urn:epcglobal:cbv:bizstep:shipping", {"bizStep": "shipping"}, {"bizStep": "storing"}),
    "EQ_disposition": ("cbv:Disp-in_transit", {"disposition": "in_transit"}, {"disposition": "damaged"}),
    "EQ_persistentDisposition_set": (
        "completeness_verified",
        {"persistentDisposition": {"set": ["completeness_verified"]}},
        {"persistentDisposition": {"unset": ["completeness_verified"]}},
    ),
    "EQ_persistentDisposition_unset": (
        "completeness_verified",
        {"persistentDisposition": {"unset": ["completeness_verified"]}},
        {"persistentDisposition": {"set": ["completeness_verified"]}},
    ),
    "EQ_readPoint": (
        "https://id.gs1.org/414/0614141073467/254/1", {"readPoint": {"id": PLACE}}, {"readPoint": {"id": OTHER_PLACE}}
    ),
    "WD_readPoint": (
        "https://id.gs1.org/414/0614141073467", {"readPoint": {"id": PLACE}}, {"readPoint": {"id": OTHER_PLACE}}
    ),
    "EQ_bizLocation": (PLACE, {"bizLocation": {"id": PLACE}}, {"readPoint": {"id": PLACE}}),
    "WD_bizLocation": (
        "urn:epc:id:sgln:0614141.07346.0", {"bizLocation": {"id": PLACE}}, {"bizLocation": {"id": OTHER_PLACE}}
    ),
    "EQ_transformationID": (
        "urn:epc:id:gdti:0614141.12345.400",
        {"transformationID": "https://id.gs1.org/253/0614141123452400"},
        {"transformationID": "urn:x:1"},
    ),
    "MATCH_epc": (PIECE, {"childEPCs": [PIECE]}, {"parentID": PIECE, "inputEPCList": [PIECE], **amount(1, of=CLASS)}),
    "MATCH_parentID": (PIECE, {"parentID": PIECE}, {"epcList": [PIECE]}),
    "MATCH_inputEPC": (PIECE, {"inputEPCList": [PIECE]}, {"outputEPCList": [PIECE]}),
    "MATCH_outputEPC": (PIECE, {"outputEPCList": [PIECE]}, {"inputEPCList": [PIECE]}),
    "MATCH_anyEPC": ("urn:epc:idpat:sgtin:0614141.107346.*", {"parentID": PIECE}, amount(1)),
    "MATCH_epcClass": (CLASS, amount(1), {"inputQuantityList": [{"epcClass": CLASS}]}),
    "MATCH_inputEPCClass": (CLASS, {"inputQuantityList": [{"epcClass": CLASS}]}, amount(1)),
    "MATCH_outputEPCClass": (CLASS, {"outputQuantityList": [{"epcClass": CLASS}]}, amount(1)),
    "MATCH_anyEPCClass": (
        f"{OTHER_CLASS}|{CLASS}", {"outputQuantityList": [{"epcClass": CLASS}]}, {"epcList": [PIECE]}
    ),
    "EQ_quantity": ("20", amount(20), amount(21)),
    "GT_quantity": ("20", amount(20.5), amount(20)),
    "GE_quantity": ("20", amount(20), amount(19)),
    "LT_quantity": ("20", amount(19), amount(20)),
    "LE_quantity": ("20", amount(20), amount(20.5)),
    "EXISTS_errorDeclaration": ("true", declared(), {}),
    "GE_errorDeclarationTime": (NOON, declared(), declared(declarationTime="2026-11-24T19:59:59+08:00")),
    "LT_errorDeclarationTime": (NOON, declared(declarationTime="2026-11-24T11:00:00Z"), declared()),
    "EQ_errorReason": ("incorrect_data", declared(reason="cbv:ER-incorrect_data"), declared(reason="did_not_occur")),
    "EQ_correctiveEventID": (
        "urn:uuid:b", declared(correctiveEventIDs=["urn:uuid:a", "urn:uuid:b"]), declared(correctiveEventIDs=[])
    ),
    "GE_startTime": (NOON, sensor(startTime=NOON), sensor(startTime="2026-11-24T11:59:59Z")),
    "LT_startTime": (NOON, sensor(startTime="2026-11-24T11:59:59Z"), sensor(startTime=NOON)),
    "GE_endTime": (NOON, sensor(endTime=NOON), sensor(startTime=NOON)),
    "LT_endTime": (NOON, sensor(endTime="2026-11-24T11:59:59Z"), sensor(endTime=NOON)),
    "EXISTS_sensorElementList": ("false", {}, sensor()),
    "GE_errorDeclaration_Time": (NOON, declared(), {}),
    "LT_errorDeclaration_Time": (NOON, declared(declarationTime="2026-11-24T11:00:00Z"), declared()),
    "GE_time": (NOON, sensor(time=NOON), sensor(time="2026-11-24T11:59:59Z")),
    "LT_time": (NOON, sensor(time="2026-11-24T11:59:59Z"), sensor(time=NOON)),
    "GT_percRank": ("50", sensor({"percRank": 51}), sensor({"percRank": 50})),
    "GE_percRank": ("50", sensor({"percRank": 50}), sensor({"percRank": 49})),
    "LT_percRank": ("50", sensor({"percRank": 49}), sensor({"percRank": 50})),
    "LE_percRank": ("50", sensor({"percRank": 50}), sensor({"percRank": 51})),
    "EQ_type": ("gs1:Temperature|Humidity", sensor(), sensor({"type": "Speed"})),
    "EQ_deviceID": ("urn:x:1", sensor(deviceID="urn:x:1"), sensor({"deviceID": "urn:x:2"})),
    "EQ_dataProcessingMethod": (
        "urn:x:1", sensor({"dataProcessingMethod": "urn:x:1"}), sensor({"dataProcessingMethod": "urn:x:2"})
    ),
    "EQ_bizRules": ("urn:x:1", sensor(bizRules="urn:x:1"), sensor()),
    "EQ_microorganism": ("urn:x:1", sensor({"microorganism": "urn:x:1"}), sensor({"chemicalSubstance": "urn:x:1"})),
    "EQ_chemicalSubstance": ("urn:x:1", sensor({"chemicalSubstance": "urn:x:1"}), sensor({"microorganism": "urn:x:1"})),
    "EQ_stringValue": ("warm|cold", sensor({"stringValue": "cold"}), sensor({"stringValue": "colder"})),
    "EQ_hexBinaryValue": ("f0f0", sensor({"hexBinaryValue": "f0f0"}), sensor({"hexBinaryValue": "f0"})),
    "EQ_uriValue": ("urn:x:1", sensor({"uriValue": "urn:x:1"}), sensor({"uriValue": "urn:x:2"})),
    "EQ_booleanValue": ("false", sensor({"booleanValue": False}), sensor({"booleanValue": True})),
}  # fmt: skip
FAMILIES = {
    "EQ_bizTransaction_po": (
        "urn:x:po:1",
        {"bizTransactionList": [{"type": "cbv:BTT-po", "bizTransaction": "urn:x:po:1"}]},
        {"bizTransactionList": [{"type": "inv", "bizTransaction": "urn:x:po:1"}]},
    ),
    "EQ_source_owning_party": (
        PLACE,
        {"sourceList": [{"type": "owning_party", "source": PLACE}]},
        {"destinationList": [{"type": "owning_party", "destination": PLACE}]},
    ),
    "EQ_destination_location": (
        PLACE,
        {"destinationList": [{"type": "urn:epcglobal:cbv:sdt:location", "destination": PLACE}]},
        {"destinationList": [{"type": "possessing_party", "destination": PLACE}]},
    ),
    "EQ_ex:grade": ("A|B", {"ex:grade": "B"}, {"ex:grade": "C"}),
    "GT_ex:count": ("7", {"ex:count": 8}, {"ex:count": 7}),
    "GE_ex:at": (NOON, {"ex:at": NOON}, {"ex:at": "2026-11-24T11:59:59Z"}),
    "LT_ex:count": ("7", {"ex:count": "6.5"}, {"ex:count": "many"}),
    "LE_ex:count": ("7", {"ex:count": 7}, {"ex:count": True}),
    "EXISTS_ex:grade": ("", {"ex:grade": "x"}, {"ilmd": {"ex:grade": "x"}}),
    "EQ_ILMD_ex:grade": ("A", {"ilmd": {"ex:grade": "A"}}, {"ex:grade": "A"}),
    "GE_ILMD_ex:count": ("7", {"ilmd": {"ex:count": 7}}, {"ilmd": {"ex:count": 6}}),
    "EXISTS_ILMD_ex:grade": ("true", {"ilmd": {"ex:grade": "A"}}, {"ilmd": {}}),
    "EQ_INNER_ex:leaf": ("A", deep(**{"ex:leaf": "A"}), {"ex:leaf": "A"}),
    "GT_INNER_ex:leaf": ("7", deep(**{"ex:leaf": 8}), deep(**{"ex:leaf": 7})),
    "EXISTS_INNER_ex:leaf": ("", deep(**{"ex:leaf": 8}), {"ex:leaf": 8}),
    "EQ_INNER_ILMD_ex:leaf": ("A", {"ilmd": deep(**{"ex:leaf": "A"})}, {"ilmd": {"ex:leaf": "A"}}),
    "LT_INNER_ILMD_ex:leaf": ("7", {"ilmd": deep(**{"ex:leaf": 6})}, deep(**{"ex:leaf": 6})),
    "EXISTS_INNER_ILMD_ex:leaf": ("", {"ilmd": deep(**{"ex:leaf": 6})}, {"ilmd": {}}),
    "EQ_ERROR_DECLARATION_ex:why": ("typo", declared(**{"ex:why": "typo"}), {"ex:why": "typo"}),
    "GE_ERROR_DECLARATION_ex:count": ("2", declared(**{"ex:count": 2}), declared(**{"ex:count": 1})),
    "EXISTS_ERROR_DECLARATION_ex:why": ("", declared(**{"ex:why": "typo"}), declared()),
    "EQ_INNER_ERROR_DECLARATION_ex:leaf": ("A", declared(**deep(**{"ex:leaf": "A"})), declared(**{"ex:leaf": "A"})),
    "EXISTS_INNER_ERROR_DECLARATION_ex:leaf": ("", declared(**deep(**{"ex:leaf": "A"})), declared()),
    "EQ_value_KEL": ("293.15", sensor({"value": 20, "uom": "CEL"}), sensor({"value": 293.15, "uom": "CEL"})),
    "GT_value_CEL": ("20", sensor({"value": 68.5, "uom": "FAH"}), sensor({"value": 68, "uom": "FAH"})),
    "GE_minValue_CEL": ("2", sensor({"minValue": 2, "uom": "CEL"}), sensor({"value": 2, "uom": "CEL"})),
    "LT_maxValue_CEL": ("8", sensor({"maxValue": 7, "uom": "CEL"}), sensor({"maxValue": 8, "uom": "CEL"})),
    "LE_meanValue_CEL": ("8", sensor({"meanValue": 8, "uom": "CEL"}), sensor({"meanValue": 9, "uom": "CEL"})),
    "GT_sDev_CEL": ("0.1", sensor({"sDev": 0.2, "uom": "CEL"}), sensor({"sDev": 0.1, "uom": "CEL"})),
    "GE_percValue_CEL": ("4", sensor({"percValue": 4, "uom": "CEL"}), sensor({"percValue": 3, "uom": "CEL"})),
    "EQ_quantity_GRM": ("20000", amount(20), amount(20000)),
    "LE_quantity_KGM": ("20", amount(20, "KGM"), amount(20, "LTR")),
    "EQ_readPoint_ex:gate": ("3", {"readPoint": {"id": PLACE, "ex:gate": "3"}}, {"bizLocation": {"ex:gate": "3"}}),
    "EQ_INNER_readPoint_ex:leaf": ("A", {"readPoint": deep(**{"ex:leaf": "A"})}, {"readPoint": {"ex:leaf": "A"}}),
    "EQ_bizLocation_ex:gate": ("3", {"bizLocation": {"id": PLACE, "ex:gate": 3}}, {"bizLocation": {"ex:gate": 4}}),
    "EQ_INNER_bizLocation_ex:leaf": ("A", {"bizLocation": deep(**{"ex:leaf": "A"})}, {}),
    "EQ_SENSORELEMENT_ex:door": ("open", {"sensorElementList": [{"ex:door": "open"}]}, sensor({"ex:door": "open"})),
    "GT_SENSORMETADATA_ex:count": ("1", sensor(**{"ex:count": 2}), sensor({"ex:count": 2})),
    "LE_SENSORREPORT_ex:count": ("1", sensor({"ex:count": 1}), sensor(**{"ex:count": 1})),
    "EQ_INNER_SENSORELEMENT_ex:leaf": ("A", {"sensorElementList": [deep(**{"ex:leaf": "A"})]}, sensor()),
    "EQ_INNER_SENSORMETADATA_ex:leaf": ("A", sensor(**deep(**{"ex:leaf": "A"})), sensor(**{"ex:leaf": "A"})),
    "GE_INNER_SENSORREPORT_ex:leaf": ("1", sensor(deep(**{"ex:leaf": 1})), sensor({"ex:leaf": 1})),
    "EXISTS_SENSORELEMENT_ex:door": ("", {"sensorElementList": [{"ex:door": "open"}]}, sensor()),
    "EXISTS_SENSORMETADATA_ex:count": ("", sensor(**{"ex:count": 2}), sensor()),
    "EXISTS_SENSORREPORT_ex:count": ("", sensor({"ex:count": 2}), sensor()),
}
IN_THE_ROW = ["eventType", "EQ_eventID", "GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime"]
HOW = ["orderBy", "orderDirection", "eventCountLimit", "maxEventCount", "perPage", "nextPageToken"]


@pytest.mark.parametrize("name", [*FIXED, *FAMILIES])
def test_e7_a_parameter_holds_of_the_event_it_means_and_not_of_another(name):
    value, meant, other = (FIXED | FAMILIES)[name]
    [test] = query.tests({name: value})
    assert test(meant) and not test(other)


@pytest.mark.parametrize("name", ["time", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod"])
def test_e7_what_metadata_or_a_report_may_say_is_found_in_either(name):
    value = NOON if name == "time" else "urn:x:1"
    [test] = query.tests({f"EQ_{name}": value})
    assert test(sensor(**{name: value})) and test(sensor({name: value})) and not test(sensor())


def test_e7_openapis_fifty_five_parameters_and_nine_more_of_the_schema_are_tried_here():
    assert {*IN_THE_ROW} == query.STORED and {*HOW} == query.CONTROLS
    assert len({*FIXED, *IN_THE_ROW, *HOW}) == 55 + 9


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EQ_colour", "red"),
        ("MATCH_epcs", PIECE),
        ("GE_errorDeclarationTime", "yesterday"),
        ("EQ_quantity", "many"),
        ("GT_value_CEL", "NaN"),
        ("EXISTS_errorDeclaration", "maybe"),
        ("MATCH_anyEPC", "urn:epc:idpat:sgtin:*.*.*"),
        ("GT_ex:count", "many"),
        ("EQ_value_celsius", "4"),
    ],
)
def test_e7_what_is_no_parameter_or_cannot_be_read_is_named(name, value):
    with pytest.raises(QueryParameterInvalid) as refused:
        query.tests({name: value})
    assert refused.value.extra["parameter"] == name


def test_e7_a_mistyped_parameter_is_told_which_is_meant():
    with pytest.raises(QueryParameterInvalid, match="EQ_bizStep may be meant"):
        query.tests({"EQ_bizstep": "shipping"})


@pytest.mark.parametrize(
    ("pattern", "meant", "other"),
    [
        ("urn:epc:idpat:sgtin:0614141.*.*", PIECE, "urn:epc:id:sgtin:0614142.107346.2017"),
        ("urn:epc:idpat:sscc:0614141.*", "urn:epc:id:sscc:0614141.1234567890", "urn:epc:id:sscc:0614142.1234567890"),
        ("https://id.gs1.org/01/10614141073464", PIECE, "urn:epc:id:sgtin:0614141.107347.2017"),
        ("https://example.org/01/10614141073464/21/2017", PIECE, OTHER_PIECE),
    ],
)
def test_e7_a_pattern_or_a_links_beginning_matches_what_lies_below_it(pattern, meant, other):
    [test] = query.tests({"MATCH_epc": pattern})
    assert test({"epcList": [meant]}) and not test({"epcList": [other]})


def test_e7_whatever_is_stored_breaks_no_question():
    odd = {
        "epcList": "x", "quantityList": [1, {"epcClass": 2}], "bizStep": 7, "readPoint": [],
        "sensorElementList": {"a": 1}, "ilmd": [3], "errorDeclaration": "x", "persistentDisposition": [],
        "bizTransactionList": [None], "ex:count": [{}],
    }  # fmt: skip
    for name, (value, _, _) in (FIXED | FAMILIES).items():
        for test in query.tests({name: value}):
            test(odd)


@pytest.mark.parametrize(
    ("value", "unit", "other", "told"),
    [
        (20, "CEL", "KEL", 293.15),
        (68, "FAH", "CEL", 20),
        (1, "LBR", "GRM", 453.59237),
        (1, "KGM", "CEL", None),
        (3, "XX", "XX", 3),
    ],
)
def test_e7_a_value_is_told_in_another_unit_where_both_measure_the_same(value, unit, other, told):
    found = units.told_in(value, unit, other)
    assert found == (None if told is None else pytest.approx(told))


@pytest.mark.parametrize(
    ("name", "kept", "meant", "other"),
    [
        ("WD_readPoint", "https://id.gs1.org/414/0614141073467", {"readPoint": {"id": PLACE}}, {}),
        ("HASATTR_readPoint", "urn:x:1", {"readPoint": {"id": "urn:x:1"}}, {"bizLocation": {"id": "urn:x:1"}}),
        ("EQATTR_bizStep_name", "urn:epcglobal:cbv:bizstep:packing", {"bizStep": "packing"}, {"bizStep": "picking"}),
        ("HASATTR_epcClass", "https://id.gs1.org/01/10614141073464", amount(1), {"epcList": [PIECE]}),
        ("EQ_ATTR_ex:place_name", "urn:x:1", {"ex:place": ["urn:x:1"]}, {"ex:place": [{"id": "urn:x:1"}, None]}),
    ],
)
def test_e7_what_master_data_answers_holds_of_the_events_that_name_it(name, kept, meant, other):
    [test] = query.tests({name: "urn:x:asked"}, {name: {kept}})
    assert test(meant) and not test(other)
    [test] = query.tests({name: "urn:x:asked"})
    assert not test(meant)
