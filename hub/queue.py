"""Celery, which carries hints only: every task can be lost, repeated or late, and nothing goes wrong.

Each queue is a promise of its own, with workers of its own: what is slow in one makes nobody wait in another.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from celery import Celery, Task
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hub import db, log, memory, metrics, terms
from hub.settings import settings

LONGEST_TASK = 300
"""Seconds after which a task that nobody has said to be done is given to another worker."""


class Queue(StrEnum):
    """What is promised for the tasks in it."""

    CORES = "cores"
    """Within seconds; a core that does not answer holds up no other retailer's."""
    PLANS = "plans"
    """A day's routes, asked for by somebody who waits."""
    BULK = "bulk"
    """Some time: forecasts, proposals, comparisons, housekeeping."""


app = Celery("furrow")
_log = log.get("hub.queue")
_grown = memory.Watch()
"""A worker waits nearly all the time: what a task needed for a moment is not kept until the next."""
app.conf.update(
    broker_url=settings().broker_url.get_secret_value() or None,
    task_acks_late=True,
    task_ignore_result=True,
    worker_hijack_root_logger=False,
    task_default_queue=Queue.BULK.value,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    # The two intervals bring a killed worker's task back within seconds once its time is over, instead of minutes.
    broker_transport_options={
        "visibility_timeout": LONGEST_TASK,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        # Whoever hints while the broker is away waits for one more try, and not for the six seconds of the default.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
    },
    beat_schedule={},
    task_routes={},
)


def task(queue: Queue, *, every: timedelta | None = None, alone: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """Make a function a task of a queue.

    ``every`` has beat call it; ``alone`` skips the call while another runs it with the same arguments.
    """

    def wrap(function: Callable[..., Any]) -> Any:
        name = f"{function.__module__}.{function.__name__}"
        body = _measured(name, _alone(name, function) if alone else function)
        app.conf.task_routes[name] = {"queue": queue.value}
        if every is not None:
            # A round that could not begin before the next is due is dropped, not piled up.
            options = {"queue": queue.value, "expires": max(every.total_seconds(), 10)}
            app.conf.beat_schedule[name] = {"task": name, "schedule": every, "options": options}
        return app.task(name=name, bind=True)(body)

    return wrap


def _measured(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as Celery calls it: under the id of the click it was hinted at with, and counted."""

    def run(task: Task, *arguments: Any) -> Any:
        begun, ended = time.monotonic(), "failed"
        trace = (task.request.headers or {}).get("trace") or None
        with log.traced(UUID(trace) if trace else None):
            try:
                result = function(*arguments)
                ended = "done"
                return result
            except Exception:
                _log.exception("task failed", task=name)
                raise
            finally:
                metrics.TASKS.labels(name, ended).observe(time.monotonic() - begun)
                _grown.settle()

    run.__name__, run.__doc__ = function.__name__, function.__doc__
    return run


def hint(name: str, *arguments: object, expires: timedelta | None = None) -> None:
    """Ask for a task soon. When the broker is away the hint is lost, and the rounds find the work anyway."""
    seconds = None if expires is None else expires.total_seconds()
    headers = {"trace": str(log.trace() or "")}
    try:
        app.send_task(name, args=[str(a) for a in arguments], retry=False, expires=seconds, headers=headers)
    except Exception as error:  # any broker failure: a hint is only a hint
        _log.warning("hint not sent", task=name, problem=type(error).__name__)


_BEGUN_WITH = (
    "celery.bin.worker",
    "celery.apps.worker",
    "celery.concurrency.thread",
    "celery.beat",
    "kombu.transport.redis",
)


def read_ahead() -> None:
    """Import what workers and the clock import once they begin: those that are forked from here have it once."""
    for name in _BEGUN_WITH:
        import_module(name)


def clock(schedule: Path) -> threading.Thread:
    """What has the rounds begin when they are due, as a thread; ``schedule`` is the file it remembers them in."""
    from celery.beat import EmbeddedService

    beat: threading.Thread = EmbeddedService(app, thread=True, schedule_filename=str(schedule))
    return beat


def _alone(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*arguments: Any) -> Any:
        with lease("/".join([name, *map(str, arguments)])) as held:
            return function(*arguments) if held else None

    run.__name__ = function.__name__
    return run


TERM = timedelta(seconds=60)
"""How long a lease is held without a word: what dies leaves the round to others after this long."""


@contextmanager
def lease(name: str, term: timedelta = TERM) -> Iterator[terms.Held | None]:
    """Be the only one to run ``name``; None while another is.

    The lease is renewed beside the work. Whatever is committed meanwhile is checked against it (`hub.terms`): a
    holder that was stopped for longer than its term changes nothing any more.
    """
    held = take_lease(name, term)
    if held is None:
        yield None
        return
    over = threading.Event()
    renewing = threading.Thread(target=_renew, args=(held, term, over), daemon=True)
    renewing.start()
    try:
        with terms.under(held):
            yield held
    finally:
        over.set()
        renewing.join()
        drop_lease(held)


def take_lease(name: str, term: timedelta) -> terms.Held | None:
    """Become the only one to run ``name`` until the term ends; None while another is."""
    with db.hub_session() as session:
        return terms.elect(session.connection().exec_driver_sql, name, term)


def drop_lease(held: terms.Held) -> None:
    """Let the next one in."""
    _extend(held, timedelta(0))


def _renew(held: terms.Held, term: timedelta, over: threading.Event) -> None:
    while not over.wait(term.total_seconds() / 3):
        with suppress(OperationalError):  # the database is away: the next try, or the check at commit
            _extend(held, term)


def _extend(held: terms.Held, term: timedelta) -> None:
    with db.hub_session() as session:
        session.execute(
            text("update lease set until = now() + :more where name = :name and holder = :holder and term = :term"),
            {"more": term, "name": held.name, "holder": held.holder, "term": held.term},
        )
