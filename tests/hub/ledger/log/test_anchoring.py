"""From captured to final, whatever happens to the chain on the way."""

from datetime import timedelta
from decimal import Decimal

import pytest
from coincurve import PrivateKey
from sqlalchemy import event, text
from sqlmodel import col, select

from chain_node.errors import WrongChain
from hub import db
from hub.ledger.formats import merkle, streams
from hub.ledger.log import anchoring, journal, sealing
from hub.models.catalogue import Lot
from hub.models.trace import AnchorState, ChainMessage, Event, LogAppend, LogLeaf
from hub.trace import recall, records
from tests.hub.growers import MORNING, farm, run_to_the_end

pytestmark = pytest.mark.usefixtures("node")


def rows(model):
    with db.hub_session() as session:
        return list(session.exec(select(model).order_by(col(model.id))))


def test_a_lots_records_reach_the_chain_and_its_head_is_theirs(node, growers):
    growers.grow("A1")
    run_to_the_end()

    events, leaves = rows(Event), rows(LogLeaf)
    chain = anchoring.ledger()
    assert [e.seq for e in events] == [1, 2] and [e.log_index for e in events] == [0, 1]
    assert chain.tree_head().root == merkle.root([leaf.leaf for leaf in leaves])
    assert chain.head_of(growers.organization.member).leaf == events[-1].leaf
    assert {m.state for m in rows(ChainMessage)} == {AnchorState.ANCHORED}


def test_a_harvested_lot_stands_in_the_register_under_its_blinded_key(node, growers):
    lot = growers.grow("A1")
    run_to_the_end()

    found = anchoring.ledger().lot(lot.key)
    commissioning = next(e for e in rows(Event) if e.biz_step == "commissioning")
    assert found.producer == growers.organization.member
    assert found.commitment == commissioning.commitment
    assert found.made_on == (lot.made_on - MORNING.date().replace(year=1970, month=1, day=1)).days
    assert rows(Lot)[0].claim_id is not None


def test_what_is_buried_deep_enough_is_final(node, growers):
    growers.grow("A1")
    run_to_the_end()
    node.ask("anvil_mine", "0x3")

    with db.hub_session() as session:
        assert anchoring.watch(session) == 0
    assert {a.state for a in rows(LogAppend)} == {AnchorState.FINAL}


def test_after_a_reorganisation_the_same_leaves_go_to_the_same_places(node, growers):
    growers.grow("A1")
    run_to_the_end()
    growers.grow("A2", days=1)
    run_to_the_end()
    before = [(leaf.index, leaf.leaf) for leaf in rows(LogLeaf)]

    node.ask("anvil_reorg", 3, [])
    assert anchoring.ledger().tree_head().size < 4
    with db.hub_session() as session:
        assert anchoring.watch(session) > 0
    run_to_the_end()

    assert [(leaf.index, leaf.leaf) for leaf in rows(LogLeaf)] == before
    assert anchoring.ledger().tree_head().root == merkle.root([leaf for _, leaf in before])


def test_a_chain_restored_from_an_older_copy_is_brought_up_to_date(node, growers):
    copy = node.ask("evm_snapshot")
    growers.grow("A1")
    run_to_the_end()
    node.ask("evm_revert", copy)
    assert anchoring.ledger().tree_head().size == 0

    with db.hub_session() as session:
        assert anchoring.watch(session) == len(rows(ChainMessage))
    run_to_the_end()

    assert anchoring.ledger().head_of(growers.organization.member).seq == 2


def test_nothing_is_sent_to_a_chain_that_has_forgotten_a_contract(node, growers):
    growers.grow("A1")
    run_to_the_end()
    growers.grow("A2", days=1)
    log = journal.planned().contracts()["TraceLog"]
    address = "0x" + log.hex()
    code = "0x" + anchoring.ledger().code(log).hex()
    node.ask("anvil_setCode", address, "0x")
    with db.hub_session() as session:
        sealing.seal(session)
    with pytest.raises(WrongChain), db.hub_session() as session:
        anchoring.anchor(session)
    assert rows(ChainMessage)[-1].state is AnchorState.SEALED

    node.ask("anvil_setCode", address, code)
    run_to_the_end()
    assert rows(ChainMessage)[-1].state is AnchorState.ANCHORED


