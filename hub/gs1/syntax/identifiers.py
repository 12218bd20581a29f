"""GS1's application identifiers, as its Barcode Syntax Dictionary has them: format, checks, and what goes with what.

The dictionary lies beside this module as GS1 publishes it (gs1-syntax-dictionary.txt, Apache-2.0). Its first lines
explain each word that is read here.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from hub.gs1.syntax import linters

Pair = tuple[str, str]
"""An application identifier and its value."""

DICTIONARY = Path(__file__).with_name("gs1-syntax-dictionary.txt")
_LINE = re.compile(r"(\d{2,4})(?:-(\d{2,4}))?\s+([^\sNXYZ\[]*)\s*([^#]*)(?:#\s*(.*))?")
_PART = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)\]?((?:,\w+)*)")


class Part(NamedTuple):
    """A piece of a value: which signs it is of, from how many to how many, whether it may be left out, its checks."""

    signs: str
    least: int
    most: int
    optional: bool
    checks: tuple[str, ...]


class Identifier(NamedTuple):
    """One application identifier.

    ``predefined``: its length is known, so that nothing need separate it from the next. ``attribute``: it may stand in
    a Digital Link's query. ``needs``: of each group one alternative stands beside it, an alternative being what stands
    there together; ``excludes``: none of these does. ``sequences``: what may follow it in a Digital Link's path, where
    it is a primary key; nothing where it is none.
    """

    ai: str
    parts: tuple[Part, ...]
    predefined: bool
    attribute: bool
    needs: tuple[tuple[tuple[str, ...], ...], ...]
    excludes: tuple[str, ...]
    sequences: tuple[tuple[str, ...], ...]
    title: str

    @property
    def length(self) -> int:
        """Its only length, or 0 where it has several."""
        only = all(part.least == part.most and not part.optional for part in self.parts)
        return sum(part.most for part in self.parts) if only else 0


@lru_cache(1)
def table() -> dict[str, Identifier]:
    """All 541 of them by their number."""
    lines = DICTIONARY.read_text("utf-8").splitlines()
    return {found.ai: found for line in lines if line[:1].isdigit() for found in _read(line)}


def _read(line: str) -> Iterator[Identifier]:
    first, last, flags, words, title = _LINE.fullmatch(line.strip()).groups()  # type: ignore[union-attr]
    parts: list[Part] = []
    needs: list[tuple[tuple[str, ...], ...]] = []
    excludes: list[str] = []
    sequences: list[tuple[str, ...]] = [()]
    key = False
    for word in words.split():
        name, _, said = word.partition("=")
        if part := _PART.fullmatch(word):
            optional, signs, variable, most, checks = part.groups()
            least = 1 if variable else int(most)
            parts.append(Part(signs, least, int(most), bool(optional), tuple(checks.split(",")[1:])))
        elif name == "req":
            needs.append(tuple(tuple(together.split("+")) for together in said.split(",")))
        elif name == "ex":
            excludes += said.split(",")
        elif name == "dlpkey":
            key = True
            sequences += [tuple(ais.split(",")) for ais in said.split("|") if ais]
    possible = tuple(dict.fromkeys(chosen for sequence in sequences for chosen in _orders(sequence))) if key else ()
    for number in range(int(first), int(last or first) + 1):
        ai = str(number).zfill(len(first))
        yield Identifier(
            ai, tuple(parts), "*" in flags, "?" in flags, tuple(needs), tuple(excludes), possible, title or ""
        )


def _orders(sequence: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for length in range(len(sequence) + 1):
        yield from combinations(sequence, length)


@lru_cache(1)
def primary_keys() -> dict[str, Identifier]:
    """Those that a Digital Link may begin with."""
    return {ai: found for ai, found in table().items() if found.sequences}


def is_sequence(ais: Sequence[str]) -> bool:
    """Whether a Digital Link's path may name these, in this order."""
    key = primary_keys().get(ais[0]) if ais else None
    return key is not None and tuple(ais[1:]) in key.sequences


