"""The supplier's lots: found, looked at, shown to shoppers, labelled, recalled."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from hub.access import Permission
from hub.errors import NotFound
from hub.inputs import Day
from hub.lists import Search
from hub.models.base import now
from hub.models.catalogue import RecallNotice, SpeaksAs
from hub.models.trace import Event
from hub.trace import capture, listings, mandates, recall
from hub.trace.labels import codes, zpl
from hub.web.deps import RECENT, ActorDep, LanguageDep, PageNumber, SessionDep, SortedBy, Words, requires
from hub.web.export import MOST_ROWS, csv_file
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.routing import Router
from hub.web.templating import go, page
from hub.web.words import GROWN
from supplier_portal.lots import lot_book
from supplier_portal.lots.desk import Desk, DeskDep, shown
from supplier_portal.lots.list_view import LotsSheet, Part, lots_page
from supplier_portal.lots.lot_book import LotState

router = Router(prefix="/supplier/lots", dependencies=[requires(Permission.PUBLISH_EVENTS)], include_in_schema=False)
_A_PAGE = 25
_A_SHEET = 21


class Recall(BaseModel):
    """A lot called back: how grave, and why, in both languages."""

    recall_class: Literal["1", "2", "3"]
    reason_zh: str = Field(min_length=4, max_length=400)
    reason_en: str = Field(min_length=4, max_length=400)


class Asked(BaseModel):
    """Somebody who may speak of the lot, or of all lots: as what, from which day until which."""

    speaker: UUID
    kind: SpeaksAs
    all_lots: bool = False
    since: Day
    until: Day | None = None


class Disputed(BaseModel):
    """Who may not list the article number, and why."""

    listed_by: UUID
    reason: str = Field(min_length=4, max_length=400)


class Shown(BaseModel):
    """Whether shoppers see a record."""

    shown: bool


@router.get("")
def listed(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    state: Part = "all",
    q: Words = "",
    p: PageNumber = 1,
    sort: SortedBy = "",
) -> HTMLResponse:
    """Lots by state, searched, sorted, page by page."""
    search = Search(q, p, _A_PAGE, sort=sort)
    sheet = LotsSheet(
        lots=lot_book.lots(session, actor.organization_id, search, states=_states(state)),
        counts=lot_book.counts(session, actor.organization_id),
        part=state,
    )
    return page(request, "lots/lots.html", list=lots_page(sheet, speaks))


@router.get("/export.csv")
def export(
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    state: Part = "all",
    q: Words = "",
    sort: SortedBy = "",
) -> Response:
    """The same list to take away."""
    search = Search(q, size=MOST_ROWS + 1, sort=sort)
    lots = lot_book.lots(session, actor.organization_id, search, states=_states(state))
    _ = speaks.gettext
    header = [
        _("Lot"),
        _("Item"),
        "GTIN",
        _("State"),
        _("Made on"),
        _("Best before"),
        _("Quantity"),
        _("Left"),
        _("Unit"),
    ]
    return csv_file(
        _("Lots"),
        header,
        (
            [
                row.lot.number,
                speaks.name(row.item),
                row.item.gtin,
                row.state.value,
                row.lot.made_on,
                row.lot.best_before,
                row.lot.quantity,
                row.left,
                row.item.unit,
            ]
            for row in lots.rows
        ),
    )


def _states(part: Part) -> Sequence[LotState]:
    return [] if part == "all" else [LotState(part)]


@router.get("/{lot_id}")
def show(desk: DeskDep, form: EmptyForm) -> HTMLResponse:
    """One lot: its way, its records, and what can be recorded next."""
    return shown(desk, form)


class OnLabels(BaseModel):
    """How many labels, and what their codes say: the day before which it is best, packs numbered from ``first`` on.

    ``compressed``: a QR code's link is compressed, which makes it smaller, and no till reads it.
    """

    copies: Annotated[int, Field(ge=1, le=210)] = _A_SHEET
    code: zpl.Symbol = zpl.Symbol.QR
    expiry: bool = False
    compressed: bool = False
    first: Annotated[int, Field(ge=0, lt=10**15)] = 0


@router.get("/{lot_id}/label.{kind}")
def label(
    desk: DeskDep,
    kind: Literal["png", "svg", "pdf", "zpl"],
    wanted: Annotated[OnLabels, Query()],
) -> Response:
    """The lot's QR code, a sheet of its labels, or labels as a Zebra printer takes them."""
    link = desk.label(listings.of(desk.session, desk.item.gtin))
    if kind == "png":
        return Response(codes.png(link), media_type="image/png")
    if kind == "svg":
        return Response(codes.svg(link), media_type="image/svg+xml")
    lot, item = desk.lot, desk.item
    sticker = codes.Label(
        link,
        item.name_zh,
        item.name_en,
        lot.number,
        _iso(lot.made_on),
        _iso(lot.best_before),
        desk.own.name_zh,
        grown=item.category in GROWN,
    )
    if kind == "zpl":
        return _zpl(desk, sticker, wanted)
    from hub.trace.labels import sheet  # it reads a library that is for nothing else

    return Response(
        sheet.sheet([sticker] * wanted.copies),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="labels-{lot.id}.pdf"'},
    )


