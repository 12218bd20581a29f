"""Profiles: of each step a whole event passes and what is missing is named; their files are read strictly."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.gs1 import epcis
from hub.gs1.epcis import Submitted
from hub.gs1.profiles import form, judging, shelf
from hub.gs1.profiles.shelf import PROFILES
from tests.hub.gs1.test_epcis_schema import SHARED

TABLES = {
    "fsma-204": {  # the numbers of 21 CFR 1.1325 to 1.1350, in their order
        "harvesting": "recipient commodity quantity farm growing-area harvest-date reference-document",
        "cooling": "recipient commodity quantity cooled-at cooled-on farm-of-origin reference-document",
        "initial-packing": "commodity-received received-on used-quantity farm-of-origin growing-area harvester"
        " harvested-on new-lot-code new-description new-quantity packed-at packed-on reference-document",
        "first-land-based-receiving": "lot-code species quantity catch-dates catch-area landed-at landed-on"
        " reference-document",
        "shipping": "lot-code quantity description recipient shipped-from shipped-on lot-code-source"
        " reference-document",
        "receiving": "lot-code quantity description previous-source received-at received-date lot-code-source"
        " reference-document",
        "transformation": "used-lot-code used-description used-quantity new-lot-code transformed-at transformed-on"
        " new-description new-quantity reference-document",
    },
    "gdst": {
        "fishing": "lot quantity unit vessel-name vessel-registration vessel-flag vessel-trip catch-area gear"
        " production-method fishing-authorization human-welfare",
        "transshipment": "lot quantity unit transshipment-authorization human-welfare",
        "landing": "lot quantity unit landing-authorization human-welfare",
        "hatching": "lot quantity unit broodstock human-welfare",
        "farm-harvest": "inputs input-quantity outputs output-quantity output-unit aquaculture-method"
        " production-method human-welfare",
        "farm-harvest-without-inputs": "lot quantity unit aquaculture-method production-method human-welfare",
        "feed-mill": "lot quantity unit dates human-welfare",
        "commingling": "inputs input-quantity outputs output-quantity output-unit",
        "processing": "inputs input-quantity outputs output-quantity output-unit dates origin human-welfare",
        "aggregation": "container children",
        "disaggregation": "container",
        "shipping": "lot quantity unit owner-before owner-after",
        "receiving": "lot quantity unit owner-before owner-after",
    },
    "retailer-inbound": {
        "commissioning": "lot quantity best-before made-at",
        "packing": "pallet lot quantity made-at",
        "shipping": "pallet lot quantity best-before-sent ship-from ship-to seller buyer advice order",
        "receiving": "pallet lot quantity received-at seller buyer advice",
    },
}
OF_EVERY_GDST_EVENT = "event-id event-time location product-owner information-provider"
STEPS = [(profile, step) for profile in PROFILES.values() for step in profile.steps]
NEEDS = [(profile, step, element) for profile, step in STEPS for element in step.needs]


def submitted(profile, event):
    return Submitted(list(profile.context), event)


def whole(profile, step):
    return copy.deepcopy(dict(profile.step(step).example))


def missing(profile, event):
    return [fault.element for fault in judging.judge(profile, submitted(profile, event))]


def without(event, parts):
    """An event without what stands at a path, whatever lists and filters are on the way."""
    if isinstance(event, list):
        return [without(one, parts) for one in event]
    if not isinstance(event, dict):
        return event
    part, *rest = parts
    names = [name for name in event if name == part.name or (part.name[:2] == "*:" and name.endswith(part.name[1:]))]
    kept = {name: value for name, value in event.items() if name not in names}
    return kept | {name: without(event[name], rest) for name in names if rest}


@pytest.mark.parametrize("name", TABLES)
def test_a_profile_asks_for_what_its_source_says(name):
    profile, common = PROFILES[name], OF_EVERY_GDST_EVENT.split() if name == "gdst" else []
    assert {step.name: [element.name for element in step.needs] for step in profile.steps} == {
        step: common + needs.split() for step, needs in TABLES[name].items()
    }


@pytest.mark.parametrize(("profile", "step"), STEPS, ids=lambda one: one.name)
def test_a_whole_event_of_each_step_passes(profile, step):
    event = submitted(profile, whole(profile, step.name))
    assert epcis.validate(event) == [] and judging.step_of(profile, event) == step
    assert judging.judge(profile, event) == []


@pytest.mark.parametrize(("profile", "step", "element"), NEEDS, ids=lambda one: one.name)
def test_what_is_missing_is_named_with_where_and_what_would_be_accepted(profile, step, element):
    event = whole(profile, step.name)
    for place in element.places:
        event = without(event, place.parts)
    faults = {fault.element: fault for fault in judging.judge(profile, submitted(profile, event))}
    assert element.name in faults
    fault = faults[element.name]
    assert fault.step == step.name and fault.path.startswith("event")
    assert all(words in fault.message for words in (profile.title.en, step.title.en, element.title.en))
    assert fault.accepted == tuple(place.said for place in element.places) and fault.accepted[0] in fault.message


LOT = "https://id.gs1.org/01/09506000134352/10/P24"


@pytest.mark.parametrize(
    ("name", "step", "change", "lacks"),
    [
        ("fsma-204", "shipping", {"quantityList": [{"epcClass": LOT}]}, ["quantity"]),
        (
            "fsma-204",
            "shipping",
            {"quantityList": [{"epcClass": LOT.partition("/10/")[0], "quantity": 3}]},
            ["lot-code"],
        ),
        ("fsma-204", "shipping", {"quantityList": [], "epcList": [f"{LOT}/21/7"]}, []),
        ("fsma-204", "shipping", {"furrow:traceabilityLotCodeSource": ""}, ["lot-code-source"]),
        ("fsma-204", "shipping", {"bizTransactionList": [{"bizTransaction": "urn:x:1"}]}, ["reference-document"]),
        ("fsma-204", "shipping", {"destinationList": [{"type": "location", "destination": "urn:x:1"}]}, ["recipient"]),
        ("fsma-204", "shipping", {"bizStep": "https://ref.gs1.org/cbv/BizStep-shipping", "readPoint": {}},
         ["shipped-from"]),
        ("fsma-204", "shipping", {"bizStep": "storing", "quantityList": []}, []),
        ("fsma-204", "harvesting", {"readPoint": {"id": "urn:epc:id:sgln:9506000.13401.7"}}, []),
        ("fsma-204", "harvesting", {"readPoint": {"id": "urn:epc:id:sgln:9506000.13401.0"}}, ["growing-area"]),
        ("retailer-inbound", "shipping", {"quantityList": [{"epcClass": "urn:epc:class:lgtin:9506000.013435.P24",
                                                            "quantity": 1}]}, ["best-before-sent"]),
        ("retailer-inbound", "shipping", {"furrow:bestBeforeDate": "2026-12-04",
                                          "quantityList": [{"epcClass": LOT, "quantity": 1}]}, []),
        ("retailer-inbound", "shipping", {"epcList": ["urn:epc:id:sscc:9506000.1343520017"]}, []),
        ("retailer-inbound", "shipping", {"bizTransactionList": [
            {"type": "urn:epcglobal:cbv:btt:desadv", "bizTransaction": "urn:x:1"},
            {"type": "https://ref.gs1.org/cbv/BTT-po", "bizTransaction": "urn:x:2"}]}, []),
        ("gdst", "shipping", {"epcList": [], "quantityList": [
            {"epcClass": "urn:gdst:example.org:product:lot:class:a.b.1", "quantity": 5}]}, ["unit"]),
        ("gdst", "fishing", {"bizStep": "urn:gdst:bizstep:fishingevent"}, []),
        ("gdst", "processing", {"ilmd": {"cbvmda:countryOfOrigin": "Norway"}}, ["dates", "origin"]),
    ],
)  # fmt: skip
def test_what_is_accepted(name, step, change, lacks):
    profile = PROFILES[name]
    assert missing(profile, whole(profile, step) | change) == lacks


def test_each_of_several_lots_is_asked_for_its_quantity_and_the_one_without_is_named():
    profile = PROFILES["fsma-204"]
    event = whole(profile, "shipping")
    event["quantityList"].append({"epcClass": LOT})
    [fault] = judging.judge(profile, submitted(profile, event))
    assert (fault.path, fault.element) == ("event.quantityList[1].quantity", "quantity")


def test_a_name_is_known_by_its_namespace_whatever_its_prefix():
    profile = PROFILES["gdst"]
    event = {name.replace("gdst:", "sea:"): value for name, value in whole(profile, "landing").items()}
    event = json.loads(json.dumps(event).replace('"gdst:', '"sea:'))
    for meant, lacks in [("https://traceability-dialogue.org/epcis", []), ("https://example.org/", ["product-owner",
                         "landing-authorization", "human-welfare"])]:  # fmt: skip
        context = [profile.context[0], {"sea": meant}]
        assert [fault.element for fault in judging.judge(profile, Submitted(context, event))] == lacks


def test_a_declaration_of_an_error_is_not_judged():
    profile = PROFILES["fsma-204"]
    event = whole(profile, "shipping") | {"quantityList": [], "errorDeclaration": {"declarationTime": "2026-11-24"}}
    assert missing(profile, event) == []


def test_of_a_lots_life_the_steps_that_are_not_there_are_told():
    profile = PROFILES["fsma-204"]
    packed, shipped = whole(profile, "initial-packing"), whole(profile, "shipping")
    both = [submitted(profile, packed), submitted(profile, shipped)]
    assert judging.unlived(profile, both) == {}
    assert judging.unlived(profile, both[:1]) == {LOT: [("shipping",)]}
    begins = ("initial-packing", "first-land-based-receiving", "transformation")
    assert judging.unlived(profile, both[1:]) == {LOT: [begins]}


@pytest.mark.skipif(not SHARED.is_dir(), reason="test data of other projects is not at hand")
def test_events_of_opentraceability_are_of_the_steps_that_they_are_there():
    profile = PROFILES["gdst"]
    path = SHARED / "traceability" / "opentraceability" / "all_wholechain_events.jsonld"
    events = epcis.read(json.loads(path.read_text("utf-8-sig")))
    steps = {step.name for one in events if (step := judging.step_of(profile, one))}
    assert steps >= {"fishing", "transshipment", "landing", "hatching", "farm-harvest", "feed-mill", "commingling",
                     "processing", "aggregation", "disaggregation", "shipping", "receiving"}  # fmt: skip
    fished = [one for one in events if judging.step_of(profile, one) == profile.step("fishing")]
    assert fished and all(judging.judge(profile, one) == [] for one in fished)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(STEPS), st.data())
def test_whatever_stands_in_an_event_it_is_judged_and_more_than_is_asked_for_changes_nothing(of, data):
    profile, step = of
    event = whole(profile, step.name)
    more = data.draw(st.dictionaries(st.text(max_size=8), JSON, max_size=3))
    assert missing(profile, {f"x:{name}": value for name, value in more.items()} | event) == []
    name = data.draw(st.sampled_from(sorted(event)))
    faults = missing(profile, event | {name: data.draw(JSON)})
    assert set(faults) <= {element.name for found in profile.steps for element in found.needs}


# Files


def written(**changes):
    return json.dumps(json.loads((Path(shelf.__file__).parent / "retailer-inbound.json").read_text("utf-8")) | changes)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"name": "No Name"}, "name"),
        ({"title": {"en": "Only one"}}, "title.zh"),
        ({"title": {"en": "One", "zh": ""}}, "title"),
        ({"colour": "red"}, "colour"),
        ({"sources": []}, "sources"),
        ({"steps": []}, "steps"),
        ({"life": [["baking"]]}, "life"),
        ({"elements": {}}, "steps[0].needs"),
        ({"steps": [{"name": "a", "title": {"en": "A", "zh": "A"}, "source": "", "when": [], "needs": ["lot"]}]},
         "steps[0]"),
        ({"steps": [{"name": "a", "title": {"en": "A", "zh": "A"}, "source": "", "needs": ["lot"],
                     "when": [{"type": ["Party"]}]}]}, "steps[0].when[0].type"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_profile_is_refused_and_says_where(changes, where):
    with pytest.raises(form.BadProfile) as refused:
        form.read(written(**changes))
    assert str(refused.value).startswith(where)


@pytest.mark.parametrize(
    ("place", "why"),
    [("other:name", "namespaces"), ("a[b]", "no path"), ({"path": "a", "is": "colour"}, "none of"), ("", "no path")],
)
def test_a_place_is_a_path_that_can_be_gone(place, why):
    element = {"lot": {"title": {"en": "Lot", "zh": "批次"}, "in": [place]}}
    step = {"name": "a", "title": {"en": "A", "zh": "A"}, "source": "", "when": [{}], "needs": ["lot"]}
    with pytest.raises(form.BadProfile, match=why):
        form.read(written(elements=element, steps=[step], life=[]))


def test_what_is_no_json_is_no_profile():
    with pytest.raises(form.BadProfile):
        form.read("{")


def test_each_file_of_the_folder_is_a_profile_of_its_name():
    names = sorted(path.stem for path in Path(shelf.__file__).parent.glob("*.json"))
    assert list(PROFILES) == names == sorted(TABLES)
    with pytest.raises(shelf.NoSuchProfile):
        shelf.find("none")
