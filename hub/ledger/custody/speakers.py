"""Gathers, out of the database, who may speak of a lot; `standing` judges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from hub.gs1 import digital_link, reading
from hub.ledger.custody import standing
from hub.ledger.custody.standing import Standing, Told
from hub.models.catalogue import Lot, Mandate, TradeItem
from hub.models.party import OrganizationKind
from hub.models.trace import Event, EventKey


@dataclass(frozen=True)
class Members:
    """Everybody's member number and GLNs, the present one first, whoever asks: all are public."""

    numbers: dict[UUID, int]
    glns: dict[int, tuple[str, ...]]
    authorities: frozenset[int]


@dataclass(frozen=True)
class Word:
    """What somebody wrote about a lot who may not speak of it: who, what step, of when, written when."""

    event_id: UUID
    member: int
    name_zh: str
    name_en: str
    step: str
    at: datetime
    written_at: datetime


def members(session: Session) -> Members:
    """The members of the ledger."""
    rows = session.execute(text("select * from members_with_numbers()")).all()
    return Members(
        {row.organization_id: row.member for row in rows},
        {row.member: tuple(filter(None, (row.gln, row.former_gln))) for row in rows},
        frozenset(row.member for row in rows if row.kind == OrganizationKind.OPERATOR),
    )


def mandates(session: Session, known: Members, producer: UUID | None = None) -> list[standing.Mandate]:
    """Whom a producer lets speak of its lots, or whom every producer does."""
    statement = select(Mandate).order_by(col(Mandate.id))
    if producer is not None:
        statement = statement.where(col(Mandate.owner_id) == producer)
    return [
        standing.Mandate(
            known.numbers[row.owner_id], known.numbers[row.speaker_id], row.kind, row.link, row.valid_from, row.valid_to
        )
        for row in session.exec(statement)
        if {row.owner_id, row.speaker_id} <= known.numbers.keys()
    ]


def lots_of(session: Session, link: str) -> list[Lot]:
    """The lots that were begun under a link: one of each of its makers, the first before the others."""
    try:
        named = digital_link.parse(link)
    except digital_link.BadKey:
        return []
    if named.ai != "01":
        return []
    rows = session.exec(
        select(Lot)
        .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
        .where(col(TradeItem.gtin) == named.value, col(Lot.number) == (named.qualifier("10") or ""))
        .order_by(col(Lot.id))
    )
    return list(rows)


def lot_of(session: Session, link: str) -> Lot | None:
    """The lot of a link, the first that was begun under it."""
    return next(iter(lots_of(session, link)), None)


def naming(session: Session, link: str) -> list[Event]:
    """Every event that names a lot and that the session may see, whoever wrote it, oldest first."""
    naming = select(EventKey.event_id).where(col(EventKey.link) == link)
    statement = select(Event).where(col(Event.id).in_(naming))
    return list(session.exec(statement.order_by(col(Event.event_time), col(Event.id))))


def of_lot(session: Session, lot: Lot, link: str, events: Sequence[Event]) -> Standing:
    """Who may speak of a lot, as far as the session may see."""
    known = members(session)
    records = [record for event in events if (record := told_by(event)) is not None]
    producers = {known.numbers[lot.owner_id]} if lot.owner_id in known.numbers else set()
    asked = mandates(session, known, lot.owner_id)
    parties = standing.Parties(known.glns, asked, known.authorities.__contains__)
    return standing.judge(link, producers, records, parties)


def hears(of_it: Standing, event: Event) -> bool:
    """Whether an event is a word of the lot. One that was altered is heard: the checks then say so."""
    record = told_by(event)
    return record is None or of_it.hears(record)


def told_by(event: Event) -> Told | None:
    """An event as the judge takes it; None where its payload can no longer be read."""
    content = reading.event_of(event.payload or b"")
    if content is None or reading.unreadable(content):
        return None
    return Told(event.member, event.seq or 0, content, event.leaf or b"", event.event_id)


def others(session: Session, lot: Lot, of_it: Standing, heard: Sequence[Event]) -> list[Word]:
    """For a lot's producer alone: what others wrote about it who may not speak of it, the newest hundred."""
    rows = session.execute(text("select * from words_about(:lot)"), {"lot": lot.id}).all()
    known = {event.id for event in heard}
    return [
        Word(row.event_id, row.member, row.name_zh, row.name_en, row.biz_step, row.event_time, row.written_at)
        for row in rows
        if row.event_id not in known
        and not of_it.allows(row.member, row.biz_step, row.event_time, row.event_time.date())
    ]
