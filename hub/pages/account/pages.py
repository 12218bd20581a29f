"""Coming in, going out, and who one is here."""

import json
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from hub import access, db
from hub.accounts import entry, factors
from hub.accounts.passkeys import PasskeyRefused
from hub.attempts import TooManyAttempts, TooManyFromHere
from hub.beginning import links
from hub.errors import NotFound
from hub.models.base import now
from hub.models.party import Organization, Role, User
from hub.pages.account.entry import browser_of, come_in, source_of
from hub.pages.account.view import Account, SignInPage, account_page, coming_of, sample_of
from hub.settings import settings
from hub.web.deps import (
    PUBLIC,
    SIGNED_IN,
    ActorDep,
    LanguageDep,
    MaybeActorDep,
    SessionDep,
    login_cookie,
)
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import COOKIE, N_, language
from hub.web.nav import HOME
from hub.web.routing import Router
from hub.web.security import address_of
from hub.web.templating import go, own_path, page, set_cookie

router = Router(tags=["account"], include_in_schema=False)
_A_YEAR = 365 * 24 * 3600


class SampleAccount(BaseModel):
    """Somebody of the sample world, for trying things out."""

    role: Role
    name: str
    organization_zh: str
    organization_en: str
    email: str
    password: str


def sample_accounts() -> list[SampleAccount]:
    """The sample world's people, where there is a sample world: on a development machine."""
    file = settings().sample_accounts_file
    if settings().environment != "development" or not file.exists():
        return []
    return [SampleAccount.model_validate(known) for known in json.loads(file.read_text(encoding="utf-8"))]


def still_coming() -> dict[str, Any]:
    """What ``make run`` still prepares; empty when all is there."""
    file = settings().status_file
    status: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {"part": "", "done": 0, "total": 0} | status if status else {}


class SignIn(BaseModel):
    """What the sign-in page asks for."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=1000)
    next: str = "/"


class LanguageChoice(BaseModel):
    """The language somebody wants, and where they are."""

    lang: Literal["zh", "en"]
    next: str = "/"


@router.get("/", dependencies=[PUBLIC])
def front(actor: MaybeActorDep) -> Response:
    """Everybody's first page."""
    return RedirectResponse(HOME[actor.role] if actor and actor.role else "/sign-in", 303)


@router.get("/sign-in", dependencies=[PUBLIC])
def sign_in_page(request: Request, actor: MaybeActorDep, form: EmptyForm, next: str = "/") -> Response:
    """Where people come in."""
    if actor and actor.user_id:
        return RedirectResponse(own_path(next), 303)
    return _sign_in(request, form, own_path(next))


@router.post("/sign-in", dependencies=[PUBLIC])
def sign_in(request: Request, form: Annotated[Filled[SignIn], filled(SignIn)]) -> Response:
    """Open a login and go on to where the person wanted to be."""
    target = own_path(form.value("next"))
    if form.read is None:
        return _sign_in(request, form, target, status=422)
    browser = browser_of(request)
    try:
        token = access.sign_in(form.read.email, form.read.password, address_of(request), browser)
    except (access.SignInRefused, TooManyAttempts, TooManyFromHere) as refused:
        why = form.language.sentence(refused.sentence, refused.values)
        return _sign_in(request, form, target, status=refused.status, refused=why)
    if entry.half_of(token) is not None:
        target = f"/sign-in/second?next={quote(target)}"
    return come_in(request, go(request, target), token, browser)


class ByPasskey(BaseModel):
    """A passkey's answer, and where to go on to."""

    passkey: str = Field(max_length=20_000)
    next: str = "/"


@router.post("/sign-in/passkey", dependencies=[PUBLIC])
def by_passkey(request: Request, form: Annotated[Filled[ByPasskey], filled(ByPasskey)]) -> Response:
    """Come in by a passkey alone."""
    target = own_path(form.value("next"))
    try:
        token = entry.by_passkey(form.value("passkey"), source_of(request))
    except (access.SignInRefused, PasskeyRefused) as refused:
        why = form.language.sentence(refused.sentence, refused.values)
        return _sign_in(request, Filled(form.language), target, status=refused.status, refused=why)
    return come_in(request, go(request, target), token)


