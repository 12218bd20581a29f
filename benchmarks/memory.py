"""What the web holds after a load, and what an event takes in the database.

Run: ``python -m benchmarks.memory [EVENTS]`` (20,000 where nothing is said). Starts the whole embedded hub in a folder
of its own, as ``make run`` does, without the sample world. Memory is what a process has for itself alone (USS), in MB.
"""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import psutil
from sqlalchemy import text

from hub import db
from hub.gs1 import digital_link
from hub.settings import settings
from tests.e2e import story
from tests.stack import Stack

BATCH = 500
READS = 10


class Watched:
    """A process whose memory is watched while something is done to it."""

    def __init__(self, pid: int) -> None:
        self.process, self.peak = psutil.Process(pid), 0.0
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        with suppress(psutil.NoSuchProcess):
            while not self._ended.wait(0.2):
                self.peak = max(self.peak, self.now)

    @property
    def now(self) -> float:
        """What it has for itself, in MB."""
        return float(self.process.memory_full_info().uss) / 1e6

    def settled(self) -> float:
        """The same, once it has not grown less for ten seconds."""
        least, since = self.now, time.monotonic()
        while time.monotonic() - since < 10:
            time.sleep(0.5)
            if self.now < least - 1:
                least, since = self.now, time.monotonic()
        return least


def event(cast: story.Cast, number: int, at: datetime) -> dict[str, Any]:
    """An event as a packing line sends it: a lot, how much of it, where, for whom."""
    place = digital_link.place_link(cast.packhouse.gln)
    return {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": "packing",
        "disposition": "in_progress",
        "eventTime": (at + timedelta(seconds=number)).isoformat(timespec="seconds"),
        "eventTimeZoneOffset": "+08:00",
        "readPoint": {"id": place},
        "bizLocation": {"id": place},
        "quantityList": [
            {
                "epcClass": digital_link.lot_link(cast.item.gtin, f"L{number // 20}"),
                "quantity": 10 + number % 90,
                "uom": "KGM",
            }
        ],
        "destinationList": [{"type": "owning_party", "destination": digital_link.party_link(cast.chain.gln)}],
        "bizTransactionList": [
            {"type": "po", "bizTransaction": f"urn:epcglobal:cbv:bt:{cast.chain.gln}:PO-{number // 50}"}
        ],
    }


def document(events: list[dict[str, Any]]) -> dict[str, Any]:
    """An EPCIS document of some events."""
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": datetime.now(UTC).isoformat(),
        "epcisBody": {"eventList": events},
    }


def send(client: httpx2.Client, told: dict[str, Any]) -> None:
    """Capture a document; raises when it was not taken."""
    client.post("/epcis/capture", json=told).raise_for_status()


def look(farm: httpx2.Client, auditor: httpx2.Client, cast: story.Cast) -> None:
    """What people read: an auditor's bundle and checks, a page of events, the shopper's pages."""
    auditor.get("/api/ledger/bundle").raise_for_status()
    auditor.get("/audit/checks", headers={"Authorization": ""}).raise_for_status()
    farm.get("/epcis/events", params={"perPage": 100}).raise_for_status()
    for path in (f"/product/{cast.item.gtin}", "/sign-in", "/health/ready"):
        farm.get(path).raise_for_status()


def sealed() -> int:
    """How many records the log holds."""
    with db.hub_session() as session:
        return int(session.execute(text("select count(*) from log_leaf")).scalar_one())


def sizes() -> dict[str, int]:
    """Bytes of every table and index, by name."""
    with db.hub_session() as session:
        rows = session.execute(
            text(
                "select relname, pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0)"
                " from pg_class where relkind in ('r', 'i') and relnamespace = 'public'::regnamespace"
            )
        )
        return {name: int(size) for name, size in rows}


@contextmanager
def standing(prefix: str) -> Iterator[Stack]:
    """The whole embedded hub in a folder of its own, without a world; this process speaks to its database too."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix=prefix) as name:
        Path(name).chmod(0o711)
        stack = Stack(Path(name) / "home", more={"FURROW_CHAIN_PERIOD": "1"}, log_file=Path(name) / "out.log")
        stack.start(600)
        try:
            os.environ.update(stack.installation.environment("benchmark"))
            settings.cache_clear()
            yield stack
        finally:
            db.dispose()
            stack.stop()


def main(events: int) -> None:
    """Load a hub, and print what it holds."""
    with standing("furrow-memory-") as stack:
        _run(stack, events)


def _run(stack: Stack, events: int) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    cast = story.found(stack.folder / "core", at.date())
    farm, auditor = (
        httpx2.Client(base_url=stack.address, headers={"Authorization": f"Bearer {cast.keys[who]}"}, timeout=300)
        for who in ("farm", "auditor")
    )
    signing_in = {"email": "auditor@example.org", "password": story.PASSWORD}
    auditor.post("/sign-in", data=signing_in, headers={"Authorization": "", "Sec-Fetch-Site": "same-origin"})
    send(farm, document([event(cast, -n, at) for n in range(1, BATCH + 1)]))
    story.until(lambda: sealed() == BATCH, 60)
    for _ in range(3):
        look(farm, auditor, cast)
    web = Watched(stack.pid("web"))
    rest, before = web.settled(), sizes()
    begun = time.monotonic()
    for first in range(0, events, BATCH):
        send(farm, document([event(cast, n, at) for n in range(first, min(first + BATCH, events))]))
    captured = time.monotonic() - begun
    story.until(lambda: sealed() == events + BATCH, 1800)
    for _ in range(READS):
        look(farm, auditor, cast)
    at_once, after = web.now, web.settled()
    print(f"{events} events captured in {captured:.0f} s ({events / captured:.0f}/s), {READS} bundles and pages read")
    print(
        f"web, MB: {rest:.0f} at rest, {web.peak:.0f} at most, {at_once:.0f} at once, {after:.0f} settled:"
        f" {after / rest:.2f} of its rest"
    )
    _print_sizes(before, sizes(), events)
    _pallets(farm, web, cast, at)


def _print_sizes(before: dict[str, int], now: dict[str, int], events: int) -> None:
    grown = {name: (size - before.get(name, 0)) / events for name, size in now.items()}
    print(f"database, bytes an event: {sum(grown.values()):.0f}")
    for name, size in sorted(grown.items(), key=lambda pair: -pair[1])[:24]:
        if size >= 1:
            print(f"  {size:7.0f}  {name}")


def _pallets(farm: httpx2.Client, web: Watched, cast: story.Cast, at: datetime) -> None:
    """One event of 100,000 EPCs: how long, and how much memory beside the rest."""
    web.peak, rest = 0.0, web.now
    urns = [f"urn:epc:id:sgtin:6905555.000001.{number}" for number in range(100_000)]
    one = event(cast, 0, at) | {"epcList": urns, "bizStep": "storing"}
    begun = time.monotonic()
    send(farm, document([one]))
    took = time.monotonic() - begun
    print(
        f"one event of 100,000 EPCs: {took:.1f} s, {web.peak - rest:.0f} MB above {rest:.0f} MB;"
        f" settled {web.settled():.0f} MB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
