"""Logs: a line for each thing that happened, with its level, its process, and the id of the click it began with.

The id is the request's, which every answer bears as ``X-Request-Id``. It goes with the rows that carry work on
(``trace`` of events, outbox messages and commands for cores), and whoever works on them speaks under it again.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from chain_node.importing import without
from hub.settings import settings

with without("rich"):  # it draws tracebacks in colour, which no log of ours shows: 5 MB in each process
    import structlog
    from structlog.contextvars import bound_contextvars, get_contextvars, merge_contextvars

Logger = structlog.stdlib.BoundLogger
_NOISY = ("celery.beat", "celery.worker", "kombu", "amqp", "uvicorn.access", "urllib3", "fontTools", "PIL")


def get(name: str) -> Logger:
    """The logger of a module."""
    logger: Logger = structlog.get_logger(name)
    return logger


def trace() -> UUID | None:
    """The id of the click that what is being done began with, where it is known."""
    known = get_contextvars().get("trace")
    return UUID(known) if known else None


@contextmanager
def traced(of: UUID | None) -> Iterator[None]:
    """Work on what began with a click."""
    with bound_contextvars(trace=str(of) if of else ""):
        yield


_EACH: list[Any] = [
    merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *_EACH, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def configure(process: str) -> None:
    """Have this process log to its standard output, as ``FURROW_LOG_LEVEL`` and ``FURROW_LOG_FORMAT`` say."""
    last: Any = structlog.processors.JSONRenderer() if settings().log_format == "json" else _logfmt()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_EACH,
        processors=[
            _named(process),
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            last,
        ],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings().log_level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_is_no_refusal)


def _is_no_refusal(record: logging.LogRecord) -> bool:
    """Whether a line of uvicorn's is no complaint that a WebSocket was refused with an answer, as it may be."""
    return record.msg != "ASGI callable returned without completing handshake."


def _logfmt() -> Any:
    return structlog.processors.LogfmtRenderer(
        key_order=["timestamp", "level", "process", "event"], drop_missing=True, bool_as_flag=False
    )


def _named(process: str) -> Any:
    def name(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
        known = event if event.get("trace") else {key: value for key, value in event.items() if key != "trace"}
        return known | {"process": process}

    return name
