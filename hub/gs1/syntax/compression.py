"""Compressed GS1 Digital Links: what a link says, packed into bits and written as one word of base64url. Pure.

Read in all three forms: wholly compressed (``/AQnYUc1gmg``), with its primary key readable
(``/01/05412345000013/EEarwSM``), and with what GS1 says nothing of compressed too or left in the query.

Source: GS1 Digital Link Standard 1.1, chapter 7 (compression), as GS1's own toolkits have it. Table F, the formats of
values, is read from GS1's dictionary. Not read: EPC binary strings in base58 (Compression Technical Standard 1.0.0).
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from math import ceil, log2
from typing import NamedTuple
from urllib.parse import quote

from hub.gs1 import digital_link
from hub.gs1.digital_link import ROOT, BadKey, Link
from hub.gs1.syntax import identifiers
from hub.gs1.syntax.identifiers import Pair

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_DIGITS_OF_64 = {sign: at for at, sign in enumerate(ALPHABET)}
_HEX = "0123456789abcdef"
_LONGEST = 1_000
"""Signs of a compressed word that are read: more than any bar code holds of them."""
_OTHER = 0xF
"""The first half byte of a pair that GS1 says nothing of."""
_PADDING = 11
"""Bits of zeros that may stand behind the last value: up to whole bytes, and those up to a whole sign."""
_EACH = {0: "0123456789", 1: _HEX, 2: _HEX.upper(), 3: ALPHABET}
_WIDTHS = {1: 4, 2: 4, 3: 6, 4: 7}
"""Bits of a sign in each encoding; of digits (0) all are one number."""
_FITS = (
    (0, re.compile(r"[0-9]+").fullmatch),
    (2, re.compile(r"[0-9A-F]+").fullmatch),
    (1, re.compile(r"[0-9a-f]+").fullmatch),
    (3, re.compile(r"[A-Za-z0-9_-]+").fullmatch),
)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,127}").fullmatch
_WORD = re.compile(r"[A-Za-z0-9_-]+").fullmatch

TOGETHER: dict[int, tuple[str, ...]] = {
    0x0A: ("01", "22"), 0x0B: ("01", "10"), 0x0C: ("01", "21"), 0x0D: ("01", "17"), 0x0E: ("01", "7003"),
    0x0F: ("01", "30"), 0x1A: ("01", "10", "21", "17"), 0x1B: ("01", "15"), 0x1C: ("01", "11"), 0x1D: ("01", "16"),
    0x1E: ("01", "91"), 0x1F: ("01", "10", "15"), 0x9A: ("8010", "8011"), 0x9B: ("8017", "8019"),
    0x9C: ("8018", "8019"), 0x9D: ("414", "254"),
    **{0x2A + unit: ("01", f"310{unit}") for unit in range(6)},
    **{0x3A + unit: ("01", f"320{unit}") for unit in range(6)},
    **{0xA0 + digits: ("01", f"392{digits}") for digits in range(10)},
    **{0xC0 + digits: ("255", f"390{digits}") for digits in range(10)},
    **{0xCA + digits: ("255", f"394{digits}") for digits in range(4)},
}  # fmt: skip
"""Table Opt: one byte for identifiers that often stand together, in the order in which their values follow."""
_TWO_ORDERS = {byte for byte, ais in TOGETHER.items() if list(ais) != sorted(ais)}
"""GS1's toolkits disagree here: one has the table's order, one sorts. Both are read, neither is written."""


class BadCompression(BadKey):
    """This is no compressed GS1 Digital Link."""

    code = "bad-compressed-link"


class _Part(NamedTuple):
    """A piece of a value in Table F: digits (N) or any signs (X), of one length or of any up to ``most``."""

    digits: bool
    fixed: bool
    most: int


@lru_cache(None)
def _format(ai: str) -> tuple[_Part, ...]:
    """Pieces of one kind that follow each other are one, and of several lengths where one of them is."""
    pieces = [
        _Part(part.signs == "N", part.least == part.most and not part.optional, part.most)
        for part in identifiers.table()[ai].parts
    ]
    merged = []
    for (digits, _), together in groupby(pieces, key=lambda piece: (piece.digits, piece.digits and piece.fixed)):
        alike = list(together)
        merged.append(_Part(digits, all(piece.fixed for piece in alike), sum(piece.most for piece in alike)))
    return tuple(merged)


def _bits_of_length(most: int) -> int:
    return ceil(log2(most) + 0.01)


def _bits_of_number(digits: int) -> int:
    return ceil(digits * log2(10) + 0.01)


# Writing


def compress(link: Link, stem: str = ROOT, *, readable_key: bool = False, others: bool = True) -> str:
    """The link in its compressed form on a domain.

    ``readable_key``: the primary key stays as it is, and what stands beside it alone is compressed: nothing where
    there is nothing. ``others``: what GS1 says nothing of is compressed too, where it is short and in ASCII.
    """
    packed = [pair for pair in link.others if others and _packs(*pair)]
    left = "&".join(f"{quote(name)}={quote(value)}" for name, value in link.others if (name, value) not in packed)
    pairs = link.pairs[1:] if readable_key else link.pairs
    key = f"/{link.ai}/{quote(link.value, safe='-._~')}" if readable_key else ""
    bits = "".join([*_written(pairs, "" if readable_key else link.ai), *(_other(*pair) for pair in packed)])
    return f"{stem.rstrip('/')}{key}{f'/{_word(bits)}' if bits else ''}{f'?{left}' if left else ''}"


def _packs(name: str, value: str) -> bool:
    return bool(_NAME(name)) and not name.isdigit() and value.isascii() and 0 < len(value) < 128


def _written(pairs: Sequence[Pair], key: str) -> Iterator[str]:
    """What often stands together first, then the others by their number; the key before any other that could be it."""
    values = dict(pairs)
    best = max(
        (
            byte
            for byte, ais in TOGETHER.items()
            if key in ais and values.keys() >= set(ais) and byte not in _TWO_ORDERS
        ),
        key=lambda byte: sum(len(ai) for ai in TOGETHER[byte]),
        default=None,
    )
    rest = sorted(values)
    if best is not None:
        yield f"{best:08b}" + "".join(_value(ai, values[ai]) for ai in TOGETHER[best])
        rest = [ai for ai in rest if ai not in TOGETHER[best]]
    elif key and next(ai for ai in rest if ai in identifiers.primary_keys()) != key:
        rest = [key, *(ai for ai in rest if ai != key)]
    for ai in rest:
        yield "".join(f"{int(digit):04b}" for digit in ai) + _value(ai, values[ai])


def _value(ai: str, value: str) -> str:
    bits, rest = "", value
    for part in _format(ai):
        piece, rest = rest[: part.most], rest[part.most :]
        length = "" if part.fixed else f"{len(piece):0{_bits_of_length(part.most)}b}"
        bits += length + _number(piece) if part.digits else _encoded(piece, length)
    return bits


def _number(digits: str) -> str:
    return f"{int(digits or '0'):0{_bits_of_number(len(digits))}b}"


def _encoded(text: str, length: str) -> str:
    encoding = next((number for number, fits in _FITS if fits(text)), 4)
    if encoding == 0:
        signs = _number(text)
    else:
        width, alphabet = _WIDTHS[encoding], _EACH.get(encoding)
        signs = "".join(f"{alphabet.index(sign) if alphabet else ord(sign):0{width}b}" for sign in text)
    return f"{encoding:03b}{length}{signs}"


def _other(name: str, value: str) -> str:
    signs = "".join(f"{_DIGITS_OF_64[sign]:06b}" for sign in name)
    return f"{_OTHER:04b}{len(name):07b}{signs}{_encoded(value, f'{len(value):07b}')}"


def _word(bits: str) -> str:
    padded = bits + "0" * (-len(bits) % 6)
    return "".join(ALPHABET[int(padded[at : at + 6], 2)] for at in range(0, len(padded), 6))


# Reading


def parse(uri: str, *, short_gtins: bool = False) -> Link:
    """A Digital Link taken apart, compressed in any form or not at all; refused where it breaks a rule."""
    try:
        return digital_link.parse(uri, short_gtins=short_gtins)
    except BadKey:
        segments, query = digital_link.path_and_query(uri)
        if digital_link.holds_key(segments) or not segments or not _WORD(segments[-1]):
            raise
    return decompress(segments, query, short_gtins=short_gtins)


def decompress(segments: Sequence[str], query: str = "", *, short_gtins: bool = False) -> Link:
    """The link that the last part of a path says, behind a readable key or alone, and a query beside it."""
    readable = list(digital_link.read_key(segments[-3:-1], short_gtins=short_gtins))
    given, left = digital_link.read_query(query)
    reader = _Reader(segments[-1])

    def read() -> Link:
        pairs, packed = reader.all()
        return digital_link.build([*readable, *pairs, *given])._replace(others=(*packed, *left))

    try:
        return read()
    except BadKey:
        if not reader.met_two_orders:
            raise
        reader.in_order, reader.at = False, 0
        return read()


_LENGTHS = {ai[:2]: len(ai) for ai in identifiers.table()}
"""Table P: how long an identifier is, by its first two digits."""
_FIRST = (*TOGETHER, *(int(digits, 16) for digits in _LENGTHS))
BEGINS = "|".join(sorted(f"{ALPHABET[byte >> 2]}[{re.escape(ALPHABET[byte % 4 * 16 :][:16])}]" for byte in _FIRST))
"""The two signs that a compressed link can begin with, as an expression: an identifier, or the byte of several."""


class _Reader:
    """Bits read from left to right. ``in_order``: as `TOGETHER` has them, else sorted; see ``_TWO_ORDERS``."""

    def __init__(self, word: str) -> None:
        if len(word) > _LONGEST:
            raise BadCompression(f"a compressed link has at most {_LONGEST} signs, not {len(word)}")
        self.bits = "".join(f"{_DIGITS_OF_64[sign]:06b}" for sign in word)
        self.at = 0
        self.in_order = True
        self.met_two_orders = False

    def all(self) -> tuple[list[Pair], list[tuple[str, str]]]:
        """What GS1 knows of it, and what else."""
        pairs: list[Pair] = []
        others: list[tuple[str, str]] = []
        while not self._over():
            begins = self.at
            byte = self._take(8, "an identifier")
            if byte >> 4 == _OTHER:
                self.at = begins + 4
                others.append(self._other())
            else:
                pairs += [(ai, self._value(ai)) for ai in self._named(byte, begins)]
        if twice := next((ai for at, (ai, _) in enumerate(pairs) if ai in dict(pairs[:at])), ""):
            raise BadCompression(f"the compressed link names ({twice}) twice")
        return pairs, others

    def _over(self) -> bool:
        left = self.bits[self.at :]
        return len(left) <= _PADDING and "1" not in left

    def _named(self, byte: int, begins: int) -> Sequence[str]:
        if byte in TOGETHER:
            self.met_two_orders |= byte in _TWO_ORDERS
            return TOGETHER[byte] if self.in_order else sorted(TOGETHER[byte])
        ai = f"{byte:02x}"
        for _ in range(2, _LENGTHS.get(ai, 0)):
            ai += f"{self._take(4, 'an identifier'):x}"
        if ai not in identifiers.table():
            raise BadCompression(f"the compressed link has no identifier at bit {begins}, but {ai.upper()}")
        return [ai]

    def _value(self, ai: str) -> str:
        value = ""
        for part in _format(ai):
            encoding = 0 if part.digits else self._take(3, f"({ai})")
            length = part.most if part.fixed else self._take(_bits_of_length(part.most), f"({ai})")
            if length > part.most:
                raise BadCompression(f"({ai}) has at most {part.most} signs, not {length}, at bit {self.at}")
            value += self._number(length, ai) if part.digits else self._text(encoding, length, ai)
        return value

    def _number(self, digits: int, of: str) -> str:
        number = self._take(_bits_of_number(digits), f"({of})")
        if number >= 10**digits and (number or digits):
            raise BadCompression(f"({of}) is no number of {digits} digits, at bit {self.at}")
        return str(number).zfill(digits) if digits else ""

    def _text(self, encoding: int, length: int, of: str) -> str:
        if not length:
            return ""
        if encoding == 0:
            return self._number(length, of)
        if encoding not in _WIDTHS:
            raise BadCompression(f"({of}) is in encoding {encoding}, which GS1 has not, at bit {self.at}")
        signs = [self._take(_WIDTHS[encoding], f"({of})") for _ in range(length)]
        alphabet = _EACH.get(encoding)
        return "".join(alphabet[sign] if alphabet else chr(sign) for sign in signs)

    def _other(self) -> tuple[str, str]:
        length = self._take(7, "the length of a name")
        name = "".join(ALPHABET[self._take(6, "a name")] for _ in range(length))
        if not name or name.isdigit():
            raise BadCompression(f"the compressed link has no name for a pair of its own, at bit {self.at}")
        encoding = self._take(3, name)
        return name, self._text(encoding, self._take(7, name), name)

    def _take(self, bits: int, of: str) -> int:
        ends = self.at + bits
        if ends > len(self.bits):
            raise BadCompression(f"the compressed link ends at bit {len(self.bits)}, in the middle of {of}")
        number = int(self.bits[self.at : ends], 2)
        self.at = ends
        return number
