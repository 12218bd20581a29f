"""Which of the core's stores and items are which of the retailer's: exact numbers at once, the rest by a person.

An item's match is its ``core_code`` in the assortment; a store's is its row among the core's places.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from hub import access
from hub.access import Actor, Permission
from hub.errors import HubError, NotFound
from hub.inventory.connectors.base import CoreItem, CorePlace
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment, CoreCursor, ItemInCore, LotStock, PlaceInCore, SalesDay, StockLevel
from hub.models.party import Place, PlaceKind

ALIKE = 0.45
"""How much of two names must be the same for one to be suggested for the other."""


class PlaceTaken(HubError):
    """%(ours)s is matched with %(theirs)s already: two stores of the stock system cannot be one place."""

    code, status, at = "place-matched-already", 409, "ours"


class ItemTaken(HubError):
    """%(ours)s is matched with %(theirs)s already: two items of the stock system cannot be one."""

    code, status, at = "item-matched-already", 409, "ours"


class NotInCore(HubError):
    """The stock system has nothing of this code."""

    code, status, at = "not-in-core", 409, "code"


class Ours(NamedTuple):
    """Something of the retailer's: its number, the code it goes by, and its names."""

    id: UUID
    number: str
    code: str
    name_zh: str
    name_en: str


class Theirs(NamedTuple):
    """Something of the core's: its code, its number where it has one, and its name."""

    code: str
    number: str
    name: str


@dataclass(frozen=True)
class Suggestion:
    """What something of the core's probably is, and why: by ``number``, by ``code`` or by ``name``, and how alike."""

    ours: Ours
    why: str
    score: float = 1.0


@dataclass(frozen=True)
class Match:
    """Two that are one."""

    theirs: Theirs
    ours: Ours


@dataclass(frozen=True)
class Matching:
    """How far the names of one kind are matched: pairs, what is open on both sides, and what was set aside."""

    pairs: Sequence[Match]
    theirs: Sequence[Theirs]
    ours: Sequence[Ours]
    aside: Sequence[Theirs]
    suggestions: Mapping[str, Suggestion]

    @property
    def whole(self) -> bool:
        """Whether nothing of the core's waits for somebody to settle it."""
        return not self.theirs


def learn(session: Session, items: Sequence[CoreItem], places: Sequence[CorePlace] | None = None) -> None:
    """Remember what the core has; a store whose number is one of the retailer's GLNs is that place."""
    _remember(
        session, ItemInCore, {i.code: {"gtin": i.gtin[:60], "name": i.name[:200], "unit": i.unit[:12]} for i in items}
    )
    if places is None:
        return
    _remember(session, PlaceInCore, {place.gln: {"name": place.name[:200]} for place in places})
    rows = _all(session, PlaceInCore)
    taken = {row.place_id for row in rows if row.place_id}
    by_gln = {place.gln: place.id for place in _all(session, Place) if place.id not in taken}
    for row in rows:
        if row.place_id is None and not row.set_aside and (place := by_gln.get(row.code)):
            row.place_id = place
    session.flush()


def _remember(session: Session, table: Any, told: Mapping[str, Mapping[str, str]]) -> None:
    known = {row.code: row for row in _all(session, table)}
    for code, row in known.items():
        if code not in told:
            session.delete(row)
    for code, said in told.items():
        row = known.get(code) or table(owner_id=session.info["who"].org, code=code, **said)
        for name, value in said.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
        if code not in known:
            session.add(row)
    session.flush()


def places_wanted(session: Session) -> bool:
    """Whether the core is to be asked for its stores: none is known yet, or it told of something unheard of."""
    places = {row.code for row in _all(session, PlaceInCore)}
    heard = places | set(session.scalars(select(col(ItemInCore.code))))
    return not places or any(name not in heard for row in _all(session, CoreCursor) for name in row.unknown)


def places(session: Session) -> dict[str, UUID]:
    """The core's names of the retailer's places: what was matched, and GLNs that nobody has said anything of."""
    rows = _all(session, PlaceInCore)
    settled = {row.code for row in rows if row.place_id or row.set_aside}
    taken = {row.place_id for row in rows}
    free = {place.gln: place.id for place in _all(session, Place) if place.id not in taken and place.gln not in settled}
    return free | {row.code: row.place_id for row in rows if row.place_id}


def aside(session: Session) -> set[str]:
    """The codes of the core's items that somebody has set aside."""
    return {row.code for row in _all(session, ItemInCore) if row.set_aside}


def of_places(session: Session) -> Matching:
    """The core's stores beside the retailer's places."""
    rows = _all(session, PlaceInCore)
    kinds = (PlaceKind.STORE, PlaceKind.DISTRIBUTION_CENTRE)
    ours = {
        place.id: Ours(place.id, place.gln, place.gln, place.name_zh, place.name_en)
        for place in _all(session, Place)
        if (place.kind in kinds and place.ended_on is None) or any(row.place_id == place.id for row in rows)
    }
    matched = {row.code: row.place_id for row in rows if row.place_id in ours}
    return _matching([(Theirs(r.code, r.code, r.name), r.set_aside) for r in rows], ours, matched)


