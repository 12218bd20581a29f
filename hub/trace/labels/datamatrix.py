"""GS1 DataMatrix: element strings as squares of an ECC 200 symbol (ISO/IEC 16022). Pure.

Written in the ASCII encodation alone, two digits a codeword: what GS1's element strings mostly are. Square symbols of
one block of error correction, which is more than a label needs.
"""

from collections.abc import Sequence
from functools import lru_cache

from hub.gs1.syntax import element_strings
from hub.gs1.syntax.identifiers import Pair

Squares = list[list[bool]]

_FNC1, _PAD, _PAIR, _UPPER = 232, 129, 130, 235
_SIZES = (
    (10, 3, 5), (12, 5, 7), (14, 8, 10), (16, 12, 12), (18, 18, 14), (20, 22, 18), (22, 30, 20), (24, 36, 24),
    (26, 44, 28), (32, 62, 36), (36, 86, 42), (40, 114, 48), (44, 144, 56), (48, 174, 68),
)  # fmt: skip
"""Modules of a side, codewords of data and of error correction (ISO/IEC 16022, table 7)."""
_REGIONED = 32
"""From this size on a symbol is four regions."""


class TooLong(ValueError):
    """More than the largest symbol holds."""


def squares(pairs: Sequence[Pair]) -> Squares:
    """The dark squares of the symbol of some element strings, row by row, without a margin."""
    data = codewords(element_strings.written(pairs))  # begins with FNC1: that makes it GS1's
    size = next(((side, most, errors) for side, most, errors in _SIZES if len(data) <= most), None)
    if size is None:
        raise TooLong
    side, most, errors = size
    data = _padded(data, most)
    return _drawn(side, data + correction(data, errors))


def codewords(text: str) -> list[int]:
    """A text in the ASCII encodation; what separates element strings is FNC1."""
    words, at = [], 0
    while at < len(text):
        sign = text[at]
        if sign == element_strings.FNC1:
            words.append(_FNC1)
        elif text[at : at + 2].isdecimal() and len(text[at : at + 2]) == 2:
            words.append(_PAIR + int(text[at : at + 2]))
            at += 1
        elif ord(sign) > 127:
            words += [_UPPER, ord(sign) - 127]
        else:
            words.append(ord(sign) + 1)
        at += 1
    return words


def correction(data: Sequence[int], count: int) -> list[int]:
    """So many Reed-Solomon codewords over GF(256) with the polynomial 301 (ISO/IEC 16022, annex E)."""
    powers, logs = _field()
    generator = [1]
    for degree in range(1, count + 1):
        # Times (x + 2^degree), the highest power first.
        shifted = [*generator, 0]
        for place, factor in enumerate(generator):
            shifted[place + 1] ^= powers[(logs[factor] + degree) % 255] if factor else 0
        generator = shifted
    rest = [0] * count
    for word in data:
        lead = word ^ rest[0]
        rest = [*rest[1:], 0]
        for place in range(count):
            factor = generator[place + 1]
            if lead and factor:
                rest[place] ^= powers[(logs[lead] + logs[factor]) % 255]
    return rest


@lru_cache
def _field() -> tuple[list[int], list[int]]:
    powers, logs, value = [0] * 255, [0] * 256, 1
    for exponent in range(255):
        powers[exponent], logs[value] = value, exponent
        value = (value << 1) ^ (301 if value & 128 else 0)
    return powers, logs


def _padded(data: list[int], most: int) -> list[int]:
    """Filled up as annex B.1 says: one plain pad, then pads made irregular."""
    padded = list(data)
    while len(padded) < most:
        place = len(padded) + 1
        irregular = _PAD + (149 * place) % 253 + 1
        padded.append(_PAD if len(padded) == len(data) else irregular if irregular <= 254 else irregular - 254)
    return padded


def _drawn(side: int, words: Sequence[int]) -> Squares:
    regions = 2 if side >= _REGIONED else 1
    inner = side // regions - 2
    mapping = side - 2 * regions
    drawn = [[False] * side for _ in range(side)]
    bits = _placed(mapping)
    for row in range(mapping):
        for column in range(mapping):
            word, bit = bits[row][column]
            dark = bit < 0 or bool(words[word] >> (7 - bit) & 1)
            drawn[row + 1 + 2 * (row // inner)][column + 1 + 2 * (column // inner)] = dark and word >= 0
    whole = inner + 2
    for at in range(side):
        for region in range(regions):
            first, last = region * whole, region * whole + whole - 1
            drawn[at][first] = drawn[last][at] = True
            drawn[first][at] = at % whole % 2 == 0
            drawn[at][last] = at % whole % 2 == 1
    return drawn


_SHAPE = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
"""Where the eight bits of a codeword lie, seen from its last (annex F)."""


@lru_cache
def _placed(side: int) -> list[list[tuple[int, int]]]:
    """For each square of the mapping matrix its codeword and bit; the corner that none fills is dark or light alone."""
    none = (-2, 0)
    grid = [[none] * side for _ in range(side)]

    def put(row: int, column: int, word: int, bit: int) -> None:
        if row < 0:
            row, column = row + side, column + 4 - (side + 4) % 8
        if column < 0:
            row, column = row + 4 - (side + 4) % 8, column + side
        grid[row][column] = (word, bit)

    def utah(row: int, column: int, word: int) -> None:
        for bit, (down, right) in enumerate(_SHAPE):
            put(row + down, column + right, word, bit)

    def corner(places: Sequence[tuple[int, int]], word: int) -> None:
        for bit, (row, column) in enumerate(places):
            put(row % side, column % side, word, bit)

    word, row, column = 0, 4, 0
    while row < side or column < side:
        for first_row, rule, places in _CORNERS:
            if (row, column) == (side + first_row[0], first_row[1]) and rule(side):
                corner(places, word)
                word += 1
        while row >= 0 and column < side:
            if row < side and column >= 0 and grid[row][column] == none:
                utah(row, column, word)
                word += 1
            row, column = row - 2, column + 2
        row, column = row + 1, column + 3
        while row < side and column >= 0:
            if row >= 0 and column < side and grid[row][column] == none:
                utah(row, column, word)
                word += 1
            row, column = row + 2, column - 2
        row, column = row + 3, column + 1
    if grid[-1][-1] == none:
        grid[-1][-1] = grid[-2][-2] = (0, -1)
        grid[-1][-2] = grid[-2][-1] = (-1, 0)
    return grid


_CORNERS = (
    ((0, 0), lambda _side: True, ((-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1))),
    ((-2, 0), lambda side: side % 4 != 0, ((-3, 0), (-2, 0), (-1, 0), (0, -4), (0, -3), (0, -2), (0, -1), (1, -1))),
    ((-2, 0), lambda side: side % 8 == 4, ((-3, 0), (-2, 0), (-1, 0), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1))),
    ((4, 2), lambda side: side % 8 == 0, ((-1, 0), (-1, -1), (0, -3), (0, -2), (0, -1), (1, -3), (1, -2), (1, -1))),
)
"""The four codewords that lie around a corner: where the walk meets them, for which sizes, and their bits."""
