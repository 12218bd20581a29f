"""The sums behind charts and maps: values in, places on the paper out. Templates draw them as SVG."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

Figure = Decimal | float | int | None

_TOP, _BOTTOM = 8.0, 94.0
_EARTH_KM = 111.32  # one degree of latitude


@dataclass(frozen=True)
class Plot:
    """A chart over equal columns; every place is a percentage of the paper."""

    ticks: list[tuple[float, float]]
    past: float
    band: str
    edges: list[str]
    lines: list[tuple[str, str]]
    dots: list[tuple[str, float, float]]
    marks: list[tuple[float, float]]


def plot(
    columns: int,
    lines: Mapping[str, Sequence[Figure]],
    band: tuple[Sequence[Figure], Sequence[Figure]] | None = None,
    marks: Sequence[Figure] = (),
    past: int = 0,
) -> Plot:
    """Lay out a chart of ``columns`` weeks or days, ``past`` of them behind us.

    ``lines`` maps a kind (``act`` what was, ``p50`` the median, ``prev`` the forecast before) to a figure a
    column, None where there is none. ``band`` is (low, high); ``marks`` are what was committed.
    """
    every = [*lines.values(), *(band or ()), marks]
    given = [float(value) for series in every for value in series if value is not None]
    ticks = _nice(min(given, default=0.0), max(given, default=1.0))
    low, high = ticks[0], ticks[-1]

    def x(column: int) -> float:
        return round((column + 0.5) * 100 / columns, 3)

    def y(value: Figure) -> float:
        return round(_BOTTOM - (float(value or 0) - low) * (_BOTTOM - _TOP) / (high - low), 2)

    def placed(series: Sequence[Figure]) -> list[tuple[float, float] | None]:
        return [None if value is None else (x(column), y(value)) for column, value in enumerate(series)]

    edges = [placed(series) for series in (band or ())]
    return Plot(
        ticks=[(tick, y(tick)) for tick in ticks],
        past=round(past * 100 / columns, 3),
        band=_area(*edges) if edges else "",
        edges=[_path(edge) for edge in edges],
        lines=[(kind, _path(placed(series))) for kind, series in lines.items()],
        dots=[
            (kind, *at) for kind, series in lines.items() if kind != "prev" for at in placed(series) if at is not None
        ],
        marks=[at for at in placed(marks) if at is not None],
    )


def spark(series: Sequence[Figure], others: Sequence[Figure] = (), width: float = 72, height: float = 32) -> str:
    """A small line, scaled together with the others it is compared with."""
    given = [float(value) for value in [*series, *others] if value is not None]
    low, high = min(given, default=0), max(given, default=1)
    step, rise = width / max(len(series) - 1, 1), (height - 6) / ((high - low) or 1)
    return _path(
        [
            None if value is None else (round(i * step, 1), round(height - 3 - (float(value) - low) * rise, 1))
            for i, value in enumerate(series)
        ]
    )


@dataclass(frozen=True)
class Bar:
    """A figure beside its limit, each in percent of the paper; ``over`` if the figure is more than its limit."""

    over: bool
    width: str
    limit: str


def bar(share: Decimal | float) -> Bar:
    """A figure that is this share of its limit; the longer of the two fills the paper."""
    if share > 1:
        return Bar(True, "100.00", f"{100 / share:.2f}")
    return Bar(False, f"{100 * share:.2f}", "100.00")


@dataclass(frozen=True)
class Point:
    """Something on a map. ``kind`` is stop, done, depot, un (nobody goes there) or bad; ``text`` stands inside."""

    latitude: float
    longitude: float
    label: str = ""
    kind: str = "stop"
    text: str = ""
    route: int = 1


@dataclass(frozen=True)
class Leg:
    """A way through places, each (latitude, longitude); ``route`` gives it colour and dash, 1 to 6."""

    places: Sequence[tuple[float, float]]
    route: int = 1


@dataclass(frozen=True)
class Chart:
    """Places on a map with the ways between them, and the same in words."""

    points: Sequence[Point]
    legs: Sequence[Leg]
    label: str


@dataclass(frozen=True)
class Placed:
    """A point on the paper, and where its label stands."""

    point: Point
    x: float
    y: float
    label_x: float = 0
    label_y: float = 0
    anchor: str = "start"

    def before(self, half: float) -> tuple[float, float]:
        """The upper left corner of what is drawn around it, so far to each side."""
        return self.x - half, self.y - half

    @property
    def baseline(self) -> float:
        """Where the letters stand that are written into it."""
        return self.y + 4


@dataclass(frozen=True)
class Scale:
    """The path of a scale bar, and where its length is written."""

    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Sketch:
    """A map on paper ``width`` by ``height``: ways, points, and a scale bar of ``km``."""

    width: int
    height: int
    legs: list[tuple[int, str]] = field(default_factory=list)
    points: list[Placed] = field(default_factory=list)
    km: float = 1
    bar: float = 1

    @property
    def scale(self) -> Scale:
        """The scale bar, at the lower right."""
        left, y = self.width - 20 - self.bar, self.height - 14
        return Scale(f"M{left} {y}h{self.bar}M{left} {y - 4}v8M{left + self.bar} {y - 4}v8", left + self.bar / 2, y - 8)


def sketch(points: Iterable[Point], legs: Iterable[Leg] = (), width: int = 860, height: int = 400) -> Sketch:
    """Fit points and ways on the paper, north up, and place the labels where they hide least."""
    points, legs = list(points), list(legs)
    places = [(p.latitude, p.longitude) for p in points] + [place for leg in legs for place in leg.places]
    if not places:
        return Sketch(width, height)
    south, north = min(p[0] for p in places), max(p[0] for p in places)
    west, east = min(p[1] for p in places), max(p[1] for p in places)
    squeeze = math.cos(math.radians((south + north) / 2))
    side, top, bottom = min(90, width / 5), 40, 64  # below stand the key and the scale
    scale = min(
        (width - 2 * side) / max((east - west) * squeeze, 0.02),
        (height - top - bottom) / max(north - south, 0.02),
    )

    def on_paper(latitude: float, longitude: float) -> tuple[float, float]:
        x = width / 2 + (longitude - (west + east) / 2) * squeeze * scale
        return round(x, 1), round((height + top - bottom) / 2 - (latitude - (south + north) / 2) * scale, 1)

    ways = [[on_paper(*place) for place in leg.places] for leg in legs]
    placed = [Placed(point, *on_paper(point.latitude, point.longitude)) for point in points]
    km, bar = _scale_bar(scale / _EARTH_KM, width)
    return Sketch(
        width,
        height,
        [(leg.route, _path(way)) for leg, way in zip(legs, ways, strict=True)],
        _with_labels(placed, [box for way in ways for box in _boxes_along(way)], width, height),
        km,
        bar,
    )


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """An SVG path through points, broken where one is missing."""
    parts, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        parts.append(f"{pen}{point[0]:g} {point[1]:g}")
        pen = "L"
    return "".join(parts)


def _area(low: Sequence[tuple[float, float] | None], high: Sequence[tuple[float, float] | None]) -> str:
    there = [point for point in high if point is not None]
    back = [point for point in reversed(low) if point is not None]
    return _path([*there, *back]) + "Z" if there and back else ""


def _nice(low: float, high: float) -> list[float]:
    """Three to six round figures that hold everything from low to high."""
    if high - low < 1e-6 * max(1.0, abs(low), abs(high)):
        low, high = (low - 1 if low < 0 else max(0.0, low - 1)), low + 1
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(n * step, 10) for n in range(first, last + 1)]


def _scale_bar(pixels_a_km: float, width: int) -> tuple[float, float]:
    longest = width / 8 / pixels_a_km
    power = 10.0 ** math.floor(math.log10(longest))
    km = max(power * factor for factor in (1, 2, 5) if power * factor <= longest)
    return km, round(km * pixels_a_km, 1)


_Box = tuple[float, float, float, float]


def _boxes_along(way: list[tuple[float, float]]) -> Iterable[_Box]:
    """Small boxes that cover a way, eight paper units apart."""
    for (x, y), (to_x, to_y) in pairwise(way):
        steps = max(1, int(math.dist((x, y), (to_x, to_y)) / 8))
        for step in range(steps + 1):
            at_x, at_y = x + (to_x - x) * step / steps, y + (to_y - y) * step / steps
            yield at_x - 3, at_y - 3, at_x + 3, at_y + 3


def _with_labels(placed: list[Placed], taken: list[_Box], width: int, height: int) -> list[Placed]:
    taken = [*taken, *((at.x - 11, at.y - 11, at.x + 11, at.y + 11) for at in placed)]
    labelled = []
    for at in placed:
        long = sum(12 if ord(letter) > 0x2E7F else 6.8 for letter in at.point.label)
        choices = [
            (at.x + 15, at.y + 4, "start", (at.x + 14, at.y - 7, at.x + 15 + long, at.y + 8)),
            (at.x - 15, at.y + 4, "end", (at.x - 15 - long, at.y - 7, at.x - 14, at.y + 8)),
            (at.x, at.y + 24, "middle", (at.x - long / 2, at.y + 13, at.x + long / 2, at.y + 28)),
            (at.x, at.y - 15, "middle", (at.x - long / 2, at.y - 27, at.x + long / 2, at.y - 12)),
        ]
        x, y, anchor, box = min(choices, key=lambda choice: _hidden(choice[3], taken, width, height))
        if at.point.label:
            taken.append(box)
        labelled.append(Placed(at.point, at.x, at.y, round(x, 1), round(y, 1), anchor))
    return labelled


def _hidden(box: _Box, taken: list[_Box], width: int, height: int) -> float:
    """How much of a label would be covered, or cut off by the edge of the paper."""
    left, top, right, bottom = box
    cut = max(0, -left) + max(0, right - width) + max(0, -top) + max(0, bottom - height)
    covered = sum(max(0, min(right, r) - max(left, x)) * max(0, min(bottom, b) - max(top, y)) for x, y, r, b in taken)
    return covered + 20 * cut
