"""State proofs: what a contract stores, shown under a block's hash without trusting the node that says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rlp  # type: ignore[import-untyped]

from chain_node.errors import ProofInvalid
from chain_node.keccak import keccak

_HEADER_FIELDS = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom",
    "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce",
    "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash",
)  # fmt: skip
_NUMBERS = {
    "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas",
}  # fmt: skip
_STATE_ROOT, _NUMBER, _TIME = 3, 8, 11


@dataclass(frozen=True)
class AccountProof:
    """The trie nodes that lead to an account, and from it to some of its storage slots."""

    nodes: tuple[bytes, ...]
    storage: Mapping[int, tuple[bytes, ...]]


@dataclass(frozen=True)
class StateProof:
    """A block's header as RLP, and proofs of accounts under its state root."""

    header: bytes
    accounts: Mapping[bytes, AccountProof]


@dataclass(frozen=True)
class ProvedState:
    """What a `StateProof` has shown: code hashes and storage, as of one block."""

    block_hash: bytes
    number: int
    time: int
    code_hashes: Mapping[bytes, bytes]
    storage: Mapping[tuple[bytes, int], int]

    def word(self, contract: bytes, slot: int) -> bytes:
        """A proved slot as 32 bytes."""
        return self.storage[contract, slot].to_bytes(32, "big")


def header_rlp(block: Mapping[str, Any]) -> bytes:
    """The header's RLP from a node's JSON; raises `ProofInvalid` when it does not hash to the block's hash."""
    fields = []
    for name in _HEADER_FIELDS:
        if block.get(name) is None:
            break
        text = block[name][2:]
        fields.append(_trim(int(text, 16)) if name in _NUMBERS else bytes.fromhex(text))
    header: bytes = rlp.encode(fields)
    if keccak(header) != bytes.fromhex(block["hash"][2:]):
        raise ProofInvalid(f"block {int(block['number'], 16)} has a header of a form that is not known here")
    return header


def verify(proof: StateProof, block_hash: bytes) -> ProvedState:
    """Check every node of a proof under a block hash that the caller trusts; raises `ProofInvalid`."""
    if keccak(proof.header) != block_hash:
        raise ProofInvalid("the header is not that of the block")
    header = rlp.decode(proof.header)
    code_hashes, storage = {}, {}
    for address, account in proof.accounts.items():
        entry = trie_value(header[_STATE_ROOT], address, account.nodes)
        if entry is None:
            raise ProofInvalid(f"no account {address.hex()} in this block")
        _, _, storage_root, code_hash = rlp.decode(entry)
        code_hashes[address] = code_hash
        for slot, nodes in account.storage.items():
            value = trie_value(storage_root, slot.to_bytes(32, "big"), nodes)
            storage[address, slot] = int.from_bytes(rlp.decode(value), "big") if value else 0
    number, time = (int.from_bytes(header[at], "big") for at in (_NUMBER, _TIME))
    return ProvedState(block_hash, number, time, code_hashes, storage)


def trie_value(root: bytes, key: bytes, nodes: Sequence[bytes]) -> bytes | None:
    """The value under keccak(key) in a secure Merkle-Patricia trie; None when the proof shows that there is none."""
    by_hash = {keccak(node): node for node in nodes}
    path = keccak(key).hex()
    if root == keccak(rlp.encode(b"")):
        return None
    node = _resolve(root, by_hash)
    while True:
        if len(node) == 17:
            if not path:
                return node[16] or None
            step, path = node[int(path[0], 16)], path[1:]
        elif len(node) == 2:
            part, leaf = _nibbles(node[0])
            if not path.startswith(part):
                return None
            path = path[len(part) :]
            if leaf:
                if path:
                    raise ProofInvalid("a leaf stands above the end of its path")
                return bytes(node[1])
            step = node[1]
        else:
            raise ProofInvalid("a trie node has neither 2 nor 17 items")
        if not step:
            return None
        node = step if isinstance(step, list) else _resolve(step, by_hash)


def mapping_slot(key: int | bytes, slot: int) -> int:
    """The slot of `mapping[key]`; a struct's later words follow it."""
    word = key.to_bytes(32, "big") if isinstance(key, int) else key
    return int.from_bytes(keccak(word + slot.to_bytes(32, "big")), "big")


def array_slot(slot: int) -> int:
    """The slot of the first word of a dynamic array."""
    return int.from_bytes(keccak(slot.to_bytes(32, "big")), "big")


def _resolve(reference: bytes, by_hash: Mapping[bytes, bytes]) -> list[Any]:
    try:
        node = rlp.decode(by_hash[reference])
    except (KeyError, rlp.DecodingError) as problem:
        raise ProofInvalid("a trie node is missing or malformed") from problem
    if not isinstance(node, list):
        raise ProofInvalid("a trie node is no list")
    return node


def _nibbles(prefixed: bytes) -> tuple[str, bool]:
    """Hex-prefix encoding: the path part as hex digits, and whether a leaf follows."""
    text = prefixed.hex()
    flag = int(text[0], 16)
    return (text[1:] if flag & 1 else text[2:]), bool(flag & 2)


def _trim(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")
