"""A line behind a figure that its supplier disputes, and what the buyer says to that."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, choice, identity, instant, owned


class Measure(StrEnum):
    """What is measured of a supplier, and of its buyer's forecast."""

    ON_TIME_IN_FULL = "on-time-in-full"
    FILL = "fill"
    RESPONSE = "response"
    QUALITY = "quality"
    DOCUMENTS = "documents"
    FORECAST = "forecast"
    COMMITMENT = "commitment"


class ScoreDispute(Record, table=True):
    """A supplier says that a line behind a figure does not count against it: its own row, once for each.

    ``subject_id`` is the row that the line tells of, ``about`` what both call it.
    """

    __tablename__ = "score_dispute"
    __table_args__ = identity(UniqueConstraint("owner_id", "buyer_id", "measure", "subject_id"))
    append_only: ClassVar[bool] = True
    readers: ClassVar[tuple[str, ...]] = ("buyer_id",)

    buyer_id: UUID = Field(index=True)
    measure: Measure = choice(Measure)
    subject_id: UUID
    about: str = Field(max_length=200)
    reason: str = Field(max_length=400)
    disputed_at: UtcDateTime = instant()


class ScoreRuling(Record, table=True):
    """What a buyer says to a dispute: its own row. Where it accepts it, the line is left out of the figure."""

    __tablename__ = "score_ruling"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "dispute_id"), owned("dispute_id", "score_dispute", by="supplier_id")
    )
    append_only: ClassVar[bool] = True
    readers: ClassVar[tuple[str, ...]] = ("supplier_id",)

    supplier_id: UUID = Field(index=True)
    dispute_id: UUID = Field(index=True)
    accepted: bool
    words: str = Field(default="", max_length=400)
    ruled_at: UtcDateTime = instant()
