"""One checkout's installation: its secrets, its ports, and the programs it runs."""

import json
import os
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from chain_node import node
from chain_node.ethereum import address_of
from hub import keys, roles
from hub.local import database, home, valkey
from hub.local.postgres import Postgres
from hub.local.supervisor import Part
from hub.settings import CHECKOUT

DATABASE = "furrow"
_KNOWN_TO_ALL = frozenset(
    """FURROW_CHAIN_URL FURROW_CORE_URL FURROW_SENDER FURROW_SAMPLE_ACCOUNTS_FILE FURROW_STATUS_FILE FURROW_BASE_URL
    FURROW_HOME""".split()
)
SECRETS: dict[str, frozenset[str]] = {
    # What strangers talk to reads and writes under row security, signs receipts, opens people's second factors, and
    # seals chat robots' addresses; for the cores' tokens it has the half of their key that seals and cannot open.
    "web": frozenset(
        """FURROW_DATABASE_URL FURROW_DATABASE_PUBLIC_URL FURROW_BROKER_URL FURROW_RECEIPT_KEY
        FURROW_PEOPLE_KEY_FILE FURROW_NOTICE_KEY_FILE FURROW_MAIL_URL FURROW_CORE_SEAL_FILE""".split()
    ),
    # The ledger's own keys: those of members that the hub signs for, and of its account on the chain.
    "keeper": frozenset("FURROW_DATABASE_RELAY_URL FURROW_SENDER_KEY FURROW_KEY_FILE".split()),
    # Relay, clock and workers; of keys they have those that open the tokens for cores and the addresses of robots.
    "background": frozenset(
        """FURROW_DATABASE_URL FURROW_DATABASE_RELAY_URL FURROW_BROKER_URL FURROW_CORE_KEY_FILE
        FURROW_NOTICE_KEY_FILE FURROW_MAIL_URL""".split()
    ),
    "core": frozenset(),
    "migration": frozenset(["FURROW_DATABASE_OWNER_URL"]),
    "deployment": frozenset(["FURROW_SENDER_KEY"]),
    "admission": frozenset(["FURROW_DATABASE_RELAY_URL"]),
    "upgrade": frozenset(
        "FURROW_DATABASE_RELAY_URL FURROW_KEY_FILE FURROW_CORE_KEY_FILE FURROW_CORE_SEAL_FILE".split()
    ),
}
"""Which secrets each part works with; a part that is not named, such as the play of the sample world, has all."""

PORTS = {"web": 8000, "postgres": 5432, "valkey": 6379, "chain": 8545, "core": 8070}
"""The ports that are taken where they are free."""
_BESIDE = 100
"""So far from those of the sample world lie the ports of a hub of one's own, so that each keeps its address."""
METRICS = {"web": 9464, "keeper": 9465, "background": 9466}
"""The ports of figures, with ``FURROW_METRICS=yes``; the background's processes take those from its own upward."""


SLIM = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}
"""What keeps a process of many threads small."""
GIVES_BACK = {"PYTHONMALLOC": "malloc"}
"""So that what bulk work frees can go back to the system page by page: Python's own allocator keeps whole megabytes
for one small object in them (`hub.memory`, docs/decisions/0010)."""


class World(StrEnum):
    """How far the sample world has come."""

    NONE = "none"
    HALF = "sample world: being played"
    WHOLE = "sample world: whole"
    OWN = "no sample world"


