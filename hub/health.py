"""What an operator should look at: one check a subject, each symptom a sentence that says what to do."""

import shutil
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from chain_node.errors import LedgerError
from chain_node.rpc import Node
from hub import db, outbox, roles, schema
from hub.errors import NotReady
from hub.ledger.log import anchoring
from hub.models.base import now
from hub.settings import settings
from hub.trace.copies import cities

PEOPLE = 5
"""From so many people on, one address for all of them is a proxy's rather than an office's."""
_SKEW = timedelta(seconds=5)
_STILL = timedelta(minutes=10)
"""So long may a chain make no block, or none become final."""
_FREE = 0.1
_LEAST = 2 * 10**9
"""The share and the bytes of a disk that should be free."""
_ENDING = timedelta(days=14)
_BACKUP = timedelta(hours=26)
_ARCHIVES = "*.furrow"


def database() -> Iterator[str]:
    """Whether it answers; whatever else is asked of it is asked only then."""
    try:
        with db.hub_session() as session:
            session.execute(text("select 1"))
    except OperationalError as problem:
        yield (
            f"The database does not answer ({type(problem.orig).__name__}): is it running, and does"
            " FURROW_DATABASE_RELAY_URL name it?"
        )


def database_roles() -> Iterator[str]:
    """Four roles, of which one alone may read past row-level security."""
    asked = text("select rolname, rolsuper or rolbypassrls from pg_roles where rolname = any(:names)")
    wanted = {roles.OWNER: False, roles.APP: False, roles.PUBLIC: False, roles.RELAY: True}
    with db.hub_session() as session:
        found = {str(name): bool(passes) for name, passes in session.execute(asked, {"names": list(wanted)}).all()}
    for name, passes in wanted.items():
        if name not in found:
            yield f"The role {name} is missing: `furrow migrate --superuser FILE` makes it."
        elif found[name] != passes:
            may, change = ("cannot", "bypassrls") if passes else ("can", "nosuperuser nobypassrls")
            yield f"The role {name} {may} read past row-level security: `alter role {name} {change}`."


def migrations() -> Iterator[str]:
    """Whether the database is at the schema of this version."""
    with db.hub_session() as session:
        here = session.execute(text("select schema_version()")).scalar_one_or_none()
    if here != schema.newest():
        yield f"The database is at schema {here}, this version needs {schema.newest()}: run `furrow migrate`."


def row_level_security() -> Iterator[str]:
    """Whether every table is under it, for its owner too."""
    asked = text(
        """select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
        and relname <> 'alembic_version' and not (relrowsecurity and relforcerowsecurity) order by 1"""
    )
    with db.hub_session() as session:
        bare = session.execute(asked).scalars().all()
    for table in bare:
        yield (
            f"The table {table} is not under row-level security: `alter table {table} enable row level security,"
            " force row level security`, and look who switched it off."
        )


def waiting() -> Iterator[str]:
    """Messages and records that nobody works on."""
    with db.hub_session() as session:
        parked = len(outbox.parked(session))
        unsealed = session.execute(
            text(
                """select count(*) from event where seq is null and commitment is not null
                and created_at < now() - interval '1 minute'"""
            )
        ).scalar_one()
        unenrolled = session.execute(
            text("select count(*) from enrolment where done_at is null and created_at < now() - interval '1 minute'")
        ).scalar_one()
    if parked:
        yield f"{parked} messages failed too often and wait for a person: see `furrow parked`."
    if unsealed:
        yield f"{unsealed} records wait to be sealed for more than a minute: is a keeper running (`hub.keeper`)?"
    if unenrolled:
        yield f"{unenrolled} organisations wait to join the ledger for more than a minute: is a keeper running?"


def proxy() -> Iterator[str]:
    """Whether strangers and colleagues are told apart by where they come from."""
    with db.hub_session() as session:
        people, addresses = session.execute(
            text(
                """select count(distinct user_id), count(distinct address) from known_browser
                where seen_at > now() - interval '7 days'"""
            )
        ).one()
    if people >= PEOPLE and addresses == 1 and not settings().trusted_proxies:
        yield (
            f"All {people} people of this week seem to come from one address: a proxy stands before the hub. "
            "Name it in FURROW_TRUSTED_PROXIES, else strangers and colleagues are counted as one."
        )


def chain() -> Iterator[str]:
    """Whether its node answers and makes blocks."""
    try:
        latest = Node(settings().chain_url, timeout=3).block("latest")
    except LedgerError as problem:
        yield (
            f"The chain does not answer ({type(problem).__name__}):"
            " records are kept and sealed, and go to it once it is back."
        )
        return
    age = now() - datetime.fromtimestamp(latest.time, UTC)
    if age > _STILL:
        yield f"The chain has made no block for {_spell(age)}: look at the node's log, and whether its sealer runs."


def finality() -> Iterator[str]:
    """Whether blocks become final, by the rule of the settings."""
    try:
        ledger = anchoring.ledger()
        latest, final = ledger.block("latest"), ledger.final()
    except LedgerError:
        return  # the chain's own check says so
    except NotReady:
        yield "The hub's account on the chain is not known: set FURROW_SENDER, or FURROW_SENDER_FILE."
        return
    behind = timedelta(seconds=latest.time - final.time)
    if final.number and behind > _STILL:
        yield (
            f"No block has become final for {_spell(behind)}: do enough sealers run, and is"
            f" FURROW_FINALITY={settings().finality} this chain's rule?"
        )


