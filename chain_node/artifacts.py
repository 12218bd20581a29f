"""The compiled contracts, as committed: running needs no compiler, and a test holds them against the sources."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_INSTALLED = Path(__file__).parent / "contracts"
CONTRACTS = _INSTALLED if _INSTALLED.exists() else Path(__file__).parents[1] / "contracts"
NAMES = ("Factory", "ParticipantRegistry", "TraceLog", "LotRegistry")


@dataclass(frozen=True)
class Artifact:
    """One compiled contract. `slots` gives the storage slot of each state variable by its name."""

    name: str
    compiler: str
    source_hash: str
    abi: list[dict[str, Any]]
    bytecode: bytes
    deployed_bytecode: bytes
    immutables: tuple[tuple[int, int], ...]
    slots: dict[str, int]

    def is_code(self, code: bytes) -> bool:
        """Whether code on a chain is this contract's, whatever its constructor's arguments."""
        return _blank(code, self.immutables) == _blank(self.deployed_bytecode, self.immutables)


@cache
def load(name: str) -> Artifact:
    """Read a committed artifact."""
    raw = json.loads((CONTRACTS / "artifacts" / f"{name}.json").read_text())
    return Artifact(
        name=raw["name"],
        compiler=raw["compiler"],
        source_hash=raw["sourceHash"],
        abi=raw["abi"],
        bytecode=bytes.fromhex(raw["bytecode"][2:]),
        deployed_bytecode=bytes.fromhex(raw["deployedBytecode"][2:]),
        immutables=tuple((start, length) for start, length in raw["immutables"]),
        slots=raw["slots"],
    )


def _blank(code: bytes, places: tuple[tuple[int, int], ...]) -> bytes:
    blanked = bytearray(code)
    for start, length in places:
        blanked[start : start + length] = bytes(length)
    return bytes(blanked)
