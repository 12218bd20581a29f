"""What every record has, and the column types of the trade."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

import uuid_utils.compat
from pydantic import AwareDatetime
from sqlalchemy import DateTime, Enum, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from hub import sought

UtcDateTime = Annotated[datetime, AwareDatetime]
Quantity = Annotated[Decimal, "numeric(18,6), with a UN/ECE Recommendation 20 unit beside it"]
Money = Annotated[Decimal, "numeric(18,4), with an ISO 4217 currency beside it"]


HUB = UUID(int=0)
"""The owner of what belongs to the hub itself: the log, its journal and its leases."""


def uuid7() -> UUID:
    """A new time-ordered identifier (RFC 9562, version 7)."""
    return uuid_utils.compat.uuid7()


def now() -> datetime:
    """The real time, aware and in UTC: for record times, never for the trade's clock."""
    return datetime.now(UTC)


def instant(**more: Any) -> Any:
    """A column of an aware point in time."""
    return Field(sa_type=DateTime(timezone=True), **more)


def quantity(**more: Any) -> Any:
    """A column of a quantity, six decimals."""
    return Field(sa_type=Numeric(18, 6), **more)


def money(**more: Any) -> Any:
    """A column of money, four decimals."""
    return Field(sa_type=Numeric(18, 4), **more)


def document(**more: Any) -> Any:
    """A column of JSON."""
    return Field(sa_type=JSONB, **more)


def choice(kinds: type[StrEnum], **more: Any) -> Any:
    """A column of one word out of ``kinds``, kept as text."""
    column = Enum(kinds, native_enum=False, length=24, values_callable=lambda e: [k.value for k in e])
    return Field(sa_type=column, **more)


def owned(column: str, table: str, by: str = "owner_id") -> ForeignKeyConstraint:
    """A reference that carries its owner, so that it can never point into another's rows."""
    return ForeignKeyConstraint([by, column], [f"{table}.owner_id", f"{table}.id"])


def identity(*more: Any) -> tuple[Any, ...]:
    """Table arguments: the key every reference uses, and more."""
    return (UniqueConstraint("owner_id", "id"), *more)


def waits(name: str, *columns: str, until: str) -> Index:
    """An index of the few rows that wait for a round; the many that are done are not in it."""
    return Index(name, *columns, postgresql_where=text(until))


def by_prefix(name: str, column: str) -> Index:
    """An index of texts by their bytes: it finds what begins with something too (`beginning`), under any collation."""
    return Index(name, column, postgresql_ops={column: "text_pattern_ops"})


def beginning(column: Any, prefix: str) -> Any:
    """What begins with a prefix, by its bytes.

    As a range, since row-level security lets no `like` near an index: what `like` is asked might leak. The prefix ends
    in a sign of ASCII.
    """
    end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return column.op("~>=~", is_comparison=True)(prefix) & column.op("~<~", is_comparison=True)(end)


class Record(SQLModel):
    """A row written only by its owner: who owns it, who wrote it, when, and by which way.

    ``readers`` names the columns whose organisations may read the row beside its owner, ``read_if`` an SQL
    condition that lets others read, ``published_if`` one that shows the row to everybody, and ``published`` the
    columns that are then shown; the row-level policies and the public role's grants are made from them.
    ``stated`` are the columns that its owner states in a signed record whenever they change: master data; ``files``
    those of them that name a document by its SHA-256.
    """

    readers: ClassVar[tuple[str, ...]] = ()
    read_if: ClassVar[str] = ""
    published_if: ClassVar[str] = ""
    published: ClassVar[tuple[str, ...]] = ()
    stated: ClassVar[tuple[str, ...]] = ()
    files: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def published_columns(cls) -> tuple[str, ...]:
        """What everybody may read of the rows that are published."""
        return ("id", "owner_id", "created_at", *cls.published)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    owner_id: UUID
    created_at: UtcDateTime = instant(default_factory=now)
    created_by: UUID | None = None
    via: str = Field(default="", max_length=24)


class Sought(SQLModel):
    """What is found by numbers and names: ``sought`` holds what somebody may type, written whenever the row is."""

    sought_by: ClassVar[tuple[str, ...]] = ()

    sought: str = ""


def _seek_by(_mapper: object, _connection: object, row: Sought) -> None:
    row.sought = sought.key(*(getattr(row, name) for name in row.sought_by))


for _written in ("before_insert", "before_update"):
    event.listen(Sought, _written, _seek_by, propagate=True)


def stated(row: Record) -> dict[str, str]:
    """What a row shows of that which its owner states, as text; what is empty is not there."""
    values = {name: _as_text(getattr(row, name)) for name in row.stated}
    return {name: value for name, value in values.items() if value}


def _as_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return "" if value is None else str(value)


def plain(quantity: Decimal) -> str:
    """A quantity as people write it, without zeros at its end."""
    return f"{quantity.normalize():f}"
