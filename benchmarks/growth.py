"""How questions and scans slow down as events pile up, from fifty thousand to five million.

Run: ``python -m benchmarks.growth [SIZE …]`` (50,000, 500,000 and 5,000,000 where nothing is said; the last takes some
twelve GB of disk and a quarter of an hour). Starts the whole embedded hub in a folder of its own, as ``make run`` does,
without the sample world, captures a document of events, and has the database multiply them: other identifiers, lots
and times, twenty events a lot, as records that are sealed already. What is measured is asked by HTTP, one after the
other, of lots that were not asked for before.
"""

import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx2
from sqlalchemy import create_engine, text

from benchmarks.capture import percentile
from benchmarks.memory import document, event, sealed, standing
from hub import db
from hub.gs1 import digital_link
from hub.settings import settings
from tests.e2e import story
from tests.stack import Stack

SIZES = (50_000, 500_000, 5_000_000)
AT_ONCE = 250_000
A_LOT = 20
ASKED = 200

# Each event that was captured becomes many: `n` counts on from those that are there, and each twenty make a lot.
_MULTIPLIED = text(
    """with pattern as (
         select e.*, k.link as lot from event e join event_key k on k.event_id = e.id
         where k.link like '%/10/L0' order by e.id limit 1),
       made as (
         select n, gen_random_uuid() as id, left(p.lot, -1) || (n / :lot) as lot
         from pattern p, generate_series(cast(:first as bigint), cast(:last as bigint)) n),
       events as (
         insert into event (id, owner_id, created_at, created_by, via, event_id, declaration, job_id, type, biz_step,
           disposition, read_point, biz_location, event_time, member, seq, payload, salt, commitment, leaf, log_index,
           submission_id, published_at, trace)
         select m.id, p.owner_id, p.created_at + m.n * interval '1 ms', p.created_by, p.via, 'urn:uuid:' || m.id,
           p.declaration, p.job_id, p.type, p.biz_step, p.disposition, p.read_point, p.biz_location,
           p.event_time + m.n * interval '1 s', p.member, 1000000000 + m.n,
           convert_to(replace(convert_from(p.payload, 'utf8'), '/10/L0"', '/10/L' || (m.n / :lot) || '"'), 'utf8'),
           p.salt, p.commitment, p.leaf, 1000000000 + m.n, p.submission_id, p.published_at, p.trace
         from made m, pattern p)
       insert into event_key (id, owner_id, created_at, created_by, via, event_id, link, part)
       select gen_random_uuid(), k.owner_id, k.created_at, k.created_by, k.via, m.id,
         case when k.link = p.lot then m.lot else k.link end, k.part
       from made m, pattern p join event_key k on k.event_id = p.id"""
)


def multiply(there: int, wanted: int) -> None:
    """Have as many events as are wanted, a quarter of a million in each transaction, and their statistics fresh."""
    for first in range(there, wanted, AT_ONCE):
        with db.hub_session() as session:
            session.execute(text("set local statement_timeout = 0"))
            session.execute(_MULTIPLIED, {"first": first, "last": min(first + AT_ONCE, wanted) - 1, "lot": A_LOT})
    owner = settings().database_owner_url.get_secret_value()
    with create_engine(owner.replace("postgresql://", "postgresql+psycopg://")).begin() as connection:
        connection.execute(text("analyze event, event_key"))


def timed(ask: Callable[[int], httpx2.Response], lots: int) -> list[float]:
    """Seconds that each of some questions took, each about another lot."""
    took = []
    for number in random.sample(range(1, lots), min(ASKED, lots - 1)):
        begun = time.monotonic()
        answer = ask(number)
        took.append(time.monotonic() - begun)
        if answer.status_code not in (200, 307):
            raise SystemExit(f"{answer.request.url}: {answer.status_code} {answer.text[:300]}")
    return took


def main(sizes: list[int]) -> None:
    """Fill a hub and print a line for each size."""
    random.seed(5)
    with standing("furrow-growth-") as stack:
        _run(stack, sizes)


def _run(stack: Stack, sizes: list[int]) -> None:
    at = datetime.now(UTC) - timedelta(days=300)
    cast = story.found(stack.folder / "core", at.date())
    farm = httpx2.Client(base_url=stack.address, headers={"Authorization": f"Bearer {cast.keys['farm']}"}, timeout=300)
    told = document([event(cast, number, at) for number in range(A_LOT)])
    farm.post("/epcis/capture", json=told).raise_for_status()
    story.until(lambda: sealed() >= A_LOT, 600)

    def link(number: int) -> str:
        return digital_link.lot_link(cast.item.gtin, f"L{number}")

    def of_lot(number: int) -> httpx2.Response:
        return farm.get("/epcis/events", params={"MATCH_anyEPCClass": link(number)})

    def newest(number: int) -> httpx2.Response:
        since = (at + timedelta(seconds=number * A_LOT)).isoformat()
        return farm.get("/epcis/events", params={"EQ_bizStep": "packing", "GE_eventTime": since, "perPage": "30"})

    def resolved(number: int) -> httpx2.Response:
        return farm.get(link(number).removeprefix(digital_link.ROOT))

    asks = {"events of a lot": of_lot, "30 of a step since": newest, "resolver": resolved}
    there = A_LOT
    for size in sizes:
        begun = time.monotonic()
        multiply(there, size)
        there, filled = size, time.monotonic() - begun
        for what, ask in asks.items():
            took = timed(partial(ask), size // A_LOT)
            p50, p95 = percentile(took, 0.5), percentile(took, 0.95)
            print(f"{size:>9,} events  {what:<20} p50 {p50:6.1f} ms  p95 {p95:6.1f} ms", flush=True)
        print(f"{size:>9,} events  filled in {filled:.0f} s", flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
