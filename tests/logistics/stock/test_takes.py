"""A store is counted by several people at once; what holds reaches the core once."""

import threading
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from hub import db
from hub.errors import NotAllowed, NotFound
from hub.inventory import rounds
from hub.models.base import uuid7
from hub.models.inventory import LotStock
from logistics.stock import posting, sheets, takes
from logistics.stock.models import Listing, StockCount, StockTake
from logistics.stock.takes import CountedItYourself, CountingIsOver, NothingToCount, NotOnThisSheet, StillToCount

AT = datetime(2026, 11, 30, 14, tzinfo=UTC)


def begun(stores, who="a", store=0, **more) -> UUID:
    actor = stores.keeper(who) if who else stores.buyer
    told = {"said_as": uuid7(), "place": stores.stores[store].id, "threshold": "50"} | more
    with db.session(actor.who) as session:
        return takes.begin(session, actor, takes.Wanted(**told), at=AT).id


def counted(stores, take, quantity, who="a", item=None, said_as=None, at=AT):
    actor = stores.keeper(who)
    with db.session(actor.who) as session:
        held = takes.find(session, actor, take)
        told = takes.Count(said_as=said_as or uuid7(), item=item or stores.tomato.gtin, quantity=quantity)
        return takes.count(session, actor, held, told, at=at)


def done(stores, step, take, who="a"):
    actor = stores.keeper(who) if who else stores.buyer
    with db.session(actor.who) as session:
        return step(session, actor, takes.find(session, actor, take), at=AT)


def line(stores, take, item=None):
    with db.session(stores.keeper().who) as session:
        held = takes.lines(session, session.get_one(StockTake, take))
        return next(one for one in held if one.item.id == (item or stores.tomato).id)


def test_several_count_one_item_at_several_spots_and_together_it_is_what_there_is(stores):
    take = begun(stores)
    counted(stores, take, "50", "a")
    counted(stores, take, "26", "b")
    assert line(stores, take).counted == 76 and line(stores, take).difference == -4
    assert line(stores, take, stores.eggs).counted is None