def _zpl(desk: Desk, sticker: codes.Label, wanted: OnLabels) -> Response:
    lot = desk.lot
    marked = zpl.Marked(sticker, (("01", desk.item.gtin), ("10", lot.number)))
    if wanted.expiry and lot.best_before is not None:
        marked = marked.dated(f"{lot.best_before:%y%m%d}")
    packs = [marked.numbered(str(wanted.first + count)) for count in range(wanted.copies)] if wanted.first else [marked]
    if wanted.compressed:
        packs = [pack.compressed() for pack in packs]
    text = zpl.labels(packs, wanted.code, 1 if wanted.first else wanted.copies)
    return Response(
        text,
        media_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="labels-{lot.id}.zpl"'},
    )


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


@router.post("/{lot_id}/records/{event_id}/shown")
def publish(desk: DeskDep, event_id: UUID, form: Annotated[Filled[Shown], filled(Shown)]) -> Response:
    """Show a record to shoppers, or no longer."""
    event = desk.session.get(Event, event_id)
    if event is None or form.read is None:
        raise NotFound
    capture.publish(desk.session, desk.actor, event, form.read.shown)
    _ = form.language.gettext
    done = _("Shoppers see this record now.") if form.read.shown else _("Shoppers no longer see this record.")
    return go(desk.request, f"{desk.address}#records", done)


@router.post("/{lot_id}/mandates")
def let_speak(desk: DeskDep, form: Annotated[Filled[Asked], filled(Asked)]) -> Response:
    """Let a laboratory, a certifier or a carrier speak of the lot."""
    if (asked := form.read) is not None:
        link = "" if asked.all_lots else desk.link
        with form.attempt(desk.session):
            remit = mandates.Remit(asked.kind, asked.since, asked.until, link)
            mandates.give(desk.session, desk.actor, asked.speaker, remit)
    if form.read is None:
        return shown(desk, form, "mandates")
    return go(desk.request, f"{desk.address}#speakers", form.language.gettext("They may speak of it now."))


@router.post("/{lot_id}/mandates/{mandate_id}/end")
def let_speak_no_longer(desk: DeskDep, mandate_id: UUID, speaks: LanguageDep) -> Response:
    """Let somebody speak no longer than today."""
    mandates.end(desk.session, desk.actor, mandate_id, on=desk.own.day(now()))
    return go(desk.request, f"{desk.address}#speakers", speaks.gettext("They may speak of it until today."))


@router.post("/{lot_id}/disputes")
def dispute(desk: DeskDep, form: Annotated[Filled[Disputed], filled(Disputed)]) -> Response:
    """Say that somebody else may not list the lot's article number."""
    if form.read is None:
        return shown(desk, form, "dispute")
    listings.dispute(desk.session, desk.actor, desk.item.gtin, form.read.listed_by, form.read.reason)
    return go(desk.request, f"{desk.address}#listings", form.language.gettext("The listing is disputed."))


@router.post("/{lot_id}/disputes/{dispute_id}/withdraw")
def withdraw(desk: DeskDep, dispute_id: UUID, speaks: LanguageDep) -> Response:
    """Dispute it no longer."""
    listings.withdraw(desk.session, desk.actor, dispute_id, at=now())
    return go(desk.request, f"{desk.address}#listings", speaks.gettext("It is disputed no longer."))


@router.post("/{lot_id}/recall", dependencies=[requires(Permission.RECALL_LOTS), RECENT])
def open_recall(desk: DeskDep, form: Annotated[Filled[Recall], filled(Recall)]) -> Response:
    """Call the lot back."""
    if form.read is None:
        return shown(desk, form, "recall")
    if desk.row.state is not LotState.RECALLED:  # pressed twice, it is called back once
        recall.open_recall(
            desk.session,
            desk.actor,
            desk.lot,
            recall.Grounds(int(form.read.recall_class), form.read.reason_zh, form.read.reason_en),
            at=now(),
        )
    done = form.language.gettext("Lot %(number)s is recalled.", number=desk.lot.number)
    return go(desk.request, desk.address, done)


@router.post("/{lot_id}/recall/{notice_id}/close", dependencies=[requires(Permission.RECALL_LOTS), RECENT])
def close_recall(desk: DeskDep, notice_id: UUID, speaks: LanguageDep) -> Response:
    """End a recall."""
    notice = desk.session.get(RecallNotice, notice_id)
    if notice is None:
        raise NotFound
    recall.close_recall(desk.session, desk.actor, notice, at=now())
    return go(desk.request, desk.address, speaks.gettext("The recall is closed."))
