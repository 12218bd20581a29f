"""The database of an installation: its roles, its name, and what it says of itself; all as the superuser.

Over the driver alone: the process that watches over all others keeps no more in memory than it needs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql

from hub.roles import APP, LIMITS, OWNER, PUBLIC, RELAY, RELAY_LIMITS

ROLES = (OWNER, APP, PUBLIC, RELAY)
Connection = psycopg.Connection[tuple[Any, ...]]


def prepare(superuser_url: str, database: str, passwords: dict[str, str], remark: str = "") -> None:
    """Make the four roles and the database where missing; a new one says ``remark`` of itself. Safe to repeat."""
    with as_superuser(superuser_url) as connection:
        for role in ROLES:
            _prepare_role(connection, role, passwords[role])
        _do(connection, "grant {} to {}", sql.Identifier(APP), sql.Identifier(RELAY))
        name, young = sql.Identifier(database), sql.Identifier(f"{database}.new")
        if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
            # Under another name until it says what it is, so that a kill in between leaves nothing doubtful.
            _do(connection, "drop database if exists {}", young)
            _do(connection, "create database {} owner {}", young, sql.Identifier(OWNER))
            _do(connection, "comment on database {} is {}", young, sql.Literal(remark))
            _do(connection, "alter database {} rename to {}", young, name)
        _do(connection, "revoke connect on database {} from public", name)
        _do(connection, "grant connect on database {} to {}", name, sql.SQL(", ").join(map(sql.Identifier, ROLES)))


@contextmanager
def as_superuser(url: str) -> Iterator[Connection]:
    """A connection of the superuser's, each statement of it a transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def set_aside(superuser_url: str, database: str) -> str:
    """Give a database another name, with everything in it, so that its own is free; return the other one."""
    aside = f"{database}_{datetime.now(UTC):%Y%m%d_%H%M%S}"
    with as_superuser(superuser_url) as connection:
        _do(connection, "alter database {} rename to {}", sql.Identifier(database), sql.Identifier(aside))
    return aside


def remark(superuser_url: str, database: str) -> str | None:
    """What a database says of itself; empty when it says nothing, None when there is none of that name."""
    asked = "select coalesce(shobj_description(oid, 'pg_database'), '') from pg_database where datname = %s"
    with as_superuser(superuser_url) as connection:
        row = connection.execute(asked, [database]).fetchone()
    return None if row is None else str(row[0])


def set_remark(superuser_url: str, database: str, remark: str) -> None:
    """Have a database say this of itself."""
    with as_superuser(superuser_url) as connection:
        _do(connection, "comment on database {} is {}", sql.Identifier(database), sql.Literal(remark))


def _prepare_role(connection: Connection, role: str, password: str) -> None:
    name = sql.Identifier(role)
    if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
        _do(connection, "create role {} login", name)
    bypass = sql.SQL("bypassrls" if role == RELAY else "nobypassrls")
    _do(connection, "alter role {} with login nosuperuser {} password {}", name, bypass, sql.Literal(password))
    if role != OWNER:
        for setting, value in (RELAY_LIMITS if role == RELAY else LIMITS).items():
            _do(connection, "alter role {} set {} = {}", name, sql.Identifier(setting), sql.Literal(value))


def _do(connection: Connection, statement: str, *parts: sql.Composable) -> None:
    connection.execute(sql.SQL(statement).format(*parts))
