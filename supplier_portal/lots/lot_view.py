"""What the page of a supplier's lot shows, decided and said in the supplier's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from hub.gs1 import digital_link, reading
from hub.ledger.custody.speakers import Word
from hub.models.catalogue import Mandate, RecallNotice
from hub.models.party import Organization, Place
from hub.models.trace import Event
from hub.trace.journey import Step
from hub.trace.listings import Listing
from hub.web import calling
from hub.web.i18n import Language
from hub.web.view import State
from hub.web.words import GROWN, STEPS
from supplier_portal.lots.listings_view import Listings, listings_of
from supplier_portal.lots.lot_book import LotRow
from supplier_portal.lots.record_book import RecordRow
from supplier_portal.lots.recording.earlier import Earlier
from supplier_portal.lots.recording.view import NextSteps, next_steps, present_on, step_fields
from supplier_portal.lots.speakers_view import Speakers, UnaskedWord, speakers_of, unasked_word
from supplier_portal.lots.view import lot_state, record_state, step_word

_NOT_THERE = "–"


@dataclass(frozen=True)
class LotSheet:
    """A lot as it was read: its records, its way, its recalls, who may speak of it, who lists its number.

    ``shop`` is the page of it that shoppers see; ``organizations`` has those that wrote any of this.
    """

    own: Organization
    at: datetime
    row: LotRow
    shop: str = ""
    records: Sequence[RecordRow] = ()
    way: Sequence[Step] = ()
    notices: Sequence[RecallNotice] = ()
    buyers: Sequence[Organization] = ()
    others: Sequence[Word] = ()
    asked: Sequence[tuple[Mandate, Organization]] = ()
    partners: Sequence[Organization] = ()
    listed: Sequence[Listing] = ()
    places: Sequence[Place] = ()
    earlier: Mapping[str, Sequence[Earlier]] = field(default_factory=dict)
    organizations: Mapping[UUID, Organization] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The lot's page."""
        return f"/supplier/lots/{self.row.lot.id}"

    @property
    def made(self) -> bool:
        """Whether the lot was harvested or made: until then it grows."""
        return self.row.lot.made_on is not None

    @property
    def recalls(self) -> list[RecallNotice]:
        """The recalls that are not over."""
        return [notice for notice in self.notices if notice.closed_at is None]


class Fact(NamedTuple):
    """A value under its label."""

    label: str
    value: str


@dataclass(frozen=True)
class Recall:
    """A recall that is not over: who called the lot back, and why; ``close`` is the address that ends one's own."""

    id: UUID
    title: str
    reason: str
    close: str


@dataclass(frozen=True)
class Record:
    """A record of the lot; ``shown`` says whether shoppers see it.

    One's own has an ``address`` that changes that, and a ``label`` of its button; ``file`` is where the photo or the
    report lies that it names.
    """

    step: str
    at: str
    file: str
    writer: str
    state: State
    shown: bool
    address: str
    label: str


class Stage(NamedTuple):
    """One thing that happened on the lot's way; ``kind`` is empty, ``next`` (not in the ledger yet) or ``bad``.

    ``said`` are sentences with names that no record covers.
    """

    when: str
    title: str
    place: str
    detail: str
    kind: str
    said: Sequence[str] = ()


@dataclass(frozen=True)
class LotPage:
    """The page of a lot; what was made has a ``shop`` page and a label, else both are not there yet.

    ``recallable`` says whether it can be called back, and ``warned`` who would read of that at once.
    """

    address: str
    number: str
    item: str
    state: State
    lead: str
    shop: str
    recalls: Sequence[Recall]
    recallable: bool
    warned: str
    facts: Sequence[Fact]
    next: NextSteps
    records: Sequence[Record]
    unasked: Sequence[UnaskedWord]
    speakers: Speakers
    listings: Listings
    way: Sequence[Stage]


def lot_page(sheet: LotSheet, speaks: Language) -> LotPage:
    """The page of a lot, for its producer; what happened last stands first."""
    row, own = sheet.row, sheet.own
    today = own.day(sheet.at)
    return LotPage(
        address=sheet.address,
        number=row.lot.number,
        item=speaks.name(row.item),
        state=lot_state(row.state, speaks),
        lead=_lead(sheet, speaks),
        shop=sheet.shop if sheet.made else "",
        recalls=[_recall(notice, sheet, speaks) for notice in sheet.recalls],
        recallable=sheet.made and not sheet.recalls,
        warned=_names(sheet.buyers, speaks) or speaks.gettext("your buyers"),
        facts=_facts(sheet, speaks),
        next=next_steps(row, step_fields(sheet.places, present_on(own, sheet.at), sheet.earlier, speaks), speaks),
        records=[_record(record, sheet, speaks) for record in reversed(sheet.records)],
        unasked=[unasked_word(word, own, speaks) for word in sheet.others],
        speakers=speakers_of(row.lot.id, sheet.asked, sheet.partners, speaks, today=today),
        listings=listings_of(row.lot.id, sheet.listed, own, speaks),
        way=[_stage(step, row.item.category, own, speaks) for step in reversed(sheet.way)],
    )


