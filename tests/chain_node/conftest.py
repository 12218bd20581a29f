import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from chain_parties import HUB_KEY, Hub, give
from coincurve import PrivateKey

from chain_node import rpc
from chain_node.deploy import deploy
from chain_node.deployment import Finality
from chain_node.ledger import Ledger
from chain_node.rpc import Node
from hub.trace import streams

ANVIL = Path(__file__).parents[2] / "node_modules/.bin/anvil"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def anvil() -> Iterator[Node]:
    """A chain of its own for one test; mines a block for each transaction."""
    port = free_port()
    argv = [str(ANVIL), "--port", str(port), "--hardfork", "london", "--chain-id", "4711", "--silent"]
    process = subprocess.Popen(argv)
    try:
        node = Node(f"http://127.0.0.1:{port}")
        for _ in range(200):
            try:
                node.chain_id()
                break
            except rpc.NodeUnreachable:
                time.sleep(0.05)
        yield node
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def ledger(anvil: Node) -> Ledger:
    give(anvil, streams.address(PrivateKey(HUB_KEY).public_key))
    return Ledger(anvil.url, deploy(anvil, HUB_KEY, finality=Finality("depth:2")))


@pytest.fixture
def hub(ledger: Ledger) -> Hub:
    return Hub(ledger)
