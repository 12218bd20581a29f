"""What a chain still has to do until its first load arrives: read from its own rows, so that no tick can be wrong.

What a chain does without (a haulier, a core, notices) it says once; that stands in its audit trail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from hub import access
from hub.access import Actor, Permission
from hub.errors import NotFound
from hub.ledger.log import members
from hub.models.access import AuditEntry
from hub.models.inventory import Assortment, CoreConnection, SalesDay
from hub.models.notice import NoticeChoice
from hub.models.party import (
    Membership,
    Organization,
    OrganizationKind,
    Place,
    PlaceKind,
    TradeRelation,
)
from hub.models.trade import PurchaseOrder


class Step(StrEnum):
    """One of the first steps, in the order in which they make sense."""

    CHAIN = "chain"
    STORES = "stores"
    ITEMS = "items"
    SUPPLIERS = "suppliers"
    HAULIER = "haulier"
    CORE = "core"
    PEOPLE = "people"
    NOTICES = "notices"
    ORDER = "order"


PATHS: dict[Step, str] = {
    Step.STORES: "/settings/places",
    Step.ITEMS: "/settings/assortment",
    Step.SUPPLIERS: "/settings/partners",
    Step.HAULIER: "/settings/partners",
    Step.CORE: "/settings/core",
    Step.PEOPLE: "/settings/people",
    Step.NOTICES: "/notices/choices",
    Step.ORDER: "/buyer/proposals",
}
"""Where each step is done; a step is linked only where this hub has such a page (`hub.pages.oversight`)."""
DISPENSABLE = frozenset({Step.HAULIER, Step.CORE, Step.NOTICES})
"""What a chain can do without."""
_WITHOUT, _AWAY = "begin.without", "begin.away"


@dataclass(frozen=True)
class Partners:
    """The names of those who trade with the chain, and how many it waits for to say so too."""

    names: Sequence[Any] = ()
    awaited: int = 0


@dataclass(frozen=True)
class Standing:
    """How far a chain has come; ``without`` is what it said it does without, ``away`` that it put the list away.

    ``held_by`` says who keeps its key on the ledger, None while it waits to become a member.
    """

    chain: Organization
    stores: Sequence[Any] = ()
    centres: int = 0
    items: int = 0
    suppliers: Partners = Partners()
    hauliers: Partners = Partners()
    cores: int = 0
    sales: bool = False
    colleagues: int = 0
    notices: bool = False
    ordered: bool = False
    held_by: str | None = None
    without: frozenset[str] = frozenset()
    away: bool = False

    def done(self, step: Step) -> bool:
        """Whether nothing of a step is left to do."""
        ends: dict[Step, object] = {
            Step.CHAIN: self.chain.member,
            Step.STORES: self.stores,
            Step.ITEMS: self.items,
            Step.SUPPLIERS: self.suppliers.names,
            Step.HAULIER: self.hauliers.names,
            Step.CORE: self.cores or self.sales,
            Step.PEOPLE: self.colleagues,
            Step.NOTICES: self.notices,
            Step.ORDER: self.ordered,
        }
        return bool(ends[step]) or step in self.without

    def waits(self, step: Step) -> bool:
        """Whether somebody else has to do something for it first."""
        if step is Step.CHAIN:
            return self.chain.member is None
        partners = {Step.SUPPLIERS: self.suppliers, Step.HAULIER: self.hauliers}.get(step)
        return partners is not None and not self.done(step) and partners.awaited > 0


def standing(session: Session, chain: Organization) -> Standing:
    """How far the session's organisation, a retailer, has come."""
    own = chain.id
    places = session.exec(select(Place).where(col(Place.owner_id) == own).order_by(col(Place.created_at))).all()
    said = session.exec(
        select(AuditEntry.action, AuditEntry.subject).where(col(AuditEntry.action).in_([_WITHOUT, _AWAY]))
    ).all()
    key = members.key_of(session, own)
    people = select(func.count(func.distinct(Membership.user_id))).where(
        col(Membership.owner_id) == own, col(Membership.ended_at).is_(None)
    )
    return Standing(
        chain=chain,
        stores=[place for place in places if place.kind is PlaceKind.STORE],
        centres=sum(place.kind is PlaceKind.DISTRIBUTION_CENTRE for place in places),
        items=session.exec(select(func.count()).select_from(Assortment).where(col(Assortment.owner_id) == own)).one(),
        suppliers=_partners(session, own, OrganizationKind.SUPPLIER),
        hauliers=_partners(session, own, OrganizationKind.HAULIER),
        cores=session.exec(select(func.count()).select_from(CoreConnection)).one(),
        sales=session.exec(select(SalesDay).where(col(SalesDay.owner_id) == own).limit(1)).first() is not None,
        colleagues=session.exec(people).one() - 1,
        notices=session.exec(select(NoticeChoice).limit(1)).first() is not None,
        ordered=_has_ordered(session, own),
        held_by=key.held_by if key else None,
        without=frozenset(subject for action, subject in said if action == _WITHOUT),
        away=any(action == _AWAY for action, _ in said),
    )


def do_without(session: Session, actor: Actor, step: Step) -> None:
    """Say that the chain does without a haulier, a core or notices; what is not dispensable is `NotFound`."""
    access.require(actor, Permission.ADMINISTER)
    if step not in DISPENSABLE:
        raise NotFound
    access.record(session, actor, _WITHOUT, step.value)


def put_away(session: Session, actor: Actor) -> None:
    """Show the list only to who asks for it from now on."""
    access.require(actor, Permission.ADMINISTER)
    access.record(session, actor, _AWAY, "")


def _partners(session: Session, own: UUID, kind: OrganizationKind) -> Partners:
    """Those of a kind with whom the chain says that it trades; they count once they say it too."""
    said = select(TradeRelation.partner_id).where(col(TradeRelation.owner_id) == own, col(TradeRelation.kind) == kind)
    named = set(session.exec(said).all())
    heard = select(TradeRelation.owner_id).where(col(TradeRelation.partner_id) == own)
    known = named & set(session.exec(heard).all())
    names = session.exec(select(Organization).where(col(Organization.id).in_(known))).all()
    return Partners(names, len(named - known))


def _has_ordered(session: Session, own: UUID) -> bool:
    placed = col(PurchaseOrder.owner_id) == own, col(PurchaseOrder.placed_at).is_not(None)
    return session.exec(select(PurchaseOrder).where(*placed).limit(1)).first() is not None
