"""GS1 keys: GTIN, GLN and SSCC, as EPC URNs and as GS1 Digital Link URIs, and the one form in which we compare them.

Source: GS1 Digital Link URI syntax 1.4, EPC Tag Data Standard 2.1 (pure identity URIs), GS1 General Specifications.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple, NoReturn
from urllib.parse import quote, unquote, urlsplit

from hub.errors import HubError

ROOT = "https://id.gs1.org"
_KEYS = {"00": 18, "01": 14, "253": 0, "255": 0, "401": 0, "402": 17, "414": 13, "415": 13, "417": 13,
         "8003": 0, "8004": 0, "8006": 18, "8010": 0, "8013": 0, "8017": 18, "8018": 18}  # fmt: skip
_CHECKED = {"00", "01", "402", "414", "415", "417", "8017", "8018"}
_QUALIFIERS = {"01": ("22", "10", "21", "235"), "414": ("254",), "8006": ("22", "10", "21"), "8010": ("8011",),
               "8017": ("8019",), "8018": ("8019",), "417": ("7040",)}  # fmt: skip
_SHORT = {"gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
          "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
          "cpv": "22", "lot": "10", "ser": "21", "glnx": "254", "cpsn": "8011", "tpx": "235"}  # fmt: skip
"""The words that Digital Links of before 2021 have in the place of application identifiers; read, never written."""
_LOT = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}""")
_SERIAL = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+""")
_COMPONENT = re.compile(r"[#\-/0-9A-Z]+")
_LONGER = {"235": 28}
_PLAIN = re.compile(r"[A-Za-z0-9\-._~]*").fullmatch
_GTIN_LENGTHS = (8, 12, 13, 14)


class BadKey(HubError):
    """This is not a GS1 key: its length, its characters or its check digit is wrong."""

    code, status = "bad-gs1-key", 400


class GlnLength(BadKey):
    """A GLN has 13 digits and nothing else; this one has %(digits)s digits."""

    code = "gln-length"


class GlnCheckDigit(BadKey):
    """A digit of this GLN is wrong: behind the first twelve the last would be %(digit)s."""

    code = "gln-check-digit"


class Link(NamedTuple):
    """A GS1 Digital Link taken apart: the primary key's application identifier and value, and its qualifiers."""

    ai: str
    value: str
    qualifiers: tuple[tuple[str, str], ...] = ()

    @property
    def canonical(self) -> str:
        """On GS1's own domain, without attributes; all but RFC 3986's unreserved characters escaped."""
        parts = [self.ai, self.value, *(part for pair in self.qualifiers for part in pair)]
        return ROOT + "".join(f"/{part if _PLAIN(part) else quote(part, safe='-._~')}" for part in parts)

    @property
    def finest(self) -> str:
        """The constrained link of event hashes: a serial number without its lot, no variants, no service relations.

        Source: CBV 2.0, section 8.9.2, and what its reference leaves unescaped.
        """
        given = dict(self.qualifiers)
        level = next(((ai, given[ai]) for ai in _FINEST.get(self.ai, ()) if ai in given), ())
        return ROOT + "".join(f"/{quote(part, safe=_UNESCAPED)}" for part in (self.ai, self.value, *level))

    def qualifier(self, ai: str) -> str | None:
        """The value of a qualifier: 10 is the lot, 21 the serial number, 254 the GLN's extension."""
        return dict(self.qualifiers).get(ai)


_FINEST = {"01": ("21", "235", "10"), "8006": ("21", "10"), "414": ("254",), "8010": ("8011",)}
_UNESCAPED = "-._~';="


def check_digit(body: str) -> str:
    """The digit that GS1 puts behind ``body``: weights 3 and 1 from the right, modulo 10."""
    total = 3 * sum(map(int, body[-1::-2])) + sum(map(int, body[-2::-2]))
    return str(-total % 10)


@lru_cache(4096)
def gtin(text: str) -> str:
    """A GTIN-8, -12, -13 or -14 as GTIN-14; refused when its check digit is wrong."""
    if len(text) not in _GTIN_LENGTHS or not _digits(text) or check_digit(text[:-1]) != text[-1]:
        raise BadKey(f"{text[:40]!r} is not a GTIN", value=text[:40])
    return text.zfill(14)


