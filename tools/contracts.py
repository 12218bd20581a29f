"""``python -m tools.contracts [--build]``: what is committed of the compiled contracts, held against their sources."""

import json
import shutil
import subprocess
import sys
from hashlib import sha256
from typing import Any

from chain_node.artifacts import CONTRACTS, NAMES
from tools import npm


class ArtifactsStale(Exception):
    """The committed artifacts do not belong to the sources."""


def check() -> None:
    """Raise `ArtifactsStale` when a source, the settings or the compiler changed since the artifacts were built."""
    for name in NAMES:
        raw = json.loads((CONTRACTS / "artifacts" / f"{name}.json").read_text())
        if raw["sourceHash"] != _source_hash(raw["sources"]):
            raise ArtifactsStale(f"{name} was built from other sources; run python -m tools.contracts --build")


def build() -> None:
    """Compile with forge and write the artifacts. Needs the packages of package.json."""
    forge = CONTRACTS.parent / "node_modules/.bin/forge"
    subprocess.run(
        [forge, "build", "--force", "--skip", "test"],
        cwd=CONTRACTS,
        env=npm.environment(),
        check=True,
        stdout=sys.stderr,
    )
    target = CONTRACTS / "artifacts"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for name in NAMES:
        raw = json.loads((CONTRACTS / "out" / f"{name}.sol" / f"{name}.json").read_text())
        (target / f"{name}.json").write_text(json.dumps(as_kept(name, raw), indent=1) + "\n")


def as_kept(name: str, raw: dict[str, Any]) -> dict[str, Any]:
    """What is committed of forge's output for a contract."""
    metadata = raw["metadata"]
    sources = sorted(metadata["sources"])
    deployed = raw["deployedBytecode"]
    places = [p for uses in deployed.get("immutableReferences", {}).values() for p in uses]
    return {
        "name": name,
        "compiler": metadata["compiler"]["version"],
        "evmVersion": metadata["settings"]["evmVersion"],
        "optimizer": metadata["settings"]["optimizer"],
        "sources": sources,
        "sourceHash": _source_hash(sources),
        "abi": raw["abi"],
        "bytecode": raw["bytecode"]["object"],
        "deployedBytecode": deployed["object"],
        "immutables": sorted([place["start"], place["length"]] for place in places),
        "slots": {item["label"]: int(item["slot"]) for item in raw["storageLayout"]["storage"]},
    }


def _source_hash(sources: list[str]) -> str:
    """SHA-256 over the names and contents of the sources, the settings and the lock that pins the compiler."""
    whole = sha256()
    for name in [*sources, "foundry.toml", "../node_modules/solc/package.json"]:
        whole.update(name.encode() + b"\x00" + sha256((CONTRACTS / name).read_bytes()).digest())
    return whole.hexdigest()


if __name__ == "__main__":
    if sys.argv[1:] == ["--build"]:
        build()
    check()
