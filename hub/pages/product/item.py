"""What is listed under an article number, by whom, and what proves it: all that the page of an item shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from hub import documents
from hub.gs1 import digital_link, master_data
from hub.ledger.audit.verdict import Verdict, verify_lot
from hub.ledger.checks.statements import Fact
from hub.models.base import Record, stated
from hub.models.catalogue import Certificate, TradeItem
from hub.models.party import Organization
from hub.registry import papers
from hub.trace import listings


@dataclass(frozen=True)
class Made:
    """An item as one maker lists it, and the papers that vouch for the maker; ``disputed`` if another objects."""

    item: TradeItem
    maker: Organization
    certificates: Sequence[Certificate] = ()
    disputed: bool = False


@dataclass(frozen=True)
class ItemSheet:
    """What is listed under an article number, in the order that it is shown, and the verdict on all that is said of it.

    ``files`` are what files hash to now, by their owner and the hash that they were stated with.
    """

    made: Sequence[Made]
    at: datetime
    verdict: Verdict
    files: Mapping[tuple[UUID, str], str] = field(default_factory=dict)

    @property
    def item(self) -> TradeItem:
        """The one that gives the page its name."""
        return self.made[0].item


def read(session: Session, items: Sequence[TradeItem], at: datetime, *, ranked: bool) -> ItemSheet:
    """All there is to items of one number; ``ranked``, that maker's comes first to whom the number seems to belong."""
    listed = listings.of(session, items[0].gtin)
    if ranked:
        place = {listing.maker_id: place for place, listing in enumerate(listed)}
        items = sorted(items, key=lambda item: place.get(item.owner_id, len(place)))
    owners = [item.owner_id for item in items]
    makers = {row.id: row for row in session.exec(select(Organization).where(col(Organization.id).in_(owners)))}
    vouching = papers.vouching(session, owners, at)
    disputed = {listing.maker_id for listing in listed if listing.disputes}
    made = [
        Made(
            item,
            makers[item.owner_id],
            [paper for paper in vouching if paper.owner_id == item.owner_id],
            item.owner_id in disputed,
        )
        for item in items
    ]
    named: list[Record] = [*items, *makers.values(), *vouching]
    link = digital_link.item_link(items[0].gtin)
    verdict = verify_lot(session, None, link, [], named)
    # Who is no member states nothing: what is shown of it no record covers.
    unsaid = [_unsaid(row) for row in named if makers[row.owner_id].member is None]
    return ItemSheet(
        made, at, replace(verdict, facts=[*verdict.facts, *unsaid]), documents.hashes(session, [*items, *vouching])
    )


def _unsaid(row: Record) -> Fact:
    return Fact(0, master_data.subject(row.id), str(type(row).__tablename__), stated(row))
