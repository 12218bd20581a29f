"""An organisation's places: stores and centres, farms and packing houses, depots."""

import secrets
from collections.abc import Collection, Mapping
from datetime import time
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import func
from sqlmodel import Session, col, select

from hub import parties
from hub.access import Actor
from hub.errors import HubError, InvalidInput
from hub.gs1 import digital_link
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind
from hub.models.trade import PurchaseOrder
from hub.parties import PlaceDetails
from hub.registry.register import Register

KINDS: dict[OrganizationKind, tuple[PlaceKind, ...]] = {
    OrganizationKind.RETAILER: (PlaceKind.STORE, PlaceKind.DISTRIBUTION_CENTRE),
    OrganizationKind.SUPPLIER: (PlaceKind.FARM, PlaceKind.PACKHOUSE),
    OrganizationKind.HAULIER: (PlaceKind.DEPOT,),
    OrganizationKind.AUDITOR: (),
    OrganizationKind.OPERATOR: (),
}
"""Which places an organisation has, by its kind; the first is what a place is when nobody says."""


class PlaceTaken(HubError):
    """Another place of yours has this GLN already."""

    code, status, at = "place-taken", 409, "gln"


class PlaceInUse(HubError):
    """%(orders)s orders are still to be delivered to this place. Close or cancel them first."""

    code, status = "place-in-use", 409


class NotYourKindOfPlace(HubError):
    """An organisation like yours has no such place."""

    code, status, at = "not-your-kind-of-place", 409, "kind"


class PlaceForm(BaseModel):
    """A place as people say it; without a GLN it gets a number of the hub's own."""

    kind: PlaceKind | None = None
    name_zh: str = Field(min_length=1, max_length=120)
    name_en: str = Field(default="", max_length=120)
    gln: str = Field(default="", max_length=20)
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    opens: time = time(6, 0)
    closes: time = time(20, 0)
    served_from: str = Field(default="", max_length=20)


class Places(Register[Place, PlaceForm]):
    """The places of the actor's organisation, known by their GLN."""

    name, model, form, key = "place", Place, PlaceForm, "gln"
    found_by = ("sought",)

    def first(self, session: Session, actor: Actor) -> dict[str, Any]:
        """A new place lies near the last one, until somebody says where."""
        near = session.exec(select(Place).where(self.mine(actor)).order_by(col(Place.id).desc())).first()
        where = {"latitude": near.latitude, "longitude": near.longitude} if near else {}
        return super().first(session, actor) | where

    def allowed(self, actor: Actor, name: str) -> Collection[str] | None:
        """The kinds of places that an organisation of its kind has."""
        return [kind.value for kind in KINDS[actor.kind]] if name == "kind" else None

    def normal(self, key: str) -> str:
        """A GLN without blanks."""
        return key.replace(" ", "").replace("-", "")

    def values(self, session: Session, row: Place) -> dict[str, Any]:
        """What the form says of a place now."""
        said = {name: getattr(row, name) for name in PlaceForm.model_fields if name != "served_from"}
        centre = session.get(Place, row.served_from_id) if row.served_from_id else None
        return said | {"served_from": centre.gln if centre else ""}

    def new(self, session: Session, details: Mapping[str, Any]) -> Place:
        """A place that is opened."""
        said = {name: value for name, value in details.items() if name != "kind"}
        return parties.add_place(session, details["kind"], PlaceDetails(**said))

    def details(self, session: Session, actor: Actor, form: PlaceForm, known: Place | None) -> Mapping[str, Any]:
        """A place's columns; without a GLN a new one gets a number of the hub's own."""
        if form.closes <= form.opens:
            raise InvalidInput("It closes before it opens.", at="closes")
        organization = session.get_one(Organization, actor.organization_id)
        return {
            "kind": self._kind(actor, form, known),
            "name_zh": form.name_zh,
            "name_en": form.name_en or form.name_zh,
            "gln": self._number(session, actor, form, known),
            "latitude": form.latitude,
            "longitude": form.longitude,
            "time_zone": known.time_zone if known else organization.time_zone,
            "opens": form.opens,
            "closes": form.closes,
            "served_from_id": self._centre(session, actor, form),
        }

    def may_end(self, session: Session, row: Place) -> None:
        """Refuse while orders are to be delivered to a place."""
        over = (PurchaseOrder.received_at, PurchaseOrder.cancelled_at, PurchaseOrder.closed_at)
        waiting = select(func.count()).where(
            col(PurchaseOrder.deliver_to_id) == row.id, *(col(column).is_(None) for column in over)
        )
        if orders := session.exec(waiting).one():
            raise PlaceInUse(orders=orders)

    def _kind(self, actor: Actor, form: PlaceForm, known: Place | None) -> PlaceKind:
        kinds = [*KINDS[actor.kind], *([known.kind] if known else [])]
        kind = form.kind or (known.kind if known else next(iter(kinds), None))
        if kind is None or kind not in kinds:
            raise NotYourKindOfPlace
        return kind

    def _number(self, session: Session, actor: Actor, form: PlaceForm, known: Place | None) -> str:
        if not form.gln:
            return known.gln if known else digital_link.internal_gln(secrets.randbelow(10**10))
        number = digital_link.gln(form.gln)
        taken = session.exec(select(Place).where(self.mine(actor), col(Place.gln) == number)).first()
        if taken is not None and taken is not known:
            raise PlaceTaken
        return number

    def _centre(self, session: Session, actor: Actor, form: PlaceForm) -> UUID | None:
        if not form.served_from:
            return None
        centres = select(Place.id).where(
            self.mine(actor),
            col(Place.kind) == PlaceKind.DISTRIBUTION_CENTRE,
            col(Place.gln) == self.normal(form.served_from),
        )
        centre = session.exec(centres).first()
        if centre is None:
            raise InvalidInput("None of your distribution centres has this GLN.", at="served_from")
        return centre
