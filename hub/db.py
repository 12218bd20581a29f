"""The database: engines, the session that serves one organisation, and the session that serves the hub itself.

Row-level security is the floor under every service: a session names the organisation it serves before its
first statement, and PostgreSQL shows that organisation's rows alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, load_only
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel

from hub import log
from hub.settings import settings

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


@dataclass(frozen=True)
class Who:
    """On whose behalf a session writes: the organisation, the person (none for tasks), and the way in."""

    org: UUID
    user: UUID | None = None
    via: str = "task"


class TenantSession(Session):
    """A session bound to one organisation; without one, its first statement fails before it is sent."""


class HubSession(Session):
    """A session of the hub itself, past row-level security: relay, seal, anchor and watch only."""


class ShopperSession(Session):
    """A session of anybody's: of published rows, the published columns."""


class JoinedSession(Session):
    """A session inside a transaction that somebody else began, bound and will end."""


@event.listens_for(TenantSession, "after_begin")
def _bind(session: OrmSession, _transaction: object, connection: Connection) -> None:
    who: Who = session.info["who"]
    connection.execute(text("select set_config('furrow.org', :org, true)"), {"org": str(who.org)})


@event.listens_for(Session, "before_flush")
def _sign_rows(session: OrmSession, _context: object, _instances: object) -> None:
    """Say on every new row who wrote it, by which way it came, and with which click it began."""
    who: Who | None = session.info.get("who")
    for row in session.new:
        if who is not None and getattr(row, "created_by", 1) is None:
            row.created_by = who.user
        if who is not None and getattr(row, "via", None) == "":
            row.via = who.via
        if getattr(row, "trace", 1) is None:
            row.trace = log.trace()


@event.listens_for(ShopperSession, "do_orm_execute")
def _ask_for_what_is_published(execution: ORMExecuteState) -> None:
    """Load of every row no more than its model publishes: PostgreSQL refuses the rest."""
    if not execution.is_select:
        return
    statement: Any = execution.statement
    for entity in statement.column_descriptions:
        if entity["entity"] is not None and entity["expr"] is entity["entity"]:
            columns = [getattr(entity["entity"], name) for name in entity["entity"].published_columns()]
            statement = statement.options(load_only(*columns, raiseload=True))
    execution.statement = statement


def _engine(url: str, size: int) -> Engine:
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, pool_size=size, max_overflow=0, pool_timeout=20)
    event.listen(engine, "checkin", _rested)
    event.listen(engine, "checkout", partial(_still_there, engine))
    return engine


_FRESH = 1.0
"""Seconds for which a connection that was just used is trusted to be there still."""


def _rested(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["rested"] = monotonic()


def _still_there(engine: Engine, connection: Any, record: ConnectionPoolEntry, _checked_out: object) -> None:
    """Ask a connection that rested for a while whether it is there still; one that is not is made anew."""
    rested = record.info.get("rested")
    if rested is None or monotonic() - rested < _FRESH:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as gone:
        raise InvalidatePoolError from gone


@lru_cache
def app_engine() -> Engine:
    """Serves one organisation at a time, under row-level security."""
    return _engine(settings().database_url.get_secret_value(), settings().database_pool)


@lru_cache
def public_engine() -> Engine:
    """Reads what is published to shoppers, and nothing else."""
    return _engine(settings().database_public_url.get_secret_value(), 4)


@lru_cache
def relay_engine() -> Engine:
    """Past row-level security, for the hub's own rounds."""
    return _engine(settings().database_relay_url.get_secret_value(), 4)


def dispose() -> None:
    """Forget every engine of this process: after a fork, or when the settings changed."""
    for engine in (app_engine, public_engine, relay_engine):
        if engine.cache_info().currsize:
            engine().dispose(close=False)
        engine.cache_clear()


@contextmanager
def session(who: Who) -> Iterator[TenantSession]:
    """One transaction for one organisation: committed at the end, rolled back when anything is raised."""
    with TenantSession(app_engine(), info={"who": who}, expire_on_commit=False) as opened:
        yield opened
        opened.commit()


@contextmanager
def on_behalf(session: Session, owner: UUID) -> Iterator[None]:
    """Go on for another owner within the same transaction, then for the first again.

    For what belongs to the person who acts, such as a password, and for what one person does in several organisations.
    """
    who: Who = session.info["who"]
    session.flush()
    _go_on(session, replace(who, org=owner))
    try:
        yield
        session.flush()
    except BaseException:
        # A transaction that has failed takes no more statements, and is undone whole.
        with suppress(SQLAlchemyError):
            _go_on(session, who)
        session.info["who"] = who
        raise
    _go_on(session, who)


def _go_on(session: Session, who: Who) -> None:
    session.info["who"] = who
    session.execute(text("select set_config('furrow.org', :org, true)"), {"org": str(who.org)})


@contextmanager
def hub_session() -> Iterator[HubSession]:
    """One transaction of the hub itself."""
    with HubSession(relay_engine(), expire_on_commit=False) as opened:
        yield opened
        opened.commit()


@contextmanager
def public_session() -> Iterator[Session]:
    """One read-only transaction that sees published rows only."""
    with ShopperSession(public_engine(), expire_on_commit=False) as opened:
        yield opened


def in_turn(session: Session, *what: str) -> None:
    """Let nobody else do any of this until the transaction ends.

    Several are taken in one order, so that none waits in a ring. It serves where a row lock cannot: for something
    that is not there yet, or for a row that may not be written.
    """
    for name in sorted(what):
        session.execute(text("select pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": name})


def in_turn_now(session: Session, what: str) -> bool:
    """The same, without waiting: False while somebody else is at it."""
    asked = text("select pg_try_advisory_xact_lock(hashtextextended(:what, 0))")
    return bool(session.execute(asked, {"what": what}).scalar())


def ring(session: Session, channel: str) -> None:
    """Wake whoever listens to a channel when this transaction commits."""
    session.execute(text("select pg_notify(:channel, '')"), {"channel": channel})


def let_think(session: Session) -> None:
    """Let this transaction rest for two minutes between statements: something long is being worked out meanwhile."""
    session.execute(text("set local idle_in_transaction_session_timeout = '120s'"))


def after_commit(session: Session, hint: Callable[[], None]) -> None:
    """Call ``hint`` once this transaction has committed; never when it is rolled back."""

    def tell(_session: OrmSession) -> None:
        if hint in session.info.get("hints", ()):
            session.info["hints"].remove(hint)
            hint()

    session.info.setdefault("hints", []).append(hint)
    event.listen(session, "after_commit", tell, once=True)


def refuse_bypassing_role(engine: Engine) -> None:
    """Stop a server whose role could read past row-level security."""
    with engine.connect() as connection:
        bypasses = connection.scalar(text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user"))
    if bypasses:
        raise RuntimeError("FURROW_DATABASE_URL names a role that bypasses row-level security")
