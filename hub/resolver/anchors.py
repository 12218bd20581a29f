"""What a kept link is about: a key and its qualifiers, or all packs whose lot or serial number stands in a brace."""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from hub.errors import HubError
from hub.gs1 import digital_link
from hub.gs1.digital_link import BadKey, Link
from hub.gs1.syntax import element_strings, identifiers
from hub.gs1.syntax.identifiers import Pair

_BRACED = re.compile(r"\{(\w{1,40})\}")
_ANY = "{}"
_NUMBERED_ON = {"253": 13, "255": 13, "8003": 14, "8004": 4}
"""Keys whose end counts single things, and from where on: links of the whole kind are kept for their beginning."""


class NoAnchor(HubError):
    """This is no GS1 Digital Link: give a path such as /01/06901234567892, or one with /10/{lot} behind it."""

    code, status, at = "no-anchor", 409, "about"


class Anchor(NamedTuple):
    """A key, and qualifiers of which any may be a name in braces."""

    ai: str
    value: str
    qualifiers: tuple[Pair, ...] = ()

    @property
    def key(self) -> str:
        """The path of the key alone."""
        return f"/{self.ai}/{quote(self.value, safe='-._~')}"

    @property
    def about(self) -> str:
        """Its path as people write it."""
        return self.key + "".join(
            f"/{ai}/{value if _BRACED.fullmatch(value) else quote(value, safe='-._~')}" for ai, value in self.qualifiers
        )

    @property
    def path(self) -> str:
        """Its path as it is found by: what is in braces has no name."""
        return _BRACED.sub(_ANY, self.about)


def read(text: str) -> Anchor:
    """What somebody means: a Digital Link or its path, element strings in brackets, or a bare GTIN or SSCC."""
    try:
        return _read(text.strip())
    except BadKey as refusal:
        raise NoAnchor from refusal


def _read(text: str) -> Anchor:
    digits = re.sub(r"[\s\-]", "", text)
    if digits.isascii() and digits.isdigit():
        link = digital_link.parse(
            f"{digital_link.ROOT}/{'00' if len(digits) == 18 else '01'}/{digits}", short_gtins=True
        )
        return Anchor(link.ai, link.value)
    if text.startswith("("):
        link = digital_link.build(element_strings.bracketed(text))
        return Anchor(link.ai, link.value, link.qualifiers)
    path = urlsplit(text).path if "://" in text else text.partition("?")[0]
    parts = [unquote(part) for part in path.strip("/").split("/")]
    starts = [at for at in range(len(parts) - 2, -1, -2) if parts[at] in identifiers.primary_keys()]
    if not starts:
        raise BadKey(f"{text[:80]!r} holds no GS1 key")
    (ai, value), *qualifiers = zip(parts[starts[0] :: 2], parts[starts[0] + 1 :: 2], strict=True)
    value = value.zfill(14) if ai == "01" else value
    if not identifiers.is_sequence([ai, *(name for name, _ in qualifiers)]):
        raise BadKey(f"{text[:80]!r} names qualifiers that do not follow its key")
    for name, given in [(ai, value), *qualifiers]:
        if (name == ai or not _BRACED.fullmatch(given)) and (wrong := identifiers.fault(name, given)):
            raise BadKey(f"({name}) {given[:40]!r}: {wrong}")
    return Anchor(ai, value, tuple(qualifiers))


def keys_of(link: Link) -> list[str]:
    """The paths of the keys that a scanned link may be kept under: its own, and the beginnings of a numbered one."""
    first = _NUMBERED_ON.get(link.ai, len(link.value))
    lengths = range(len(link.value), min(first, len(link.value)) - 1, -1)
    return [Anchor(link.ai, link.value[:length]).key for length in lengths]


def paths_of(link: Link) -> list[str]:
    """The paths under which links of a scanned one may be kept, at most 27 for a key: none depends on how many are."""
    tails = ["".join(tail) for chosen in _some(link.qualifiers) for tail in product(*map(_either, chosen))]
    return [key + tail for key in keys_of(link) for tail in tails]


def _some(qualifiers: tuple[Pair, ...]) -> Iterator[tuple[Pair, ...]]:
    for count in range(len(qualifiers), -1, -1):
        yield from reversed(list(combinations(qualifiers, count)))  # a serial number is nearer than its lot


def _either(pair: Pair) -> tuple[str, str]:
    ai, value = pair
    return f"/{ai}/{quote(value, safe='-._~')}", f"/{ai}/{_ANY}"


def named(about: str, link: Link) -> dict[str, str]:
    """What the names in braces stand for in a scanned link; ``1`` is what follows a numbered key's beginning."""
    parts = about.strip("/").split("/")
    values = {
        match[1]: link.qualifier(ai) or ""
        for ai, value in zip(parts[2::2], parts[3::2], strict=True)
        if (match := _BRACED.fullmatch(value))
    }
    return {"0": link.value, "1": link.value[len(unquote(parts[1])) :], **values}


def filled(href: str, values: Mapping[str, str]) -> str:
    """A target with what its names in braces stand for; a name of nothing stays as it is."""
    return _BRACED.sub(lambda match: quote(values[match[1]], safe="-._~") if match[1] in values else match[0], href)
