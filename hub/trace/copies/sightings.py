"""Scans of packs whose code is their own: noted by city and hour, compared, and told to the maker where they disagree.

Only codes with a serial number count (GTIN and 21): a lot's code is on many packs. Which address scanned is never
written down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, String, bindparam, func, text
from sqlmodel import Session, col, select

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import N_, NotFound
from hub.gs1.digital_link import Link
from hub.lists import CountedPage, Search
from hub.messages import NoticeGiven
from hub.models.base import now, uuid7
from hub.models.catalogue import Lot, TradeItem
from hub.models.copies import CodeSighting, CopiedCode
from hub.models.party import Organization
from hub.notices import desk
from hub.trace import listings
from hub.trace.copies.cities import City
from hub.trace.copies.judging import REACH, Sight, kilometres, too_far

READERS = (Permission.PUBLISH_EVENTS,)
"""Who reads of copied codes: the maker's people who record what happens to its lots."""
MOST_OF_A_CODE = 50
"""Cities and hours that are kept of one code: more tell nobody anything new."""


@dataclass(frozen=True)
class Maker:
    """Whose the packs of a lot or of an item are, and what the item is called."""

    owner: UUID
    item_zh: str
    item_en: str


@dataclass(frozen=True)
class Pack:
    """A pack with a number of its own."""

    gtin: str
    serial: str
    lot: str
    maker: Maker


def serial_of(link: Link) -> str:
    """The serial number of a pack's own code; empty where the code is that of many."""
    return (link.qualifier("21") or "") if link.ai == "01" else ""


def maker_of(gtin: str, number: str, gln: str) -> Maker | None:
    """Who made a lot, else who alone lists an item where the code names no lot; None where that is nobody's here."""
    listed = select(TradeItem).where(col(TradeItem.gtin) == gtin)
    if gln:
        named = select(Organization.id).where(col(Organization.gln) == gln)
        listed = listed.where(col(TradeItem.owner_id).in_(named))
    with db.public_session() as session:
        items = session.exec(listed).all()
        if number and items:
            of_it = {item.id: item for item in items}
            lots = select(Lot).where(col(Lot.trade_item_id).in_(of_it), col(Lot.number) == number)
            chosen = listings.choose(session, [(of_it[lot.trade_item_id], lot) for lot in session.exec(lots)])
            items = [chosen[0]] if chosen else []
    return Maker(items[0].owner_id, items[0].name_zh, items[0].name_en) if len(items) == 1 else None


def note(pack: Pack, city: City, at: datetime) -> bool:
    """Note that a pack's code was scanned in a city; return whether this is a new city, or a new hour, of it."""
    with db.session(db.Who(pack.maker.owner, None, "scan")) as session:
        db.in_turn(session, f"copies/{pack.gtin}/{pack.serial}")
        is_new = _keep(session, pack, city, at)
        _compare(session, pack, city, at)
        return is_new


_KEEP = text(
    """insert into code_sighting (id, owner_id, created_at, via, gtin, serial, city, hour, seen_at, name_en, name_zh,
      country, latitude, longitude)
    select :id, :owner, now(), 'scan', :gtin, :serial, :city, date_trunc('hour', :at, 'UTC'), :at, :name_en, :name_zh,
      :country, :latitude, :longitude
    where (select count(*) from code_sighting where owner_id = :owner and gtin = :gtin and serial = :serial) < :most
      or exists (select from code_sighting where owner_id = :owner and gtin = :gtin and serial = :serial
        and city = :city and hour = date_trunc('hour', :at, 'UTC'))
    on conflict (owner_id, gtin, serial, city, hour)
      do update set seen_at = greatest(code_sighting.seen_at, excluded.seen_at)
    returning xmax = 0"""
).bindparams(
    bindparam("at", type_=DateTime(timezone=True)),
    *(bindparam(name, type_=String) for name in ("gtin", "serial", "city", "name_en", "name_zh", "country")),
)
"""A line for a city and an hour, or the moment of the one that is there; no more lines than that of one code."""


def _keep(session: Session, pack: Pack, city: City, at: datetime) -> bool:
    said = {"gtin": pack.gtin, "serial": pack.serial, "owner": pack.maker.owner, "id": uuid7(), "at": at}
    told = said | city._asdict() | {"city": city.key, "most": MOST_OF_A_CODE}
    del told["key"]
    return bool(session.execute(_KEEP, told).scalar_one_or_none())


