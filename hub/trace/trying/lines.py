"""Where in a text something stands: a path of a JSON document, an element of one in XML, and the lines around it. Pure.

What is looked through was read before: it is JSON, or XML, and nests no deeper than these may.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

AROUND = 2
"""Lines that are shown before and behind one that is pointed at."""
WIDEST = 160
"""Characters of a line that are shown: a document may be one single line."""


@dataclass(frozen=True)
class Line:
    """A line of an excerpt under its number; ``marked`` is the one that is meant, ``cut`` one that is shown in part."""

    number: int
    text: str
    marked: bool = False
    cut: bool = False


def excerpt(text: str, offset: int) -> list[Line]:
    """The line in which something stands, and some before and behind it; of a long one what stands around the place.

    All are shown without the blanks that each of them begins with.
    """
    first = begin = text.rfind("\n", 0, offset) + 1
    number = text.count("\n", 0, begin) + 1
    before: list[int] = []
    while len(before) < AROUND and first > 0:
        first = text.rfind("\n", 0, first - 1) + 1
        before.insert(0, first)
    shown = []
    for place, at in enumerate(before):
        told, cut = _shown(text, at, at)
        shown.append(Line(number - len(before) + place, told, cut=cut))
    marked, cut = _shown(text, begin, offset)
    shown.append(Line(number, marked, marked=True, cut=cut))
    for after in range(1, AROUND + 1):
        end = text.find("\n", begin)
        if end < 0 or end + 1 >= len(text):
            break
        begin = end + 1
        told, cut = _shown(text, begin, begin)
        shown.append(Line(number + after, told, cut=cut))
    indent = min((len(line.text) - len(line.text.lstrip(" ")) for line in shown if line.text.strip()), default=0)
    return [replace(line, text=line.text[indent:]) for line in shown]


def _shown(text: str, begin: int, offset: int) -> tuple[str, bool]:
    """A line as it may be seen, and whether that is a part of it; what would turn or hide letters is replaced."""
    ahead = WIDEST // 3 if offset - begin > WIDEST // 2 else offset - begin
    start = offset - ahead
    end = text.find("\n", start, start + WIDEST + 1)
    stop = end if end >= 0 else min(start + WIDEST, len(text))
    whole = start == begin and (end >= 0 or stop == len(text))
    return shown(text[start:stop].rstrip("\r")), not whole


def shown(text: str) -> str:
    """A text of a stranger's, without what would turn its letters around, hide them or break its line."""
    return _HIDING.sub("\N{REPLACEMENT CHARACTER}", text.replace("\t", "    "))


_HIDING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def begins(text: str, line: int) -> int:
    """Where a line begins, the first being 1; of a line that is not there, where the last does."""
    offset = 0
    for _ in range(line - 1):
        end = text.find("\n", offset)
        if end < 0:
            break
        offset = end + 1
    return offset


def in_json(text: str, paths: Collection[str]) -> dict[str, int]:
    """Where in a JSON text each of some paths begins, such as ``epcisBody.eventList[2].bizStep``.

    What is not there is found where the nearest thing around it begins. What leads to none of the paths is passed over
    at the speed of the parser.
    """
    ways = {path[:end] for path in paths for end in _ends(path)}
    found = {"": _BLANK.match(text, 0).end()}  # type: ignore[union-attr]
    _walk(text, found[""], "", ways, found)
    return {path: max(found[path[:end]] for end in _ends(path) if path[:end] in found) for path in paths}


def _ends(path: str) -> Iterator[int]:
    """Where the names end that a path is made of: of ``a.b[1]`` behind ``a``, ``a.b`` and ``a.b[1]``; first nowhere."""
    yield 0
    yield from (place for place, letter in enumerate(path) if letter in ".[" and place)
    yield len(path)


_BLANK = re.compile(r"[ \t\r\n]*")
_value = json.JSONDecoder().raw_decode
_string: Any = json.decoder.scanstring  # type: ignore[attr-defined]


def _walk(text: str, at: int, path: str, ways: Collection[str], found: dict[str, int]) -> int:
    """Go through a value that a path leads into, and note where what lies on a way begins; return where it ends."""
    opening = text[at]
    if opening not in "{[":
        return _value(text, at)[1]
    place, at = 0, _blank(text, at + 1)
    while text[at] not in "}]":
        begin, name = at, f"{path}[{place}]"
        if opening == "{":
            key, at = _string(text, at + 1)
            name = f"{path}.{key}" if path else key
            at = _blank(text, _blank(text, at) + 1)
        if name in ways:
            found.setdefault(name, begin)
            at = _walk(text, at, name, ways, found)
        else:
            at = _value(text, at)[1]
        at, place = _blank(text, at), place + 1
        if text[at] == ",":
            at = _blank(text, at + 1)
    return at + 1


def _blank(text: str, at: int) -> int:
    return _BLANK.match(text, at).end()  # type: ignore[union-attr]


def events_in_xml(text: str) -> list[int]:
    """Where the events of a document in XML begin, as far as they are of EPCIS's own kinds."""
    return [found.start() for found in _EVENT.finditer(text) if found["event"]]


def named_in_xml(text: str, begin: int, end: int, names: Collection[str]) -> int:
    """Where the first of some elements begins that stands once between two places; ``begin`` where none does."""
    for name in names:
        tags = re.compile(rf"<(?:[\w.-]+:)?{re.escape(name)}(?=[\s/>])")
        first = tags.search(text, begin, end)
        if first and not tags.search(text, first.end(), end):
            return first.start()
    return begin


_EVENT = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
    r"|<(?:[\w.-]+:)?(?P<event>(?:Object|Aggregation|Association|Quantity|Transaction|Transformation)Event)(?=[\s/>])",
    re.DOTALL,
)
