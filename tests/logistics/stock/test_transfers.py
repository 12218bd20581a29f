"""Stores of a chain send each other goods; both books and the core hear of both ends once."""

import re
import threading
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from hub import db
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.inventory import rounds
from hub.models.base import uuid7
from hub.models.party import Role
from logistics.stock import shelves, transfers
from logistics.stock.shelves import MoreThanThere
from logistics.stock.transfers import MoreThanShipped, NotThisStep
from tests.logistics.stock.test_stock_pages import at_store
from tests.supermarket import signed_in

AT = datetime(2026, 11, 30, 8, tzinfo=UTC)


def asked(stores, quantity="20", **more):
    """Store 1 asks store 2 for tomatoes."""
    actor = stores.keeper("a")
    with db.session(actor.who) as session:
        shelf = shelves.shelf(session, actor, stores.level(0).id)
        wish = {"said_as": uuid7(), "source": stores.stores[1].id, "asked": quantity} | more
        return transfers.ask(session, actor, shelf, transfers.Asked(**wish), at=AT).id


def taken(stores, step, transfer, quantity, who="c", lot=""):
    actor = stores.keeper(who)
    with db.session(actor.who) as session:
        row = transfers.find(session, actor, transfer)
        step(session, actor, row, transfers.Step(quantity=quantity, lot=lot), at=AT)


def test_goods_asked_offered_shipped_and_received_change_both_books_and_the_core_once(stores):
    one = asked(stores)
    taken(stores, transfers.offer, one, "15")
    for _ in range(2):
        taken(stores, transfers.ship, one, "15", lot="OLD")
    assert stores.level(1).on_hand == 65 and stores.lot_stock("OLD", 1) == 25 and stores.level(0).on_hand == 80
    for _ in range(2):
        taken(stores, transfers.receive, one, "14", who="a")
    assert stores.level(0).on_hand == 94 and stores.lot_stock("OLD", 0) == 54

    for _ in range(2):
        rounds.push(stores.chain.id)

    assert stores.core_stock(0) == 94 and stores.core_stock(1) == 65 and stores.core_book("adjustment") == 2
    assert [command.body["reason"] for command in stores.commands()] == ["transfer-out", "transfer-in"]
    assert stores.commands()[0].body["other_place_id"] == str(stores.stores[0].id)
    assert rounds.reconcile(stores.chain.id).drifts == []


def test_a_store_that_can_give_none_says_no_and_nothing_moves(stores):
    one = asked(stores)
    taken(stores, transfers.offer, one, "0")
    taken(stores, transfers.offer, one, "0")
    for step, who in ((transfers.ship, "c"), (transfers.receive, "a")):
        with pytest.raises(NotThisStep):
            taken(stores, step, one, "5", who=who)
    assert stores.commands() == []


def test_each_step_is_taken_by_its_store_in_its_turn_and_within_its_bounds(stores):
    one = asked(stores)
    with pytest.raises(NotThisStep):
        taken(stores, transfers.ship, one, "5")
    with pytest.raises(NotAllowed):
        taken(stores, transfers.offer, one, "5", who="a")
    with pytest.raises(InvalidInput):
        taken(stores, transfers.offer, one, "21")
    taken(stores, transfers.offer, one, "20")
    with pytest.raises(NotThisStep):
        taken(stores, transfers.offer, one, "10")
    with pytest.raises(InvalidInput):
        taken(stores, transfers.ship, one, "21", lot="OLD")
    taken(stores, transfers.ship, one, "20", lot="OLD")
    with pytest.raises(NotAllowed):
        taken(stores, transfers.receive, one, "20", who="c")
    with pytest.raises(MoreThanShipped):
        taken(stores, transfers.receive, one, "21", who="a")
    taken(stores, transfers.receive, one, "20", who="a")
    with pytest.raises(NotThisStep):
        taken(stores, transfers.receive, one, "19", who="a")


def test_no_more_is_shipped_than_is_there(stores):
    one = asked(stores, "50")
    taken(stores, transfers.offer, one, "50")
    with pytest.raises(MoreThanThere):
        taken(stores, transfers.ship, one, "41", lot="OLD")
    assert stores.commands() == []


def test_two_who_ship_at_once_ship_once(stores):
    one, came = asked(stores), []
    taken(stores, transfers.offer, one, "15")

    def ship(quantity: str) -> None:
        try:
            came.append(taken(stores, transfers.ship, one, quantity, lot="OLD"))
        except NotThisStep as refusal:
            came.append(refusal)

    both = [threading.Thread(target=ship, args=(quantity,)) for quantity in ("15", "10")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sum(isinstance(one, NotThisStep) for one in came) == 1
    assert len(stores.commands()) == 1 and stores.level(1).on_hand in (65, 70)


def test_only_stores_that_have_some_are_asked_and_the_same_wish_is_there_once(stores):
    with pytest.raises(InvalidInput):
        asked(stores, source=stores.stores[0].id)
    same = uuid7()
    assert asked(stores, said_as=same) == asked(stores, said_as=same)


def test_a_transfer_on_the_pages_of_both_stores(stores):
    a, c = at_store(stores, "a"), at_store(stores, "c")
    shelf = f"/store/stock/{stores.level(0).id}"
    wish = {"said_as": str(uuid4()), "source": str(stores.stores[1].id), "asked": "20"}
    assert "Ask another store" in a.get(shelf).text
    assert a.post(f"{shelf}/transfers", data=wish | {"asked": "0"}).status_code == 422
    assert a.post(f"{shelf}/transfers", data=wish).headers["location"] == "/store/stock/transfers"
    assert "No transfer waits for you." in a.get("/store/stock/transfers").text
    shown = c.get("/store/stock/transfers").text
    assert "1 transfer waits for you." in shown and "Asked for 20" in shown
    steps = re.search(r"(/store/stock/transfers/[0-9a-f-]{36})/offer", shown)[1]
    wrong = c.post(f"{steps}/offer", data={"quantity": "200"})
    assert wrong.status_code == 422 and "No more was asked for than" in wrong.text
    assert c.post(f"{steps}/offer", data={"quantity": "15"}).status_code == 303
    assert f"{steps}/ship" in c.get("/store/stock/transfers").text
    assert c.post(f"{steps}/ship", data={"quantity": "15", "lot": "OLD"}).status_code == 303
    assert f"{steps}/receive" in a.get("/store/stock/transfers").text
    assert a.post(f"{steps}/receive", data={"quantity": "15"}).status_code == 303
    assert "Received" in c.get("/store/stock/transfers").text and stores.level(0).on_hand == 95

    from hub.demo import builder
    from hub.models.party import OrganizationKind

    rival = signed_in(builder.party(OrganizationKind.RETAILER, "Rival"), Role.STORE, "rival@example.net")
    for verb in ("offer", "ship", "receive"):
        assert rival.post(f"{steps}/{verb}", data={"quantity": "1"}).status_code == 404
    assert rival.post(f"{shelf}/transfers", data=wish).status_code == 404
    assert "Tomato" not in rival.get("/store/stock/transfers").text


def test_a_store_that_is_at_neither_end_finds_no_transfer(stores):
    one = asked(stores)
    from hub.demo import builder

    third = builder.actor(stores.chain, Role.STORE, place=builder.place(stores.chain, name="Store 3").id)
    with db.session(third.who) as session, pytest.raises(NotFound):
        transfers.find(session, third, one)
