"""What each process counts, for Prometheus: few labels, and never a person's, a party's or an address.

A process shows its own at ``http://127.0.0.1:PORT/metrics`` when ``FURROW_METRICS_PORT`` names a port.
"""

from prometheus_client import Counter, Gauge, Histogram, start_http_server

from hub.settings import settings

REQUESTS = Histogram(
    "furrow_request_seconds",
    "How long requests took, by route, method and the hundred of their status.",
    ["route", "method", "status"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)
SEALED = Counter("furrow_sealed_records_total", "Records laid into the log.")
ROUNDS = Counter("furrow_keeper_rounds_total", "Rounds of the keeper, by duty and how they ended.", ["duty", "ended"])
LEADING = Gauge("furrow_keeper_leading", "1 while this keeper leads.")
UNSETTLED = Gauge("furrow_journal_unsettled_messages", "Messages to the chain that are not final yet.")
HANDLED = Counter("furrow_outbox_messages_total", "Messages of the outbox, and how they ended.", ["type", "ended"])
TASKS = Histogram(
    "furrow_task_seconds",
    "How long tasks took, by name and how they ended.",
    ["task", "ended"],
    buckets=(0.01, 0.1, 1, 10, 60, 300),
)


def serve(after: int = 0) -> None:
    """Show this process's figures on the loopback, ``after`` ports above the one of the settings; not when it is 0."""
    if port := settings().metrics_port:
        start_http_server(port + after, addr="127.0.0.1")
