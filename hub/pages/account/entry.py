"""Coming in with a second factor or a passkey, with a link for a new password, or by an invitation."""

import secrets
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from hub.accounts import entry, invitations, links, passkeys, post
from hub.accounts.entry import Half, Proof
from hub.accounts.invitations import Known, Newcomer
from hub.accounts.passkeys import Purpose
from hub.attempts import Source
from hub.errors import HubError
from hub.pages.account.entry_view import invitation_page, second_page
from hub.settings import settings
from hub.web import again
from hub.web.again import Wanted
from hub.web.deps import LOGIN_COOKIE, PUBLIC, SIGNED_IN, ActorDep, LanguageDep, MaybeActorDep, login_cookie
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_, Language
from hub.web.routing import Router
from hub.web.security import address_of
from hub.web.templating import cookie_name, go, own_path, page, set_cookie

router = Router(tags=["account"], include_in_schema=False)
BROWSER_COOKIE = "furrow-browser"
"""Says nothing of who it is, only that this browser has signed in before: `hub.attempts`."""
_LINK_COOKIE = "furrow-link"
"""A one-time link's secret, taken out of the address as soon as it has arrived."""
UNSAID = {"Referrer-Policy": "no-referrer"}
_A_YEAR = 365 * 24 * 3600


def come_in(request: Request, response: Response, token: str, browser: str = "") -> Response:
    """Have the browser carry a login from now on."""
    set_cookie(response, LOGIN_COOKIE, token, seconds=settings().session_days * 24 * 3600)
    set_cookie(response, BROWSER_COOKIE, browser or browser_of(request), seconds=_A_YEAR)
    return response


def browser_of(request: Request) -> str:
    """The secret by which this browser is known again, or a new one."""
    return request.cookies.get(cookie_name(BROWSER_COOKIE), "") or secrets.token_urlsafe(32)


def source_of(request: Request) -> Source:
    return Source(address_of(request), browser_of(request))


def half_of(request: Request) -> Half | None:
    """Whoever has shown the first half here."""
    token = request.cookies.get(login_cookie())
    return entry.half_of(token) if token else None


class Second(BaseModel):
    """A code or a passkey's answer, and where to go on to."""

    code: str = Field("", max_length=100)
    passkey: str = Field("", max_length=20_000)
    next: str = "/"


@router.get("/sign-in/second", dependencies=[PUBLIC])
def second(request: Request, form: EmptyForm, next: str = "/") -> Response:
    """The second half of signing in."""
    half = half_of(request)
    if half is None:
        return RedirectResponse("/sign-in", 303)
    shown = second_page(entry.factors_of(half), own_path(next))
    return page(request, "account/second.html", form=form, second=shown)


@router.post("/sign-in/second", dependencies=[PUBLIC])
def give_second(request: Request, form: Annotated[Filled[Second], filled(Second)]) -> Response:
    """Make the login whole, or say why it is not."""
    half = half_of(request)
    if half is None:
        return go(request, "/sign-in")
    target = own_path(form.value("next"))
    proof = Proof(code=form.value("code"), passkey=form.value("passkey"))
    try:
        token = entry.complete(half, proof)
    except HubError as refused:
        why = form.language.sentence(refused.sentence, refused.values)
        shown = second_page(entry.factors_of(half), target, why)
        form.values.clear()
        return page(request, "account/second.html", status=refused.status, form=form, second=shown)
    return come_in(request, go(request, target), token)


@router.post("/passkey-options", dependencies=[PUBLIC])
def passkey_options(request: Request, actor: MaybeActorDep) -> Response:
    """What a passkey is to sign: for who is here, for who is half in, or for whoever comes in by it."""
    half = half_of(request)
    if actor and actor.user_id:
        options = passkeys.options_to_sign(Purpose.SECOND, actor.user_id)
    elif half:
        options = passkeys.options_to_sign(Purpose.SECOND, half.user_id)
    else:
        options = passkeys.options_to_sign(Purpose.SIGN_IN)
    return Response(options, media_type="application/json")


async def _sent(request: Request) -> None:
    """Keep what came along with the question, so that it can go on, or be asked for once more."""
    sent = await request.form()
    request.state.sent = [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]


@router.post("/account/again", dependencies=[SIGNED_IN, Depends(_sent)])
def confirm(request: Request, actor: ActorDep, speaks: LanguageDep) -> Response:
    """Show again who one is, and have done what the question came in between of."""
    sent: dict[str, str] = dict(request.state.sent)
    proof = Proof(*(sent.get(again.OURS + name, "")[:20_000] for name in ("password", "code", "passkey")))
    wanted = Wanted(own_path(sent.get("again-to")), "again-reads" in sent)
    try:
        token = entry.confirm(actor, proof)
    except HubError as refused:
        why = speaks.sentence(refused.sentence, refused.values)
        return again.ask(request, wanted, why, refused.status)
    # 307 has the browser send the same once more, to where it was meant for.
    response = RedirectResponse(wanted.to, 303 if wanted.reads else 307)
    return come_in(request, response, token)


@router.get("/forgotten", dependencies=[PUBLIC])
def forgotten(request: Request, form: EmptyForm) -> Response:
    """What to do when the password is forgotten."""
    return page(request, "account/forgotten.html", form=form, mails=post.is_carried(), asked="")


class Forgotten(BaseModel):
    """The address that somebody signs in with."""

    email: str = Field(max_length=254)


@router.post("/forgotten", dependencies=[PUBLIC])
def ask_for_link(request: Request, form: Annotated[Filled[Forgotten], filled(Forgotten)]) -> Response:
    """Ask for a link by mail; the answer is the same whether the address is known or not."""
    if form.read is None:
        return page(request, "account/forgotten.html", status=422, form=form, mails=post.is_carried(), asked="")
    links.ask(form.read.email, source_of(request))
    return page(request, "account/forgotten.html", form=form, mails=post.is_carried(), asked=form.read.email)


