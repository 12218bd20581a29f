"""The one door to web3 and eth_account, opened when somebody signs or deploys: all others do without their weight.

Both are imported when they are first needed (docs/decisions/0012).
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coincurve import PrivateKey

from chain_node.errors import LedgerError, NodeUnreachable, from_node
from chain_node.keccak import keccak

if TYPE_CHECKING:
    from web3 import Web3


@contextmanager
def _as_shallow_as_before() -> Iterator[None]:
    """They draw in py_ecc, which lets Python recurse 100,000 deep: deep enough for hostile JSON to overflow the C
    stack."""
    limit = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(limit)


@dataclass(frozen=True, slots=True)
class Signed:
    """A transaction ready to be sent, and the hash it will have."""

    raw: bytes
    hash: bytes
    nonce: int


def sign(transaction: Mapping[str, Any], key: bytes) -> Signed:
    """Sign a transaction (EIP-1559, by the names of JSON-RPC) with an account's private key."""
    with _as_shallow_as_before():
        from eth_account import Account
    signed = Account.sign_transaction(dict(transaction), key)
    return Signed(bytes(signed.raw_transaction), bytes(signed.hash), int(transaction["nonce"]))


def address_of(key: bytes) -> bytes:
    """The address of a private key's account: 20 bytes."""
    return keccak(PrivateKey(key).public_key.format(compressed=False)[1:])[12:]


def transact(url: str, transaction: Mapping[str, Any], key: bytes, *, patience: float) -> bool | None:
    """Have the node price a transaction, sign it, send it and wait; whether it succeeded, None while it is in no block.

    For the rare transactions of a deployment. Raises the `LedgerError` that the node's answer means.
    """
    with _as_shallow_as_before():
        from web3.exceptions import TimeExhausted, Web3Exception
    try:
        web3 = _connected(url)
        sender = web3.eth.account.from_key(key).address
        full: Any = {"from": sender, "chainId": web3.eth.chain_id, "nonce": web3.eth.get_transaction_count(sender)}
        full |= transaction
        full["maxPriorityFeePerGas"] = tip = web3.eth.max_priority_fee
        full["maxFeePerGas"] = int(web3.eth.get_block("latest")["baseFeePerGas"]) * 2 + tip
        full["gas"] = web3.eth.estimate_gas(full) * 5 // 4
        sent = web3.eth.send_raw_transaction(web3.eth.account.sign_transaction(full, key).raw_transaction)
        return web3.eth.wait_for_transaction_receipt(sent, timeout=patience, poll_latency=0.1)["status"] == 1
    except TimeExhausted:
        return None
    except OSError as problem:  # what the HTTP client raises is one
        raise NodeUnreachable(f"{url} does not answer: {problem}") from problem
    except Web3Exception as problem:
        raise _refusal(problem) from problem


def _connected(url: str) -> "Web3":
    with _as_shallow_as_before():
        from web3 import HTTPProvider, Web3
    return Web3(HTTPProvider(url, exception_retry_configuration=None))


def _refusal(problem: Exception) -> LedgerError:
    return from_node(str(problem))
