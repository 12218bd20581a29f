"""Who listens to which message."""

from hub.accounts import links
from hub.hooks import hooks
from hub.inventory import commands
from hub.messages import (
    ClaimReplied,
    GoodsReceived,
    HandoverDue,
    MemberEnrolled,
    Message,
    NoticeGiven,
    OrderCancelled,
    OrderTurned,
    PasswordLinkAsked,
    ReceiptFinal,
)
from hub.notices import desk
from hub.outbox import Listener
from hub.trace import joining
from logistics.receive import receiving, undoing
from supplier_portal.claims import claims
from supplier_portal.orders import orders
from supplier_portal.orders.agreeing import agreement
from supplier_portal.orders.cancelling import cancelling
from supplier_portal.settling import statements

LISTENERS: dict[type[Message], list[Listener]] = {
    ClaimReplied: [claims.replied],
    GoodsReceived: [commands.goods_received, orders.goods_received, statements.goods_received, claims.goods_received],
    HandoverDue: [receiving.record_handover],
    ReceiptFinal: [undoing.finish],
    OrderTurned: [agreement.turned],
    OrderCancelled: [cancelling.cancelled],
    MemberEnrolled: [joining.begin_as_member],
    NoticeGiven: [desk.given, hooks.given],
    PasswordLinkAsked: [links.asked],
}
"""Called by the relay in a session of the organisation that was told."""
