"""API keys: by which machines come in, what each may do, and until when."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hub.access import Permission
from hub.accounts import machines
from hub.inputs import Ticked
from hub.models.base import now
from hub.models.party import Organization
from hub.pages.settings.accounts.keys_view import keys_page, new_key_page
from hub.web.deps import RECENT, ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page

_HERE = "/settings/keys"
router = Router(prefix=_HERE, dependencies=[requires(Permission.ADMINISTER)], include_in_schema=False)


class NewKey(BaseModel):
    """What a key is called, what it opens, and for how many days."""

    name: str = Field(max_length=80)
    scopes: Annotated[list[Permission], Ticked] = Field(min_length=1)
    days: int = Field(ge=1, le=730)


@router.get("")
def keys(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """The keys there are and were."""
    own = session.get_one(Organization, actor.organization_id)
    return page(request, "settings/accounts/keys.html", list=keys_page(machines.keys(session), own, speaks, at=now()))


@router.get("/new")
def new(request: Request, actor: ActorDep, form: EmptyForm) -> Response:
    """Where a key is made."""
    shown = new_key_page(actor.kind, form.language)
    return page(request, "settings/accounts/key-new.html", form=form, new=shown)


@router.post("/new", dependencies=[RECENT])
def make(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[NewKey], filled(NewKey)]
) -> Response:
    """Make a key; it is shown this once."""
    key = ""
    if form.read is not None:
        ends = now() + timedelta(days=form.read.days)
        with form.attempt(session, "scopes"):
            key = machines.make(session, actor, form.read.name, form.read.scopes, ends)
    if form.read is None:
        shown = new_key_page(actor.kind, form.language)
        return page(request, "settings/accounts/key-new.html", status=422, form=form, new=shown)
    headers = {"Referrer-Policy": "no-referrer"}
    return page(request, "settings/accounts/key.html", headers=headers, key=key, name=form.read.name)


@router.post("/{key_id}/revoke", dependencies=[RECENT])
def revoke(request: Request, key_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Have a key open nothing any more, at once."""
    machines.revoke(session, actor, key_id)
    return go(request, _HERE, toast=speaks.gettext(N_("The key opens nothing any more.")))
