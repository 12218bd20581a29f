"""The hub reads what the supermarket's core tells, and is in step with it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from hub import db, keys
from hub.demo import builder, reference_core
from hub.errors import NotAllowed
from hub.inventory import cores, rounds, sync
from hub.inventory.connectors.base import CoreUnreachable, StockPage
from hub.models.inventory import (
    Assortment,
    CoreConnection,
    CoreCursor,
    CoreKind,
    LotStock,
    SalesDay,
    StockLevel,
)
from hub.settings import settings
from tests import supermarket


def rows(chain, table, **where):
    with db.session(db.Who(chain.chain.id)) as session:
        wanted = select(table).where(*(col(getattr(table, name)) == value for name, value in where.items()))
        return session.scalars(wanted).all()


def stock(chain, store=0, item=None):
    (level,) = rows(chain, StockLevel, place_id=chain.stores[store].id, trade_item_id=(item or chain.tomato).id)
    return level.on_hand


def test_items_are_known_by_their_gtin_and_kept_under_the_cores_own_code(chain):
    rounds.pull(chain.chain.id)

    found = {row.core_code: (row.trade_item_id, row.supplier_id) for row in rows(chain, Assortment)}
    assert found == {"T-1": (chain.tomato.id, chain.farm.id), "E-1": (chain.eggs.id, chain.farm.id)}


def test_stock_lots_and_sales_come_in_as_the_core_has_them(chain):
    rounds.pull(chain.chain.id)

    assert stock(chain) == 80
    lots = rows(chain, LotStock, place_id=chain.stores[0].id, trade_item_id=chain.tomato.id)
    assert {(row.lot, row.on_hand, row.best_before) for row in lots} == {
        ("OLD", 40, date(2026, 12, 1)),
        ("NEW", 40, date(2026, 12, 9)),
    }
    sold = rows(chain, SalesDay, place_id=chain.stores[1].id, trade_item_id=chain.eggs.id)
    assert {row.day.day: row.quantity for row in sold} == {day: 10 + day for day in range(1, 11)}


def test_a_sale_at_the_till_takes_the_oldest_lot_and_reaches_the_hub(chain):
    rounds.pull(chain.chain.id)
    chain.sell(0, "T-1", 45)

    rounds.pull(chain.chain.id)

    assert stock(chain) == 35 and stock(chain, 1) == 80
    lots = rows(chain, LotStock, place_id=chain.stores[0].id, trade_item_id=chain.tomato.id)
    assert {row.lot: row.on_hand for row in lots} == {"OLD": 0, "NEW": 35}
    (today,) = rows(chain, SalesDay, day=date(2026, 11, 11))
    assert today.quantity == 45


def test_a_second_look_brings_only_what_changed(chain):
    first = rounds.pull(chain.chain.id)
    chain.sell(1, "E-1", 1)
    chain.sell(1, "E-1", 2)

    second = rounds.pull(chain.chain.id)
    third = rounds.pull(chain.chain.id)

    assert first.rows == {"stock": 4, "lots": 8, "sales": 40} and first.items == 2
    assert second.rows == {"stock": 1, "lots": 1, "sales": 1} and second.items == 0
    assert third.rows == {"stock": 0, "lots": 0, "sales": 0}


def test_a_page_is_taken_once_when_two_readers_bring_it(chain):
    rounds.pull(chain.chain.id)
    with db.session(db.Who(chain.chain.id)) as session:
        after = sync.mark(session, "stock")
    page = StockPage("999", False, [chain.stores[0].gln], ["T-1"], ["7"])

    def bring():
        with db.session(db.Who(chain.chain.id)) as session:
            return sync.take(session, "stock", page, after)

    assert (bring(), bring()) == (1, 0)
    assert stock(chain) == 7


def test_what_the_hub_did_not_know_is_read_again_once_it_does(chain):
    newcomer = chain.stores.pop()
    with db.session(db.Who(chain.chain.id)) as session:
        session.delete(session.get(type(newcomer), newcomer.id))
    rounds.pull(chain.chain.id)
    (cursor,) = rows(chain, CoreCursor, feed="sales")
    assert cursor.unknown == [newcomer.gln] and len(rows(chain, SalesDay)) == 20

    with db.session(db.Who(chain.chain.id)) as session:
        session.add(type(newcomer)(**newcomer.model_dump()))
    rounds.pull(chain.chain.id)

    (cursor,) = rows(chain, CoreCursor, feed="sales")
    assert cursor.unknown == [] and len(rows(chain, SalesDay)) == 40


def test_a_survey_names_what_the_core_has_and_the_hub_cannot_place(chain):
    company = "(select id from company where name = ?)"
    chain.reference.rows(
        f"insert into item (company, code, gtin, name, unit) select {company}, 'Z-1', '4006381333931', 'Pens', 'H87'",
        str(chain.chain.id),
    )
    chain.reference.rows(
        f"insert into place (company, gln, name) select {company}, '6900000000007', 'Depot'",
        str(chain.chain.id),
    )
    found = rounds.survey(chain.chain.id)
    assert [item.code for item in found.items] == ["Z-1"]
    assert [place.name for place in found.places] == ["Depot"]


def test_a_supplier_knows_that_its_item_is_carried_but_not_what_is_in_stock(chain):
    rounds.pull(chain.chain.id)
    with db.session(db.Who(chain.farm.id)) as session:
        assert len(session.scalars(select(Assortment)).all()) == 2
        assert session.scalars(select(StockLevel)).all() == []
        assert session.scalars(select(SalesDay)).all() == []
        assert session.scalars(select(CoreConnection)).all() == []


def test_two_chains_in_one_core_never_see_each_others_shelves(chain, reference):
    other = type(chain)(reference=reference)
    rounds.pull(chain.chain.id)
    rounds.pull(other.chain.id)
    other.sell(0, "T-1", 5)
    rounds.pull(other.chain.id)
    assert (stock(chain), stock(other)) == (80, 75)


def test_the_cores_token_lies_sealed_and_opens_only_in_its_own_row(chain):
    (connection,) = rows(chain, CoreConnection)
    assert chain.token not in connection.token
    with pytest.raises(keys.Unsealable):
        keys.unseal(connection.token, replace(cores.cell(connection), owner=chain.farm.id))


def test_a_token_from_before_the_cores_had_a_key_of_their_own_is_sealed_anew_under_it(chain, monkeypatch):
    (connection,) = rows(chain, CoreConnection)
    with monkeypatch.context() as before:
        before.setattr(keys.Cell, "ring", "members")
        old = keys.seal(chain.token.encode(), cores.cell(connection)).replace("f1.members.", "f1.file.")
    with db.hub_session() as session:
        session.get_one(CoreConnection, connection.id).token = old
    cores.seal_anew()
    (anew,) = rows(chain, CoreConnection)
    monkeypatch.setattr(settings(), "key_file", Path("/nowhere"))
    assert anew.token.startswith("x1.cores.")
    assert keys.unseal(anew.token, cores.cell(anew)).decode() == chain.token
    cores.seal_anew()
    assert rows(chain, CoreConnection)[0].token == anew.token


def test_only_an_administrator_connects_a_core(chain):
    with db.session(db.Who(chain.chain.id)) as session, pytest.raises(NotAllowed):
        cores.connect(session, chain.buyer, cores.Way(CoreKind.REST, "http://127.0.0.1:1", "token"))


def test_an_organisation_without_a_core_is_told_so(clean):
    lone = supermarket.Supermarket()
    with pytest.raises(cores.NoCore):
        rounds.pull(lone.chain.id)


@pytest.mark.parametrize(("port", "token", "reason"), [(9, "right", "Connect"), (None, "wrong", "401")])
def test_a_core_that_does_not_let_us_in_is_asked_again_later(chain, port, token, reason):
    url = f"http://127.0.0.1:{port}" if port else chain.reference.url
    with db.session(db.Who(chain.chain.id)) as session:
        cores.connect(session, chain.administrator, cores.Way(CoreKind.REST, url, token))
    with pytest.raises(CoreUnreachable, match=reason):
        rounds.pull(chain.chain.id)


def test_quantities_keep_six_decimals_on_the_way(chain):
    chain.sell(0, "T-1", 1)
    rounds.pull(chain.chain.id)
    chain.receive(quantity="0.000001")
    assert stock(chain) == Decimal("79.000001")


def test_a_year_of_sales_of_many_items_comes_in_whole(chain):
    stores, codes = 4, [f"X{n}" for n in range(50)]
    places = [builder.place(chain.chain, name=f"Branch {n}") for n in range(stores)]
    items = [builder.item(chain.farm, code) for code in codes]
    reference_core.load(
        chain.reference.folder,
        str(chain.chain.id),
        chain.token,
        reference_core.Books(
            places=[reference_core.Place(place.gln, place.name_en) for place in places],
            items=[reference_core.Item(code, item.gtin, code, "KGM") for code, item in zip(codes, items, strict=True)],
            sales=(
                reference_core.Sold(place.gln, code, date(2025, 11, 1) + timedelta(days=day), 12.5)
                for place in places
                for code in codes
                for day in range(365)
            ),
            stock=[],
        ),
    )

    assert rounds.pull(chain.chain.id).rows["sales"] == stores * len(codes) * 365
