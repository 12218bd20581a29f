"""People: who acts for the organisation, who is invited, and what each may do."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.accounts import factors, invitations, links, passwords, people, post
from hub.accounts.people import ROLES, Colleague, Duties
from hub.errors import HubError
from hub.inputs import Ticked
from hub.models.base import now
from hub.models.party import Organization, Role
from hub.pages.settings.accounts.people_view import (
    Choices,
    Dossier,
    invite_page,
    link_page,
    people_page,
    people_sheet,
    person_page,
)
from hub.registry import sheets
from hub.web.deps import RECENT, ActorDep, LanguageDep, ListQuery, SessionDep, requires
from hub.web.export import MOST_ROWS, csv_file, xlsx_file
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page

_HERE = "/settings/people"
router = Router(prefix=_HERE, dependencies=[requires(Permission.ADMINISTER)], include_in_schema=False)
_KEEPS_QUIET = {"Referrer-Policy": "no-referrer"}


class Given(BaseModel):
    """Which roles somebody is given, and at which store."""

    roles: Annotated[list[Role], Ticked] = Field(default_factory=list)
    place: UUID | None = None

    @property
    def duties(self) -> Duties:
        """The same, as the services know it."""
        return Duties(tuple(self.roles), self.place)


class Invited(Given):
    """Who is invited."""

    email: str = Field(max_length=254)


@router.get("")
def everybody(
    request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep, query: Annotated[ListQuery, Query()]
) -> Response:
    """Who acts for this organisation, in which roles, and how safely they sign in."""
    found = people.colleagues(session, query.search())
    shown = people_page(found, invitations.open_ones(session), speaks, at=now())
    return page(request, "settings/accounts/people.html", list=shown)


@router.get("/export.csv")
def export_csv(session: SessionDep, speaks: LanguageDep, query: Annotated[ListQuery, Query()]) -> Response:
    """The list, narrowed as it is, for spreadsheets and programs."""
    headings, rows = people_sheet(people.colleagues(session, query.search(MOST_ROWS + 1)).rows, speaks)
    return csv_file(speaks.gettext("People"), headings, rows)


@router.get("/export.xlsx")
def export_xlsx(session: SessionDep, speaks: LanguageDep, query: Annotated[ListQuery, Query()]) -> Response:
    """The same as a workbook."""
    headings, rows = people_sheet(people.colleagues(session, query.search(MOST_ROWS + 1)).rows, speaks)
    return xlsx_file(speaks.gettext("People"), [sheets.Heading(word) for word in headings], rows)


@router.get("/new")
def invite_form(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> Response:
    """Where somebody is invited."""
    return _invite(request, actor, session, form)


@router.post("/new", dependencies=[RECENT])
def invite(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Invited], filled(Invited)]
) -> Response:
    """Invite somebody; the link is shown this once."""
    link = ""
    if form.read is not None:
        with form.attempt(session, "email"):
            link = invitations.invite(session, actor, form.read.email, form.read.duties)
    if form.read is None:
        return _invite(request, actor, session, form, status=422)
    shown = link_page("invitation", form.read.email, link, form.language, mailed=post.is_carried())
    return page(request, "settings/accounts/link.html", headers=_KEEPS_QUIET, shown=shown)


@router.post("/invitations/{invitation_id}/withdraw", dependencies=[RECENT])
def withdraw(
    request: Request, invitation_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Take an invitation back."""
    invitations.withdraw(session, actor, invitation_id)
    return go(request, _HERE, toast=speaks.gettext(N_("The invitation opens nothing any more.")))


@router.get("/{person_id}")
def person(request: Request, person_id: UUID, actor: ActorDep, session: SessionDep, form: EmptyForm) -> Response:
    """What somebody may do here, and what became of their account."""
    return _person(request, people.colleague(session, person_id), actor, session, form)


@router.post("/{person_id}", dependencies=[RECENT])
def change(
    request: Request,
    person_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Given], filled(Given)],
) -> Response:
    """Give somebody these roles and no others."""
    if form.read is not None:
        try:
            with session.begin_nested():
                people.change(session, actor, person_id, form.read.duties)
        except HubError as refused:
            _refuse(form, refused)
    if form.read is None:
        return _person(request, people.colleague(session, person_id), actor, session, form)
    return go(request, f"{_HERE}/{person_id}", toast=form.language.gettext(N_("Saved. It counts at once.")))


@router.post("/{person_id}/end", dependencies=[RECENT])
def end(request: Request, person_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """End somebody's access at once, everywhere."""
    people.end(session, actor, person_id)
    return go(request, _HERE, toast=speaks.gettext(N_("Ended, on every machine.")))


@router.post("/{person_id}/password-link", dependencies=[RECENT])
def password_link(
    request: Request, person_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """A link by which somebody sets a new password; shown this once."""
    link = links.make(session, actor, person_id)
    name = people.colleague(session, person_id).person.name
    shown = link_page("password", name, link, speaks, mailed=False)
    return page(request, "settings/accounts/link.html", headers=_KEEPS_QUIET, shown=shown)


@router.post("/{person_id}/second-step/remove", dependencies=[RECENT])
def remove_second_step(
    request: Request, person_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Let somebody in who has lost their second factor."""
    factors.reset(session, actor, person_id)
    return go(request, f"{_HERE}/{person_id}", toast=speaks.gettext(N_("The second step is not asked any more.")))


def _refuse(form: Filled[Any], refused: HubError) -> None:
    form.refuse(refused.at or "roles", form.language.sentence(refused.sentence, refused.values))


def _invite(request: Request, actor: Actor, session: Session, form: Filled[Any], status: int = 200) -> Response:
    shown = invite_page(_choices(actor, session, form), form.language, mails=post.is_carried())
    return page(request, "settings/accounts/person-new.html", status=status, form=form, invite=shown)


def _person(request: Request, known: Colleague, actor: Actor, session: Session, form: Filled[Any]) -> Response:
    own = session.get_one(Organization, actor.organization_id)
    ours_alone = passwords.organizations_of(session, known.person.id) == {actor.organization_id}
    dossier = Dossier(known, own, ours_alone, people.history(session, known.person))
    shown = person_page(dossier, _choices(actor, session, form), form.language, now())
    return page(request, "settings/accounts/person.html", status=422 if form.errors else 200, form=form, person=shown)


def _choices(actor: Actor, session: Session, form: Filled[Any]) -> Choices:
    return Choices(ROLES[actor.kind], people.stores(session), _ticked(form))


def _ticked(form: Filled[Any]) -> set[Role]:
    return {role for role in Role if role.value in form.several.get("roles", ())}
