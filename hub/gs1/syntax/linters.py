"""GS1's linters: what a piece of an application identifier's value must be, beyond its length.

Each takes the piece and answers with GS1's own word for what is wrong with it, or with nothing. Source: the reference
procedures named in the Barcode Syntax Dictionary (gs1/gs1-syntax-dictionary, src/lint_*.c, Apache-2.0).
"""

import re
from calendar import monthrange
from collections.abc import Callable

from hub.gs1.syntax import coupons
from hub.gs1.syntax.code_lists import COUNTRIES, COUNTRY_LETTERS, CURRENCIES, PACKAGE_TYPES

CSET82 = """!"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"""
_CSET32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
SIGNS = {"N": "[0-9]", "X": f"[{re.escape(CSET82)}]", "Y": r"[#\-/0-9A-Z]", "Z": r"[0-9A-Za-z_\-=]"}
"""The signs of each type of piece, as an expression."""
_ONLY = {kind: re.compile(f"{signs}*").fullmatch for kind, signs in SIGNS.items()}
_WRONG = {"N": "NON_DIGIT_CHARACTER", "X": "INVALID_CSET82_CHARACTER", "Y": "INVALID_CSET39_CHARACTER"}
_PRIMES = [2, *(n for n in range(3, 510, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2)))]
_PREFIX = 4
"""The fewest digits of a GS1 company prefix."""


def signs(kind: str, text: str) -> str:
    """Only the signs of a type: digits, GS1's 82, its 39, or base64url."""
    if kind == "Z":
        return _base64(text)
    return "" if _ONLY[kind](text) else _WRONG[kind]


def _base64(text: str) -> str:
    bare = text.rstrip("=")
    pads = len(text) - len(bare)
    if pads > 2 or (pads and len(text) % 3):
        return "INVALID_CSET64_PADDING"
    return "" if _ONLY["Z"](bare) and "=" not in bare else "INVALID_CSET64_CHARACTER"


def check_digit(body: str) -> str:
    """The digit that GS1 puts behind ``body``: weights 3 and 1 from the right, modulo 10."""
    total = 3 * sum(map(int, body[-1::-2])) + sum(map(int, body[-2::-2]))
    return str(-total % 10)


def _csum(text: str) -> str:
    return "" if check_digit(text[:-1]) == text[-1] else "INCORRECT_CHECK_DIGIT"


def _csumalpha(text: str) -> str:
    """Two signs that weigh all before them by primes, modulo 1021."""
    body, pair = text[:-2], text[-2:]
    if len(text) < 2:
        return "TOO_SHORT_FOR_CHECK_PAIR"
    if not _ONLY["X"](body):
        return "INVALID_CSET82_CHARACTER"
    total = sum(CSET82.index(sign) * prime for sign, prime in zip(reversed(body), _PRIMES, strict=False)) % 1021
    return "" if pair == _CSET32[total >> 5] + _CSET32[total & 31] else "INCORRECT_CHECK_PAIR"


def _gcppos1(text: str) -> str:
    if len(text) < _PREFIX:
        return "TOO_SHORT_FOR_GCP"
    return "" if _ONLY["N"](text[:_PREFIX]) else "INVALID_GCP_PREFIX"


def _iban(text: str) -> str:
    if len(text) <= 10 and (len(text) < 4 or text[:2] in COUNTRY_LETTERS):
        return "IBAN_TOO_SHORT"
    if text[:2] not in COUNTRY_LETTERS:
        return "ILLEGAL_IBAN_COUNTRY_CODE"
    if not re.fullmatch("[0-9A-Z]+", text):
        return "INVALID_IBAN_CHARACTER"
    digits = "".join(str(int(sign, 36)) for sign in text[4:] + text[:4])
    return "" if int(digits) % 97 == 1 else "INCORRECT_IBAN_CHECKSUM"


def _day(text: str, needed: bool) -> str:
    """A day with its century; the day of the month may be 00 where it is not ``needed``."""
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    if not 1 <= month <= 12:
        return "ILLEGAL_MONTH"
    return "ILLEGAL_DAY" if day > monthrange(year or 4, month)[1] or (needed and not day) else ""


def _with_century(text: str) -> str:
    """Within fifty years of 2021, the year of GS1's table."""
    year = int(text[:2])
    return ("19" if year >= 72 else "20") + text


