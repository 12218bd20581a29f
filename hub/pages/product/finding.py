"""What is found by those who keep nothing of it themselves: items and lots, by the pages that shoppers see too."""

from sqlmodel import Session, col, func, select

from hub import sought
from hub.access import Actor
from hub.finding import Asked, Found, Results, Way
from hub.gs1 import digital_link
from hub.models.catalogue import Lot, TradeItem
from hub.pages.product.lookup import address
from hub.web.i18n import Language


def items(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """The items that one may see."""
    if (search := asked.search("gtin")) is None:
        return Results()
    seen = sought.mentions(search.words, col(TradeItem.sought))
    total = session.exec(select(func.count()).select_from(TradeItem).where(seen)).one()
    rows = session.exec(select(TradeItem).where(seen).order_by(col(TradeItem.name_en)).limit(search.size)).all()
    found = [
        Found(speaks.name(row), digital_link.printed(row.gtin), f"/product/{row.gtin}", exact=asked.exactly(row.gtin))
        for row in rows
    ]
    return Results(found, total)


def lots(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """The lots that one may see: those that came here, or that were opened to an auditor."""
    if (search := asked.search("gtin", "lot")) is None:
        return Results()
    seen = (
        select(Lot, TradeItem)
        .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
        .where(sought.mentions(search.words, col(Lot.number), col(TradeItem.sought)))
    )
    total = session.exec(select(func.count()).select_from(seen.subquery())).one()
    rows = session.exec(seen.order_by(col(Lot.id).desc()).limit(search.size)).all()
    found = [
        Found(
            lot.number,
            f"{speaks.name(item)} · {digital_link.printed(item.gtin)}",
            address(item.gtin, lot.number),
            exact=asked.exactly(lot.number, f"{item.gtin} {lot.number}"),
        )
        for lot, item in rows
    ]
    return Results(found, total)


ITEMS = Way("/product/{gtin}", items)
LOTS = Way("/product/{gtin}/{lot:path}", lots)
