"""Deadlines, fallback suppliers and second persons as they are kept, by form and by sheet."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import func
from sqlmodel import Session, col, select

from hub import parties
from hub.access import Actor
from hub.errors import HubError
from hub.gs1 import digital_link
from hub.inputs import Count
from hub.lists import CountedPage, Search
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment
from hub.models.party import Membership, Organization, OrganizationKind, User
from hub.registry.register import Named, R, Register
from supplier_portal.orders.deadlines.models import AnswerTime, Fallback, SecondPerson

_EVERYBODY = Named("所有采购方", "Every buyer")


class OrdersNothing(HubError):
    """Only retailers say how long their suppliers may think, and from whom they order else."""

    code, status = "orders-nothing", 409


class AnswersNothing(HubError):
    """Only suppliers name a second person."""

    code, status = "answers-nothing", 409


class NoSuchSupplier(HubError):
    """None of the suppliers that you work with has this GLN."""

    code, status, at = "no-such-supplier", 409, "supplier"


class PartyTaken(HubError):
    """There is an entry for this partner already. Change that."""

    code, status = "party-taken", 409


class PartyFixed(HubError):
    """For whom this is stays. End it, and add another."""

    code, status = "party-fixed", 409


class NotCarried(HubError):
    """No such item of that supplier is in your assortment."""

    code, status = "not-carried", 409


class SeveralCarried(HubError):
    """Several suppliers' items of this number are in your assortment. Name one by its GLN."""

    code, status = "several-carried", 409


class NotAlike(HubError):
    """The other item is counted in another unit, or is the same one."""

    code, status, at = "not-alike", 409, "fallback_gtin"


class FallbackTaken(HubError):
    """This item has a fallback already. Change that."""

    code, status, at = "fallback-taken", 409, "gtin"


class NotOfYours(HubError):
    """This person does not act for you."""

    code, status, at = "not-of-yours", 409, "person"


def _gln(text: str) -> str:
    return text.replace(" ", "").replace("-", "")


def _page(register: Register[R, Any], session: Session, actor: Actor, search: Search, other: Any) -> CountedPage[R]:
    """The rows whose partner, in the column ``other``, a search finds."""
    found = register.narrowed(actor, search, col(Organization.sought))
    rows = select(register.model).join(Organization, col(Organization.id) == other, isouter=True).where(found)
    total = session.exec(select(func.count()).select_from(rows.subquery())).one()
    rows = rows.order_by(*register.sorted(search), col(register.model.id))
    return CountedPage(session.exec(rows.offset(search.before).limit(search.size)).all(), total, search)


class AnswerTimeForm(BaseModel):
    """How long a supplier may think, as people say it; without ``fallback_hours`` nothing is ordered by itself."""

    supplier: str = Field(min_length=1, max_length=20)
    hours: Count = Field(ge=1, le=240)
    fallback_hours: Count | None = Field(default=None, ge=0, le=240)


class AnswerTimes(Register[AnswerTime, AnswerTimeForm]):
    """The answer times of the actor's chain, known by the supplier."""

    name, model, form, key = "answer-time", AnswerTime, AnswerTimeForm, "supplier"

    def normal(self, key: str) -> str:
        """A GLN without blanks."""
        return _gln(key)

    def key_of(self, session: Session, row: AnswerTime) -> str:
        """The supplier's GLN."""
        return parties.gln_of(session, row.supplier_id)

    def thing(self, session: Session, row: AnswerTime) -> Organization:
        """The supplier."""
        return session.get_one(Organization, row.supplier_id)

    def values(self, session: Session, row: AnswerTime) -> dict[str, Any]:
        """What the form says of it now."""
        return {"supplier": self.key_of(session, row), "hours": row.hours, "fallback_hours": row.fallback_hours}

    def page(self, session: Session, actor: Actor, search: Search) -> CountedPage[AnswerTime]:
        """Those of the suppliers that a search finds, by their names."""
        return _page(self, session, actor, search, col(AnswerTime.supplier_id))

    def order(self) -> Sequence[Any]:
        """By the suppliers' names; those that ended last."""
        return (self.over(), col(Organization.name_en))

    def details(
        self, session: Session, actor: Actor, form: AnswerTimeForm, known: AnswerTime | None
    ) -> Mapping[str, Any]:
        """The columns of a time."""
        _require_retailer(actor)
        suppliers = select(Organization).where(col(Organization.kind) == OrganizationKind.SUPPLIER)
        supplier = session.exec(suppliers.where(col(Organization.gln) == self.normal(form.supplier))).one_or_none()
        if supplier is None:
            raise NoSuchSupplier
        if known is not None and known.supplier_id != supplier.id:
            raise PartyFixed(at="supplier")
        same = session.exec(
            select(AnswerTime).where(self.mine(actor), col(AnswerTime.supplier_id) == supplier.id)
        ).first()
        if same is not None and same is not known:
            raise PartyTaken(at="supplier")
        told = {"hours": form.hours, "fallback_hours": form.fallback_hours}
        return told | {"supplier_id": supplier.id, "owner_id": actor.organization_id}