class Leaving(BaseModel):
    """Where somebody goes on to who has signed out."""

    next: str = "/sign-in"


@router.post("/sign-out", dependencies=[SIGNED_IN])
def sign_out(request: Request, actor: ActorDep, form: Annotated[Filled[Leaving], filled(Leaving)]) -> Response:
    """End this login, here and everywhere its cookie may have been copied to."""
    access.sign_out(actor)
    target = own_path(form.value("next"), "/sign-in")
    response = go(request, target, toast=form.language.gettext(N_("You have signed out.")))
    response.delete_cookie(login_cookie(), secure=settings().secure, httponly=True, samesite="lax")
    return response


@router.get("/account", dependencies=[SIGNED_IN])
def account(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> Response:
    """Who one is, how one signs in, which language one reads, and where one is signed in."""
    return _account(request, actor, session, form)


class Oneself(BaseModel):
    """What somebody is called and how colleagues reach them."""

    name: str = Field(max_length=80)
    phone: str = Field("", max_length=40)


@router.post("/account", dependencies=[SIGNED_IN])
def change_oneself(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Oneself], filled(Oneself)]
) -> Response:
    """Say what one is called and how one is reached."""
    if form.read is None or actor.user_id is None:
        return _account(request, actor, session, form, status=422)
    with db.on_behalf(session, actor.user_id):
        person = session.get_one(User, actor.user_id)
        person.name, person.phone = form.read.name, form.read.phone
    access.record(session, actor, "person.oneself", form.read.name)
    return go(request, "/account", toast=form.language.gettext(N_("Saved.")))


def _account(request: Request, actor: ActorDep, session: SessionDep, form: Filled[Any], status: int = 200) -> Response:
    if actor.user_id is None:
        raise NotFound
    person, organization = session.get(User, actor.user_id), session.get(Organization, actor.organization_id)
    if person is None or organization is None:
        raise NotFound
    account = Account(
        actor, person, organization, access.logins(session, actor), factors.factors_of(session, person.id)
    )
    shown = account_page(account, form.language, at=now())
    return page(request, "account/account.html", status=status, account=shown, form=form)


@router.post("/account/acting/{membership_id}", dependencies=[SIGNED_IN])
def switch(request: Request, membership_id: UUID, actor: ActorDep) -> Response:
    """Go on for another organisation one acts for, or in another role."""
    return come_in(request, go(request, "/"), entry.switch(actor, membership_id))


@router.post("/account/logins/{login_id}/end", dependencies=[SIGNED_IN])
def end_login(request: Request, login_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Sign out another browser, or this one."""
    access.end_login(session, actor, login_id)
    return go(request, "/account", toast=speaks.gettext(N_("That login has ended.")))


@router.post("/language", dependencies=[PUBLIC])
def choose_language(
    request: Request, actor: MaybeActorDep, form: Annotated[Filled[LanguageChoice], filled(LanguageChoice)]
) -> Response:
    """Remember the language in this browser, and with the person who has signed in."""
    response = go(request, own_path(form.value("next")))
    if form.read is not None:
        if actor and actor.user_id:
            with db.session(actor.who) as session:
                access.speak(session, actor, form.read.lang)
        set_cookie(response, COOKIE, language(form.read.lang).code, seconds=_A_YEAR)
    return response


def _sign_in(request: Request, form: Filled[SignIn], next: str, status: int = 200, refused: str = "") -> Response:
    if "password" in form.values:
        del form.values["password"]
    coming = still_coming()
    return page(
        request,
        "account/sign-in.html",
        status=status,
        form=form,
        sign_in=SignInPage(
            next=next,
            refused=refused,
            resumes=next != "/" and not form.values,
            empty=coming.get("coming") != "world" and links.nobody_yet(),
            coming=coming_of(coming, form.language),
            samples=[sample_of(known, form.language) for known in sample_accounts()],
        ),
    )
