"""One article number, several makers: each scan finds its own lot.

Who may list the number is shown and disputable.
"""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from hub import access, db
from hub.app import create_app
from hub.demo import builder
from hub.errors import NotFound
from hub.gs1 import digital_link
from hub.ledger.audit import verification
from hub.ledger.audit.verdict import verify_lot
from hub.ledger.custody import speakers
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind, PlaceKind, Role
from hub.trace import journey, listings
from tests import supermarket
from tests.hub.growers import Farm, run_to_the_end

OURS, FOREIGN = "06901230000013", "06955555000016"


def listing(gtin: str, name: str) -> Farm:
    """A supplier that is a member and lists an article number."""
    number = gtin[:-1] + digital_link.check_digit(gtin[:-1])
    party = builder.member(builder.party(OrganizationKind.SUPPLIER, name))
    field = builder.place(party, PlaceKind.FARM, f"Field of {name}")
    item = builder.item(party, f"Tomatoes of {name}", gtin=number)
    return Farm(party, field, item, builder.actor(party, Role.SUPPLIER))


@pytest.fixture
def mine(clean, keys_of_the_hub):
    return listing(OURS, "Mine")


@pytest.fixture
def other(mine):
    return listing(OURS, "Other")


@pytest.fixture
def shopper(mine):
    with TestClient(create_app(), follow_redirects=True) as client:
        client.headers |= {"accept": "text/html", "accept-language": "en"}
        yield client


@pytest.mark.parametrize(
    "gtin, gln, own",
    [
        ("06901234000016", "6901234000009", True), ("06901234000016", "6901235000008", False),
        ("16901234000013", "6901234000009", True), ("6901234000016", "6901234000009", True),
        ("06901234000016", "", False),
    ],
)  # fmt: skip
def test_a_number_seems_to_belong_to_whose_own_number_begins_alike(gtin, gln, own):
    assert listings.own_prefix(gtin, gln) is own


def test_a_rivals_listing_of_my_number_takes_no_scan_of_mine_away(node, mine, other, shopper):
    mine.grow("A1")
    other.grow("B1")
    for who, lot in ((mine, "A1"), (other, "B1")):
        link = digital_link.lot_link(mine.item.gtin, lot).removeprefix(digital_link.ROOT)
        page = shopper.get(link)
        assert page.status_code == 200 and f"Tomatoes of {who.organization.name_en}" in page.text
    assert "The same article number is listed by Other too" in shopper.get(f"/product/{mine.item.gtin}/A1").text


def test_two_lots_of_one_number_are_told_apart_and_each_shows_its_makers_records_alone(node, mine, other, shopper):
    mine.grow("A1")
    other.grow("A1")
    run_to_the_end()
    address = f"/product/{mine.item.gtin}/A1"
    asked = shopper.get(address, params={"r": "6901230000013"})
    assert asked.status_code == 200 and "Whose is yours?" in asked.text
    for who, stranger in ((mine, other), (other, mine)):
        assert f"{address}?r=6901230000013&amp;417={who.organization.gln}" in asked.text
        page = shopper.get(address, params={"417": who.organization.gln}).text
        assert (
            f"Field of {who.organization.name_en}" in page and f"Field of {stranger.organization.name_en}" not in page
        )
        proved = shopper.get(f"{address}/evidence.json", params={"417": who.organization.gln}).json()
        assert {one["member"] for one in proved["records"]} == {who.organization.member}
    refused = shopper.get(f"{address}/evidence.json", headers={"accept": "application/json"})
    assert refused.status_code == 409 and refused.json()["code"] == "several-makers"
    assert refused.json()["makers"] == sorted([mine.organization.gln, other.organization.gln])
    link = digital_link.lot_link(mine.item.gtin, "A1")
    assert shopper.get(link.removeprefix(digital_link.ROOT), params={"417": other.organization.gln}).text.count(
        "Field of Other"
    )
    with db.public_session() as session:
        for lot in speakers.lots_of(session, link):
            events = verification.events_of(session, link, lot)
            assert {event.owner_id for event in events} == {lot.owner_id}
            assert verify_lot(session, lot, link, events).good
            assert len(journey.of(session, link, events=events).steps) == 2


