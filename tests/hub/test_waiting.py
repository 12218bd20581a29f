"""What a round asks every second reads the few rows that wait, however many are done."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, text

from hub import db, outbox
from hub.inventory import commands
from hub.ledger.log import anchoring, sealing
from hub.local.postgres import Postgres
from hub.models.trace import AnchorState
from hub.trace import recall

MANY = 20_000
DONE = {
    "event": {"seq": "n", "commitment": "'\\x00'", "log_index": "n"},
    "log_append": {"state": "'final'", "number": "n"},
    "log_leaf": {"index": "n", "seq": "n"},
    "chain_message": {"state": "'final'", "number": "n"},
    "lot": {"claim_id": "gen_random_uuid()"},
    "lot_claim": {"message_number": "n"},
    "recall_notice": {"message_number": "n", "nonce": "n", "closed_at": "now()"},
    "core_command": {"state": "'done'"},
    "outbox_message": {"handled_at": "now()"},
    "submission": {"append_number": "n", "first_seq": "n"},
}
FILLED_BY = {
    "uuid": "gen_random_uuid()", "integer": "n", "bigint": "n", "bytea": "decode(md5(n::text), 'hex')",
    "timestamp with time zone": "now()", "date": "current_date", "numeric": "1", "boolean": "false",
    "jsonb": "'{}'", "character varying": "left(md5(n::text), 12)", "text": "''",
}  # fmt: skip


def fill(connection: Connection, table: str, done: dict[str, str]) -> None:
    """Twenty thousand rows that wait for nothing any more; only what must be there is filled in."""
    needed = connection.execute(
        text(
            "select column_name, data_type from information_schema.columns where table_name = :t"
            " and table_schema = 'public' and is_nullable = 'NO' and column_default is null"
        ),
        {"t": table},
    )
    columns = {name: FILLED_BY[kind] for name, kind in needed} | done
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    connection.execute(text(f'insert into "{table}" ({names}) select {values} from generate_series(1, {MANY}) n'))
    connection.execute(text(f'analyze "{table}"'))


@pytest.fixture
def long_used(cluster: Postgres, clean: str) -> Iterator[Connection]:
    """A database in which much was done, and nothing waits."""
    engine = create_engine(cluster.url(clean).replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("set session_replication_role = replica"))  # rows without those they refer to
        for table, done in DONE.items():
            fill(connection, table, done)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def seal(session: Any) -> object:
    """The sealer's round."""
    return sealing.seal(session)


def clicks(session: Any) -> object:
    """What the sealer and the sender say of the ten records that they have just moved."""
    return sealing.begun_with(session, 500, 510)


def under_way(session: Any) -> object:
    """What the sender looks for."""
    return [anchoring._in_state(session, state) for state in (AnchorState.SENT, AnchorState.SEALED)]


def relay(_session: Any) -> object:
    """The relay's round."""
    return outbox.relay({})


def due(session: Any) -> object:
    """What a core is still to be told."""
    return commands.push_next(session, None)  # type: ignore[arg-type]


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's steps, the outermost first."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from steps(inner)


@pytest.mark.parametrize("round_", [seal, clicks, under_way, recall.unsent, relay, due], ids=lambda one: one.__name__)
def test_a_round_with_nothing_to_do_passes_over_nothing_that_is_done(
    long_used: Connection, round_: Callable[[Any], object]
) -> None:
    asked: list[tuple[str, Any]] = []
    engine = db.relay_engine()

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", keep)
    try:
        with db.hub_session() as session:
            round_(session)
    finally:
        event.remove(engine, "before_cursor_execute", keep)
    read = [one for one in asked if re.match(r"select\b.*\bfrom\b", one[0], re.IGNORECASE | re.DOTALL)]
    assert read
    for statement, parameters in read:
        told = long_used.connection.cursor().execute("explain (analyze, format json) " + statement, parameters)
        (plan,) = told.fetchone()[0]
        passed_over = sum(step.get("Rows Removed by Filter", 0) for step in steps(plan["Plan"]))
        assert passed_over < MANY / 100, f"{statement}\n{plan}"
