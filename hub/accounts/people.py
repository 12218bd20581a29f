"""Who acts for an organisation: listed, given other roles, and ended at once everywhere."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, or_, select

from hub import access, db, sought
from hub.access import Actor, Permission
from hub.errors import HubError, InvalidInput, NotFound
from hub.lists import CountedPage, Search
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.party import Membership, OrganizationKind, Place, PlaceKind, Role, User

ROLES: dict[OrganizationKind, tuple[Role, ...]] = {
    OrganizationKind.RETAILER: (Role.ADMINISTRATOR, Role.BUYER, Role.STORE, Role.DISPATCHER, Role.AUDITOR),
    OrganizationKind.SUPPLIER: (Role.ADMINISTRATOR, Role.SUPPLIER, Role.AUDITOR),
    OrganizationKind.HAULIER: (Role.ADMINISTRATOR, Role.DISPATCHER, Role.DRIVER),
    OrganizationKind.AUDITOR: (Role.ADMINISTRATOR, Role.AUDITOR),
    OrganizationKind.OPERATOR: (Role.ADMINISTRATOR, Role.AUDITOR),
}
"""Which roles there are in which kind of organisation."""


class LastAdministrator(HubError):
    """Somebody has to administer this organisation: make somebody else an administrator first."""

    code, status = "last-administrator", 409


class RoleNeeded(InvalidInput):
    """Choose at least one role; to take all of them away, end the person's access."""

    code, status, at = "role-needed", 422, "roles"


class NoSuchRole(InvalidInput):
    """There is no such role in this kind of organisation."""

    code, status, at = "no-such-role", 422, "roles"


class StoreNeeded(InvalidInput):
    """Choose the store that this person works at."""

    code, status, at = "store-needed", 422, "place"


@dataclass(frozen=True)
class Colleague:
    """Somebody who acts for the organisation, or did: in which roles, where, and how they sign in."""

    person: User
    memberships: Sequence[Membership] = ()
    place: Place | None = None
    second_factor: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles they act in now, in one order."""
        held = {membership.role for membership in self.memberships if membership.ended_at is None}
        return tuple(role for role in Role if role in held)

    @property
    def seen_at(self) -> datetime | None:
        """When they were last here for this organisation."""
        return max((one.seen_at for one in self.memberships if one.seen_at), default=None)

    @property
    def ended(self) -> bool:
        """Whether they act for the organisation no more."""
        return not self.roles


_SORTS: dict[str, Callable[[Colleague], Any]] = {
    "name": lambda one: one.person.name,
    "place": lambda one: one.place.name_en if one.place else "",
    "seen": lambda one: one.seen_at.timestamp() if one.seen_at else 0,
    "second": lambda one: one.second_factor,
}


def colleagues(session: Session, search: Search) -> CountedPage[Colleague]:
    """Who acts for the session's organisation, by name where nothing else is asked; those who did come last."""
    ours = _owner(session)
    found = select(User).where(col(User.id).in_(select(Membership.user_id).where(col(Membership.owner_id) == ours)))
    found = found.where(sought.mentions(search.words, col(User.sought)))
    everybody = _with_memberships(session, session.exec(found).all())
    if search.state:
        everybody = [one for one in everybody if one.ended is (search.state == "ended")]
    everybody.sort(key=lambda one: (one.ended, one.person.name))
    if search.sorted_by in _SORTS:
        everybody.sort(key=_SORTS[search.sorted_by], reverse=search.descends)
    return CountedPage(everybody[search.before : search.before + search.size], len(everybody), search)


def colleague(session: Session, person_id: UUID) -> Colleague:
    """Somebody who acts for the session's organisation, or did."""
    person = session.get(User, person_id)
    found = _with_memberships(session, [person]) if person else []
    if not found or not found[0].memberships:
        raise NotFound
    return found[0]


def _with_memberships(session: Session, people: Sequence[User]) -> list[Colleague]:
    ids = [person.id for person in people]
    held: dict[UUID, list[Membership]] = {one: [] for one in ids}
    mine = select(Membership).where(col(Membership.user_id).in_(ids), col(Membership.owner_id) == _owner(session))
    for membership in session.exec(mine):
        held[membership.user_id].append(membership)
    safe = set(session.execute(text("select members_with_second_factor()")).scalars())
    at = {one.place_id for each in held.values() for one in each if one.place_id and one.ended_at is None}
    places = {place.id: place for place in session.exec(select(Place).where(col(Place.id).in_(at)))}
    return [
        Colleague(
            person,
            held[person.id],
            next((places[m.place_id] for m in held[person.id] if m.place_id in places and m.ended_at is None), None),
            person.id in safe,
        )
        for person in people
    ]


