"""The second of two who do the same at once is told so: for every rule of the database that only one may be."""

import datetime as dt
import os
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Enum, Table, UniqueConstraint, create_engine, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

import hub.migrations.tables  # noqa: F401
from hub.web.deps import PUBLIC
from hub.web.routing import Router

UNIQUE = """
    select c.relname as table, i.relname as name, array_agg(a.attname order by k.place) as columns
    from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
    cross join lateral unnest(x.indkey) with ordinality as k(number, place)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
    where x.indisunique and not x.indisprimary and c.relnamespace = 'public'::regnamespace
      and c.relname <> 'alembic_version' group by 1, 2 order by 1, 2"""
VALUES = {
    bool: True, int: 7, float: 0.75, str: "x", bytes: b"x", Decimal: Decimal(1), UUID: None,
    dt.date: dt.date(2026, 11, 27), dt.datetime: dt.datetime(2026, 11, 27, tzinfo=dt.UTC),
    dt.time: dt.time(6), dict: "{}", list: "[]",
}  # fmt: skip

SAID = {
    "resolver_link": {"href": "https://example.org"},
    "copied_code": {"looked_at": None},
    "trade_document": {"outcome": "taken"},
}
"""What a table's own rules ask for."""


def _row(table: Table) -> dict[str, object]:
    """The least a row of a table needs."""
    made: dict[str, object] = {}
    for column in table.c:
        if isinstance(column.type, Enum):
            made[column.name] = column.type.enums[0]
            continue
        kind = dict if isinstance(column.type, JSONB) else column.type.python_type
        made[column.name] = uuid4() if kind is UUID else VALUES.get(kind, "x")
    return made | SAID.get(table.name, {})


def _insert(connection: Connection, table: Table, row: dict[str, object]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    given = ", ".join(f"cast(:{name} as {table.c[name].type.compile(connection.dialect)})" for name in row)
    connection.execute(text(f'insert into "{table.name}" ({names}) values ({given})'), row)


@pytest.fixture
def free(cluster, clean):
    """A connection that checks no foreign keys, so that rows can stand alone; undone at the end."""
    address = cluster.url(os.environ["FURROW_DATABASE_URL"].rsplit("/", 1)[1])
    with create_engine(address.replace("postgresql://", "postgresql+psycopg://")).connect() as connection:
        connection.execute(text("set session_replication_role = replica"))
        yield connection
        connection.rollback()


def test_for_every_rule_the_second_of_two_is_told_that_it_is_there_already(free, app):
    failing: list[object] = []
    room = Router(dependencies=[PUBLIC])

    @room.post("/api/again")
    def again() -> None:
        table, row = failing
        _insert(free, table, row)

    app.include_router(room)
    found = [(row.table, row.name, row.columns) for row in free.execute(text(UNIQUE))]
    assert len(found) > 80
    with TestClient(app, headers={"accept": "application/json"}) as client:
        for name, rule, columns in found:
            table = SQLModel.metadata.tables[name]
            first = _row(table)
            second = _row(table) | {column: first[column] for column in columns}
            for other in table.constraints:  # differ in everything that another rule looks at
                names = [column.name for column in other.columns]
                if isinstance(other, UniqueConstraint) and set(names) != set(columns):
                    spare = [name for name in names if name not in columns]
                    second |= {c: _other(second[c]) for c in spare[:1]}
            nested = free.begin_nested()
            _insert(free, table, first)
            failing[:] = [table, second]
            answer = client.post("/api/again")
            nested.rollback()
            assert answer.status_code == 409, (rule, answer.text)
            assert answer.json()["code"] == "already-there" and answer.json()["what"] == name, rule


def _other(value: object) -> object:
    if isinstance(value, int):
        return value + 1
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value + dt.timedelta(days=1)
    return {str: "y", bytes: b"y", UUID: uuid4()}.get(type(value), value)


def test_what_is_not_there_is_not_found_and_what_refers_to_nothing_says_so(app, clean):
    from sqlmodel import select

    from hub import db
    from hub.models.party import Organization

    room = Router(dependencies=[PUBLIC])

    @room.get("/api/nobody")
    def nobody() -> None:
        with db.public_session() as session:
            session.exec(select(Organization)).one()

    @room.post("/api/orphan")
    def orphan() -> None:
        with db.hub_session() as session:
            session.execute(
                text(
                    """insert into lot_buyer (id, owner_id, created_at, via, lot_id, buyer_id)
                    values (gen_random_uuid(), gen_random_uuid(), now(), '', gen_random_uuid(), gen_random_uuid())"""
                )
            )

    app.include_router(room)
    with TestClient(app, headers={"accept": "application/json"}) as client:
        assert client.get("/api/nobody").status_code == 404
        answer = client.post("/api/orphan")
        assert answer.status_code == 409 and answer.json()["code"] == "still-needed"
