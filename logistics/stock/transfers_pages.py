"""The pages of transfers between stores."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.models.base import now
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page
from logistics.receive import store
from logistics.stock import shelves, transfers
from logistics.stock.shelf_pages import show_shelf
from logistics.stock.transfers import Asked, Step
from logistics.stock.transfers_view import transfers_page

router = Router(prefix="/store", dependencies=[requires(Permission.RECEIVE_GOODS)], include_in_schema=False)
_STEPS = {
    "offer": (transfers.offer, N_("Answered: the other store sees it.")),
    "ship": (transfers.ship, N_("Shipped: it is out of your books.")),
    "receive": (transfers.receive, N_("Received: it is in your books.")),
}


@router.post("/stock/{level_id}/transfers")
def ask(
    request: Request,
    level_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Asked], filled(Asked)],
) -> Response:
    """Ask another store for some of it."""
    if form.read is not None:
        with form.attempt(session, "asked"):
            transfers.ask(session, actor, shelves.shelf(session, actor, level_id), form.read, at=now())
    if form.errors:
        return show_shelf(request, session, actor, level_id, form)
    return go(request, "/store/stock/transfers", toast=form.language.gettext(N_("Asked: the other store sees it.")))


@router.get("/stock/transfers")
def transfers_list(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """Transfers from and to one's stores."""
    return _list(request, session, actor, form)


@router.post("/stock/transfers/{transfer_id}/{verb}")
def step(
    request: Request,
    transfer_id: UUID,
    verb: Literal["offer", "ship", "receive"],
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Step], filled(Step)],
) -> Response:
    """Take the next step."""
    do, toast = _STEPS[verb]
    row = transfers.find(session, actor, transfer_id)
    if form.read is not None:
        with form.attempt(session, "quantity"):
            do(session, actor, row, form.read, at=now())
    if form.errors:
        return _list(request, session, actor, form)
    return go(request, "/store/stock/transfers", toast=form.language.gettext(toast))


def _list(request: Request, session: Session, actor: Actor, form: Filled[Any]) -> HTMLResponse:
    shown = transfers_page(transfers.listed(session, actor), store.places(session, actor), form.language)
    return page(request, "stock/transfers.html", status=422 if form.errors else 200, transfers=shown, form=form)