def stores(session: Session) -> Sequence[Place]:
    """The session's organisation's own stores, which a role may be at."""
    own = select(Place).where(col(Place.owner_id) == _owner(session), col(Place.kind) == PlaceKind.STORE)
    return session.exec(own.order_by(col(Place.name_zh))).all()


@dataclass(frozen=True)
class Duties:
    """What somebody does for the organisation: in which roles, and at which store."""

    roles: Collection[Role] = ()
    place_id: UUID | None = field(default=None)

    def at(self, role: Role) -> UUID | None:
        """Where a role is: people of a store are at it, the others are everywhere."""
        return self.place_id if role is Role.STORE else None


def judge(session: Session, actor: Actor, duties: Duties) -> None:
    """Refuse duties that nobody of this organisation can have."""
    if not duties.roles:
        raise RoleNeeded
    if set(duties.roles) - set(ROLES[actor.kind]):
        raise NoSuchRole
    if Role.STORE in duties.roles and duties.place_id not in {store.id for store in stores(session)}:
        raise StoreNeeded


def give(session: Session, person_id: UUID, duties: Duties) -> list[Membership]:
    """Have somebody act for the session's organisation in these roles, beside those they have."""
    ours = _owner(session)
    mine = select(Membership).where(col(Membership.user_id) == person_id, col(Membership.owner_id) == ours)
    known = {one.role: one for one in session.exec(mine)}
    given = []
    for role in Role:
        if role in duties.roles:
            membership = known.get(role) or Membership(owner_id=ours, user_id=person_id, role=role)
            membership.ended_at, membership.place_id = None, duties.at(role)
            session.add(membership)
            given.append(membership)
    session.flush()
    return given


def change(session: Session, actor: Actor, person_id: UUID, duties: Duties) -> None:
    """Give somebody these roles and no others. Who worked in a role that is gone has to sign in again, at once."""
    access.require(actor, Permission.ADMINISTER)
    access.require_recent(actor)
    known = _locked(session, person_id)
    if known.ended:
        raise NotFound
    judge(session, actor, duties)
    if Role.ADMINISTRATOR in known.roles and Role.ADMINISTRATOR not in duties.roles:
        _refuse_last(session, person_id)
    for membership in known.memberships:
        if membership.ended_at is None and membership.role not in duties.roles:
            _end(session, membership)
    give(session, person_id, duties)
    access.record(session, actor, "person.change", known.person.name, roles=", ".join(sorted(duties.roles)))


def end(session: Session, actor: Actor, person_id: UUID) -> None:
    """End somebody's access to this organisation, on every machine, from the next request on."""
    access.require(actor, Permission.ADMINISTER)
    access.require_recent(actor)
    known = _locked(session, person_id)
    if known.ended:
        raise NotFound
    if Role.ADMINISTRATOR in known.roles:
        _refuse_last(session, person_id)
    for membership in known.memberships:
        if membership.ended_at is None:
            _end(session, membership)
    access.record(session, actor, "person.end", known.person.name)


def history(session: Session, person: User) -> Sequence[AuditEntry]:
    """What became of somebody here, the newest first."""
    actions = ("person.", "password.", "second-factor.", "recovery-code", "invitation.")
    about = select(AuditEntry).where(
        col(AuditEntry.subject).in_((person.name, person.email)),
        or_(*(col(AuditEntry.action).startswith(action) for action in actions)),
    )
    return session.exec(about.order_by(col(AuditEntry.id).desc()).limit(20)).all()


def _locked(session: Session, person_id: UUID) -> Colleague:
    """Somebody of the organisation, while nobody else changes who administers it."""
    db.in_turn(session, f"administrators/{_owner(session)}")
    return colleague(session, person_id)


def _refuse_last(session: Session, person_id: UUID) -> None:
    others = select(Membership.id).where(
        col(Membership.owner_id) == _owner(session),
        col(Membership.role) == Role.ADMINISTRATOR,
        col(Membership.ended_at).is_(None),
        col(Membership.user_id) != person_id,
    )
    if session.exec(others).first() is None:
        raise LastAdministrator


def _end(session: Session, membership: Membership) -> None:
    membership.ended_at = now()
    session.flush()
    session.execute(text("delete from login where membership_id = :m"), {"m": membership.id})


def _owner(session: Session) -> UUID:
    who: db.Who = session.info["who"]
    return who.org
