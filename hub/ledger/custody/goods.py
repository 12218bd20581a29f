"""What moves in a hand-over: canonical things in canonical units, summed exactly over all that speak of them. Pure."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from hub.gs1 import digital_link, jcs
from hub.ledger.custody.standing import Told

Thing = tuple[str, str]
"""A canonical identifier, and the unit it is counted in: ``H87`` for pieces, ``?`` where no quantity is told."""

_PIECE = "H87"
_EXACT: dict[str, dict[str, str]] = {
    "KGM": {"KGM": "1", "GRM": "0.001", "MGM": "0.000001", "HGM": "0.1", "DTN": "100", "TNE": "1000",
            "LBR": "0.45359237", "ONZ": "0.028349523125"},
    "LTR": {"LTR": "1", "MLT": "0.001", "CLT": "0.01", "DLT": "0.1", "HLT": "100", "DMQ": "1", "CMQ": "0.001",
            "MTQ": "1000"},
    "MTR": {"MTR": "1", "MMT": "0.001", "CMT": "0.01", "DMT": "0.1", "KMT": "1000"},
    "MTK": {"MTK": "1", "CMK": "0.0001", "DMK": "0.01", "HAR": "10000"},
    _PIECE: {_PIECE: "1", "": "1", "EA": "1", "C62": "1", "PR": "2", "DZN": "12", "CEN": "100", "MIL": "1000"},
}  # fmt: skip
_UNITS = {unit: (base, Fraction(factor)) for base, units in _EXACT.items() for unit, factor in units.items()}
"""UN/ECE Recommendation 20 units between which a factor is exact; any other unit is a thing of its own."""


def moved(records: Iterable[Told]) -> dict[Thing, Fraction]:
    """How much of everything some records move together.

    A logistic unit named beside what is in it is its wrapping: parts of a delivery may each name it, and it still
    moved once.
    """
    total: dict[Thing, Fraction] = {}
    for record in records:
        things = _things(record)
        opened = any(not _is_logistic_unit(name) for name, _ in things)
        for thing, amount in things.items():
            once = thing[1] == "?" or (opened and _is_logistic_unit(thing[0]))
            total[thing] = Fraction(1) if once else total.get(thing, Fraction(0)) + amount
    return {thing: amount for thing, amount in total.items() if amount}


def difference(sent: Iterable[Told], received: Iterable[Told], lot: str = "") -> str:
    """``QI-1120-156 10 → 9``: what differs, as sent and as received; of one lot where either side speaks of it."""
    left, got = moved(sent), moved(received)
    names = {name for name, _ in left} | {name for name, _ in got}
    if lot in names:
        names = {lot}
    return ", ".join(
        f"{name.rpartition('/')[2].rpartition(':')[2]} {_amounts(left, name, got)} → {_amounts(got, name, left)}"
        for name in sorted(names)
        if _of(left, name) != _of(got, name)
    )


def _things(record: Told) -> dict[Thing, Fraction]:
    """What one record says: each instance once, quantities by unit."""
    quantities = [quantity for quantity in record.quantities if quantity.part in ("epc", "child")]
    classes = {quantity.link for quantity in quantities}
    amounts = {
        (link, _PIECE): Fraction(1)
        for part, link in record.objects
        if part in ("epc", "child", "parent") and link not in classes
    }
    for quantity in quantities:
        base, factor = _UNITS.get(quantity.unit, (quantity.unit, Fraction(1)))
        thing = (quantity.link, "?" if quantity.amount is None else base)
        amount = Fraction(1) if quantity.amount is None else Fraction(Decimal(jcs.number(quantity.amount))) * factor
        amounts[thing] = amounts.get(thing, Fraction(0)) + amount
    return amounts


def _is_logistic_unit(name: str) -> bool:
    return name.startswith(f"{digital_link.ROOT}/00/")


def _of(amounts: dict[Thing, Fraction], name: str) -> dict[str, Fraction]:
    return {unit: amount for (other, unit), amount in amounts.items() if other == name}


def _amounts(amounts: dict[Thing, Fraction], name: str, others: dict[Thing, Fraction]) -> str:
    """Some amounts in words; the unit is said where the other side tells another."""
    mine, theirs = _of(amounts, name), _of(others, name)
    if len(mine | theirs) < 2:
        return next((_plain(amount) for amount in mine.values()), "0")
    return " + ".join(f"{_plain(mine[unit])} {unit}" for unit in sorted(mine)) or "0"


def _plain(amount: Fraction) -> str:
    return f"{(Decimal(amount.numerator) / Decimal(amount.denominator)).normalize():f}"
