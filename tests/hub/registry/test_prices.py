"""What a supplier asks of whom and when: one price a day, read by whom it is for."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from hub import db, parties
from hub.demo import builder
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.lists import Search
from hub.models.access import AuditEntry
from hub.models.party import OrganizationKind, Role
from hub.models.supply import Price
from hub.registry import register
from hub.registry.items import OffersNothing
from hub.registry.prices import NotYourItem, PriceFixed, PriceForm, Prices, PricesOverlap
from hub.registry.sheets import Row
from tests.supermarket import Supermarket, signed_in

prices = Prices()


@pytest.fixture
def market(clean, keys_of_the_hub):
    market = Supermarket()
    market.other = builder.party(OrganizationKind.RETAILER, "Lelin")
    builder.relation(market.other, market.farm)
    return market


def keeper(market):
    return builder.actor(market.farm, Role.SUPPLIER)


def desk(party):
    return db.session(db.Who(party.id))


def form(market, price="4.00", since="2026-12-01", until=None, buyer=None):
    told = {"gtin": market.tomato.gtin, "price": price, "valid_from": since, "valid_to": until}
    return PriceForm.model_validate(told | {"buyer": buyer.gln if buyer else ""})


def add(market, *told, **more):
    with desk(market.farm) as session:
        return prices.add(session, keeper(market), form(market, *told, **more))


def asked(market):
    with desk(market.farm) as session:
        rows = session.exec(select(Price).order_by(Price.valid_from, Price.buyer_id)).all()
        return [(row.price, str(row.valid_from), str(row.valid_to) if row.valid_to else "") for row in rows]


def test_a_price_without_a_last_day_ends_the_day_before_the_next_begins_and_the_trail_says_so(market):
    add(market)
    add(market, "3.50", "2026-12-15")
    assert asked(market) == [(4, "2026-12-01", "2026-12-14"), (Decimal("3.5"), "2026-12-15", "")]
    with desk(market.farm) as session:
        trail = session.exec(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in trail] == ["price.add", "price.give-way", "price.add"]
    assert trail[1].subject == f"{market.tomato.gtin} 2026-12-01"
    assert trail[1].detail == {"valid_to": " → 2026-12-14"}


def test_one_that_is_added_before_the_others_holds_until_they_begin(market):
    add(market, "3.50", "2026-12-15")
    add(market)
    assert asked(market) == [(4, "2026-12-01", "2026-12-14"), (Decimal("3.5"), "2026-12-15", "")]


@pytest.mark.parametrize(
    ("since", "until"),
    [("2026-12-01", None), ("2026-12-10", "2026-12-20"), ("2026-11-01", "2026-12-01"), ("2026-12-31", None)],
)
def test_prices_that_overlap_are_refused_and_the_others_days_are_named(market, since, until):
    add(market, until="2026-12-31")
    with pytest.raises(PricesOverlap, match="holds 2026-12-01 – 2026-12-31") as refusal:
        add(market, "3.50", since, until)
    assert refusal.value.at == "valid_from" and len(asked(market)) == 1
    add(market, "3.50", since, until, buyer=market.chain)
    add(market, "3.50", "2027-01-01")


def test_a_price_that_ended_makes_room_and_goes_on_only_where_there_is_some(market):
    with desk(market.farm) as session:
        me = keeper(market)
        early = prices.add(session, me, form(market))
        prices.end(session, me, early, date(2026, 11, 20))
        prices.add(session, me, form(market, "3.80"))
        with pytest.raises(PricesOverlap, match="holds 2026-12-01 – …"):
            prices.end(session, me, early, None)
        assert early.ended_on == date(2026, 11, 20)
        prices.change(session, me, early, form(market, "9.00"))


def test_item_buyer_and_first_day_stay_and_the_price_itself_may_change(market):
    with desk(market.farm) as session:
        me = keeper(market)
        row = prices.add(session, me, form(market, buyer=market.chain))
        for other in (form(market), form(market, since="2026-12-02", buyer=market.chain)):
            with pytest.raises(PriceFixed):
                prices.change(session, me, row, other)
        prices.change(session, me, row, form(market, "3.90", until="2026-12-31", buyer=market.chain))
        assert (row.price, row.valid_to) == (Decimal("3.90"), date(2026, 12, 31))
        changed = session.exec(select(AuditEntry).where(AuditEntry.action == "price.change")).one()
        assert changed.detail == {"price": "4 → 3.9", "valid_to": " → 2026-12-31"}
        assert changed.subject == f"{market.tomato.gtin} {market.chain.gln} 2026-12-01"


@pytest.mark.parametrize("price", ["-1", "1.23456", "1000001", "NaN", "four"])
def test_a_price_is_no_less_than_nothing_and_has_four_decimals_at_most(market, price):
    with pytest.raises(ValidationError) as refusal:
        form(market, price)
    assert refusal.value.errors()[0]["loc"] == ("price",)


def test_what_cannot_be_a_price_is_refused_beside_its_field(market):
    stranger = builder.party(OrganizationKind.RETAILER, "Stranger")
    beans = builder.item(builder.party(OrganizationKind.SUPPLIER, "Rival"), "Beans")
    with pytest.raises(parties.NoSuchBuyer) as refusal:
        add(market, buyer=stranger)
    assert refusal.value.at == "buyer"
    with pytest.raises(parties.NoSuchBuyer):
        add(market, buyer=market.haulier)
    with pytest.raises(InvalidInput, match="ends before"):
        add(market, until="2026-11-30")
    with desk(market.farm) as session, pytest.raises(NotYourItem):
        told = form(market).model_copy(update={"gtin": beans.gtin})
        prices.add(session, keeper(market), told)
    with desk(market.chain) as session, pytest.raises(OffersNothing):
        prices.add(session, market.administrator, form(market))
    with desk(market.farm) as session, pytest.raises(NotAllowed):
        prices.add(session, builder.actor(market.farm, Role.DRIVER), form(market))


def test_two_who_price_the_same_days_at_once_are_told_and_one_price_stays(market):
    both, said = threading.Barrier(2), []

    def one(price):
        both.wait()
        try:
            add(market, price)
            said.append("kept")
        except PricesOverlap:
            said.append("refused")

    threads = [threading.Thread(target=one, args=(price,)) for price in ("4.00", "5.00")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["kept", "refused"] and len(asked(market)) == 1


def test_the_database_itself_keeps_two_prices_of_a_day_apart(market):
    add(market, until="2026-12-31")
    with pytest.raises(IntegrityError, match="ex_price_one_a_day"), desk(market.farm) as session:
        row = session.exec(select(Price)).one()
        session.add(Price(**row.model_dump(exclude={"id", "valid_from"}), valid_from=date(2026, 12, 31)))


def test_a_buyers_price_is_read_by_that_buyer_and_by_no_other(market):
    add(market, buyer=market.chain)
    add(market, "5.00")
    stranger, rival = (builder.party(kind, "X") for kind in (OrganizationKind.RETAILER, OrganizationKind.SUPPLIER))
    builder.relation(market.chain, rival)

    def seen(party):
        with desk(party) as session:
            return sorted(session.execute(text("select price from price")).scalars())

    assert seen(market.farm) == seen(market.chain) == [4, 5]
    assert seen(market.other) == [5] and seen(stranger) == seen(rival) == []
    with desk(market.chain) as session:
        assert session.execute(text("update price set price = 0")).rowcount == 0
        assert session.execute(text("delete from price")).rowcount == 0


def test_another_buyer_reaches_a_price_by_no_page(market):
    row = add(market, buyer=market.chain)
    browser = signed_in(market.other, Role.ADMINISTRATOR)
    assert market.tomato.gtin not in browser.get("/settings/prices").text
    assert browser.get(f"/settings/prices/{row.id}").status_code == 404
    assert browser.post(f"/settings/prices/{row.id}/end").status_code == 404
    assert market.chain.gln not in browser.get("/settings/prices/export.csv").text
    assert "/settings/prices" not in browser.get("/settings/places").text
    with desk(market.other) as session, pytest.raises(NotFound):
        prices.find(session, builder.actor(market.other, Role.ADMINISTRATOR), row.id)


def test_a_sheet_of_prices_is_taken_in_whole_and_the_same_again_changes_nothing(market):
    told = {"gtin": market.tomato.gtin[1:], "price": "4.00", "valid_from": "2026-12-01"}
    sheet = [
        Row(number, told | more)
        for number, more in enumerate(
            (
                {"buyer": "", "valid_to": ""},
                {"valid_from": "2026-12-15", "price": "3.50", "valid_to": ""},
                {"buyer": market.chain.gln, "price": "3.00", "valid_to": "2026-12-31"},
            ),
            2,
        )
    ]
    me = keeper(market)
    with desk(market.farm) as session:
        assert len(register.take(session, me, prices, sheet).added) == 3
    with desk(market.farm) as session:
        again = register.take(session, me, prices, sheet)
        assert (again.same, again.changed, again.changes) == (3, 0, [])
        looked = register.attempt(session, me, prices, [Row(2, told | {"price": "4.20"}), Row(3, told)])
        assert [(change.column, change.now, change.then) for change in looked.changes] == [("price", "4", "4.2")]
        assert isinstance(looked.wrong[0].why, register.Duplicate)
        assert [found.valid_from.day for found in prices.page(session, me, Search("Hejia")).rows] == [1]


def test_a_supplier_prices_its_items_on_a_page_which_says_what_holds_when(market):
    browser = signed_in(market.farm, Role.SUPPLIER)
    ahead = (date.today() + timedelta(days=40)).isoformat()
    told = {"gtin": market.tomato.gtin, "buyer": market.chain.gln, "price": "3.90", "valid_from": ahead}
    assert browser.post("/settings/prices/new", data=told).status_code == 303
    page = browser.get("/settings/prices").text
    assert "¥ 3.90" in page and market.chain.gln in page and "From " in page
    refused = browser.post("/settings/prices/new", data=told)
    assert refused.status_code == 422 and f"holds {ahead} – …" in refused.text
    for wrong in ({"price": "-1"}, {"price": "1.00001"}, {"buyer": market.haulier.gln}, {"valid_from": "soon"}):
        answer = browser.post("/settings/prices/new", data=told | wrong)
        assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert market.chain.gln in browser.get("/settings/prices/export.csv").text