def printed(gtin14: str) -> str:
    """A GTIN as it stands under the bar code: in 8, 12 or 13 digits where those are all it has."""
    digits = len(gtin14.lstrip("0"))
    return gtin14[-next((length for length in _GTIN_LENGTHS if length >= digits), len(gtin14)) :]


def padded(text: str) -> str:
    """A GTIN as people type it, without its spaces and hyphens, in 14 digits where it is one: for looking it up."""
    number = re.sub(r"[\s\-]", "", text)
    return number.zfill(14) if _digits(number) else number


def gln(text: str) -> str:
    """A GLN as people type it, without its spaces and hyphens; refused in words that say what to look at."""
    number = re.sub(r"[\s\-]", "", text)
    if len(number) != _KEYS["414"] or not _digits(number):
        raise GlnLength(digits=sum(sign.isdigit() for sign in number))
    if check_digit(number[:-1]) != number[-1]:
        raise GlnCheckDigit(digit=check_digit(number[:-1]))
    return number


INTERNAL = "29"
"""GS1 gives out no company prefix that begins with 2: such numbers are a house's own, within its walls."""


def internal_gln(serial: int) -> str:
    """A number in a GLN's place, the hub's own, for who has none yet; it can never be anybody's real one."""
    body = INTERNAL + str(serial).zfill(10)
    return body + check_digit(body)


def is_internal(gln: str) -> bool:
    """Whether a number stands in a GLN's place only within this hub."""
    return gln.startswith("2")


def lot_link(gtin14: str, lot: str) -> str:
    """The canonical link of a lot (application identifiers 01 and 10).

    Refuses `.` and `..`, which GS1 allows and every browser takes out of an address.
    """
    if lot in (".", ".."):
        raise BadKey(f"a lot cannot be called {lot!r}: no browser would find it by its code")
    return Link("01", gtin(gtin14), (("10", _lot(lot)),)).canonical


def item_link(gtin14: str) -> str:
    """The canonical link of a trade item."""
    return Link("01", gtin(gtin14)).canonical


def place_link(gln: str) -> str:
    """The canonical link of a place (application identifier 414)."""
    return Link("414", _fixed("414", gln)).canonical


def party_link(gln: str) -> str:
    """The canonical link of a party (application identifier 417)."""
    return Link("417", _fixed("417", gln)).canonical


def sscc_link(sscc: str) -> str:
    """The canonical link of a logistic unit (application identifier 00)."""
    return Link("00", _fixed("00", sscc)).canonical


def sscc(company_prefix: str, serial: int, extension: str = "0") -> str:
    """A Serial Shipping Container Code with its check digit; 18 digits."""
    body = extension + company_prefix + str(serial).zfill(16 - len(company_prefix))
    if len(body) != 17:
        raise BadKey(f"serial {serial} does not fit behind company prefix {company_prefix}")
    return body + check_digit(body)


def parse(uri: str) -> Link:
    """Take a GS1 Digital Link apart, whatever its domain; attributes in the query are left aside."""
    segments = uri[len(ROOT) + 1 :].split("/") if _CANONICAL(uri) else _segments(uri)
    pairs = _pairs(segments, {})
    if not pairs:
        raise BadKey(f"{uri[:80]!r} holds no GS1 key")
    return _link(pairs)


def _pairs(segments: list[str], short: Mapping[str, str]) -> list[tuple[str, str]]:
    """Application identifiers and their values, from the primary key on; none where there is no key."""
    for start in range(len(segments) % 2, len(segments) - 1, 2):
        if short.get(segments[start], segments[start]) in _KEYS:
            names = [short.get(name, name) for name in segments[start::2]]
            return list(zip(names, segments[start + 1 :: 2], strict=True))
    return []


_CANONICAL = re.compile(re.escape(ROOT) + r"(/[A-Za-z0-9\-._~]+)+").fullmatch
"""What stands in its one form already is taken apart at its slashes."""


def _segments(uri: str) -> list[str]:
    try:
        split = urlsplit(uri)
    except ValueError as problem:
        raise BadKey(f"{uri[:80]!r} is not a web address") from problem
    if split.scheme not in ("http", "https") or not split.netloc:
        raise BadKey(f"{uri[:80]!r} is not a web address")
    return [unquote(part) for part in split.path.split("/") if part]


