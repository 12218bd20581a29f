"""What the shopper's page of an item shows, decided and said in the reader's language; its template lays it out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.models.catalogue import Certificate, TradeItem
from hub.models.party import Organization
from hub.pages.product.lookup import address
from hub.pages.product.names import Names
from hub.pages.product.papers import Paper, contacts_of, paper_of
from hub.web.i18n import Language


@dataclass(frozen=True)
class Choice:
    """One of several makers' lots of one number, and its address."""

    maker: str
    address: str


@dataclass(frozen=True)
class Maker:
    """Who makes an item, with what vouches for it; ``disputed`` where another who lists the number objects."""

    name: str
    disputed: bool
    papers: Sequence[Paper]


@dataclass(frozen=True)
class ItemPage:
    """The page of an item whose lot is not known yet.

    ``unknown_lot`` is a number that the item has no lot of; ``lot`` one of which several makers have one.
    """

    name: str
    gtin: str
    retailer: str
    unknown_lot: str
    lot: str
    choices: Sequence[Choice]
    makers: Sequence[Maker]
    contacts: Sequence[str]


@dataclass(frozen=True)
class ItemSheet:
    """What was read of an item: its makers in the order they are shown, and whose listing another disputes."""

    item: TradeItem
    makers: Sequence[Organization]
    at: datetime
    certificates: Sequence[Certificate] = ()
    disputed: Collection[UUID] = ()


@dataclass(frozen=True)
class Inquiry:
    """What a shopper asked for: at a retailer (a GLN), a lot that nobody has, or one that several makers have."""

    retailer: str = ""
    unknown_lot: str = ""
    lot: str = ""


def item_page(sheet: ItemSheet, inquiry: Inquiry, speaks: Language) -> ItemPage:
    """The page of an item; where its lot was asked for, each maker's is to choose."""
    item, makers, lot, names = sheet.item, sheet.makers, inquiry.lot, Names(None, speaks)

    def papers(maker: Organization) -> list[Paper]:
        return [paper_of(paper, sheet.at.date(), names) for paper in sheet.certificates if paper.owner_id == maker.id]

    def lot_of(maker: Organization) -> Choice:
        return Choice(speaks.name(maker), address(item.gtin, lot, inquiry.retailer, maker.gln))

    return ItemPage(
        name=speaks.name(item),
        gtin=item.gtin,
        retailer=inquiry.retailer,
        unknown_lot=inquiry.unknown_lot,
        lot=lot,
        choices=[lot_of(maker) for maker in makers if lot],
        makers=[Maker(speaks.name(maker), maker.id in sheet.disputed, papers(maker)) for maker in makers],
        contacts=contacts_of(makers, names),
    )
