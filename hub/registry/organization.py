"""What an organisation says of itself: its names, its number, its clock, and how it deals with its suppliers."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from pydantic import BaseModel, Field
from sqlmodel import Session, col, select, true

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import HubError, InvalidInput, NotFound
from hub.gs1 import digital_link
from hub.inputs import Count, Figure
from hub.models.party import Organization, OrganizationKind
from hub.registry.register import Register


class GlnFixed(HubError):
    """Your GLN stays as it is, since records name it. Only a number of the hub's own can be replaced."""

    code, status, at = "gln-fixed", 409, "gln"


class GlnTaken(HubError):
    """Another organisation of this hub has this GLN."""

    code, status, at = "gln-taken", 409, "gln"


class OrganizationForm(BaseModel):
    """An organisation as it says itself. Hours, sums and tolerances, in percent, are a retailer's.

    ``strict`` is whether its odd events are refused; where nothing is said it stays. An auditor captures none.
    """

    name_zh: str = Field(default="", max_length=120)
    name_en: str = Field(default="", max_length=120)
    gln: str = Field(min_length=1, max_length=20)
    time_zone: str = Field(max_length=40)
    phone: str = Field(default="", max_length=40)
    service_phone: str = Field(default="", max_length=40)
    answer_hours: Count | None = Field(default=None, ge=1, le=240)
    approve_above: Figure | None = Field(default=None, ge=0, max_digits=14, decimal_places=2)
    weight_tolerance: Figure | None = Field(default=None, ge=0, le=20, decimal_places=1)
    strict: bool | None = None


OF_SOME = ("answer_hours", "approve_above", "weight_tolerance", "strict")
"""What not every kind of organisation says."""


class Organizations(Register[Organization, OrganizationForm]):
    """The actor's own organisation: the one row of this register, changed by its administrators alone."""

    name, model, form, key = "organization", Organization, OrganizationForm, "gln"

    def trail(self, session: Session, row: Organization) -> Any:
        """All of it: there is one, whatever its number was."""
        return true()

    def values(self, session: Session, row: Organization) -> dict[str, Any]:
        """What the form says of an organisation now."""
        said = {name: getattr(row, name) for name in OrganizationForm.model_fields if name not in OF_SOME}
        if row.kind is OrganizationKind.RETAILER:
            said |= {"answer_hours": row.answer_hours, "approve_above": row.approve_above}
            said |= {"weight_tolerance": row.weight_tolerance * 100}
        if row.kind is not OrganizationKind.AUDITOR:
            said |= {"strict": row.strict}
        return said

    def new(self, session: Session, details: Mapping[str, Any]) -> Organization:
        """Nobody adds one here: organisations are admitted (`hub.parties`)."""
        raise NotFound

    def change(self, session: Session, actor: Actor, row: Organization, form: OrganizationForm) -> Organization:
        """Say anew what it is."""
        access.require(actor, Permission.ADMINISTER, row.id)
        return super().change(session, actor, row, form)

    def details(
        self, session: Session, actor: Actor, form: OrganizationForm, known: Organization | None
    ) -> Mapping[str, Any]:
        """An organisation's columns; of two names one is enough."""
        if known is None:
            raise NotFound
        if not (form.name_zh or form.name_en):
            raise InvalidInput("Say what your organisation is called.", at="name_zh")
        if form.time_zone not in available_timezones():
            raise InvalidInput("There is no such time zone.", at="time_zone")
        said = form.model_dump(exclude={"gln", *OF_SOME}) | _number(known, form.gln)
        said |= {"name_zh": form.name_zh or form.name_en, "name_en": form.name_en or form.name_zh}
        if known.kind is OrganizationKind.RETAILER:
            share = known.weight_tolerance if form.weight_tolerance is None else form.weight_tolerance / 100
            said |= {"answer_hours": form.answer_hours, "approve_above": form.approve_above, "weight_tolerance": share}
        if known.kind is not OrganizationKind.AUDITOR and form.strict is not None:
            said |= {"strict": form.strict}
        return said


def _number(known: Organization, typed: str) -> dict[str, str]:
    """The GLN, and what was there before where a real one takes the place of one of the hub's own."""
    number = digital_link.gln(typed)
    if number == known.gln:
        return {}
    if not digital_link.is_internal(known.gln):
        raise GlnFixed
    if digital_link.is_internal(number):
        raise InvalidInput("This is no number that GS1 gives out.", at="gln")
    with db.public_session() as anybody:
        if anybody.exec(select(Organization.id).where(col(Organization.gln) == number)).first() is not None:
            raise GlnTaken
    return {"gln": number, "former_gln": known.gln}
