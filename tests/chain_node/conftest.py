from collections.abc import Iterator

import pytest
from chain_parties import HUB_KEY, Hub
from coincurve import PrivateKey

from chain_node.deploy import deploy
from chain_node.deployment import Finality
from chain_node.ledger import Ledger
from chain_node.node import fund
from chain_node.rpc import Node
from hub.ledger.formats import streams
from tests.anvil import ENOUGH, running


@pytest.fixture
def anvil() -> Iterator[Node]:
    """A chain of its own for one test; mines a block for each transaction."""
    with running() as node:
        yield node


@pytest.fixture
def ledger(anvil: Node) -> Ledger:
    fund(anvil, streams.address(PrivateKey(HUB_KEY).public_key), ENOUGH)
    return Ledger(anvil.url, deploy(anvil, HUB_KEY, finality=Finality("depth:2")))


@pytest.fixture
def hub(ledger: Ledger) -> Hub:
    return Hub(ledger)
