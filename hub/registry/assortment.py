"""What a retailer carries: items of its suppliers, under its own codes."""

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
from hub.inputs import Count, Figure
from hub.lists import CountedPage, Search
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment
from hub.models.party import Organization, OrganizationKind, TradeRelation
from hub.registry.register import Register


class NobodyOffers(HubError):
    """None of your suppliers offers this article number. They list it, or you invite who makes it."""

    code, status, at = "nobody-offers", 409, "gtin"


class SeveralOffer(HubError):
    """Several suppliers offer this article number: %(suppliers)s. Name one by its GLN."""

    code, status, at = "several-offer", 409, "supplier"


class CodeTaken(HubError):
    """Another item of your assortment has this code."""

    code, status, at = "code-taken", 409, "core_code"


class CarriedAlready(HubError):
    """This item is in your assortment already."""

    code, status, at = "carried-already", 409, "gtin"


class CarriesNothing(HubError):
    """Only retailers have an assortment."""

    code, status = "carries-nothing", 409


class CarriedForm(BaseModel):
    """An item of the assortment as people say it; the supplier by its GLN, where several offer the item."""

    gtin: str = Field(min_length=1, max_length=20)
    supplier: str = Field(default="", max_length=20)
    core_code: str = Field(default="", max_length=60)
    safety: Figure | None = Field(default=None, ge=0, le=1_000_000, decimal_places=3)
    review_days: Count | None = Field(default=None, ge=1, le=90)
    least_days_left: Count | None = Field(default=None, ge=0, le=3650)


_FIGURES = ("safety", "review_days", "least_days_left")


class Carried(Register[Assortment, CarriedForm]):
    """The assortment of the actor's organisation, known by the items' GTIN."""

    name, model, form, key = "assortment", Assortment, CarriedForm, "gtin"

    def normal(self, key: str) -> str:
        """A GTIN in 14 digits, where it is one."""
        return digital_link.padded(key)

    def key_of(self, session: Session, row: Assortment) -> str:
        """The article number of what is carried."""
        return self.thing(session, row).gtin

    def label_of(self, session: Session, row: Assortment) -> str:
        """A GTIN as it stands under its bar code."""
        return digital_link.printed(self.thing(session, row).gtin)

    def thing(self, session: Session, row: Assortment) -> TradeItem:
        """The item that is carried."""
        return session.get_one(TradeItem, row.trade_item_id)

    def values(self, session: Session, row: Assortment) -> dict[str, Any]:
        """What the form says of it now."""
        supplier = session.get_one(Organization, row.supplier_id)
        told = {"gtin": self.key_of(session, row), "supplier": supplier.gln, "core_code": row.core_code}
        return told | {name: getattr(row, name) for name in _FIGURES}

    def page(self, session: Session, actor: Actor, search: Search) -> CountedPage[Assortment]:
        """The rows whose item, or whose code, a search finds; by the items' names."""
        found = self.narrowed(actor, search, col(TradeItem.sought), col(Assortment.core_code))
        carried = select(Assortment).join(TradeItem, col(TradeItem.id) == col(Assortment.trade_item_id)).where(found)
        total = session.exec(select(func.count()).select_from(carried.subquery())).one()
        rows = carried.order_by(*self.sorted(search), col(Assortment.id))
        return CountedPage(session.exec(rows.offset(search.before).limit(search.size)).all(), total, search)

    def order(self) -> Sequence[Any]:
        """By the items' names, those that ended last."""
        return (self.over(), col(TradeItem.name_en))

    def sorts(self) -> Mapping[str, Any]:
        """By the items' numbers and names too."""
        items = {name: col(getattr(TradeItem, name)) for name in ("gtin", "name_zh", "name_en")}
        return {**super().sorts(), **items}

    def new(self, session: Session, details: Mapping[str, Any]) -> Assortment:
        """An item that is taken into the assortment."""
        item = session.get_one(TradeItem, details["trade_item_id"])
        row = parties.carry(session, item, details["core_code"])
        for name in _FIGURES:
            setattr(row, name, details[name])
        session.flush()
        return row

    def details(self, session: Session, actor: Actor, form: CarriedForm, known: Assortment | None) -> Mapping[str, Any]:
        """The row's columns; an item without a code of the retailer's own goes by its article number."""
        if actor.kind is not OrganizationKind.RETAILER:
            raise CarriesNothing
        item = self._offer(session, actor, form, known)
        code = form.core_code or (known.core_code if known else item.gtin)
        mine = select(Assortment).where(self.mine(actor))
        if (other := session.exec(mine.where(col(Assortment.core_code) == code)).first()) and other is not known:
            raise CodeTaken
        same = session.exec(mine.where(col(Assortment.trade_item_id) == item.id)).first()
        if same is not None and same is not known:
            raise CarriedAlready
        figures = {name: getattr(form, name) for name in _FIGURES}
        return {"trade_item_id": item.id, "supplier_id": item.owner_id, "core_code": code} | figures

    def suppliers(self, session: Session, actor: Actor) -> dict[UUID, Organization]:
        """The suppliers that the retailer works with, both having said so."""
        mine = select(TradeRelation.partner_id).where(col(TradeRelation.owner_id) == actor.organization_id)
        theirs = select(TradeRelation.owner_id).where(col(TradeRelation.partner_id) == actor.organization_id)
        rows = session.exec(
            select(Organization).where(
                col(Organization.id).in_(mine),
                col(Organization.id).in_(theirs),
                col(Organization.kind) == OrganizationKind.SUPPLIER,
            )
        )
        return {row.id: row for row in rows}

    def _offer(self, session: Session, actor: Actor, form: CarriedForm, known: Assortment | None) -> TradeItem:
        suppliers = self.suppliers(session, actor)
        offers = session.exec(
            select(TradeItem).where(
                col(TradeItem.gtin) == self.normal(form.gtin),
                col(TradeItem.owner_id).in_(suppliers),
                col(TradeItem.ended_on).is_(None),
            )
        ).all()
        if form.supplier:
            offers = [item for item in offers if suppliers[item.owner_id].gln == form.supplier]
        elif known is not None:
            offers = [item for item in offers if item.owner_id == known.supplier_id] or offers
        if not offers:
            raise NobodyOffers
        if len(offers) > 1:
            names = ", ".join(f"{suppliers[i.owner_id].name_zh} {suppliers[i.owner_id].gln}" for i in offers)
            raise SeveralOffer(suppliers=names)
        return offers[0]
