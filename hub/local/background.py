"""``python -m hub.local.background``: the relay with the clock, and a worker for each queue, each a process of its own.

They are forked from one that has read all their code, so that it lies in memory once (docs/decisions/0013). A hub on
several machines starts them singly: ``python -m hub.relay``, ``celery -A hub.worker worker --queues cores``.
"""

import argparse
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy.orm import configure_mappers

from hub import log, metrics, queue, relay, worker  # noqa: F401  their tasks are what is worked on
from hub.local import supervisor
from hub.queue import Queue

AT_ONCE = {Queue.CORES: 8, Queue.PLANS: 2, Queue.BULK: 2}
"""How many tasks of a queue are done side by side. They wait for others nearly all the time, so threads serve."""
_PAUSE = 1.0
_log = log.get("hub.local.background")


def main(folder: Path) -> None:
    """Fork them, fork those anew that end, and end them all when told to stop."""
    works: dict[str, Callable[[], None]] = {"relay": partial(relay.main, folder / "beat" / "schedule")}
    works |= {f"worker-{queue}": partial(_work, queue) for queue in Queue}
    log.configure("background")
    over = threading.Event()
    running: dict[int, str] = {}

    def stop(*_: object) -> None:
        over.set()
        for pid in running:
            os.kill(pid, signal.SIGTERM)

    configure_mappers()  # else each does it for itself, at its first question
    queue.read_ahead()
    gc.collect()
    gc.freeze()  # what is there now is left alone by the collector, so that its pages stay shared
    for place, (name, work) in enumerate(works.items()):
        works[name] = partial(_begun, name, place, work)
        running[_forked(folder, name, works[name])] = name
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, stop)
    while running:
        pid, status = os.wait()
        name = running.pop(pid)
        if not over.is_set():
            _log.warning("a part ended; starting it again", part=name, status=os.waitstatus_to_exitcode(status))
            over.wait(_PAUSE)
        if not over.is_set():
            running[_forked(folder, name, works[name])] = name
    for name in works:
        supervisor.forget(folder, name)


def _begun(name: str, place: int, work: Callable[[], None]) -> None:
    log.configure(name)
    metrics.serve(place)
    work()


def _forked(folder: Path, name: str, work: Callable[[], None]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        supervisor.remember(folder, name, pid)
        return pid
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    code = 1
    try:
        work()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # a child must never go on as its parent does
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _end_with(parent: int) -> None:
    """Nobody is left to end us once our parent was killed."""
    while os.getppid() == parent:
        time.sleep(_PAUSE)
    os._exit(1)


def _work(name: Queue) -> None:
    quiet = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    threads = ["--pool", "threads", "--concurrency", str(AT_ONCE[name])]
    queue.app.worker_main(["worker", "--queues", name, "--hostname", f"{name}@%h", *threads, *quiet])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the installation's data folder")
    main(parser.parse_args().folder)
