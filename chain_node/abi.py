"""Call data, answers, events and refusals of our contracts, from their committed ABI."""

from functools import cache
from typing import Any

from eth_abi.abi import decode, encode

from chain_node import artifacts, errors
from chain_node.keccak import keccak
from chain_node.rpc import RawLog


def call_data(contract: str, function: str, *values: Any) -> bytes:
    """Encode a call; tuples are tuples in the order of the interface."""
    entry = _function(contract, function)
    types = [_type(item) for item in entry["inputs"]]
    return _signature(entry)[:4] + encode(types, list(values))


def answer(contract: str, function: str, data: bytes) -> tuple[Any, ...]:
    """Decode what a call returned; addresses come as `0x…` text."""
    types = [_type(item) for item in _function(contract, function)["outputs"]]
    return tuple(decode(types, data))


def constructor_data(contract: str, *values: Any) -> bytes:
    """Creation code with its arguments."""
    artifact = artifacts.load(contract)
    entry: dict[str, Any] = next((item for item in artifact.abi if item["type"] == "constructor"), {"inputs": []})
    return artifact.bytecode + encode([_type(item) for item in entry["inputs"]], list(values))


def event(contract: str, log: RawLog) -> tuple[str, dict[str, Any]]:
    """The name and the fields of an event; an unknown one is ("", {})."""
    entry = _events(contract).get(log.topics[0]) if log.topics else None
    if entry is None:
        return "", {}
    indexed = [item for item in entry["inputs"] if item["indexed"]]
    plain = [item for item in entry["inputs"] if not item["indexed"]]
    fields = {
        item["name"]: decode([_type(item)], topic)[0] for item, topic in zip(indexed, log.topics[1:], strict=True)
    }
    values = decode([_type(item) for item in plain], log.data)
    return entry["name"], fields | dict(zip((item["name"] for item in plain), values, strict=True))


def refusal(data: bytes) -> errors.LedgerError | None:
    """Our error for what a contract reverted with; None when it is none of the contracts' own."""
    entry = _errors().get(data[:4])
    if entry is None:
        return None
    values = tuple(decode([_type(item) for item in entry["inputs"]], data[4:]))
    reason = f"{entry['name']}{values}"
    if entry["name"] == "TraceLogNotExtended":
        return errors.NotExtended(reason)
    if entry["name"] == "AccessControlUnauthorizedAccount":
        return errors.NotPermitted(reason)
    return errors.Refused(entry["name"], values)


@cache
def _function(contract: str, name: str) -> dict[str, Any]:
    functions = [item for item in artifacts.load(contract).abi if item["type"] == "function" and item["name"] == name]
    if len(functions) != 1:
        raise LookupError(f"{contract} has {len(functions)} functions {name}")
    return functions[0]


@cache
def _events(contract: str) -> dict[bytes, dict[str, Any]]:
    return {_signature(item): item for item in artifacts.load(contract).abi if item["type"] == "event"}


@cache
def _errors() -> dict[bytes, dict[str, Any]]:
    return {
        _signature(item)[:4]: item
        for name in artifacts.NAMES
        for item in artifacts.load(name).abi
        if item["type"] == "error"
    }


def _signature(entry: dict[str, Any]) -> bytes:
    return keccak(f"{entry['name']}({','.join(_type(item) for item in entry['inputs'])})".encode())


def _type(item: dict[str, Any]) -> str:
    kind: str = item["type"]
    if kind.startswith("tuple"):
        return f"({','.join(_type(part) for part in item['components'])}){kind[5:]}"
    return kind
