"""What works in the background: every task of the house."""

from importlib import import_module

from hub import queue

TASKS = [
    "hub.tasks",
    "hub.inventory.tasks",
    "supplier_portal.tasks",
    "logistics.tasks",
]
"""The modules whose tasks a worker runs."""

for module in TASKS:
    import_module(module)

app = queue.app
