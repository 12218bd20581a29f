"""Destinations: a buyer's own EPCIS repository to which a supplier has its events sent; added, paused and ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import Session, col, func, select, update

from hub import access, keys
from hub.access import Actor, Permission
from hub.errors import HubError, NotAllowed, NotFound
from hub.gs1.profiles import shelf
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind, TradeRelation
from hub.models.passing import Destination, PassedEvent, Passing
from hub.models.trace import Event
from hub.trace.asking import webhooks

MOST = 20
"""Destinations that an organisation may have."""
KEPT_BACK = (Passing.HELD, Passing.REFUSED)
"""What waits for a person."""


class TooManyDestinations(HubError):
    """You have as many destinations as this hub keeps; end one first."""

    code, status = "too-many-destinations", 409


class NoSuchBuyer(HubError):
    """Choose a buyer that you work with, and that works with you."""

    code, status, at = "no-such-buyer", 409, "partner"


class UnfitToken(HubError):
    """A token is at most 2,000 letters, digits and signs of ASCII, without a space."""

    code, status, at = "unfit-token", 422, "token"


@dataclass(frozen=True)
class Wanted:
    """What is sent where: to which buyer, at which address, with which token, by which profile if by any."""

    partner: UUID
    url: str
    token: str = field(default="", repr=False)
    profile: str = ""


@dataclass(frozen=True)
class Back:
    """An event that is kept back: its row, and what became of it."""

    event: Event
    passed: PassedEvent


def buyers(session: Session, owner: UUID) -> list[Organization]:
    """The retailers that an organisation works with, and that say so too, by name."""
    words = select(TradeRelation).where(
        (col(TradeRelation.owner_id) == owner) | (col(TradeRelation.partner_id) == owner)
    )
    own, at = session.get_one(Organization, owner), now()
    standing = [row for row in session.exec(words) if row.valid_to is None or row.valid_to >= own.day(at)]
    ours, theirs = ({row.partner_id for row in standing}, {row.owner_id for row in standing})
    known = select(Organization).where(
        col(Organization.id).in_((ours & theirs) - {owner}), col(Organization.kind) == OrganizationKind.RETAILER
    )
    return list(session.exec(known.order_by(col(Organization.name_en))))


def add(session: Session, actor: Actor, wanted: Wanted) -> Destination:
    """Have the events that a buyer may see sent to its repository, those of before first."""
    _may(actor)
    url, token = wanted.url.strip(), wanted.token.strip()
    buyer = next((each for each in buyers(session, actor.organization_id) if each.id == wanted.partner), None)
    if buyer is None:
        raise NoSuchBuyer
    if len(token) > 2000 or not (token.isascii() and token.isprintable()) or " " in token:
        raise UnfitToken
    if wanted.profile and wanted.profile not in shelf.PROFILES:
        raise shelf.NoSuchProfile(at="profile")
    webhooks.check(url)
    if len(listed(session)) >= MOST:
        raise TooManyDestinations(most=MOST)
    made = Destination(owner_id=actor.organization_id, partner_id=buyer.id, url=url, profile=wanted.profile)
    made.token = keys.seal(token.encode(), cell(made)) if token else ""
    session.add(made)
    access.record(session, actor, "destination.add", buyer.gln, url=url, profile=wanted.profile or "–")
    session.flush()
    return made


def listed(session: Session) -> list[Destination]:
    """The organisation's destinations that have not ended, the oldest first."""
    own = col(Destination.owner_id) == session.info["who"].org
    rows = select(Destination).where(own, col(Destination.ended_at).is_(None))
    return list(session.exec(rows.order_by(col(Destination.id))))


def find(session: Session, destination_id: UUID) -> Destination:
    """One of them; ``NotFound`` where there is none such."""
    found = session.get(Destination, destination_id)
    if found is None or found.owner_id != session.info["who"].org or found.ended_at is not None:
        raise NotFound
    return found


def try_it(session: Session, actor: Actor, destination_id: UUID) -> None:
    """Have a document without events sent soon; what it is answered is shown, and nothing else follows from it."""
    one = _changed(session, actor, destination_id, "try")
    one.trial, one.due_at = True, now()


def pause(session: Session, actor: Actor, destination_id: UUID) -> None:
    """Send nothing until somebody resumes."""
    _changed(session, actor, destination_id, "pause").paused_at = now()


def resume(session: Session, actor: Actor, destination_id: UUID) -> None:
    """Go on where it was left, after a pause, a refusal or failures; what was refused by name stays kept back."""
    one = _changed(session, actor, destination_id, "resume")
    one.paused_at = one.stopped_at = None
    one.failures, one.problem, one.due_at = 0, "", now()


def end(session: Session, actor: Actor, destination_id: UUID) -> None:
    """Send nothing there any more, and forget the token."""
    one = _changed(session, actor, destination_id, "end")
    one.ended_at, one.token = now(), ""


def again(session: Session, actor: Actor, destination_id: UUID) -> None:
    """Have what is kept back looked at and sent once more; what still lacks something is held again."""
    one = _changed(session, actor, destination_id, "again")
    mine = (col(PassedEvent.destination_id) == one.id) & col(PassedEvent.state).in_(KEPT_BACK)
    session.execute(update(PassedEvent).where(mine).values(state=Passing.AGAIN))
    one.stopped_at, one.failures, one.problem, one.due_at = None, 0, "", now()


def kept_back(session: Session, destination: Destination, most: int = 50) -> tuple[Sequence[Back], int]:
    """The events that are kept back, the newest first, at most so many; and how many there are."""
    mine = (col(PassedEvent.destination_id) == destination.id) & col(PassedEvent.state).in_(KEPT_BACK)
    rows = select(Event, PassedEvent).join(PassedEvent, col(PassedEvent.event_id) == col(Event.id)).where(mine)
    found = session.exec(rows.order_by(col(Event.id).desc()).limit(most)).all()
    count = session.exec(select(func.count()).select_from(PassedEvent).where(mine)).one()
    return [Back(event, passed) for event, passed in found], count


def waiting_for_somebody(session: Session) -> dict[UUID, int]:
    """How many events are kept back, by destination."""
    back = select(PassedEvent.destination_id, func.count()).where(col(PassedEvent.state).in_(KEPT_BACK))
    mine = back.where(col(PassedEvent.owner_id) == session.info["who"].org)
    return dict(session.exec(mine.group_by(col(PassedEvent.destination_id))).all())


def cell(destination: Destination) -> keys.Cell:
    """Where the token of a destination lies sealed: as those for cores, so that the web can seal it and not open it."""
    return keys.Cell(destination.owner_id, "destination", "token", destination.id)


def _may(actor: Actor) -> None:
    access.require(actor, Permission.ADMINISTER)
    if actor.kind is not OrganizationKind.SUPPLIER:
        raise NotAllowed(permission=Permission.ADMINISTER.value)


def _changed(session: Session, actor: Actor, destination_id: UUID, done: str) -> Destination:
    _may(actor)
    one = find(session, destination_id)
    session.refresh(one, with_for_update=True)
    buyer = session.get(Organization, one.partner_id)
    access.record(session, actor, f"destination.{done}", buyer.gln if buyer else one.partner_id, url=one.url)
    return one
