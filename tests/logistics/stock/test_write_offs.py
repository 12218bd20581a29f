"""What a store writes off, gives away and sells for less: each once in the books, and once in the core."""

import threading
from datetime import UTC, date, datetime

import pytest

from hub import db
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.inventory import changes, rounds
from hub.inventory.changes import ToldAlready
from hub.models.base import uuid7
from hub.models.inventory import CommandState
from logistics.stock import shelves, write_offs
from logistics.stock.models import Markdown, WriteOff, WriteOffReason
from logistics.stock.shelves import MoreThanThere

AT = datetime(2026, 11, 30, 8, tzinfo=UTC)


def gone(quantity="5", lot="OLD", reason="spoiled", **more):
    return write_offs.Gone(said_as=more.pop("said_as", uuid7()), lot=lot, quantity=quantity, reason=reason, **more)


def written_off(stores, entry, who="a", store=0):
    actor = stores.keeper(who)
    with db.session(actor.who) as session:
        shelf = shelves.shelf(session, actor, stores.level(store).id)
        return write_offs.write_off(session, actor, shelf, entry, at=AT)


def marked_down(stores, who="a", **more):
    actor = stores.keeper(who)
    told = {"said_as": uuid7(), "lot": "OLD", "price": "2.5", "was": "5", "ends_on": date(2026, 12, 1)} | more
    with db.session(actor.who) as session:
        shelf = shelves.shelf(session, actor, stores.level().id)
        cheaper = write_offs.Cheaper(**told)
        return write_offs.mark_down(session, actor, shelf, cheaper, today=date(2026, 11, 30), at=AT)


def undone(stores, row, who="a"):
    actor = stores.keeper(who)
    with db.session(actor.who) as session:
        write_offs.undo(session, actor, write_offs.one(session, actor, type(row), row.id), at=AT)


def test_what_spoiled_leaves_the_stock_at_once_and_the_core_hears_of_it_once(stores):
    written_off(stores, gone("5"))
    assert stores.level().on_hand == 75 and stores.lot_stock("OLD") == 35 and stores.core_stock() == 80

    rounds.push(stores.chain.id)
    assert stores.core_stock() == 80, "it can still be undone"
    stores.time_is_up()
    rounds.push(stores.chain.id)
    rounds.push(stores.chain.id)

    assert stores.core_stock() == 75 and stores.core_book("adjustment") == 1
    assert rounds.reconcile(stores.chain.id).drifts == []
    assert stores.lot_stock("OLD") == 35


@pytest.mark.parametrize("reason", list(WriteOffReason))
def test_every_reason_is_told_to_the_core_in_its_word(stores, reason):
    written_off(stores, gone(reason=reason, recipient="Food bank"))
    assert stores.commands()[0].body["reason"] == reason.value


def test_the_same_entry_sent_twice_is_there_once(stores):
    same = gone("5")
    assert written_off(stores, same).id == written_off(stores, same).id
    assert stores.level().on_hand == 75 and len(stores.commands()) == 1


