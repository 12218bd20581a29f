"""Audits: whom an organisation lets look into its records, and whom an auditor audits."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hub.access import Permission
from hub.beginning import auditors, partners
from hub.beginning.partners import Days
from hub.errors import InvalidInput
from hub.inputs import Day
from hub.models.base import now
from hub.models.party import Organization
from hub.pages.account.entry import UNSAID
from hub.pages.settings.relations.auditors_view import auditors_page, audits_page
from hub.web.deps import RECENT, ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page

_HERE, _AUDITS = "/settings/auditors", "/settings/audits"
_ADMINISTERS = requires(Permission.ADMINISTER)
router = Router(include_in_schema=False)


class Granted(BaseModel):
    """Who may look: an auditor of this hub by its GLN, else one that is invited; from which day until which."""

    gln: str = Field(default="", max_length=20)
    name: str = Field(default="", max_length=120)
    since: Day
    until: Day | None = None


@router.get(_HERE, dependencies=[_ADMINISTERS])
def everybody(request: Request, session: SessionDep, speaks: LanguageDep) -> Response:
    """Whom this organisation lets look."""
    invited = partners.waiting(session, auditors=True)
    shown = auditors_page(auditors.auditors(session), invited, speaks, now())
    return page(request, "settings/relations/auditors.html", auditors=shown)


@router.get(f"{_HERE}/new", dependencies=[_ADMINISTERS])
def grant_form(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> Response:
    """Where an auditor is let look."""
    today = session.get_one(Organization, actor.organization_id).day(now())
    return page(request, "settings/relations/auditor-new.html", form=form, link="", today=today.isoformat())


@router.post(f"{_HERE}/new", dependencies=[_ADMINISTERS, RECENT])
def grant(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Granted], filled(Granted)]
) -> Response:
    """Let an auditor look; one that is not here yet gets a link, which is shown this once."""
    link = ""
    if form.read is not None:
        read, days = form.read, Days(form.read.since, form.read.until)
        with form.attempt(session, "gln"):
            if read.gln:
                auditors.grant(session, actor, read.gln, days)
                return go(request, _HERE, toast=form.language.gettext(N_("The auditor may look from that day on.")))
            if not read.name:
                raise InvalidInput("Give the GLN of an auditor, or a name to invite one by.", at="name")
            link = auditors.invite(session, actor, read.name, days)
    status = 200 if link else 422
    return page(
        request, "settings/relations/auditor-new.html", status=status, headers=UNSAID, form=form, link=link, today=""
    )


@router.post(f"{_HERE}/{{auditor_id}}/end", dependencies=[_ADMINISTERS, RECENT])
def end(request: Request, auditor_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Let an auditor look no longer."""
    auditors.end(session, actor, auditor_id, now())
    return go(request, _HERE, toast=speaks.gettext(N_("The auditor sees nothing of yours any more.")))


@router.get(_AUDITS, dependencies=[requires(Permission.AUDIT)])
def audits(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Whom this auditor audits, and until when."""
    administers = Permission.ADMINISTER in actor.permissions
    shown = audits_page(auditors.audited(session), speaks, now(), administers=administers)
    return page(request, "settings/relations/audits.html", audits=shown)


@router.post(f"{_AUDITS}/{{organization_id}}", dependencies=[_ADMINISTERS])
def accept(
    request: Request, organization_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Take an audit on."""
    auditors.accept(session, actor, organization_id)
    return go(request, _AUDITS, toast=speaks.gettext(N_("You audit them: names, places and items show too.")))
