"""Whom an organisation's events reach: the parties that they name, and the buyers of their lots."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote
from uuid import UUID

from sqlmodel import Session, col, select

from hub.gs1 import digital_link, reading
from hub.models.catalogue import Lot, LotBuyer, TradeItem
from hub.models.party import Organization


class Named(NamedTuple):
    """What an event names that others are found by: the GLNs of parties, and lots as canonical links."""

    parties: set[str]
    lots: set[str]


def named_by(event: Mapping[str, Any], objects: Sequence[tuple[str, str]]) -> Named:
    """What an event names, with the objects that ``reading`` found in it."""
    return Named(reading.parties(event), {link for _, link in objects if is_lot(link)})


def readers(session: Session, owner: UUID, events: Sequence[Named]) -> list[set[UUID]]:
    """Of each event the organisations that it reaches, beside its owner."""
    named = _organizations(session, {gln for event in events for gln in event.parties})
    bought = _buyers(session, {lot for event in events for lot in event.lots})
    return [
        set[UUID]().union(*(named[gln] for gln in event.parties), *(bought[lot] for lot in event.lots)) - {owner}
        for event in events
    ]


def is_lot(link: str) -> bool:
    """Whether a canonical link is that of a lot of an article."""
    return link.startswith(f"{digital_link.ROOT}/01/") and "/10/" in link


def gtin(link: str) -> str:
    """The article number in a lot's canonical link."""
    return link.split("/")[4]


def _organizations(session: Session, glns: Collection[str]) -> Mapping[str, set[UUID]]:
    """The organisations that have some numbers, or had them, by number."""
    found: defaultdict[str, set[UUID]] = defaultdict(set)
    if glns:
        of = (col(Organization.gln).in_(glns)) | col(Organization.former_gln).in_(glns)
        for row_id, gln, former in session.exec(
            select(Organization.id, Organization.gln, Organization.former_gln).where(of)
        ):
            for number in (gln, former):
                if number:
                    found[number].add(row_id)
    return found


def _buyers(session: Session, lots: Collection[str]) -> Mapping[str, set[UUID]]:
    """The organisations that bought some of these lots from this one, by lot."""
    found: defaultdict[str, set[UUID]] = defaultdict(set)
    if lots:
        pairs: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for link in lots:
            pairs[gtin(link), unquote(link.split("/")[6])].add(link)
        rows = session.exec(
            select(TradeItem.gtin, Lot.number, LotBuyer.buyer_id)
            .join(Lot, col(Lot.id) == col(LotBuyer.lot_id))
            .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
            .where(
                col(TradeItem.gtin).in_({number for number, _ in pairs}),
                col(Lot.number).in_({lot for _, lot in pairs}),
            )
        )
        for number, lot, buyer in rows:
            for link in pairs.get((number, lot), ()):
                found[link].add(buyer)
    return found
