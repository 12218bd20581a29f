"""What a maker sees of copied codes, decided and said in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.lists import CountedPage
from hub.models.copies import CopiedCode
from hub.models.party import Organization
from hub.trace.copies.cities import State as Cities
from hub.web.drawing import Leg, Point
from hub.web.i18n import N_, NN_, Language
from hub.web.view import Narrowed, Nothing, Paging, State, counted_paging

PATH = "/copied-codes"
_WAIT = NN_(
    "%(num)s code was scanned in cities too far apart for one pack.",
    "%(num)s codes were scanned in cities too far apart for one pack.",
)
_OFF: Mapping[Cities, str] = {
    Cities.NOT_NAMED: N_(
        "To tell cities, this hub needs a database of them, such as GeoLite2-City or DB-IP City Lite, that its operator"
        " names in FURROW_CITIES_FILE."
    ),
    Cities.NO_PACKAGE: N_("To tell cities, this hub needs the package maxminddb, which is not installed."),
    Cities.UNREADABLE: N_("The file that FURROW_CITIES_FILE names is not there, or cannot be read."),
}


@dataclass(frozen=True)
class Scanned:
    """Where and when a code was scanned."""

    city: str
    when: str


@dataclass(frozen=True)
class Copied:
    """A code that may be copied: whose pack, where it was seen, and a map of the two places."""

    anchor: str
    title: str
    facts: Sequence[tuple[str, str]]
    state: State
    scans: Sequence[Scanned]
    apart: str
    points: Sequence[Point]
    legs: Sequence[Leg]
    label: str
    looked: str
    address: str


@dataclass(frozen=True)
class CopiedPage:
    """The codes, or else why there are none; ``off`` says what is missing where no scan is noted."""

    lead: str
    off: str
    codes: Sequence[Copied]
    nothing: Nothing
    paging: Paging


def copied_page(
    page: CountedPage[CopiedCode], waiting: int, state: Cities, own: Organization, speaks: Language
) -> CopiedPage:
    """The list, those that nobody looked into first."""
    _ = speaks.gettext
    return CopiedPage(
        lead=speaks.counted(_WAIT, waiting) or _("No code waits to be looked into."),
        off=_(_OFF[state]) if state in _OFF else "",
        codes=[_copied(row, own, speaks) for row in page.rows],
        nothing=Nothing(
            _("No code was seen too far apart."),
            _("Packs with a number of their own are compared, since only such a code is on one pack alone."),
        ),
        paging=counted_paging(Narrowed(PATH, page.search).address(), page, speaks),
    )


def _copied(row: CopiedCode, own: Organization, speaks: Language) -> Copied:
    _ = speaks.gettext
    names = {"zh": row.item_zh, "en": row.item_en}
    first, second = row.places
    apart = abs(datetime.fromisoformat(str(second["at"])) - datetime.fromisoformat(str(first["at"])))
    kilometres = speaks.number(row.kilometres)
    where = [(float(place["latitude"]), float(place["longitude"])) for place in row.places]
    cities = [_city(place, speaks) for place in row.places]
    lot = [(_("Lot"), row.lot_number)] if row.lot_number else []
    return Copied(
        anchor=f"c-{row.id}",
        title=_("%(item)s, pack %(number)s", item=names[speaks.code] or names[speaks.other.code], number=row.serial),
        facts=[*lot, (_("Article number"), row.gtin)],
        state=_state(row, speaks),
        scans=[_scanned(place, own, speaks) for place in row.places],
        apart=_("%(km)s km apart, within %(time)s", km=kilometres, time=speaks.span(apart)),
        points=[Point(*at, city, "bad") for at, city in zip(where, cities, strict=True)],
        legs=[Leg(where)],
        label=_("%(one)s and %(other)s, %(km)s km apart", one=cities[0], other=cities[1], km=kilometres),
        looked=_looked(row, own, speaks),
        address=f"{PATH}/{row.id}",
    )


def _state(row: CopiedCode, speaks: Language) -> State:
    if row.looked_at is None:
        return State(speaks.gettext("Open"), "clock", "warn")
    return State(speaks.gettext("Looked into"), "ok", "ok")


def _looked(row: CopiedCode, own: Organization, speaks: Language) -> str:
    if row.looked_at is None:
        return ""
    when = speaks.moment(row.looked_at, own)
    return speaks.gettext("%(who)s looked into it, %(when)s", who=row.looked_name, when=when)


def _scanned(place: Mapping[str, Any], own: Organization, speaks: Language) -> Scanned:
    return Scanned(_city(place, speaks), speaks.moment(datetime.fromisoformat(place["at"]), own))


def _city(place: Mapping[str, Any], speaks: Language) -> str:
    return str(place[speaks.code] or place[speaks.other.code])
