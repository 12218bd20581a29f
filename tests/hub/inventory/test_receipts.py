"""What a store received reaches the supermarket's core exactly once, whatever happens on the way."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from hub import db, outbox
from hub.demo import builder
from hub.errors import NotAllowed
from hub.inventory import commands, cores, rounds
from hub.messages import GoodsReceived
from hub.models.base import now, uuid7
from hub.models.inventory import CommandState, CoreCommand, CoreKind, Drift, LotStock

KILLED_AFTER_THE_ANSWER = """
import os, signal, sys
from uuid import UUID
from hub.inventory import rounds
from hub.inventory.connectors.rest import RestCore

book = RestCore.receive

def booked_and_killed(core, key, receipt):
    book(core, key, receipt)
    os.kill(os.getpid(), signal.SIGKILL)

RestCore.receive = booked_and_killed
rounds.push(UUID(sys.argv[1]))
"""


def the_command(chain) -> CoreCommand:
    with db.session(db.Who(chain.chain.id)) as session:
        return session.scalars(select(CoreCommand)).one()


def due_now(chain) -> None:
    with db.session(db.Who(chain.chain.id)) as session:
        session.scalars(select(CoreCommand)).one().next_at = now() - timedelta(seconds=1)


def in_the_hub(chain, lot: str) -> Decimal:
    with db.session(db.Who(chain.chain.id)) as session:
        return session.scalars(select(LotStock).where(LotStock.lot == lot)).one().on_hand


def open_drifts(chain) -> list[Drift]:
    with db.session(db.Who(chain.chain.id)) as session:
        return list(session.scalars(select(Drift).where(Drift.settled_at.is_(None))))


def test_a_receipt_is_on_the_shelf_at_once_and_in_the_core_after_the_next_push(chain):
    rounds.pull(chain.chain.id)
    chain.receive(quantity="12.5")
    assert in_the_hub(chain, "Q-1124") == Decimal("12.5") and chain.core_stock() == 80

    rounds.push(chain.chain.id)

    assert chain.core_stock() == Decimal("92.5")
    assert the_command(chain).state is CommandState.DONE and the_command(chain).answer == "GR-000001"
    comparison = rounds.reconcile(chain.chain.id)
    assert comparison.drifts == [] and comparison.compared == 4 + 8 + 1


def test_the_relay_hands_the_message_to_the_inventory_of_the_store_that_counted(chain):
    rounds.pull(chain.chain.id)
    message = chain.receive(lot="SAME")
    with db.session(db.Who(chain.chain.id)) as session:
        outbox.publish(session, message, chain.chain.id)
        session.execute(CoreCommand.__table__.delete())

    assert outbox.relay({GoodsReceived: [commands.goods_received]}) == 1
    rounds.push(chain.chain.id)

    assert chain.core_receipts() == 1


def test_the_same_receipt_told_twice_is_counted_once(chain):
    rounds.pull(chain.chain.id)
    same = uuid7()
    chain.receive(receipt_id=same)
    chain.receive(receipt_id=same)
    rounds.push(chain.chain.id)
    rounds.push(chain.chain.id)
    assert in_the_hub(chain, "Q-1124") == Decimal("12.5")
    assert chain.core_receipts() == 1 and chain.core_stock() == Decimal("92.5")


def test_a_teller_killed_between_the_cores_answer_and_its_own_commit_doubles_nothing(chain):
    rounds.pull(chain.chain.id)
    chain.receive(quantity="12.5")

    for _ in range(4):
        told = subprocess.run(
            [sys.executable, "-c", KILLED_AFTER_THE_ANSWER, str(chain.chain.id)], env=os.environ, check=False
        )
        assert told.returncode == -signal.SIGKILL
        assert the_command(chain).state is CommandState.WAITING
        assert chain.core_receipts() == 1

    assert rounds.reconcile(chain.chain.id).drifts == []
    assert the_command(chain).state is CommandState.DONE and chain.core_receipts() == 1
    assert in_the_hub(chain, "Q-1124") == Decimal("12.5") and chain.core_stock() == Decimal("92.5")


def test_two_tellers_at_once_never_tell_the_same_receipt(chain):
    chain_id = chain.chain.id
    rounds.pull(chain_id)
    for lot in ("A", "B"):
        chain.receive(lot=lot)
    with db.session(db.Who(chain_id)) as one, db.session(db.Who(chain_id)) as other:
        first = commands.push_next(one, cores.reach(one))
        second = commands.push_next(other, cores.reach(other))
        assert first.id != second.id and commands.push_next(other, cores.reach(other)) is None
    assert chain.core_receipts() == 2


def test_a_core_that_is_away_hears_of_the_receipt_when_it_is_back(chain):
    rounds.pull(chain.chain.id)
    with db.session(db.Who(chain.chain.id)) as session:
        cores.connect(session, chain.administrator, cores.Way(CoreKind.REST, "http://127.0.0.1:9", chain.token))
    chain.receive()
    rounds.push(chain.chain.id)
    waiting = the_command(chain)
    assert waiting.state is CommandState.WAITING and waiting.next_at > now() and "Connect" in waiting.answer

    with db.session(db.Who(chain.chain.id)) as session:
        cores.connect(session, chain.administrator, cores.Way(CoreKind.REST, chain.reference.url, chain.token))
    due_now(chain)
    rounds.push(chain.chain.id)

    assert the_command(chain).attempts == 2 and chain.core_receipts() == 1


def test_what_the_core_refuses_waits_for_a_person_and_can_be_told_again(chain):
    rounds.pull(chain.chain.id)
    pears = builder.item(chain.farm, "Pears")
    chain.receive(item=pears.id)
    rounds.push(chain.chain.id)
    refused = the_command(chain)
    assert refused.state is CommandState.REFUSED and str(pears.id) in refused.answer

    chain.reference.rows(
        "insert into item (company, code, gtin, name, unit) select id, 'P-1', ?, 'Pears', 'KGM'"
        " from company where name = ?",
        pears.gtin,
        str(chain.chain.id),
    )
    rounds.pull(chain.chain.id)
    with db.session(db.Who(chain.chain.id)) as session:
        with pytest.raises(NotAllowed):
            commands.tell_again(session, chain.buyer, refused.id)
        commands.tell_again(session, chain.administrator, refused.id)
    rounds.push(chain.chain.id)

    assert the_command(chain).state is CommandState.DONE and chain.core_stock(code="P-1") == Decimal("12.5")


def test_nothing_accepted_is_nothing_to_tell(chain):
    rounds.pull(chain.chain.id)
    chain.receive(quantity="0")
    with db.session(db.Who(chain.chain.id)) as session:
        assert session.scalars(select(CoreCommand)).all() == []


def test_a_change_made_behind_the_cores_back_is_found_named_and_closed_once_it_is_put_right(chain):
    rounds.pull(chain.chain.id)
    assert rounds.reconcile(chain.chain.id).drifts == []
    with db.session(db.Who(chain.chain.id)) as session:
        assert cores.of(session).compared_at is not None
    chain.reference.rows(
        "update lot set quantity = quantity - 3000000 where lot = 'OLD' and company ="
        " (select id from company where name = ?) and place = (select id from place where gln = ?)"
        " and item = (select i.id from item i where i.code = 'T-1' and i.company = lot.company)",
        str(chain.chain.id),
        chain.stores[1].gln,
    )

    (drift,) = rounds.reconcile(chain.chain.id).drifts
    assert (drift.place_id, drift.trade_item_id, drift.lot) == (chain.stores[1].id, chain.tomato.id, "OLD")
    assert (drift.hub, drift.core) == (40, 37)
    assert len(rounds.reconcile(chain.chain.id).drifts) == 1 == len(open_drifts(chain))

    rounds.mend(chain.chain.id)
    comparison = rounds.reconcile(chain.chain.id)
    assert comparison.drifts == [] and comparison.settled == 1 and open_drifts(chain) == []


def test_a_sale_between_two_looks_is_trade_and_not_drift(chain, monkeypatch):
    rounds.pull(chain.chain.id)
    look = rounds._look

    def sold_meanwhile(who, core):
        chain.sell(0, "T-1", 1)
        return look(who, core)

    monkeypatch.setattr(rounds, "_look", sold_meanwhile)
    assert rounds.reconcile(chain.chain.id).drifts == []
