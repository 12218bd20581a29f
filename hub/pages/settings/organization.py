"""What an organisation says of itself, changed by its administrators."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.beginning.zones import cities
from hub.models.party import Organization
from hub.pages.settings.registers import register_view as view
from hub.pages.settings.registers.register_pages import told_of
from hub.pages.settings.registers.section import Field, Section, Words
from hub.pages.settings.relations.partners_view import KINDS
from hub.pages.welcome_view import gln_words
from hub.registry.organization import OrganizationForm, Organizations
from hub.settings import settings
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_, Language
from hub.web.routing import Router
from hub.web.templating import go, page

_HERE = "/settings/organization"
router = Router(prefix=_HERE, dependencies=[requires(Permission.ADMINISTER)], include_in_schema=False)

_FIELDS = (
    Field("name_zh", N_("Chinese name"), attributes={"maxlength": "120"}),
    Field("name_en", N_("English name"), N_("One of the two names is enough."), attributes={"maxlength": "120"}),
    Field(
        "gln",
        N_("Global Location Number (GLN)"),
        N_("A number that begins with 29 is the hub's own: put the GLN that GS1 gave you in its place, once."),
        required=True,
        attributes={"inputmode": "numeric", "autocomplete": "off", "maxlength": "20"},
    ),
    Field("time_zone", N_("Time zone"), N_("What day it is for you: orders and prices go by it."), required=True),
    Field("phone", N_("Phone for partners"), attributes={"maxlength": "40", "inputmode": "tel"}),
    Field(
        "service_phone",
        N_("Phone for shoppers"),
        N_("Stands on the page behind the code of a pack, for everybody."),
        attributes={"maxlength": "40", "inputmode": "tel"},
    ),
    Field(
        "answer_hours",
        N_("Hours to answer an order"),
        N_("How long a supplier has after you placed it. Without a figure, as many as this hub gives."),
        "number",
        attributes={"inputmode": "numeric", "autocomplete": "off"},
    ),
    Field(
        "approve_above",
        N_("Orders above this value need a second person"),
        N_("Before tax. Another buyer approves them before they go out. Without a figure, everybody orders alone."),
        "number",
        attributes={"inputmode": "decimal", "autocomplete": "off"},
    ),
    Field(
        "weight_tolerance",
        N_("Goods may outweigh what was announced by (%%)"),
        N_("Counts for what is sold by weight, from the next receipt on."),
        "number",
        required=True,
        attributes={"inputmode": "decimal", "autocomplete": "off"},
    ),
    Field(
        "strict",
        N_("Odd events"),
        N_(
            "What a program of yours captures and is odd: a time in the future, a unit that is not known, a serial"
            " number that begins twice."
        ),
        "choice",
        options=(("False", N_("are taken, with a warning")), ("True", N_("are refused"))),
        required=True,
    ),
)
SECTION = Section(
    register=Organizations(),
    path=_HERE,
    words=Words(N_("Organisation")),
    fields=_FIELDS,
)


@dataclass(frozen=True)
class OrganizationPage:
    """What an organisation says of itself; ``record`` is what of it the ledger holds, ``past`` what became of it."""

    lead: str
    inputs: Sequence[view.Input]
    record: str
    past: Sequence[view.Past]


@router.get("")
def show(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """What the organisation says of itself."""
    return _show(request, session, actor, form)


@router.post("")
def change(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[OrganizationForm], filled(OrganizationForm)],
) -> Response:
    """Say it anew."""
    own = session.get_one(Organization, actor.organization_id)
    if form.read is not None:
        with form.attempt(session, otherwise=SECTION.register.key):
            SECTION.register.change(session, actor, own, form.read)
            return go(request, _HERE, toast=form.language.gettext(N_("Saved.")))
        session.refresh(own)
    return _show(request, session, actor, form)


def _show(request: Request, session: Session, actor: Actor, form: Filled[Any]) -> HTMLResponse:
    own, speaks = session.get_one(Organization, actor.organization_id), form.language
    said = SECTION.register.values(session, own)
    section = replace(SECTION, fields=[_as_asked(each, speaks) for each in SECTION.fields if each.name in said])
    choices = {each.name: each.choices(section.register, actor, speaks) for each in section.fields if each.options}
    choices |= {"time_zone": [(name, name.replace("_", " ")) for name in sorted({own.time_zone, *cities()})]}
    told = told_of(session, section, own, speaks)
    shown = OrganizationPage(
        lead=speaks.gettext(KINDS[own.kind]),
        inputs=view.inputs_of(section, said, choices, speaks),
        record=told.record,
        past=told.past,
    )
    return page(
        request, "settings/organization.html", status=422 if form.errors else 200, form=form, organization=shown
    )


def _as_asked(each: Field, speaks: Language) -> Field:
    """A field with what is known only now: the words of a number while it is typed, and what holds without a figure."""
    now_known = {
        "gln": {"data-gln": gln_words(speaks)},
        "answer_hours": {"placeholder": str(settings().answer_hours)},
    }
    return replace(each, attributes={**each.attributes, **now_known.get(each.name, {})})
