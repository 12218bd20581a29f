"""What is traded: items, their lots, and the papers that come with them."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from hub.models.base import (
    Money,
    Quantity,
    Record,
    Sought,
    UtcDateTime,
    choice,
    identity,
    instant,
    money,
    owned,
    quantity,
    waits,
)
from hub.models.party import AUDITED, PARTNERS


class Temperature(StrEnum):
    """The cold-chain class of an item and of a vehicle."""

    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"


LIMITS: dict[Temperature, tuple[float, float]] = {
    Temperature.AMBIENT: (2.0, 30.0),
    Temperature.CHILLED: (0.0, 8.0),
    Temperature.FROZEN: (-30.0, -15.0),
}
"""Lowest and highest temperature on the way, in °C."""


class TradeItem(Record, Sought, table=True):
    """What is sold under a GTIN; belongs to its supplier."""

    __tablename__ = "trade_item"
    __table_args__ = identity(UniqueConstraint("owner_id", "gtin"))
    read_if: ClassVar[str] = PARTNERS.format(owner="owner_id")
    published_if: ClassVar[str] = "true"
    published: ClassVar[tuple[str, ...]] = (
        "gtin", "name_zh", "name_en", "category", "unit", "temperature", "shelf_life_days", "ended_on",
        "picture_sha256",
    )  # fmt: skip
    stated: ClassVar[tuple[str, ...]] = published
    files: ClassVar[tuple[str, ...]] = ("picture_sha256",)
    sought_by: ClassVar[tuple[str, ...]] = ("gtin", "name_zh", "name_en")

    gtin: str = Field(max_length=14, index=True)
    name_zh: str = Field(max_length=120)
    name_en: str = Field(max_length=120)
    category: str = Field(max_length=24)
    unit: str = Field(default="KGM", max_length=3)
    price: Money = money()
    currency: str = Field(default="CNY", max_length=3)
    temperature: Temperature = choice(Temperature)
    shelf_life_days: int
    case_quantity: Quantity = quantity()
    unit_weight_kg: Quantity = quantity()
    cases_per_pallet: int = 40
    ended_on: date | None = None
    picture_sha256: str = Field(default="", max_length=64)


class ListingDispute(Record, table=True):
    """Somebody who lists an article number says that somebody else may not; it holds until it is withdrawn."""

    __tablename__ = "listing_dispute"
    __table_args__ = identity()
    read_if: ClassVar[str] = "true"
    published_if: ClassVar[str] = "true"
    published: ClassVar[tuple[str, ...]] = ("listed_by_id", "gtin", "reason", "withdrawn_at")

    listed_by_id: UUID
    gtin: str = Field(max_length=14, index=True)
    reason: str = Field(max_length=400)
    withdrawn_at: UtcDateTime | None = instant(default=None)


class Lot(Record, table=True):
    """Trade items made together, and recalled together; without ``made_on`` while they still grow."""

    __table_args__ = identity(
        UniqueConstraint("owner_id", "trade_item_id", "number"), owned("trade_item_id", "trade_item")
    )
    read_if: ClassVar[str] = (
        "exists (select 1 from lot_buyer b where b.lot_id = lot.id and b.buyer_id = (select app_org()))"
        f" or {AUDITED.format(table='lot')}"
    )
    published_if: ClassVar[str] = "true"
    published: ClassVar[tuple[str, ...]] = (
        "trade_item_id", "number", "made_on", "best_before", "key", "event_id",
    )  # fmt: skip

    trade_item_id: UUID = Field(index=True)
    number: str = Field(max_length=20)
    made_on: date | None = None
    best_before: date | None = None
    quantity: Quantity = quantity(default=0)
    salt: bytes | None = None
    key: bytes | None = Field(default=None, index=True)
    event_id: UUID | None = Field(default=None, index=True)
    claim_id: UUID | None = Field(default=None, index=True)

    def days_short(self, day: date, least: int | None) -> int | None:
        """How many days it has left on a day, where that is less than the ``least`` that was asked for."""
        if self.best_before is None or least is None:
            return None
        left = (self.best_before - day).days
        return left if left < least else None


class LotBuyer(Record, table=True):
    """This lot, or some of it, goes to that buyer: its grant to read the lot and its growing records."""

    __tablename__ = "lot_buyer"
    __table_args__ = identity(UniqueConstraint("owner_id", "lot_id", "buyer_id"), owned("lot_id", "lot"))
    readers: ClassVar[tuple[str, ...]] = ("buyer_id",)

    lot_id: UUID = Field(index=True)
    buyer_id: UUID = Field(index=True)


class SpeaksAs(StrEnum):
    """What somebody is whom a producer lets speak of its lots."""

    LABORATORY = "laboratory"
    CERTIFIER = "certifier"
    CARRIER = "carrier"


class Mandate(Record, table=True):
    """A producer lets somebody speak of its lots, or of the one of a link, from a day until another."""

    __table_args__ = identity(
        CheckConstraint("valid_to is null or valid_to >= valid_from", name="ends_after_it_begins")
    )
    read_if: ClassVar[str] = "true"
    published_if: ClassVar[str] = "true"
    published: ClassVar[tuple[str, ...]] = ("speaker_id", "kind", "link", "valid_from", "valid_to")

    speaker_id: UUID = Field(index=True)
    kind: SpeaksAs = choice(SpeaksAs)
    link: str = Field(default="", max_length=300)
    valid_from: date
    valid_to: date | None = None


class Certificate(Record, table=True):
    """A paper that vouches for a supplier, or for one lot."""

    __table_args__ = identity(owned("lot_id", "lot"))
    read_if: ClassVar[str] = PARTNERS.format(owner="owner_id")
    published_if: ClassVar[str] = "true"
    published: ClassVar[tuple[str, ...]] = (
        "lot_id", "kind", "name_zh", "name_en", "number", "issuer", "valid_from", "valid_to", "file_sha256",
    )  # fmt: skip
    stated: ClassVar[tuple[str, ...]] = published
    files: ClassVar[tuple[str, ...]] = ("file_sha256",)

    lot_id: UUID | None = Field(default=None, index=True)
    kind: str = Field(max_length=40)
    name_zh: str = Field(max_length=120)
    name_en: str = Field(max_length=120)
    number: str = Field(max_length=60)
    issuer: str = Field(max_length=120)
    valid_from: date
    valid_to: date | None = None
    file_sha256: str = Field(default="", max_length=64)


_NAMED = (
    "exists (select 1 from certificate c where c.owner_id = document.owner_id and c.file_sha256 = document.sha256)"
    " or exists (select 1 from trade_item i"
    " where i.owner_id = document.owner_id and i.picture_sha256 = document.sha256)"
)
"""A file is read by whoever reads the certificate or the item that names it now."""


class Document(Record, table=True):
    """A file that its owner states something with, known by its SHA-256; never changed, and kept when another follows.

    ``small`` is a thumbnail of an item's picture, for its owner's lists.
    """

    __table_args__ = identity(UniqueConstraint("owner_id", "sha256"))
    append_only: ClassVar[bool] = True
    read_if: ClassVar[str] = _NAMED
    published_if: ClassVar[str] = _NAMED
    published: ClassVar[tuple[str, ...]] = ("sha256", "media_type", "size", "content")

    sha256: str = Field(max_length=64, index=True)
    media_type: str = Field(max_length=40)
    size: int = Field(sa_type=BigInteger)
    content: bytes
    small: bytes | None = None


class RecallNotice(Record, table=True):
    """A lot called back, why and by whom; open until closed by a named person.

    Class 0 is what closing says on the chain: that its issuer takes back what it said of the lot before. Such a row
    gives no reasons and is never open.
    """

    __tablename__ = "recall_notice"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "nonce"),
        waits("wait_recall_notice_unsent", "owner_id", "nonce", until="message_number is null"),
    )
    read_if: ClassVar[str] = "true"
    published_if: ClassVar[str] = "true"
    published: ClassVar[tuple[str, ...]] = (
        "lot_id", "recall_class", "reason_zh", "reason_en", "opened_at", "closed_at", "salt", "nonce", "signature",
        "message_number",
    )  # fmt: skip

    lot_id: UUID = Field(index=True)
    recall_class: int
    reason_zh: str = Field(max_length=400)
    reason_en: str = Field(max_length=400)
    opened_at: UtcDateTime = instant()
    closed_at: UtcDateTime | None = instant(default=None)
    salt: bytes
    nonce: int
    signature: bytes | None = None
    message_number: int | None = None
