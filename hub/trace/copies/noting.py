"""Scans on their way to being noted: off the answers, one after the other, and never more than a machine bears."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from queue import Full, Queue
from typing import NamedTuple, TypeVar

from hub import log
from hub.gs1.digital_link import Link
from hub.models.base import now
from hub.settings import settings
from hub.trace.copies import sightings
from hub.trace.copies.cities import cities
from hub.trace.copies.sightings import Maker, Pack

WAITING = 1_000
"""So many scans wait at most; what comes more is let go."""
OF_AN_ADDRESS = 60
"""So many an hour are noted of one address, so that nobody invents codes by the thousand."""
A_DAY = 20_000
"""So many new lines a day, each process: a flood from everywhere fills no database."""
_ADDRESSES = 10_000
_LATER = 0.05
"""Seconds that a scan waits: until then its answer has left, and has had the processor to itself."""
_REMEMBERED = 1_000
"""Of so many lots it is remembered for a minute whose they are, and of so many codes that they were noted in it."""
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_log = log.get("hub.copies")


class _Scan(NamedTuple):
    link: Link
    address: str
    at: datetime
    due: float


class Noting:
    """Notes scans in a thread of its own, which begins with the first of them."""

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self._clock = clock
        self._scans: Queue[_Scan] = Queue(WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._hour: datetime | None = None
        self._of_address: OrderedDict[str, int] = OrderedDict()
        self._day, self._today = "", 0
        self._makers: OrderedDict[tuple[str, str, str], tuple[str, Maker | None]] = OrderedDict()
        self._said: OrderedDict[str, str] = OrderedDict()

    def note(self, link: Link, address: str) -> None:
        """Have a scan noted once its answer is on its way; nothing waits for it."""
        if settings().cities_file is None or not sightings.serial_of(link) or not self._may(address):
            return
        try:
            self._scans.put_nowait(_Scan(link, address, self._clock(), time.monotonic() + _LATER))
        except Full:
            return
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="sightings", daemon=True)
                    self._thread.start()

    def settled(self) -> None:
        """Wait until everything that came is noted."""
        self._scans.join()

    def _may(self, address: str) -> bool:
        hour = self._clock().replace(minute=0, second=0, microsecond=0)
        with self._lock:
            if hour != self._hour:
                self._hour = hour
                self._of_address.clear()
            counted = self._of_address[address] = self._of_address.get(address, 0) + 1
            if len(self._of_address) > _ADDRESSES:
                self._of_address.popitem(last=False)
        return counted <= OF_AN_ADDRESS

    def _work(self) -> None:
        while True:
            scan = self._scans.get()
            time.sleep(max(0.0, scan.due - time.monotonic()))
            try:
                self._noted(scan)
            except Exception:  # the next scan is another one
                _log.exception("scan-not-noted")
            finally:
                self._scans.task_done()

    def _noted(self, scan: _Scan) -> None:
        day = f"{scan.at:%F}"
        if day != self._day:
            self._day, self._today = day, 0
        pack = self._pack(scan)
        if self._today >= A_DAY or pack is None:
            return
        city = cities().of(scan.address)
        if city is None:
            return
        said = f"{pack.gtin} {pack.serial} {city.key}"
        if self._said.get(said) != (minute := f"{scan.at:%F %H:%M}"):
            self._today += sightings.note(pack, city, scan.at)
            _remember(self._said, said, minute)

    def _pack(self, scan: _Scan) -> Pack | None:
        link = scan.link
        of = link.value, link.qualifier("10") or "", dict(link.attributes).get("417", "")
        minute = f"{scan.at:%F %H:%M}"
        known = self._makers.get(of)
        if known is None or known[0] != minute:
            known = minute, sightings.maker_of(*of)
            _remember(self._makers, of, known)
        maker = known[1]
        return Pack(link.value, sightings.serial_of(link), of[1], maker) if maker else None


def _remember(latest: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    latest[key] = value
    latest.move_to_end(key)
    if len(latest) > _REMEMBERED:
        latest.popitem(last=False)
