"""GS1 keys: GTIN, GLN and SSCC, as EPC URNs and as GS1 Digital Link URIs, and the one form in which we compare them.

``parse`` and ``build`` hold to every rule of GS1's dictionary (`hub.gs1.syntax.identifiers`). ``canonical`` and
``finest`` are asked of each identifier of each event, and let pass what other systems write: they look at lengths,
signs and order.

Source: GS1 Digital Link URI syntax 1.4, EPC Tag Data Standard 2.1 (pure identity URIs), GS1 General Specifications.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, NoReturn
from urllib.parse import quote, unquote, urlsplit

from hub.errors import HubError
from hub.gs1.syntax import identifiers
from hub.gs1.syntax.identifiers import Pair
from hub.gs1.syntax.linters import check_digit as check_digit

ROOT = "https://id.gs1.org"
_KEYS = {ai: key.length for ai, key in identifiers.primary_keys().items()}
_CHECKED = {ai for ai, key in identifiers.primary_keys().items() if key.length and len(key.parts) == 1}
_SEQUENCES = {ai: frozenset(key.sequences) for ai, key in identifiers.primary_keys().items()}
_SHORT = {"gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
          "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
          "cpv": "22", "lot": "10", "ser": "21", "glnx": "254", "cpsn": "8011", "tpx": "235"}  # fmt: skip
"""The words that Digital Links of before 2021 have in the place of application identifiers; read, never written."""
_WORDS = _SHORT | {"gmn": "8013", "payto": "415", "payTo": "415", "refno": "8020", "srin": "8019"}
_LOT = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}""")
_SERIAL = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+""")
_COMPONENT = re.compile(r"[#\-/0-9A-Z]+")
_LONGER = {"235": 28, "8020": 25}
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
    """A GS1 Digital Link taken apart: the primary key's application identifier and value, and its qualifiers.

    ``attributes`` are what its query says of the thing in application identifiers, such as 17 for a use-by date;
    ``others`` what else stands there, which GS1 says nothing of.
    """

    ai: str
    value: str
    qualifiers: tuple[Pair, ...] = ()
    attributes: tuple[Pair, ...] = ()
    others: tuple[tuple[str, str], ...] = ()

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

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """All that GS1 knows of it: the key, its qualifiers, its attributes."""
        return ((self.ai, self.value), *self.qualifiers, *self.attributes)

    def at(self, stem: str = ROOT) -> str:
        """The link on a domain, with its attributes; a stem may have a path of its own."""
        query = "&".join(f"{ai}={quote(value, safe='-._~')}" for ai, value in self.attributes)
        return stem.rstrip("/") + self.canonical[len(ROOT) :] + (f"?{query}" if query else "")

    def qualifier(self, ai: str) -> str | None:
        """The value of a qualifier: 10 is the lot, 21 the serial number, 254 the GLN's extension."""
        return dict(self.qualifiers).get(ai)


_FINEST = {"01": ("21", "235", "10"), "8006": ("21", "10"), "414": ("254",), "8010": ("8011",)}
_UNESCAPED = "-._~';="


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


def parse(uri: str, *, short_gtins: bool = False, words: bool = True) -> Link:
    """Take a GS1 Digital Link apart, whatever its domain and its stem; refused where it breaks a rule of GS1's.

    ``short_gtins``: a GTIN of 8, 12 or 13 digits stands for the one of 14. ``words``: ``gtin`` and ``lot`` are read in
    the place of 01 and 10, as Digital Links of before 2021 have them.
    """
    if _CANONICAL(uri):
        segments, query = uri[len(ROOT) + 1 :].split("/"), ""
    else:
        segments, query = path_and_query(uri)
    pairs = _key_and_qualifiers(segments, _WORDS if words else {})
    if not pairs:
        raise BadKey(f"{uri[:80]!r} holds no GS1 key")
    given, others = read_query(query) if query else ((), ())
    return _ruled(_padded(pairs, short_gtins), _padded(given, short_gtins), others)


_URI = re.compile(
    r"(?:https?|HTTPS?)://[A-Za-z0-9\-.:\[\]]+(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#.*)?"
).fullmatch
_URI_SIGNS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*").fullmatch


def path_and_query(uri: str) -> tuple[list[str], str]:
    """The parts of a web address's path, unescaped, and its query as it stands."""
    split = _URI(uri)
    if split is None or not _URI_SIGNS(uri):
        raise BadKey(f"{uri[:80]!r} is not a web address")
    path = (split["path"] or "").removesuffix("/").split("/")[1:]
    return [unquote(part) for part in path] if "%" in uri else path, split["query"] or ""


def _key_and_qualifiers(segments: list[str], words: Mapping[str, str]) -> list[Pair]:
    """The last primary key of a path and what follows it; a stem before it may have numbers of its own."""
    for start in range(len(segments) - 2, -1, -2):
        if words.get(segments[start], segments[start]) in _KEYS:
            names = [words.get(name, name) for name in segments[start::2]]
            return list(zip(names, segments[start + 1 :: 2], strict=True))
    return []


