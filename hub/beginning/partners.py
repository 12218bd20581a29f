"""Partners: invited by a link, they join with a new organisation or with the one they have; each side may end it."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, text
from sqlmodel import Session, col, select

from hub import access, db, parties, sought
from hub.access import Actor, Permission
from hub.accounts import passwords, people
from hub.accounts.people import Duties
from hub.beginning.zones import cities
from hub.errors import HubError, NotFound
from hub.gs1 import digital_link
from hub.lists import CountedPage, Search
from hub.models.base import now, uuid7
from hub.models.party import (
    Organization,
    OrganizationKind,
    PartnerInvitation,
    PlaceKind,
    Role,
    TradeRelation,
)
from hub.models.trade import AnswerKind, AnswerLine, OrderAnswer, PurchaseOrder
from hub.parties import PartyDetails, PersonDetails, PlaceDetails
from hub.settings import settings
from hub.trace import joining

LASTS = timedelta(hours=72)
INVITED = (OrganizationKind.SUPPLIER, OrganizationKind.HAULIER)
"""Whom a retailer invites. Auditors are invited by everybody (`hub.beginning.auditors`)."""
_ROLES = {
    OrganizationKind.SUPPLIER: (Role.ADMINISTRATOR, Role.SUPPLIER),
    OrganizationKind.HAULIER: (Role.ADMINISTRATOR, Role.DISPATCHER),
    OrganizationKind.AUDITOR: (Role.ADMINISTRATOR, Role.AUDITOR),
}
_FIRST = {OrganizationKind.SUPPLIER: PlaceKind.FARM, OrganizationKind.HAULIER: PlaceKind.DEPOT}


class PartnerLinkUnknown(HubError):
    """This invitation is not one of this hub's, or not the whole of it."""

    code, status = "partner-link-unknown", 404


class PartnerLinkUsed(HubError):
    """This invitation was accepted already. Sign in, or ask for a new one."""

    code, status = "partner-link-used", 410


class PartnerLinkEnded(HubError):
    """This invitation has ended: it was good for three days, or it was withdrawn. Ask for a new one."""

    code, status = "partner-link-ended", 410


class AnotherKind(HubError):
    """Your organisation is of another kind than the one that was invited."""

    code, status = "another-kind", 409


class PartnersAlready(HubError):
    """You work with each other already."""

    code, status = "partners-already", 409


class OrdersOpen(HubError):
    """Orders still open between you: %(orders)s. Under Orders, see them received, closed or cancelled first."""

    code, status = "orders-open", 409


class AddressKnown(HubError):
    """There is an account under this address already: sign in with it, and open the link again."""

    code, status, at = "address-known", 409, "email"


@dataclass(frozen=True)
class Days:
    """From which day until which, open where no last one is said."""

    since: date
    until: date | None = None


@dataclass(frozen=True)
class Opened:
    """An invitation that is good still: from whom, of what kind, and what the inviter calls the invited."""

    id: UUID
    inviter: Organization
    kind: OrganizationKind
    name: str
    days: Days | None = None


@dataclass(frozen=True)
class Partner:
    """An organisation that this one works with: since when, until when, and who has said so."""

    organization: Organization
    relation: TradeRelation | None
    theirs: TradeRelation | None

    @property
    def ended(self) -> bool:
        """Whether either of the two has ended it."""
        return any(each is not None and each.valid_to is not None for each in (self.relation, self.theirs))

    @property
    def since(self) -> date | None:
        """From which day on both of them have said so."""
        return max((each.valid_from for each in (self.relation, self.theirs) if each is not None), default=None)


def invite(session: Session, actor: Actor, kind: OrganizationKind, name: str) -> str:
    """Invite a supplier or a haulier; return the link, which is shown once."""
    access.require(actor, Permission.ADMINISTER)
    if kind not in INVITED or actor.kind is not OrganizationKind.RETAILER:
        raise AnotherKind
    return link(session, actor, kind, name)


def link(session: Session, actor: Actor, kind: OrganizationKind, name: str, days: Days | None = None) -> str:
    """The link of a new invitation, good for three days and once; ``days`` are an auditor's."""
    token, hashed = access.new_token()
    session.add(
        PartnerInvitation(
            owner_id=actor.organization_id,
            kind=kind,
            name=name,
            token_hash=hashed,
            expires_at=now() + LASTS,
            valid_from=days.since if days else None,
            valid_to=days.until if days else None,
        )
    )
    access.record(session, actor, "partner.invite", name, kind=kind.value)
    session.flush()
    return f"{settings().base_url}/partner?t={token}"


def waiting(session: Session, *, auditors: bool = False) -> Sequence[PartnerInvitation]:
    """The invitations of partners, or those of ``auditors``, that nobody has accepted yet, the newest first."""
    kind = col(PartnerInvitation.kind)
    open_ones = select(PartnerInvitation).where(
        kind == OrganizationKind.AUDITOR if auditors else kind != OrganizationKind.AUDITOR,
        col(PartnerInvitation.owner_id) == session.info["who"].org,
        col(PartnerInvitation.used_at).is_(None),
        col(PartnerInvitation.withdrawn_at).is_(None),
    )
    return session.exec(open_ones.order_by(col(PartnerInvitation.id).desc())).all()


