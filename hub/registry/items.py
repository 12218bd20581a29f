"""What a supplier offers: items under their GTIN, and how they are called, packed, kept and priced."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session, col, func, select

from hub import documents, parties
from hub.access import Actor
from hub.errors import N_, HubError
from hub.gs1 import digital_link
from hub.inputs import Count, Figure
from hub.models.catalogue import Temperature, TradeItem
from hub.models.party import OrganizationKind
from hub.parties import ItemDetails
from hub.registry.register import Doubt, Named, Register

CATEGORIES = ("vegetables", "fruit", "mushrooms", "meat", "poultry", "eggs", "dairy", "fish", "grain", "tea", "bakery")
UNITS = ("KGM", "H87", "LTR")
_LENGTHS = (8, 12, 13, 14)


class OffersNothing(HubError):
    """Only suppliers offer items. A retailer takes those of its suppliers into its assortment."""

    code, status = "offers-nothing", 409


class GtinFixed(HubError):
    """The article number of an item stays as it is. End this item, and add one of the other number."""

    code, status, at = "gtin-fixed", 409, "gtin"


class WrongGtin(HubError):
    """This article number has a wrong digit: behind the others the last would be %(digit)s."""

    code, status, at = "wrong-gtin", 409, "gtin"


class ItemForm(BaseModel):
    """An item as people say it."""

    gtin: str = Field(min_length=1, max_length=20)
    name_zh: str = Field(min_length=1, max_length=120)
    name_en: str = Field(default="", max_length=120)
    category: str = Field(max_length=24)
    unit: str = Field(default="KGM", max_length=3)
    price: Figure = Field(ge=0, le=1_000_000, decimal_places=4)
    temperature: Temperature = Temperature.CHILLED
    shelf_life_days: Count = Field(ge=1, le=3650)
    case_quantity: Figure = Field(gt=0, le=100_000, decimal_places=3)
    unit_weight_kg: Figure = Field(default=Decimal(1), gt=0, le=10_000, decimal_places=4)
    picture_sha256: str = Field(default="", max_length=64)


class Items(Register[TradeItem, ItemForm]):
    """The items of the actor's organisation, known by their GTIN."""

    name, model, form, key = "item", TradeItem, ItemForm, "gtin"
    found_by = ("sought",)

    def normal(self, key: str) -> str:
        """A GTIN in 14 digits, where it is one."""
        return digital_link.padded(key)

    def label_of(self, session: Session, row: TradeItem) -> str:
        """A GTIN as it stands under its bar code."""
        return digital_link.printed(row.gtin)

    def values(self, session: Session, row: TradeItem) -> dict[str, Any]:
        """What the form says of an item now."""
        return {name: getattr(row, name) for name in ItemForm.model_fields}

    def new(self, session: Session, details: Mapping[str, Any]) -> TradeItem:
        """An item that is offered."""
        return parties.list_item(session, ItemDetails(**details))

    def doubts(self, session: Session, actor: Actor, form: ItemForm, known: TradeItem | None) -> Sequence[Doubt]:
        """Items of the same name, and for a new one those whose number a slip of the pen makes out of this one."""
        number = "" if known is not None else self.normal(form.gtin)
        names = {name.casefold() for name in (form.name_zh, form.name_en) if name}
        if known is not None:
            names -= {known.name_zh.casefold(), known.name_en.casefold()}
        near = set(lookalikes(number)) if len(number) == 14 and number.isdecimal() else set()
        if not (near or names):
            return ()
        others = select(TradeItem).where(self.mine(actor), col(TradeItem.ended_on).is_(None))
        others = others.where(
            col(TradeItem.gtin).in_(near)
            | func.lower(TradeItem.name_zh).in_(names)
            | func.lower(TradeItem.name_en).in_(names)
        )
        mine = (known.gtin if known is not None else number,)
        found = session.exec(others.where(col(TradeItem.gtin).not_in(mine)).order_by(col(TradeItem.id)).limit(3)).all()
        slip = N_("Do you mean %(name)s, %(key)s? The numbers differ by a slip.")
        same = N_("Do you mean %(name)s, %(key)s? It is called the same.")
        doubts = []
        for row in found:
            at, sentence = ("gtin", slip) if row.gtin in near else ("name_zh", same)
            doubts.append(Doubt(at, sentence, Named(row.name_zh, row.name_en), self.label_of(session, row)))
        return doubts

    def details(self, session: Session, actor: Actor, form: ItemForm, known: TradeItem | None) -> Mapping[str, Any]:
        """An item's columns. Orders keep the price that they were placed at."""
        if actor.kind is not OrganizationKind.SUPPLIER:
            raise OffersNothing
        digits = form.gtin.replace(" ", "").replace("-", "")
        right = digital_link.check_digit(digits[:-1]) if digits.isdecimal() and len(digits) in _LENGTHS else ""
        if right and right != digits[-1]:
            raise WrongGtin(digit=right)
        number = digital_link.gtin(digits)
        if known is not None and number != known.gtin:
            raise GtinFixed
        documents.require_own(session, form.picture_sha256, "picture_sha256")
        return form.model_dump() | {"gtin": number, "name_en": form.name_en or form.name_zh}


_ITEM_REFERENCE = 8
"""From here on, in 14 digits, a company counts its own items: many rightly differ in one digit there."""


def lookalikes(gtin14: str) -> Iterator[str]:
    """The right numbers that a slip makes out of one: two neighbours changed about, or one digit of whose it is."""
    for at in range(13):
        one, other = gtin14[at], gtin14[at + 1]
        swapped = gtin14[:at] + other + one + gtin14[at + 2 :]
        if one != other and digital_link.check_digit(swapped[:-1]) == swapped[-1]:
            yield swapped
    for at in range(1, _ITEM_REFERENCE):
        for digit in "0123456789":
            body = gtin14[:at] + digit + gtin14[at + 1 : -1]
            if digit != gtin14[at]:
                yield body + digital_link.check_digit(body)
