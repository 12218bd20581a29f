"""What a stock-take found, spread over lots and told to the core; and how an item is found by what was scanned."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from hub.inventory import changes
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment, LotStock
from logistics.stock.models import StockTake

REASON = "stock-take"


def post(session: Session, take: StockTake, found: Sequence[tuple[TradeItem, Decimal | None]], *, at: datetime) -> None:
    """Change the books by what was found, and write the one command for the core; nothing where nothing differs."""
    lots: dict[Any, list[LotStock]] = {}
    held = (
        select(LotStock)
        .where(
            col(LotStock.owner_id) == take.owner_id,
            col(LotStock.place_id) == take.place_id,
            col(LotStock.trade_item_id).in_([item.id for item, _ in found]),
            col(LotStock.on_hand) > 0,
        )
        .order_by(col(LotStock.best_before).nulls_last(), col(LotStock.lot))
    )
    for lot in session.exec(held):
        lots.setdefault(lot.trade_item_id, []).append(lot)
    lines = [
        changes.Moved(item.id, lot, best_before, quantity, item.unit)
        for item, difference in found
        if difference
        for lot, best_before, quantity in spread(difference, lots.get(item.id, ()))
    ]
    if lines:
        change = changes.Change(take.place_id, REASON, str(take.id), at, lines)
        changes.adjust(session, f"{changes.ADJUSTMENT}/{take.id}", change)


def spread(difference: Decimal, lots: Sequence[LotStock]) -> Iterator[tuple[str, Any, Decimal]]:
    """The lots that a difference is booked to: what is missing went as at the till, the oldest first.

    What is too much is of the newest; what no lot accounts for is of none. Pure.
    """
    if difference > 0:
        newest = lots[-1] if lots else None
        yield (newest.lot, newest.best_before, difference) if newest else ("", None, difference)
        return
    missing = -difference
    for lot in lots:
        gone = min(missing, lot.on_hand)
        if gone > 0:
            yield lot.lot, lot.best_before, -gone
            missing -= gone
    if missing:
        yield "", None, -missing


def named(session: Session, number: str) -> list[UUID]:
    """The items that are meant by a GTIN, by a scanned code that holds one, or by the stock system's own number."""
    text, found = number.strip(), list[UUID]()
    if gtin := gtin_in(text):
        numbers = {gtin, gtin.lstrip("0"), *(gtin[-n:] for n in (8, 12, 13))}
        found += session.exec(select(TradeItem.id).where(col(TradeItem.gtin).in_(numbers))).all()
    carried = (Assortment.owner_id == session.info["who"].org, Assortment.core_code == text)
    return [*found, *session.exec(select(Assortment.trade_item_id).where(*carried))]


def gtin_in(scanned: str) -> str:
    """The GTIN, in 14 digits, of what was scanned or typed: bare, in a Digital Link, in a GS1 element string. Pure."""
    text = scanned.strip()
    for pattern in (r"/01/(\d{14})(?:\D|$)", r"^\(01\)(\d{14})", r"^(?:\]\w\d)?01(\d{14})"):
        if found := re.search(pattern, text):
            return found[1]
    digits = text.replace(" ", "")
    return digits.zfill(14) if re.fullmatch(r"\d{8}|\d{12,14}", digits) else ""
