import pytest
from chain_parties import HUB_KEY

from chain_node import proved, rpc, state
from chain_node.errors import (
    NodeUnreachable,
    NonceUsed,
    NotExtended,
    NotPermitted,
    ProofInvalid,
    Refused,
    StateUnknown,
)
from chain_node.facts import (
    Appended,
    Head,
    HeadMoved,
    Leaf,
    Recalled,
    Role,
    SkipReason,
    SubmissionSkipped,
    TreeHead,
)
from chain_node.ledger import Ledger
from hub.ledger.formats import merkle, streams

TOMATOES, BEANS = bytes([1]) * 32, bytes([2]) * 32


def test_a_members_records_are_sealed_and_its_head_moves(hub):
    grower = hub.enrol(5)
    submission, signature, leaves = grower.speak(TOMATOES, BEANS)
    receipt = hub.send(hub.append_call(leaves, (submission, signature)))

    ledger = hub.ledger
    assert ledger.tree_head() == TreeHead(2, merkle.root(leaves))
    assert ledger.head_of(grower.number) == Head(2, leaves[-1])
    appended, moved = ledger.events(receipt.block_number, receipt.block_number)
    assert isinstance(appended, Appended) and appended.place.block_hash == receipt.block_hash
    assert isinstance(moved, HeadMoved) and moved.account == streams.address(grower.key.public_key)
    assert moved.summary_hash == submission.summary_hash


def test_the_contract_finds_a_record_and_sees_that_the_log_only_grew(hub):
    grower = hub.enrol(5)
    for n in range(1, 12):
        submission, signature, leaves = grower.speak(*([bytes([n]) * 32] * n))
        hub.send(hub.append_call(leaves, (submission, signature)))

    tree, ledger = hub.tree(), hub.ledger
    seq, previous, commitment = grower.records[40]
    proof = tree.inclusion(40)
    assert ledger.includes(40, Leaf(grower.number, seq, previous, commitment), proof)
    assert not ledger.includes(40, Leaf(grower.number, seq, previous, BEANS), proof)
    assert ledger.extends(37, hub.tree(37).root(), tree.consistency(37))
    assert not ledger.extends(37, BEANS, tree.consistency(37))


def test_a_stale_submission_is_skipped_and_the_rest_stands(hub):
    grower, other = hub.enrol(5), hub.enrol(6)
    first = grower.speak(TOMATOES)
    hub.send(hub.append_call(first[2], first[:2]))
    fresh = other.speak(BEANS)

    receipt = hub.send(hub.append_call(fresh[2], first[:2], fresh[:2]))

    skipped = [
        e for e in hub.ledger.events(receipt.block_number, receipt.block_number) if isinstance(e, SubmissionSkipped)
    ]
    assert [(e.member, e.reason) for e in skipped] == [(grower.number, SkipReason.STALE_HEAD)]
    assert hub.ledger.head_of(other.number).seq == 1


def test_a_second_hub_whose_log_differs_is_stopped(hub):
    hub.send(hub.append_call([TOMATOES, BEANS]))
    hub.leaves = [BEANS, TOMATOES]
    call = hub.append_call([BEANS])

    with pytest.raises(NotExtended):
        hub.ledger.estimate(call, hub.account)
    assert not hub.send(call, gas=500_000).succeeded
    assert hub.ledger.tree_head() == TreeHead(2, merkle.root([TOMATOES, BEANS]))


def test_only_the_hub_appends_and_enrols(hub):
    stranger = bytes([9]) * 20
    with pytest.raises(NotPermitted):
        hub.ledger.estimate(hub.append_call([BEANS]), stranger)
    with pytest.raises(NotPermitted):
        hub.ledger.estimate(hub.ledger.enrol_call(Role.SUPPLIER, BEANS, stranger, hub_held=True), stranger)


def test_members_keep_their_number_when_their_key_changes(hub):
    grower = hub.enrol(5, Role.SUPPLIER | Role.CARRIER)
    old, new = streams.address(grower.key.public_key), bytes([8]) * 20
    added = hub.send(hub.ledger.add_key_call(grower.number, new, hub_held=True))
    revoked = hub.send(hub.ledger.revoke_key_call(grower.number, old))

    (member,) = hub.ledger.members()
    assert member.number == 1 and member.roles == Role.SUPPLIER | Role.CARRIER
    assert [(k.account, k.to_block, k.hub_held) for k in member.keys] == [
        (old, revoked.block_number, False),
        (new, 0, True),
    ]
    for block in range(1, hub.ledger.block("latest").number + 1):
        for key in member.keys:
            assert hub.ledger.held_at(1, key.account, block) is key.in_force(block)
    assert not member.keys[1].in_force(added.block_number - 1)


