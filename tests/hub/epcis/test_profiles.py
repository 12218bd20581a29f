"""What a buyer asks of a supplier's events is held against those that reach it, and against no others (E13)."""

import json

import pytest
from sqlmodel import select

from hub import db
from hub.beginning import asking
from hub.demo import builder
from hub.gs1 import digital_link, epcis
from hub.gs1.profiles.shelf import PROFILES
from hub.models.party import AskWeight, OrganizationKind, Role, TradeRelation
from tests.hub.epcis.documents import LD, machine, stored
from tests.hub.epcis.test_capture import event, post, several
from tests.supermarket import stranger

PROCEED = {"GS1-Capture-Error-Behaviour": "proceed"}


@pytest.fixture
def chain(client, farm):
    party = builder.party(OrganizationKind.RETAILER, "Hejia")
    builder.relation(party, farm)
    return party


def ask(buyer, supplier, profile="retailer-inbound", weight=AskWeight.WARN):
    actor = builder.actor(buyer, Role.ADMINISTRATOR)
    with db.session(actor.who) as session:
        asking.ask(session, actor, supplier.id, profile, weight)


def shipped(buyer, **more):
    """A shipping event for a buyer that says all that the profile of deliveries asks for."""
    whole = dict(PROFILES["retailer-inbound"].step("shipping").example)
    mine = [{"type": "owning_party", "destination": digital_link.party_link(buyer.gln)}]
    return event(**whole | {"destinationList": mine + whole["destinationList"][1:]} | more)


def outcomes(client, answer):
    return client.get(answer.headers["location"]).json()["outcomes"]


def test_an_event_for_a_buyer_is_warned_of_by_the_buyers_and_the_profiles_name(client, farm, chain):
    ask(chain, farm)
    answer = post(client, "capture", several(shipped(chain), shipped(chain, eventID="urn:x:1", bizTransactionList=[])))
    job = client.get(answer.headers["location"]).json()
    assert job["success"] and stored() == 2
    assert [told["outcome"] for told in job["outcomes"]] == ["accepted", "warned"]
    said = [warning["message"] for warning in job["warnings"]]
    assert len(said) == 2 and all("Hejia (retailer-inbound)" in each for each in said)
    assert "dispatch advice number is missing" in said[0] and "purchase order number is missing" in said[1]
    assert job["warnings"][0]["path"] == "epcisBody.eventList[1].bizTransactionList.bizTransaction"
    assert [each["message"] for each in job["outcomes"][1]["messages"]] == said


def test_a_buyer_that_insists_has_an_event_refused(client, farm, chain):
    ask(chain, farm, weight=AskWeight.REFUSE)
    bad = shipped(chain, eventID="urn:x:1", epcList=[])
    whole = post(client, "capture", several(shipped(chain), bad))
    told = whole.json()
    assert whole.status_code == 400 and told["code"] == "asked-by-buyer" and stored() == 0
    assert [error["path"] for error in told["errors"]] == ["epcisBody.eventList[1].parentID"]
    assert "asked for by Hejia (retailer-inbound)" in told["errors"][0]["message"]
    single = post(client, "events", bad)
    assert single.status_code == 400 and single.json()["code"] == "asked-by-buyer"
    some = post(client, "capture", several(shipped(chain), bad), **PROCEED)
    assert [told["outcome"] for told in outcomes(client, some)] == ["accepted", "refused"] and stored() == 1
    assert post(client, "events", shipped(chain, eventID="urn:x:2")).status_code == 201


def test_what_is_wrong_can_still_be_declared_and_what_is_there_is_still_there(client, farm, chain):
    bad = shipped(chain, epcList=[])
    post(client, "capture", several(bad))
    ask(chain, farm, weight=AskWeight.REFUSE)
    assert [told["outcome"] for told in outcomes(client, post(client, "capture", several(bad)))] == ["duplicate"]
    declaration = bad | {"errorDeclaration": {"declarationTime": "2026-11-25T00:00:00Z"}}
    assert post(client, "events", declaration).status_code == 201


def test_another_buyers_profile_does_not_concern_events_that_are_not_for_it(client, farm, chain):
    other = builder.party(OrganizationKind.RETAILER, "Lelin")
    builder.relation(other, farm)
    ask(other, farm, weight=AskWeight.REFUSE)
    post(client, "events", shipped(chain, epcList=[]))
    assert stored() == 1
    refused = post(client, "events", shipped(other, eventID="urn:x:1", epcList=[]))
    assert "Lelin" in json.dumps(refused.json()) and stored() == 1


def test_another_supplier_is_not_asked(client, farm, chain):
    ask(chain, farm, weight=AskWeight.REFUSE)
    dairy = builder.member(builder.party(OrganizationKind.SUPPLIER, "Dairy"))
    builder.relation(chain, dairy)
    with machine(dairy) as theirs:
        assert post(theirs, "events", shipped(chain, epcList=[])).status_code == 201


def test_a_word_that_the_supplier_never_returned_asks_nothing_and_neither_does_one_that_ended(client, farm):
    suitor = builder.party(OrganizationKind.RETAILER, "Suitor")
    builder.word(suitor, farm)
    with db.session(db.Who(suitor.id)) as session:
        [row] = session.exec(select(TradeRelation)).all()
        row.profile, row.profile_weight = "retailer-inbound", AskWeight.REFUSE
    assert post(client, "events", shipped(suitor, epcList=[])).status_code == 201
    builder.word(farm, suitor)
    assert post(client, "events", shipped(suitor, eventID="urn:x:1", epcList=[])).status_code == 400
    with db.session(db.Who(suitor.id)) as session:
        row = session.get_one(TradeRelation, row.id)
        row.valid_to = row.valid_from
    assert post(client, "events", shipped(suitor, eventID="urn:x:1", epcList=[])).status_code == 201


def test_any_profile_can_be_tried_without_a_buyer(client):
    whole = PROFILES["fsma-204"].step("shipping").example
    lacks = {**event(**whole), "bizTransactionList": []}
    document = several(event(), lacks) | {"@context": epcis.CONTEXT}
    told = post(client, "events/validate?profile=fsma-204", document).json()
    assert told["success"] and told["profile"] == "fsma-204" and stored() == 0
    assert [each["outcome"] for each in told["outcomes"]] == ["accepted", "warned"]
    said = " ".join(each["message"] for each in told["outcomes"][1]["messages"])
    assert "reference document type and number is missing" in said and "location" not in said.partition("accepted")[0]
    [groups] = told["unlived"].values()
    assert groups == [["initial-packing", "first-land-based-receiving", "transformation"]]
    assert post(client, "events/validate?profile=none", several(event())).json()["code"] == "no-such-profile"


def test_a_dry_run_says_what_buyers_would_say(client, farm, chain):
    ask(chain, farm, weight=AskWeight.REFUSE)
    told = post(client, "events/validate", several(shipped(chain), shipped(chain, epcList=[]))).json()
    assert not told["success"] and [each["outcome"] for each in told["outcomes"]] == ["accepted", "refused"]


def test_profiles_are_listed_and_shown_to_whoever_writes_a_program(clean):
    listed = stranger().get("/api/profiles").json()
    assert [each["name"] for each in listed] == ["fsma-204", "gdst", "retailer-inbound"]
    assert all(each["title"]["zh"] and each["sources"][0]["address"] for each in listed)
    shown = stranger().get("/api/profiles/gdst").json()
    assert shown["leavesOut"] and shown["steps"][0]["name"] == "fishing"
    assert stranger().get("/api/profiles/none", headers=LD).status_code == 404
