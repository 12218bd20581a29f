"""Auditors: whom an organisation lets look into its records, from which day until which.

What it opens is its own word: a relation of kind auditor, which the policies ask (`AUDITED` of `hub.models.party`).
What hangs on the records, such as its places and items, shows once the auditor has said so too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access, db
from hub.access import Actor, Permission
from hub.beginning import partners
from hub.beginning.partners import Days
from hub.errors import HubError, InvalidInput, NotFound
from hub.gs1 import digital_link
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind, TradeRelation


class NoSuchAuditor(HubError):
    """No auditor of this hub has this GLN. Invite them by a link."""

    code, status, at = "no-such-auditor", 409, "gln"


class AuditorsAlone(HubError):
    """An auditor is audited by nobody here."""

    code, status = "auditors-alone", 409


@dataclass(frozen=True)
class Audit:
    """Who audits, or is audited, and for how long; ``answered`` once the auditor has said so too."""

    relation: TradeRelation
    other: Organization
    answered: bool

    def over(self, at: datetime) -> bool:
        """Whether it has ended."""
        return self.relation.valid_to is not None and self.relation.valid_to < at.date()

    def begun(self, at: datetime) -> bool:
        """Whether its first day has come."""
        return self.relation.valid_from <= at.date()


def grant(session: Session, actor: Actor, gln: str, days: Days) -> TradeRelation:
    """Let an auditor of this hub look, from a day until another; said again, it is for other days."""
    _require(actor, days)
    auditor = select(Organization.id).where(col(Organization.kind) == OrganizationKind.AUDITOR)
    with db.public_session() as anybody:
        found = anybody.exec(auditor.where(col(Organization.gln) == digital_link.gln(gln))).one_or_none()
    if found is None:
        raise NoSuchAuditor
    row = partners.say(session, found, OrganizationKind.AUDITOR, days)
    access.record(session, actor, "audit.grant", digital_link.gln(gln), **_told(days))
    return row


def invite(session: Session, actor: Actor, name: str, days: Days) -> str:
    """Invite an auditor, here already or not yet; return the link, which is shown once."""
    _require(actor, days)
    return partners.link(session, actor, OrganizationKind.AUDITOR, name, days)


def end(session: Session, actor: Actor, auditor: UUID, at: datetime) -> None:
    """Let an auditor look no longer, from this moment on."""
    access.require(actor, Permission.ADMINISTER)
    mine = (col(TradeRelation.owner_id) == actor.organization_id) & (col(TradeRelation.partner_id) == auditor)
    row = session.exec(select(TradeRelation).where(mine, _OF_AUDITORS)).one_or_none()
    if row is None:
        raise NotFound
    # The policies ask for the day in UTC; until that of yesterday is: from now on no more, wherever one is.
    row.valid_to = at.date() - timedelta(days=1)
    access.record(session, actor, "audit.end", _named(auditor).gln)
    session.flush()


def auditors(session: Session) -> list[Audit]:
    """Whom the session's organisation lets look, or did, by name."""
    ours = session.info["who"].org
    mine = session.exec(select(TradeRelation).where(col(TradeRelation.owner_id) == ours, _OF_AUDITORS)).all()
    return _audits(session, [(row, row.partner_id) for row in mine])


def audited(session: Session) -> list[Audit]:
    """Who lets the session's organisation look, or did, by name."""
    ours = session.info["who"].org
    theirs = session.exec(select(TradeRelation).where(col(TradeRelation.partner_id) == ours, _OF_AUDITORS)).all()
    return _audits(session, [(row, row.owner_id) for row in theirs])


def accept(session: Session, actor: Actor, owner: UUID) -> None:
    """As an auditor, say that one audits who has granted it: from then on names, places and items show too."""
    access.require(actor, Permission.ADMINISTER)
    audit = next((each for each in audited(session) if each.other.id == owner), None)
    if audit is None:
        raise NotFound
    partners.say(session, owner, audit.other.kind, Days(audit.relation.valid_from))
    access.record(session, actor, "audit.accept", audit.other.gln)


_OF_AUDITORS = col(TradeRelation.kind) == OrganizationKind.AUDITOR


def _audits(session: Session, rows: Sequence[tuple[TradeRelation, UUID]]) -> list[Audit]:
    """With the others' names, which are public: who has ended an audit is seen by name still."""
    ours, others = session.info["who"].org, [other for _, other in rows]
    said = select(TradeRelation.owner_id, TradeRelation.partner_id).where(
        col(TradeRelation.owner_id).in_([ours, *others]), col(TradeRelation.partner_id).in_([ours, *others])
    )
    known = set(session.exec(said).all())
    with db.public_session() as anybody:
        named = {each.id: each for each in anybody.exec(select(Organization).where(col(Organization.id).in_(others)))}
    audits = [Audit(row, named[other], (row.partner_id, row.owner_id) in known) for row, other in rows]
    return sorted(audits, key=lambda each: (each.over(now()), each.other.name_en))


def _named(organization: UUID) -> Organization:
    with db.public_session() as anybody:
        return anybody.get_one(Organization, organization)


def _require(actor: Actor, days: Days) -> None:
    access.require(actor, Permission.ADMINISTER)
    if actor.kind is OrganizationKind.AUDITOR:
        raise AuditorsAlone
    if days.until is not None and days.until < days.since:
        raise InvalidInput("The last day lies before the first.", at="until")


def _told(days: Days) -> dict[str, str]:
    return {"valid_from": str(days.since), "valid_to": str(days.until or "")}