def of_items(session: Session) -> Matching:
    """The core's items beside the retailer's assortment."""
    mine = session.info["who"].org
    carried = session.execute(
        select(Assortment, TradeItem)
        .join(TradeItem, col(TradeItem.id) == col(Assortment.trade_item_id))
        .where(col(Assortment.owner_id) == mine)
    )
    rows = _all(session, ItemInCore)
    listed = {row.code for row in rows}
    ours, matched = {}, {}
    for row, item in carried:
        if row.ended_on is None or row.core_code in listed:
            ours[row.id] = Ours(row.id, item.gtin, row.core_code, item.name_zh, item.name_en)
        if row.core_code in listed:
            matched[row.core_code] = row.id
    return _matching([(Theirs(r.code, r.gtin, r.name), r.set_aside) for r in rows], ours, matched)


def _matching(rows: Sequence[tuple[Theirs, bool]], ours: Mapping[UUID, Ours], matched: Mapping[str, UUID]) -> Matching:
    open_theirs = [their for their, is_aside in rows if their.code not in matched and not is_aside]
    taken = set(matched.values())
    open_ours = sorted((our for id, our in ours.items() if id not in taken), key=lambda our: our.name_zh)
    return Matching(
        pairs=[Match(their, ours[matched[their.code]]) for their, _ in rows if their.code in matched],
        theirs=open_theirs,
        ours=open_ours,
        aside=[their for their, is_aside in rows if is_aside and their.code not in matched],
        suggestions=suggest(open_theirs, open_ours),
    )


def suggest(theirs: Sequence[Theirs], ours: Sequence[Ours]) -> dict[str, Suggestion]:
    """The likeliest of ours for each of theirs: by number, then by code, then by likeness of name; each but once."""
    numbers = {_digits(our.number): our for our in ours if _digits(our.number)}
    codes = {_digits(our.code) or our.code.casefold(): our for our in ours}
    found: dict[str, Suggestion] = {}
    free = {our.id for our in ours}

    def take(their: Theirs, our: Ours | None, why: str, score: float = 1.0) -> None:
        if our is not None and our.id in free and their.code not in found:
            found[their.code] = Suggestion(our, why, score)
            free.discard(our.id)

    for their in theirs:
        take(their, numbers.get(_digits(their.number)), "number")
    for their in theirs:
        plain = _digits(their.code) or their.code.casefold()
        take(their, codes.get(plain) or numbers.get(plain), "code")
    open_ours = [our for our in ours if our.id in free]
    named = sorted(_named([their for their in theirs if their.code not in found], open_ours), key=lambda n: -n[0])
    for score, their, our in named:
        take(their, our, "name", score)
    return found


def _named(theirs: Iterable[Theirs], ours: Sequence[Ours]) -> Iterable[tuple[float, Theirs, Ours]]:
    """Pairs whose names are alike. Only those that share a pair of letters are looked at."""
    pairs = [[_pairs(name) for name in {our.name_zh, our.name_en}] for our in ours]
    holding: defaultdict[str, set[int]] = defaultdict(set)
    for place, names in enumerate(pairs):
        for two in set().union(*names):
            holding[two].add(place)
    for their in theirs:
        mine = _pairs(their.name)
        for place in set().union(*(holding[two] for two in mine if two in holding)):
            score = max(_shared(mine, name) for name in pairs[place])
            if score >= ALIKE:
                yield score, their, ours[place]


def likeness(one: str, other: str) -> float:
    """How much two names have in common: the share of neighbouring letters that both have (Dice)."""
    return _shared(_pairs(one), _pairs(other))


def _pairs(name: str) -> Counter[str]:
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())
    return Counter(plain[at : at + 2] for at in range(max(len(plain) - 1, min(len(plain), 1))))


def _shared(one: Counter[str], other: Counter[str]) -> float:
    both = one.total() + other.total()
    return 2 * (one & other).total() / both if both else 0.0


def _digits(text: str) -> str:
    """A number without the zeros that some systems write before it."""
    return text.lstrip("0") if text.isdecimal() and text.isascii() else ""


def match_place(session: Session, actor: Actor, code: str, gln: str) -> None:
    """One of the core's stores is the place of this GLN; refused when another is it already."""
    row = _place(session, actor, code)
    place = next((place for place in _all(session, Place) if place.gln == gln.strip()), None)
    if place is None:
        raise NotFound("None of your places has the GLN %(gln)s.", at="ours", gln=gln)
    for other in _all(session, PlaceInCore):
        if other.place_id == place.id and other is not row:
            raise PlaceTaken(ours=place.name_zh, theirs=f"{other.name} ({other.code})")
    if row.place_id == place.id:
        return
    if row.place_id is not None:
        _forget_figures(session, place_id=row.place_id)
    row.place_id, row.set_aside = place.id, False
    session.flush()
    read_again(session)
    access.record(session, actor, "core.match-place", code, place=place.gln)


