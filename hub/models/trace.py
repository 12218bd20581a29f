"""What happened, what was sealed, and what the chain holds of it."""

from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, by_prefix, choice, document, identity, instant, now, owned, waits
from hub.models.party import AUDITED

AUDIENCE = (
    "exists (select 1 from event_audience a where a.owner_id = {table}.owner_id"
    " and a.event_id = {table}.{column} and a.org_id = (select app_org()))"
)


TERMS = ("biz_step", "disposition", "read_point", "biz_location")
"""What an event says that has a column of its own."""


class CaptureJob(Record, table=True):
    """What became of one document: EPCIS 2.0 captureJob.

    While it runs, ``success`` says whether nothing has been refused so far.

    ``known`` are its events that were there before; those it brought lie between ``first_event`` and ``last_event``.
    """

    __tablename__ = "capture_job"
    __table_args__ = identity()

    running: bool = True
    success: bool = True
    error_behaviour: str = Field(default="rollback", max_length=10)
    finished_at: UtcDateTime | None = instant(default=None)
    events: int = 0
    errors: list[Any] = document(default_factory=list)
    warnings: list[Any] = document(default_factory=list)
    known: list[Any] = document(default_factory=list)
    first_event: UUID | None = None
    last_event: UUID | None = None


class CaptureDocument(Record, table=True):
    """A document that waits to be captured: its bytes as they were sent, and what its sender may do; gone with its job.

    ``attempts`` says how often a worker has begun with it, ``due_at`` from when on one may.
    """

    __tablename__ = "capture_document"
    __table_args__ = identity(UniqueConstraint("owner_id", "job_id"), owned("job_id", "capture_job"))

    job_id: UUID
    content: bytes
    media_type: str = Field(max_length=40)
    permissions: list[Any] = document(default_factory=list)
    attempts: int = Field(default=0, sa_type=BigInteger)
    due_at: UtcDateTime = instant(default_factory=now, index=True)
    trace: UUID | None = None


class Event(Record, table=True):
    """A captured event: its exact payload under a salted commitment, and its place in its member's stream.

    Without a commitment it waits for its member, whose own client salts, numbers and signs it. An error declaration
    bears the eventID of what it corrects; ``declaration`` is then its payload's SHA-256, since there may be several.
    """

    __table_args__ = identity(
        UniqueConstraint("event_id", "declaration", "owner_id"),
        UniqueConstraint("member", "seq"),
        owned("job_id", "capture_job"),
        waits("wait_event_unsealed", "member", "id", until="seq is null"),
        *(by_prefix(f"prefix_event_{name}", name) for name in TERMS),
    )
    read_if: ClassVar[str] = f"{AUDIENCE.format(table='event', column='id')} or {AUDITED.format(table='event')}"
    published_if: ClassVar[str] = "published_at is not null"
    published: ClassVar[tuple[str, ...]] = (
        "event_id", "declaration", "type", "biz_step", "event_time", "member", "seq", "payload", "salt", "commitment",
        "leaf", "log_index", "submission_id", "published_at",
    )  # fmt: skip

    event_id: str = Field(max_length=500)
    declaration: str = Field(default="", max_length=64)
    job_id: UUID | None = None
    type: str = Field(max_length=24)
    biz_step: str = Field(default="", max_length=200)
    disposition: str = Field(default="", max_length=300)
    read_point: str = Field(default="", max_length=300)
    biz_location: str = Field(default="", max_length=300)
    event_time: UtcDateTime = instant(index=True)
    member: int
    seq: int | None = Field(default=None, sa_type=BigInteger)
    payload: bytes | None = None
    salt: bytes | None = None
    commitment: bytes | None = None
    leaf: bytes | None = None
    log_index: int | None = Field(default=None, sa_type=BigInteger, index=True)
    submission_id: UUID | None = None
    published_at: UtcDateTime | None = instant(default=None)
    trace: UUID | None = None


class EventAudience(Record, table=True):
    """The only grant to read another's event."""

    __tablename__ = "event_audience"
    __table_args__ = (
        UniqueConstraint("owner_id", "event_id", "org_id"),
        owned("event_id", "event"),
        Index("ix_event_audience_grants", "owner_id", "org_id", "id"),
    )
    readers: ClassVar[tuple[str, ...]] = ("org_id",)

    event_id: UUID = Field(index=True)
    org_id: UUID = Field(index=True)


class EventKey(Record, table=True):
    """An object an event speaks of, by its canonical Digital Link: how journeys and queries find it."""

    __tablename__ = "event_key"
    __table_args__ = (owned("event_id", "event"), by_prefix("prefix_event_key_link", "link"))
    read_if: ClassVar[str] = (
        f"{AUDIENCE.format(table='event_key', column='event_id')} or {AUDITED.format(table='event_key')}"
    )
    published_if: ClassVar[str] = (
        "exists (select 1 from event e where e.id = event_key.event_id and e.published_at is not null)"
    )
    published: ClassVar[tuple[str, ...]] = ("event_id", "link", "part")

    event_id: UUID = Field(index=True)
    link: str = Field(max_length=300)
    part: str = Field(max_length=12)


class Stream(Record, table=True):
    """A member's stream as the hub has numbered it: its newest sequence number and leaf."""

    __table_args__ = identity(UniqueConstraint("member"))

    member: int
    seq: int = Field(default=0, sa_type=BigInteger)
    head: bytes = bytes(32)


