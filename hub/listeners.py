"""Who listens to which message."""

from hub.accounts import links
from hub.inventory import commands
from hub.messages import GoodsReceived, HandoverDue, Message, PasswordLinkAsked
from hub.outbox import Listener
from logistics.receive import receiving
from supplier_portal.orders import orders

LISTENERS: dict[type[Message], list[Listener]] = {
    GoodsReceived: [commands.goods_received, orders.goods_received],
    HandoverDue: [receiving.record_handover],
    PasswordLinkAsked: [links.asked],
}
"""Called by the relay in a session of the organisation that was told."""