@dataclass
class Installation:
    """Everything that belongs to one data folder."""

    folder: Path
    mail_url: str = field(default_factory=lambda: os.environ.get("FURROW_MAIL_URL", ""), repr=False)
    """The one secret that is its operator's to say: read before what the shell holds is forgotten."""

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
    def settings(self) -> dict[str, str]:
        """Every setting of this installation, secrets and all: what each part is given its share of."""
        broker = f"redis://:{home.secret(self.folder, 'valkey')}@127.0.0.1:{self.ports['valkey']}/0"
        urls = {role: self.postgres.url(DATABASE, role, home.secret(self.folder, role)) for role in database.ROLES}
        sender = self._key("sender")
        return {
            "FURROW_DATABASE_OWNER_URL": urls[roles.OWNER],
            "FURROW_DATABASE_URL": urls[roles.APP],
            "FURROW_DATABASE_PUBLIC_URL": urls[roles.PUBLIC],
            "FURROW_DATABASE_RELAY_URL": urls[roles.RELAY],
            "FURROW_BROKER_URL": broker,
            "FURROW_CHAIN_URL": f"http://127.0.0.1:{self.ports['chain']}",
            "FURROW_CORE_URL": f"http://127.0.0.1:{self.ports['core']}",
            "FURROW_SENDER": "0x" + address_of(bytes.fromhex(sender)).hex(),
            "FURROW_SENDER_KEY": sender,
            "FURROW_RECEIPT_KEY": self._key("receipt"),
            "FURROW_SENDER_KEY_FILE": str(self.folder / "secrets" / "sender-key"),
            "FURROW_RECEIPT_KEY_FILE": str(self.folder / "secrets" / "receipt-key"),
            "FURROW_CHAIN_FOLDER": str(self.folder / "chain"),
            "FURROW_BACKUP_FOLDER": str(self.folder / "backup"),
            "FURROW_KEY_FILE": str(self.folder / "secrets" / "kek"),
            "FURROW_CORE_KEY_FILE": str(self.folder / "secrets" / "core-kek"),
            "FURROW_CORE_SEAL_FILE": str(self.folder / "secrets" / "core-seal"),
            "FURROW_NOTICE_KEY_FILE": str(self.folder / "secrets" / "notice-kek"),
            "FURROW_MAIL_URL": self.mail_url,
            "FURROW_PEOPLE_KEY_FILE": str(self.folder / "secrets" / "people-kek"),
            "FURROW_SAMPLE_ACCOUNTS_FILE": str(self.folder / "sample-accounts.json"),
            "FURROW_STATUS_FILE": str(self.folder / "status.json"),
            "FURROW_BASE_URL": self.address,
            "FURROW_HOME": str(self.folder),
        }

    def environment(self, part: str) -> dict[str, str]:
        """What a part is told: what everybody may know, and the secrets that it works with."""
        given = self.settings
        needed = [name for name in given if name in _KNOWN_TO_ALL or name in SECRETS.get(part, given)]
        return {name: given[name] for name in needed} | {
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONUNBUFFERED": "1",
            **self._metrics(part),
        }

    def _metrics(self, part: str) -> dict[str, str]:
        shown = part in METRICS and os.environ.get("FURROW_METRICS") == "yes"
        return {"FURROW_METRICS_PORT": str(METRICS[part])} if shown else {}

    def prepare(self) -> bool:
        """Choose the ports, start the database and bring it to the newest schema; whether it is a new one."""
        home.make(self.folder, home.unprivileged())
        kept = {"postgres": self.postgres.port()} if self.postgres.running() else {}
        wanted = {name: port + _BESIDE for name, port in PORTS.items()} if home.own() else PORTS
        self.ports = home.choose_ports(self.folder, wanted, kept)
        keys.make_kek(self.folder / "secrets" / "kek")
        keys.make_kek(self.folder / "secrets" / "notice-kek")
        keys.make_kek(self.folder / "secrets" / "people-kek")
        self.postgres.start(self.ports["postgres"])
        if self.world is World.HALF:
            # A sample world that was cut off half-way is played anew beside it: only `make reset` destroys.
            database.set_aside(self.postgres.url(), DATABASE)
        new = self.world is World.NONE
        passwords = {role: home.secret(self.folder, role) for role in database.ROLES}
        database.prepare(self.postgres.url(), DATABASE, passwords, World.HALF.value)
        self.run("migration", "-m", "hub.schema")
        self._make_core_key()
        return new

    def _make_core_key(self) -> None:
        """A key of the cores' own. Tokens from before there was one are sealed anew; a kill in between loses none."""
        kept = self.folder / "secrets" / "core-kek"
        if not kept.exists():
            young = kept.with_suffix(".new")
            keys.make_kek(young)
            keys.make_seal(young, self.folder / "secrets" / "core-seal")
            anew = "from hub.inventory import cores; cores.seal_anew()"
            self.run("upgrade", "-c", anew, FURROW_CORE_KEY_FILE=str(young))
            young.rename(kept)
        keys.make_seal(kept, self.folder / "secrets" / "core-seal")

    @property
    def world(self) -> World:
        """How far the sample world has come, as the database itself says."""
        remark = database.remark(self.postgres.url(), DATABASE)
        if remark is None:
            return World.NONE
        # A database that says nothing is from before they did, or somebody's own: it is kept as it is.
        return World(remark) if remark in {world.value for world in World} else World.WHOLE

    @world.setter
    def world(self, state: World) -> None:
        database.set_remark(self.postgres.url(), DATABASE, state.value)

    def run(self, part: str, *arguments: str, **more: str) -> None:
        """Run a Python program of ours to its end, told ``more`` in its environment; raises when it fails."""
        environment = {**os.environ, **self.environment(part), **more}
        subprocess.run([sys.executable, *arguments], env=environment, cwd=CHECKOUT, check=True)

    def deploy(self) -> None:
        """Put the contracts on the chain where they are missing; raises when it fails."""
        self.run("deployment", "-m", "hub.local.deployment", str(self.folder / "deployment.json"))

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
            {"GOMEMLIMIT": "80MiB"},  # soft: it collects its garbage sooner, and takes more where it must
            ready=lambda: node.answers(url),
        )

    def core(self) -> Part:
        """The reference core that stands in for the supermarkets' own system."""
        folder = home.make(self.folder / "core")
        return self._python(
            "core",
            "-m",
            "hub.demo.reference_core",
            "--folder",
            str(folder),
            "--port",
            str(self.ports["core"]),
        )

    def web(self) -> Part:
        """The hub's web server."""
        part = self._python("web", "-m", "hub.app", "--port", str(self.ports["web"]))
        part.environment = {**part.environment, **GIVES_BACK}
        part.ready = lambda: _alive(f"http://127.0.0.1:{self.ports['web']}/health/live")
        return part

    def background(self) -> list[Part]:
        """The keeper; the relay with the clock, and a worker for each queue."""
        home.make(self.folder / "beat")
        return [
            self._python("keeper", "-m", "hub.keeper"),
            self._python("background", "-m", "hub.local.background", str(self.folder)),
        ]

    def signers(self) -> list[Part]:
        """The clients of the sample suppliers that sign for themselves: their keys are not the hub's."""
        parts = []
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
            parts.append(part)
        return parts

    def tell(self, **status: object) -> None:
        """Say on the pages what is still coming; nothing when all is there."""
        home.write(self.folder / "status.json", json.dumps(status))

    def _python(self, name: str, *arguments: str) -> Part:
        return Part(name, [sys.executable, *arguments], {**self.environment(name), **SLIM, "C_FORCE_ROOT": "1"})

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