def withdraw(session: Session, actor: Actor, invitation_id: UUID) -> OrganizationKind:
    """Take an invitation back before it is accepted; return the kind that was invited."""
    access.require(actor, Permission.ADMINISTER)
    row = session.get(PartnerInvitation, invitation_id, with_for_update=True)
    if row is None or row.owner_id != actor.organization_id:
        raise NotFound
    if row.used_at is not None:
        raise PartnerLinkUsed
    row.withdrawn_at = now()
    access.record(session, actor, "partner.withdraw", row.name)
    return row.kind


def opened(token: str) -> Opened:
    """What a link invites to, or why it opens nothing."""
    with db.app_engine().begin() as connection:
        hashed = {"t": access.hash_token(token)}
        found = connection.execute(text("select * from find_partner_invitation(:t)"), hashed).first()
    if found is None:
        raise PartnerLinkUnknown
    with db.session(db.Who(found.org_id, None, "link")) as session:
        row = session.get_one(PartnerInvitation, found.invitation_id)
        _refuse_spent(row)
        inviter = session.get_one(Organization, row.owner_id)
        days = Days(row.valid_from, row.valid_to) if row.valid_from else None
        return Opened(row.id, inviter, row.kind, row.name, days)


@dataclass(frozen=True)
class Newcomer:
    """An organisation that joins: its names, of which one may be empty, its GLN if it has one, and its first place.

    ``address`` is that of a key which it keeps itself; without one the hub makes and holds a key for it.
    """

    name_zh: str
    name_en: str
    gln: str
    place: str
    person: PersonDetails
    address: str = ""


def join_as_new(token: str, newcomer: Newcomer) -> str:
    """Found the invited organisation with its first person and place, as the inviter's partner; return a login."""
    invitation, person = opened(token), newcomer.person
    if access.account_of(person.email) is not None:
        raise AddressKnown
    passwords.judge(person.password, person.email, person.name)
    zone, made = invitation.inviter.time_zone, uuid7()
    with db.session(db.Who(made, uuid7(), "link")) as session:
        zh, en = newcomer.name_zh or newcomer.name_en, newcomer.name_en or newcomer.name_zh
        gln = digital_link.gln(newcomer.gln) if newcomer.gln else _own_number()
        row = parties.admit(session, invitation.kind, PartyDetails(zh, en, gln, time_zone=zone))
        if (first := _FIRST.get(invitation.kind)) is not None:
            called = newcomer.place or zh
            place = PlaceDetails(called, called, _own_number(), *_near(invitation.inviter), time_zone=zone)
            parties.add_place(session, first, place)
        joined = parties.add_person(session, person, _ROLES[invitation.kind][0])
        memberships = people.give(session, joined.id, Duties(_ROLES[invitation.kind]))
        _become_partners(session, invitation, row)
        joining.ask(session, newcomer.address)
        works = next(each for each in memberships if each.role is not Role.ADMINISTRATOR)
        return access.open_login(session, joined.id, works.id)


def join_signed_in(token: str, session: Session, actor: Actor) -> None:
    """Become the inviter's partner with the organisation that one administers."""
    invitation = opened(token)
    access.require(actor, Permission.ADMINISTER)
    if actor.kind is not invitation.kind:
        raise AnotherKind
    own = session.get_one(Organization, actor.organization_id)
    if any(each.organization.id == invitation.inviter.id and not each.ended for each in partners(session)):
        raise PartnersAlready
    _become_partners(session, invitation, own)
    access.record(session, actor, "partner.join", invitation.inviter.gln)


def partners(session: Session) -> list[Partner]:
    """Who the session's organisation trades with, or did: the latest first. Who audits whom stands elsewhere."""
    ours = session.info["who"].org
    mine = session.exec(select(TradeRelation).where(col(TradeRelation.owner_id) == ours)).all()
    theirs = session.exec(select(TradeRelation).where(col(TradeRelation.partner_id) == ours)).all()
    ids = {row.partner_id for row in mine} | {row.owner_id for row in theirs if row.kind != OrganizationKind.AUDITOR}
    traders = select(Organization).where(col(Organization.kind) != OrganizationKind.AUDITOR)
    known = session.exec(traders.where(col(Organization.id).in_(ids))).all()
    of_us, of_them = {row.partner_id: row for row in mine}, {row.owner_id: row for row in theirs}
    rows = [Partner(each, of_us.get(each.id), of_them.get(each.id)) for each in known]
    return sorted(rows, key=lambda row: (row.ended, row.organization.name_en))


