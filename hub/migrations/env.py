"""Runs migrations as the owning role, with every model known; a new table comes with its policies."""

import os
from typing import Any

from alembic import context
from alembic.operations import ops
from sqlalchemy import create_engine, text
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


def _run() -> None:
    url = context.get_x_argument(as_dictionary=True).get("url") or os.environ.get("FURROW_DATABASE_OWNER_URL")
    url = url or settings().database_owner_url.get_secret_value()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        # Policies are not in the models' metadata, so a migration that waits too long for a lock gives up.
        connection.execute(text("set lock_timeout = '10s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            process_revision_directives=_add_policies,
            compare_server_default=False,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


_run()
