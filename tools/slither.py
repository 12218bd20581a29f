"""``python -m tools.slither PROGRAM``: what slither finds in the contracts, and nothing else than what is meant.

Slither reads no imports from outside a project, and it asks for an older web3 than ours: it has an environment of its
own (``make contracts``), and looks at a copy with the packages inside.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools import npm

CHECKOUT = Path(__file__).resolve().parent.parent
MEANT = {
    ("assembly", "Factory.deploy(bytes32,bytes)"): "CREATE2 has no other way",
    ("assembly", "MerkleTree.nodeHash(bytes32,bytes32)"): "half the gas of every node",
    ("incorrect-equality", "LotRegistry.recall(ILotRegistry.Recall,bytes)"): "member numbers begin at 1",
    ("unused-return", "LotRegistry._requireSigned(uint64,bytes32,bytes)"): "what a bad signature was made of",
    ("unused-return", "TraceLog._judge(ITraceLog.Head,ITraceLog.Submission,bytes)"): "the same",
    ("calls-loop", "TraceLog._judge(ITraceLog.Head,ITraceLog.Submission,bytes)"): "our own registry, which only reads",
}
"""Findings that are no fault, and why."""
SETTINGS = """[profile.default]
libs = ["node_modules"]
remappings = ["@openzeppelin/=node_modules/@openzeppelin/"]
auto_detect_remappings = false
solc = "./solc.js"
evm_version = "london"
"""


def copied(folder: Path) -> None:
    """The contracts with all they import and their compiler, as one project."""
    shutil.copytree(CHECKOUT / "contracts" / "src", folder / "src")
    shutil.copytree(CHECKOUT / "node_modules", folder / "node_modules", ignore=_others)
    compiler = (CHECKOUT / "contracts" / "solc.js").read_text().replace('"../node_modules"', '"node_modules"')
    (folder / "solc.js").write_text(compiler)
    (folder / "solc.js").chmod(0o755)
    (folder / "foundry.toml").write_text(SETTINGS)


def _others(folder: str, names: list[str]) -> set[str]:
    """Large packages that have nothing to do with contracts."""
    return {"@foundry-rs", "@sparticuz", "axe-core", "htmx.org", "@picocss"} & set(names)


def found(program: str, folder: Path) -> set[tuple[str, str]]:
    """Each finding: its detector, and the function or contract it speaks of."""
    environment = npm.environment()
    environment["PATH"] = os.pathsep.join([str(CHECKOUT / "node_modules" / ".bin"), environment["PATH"]])
    told = folder / "told.json"
    options = ["--filter-paths", "node_modules", "--exclude", "naming-convention", "--json", str(told), "--fail-none"]
    done = subprocess.run([program, ".", *options], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode or "Missing inheritance" in done.stderr or not told.exists():
        raise SystemExit(done.stdout + done.stderr)
    results = json.loads(told.read_text())["results"].get("detectors", [])
    return {(one["check"], _what(one["elements"][0])) for one in results}


def _what(element: dict[str, Any]) -> str:
    parent = element["type_specific_fields"].get("parent", {})
    if element["type"] != "function":
        return str(element["name"])
    return f"{parent['name']}.{element['type_specific_fields']['signature']}"


def main(program: str) -> int:
    """Print what is not meant, and what is meant and no longer there; 0 when there is neither."""
    with tempfile.TemporaryDirectory() as name:
        copied(Path(name))
        seen = found(program, Path(name))
    for kind, where in sorted(seen - MEANT.keys()):
        print(f"slither: {kind} in {where}")
    for kind, where in sorted(MEANT.keys() - seen):
        print(f"slither finds no {kind} in {where} any more: take it off the list")
    return int(seen != MEANT.keys())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
