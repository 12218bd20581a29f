"""Partners: who an organisation works with, who is invited, and where an invitation leads."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import db
from hub.access import Actor, Permission
from hub.beginning import asking, partners
from hub.beginning.partners import Newcomer
from hub.errors import HubError
from hub.gs1.profiles.form import LONGEST_NAME
from hub.inputs import Address
from hub.lists import Search
from hub.models.base import now
from hub.models.party import AskWeight, Organization, OrganizationKind
from hub.pages.account.entry import UNSAID, come_in, drop_link, keep_link, link_of, spent
from hub.pages.settings.relations.partner_view import partner_page
from hub.pages.settings.relations.partners_view import Relations, join_page, partners_page, partners_sheet
from hub.parties import PersonDetails
from hub.web.deps import (
    PUBLIC,
    RECENT,
    ActorDep,
    LanguageDep,
    MaybeActorDep,
    PageNumber,
    SessionDep,
    SortedBy,
    Words,
    requires,
)
from hub.web.export import MOST_ROWS, csv_file
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page

_HERE = "/settings/partners"
_A_PAGE = 50
_ADMINISTERS = requires(Permission.ADMINISTER)
router = Router(include_in_schema=False)


class Invited(BaseModel):
    """Who is invited, and as what."""

    kind: Literal["supplier", "haulier"]
    name: str = Field(min_length=1, max_length=120)


@router.get(_HERE, dependencies=[_ADMINISTERS])
def everybody(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    q: Words = "",
    p: PageNumber = 1,
    sort: SortedBy = "",
) -> Response:
    """Who this organisation works with."""
    own = session.get_one(Organization, actor.organization_id)
    found = partners.listed(session, Search(q, p, _A_PAGE, sort=sort))
    relations = Relations(own, found, partners.active(session), partners.waiting(session))
    shown = partners_page(relations, speaks, now())
    return page(request, "settings/relations/partners.html", partners=shown)


@router.get(f"{_HERE}/export.csv", dependencies=[_ADMINISTERS])
def export(session: SessionDep, speaks: LanguageDep, q: Words = "", sort: SortedBy = "") -> Response:
    """The same list, to take away."""
    found = partners.listed(session, Search(q, size=MOST_ROWS + 1, sort=sort))
    headings, rows = partners_sheet(found.rows, speaks)
    return csv_file(speaks.gettext("Partners"), headings, rows)


@router.get(f"{_HERE}/new", dependencies=[_ADMINISTERS])
def invite_form(request: Request, form: EmptyForm) -> Response:
    """Where a partner is invited."""
    return page(request, "settings/relations/partner-new.html", form=form, link="")


@router.post(f"{_HERE}/new", dependencies=[_ADMINISTERS, RECENT])
def invite(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Invited], filled(Invited)]
) -> Response:
    """Invite a partner; the link is shown this once."""
    link = ""
    if form.read is not None:
        with form.attempt(session, "name"):
            link = partners.invite(session, actor, OrganizationKind(form.read.kind), form.read.name)
    status = 200 if link else 422
    return page(request, "settings/relations/partner-new.html", status=status, headers=UNSAID, form=form, link=link)


@router.post(f"{_HERE}/invitations/{{invitation_id}}/withdraw", dependencies=[_ADMINISTERS, RECENT])
def withdraw(
    request: Request, invitation_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Take an invitation back."""
    kind = partners.withdraw(session, actor, invitation_id)
    where = "/settings/auditors" if kind is OrganizationKind.AUDITOR else _HERE
    return go(request, where, toast=speaks.gettext(N_("The invitation opens nothing any more.")))


class Asks(BaseModel):
    """What a buyer asks of a supplier's events; nothing without a profile."""

    profile: str = Field(default="", max_length=LONGEST_NAME)
    weight: AskWeight = AskWeight.WARN


@router.get(f"{_HERE}/{{partner_id}}", dependencies=[_ADMINISTERS])
def one(request: Request, partner_id: UUID, actor: ActorDep, session: SessionDep, form: EmptyForm) -> Response:
    """A partner, and what either asks of the other's events."""
    return _show(request, session, actor, partner_id, form)


@router.post(f"{_HERE}/{{partner_id}}/asks", dependencies=[_ADMINISTERS])
def ask(
    request: Request,
    partner_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Asks], filled(Asks)],
) -> Response:
    """Ask a supplier for a profile, or for none."""
    if form.read is not None:
        with form.attempt(session, "profile"):
            asking.ask(session, actor, partner_id, form.read.profile, form.read.weight)
            saved = form.language.gettext(N_("Saved."))
            return go(request, f"{_HERE}/{partner_id}", toast=saved)
    return _show(request, session, actor, partner_id, form)


