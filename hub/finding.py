"""One search over everything: what was typed, who finds things of one kind, and what of it somebody may open.

A room that has things to find says so by a `Way`; `hub.finders` lists the ways. A way is asked only for whom its door
opens, in a session of the actor's own, so that nobody is shown what they could not see by walking there.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlencode

from sqlmodel import Session

from hub import sought
from hub.access import Actor
from hub.gs1 import digital_link
from hub.gs1.digital_link import BadKey
from hub.gs1.syntax import compression
from hub.lists import Search
from hub.models.party import OrganizationKind
from hub.web.i18n import Language
from hub.web.view import State

MOST = 5
"""How many things of a kind are shown at once; the others are in the list of their kind."""
LONGEST = 300
"""More letters than any number, name or link has."""
_ELEMENTS = re.compile(r"\((\d{2,4})\)\s*([^(]+)")
_SPACED = re.compile(r"\d[\d\s-]{6,}\d")
_BEGINS = ("urn:epc:", "http://", "https://")


@dataclass(frozen=True)
class Asked:
    """What was typed: words, or the numbers of a code that was pasted whole."""

    text: str = ""
    words: str = ""
    gtin: str = ""
    lot: str = ""
    sscc: str = ""
    gln: str = ""

    @property
    def item(self) -> str:
        """The number of an item that is meant itself, and not a lot of it."""
        return "" if self.lot else self.gtin

    def search(self, *numbers: str) -> Search | None:
        """What a list is asked for that finds by words and by these ``numbers``; None where nothing of it is meant."""
        words = self.words or " ".join(filter(None, (getattr(self, number) for number in numbers)))
        return Search(words[:100], size=MOST) if words else None

    def exactly(self, *numbers: str) -> bool:
        """Whether this is the number of a thing, and no word that others may have too."""
        return not self._meant.isdisjoint(map(sought.fold, filter(None, numbers)))

    @property
    def _meant(self) -> set[str]:
        """The numbers that this may be; thirteen digits are an article's, or a place's."""
        if self.lot:
            return {sought.fold(f"{self.gtin} {self.lot}")}
        number = self.words or self.gtin or self.sscc or self.gln
        return {number, digital_link.gtin(number)} if _is_gtin(number) else {number}


def read(typed: str) -> Asked:
    """What somebody means by what they typed or pasted."""
    text = sought.shown(typed)
    code = digital_link.canonical(_element_string(text) or text)
    if code.lower().startswith(_BEGINS):
        try:
            return _of_link(text, compression.parse(code))
        except BadKey:
            pass
    words = sought.fold(text)
    if _SPACED.fullmatch(words):
        words = re.sub(r"\D", "", words)
    return Asked(text, words[2:] if _digits(words) and len(words) == 20 and words.startswith("00") else words)


def _element_string(text: str) -> str:
    """A code as it is printed for people, such as (01)06901234000016(10)L1, as a link."""
    pairs = _ELEMENTS.findall(text) if text.startswith("(") else []
    return digital_link.ROOT + "".join(f"/{ai}/{value.strip()}" for ai, value in pairs) if pairs else ""


def _of_link(text: str, link: digital_link.Link) -> Asked:
    kind = {"01": "gtin", "00": "sscc", "414": "gln", "417": "gln"}.get(link.ai)
    if kind is None:
        return Asked(text, sought.fold(link.value))
    return Asked(text, lot=link.qualifier("10") or "", **{kind: link.value})


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_gtin(text: str) -> bool:
    try:
        return bool(digital_link.gtin(text))
    except BadKey:
        return False


class Found(NamedTuple):
    """Something that was found: what it is called, what tells it from others, and its page.

    ``exact`` where what was typed is its number.
    """

    title: str
    detail: str
    address: str
    state: State | None = None
    exact: bool = False


@dataclass(frozen=True)
class Results:
    """What of one kind was found: the first few, how many there are where that is known, and the list of them all."""

    found: Sequence[Found] = ()
    total: int | None = None
    every: str = ""


def results(found: Sequence[Found], search: Search, total: int | None = None, path: str = "", **kept: str) -> Results:
    """What a list's first page makes of results: all of them are in the list at ``path``, searched the same."""
    more = total is None or total > len(found)
    return Results(found, total, f"{path}?{urlencode({**kept, 'q': search.words})}" if path and more else "")


@dataclass(frozen=True)
class Way:
    """Finds things of a kind for whom ``door``, the route of their pages, opens."""

    door: str
    seek: Callable[[Session, Actor, Asked, Language], Results]
    kinds: frozenset[OrganizationKind] = field(default=frozenset(OrganizationKind))


@dataclass(frozen=True)
class Finder:
    """A kind of thing that is found, and the ways to it: of those that open to somebody the first is taken."""

    name: str
    label: str
    icon: str
    ways: Sequence[Way]
