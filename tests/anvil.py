"""A chain for tests that need it at once, and the past changed: anvil, mining a block for each transaction."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chain_node import npm, rpc
from chain_node.rpc import Node

ANVIL = Path(__file__).parents[1] / "node_modules/.bin/anvil"
RICH = bytes.fromhex("f39fd6e51aad88f6f4ce6ab8827279cfffb92266")  # anvil's first account
ETHER = 10**18
CHAIN_ID = 4711


@contextmanager
def running() -> Iterator[Node]:
    """A fresh chain on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    argv = [str(ANVIL), "--port", str(port), "--hardfork", "london", "--chain-id", str(CHAIN_ID), "--silent"]
    process = subprocess.Popen(argv, env=npm.environment())
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


def give(node: Node, account: bytes, wei: int = 100 * ETHER) -> None:
    """Let an account pay for its transactions."""
    told = {"from": rpc.to_hex(RICH), "to": rpc.to_hex(account), "value": hex(wei)}
    node.ask("eth_sendTransaction", told)
