"""Which city an address is in, by a database of the operator's own. The only door to maxminddb.

Any database in MaxMind's format whose records are those of a city: GeoLite2-City, DB-IP City Lite, and what others
convert to it. The package is an extra (``cities``), and read when the first address is asked for.
"""

import threading
from enum import StrEnum
from functools import lru_cache
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

from hub import log
from hub.settings import settings

_DOUBTED = 200
"""Kilometres: a place that the database itself doubts by more is none."""
_log = log.get("hub.copies")


class City(NamedTuple):
    """A city: its GeoNames number where it has one, its names, and where it is to a tenth of a degree."""

    key: str
    name_en: str
    name_zh: str
    country: str
    latitude: float
    longitude: float


class State(StrEnum):
    """Whether cities can be told."""

    READY = "ready"
    NOT_NAMED = "not-named"
    NO_PACKAGE = "no-package"
    UNREADABLE = "unreadable"


class Cities:
    """A database of cities; read anew when its file is another."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._lock = path, threading.Lock()
        self._reader: Any = None
        self._read: tuple[int, int, int] | None = None
        self._state = State.NOT_NAMED if path is None else State.UNREADABLE

    @property
    def state(self) -> State:
        """Whether it can be asked, and if not why."""
        with self._lock:
            self._open()
            return self._state

    def of(self, address: str) -> City | None:
        """The city of an address; None of those that are nobody's in particular, and of those it does not know."""
        try:
            ip = ip_address(address)
        except ValueError:
            return None
        if not ip.is_global:
            return None
        with self._lock:
            self._open()
            if self._state is not State.READY:
                return None
            try:
                return _city(self._reader.get(ip))
            except (ValueError, RuntimeError, OSError) as broken:  # damaged, or without such addresses
                _log.warning("city-unread", why=type(broken).__name__)
                return None

    def _open(self) -> None:
        if self._path is None:
            return
        try:
            found = self._path.stat()
        except OSError:
            self._forget(State.UNREADABLE, None)
            return
        now = (found.st_ino, found.st_size, found.st_mtime_ns)
        if now == self._read:
            return
        try:
            reader = import_module("maxminddb")
        except ImportError:
            self._forget(State.NO_PACKAGE, now)
            return
        try:
            opened = reader.open_database(self._path)
        except (OSError, ValueError, reader.InvalidDatabaseError) as broken:
            _log.warning("cities-unreadable", file=str(self._path), why=str(broken)[:200])
            self._forget(State.UNREADABLE, now)
            return
        self._forget(State.READY, now)
        self._reader = opened

    def _forget(self, state: State, read: tuple[int, int, int] | None) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader, self._state, self._read = None, state, read


@lru_cache(1)
def _of(path: Path | None) -> Cities:
    return Cities(path)


def cities() -> Cities:
    """The database that the settings name."""
    return _of(settings().cities_file)


def _city(record: Any) -> City | None:
    """A record as MaxMind writes it; None where it says no city, or not where that is."""
    city, place = _part(record, "city"), _part(record, "location")
    where, doubt = (place.get("latitude"), place.get("longitude")), place.get("accuracy_radius")
    names = {code: str(name)[:80] for code, name in _part(city, "names").items()}
    name_en, name_zh = names.get("en", ""), names.get("zh-CN", "")
    at = _tenths(where[0], 90), _tenths(where[1], 180)
    if not (name_en or name_zh) or at[0] is None or at[1] is None:
        return None
    if isinstance(doubt, int | float) and doubt > _DOUBTED:
        return None
    number = city.get("geoname_id")
    key = str(number) if isinstance(number, int) else f"{at[0]},{at[1]}"
    country = str(_part(record, "country").get("iso_code", ""))[:2]
    return City(key, name_en or name_zh, name_zh or name_en, country, at[0], at[1])


def _part(record: Any, name: str) -> dict[str, Any]:
    found = record.get(name) if isinstance(record, dict) else None
    return found if isinstance(found, dict) else {}


def _tenths(degrees: Any, most: int) -> float | None:
    return round(float(degrees), 1) if isinstance(degrees, int | float) and abs(degrees) <= most else None