def _link(pairs: list[tuple[str, str]], judged: bool = True) -> Link:
    """``judged``: a wrong check digit is refused, else let pass."""
    (ai, value), *rest = pairs
    allowed = _QUALIFIERS.get(ai, ())
    order = [allowed.index(name) if name in allowed else -1 for name, _ in rest]
    if -1 in order or order != sorted(set(order)) or (len(rest) > 1 and rest[-1][0] == "235"):
        raise BadKey(f"the qualifiers {[name for name, _ in rest]} do not follow {ai}")
    for name, given in rest:
        if not _SERIAL.fullmatch(given) or len(given) > _LONGER.get(name, 20):
            raise BadKey(f"({name}) {given[:40]!r} is empty, too long, or has characters that GS1 does not allow")
    if not judged:
        value = _sized(ai, value)
    elif ai == "01":
        value = gtin(value)
    return Link(ai, _fixed(ai, value) if judged else value, tuple(rest))


def _sized(ai: str, value: str) -> str:
    """A key of the right length, whatever its check digit."""
    if not _digits(value[:4]) or len(value) < len("0000"):
        raise BadKey(f"({ai}) {value[:40]!r} begins with no company prefix", value=value[:40])
    lengths = _GTIN_LENGTHS if ai == "01" else (_KEYS[ai],)
    if lengths != (0,) and (len(value) not in lengths or not _digits(value)):
        raise BadKey(f"({ai}) has not {len(value)} digits", value=value[:40])
    return value.zfill(14) if ai == "01" else value


def canonical(identifier: str) -> str:
    """The one form in which identifiers are compared: an EPC URN or any Digital Link as canonical link.

    What is neither, or is not well formed, stays as it is: foreign identifiers are compared letter by letter.
    """
    return _remembered(identifier) if len(identifier) <= _LONGEST else _canonical(identifier)


def finest(identifier: str) -> str:
    """The one form that event hashes know of an identifier; a wrong check digit makes it no other one."""
    link = _read(identifier, judged=False)
    return link.finest if link else identifier


def _canonical(identifier: str) -> str:
    link = _read(identifier, judged=True)
    return link.canonical if link else identifier


def _read(identifier: str, judged: bool) -> Link | None:
    """Schemes and names of hosts are the same in capitals, which a QR code's alphanumeric mode writes."""
    begins = identifier[:8].lower()
    try:
        if begins == "urn:epc:":
            return _from_urn(identifier)
        if begins.startswith(("http://", "https://")):
            pairs = _pairs(_segments(identifier), _SHORT)
            return _link(pairs, judged) if pairs and _digits(pairs[0][1][:4]) else None
    except BadKey:
        pass
    return None


_LONGEST = 200
_remembered = lru_cache(512)(_canonical)  # an event's few places and lots are asked for again and again


def _from_urn(urn: str) -> Link:
    """A class of serial numbers (idpat) ends in a star, and is the key without one."""
    kind, _, rest = urn[len("urn:epc:") :].partition(":")
    kind = kind.lower()
    if kind in _KINDS:
        scheme, _, rest = rest.partition(":")
    else:
        kind, scheme = "", kind
    scheme = scheme.lower()
    most, read = _URNS.get(scheme, (1, _sgln))
    parts = rest.split(".", most - 1)
    if "%" in rest:
        parts = [unquote(part) for part in parts]
    if len(parts) not in (most, most - (scheme == "sgln")) or not _digits(parts[0]):
        raise BadKey(f"{urn[:80]!r} is of no known scheme")
    if kind == "idpat":
        if parts[-1] != "*" or scheme not in _CLASSES:
            raise BadKey(f"{urn[:80]!r} is no class of one key's serial numbers")
        parts[-1] = ""
    elif not parts[-1] and scheme not in ("pgln", "sgln"):
        raise BadKey(f"{urn[:80]!r} ends where its number begins")
    return read(*parts)


_KINDS = ("id", "class", "idpat")
_CLASSES = {"sgtin", "grai", "gdti", "sgcn", "cpi", "itip", "upui"}


def _sgtin(prefix: str, item: str, serial: str, ai: str = "21") -> Link:
    return Link("01", _gtin_of(prefix, item), _level(ai, serial))


