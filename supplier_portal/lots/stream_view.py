"""What the page of a supplier's records shows, decided and said in the supplier's language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hub.lists import CountedPage
from hub.models.party import KeyHolder, Organization, SigningKey
from hub.web.i18n import NN_, Language
from hub.web.view import Heading, Narrowed, Nothing, Paging, State, counted_paging
from supplier_portal.lots.record_book import RecordRow, lot_number
from supplier_portal.lots.view import record_state, step_word

_NUMBERED = NN_(
    "%(num)s record, numbered in your stream. Once sealed, nobody can drop, swap or back-date it, not even you.",
    "%(num)s records, numbered in your stream. Once sealed, nobody can drop, swap or back-date one, not even you.",
)
_FOUND = NN_("%(num)s record mentions “%(words)s”.", "%(num)s records mention “%(words)s”.")
_UNSIGNED = NN_("%(num)s record waits for your signature.", "%(num)s records wait for your signature.")
_RECORDS = "/supplier/records"
_LOTS = 4
"""So many lots of a record are named; the others are counted."""


@dataclass(frozen=True)
class StreamSheet:
    """The records that were looked for, one page of them, and who signs; ``lots`` are those of one's own, by link.

    ``numbered`` is how many the stream has, None where there is no stream; ``finality`` is the chain's rule.
    """

    own: Organization
    at: datetime
    records: CountedPage[RecordRow]
    lots: Mapping[str, UUID] = field(default_factory=dict)
    key: SigningKey | None = None
    unsigned: int = 0
    numbered: int | None = None
    finality: str = ""


@dataclass(frozen=True)
class NamedLot:
    """A lot that a record speaks of, and its page, if it is one's own."""

    number: str
    address: str


@dataclass(frozen=True)
class Record:
    """A record in the list, under its number; ``more`` and ``block`` are sentences, empty where there is none."""

    number: str
    step: str
    corrected: bool
    lots: Sequence[NamedLot]
    more: str
    happened: str
    recorded: str
    state: State
    block: str


@dataclass(frozen=True)
class Signing:
    """Who signs: the member itself or the hub, or nobody without a key; and what waits for the member."""

    by_member: bool
    by_hub: bool
    waiting: str


@dataclass(frozen=True)
class Stream:
    """The member's own stream: how many records it numbers, and the address that signs them, if any does."""

    member: int
    numbered: str
    finality: str
    address: str


@dataclass(frozen=True)
class RecordsPage:
    """The list of records, or else ``nothing``; who signs them; and the stream they stand in, if there is one.

    ``lead`` says how many there are; ``export`` is the address of the same list to take away.
    """

    lead: str
    search: str
    export: str
    columns: Sequence[Heading]
    records: Sequence[Record]
    nothing: Nothing | None
    paging: Paging | None
    signing: Signing
    stream: Stream | None


def records_page(sheet: StreamSheet, speaks: Language) -> RecordsPage:
    """The page of a supplier's records."""
    rows, words = sheet.records.rows, sheet.records.search.words
    here = Narrowed(_RECORDS, sheet.records.search)
    return RecordsPage(
        lead=_lead(sheet.records, speaks),
        search=words,
        export=here.address("/export.csv"),
        columns=_columns(here, speaks),
        records=[_record(row, sheet, speaks) for row in rows],
        nothing=None if rows else _nothing(words, speaks),
        paging=counted_paging(here.address(), sheet.records, speaks) if rows else None,
        signing=_signing(sheet, speaks),
        stream=_stream(sheet, speaks),
    )


def records_table(rows: Iterable[RecordRow], speaks: Language) -> tuple[list[str], Iterable[list[Any]]]:
    """The same records to take away: the headings, and a row for each; times are in UTC."""
    _ = speaks.gettext
    header = [_("No."), _("Step"), _("Lots"), _("Happened"), _("Recorded"), _("State"), _("Block")]
    return header, (
        [
            row.event.seq,
            step_word(row.event, speaks),
            " ".join(map(lot_number, row.lots)),
            row.event.event_time.astimezone(UTC).isoformat(timespec="minutes"),
            row.event.created_at.astimezone(UTC).isoformat(timespec="minutes"),
            record_state(row, speaks).word,
            row.append.block_number if row.append else None,
        ]
        for row in rows
    )


def _lead(records: CountedPage[RecordRow], speaks: Language) -> str:
    if words := records.search.words:
        return speaks.ngettext(*_FOUND, records.total, words=words) if records.total else ""
    return speaks.counted(_NUMBERED, records.total)


def _columns(here: Narrowed, speaks: Language) -> Sequence[Heading]:
    return [
        here.heading(speaks.gettext("No."), "number", "num"),
        here.heading(speaks.gettext("Step"), "step"),
        Heading(speaks.gettext("Lots")),
        here.heading(speaks.gettext("Happened"), "happened"),
        here.heading(speaks.gettext("Recorded"), "recorded", "hide-m"),
        Heading(speaks.gettext("State")),
    ]


def _record(row: RecordRow, sheet: StreamSheet, speaks: Language) -> Record:
    event, more = row.event, len(row.lots) - _LOTS
    block = row.append.block_number if row.append else None
    return Record(
        number=speaks.number(event.seq) if event.seq else "–",
        step=step_word(event, speaks),
        corrected=bool(event.declaration),
        lots=[_named(link, sheet.lots) for link in row.lots[:_LOTS]],
        more=speaks.gettext("and %(count)s more", count=more) if more > 0 else "",
        happened=speaks.moment(event.event_time, sheet.own),
        recorded=speaks.ago(event.created_at, sheet.at),
        state=record_state(row, speaks),
        block=speaks.gettext("block %(number)s", number=speaks.number(block)) if block else "",
    )


def _named(link: str, own: Mapping[str, UUID]) -> NamedLot:
    return NamedLot(lot_number(link), f"/supplier/lots/{own[link]}" if link in own else "")


def _nothing(words: str, speaks: Language) -> Nothing:
    if words:
        return Nothing(
            speaks.gettext("No record mentions “%(words)s”.", words=words),
            speaks.gettext("Lot numbers and steps are searched."),
            _RECORDS,
            speaks.gettext("See all records"),
        )
    return Nothing(
        speaks.gettext("Nothing is recorded yet."),
        speaks.gettext("Begin a lot: its planting is the first record."),
        "/supplier/lots/new",
        speaks.gettext("New lot"),
    )


def _signing(sheet: StreamSheet, speaks: Language) -> Signing:
    holder = sheet.key.held_by if sheet.key else None
    by_member = holder is KeyHolder.MEMBER
    return Signing(by_member, holder is KeyHolder.HUB, speaks.counted(_UNSIGNED, sheet.unsigned) if by_member else "")


def _stream(sheet: StreamSheet, speaks: Language) -> Stream | None:
    if sheet.own.member is None or sheet.numbered is None:
        return None
    return Stream(
        member=sheet.own.member,
        numbered=speaks.number(sheet.numbered),
        finality=sheet.finality,
        address=sheet.key.address if sheet.key else "",
    )
