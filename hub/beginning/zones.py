"""Time zones by their names, each with its city: there a place lies until somebody says where exactly."""

import re
from functools import lru_cache
from importlib.resources import files

_LOCATION = re.compile(r"([+-])(\d{2})(\d{2})(?:\d{2})?([+-])(\d{3})(\d{2})(?:\d{2})?")


@lru_cache
def cities() -> dict[str, tuple[float, float]]:
    """Latitude and longitude of the city of each time zone, by the zones' names."""
    table = files("tzdata.zoneinfo").joinpath("zone1970.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return {row[2]: _degrees(row[1]) for row in sorted(rows, key=lambda row: row[2])}


def _degrees(location: str) -> tuple[float, float]:
    """``+3114+12128`` as 31.2333, 121.4667."""
    read = _LOCATION.fullmatch(location)
    assert read is not None, location
    north, degrees, minutes, east, across, past = read.groups()
    latitude, longitude = int(degrees) + int(minutes) / 60, int(across) + int(past) / 60
    return round(float(f"{north}1") * latitude, 4), round(float(f"{east}1") * longitude, 4)
