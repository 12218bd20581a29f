"""The pages of stock-takes: for a store's people on their phones, and for the chain's buyers."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.inventory import changes
from hub.lists import Search
from hub.models.base import now
from hub.models.party import Place
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, Words, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page, wants_part
from logistics.receive import store
from logistics.stock import sheets, takes
from logistics.stock.models import StockTake
from logistics.stock.takes import Count, Wanted
from logistics.stock.takes_view import CATEGORY, Show, count_page, just_counted, sheet_page, takes_page

router = Router(
    prefix="/stock-takes",
    dependencies=[requires(Permission.RECEIVE_GOODS, Permission.PLACE_ORDERS)],
    include_in_schema=False,
)
_COUNTS = requires(Permission.RECEIVE_GOODS)
_A_PAGE, _NEXT = 50, 6


@router.get("")
def takes_list(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """The stock-takes of somebody's stores, and a form for a new one."""
    return _list(request, session, actor, form)


@router.post("")
def begin(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Wanted], filled(Wanted)]
) -> Response:
    """Make a count sheet."""
    take: StockTake | None = None
    if form.read is not None:
        with form.attempt(session, "listing"):
            take = takes.begin(session, actor, form.read, at=now())
    if take is None:
        return _list(request, session, actor, form)
    toast = form.language.gettext(N_("The sheet is made. Everybody at the store can count now."))
    return go(request, f"/stock-takes/{take.id}", toast=toast)


@router.get("/{take_id}")
def counting(
    request: Request,
    take_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    item: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """Count, on a phone; ``item`` is what was chosen on the sheet."""
    return _counting(request, session, actor, takes.find(session, actor, take_id), form, item=item)


@router.post("/{take_id}/counts", dependencies=[_COUNTS])
def count(
    request: Request,
    take_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Count], filled(Count)],
) -> Response:
    """Record a count; a phone that sends it again, after it had no line, gets the same answer."""
    take, toast = takes.find(session, actor, take_id), ""
    if form.read is not None:
        with form.attempt(session, "item"):
            counted = takes.count(session, actor, take, form.read, at=now())
            toast = just_counted(takes.line_of(session, take, form.read.item)[1], counted, form.language)
    if form.errors or wants_part(request):
        return _counting(request, session, actor, take, form, toast)
    return go(request, f"/stock-takes/{take.id}", toast=toast)


@router.post("/{take_id}/counts/{count_id}/undo", dependencies=[_COUNTS])
def undo(
    request: Request, take_id: UUID, count_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Take a wrong count of one's own back."""
    take = takes.find(session, actor, take_id)
    takes.take_count_back(session, actor, take, count_id, at=now())
    return go(request, f"/stock-takes/{take.id}", toast=speaks.gettext(N_("Taken back. Count it anew.")))


@router.get("/{take_id}/sheet")
def sheet(
    request: Request,
    take_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    show: Show = "all",
    q: Words = "",
    p: PageNumber = 1,
) -> HTMLResponse:
    """The sheet with its differences."""
    take = takes.find(session, actor, take_id)
    key = f"{changes.ADJUSTMENT}/{take.id}"
    shown = sheet_page(
        take,
        session.get_one(Place, take.place_id),
        takes.lines(session, take),
        changes.of(session, [key]).get(key) if take.approved_at else None,
        speaks,
        show=show,
        search=Search(q, p, _A_PAGE),
        knows=Permission.PLACE_ORDERS in actor.permissions,
        at=now(),
    )
    return page(request, "stock/sheet.html", sheet=shown)


@router.post("/{take_id}/counted")
def end_counting(
    request: Request, take_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """End the counting; what differs much is counted again."""
    take = takes.find(session, actor, take_id)
    again = takes.end_counting(session, actor, take, at=now())
    toast = (
        speaks.ngettext("%(num)s line is counted again.", "%(num)s lines are counted again.", again)
        if again
        else speaks.gettext("Counting is over. Nothing has to be counted again.")
    )
    return go(request, f"/stock-takes/{take.id}/sheet?show={'again' if again else 'differs'}", toast=toast)


@router.post("/{take_id}/approval")
def approve(request: Request, take_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Take over what was counted."""
    take = takes.find(session, actor, take_id)
    takes.approve(session, actor, take, at=now())
    toast = speaks.gettext(N_("Approved: the books are right, and the stock system is told."))
    return go(request, f"/stock-takes/{take.id}/sheet?show=differs", toast=toast)


@router.post("/{take_id}/drop")
def drop(request: Request, take_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Give a stock-take up."""
    takes.drop(session, actor, takes.find(session, actor, take_id), at=now())
    return go(request, "/stock-takes", toast=speaks.gettext(N_("Given up: nothing of it was taken over.")))


def _list(request: Request, session: Session, actor: Actor, form: Filled[Any]) -> HTMLResponse:
    places, speaks = store.places(session, actor), form.language
    names = {name for place in places for name in sheets.categories(session, place.id)}
    shown = takes_page(
        takes.listed(session, actor),
        places,
        {name: speaks.gettext(CATEGORY.get(name, name)) for name in sorted(names)},
        sheets.currency(session),
        speaks,
    )
    return page(request, "stock/takes.html", status=422 if form.errors else 200, takes=shown, form=form)


def _counting(
    request: Request, session: Session, actor: Actor, take: StockTake, form: Filled[Any], told: str = "", item: str = ""
) -> HTMLResponse:
    shown = count_page(
        take,
        session.get_one(Place, take.place_id),
        takes.progress(session, take),
        takes.last_counts(session, actor, take),
        takes.to_count_again(session, take, _NEXT) if take.counted_at is not None else [],
        actor.user_id,
        item,
        form.language,
    )
    template = "stock/_counted.html" if wants_part(request) else "stock/count.html"
    status = 422 if form.errors else 200
    may = Permission.RECEIVE_GOODS in actor.permissions
    return page(request, template, status=status, take=shown, form=form, told=told, may_count=may)
