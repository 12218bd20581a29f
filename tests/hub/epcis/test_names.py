"""Names out of master data: the sender of an event calls what it names, for who may read the event, and nothing else.

What is called so is nobody's here, and is called as it was when the event was captured.
"""

import json

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from hub import db
from hub.demo import builder
from hub.gs1 import digital_link
from hub.models.party import OrganizationKind, PlaceKind
from hub.models.trace import Event
from hub.models.vocabulary import VocabularyElement
from hub.trace import journey
from hub.trace.asking import names
from tests.hub.epcis.documents import document, machine
from tests.hub.epcis.test_vocabularies import CLASS, FIELD, SHED, SHED_LINK, capture, element, say, with_header

LOT = "https://id.gs1.org/01/00614141773467/10/L1"
FLOUR, FLOUR_LOT = "https://id.gs1.org/01/09521321000018", "https://id.gs1.org/01/09521321000018/10/F7"
AT_SHED = {"readPoint": {"id": SHED}}
BUYER = "0614141000890"
GOES_TO_BUYER = {"destinationList": [{"type": "owning_party", "destination": digital_link.party_link(BUYER)}]}


def happened(client, name, *elements, **event):
    """Something happened to the lot; the document says what it says of some elements too."""
    whole = with_header(*elements, eventID=f"urn:x:{name}", epcList=[], **event)
    told = whole["epcisBody"]["eventList"][0]
    if told["type"] == "ObjectEvent":
        told["quantityList"] = [{"epcClass": LOT, "quantity": 4, "uom": "KGM"}]
    answer = capture(client, whole)
    assert answer.status_code == 202 and answer.json()["success"], answer.text


def steps(reader):
    """The lot's steps as somebody reads them, each by the end of its eventID."""
    with db.session(db.Who(reader.id)) as session:
        return _steps(session)


def _steps(session):
    rows = session.exec(select(Event).order_by(col(Event.id))).all()
    way = journey.of(session, LOT, events=rows)
    return {step.row.event_id.removeprefix("urn:x:"): step for step in way.steps}


def told(session, identifiers):
    """What the function itself tells of all events and some identifiers, whoever asks."""
    with db.hub_session() as every:
        rows = every.scalars(select(Event.id)).all()
    asked = {
        "events": [row for row in rows for _ in identifiers],
        "identifiers": [name for _ in rows for name in identifiers],
    }
    asking = text("select identifier from names_said(cast(:events as uuid[]), :identifiers)")
    return set(session.execute(asking, asked).scalars())


def test_a_place_of_nobodys_here_is_called_by_the_events_own_sender(client, farm):
    happened(client, "stored", element(SHED, name="Cold store", city="Yichang"), **AT_SHED)
    step = steps(farm)["stored"]
    assert step.place is None
    assert (step.at_called.identifier, step.at_called.then) == (SHED_LINK, {"": "Cold store, Yichang"})
    assert step.at_called.now == step.at_called.then


def test_what_the_hub_knows_of_a_place_is_not_outdone_by_master_data(client, farm):
    own = builder.place(farm, PlaceKind.PACKHOUSE, "Packhouse", gln=SHED_LINK[-13:])
    happened(client, "stored", element(SHED, name="Palace"), **AT_SHED)
    inside = {"readPoint": {"id": f"{SHED_LINK}/254/7"}}
    happened(client, "inside", element(f"{SHED_LINK}/254/7", name="Palace"), **inside)
    found = steps(farm)
    assert (found["stored"].place.id, found["stored"].at_called) == (own.id, None)
    assert (found["inside"].place, found["inside"].at_called) == (None, None)


def test_a_partys_number_is_no_place_that_another_names(client, farm):
    builder.relation(farm, shop := builder.party(OrganizationKind.RETAILER, gln=BUYER))
    at_shop = {"readPoint": {"id": digital_link.place_link(shop.gln)}}
    happened(client, "stored", element(digital_link.place_link(shop.gln), name="Mine"), **at_shop)
    assert steps(farm)["stored"].at_called is None


def test_nobody_names_a_place_in_anothers_record(client, farm):
    other = builder.member(builder.party(OrganizationKind.SUPPLIER, "Other"))
    with machine(other) as rival:
        say(rival, element(SHED, name="Rubbish dump"))
    happened(client, "stored", **AT_SHED)
    assert steps(farm)["stored"].at_called is None