@router.get("/new-password", dependencies=[PUBLIC])
def new_password(request: Request, form: EmptyForm, t: str = "") -> Response:
    """Where a one-time link leads; its secret leaves the address bar first."""
    if t:
        return keep_link(t, "/new-password")
    return _new_password(request, form)


class NewPassword(BaseModel):
    """A new password."""

    password: str = Field(max_length=1000)


@router.post("/new-password", dependencies=[PUBLIC])
def set_new_password(
    request: Request, speaks: LanguageDep, form: Annotated[Filled[NewPassword], filled(NewPassword)]
) -> Response:
    """Set the new password; every login under the old one ends."""
    if form.read is not None:
        try:
            links.use(link_of(request), form.read.password)
        except HubError as refused:
            if refused.at != "password":
                return spent(request, refused, speaks)
            form.refuse("password", form.language.sentence(refused.sentence, refused.values))
    if form.read is None:
        return _new_password(request, form, status=422)
    done = speaks.gettext(N_("Your new password is set. Sign in with it."))
    response = go(request, "/sign-in", toast=done)
    drop_link(response)
    response.delete_cookie(login_cookie(), secure=settings().secure, httponly=True, samesite="lax")
    return response


def _new_password(request: Request, form: Filled[NewPassword], status: int = 200) -> Response:
    form.values.pop("password", None)
    try:
        opened = links.open_link(link_of(request))
    except HubError as refused:
        return spent(request, refused, form.language)
    return page(request, "account/new-password.html", status=status, headers=UNSAID, form=form, email=opened.email)


@router.get("/join", dependencies=[PUBLIC])
def join(request: Request, actor: MaybeActorDep, form: EmptyForm, t: str = "") -> Response:
    """Where an invitation leads; its secret leaves the address bar first."""
    if t:
        return keep_link(t, "/join")
    return _join(request, actor, form)


class New(BaseModel):
    """Who somebody is that has no account yet."""

    name: str = Field(max_length=80)
    lang: Literal["zh", "en"] = "zh"
    password: str = Field(max_length=1000)


@router.post("/join/new", dependencies=[PUBLIC])
def join_as_new(request: Request, actor: MaybeActorDep, form: Annotated[Filled[New], filled(New)]) -> Response:
    """Make an account and act for whoever invited."""
    if form.read is None:
        return _join(request, actor, form, status=422)
    newcomer = Newcomer(form.read.name, form.read.lang, form.read.password)
    return _joined(request, actor, form, lambda token: invitations.join_as_new(token, newcomer))


class Own(BaseModel):
    """The password of an account that is there already, and a second factor where it has one."""

    own: str = Field(max_length=1000)
    code: str = Field("", max_length=100)


@router.post("/join/known", dependencies=[PUBLIC])
def join_as_known(request: Request, actor: MaybeActorDep, form: Annotated[Filled[Own], filled(Own)]) -> Response:
    """Act for whoever invited, with the account one has."""
    if form.read is None:
        return _join(request, actor, form, status=422)
    known = Known(form.read.own, form.read.code)
    return _joined(request, actor, form, lambda token: invitations.join_as_known(token, known, source_of(request)))


@router.post("/join/here", dependencies=[SIGNED_IN])
def join_here(request: Request, actor: ActorDep, form: EmptyForm) -> Response:
    """Act for whoever invited, as who one is signed in."""
    return _joined(request, actor, form, lambda token: invitations.join_signed_in(token, actor))


def _joined(request: Request, actor: MaybeActorDep, form: Filled[Any], how: Callable[[str], str]) -> Response:
    try:
        token = how(link_of(request))
    except HubError as refused:
        if refused.at not in _FIELDS:
            return spent(request, refused, form.language)
        form.refuse(_FIELDS[refused.at], form.language.sentence(refused.sentence, refused.values))
        return _join(request, actor, form, status=refused.status)
    welcome = form.language.gettext(N_("Welcome. You can start right away."))
    response = come_in(request, go(request, "/", toast=welcome), token)
    drop_link(response)
    return response


_FIELDS = {"name": "name", "password": "password", "own": "own", "code": "code"}
"""The fields of both forms, by what a refusal calls them."""


def _join(request: Request, actor: MaybeActorDep, form: Filled[Any], status: int = 200) -> Response:
    for secret in ("password", "own", "code"):
        form.values.pop(secret, None)
    try:
        opened = invitations.open_link(link_of(request))
    except HubError as refused:
        return spent(request, refused, form.language)
    shown = invitation_page(opened, invitations.email_of(actor) if actor else "", form.language)
    return page(request, "account/join.html", status=status, headers=UNSAID, form=form, invitation=shown)


def keep_link(token: str, address: str) -> Response:
    """Take a link's secret out of the address, where others may read it, into a cookie of this browser."""
    response = RedirectResponse(address, 303, headers=UNSAID)
    set_cookie(response, _LINK_COOKIE, token[:200], seconds=24 * 3600)
    return response


def drop_link(response: Response) -> None:
    """Have the browser forget a link that was used."""
    response.delete_cookie(cookie_name(_LINK_COOKIE), secure=settings().secure, httponly=True, samesite="lax")


def link_of(request: Request) -> str:
    """The secret of the link that this browser keeps."""
    return request.cookies.get(cookie_name(_LINK_COOKIE), "")


def spent(request: Request, refused: HubError, speaks: Language) -> Response:
    """Why a link opens nothing, and what to do now."""
    why = speaks.sentence(refused.sentence, refused.values)
    return page(request, "account/spent.html", status=refused.status, headers=UNSAID, why=why)
