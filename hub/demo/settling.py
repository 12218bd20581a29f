"""Claims of the past: most are settled, one way or the other; the newest wait for either side."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import col, select

from hub import db, outbox, prices
from hub.demo.founding import World
from hub.messages import ClaimReplied
from hub.models.claims import Claim, ReplyKind
from hub.models.party import Role
from supplier_portal.claims import claims
from supplier_portal.claims.claims import Reply

_REPLIES = (
    Reply(kind=ReplyKind.ACCEPTED, reason="已核对装车照片，由我方承担。"),
    Reply(kind=ReplyKind.SHARED, reason="双方各担一半。"),
    Reply(kind=ReplyKind.REFUSED, reason="装车记录显示数量无误。"),
)
_WAITING = 3
"""So many of the newest wait: for the supplier, and for the buyer to take an offer or a refusal."""


def settle(world: World, before: datetime) -> None:
    """Answer the claims that were opened before a moment, and close all but the newest of them."""
    with db.hub_session() as session:
        opened = select(Claim).where(col(Claim.opened_at) < before).order_by(col(Claim.opened_at), col(Claim.id))
        known = list(session.exec(opened))
    keys = {organization.id: key for key, organization in world.organizations.items()}
    for number, claim in enumerate(known):
        left = len(known) - number
        if left == 1:
            continue
        said = _REPLIES[number % len(_REPLIES)] if left > _WAITING else _REPLIES[left - 1]
        if said.kind is ReplyKind.SHARED:
            said = said.model_copy(update={"credit": prices.cents(claim.value / Decimal(2))})
        supplier = world.actor(keys[claim.supplier_id], Role.SUPPLIER)
        with db.session(world.who(keys[claim.supplier_id])) as session:
            held = session.get_one(Claim, claim.id)
            claims.reply(session, supplier, held, said, at=claim.opened_at + timedelta(hours=3))
        if left <= _WAITING or said.kind is ReplyKind.ACCEPTED:
            continue
        buyer = world.actor(keys[claim.owner_id], Role.BUYER)
        close = claims.take if said.kind is ReplyKind.SHARED else claims.withdraw
        with db.session(world.who(keys[claim.owner_id])) as session:
            held = session.get_one(Claim, claim.id)
            close(session, buyer, held, at=claim.opened_at + timedelta(hours=9))
    outbox.relay({ClaimReplied: [claims.replied]}, limit=1000)
