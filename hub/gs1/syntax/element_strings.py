"""Element strings: identifiers and values one behind the other, as bar codes carry them and as people read them."""

import re
from collections.abc import Iterable

from hub.gs1.digital_link import BadKey
from hub.gs1.syntax import identifiers
from hub.gs1.syntax.identifiers import Pair

FNC1 = "^"
"""What stands for the sign that leads a GS1 bar code and ends a value of no predefined length."""

_BRACKETED = re.compile(r"\((\d{2,4})\)((?:[^(\\]|\\.)+)")


def bracketed(text: str) -> list[Pair]:
    """Read ``(01)04012345123456(10)L1``, as it is printed for people; a bracket within a value has ``\\`` before it."""
    pairs, at = [], 0
    while at < len(text):
        found = _BRACKETED.match(text, at)
        if found is None:
            raise BadKey(f"{text[at : at + 40]!r} is no identifier in brackets and its value")
        pairs.append((found[1], _judged(found[1], re.sub(r"\\(.)", r"\1", found[2]))))
        at = found.end()
    return pairs


def plain(text: str) -> list[Pair]:
    """Read what a bar code holds, ``^`` standing for FNC1."""
    if text[:1] != FNC1 or len(text) == 1:
        raise BadKey("a GS1 bar code begins with FNC1, and holds something")
    pairs, rest = [], text[1:]
    while rest:
        found = identifiers.at(rest)
        if found is None:
            raise BadKey(f"{rest[:40]!r} begins with no application identifier")
        most = found.length if found.predefined else len(rest)
        value = rest[len(found.ai) :].partition(FNC1)[0][:most]
        pairs.append((found.ai, _judged(found.ai, value)))
        rest = rest[len(found.ai) + len(value) :].removeprefix(FNC1)
    return pairs


def written(pairs: Iterable[Pair]) -> str:
    """Write what a bar code holds, ``^`` standing for FNC1."""
    text, open_ = "", True
    for ai, value in pairs:
        text += f"{FNC1 if open_ else ''}{ai}{value}"
        open_ = not identifiers.table()[ai].predefined
    return text


def _judged(ai: str, value: str) -> str:
    if wrong := identifiers.fault(ai, value):
        raise BadKey(f"({ai}) {value[:40]!r}: {wrong.replace('_', ' ').lower()}", value=value[:40])
    return value
