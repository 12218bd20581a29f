"""What maker and retailer see of reported problems, decided and said in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hub.lists import CountedPage
from hub.models.party import Organization
from hub.models.reports import FollowUp, ProblemReport
from hub.pages.product import lookup
from hub.pages.reports.words import MOST_WORDS, TROUBLES, item_of, state_of
from hub.trace.reports import File, Part, printed
from hub.web.i18n import N_, NN_, Language
from hub.web.view import Narrowed, Nothing, Paging, State, Tab, counted_paging

_HERE = "/problems"
_PARTS: Mapping[Part, str] = {"all": N_("All"), "open": N_("Open"), "closed": N_("Closed")}
_WAIT = NN_("%(num)s report is open.", "%(num)s reports are open.")
ANSWERED, NOTED = N_("Answer written: the shopper reads it by the link."), N_("Note written.")


@dataclass(frozen=True)
class Listed:
    """A report in the list."""

    number: str
    address: str
    item: str
    lot: str
    kind: str
    when: str
    state: State


@dataclass(frozen=True)
class ProblemsPage:
    """The reports of a part of the list, or else why there are none."""

    lead: str
    title: str
    tabs: Sequence[Tab]
    search: str
    kept: Sequence[tuple[str, str]]
    columns: Sequence[tuple[str, str]]
    reports: Sequence[Listed]
    nothing: Nothing
    paging: Paging


@dataclass(frozen=True)
class Written:
    """What somebody wrote: by name, for whom, read by whom."""

    when: str
    who: str
    to: str
    words: str
    closed: bool


@dataclass(frozen=True)
class ProblemPage:
    """One report. ``contact`` and ``photo`` say what is there, or why nothing is."""

    title: str
    lead: str
    state: State
    facts: Sequence[tuple[str, str]]
    words: str
    lot_address: str
    contact: str
    photo: str
    photo_gone: str
    written: Sequence[Written]
    choices: Sequence[tuple[str, str]]
    address: str
    is_open: bool
    most_words: int


def problems_page(
    page: CountedPage[ProblemReport], counts: Mapping[Part, int], part: Part, own: Organization, speaks: Language
) -> ProblemsPage:
    """The list, the open ones first."""
    here = Narrowed(_HERE, replace(page.search, state=part))
    words = page.search.words
    _ = speaks.gettext
    return ProblemsPage(
        lead=speaks.counted(_WAIT, counts["open"]) or _("No report is open."),
        title=_(_PARTS[part]),
        tabs=[
            Tab(_(word), here.address(state=name), name == part, None if words else counts[name])
            for name, word in _PARTS.items()
        ],
        search=words,
        kept=here.kept,
        columns=[
            (_("Report"), ""),
            (_("Item"), ""),
            (_("Lot"), ""),
            (_("What is wrong"), ""),
            (_("Sent"), ""),
            (_("State"), ""),
        ],
        reports=[_listed(row, own, speaks) for row in page.rows],
        nothing=_nothing(words, part, speaks),
        paging=counted_paging(here.address(), page, speaks),
    )


def _nothing(words: str, part: Part, speaks: Language) -> Nothing:
    if words:
        return Nothing(
            speaks.gettext("No report mentions that."), "", f"{_HERE}?state={part}", speaks.gettext("Show all")
        )
    return Nothing(
        speaks.gettext("No report here."),
        speaks.gettext("Shoppers report problems on the page behind the code of a lot; you are told of each."),
    )


def _listed(report: ProblemReport, own: Organization, speaks: Language) -> Listed:
    return Listed(
        number=printed(report.number),
        address=f"{_HERE}/{report.id}",
        item=item_of(report, speaks),
        lot=report.lot_number,
        kind=speaks.gettext(TROUBLES[report.kind]),
        when=speaks.moment(report.created_at, own),
        state=state_of(report.closed_at is not None, speaks),
    )


def problem_page(file: File, own: Organization, speaks: Language) -> ProblemPage:
    """One report, as either party reads it."""
    report, maker, retailer = file.report, file.maker, file.retailer
    _ = speaks.gettext
    other = retailer if own.id == maker.id else maker
    gone = _("Forgotten: the report was closed long ago.") if report.closed_at else ""
    note = _("A note for us and %(partner)s", partner=speaks.name(other)) if other else _("A note for ourselves")
    return ProblemPage(
        title=_("Report %(number)s", number=printed(report.number)),
        lead=_(TROUBLES[report.kind]),
        state=state_of(report.closed_at is not None, speaks),
        facts=[
            (_("Item"), item_of(report, speaks)),
            (_("Lot"), report.lot_number),
            (_("Maker"), speaks.name(maker)),
            (_("Sold by"), speaks.name(retailer) if retailer else _("The code named no shop we work with.")),
            (_("Sent"), speaks.moment(report.created_at, own)),
        ],
        words=report.words,
        lot_address=lookup.address(report.gtin, report.lot_number, retailer.gln if retailer else "", maker.gln),
        contact=file.contact or gone or _("The shopper left none: write the answer here, the link shows it."),
        photo=f"{_HERE}/{report.id}/photo" if file.photo else "",
        photo_gone=gone if report.has_photo and not file.photo else "",
        written=[_written(file, row, own, speaks) for row in reversed(file.follow_ups)],
        choices=[("parties", note), ("shopper", _("An answer that the shopper reads, with your name"))],
        address=f"{_HERE}/{report.id}",
        is_open=report.closed_at is None,
        most_words=MOST_WORDS,
    )


def _written(file: File, row: FollowUp, own: Organization, speaks: Language) -> Written:
    return Written(
        when=speaks.moment(row.created_at, own),
        who=f"{row.writer} · {speaks.name(file.party(row.owner_id))}",
        to=speaks.gettext("Answer to the shopper") if row.answers else speaks.gettext("Note"),
        words=row.words,
        closed=row.closes,
    )
