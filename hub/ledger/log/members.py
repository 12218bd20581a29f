"""Members of the ledger: numbered, each with the key that signs its stream."""

import hashlib
import secrets

from sqlalchemy import func, select
from sqlmodel import Session

from chain_node.facts import Role
from hub import keys
from hub.ledger.log import journal
from hub.models.base import now
from hub.models.party import KeyHolder, Organization, OrganizationKind, SigningKey

_ROLES = {
    OrganizationKind.SUPPLIER: Role.SUPPLIER,
    OrganizationKind.RETAILER: Role.RETAILER,
    OrganizationKind.HAULIER: Role.CARRIER,
    OrganizationKind.AUDITOR: Role.AUDITOR,
    OrganizationKind.OPERATOR: Role.AUTHORITY,
}


def enrol(session: Session, organization: Organization, own_address: str | None = None) -> int:
    """Give an organisation its member number and its key; the chain hears of it in the journal's order.

    ``own_address`` is that of a key the member keeps; without it the hub makes and holds one, and what that
    signs is the hub's testimony. ``session`` is the hub's own.
    """
    address, secret = (own_address, None) if own_address else keys.new_signing_key()
    number = (session.execute(select(func.max(Organization.member))).scalar_one() or 0) + 1
    organization.member = number
    held = KeyHolder.MEMBER if secret is None else KeyHolder.HUB
    key = SigningKey(owner_id=organization.id, address=address, held_by=held, enrolled_at=now(), via="enrol")
    if secret is not None:
        key.sealed = keys.seal(secret, cell(key))
    session.add(organization)
    session.add(key)
    identity = hashlib.sha256(secrets.token_bytes(32) + organization.gln.encode()).hexdigest()
    journal.enqueue(
        session,
        "enrol",
        {
            "roles": int(_ROLES[organization.kind]),
            "identity": identity,
            "account": address[2:],
            "hub_held": secret is not None,
        },
    )
    return number


def cell(key: SigningKey) -> keys.Cell:
    """Where a member's key that the hub holds lies sealed."""
    return keys.Cell(key.owner_id, "signing_key", "sealed", key.id)