def _of(pack: Pack) -> tuple[Any, ...]:
    return (
        col(CodeSighting.owner_id) == pack.maker.owner,
        col(CodeSighting.gtin) == pack.gtin,
        col(CodeSighting.serial) == pack.serial,
    )


def _compare(session: Session, pack: Pack, city: City, at: datetime) -> None:
    """Look for a scan that cannot be of the same pack; scans before somebody looked into it are compared no more."""
    found = (
        col(CopiedCode.owner_id) == pack.maker.owner,
        col(CopiedCode.gtin) == pack.gtin,
        col(CopiedCode.serial) == pack.serial,
    )
    earlier = session.exec(select(CopiedCode).where(*found).order_by(col(CopiedCode.id).desc())).first()
    if earlier is not None and earlier.looked_at is None:
        return
    others = select(CodeSighting).where(
        *_of(pack),
        col(CodeSighting.city) != city.key,
        col(CodeSighting.seen_at).between(at - REACH, at + REACH),
    )
    if earlier is not None and earlier.looked_at is not None:
        others = others.where(col(CodeSighting.seen_at) > earlier.looked_at)
    here = Sight(at, city.latitude, city.longitude)
    for other in session.exec(others.order_by(col(CodeSighting.seen_at).desc())):
        there = Sight(other.seen_at, other.latitude, other.longitude)
        if too_far(here, there):
            _find(session, pack, [(here, city), (there, _city(other))])
            return


def _city(row: CodeSighting) -> City:
    return City(row.city, row.name_en, row.name_zh, row.country, row.latitude, row.longitude)


def _find(session: Session, pack: Pack, seen: Sequence[tuple[Sight, City]]) -> None:
    in_order = sorted(seen, key=lambda one: one[0].at)
    places: list[dict[str, str | float]] = [
        {
            "en": city.name_en,
            "zh": city.name_zh,
            "country": city.country,
            "latitude": city.latitude,
            "longitude": city.longitude,
            "at": sight.at.isoformat(),
        }
        for sight, city in in_order
    ]
    finding = CopiedCode(
        owner_id=pack.maker.owner,
        gtin=pack.gtin,
        serial=pack.serial,
        lot_number=pack.lot,
        item_zh=pack.maker.item_zh,
        item_en=pack.maker.item_en,
        places=places,
        kilometres=round(kilometres(in_order[0][0], in_order[1][0])),
    )
    session.add(finding)
    session.flush()
    said = {
        "item": {"zh": pack.maker.item_zh, "en": pack.maker.item_en},
        "one": {"zh": in_order[0][1].name_zh, "en": in_order[0][1].name_en},
        "other": {"zh": in_order[1][1].name_zh, "en": in_order[1][1].name_en},
    }
    sentence = N_("One code of %(item)s was scanned in %(one)s and in %(other)s, too far apart for one pack.")
    desk.tell(session, pack.maker.owner, NoticeGiven("copied", f"copied/{finding.id}", sentence, said, "/copied-codes"))


def findings(session: Session, actor: Actor, search: Search) -> CountedPage[CopiedCode]:
    """One's codes that may have been copied: those that nobody looked into first, then the newest."""
    mine = col(CopiedCode.owner_id) == actor.organization_id
    total = session.exec(select(func.count()).select_from(CopiedCode).where(mine)).one()
    order = (col(CopiedCode.looked_at).is_not(None), col(CopiedCode.id).desc())
    rows = select(CopiedCode).where(mine).order_by(*order).offset(search.before).limit(search.size)
    return CountedPage(session.exec(rows).all(), total, search)


def waiting(session: Session, actor: Actor) -> int:
    """How many nobody looked into yet."""
    mine = (col(CopiedCode.owner_id) == actor.organization_id) & col(CopiedCode.looked_at).is_(None)
    return session.exec(select(func.count()).select_from(CopiedCode).where(mine)).one()


def looked_into(session: Session, actor: Actor, finding_id: UUID) -> CopiedCode:
    """Mark that somebody looked into a finding; from then on the code's later scans make another."""
    access.require(actor, Permission.PUBLISH_EVENTS)
    mine = (col(CopiedCode.owner_id) == actor.organization_id) & (col(CopiedCode.id) == finding_id)
    found = session.exec(select(CopiedCode).where(mine)).first()
    if found is None:
        raise NotFound
    if found.looked_at is None:
        found.looked_at, found.looked_by, found.looked_name = now(), actor.user_id, actor.name
        access.record(session, actor, "copied.look", f"{found.gtin} {found.serial}")
        desk.over(session, f"copied/{found.id}")
    return found