def test_no_more_is_written_off_than_is_there_also_by_two_at_once(stores):
    with pytest.raises(MoreThanThere) as refusal:
        written_off(stores, gone("40.5"))
    assert refusal.value.at == "quantity" and "40 KGM" in refusal.value.detail
    came = []

    def one() -> None:
        try:
            came.append(written_off(stores, gone("30")))
        except MoreThanThere as refusal:
            came.append(refusal)

    both = [threading.Thread(target=one) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(type(one).__name__ for one in came) == ["MoreThanThere", "WriteOff"]
    assert stores.lot_stock("OLD") == 10 and stores.level().on_hand == 50


def test_the_same_entry_sent_twice_at_once_is_there_once(stores):
    same, came = gone("30"), []
    both = [threading.Thread(target=lambda: came.append(written_off(stores, same).id)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(came) == 2 and len(set(came)) == 1 and stores.level().on_hand == 50


def test_a_donation_says_to_whom(stores):
    with pytest.raises(InvalidInput) as refusal:
        written_off(stores, gone(reason="donated"))
    assert refusal.value.at == "recipient"
    row = written_off(stores, gone(reason="donated", recipient=" Jinan food bank "))
    assert row.recipient == "Jinan food bank" and stores.commands()[0].body["note"] == "Jinan food bank"


def test_an_entry_is_undone_until_the_core_may_have_been_told(stores):
    row = written_off(stores, gone("5"))
    undone(stores, row)
    assert stores.level().on_hand == 80 and stores.lot_stock("OLD") == 40
    with pytest.raises(write_offs.UndoneAlready):
        undone(stores, row)
    stores.time_is_up()
    rounds.push(stores.chain.id)
    assert stores.core_book("adjustment") == 0 and stores.commands()[0].state is CommandState.UNTOLD

    told = written_off(stores, gone("5"))
    stores.time_is_up()
    with pytest.raises(ToldAlready):
        undone(stores, told)
    assert stores.level().on_hand == 75


def test_what_the_tills_sell_meanwhile_neither_loses_nor_doubles_what_can_be_undone(stores):
    row = written_off(stores, gone("5"))
    stores.sell(0, "T-1", 10)
    rounds.pull(stores.chain.id)
    assert stores.level().on_hand == 65 and stores.lot_stock("OLD") == 25
    assert rounds.reconcile(stores.chain.id).drifts == [], "not told yet, on purpose"

    undone(stores, row)

    assert stores.level().on_hand == 70 and stores.lot_stock("OLD") == 30 and stores.core_stock() == 70


def test_goods_of_no_known_lot_are_written_off_the_items_stock(stores):
    written_off(stores, gone("5", lot=""))
    stores.time_is_up()
    rounds.push(stores.chain.id)
    assert stores.level().on_hand == 75 and stores.core_stock() == 75 and stores.lot_stock("OLD") == 40
    assert rounds.reconcile(stores.chain.id).drifts == []


def test_a_lower_price_is_told_to_the_core_once_with_its_lot_and_day(stores):
    row = marked_down(stores)
    assert row.best_before == date(2026, 12, 1)
    stores.time_is_up()
    rounds.push(stores.chain.id)
    rounds.push(stores.chain.id)
    assert stores.core_book("markdown") == 1 and stores.commands()[0].answer == "MD-000001"
    with pytest.raises(ToldAlready):
        undone(stores, row)


def test_a_lower_price_can_be_undone(stores):
    undone(stores, marked_down(stores))
    stores.time_is_up()
    rounds.push(stores.chain.id)
    assert stores.core_book("markdown") == 0


@pytest.mark.parametrize(
    ("more", "at"),
    [
        ({"ends_on": date(2026, 12, 2)}, "ends_on"),
        ({"ends_on": date(2026, 11, 29)}, "ends_on"),
        ({"price": "5"}, "price"),
        ({"lot": "NONE"}, "lot"),
    ],
)
def test_a_lower_price_is_lower_and_ends_before_the_lot_does(stores, more, at):
    with pytest.raises(Exception) as refusal:
        marked_down(stores, **more)
    assert refusal.value.at == at and stores.commands() == []


def test_a_store_opens_and_undoes_nothing_of_another_store(stores):
    row = written_off(stores, gone())
    with pytest.raises(NotFound):
        written_off(stores, gone(), who="c")
    with pytest.raises(NotFound):
        undone(stores, row, who="c")
    with db.session(stores.buyer.who) as session, pytest.raises(NotAllowed):
        shelf = shelves.shelf(session, stores.buyer, stores.level().id)
        write_offs.write_off(session, stores.buyer, shelf, gone(), at=AT)


def test_a_chain_without_a_core_has_nobody_to_tell_and_can_undo_as_long(clean, keys_of_the_hub, stores):
    from sqlalchemy import text

    with db.hub_session() as session:
        session.execute(text("delete from core_connection"))
    row = written_off(stores, gone())
    assert stores.commands()[0].state is CommandState.UNTOLD
    undone(stores, row)
    assert stores.level().on_hand == 80
    assert changes.TO_UNDO.total_seconds() == 600 and isinstance(row, WriteOff) and Markdown.__tablename__ == "markdown"