class SecondPersonForm(BaseModel):
    """Who else hears of what is not answered; nobody named means the administrators."""

    buyer: str = Field(default="", max_length=20)
    person: str = Field(default="", max_length=254)
    hours_before: Count = Field(default=0, ge=0, le=48)


class SecondPersons(Register[SecondPerson, SecondPersonForm]):
    """The second persons of the actor's organisation, known by the buyer whose orders they hear of."""

    name, model, form, key = "second-person", SecondPerson, SecondPersonForm, "buyer"

    def normal(self, key: str) -> str:
        """A GLN without blanks."""
        return _gln(key)

    def meant(self, cells: Mapping[str, str]) -> str:
        """The buyer; without one they are everybody's."""
        return self.normal(cells.get("buyer", "")) or "*"

    def key_of(self, session: Session, row: SecondPerson) -> str:
        """Likewise, of a row."""
        return parties.gln_of(session, row.buyer_id) or "*"

    def label_of(self, session: Session, row: SecondPerson) -> str:
        """The buyer's GLN; nothing where it is for every buyer."""
        return parties.gln_of(session, row.buyer_id)

    def thing(self, session: Session, row: SecondPerson) -> Any:
        """The buyer."""
        return session.get_one(Organization, row.buyer_id) if row.buyer_id else _EVERYBODY

    def values(self, session: Session, row: SecondPerson) -> dict[str, Any]:
        """What the form says of it now."""
        person = session.get(User, row.user_id) if row.user_id else None
        told = {"buyer": parties.gln_of(session, row.buyer_id), "person": person.email if person else ""}
        return told | {"hours_before": row.hours_before}

    def offered(self, session: Session, actor: Actor) -> Mapping[str, Sequence[tuple[str, Any]]]:
        """Whoever acts for the organisation, by their addresses."""
        people = select(User).where(col(User.id).in_(_acting(actor))).order_by(col(User.name), col(User.email))
        return {"person": [(one.email, Named(one.name, one.name)) for one in session.exec(people)]}

    def page(self, session: Session, actor: Actor, search: Search) -> CountedPage[SecondPerson]:
        """Those of the buyers that a search finds, everybody's first."""
        return _page(self, session, actor, search, col(SecondPerson.buyer_id))

    def order(self) -> Sequence[Any]:
        """Everybody's first, then by the buyers' names; those that ended last."""
        return (self.over(), col(Organization.name_en).nulls_first())

    def details(
        self, session: Session, actor: Actor, form: SecondPersonForm, known: SecondPerson | None
    ) -> Mapping[str, Any]:
        """The columns of a second person."""
        if actor.kind is not OrganizationKind.SUPPLIER:
            raise AnswersNothing
        buyer = parties.buyer(session, form.buyer)
        buyer_id = buyer.id if buyer else None
        if known is not None and known.buyer_id != buyer_id:
            raise PartyFixed(at="buyer")
        same = session.exec(
            select(SecondPerson).where(self.mine(actor), col(SecondPerson.buyer_id).is_not_distinct_from(buyer_id))
        ).first()
        if same is not None and same is not known:
            raise PartyTaken(at="buyer")
        person = None
        if form.person:
            people = select(User).where(col(User.email) == form.person.strip().lower())
            person = session.exec(people.where(col(User.id).in_(_acting(actor)))).one_or_none()
            if person is None:
                raise NotOfYours
        told = {"owner_id": actor.organization_id, "buyer_id": buyer_id, "hours_before": form.hours_before}
        return told | {"user_id": person.id if person else None}


class FallbackForm(BaseModel):
    """Whose item is ordered if another's fails, as people say it; suppliers by their GLN where several have it."""

    gtin: str = Field(min_length=1, max_length=20)
    supplier: str = Field(default="", max_length=20)
    fallback_gtin: str = Field(min_length=1, max_length=20)
    fallback_supplier: str = Field(default="", max_length=20)


