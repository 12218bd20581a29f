"""Any Ethereum node, over JSON-RPC: blocks, accounts, transactions. Raw bytes inside, hex only on the wire."""

import itertools
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from chain_node import ethereum
from chain_node.errors import LedgerError, NodeUnreachable, StateUnknown, from_node
from chain_node.ethereum import Signed

BlockName = int | str
"""A number, or `latest`, `finalized`, `safe`, `pending`, `earliest`."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block's header; `time` in Unix seconds."""

    number: int
    hash: bytes
    parent: bytes
    time: int
    state_root: bytes
    base_fee: int


@dataclass(frozen=True, slots=True)
class Call:
    """What a transaction does: call data for a contract, or creation code when `to` is None."""

    to: bytes | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Fees:
    """What a transaction offers a unit of gas, in wei."""

    most: int
    tip: int

    def raised(self) -> "Fees":
        """Enough more to replace a transaction that is stuck: an eighth, where nodes ask for a tenth."""
        return replace(self, most=self.most * 9 // 8 + 1, tip=self.tip * 9 // 8 + 1)


@dataclass(frozen=True, slots=True)
class TransactionReceipt:
    """What became of a transaction that is in a block."""

    transaction: bytes
    block_number: int
    block_hash: bytes
    succeeded: bool
    gas_used: int


@dataclass(frozen=True, slots=True)
class RawLog:
    """An event as the node tells it."""

    contract: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_hash: bytes
    transaction: bytes
    index: int


def sign(call: Call, key: bytes, *, chain_id: int, nonce: int, gas: int, fees: Fees) -> Signed:
    """Sign a call with the account's private key; sends nothing. Sign again with the same nonce to replace it."""
    transaction = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "gas": gas,
        "maxFeePerGas": fees.most,
        "maxPriorityFeePerGas": fees.tip,
        "value": 0,
        "data": call.data,
    }
    if call.to is not None:
        transaction["to"] = call.to
    return ethereum.sign(transaction, key)


