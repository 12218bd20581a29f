"""One checkout's installation: its secrets, its ports, and the programs it runs."""

import json
import os
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from chain_node import node
from hub import db, keys
from hub.local import home, valkey
from hub.local.postgres import Postgres
from hub.local.supervisor import Part
from hub.settings import CHECKOUT

DATABASE = "furrow"
PORTS = {"web": 8000, "postgres": 5432, "valkey": 6379, "chain": 8545, "core": 8070}
"""The ports that are taken where they are free."""


@dataclass
class Installation:
    """Everything that belongs to one data folder."""

    folder: Path

    @cached_property
    def ports(self) -> dict[str, int]:
        """Where each program listens, on the loopback, as the last run chose."""
        return PORTS | home.known_ports(self.folder)

    @cached_property
    def postgres(self) -> Postgres:
        """The database server."""
        return Postgres(self.folder / "postgresql", home.secret(self.folder, "postgres"))

    @property
    def address(self) -> str:
        """Where people find the hub."""
        return f"http://localhost:{self.ports['web']}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings of every program of this installation."""
        broker = f"redis://:{home.secret(self.folder, 'valkey')}@127.0.0.1:{self.ports['valkey']}/0"
        urls = {
            role: self.postgres.url(DATABASE, role, home.secret(self.folder, role))
            for role in (db.OWNER, db.APP, db.PUBLIC, db.RELAY)
        }
        return {
            "FURROW_DATABASE_OWNER_URL": urls[db.OWNER],
            "FURROW_DATABASE_URL": urls[db.APP],
            "FURROW_DATABASE_PUBLIC_URL": urls[db.PUBLIC],
            "FURROW_DATABASE_RELAY_URL": urls[db.RELAY],
            "FURROW_BROKER_URL": broker,
            "FURROW_CHAIN_URL": f"http://127.0.0.1:{self.ports['chain']}",
            "FURROW_CORE_URL": f"http://127.0.0.1:{self.ports['core']}",
            "FURROW_SENDER_KEY": self._key("sender"),
            "FURROW_RECEIPT_KEY": self._key("receipt"),
            "FURROW_KEY_FILE": str(self.folder / "secrets" / "kek"),
            "FURROW_SAMPLE_ACCOUNTS_FILE": str(self.folder / "sample-accounts.json"),
            "FURROW_STATUS_FILE": str(self.folder / "status.json"),
            "FURROW_BASE_URL": self.address,
            "FURROW_HOME": str(self.folder),
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONUNBUFFERED": "1",
        }

    def prepare(self) -> None:
        """Choose the ports, start the database and bring it to the newest schema."""
        home.make(self.folder, home.unprivileged())
        kept = {"postgres": self.postgres.port()} if self.postgres.running() else {}
        self.ports = home.choose_ports(self.folder, PORTS, kept)
        keys.make_kek(self.folder / "secrets" / "kek")
        self.postgres.start(self.ports["postgres"])
        if not (self.folder / "sample-accounts.json").exists():
            # A sample world that was cut off half-way is played anew: nothing of it was ever shown as whole.
            db.drop(self.postgres.url(), DATABASE)
        passwords = {role: home.secret(self.folder, role) for role in (db.OWNER, db.APP, db.PUBLIC, db.RELAY)}
        db.prepare(self.postgres.url(), DATABASE, passwords)
        self.run("-m", "alembic", "-c", str(CHECKOUT / "alembic.ini"), "upgrade", "head")

    def run(self, *arguments: str) -> None:
        """Run a Python program of ours to its end; raises when it fails."""
        subprocess.run(
            [sys.executable, *arguments], env={**os.environ, **self.environment}, cwd=CHECKOUT, check=True
        )

    def valkey(self) -> Part:
        """The broker."""
        password = home.secret(self.folder, "valkey")
        command = valkey.command(self.folder / "valkey", self.ports["valkey"], password)
        return Part("valkey", command, ready=lambda: valkey.answers(self.ports["valkey"], password))

    def chain(self, program: Path) -> Part:
        """The chain node."""
        folder = home.make(self.folder / "chain")
        url = f"http://127.0.0.1:{self.ports['chain']}"
        return Part(
            "chain",
            node.command(program, folder, self.ports["chain"], period=_period()),
            ready=lambda: node.answers(url),
        )

    def core(self) -> Part:
        """The reference core that stands in for the supermarkets' own system."""
        folder = home.make(self.folder / "core")
        return self._python(
            "core",
            "-m",
            "hub.local.reference_core",
            "--folder",
            str(folder),
            "--port",
            str(self.ports["core"]),
        )

    def web(self) -> Part:
        """The hub's web server."""
        arguments = [
            "-m",
            "uvicorn",
            "hub.app:create_app",
            "--factory",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.ports["web"]),
        ]
        part = self._python("web", *arguments, "--log-level", "warning", "--no-proxy-headers")
        part.ready = lambda: _alive(f"http://127.0.0.1:{self.ports['web']}/health/live")
        return part

    def background(self) -> list[Part]:
        """Worker, beat and relay."""
        beat = home.make(self.folder / "beat") / "schedule"
        celery = ["-m", "celery", "-A", "hub.worker"]
        return [
            self._python("worker", *celery, "worker", "--concurrency", "2", "--loglevel", "WARNING"),
            self._python(
                "beat", *celery, "beat", "--loglevel", "WARNING", "--schedule", str(beat), "--pidfile", ""
            ),
            self._python("relay", "-m", "hub.relay"),
        ]

    def signers(self) -> list[Part]:
        """The clients of the sample suppliers that sign for themselves: their keys are not the hub's."""
        found = []
        for path in sorted((self.folder / "own-keys").glob("*.key")):
            member, api_key = (path.with_suffix(f".{name}").read_text() for name in ("member", "api-key"))
            part = self._python(
                f"signer-{path.stem}",
                "-m",
                "hub.cli",
                "sign",
                "--key",
                str(path),
                "--member",
                member,
                "--hub",
                self.address,
                "--follow",
            )
            part.environment = {
                "PYTHONPATH": str(CHECKOUT),
                "PYTHONUNBUFFERED": "1",
                "FURROW_API_KEY": api_key,
            }
            found.append(part)
        return found

    def tell(self, **status: object) -> None:
        """Say on the pages what is still coming; nothing when all is there."""
        home.write(self.folder / "status.json", json.dumps(status))

    def _python(self, name: str, *arguments: str) -> Part:
        return Part(name, [sys.executable, *arguments], {**self.environment, "C_FORCE_ROOT": "1"})

    def _key(self, name: str) -> str:
        path = home.make(self.folder / "secrets") / f"{name}-key"
        if not path.exists():
            home.write(path, secrets.token_hex(32))
        return path.read_text()


def _period() -> int:
    """Seconds between two blocks: two, unless ``FURROW_CHAIN_PERIOD`` says otherwise."""
    return int(os.environ.get("FURROW_CHAIN_PERIOD", "2"))


def here() -> Installation:
    """The installation of this checkout."""
    return Installation(home.home())


def _alive(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
