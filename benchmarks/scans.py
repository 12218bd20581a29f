"""``python -m benchmarks.scans [SECONDS]``: how many scans a hub answers, by a client in another process.

On this checkout's running installation with its sample world: the resolver's redirect, the page of one lot and of many
lots that were scanned before, the same for readers that have it already, and the page of a lot that was changed a
moment ago. Clients hold 32 connections open.
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import cycle
from urllib.parse import urlsplit

from sqlalchemy import text

from benchmarks.capture import percentile
from hub import db
from hub.gs1 import digital_link
from hub.local.installation import here

CLIENTS = 32
LOTS = 100
CHANGED = 20
PAGE = {"accept": "text/html", "accept-language": "zh-CN", "accept-encoding": "gzip"}


async def ask(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], path: str, headers: dict[str, str]) -> str:
    """The head of the answer; its body is read and forgotten."""
    reader, writer = connection
    lines = [f"GET {path} HTTP/1.1", "host: hub", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
    await reader.readexactly(length)
    return head


async def load(address: str, paths: Sequence[str], headers: dict[str, str], seconds: float, wanted: str) -> list[float]:
    """Seconds that each scan took, by all clients for some time; stops at an answer that is not ``wanted``."""
    where, took, each = urlsplit(address), [], cycle(paths)
    until = time.monotonic() + seconds

    async def client() -> None:
        connection = await asyncio.open_connection(where.hostname, where.port)
        while (begun := time.monotonic()) < until:
            head = await ask(connection, next(each), headers)
            if not head.startswith(f"http/1.1 {wanted}"):
                raise SystemExit(f"{paths[0]}: {head.splitlines()[0]}")
            took.append(time.monotonic() - begun)
        connection[1].close()

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return took


def scanned() -> list[tuple[str, str]]:
    """Lots with the longest journeys, by their items and numbers."""
    with db.hub_session() as session:
        rows = session.execute(
            text(
                """select i.gtin, l.number from lot l join trade_item i on i.id = l.trade_item_id
                   join event_key k on k.link like '%/01/' || i.gtin || '/10/' || l.number
                   group by 1, 2 order by count(*) desc, 2 limit :lots"""
            ),
            {"lots": LOTS},
        )
        return [(gtin, number) for gtin, number in rows]


def say(what: str, took: list[float], seconds: float) -> None:
    """Print a part's line."""
    print(
        f"{what:<34} {len(took) / seconds:6.0f}/s  p50 {percentile(took, 0.5):5.1f} ms"
        f"  p99 {percentile(took, 0.99):6.1f} ms",
        flush=True,
    )


async def changed(address: str, path: str, gtin: str, number: str) -> list[float]:
    """Seconds of a scan right after the lot's row was written, one after the other."""
    where, took = urlsplit(address), []
    connection = await asyncio.open_connection(where.hostname, where.port)
    touch = text(
        "update lot set best_before = best_before where number = :number"
        " and trade_item_id in (select id from trade_item where gtin = :gtin)"
    )
    for _ in range(CHANGED):
        with db.hub_session() as session:
            session.execute(touch, {"number": number, "gtin": gtin})
        begun = time.monotonic()
        await ask(connection, path, PAGE)
        took.append(time.monotonic() - begun)
    return took


def main(seconds: float) -> None:
    """Load it and print each part."""
    installation = here()
    os.environ.update(installation.environment("test"))
    address, found = installation.address, scanned()
    pages = [f"/product/{gtin}/{number}" for gtin, number in found]
    codes = [digital_link.lot_link(gtin, number).removeprefix(digital_link.ROOT) for gtin, number in found]
    asyncio.run(load(address, pages, PAGE, 1.0, "200"))
    say("resolver", asyncio.run(load(address, codes, {}, seconds, "307")), seconds)
    say("page of one lot, known", asyncio.run(load(address, pages[:1], PAGE, seconds, "200")), seconds)
    asyncio.run(load(address, pages, PAGE, max(seconds, 15.0), "200"))
    say(f"pages of {len(pages)} lots, known", asyncio.run(load(address, pages, PAGE, seconds, "200")), seconds)
    late = asyncio.run(changed(address, pages[0], *found[0]))
    p50, worst = (of(late) * 1e3 for of in (statistics.median, max))
    print(f"{'page of a lot just changed':<34} p50 {p50:5.1f} ms  worst {worst:.1f} ms")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