class Fallbacks(Register[Fallback, FallbackForm]):
    """The fallback suppliers of the actor's chain, known by the item that may fail and its supplier."""

    name, model, form, key = "fallback", Fallback, FallbackForm, "gtin"

    def normal(self, key: str) -> str:
        """A GTIN in 14 digits, where it is one."""
        return digital_link.padded(key)

    def meant(self, cells: Mapping[str, str]) -> str:
        """Item and supplier together."""
        return " ".join(filter(None, (self.normal(cells.get("gtin", "")), _gln(cells.get("supplier", "")))))

    def key_of(self, session: Session, row: Fallback) -> str:
        """Likewise, of a row."""
        return f"{self.thing(session, row).gtin} {parties.gln_of(session, row.supplier_id)}"

    def label_of(self, session: Session, row: Fallback) -> str:
        """A GTIN as it stands under its bar code."""
        return digital_link.printed(self.thing(session, row).gtin)

    def thing(self, session: Session, row: Fallback) -> TradeItem:
        """The item that may fail."""
        return session.get_one(TradeItem, row.trade_item_id)

    def values(self, session: Session, row: Fallback) -> dict[str, Any]:
        """What the form says of it now."""
        return {
            "gtin": self.thing(session, row).gtin,
            "supplier": parties.gln_of(session, row.supplier_id),
            "fallback_gtin": session.get_one(TradeItem, row.fallback_item_id).gtin,
            "fallback_supplier": parties.gln_of(session, row.fallback_supplier_id),
        }

    def page(self, session: Session, actor: Actor, search: Search) -> CountedPage[Fallback]:
        """The rows whose item a search finds, by the items' names."""
        found = self.narrowed(actor, search, col(TradeItem.sought))
        rows = select(Fallback).join(TradeItem, col(TradeItem.id) == col(Fallback.trade_item_id)).where(found)
        total = session.exec(select(func.count()).select_from(rows.subquery())).one()
        rows = rows.order_by(*self.sorted(search), col(Fallback.id))
        return CountedPage(session.exec(rows.offset(search.before).limit(search.size)).all(), total, search)

    def order(self) -> Sequence[Any]:
        """By the items' names; those that ended last."""
        return (self.over(), col(TradeItem.name_en))

    def details(self, session: Session, actor: Actor, form: FallbackForm, known: Fallback | None) -> Mapping[str, Any]:
        """The columns of a fallback; both items are carried, and counted alike."""
        _require_retailer(actor)
        item = _carried(session, actor, (form.gtin, form.supplier), ("gtin", "supplier"))
        other = _carried(
            session, actor, (form.fallback_gtin, form.fallback_supplier), ("fallback_gtin", "fallback_supplier"), item
        )
        if other.id == item.id or other.unit != item.unit:
            raise NotAlike
        same = session.exec(select(Fallback).where(self.mine(actor), col(Fallback.trade_item_id) == item.id)).first()
        if same is not None and same is not known:
            raise FallbackTaken
        return {
            "owner_id": actor.organization_id,
            "trade_item_id": item.id,
            "supplier_id": item.owner_id,
            "fallback_item_id": other.id,
            "fallback_supplier_id": other.owner_id,
        }


def _carried(
    session: Session, actor: Actor, said: tuple[str, str], at: tuple[str, str], but: TradeItem | None = None
) -> TradeItem:
    """The item of the assortment that a GTIN means, and a GLN where several suppliers' are carried."""
    rows = (
        select(TradeItem)
        .join(Assortment, col(Assortment.trade_item_id) == col(TradeItem.id))
        .where(
            col(Assortment.owner_id) == actor.organization_id,
            col(Assortment.ended_on).is_(None),
            col(TradeItem.gtin) == digital_link.padded(said[0]),
        )
    )
    if said[1]:
        owner = select(Organization.id).where(col(Organization.gln) == _gln(said[1]))
        rows = rows.where(col(TradeItem.owner_id).in_(owner))
    found = session.exec(rows.order_by(col(TradeItem.id))).all()
    others = [item for item in found if but is None or item.id != but.id] or found
    if not others:
        raise NotCarried(at=at[0])
    if len(others) > 1:
        raise SeveralCarried(at=at[1])
    return others[0]


def _acting(actor: Actor) -> Any:
    return select(Membership.user_id).where(
        col(Membership.owner_id) == actor.organization_id, col(Membership.ended_at).is_(None)
    )


def _require_retailer(actor: Actor) -> None:
    if actor.kind is not OrganizationKind.RETAILER:
        raise OrdersNothing


def fallbacks_of(session: Session, buyer_id: UUID, items: Sequence[UUID]) -> dict[UUID, Fallback]:
    """The fallbacks that a buyer has for some items, by the item; of what it carries still."""
    rows = (
        select(Fallback)
        .join(Assortment, col(Assortment.trade_item_id) == col(Fallback.fallback_item_id))
        .where(
            col(Fallback.owner_id) == buyer_id,
            col(Fallback.trade_item_id).in_(items),
            col(Fallback.ended_on).is_(None),
            col(Assortment.owner_id) == buyer_id,
            col(Assortment.ended_on).is_(None),
        )
    )
    return {row.trade_item_id: row for row in session.exec(rows)}