def _lead(sheet: LotSheet, speaks: Language) -> str:
    if sheet.recalls:
        return speaks.gettext("This lot is recalled: it must not be sent, and whoever scans it is told.")
    if not sheet.made:
        return speaks.gettext("It grows. Record what is done to it; the harvest comes last.")
    if sheet.row.left > 0:
        left = speaks.quantity(sheet.row.left, sheet.row.item.unit)
        return speaks.gettext("%(left)s can still be sent.", left=left)
    return speaks.gettext("All of it has left.")


def _names(organizations: Sequence[Organization], speaks: Language) -> str:
    return speaks.gettext(", ").join(speaks.name(organization) for organization in organizations)


def _recall(notice: RecallNotice, sheet: LotSheet, speaks: Language) -> Recall:
    title = speaks.gettext(
        "Recalled on %(when)s by %(who)s, class %(level)s.",
        when=speaks.moment(notice.opened_at, sheet.own),
        who=speaks.name(sheet.organizations[notice.owner_id]),
        level=notice.recall_class,
    )
    return Recall(
        id=notice.id,
        title=title,
        reason=notice.reason_zh if speaks.code == "zh" else notice.reason_en,
        close=f"{sheet.address}/recall/{notice.id}/close" if notice.owner_id == sheet.own.id else "",
    )


def _facts(sheet: LotSheet, speaks: Language) -> list[Fact]:
    lot, item = sheet.row.lot, sheet.row.item
    quantity, left = (speaks.quantity(amount, item.unit) for amount in (lot.quantity, sheet.row.left))
    return [
        Fact(speaks.gettext("Made on"), speaks.day(lot.made_on) if lot.made_on else speaks.gettext("not yet")),
        Fact(speaks.gettext("Best before"), speaks.day(lot.best_before) if lot.best_before else _NOT_THERE),
        Fact(speaks.gettext("Made"), quantity if sheet.made else _NOT_THERE),
        Fact(speaks.gettext("Left"), left if sheet.made else _NOT_THERE),
        Fact("GTIN", digital_link.printed(item.gtin)),
        Fact(speaks.gettext("Went to"), _names(sheet.buyers, speaks) or _NOT_THERE),
    ]


def _record(row: RecordRow, sheet: LotSheet, speaks: Language) -> Record:
    event, step = row.event, step_word(row.event, speaks)
    shown, own = event.published_at is not None, event.owner_id == sheet.own.id
    writer = sheet.organizations.get(event.owner_id)
    if shown:
        label = speaks.gettext("Make private: %(step)s", step=step)
    else:
        label = speaks.gettext("Make public: %(step)s", step=step)
    return Record(
        step=step,
        at=speaks.moment(event.event_time, sheet.own),
        file=_file(event) if own else "",
        writer=speaks.name(writer) if writer else _NOT_THERE,
        state=record_state(row, speaks),
        shown=shown,
        address=f"{sheet.address}/records/{event.id}/shown" if own else "",
        label=label if own else "",
    )


def _file(event: Event) -> str:
    """Where the file lies whose hash a record states; nothing where it states none."""
    said = reading.event_of(event.payload or b"")
    stated = [reading.text(reading.member(said, name), "furrow:file") for name in ("furrow:protection", "furrow:test")]
    return next((f"/settings/files/{sha256.removeprefix('0x')}" for sha256 in stated if sha256), "")


def _stage(step: Step, category: str, own: Organization, speaks: Language) -> Stage:
    details = [
        *([speaks.quantity(step.quantity, step.unit)] if step.quantity is not None else []),
        *([speaks.gettext("to %(place)s", place=speaks.name(step.to))] if step.to else []),
    ]
    return Stage(
        when=speaks.moment(step.at, step.place or own),
        title=_title(step.kind, category, speaks),
        place=speaks.name(step.place) if step.place else "",
        detail=" · ".join(details),
        kind=_kind(step),
        said=calling.of_step(step, speaks),
    )


def _title(kind: str, category: str, speaks: Language) -> str:
    if kind == "commissioning" and category not in GROWN:
        return speaks.gettext("Made")
    return speaks.gettext(STEPS[kind]) if kind in STEPS else kind


def _kind(step: Step) -> str:
    if step.kind == "sensor_reporting" or step.event.get("disposition") == "non_conformant":
        return "bad"
    return "next" if step.row.log_index is None else ""
