"""Messages that must not be lost."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, text
from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, document, identity, instant, waits


class OutboxMessage(Record, table=True):
    """Something that happened, told to an organisation in the transaction that made it true.

    Parked when it has failed too often: it waits for a person, and nothing waits behind it.
    """

    __tablename__ = "outbox_message"
    __table_args__ = identity(
        waits("wait_outbox_message_due", "next_at", until="handled_at is null and parked_at is null")
    )

    to_org: UUID
    trace: UUID | None = None
    type: str = Field(max_length=60)
    body: dict[str, Any] = document(default_factory=dict)
    xid: int = Field(
        default=None,
        sa_column=Column(BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"), nullable=False),
    )
    next_at: UtcDateTime = instant()
    attempts: int = 0
    handled_at: UtcDateTime | None = instant(default=None, index=True)
    parked_at: UtcDateTime | None = instant(default=None)
    error: str = ""
