"""Real parts for every test: one PostgreSQL for all workers, a database of its own for each."""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Engine, create_engine, text

from hub.local import home
from hub.local.postgres import Postgres

# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis.settings.register_profile("furrow", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("furrow")

CHECKOUT = Path(__file__).resolve().parent.parent
PASSWORDS = {role: f"test-{role}" for role in ("furrow_owner", "furrow_app", "furrow_public", "furrow_relay")}


def _folder() -> Path:
    base = home.make(home.home(), home.unprivileged())
    return home.make(base / "tests", home.unprivileged())


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _cluster() -> Postgres:
    folder = _folder()
    return Postgres(folder / "postgresql", home.secret(folder, "postgres"), fast_and_unsafe=True)


def _schema() -> str:
    files = [*sorted((CHECKOUT / "hub" / "migrations").rglob("*.py")), CHECKOUT / "hub" / "db.py"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def _address(cluster: Postgres, database: str, role: str) -> str:
    return cluster.url(database, role, PASSWORDS[role])


def _template(cluster: Postgres) -> str:
    """A migrated, empty database to copy; made once for each state of the migrations."""
    from alembic import command
    from alembic.config import Config

    from hub import roles
    from hub.local.database import prepare

    name = f"template_{_schema()}"
    engine = create_engine(
        cluster.url().replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        known = connection.scalar(text("select 1 from pg_database where datname = :d"), {"d": name})
        if not known:
            half = f"half_{secrets.token_hex(4)}"
            prepare(cluster.url(), half, PASSWORDS)
            os.environ["FURROW_DATABASE_OWNER_URL"] = _address(cluster, half, roles.OWNER)
            command.upgrade(Config(str(CHECKOUT / "alembic.ini")), "head")
            connection.execute(text(f'alter database "{half}" rename to "{name}"'))
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def cluster() -> Postgres:
    """The PostgreSQL that all tests share."""
    folder = _folder()
    with _one_at_a_time(folder):
        made = _cluster()
        made.start()
        _template(made)
    return made


@pytest.fixture(scope="session")
def database(cluster: Postgres, worker_id: str = "") -> Iterator[str]:
    """A migrated database of this test process's own; the settings point at it."""
    from hub import db, roles
    from hub.keys import make_kek, make_seal
    from hub.settings import settings

    name = f"test_{os.getpid()}_{secrets.token_hex(3)}"
    engine = create_engine(
        cluster.url().replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with _one_at_a_time(_folder()), engine.connect() as connection:
        connection.execute(text(f'create database "{name}" template "{_template(cluster)}" owner furrow_owner'))
    os.environ["FURROW_DATABASE_URL"] = _address(cluster, name, roles.APP)
    os.environ["FURROW_DATABASE_PUBLIC_URL"] = _address(cluster, name, roles.PUBLIC)
    os.environ["FURROW_DATABASE_RELAY_URL"] = _address(cluster, name, roles.RELAY)
    os.environ["FURROW_DATABASE_OWNER_URL"] = _address(cluster, name, roles.OWNER)
    os.environ["FURROW_RECEIPT_UNDO_MINUTES"] = "0"  # tests that undo say for how long it is possible
    os.environ["FURROW_KEY_FILE"] = str(_folder() / "kek")
    os.environ["FURROW_CORE_KEY_FILE"] = str(_folder() / "core-kek")
    os.environ["FURROW_CORE_SEAL_FILE"] = str(_folder() / "core-seal")
    os.environ["FURROW_NOTICE_KEY_FILE"] = str(_folder() / "notice-kek")
    os.environ["FURROW_PEOPLE_KEY_FILE"] = str(_folder() / "people-kek")
    settings.cache_clear()
    make_kek(_folder() / "kek")
    make_kek(_folder() / "people-kek")
    make_kek(_folder() / "core-kek")
    make_kek(_folder() / "notice-kek")
    make_seal(_folder() / "core-kek", _folder() / "core-seal")
    db.dispose()
    yield name
    db.dispose()
    with engine.connect() as connection:
        connection.execute(text(f'drop database "{name}" with (force)'))
    engine.dispose()


@pytest.fixture(scope="session")
def broom(cluster: Postgres, database: str) -> Iterator[Engine]:
    """Reaches this process's database past all rules and keys."""
    engine = create_engine(cluster.url(database).replace("postgresql://", "postgresql+psycopg://"))
    yield engine
    engine.dispose()


_TABLES = text("select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'")


_LARGE = 256 * 1024
"""Bytes of a table that is truncated: what is deleted stays in it until it is vacuumed, and would be read through."""


@pytest.fixture
def clean(database: str, broom: Engine) -> str:
    """The database, emptied: what has rows loses them. To truncate all tables would take longer than most tests."""
    with broom.begin() as connection:
        names = connection.scalars(_TABLES).all()
        states = [
            f"select '{name}' as name, exists (select 1 from \"{name}\") as filled,"
            f" pg_table_size('public.\"{name}\"') > {_LARGE} as large"
            for name in names
        ]
        connection.execute(text("set local session_replication_role = replica"))
        for name, filled, large in connection.execute(text(" union all ".join(states))).all():
            if large:
                connection.execute(text(f'truncate "{name}" cascade'))
            elif filled:
                connection.execute(text(f'delete from "{name}"'))
    return database


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The last one stops the server; workers of a parallel run leave it to the one that started them."""
    if not hasattr(session.config, "workerinput") and os.environ.get("FURROW_KEEP_POSTGRES") != "1":
        _cluster().stop()
