"""What a shopper sees of reporting a problem, said in the shopper's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.models.catalogue import Lot, TradeItem
from hub.models.reports import FollowUp, Trouble
from hub.pages.product import lookup
from hub.pages.reports.words import MOST_WORDS, TROUBLES, item_of, state_of
from hub.settings import settings
from hub.trace.reports import About, File, printed
from hub.web.i18n import Language
from hub.web.view import State


@dataclass(frozen=True)
class ReportPage:
    """The form: about which lot, to whom it goes, and what there is to choose."""

    item: str
    number: str
    lot_address: str
    address: str
    readers: str
    recalled: bool
    kinds: Sequence[tuple[str, str]]
    most_words: int


@dataclass(frozen=True)
class Answer:
    """What somebody answered the shopper."""

    when: str
    who: str
    words: str


@dataclass(frozen=True)
class SentPage:
    """A report as its shopper reads it later; ``next`` says whose turn it is."""

    title: str
    sent: bool
    number: str
    state: State
    next: str
    link: str
    item: str
    lot: str
    lot_address: str
    kind: str
    ill: bool
    words: str
    photo: str
    when: str
    answers: Sequence[Answer]


def report_page(
    item: TradeItem, lot: Lot, to: About, codes: tuple[str, str], speaks: Language, *, recalled: bool
) -> ReportPage:
    """The form of a lot, with the GLNs that it was asked for by."""
    return ReportPage(
        item=speaks.name(item),
        number=lot.number,
        lot_address=lookup.address(item.gtin, lot.number, *codes),
        address=lookup.address(item.gtin, lot.number, *codes, "/report"),
        readers=_readers(to, speaks),
        recalled=recalled,
        kinds=[("", speaks.gettext("Choose")), *((k.value, speaks.gettext(word)) for k, word in TROUBLES.items())],
        most_words=MOST_WORDS,
    )


def _readers(to: About, speaks: Language) -> str:
    if to.retailer is None:
        return speaks.gettext("%(maker)s, who made it, reads your report.", maker=speaks.name(to.maker))
    return speaks.gettext(
        "%(maker)s, who made it, and %(retailer)s, who sold it, read your report.",
        maker=speaks.name(to.maker),
        retailer=speaks.name(to.retailer),
    )


def sent_page(file: File, token: str, speaks: Language, *, sent: bool) -> SentPage:
    """The page of a shopper's link."""
    report, closed = file.report, file.report.closed_at is not None
    return SentPage(
        title=speaks.gettext("Your report was sent") if sent else speaks.gettext("Your report"),
        sent=sent,
        number=printed(report.number),
        state=state_of(closed, speaks),
        next=_next(file, speaks),
        link=f"{settings().base_url}/product/report/{token}",
        item=item_of(report, speaks),
        lot=report.lot_number,
        lot_address=lookup.address(
            report.gtin, report.lot_number, file.retailer.gln if file.retailer else "", file.maker.gln
        ),
        kind=speaks.gettext(TROUBLES[report.kind]),
        ill=report.kind is Trouble.ILLNESS,
        words=report.words,
        photo=speaks.gettext("with a photo") if report.has_photo else "",
        when=speaks.moment(report.created_at, file.maker),
        answers=[_answer(file, row, speaks) for row in file.follow_ups],
    )


def _next(file: File, speaks: Language) -> str:
    if file.report.closed_at is not None:
        return speaks.gettext("The report is closed: nothing more is done about it.")
    if file.follow_ups:
        return speaks.gettext("It was answered and is still being worked on.")
    return speaks.gettext("It was brought to those who can look into it. Nobody has answered yet.")


def _answer(file: File, row: FollowUp, speaks: Language) -> Answer:
    party = file.party(row.owner_id)
    return Answer(speaks.moment(row.created_at, file.maker), f"{row.writer} · {speaks.name(party)}", row.words)
