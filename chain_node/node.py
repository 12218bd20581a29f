"""The embedded node: run with the flags that were measured, asked whether it is well."""

from pathlib import Path

from chain_node import rpc
from chain_node.errors import LedgerError
from chain_node.rpc import Node


def command(program: Path, folder: Path, port: int, *, period: int = 2) -> list[str]:
    """How to run a chain of one sealer in ``folder``; the account that it unlocks only funds the hub's own."""
    return [
        str(program), "--dev", "--dev.period", str(period), "--dev.gaslimit", "30000000", "--datadir", str(folder),
        "--gcmode", "archive", "--state.scheme", "hash", "--cache", "64",
        "--http", "--http.addr", "127.0.0.1", "--http.port", str(port), "--http.api", "eth,net,web3,debug",
        "--ipcdisable", "--nodiscover", "--maxpeers", "0", "--port", "0", "--authrpc.port", "0", "--verbosity", "2",
    ]  # fmt: skip


def answers(url: str) -> bool:
    """Whether a node answers there."""
    try:
        Node(url, timeout=2).chain_id()
    except LedgerError:
        return False
    return True


def fund(node: Node, account: bytes, wei: int = 10**24) -> None:
    """Give an account what it needs for good, from the one that a development node unlocks."""
    if node.balance(account) >= wei // 2:
        return
    rich = node.ask("eth_accounts")[0]
    sent = node.ask("eth_sendTransaction", {"from": rich, "to": rpc.to_hex(account), "value": hex(wei)})
    node.wait_receipt(rpc.unhex(sent), timeout=60)
