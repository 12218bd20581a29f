"""What works in the background: every task of the house, and who listens to which message."""

from importlib import import_module

from hub import queue
from hub.inventory import commands
from hub.messages import GoodsReceived, HandoverDue, Message
from hub.outbox import Listener
from logistics.receive import receiving
from supplier_portal.orders import orders

TASKS = [
    "hub.tasks", "hub.ledger.tasks", "hub.trace.tasks", "hub.inventory.tasks", "supplier_portal.tasks",
    "logistics.tasks",
]  # fmt: skip
"""The modules whose tasks a worker runs."""

LISTENERS: dict[type[Message], list[Listener]] = {
    GoodsReceived: [commands.goods_received, orders.goods_received],
    HandoverDue: [receiving.record_handover],
}
"""Who listens to what: called by the relay in a session of the organisation that was told."""

for module in TASKS:
    import_module(module)

app = queue.app
