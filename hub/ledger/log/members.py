"""Members of the ledger: numbered, each with the key that signs its stream."""

import hashlib
import secrets
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from chain_node.facts import Role
from hub import db, keys
from hub.ledger.log import journal
from hub.models.base import now
from hub.models.catalogue import RecallNotice
from hub.models.party import KeyHolder, Organization, OrganizationKind, SigningKey
from hub.models.trace import LotClaim, Submission

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


def key_of(session: Session, owner: UUID) -> SigningKey | None:
    """The key that a member signs by now; None for who is no member yet."""
    keys_now = select(SigningKey).where(col(SigningKey.owner_id) == owner, col(SigningKey.revoked_at).is_(None))
    key: SigningKey | None = session.execute(keys_now).scalar_one_or_none()
    return key


def change_key(session: Session, organization: Organization, own_address: str) -> bool:
    """Give a member a key that it keeps, in place of the one it has; the chain hears of both in the journal's order.

    False while something that was signed by the key before is not in the journal yet: after its end nothing signed by
    it counts. What was captured and not numbered yet waits for the new key from now on (``sealing``). ``session`` is
    the hub's own.
    """
    assert organization.member is not None  # who has a key to change is a member
    db.in_turn(session, turn(organization.member))
    if _on_its_way(session, organization.id):
        return False
    before = key_of(session, organization.id)
    assert before is not None
    before.revoked_at = now()
    key = SigningKey(
        owner_id=organization.id, address=own_address, held_by=KeyHolder.MEMBER, enrolled_at=now(), via="enrol"
    )
    session.add_all([before, key])
    member = {"member": organization.member}
    journal.enqueue(session, "add-key", {**member, "account": own_address[2:].lower()})
    journal.enqueue(session, "revoke-key", {**member, "account": before.address[2:].lower()})
    return True


def turn(member: int) -> str:
    """What submissions of a member and a change of its key take turns by."""
    return f"ledger/member/{member}"


def _on_its_way(session: Session, owner: UUID) -> bool:
    """Whether something that a member signed waits to be sealed, or for its line in the journal."""
    signed = (col(RecallNotice.signature).is_not(None)) & col(RecallNotice.message_number).is_(None)
    waiting = (
        select(Submission).where(col(Submission.owner_id) == owner, col(Submission.append_number).is_(None)),
        select(LotClaim).where(col(LotClaim.owner_id) == owner, col(LotClaim.message_number).is_(None)),
        select(RecallNotice).where(col(RecallNotice.owner_id) == owner, signed),
    )
    return any(session.execute(rows.limit(1)).first() is not None for rows in waiting)


def cell(key: SigningKey) -> keys.Cell:
    """Where a member's key that the hub holds lies sealed."""
    return keys.Cell(key.owner_id, "signing_key", "sealed", key.id)
