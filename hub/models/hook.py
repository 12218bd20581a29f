"""Programs that are told what people are told, by the Standard Webhooks specification."""

from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, document, identity, instant, owned, waits


class Hook(Record, table=True):
    """An address of a program, and the kinds of notices it is told.

    ``secret`` signs what is sent and lies sealed. ``stopped_at`` is when the program said that it is gone for good
    (410): nothing is sent until a person says so.
    """

    __table_args__ = identity()

    url: str = Field(max_length=1000)
    secret: str = ""
    kinds: list[str] = document(default_factory=list)
    stopped_at: UtcDateTime | None = instant(default=None)
    ended_at: UtcDateTime | None = instant(default=None)


class HookMessage(Record, table=True):
    """What one program is told once, tried until it is taken or given up; the same bytes each time.

    ``answered`` is the status of HTTP that came back last, if any.
    """

    __tablename__ = "hook_message"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "hook_id", "key"),
        owned("hook_id", "hook"),
        waits("wait_hook_message_due", "due_at", until="sent_at is null and given_up_at is null"),
    )

    hook_id: UUID = Field(index=True)
    kind: str = Field(max_length=40)
    key: str = Field(max_length=200)
    body: str
    due_at: UtcDateTime = instant()
    attempts: int = Field(default=0, sa_type=BigInteger)
    answered: int | None = Field(default=None, sa_type=BigInteger)
    problem: str = Field(default="", max_length=300)
    tried_at: UtcDateTime | None = instant(default=None)
    sent_at: UtcDateTime | None = instant(default=None)
    given_up_at: UtcDateTime | None = instant(default=None)
