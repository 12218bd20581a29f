"""Orders written by hand: what a supplier offers a retailer, what was ordered last, and lines pasted from a sheet."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, col

from hub import access, prices, supply
from hub.access import Actor, Permission
from hub.errors import N_, HubError, InvalidInput
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment
from hub.models.party import Organization, Place, PlaceKind
from hub.models.trade import OrderLine, PurchaseOrder
from hub.prices import Asked
from supplier_portal.orders import orders
from supplier_portal.orders.buying import drafts
from supplier_portal.orders.orders import DraftLine, OrderDraft

MOST_PASTED = 1_000
"""Lines that are read of what somebody pastes."""
_MOST = Decimal("999999999999")


class PastedTooMuch(HubError):
    """These are %(lines)s lines; at most %(most)s are taken at a time."""

    code, status, at = "pasted-too-much", 422, "pasted"


@dataclass(frozen=True)
class Offer:
    """An item that a supplier offers and the retailer carries, what it costs now, and how much came last to a place."""

    item: TradeItem
    code: str
    asked: Asked
    last: Decimal | None = None
    last_on: date | None = None


@dataclass(frozen=True)
class Misread:
    """A pasted line that orders nothing: its number, from 1, its words, and a sentence that says why."""

    line: int
    words: str
    why: str


def offers(session: Session, actor: Actor, supplier: Organization, place: Place, *, at: datetime) -> list[Offer]:
    """What the actor's organisation can order of a supplier for one of its places, by the items' numbers."""
    access.require(actor, Permission.PLACE_ORDERS, place.owner_id)
    today = place.day(at)
    rows = session.execute(
        select(TradeItem, col(Assortment.core_code))
        .join(Assortment, col(Assortment.trade_item_id) == col(TradeItem.id))
        .where(
            col(Assortment.owner_id) == actor.organization_id,
            col(Assortment.supplier_id) == supplier.id,
            col(Assortment.ended_on).is_(None),
            or_(col(TradeItem.ended_on).is_(None), col(TradeItem.ended_on) > today),
        )
        .order_by(col(TradeItem.gtin))
    ).all()
    asked = prices.holding(session, actor.organization_id, [item for item, _ in rows], at)
    last = _last(session, actor, supplier, place)
    return [Offer(item, code, asked[item.id], *last.get(item.id, (None, None))) for item, code in rows]


def _last(session: Session, actor: Actor, supplier: Organization, place: Place) -> Mapping[UUID, tuple[Decimal, date]]:
    """How much of each item was ordered last for a place, and for which day."""
    newest = (
        select(col(OrderLine.trade_item_id), col(OrderLine.quantity), col(PurchaseOrder.deliver_on))
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(OrderLine.order_id))
        .where(
            col(PurchaseOrder.owner_id) == actor.organization_id,
            col(PurchaseOrder.supplier_id) == supplier.id,
            col(PurchaseOrder.deliver_to_id) == place.id,
            col(PurchaseOrder.placed_at).is_not(None),
            col(PurchaseOrder.cancelled_at).is_(None),
        )
        .ext(distinct_on(col(OrderLine.trade_item_id)))
        .order_by(col(OrderLine.trade_item_id), col(PurchaseOrder.placed_at).desc())
    )
    return {item: (quantity, day) for item, quantity, day in session.execute(newest)}


def first_day(session: Session, actor: Actor, supplier: Organization, place: Place, *, at: datetime) -> date:
    """The first day on which something can come: by the supplier's terms, else tomorrow."""
    terms = supply.terms(session, [supplier.id], actor.organization_id).get(supplier.id)
    return supply.earliest(terms, supplier, at) if terms else place.day(at) + timedelta(days=1)


