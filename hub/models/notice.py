"""What people are told, and by which ways it reaches them."""

from datetime import time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, choice, document, identity, instant, waits


class Channel(StrEnum):
    """A way out of the hub to a person."""

    MAIL = "mail"
    CHAT = "chat"


class Notice(Record, table=True):
    """Something that a person of the organisation is told, once under its key: a sentence and where to act on it."""

    __table_args__ = identity(
        UniqueConstraint("owner_id", "user_id", "key"),
        waits("wait_notice_unread", "owner_id", "user_id", until="read_at is null"),
    )

    user_id: UUID = Field(index=True)
    kind: str = Field(max_length=40)
    key: str = Field(max_length=200)
    sentence: str = Field(max_length=300)
    said: dict[str, Any] = document(default_factory=dict)
    address: str = Field(default="", max_length=300)
    read_at: UtcDateTime | None = instant(default=None)


class NoticeDelivery(Record, table=True):
    """A notice on its way to a person by a channel: tried until it is sent, or given up visibly."""

    __tablename__ = "notice_delivery"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "notice_id", "channel"),
        ForeignKeyConstraint(["owner_id", "notice_id"], ["notice.owner_id", "notice.id"], ondelete="CASCADE"),
        waits("wait_notice_delivery_due", "due_at", until="sent_at is null and given_up_at is null"),
    )

    notice_id: UUID
    user_id: UUID
    channel: Channel = choice(Channel)
    due_at: UtcDateTime = instant()
    attempts: int = Field(default=0, sa_type=BigInteger)
    error: str = Field(default="", max_length=300)
    sent_at: UtcDateTime | None = instant(default=None)
    given_up_at: UtcDateTime | None = instant(default=None)


class NoticeChoice(Record, table=True):
    """By which channels a person wants to be told of one kind of thing, where it is not as it is for everybody."""

    __tablename__ = "notice_choice"
    __table_args__ = identity(UniqueConstraint("owner_id", "user_id", "kind"))

    user_id: UUID
    kind: str = Field(max_length=40)
    mail: bool = False
    chat: bool = False


class NoticeRoute(Record, table=True):
    """When a person is left in peace, at what time the rest comes together, and the sealed address of a chat robot."""

    __tablename__ = "notice_route"
    __table_args__ = identity(UniqueConstraint("owner_id", "user_id"))

    user_id: UUID
    chat: str = Field(default="", max_length=2000)
    quiet_from: time | None = None
    quiet_to: time | None = None
    digest_at: time | None = None
