"""Runs migrations as the owning role, with every model known; a new table comes with its policies."""

import os
import time
from typing import Any

from alembic import context
from alembic.operations import ops
from psycopg.errors import LockNotAvailable
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

import hub.migrations.tables  # noqa: F401
from hub.policies import FUNCTIONS, statements
from hub.settings import settings


def _add_policies(_context: Any, _revision: Any, directives: list[Any]) -> None:
    for directive in directives:
        upgrade = directive.upgrade_ops
        tables = [op.table_name for op in upgrade.ops if isinstance(op, ops.CreateTableOp)]
        if directive.rev_id == "0001":
            upgrade.ops.extend(ops.ExecuteSQLOp(sql) for sql in FUNCTIONS)
        for table in tables:
            upgrade.ops.extend(ops.ExecuteSQLOp(sql) for sql in statements(table))


TIMEOUTS = ("set lock_timeout = '2s'", "set statement_timeout = '300s'")
"""A migration that waits for a lock makes everybody wait behind it: it gives up soon, and is tried again."""
_TRIES = 15


def _configured(**more: Any) -> None:
    context.configure(
        target_metadata=SQLModel.metadata,
        process_revision_directives=_add_policies,
        compare_server_default=False,
        transaction_per_migration=True,
        **more,
    )


def _run() -> None:
    url = context.get_x_argument(as_dictionary=True).get("url") or os.environ.get("FURROW_DATABASE_OWNER_URL")
    url = url or settings().database_owner_url.get_secret_value()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    for left in reversed(range(_TRIES)):
        try:
            with engine.connect() as connection:
                for timeout in TIMEOUTS:
                    connection.execute(text(timeout))
                connection.commit()
                _configured(connection=connection)
                with context.begin_transaction():
                    context.run_migrations()
            break
        except OperationalError as problem:
            if not left or not isinstance(problem.orig, LockNotAvailable):
                raise
            time.sleep(1)
    engine.dispose()


def _write() -> None:
    """The statements of some migrations, for whoever looks them through (``alembic upgrade A:B --sql``)."""
    _configured(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        for timeout in TIMEOUTS:
            context.execute(timeout)
        context.run_migrations()


if context.is_offline_mode():
    _write()
else:
    _run()
