"""How far and how long by road: great circles made longer, driven at the speed of the hour. Pure.

The factor is the median over 96 regions with known road matrices; a flat 1.3 was 10.6 % off on average.
NumPy is imported by whoever plans, not by the web, where it would lie about for nothing (docs/decisions/0013).
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROAD = 1.37
_EARTH_M = 6_371_008.8
Matrix = list[list[int]]


class VehicleClass(StrEnum):
    """How a vehicle moves through traffic."""

    VAN = "van"
    LORRY = "lorry"


LORRY_FROM_KG = 2_000
"""A vehicle that carries this much or more moves like a lorry."""

_FREE_KMH = {VehicleClass.VAN: 52.0, VehicleClass.LORRY: 44.0}
_PACE = [1.15] * 6 + [1.0, 0.75, 0.7, 0.85] + [0.9] * 7 + [0.72, 0.7, 0.85] + [1.0, 1.0, 1.05, 1.1]
"""How much of the free speed is left, by the hour of the day: slow to work and back, fast at night."""


def class_of(capacity_kg: float) -> VehicleClass:
    """The class of a vehicle that carries so much."""
    return VehicleClass.LORRY if capacity_kg >= LORRY_FROM_KG else VehicleClass.VAN


def speed(hour: int, kind: VehicleClass) -> float:
    """Kilometres an hour of a class of vehicle, in the hour of the day it sets out."""
    return _FREE_KMH[kind] * _PACE[hour % 24]


def metres(places: Sequence[tuple[float, float]]) -> Matrix:
    """Metres by road between places, each (latitude, longitude)."""
    import numpy as np

    matrix: Matrix = np.rint(_great_circles(places) * ROAD).astype(int).tolist()
    return matrix


def seconds(distances: Matrix, hour: int, kind: VehicleClass) -> Matrix:
    """Seconds for those metres.

    One matrix serves a whole route: it is the hour of departure that counts, since the planner's search cannot
    know a later leg's hour.
    """
    import numpy as np

    matrix: Matrix = np.ceil(np.asarray(distances) * 3.6 / speed(hour, kind)).astype(int).tolist()
    return matrix


def _great_circles(places: Sequence[tuple[float, float]]) -> "NDArray[np.float64]":
    import numpy as np

    latitude, longitude = np.radians(np.asarray(places, dtype=float).reshape(-1, 2)).T
    half_lat = np.sin((latitude[:, None] - latitude) / 2) ** 2
    half_lon = np.sin((longitude[:, None] - longitude) / 2) ** 2
    across = half_lat + np.cos(latitude[:, None]) * np.cos(latitude) * half_lon
    lengths: NDArray[np.float64] = 2 * _EARTH_M * np.arcsin(np.sqrt(np.clip(across, 0, 1)))
    return lengths
