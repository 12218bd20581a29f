"""When two scans of one pack are too far apart for the pack to have been at both. Pure."""

import math
from datetime import datetime, timedelta
from typing import NamedTuple

FAR = 100
"""Kilometres: nearer ones say nothing, since addresses tell a city roughly."""
SOON = timedelta(hours=1)
FAST = 300
"""Kilometres an hour from one to the other, over more than an hour: faster than any road or rail."""
REACH = timedelta(days=3)
"""How far back another scan is looked for: half around the earth at that speed."""
_EARTH = 6371.0


class Sight(NamedTuple):
    """A scan: when, and where in degrees."""

    at: datetime
    latitude: float
    longitude: float


def kilometres(one: Sight, other: Sight) -> float:
    """Along the earth's surface (haversine)."""
    north, other_north = math.radians(one.latitude), math.radians(other.latitude)
    east = math.radians(other.longitude - one.longitude)
    half = math.sin((other_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(other_north) * math.sin(east / 2) ** 2
    return 2 * _EARTH * math.asin(math.sqrt(min(1.0, half)))


def too_far(one: Sight, other: Sight) -> bool:
    """Whether no single pack was at both, whichever was first."""
    distance, apart = kilometres(one, other), abs(one.at - other.at)
    if distance <= FAR:
        return False
    return apart <= SOON or distance / (apart / timedelta(hours=1)) > FAST
