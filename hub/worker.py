"""What works in the background: every task of the house, and who listens to which message."""

from importlib import import_module

from hub import queue
from hub.messages import Message
from hub.outbox import Listener

TASKS = ["hub.trace.tasks", "hub.inventory.tasks"]
"""The modules whose tasks a worker runs."""

LISTENERS: dict[type[Message], list[Listener]] = {}
"""Who listens to what: called by the relay in a session of the organisation that was told."""

for module in TASKS:
    import_module(module)

app = queue.app
