"""``furrow backup`` and ``furrow restore``: keys, chain and database in one dated archive, and back elsewhere.

The chain is copied before the database: a chain that is behind its journal is sent the rest again, one that is ahead
of it would be another's. The database is read in one snapshot, so that every record whose receipt was given before the
backup began is in it. Archives are made by no program of PostgreSQL's, and load into any newer server.
"""

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from itertools import groupby
from pathlib import Path
from typing import IO, Any, cast

import psycopg
from psycopg import sql

from chain_node.ethereum import address_of
from hub import keys, schema
from hub.errors import HubError
from hub.server import chain, vault
from hub.settings import settings

Connection = psycopg.Connection[tuple[Any, ...]]
SUFFIX = ".furrow"
_PART = 8 * 1024 * 1024
"""Bytes of a table that are kept in memory, and in one member of the archive."""
_LEDGER = {
    "key": "key_file",
    "core-key": "core_key_file",
    "notice-key": "notice_key_file",
    "people-key": "people_key_file",
}
_SECRETS = {"sender-key": "sender_key", "receipt-key": "receipt_key"}


class NotEmpty(HubError):
    """There is something here already, and a restore overwrites nothing."""

    code, status = "restore-not-empty", 409


class OtherSchema(HubError):
    """The database is at schema %(here)s, the archive at %(there)s: start from a database that was never migrated."""

    code, status = "restore-other-schema", 409


class KeyNowhere(HubError):
    """A key of the archive has no place here: name a file for it in %(setting)s."""

    code, status = "restore-key-nowhere", 409


@dataclass(frozen=True)
class Manifest:
    """What an archive holds: when it was begun, the schema, and each table's columns in their order."""

    begun_at: str
    schema: str
    chain_id: int
    tables: dict[str, list[str]]


def save(folder: Path, passphrase: bytes) -> Path:
    """Write an archive of today's name into a folder, with its SHA-256 beside it; return where."""
    begun = datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"{begun:%Y-%m-%dT%H%M%SZ}{SUFFIX}"
    half = target.with_suffix(".half")
    try:
        with half.open("xb") as file:
            half.chmod(0o600)
            with vault.Sealing(file, passphrase) as sealed, _packed(sealed) as archive:
                _keep_keys(archive)
                _keep_chain(archive)
                _keep_database(archive, begun)
        target.with_suffix(f"{SUFFIX}.sha256").write_text(f"{_digest(half)}  {target.name}\n")
        half.rename(target)
    finally:
        half.unlink(missing_ok=True)
    return target


def load(path: Path, passphrase: bytes) -> Manifest:
    """Bring an archive back into this installation's empty database and folders; return what it held.

    Nothing is written before the whole archive was read once and found to be what was sealed.
    """
    manifest = check(path, passphrase)
    _refuse_what_is_there(manifest)
    if _schema_here() is None:
        schema.upgrade(manifest.schema)
    folder = settings().chain_folder
    with _opened(path, passphrase) as archive, _database() as connection:
        for (kind, name), members in groupby(archive, key=_subject):
            contents = (_content(archive, member) for member in members)
            if kind == "keys":
                _give_key(name, next(contents).read())
            elif kind == "chain" and folder is not None:
                _write(_young(folder) / name, next(contents))
            elif kind == "tables":
                _load_table(connection, name, manifest.tables[name], contents)
        connection.commit()
    if folder is not None and _young(folder).exists():
        for path in _young(folder).iterdir():
            path.rename(folder / path.name)
        _young(folder).rmdir()
    schema.upgrade()
    return manifest


def check(path: Path, passphrase: bytes) -> Manifest:
    """Read an archive to its end; `vault.NotOpened` unless all of it is as it was sealed."""
    manifest = None
    with _opened(path, passphrase) as archive:
        for member in archive:
            content = _content(archive, member)
            if member.name == "manifest.json":
                manifest = Manifest(**json.load(content))
            while content.read(_PART):
                pass
    if manifest is None:
        raise vault.NotOpened
    return manifest


def _keep_keys(archive: tarfile.TarFile) -> None:
    """What cannot be made anew: the ledger's keys. Passwords of the database are each machine's own."""
    for name, setting in _LEDGER.items():
        file: Path = getattr(settings(), setting)
        if file.exists():
            _add(archive, f"keys/{name}", file.read_bytes())
    for name, setting in _SECRETS.items():
        _add(archive, f"keys/{name}", getattr(settings(), setting).get_secret_value().encode())


def _keep_chain(archive: tarfile.TarFile) -> None:
    folder = settings().chain_folder
    with chain.at_rest(folder) if folder else nullcontext():
        for path in chain.files(folder) if folder else []:
            archive.add(path, f"chain/{path.relative_to(cast('Path', folder))}", recursive=False)


def _keep_database(archive: tarfile.TarFile, begun: datetime) -> None:
    with _database() as connection:
        connection.execute("set transaction isolation level repeatable read read only")
        tables = {table: _columns(connection, table) for table in _tables(connection)}
        manifest = Manifest(begun.isoformat(), _schema_of(connection) or "", settings().chain_id, tables)
        _add(archive, "manifest.json", json.dumps(asdict(manifest)).encode())
        for table, columns in tables.items():
            for number, part in enumerate(_parts(connection, table, columns)):
                _add(archive, f"tables/{table}.{number:06}", part)


