"""Where the codes of single packs were scanned, and which of them may have been copied."""

from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, document, identity, instant


class CodeSighting(Record, table=True):
    """A pack's code was scanned in a city within an hour: who scanned it, and from which address, is not here.

    ``city`` is its GeoNames number, or else its place; ``seen_at`` the last scan of that hour.
    """

    __tablename__ = "code_sighting"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "gtin", "serial", "city", "hour"), Index("ix_code_sighting_seen_at", "seen_at")
    )

    gtin: str = Field(max_length=14)
    serial: str = Field(max_length=20)
    city: str = Field(max_length=24)
    hour: UtcDateTime = instant()
    seen_at: UtcDateTime = instant()
    name_en: str = Field(max_length=80)
    name_zh: str = Field(max_length=80)
    country: str = Field(max_length=2)
    latitude: float
    longitude: float


class CopiedCode(Record, table=True):
    """One code was seen at two places between which no pack travels so fast; one finding until somebody looked into it.

    ``places`` are the two, the earlier first: city and country, degrees, and when.
    """

    __tablename__ = "copied_code"
    __table_args__ = identity(
        Index(
            "uq_copied_code_open", "owner_id", "gtin", "serial", unique=True, postgresql_where=text("looked_at is null")
        )
    )
    gtin: str = Field(max_length=14)
    serial: str = Field(max_length=20)
    lot_number: str = Field(default="", max_length=20)
    item_zh: str = Field(max_length=120)
    item_en: str = Field(max_length=120)
    places: list[dict[str, str | float]] = document()
    kilometres: int = Field(sa_type=BigInteger)
    looked_at: UtcDateTime | None = instant(default=None)
    looked_by: UUID | None = None
    looked_name: str = Field(default="", max_length=120)
