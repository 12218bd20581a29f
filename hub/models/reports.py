"""What shoppers report of a lot: the problem, what is kept of whoever sent it, and what is done about it."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from hub.models.base import Record, Sought, UtcDateTime, choice, identity, instant, owned


class Trouble(StrEnum):
    """What is wrong with a pack."""

    QUALITY = "quality"
    FOREIGN_BODY = "foreign-body"
    PACKAGING = "packaging"
    LABEL = "label"
    ILLNESS = "illness"
    OTHER = "other"


class ProblemReport(Record, Sought, table=True):
    """A shopper says what is wrong with a lot: to its maker, who owns the report, and to the retailer of the code.

    Number, lot and item are written down as they were, since the retailer may read neither lot nor item. Of the
    secret in the shopper's link the hash alone is kept.
    """

    __tablename__ = "problem_report"
    __table_args__ = identity(owned("lot_id", "lot"), UniqueConstraint("number"), UniqueConstraint("token_hash"))
    readers: ClassVar[tuple[str, ...]] = ("retailer_id",)
    sought_by: ClassVar[tuple[str, ...]] = ("number", "gtin", "lot_number", "item_zh", "item_en")

    number: str = Field(max_length=10)
    lot_id: UUID = Field(index=True)
    retailer_id: UUID | None = Field(default=None, index=True)
    gtin: str = Field(max_length=14)
    lot_number: str = Field(max_length=20)
    item_zh: str = Field(max_length=120)
    item_en: str = Field(max_length=120)
    kind: Trouble = choice(Trouble)
    words: str = Field(max_length=2000)
    has_photo: bool = False
    token_hash: bytes
    closed_at: UtcDateTime | None = instant(default=None)


class ReportContact(Record, table=True):
    """How a shopper wants to be reached, sealed; forgotten a term after its report is closed."""

    __tablename__ = "report_contact"
    __table_args__ = identity(UniqueConstraint("owner_id", "report_id"), owned("report_id", "problem_report"))
    readers: ClassVar[tuple[str, ...]] = ("retailer_id",)

    report_id: UUID
    retailer_id: UUID | None = None
    contact: str
    closed_at: UtcDateTime | None = instant(default=None)


class ReportPhoto(Record, table=True):
    """A shopper's photo, made anew as a JPEG; forgotten a term after its report is closed."""

    __tablename__ = "report_photo"
    __table_args__ = identity(UniqueConstraint("owner_id", "report_id"), owned("report_id", "problem_report"))
    readers: ClassVar[tuple[str, ...]] = ("retailer_id",)

    report_id: UUID
    retailer_id: UUID | None = None
    content: bytes
    closed_at: UtcDateTime | None = instant(default=None)


class FollowUp(Record, table=True):
    """What one of the two parties wrote about a report, by name: read by both, by the shopper where it ``answers``."""

    __tablename__ = "report_follow_up"
    __table_args__ = identity(owned("report_id", "problem_report", by="maker_id"))
    append_only: ClassVar[bool] = True
    readers: ClassVar[tuple[str, ...]] = ("maker_id", "retailer_id")

    report_id: UUID = Field(index=True)
    maker_id: UUID
    retailer_id: UUID | None = None
    writer: str = Field(max_length=120)
    words: str = Field(max_length=2000)
    answers: bool = False
    closes: bool = False
