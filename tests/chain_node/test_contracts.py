"""The contracts: their own tests, and that what is committed is what the compiler makes of them."""

import json
import subprocess

from chain_node import artifacts
from tools import contracts, npm

FORGE = artifacts.CONTRACTS.parent / "node_modules/.bin/forge"


def forge(*arguments: str) -> subprocess.CompletedProcess[str]:
    """forge over the contracts' folder."""
    return subprocess.run(
        [str(FORGE), *arguments],
        cwd=artifacts.CONTRACTS,
        env=npm.environment(),
        capture_output=True,
        text=True,
    )


def test_the_contracts_own_tests_pass():
    done = forge("test", "--json")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    suites = json.loads(done.stdout.splitlines()[-1])
    results = [told["status"] for suite in suites.values() for told in suite["test_results"].values()]
    assert len(results) >= 40 and set(results) == {"Success"}


def test_they_are_written_as_solidity_is():
    """solhint's advice, but for what contracts/.solhint.json says otherwise."""
    solhint = FORGE.parent / "solhint"
    done = subprocess.run(
        [str(solhint), "--max-warnings", "0", "src/*.sol"],
        cwd=artifacts.CONTRACTS,
        env=npm.environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_they_cost_what_they_cost_before():
    """The gas of every plain test; to write down what is meant: ``forge snapshot --match-test ^test_``."""
    done = forge("snapshot", "--match-test", "^test_", "--check", ".gas-snapshot", "--tolerance", "1")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_what_is_committed_is_what_the_compiler_makes():
    done = forge("build", "--skip", "test")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    for name in artifacts.NAMES:
        made = json.loads((artifacts.CONTRACTS / "out" / f"{name}.sol" / f"{name}.json").read_text())
        kept = json.loads((artifacts.CONTRACTS / "artifacts" / f"{name}.json").read_text())
        assert json.loads(json.dumps(contracts.as_kept(name, made))) == kept, name