def find(session: Session, partner: UUID) -> Partner:
    """One of them; refused (``NotFound``) where it is none."""
    found = next((row for row in partners(session) if row.organization.id == partner), None)
    if found is None:
        raise NotFound
    return found


def active(session: Session) -> int:
    """With how many of them it works still."""
    return sum(not row.ended for row in partners(session))


_SORTS: dict[str, Callable[[Partner], Any]] = {
    "name_zh": lambda row: row.organization.name_zh,
    "name_en": lambda row: row.organization.name_en.lower(),
    "kind": lambda row: row.organization.kind,
    "since": lambda row: row.since or date.max,
}


def listed(session: Session, search: Search) -> CountedPage[Partner]:
    """Those of them that are looked for, sorted as it is asked, else those that ended last."""
    wanted = select(Organization.id).where(sought.mentions(search.words, col(Organization.sought)))
    named = set(session.exec(wanted).all())
    found = [row for row in partners(session) if row.organization.id in named]
    if (by := _SORTS.get(search.sorted_by)) is not None:
        found.sort(key=by, reverse=search.descends)
    return CountedPage(found[search.before : search.before + search.size], len(found), search)


def end(session: Session, actor: Actor, partner: UUID, at: datetime) -> None:
    """Work with a partner no longer from the day after on; refused while orders between the two are open."""
    access.require(actor, Permission.ADMINISTER)
    own = session.get_one(Organization, actor.organization_id)
    mine = (col(TradeRelation.owner_id) == own.id) & (col(TradeRelation.partner_id) == partner)
    rows = session.exec(select(TradeRelation).where(mine)).all()
    if not rows:
        raise NotFound
    if orders := _open_orders(session, own.id, partner):
        raise OrdersOpen(orders=orders)
    for row in rows:
        row.valid_to = own.day(at)
    access.record(session, actor, "partner.end", session.get_one(Organization, partner).gln)
    session.flush()


def again(session: Session, actor: Actor, partner: UUID) -> None:
    """Work with a partner again."""
    access.require(actor, Permission.ADMINISTER)
    mine = (col(TradeRelation.owner_id) == actor.organization_id) & (col(TradeRelation.partner_id) == partner)
    rows = session.exec(select(TradeRelation).where(mine)).all()
    if not rows:
        raise NotFound
    for row in rows:
        row.valid_to = None
    access.record(session, actor, "partner.again", session.get_one(Organization, partner).gln)
    session.flush()


def _open_orders(session: Session, *both: UUID) -> int:
    """How many orders one of two has placed that the other delivers or carries: not received, closed or called off.

    One that was declined as a whole is over.
    """
    order, answer, line = PurchaseOrder, OrderAnswer, AnswerLine
    accepted = exists().where(col(line.answer_id) == col(answer.id), col(line.kind) != AnswerKind.DECLINED)
    declined = exists().where(col(answer.order_id) == col(order.id), ~accepted)
    open_ones = select(func.count()).where(
        col(order.owner_id).in_(both),
        col(order.supplier_id).in_(both) | col(order.haulier_id).in_(both),
        col(order.placed_at).is_not(None),
        *(col(over).is_(None) for over in (order.received_at, order.closed_at, order.cancelled_at)),
        ~declined,
    )
    return session.exec(open_ones).one()


def _become_partners(session: Session, invitation: Opened, joined: Organization) -> None:
    """Both say that they work with each other, and the invitation is used up; the second who opens it is refused."""
    inviter, today = invitation.inviter, Days(joined.day(now()))
    say(session, inviter.id, inviter.kind, today)
    with db.on_behalf(session, inviter.id):
        row = session.get_one(PartnerInvitation, invitation.id, with_for_update=True)
        _refuse_spent(row)
        row.used_at, row.used_by = now(), joined.id
        say(session, joined.id, joined.kind, invitation.days or today)


def say(session: Session, partner: UUID, kind: OrganizationKind, days: Days) -> TradeRelation:
    """The session's organisation says that it works with a partner; who was one before is one again."""
    ours = session.info["who"].org
    mine = (col(TradeRelation.owner_id) == ours) & (col(TradeRelation.partner_id) == partner)
    known = session.exec(select(TradeRelation).where(mine, col(TradeRelation.kind) == kind)).one_or_none()
    if known is None:
        return parties.relate(session, partner, kind, since=days.since, until=days.until)
    known.valid_to = days.until
    if kind is OrganizationKind.AUDITOR:
        known.valid_from = days.since
    session.flush()
    return known


def _refuse_spent(row: PartnerInvitation) -> None:
    if row.used_at is not None:
        raise PartnerLinkUsed
    if row.withdrawn_at is not None or row.expires_at < now():
        raise PartnerLinkEnded


def _own_number() -> str:
    return digital_link.internal_gln(secrets.randbelow(10**10))


def _near(inviter: Organization) -> tuple[float, float]:
    """Where a first place lies until somebody says where exactly: in the city of the inviter's time zone."""
    latitude, longitude = cities()[inviter.time_zone]
    return latitude, longitude
