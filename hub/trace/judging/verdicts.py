"""What becomes of a captured event beyond the standard: refused where its owner is strict or a buyer insists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from hub.gs1 import epcis
from hub.gs1.epcis import Fault, Submitted
from hub.gs1.profiles import judging, shelf
from hub.gs1.profiles.form import Profile
from hub.models.base import now
from hub.models.party import AskWeight, Organization, OrganizationKind, TradeRelation
from hub.trace.judging import oddities


class OddEvent(epcis.InvalidDocument):
    """This event is odd, and your organisation has what is odd refused."""

    code = "odd-event"


class AskedByBuyer(epcis.InvalidDocument):
    """This event does not say what its buyer asks for."""

    code = "asked-by-buyer"


@dataclass(frozen=True)
class Asked:
    """What a buyer asks of its supplier's events, and whether it has others refused."""

    buyer: Organization
    profile: Profile
    refuses: bool

    def of(self, submitted: Submitted) -> list[Fault]:
        """What an event does not say of it; each fault names the buyer."""
        called = self.buyer.name_en
        return [
            Fault(fault.path, f"asked for by {called} ({self.profile.name}): {fault.message}")
            for fault in judging.judge(self.profile, submitted)
        ]


def asked_of(session: Session, supplier: UUID) -> list[Asked]:
    """What buyers ask of an organisation that they work with still; it has said that it works with them too."""
    rows = select(TradeRelation, Organization).join(Organization, col(Organization.id) == col(TradeRelation.owner_id))
    rows = rows.where(
        col(TradeRelation.partner_id) == supplier,
        col(TradeRelation.kind) == OrganizationKind.SUPPLIER,
        col(TradeRelation.profile) != "",
    )
    at = now()
    return [
        Asked(buyer, shelf.PROFILES[relation.profile], relation.profile_weight is AskWeight.REFUSE)
        for relation, buyer in session.exec(rows.order_by(col(Organization.gln)))
        if relation.profile in shelf.PROFILES and (relation.valid_to is None or relation.valid_to >= buyer.day(at))
    ]


@dataclass(frozen=True)
class Verdict:
    """What is said of one event beside the standard, and why it is refused, where it is."""

    warnings: tuple[Fault, ...] = ()
    refusal: epcis.InvalidDocument | None = None


def by_buyers(asked: Iterable[Asked], submitted: Submitted, readers: set[UUID]) -> Verdict:
    """What those of the buyers whom an event reaches say of it."""
    warnings, insisted = list[Fault](), list[Fault]()
    for each in asked:
        if each.buyer.id in readers:
            (insisted if each.refuses else warnings).extend(each.of(submitted))
    return Verdict(tuple(warnings), AskedByBuyer(epcis.lined(submitted.event, insisted)) if insisted else None)


def strictly(session: Session, owner: UUID, submitted: Sequence[Submitted]) -> list[Verdict]:
    """Refuse what is odd about events that are not here yet, in their order."""
    found = oddities.each(session, owner, submitted)
    return [
        Verdict(refusal=OddEvent(epcis.lined(event.event, odd)) if odd else None)
        for event, odd in zip(submitted, found, strict=True)
    ]
