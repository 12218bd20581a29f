"""Several suppliers offer one article number: one is taken, and the retailer may take another."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import col, select

from hub import db
from hub.access import NotAllowed
from hub.demo import builder
from hub.errors import NotFound
from hub.inventory import assortment, sync
from hub.inventory.connectors.base import CoreItem
from hub.models.base import now
from hub.models.inventory import Assortment, LotStock, SalesDay, StockLevel
from hub.models.party import Organization, OrganizationKind, Role
from tests.supermarket import Supermarket


@pytest.fixture
def market(clean):
    made = Supermarket()
    with db.session(made.buyer.who) as session:
        sync.match(session, [CoreItem("T-1", made.tomato.gtin, "Tomato", "KGM")])
    return made


@pytest.fixture
def rival(market):
    party = builder.party(OrganizationKind.SUPPLIER, "Rival")
    builder.relation(market.chain, party)
    return builder.item(party, "Rival's tomato", gtin=market.tomato.gtin)


def carried(market) -> Assortment:
    with db.session(market.buyer.who) as session:
        return session.exec(select(Assortment).where(col(Assortment.core_code) == "T-1")).one()


def test_a_later_offer_of_the_same_number_changes_nothing_by_itself(market, rival):
    with db.session(market.buyer.who) as session:
        assert sync.match(session, [CoreItem("T-1", market.tomato.gtin, "Tomato", "KGM")]) == 0
    assert carried(market).supplier_id == market.farm.id


def test_of_several_offers_that_of_the_numbers_own_prefix_is_taken_first(market, rival):
    owner = builder.item(market.farm, "Pepper")
    with db.session(db.Who(rival.owner_id)) as session:
        older = builder.item(session.get_one(Organization, rival.owner_id), gtin=owner.gtin)
        session.add(older)
        older.created_at = owner.created_at.replace(year=2020)
    with db.hub_session() as session:
        session.get_one(type(market.farm), rival.owner_id).gln = "6955555000013"
    with db.session(market.buyer.who) as session:
        assert sync.match(session, [CoreItem("P-1", owner.gtin, "Pepper", "KGM")]) == 1
        taken = session.exec(select(Assortment).where(col(Assortment.core_code) == "P-1")).one()
        assert taken.supplier_id == market.farm.id


def test_a_buyer_takes_an_item_from_another_and_stock_and_sales_go_along(market, rival):
    store = market.stores[0]
    mine = {"owner_id": market.chain.id, "place_id": store.id, "trade_item_id": market.tomato.id}
    with db.session(market.buyer.who) as session:
        session.add(StockLevel(**mine, on_hand=Decimal(8), as_of=now()))
        session.add(LotStock(**mine, lot="T-88", on_hand=Decimal(8)))
        session.add(SalesDay(**mine, day=date(2026, 11, 20), quantity=Decimal(3)))
    with db.session(market.buyer.who) as session:
        (one,) = assortment.contested(session)
        assert (one.taken.supplier.id, [o.supplier.id for o in one.others]) == (
            market.farm.id,
            [rival.owner_id],
        )
        assortment.take_from(session, market.buyer, one.row.id, rival.id)
    assert (carried(market).supplier_id, carried(market).trade_item_id) == (rival.owner_id, rival.id)
    with db.session(market.buyer.who) as session:
        for table in (StockLevel, LotStock, SalesDay):
            assert [row.trade_item_id for row in session.exec(select(table))] == [rival.id]
        (one,) = assortment.contested(session)
        assortment.take_from(session, market.buyer, one.row.id, market.tomato.id)
    assert carried(market).supplier_id == market.farm.id


def test_an_item_is_taken_from_nobody_who_does_not_offer_its_number(market, rival):
    row = carried(market)
    with db.session(market.buyer.who) as session:
        with pytest.raises(NotFound):
            assortment.take_from(session, market.buyer, row.id, market.eggs.id)
        with pytest.raises(NotFound):
            assortment.take_from(session, market.buyer, market.tomato.id, rival.id)
    clerk = builder.actor(market.chain, Role.STORE)
    with db.session(clerk.who) as session, pytest.raises(NotAllowed):
        assortment.take_from(session, clerk, row.id, rival.id)
    with db.session(db.Who(rival.owner_id)) as session:
        thief = builder.actor(market.farm, Role.BUYER)
        with pytest.raises((NotFound, NotAllowed)):
            assortment.take_from(session, thief, row.id, rival.id)