def _show(request: Request, session: Session, actor: Actor, partner_id: UUID, form: Filled[Any]) -> Response:
    own = session.get_one(Organization, actor.organization_id)
    shown = partner_page(own, partners.find(session, partner_id), form.language)
    status = 422 if form.errors else 200
    return page(request, "settings/relations/partner.html", status=status, form=form, partner=shown)


@router.post(f"{_HERE}/{{partner_id}}/end", dependencies=[_ADMINISTERS, RECENT])
def end(request: Request, partner_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Work with a partner no longer."""
    partners.end(session, actor, partner_id, now())
    return go(request, _HERE, toast=speaks.gettext(N_("Ended: nothing new is ordered from today on.")))


@router.post(f"{_HERE}/{{partner_id}}/again", dependencies=[_ADMINISTERS, RECENT])
def again(request: Request, partner_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Work with a partner again."""
    partners.again(session, actor, partner_id)
    return go(request, _HERE, toast=speaks.gettext(N_("You work with each other again.")))


_FIRST_STEPS = {
    OrganizationKind.SUPPLIER: ("/settings/items/new", N_("Welcome. Now your first item.")),
    OrganizationKind.HAULIER: ("/dispatch/vehicles", N_("Welcome. Now your first vehicle.")),
    OrganizationKind.AUDITOR: ("/audit", N_("Welcome. Here you see what was opened to you.")),
}
"""Where an organisation goes that has just joined, and what it reads there."""


class Joining(BaseModel):
    """An organisation that joins, with whoever signs it up."""

    name_zh: str = Field(default="", max_length=120)
    name_en: str = Field(default="", max_length=120)
    gln: str = Field(default="", max_length=20)
    place: str = Field(default="", max_length=120)
    address: str = Field(default="", max_length=60)
    name: str = Field(min_length=1, max_length=80)
    email: Address
    password: str = Field(max_length=1000)


@router.get("/partner", dependencies=[PUBLIC])
def join(request: Request, actor: MaybeActorDep, form: EmptyForm, t: str = "") -> Response:
    """Where an invitation leads; its secret leaves the address bar first."""
    if t:
        return keep_link(t, "/partner")
    return _join(request, actor, form)


@router.post("/partner", dependencies=[PUBLIC])
def join_as_new(request: Request, actor: MaybeActorDep, form: Annotated[Filled[Joining], filled(Joining)]) -> Response:
    """Found the organisation and come in as its administrator."""
    speaks = form.language
    if not form.values.get("name_zh") and not form.values.get("name_en"):
        form.refuse(f"name_{speaks.code}", speaks.gettext(N_("Say what your organisation is called.")))
    if form.read is None:
        return _join(request, actor, form, status=422)
    read = form.read
    person = PersonDetails(read.email, read.name, read.password, speaks.code)
    joining = Newcomer(read.name_zh, read.name_en, read.gln, read.place, person, read.address)
    try:
        kind = partners.opened(link_of(request)).kind
        login = partners.join_as_new(link_of(request), joining)
    except HubError as refused:
        name = "gln" if refused.code.startswith("gln") else refused.at
        if name not in Joining.model_fields:
            return spent(request, refused, form.language)
        form.refuse(name, speaks.sentence(refused.sentence, refused.values))
        return _join(request, actor, form, status=422)
    path, welcome = _FIRST_STEPS[kind]
    response = go(request, path, toast=speaks.gettext(welcome))
    drop_link(response)
    return come_in(request, response, login)


@router.post("/partner/here", dependencies=[_ADMINISTERS])
def join_here(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> Response:
    """Become partners with the organisation that one administers."""
    try:
        partners.join_signed_in(link_of(request), session, actor)
    except HubError as refused:
        session.rollback()
        return spent(request, refused, form.language)
    where = "/settings/audits" if actor.kind is OrganizationKind.AUDITOR else _HERE
    return go(request, where, toast=form.language.gettext(N_("You work with each other from now on.")))


def _join(request: Request, actor: MaybeActorDep, form: Filled[Any], status: int = 200) -> Response:
    form.values.pop("password", None)
    try:
        opened = partners.opened(link_of(request))
    except HubError as refused:
        return spent(request, refused, form.language)
    here = None
    if actor is not None and actor.user_id is not None:
        with db.session(actor.who) as session:
            here = _organization(session, actor.organization_id)
    shown = join_page(opened, here, form.language)
    return page(request, "account/partner.html", status=status, headers=UNSAID, form=form, invitation=shown)


def _organization(session: Session, organization: UUID) -> Organization:
    return session.get_one(Organization, organization)