def test_a_count_sent_again_is_there_once_also_twice_at_once(stores):
    take, same = begun(stores), uuid7()
    both = [threading.Thread(target=lambda: counted(stores, take, "50", said_as=same)) for _ in range(4)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    counted(stores, take, "50", said_as=same)
    assert line(stores, take).counted == 50


def test_what_is_sold_while_people_count_is_no_difference(stores):
    take = begun(stores)
    stores.sell(0, "T-1", 10)
    rounds.pull(stores.chain.id)
    counted(stores, take, "70")
    assert line(stores, take).line.expected == 80 and line(stores, take).difference == 0


def test_an_approved_stock_take_is_told_to_the_core_once_by_lots(stores):
    take = begun(stores, threshold="1000")
    counted(stores, take, "35", "a")
    counted(stores, take, "83", "b", item=stores.eggs.gtin)
    assert done(stores, takes.end_counting, take) == 0
    done(stores, takes.approve, take, who=None)
    done(stores, takes.approve, take, who=None)
    rounds.push(stores.chain.id)
    rounds.push(stores.chain.id)

    assert stores.core_book("adjustment") == 1
    assert stores.core_stock() == 35 and stores.core_stock(code="E-1") == 83
    assert (
        stores.lot_stock("OLD") == 0
        and stores.lot_stock("NEW") == 35
        and stores.lot_stock("NEW", item=stores.eggs) == 43
    )
    assert rounds.reconcile(stores.chain.id).drifts == []


def test_great_differences_are_counted_again_by_somebody_else_before_they_are_approved(stores):
    take = begun(stores, threshold="50")
    counted(stores, take, "60", "a")
    assert done(stores, takes.end_counting, take) == 1
    with pytest.raises(StillToCount):
        done(stores, takes.approve, take, who=None)
    with pytest.raises(CountedItYourself):
        counted(stores, take, "79", "a")
    with pytest.raises(CountingIsOver):
        counted(stores, take, "80", "b", item=stores.eggs.gtin)
    counted(stores, take, "79", "b")
    assert line(stores, take).difference == -1
    with pytest.raises(CountedItYourself):
        done(stores, takes.approve, take, who="a")
    done(stores, takes.approve, take, who=None)
    rounds.push(stores.chain.id)
    assert stores.core_stock() == 79


def test_what_nobody_counted_stays_as_the_books_say(stores):
    take = begun(stores)
    done(stores, takes.end_counting, take)
    done(stores, takes.approve, take, who=None)
    assert stores.level().on_hand == 80 and stores.commands() == []


def test_a_wrong_count_is_taken_back_by_who_made_it(stores):
    take = begun(stores)
    row = counted(stores, take, "50", "a")
    for who, expected in (("b", NotFound), ("a", None)):
        actor = stores.keeper(who)
        with db.session(actor.who) as session:
            held = takes.find(session, actor, take)
            if expected:
                with pytest.raises(expected):
                    takes.take_count_back(session, actor, held, row.id, at=AT)
            else:
                takes.take_count_back(session, actor, held, row.id, at=AT)
    assert line(stores, take).counted is None


def test_a_sheet_given_up_takes_nothing_over_and_takes_no_counts(stores):
    take = begun(stores)
    counted(stores, take, "1")
    done(stores, takes.drop, take)
    for step in (takes.approve, takes.end_counting, takes.drop):
        with pytest.raises(takes.TakeClosed):
            done(stores, step, take, who=None)
    with pytest.raises(takes.TakeClosed):
        counted(stores, take, "1")


def test_the_same_wish_twice_is_one_sheet(stores):
    same = uuid7()
    assert begun(stores, said_as=same) == begun(stores, said_as=same)


def test_a_sheet_lists_a_category_a_class_or_what_is_odd(stores):
    def on(**more):
        take = begun(stores, **more)
        with db.session(stores.keeper().who) as session:
            return {one.item.id for one in takes.lines(session, session.get_one(StockTake, take))}

    both = {stores.tomato.id, stores.eggs.id}
    assert on() == both
    assert on(listing="category", category=stores.tomato.category) <= both
    assert on(listing="abc", abc="A") == both, "each makes up half of the sales"
    with pytest.raises(NothingToCount):
        on(listing=Listing.ODD)
    theirs = "company = (select id from company where name = ?)"
    stores.reference.rows(
        f"update stock set quantity = -5000000, changed = 99999 where {theirs}"
        f" and item = (select id from item where code = 'T-1' and {theirs})",
        *[str(stores.chain.id)] * 2,
    )
    rounds.pull(stores.chain.id)
    assert on(listing=Listing.ODD) == {stores.tomato.id}


def test_a_store_neither_sees_nor_counts_anothers_sheet_and_a_buyer_counts_none(stores):
    take = begun(stores)
    with pytest.raises(NotFound):
        counted(stores, take, "1", who="c")
    with pytest.raises(NotFound):
        begun(stores, who="c")
    with db.session(stores.buyer.who) as session, pytest.raises(NotAllowed):
        held = takes.find(session, stores.buyer, take)
        told = takes.Count(said_as=uuid7(), item=stores.tomato.gtin, quantity="1")
        takes.count(session, stores.buyer, held, told, at=AT)


def test_an_item_is_found_by_what_is_scanned_of_it(stores):
    take, gtin = begun(stores), stores.tomato.gtin.zfill(14)
    for scanned in (
        gtin,
        gtin.lstrip("0"),
        f"https://id.gs1.org/01/{gtin}/10/OLD",
        f"(01){gtin}(10)OLD",
        f"01{gtin}10OLD",
        "T-1",
    ):
        counted(stores, take, "1", item=scanned)
    assert line(stores, take).counted == 6
    with pytest.raises(NotOnThisSheet):
        counted(stores, take, "1", item="6900000000000")


def test_counts_and_the_end_of_counting_take_turns(stores):
    take, came = begun(stores, threshold="0"), []

    def count() -> None:
        try:
            came.append(counted(stores, take, "1", "b"))
        except (CountingIsOver, CountedItYourself) as refusal:
            came.append(refusal)

    threads = [threading.Thread(target=count) for _ in range(4)]
    threads.append(threading.Thread(target=lambda: done(stores, takes.end_counting, take)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.session(stores.keeper().who) as session:
        held = list(session.exec(select(StockCount)))
    assert len(held) == sum(isinstance(one, StockCount) for one in came) and {one.round for one in held} <= {1}


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 1000).map(Decimal), min_size=1))
def test_every_item_is_of_one_class_and_the_best_selling_of_the_first(worth):
    by_item = {UUID(int=number): value for number, value in worth.items()}
    found = sheets.classes(by_item)
    assert set(found) == set(by_item)
    best = max(by_item, key=lambda item: (by_item[item], -item.int))
    assert found[best] == ("A" if by_item[best] else "C")


@given(st.integers(-500, 500).filter(bool).map(Decimal), st.lists(st.integers(1, 100), max_size=4))
def test_a_difference_is_spread_over_lots_without_rest(difference, amounts):
    lots = [LotStock(owner_id=uuid7(), place_id=uuid7(), trade_item_id=uuid7(), lot=f"L{n}", on_hand=Decimal(a))
            for n, a in enumerate(amounts)]  # fmt: skip
    parts = list(posting.spread(difference, lots))
    assert sum(quantity for _, _, quantity in parts) == difference
    assert all(-quantity <= lot.on_hand for lot in lots for number, _, quantity in parts if number == lot.lot)