def _parts(connection: Connection, table: str, columns: list[str]) -> Iterator[bytes]:
    """A table as PostgreSQL's own binary rows, in parts that fit into memory."""
    told = sql.SQL("copy {} ({}) to stdout (format binary)").format(sql.Identifier(table), _listed(columns))
    rest = bytearray()
    with connection.cursor().copy(told) as rows:
        for row in rows:
            rest += row
            if len(rest) >= _PART:
                yield bytes(rest)
                rest.clear()
    yield bytes(rest)


def _tables(connection: Connection) -> list[str]:
    """Every table, those first that others refer to."""
    names = connection.execute(
        "select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version' order by 1"
    )
    order: TopologicalSorter[str] = TopologicalSorter({name: set() for (name,) in names})
    for table, referred in connection.execute(
        "select conrelid::regclass::text, confrelid::regclass::text from pg_constraint where contype = 'f'"
    ):
        if table != referred:
            order.add(table, referred)
    return list(order.static_order())


def _columns(connection: Connection, table: str) -> list[str]:
    asked = """select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped
        and attgenerated = '' order by attnum"""
    return [name for (name,) in connection.execute(asked, [f'public."{table}"'])]


def _load_table(connection: Connection, table: str, columns: list[str], parts: Iterator[IO[bytes]]) -> None:
    told = sql.SQL("copy {} ({}) from stdin (format binary)").format(sql.Identifier(table), _listed(columns))
    with connection.cursor().copy(told) as rows:
        for part in parts:
            while piece := part.read(_PART):
                rows.write(piece)


def _refuse_what_is_there(manifest: Manifest) -> None:
    """A folder with a chain in it, a database with rows or at another schema."""
    folder = settings().chain_folder
    if folder is not None and folder.exists():
        shutil.rmtree(_young(folder), ignore_errors=True)
        if any(folder.iterdir()):
            raise NotEmpty(f"There is a chain in {folder} already, and a restore overwrites nothing.")
    here = _schema_here()
    if here is None:
        return
    if here != manifest.schema:
        raise OtherSchema(here=here, there=manifest.schema)
    with _database() as connection:
        for table in _tables(connection):
            if connection.execute(sql.SQL("select 1 from {} limit 1").format(sql.Identifier(table))).fetchone():
                raise NotEmpty(f"The database has rows already (in {table}), and a restore overwrites nothing.")


def _give_key(name: str, content: bytes) -> None:
    """Put a key where this installation's settings look for it; another that is there already is kept beside it."""
    setting = _LEDGER.get(name)
    told = os.environ.get(f"FURROW_{_SECRETS[name].upper()}_FILE") if setting is None else getattr(settings(), setting)
    if not told:
        raise KeyNowhere(setting=f"FURROW_{_SECRETS[name].upper()}_FILE")
    path = Path(told)
    if path.exists() and path.read_bytes().strip() != content.strip():
        path.rename(path.with_name(f"{path.name}.before-restore"))
    _write(path, io.BytesIO(content))
    if name == "core-key":
        keys.make_seal(path, settings().core_seal_file)  # its half for the web follows from it
    if name == "sender-key" and (address := os.environ.get("FURROW_SENDER_FILE")):
        _write(Path(address), io.BytesIO(b"0x" + address_of(bytes.fromhex(content.decode())).hex().encode()))


def _write(path: Path, content: IO[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("wb") as file:
        path.chmod(0o600)
        shutil.copyfileobj(content, file, _PART)


def _young(folder: Path) -> Path:
    """Where a chain lies until all of it is there: within its folder, which may be mounted."""
    return folder / ".restoring"


def _subject(member: tarfile.TarInfo) -> tuple[str, str]:
    """What a member of the archive belongs to; a table's parts belong together."""
    kind, _, name = member.name.partition("/")
    return kind, name.rpartition(".")[0] if kind == "tables" else name


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member)
    if content is None or ".." in Path(member.name).parts:
        raise vault.NotOpened
    return content


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))


@contextmanager
def _packed(target: io.RawIOBase) -> Iterator[tarfile.TarFile]:
    packed = gzip.GzipFile(fileobj=cast("IO[bytes]", target), mode="wb", compresslevel=1)
    with packed, tarfile.open(fileobj=packed, mode="w|", bufsize=vault.PIECE) as archive:
        yield archive


@contextmanager
def _opened(path: Path, passphrase: bytes) -> Iterator[tarfile.TarFile]:
    """An archive's members in their order; read to its very end, so that one that was cut off is refused."""
    with path.open("rb") as file, io.BufferedReader(vault.Opening(file, passphrase), vault.PIECE) as opened:
        try:
            with tarfile.open(fileobj=opened, mode="r|gz") as archive:
                yield archive
            while opened.read(vault.PIECE):
                pass
        except (tarfile.TarError, EOFError, zlib.error) as problem:
            raise vault.NotOpened from problem


@contextmanager
def _database() -> Iterator[Connection]:
    """Past row-level security, and as long as it takes."""
    patient = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
    with psycopg.connect(settings().database_relay_url.get_secret_value(), options=patient) as connection:
        yield connection


def _schema_here() -> str | None:
    with _database() as connection:
        return _schema_of(connection)


def _schema_of(connection: Connection) -> str | None:
    """The database's schema, None while it was never migrated."""
    known = connection.execute("select to_regprocedure('schema_version()')").fetchone()
    if known is None or known[0] is None:
        return None
    row = connection.execute("select schema_version()").fetchone()
    return str(row[0]) if row and row[0] else None


def _listed(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