class Submission(Record, table=True):
    """One signature over a run of records of one stream."""

    __table_args__ = identity(UniqueConstraint("member", "first_seq"))
    read_if: ClassVar[str] = "true"
    published_if: ClassVar[str] = "true"
    published: ClassVar[tuple[str, ...]] = (
        "member", "first_seq", "count", "previous_head", "new_head", "summary_hash", "signature", "signer",
        "append_number",
    )  # fmt: skip

    member: int
    first_seq: int = Field(sa_type=BigInteger)
    count: int
    previous_head: bytes
    new_head: bytes
    summary_hash: bytes
    signature: bytes
    signer: str = Field(max_length=42)
    append_number: int | None = Field(default=None, sa_type=BigInteger, index=True)


class SubmissionSummary(Record, table=True):
    """The sentence a submission was signed under; it says quantities, so it is its member's own."""

    __tablename__ = "submission_summary"
    __table_args__ = identity(owned("submission_id", "submission"))
    read_if: ClassVar[str] = AUDITED.format(table="submission_summary")

    submission_id: UUID = Field(index=True)
    text: str


class LogLeaf(Record, table=True):
    """The log, in sealed order, which never changes. Holds no payload and nothing unsalted."""

    __tablename__ = "log_leaf"
    __table_args__ = (UniqueConstraint("index"), UniqueConstraint("member", "seq"))
    read_if: ClassVar[str] = "true"
    published_if: ClassVar[str] = "true"
    published: ClassVar[tuple[str, ...]] = (
        "index", "member", "seq", "previous", "commitment", "leaf", "append_number",
    )  # fmt: skip

    index: int = Field(sa_type=BigInteger)
    member: int
    seq: int = Field(sa_type=BigInteger)
    previous: bytes
    commitment: bytes
    leaf: bytes
    append_number: int = Field(sa_type=BigInteger, index=True)


class LogTile(Record, table=True):
    """Up to 256 hashes of the log, end to end, by tile level and position (C2SP tlog-tiles)."""

    __tablename__ = "log_tile"
    __table_args__ = identity(UniqueConstraint("level", "position"))
    read_if: ClassVar[str] = "true"
    published_if: ClassVar[str] = "true"
    published: ClassVar[tuple[str, ...]] = (
        "level", "position", "hashes",
    )  # fmt: skip

    level: int
    position: int = Field(sa_type=BigInteger)
    hashes: bytes


class AnchorState(StrEnum):
    """How far a sealed append has come."""

    SEALED = "sealed"
    SENT = "sent"
    ANCHORED = "anchored"
    FINAL = "final"


class LogAppend(Record, table=True):
    """A tree head and its way to the chain, in the order of sealing."""

    __tablename__ = "log_append"
    __table_args__ = identity(
        UniqueConstraint("number"), waits("wait_log_append_sealed", "number", until="state = 'sealed'")
    )
    read_if: ClassVar[str] = "true"
    published_if: ClassVar[str] = "true"
    published: ClassVar[tuple[str, ...]] = (
        "number", "old_size", "new_size", "root", "state", "block_number", "block_hash", "anchored_at",
    )  # fmt: skip

    number: int = Field(sa_type=BigInteger)
    old_size: int = Field(sa_type=BigInteger)
    new_size: int = Field(sa_type=BigInteger)
    root: bytes
    state: AnchorState = choice(AnchorState, default=AnchorState.SEALED)
    block_number: int | None = Field(default=None, sa_type=BigInteger)
    block_hash: bytes | None = None
    anchored_at: UtcDateTime | None = instant(default=None)


class ChainMessage(Record, table=True):
    """The ordered journal of everything sent to the chain, replayed in order when the chain forgets."""

    __tablename__ = "chain_message"
    __table_args__ = identity(
        UniqueConstraint("number"), waits("wait_chain_message_not_final", "state", "number", until="state <> 'final'")
    )

    number: int = Field(sa_type=BigInteger)
    kind: str = Field(max_length=24)
    body: dict[str, Any] = document(default_factory=dict)
    state: AnchorState = choice(AnchorState, default=AnchorState.SEALED)
    nonce: int | None = Field(default=None, sa_type=BigInteger)
    fee: int | None = Field(default=None, sa_type=BigInteger)
    tx_hash: bytes | None = None
    sent_at: UtcDateTime | None = instant(default=None)
    sent_block: int | None = Field(default=None, sa_type=BigInteger)
    block_number: int | None = Field(default=None, sa_type=BigInteger)
    block_hash: bytes | None = None
    error: str = ""


class LotClaim(Record, table=True):
    """Lots under their producer's signature, on their way to the chain's register."""

    __tablename__ = "lot_claim"
    __table_args__ = identity(waits("wait_lot_claim_unsent", "id", until="message_number is null"))

    producer: int
    lots: list[Any] = document(default_factory=list)
    signature: bytes
    message_number: int | None = Field(default=None, sa_type=BigInteger)


class Lease(Record, table=True):
    """Who holds a round that only one may run, and until when; every write of the round checks its term."""

    __table_args__ = identity(UniqueConstraint("name"))

    name: str = Field(max_length=200)
    holder: UUID
    term: int = Field(default=0, sa_type=BigInteger)
    until: UtcDateTime = instant()
