"""Who takes part: organisations, their places and people, their relations and keys."""

from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Date, Numeric, UniqueConstraint, cast, func, select
from sqlmodel import Field, col

from hub.models.base import Money, Record, Sought, UtcDateTime, choice, identity, instant, money, owned, waits

PARTNERS = "{owner} = any((select partners())::uuid[])"
AUDITED = (
    "exists (select 1 from trade_relation t where t.owner_id = {table}.owner_id and t.kind = 'auditor'"
    " and t.partner_id = (select app_org()) and current_date between t.valid_from and coalesce(t.valid_to, 'infinity'))"
)
"""An auditor reads what an organisation opened to it, from a day until another."""


class Zoned:
    """What has a clock of its own, by its time zone."""

    time_zone: str

    @property
    def zone(self) -> ZoneInfo:
        """The rules of its clock."""
        return ZoneInfo(self.time_zone)

    def clock(self, at: datetime) -> datetime:
        """A moment as its clock shows it."""
        return at.astimezone(self.zone)

    def day(self, at: datetime) -> date:
        """The day it is there at a moment."""
        return self.clock(at).date()


class OrganizationKind(StrEnum):
    """What an organisation does in the trade."""

    RETAILER = "retailer"
    SUPPLIER = "supplier"
    HAULIER = "haulier"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class Organization(Zoned, Record, Sought, table=True):
    """A party with a name, a Global Location Number and a member number on the ledger; owns itself.

    ``phone`` is for partners, ``service_phone`` for everybody who holds a pack; ``weight_tolerance`` is the share by
    which goods sold by weight may outweigh what was announced and still be accepted. ``answer_hours`` is how long a
    retailer lets its suppliers think about an order, where it says so, and ``approve_above`` the value above which a
    second person has to approve an order. Where it is ``strict``, an event that is odd
    is refused instead of warned of. Under ``former_gln``, a number of the hub's own
    that a real one replaced, older records name it still.
    """

    __table_args__ = identity(UniqueConstraint("gln"))
    read_if: ClassVar[str] = PARTNERS.format(owner="id")
    published_if: ClassVar[str] = "true"
    published: ClassVar[tuple[str, ...]] = (
        "kind", "name_zh", "name_en", "gln", "time_zone", "service_phone", "member",
    )  # fmt: skip
    stated: ClassVar[tuple[str, ...]] = ("kind", "name_zh", "name_en", "gln", "time_zone", "service_phone")
    sought_by: ClassVar[tuple[str, ...]] = ("gln", "name_zh", "name_en")

    kind: OrganizationKind = choice(OrganizationKind)
    name_zh: str = Field(max_length=120)
    name_en: str = Field(max_length=120)
    gln: str = Field(max_length=13)
    time_zone: str = Field(default="Asia/Shanghai", max_length=40)
    phone: str = Field(default="", max_length=40)
    service_phone: str = Field(default="", max_length=40)
    member: int | None = Field(default=None, unique=True)
    weight_tolerance: Decimal = Field(default=Decimal("0.05"), sa_type=Numeric(4, 3))
    answer_hours: int | None = Field(default=None, sa_type=BigInteger)
    approve_above: Money | None = money(default=None)
    former_gln: str | None = Field(default=None, max_length=13)
    strict: bool = False


def day_of(owner: Any, at: datetime) -> Any:
    """The day it is at a moment by an organisation's clock, in a query; ``owner`` is the column of its id."""
    there = cast(func.timezone(col(Organization.time_zone), at), Date)
    return select(there).where(col(Organization.id) == owner).scalar_subquery()


class AskWeight(StrEnum):
    """What becomes of an event that does not say what a buyer asks for."""

    WARN = "warn"
    REFUSE = "refuse"


class TradeRelation(Record, table=True):
    """An organisation says that it works with a partner, in one way, from a day until another.

    Neither sees anything of the other until both have said it. ``profile`` is what a buyer asks of the events of a
    supplier (`hub.gs1.profiles`), empty where it asks for nothing.
    """

    __tablename__ = "trade_relation"
    __table_args__ = identity(UniqueConstraint("owner_id", "partner_id", "kind"))
    readers: ClassVar[tuple[str, ...]] = ("partner_id",)

    partner_id: UUID = Field(index=True)
    kind: OrganizationKind = choice(OrganizationKind)
    valid_from: date
    valid_to: date | None = None
    profile: str = Field(default="", max_length=40)
    profile_weight: AskWeight = choice(AskWeight, default=AskWeight.WARN)


class Enrolment(Record, table=True):
    """An organisation asks to become a member of the ledger, with a key of its own or one that the hub holds for it.

    The keeper takes it up (`hub.trace.joining`); until then it waits.
    """

    __table_args__ = identity(
        UniqueConstraint("owner_id"), waits("wait_enrolment", "created_at", until="done_at is null")
    )

    address: str | None = Field(default=None, max_length=42)
    done_at: UtcDateTime | None = instant(default=None)


