"""Which of several links answers a scan: by purpose, then media type, language and context. Pure.

Source: GS1-Conformant Resolver 1.2.0, RFC 9110 section 12.5 (quality values), RFC 4647 section 3.4 (lookup).
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

VOCABULARY = "https://gs1.org/voc/"
DEFAULT = "gs1:defaultLink"
_MEANT = re.compile(r"(?:gs1:|https?://(?:www\.|ref\.)?gs1\.org/voc/)(\w+)")
_ANY_LANGUAGE = "und"


class Target(NamedTuple):
    """Somewhere a link leads: how near to what was scanned it is kept (0 is nearest), and for whom it is."""

    level: int
    anchor: str
    link_type: str
    href: str
    title: str = ""
    media_type: str = ""
    languages: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    is_default: bool = False


class Wish(NamedTuple):
    """What whoever scans asks for: a purpose (none: the default), and what is taken, best first."""

    link_type: str = ""
    languages: Sequence[str] = ()
    media_types: Sequence[str] = ()
    context: str = ""


def curie(link_type: str) -> str:
    """A link type in its short form: of GS1's vocabulary ``gs1:…``, whatever form it was asked in."""
    match = _MEANT.fullmatch(link_type)
    return f"gs1:{match[1]}" if match else link_type


def uri(link_type: str) -> str:
    """A link type as the web address that a linkset names it by."""
    return VOCABULARY + link_type.removeprefix("gs1:") if link_type.startswith("gs1:") else link_type


@lru_cache(512)  # a few browsers' headers come again and again
def preferred(header: str) -> tuple[str, ...]:
    """The words of an Accept header by their quality, the best first; those of none are left out."""
    words = []
    for part in header.split(","):
        word, *parameters = (piece.strip() for piece in part.split(";"))
        told = next((p[2:] for p in parameters if p[:2].lower() == "q="), "1")
        quality = float(told) if re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", told) else 0.0
        if word and quality:
            words.append((-quality, word))
    return tuple(word for _, word in sorted(words, key=lambda each: each[0]))


def choose(targets: Sequence[Target], wish: Wish) -> list[Target]:
    """What answers: nothing, one, or several that fit equally well. What is kept nearest to the pack goes first."""
    wanted = curie(wish.link_type)
    if not wanted or wanted == DEFAULT:
        fitting = [target for target in targets if target.is_default] or list(targets)
        nearest = [target for target in fitting if target.level == min(each.level for each in fitting)]
        return _fittest(nearest, wish)[:1]
    fitting = [target for target in targets if target.link_type == wanted]
    nearest = [target for target in fitting if target.level == min(each.level for each in fitting)]
    return _fittest(nearest, wish)


def _fittest(targets: list[Target], wish: Wish) -> list[Target]:
    """Narrow by each wish in turn; one that nothing fits leaves what is for everybody, else all."""
    left = _narrowed(targets, wish.media_types, lambda target, word: _is_media(word, target.media_type), "")
    left = _narrowed(left, _ranges(wish.languages), _speaks, _ANY_LANGUAGE)
    left = _narrowed(left, [wish.context] if wish.context else (), lambda target, word: word in target.contexts, "")
    return list({target.href: target for target in left}.values())


def _narrowed(
    targets: list[Target], words: Sequence[str], fits: Callable[[Target, str], bool], anybodys: str
) -> list[Target]:
    for word in words:
        if found := [target for target in targets if fits(target, word)]:
            return found
    return [target for target in targets if anybodys and fits(target, anybodys)] or targets


def _is_media(word: str, media_type: str) -> bool:
    kind, _, part = word.lower().partition("/")
    return word == "*/*" or media_type == word.lower() or (part == "*" and media_type.startswith(f"{kind}/"))


def _speaks(target: Target, wanted: str) -> bool:
    """Whether a target is in a language, or in a kind of it where a star says so; who names none is for everybody."""
    said = [language.lower() for language in target.languages] or [_ANY_LANGUAGE]
    if wanted.endswith("-*"):
        return any(language.startswith(wanted[:-1]) for language in said)
    return wanted in said


def _ranges(languages: Sequence[str]) -> list[str]:
    """What to look for in turn: ``zh-Hant-TW``, then ``zh-Hant``, then ``zh``, then any kind of it."""
    ranges = []
    for language in languages or (_ANY_LANGUAGE,):
        parts = language.lower().split("-")
        ranges += ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
        ranges.append(f"{parts[0]}-*")
    return ranges