def test_an_event_names_its_place_as_it_was_called_when_it_was_captured(client, farm):
    happened(client, "early", **AT_SHED)
    happened(client, "first", element(SHED, name="Old shed"), **AT_SHED)
    happened(client, "later", element(SHED, name="New shed"), **AT_SHED)
    found = {name: (step.at_called.then, step.at_called.now) for name, step in steps(farm).items()}
    now = {"": "New shed"}
    assert found == {"early": ({}, now), "first": ({"": "Old shed"}, now), "later": (now, now)}


def test_what_is_called_no_longer_keeps_the_name_it_had(client, farm):
    happened(client, "stored", element(SHED, name="Shed"), **AT_SHED)
    say(client, element(SHED, area=20))
    called = steps(farm)["stored"].at_called
    assert (called.then, called.now) == ({"": "Shed"}, {})


@pytest.mark.parametrize("spelled", [SHED, SHED_LINK, "https://farm.example/414/0614141073467"])
def test_where_something_goes_has_a_name_however_it_is_spelled(client, farm, spelled):
    end = {"destinationList": [{"type": "location", "destination": spelled}]}
    happened(client, "sent", element(SHED, name="Market hall"), **end)
    step = steps(farm)["sent"]
    assert step.to is None and step.to_called.then == {"": "Market hall"}


def test_a_foreign_address_has_a_name(client, farm):
    happened(client, "stored", element(FIELD, descriptionShort="South field"), bizLocation={"id": FIELD})
    assert steps(farm)["stored"].at_called.then == {"": "South field"}


def test_what_a_lot_was_made_of_is_called_by_whoever_made_it(client, farm):
    say(client, element(FLOUR, descriptionShort="Wheat flour"), of=CLASS)
    made = {
        "type": "TransformationEvent", "inputQuantityList": [{"epcClass": FLOUR_LOT, "quantity": 2, "uom": "KGM"}],
        "outputQuantityList": [{"epcClass": LOT, "quantity": 4, "uom": "KGM"}],
    }  # fmt: skip
    whole = json.loads(document(eventID="urn:x:made", bizStep="commissioning", **made))
    del whole["epcisBody"]["eventList"][0]["action"], whole["epcisBody"]["eventList"][0]["epcList"]
    assert capture(client, whole).status_code == 202
    with db.session(db.Who(farm.id)) as session:
        way = journey.of(session, LOT, events=session.exec(select(Event)).all())
        assert way.made_of[FLOUR_LOT].called.then == {"": "Wheat flour"} and way.made_of[FLOUR_LOT].by.id == farm.id
    builder.item(builder.party(OrganizationKind.SUPPLIER, "Mill"), "Flour", gtin=FLOUR[-14:])
    with db.public_session() as session:
        row = session.exec(select(Event)).one()
        assert journey.of(session, LOT, events=[row]).made_of == {}


def test_who_may_read_an_event_is_told_what_it_names_and_nothing_else(client, farm):
    builder.relation(farm, buyer := builder.party(OrganizationKind.RETAILER, gln=BUYER))
    stranger = builder.member(builder.party(OrganizationKind.SUPPLIER, "Stranger"))
    say(client, element(SHED, name="Cold store"), element(FIELD, name="Secret field"))
    happened(client, "sent", bizLocation={"id": SHED}, **GOES_TO_BUYER)
    happened(client, "kept", bizLocation={"id": FIELD})
    with db.session(db.Who(farm.id)) as session:
        assert told(session, [SHED_LINK, FIELD]) == {SHED_LINK, FIELD}
    with db.session(db.Who(buyer.id)) as session:
        assert told(session, [SHED_LINK, FIELD]) == {SHED_LINK}
        assert session.exec(select(VocabularyElement)).all() == []
        assert _steps(session)["sent"].at_called.then == {"": "Cold store"}
    with db.session(db.Who(stranger.id)) as session:
        assert told(session, [SHED_LINK, FIELD]) == set()
        assert session.exec(select(VocabularyElement)).all() == []
    with db.public_session() as session:
        assert told(session, [SHED_LINK, FIELD]) == set()


