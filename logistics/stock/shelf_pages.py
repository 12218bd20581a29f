"""The pages of one shelf: goods written off, given away, marked down with a label, and what can still be undone."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.gs1 import digital_link
from hub.models.base import now
from hub.settings import settings
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page
from logistics.receive import store
from logistics.stock import shelves, write_offs
from logistics.stock.models import Markdown, WriteOff
from logistics.stock.shelf_view import changes_page, reduced, shelf_page
from logistics.stock.write_offs import Cheaper, Gone

router = Router(prefix="/store", dependencies=[requires(Permission.RECEIVE_GOODS)], include_in_schema=False)
_SHOWN = 12


@router.get("/stock/changes")
def changes(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> HTMLResponse:
    """What was written off and marked down lately."""
    entries = write_offs.entries(session, actor)
    shown = changes_page(entries, store.places(session, actor), speaks, at=now())
    return page(request, "stock/changes.html", changes=shown)


@router.get("/stock/{level_id}")
def shelf(
    request: Request,
    level_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    lot: Annotated[str | None, Query(max_length=20)] = None,
) -> HTMLResponse:
    """An item at a store: its lots, and what can be done with them."""
    return show_shelf(request, session, actor, level_id, form, lot)


@router.post("/stock/{level_id}/write-offs")
def write_off(
    request: Request,
    level_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Gone], filled(Gone)],
) -> Response:
    """Write goods off, or give them away."""
    if form.read is not None:
        with form.attempt(session, "quantity"):
            write_offs.write_off(session, actor, shelves.shelf(session, actor, level_id), form.read, at=now())
    if form.errors:
        return show_shelf(request, session, actor, level_id, form)
    toast = form.language.gettext(N_("Written off. It can be undone for ten minutes."))
    return go(request, f"/store/stock/{level_id}", toast=toast)


@router.post("/stock/{level_id}/markdowns")
def mark_down(
    request: Request,
    level_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Cheaper], filled(Cheaper)],
) -> Response:
    """Sell a lot for less until a day."""
    if form.read is not None:
        with form.attempt(session, "price"):
            here, at = shelves.shelf(session, actor, level_id), now()
            write_offs.mark_down(session, actor, here, form.read, today=here.place.day(at), at=at)
    if form.errors:
        return show_shelf(request, session, actor, level_id, form)
    toast = form.language.gettext(N_("The price is lower. Print the label below."))
    return go(request, f"/store/stock/{level_id}", toast=toast)


@router.post("/stock/changes/{kind}/{entry_id}/undo")
def undo(
    request: Request,
    kind: Literal["write-offs", "markdowns"],
    entry_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
) -> Response:
    """Take an entry back, as long as the stock system has not been told."""
    if kind == "write-offs":
        write_offs.undo(session, actor, write_offs.one(session, actor, WriteOff, entry_id), at=now())
    else:
        write_offs.undo(session, actor, write_offs.one(session, actor, Markdown, entry_id), at=now())
    return go(request, "/store/stock/changes", toast=speaks.gettext(N_("Undone: the stock is as before.")))


@router.get("/stock/changes/markdowns/{entry_id}/label.pdf")
def label(
    entry_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    copies: Annotated[int, Query(ge=1, le=200)] = 1,
) -> Response:
    """The label of a lower price, 60 by 40 mm."""
    from logistics.stock import label as paper  # it reads a library that is for nothing else

    row = write_offs.one(session, actor, Markdown, entry_id)
    (entry,) = write_offs.described(session, actor, [row])
    known = digital_link.lot_link(entry.item.gtin, row.lot) if row.lot else digital_link.item_link(entry.item.gtin)
    link = settings().base_url + known.removeprefix(digital_link.ROOT)
    return Response(
        paper.labels(reduced(row, entry, link, speaks), copies),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="label-{row.id}.pdf"'},
    )


def show_shelf(
    request: Request, session: Session, actor: Actor, level_id: UUID, form: Filled[Any], lot: str | None = None
) -> HTMLResponse:
    """A shelf, with a form as it was sent."""
    here = shelves.shelf(session, actor, level_id)
    shown = shelf_page(
        here,
        write_offs.entries(session, actor, item=here.item.id, place=here.place.id, most=_SHOWN),
        store.recalled(session, [here.item.id]),
        form.language,
        at=now(),
        lot=form.value("lot", lot),
        was=write_offs.price_before(session, here),
    )
    return page(request, "stock/shelf.html", status=422 if form.errors else 200, shelf=shown, form=form)
