from dataclasses import replace

import pytest
from chain_parties import HUB_KEY
from coincurve import PrivateKey

from chain_node import deployment, rpc
from chain_node.deploy import deploy
from chain_node.deployment import Finality, FinalityUnknown, predict
from chain_node.errors import NotDeployed, OutOfFunds, WrongChain, from_node
from chain_node.ledger import Ledger
from chain_node.node import fund
from hub.ledger.formats import streams
from tests.anvil import ENOUGH
from tools import contracts

HUB = streams.address(PrivateKey(HUB_KEY).public_key)


def test_the_artifacts_belong_to_the_sources():
    contracts.check()


def test_addresses_and_the_logs_name_are_known_before_the_chain_runs(anvil):
    planned = predict(4711, HUB)
    assert planned.log_id == streams.log_id(4711, planned.addresses.trace_log)

    fund(anvil, HUB, ENOUGH)
    made = deploy(anvil, HUB_KEY)

    assert made.addresses == planned.addresses
    ledger = Ledger(anvil.url, made)
    assert ledger._read("TraceLog", "logId") == (planned.log_id,)
    ledger.check()


def test_deploying_again_changes_nothing(anvil):
    fund(anvil, HUB, ENOUGH)
    first = deploy(anvil, HUB_KEY)
    block = anvil.block("latest").number
    assert deploy(anvil, HUB_KEY) == first
    assert anvil.block("latest").number == block


def test_a_deployment_goes_on_where_a_crash_left_it(anvil):
    fund(anvil, HUB, ENOUGH)
    planned = predict(4711, HUB)
    call = rpc.Call(None, planned.creation("Factory"))
    signed = rpc.sign(call, HUB_KEY, chain_id=4711, nonce=0, gas=2_000_000, fees=anvil.fees())
    assert anvil.wait_receipt(anvil.send_raw(signed.raw)).succeeded

    made = deploy(anvil, HUB_KEY)

    assert made.addresses == planned.addresses
    assert anvil.next_nonce(HUB) == 4
    assert made.from_block == 2  # block 1 gave the account its funds


def test_an_account_without_funds_or_with_a_past_cannot_deploy(anvil):
    with pytest.raises(OutOfFunds):
        deploy(anvil, HUB_KEY)
    fund(anvil, HUB, ENOUGH)
    signed = rpc.sign(rpc.Call(HUB, b""), HUB_KEY, chain_id=4711, nonce=0, gas=21_000, fees=anvil.fees())
    anvil.wait_receipt(anvil.send_raw(signed.raw))
    with pytest.raises(NotDeployed, match="fresh account"):
        deploy(anvil, HUB_KEY)


def test_a_deployment_file_is_read_as_it_was_written(ledger, tmp_path):
    ledger.deployment.save(tmp_path / "chain.json")
    assert deployment.read(tmp_path / "chain.json") == ledger.deployment


def test_a_node_of_another_chain_is_noticed(ledger):
    for other in (
        replace(ledger.deployment, chain_id=1),
        replace(ledger.deployment, genesis_hash=bytes(32)),
        predict(4711, bytes(20)),
    ):
        with pytest.raises(WrongChain):
            Ledger(ledger.url, other).check()


def test_an_unknown_finality_rule_is_refused():
    assert Finality("depth:12").depth == 12
    for rule in ("minority", "depth:", "depth:-1", "soon"):
        with pytest.raises(FinalityUnknown):
            Finality(rule)


def test_what_nodes_say_becomes_one_of_our_errors():
    said = {
        "nonce too low: next nonce 5, tx nonce 4": "NonceUsed",
        "replacement transaction underpriced": "FeeTooLow",
        "already known": "AlreadySent",
        "insufficient funds for gas * price + value": "OutOfFunds",
        "missing trie node 00ff": "StateUnknown",
        "exceeds block gas limit": "GasLimitExceeded",
        "the method foo does not exist": "NodeFailed",
    }
    assert {text: type(from_node(text)).__name__ for text in said} == said