def set_place_aside(session: Session, actor: Actor, code: str, *, aside: bool = True) -> None:
    """One of the core's stores is none of ours, or is to be settled again; what it told leaves our figures."""
    row = _place(session, actor, code)
    if row.place_id is not None:
        _forget_figures(session, place_id=row.place_id)
    row.place_id, row.set_aside = None, aside
    session.flush()
    read_again(session)
    access.record(session, actor, "core.part-place", code)


def match_item(session: Session, actor: Actor, code: str, gtin: str) -> None:
    """One of the core's items is the one of this GTIN in the assortment; refused when another is it already."""
    row = _item(session, actor, code)
    ours = session.scalar(
        select(Assortment)
        .join(TradeItem, col(TradeItem.id) == col(Assortment.trade_item_id))
        .where(col(Assortment.owner_id) == actor.organization_id, col(TradeItem.gtin) == gtin.strip().zfill(14))
        .order_by(col(Assortment.ended_on).is_not(None))
        .limit(1)
    )
    if ours is None:
        raise NotFound("No item of your assortment has the article number %(gtin)s.", at="ours", gtin=gtin)
    name = session.get_one(TradeItem, ours.trade_item_id).name_zh
    if ours.core_code == code:
        return
    listed = {other.code: other for other in _all(session, ItemInCore)}
    if other := listed.get(ours.core_code):
        raise ItemTaken(ours=name, theirs=f"{other.name} ({other.code})")
    before = _carried_as(session, code)
    if before is not None:
        _part(session, before)
    ours.core_code, row.set_aside = code, False
    session.flush()
    read_again(session)
    access.record(session, actor, "core.match-item", code, item=name)


def set_item_aside(session: Session, actor: Actor, code: str, *, aside: bool = True) -> None:
    """One of the core's items is none of ours, or is to be settled again; what it told leaves our figures."""
    row = _item(session, actor, code)
    if (ours := _carried_as(session, code)) is not None:
        _part(session, ours)
    row.set_aside = aside
    session.flush()
    read_again(session)
    access.record(session, actor, "core.part-item", code)


def match_suggested(session: Session, actor: Actor, kind: str) -> int:
    """Match whatever an equal number or code suggests; return how many. Likeness of names is for a person to judge."""
    matching = of_places(session) if kind == "stores" else of_items(session)
    match = match_place if kind == "stores" else match_item
    sure = [(code, found) for code, found in matching.suggestions.items() if found.why != "name"]
    for code, found in sure:
        match(session, actor, code, found.ours.number)
    return len(sure)


def _part(session: Session, row: Assortment) -> None:
    """An item without a code of the core's goes by its article number."""
    gtin = session.get_one(TradeItem, row.trade_item_id).gtin
    row.core_code = gtin if row.core_code != gtin else f"({gtin})"
    session.flush()
    _forget_figures(session, trade_item_id=row.trade_item_id)


def _forget_figures(session: Session, **which: UUID) -> None:
    """Figures that came under a wrong name are no figures of ours; the core tells them again under the right one."""
    for table in (StockLevel, LotStock, SalesDay):
        columns = [col(getattr(table, name)) == value for name, value in which.items()]
        session.execute(delete(table).where(col(table.owner_id) == session.info["who"].org, *columns))


def read_again(session: Session) -> None:
    """Have every feed read from the start."""
    session.execute(
        update(CoreCursor).where(col(CoreCursor.owner_id) == session.info["who"].org).values(cursor="", unknown=[])
    )


def _place(session: Session, actor: Actor, code: str) -> PlaceInCore:
    access.require(actor, Permission.ADMINISTER)
    row: PlaceInCore | None = next((row for row in _all(session, PlaceInCore) if row.code == code), None)
    if row is None:
        raise NotInCore
    return row


def _item(session: Session, actor: Actor, code: str) -> ItemInCore:
    access.require(actor, Permission.ADMINISTER)
    row: ItemInCore | None = next((row for row in _all(session, ItemInCore) if row.code == code), None)
    if row is None:
        raise NotInCore
    return row


def _carried_as(session: Session, code: str) -> Assortment | None:
    return next((row for row in _all(session, Assortment) if row.core_code == code), None)


def _all(session: Session, table: Any) -> Collection[Any]:
    mine = session.info["who"].org
    order = col(getattr(table, "code", table.id))
    return session.scalars(select(table).where(col(table.owner_id) == mine).order_by(order)).all()
