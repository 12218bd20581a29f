"""Whom a producer lets speak of its lots, for a supplier's own system."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlmodel import col, select

from hub.access import Permission
from hub.errors import InvalidInput, NotFound
from hub.gs1 import digital_link
from hub.inputs import Day
from hub.models.base import now
from hub.models.catalogue import Mandate, SpeaksAs
from hub.models.party import Organization
from hub.trace import mandates
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.problems import problems
from hub.web.routing import Router

router = Router(prefix="/api/mandates", tags=["Traceability"])
_MAY = requires(Permission.PUBLISH_EVENTS)


class NewMandate(BaseModel):
    """Whom you let speak, as what, of which lot or of all, from which day until which."""

    speaker: str = Field(max_length=13, description="The GLN of a partner of yours.")
    kind: SpeaksAs
    gtin: str = Field(default="", max_length=14, description="Of one lot: its GTIN, with `lot`.")
    lot: str = Field(default="", max_length=20)
    since: Day
    until: Day | None = None


def _link(mandate: NewMandate) -> str:
    if bool(mandate.gtin) != bool(mandate.lot):
        raise InvalidInput("A lot is named by its GTIN and its number together.", at="lot")
    return digital_link.lot_link(mandate.gtin, mandate.lot) if mandate.lot else ""


@router.get("", dependencies=[_MAY])
def list_mandates(actor: ActorDep, session: SessionDep) -> list[dict[str, Any]]:
    """Whom you let speak of your lots, the newest first."""
    return [_shown(row, speaker) for row, speaker in mandates.given(session, actor)]


@router.post("", status_code=201, dependencies=[_MAY], responses=problems(NotFound, InvalidInput, digital_link.BadKey))
def give(mandate: NewMandate, actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """Let a partner speak of your lots."""
    speaker = session.exec(select(Organization).where(col(Organization.gln) == mandate.speaker)).first()
    if speaker is None:
        raise NotFound("You work with nobody of this GLN.")
    remit = mandates.Remit(mandate.kind, mandate.since, mandate.until, _link(mandate))
    row = mandates.give(session, actor, speaker.id, remit)
    return _shown(row, speaker)


@router.delete(
    "/{mandate_id}", status_code=204, dependencies=[_MAY], responses=problems(NotFound, mandates.MandateOver)
)
def end(mandate_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """Let somebody speak of your lots no longer than today."""
    mandates.end(session, actor, mandate_id, on=session.get_one(Organization, actor.organization_id).day(now()))


def _shown(row: Mandate, speaker: Organization) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "speaker": speaker.gln,
        "kind": row.kind.value,
        "lot": row.link or None,
        "since": row.valid_from.isoformat(),
        "until": row.valid_to.isoformat() if row.valid_to else None,
    }
