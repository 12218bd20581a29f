"""Where the embedded default keeps its data, secrets and ports."""

import hashlib
import json
import os
import pwd
import secrets
import socket
from pathlib import Path

from hub.settings import CHECKOUT, INSTALLED

NOBODY = "nobody"
ROOT_DATA = Path("/var/lib/furrow")


def is_root() -> bool:
    """Whether this process may do anything, so that PostgreSQL must be run as somebody else."""
    return os.geteuid() == 0


def unprivileged() -> tuple[int, int] | None:
    """The uid and gid PostgreSQL runs as when we are root, else None."""
    if not is_root():
        return None
    entry = pwd.getpwnam(NOBODY)
    return entry.pw_uid, entry.pw_gid


def own() -> bool:
    """Whether this is a hub of one's own, ``FURROW_WORLD=own``: empty at first, beside the sample world's."""
    return os.environ.get("FURROW_WORLD") == "own"


def home() -> Path:
    """The folder of this hub's data: ``FURROW_HOME``, or by default one that its user may keep private.

    As root it lies outside the checkout, because PostgreSQL then runs as ``nobody``, who may not pass
    through a private folder above it.
    """
    if given := os.environ.get("FURROW_HOME"):
        return Path(given)
    beside = "-own" if own() else ""
    if is_root():
        return ROOT_DATA / (hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12] + beside)
    if INSTALLED:
        data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        return Path(data) / f"furrow{beside}"
    return CHECKOUT / f".local{beside}"


class NoPassage(SystemExit):
    """The folder lies behind one that the owner may not pass through."""


def make(folder: Path, owner: tuple[int, int] | None = None) -> Path:
    """A private folder (0700), belonging to ``owner`` when given, who may pass through those that are made above it.

    What was there before stays as it is; where it bars the owner's way, `NoPassage` says which folder does.
    """
    for above in reversed(folder.parents):
        if not above.exists():
            above.mkdir(mode=0o700, exist_ok=True)
            above.chmod(0o711 if owner else 0o700)
        elif owner and above == ROOT_DATA:
            above.chmod(0o711)  # made private by an earlier release
    folder.mkdir(exist_ok=True)
    if owner:
        for above in folder.parents:
            state = above.stat()
            if not state.st_mode & 0o001 and state.st_uid != owner[0]:
                raise NoPassage(
                    f"{above} bars the way of {NOBODY}, as whom PostgreSQL runs when we are root:"
                    " name another folder in FURROW_HOME"
                )
    if owner:
        os.chown(folder, *owner)
    folder.chmod(0o700)
    return folder


def write(path: Path, content: str) -> None:
    """Write a private file whole or not at all."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def secret(folder: Path, name: str) -> str:
    """A random secret made once and kept."""
    path = make(folder / "secrets") / name
    if not path.exists():
        write(path, secrets.token_urlsafe(32))
    return path.read_text()


def free_port(preferred: int = 0) -> int:
    """``preferred`` when nobody listens there, else a port that is free now."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def choose_ports(folder: Path, defaults: dict[str, int], kept: dict[str, int]) -> dict[str, int]:
    """The ports of this run: those of the last one where still free, else the preferred, else any; written down.

    ``kept`` are those of programs that still run.
    """
    known = known_ports(folder)
    chosen = {name: free_port(known.get(name, preferred)) for name, preferred in defaults.items()} | kept
    write(folder / "ports.json", json.dumps(chosen))
    return chosen


def known_ports(folder: Path) -> dict[str, int]:
    """The ports as they were last chosen; empty before the first run."""
    path = folder / "ports.json"
    ports: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    return ports
