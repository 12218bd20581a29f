"""What the pages of coming in and of one's account show, decided and said in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.access import Acting, Actor
from hub.accounts.factors import Factors
from hub.models.access import Login
from hub.models.party import Organization, Role, User
from hub.trace.labels.codes import Drawn
from hub.web.i18n import LANGUAGES, Language, language
from hub.web.nav import ROLES
from hub.web.view import State


@dataclass(frozen=True)
class Account:
    """One's own account as it was read: who one is, as whom and for which organisation one acts, and one's logins."""

    actor: Actor
    person: User
    organization: Organization
    logins: Sequence[Login] = ()
    factors: Factors = field(default_factory=Factors)


@dataclass(frozen=True)
class LoginRow:
    """Where somebody is signed in, since when, how long ago it was used, and when it ends by itself."""

    id: UUID
    since: str
    used: str
    ends: str
    state: State
    label: str


@dataclass(frozen=True)
class LanguageChoice:
    """A language that the pages can be read in, and whether they are."""

    code: str
    tag: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class ActingRow:
    """For whom else, or in which other role, one may go on; ``here`` is how one acts now."""

    organization: str
    role: str
    address: str
    label: str
    here: bool


@dataclass(frozen=True)
class AccountPage:
    """Who one is, where one is signed in, and which language one reads."""

    lead: str
    facts: Sequence[tuple[str, str]]
    logins: Sequence[LoginRow]
    languages: Sequence[LanguageChoice]
    name: str
    phone: str
    second: State
    second_text: str
    acting: Sequence[ActingRow]


@dataclass(frozen=True)
class Coming:
    """What ``make run`` still prepares."""

    title: str
    text: str


@dataclass(frozen=True)
class Sample:
    """Somebody of the sample world whom one can enter as."""

    name: str
    role: str
    about: str
    label: str
    email: str
    password: str


@dataclass(frozen=True)
class SignInPage:
    """Where people come in: ``refused`` says why they did not, ``resumes`` that they were somewhere before.

    ``next`` is where they go on to; ``empty`` says that nobody administers this hub yet.
    """

    next: str
    refused: str
    resumes: bool
    empty: bool
    coming: Coming | None
    samples: Sequence[Sample]


def account_page(account: Account, speaks: Language, *, at: datetime) -> AccountPage:
    """The page of one's own account."""
    actor, person, organization = account.actor, account.person, account.organization
    role = speaks.gettext(ROLES[actor.role]) if actor.role else ""
    return AccountPage(
        lead=speaks.gettext(
            "You act for %(organization)s. Your role: %(role)s.", organization=speaks.name(organization), role=role
        ),
        facts=[
            (speaks.gettext("E-mail"), person.email),
            (speaks.gettext("Organisation"), speaks.name(organization)),
            (speaks.gettext("Global Location Number"), organization.gln),
        ],
        logins=[_login(login, login.id == actor.login_id, organization, at, speaks) for login in account.logins],
        languages=[_choice(language(code), speaks) for code in LANGUAGES],
        name=person.name,
        phone=person.phone,
        second=_second(account.factors, speaks),
        second_text=_second_text(account.factors, speaks),
        acting=[_acting(one, actor, speaks) for one in actor.acting],
    )


def _second(held: Factors, speaks: Language) -> State:
    if held.any:
        return State(speaks.gettext("Set up"), "ok", "ok")
    return State(speaks.gettext("Not set up"), "warn", "warn")


def _second_text(held: Factors, speaks: Language) -> str:
    if not held.any:
        return speaks.gettext("Whoever learns your password can sign in as you. An app or a passkey keeps them out.")
    parts = [speaks.gettext("Authenticator app")] if held.has_app else []
    parts += [one.name for one in held.passkeys]
    left = speaks.ngettext("%(num)s recovery code left", "%(num)s recovery codes left", held.codes_left)
    return " · ".join([*parts, left])


def _acting(one: Acting, actor: Actor, speaks: Language) -> ActingRow:
    organization, role = speaks.organization(one), speaks.gettext(ROLES[one.role])
    return ActingRow(
        organization=organization,
        role=role,
        address=f"/account/acting/{one.id}",
        label=speaks.gettext("Switch to %(organization)s, %(role)s", organization=organization, role=role),
        here=one.organization_id == actor.organization_id and one.role == actor.role,
    )


def _login(login: Login, here: bool, organization: Organization, at: datetime, speaks: Language) -> LoginRow:
    since = speaks.moment(login.auth_at, organization)
    word = speaks.gettext("This browser") if here else speaks.gettext("Another browser")
    return LoginRow(
        id=login.id,
        since=since,
        used=speaks.ago(login.seen_at, at),
        ends=speaks.moment(login.expires_at, organization),
        state=State(word, "tick", "act") if here else State(word, "user"),
        label=speaks.gettext("End the login of %(moment)s", moment=since),
    )


def _choice(offered: Language, speaks: Language) -> LanguageChoice:
    return LanguageChoice(offered.code, offered.tag, offered.own_name, offered == speaks)


def coming_of(status: Mapping[str, Any], speaks: Language) -> Coming | None:
    """What ``make run`` says of itself, None where nothing is still to come."""
    if not status:
        return None
    if status["coming"] == "chain":
        return Coming(
            speaks.gettext("The chain node is being built"),
            speaks.gettext(
                "Once, some minutes. Records are kept and sealed meanwhile, and go to the chain in the same order."
            ),
        )
    far = ""
    if status["total"]:
        part, done, total = status["part"], status["done"], status["total"]
        far = speaks.gettext("%(part)s: %(done)s of %(total)s", part=part, done=done, total=total)
    return Coming(speaks.gettext("The sample world is still coming"), far)


def sample_of(account: Any, speaks: Language) -> Sample:
    """Somebody of the sample world, as the page names them."""
    return Sample(
        name=account.name,
        role=speaks.gettext(ROLES[Role(account.role)]),
        about=f"{speaks.organization(account)} · {account.email}",
        label=speaks.gettext("Enter as %(name)s", name=f"{account.name}, {account.email}"),
        email=account.email,
        password=account.password,
    )


@dataclass(frozen=True)
class NewAppShown:
    """The secret of an app that is being set up, as text and as a QR code."""

    secret: str
    code: Drawn

    @property
    def groups(self) -> str:
        """The secret as people type it off."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


@dataclass(frozen=True)
class PasskeyRow:
    """A passkey: what it is called, and when it was last used."""

    id: UUID
    name: str
    used: str


@dataclass(frozen=True)
class SecondStepPage:
    """One's second factors: whether there is an app, or one being set up, the passkeys, and the codes that are left."""

    lead: str
    has_app: bool
    new_app: NewAppShown | None
    passkeys: Sequence[PasskeyRow]
    codes: str
    any: bool


def second_step_page(held: Factors, new_app: NewAppShown | None, speaks: Language, *, at: datetime) -> SecondStepPage:
    """The page of one's second step."""
    lead = (
        speaks.gettext("After your password you are asked for one of these.")
        if held.any
        else speaks.gettext("Nobody comes in with your password alone once one of these is set up.")
    )
    return SecondStepPage(
        lead=lead,
        has_app=held.has_app,
        new_app=new_app,
        passkeys=[
            PasskeyRow(one.id, one.name, speaks.ago(one.used_at, at) if one.used_at else speaks.gettext("never"))
            for one in held.passkeys
        ],
        codes=speaks.ngettext("%(num)s recovery code left", "%(num)s recovery codes left", held.codes_left),
        any=held.any,
    )
