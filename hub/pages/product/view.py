"""What the shopper's page of a lot shows, decided and said in the reader's language; its template lays it out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from hub.models.party import Organization
from hub.pages.product.growing import Growth, growth_of
from hub.pages.product.lookup import Called, Product
from hub.pages.product.names import Names
from hub.pages.product.papers import Attached, Paper, contacts_of, paper_of, picture_of
from hub.pages.product.proof import Answer, Proof, Sealers, answer_of, proof_of
from hub.pages.product.way import Way, way_of
from hub.pages.product.words import STORAGE
from hub.settings import settings
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
    report: str
    noted: bool


def lot_page(
    product: Product, speaks: Language, *, at: datetime, sealers: Sealers, evidence: str, report: str
) -> LotPage:
    """The page of a lot; ``evidence`` is the address of what browsers recompute, ``report`` that of a complaint."""
    lot, maker, recalled = product.lot, product.maker, product.recalled
    names, today = Names(product.verdict, speaks), maker.day(at)
    way = way_of(product, speaks)
    proof = proof_of(product.verdict, recalled, speaks, sealers=sealers, evidence=evidence)
    begun = product.journey.find("commissioning")
    origin = names.of(begun.place, begun.at) if begun and begun.place else ""
    return LotPage(
        title=str(names.of(product.item)),
        item=names.of(product.item),
        picture=picture_of(product.item, product.files, names, speaks),
        number=lot.number,
        recall=_recall(recalled, maker, speaks) if recalled else None,
        answer=None if recalled else answer_of(product.verdict, speaks, speaks.clock(at, maker)),
        origin=origin or names.of(maker),
        made_on=lot.made_on,
        best_before=lot.best_before,
        storage=speaks.gettext(STORAGE[product.item.temperature]),
        makers=[names.of(maker), *([origin] if origin else [])],
        comma="，" if speaks.code == "zh" else ", ",
        objections=[_objection(who, maker, reason, speaks) for who, reason in product.objections],
        namesakes=_namesakes(product, speaks),
        way=way,
        growth=growth_of(product.journey, maker, speaks),
        papers=[paper_of(certificate, today, product.files, names, speaks) for certificate in product.certificates],
        proof=replace(proof, unproved=[*proof.unproved, *way.unproved]),
        contacts=contacts_of([party for party in (product.retailer, maker) if party], names),
        report=report,
        noted=settings().cities_file is not None,
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