def test_a_hub_killed_before_it_hands_a_transaction_over_sends_it_again(node, growers, monkeypatch):
    growers.grow("A1")
    with db.hub_session() as session:
        sealing.seal(session)
    with monkeypatch.context() as patch, db.hub_session() as session:
        patch.setattr(anchoring, "_hand_over", lambda *_: None)
        anchoring.anchor(session)
    assert {m.state for m in rows(ChainMessage)} == {AnchorState.SENT}

    with monkeypatch.context() as patch:
        patch.setattr(anchoring, "STUCK", timedelta(0))
        run_to_the_end()

    assert anchoring.ledger().tree_head().size == 2
    assert len({m.nonce for m in rows(ChainMessage)}) == len(rows(ChainMessage))


def test_a_second_hub_on_the_same_log_is_noticed_and_nothing_more_is_sent(node, growers):
    growers.grow("A1")
    run_to_the_end()
    with db.hub_session() as session:
        session.exec(select(LogLeaf)).first()
        for leaf in session.exec(select(LogLeaf)):
            session.delete(leaf)
    growers.grow("A2", days=1)

    with pytest.raises(anchoring.LogForked), db.hub_session() as session:
        sealing.seal(session)
        anchoring.anchor(session)


def test_a_slow_chain_makes_larger_batches_not_a_queue(node, growers):
    for number in range(sealing.UNSENT + 3):
        growers.grow(f"A{number}", days=number)
        with db.hub_session() as session:
            sealing.seal(session)
    assert len(rows(LogAppend)) == sealing.UNSENT
    run_to_the_end()
    assert anchoring.ledger().tree_head().size == 2 * (sealing.UNSENT + 3)


def test_members_that_sign_themselves_are_not_signed_for(node, clean, keys_of_the_hub):
    own = PrivateKey(bytes.fromhex("33" * 32))
    alone = farm("0x" + streams.address(own.public_key).hex())
    with alone.session() as session:
        scene = records.Scene(alone.field, MORNING)
        lot = records.plant(session, alone.item, "B1", scene)
        records.harvest(session, records.Goods(lot, alone.item, Decimal(5)), scene)
    run_to_the_end()

    assert [e.seq for e in rows(Event)] == [None, None]
    assert anchoring.ledger().head_of(alone.organization.member).seq == 0


def test_a_message_the_chain_refuses_holds_nothing_else_up(node, growers):
    lot = growers.grow("A1")
    with growers.session() as session:
        recall.open_recall(
            session,
            growers.actor,
            lot,
            recall.Grounds(2, "超标", "over a limit"),
            at=MORNING,
        )
    with db.hub_session() as session:
        body = {
            "keys": [lot.key.hex()],
            "issuer": growers.organization.member,
            "nonce": 7,
            "class": 2,
            "notice": "00" * 32,
            "signature": "11" * 65,
        }
        journal.enqueue(session, "recall", body)
    run_to_the_end()
    assert anchoring.ledger().head_of(growers.organization.member).seq == 2
    assert [m.kind for m in rows(ChainMessage) if m.error] == ["recall"]


def test_a_recall_reaches_the_chain_behind_its_lot(node, growers):
    lot = growers.grow("A1")
    with growers.session() as session:
        recall.open_recall(
            session,
            growers.actor,
            lot,
            recall.Grounds(2, "超标", "over a limit"),
            at=MORNING,
        )
    for _ in range(2):
        with db.hub_session() as session:
            recall.unsent(session)
        run_to_the_end()
    (said,) = anchoring.ledger().recalls_of(lot.key)
    assert (said.issuer, said.level, said.nonce) == (growers.organization.member, 2, 1)


