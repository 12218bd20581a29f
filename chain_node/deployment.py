"""Which contracts make up the ledger, on which chain, and when a block of it is final."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import rlp  # type: ignore[import-untyped]

from chain_node import abi
from chain_node.errors import LedgerError
from chain_node.keccak import keccak

SALT = keccak(b"furrow/v1")


class FinalityUnknown(LedgerError):
    """The deployment names a finality rule that is none of `tag`, `immediate`, `majority` and `depth:N`."""


@dataclass(frozen=True)
class Finality:
    """When a block is final.

    `tag`: the node's own word; `immediate`: as soon as mined; `majority`: more than two thirds of a Clique network's
    first sealers have sealed since; `depth:N`: N blocks stand on top.
    """

    rule: str

    def __post_init__(self) -> None:
        kind, _, depth = self.rule.partition(":")
        if self.rule not in ("tag", "immediate", "majority") and not (kind == "depth" and depth.isdecimal()):
            raise FinalityUnknown(self.rule)

    @property
    def depth(self) -> int | None:
        """How many blocks must stand on top; None where the rule is none of depth."""
        if self.rule in ("tag", "majority"):
            return None
        return 0 if self.rule == "immediate" else int(self.rule.partition(":")[2])


@dataclass(frozen=True)
class Addresses:
    """Where the contracts stand; known before the chain runs."""

    factory: bytes
    participants: bytes
    trace_log: bytes
    lots: bytes


@dataclass(frozen=True)
class Deployment:
    """Our ledger on one chain. `arguments` are the constructors', `code_hashes` keccak256 of the code there."""

    chain_id: int
    deployer: bytes
    addresses: Addresses
    log_id: bytes
    arguments: dict[str, tuple[bytes, ...]]
    finality: Finality = Finality("tag")
    genesis_hash: bytes = b""
    code_hashes: dict[str, bytes] | None = None
    from_block: int = 0

    def contracts(self) -> dict[str, bytes]:
        """Address by contract name, in the order in which they are made."""
        at = self.addresses
        return {
            "Factory": at.factory,
            "ParticipantRegistry": at.participants,
            "TraceLog": at.trace_log,
            "LotRegistry": at.lots,
        }

    def creation(self, name: str) -> bytes:
        """A contract's creation code with its arguments."""
        return abi.constructor_data(name, *self.arguments[name])

    def save(self, path: Path) -> None:
        """Write the deployment file: whole or not at all."""
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(_plain(asdict(self)), indent=2) + "\n")
        part.replace(path)


def predict(chain_id: int, deployer: bytes, *, finality: Finality = Finality("tag")) -> Deployment:
    """The deployment that an account makes with its first transaction (nonce 0), before it exists.

    The deployer is also the first registrar and appender.
    """
    factory = keccak(rlp.encode([deployer, b""]))[12:]
    arguments: dict[str, tuple[bytes, ...]] = {"Factory": (), "ParticipantRegistry": (deployer, deployer)}
    participants = _address(factory, "ParticipantRegistry", arguments)
    arguments["TraceLog"] = (participants, deployer, deployer)
    arguments["LotRegistry"] = (participants,)
    trace_log = _address(factory, "TraceLog", arguments)
    lots = _address(factory, "LotRegistry", arguments)
    return Deployment(
        chain_id=chain_id,
        deployer=deployer,
        addresses=Addresses(factory, participants, trace_log, lots),
        log_id=keccak(chain_id.to_bytes(32, "big") + bytes(12) + trace_log),
        arguments=arguments,
        finality=finality,
    )


def read(path: Path) -> Deployment:
    """Read a deployment file."""
    raw = json.loads(path.read_text())
    return Deployment(
        chain_id=raw["chain_id"],
        deployer=_raw(raw["deployer"]),
        addresses=Addresses(**{name: _raw(text) for name, text in raw["addresses"].items()}),
        log_id=_raw(raw["log_id"]),
        arguments={name: tuple(_raw(item) for item in items) for name, items in raw["arguments"].items()},
        finality=Finality(raw["finality"]["rule"]),
        genesis_hash=_raw(raw["genesis_hash"]),
        code_hashes={name: _raw(text) for name, text in raw["code_hashes"].items()},
        from_block=raw["from_block"],
    )


def _address(factory: bytes, name: str, arguments: dict[str, tuple[bytes, ...]]) -> bytes:
    init_code = abi.constructor_data(name, *arguments[name])
    return keccak(b"\xff" + factory + SALT + keccak(init_code))[12:]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])
