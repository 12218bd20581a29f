"""What a person was told, and how he wants to be told."""

from datetime import time
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import keys
from hub.access import Actor
from hub.errors import NotAllowed
from hub.lists import Search
from hub.models.party import Organization
from hub.notices import carriers, delivery, desk
from hub.notices.carriers import Letter
from hub.notices.kinds import KINDS, Kind
from hub.pages import notices_view as view
from hub.web.deps import SIGNED_IN, ActorDep, LanguageDep, PageNumber, SessionDep
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, own_path, page

router = Router(prefix="/notices", dependencies=[SIGNED_IN], include_in_schema=False)


class ChoicesForm(BaseModel):
    """How a person wants to be told: which kinds by which way, the quiet hours, the digest, and a robot's address."""

    mail: list[str] | str = Field(default_factory=list)
    chat: list[str] | str = Field(default_factory=list)
    robot: str = Field(default="", max_length=500)
    forget: bool = False
    quiet_from: time | None = None
    quiet_to: time | None = None
    digest_at: time | None = None


def _person(actor: Actor) -> UUID:
    """Who is told: a machine is not."""
    if actor.user_id is None:
        raise NotAllowed
    return actor.user_id


@router.get("")
def show(
    request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep, p: PageNumber = 1
) -> HTMLResponse:
    """What a person was told."""
    _person(actor)
    shown = view.notices_page(
        desk.notices(session, actor, Search("", p)),
        desk.unread(session, actor),
        desk.given_up(session, actor),
        session.get_one(Organization, actor.organization_id),
        speaks,
    )
    return page(request, "notices/notices.html", notices=shown)


@router.get("/count")
def count(request: Request, actor: ActorDep, session: SessionDep) -> HTMLResponse:
    """How much is not read yet, for the bell."""
    return page(request, "notices/_count.html", unread=desk.unread(session, actor))


@router.post("/read")
def read_all(request: Request, actor: ActorDep, session: SessionDep) -> Response:
    """All of it is read."""
    desk.read_all(session, actor)
    return go(request, "/notices")


@router.get("/choices")
def choices(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """How a person is told."""
    return _choices(request, session, actor, form)


@router.post("/choices")
def choose(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[ChoicesForm], filled(ChoicesForm)],
) -> Response:
    """Choose it."""
    if form.read is not None:
        with form.attempt(session, called={"chat": "robot"}):
            _choose(session, actor, form.read)
            return go(request, "/notices/choices", toast=form.language.gettext(N_("Saved.")))
    return _choices(request, session, actor, form)


@router.post("/choices/try")
def try_robot(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Have the robot say something now."""
    route = desk.route_of(session, _person(actor))
    text = speaks.gettext(N_("Furrow reaches you here."))
    try:
        carriers.chat(keys.unseal(route.chat, delivery.cell(route)).decode(), Letter("Furrow", text, "try"))
    except carriers.NotCarried as problem:
        return go(request, "/notices/choices", toast=speaks.sentence(problem.sentence, problem.values))
    return go(request, "/notices/choices", toast=speaks.gettext(N_("Sent: look in the chat.")))


@router.get("/{notice_id}")
def lead(notice_id: UUID, actor: ActorDep, session: SessionDep) -> Response:
    """Lead to where one acts on a notice: from a letter."""
    return RedirectResponse(own_path(desk.find(session, actor, notice_id).address, "/notices"), 303)


@router.post("/{notice_id}")
def open_one(notice_id: UUID, actor: ActorDep, session: SessionDep) -> Response:
    """Read a notice, and go where one acts on it."""
    return RedirectResponse(own_path(desk.read(session, actor, notice_id).address, "/notices"), 303)


def _choose(session: Session, actor: Actor, form: ChoicesForm) -> None:
    route = desk.route_of(session, _person(actor))
    if form.robot:
        carriers.check_robot(form.robot)
        route.chat = keys.seal(form.robot.encode(), delivery.cell(route))
    elif form.forget:
        route.chat = ""
    route.quiet_from, route.quiet_to, route.digest_at = form.quiet_from, form.quiet_to, form.digest_at
    mail, chat = ({names} if isinstance(names, str) else set(names) for names in (form.mail, form.chat))
    desk.choose(session, actor, route, {kind: (kind in mail, kind in chat) for kind in _kinds(actor)})


def _choices(request: Request, session: Session, actor: Actor, form: Filled[Any]) -> HTMLResponse:
    person = _person(actor)
    shown = view.choices_page(
        _kinds(actor),
        desk.choices(session, person),
        desk.route_of(session, person),
        (carriers.mails(), ", ".join(carriers.ROBOTS.values())),
        form.language,
    )
    return page(request, "notices/choices.html", status=422 if form.errors else 200, form=form, choices=shown)


def _kinds(actor: Actor) -> dict[str, Kind]:
    """The kinds that matter to somebody in this role."""
    return {name: kind for name, kind in KINDS.items() if kind.permission in actor.permissions}