def test_everybody_is_told_what_a_published_event_names_until_it_is_hidden(client, farm):
    say(client, element(SHED, name="Cold store"), element(FIELD, name="Secret field"))
    happened(client, "packed", bizStep="packing", **AT_SHED)
    with db.public_session() as session:
        assert told(session, [SHED_LINK, FIELD]) == {SHED_LINK}
    with db.session(db.Who(farm.id)) as session:
        session.exec(select(Event)).one().published_at = None
    with db.public_session() as session:
        assert told(session, [SHED_LINK, FIELD]) == set()


@pytest.mark.parametrize("odd", ["urn:x:a\x00b", "https://id.gs1.org/414/\x00", "https://id.gs1.org/01/"])
def test_what_somebody_wrote_into_a_record_is_asked_for_only_where_it_can_be(client, farm, odd):
    happened(client, "stored", element(SHED, name="Shed"), **AT_SHED)
    with db.session(db.Who(farm.id)) as session:
        row = session.exec(select(Event)).one()
        whole = json.loads(row.payload)
        whole["event"] |= {"readPoint": {"id": odd}}
        row.payload = json.dumps(whole).encode()
        [step] = journey.of(session, LOT, events=[row]).steps
        assert step.at_called is None
        session.rollback()


def test_of_an_elements_attributes_its_name_alone_is_told(client, farm):
    happened(client, "packed", element(SHED, name="Shed", phone="+86 1", latitude="30.7"), bizStep="packing", **AT_SHED)
    with db.public_session() as session:
        row = session.exec(select(Event.id)).one()
        asking = text("select said from names_said(array[cast(:event as uuid)], array[:name])")
        [said] = session.execute(asking, {"event": row, "name": SHED_LINK}).scalars()
    assert said == {"urn:epcglobal:cbv:mda#name": "Shed"}


@pytest.mark.parametrize("name", ["x" * 10_000, ["x" * 10_000, "y"], {"@value": "x" * 250_000}])
def test_a_name_without_end_neither_fills_a_page_nor_breaks_it(client, farm, name):
    attributes = [{"id": "cbvmda:name", "attribute": one} for one in (name if isinstance(name, list) else [name])]
    happened(client, "stored", {"id": SHED, "attributes": attributes}, **AT_SHED)
    called = steps(farm)["stored"].at_called
    assert called is None or called.then == {"": "x" * 79 + "…"}


# What an element is called


NAME, SHORT, CITY_OF = (f"urn:epcglobal:cbv:mda#{word}" for word in ("name", "descriptionShort", "city"))


@pytest.mark.parametrize(
    ("said", "spelled"),
    [
        ({NAME: "Shed"}, {"": "Shed"}),
        ({SHORT: "Tuna"}, {"": "Tuna"}),
        ({NAME: "Shed", SHORT: "Tuna"}, {"": "Shed"}),
        ({NAME: "Shed", CITY_OF: "Patra"}, {"": "Shed, Patra"}),
        ({NAME: "Patra shed", CITY_OF: "Patra"}, {"": "Patra shed"}),
        ({CITY_OF: "Patra"}, {"": "Patra"}),
        ({NAME: ["Shed", "Barn"]}, {"": "Shed"}),
        ({NAME: 7, SHORT: {"x:a": "b"}}, {}),
        ({NAME: None}, {}),
        ({NAME: " \n "}, {}),
        ({}, {}),
        ({NAME: [{"@value": "Shed", "@language": "en-GB"}, {"@value": "棚", "@language": "ZH-Hans"}]},
         {"en": "Shed", "zh": "棚"}),
        ({NAME: [{"@value": "Shed", "@language": 7}, {"@value": ["a"], "@language": "en"}]}, {"": "Shed"}),
    ],
)  # fmt: skip
def test_an_element_is_called_by_its_name_in_each_language(said, spelled):
    assert names.spelled(said) == spelled


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<b>Shed</b>", "<b>Shed</b>"),
        ("Shed\u202egpj\u202c", "Shedgpj"),
        ("a\x00b\x1bc\u200bd\ufeffe", "abcde"),
        ("Shed\r\n\tNorth\u2028side", "Shed North side"),
        ("🍅 Shed", "🍅 Shed"),
        ("x" * 10_000, "x" * 79 + "…"),
    ],
)
def test_a_hostile_name_is_text_that_can_be_shown(name, shown):
    assert names.spelled({NAME: name}) == {"": shown}
