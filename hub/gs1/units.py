"""Units of measure, by their codes of UN/ECE Recommendation 20, and how one is told in another. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A unit: what it measures, and how many of the base unit one of it is, above which zero."""

    measures: str
    factor: float
    zero: float = 0.0


_KELVIN_AT_0_CELSIUS = 273.15
_KELVIN_AT_0_FAHRENHEIT = _KELVIN_AT_0_CELSIUS - 32 / 1.8
UNITS = {
    "KEL": Unit("temperature", 1.0),
    "CEL": Unit("temperature", 1.0, _KELVIN_AT_0_CELSIUS),
    "FAH": Unit("temperature", 1 / 1.8, _KELVIN_AT_0_FAHRENHEIT),
    "KGM": Unit("mass", 1.0),
    "GRM": Unit("mass", 0.001),
    "MGM": Unit("mass", 1e-6),
    "TNE": Unit("mass", 1000.0),
    "LBR": Unit("mass", 0.45359237),
    "ONZ": Unit("mass", 0.028349523125),
    "MTR": Unit("length", 1.0),
    "CMT": Unit("length", 0.01),
    "MMT": Unit("length", 0.001),
    "KMT": Unit("length", 1000.0),
    "INH": Unit("length", 0.0254),
    "FOT": Unit("length", 0.3048),
    "MTK": Unit("area", 1.0),
    "CMK": Unit("area", 0.0001),
    "HAR": Unit("area", 10_000.0),
    "MTQ": Unit("volume", 1.0),
    "LTR": Unit("volume", 0.001),
    "CLT": Unit("volume", 1e-5),
    "MLT": Unit("volume", 1e-6),
    "GLL": Unit("volume", 0.003785411784),
    "PAL": Unit("pressure", 1.0),
    "HPA": Unit("pressure", 100.0),
    "KPA": Unit("pressure", 1000.0),
    "BAR": Unit("pressure", 100_000.0),
    "MBR": Unit("pressure", 100.0),
    "ATM": Unit("pressure", 101_325.0),
    "SEC": Unit("time", 1.0),
    "MIN": Unit("time", 60.0),
    "HUR": Unit("time", 3600.0),
    "DAY": Unit("time", 86_400.0),
    "MTS": Unit("speed", 1.0),
    "KMH": Unit("speed", 1 / 3.6),
    "MSK": Unit("acceleration", 1.0),
    "K40": Unit("acceleration", 9.80665),
    "VLT": Unit("voltage", 1.0),
    "2Z": Unit("voltage", 0.001),
    "AMP": Unit("current", 1.0),
    "4K": Unit("current", 0.001),
    "P1": Unit("share", 0.01),
    "NEW": Unit("force", 1.0),
    "JOU": Unit("energy", 1.0),
    "KJO": Unit("energy", 1000.0),
    "KWH": Unit("energy", 3_600_000.0),
    "WTT": Unit("power", 1.0),
    "KWT": Unit("power", 1000.0),
    "HTZ": Unit("frequency", 1.0),
    "KHZ": Unit("frequency", 1000.0),
}
"""The units of the measures that GS1 names for sensors, and of trade."""


def told_in(value: float, unit: str, other: str) -> float | None:
    """A value in another unit; None where the two do not measure the same, or are not known.

    >>> told_in(20, "CEL", "KEL")
    293.15
    """
    if unit == other:
        return value
    ours, theirs = UNITS.get(unit), UNITS.get(other)
    if ours is None or theirs is None or ours.measures != theirs.measures:
        return None
    return (value * ours.factor + ours.zero - theirs.zero) / theirs.factor