def clock() -> Iterator[str]:
    """Whether this machine's clock agrees with the database's."""
    with db.hub_session() as session:
        before = now()
        there = session.execute(text("select clock_timestamp()")).scalar_one()
        skew = max(before - there, there - now())
    if skew > _SKEW:
        yield (
            f"This machine's clock and the database's differ by {_spell(skew)}: records bear wrong times."
            " Let both follow a time server (`timedatectl set-ntp true`)."
        )


def disk() -> Iterator[str]:
    """Whether there is room where keys, chain and backups lie."""
    known = [settings().key_file.parent, settings().chain_folder, settings().backup_folder]
    seen: set[int] = set()
    for folder in known:
        if folder is None or not folder.exists() or folder.stat().st_dev in seen:
            continue
        seen.add(folder.stat().st_dev)
        room = shutil.disk_usage(folder)
        if (room.free < _FREE * room.total and room.free < 10 * _LEAST) or room.free < _LEAST:
            yield (
                f"The disk of {folder} has {room.free / 1e9:.1f} GB of {room.total / 1e9:.0f} GB left: make room"
                " before it is full, since then nothing more is captured. Older archives can go first."
            )


def keys() -> Iterator[str]:
    """Whether nobody else may read the keys of this machine."""
    named = settings()
    for path in (named.key_file, named.core_key_file, named.notice_key_file, named.people_key_file):
        if path.exists() and path.stat().st_mode & 0o077:
            yield f"Others may read {path}: `chmod 600 {path}`."


def mail() -> Iterator[str]:
    """Whether the mail server of the settings answers."""
    server = urlsplit(settings().mail_url.get_secret_value())
    if not server.hostname:
        if settings().environment != "development":
            yield "No mail server is set: people hear of nothing outside the hub. Set FURROW_MAIL_URL."
        return
    kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(server.hostname, server.port or 0, timeout=5) as line:
            line.noop()
    except (OSError, smtplib.SMTPException) as problem:
        yield (
            f"The mail server {server.hostname} does not answer ({type(problem).__name__}): letters wait, and are given"
            " up after some hours. Is FURROW_MAIL_URL right, and may this machine reach it?"
        )


def certificate() -> Iterator[str]:
    """Whether browsers trust the hub's address, and for how long."""
    address = urlsplit(settings().base_url)
    if address.scheme != "https" or not address.hostname:
        return
    try:
        with (
            socket.create_connection((address.hostname, address.port or 443), timeout=5) as connection,
            ssl.create_default_context().wrap_socket(connection, server_hostname=address.hostname) as secured,
        ):
            told = secured.getpeercert() or {}
    except (OSError, ssl.SSLError) as problem:
        yield (
            f"{settings().base_url} cannot be reached as browsers do ({problem}): does its name lead here, are"
            " the ports 80 and 443 open, and what does the proxy's log say?"
        )
        return
    left = timedelta(seconds=ssl.cert_time_to_seconds(str(told["notAfter"])) - time.time())
    if left < _ENDING:
        yield f"The certificate ends in {_spell(left)} and was not renewed: see the proxy's log; port 80 must be open."


def database_of_cities() -> Iterator[str]:
    """Whether the one that is named can be read: else no copied code is ever found."""
    said = {
        cities.State.UNREADABLE: f"FURROW_CITIES_FILE names {settings().cities_file}, which is not there or cannot be"
        " read: no scan is noted. Bring the .mmdb file there, for the web to read.",
        cities.State.NO_PACKAGE: "FURROW_CITIES_FILE is set and maxminddb is not installed: no scan is noted. Install"
        " furrow[cities].",
    }
    if (state := cities.cities().state) in said:
        yield said[state]


def backups() -> Iterator[str]:
    """Whether there is a young one, where this is no development machine."""
    if settings().environment == "development":
        return
    folder = settings().backup_folder
    if folder is None:
        yield "FURROW_BACKUP_FOLDER is not set: say where backups go, and have `furrow backup` run every night."
        return
    newest = max((path.stat().st_mtime for path in Path(folder).glob(_ARCHIVES)), default=None)
    if newest is None:
        yield f"There is no backup in {folder}: run `furrow backup`, every night by its timer."
    elif (age := timedelta(seconds=time.time() - newest)) > _BACKUP:
        yield f"The newest backup in {folder} is {_spell(age)} old: see what its timer says."


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    database, database_roles, migrations, row_level_security, waiting, proxy, chain, finality, clock, disk, keys,
    mail, certificate, backups, database_of_cities,
)  # fmt: skip
"""What is looked at, in this order."""
_OF_DATABASE = {database_roles, migrations, row_level_security, waiting, proxy, clock}


def findings() -> Iterator[tuple[str, list[str]]]:
    """Each check by its name, with what it found."""
    away = False
    for check in CHECKS:
        if away and check in _OF_DATABASE:
            continue
        found = list(check())
        away = away or (check is database and bool(found))
        yield check.__name__.replace("_", " "), found


def symptoms() -> Iterator[str]:
    """Each thing that is wrong, with what to do about it."""
    for _, found in findings():
        yield from found


def _spell(length: timedelta) -> str:
    """``40 minutes``, ``3 hours`` or ``5 days``, as far as it matters here."""
    seconds = max(0, int(length.total_seconds()))
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
