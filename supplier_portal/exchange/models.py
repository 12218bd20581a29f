"""Documents that other systems and people sent here, as they came, and what became of each."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, choice, document, identity, instant

LATEST = Index("ix_trade_document_latest", "owner_id", text("received_at desc"), text("id desc"))


class Outcome(StrEnum):
    """What became of a document."""

    TAKEN = "taken"
    REFUSED = "refused"


class TradeDocument(Record, table=True):
    """A document that was sent here, byte for byte, for its sender alone to read.

    ``kind`` and ``number`` are its own, empty where it could not be opened; ``about`` is the order it is for. Taken, it
    says in ``done`` what it brought about and in ``unread`` what of it nobody read; refused, in ``faults`` why and on
    which line. A refused one may be put in again, which counts as another try.
    """

    __tablename__ = "trade_document"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "sha256"),
        Index(
            "uq_trade_document_taken",
            "owner_id",
            "kind",
            "number",
            unique=True,
            postgresql_where=text("outcome = 'taken'"),
        ),
        LATEST,
    )
    kind: str = Field(default="", max_length=40)
    number: str = Field(default="", max_length=100)
    about: str = Field(default="", max_length=30)
    file_name: str = Field(default="", max_length=200)
    sender: str = Field(default="", max_length=120)
    received_at: UtcDateTime = instant()
    tried_at: UtcDateTime = instant()
    tries: int = Field(default=1, sa_type=BigInteger)
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BigInteger)
    content: bytes
    outcome: Outcome = choice(Outcome)
    code: str = Field(default="", max_length=60)
    faults: list[Any] = document(default_factory=list)
    done: dict[str, Any] = document(default_factory=dict)
    unread: list[Any] = document(default_factory=list)
