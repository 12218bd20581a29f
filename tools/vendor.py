"""Copies what browsers need from npm's packages into static/vendor, and writes down what it copied.

Run as ``python -m tools.vendor`` after changing package.json. Pages never load anything from elsewhere.
"""

import hashlib
import json
import shutil
from pathlib import Path

from hub.settings import CHECKOUT

VENDOR = CHECKOUT / "static" / "vendor"
MANIFEST = VENDOR / "VENDORED.txt"

WANTED = {
    "htmx.org": ["dist/htmx.min.js", "LICENSE"],
    "@picocss/pico": ["css/pico.min.css", "LICENSE.md"],
    "@noble/hashes": ["sha2.js", "_md.js", "_u64.js", "utils.js", "LICENSE"],
}


def manifest(packages: Path) -> str:
    """One line a file: package, version, licence, path under static/vendor, SHA-256."""
    lines = ["# package  version  licence  file  sha256", "# Written by python -m tools.vendor"]
    for package, names in WANTED.items():
        about = json.loads((packages / package / "package.json").read_text())
        for name in names:
            digest = hashlib.sha256((packages / package / name).read_bytes()).hexdigest()
            lines.append("  ".join([package, about["version"], about["license"], where(package, name), digest]))
    return "\n".join(lines) + "\n"


def where(package: str, name: str) -> str:
    """Where a package's file is kept under static/vendor."""
    return f"{package.split('/')[-1]}/{Path(name).name}"


def copy(packages: Path) -> None:
    """Put static/vendor in the state that package.json's pins ask for."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for package, names in WANTED.items():
        for name in names:
            target = VENDOR / where(package, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(packages / package / name, target)
    MANIFEST.write_text(manifest(packages))


if __name__ == "__main__":
    copy(CHECKOUT / "node_modules")
    print(MANIFEST.read_text(), end="")
