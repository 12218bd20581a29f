"""What the shopper's pages show, decided and said in the reader's language; their templates lay it out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from hub.models.catalogue import Certificate, TradeItem
from hub.models.party import Organization
from hub.pages.product.growing import Growth, growth_of
from hub.pages.product.lookup import Called, Product, address
from hub.pages.product.names import Names, Said
from hub.pages.product.proof import Answer, Proof, Sealers, answer_of, proof_of
from hub.pages.product.way import Way, way_of
from hub.pages.product.words import STORAGE
from hub.web.i18n import Language


@dataclass(frozen=True)
class Recall:
    """That a lot is called back: since when, why, and whom to call."""

    announced: str
    reason: str
    phone: str


@dataclass(frozen=True)
class Objection:
    """Somebody says that the maker may not use the article number, and why."""

    title: str
    reason: str


@dataclass(frozen=True)
class Attached:
    """A file by its stated SHA-256: where it is opened, or why it is not shown."""

    hash: str
    address: str
    refusal: str


@dataclass(frozen=True)
class Paper:
    """A certificate, and whether its time is over."""

    name: str
    issuer: str
    number: str
    valid_to: date | None
    expired: bool
    file: Attached | None


@dataclass(frozen=True)
class LotPage:
    """The page of a lot. It opens with the recall, or else with the answer; what is empty is not there to be shown."""

    title: str
    item: str
    picture: Attached | None
    number: str
    recall: Recall | None
    answer: Answer | None
    origin: str
    made_on: date | None
    best_before: date | None
    storage: str
    makers: Sequence[str]
    comma: str
    objections: Sequence[Objection]
    namesakes: str
    way: Way
    growth: Growth
    papers: Sequence[Paper]
    proof: Proof
    contacts: Sequence[str]


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


def lot_page(product: Product, speaks: Language, *, at: datetime, sealers: Sealers, evidence: str) -> LotPage:
    """The page of a lot; ``evidence`` is the address of what browsers recompute."""
    lot, maker, recalled = product.lot, product.maker, product.recalled
    names = Names(product.verdict, speaks)
    begun = product.journey.find("commissioning")
    origin = names.of(begun.place, begun.at) if begun and begun.place else ""
    return LotPage(
        title=str(names.of(product.item)),
        item=names.of(product.item),
        picture=_picture(product, names, speaks),
        number=lot.number,
        recall=_recall(recalled, maker, speaks) if recalled else None,
        answer=None if recalled else answer_of(product.verdict, speaks),
        origin=origin or names.of(maker),
        made_on=lot.made_on,
        best_before=lot.best_before,
        storage=speaks.gettext(STORAGE[product.item.temperature]),
        makers=[names.of(maker), *([origin] if origin else [])],
        comma="，" if speaks.code == "zh" else ", ",
        objections=[_objection(who, maker, reason, speaks) for who, reason in product.objections],
        namesakes=_namesakes(product, speaks),
        way=way_of(product, speaks),
        growth=growth_of(product.journey, maker, speaks),
        papers=[
            _paper(certificate, at.date(), names, _attached(certificate, "file_sha256", product, names, speaks))
            for certificate in product.certificates
        ],
        proof=proof_of(product.verdict, recalled, speaks, sealers=sealers, evidence=evidence),
        contacts=_contacts([party for party in (product.retailer, maker) if party], names),
    )


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
        return [_paper(paper, sheet.at.date(), names) for paper in sheet.certificates if paper.owner_id == maker.id]

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
        contacts=_contacts(makers, names),
    )


def _recall(recalled: Called, maker: Organization, speaks: Language) -> Recall:
    reason = recalled.reason(speaks.code) or speaks.gettext(
        "The recall stands on the chain. Why it was made is no longer kept here: ask in the shop."
    )
    return Recall(speaks.moment(recalled.at, maker), reason, recalled.issuer.service_phone if recalled.issuer else "")


def _objection(who: Organization, maker: Organization, reason: str, speaks: Language) -> Objection:
    title = speaks.gettext(
        "%(who)s says that %(maker)s may not use this article number.", who=speaks.name(who), maker=speaks.name(maker)
    )
    return Objection(title, reason)


def _namesakes(product: Product, speaks: Language) -> str:
    if not product.others:
        return ""
    return speaks.gettext(
        "This is the lot of %(maker)s. "
        "The same article number is listed by %(others)s too: compare the name on the pack.",
        maker=speaks.name(product.maker),
        others=_listed([speaks.name(other) for other in product.others], "、", speaks),
    )


def _listed(names: Sequence[str], chinese_comma: str, speaks: Language) -> str:
    return (chinese_comma if speaks.code == "zh" else ", ").join(names)


def _paper(certificate: Certificate, today: date, names: Names, file: Attached | None = None) -> Paper:
    until = certificate.valid_to
    expired = until is not None and until < today
    issuer, number = (names.word(certificate, attribute) for attribute in ("issuer", "number"))
    return Paper(names.of(certificate), issuer, number, until, expired, file)


def _attached(
    row: Certificate | TradeItem, name: str, product: Product, names: Names, speaks: Language
) -> Attached | None:
    """The file that a row's owner stated; it is opened only where what is kept still has that hash."""
    stated = names.word(row, name)
    if not stated:
        return None
    if product.files.get((row.owner_id, stated)) == stated:
        return Attached(stated, f"/files/{stated}", "")
    return Attached(stated, "", speaks.gettext("The file that is kept here is not the one that was signed."))


def _picture(product: Product, names: Names, speaks: Language) -> Attached | None:
    """The item's picture; one that nobody signed is set apart."""
    shown = _attached(product.item, "picture_sha256", product, names, speaks)
    if shown is not None and shown.address and not isinstance(shown.hash, Said):
        return replace(shown, refusal=speaks.gettext("No record covers this picture."))
    return shown


def _contacts(parties: Sequence[Organization], names: Names) -> list[str]:
    """Names, each with the number that everybody may call, where there is one."""
    words = [word for party in parties for word in (names.of(party), names.word(party, "service_phone"))]
    return [word for word in words if word]
