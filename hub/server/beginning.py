"""``furrow init``: the settings of a hub on a server, each explained, and its secrets, each in a file of its own."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chain_node.ethereum import address_of
from hub import keys, roles
from hub.errors import HubError
from hub.local import database, home

DATABASE = "furrow"
ENV = "furrow.env"
_HERE = "127.0.0.1"


class InitialisedAlready(HubError):
    """There is a furrow.env here already: its secrets are in use, and are not made anew."""

    code, status = "initialised-already", 409


@dataclass(frozen=True)
class Server:
    """Where the parts of a hub run; ``data`` is its own folder, ``secrets`` where its processes find theirs."""

    address: str
    database: str = f"{_HERE}:5432"
    broker: str = f"{_HERE}:6379"
    chain: str = f"{_HERE}:8545"
    data: str = "/var/lib/furrow"
    secrets: str = "/etc/furrow/secrets"
    proxies: str = _HERE


CONTAINERS = {
    "database": "postgres:5432",
    "broker": "valkey:6379",
    "chain": "geth:8545",
    "secrets": "/run/secrets",
    "proxies": "10.90.0.0/24",
}
"""Where they run under ``deploy/compose.yaml``."""


def write(folder: Path, server: Server) -> Path:
    """Write ``furrow.env`` and ``secrets/`` into a folder; return the first."""
    path = folder / ENV
    if path.exists():
        raise InitialisedAlready
    made = home.make(home.make(folder) / "secrets")
    for name, content in _secrets(server).items():
        home.write(made / name, content)
    for name in ("kek", "core-kek", "notice-kek", "people-kek"):
        keys.make_kek(made / name)
    keys.make_seal(made / "core-kek", made / "core-seal")
    home.write(path, _env(server))
    return path


def prepare_database(superuser_url: str, urls: Mapping[str, str]) -> None:
    """Make the four roles, with the passwords that their addresses say, and the database; safe to repeat."""
    passwords = {role: urlsplit(url).password or "" for role, url in urls.items()}
    database.prepare(superuser_url, DATABASE, passwords)


def _secrets(server: Server) -> dict[str, str]:
    """Every secret of a hub, fresh, by the name of its file."""
    passwords = {role: secrets.token_urlsafe(32) for role in database.ROLES}
    urls = {
        role: f"postgresql://{role}:{password}@{server.database}/{DATABASE}" for role, password in passwords.items()
    }
    valkey, postgres, sender = secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_hex(32)
    return {
        "database-owner-url": urls[roles.OWNER],
        "database-url": urls[roles.APP],
        "database-public-url": urls[roles.PUBLIC],
        "database-relay-url": urls[roles.RELAY],
        "postgres": postgres,
        "superuser-url": f"postgresql://postgres:{postgres}@{server.database}/postgres",
        "valkey.conf": f"requirepass {valkey}\nappendonly yes\nmaxmemory-policy noeviction\n",
        "broker-url": f"redis://:{valkey}@{server.broker}/0",
        "sender-key": sender,
        "sender": "0x" + address_of(bytes.fromhex(sender)).hex(),
        "receipt-key": secrets.token_hex(32),
        "backup-key": secrets.token_urlsafe(32),
        "mail-url": "",
    }


def _env(server: Server) -> str:
    """The settings, each with what it is for."""
    own, data = server.secrets, server.data
    explained = [
        ("Shows no sample accounts and no API document.", {"FURROW_ENVIRONMENT": "production"}),
        ("The address that people type and that labels bear. https:// makes cookies secure.",
         {"FURROW_BASE_URL": server.address}),
        ("The reverse proxy in front: only from there is X-Forwarded-For believed.",
         {"FURROW_TRUSTED_PROXIES": server.proxies}),
        ("The database, by role: who migrates, who serves an organisation, who serves shoppers, the hub's own rounds.",
         {f"FURROW_DATABASE_{name}URL_FILE": f"{own}/database-{file}url"
          for name, file in (("OWNER_", "owner-"), ("", ""), ("PUBLIC_", "public-"), ("RELAY_", "relay-"))}),
        ("Valkey, which carries hints: nothing is lost with it.", {"FURROW_BROKER_URL_FILE": f"{own}/broker-url"}),
        ("The chain's node, when its blocks are final, and how many parties seal it.",
         {"FURROW_CHAIN_URL": f"http://{server.chain}", "FURROW_CHAIN_ID": "1337", "FURROW_FINALITY": "tag",
          "FURROW_SEALERS": "1"}),
        ("The hub's own account on the chain, and its key, which the keeper alone may read.",
         {"FURROW_SENDER_FILE": f"{own}/sender", "FURROW_SENDER_KEY_FILE": f"{own}/sender-key"}),
        ("The key that signs receipts.", {"FURROW_RECEIPT_KEY_FILE": f"{own}/receipt-key"}),
        ("The keys that open members' keys, the tokens of cores, the addresses of chat robots and people's second"
         " factors. Lost with no backup, nothing opens them again.",
         {"FURROW_KEY_FILE": f"{own}/kek", "FURROW_CORE_KEY_FILE": f"{own}/core-kek",
          "FURROW_CORE_SEAL_FILE": f"{own}/core-seal",
          "FURROW_NOTICE_KEY_FILE": f"{own}/notice-kek", "FURROW_PEOPLE_KEY_FILE": f"{own}/people-kek"}),
        ("The mail server, with its password: smtp://user:password@host:587?from=hub@example.com. Empty: no mail.",
         {"FURROW_MAIL_URL_FILE": f"{own}/mail-url"}),
        ("What a backup takes along and where it goes. Keep a copy of the key elsewhere: without it no backup opens.",
         {"FURROW_CHAIN_FOLDER": f"{data}/chain", "FURROW_BACKUP_FOLDER": f"{data}/backup",
          "FURROW_BACKUP_KEY_FILE": f"{own}/backup-key"}),
        ("Lines of the log, for a program to read.", {"FURROW_LOG_FORMAT": "json"}),
    ]  # fmt: skip
    parts = ["# The settings of this hub; docs/reference/settings.md has all of them.\n"]
    for why, settings in explained:
        parts.append(f"# {why}\n" + "".join(f"{name}={value}\n" for name, value in settings.items()))
    return "\n".join(parts)
