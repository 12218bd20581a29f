"""The supplier's lots: found, looked at, shown to shoppers, labelled, recalled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.errors import NotFound
from hub.gs1 import digital_link
from hub.models.base import now
from hub.models.catalogue import ListingDispute, RecallNotice, SpeaksAs
from hub.models.party import Organization
from hub.models.trace import Event
from hub.trace import capture, journey, labels, listings, mandates, recall
from hub.trace.listings import Listing
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.export import MOST_ROWS, csv_file
from hub.web.forms import Day, EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page
from hub.web.words import GROWN, MEASURES, STEPS
from supplier_portal import lookup
from supplier_portal.lots import lot_book, record_book
from supplier_portal.lots.lot_book import LotState
from supplier_portal.orders import consignments

router = Router(prefix="/supplier/lots", dependencies=[requires(Permission.PUBLISH_EVENTS)], include_in_schema=False)
_A_PAGE = 25
_A_SHEET = 21
State = Literal["all", "growing", "harvested", "tested", "recalled"]
KINDS = {
    SpeaksAs.LABORATORY: N_("Laboratory"), SpeaksAs.CERTIFIER: N_("Certifier"), SpeaksAs.CARRIER: N_("Carrier"),
}  # fmt: skip
Words = Annotated[str, Query(max_length=100)]


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


@dataclass(frozen=True)
class Rival(Listing):
    """Somebody else who lists the article number, and the dispute of it that is one's own."""

    mine: ListingDispute | None = None


class Shown(BaseModel):
    """Whether shoppers see a record."""

    shown: bool


@router.get("")
def listed(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    state: State = "all",
    q: Words = "",
    p: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """Lots by state, searched, page by page."""
    wanted = None if state == "all" else LotState(state)
    found = lot_book.lots(session, actor.organization_id, state=wanted, search=q, page=p, size=_A_PAGE)
    return page(
        request,
        "lots/lots.html",
        found=found,
        state=state,
        q=q,
        p=p,
        size=_A_PAGE,
        counts=lot_book.counts(session, actor.organization_id),
    )


@router.get("/export.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep, state: State = "all", q: Words = "") -> Response:
    """The same list to take away."""
    wanted = None if state == "all" else LotState(state)
    found = lot_book.lots(session, actor.organization_id, state=wanted, search=q, size=MOST_ROWS + 1)
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
            for row in found.rows
        ),
    )


@router.get("/{lot_id}")
def show(lot_id: UUID, request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """One lot: its way, its records, and what can be recorded next."""
    return shown(request, session, actor, lot_id, form)


@router.get("/{lot_id}/label.{kind}")
def label(
    lot_id: UUID,
    kind: Literal["png", "svg", "pdf"],
    actor: ActorDep,
    session: SessionDep,
    copies: Annotated[int, Query(ge=1, le=210)] = _A_SHEET,
) -> Response:
    """The lot's QR code, or a sheet of its labels."""
    row = lot_book.find(session, actor, lot_id)
    own = session.get_one(Organization, actor.organization_id)
    link = _label_link(row, own, listings.of(session, row.item.gtin))
    if kind == "png":
        return Response(labels.png(link), media_type="image/png")
    if kind == "svg":
        return Response(labels.svg(link), media_type="image/svg+xml")
    one = labels.Label(
        link,
        row.item.name_zh,
        row.item.name_en,
        row.lot.number,
        _iso(row.lot.made_on),
        _iso(row.lot.best_before),
        own.name_zh,
        grown=row.item.category in GROWN,
    )
    return Response(
        labels.sheet([one] * copies),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="labels-{row.lot.id}.pdf"'},
    )


@router.post("/{lot_id}/records/{event_id}/shown")
def publish(
    lot_id: UUID,
    event_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Shown], filled(Shown)],
) -> Response:
    """Show a record to shoppers, or no longer."""
    event = session.get(Event, event_id)
    if event is None or form.read is None:
        raise NotFound
    capture.publish(session, actor, event, form.read.shown)
    _ = form.language.gettext
    return go(
        request,
        f"/supplier/lots/{lot_id}#records",
        _("Shoppers see this record now.") if form.read.shown else _("Shoppers no longer see this record."),
    )


@router.post("/{lot_id}/mandates")
def let_speak(
    lot_id: UUID, request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Asked], filled(Asked)]
) -> Response:
    """Let a laboratory, a certifier or a carrier speak of the lot."""
    row = lot_book.find(session, actor, lot_id)
    if (asked := form.read) is not None:
        link = "" if asked.all_lots else digital_link.lot_link(row.item.gtin, row.lot.number)
        with form.attempt(session):
            mandates.give(session, actor, asked.speaker, asked.kind, since=asked.since, until=asked.until, link=link)
    if form.read is None:
        return shown(request, session, actor, lot_id, form, step="mandates", status=422)
    return go(request, f"/supplier/lots/{lot_id}#speakers", form.language.gettext("They may speak of it now."))


