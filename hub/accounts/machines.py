"""Machines that come in by an API key: named, for a few purposes, until a day, and revoked at once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access
from hub.access import GRANTS, Actor, Permission
from hub.accounts.people import ROLES
from hub.errors import InvalidInput, NotFound
from hub.models.access import ApiKey
from hub.models.base import now
from hub.models.party import OrganizationKind


class NotForMachines(InvalidInput):
    """A key of this kind of organisation cannot open that."""

    code, status, at = "not-for-machines", 422, "scopes"


def scopes(kind: OrganizationKind) -> tuple[Permission, ...]:
    """What a key of such an organisation may open: what its people may, but for people and keys themselves."""
    held = frozenset().union(*(GRANTS[role] for role in ROLES[kind]))
    return tuple(one for one in Permission if one in held and one is not Permission.ADMINISTER)


def keys(session: Session) -> Sequence[ApiKey]:
    """The organisation's keys: those that open something first, the newest first."""
    rows = session.exec(select(ApiKey).order_by(col(ApiKey.id).desc())).all()
    return sorted(rows, key=lambda row: row.revoked_at is not None)


def make(session: Session, actor: Actor, name: str, wanted: Collection[Permission], expires_at: datetime) -> str:
    """Make a key; it is returned this once."""
    access.require(actor, Permission.ADMINISTER)
    access.require_recent(actor)
    if set(wanted) - set(scopes(actor.kind)):
        raise NotForMachines
    key = access.make_api_key(session, actor.organization_id, name, wanted, expires_at)
    access.record(session, actor, "key.make", name, scopes=", ".join(sorted(wanted)))
    return key


def revoke(session: Session, actor: Actor, key_id: UUID) -> None:
    """Have a key open nothing any more, from the next request on."""
    access.require(actor, Permission.ADMINISTER)
    access.require_recent(actor)
    row = session.get(ApiKey, key_id)
    if row is None:
        raise NotFound
    if row.revoked_at is None:
        row.revoked_at = now()
        access.record(session, actor, "key.revoke", row.name)