class Node:
    """One node. Every method is one question; nothing is remembered and nothing is sent unasked."""

    def __init__(self, url: str, *, timeout: float = 10) -> None:
        self.url = url
        self._pool = PoolManager(timeout=Timeout(timeout), retries=False, maxsize=8)
        self._numbers = itertools.count(1)

    def ask(self, method: str, *params: Any) -> Any:
        """The result of any JSON-RPC method, as the node gives it; a `LedgerError` when it gives none."""
        if "://" not in self.url:
            raise NodeUnreachable(f"{self.url!r} is no address of a node")
        try:
            asked = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": list(params)}
            response = self._pool.request("POST", self.url, json=asked)
            answer = json.loads(response.data)
            if response.status != 200 and "error" not in answer:
                raise ValueError(f"HTTP status {response.status}")
        except (HTTPError, OSError, ValueError, TypeError) as problem:
            raise NodeUnreachable(f"{self.url} does not answer: {problem}") from problem
        if not isinstance(answer, dict) or not {"error", "result"} & answer.keys():
            raise NodeUnreachable(f"{self.url} answers, but not as an Ethereum node does")
        if "error" in answer:
            error: Any = answer["error"]
            raise self.refusal(error if isinstance(error, dict) else {"message": str(error)})
        return answer["result"]

    def refusal(self, error: dict[str, Any]) -> LedgerError:
        """Our error for the node's."""
        return from_node(str(error.get("message", error)))

    def chain_id(self) -> int:
        """The chain's number (EIP-155)."""
        return int(self.ask("eth_chainId"), 16)

    def genesis_hash(self) -> bytes:
        """The hash of block 0: which chain of that number it is."""
        return self.block(0).hash

    def block(self, name: BlockName) -> Block:
        """A block's header; raises `StateUnknown` when the node has no such block."""
        raw = self.raw_block(name)
        return Block(
            number=int(raw["number"], 16),
            hash=unhex(raw["hash"]),
            parent=unhex(raw["parentHash"]),
            time=int(raw["timestamp"], 16),
            state_root=unhex(raw["stateRoot"]),
            base_fee=int(raw.get("baseFeePerGas") or "0x0", 16),
        )

    def raw_block(self, name: BlockName) -> dict[str, Any]:
        """A block's header as the node tells it."""
        raw: dict[str, Any] | None = self.ask("eth_getBlockByNumber", _name(name), False)
        if raw is None:
            raise StateUnknown(f"the node has no block {name}")
        return raw

    def balance(self, account: bytes) -> int:
        """What an account holds, in wei."""
        return int(self.ask("eth_getBalance", to_hex(account), "latest"), 16)

    def next_nonce(self, account: bytes, name: BlockName = "latest") -> int:
        """The nonce the account's next transaction must have; with `pending`, counting those that wait."""
        return int(self.ask("eth_getTransactionCount", to_hex(account), _name(name)), 16)

    def code(self, account: bytes, name: BlockName = "latest") -> bytes:
        """The code at an address, empty when there is none."""
        return unhex(self.ask("eth_getCode", to_hex(account), _name(name)))

    def fees(self) -> Fees:
        """An offer that the next blocks will take: twice the base fee, and the tip the node suggests."""
        tip = int(self.ask("eth_maxPriorityFeePerGas"), 16)
        return Fees(self.block("latest").base_fee * 2 + tip, tip)

    def estimate(self, call: Call, sender: bytes) -> int:
        """The gas a call would use now; raises what the contract would refuse it with."""
        return int(self.ask("eth_estimateGas", _call(call, sender)), 16)

    def call(self, call: Call, name: BlockName = "latest", sender: bytes | None = None) -> bytes:
        """What a call would return; changes nothing."""
        return unhex(self.ask("eth_call", _call(call, sender), _name(name)))

    def send_raw(self, raw: bytes) -> bytes:
        """Hand a signed transaction to the node; returns its hash."""
        return unhex(self.ask("eth_sendRawTransaction", to_hex(raw)))

    def receipt(self, transaction: bytes) -> TransactionReceipt | None:
        """What became of a transaction; None while it is in no block."""
        raw = self.ask("eth_getTransactionReceipt", to_hex(transaction))
        if raw is None:
            return None
        return TransactionReceipt(
            transaction=transaction,
            block_number=int(raw["blockNumber"], 16),
            block_hash=unhex(raw["blockHash"]),
            succeeded=int(raw["status"], 16) == 1,
            gas_used=int(raw["gasUsed"], 16),
        )

    def wait_receipt(self, transaction: bytes, *, timeout: float = 30, every: float = 0.1) -> TransactionReceipt | None:
        """Ask for a receipt until there is one or `timeout` seconds have passed (then None)."""
        end = time.monotonic() + timeout
        while (receipt := self.receipt(transaction)) is None and time.monotonic() < end:
            time.sleep(every)
        return receipt

    def raw_logs(self, contracts: Sequence[bytes], from_block: int, to_block: int) -> list[RawLog]:
        """The events of some contracts in a range of blocks, ends included, in order."""
        query = {
            "address": [to_hex(contract) for contract in contracts],
            "fromBlock": hex(from_block),
            "toBlock": hex(to_block),
        }
        return [
            RawLog(
                contract=unhex(raw["address"]),
                topics=tuple(unhex(topic) for topic in raw["topics"]),
                data=unhex(raw["data"]),
                block_number=int(raw["blockNumber"], 16),
                block_hash=unhex(raw["blockHash"]),
                transaction=unhex(raw["transactionHash"]),
                index=int(raw["logIndex"], 16),
            )
            for raw in self.ask("eth_getLogs", query)
        ]


def to_hex(value: bytes) -> str:
    """As JSON-RPC writes bytes."""
    return "0x" + value.hex()


def unhex(text: str) -> bytes:
    """Bytes from JSON-RPC's writing."""
    return bytes.fromhex(text[2:])


def _name(name: BlockName) -> str:
    return hex(name) if isinstance(name, int) else name


def _call(call: Call, sender: bytes | None) -> dict[str, str]:
    fields = {"data": to_hex(call.data)}
    if call.to is not None:
        fields["to"] = to_hex(call.to)
    if sender is not None:
        fields["from"] = to_hex(sender)
    return fields