@router.post("/{lot_id}/mandates/{mandate_id}/end")
def let_speak_no_longer(
    lot_id: UUID,
    mandate_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
) -> Response:
    """Let somebody speak no longer than today."""
    own = session.get_one(Organization, actor.organization_id)
    mandates.end(session, actor, mandate_id, on=now().astimezone(ZoneInfo(own.time_zone)).date())
    return go(request, f"/supplier/lots/{lot_id}#speakers", speaks.gettext("They may speak of it until today."))


@router.post("/{lot_id}/disputes")
def dispute(
    lot_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Disputed], filled(Disputed)],
) -> Response:
    """Say that somebody else may not list the lot's article number."""
    row = lot_book.find(session, actor, lot_id)
    if form.read is None:
        return shown(request, session, actor, lot_id, form, step="dispute", status=422)
    listings.dispute(session, actor, row.item.gtin, form.read.listed_by, form.read.reason)
    return go(request, f"/supplier/lots/{lot_id}#listings", form.language.gettext("The listing is disputed."))


@router.post("/{lot_id}/disputes/{dispute_id}/withdraw")
def withdraw(
    lot_id: UUID,
    dispute_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
) -> Response:
    """Dispute it no longer."""
    listings.withdraw(session, actor, dispute_id, at=now())
    return go(request, f"/supplier/lots/{lot_id}#listings", speaks.gettext("It is disputed no longer."))


@router.post("/{lot_id}/recall", dependencies=[requires(Permission.RECALL_LOTS)])
def open_recall(
    lot_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Recall], filled(Recall)],
) -> Response:
    """Call the lot back."""
    row = lot_book.find(session, actor, lot_id)
    if form.read is None:
        return shown(request, session, actor, lot_id, form, step="recall", status=422)
    if row.state is not LotState.RECALLED:  # pressed twice, it is called back once
        recall.open_recall(
            session,
            actor,
            row.lot,
            recall_class=int(form.read.recall_class),
            reason_zh=form.read.reason_zh,
            reason_en=form.read.reason_en,
            at=now(),
        )
    return go(
        request, f"/supplier/lots/{lot_id}", form.language.gettext("Lot %(number)s is recalled.", number=row.lot.number)
    )


@router.post("/{lot_id}/recall/{notice_id}/close", dependencies=[requires(Permission.RECALL_LOTS)])
def close_recall(
    lot_id: UUID, notice_id: UUID, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """End a recall."""
    notice = session.get(RecallNotice, notice_id)
    if notice is None:
        raise NotFound
    recall.close_recall(session, actor, notice, at=now())
    return go(request, f"/supplier/lots/{lot_id}", speaks.gettext("The recall is closed."))


def shown(
    request: Request,
    session: Session,
    actor: Actor,
    lot_id: UUID,
    form: Filled[Any],
    *,
    step: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The lot's page, with the form of a ``step`` open where something in it was wrong."""
    row = lot_book.find(session, actor, lot_id)
    events = lot_book.events(session, row)
    own = session.get_one(Organization, actor.organization_id)
    link = digital_link.lot_link(row.item.gtin, row.lot.number)
    notices = recall.notices_of(session, row.lot)
    listed = listings.of(session, row.item.gtin)
    return page(
        request,
        "lots/lot.html",
        status=status,
        row=row,
        lot=row.lot,
        item=row.item,
        own=own,
        form=form,
        step=step,
        records=record_book.with_states(session, events),
        way=journey.of(session, link, events=events),
        steps=STEPS,
        measures=MEASURES,
        link=_label_link(row, own, listed),
        notices=notices,
        issuers=lookup.organizations(session, {notice.owner_id for notice in notices}),
        recorders=lookup.organizations(session, {event.owner_id for event in events}),
        others=lot_book.others_words(session, row),
        asked=mandates.given(session, actor, link),
        partners=lookup.partners(session, actor),
        kinds=KINDS,
        buyers=lot_book.sold_to(session, row.lot),
        places=consignments.sources(session, actor, everywhere=True),
        local=now().astimezone(ZoneInfo(own.time_zone)),
        **_listings(own, listed, form),
    )


def _label_link(row: lot_book.LotRow, own: Organization, listed: Sequence[Listing]) -> str:
    """The code of a label; it names the maker where the article number alone does not."""
    return labels.lot_link(row.item, row.lot, maker=own.gln if len(listed) > 1 else "")


def _listings(own: Organization, found: Sequence[Listing], form: Filled[Any]) -> dict[str, Any]:
    """Who else lists the article number, and who disputes that one lists it oneself."""
    names = {one.maker_id: form.language.name(one) for one in found}
    rivals = [
        Rival(**vars(one), mine=next((d for d in one.disputes if d.owner_id == own.id), None))
        for one in found
        if one.maker_id != own.id
    ]
    disputed = [
        (dispute, names.get(dispute.owner_id, ""))
        for one in found
        if one.maker_id == own.id
        for dispute in one.disputes
    ]
    return {"rivals": rivals, "disputed": disputed}


def _iso(day: Any) -> str:
    return day.isoformat() if day else ""
