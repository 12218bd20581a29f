"""Rows by the ten thousand into PostgreSQL: copied into a temporary table, then merged in one statement."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import uuid_utils
from sqlalchemy import Table, text
from sqlmodel import Session, SQLModel

from hub import db
from hub.models.base import now


def merge(
    session: Session,
    model: type[SQLModel],
    columns: Mapping[str, Sequence[Any]],
    *,
    key: Collection[str],
    once: Mapping[str, Any] | None = None,
) -> int:
    """Write one row of ``model`` for each position of ``columns``; return how many were new or changed.

    Where a row with the same ``key`` is there, its other columns are set, unless they already say the same;
    ``once`` is what only a new row gets. Keys must not repeat within one call.
    """
    count = len(next(iter(columns.values())))
    if not count:
        return 0
    table: Table = model.__table__  # type: ignore[attr-defined]
    names = ["id", *columns]
    dialect = session.get_bind().dialect
    typed = ", ".join(f"{name} {table.c[name].type.compile(dialect)}" for name in names)
    session.execute(text(f"create temporary table incoming ({typed}) on commit drop"))
    ids = (str(uuid_utils.uuid7()) for _ in range(count))
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"copy incoming ({', '.join(names)}) from stdin") as copy:
        for row in zip(ids, *columns.values(), strict=True):
            copy.write_row(row)
    who: db.Who = session.info["who"]
    fixed = {**(once or {}), "owner_id": who.org, "created_at": now(), "created_by": who.user, "via": who.via}
    merged = session.execute(text(_insert(table.name, names, key, list(fixed))), fixed)
    session.execute(text("drop table incoming"))
    return int(merged.rowcount)  # type: ignore[attr-defined]


def _insert(table: str, names: Sequence[str], key: Collection[str], fixed: Sequence[str]) -> str:
    free = [name for name in names[1:] if name not in key]
    sets = ", ".join(f"{name} = excluded.{name}" for name in free)
    news = " or ".join(f"{table}.{name} is distinct from excluded.{name}" for name in free)
    return (
        f"insert into {table} ({', '.join([*names, *fixed])})"
        f" select {', '.join([*names, *(f':{name}' for name in fixed)])} from incoming"
        f" on conflict (owner_id, {', '.join(key)}) do update set {sets} where {news}"
    )
