"""Comments, their files, and that the other side has seen them."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, choice, identity, instant, owned


class SubjectKind(StrEnum):
    """What is spoken of."""

    ORDER = "order"
    CLAIM = "claim"
    SHIPMENT = "shipment"
    STATEMENT = "statement"


class Comment(Record, table=True):
    """What a person said about something between two; without ``other_id`` nobody of the other side reads it.

    ``said_as`` is the click that said it: the same one again says nothing more.
    """

    __table_args__ = identity(UniqueConstraint("owner_id", "said_as"))
    readers: ClassVar[tuple[str, ...]] = ("other_id",)

    kind: SubjectKind = choice(SubjectKind)
    subject_id: UUID = Field(index=True)
    other_id: UUID | None = Field(default=None, index=True)
    author: str = Field(max_length=80)
    words: str = Field(max_length=2000)
    said_at: UtcDateTime = instant()
    said_as: UUID


class CommentFile(Record, table=True):
    """A file that came with a comment, sealed; its type is that of its content."""

    __tablename__ = "comment_file"
    __table_args__ = identity(
        ForeignKeyConstraint(["owner_id", "comment_id"], ["comment.owner_id", "comment.id"], ondelete="CASCADE")
    )
    readers: ClassVar[tuple[str, ...]] = ("other_id",)

    comment_id: UUID = Field(index=True)
    other_id: UUID | None = None
    name: str = Field(max_length=120)
    media_type: str = Field(max_length=40)
    size: int = Field(sa_type=BigInteger)
    sealed: str


class CommentSeen(Record, table=True):
    """That somebody of the other side has seen a comment: the reader's own row. From then on it stays."""

    __tablename__ = "comment_seen"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "comment_id"), owned("comment_id", "comment", by="writer_id")
    )
    append_only: ClassVar[bool] = True
    readers: ClassVar[tuple[str, ...]] = ("writer_id",)

    writer_id: UUID = Field(index=True)
    comment_id: UUID = Field(index=True)
    seen_at: UtcDateTime = instant()
