"""One's own password and second step: an authenticator app, passkeys, recovery codes."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hub.access import Actor
from hub.accounts import factors, passkeys, passwords
from hub.accounts.passwords import Change
from hub.db import TenantSession
from hub.errors import HubError, NotFound
from hub.models.base import now
from hub.pages.account.entry import come_in
from hub.pages.account.view import NewAppShown, second_step_page
from hub.trace.labels import codes
from hub.web.deps import RECENT, SIGNED_IN, ActorDep, LanguageDep, SessionDep
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page

router = Router(prefix="/account", dependencies=[SIGNED_IN], include_in_schema=False)
_HERE = "/account/second-step"


class NewPassword(BaseModel):
    """The present password, a new one, and whether every other login ends."""

    present: str = Field(max_length=1000)
    password: str = Field(max_length=1000)
    alone: bool = False


@router.get("/password")
def password(request: Request, form: EmptyForm) -> Response:
    """Where one changes one's password."""
    return page(request, "account/password.html", form=form)


@router.post("/password")
def change_password(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[NewPassword], filled(NewPassword)]
) -> Response:
    """Give oneself a new password."""
    if form.read is not None:
        change = Change(form.read.present, form.read.password, form.read.alone)
        try:
            token = passwords.change(session, actor, change)
        except HubError as refused:
            _refuse(form, refused, "present")
    if form.read is None:
        for secret in ("present", "password"):
            form.values.pop(secret, None)
        return page(request, "account/password.html", status=422, form=form)
    done = go(request, "/account", toast=form.language.gettext(N_("Your new password is set.")))
    return come_in(request, done, token)


@router.get("/second-step", dependencies=[RECENT])
def second_step(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> Response:
    """One's second factors, and how to set one up."""
    return _shown(request, actor, session, form)


@router.post("/second-step/app", dependencies=[RECENT])
def begin_app(request: Request, actor: ActorDep, session: SessionDep) -> Response:
    """Begin to set up an authenticator app."""
    factors.begin_app(session, actor)
    return go(request, f"{_HERE}#h-app")


class Code(BaseModel):
    """The first code of an app."""

    code: str = Field(max_length=20)


@router.post("/second-step/app/confirm", dependencies=[RECENT])
def confirm_app(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Code], filled(Code)]
) -> Response:
    """Confirm the app by its first code; recovery codes are shown once, with the answer."""
    codes: list[str] = []
    if form.read is not None:
        try:
            codes = factors.confirm_app(session, actor, form.read.code)
        except HubError as refused:
            _refuse(form, refused, "code")
    if form.read is None:
        return _shown(request, actor, session, form, status=422)
    return _done(request, actor, session, codes)


@router.post("/second-step/app/remove", dependencies=[RECENT])
def remove_app(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Do without the app."""
    factors.remove_app(session, actor)
    return go(request, _HERE, toast=speaks.gettext(N_("The app is asked no more.")))


@router.post("/second-step/codes", dependencies=[RECENT])
def new_codes(request: Request, actor: ActorDep, session: SessionDep) -> Response:
    """Ten new recovery codes, shown once, with the answer."""
    return _done(request, actor, session, factors.new_codes(session, actor))


@router.post("/second-step/passkey-options", dependencies=[RECENT])
def passkey_options(actor: ActorDep, session: SessionDep) -> Response:
    """What a browser needs to make a passkey."""
    return Response(passkeys.options_to_add(session, actor), media_type="application/json")


class NewPasskey(BaseModel):
    """What a passkey is called, and what the browser has made."""

    name: str = Field("", max_length=80)
    passkey: str = Field("", max_length=20_000)


@router.post("/second-step/passkeys", dependencies=[RECENT])
def add_passkey(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[NewPasskey], filled(NewPasskey)]
) -> Response:
    """Keep a passkey that the browser has made."""
    codes: list[str] = []
    if form.read is not None:
        try:
            codes = passkeys.add(session, actor, form.read.name, form.read.passkey)
        except HubError as refused:
            _refuse(form, refused, "name")
    if form.read is None:
        return _shown(request, actor, session, form, status=422)
    return _done(request, actor, session, codes)


@router.post("/second-step/passkeys/{passkey_id}/remove", dependencies=[RECENT])
def remove_passkey(
    request: Request, passkey_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Do without a passkey."""
    passkeys.remove(session, actor, passkey_id)
    return go(request, _HERE, toast=speaks.gettext(N_("That passkey opens nothing any more.")))


def _refuse(form: Filled[Any], refused: HubError, otherwise: str) -> None:
    """Say beside its field what was refused; nothing had been changed by then, and attempts were counted apart."""
    name = refused.at if refused.at in form.values else otherwise
    form.refuse(name, form.language.sentence(refused.sentence, refused.values))


def _done(request: Request, actor: Actor, session: TenantSession, codes: list[str]) -> Response:
    """On to the page again; with codes, which nobody sees a second time, without leaving it."""
    if not codes:
        return go(request, _HERE)
    return page(request, "account/recovery-codes.html", codes=codes)


def _shown(request: Request, actor: Actor, session: TenantSession, form: Filled[Any], status: int = 200) -> Response:
    if actor.user_id is None:
        raise NotFound
    held = factors.factors_of(session, actor.user_id)
    begun = factors.app_begun(session, actor)
    app = NewAppShown(begun.secret, codes.drawn(begun.address)) if begun else None
    shown = second_step_page(held, app, form.language, at=now())
    return page(request, "account/second-step.html", status=status, form=form, step=shown)
