"""Whom a producer lets speak of its lots beside itself: laboratories, certifiers, carriers, each for a time."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, or_, select

from hub import access
from hub.access import Actor, Permission
from hub.errors import HubError, InvalidInput, NotFound
from hub.models.catalogue import Mandate, SpeaksAs
from hub.models.party import Organization


class MandateOver(HubError):
    """This is over already: what was said in its time stays said."""

    code, status = "mandate-over", 409


@dataclass(frozen=True)
class Remit:
    """As what somebody may speak, from a day until another: of all lots, or of the one of a link."""

    kind: SpeaksAs
    since: date
    until: date | None = None
    link: str = ""


def give(session: Session, actor: Actor, speaker: UUID, remit: Remit) -> Mandate:
    """Let a partner speak of one's lots."""
    access.require(actor, Permission.PUBLISH_EVENTS)
    partner = session.get(Organization, speaker)
    if partner is None or partner.id == actor.organization_id:
        raise NotFound("You work with nobody of this name.")
    if remit.until is not None and remit.until < remit.since:
        raise InvalidInput("This ends before it begins.", at="until")
    row = Mandate(
        owner_id=actor.organization_id,
        speaker_id=speaker,
        kind=remit.kind,
        link=remit.link,
        valid_from=remit.since,
        valid_to=remit.until,
    )
    session.add(row)
    access.record(session, actor, "mandate.give", partner.gln, kind=remit.kind.value, lot=remit.link.rpartition("/")[2])
    session.flush()
    return row


def end(session: Session, actor: Actor, mandate_id: UUID, *, on: date) -> None:
    """Let somebody speak no longer than today; what has not begun yet never will."""
    row = session.get(Mandate, mandate_id)
    if row is None or row.owner_id != actor.organization_id:
        raise NotFound("You have let nobody speak under this number.")
    access.require(actor, Permission.PUBLISH_EVENTS, row.owner_id)
    if row.valid_to is not None and row.valid_to <= on:
        raise MandateOver
    speaker = session.get(Organization, row.speaker_id)
    access.record(session, actor, "mandate.end", speaker.gln if speaker else row.speaker_id)
    if row.valid_from > on:
        session.delete(row)
    else:
        row.valid_to = on
    session.flush()


def given(session: Session, actor: Actor, link: str | None = None) -> list[tuple[Mandate, Organization]]:
    """Whom one lets speak, of everything or of a lot, the newest first."""
    statement = (
        select(Mandate, Organization)
        .join(Organization, col(Organization.id) == col(Mandate.speaker_id))
        .where(col(Mandate.owner_id) == actor.organization_id)
    )
    if link is not None:
        statement = statement.where(or_(col(Mandate.link) == "", col(Mandate.link) == link))
    return list(session.exec(statement.order_by(col(Mandate.id).desc())))