def targets(session: Session, actor: Actor, *, at: datetime) -> list[Place]:
    """The actor's organisation's stores and centres that take goods, by their numbers."""
    mine = select(Place).where(
        col(Place.owner_id) == actor.organization_id,
        col(Place.kind).in_((PlaceKind.STORE, PlaceKind.DISTRIBUTION_CENTRE)),
    )
    places = session.scalars(mine.order_by(col(Place.gln))).all()
    return [place for place in places if place.ended_on is None or place.ended_on > place.day(at)]


def pasted(text: str, offered: Sequence[Offer]) -> tuple[dict[UUID, Decimal], list[Misread]]:
    """Quantities out of a sheet's lines, each an item's GTIN, code or name and how much of it, and what is not read.

    Cells are parted by tabs, else by blanks; the last figure is the quantity. A first line without a figure is a
    heading.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_PASTED:
        raise PastedTooMuch(lines=len(lines), most=MOST_PASTED)
    known = _known(offered)
    quantities: dict[UUID, Decimal] = {}
    wrong: list[Misread] = []
    for place, (number, line) in enumerate(lines):
        words, quantity = _parted(line)
        if quantity is None and place == 0:
            continue
        found = known.get(_key(words), [])
        why = _why_not(found, quantity, quantities)
        if why:
            wrong.append(Misread(number, line[:80], why))
        elif quantity is not None:
            quantities[found[0].item.id] = quantity
    return quantities, wrong


def _why_not(found: Sequence[Offer], quantity: Decimal | None, taken: Mapping[UUID, Decimal]) -> str:
    if quantity is None:
        return N_("There is no quantity in it.")
    if not found:
        return N_("This supplier offers you no such item.")
    if len(found) > 1:
        return N_("Several items are called so: give the GTIN.")
    if found[0].item.id in taken:
        return N_("This item stands in an earlier line already.")
    return N_("A quantity ordered is more than 0.") if not 0 < quantity <= _MOST else ""


def _known(offered: Sequence[Offer]) -> Mapping[str, list[Offer]]:
    """The offers by all that people call them."""
    known: defaultdict[str, list[Offer]] = defaultdict(list)
    for offer in offered:
        names = (offer.item.gtin, offer.item.gtin.lstrip("0"), offer.code, offer.item.name_zh, offer.item.name_en)
        for name in {_key(name) for name in names if name}:
            known[name].append(offer)
    return known


def _key(words: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())


_FIGURE = re.compile(r"\d[\d,]*(\.\d{1,6})?")


def _parted(line: str) -> tuple[str, Decimal | None]:
    """What a line calls an item, and how much it says."""
    line = unicodedata.normalize("NFKC", line)
    cells = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.rsplit(None, 1))]
    figures = [place for place, cell in enumerate(cells) if place and _FIGURE.fullmatch(cell)]
    if not figures:
        return cells[0], None
    return cells[0], Decimal(cells[figures[-1]].replace(",", ""))


def place(
    session: Session, actor: Actor, wanted: OrderDraft, *, at: datetime, draft: PurchaseOrder | None = None
) -> PurchaseOrder:
    """Write an order, or a draft of it anew, and send it; refused as `orders.place` refuses, and then nothing stays."""
    order = keep(session, actor, wanted, at=at, draft=draft)
    return orders.place(session, actor, order, at=at)


def keep(
    session: Session, actor: Actor, wanted: OrderDraft, *, at: datetime, draft: PurchaseOrder | None = None
) -> PurchaseOrder:
    """Keep an order as a draft, a new one or one that is written anew."""
    require_sensible(session, wanted.lines)
    return drafts.keep(session, actor, wanted, at=at, draft=draft)


def require_sensible(session: Session, lines: Sequence[DraftLine]) -> None:
    """Refuse a part of what comes whole."""
    items = select(TradeItem).where(col(TradeItem.id).in_([line.trade_item_id for line in lines]))
    units = {item.id: item.unit for item in session.scalars(items)}
    for position, line in enumerate(lines):
        if units.get(line.trade_item_id) in orders.PIECES and line.quantity % 1:
            raise InvalidInput("Enter a whole number.", at=f"lines.{position}.quantity")
