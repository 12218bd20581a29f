"""What a supplier asks for its items: of one buyer or of everybody, from a day until another."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy import func
from sqlmodel import Session, col, select

from hub import access, db, parties
from hub.access import Actor
from hub.errors import N_, HubError, InvalidInput
from hub.gs1 import digital_link
from hub.inputs import Day, Figure
from hub.lists import CountedPage, Search
from hub.models.base import plain
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, OrganizationKind
from hub.models.supply import Price
from hub.registry.items import OffersNothing
from hub.registry.register import Register, as_text, require

_A_DAY = timedelta(days=1)


class NotYourItem(HubError):
    """You offer no item of this article number."""

    code, status, at = "not-your-item", 409, "gtin"


class PricesOverlap(HubError):
    """Another price of this item for the same buyer holds %(days)s. Choose other days, or change that one."""

    code, status, at = "prices-overlap", 409, "valid_from"


class PriceFixed(HubError):
    """Item, buyer and first day of a price stay as they are. End this price, and add another."""

    code, status = "price-fixed", 409


_BREAK = re.compile(r"(\d[\d,]*(?:\.\d{1,6})?)\s*[:=]\s*(\d[\d,]*(?:\.\d{1,4})?)")
_MOST_BREAKS = 12
_SUCH_AS = N_("Write from which quantity on a unit costs how much, such as 100: 4.50; 500: 4.20.")


def breaks_of(text: str) -> list[dict[str, str]]:
    """Quantities and prices out of ``100: 4.50; 500: 4.20``, by their quantities; refused where one is none."""
    found: dict[Decimal, Decimal] = {}
    for part in filter(str.strip, re.split(r"[;\n]+", unicodedata.normalize("NFKC", text))):
        written = _BREAK.fullmatch(part.strip())
        if written is None:
            raise ValueError(_SUCH_AS)
        begins, price = (Decimal(figure.replace(",", "")) for figure in written.groups())
        if begins in found or not 0 < begins <= 10_000_000 or price > 1_000_000:
            raise ValueError(_SUCH_AS)
        found[begins] = price
    if len(found) > _MOST_BREAKS:
        raise ValueError(N_("At most twelve quantities have a price of their own."))
    return [{"from": plain(begins), "price": plain(price)} for begins, price in sorted(found.items())]


def as_breaks(breaks: Sequence[Mapping[str, str]]) -> str:
    """The same the other way round."""
    return "; ".join(f"{one['from']}: {one['price']}" for one in breaks)


class PriceForm(BaseModel):
    """A price as people say it; without a buyer it is everybody's, without a last day it holds until the next."""

    gtin: str = Field(min_length=1, max_length=20)
    buyer: str = Field(default="", max_length=20)
    price: Figure = Field(ge=0, le=1_000_000, decimal_places=4)
    valid_from: Day
    valid_to: Day | None = None
    breaks: Annotated[str, Field(max_length=400), AfterValidator(lambda text: as_breaks(breaks_of(text)))] = ""