def waiting_long() -> None:
    """Everything that was sent was sent long ago."""
    with db.hub_session() as session:
        session.execute(text("update chain_message set sent_at = now() - interval '1 minute'"))


def fees() -> set[int]:
    return {m.fee for m in rows(ChainMessage) if m.state is AnchorState.SENT}


def test_a_chain_that_stood_still_for_a_day_costs_no_more_and_is_caught_up_without_a_hand(node, growers):
    node.ask("evm_setAutomine", False)
    growers.grow("A1")
    with db.hub_session() as session:
        sealing.seal(session)
    with db.hub_session() as session:
        anchoring.anchor(session)
    offered = fees()
    for _ in range(30):
        waiting_long()
        with db.hub_session() as session:
            anchoring.anchor(session)
    assert fees() == offered
    node.ask("anvil_dropAllTransactions")  # the node was started anew and remembers nothing
    node.ask("evm_setAutomine", True)
    waiting_long()
    run_to_the_end()
    assert anchoring.ledger().head_of(growers.organization.member).seq == 2


def test_what_is_stuck_while_the_chain_goes_on_is_offered_more_up_to_a_ceiling(node, growers, monkeypatch):
    growers.grow("A1")
    with db.hub_session() as session:
        sealing.seal(session)
    monkeypatch.setattr(anchoring, "_hand_over", lambda *_: True)  # mined around: the node takes others' only
    with db.hub_session() as session:
        anchoring.anchor(session)
    begun = max(fees())
    seen = []
    for _ in range(60):
        node.ask("anvil_mine", "0x1")
        waiting_long()
        with db.hub_session() as session:
            anchoring.anchor(session)
        seen.append(max(fees()))
        assert seen[-1] <= anchoring.DEAREST * anchoring.ledger().fees().most
    assert seen[0] > begun and max(seen) > 4 * begun
    monkeypatch.undo()
    waiting_long()
    run_to_the_end()
    assert anchoring.ledger().head_of(growers.organization.member).seq == 2


def test_a_fee_beyond_all_balance_from_earlier_comes_down_by_itself(node, growers):
    growers.grow("A1")
    with db.hub_session() as session:
        sealing.seal(session)
    node.ask("evm_setAutomine", False)
    with db.hub_session() as session:
        anchoring.anchor(session)
    node.ask("anvil_dropAllTransactions")
    with db.hub_session() as session:
        session.execute(text("update chain_message set fee = 9000000000000000000 where state = 'sent'"))
    node.ask("evm_setAutomine", True)
    waiting_long()
    run_to_the_end()
    assert anchoring.ledger().head_of(growers.organization.member).seq == 2


def test_watching_leaves_alone_what_is_being_sent(node, growers):
    growers.grow("A1")
    run_to_the_end()
    with db.relay_engine().connect() as sender:
        db.in_turn(sender, anchoring._TURN)
        copy_before = {m.number: m.state for m in rows(ChainMessage)}
        node.ask("anvil_mine", "0x5")
        with db.hub_session() as session:
            assert anchoring.watch(session) == 0
        assert {m.number: m.state for m in rows(ChainMessage)} == copy_before
        sender.rollback()
    with db.hub_session() as session:
        anchoring.watch(session)
    assert {m.state for m in rows(ChainMessage)} == {AnchorState.FINAL}


def test_all_that_is_sent_in_one_round_is_written_down_before_any_of_it_goes_out(node, growers, monkeypatch):
    """One commit, then the node: the lock is not given back half-way."""
    for number in range(3):
        growers.grow(f"A{number}", days=number)
        with db.hub_session() as session:
            sealing.seal(session)
    monkeypatch.setattr(anchoring, "_hand_over", lambda *_: True)
    with db.hub_session() as session:
        anchoring.anchor(session)
    waiting_long()
    with db.hub_session() as session:
        commits = []
        event.listen(session, "after_commit", lambda _s: commits.append(1))
        anchoring.anchor(session)
        assert len(commits) == 1
