"""Buyers' repositories: to which of them a supplier's events are sent, how that goes, and what is kept back."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.errors import NotAllowed
from hub.gs1.profiles.form import LONGEST_NAME
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind
from hub.pages.settings.telling import destinations_view as view
from hub.trace.passing import destinations
from hub.web.deps import RECENT, ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page

router = Router(prefix=view.PATH, dependencies=[requires(Permission.ADMINISTER)], include_in_schema=False)
_DONE: dict[str, tuple[Callable[[Session, Actor, UUID], None], str]] = {
    "try": (destinations.try_it, N_("A test is on its way; load the page again to see the answer.")),
    "pause": (destinations.pause, N_("Nothing is sent there until you resume.")),
    "resume": (destinations.resume, N_("It goes on where it was left.")),
    "again": (destinations.again, N_("What was kept back is looked at and sent once more.")),
}


class Added(BaseModel):
    """A destination that is added."""

    partner: UUID
    url: str = Field(min_length=1, max_length=1000)
    token: str = Field(default="", max_length=4000)
    profile: str = Field(default="", max_length=LONGEST_NAME)


@router.get("")
def everywhere(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Where one's events are sent."""
    _suppliers(actor)
    kept = destinations.waiting_for_somebody(session)
    rows = [_of(session, one)._replace(kept=kept.get(one.id, 0)) for one in destinations.listed(session)]
    return page(request, "settings/telling/destinations.html", list=view.destinations_page(rows, speaks, at=now()))


@router.get("/new")
def new(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> Response:
    """Where a destination is added."""
    return _form(request, actor, session, form)


@router.post("/new", dependencies=[RECENT])
def add(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Added], filled(Added)]
) -> Response:
    """Add one; its token is sealed at once and never shown again."""
    if form.read is not None:
        read = form.read
        with form.attempt(session, "url"):
            wanted = destinations.Wanted(read.partner, read.url, read.token, read.profile)
            made = destinations.add(session, actor, wanted)
            toast = form.language.gettext(N_("What this buyer may see is sent there from now on."))
            return go(request, f"{view.PATH}/{made.id}", toast=toast)
    form.values.pop("token", None)
    return _form(request, actor, session, form)


@router.get("/{destination_id}")
def one(request: Request, destination_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """One of them, and what is kept back."""
    _suppliers(actor)
    destination, buyer, _ = _of(session, destinations.find(session, destination_id))
    own = session.get_one(Organization, actor.organization_id)
    back, count = destinations.kept_back(session, destination)
    shown = view.destination_page(view.Whole(destination, buyer, back, count), own, speaks, at=now())
    return page(request, "settings/telling/destination.html", one=shown)


@router.post("/{destination_id}/end", dependencies=[RECENT])
def end(request: Request, destination_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Send nothing there any more."""
    destinations.end(session, actor, destination_id)
    return go(request, view.PATH, toast=speaks.gettext(N_("Nothing is sent there any more.")))


def _door(verb: str) -> None:
    act, done = _DONE[verb]

    def change(
        request: Request, destination_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
    ) -> Response:
        act(session, actor, destination_id)
        return go(request, f"{view.PATH}/{destination_id}", toast=speaks.gettext(done))

    change.__name__, change.__doc__ = f"{verb}_destination", (act.__doc__ or "").partition("\n")[0]
    router.post(f"/{{destination_id}}/{verb}")(change)


for _verb in _DONE:
    _door(_verb)


def _form(request: Request, actor: Actor, session: Session, form: Filled[Any]) -> Response:
    _suppliers(actor)
    shown = view.new_page(destinations.buyers(session, actor.organization_id), form.language)
    status = 422 if form.errors else 200
    return page(request, "settings/telling/destination-new.html", status=status, form=form, new=shown)


def _of(session: Session, destination: Any) -> view.Row:
    return view.Row(destination, session.get(Organization, destination.partner_id))


def _suppliers(actor: Actor) -> None:
    if actor.kind is not OrganizationKind.SUPPLIER:
        raise NotAllowed(permission=Permission.ADMINISTER.value)
