"""Reads members, heads and lots out of proved state: nothing here asks a node."""

from chain_node import artifacts, state
from chain_node.deployment import Deployment
from chain_node.errors import ProofInvalid
from chain_node.facts import Head, Key, RecallSaid, RegisteredLot, TreeHead
from chain_node.state import ProvedState


def tree_head(proved: ProvedState, deployment: Deployment) -> TreeHead:
    """The log's size and root."""
    kept, at = artifacts.load("TraceLog").slots, deployment.addresses.trace_log
    return TreeHead(_number(_word(proved, at, kept["size"]), 0, 64), _word(proved, at, kept["root"]))


def head_of(proved: ProvedState, deployment: Deployment, member: int) -> Head:
    """Where a member's stream stands."""
    first = state.mapping_slot(member, artifacts.load("TraceLog").slots["heads"])
    at = deployment.addresses.trace_log
    return Head(_number(_word(proved, at, first), 0, 64), _word(proved, at, first + 1))


def keys_of(proved: ProvedState, deployment: Deployment, member: int) -> list[Key]:
    """All keys a member ever had, oldest first."""
    at = deployment.addresses.participants
    first = state.mapping_slot(member, artifacts.load("ParticipantRegistry").slots["_keys"])
    count = int.from_bytes(_word(proved, at, first), "big")
    words = [_word(proved, at, state.array_slot(first) + i) for i in range(count)]
    return [
        Key(word[12:], _number(word, 160, 40), _number(word, 200, 40), bool(_number(word, 240, 8))) for word in words
    ]


def lot(proved: ProvedState, deployment: Deployment, key: bytes) -> RegisteredLot | None:
    """A registered lot; None where the proof shows that the key is free."""
    at = deployment.addresses.lots
    first = state.mapping_slot(key, artifacts.load("LotRegistry").slots["lots"])
    word = _word(proved, at, first)
    producer = _number(word, 0, 64)
    if producer == 0:
        return None
    return RegisteredLot(key, producer, _number(word, 64, 32), _number(word, 96, 40), _word(proved, at, first + 1))


def recalls_of(proved: ProvedState, deployment: Deployment, key: bytes) -> list[RecallSaid]:
    """What each issuer last said about a lot, withdrawals included."""
    at = deployment.addresses.lots
    first = state.mapping_slot(key, artifacts.load("LotRegistry").slots["_said"])
    recalls = []
    for place in range(int.from_bytes(_word(proved, at, first), "big")):
        slot = state.array_slot(first) + 2 * place
        word, notice = _word(proved, at, slot), _word(proved, at, slot + 1)
        issuer, nonce, level, block = (
            _number(word, shift, bits) for shift, bits in ((0, 64), (64, 64), (128, 8), (136, 40))
        )
        recalls.append(RecallSaid(issuer, nonce, level, block, notice))
    return recalls


def _word(proved: ProvedState, contract: bytes, slot: int) -> bytes:
    try:
        return proved.word(contract, slot)
    except KeyError as problem:
        raise ProofInvalid(f"slot {slot:#x} of {contract.hex()} is not part of the proof") from problem


def _number(word: bytes, shift: int, bits: int) -> int:
    """A packed field: Solidity fills a word from its low end."""
    return int.from_bytes(word, "big") >> shift & (1 << bits) - 1
