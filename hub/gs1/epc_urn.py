"""From a GS1 Digital Link back to an EPC URN, where it is known how long the company prefix is.

A key does not say where its company prefix ends, and GS1 gives out prefixes of 6 to 12 digits. It is known from URNs
of the same company, which say it; a link of anybody else's stays a link. Source: EPC Tag Data Standard 2.1.
"""

import re
from collections.abc import Callable, Collection, Iterable
from urllib.parse import quote

from hub.gs1 import digital_link
from hub.gs1.digital_link import Link

_PREFIX = re.compile(rb"urn:epc:(?:id|class|idpat):[a-z]+:([0-9]{6,12})\.", re.IGNORECASE)
_LONGEST, _SHORTEST = 12, 6


def company_prefixes(texts: Iterable[bytes]) -> frozenset[str]:
    """The company prefixes that the EPC URNs in some texts end by a dot."""
    return frozenset(found.decode() for text in texts for found in _PREFIX.findall(text))


def urn(identifier: str, prefixes: Collection[str]) -> str:
    """The EPC URN of a Digital Link whose company prefix is among those; what has none stays as it is.

    A link stays too where no URN says all of it: a serial number with its lot, a variant, a service relation.
    """
    if identifier[:4].lower() != "http" or "?" in identifier or "#" in identifier:
        return identifier
    try:
        link = digital_link.parse(digital_link.canonical(identifier))
    except digital_link.BadKey:
        return identifier
    made = _urn(link, prefixes)
    return made if made and digital_link.canonical(made) == link.canonical else identifier


def _urn(link: Link, prefixes: Collection[str]) -> str:
    """The URN, or nothing; what a value does not hold is found out by reading the URN back."""
    kind = _KINDS.get((link.ai, *(ai for ai, _ in link.qualifiers)))
    if kind is None:
        return ""
    form, scheme, parted = kind
    leading, body, rest = parted(link.value)
    length = next((n for n in range(_LONGEST, _SHORTEST - 1, -1) if body[:n] in prefixes), 0)
    if not length:
        return ""
    parts = [body[:length], leading + body[length:], *rest, *(value for _, value in link.qualifiers)]
    if scheme == "sgln" and not link.qualifiers:
        parts.append("0")
    parts = [quote(part, safe=_UNESCAPED) for part in parts]
    if form == "id" and scheme in _SERIAL and not parts[-1]:
        form, parts = "idpat", [*parts[:-1], "*"]
    elif form == "idpat":
        parts.append("*")
    return f"urn:epc:{form}:{scheme}:{'.'.join(parts)}"


Parted = tuple[str, str, tuple[str, ...]]
"""What stands before the company prefix, the digits from it on without the check digit, and what follows that."""


def _item(value: str) -> Parted:
    return value[0], value[1:13], ()


def _piece(value: str) -> Parted:
    return value[0], value[1:13], (value[14:16], value[16:18])


def _asset(value: str) -> Parted:
    return "", value[1:13], (value[14:],)


def _document(value: str) -> Parted:
    return "", value[:12], (value[13:],)


def _checked(value: str) -> Parted:
    return "", value[:-1], ()


def _whole(value: str) -> Parted:
    return "", value, ()


_KINDS: dict[tuple[str, ...], tuple[str, str, Callable[[str], Parted]]] = {
    ("01", "21"): ("id", "sgtin", _item),
    ("01", "10"): ("class", "lgtin", _item),
    ("01", "235"): ("id", "upui", _item),
    ("01",): ("idpat", "sgtin", _item),
    ("8006", "21"): ("id", "itip", _piece),
    ("8006",): ("idpat", "itip", _piece),
    ("00",): ("id", "sscc", lambda value: (value[0], value[1:17], ())),
    ("414",): ("id", "sgln", _checked),
    ("414", "254"): ("id", "sgln", _checked),
    ("417",): ("id", "pgln", _checked),
    ("253",): ("id", "gdti", _document),
    ("255",): ("id", "sgcn", _document),
    ("8003",): ("id", "grai", _asset),
    ("8004",): ("id", "giai", _whole),
    ("8010", "8011"): ("id", "cpi", _whole),
    ("8010",): ("idpat", "cpi", _whole),
    ("401",): ("id", "ginc", _whole),
    ("402",): ("id", "gsin", _checked),
    ("8018",): ("id", "gsrn", _checked),
    ("8017",): ("id", "gsrnp", _checked),
}
"""For a primary key and its qualifiers: the form of the URN, its scheme, and how the key is taken apart."""
_SERIAL = frozenset({"gdti", "sgcn", "grai"})
"""Keys whose serial number stands behind the check digit, and may be missing."""
_UNESCAPED = "!'()*+,-.:;=_"
