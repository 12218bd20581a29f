"""Seals of a real Clique network of four: who sealed what, and what a majority has sealed on."""

import json
from pathlib import Path

import pytest

from chain_node import seals
from chain_node.deployment import Finality, predict
from chain_node.errors import NotSealed
from chain_node.ledger import Ledger

TOLD = json.loads((Path(__file__).parents[1] / "samples" / "clique" / "headers.json").read_text())
BLOCKS = TOLD["blocks"]


class Recorded(Ledger):
    """The network's headers, up to a block."""

    def __init__(self, latest: int) -> None:
        super().__init__("http://unused", predict(4711, bytes(20), finality=Finality("majority")))
        self.latest = latest

    def raw_block(self, name):
        return BLOCKS[self.latest if name == "latest" else name]


def test_the_genesis_names_its_sealers():
    assert {"0x" + account.hex() for account in seals.named(BLOCKS[0])} == set(TOLD["signers"])


def test_each_header_tells_who_sealed_it():
    for number, account in TOLD["recents"].items():
        assert "0x" + seals.sealer(BLOCKS[int(number)]).hex() == account


def test_a_block_is_settled_once_three_of_four_have_sealed_since():
    for latest in range(1, len(BLOCKS)):
        final = Recorded(latest).final().number
        since = [seals.sealer(block) for block in BLOCKS[final + 1 : latest + 1]]
        if final:
            assert len(set(since)) == 3 > len(set(since[1:]))
        else:
            assert len(set(since)) <= 3
    assert Recorded(len(BLOCKS) - 1).final().number >= 9


@pytest.mark.parametrize(("sealers", "enough"), [(1, 1), (2, 2), (3, 3), (4, 3), (6, 5), (7, 5), (10, 7)])
def test_more_than_two_thirds_are_enough(sealers, enough):
    assert seals.enough(sealers) == enough


def test_a_chain_without_seals_says_so():
    with pytest.raises(NotSealed):
        seals.named(BLOCKS[0] | {"extraData": "0x"})
    with pytest.raises(NotSealed):
        seals.sealer(BLOCKS[0])