def holds_key(segments: Sequence[str]) -> bool:
    """Whether a path names a primary key that is followed by its value, and by pairs alone."""
    return bool(_key_and_qualifiers(list(segments), _WORDS))


def read_key(segments: Sequence[str], *, short_gtins: bool = False) -> list[Pair]:
    """The primary key that two parts of a path are; nothing where they are none."""
    return _padded(_key_and_qualifiers(list(segments), _WORDS), short_gtins)


def read_query(query: str) -> tuple[list[Pair], tuple[tuple[str, str], ...]]:
    """What a query says in application identifiers, and what else; a number that is none is refused."""
    given, others = [], []
    for part in filter(None, query.split("&")):
        name, is_, value = part.partition("=")
        value = unquote(value.replace("+", " "))
        if not is_ or not _digits(name):
            others.append((unquote(name), value))
        elif name not in identifiers.table():
            raise BadKey(f"{name} is no application identifier")
        else:
            given.append((name, value))
    return given, tuple(others)


def _padded(pairs: Iterable[Pair], short_gtins: bool) -> list[Pair]:
    return [
        (ai, value.zfill(14) if short_gtins and ai == "01" and len(value) in _GTIN_LENGTHS else value)
        for ai, value in pairs
    ]


def _ruled(path: Sequence[Pair], attributes: Sequence[Pair], others: tuple[tuple[str, str], ...] = ()) -> Link:
    """A link that keeps all of GS1's rules."""
    (ai, value), *qualifiers = path
    names = tuple(name for name, _ in qualifiers)
    if names not in _SEQUENCES[ai]:
        raise BadKey(f"the qualifiers {list(names)} do not follow {ai}")
    for name, given in (*path, *attributes):
        if wrong := identifiers.fault(name, given):
            raise BadKey(f"({name}) {given[:40]!r}: {wrong.replace('_', ' ').lower()}", value=given[:40])
    if attributes or ai == "415":
        if wrong := _misfit(names, tuple(name for name, _ in attributes), ai):
            raise BadKey(wrong)
        if unnumbered := identifiers.unsigned((*path, *attributes)):
            raise BadKey(f"({unnumbered}) without a serial number cannot be signed")
    return Link(ai, value, tuple(qualifiers), tuple(attributes), others)


@lru_cache(1024)
def _misfit(path: tuple[str, ...], attributes: tuple[str, ...], ai: str) -> str:
    """What of a link's identifiers does not go together, whatever their values are; nothing where all does.

    A query holds nothing that GS1 has for the path alone or that could stand in this path, and nothing twice.
    """
    named = [ai, *path, *attributes]
    if twice := next((name for name in named if named.count(name) > 1), ""):
        return f"({twice}) is named twice"
    for name in attributes:
        if not identifiers.table()[name].attribute:
            return f"({name}) is no attribute"
        if any((*path[:at], name, *path[at:]) in _SEQUENCES[ai] for at in range(len(path) + 1)):
            return f"({name}) belongs into the path, behind ({ai})"
    if beside := identifiers.excluded(named):
        return f"({beside}) does not stand beside all of the others"
    lacking = identifiers.lonely(named)
    return f"({lacking}) lacks what must stand beside it" if lacking else ""


def build(pairs: Iterable[Pair]) -> Link:
    """The link of element strings, in whatever order they come: the first key leads, what may follow it follows.

    Refused where there is no key, and where a rule of GS1's is broken.
    """
    given = dict(pairs := list(pairs))
    if twice := identifiers.repeated(pairs):
        raise BadKey(f"({twice}) is named twice")
    ai = next((name for name in given if name in _KEYS), "")
    if not ai:
        raise BadKey("there is no GS1 key among these")
    unknown = next((name for name in given if name not in identifiers.table()), "")
    if unknown:
        raise BadKey(f"{unknown} is no application identifier")
    path = max((sequence for sequence in _SEQUENCES[ai] if given.keys() >= set(sequence)), key=_led(given))
    rest = [(name, value) for name, value in given.items() if name != ai and name not in path]
    return _ruled([(name, given[name]) for name in (ai, *path)], rest)


def _led(given: Mapping[str, str]) -> Callable[[tuple[str, ...]], tuple[bool, int]]:
    """Of several paths the one that leaves nothing which the query may not have, then the longest."""
    known = identifiers.table()
    only = {name for name in given if name not in _KEYS and not known[name].attribute}
    return lambda path: (only <= set(path), len(path))


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
    if rest and tuple([name for name, _ in rest]) not in _SEQUENCES[ai]:
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


def is_misnumbered(identifier: str) -> bool:
    """Whether an identifier would be one of GS1's but for its check digit; an EPC URN has none."""
    found = _NUMBERED.search(identifier)
    if found is None or check_digit(found[1][:-1]) == found[1][-1]:
        return False
    return _read(identifier, judged=True) is None and _read(identifier, judged=False) is not None


_NUMBERED = re.compile(r"/(?:00|01|402|41[457]|801[78])/(\d{8,18})(?=[/?#]|$)")
"""Where a Digital Link has a key that ends in its check digit."""


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
