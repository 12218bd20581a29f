"""What the ledger tells: members, lots, heads and events, as plain values."""

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import NamedTuple, Protocol


class Role(IntFlag):
    """What a member may be; several at once."""

    SUPPLIER = 1
    RETAILER = 2
    CARRIER = 4
    AUTHORITY = 8
    AUDITOR = 16


class SkipReason(IntEnum):
    """Why the log passed a submission over."""

    STALE_HEAD = 0
    BROKEN_SEQUENCE = 1
    BAD_SIGNATURE = 2
    KEY_NOT_IN_FORCE = 3


class Submission(Protocol):
    """Records of one member that follow one another, as signed (`hub.ledger.formats.streams.Submission`)."""

    @property
    def member(self) -> int: ...
    @property
    def first_seq(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def previous_head(self) -> bytes: ...
    @property
    def new_head(self) -> bytes: ...
    @property
    def summary_hash(self) -> bytes: ...


class Lot(Protocol):
    """A lot, as its producer signs it."""

    @property
    def key(self) -> bytes: ...
    @property
    def made_on(self) -> int: ...
    @property
    def commitment(self) -> bytes: ...


class Recall(Protocol):
    """A recall, as its issuer signs it; `level` is its class."""

    @property
    def keys(self) -> tuple[bytes, ...]: ...
    @property
    def issuer(self) -> int: ...
    @property
    def nonce(self) -> int: ...
    @property
    def level(self) -> int: ...
    @property
    def notice(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Head:
    """Where a member's stream stands on the chain; (0, 32 zero bytes) before its first record."""

    seq: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The log's size and root."""

    size: int
    root: bytes


class Leaf(NamedTuple):
    """What a leaf of the log is made of."""

    member: int
    seq: int
    previous: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Key:
    """A member's key; `to_block` is 0 while it is in force."""

    account: bytes
    from_block: int
    to_block: int
    hub_held: bool

    def in_force(self, block: int) -> bool:
        """Whether the key counted in a block. What was accepted earlier in the block of its revocation stands."""
        return self.from_block <= block and (self.to_block == 0 or block <= self.to_block)


@dataclass(frozen=True, slots=True)
class Member:
    """Who takes part, by number; `identity` is a salted commitment."""

    number: int
    roles: Role
    identity: bytes
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class RegisteredLot:
    """A lot as the chain holds it; `made_on` in days since 1970-01-01."""

    key: bytes
    producer: int
    made_on: int
    block: int
    commitment: bytes


@dataclass(frozen=True, slots=True)
class RecallSaid:
    """What an issuer last said about a lot; `level` 0 is a withdrawal."""

    issuer: int
    nonce: int
    level: int
    block: int
    notice: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the chain something happened. Keep the hash beside the number: blocks can be replaced."""

    block: int
    block_hash: bytes
    transaction: bytes
    index: int


@dataclass(frozen=True, slots=True)
class Appended:
    """The log has grown."""

    place: Place
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class HeadMoved:
    """A member's stream has moved on."""

    place: Place
    member: int
    account: bytes
    first_seq: int
    count: int
    previous_head: bytes
    new_head: bytes
    summary_hash: bytes


@dataclass(frozen=True, slots=True)
class SubmissionSkipped:
    """The log passed a submission over."""

    place: Place
    member: int
    first_seq: int
    new_head: bytes
    reason: SkipReason


@dataclass(frozen=True, slots=True)
class LotRegistered:
    """A lot was registered."""

    place: Place
    key: bytes
    producer: int
    made_on: int
    commitment: bytes


@dataclass(frozen=True, slots=True)
class LotSkipped:
    """A lot was passed over, since `producer` already holds its key."""

    place: Place
    key: bytes
    claimant: int
    producer: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """A lot was recalled, or with `level` 0 a recall withdrawn."""

    place: Place
    key: bytes
    issuer: int
    nonce: int
    level: int
    notice: bytes


@dataclass(frozen=True, slots=True)
class MembersChanged:
    """A member, its roles or its keys changed: read `Ledger.member` again."""

    place: Place
    member: int


Event = Appended | HeadMoved | SubmissionSkipped | LotRegistered | LotSkipped | Recalled | MembersChanged
