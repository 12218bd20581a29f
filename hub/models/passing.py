"""A supplier's events on their way to the repositories that its buyers run themselves."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, choice, document, identity, instant, now, owned


class Destination(Record, table=True):
    """A buyer's own EPCIS repository, to which a supplier has its events sent, and how far they have come.

    ``mark`` is the last grant to read (`EventAudience`) that was dealt with. ``token`` lies sealed. ``stopped_at`` is
    when the buyer refused what was sent: nothing more is until a person says so. ``trial`` asks for a document without
    events; ``answered`` is the status of HTTP that came back last, if any.
    """

    __table_args__ = identity()

    partner_id: UUID = Field(index=True)
    url: str = Field(max_length=1000)
    token: str = ""
    profile: str = Field(default="", max_length=40)
    mark: UUID | None = None
    sent: int = Field(default=0, sa_type=BigInteger)
    trial: bool = False
    due_at: UtcDateTime = instant(default_factory=now, index=True)
    sent_at: UtcDateTime | None = instant(default=None)
    tried_at: UtcDateTime | None = instant(default=None)
    answered: int | None = Field(default=None, sa_type=BigInteger)
    failures: int = Field(default=0, sa_type=BigInteger)
    problem: str = Field(default="", max_length=300)
    paused_at: UtcDateTime | None = instant(default=None)
    stopped_at: UtcDateTime | None = instant(default=None)
    ended_at: UtcDateTime | None = instant(default=None)


class Passing(StrEnum):
    """What became of an event on its way."""

    SENT = "sent"
    HELD = "held"
    REFUSED = "refused"
    AGAIN = "again"


class PassedEvent(Record, table=True):
    """What became of an event on its way to a destination; ``wrong`` says what it lacks, or why it was refused there.

    One that is held or refused is not sent until a person has it sent again.
    """

    __tablename__ = "passed_event"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "destination_id", "event_id"),
        owned("destination_id", "destination"),
        owned("event_id", "event"),
    )

    destination_id: UUID = Field(index=True)
    event_id: UUID = Field(index=True)
    state: Passing = choice(Passing)
    wrong: list[Any] = document(default_factory=list)