def day(text: str) -> str:
    """A day of six digits, year first."""
    return _day(_with_century(text), needed=True)


def _hour(text: str) -> str:
    return "" if int(text) < 24 else "ILLEGAL_HOUR"


def _minute(text: str) -> str:
    return "" if int(text) < 60 else "ILLEGAL_MINUTE"


def _pieces(text: str) -> str:
    piece, total = text[: len(text) // 2], text[len(text) // 2 :]
    if not int(piece):
        return "ZERO_PIECE_NUMBER"
    if not int(total):
        return "ZERO_TOTAL_PIECES"
    return "PIECE_NUMBER_EXCEEDS_TOTAL" if piece > total else ""


def _position(text: str) -> str:
    match = re.fullmatch("([0-9]+)/([0-9]+)", text)
    if match is None:
        return "POSITION_IN_SEQUENCE_MALFORMED"
    if "0" in (match[1][0], match[2][0]):
        return "ILLEGAL_ZERO_PREFIX"
    return "POSITION_EXCEEDS_END" if int(match[1]) > int(match[2]) else ""


def _media(text: str) -> str:
    return "" if 1 <= int(text) <= 10 or 80 <= int(text) <= 99 else "INVALID_MEDIA_TYPE"


def _percent(text: str) -> str:
    return "INVALID_PERCENT_SEQUENCE" if re.search("%(?![0-9A-Fa-f]{2})", text) else ""


def _within(words: frozenset[str], wrong: str) -> Callable[[str], str]:
    return lambda text: "" if text in words else wrong


def _matching(expression: str, wrong: str) -> Callable[[str], str]:
    fits = re.compile(expression).fullmatch
    return lambda text: "" if fits(text) else wrong


LINTERS: dict[str, Callable[[str], str]] = {
    "csum": _csum,
    "csumalpha": _csumalpha,
    "gcppos1": _gcppos1,
    "gcppos2": lambda text: _gcppos1(text[1:]),
    "yymmdd": day,
    "yymmd0": lambda text: _day(_with_century(text), needed=False),
    "yyyymmdd": lambda text: _day(text, needed=True),
    "yyyymmd0": lambda text: _day(text, needed=False),
    "hh": _hour,
    "mi": _minute,
    "ss": lambda text: "" if int(text) < 60 else "ILLEGAL_SECOND",
    "hhmi": lambda text: _hour(text[:2]) or _minute(text[2:]),
    "iso3166": _within(COUNTRIES, "NOT_ISO3166"),
    "iso3166999": _within(COUNTRIES | {"999"}, "NOT_ISO3166_OR_999"),
    "iso3166alpha2": _within(COUNTRY_LETTERS, "NOT_ISO3166_ALPHA2"),
    "iso4217": _within(CURRENCIES, "NOT_ISO4217"),
    "iso5218": _matching("[0129]", "INVALID_BIOLOGICAL_SEX_CODE"),
    "iban": _iban,
    "pcenc": _percent,
    "yesno": _matching("[01]", "NOT_ZERO_OR_ONE"),
    "zero": _matching("0+", "NOT_ZERO"),
    "nonzero": _matching(".*[1-9].*", "ILLEGAL_ZERO_VALUE"),
    "nozeroprefix": _matching("[^0].*", "ILLEGAL_ZERO_PREFIX"),
    "hasnondigit": _matching(".*[^0-9].*", "REQUIRES_NON_DIGIT_CHARACTER"),
    "winding": _matching("[019]", "INVALID_WINDING_DIRECTION"),
    "hyphen": _matching("-+", "NOT_HYPHEN"),
    "importeridx": _matching(r"[\-0-9A-Z_a-z]", "INVALID_IMPORT_IDX_CHARACTER"),
    "mediatype": _media,
    "packagetype": _within(PACKAGE_TYPES, "INVALID_PACKAGE_TYPE"),
    "pieceoftotal": _pieces,
    "posinseqslash": _position,
    "latitude": lambda text: "INVALID_LATITUDE" if int(text) > 1_800_000_000 else "",
    "longitude": lambda text: "INVALID_LONGITUDE" if int(text) > 3_600_000_000 else "",
    "couponcode": lambda text: signs("N", text) or coupons.fault(text, day),
    "couponposoffer": lambda text: signs("N", text) or coupons.offer_fault(text),
}
"""By the names that the dictionary has for them."""