def test_a_maker_that_nobody_knows_has_no_such_lot(node, mine, shopper):
    mine.grow("A1")
    page = shopper.get(f"/product/{mine.item.gtin}/A1", params={"417": "6901239999999"})
    assert page.status_code == 404 and "Which lot is yours?" in page.text


def test_where_a_number_begins_with_one_makers_prefix_its_lot_is_shown_whoever_disputes_that(
    node, mine, other, shopper
):
    # Another maker, whose own numbers begin otherwise, lists the number and has a lot of the same number.
    with db.session(db.Who(other.organization.id)) as session:
        body = FOREIGN[1:-1]
        session.get_one(Organization, other.organization.id).gln = body + digital_link.check_digit(body)
    mine.grow("A1")
    other.grow("A1")
    address = f"/product/{mine.item.gtin}/A1"
    assert "Tomatoes of Mine" in shopper.get(address).text and "Whose is yours?" not in shopper.get(address).text
    with other.session() as session:
        made = listings.dispute(session, other.actor, mine.item.gtin, mine.organization.id, "We hold this prefix")
        with pytest.raises(listings.AlreadyDisputed):
            listings.dispute(session, other.actor, mine.item.gtin, mine.organization.id, "We hold this prefix")
    shown = shopper.get(address).text
    assert "Tomatoes of Mine" in shown and "Other says that Mine may not use this article number" in shown
    assert "We hold this prefix" in shown
    assert "says that this maker may not use it" in shopper.get(f"/product/{mine.item.gtin}").text
    with mine.session() as session, pytest.raises(NotFound):
        listings.withdraw(session, mine.actor, made.id, at=now())
    with other.session() as session:
        listings.withdraw(session, other.actor, made.id, at=now())
    assert "may not use this article number" not in shopper.get(address).text


def test_only_who_lists_a_number_disputes_anothers_listing_of_it(mine, other):
    stranger = listing(FOREIGN, "Stranger")
    with stranger.session() as session:
        for whom in (mine, stranger):
            with pytest.raises(listings.NoSuchListing):
                listings.dispute(session, stranger.actor, mine.item.gtin, whom.organization.id, "Not theirs")
    clerk = builder.actor(mine.organization, Role.STORE)
    with mine.session() as session, pytest.raises(access.NotAllowed):
        listings.dispute(session, clerk, mine.item.gtin, other.organization.id, "Not theirs")


def test_a_supplier_reads_on_its_lots_page_who_else_lists_the_number_and_disputes_it(node, mine, other):
    lot = mine.grow("A1")
    with supermarket.signed_in(mine.organization, Role.SUPPLIER) as client:
        page = client.get(f"/supplier/lots/{lot.id}").text
        assert "Who else lists this article number" in page and "Other" in page
        assert f"417={mine.organization.gln}" in page
        said = {"listed_by": str(other.organization.id), "reason": "no"}
        assert client.post(f"/supplier/lots/{lot.id}/disputes", data=said).status_code == 422
        done = client.post(f"/supplier/lots/{lot.id}/disputes", data=said | {"reason": "Not their prefix"})
        assert done.status_code == 303, done.text
        page = client.get(f"/supplier/lots/{lot.id}").text
        assert "You dispute it: Not their prefix" in page
        with db.session(db.Who(mine.organization.id)) as session:
            (kept,) = next(
                one for one in listings.of(session, mine.item.gtin) if one.maker_id == other.organization.id
            ).disputes
        assert client.post(f"/supplier/lots/{lot.id}/disputes/{kept.id}/withdraw").status_code == 303
        assert "You dispute it" not in client.get(f"/supplier/lots/{lot.id}").text
    with db.hub_session() as session:
        assert session.get(type(kept), kept.id).withdrawn_at > datetime(2026, 1, 1, tzinfo=UTC)