class Prices(Register[Price, PriceForm]):
    """The prices of the actor's organisation, known by item, buyer and first day."""

    name, model, form, key = "price", Price, PriceForm, "gtin"

    def normal(self, key: str) -> str:
        """A GTIN in 14 digits, where it is one."""
        return digital_link.padded(key)

    def meant(self, cells: Mapping[str, str]) -> str:
        """Item, buyer and first day together."""
        buyer = cells.get("buyer", "").replace(" ", "").replace("-", "")
        return _known_by(self.normal(cells.get("gtin", "")), buyer, cells.get("valid_from", ""))

    def key_of(self, session: Session, row: Price) -> str:
        """Likewise, of a row."""
        return _known_by(self.thing(session, row).gtin, self._gln(session, row), as_text(row.valid_from))

    def label_of(self, session: Session, row: Price) -> str:
        """A GTIN as it stands under its bar code, and for whom and from when the price is."""
        return digital_link.printed(self.key_of(session, row))

    def thing(self, session: Session, row: Price) -> TradeItem:
        """The item that costs so much."""
        return session.get_one(TradeItem, row.trade_item_id)

    def values(self, session: Session, row: Price) -> dict[str, Any]:
        """What the form says of it now."""
        told = {"gtin": self.thing(session, row).gtin, "buyer": self._gln(session, row)}
        return (
            told
            | {"price": row.price, "valid_from": row.valid_from, "valid_to": row.valid_to}
            | {"breaks": as_breaks(row.breaks)}
        )

    def as_kept(self, session: Session, row: Price, form: PriceForm) -> PriceForm:
        """Of one without a last day, the day before the next begins is the last."""
        if form.valid_to is not None or row.valid_to is None:
            return form
        begins = [other.valid_from for other in self._others(session, row, row) if not other.ended_on]
        return form.model_copy(update={"valid_to": row.valid_to}) if row.valid_to + _A_DAY in begins else form

    def page(self, session: Session, actor: Actor, search: Search) -> CountedPage[Price]:
        """The rows whose item, or whose buyer, a search finds; by the items' names, the newest price first."""
        found = self.narrowed(actor, search, col(TradeItem.sought), col(Organization.sought))
        rows = (
            select(Price)
            .join(TradeItem, col(TradeItem.id) == col(Price.trade_item_id))
            .join(Organization, col(Organization.id) == col(Price.buyer_id), isouter=True)
            .where(found)
        )
        total = session.exec(select(func.count()).select_from(rows.subquery())).one()
        rows = rows.order_by(*self.sorted(search), col(Price.id))
        return CountedPage(session.exec(rows.offset(search.before).limit(search.size)).all(), total, search)

    def order(self) -> Sequence[Any]:
        """By the items' names, everybody's first, the newest before older ones; those that ended last."""
        of_buyer = col(Price.buyer_id).nulls_first()
        return (self.over(), col(TradeItem.name_en), of_buyer, col(Price.valid_from).desc())

    def sorts(self) -> Mapping[str, Any]:
        """By the items' numbers and names too."""
        items = {name: col(getattr(TradeItem, name)) for name in ("gtin", "name_zh", "name_en")}
        return {**super().sorts(), **items}

    def details(self, session: Session, actor: Actor, form: PriceForm, known: Price | None) -> Mapping[str, Any]:
        """A price's columns. Of two without a last day the earlier ends the day before the later begins."""
        if actor.kind is not OrganizationKind.SUPPLIER:
            raise OffersNothing
        if form.valid_to is not None and form.valid_to < form.valid_from:
            raise InvalidInput("It ends before it begins.", at="valid_to")
        item = self._item(session, actor, form)
        buyer = parties.buyer(session, form.buyer)
        told: dict[str, Any] = {
            "owner_id": actor.organization_id,
            "trade_item_id": item.id,
            "buyer_id": buyer.id if buyer else None,
            "valid_from": form.valid_from,
            "valid_to": form.valid_to,
            "price": form.price,
            "currency": item.currency,
            "breaks": breaks_of(form.breaks),
        }
        if known is not None and any(told[name] != getattr(known, name) for name in _FIXED):
            raise PriceFixed
        _in_turn(session, actor)
        row = Price(**told, ended_on=known.ended_on if known else None)
        return told | {"valid_to": self._room(session, actor, row, known)}

    def end(self, session: Session, actor: Actor, row: Price, on: date | None) -> None:
        """It holds no more from a day on; taken up again, it must not overlap what has come in its place."""
        require(actor, row)
        if on is None:
            _in_turn(session, actor)
            row.valid_to = self._room(session, actor, Price(**row.model_dump(exclude={"ended_on"})), row)
        super().end(session, actor, row, on)

    def _room(self, session: Session, actor: Actor, row: Price, known: Price | None) -> date | None:
        """The last day a price may have beside the others; an open-ended one that runs by then ends the day before."""
        first, last = row.valid_from, _last_day(row)
        for other in self._others(session, row, known) if first <= last else []:
            ends = _last_day(other)
            if ends < max(first, other.valid_from) or last < other.valid_from:
                continue
            if _open(other) and other.valid_from < first:
                self._end_before(session, actor, other, first)
            elif _open(row) and first < other.valid_from:
                return other.valid_from - _A_DAY  # it holds until the next one begins
            else:
                raise PricesOverlap(days=f"{other.valid_from} – {ends if ends < date.max else '…'}")
        return row.valid_to

    def _others(self, session: Session, row: Price, known: Price | None) -> list[Price]:
        same = select(Price).where(
            col(Price.owner_id) == row.owner_id,
            col(Price.trade_item_id) == row.trade_item_id,
            col(Price.buyer_id).is_not_distinct_from(row.buyer_id),
        )
        return [other for other in session.exec(same.order_by(col(Price.valid_from))) if other is not known]

    def _end_before(self, session: Session, actor: Actor, other: Price, day: date) -> None:
        """Let an open-ended price end the day before another begins, and say so."""
        other.valid_to = day - _A_DAY
        session.flush()
        ended = {"valid_to": f" → {other.valid_to}"}
        access.record(session, actor, "price.give-way", self.key_of(session, other), **ended)

    def _item(self, session: Session, actor: Actor, form: PriceForm) -> TradeItem:
        mine = col(TradeItem.owner_id) == actor.organization_id
        item = session.exec(select(TradeItem).where(mine, col(TradeItem.gtin) == self.normal(form.gtin))).first()
        if item is None:
            raise NotYourItem
        return item

    def _gln(self, session: Session, row: Price) -> str:
        return parties.gln_of(session, row.buyer_id)


_FIXED = ("trade_item_id", "buyer_id", "valid_from")


def _known_by(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _in_turn(session: Session, actor: Actor) -> None:
    """Two who price at once take turns, so that the second is told what the first said."""
    db.in_turn(session, f"prices/{actor.organization_id}")


def _open(row: Price) -> bool:
    return row.valid_to is None and row.ended_on is None


def _last_day(row: Price) -> date:
    """The last day on which a price is one."""
    last = row.valid_to or date.max
    return last if row.ended_on is None else min(last, row.ended_on - _A_DAY)
