"""What the shopper's page of an item shows, decided and said in the reader's language; its template lays it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.models.party import Organization
from hub.pages.product.item import ItemSheet, Made
from hub.pages.product.lookup import address
from hub.pages.product.names import Names
from hub.pages.product.papers import Attached, Paper, contacts_of, paper_of, picture_of
from hub.pages.product.proof import Proof, Sealers, proof_of
from hub.web.i18n import Language


@dataclass(frozen=True)
class Choice:
    """One of several makers' lots of one number, and its address."""

    maker: str
    address: str


@dataclass(frozen=True)
class Maker:
    """Who makes an item, with what vouches for it; ``disputed`` where another who lists the number objects.

    The ``picture`` of its item stands here where several make one.
    """

    title: str
    name: str
    disputed: bool
    picture: Attached | None
    papers: Sequence[Paper]


@dataclass(frozen=True)
class ItemPage:
    """The page of an item whose lot is not known yet.

    ``unknown_lot`` is a number that the item has no lot of; ``lot`` one of which several makers have one. ``picture``
    is the item's where one alone makes it; ``apart`` are the pictures that are not shown, or only set apart.
    """

    title: str
    name: str
    gtin: str
    retailer: str
    unknown_lot: str
    lot: str
    picture: Attached | None
    choices: Sequence[Choice]
    makers: Sequence[Maker]
    proof: Proof
    apart: Sequence[Attached]
    contacts: Sequence[str]


@dataclass(frozen=True)
class Inquiry:
    """What a shopper asked for: at a retailer (a GLN), a lot that nobody has, or one that several makers have."""

    retailer: str = ""
    unknown_lot: str = ""
    lot: str = ""


def item_page(sheet: ItemSheet, inquiry: Inquiry, speaks: Language, *, sealers: Sealers) -> ItemPage:
    """The page of an item; where its lot was asked for, each maker's is to choose."""
    item, lot, names = sheet.item, inquiry.lot, Names(sheet.verdict, speaks)
    pictures = [picture_of(made.item, sheet.files, names, speaks) for made in sheet.made]
    alone = len(pictures) == 1

    def lot_of(maker: Organization) -> Choice:
        return Choice(names.of(maker), address(item.gtin, lot, inquiry.retailer, maker.gln))

    def maker_of(made: Made, picture: Attached | None) -> Maker:
        today = made.maker.day(sheet.at)
        papers = [paper_of(paper, today, sheet.files, names, speaks) for paper in made.certificates]
        name = names.of(made.maker)
        return Maker(str(name), name, made.disputed, None if alone else picture, papers)

    return ItemPage(
        title=str(names.of(item)),
        name=names.of(item),
        gtin=item.gtin,
        retailer=inquiry.retailer,
        unknown_lot=inquiry.unknown_lot,
        lot=lot,
        picture=pictures[0] if alone else None,
        choices=[lot_of(made.maker) for made in sheet.made if lot],
        makers=[maker_of(made, picture) for made, picture in zip(sheet.made, pictures, strict=True)],
        proof=proof_of(sheet.verdict, None, speaks, sealers=sealers, evidence=""),
        apart=[picture for picture in pictures if picture and picture.refusal],
        contacts=contacts_of([made.maker for made in sheet.made], names),
    )