def test_lots_are_registered_and_recalled_under_their_signatures(hub):
    grower = hub.enrol(5)
    at = hub.ledger.deployment
    domain = streams.Domain(at.chain_id, at.addresses.lots)
    lots = tuple(streams.Lot(bytes([n]) * 32, 20_777 + n, BEANS) for n in (1, 2, 3))
    claim = streams.Registration(grower.number, lots)
    signature = streams.sign(streams.digest(domain, claim), grower.key)
    hub.send(hub.ledger.register_lots_call(grower.number, lots, signature))

    found = hub.ledger.lot(lots[1].key)
    assert found is not None and (found.producer, found.made_on) == (grower.number, 20_779)
    assert hub.ledger.lot(bytes(32)) is None

    recall = streams.Recall((lots[0].key, lots[1].key), grower.number, 1, 2, TOMATOES)
    signed = streams.sign(streams.digest(domain, recall), grower.key)
    receipt = hub.send(hub.ledger.recall_call(recall, signed))
    told = hub.ledger.events(receipt.block_number, receipt.block_number)
    assert [(type(e), e.key, e.level) for e in told] == [(Recalled, lot.key, 2) for lot in lots[:2]]
    assert hub.ledger.recalls_of(lots[0].key)[0].notice == TOMATOES
    assert hub.ledger.recall_nonce(grower.number) == 1

    block, at = hub.ledger.block("latest"), hub.ledger.deployment
    keys = [lot.key for lot in lots] + [bytes(32)]
    shown = state.verify(hub.ledger.prove(block.number, lots=keys), block.hash)
    for key in keys:
        assert proved.recalls_of(shown, at, key) == hub.ledger.recalls_of(key)
    assert [len(proved.recalls_of(shown, at, key)) for key in keys] == [1, 1, 0, 0]
    with pytest.raises(ProofInvalid, match="not part"):
        proved.recalls_of(shown, at, bytes([9]) * 32)

    with pytest.raises(Refused, match="NonceInvalid"):
        hub.ledger.estimate(hub.ledger.recall_call(recall, signed), hub.account)


def test_two_hundred_lots_go_into_one_transaction(hub):
    grower = hub.enrol(5)
    domain = streams.Domain(4711, hub.ledger.deployment.addresses.lots)
    lots = tuple(streams.Lot(n.to_bytes(32, "big"), 20_777, BEANS) for n in range(1, 201))
    signature = streams.sign(streams.digest(domain, streams.Registration(1, lots)), grower.key)
    receipt = hub.send(hub.ledger.register_lots_call(1, lots, signature))
    assert receipt.succeeded and receipt.gas_used < 16_777_216


def test_heads_keys_and_lots_are_proved_under_a_blocks_hash(hub):
    grower, other = hub.enrol(5), hub.enrol(6)
    submission, signature, leaves = grower.speak(TOMATOES)
    hub.send(hub.append_call(leaves, (submission, signature)))
    ledger, at = hub.ledger, hub.ledger.deployment
    block = ledger.block("latest")

    proof = ledger.prove(block.number, members=[1, 2], lots=[BEANS])
    shown = state.verify(proof, block.hash)

    assert shown.number == block.number and shown.time == block.time
    assert proved.tree_head(shown, at) == ledger.tree_head()
    assert proved.head_of(shown, at, grower.number) == Head(1, leaves[0])
    assert proved.head_of(shown, at, other.number) == Head(0, bytes(32))
    assert tuple(proved.keys_of(shown, at, 1)) == ledger.member(1).keys
    assert proved.lot(shown, at, BEANS) is None
    assert shown.code_hashes[at.addresses.trace_log] == at.code_hashes["TraceLog"]
    with pytest.raises(ProofInvalid, match="not part"):
        proved.head_of(shown, at, 3)


def test_a_bent_proof_is_refused(hub):
    grower = hub.enrol(5)
    submission, signature, leaves = grower.speak(TOMATOES)
    hub.send(hub.append_call(leaves, (submission, signature)))
    block = hub.ledger.block("latest")
    proof = hub.ledger.prove(block.number, members=[1])

    with pytest.raises(ProofInvalid, match="not that of the block"):
        state.verify(proof, block.parent)
    for contract, account in proof.accounts.items():
        for slot, nodes in account.storage.items():
            bent = bytes([*nodes[-1][:-1], nodes[-1][-1] ^ 1])
            storage = {**account.storage, slot: (*nodes[:-1], bent)}
            accounts = {**proof.accounts, contract: state.AccountProof(account.nodes, storage)}
            with pytest.raises(ProofInvalid, match="missing"):
                state.verify(state.StateProof(proof.header, accounts), block.hash)


def test_after_a_reorganisation_the_log_is_shorter_and_the_same_leaves_go_in_again(hub):
    hub.send(hub.append_call([TOMATOES]))
    receipt = hub.send(hub.append_call([BEANS]))
    ledger = hub.ledger
    final = ledger.final()
    assert final.number == receipt.block_number - 2

    ledger.ask("anvil_reorg", 1, [])

    assert ledger.block(receipt.block_number).hash != receipt.block_hash
    assert ledger.block(final.number).hash == final.hash
    assert ledger.receipt(receipt.transaction) is None
    assert ledger.tree_head() == TreeHead(1, TOMATOES)
    hub.nonce = ledger.next_nonce(hub.account)
    hub.leaves = [TOMATOES]
    hub.send(hub.append_call([BEANS]))
    assert ledger.tree_head() == TreeHead(2, merkle.node_hash(TOMATOES, BEANS))


def test_a_stuck_transaction_is_replaced_by_one_that_pays_more(hub):
    ledger = hub.ledger
    ledger.ask("evm_setAutomine", False)
    call, fees = hub.append_call([TOMATOES]), ledger.fees()
    given = {"chain_id": 4711, "nonce": hub.nonce, "gas": 500_000}
    stuck = rpc.sign(call, HUB_KEY, fees=fees, **given)
    ledger.send_raw(stuck.raw)
    assert ledger.next_nonce(hub.account, "pending") == hub.nonce + 1

    better = rpc.sign(call, HUB_KEY, fees=fees.raised(), **given)
    ledger.send_raw(better.raw)
    ledger.ask("evm_mine")

    assert ledger.receipt(stuck.hash) is None
    assert ledger.receipt(better.hash).succeeded
    with pytest.raises(NonceUsed):
        ledger.send_raw(stuck.raw)


def test_a_silent_node_and_an_unknown_block_are_named(ledger):
    with pytest.raises(StateUnknown):
        ledger.block(10_000)
    with pytest.raises(NodeUnreachable):
        Ledger("http://127.0.0.1:9", ledger.deployment).chain_id()
