"""A chain for tests that need it at once, and the past changed: anvil, mining a block for each transaction."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chain_node.rpc import Node
from tests.waiting import wait_for
from tools import npm

ANVIL = Path(__file__).parents[1] / "node_modules/.bin/anvil"
CHAIN_ID = 4711
ENOUGH = 100 * 10**18
"""Wei that pay for all a test does; anvil's own accounts hold a hundred times that."""


@contextmanager
def running() -> Iterator[Node]:
    """A fresh chain on a port that it finds itself."""
    argv = [str(ANVIL), "--port", "0", "--hardfork", "london", "--chain-id", str(CHAIN_ID)]
    with tempfile.NamedTemporaryFile("r") as log:
        process = subprocess.Popen(argv, env=npm.environment(), stdout=log.fileno(), stderr=subprocess.STDOUT)
        try:
            yield Node(f"http://{_address(process, Path(log.name))}")
        finally:
            process.terminate()
            process.wait(60)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    def listening() -> str:
        found = re.search(r"Listening on (\S+)", log.read_text())
        assert found or process.poll() is None, f"anvil did not start: {log.read_text()[-500:]}"
        return found[1] if found else ""

    return wait_for("Anvil", listening, told=lambda: log.read_text()[-500:])