def _level(ai: str, value: str) -> tuple[tuple[str, str], ...]:
    return ((ai, _limited(value, _LONGER.get(ai, 20))),) if value else ()


def _limited(value: str, most: int) -> str:
    return value if len(value) <= most and _SERIAL.fullmatch(value) else _bad(value)


@lru_cache(4096)  # a load names few items by many serial numbers
def _gtin_of(prefix: str, item: str) -> str:
    body = item[:1] + prefix + item[1:]
    return body + check_digit(body) if len(body) == 13 and _digits(body) else _bad(body)


def _sgln(prefix: str, location: str, extension: str = "0") -> Link:
    link = _numbered("414", prefix + location, 12)
    return link if extension == "0" else Link(link.ai, link.value, _level("254", extension) or _bad(extension))


def _numbered(ai: str, body: str, length: int, serial: str = "") -> Link:
    if len(body) != length or not _digits(body):
        _bad(body)
    return Link(ai, body + check_digit(body) + serial)


def _sscc_urn(prefix: str, serial: str) -> Link:
    return _numbered("00", serial[:1] + prefix + serial[1:], 17)


def _component(prefix: str, part: str, serial: str) -> Link:
    value = prefix + part
    if not _COMPONENT.fullmatch(part) or len(value) > 30 or len(serial) > 12 or (serial and not _digits(serial)):
        _bad(value)
    return Link("8010", value, (("8011", serial),) if serial else ())


def _coupon(prefix: str, kind: str, serial: str) -> Link:
    if len(serial) > 12 or (serial and not _digits(serial)):
        _bad(serial)
    return _numbered("255", prefix + kind, 12, serial)


def _piece(prefix: str, item: str, piece: str, total: str, serial: str) -> Link:
    if len(piece + total) != 4 or not _digits(piece + total):
        _bad(piece + total)
    return Link("8006", _gtin_of(prefix, item) + piece + total, _level("21", serial))


_URNS: dict[str, tuple[int, Callable[..., Link]]] = {
    "sgtin": (3, _sgtin),
    "lgtin": (3, lambda prefix, item, lot: _sgtin(prefix, item, lot, "10")),
    "upui": (3, lambda prefix, item, serial: _sgtin(prefix, item, serial, "235")),
    "itip": (5, _piece),
    "sgln": (3, _sgln),
    "pgln": (2, lambda prefix, party: _numbered("417", prefix + party, 12)),
    "sscc": (2, _sscc_urn),
    "gdti": (3, lambda prefix, kind, serial: _numbered("253", prefix + kind, 12, serial and _limited(serial, 17))),
    "sgcn": (3, _coupon),
    "grai": (3, lambda prefix, kind, serial: _grai(prefix + kind, serial and _limited(serial, 16))),
    "giai": (2, lambda prefix, rest: Link("8004", _limited(prefix + rest, 30))),
    "cpi": (3, _component),
    "ginc": (2, lambda prefix, rest: Link("401", _limited(prefix + rest, 30))),
    "gsin": (2, lambda prefix, shipper: _numbered("402", prefix + shipper, 16)),
    "gsrn": (2, lambda prefix, service: _numbered("8018", prefix + service, 17)),
    "gsrnp": (2, lambda prefix, service: _numbered("8017", prefix + service, 17)),
}
"""For each scheme of EPC URNs: the parts between its dots, and what makes a link of them. The dot behind the company
prefix says how long that is; an SGLN may be written without its extension."""


def _grai(body: str, serial: str) -> Link:
    link = _numbered("8003", body, 12, serial)
    return Link("8003", "0" + link.value)


def _fixed(ai: str, value: str) -> str:
    length = _KEYS[ai]
    if length and (len(value) != length or not _digits(value)):
        raise BadKey(f"({ai}) has {length} digits, not {value[:40]!r}", value=value[:40])
    if ai in _CHECKED and check_digit(value[:-1]) != value[-1]:
        raise BadKey(f"the check digit of ({ai}) {value} is {check_digit(value[:-1])}", value=value)
    return value


def _lot(text: str) -> str:
    if not _LOT.fullmatch(text):
        raise BadKey(f"{text[:40]!r} is not a lot number: 1 to 20 letters, digits or signs that GS1 allows")
    return text


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _bad(body: str) -> NoReturn:
    raise BadKey(f"{body[:40]!r} has not the digits its key needs")
