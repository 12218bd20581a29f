"""Programs that are told what people are told: who they are, what was sent to each, and sending it again."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hub.access import Permission
from hub.hooks import hooks
from hub.inputs import Ticked
from hub.lists import Search
from hub.models.base import now
from hub.models.party import Organization
from hub.pages.settings.telling import hooks_view as view
from hub.web.deps import RECENT, ActorDep, LanguageDep, PageNumber, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page

router = Router(
    prefix=view.PATH,
    dependencies=[requires(Permission.ANSWER_ORDERS, Permission.PLACE_ORDERS, Permission.ADMINISTER)],
    include_in_schema=False,
)
_A_PAGE = 50


class NewHook(BaseModel):
    """Where a program listens, and what it is told."""

    url: str = Field(max_length=1000)
    kinds: Annotated[list[str], Ticked] = Field(min_length=1)


@router.get("")
def listed(request: Request, session: SessionDep, speaks: LanguageDep) -> Response:
    """The programs that are told."""
    rows = [(hook, hooks.standing(session, hook)) for hook in hooks.every(session)]
    return page(request, "settings/telling/hooks.html", list=view.hooks_page(rows, speaks, at=now()))


@router.get("/new")
def new(request: Request, actor: ActorDep, form: EmptyForm) -> Response:
    """Where one is added."""
    kinds = view.choices(hooks.kinds(actor), form.language)
    return page(request, "settings/telling/hook-new.html", form=form, kinds=kinds)


@router.post("/new", dependencies=[RECENT])
def add(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[NewHook], filled(NewHook)]
) -> Response:
    """Add one; its secret is shown this once."""
    made = None
    if form.read is not None:
        with form.attempt(session, "url"):
            made = hooks.add(session, actor, form.read.url, form.read.kinds)
    if made is None:
        kinds = view.choices(hooks.kinds(actor), form.language)
        return page(request, "settings/telling/hook-new.html", status=422, form=form, kinds=kinds)
    hook, secret = made
    headers = {"Referrer-Policy": "no-referrer"}
    return page(request, "settings/telling/hook-secret.html", headers=headers, secret=secret, url=hook.url)


@router.get("/{hook_id}")
def one(
    request: Request,
    hook_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    state: view.StateAsked = "",
    p: PageNumber = 1,
) -> Response:
    """What a program was and is to be told."""
    hook = hooks.find(session, hook_id)
    own = session.get_one(Organization, actor.organization_id)
    found = hooks.messages(session, hook, Search(page=p, size=_A_PAGE, state=state))
    shown = view.hook_page(hook, hooks.standing(session, hook), found, own, speaks)
    return page(request, "settings/telling/hook.html", hook=shown)


@router.post("/{hook_id}/test")
def test(request: Request, hook_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Send a message that means nothing."""
    hooks.test(session, actor, hook_id)
    return go(request, f"{view.PATH}/{hook_id}", toast=speaks.gettext(N_("A test goes out now.")))


@router.post("/{hook_id}/again")
def all_again(request: Request, hook_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Send again all that was given up."""
    count = hooks.all_again(session, actor, hook_id)
    toast = speaks.ngettext("%(num)s message goes out again.", "%(num)s messages go out again.", count)
    return go(request, f"{view.PATH}/{hook_id}", toast=toast)


@router.post("/{hook_id}/messages/{message_id}/again")
def again(
    request: Request, hook_id: UUID, message_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Send a message again."""
    hooks.again(session, actor, hook_id, message_id)
    return go(request, f"{view.PATH}/{hook_id}", toast=speaks.gettext(N_("The message goes out again.")))


@router.post("/{hook_id}/resume")
def resume(request: Request, hook_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Tell a program again that had said it was gone."""
    hooks.resume(session, actor, hook_id)
    return go(request, f"{view.PATH}/{hook_id}", toast=speaks.gettext(N_("It is told again from now on.")))


@router.post("/{hook_id}/end", dependencies=[RECENT])
def end(request: Request, hook_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Tell a program no longer."""
    hooks.end(session, actor, hook_id)
    return go(request, view.PATH, toast=speaks.gettext(N_("The program is told nothing any more.")))
