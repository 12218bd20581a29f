"""Where a one-time link leads: the first-run assistant of an empty hub, or a new password for who is locked out."""

import re
from typing import Annotated, Any

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, field_validator

from hub import access, db
from hub.accounts import entry, passwords
from hub.beginning import founding, links, zones
from hub.beginning.founding import Named
from hub.errors import HubError
from hub.gs1 import digital_link
from hub.pages.account.entry import browser_of, come_in
from hub.pages.welcome_view import welcome_page
from hub.parties import PersonDetails
from hub.web.deps import PUBLIC
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.security import address_of
from hub.web.templating import go, page

router = Router(prefix="/welcome", dependencies=[PUBLIC], tags=["account"], include_in_schema=False)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
NAME = Annotated[str, Field(max_length=120)]
PASSWORD = Annotated[str, Field(min_length=passwords.SHORTEST, max_length=1000)]


class Beginning(BaseModel):
    """What the first-run assistant asks for: somebody, the chain, and its first store."""

    name: Annotated[str, Field(max_length=80)]
    email: Annotated[str, Field(max_length=254)]
    password: PASSWORD
    chain_zh: NAME = ""
    chain_en: NAME = ""
    gln: str = ""
    no_gln: bool = False
    time_zone: str
    store_zh: NAME = ""
    store_en: NAME = ""
    store_gln: str = ""

    @field_validator("email")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError(N_("Enter a whole address, such as wang@example.com."))
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        if value not in zones.cities():
            raise ValueError(N_("Choose one of the time zones."))
        return value


class NewPassword(BaseModel):
    """The password that somebody chooses who was locked out."""

    password: PASSWORD


@router.get("/{token}")
def welcome(request: Request, token: str, form: EmptyForm) -> Response:
    """What the link is for: to begin, or to choose a new password."""
    with db.session(links.ITSELF) as desk:
        begins = links.opened(desk, token).user_id is None
    return _beginning(request, token, form) if begins else _new_password(request, token, form)


@router.post("/{token}")
def begin(request: Request, token: str, form: Annotated[Filled[Beginning], filled(Beginning)]) -> Response:
    """Found the chain, all of it or nothing, and sign its administrator in."""
    _look_through(form)
    if form.read is None:
        with db.session(links.ITSELF) as desk:
            links.opened(desk, token)
        return _beginning(request, token, form, status=422)
    read = form.read
    founding.begin(
        token,
        PersonDetails(read.email, read.name, read.password, form.language.code),
        Named(read.chain_zh, read.chain_en, "" if read.no_gln else digital_link.gln(read.gln)),
        Named(read.store_zh, read.store_en, digital_link.gln(read.store_gln) if read.store_gln else ""),
        read.time_zone,
    )
    welcomed = form.language.gettext(N_("Welcome. This hub is yours; below is what comes next."))
    return _signed_in(request, read.email, read.password, welcomed)


@router.post("/{token}/password")
def choose_password(
    request: Request, token: str, form: Annotated[Filled[NewPassword], filled(NewPassword)]
) -> Response:
    """Give somebody who was locked out the password he chose, and sign him in."""
    _judge(form)
    if form.read is None:
        with db.session(links.ITSELF) as desk:
            links.opened(desk, token)
        return _new_password(request, token, form, status=422)
    email = founding.let_in_again(token, form.read.password)
    return _signed_in(
        request, email, form.read.password, form.language.gettext(N_("Your new password counts from now on."))
    )


def _look_through(form: Filled[Beginning]) -> None:
    """What one field alone does not tell: a name in either language, and a number or the word that there is none."""
    speaks, typed = form.language, form.values
    nameless = {
        "chain": N_("Say what the chain is called, in Chinese or in English."),
        "store": N_("Say what the store is called, in Chinese or in English."),
    }
    for whose, sentence in nameless.items():
        if not typed.get(f"{whose}_zh") and not typed.get(f"{whose}_en"):
            form.refuse(f"{whose}_{speaks.code}", speaks.gettext(sentence))
    if not typed.get("gln") and not typed.get("no_gln"):
        form.refuse("gln", speaks.gettext(N_("Enter the number, or say below that there is none yet.")))
    for name in ("gln", "store_gln"):
        if typed.get(name) and not (name == "gln" and typed.get("no_gln")):
            try:
                digital_link.gln(typed[name])
            except digital_link.BadKey as refusal:
                form.refuse(name, speaks.sentence(refusal.sentence, refusal.values))
    _judge(form, typed.get("email", ""), typed.get("name", ""))
    form.errors = {name: form.errors[name] for name in Beginning.model_fields if name in form.errors}


def _judge(form: Filled[Any], *about: str) -> None:
    """Refuse a password that is among those tried first."""
    try:
        passwords.judge(form.values.get("password", ""), *about)
    except HubError as refusal:
        if "password" not in form.errors:
            form.refuse("password", form.language.sentence(refusal.sentence, refusal.values))


def _beginning(request: Request, token: str, form: Filled[Beginning], status: int = 200) -> Response:
    form.values.pop("password", None)
    view = welcome_page(token, zones.cities(), form.language)
    return page(request, "account/welcome.html", status=status, form=form, welcome=view)


def _new_password(request: Request, token: str, form: Filled[NewPassword], status: int = 200) -> Response:
    form.values.pop("password", None)
    return page(request, "account/let-in.html", status=status, form=form, token=token, least=passwords.SHORTEST)


def _signed_in(request: Request, email: str, password: str, toast: str) -> Response:
    browser = browser_of(request)
    token = access.sign_in(email, password, address_of(request), browser)
    target = "/sign-in/second" if entry.half_of(token) is not None else "/"
    return come_in(request, go(request, target, toast=toast), token, browser)