def fault(ai: str, value: str) -> str:
    """What is wrong with a value, in the word that GS1's linters have for it; empty where nothing is."""
    found = table().get(ai)
    if found is None:
        return "UNKNOWN_AI"
    if (shape := _shape(ai)) is None:
        return _parts_fault(found, value)
    match = shape.fullmatch(value)
    if match is None:
        return _parts_fault(found, value) or "INVALID_LENGTH"
    for name, at in _checked(ai):
        if match[at] is not None and (wrong := linters.LINTERS[name](match[at])):
            return wrong
    return ""


@lru_cache(None)
def _shape(ai: str) -> re.Pattern[str] | None:
    """The signs and lengths of a value as one expression; none for what is padded, which no expression says well."""
    parts = table()[ai].parts
    if any(part.signs == "Z" for part in parts):
        return None
    behind = ")?" * sum(part.optional for part in parts)
    return re.compile(
        "".join(
            f"{'(?:' if part.optional else ''}({linters.SIGNS[part.signs]}{{{part.least},{part.most}}})"
            for part in parts
        )
        + behind
    )


@lru_cache(None)
def _checked(ai: str) -> tuple[tuple[str, int], ...]:
    return tuple((name, at) for at, part in enumerate(table()[ai].parts, 1) for name in part.checks)


def _parts_fault(found: Identifier, value: str) -> str:
    """The first fault, part by part, as GS1's engine looks for it."""
    rest = value
    if not rest:
        return "EMPTY"
    for part in found.parts:
        if not rest and part.optional:
            return ""
        piece, rest = rest[: part.most], rest[part.most :]
        if wrong := linters.signs(part.signs, piece):
            return wrong
        if len(piece) < part.least:
            return "TOO_SHORT"
        for name in part.checks:
            if wrong := linters.LINTERS[name](piece):
                return wrong
    return "TOO_LONG" if rest else ""


def repeated(pairs: Sequence[Pair]) -> str:
    """The identifier that is named twice with different values, or none."""
    values: dict[str, str] = {}
    return next((ai for ai, value in pairs if values.setdefault(ai, value) != value), "")


def excluded(named: Sequence[str]) -> str:
    """The identifier that may not stand beside another of those named, or none."""
    ais = list(dict.fromkeys(named))
    for ai in ais:
        found = table().get(ai)
        if found and any(_like(pattern, other) for pattern in found.excludes for other in ais if other != ai):
            return ai
    return ""


def lonely(named: Sequence[str]) -> str:
    """The identifier that lacks what must stand beside it, or none."""
    ais = set(named)
    for ai in named:
        found = table().get(ai)
        for group in found.needs if found else ():
            if not any(all(_among(wanted, ais - {ai}) for wanted in together) for together in group):
                return ai
    return ""


def _among(pattern: str, ais: set[str]) -> bool:
    return pattern in ais or ("n" in pattern and any(_like(pattern, ai) for ai in ais))


def _like(pattern: str, ai: str) -> bool:
    """A pattern's ``n`` is any digit."""
    return pattern == ai or (
        len(pattern) == len(ai) and all(wanted in ("n", is_) for wanted, is_ in zip(pattern, ai, strict=True))
    )


_SERIALISED = {"253": 13, "255": 13, "8003": 14}


def unsigned(pairs: Sequence[Pair]) -> str:
    """The key that names no single thing, and so cannot be signed, where there is a signature; or none."""
    if not any(ai == "8030" for ai, _ in pairs):
        return ""
    return next((ai for ai, value in pairs if len(value) == _SERIALISED.get(ai)), "")


def at(text: str) -> Identifier | None:
    """The identifier that a text begins with; none is the beginning of another."""
    known = table()
    return next((known[text[:length]] for length in (2, 3, 4) if text[:length] in known), None)
