"""Clique's seals (EIP-225): who sealed a block, and how far a majority has sealed on since."""

from collections.abc import Mapping
from typing import Any

import rlp  # type: ignore[import-untyped]
from coincurve import PublicKey

from chain_node import state
from chain_node.errors import NotSealed
from chain_node.keccak import keccak

_EXTRA, _VANITY, _SEAL = 12, 32, 65


def named(genesis: Mapping[str, Any]) -> frozenset[bytes]:
    """The sealers that a genesis names between its vanity and its empty seal; raises `NotSealed` when it names none."""
    extra = bytes.fromhex(genesis["extraData"][2:])
    accounts = extra[_VANITY:-_SEAL]
    if not accounts or len(accounts) % 20:
        raise NotSealed("the genesis names no sealers")
    return frozenset(accounts[at : at + 20] for at in range(0, len(accounts), 20))


def sealer(block: Mapping[str, Any]) -> bytes:
    """The account that sealed a block, recovered from the header alone; raises `NotSealed` when nobody did."""
    fields = rlp.decode(state.header_rlp(block))
    extra = fields[_EXTRA]
    if len(extra) < _VANITY + _SEAL:
        raise NotSealed(f"block {int(block['number'], 16)} carries no seal")
    unsealed = rlp.encode([*fields[:_EXTRA], extra[:-_SEAL], *fields[_EXTRA + 1 :]])
    try:
        key = PublicKey.from_signature_and_message(extra[-_SEAL:], keccak(unsealed), hasher=None)
    except ValueError as problem:
        raise NotSealed(f"block {int(block['number'], 16)} carries a seal that is none") from problem
    return keccak(key.format(compressed=False)[1:])[12:]


def enough(sealers: int) -> int:
    """How many distinct sealers settle a block: more than two thirds, since with a bare half one who seals both
    sides of a split settles two histories."""
    return 2 * sealers // 3 + 1
