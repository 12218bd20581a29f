"""How fast events are captured, sealed and anchored, with everything on, by a client in another process.

Run: ``python -m benchmarks.capture [SECONDS]`` (30 for each part where nothing is said). Starts the whole embedded hub
in a folder of its own, as ``make run`` does, without the sample world: validation, hash, signature, storage, sealing
and anchoring to its chain. Documents hold 500 events; four clients send them, then 32 send single events.
"""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx2
import psutil
from sqlalchemy import text

from benchmarks import weight
from benchmarks.memory import BATCH, Watched, document, event, sealed, standing
from hub import db
from tests.e2e import story
from tests.stack import Stack


def at_once(clients: int, seconds: float, send: Callable[[], None]) -> tuple[list[float], float]:
    """Seconds that each sending took, by some clients for some time, and how long all of it took."""
    took: list[float] = []
    until = time.monotonic() + seconds

    def one() -> None:
        while time.monotonic() < until:
            begun = time.monotonic()
            send()
            took.append(time.monotonic() - begun)

    threads = [threading.Thread(target=one) for _ in range(clients)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, time.monotonic() - begun


def percentile(took: list[float], part: float) -> float:
    """The time that a part of them (0 to 1) did not exceed, in milliseconds."""
    return sorted(took)[min(len(took) - 1, int(part * len(took)))] * 1000


def spent(stack: Stack) -> Counter[str]:
    """Seconds of processor that each part of a hub has had until now, and this client."""
    seconds: Counter[str] = Counter()
    for name, pid in {**weight.parts(stack.folder), "client": psutil.Process().pid}.items():
        process = psutil.Process(pid)
        for one in (process, *(process.children() if name == "postgres" else [])):
            times = one.cpu_times()
            seconds[name] += times.user + times.system
    return seconds


def waits(since: datetime) -> list[float]:
    """Seconds from an event's capture to the block that holds it, of those captured since; infinite without one."""
    with db.hub_session() as session:
        rows = session.execute(
            text(
                "select extract(epoch from a.anchored_at - e.created_at) from event e"
                " left join log_append a on e.log_index >= a.old_size and e.log_index < a.new_size"
                " where e.created_at > :since"
            ),
            {"since": since},
        )
        return sorted(float("inf") if seconds is None else float(seconds) for (seconds,) in rows)


def main(seconds: float) -> None:
    """Load a hub and print what it took."""
    with standing("furrow-capture-") as stack:
        _run(stack, seconds)


def _run(stack: Stack, seconds: float) -> None:
    at = datetime.now(UTC) - timedelta(days=300)
    cast = story.found(stack.folder / "core", at.date())
    client = httpx2.Client(
        base_url=stack.address,
        headers={"Authorization": f"Bearer {cast.keys['farm']}"},
        timeout=300,
        limits=httpx2.Limits(max_connections=64),
    )
    web, numbers = Watched(stack.pid("web")), count(1)

    def send(events: int) -> None:
        told = document([event(cast, next(numbers), at) for _ in range(events)])
        client.post("/epcis/capture", json=told).raise_for_status()

    def send_one() -> None:
        told = document([])
        one = {"@context": told["@context"], **event(cast, next(numbers), at)}
        client.post("/epcis/events", json=one).raise_for_status()

    send(BATCH)
    rest, begun = web.now, spent(stack)
    took, whole = at_once(4, seconds, lambda: send(BATCH))
    captured = BATCH * len(took)
    story.until(lambda: sealed() >= captured, 3600)
    print(
        f"documents of {BATCH}, 4 clients, {whole:.0f} s: {captured / whole:.0f} events/s, a document"
        f" p50 {percentile(took, 0.5):.0f} ms, p99 {percentile(took, 0.99):.0f} ms;"
        f" web {rest:.0f} MB before, {web.now:.0f} after"
    )
    print(_of_each(stack, begun, captured))
    begun = spent(stack)
    took, whole = at_once(32, seconds, send_one)
    print(
        f"single events, 32 clients, {whole:.0f} s: {len(took) / whole:.0f} events/s,"
        f" p50 {percentile(took, 0.5):.0f} ms, p99 {percentile(took, 0.99):.0f} ms"
    )
    print(_of_each(stack, begun, len(took)))
    story.until(lambda: sealed() >= captured + len(took), 3600)
    since = datetime.now(UTC)
    took_so_long = _steady(send, seconds)
    story.until(lambda: waits(since)[-1] < float("inf"), 120)
    late = waits(since)
    p50, p95 = late[len(late) // 2], late[int(0.95 * len(late))]
    rate = len(late) / took_so_long
    print(f"{rate:.0f} events/s in documents of 100, from captured to a block: p50 {p50:.1f} s, p95 {p95:.1f} s")


def _of_each(stack: Stack, begun: Counter[str], events: int) -> str:
    """How much of the processor each part has had for an event since it began."""
    each = {name: (ended - begun[name]) / events * 1e3 for name, ended in spent(stack).most_common()}
    return "of the processor, ms an event: " + ", ".join(f"{name} {ms:.2f}" for name, ms in each.items() if ms >= 0.01)


def _steady(send: Callable[[int], None], seconds: float) -> float:
    """A thousand events a second, in documents of a hundred, or as many as go in; return the seconds it took."""
    begun = time.monotonic()
    for turn in range(int(seconds * 10)):
        time.sleep(max(0.0, begun + turn / 10 - time.monotonic()))
        send(100)
    return time.monotonic() - begun


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30)