class PartnerInvitation(Record, table=True):
    """A retailer asks an organisation, here already or not yet, to work with it; kept as its link's SHA-256.

    Used once, by the organisation ``used_by``; withdrawn, it opens nothing. An auditor is asked by anybody, to look
    from ``valid_from`` until ``valid_to``.
    """

    __tablename__ = "partner_invitation"
    __table_args__ = identity(UniqueConstraint("token_hash"))

    kind: OrganizationKind = choice(OrganizationKind)
    name: str = Field(max_length=120)
    token_hash: bytes
    expires_at: UtcDateTime = instant()
    used_at: UtcDateTime | None = instant(default=None)
    used_by: UUID | None = None
    withdrawn_at: UtcDateTime | None = instant(default=None)
    valid_from: date | None = None
    valid_to: date | None = None


class PlaceKind(StrEnum):
    """What happens at a place."""

    FARM = "farm"
    PACKHOUSE = "packhouse"
    LABORATORY = "laboratory"
    DISTRIBUTION_CENTRE = "dc"
    STORE = "store"
    DEPOT = "depot"


class Place(Zoned, Record, Sought, table=True):
    """Somewhere goods rest, with its GLN; its time zone gives business dates.

    ``closed_on`` are the days of the week, as ISO numbers with blanks between, on which it takes no goods in.
    """

    __table_args__ = identity(UniqueConstraint("owner_id", "gln"))
    read_if: ClassVar[str] = PARTNERS.format(owner="owner_id")
    published_if: ClassVar[str] = "true"
    published: ClassVar[tuple[str, ...]] = (
        "kind", "name_zh", "name_en", "gln", "latitude", "longitude", "time_zone", "ended_on",
    )  # fmt: skip
    stated: ClassVar[tuple[str, ...]] = published
    sought_by: ClassVar[tuple[str, ...]] = ("gln", "name_zh", "name_en")

    kind: PlaceKind = choice(PlaceKind)
    name_zh: str = Field(max_length=120)
    name_en: str = Field(max_length=120)
    gln: str = Field(max_length=13, index=True)
    latitude: float
    longitude: float
    time_zone: str = Field(default="Asia/Shanghai", max_length=40)
    opens: time = time(6, 0)
    closes: time = time(20, 0)
    served_from_id: UUID | None = None
    docks: int | None = Field(default=None, sa_type=BigInteger)
    closed_on: str = Field(default="", max_length=13)
    ended_on: date | None = None

    def takes_goods_on(self, day: date) -> bool:
        """Whether it takes goods in on that day of the week."""
        return str(day.isoweekday()) not in self.closed_on.split()


class Role(StrEnum):
    """What a person does for an organisation."""

    SUPPLIER = "supplier"
    BUYER = "buyer"
    STORE = "store"
    DISPATCHER = "dispatcher"
    DRIVER = "driver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class User(Record, Sought, table=True):
    """A person who signs in; owns itself, so that no organisation writes anybody's name, address or password.

    Organisations that it acts for, or did, read it.
    """

    __tablename__ = "person"
    __table_args__ = identity(UniqueConstraint("email"))
    read_if: ClassVar[str] = "id = any(array(select user_id from membership where owner_id = (select app_org())))"
    sought_by: ClassVar[tuple[str, ...]] = ("name", "email")

    email: str = Field(max_length=254)
    name: str = Field(max_length=80)
    password: str = Field(max_length=200)
    language: str = Field(default="", max_length=5)
    phone: str = Field(default="", max_length=40)


class Membership(Record, table=True):
    """A person acts for this organisation in a role, at a store where the role has one."""

    __table_args__ = identity(UniqueConstraint("owner_id", "user_id", "role"), owned("place_id", "place"))

    user_id: UUID = Field(index=True, foreign_key="person.id")
    role: Role = choice(Role)
    place_id: UUID | None = None
    seen_at: UtcDateTime | None = instant(default=None)
    ended_at: UtcDateTime | None = instant(default=None)


class KeyHolder(StrEnum):
    """Where a signing key lies: records signed by the hub's own are its testimony, not the member's."""

    HUB = "hub"
    MEMBER = "member"


class SigningKey(Record, table=True):
    """A member's key; sealed under the hub's key-encryption key when the hub holds it."""

    __tablename__ = "signing_key"
    __table_args__ = identity(UniqueConstraint("address"))

    address: str = Field(max_length=42)
    held_by: KeyHolder = choice(KeyHolder)
    sealed: str | None = None
    enrolled_at: UtcDateTime | None = instant(default=None)
    revoked_at: UtcDateTime | None = instant(default=None)
