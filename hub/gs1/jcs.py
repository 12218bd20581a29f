"""Strict JSON in, canonical JSON out (RFC 8785): the bytes that are committed to."""

import json
import re
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from hub.errors import HubError

DEEPEST = 64
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class MalformedJSON(HubError):
    """The text is not JSON that everybody reads alike."""

    code, status = "malformed-json", 400


def parse(text: bytes) -> Any:
    """Read JSON so that nobody could read it otherwise; numbers become doubles.

    Refused: duplicate names, NaN and infinities, numbers a double would change, lone surrogates, text that is
    not UTF-8 (a byte order mark is let pass), nesting deeper than 64.
    """
    _refuse_depth(text)
    try:
        decoded = text.decode("utf-8-sig")
        value = json.loads(
            decoded,
            object_pairs_hook=_object,
            parse_float=_number,
            parse_int=_number,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise MalformedJSON(f"byte {error.start} is not UTF-8", offset=error.start) from error
    except json.JSONDecodeError as error:
        raise MalformedJSON(
            f"line {error.lineno}, column {error.colno}: {error.msg}", line=error.lineno, column=error.colno
        ) from error
    if b"\\u" in text:  # in UTF-8 half a surrogate pair is no letter; only an escape can name one
        _check(value)
    return value


def canonical(value: Any) -> bytes:
    """RFC 8785: members sorted by UTF-16 code units, ECMAScript numbers, no white space, UTF-8."""
    return _text(value).encode()


def number(value: float) -> str:
    """A number as ECMAScript prints it."""
    if -_PLAIN < value < _PLAIN:
        if value == int(value):
            return str(int(value))
        shortest = repr(value)
        if "e" not in shortest:
            return shortest
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)  # a finite double has one
    text, point = "".join(map(str, digits)), len(digits) + exponent
    if 0 < point <= 21:
        plain = text.ljust(point, "0") if exponent >= 0 else f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        plain = "0." + "0" * -point + text
    else:
        plain = text[0] + ("." + text[1:] if len(text) > 1 else "") + f"e{point - 1:+d}"
    return "-" * sign + plain


_PLAIN = 1e15
"""Below it Python prints numbers as ECMAScript does, but for what it prints with an exponent."""
_FEW = 64


def _text(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        names = tuple(value)
        order = _order(names) if len(names) <= _FEW else _order.__wrapped__(names)
        # Most members are words: they are written here, without a call for each.
        members = [
            name + (encode_basestring(held) if type(held := value[key]) is str else _text(held)) for key, name in order
        ]
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    return number(float(value))


_WORDS = {None: "null", True: "true", False: "false"}


@lru_cache(4096)
def _order(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """The names of an object in their order, each as it is written; most objects have names that many have."""
    return [(name, encode_basestring(name) + ":") for name in sorted(names, key=lambda n: n.encode("utf-16-be"))]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise MalformedJSON(f"the name {twice!r} stands twice in one object", name=twice)
    return members


_EXACT = 15
"""As many figures every double keeps."""


def _number(text: str) -> float:
    value = float(text)
    if len(text) <= _EXACT and "e" not in text and "E" not in text:
        return value
    if value in (float("inf"), float("-inf")) or Decimal(text) != Decimal(number(value)):
        raise MalformedJSON(f"the number {text[:40]} would be changed by reading it as a double", number=text[:40])
    return value


def _constant(text: str) -> float:
    raise MalformedJSON(f"{text} is not a JSON number", number=text)


def _refuse_depth(text: bytes) -> None:
    """Count the brackets before anything is parsed: the parser recurses in C, where no limit of Python's holds."""
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return
    depth = 0
    for bracket in _STRING.sub(b"", text).translate(None, _ALL_BUT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise MalformedJSON(f"nested deeper than {DEEPEST} levels")


def _check(value: Any) -> None:
    if isinstance(value, str):
        _whole(value)
    elif isinstance(value, list):
        for item in value:
            _check(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            _whole(name)
            _check(item)


def _whole(text: str) -> None:
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise MalformedJSON(f"half a surrogate pair in {text[:40].encode('ascii', 'backslashreplace').decode()}")
