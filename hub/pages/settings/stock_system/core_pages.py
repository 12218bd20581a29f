"""The chain's stock system: connected, tested, watched, paused and let go."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, func, select

from hub import db
from hub.access import Actor, Permission
from hub.errors import HubError, NotAllowed, NotFound
from hub.inventory import commands, cores, mapping
from hub.inventory.cores import Found, Way
from hub.models.base import now
from hub.models.catalogue import TradeItem
from hub.models.inventory import CommandState, CoreCommand, CoreCursor, CoreKind, Drift
from hub.models.party import Organization, OrganizationKind, Place
from hub.pages.settings.stock_system import core_view as view
from hub.queue import hint
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page

_SHOWN = 50


def of_a_retailer(actor: ActorDep) -> Actor:
    """Retailers alone have a stock system."""
    if actor.kind is not OrganizationKind.RETAILER:
        raise NotAllowed(permission=Permission.ADMINISTER.value)
    return actor


router = Router(
    prefix="/settings/core",
    dependencies=[requires(Permission.ADMINISTER), Depends(of_a_retailer)],
    include_in_schema=False,
)


class WayForm(BaseModel):
    """How the stock system is reached, as people say it."""

    kind: CoreKind
    url: str = Field(min_length=1, max_length=300)
    database: str = Field(default="", max_length=60)
    token: str = Field(min_length=1, max_length=2000)

    @property
    def way(self) -> Way:
        """The way as the hub goes it."""
        return Way(self.kind, self.url, self.token, self.database)


WayDep = Annotated[Filled[WayForm], filled(WayForm)]


@router.get("")
def show(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """How the stock system is, or the form that connects one."""
    connection = cores.of(session)
    if connection is None or connection.ended_at is not None:
        return _ask(request, session, form, None)
    shown = view.core_page(_told(session, actor), form.language)
    return page(request, "settings/stock_system/core.html", core=shown)


@router.get("/progress")
def progress(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> HTMLResponse:
    """How far the first reading has come."""
    if cores.of(session) is None:
        raise NotFound
    return page(
        request, "settings/stock_system/_core_progress.html", core=view.core_page(_told(session, actor), speaks)
    )


@router.get("/way")
def ask_for_way(request: Request, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """The form that says how the stock system is reached, filled in but for the token."""
    return _ask(request, session, form, None)


@router.post("/test")
def test(request: Request, session: SessionDep, form: WayDep) -> HTMLResponse:
    """Look at a stock system and say what was found; nothing is kept."""
    return _ask(request, session, form, _look(form))


@router.post("")
def connect(request: Request, actor: ActorDep, session: SessionDep, form: WayDep) -> Response:
    """Look at a stock system, and connect it where it answers."""
    typed, found = form.read, _look(form)
    if typed is not None and found is not None:
        with form.attempt(session, otherwise="url"):
            cores.connect(session, actor, typed.way, found)
            org = str(actor.organization_id)
            db.after_commit(session, lambda: hint("hub.inventory.tasks.pull_one", org))
            toast = N_("The stock system is connected. It is being read for the first time.")
            return go(request, "/settings/core", toast=form.language.gettext(toast))
    return _ask(request, session, form, None)


@router.post("/pause")
def pause(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Leave the stock system alone for a while."""
    cores.pause(session, actor)
    return go(request, "/settings/core", toast=speaks.gettext(N_("Paused. What it must hear waits until you resume.")))


@router.post("/resume")
def resume(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Go on with it."""
    cores.resume(session, actor)
    return go(request, "/settings/core", toast=speaks.gettext(N_("Resumed: it is read and told again.")))


@router.post("/disconnect")
def disconnect(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Let it go; what it must hear waits."""
    cores.disconnect(session, actor)
    return go(request, "/settings/core", toast=speaks.gettext(N_("Disconnected. Its token is deleted here.")))


@router.post("/commands/{command_id}/again")
def tell_again(
    request: Request, command_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Tell the stock system once more what it refused."""
    commands.tell_again(session, actor, command_id)
    return go(request, "/settings/core", toast=speaks.gettext(N_("It is being told again.")))


def _look(form: Filled[WayForm]) -> Found | None:
    """What a look finds; what goes wrong is said beside its field. No transaction waits for the other side."""
    if form.read is None:
        return None
    try:
        return cores.look(form.read.way)
    except HubError as refusal:
        # What the other side said stays here: the page says in words of ours what kind of trouble it is.
        sentence = refusal.sentence if refusal.at == "database" or refusal.status == 422 else _said(refusal)
        form.refuse(refusal.at or "url", form.language.gettext(sentence))
        return None


def _said(refusal: HubError) -> str:
    return (type(refusal).__doc__ or "").strip().split("\n")[0]


def _ask(request: Request, session: Session, form: Filled[WayForm], found: Found | None) -> HTMLResponse:
    shown = view.way_page(cores.of(session), _waiting(session), found, form.language)
    return page(
        request, "settings/stock_system/core_way.html", status=422 if form.errors else 200, form=form, way=shown
    )


def _waiting(session: Session) -> int:
    waiting = col(CoreCommand.state) == CommandState.WAITING
    return session.exec(select(func.count()).select_from(CoreCommand).where(waiting)).one()


def _told(session: Session, actor: Actor) -> view.Told:
    refused = select(CoreCommand).where(col(CoreCommand.state) == CommandState.REFUSED).order_by(col(CoreCommand.id))
    drifts = (
        select(Drift, Place, TradeItem)
        .join(Place, col(Place.id) == col(Drift.place_id))
        .join(TradeItem, col(TradeItem.id) == col(Drift.trade_item_id))
        .where(col(Drift.owner_id) == actor.organization_id, col(Drift.settled_at).is_(None))
        .order_by(col(Drift.id))
        .limit(_SHOWN)
    )
    return view.Told(
        own=session.get_one(Organization, actor.organization_id),
        connection=cores.of(session),
        cursors=session.exec(select(CoreCursor).where(col(CoreCursor.owner_id) == actor.organization_id)).all(),
        stores=mapping.of_places(session),
        items=mapping.of_items(session),
        waiting=_waiting(session),
        refused=session.exec(refused.limit(_SHOWN)).all(),
        drifts=session.exec(drifts).all(),
        at=now(),
    )
