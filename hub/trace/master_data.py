"""What parties say of themselves, their places, items and papers: each change is a record, the row its newest view."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from hub import db
from hub.gs1 import master_data, reading
from hub.gs1.master_data import Statement
from hub.models.base import Record, now, stated
from hub.models.catalogue import Certificate, TradeItem
from hub.models.party import Organization, Place
from hub.models.trace import Event, EventKey
from hub.trace import capture

STATED: tuple[type[Any], ...] = (Organization, Place, TradeItem, Certificate)
"""What has its owner's signed word: names, numbers, places on the map, categories, papers."""
_AT_A_TIME = 500


@dataclass(frozen=True)
class Difference:
    """A row that shows something else than its owner signed last: both, under the columns' names."""

    row: Any
    shown: Mapping[str, str]
    signed: Mapping[str, str]

    def __str__(self) -> str:
        names = sorted({*self.shown, *self.signed})
        told = [(name, self.shown.get(name, ""), self.signed.get(name, "")) for name in names]
        differing = [f"{name} {shown!r}, signed {signed!r}" for name, shown, signed in told if shown != signed]
        return f"{type(self.row).__tablename__} {self.row.id}: {'; '.join(differing)}"


def state(session: Session, row: Record, *, at: datetime | None = None) -> Event | None:
    """Record what a row of the session's organisation says now, valid from ``at`` on (now).

    Nothing is written where its newest statement says the same, or while the organisation is no member of the
    ledger: ``state_all`` makes up for it when it becomes one.
    """
    who: db.Who = session.info["who"]
    organization = session.get_one(Organization, who.org)
    if organization.member is None:
        return None
    session.flush()
    newest = newest_of(session, [row]).get(row.id)
    if newest is not None and newest.attributes == stated(row):
        return None
    clock = now().astimezone(ZoneInfo(organization.time_zone))
    statement = Statement(master_data.subject(row.id), str(type(row).__tablename__), stated(row), at or now())
    return capture.record(session, master_data.event(statement, clock), published=True)


def state_all(session: Session) -> int:
    """Record everything that the session's organisation has not stated yet; return how many records."""
    who: db.Who = session.info["who"]
    return sum(
        state(session, row) is not None
        for model in STATED
        for row in session.exec(select(model).where(col(model.owner_id) == who.org).order_by(col(model.id))).all()
    )


def newest_of(session: Session, rows: Iterable[Record]) -> dict[UUID, Statement]:
    """The newest statement of the owner of each row, sealed or not, where there is one."""
    known = {master_data.subject(row.id): row for row in rows}
    newest: dict[UUID, Statement] = {}
    for event, statement in _statements(session, known.values()):
        row = known[statement.subject]
        if event.owner_id == row.owner_id:
            newest[row.id] = statement
    return newest


def history(session: Session, row: Record) -> list[tuple[Event, Statement]]:
    """All that its owner has stated of a row, oldest first."""
    return [entry for entry in _statements(session, [row]) if entry[0].owner_id == row.owner_id]


def differences(session: Session) -> Iterator[Difference]:
    """The rows, of those the session may see, that show something else than was stated last."""
    for model in STATED:
        rows: Sequence[Any] = session.exec(select(model).order_by(col(model.id))).all()
        for first in range(0, len(rows), _AT_A_TIME):
            some = rows[first : first + _AT_A_TIME]
            newest = newest_of(session, some)
            for row in some:
                said = newest.get(row.id)
                if said is not None and said.attributes != stated(row):
                    yield Difference(row, stated(row), said.attributes)


def rebuild(session: Session) -> int:
    """Make every row say again what its owner stated last; return how many did not."""
    altered = list(differences(session))
    for difference in altered:
        for name in type(difference.row).stated:
            setattr(difference.row, name, _value(type(difference.row), name, difference.signed.get(name)))
        session.add(difference.row)
    session.flush()
    return len(altered)


def _value(model: type[Any], name: str, text: str | None) -> Any:
    """A column's value out of the text that was stated; what was empty is empty again."""
    field = TypeAdapter(model.model_fields[name].annotation)
    try:
        return field.validate_python(text)
    except ValueError:
        return "" if text is None else text


def _statements(session: Session, rows: Iterable[Record]) -> list[tuple[Event, Statement]]:
    """The statements that speak of some rows, whoever made them, oldest first."""
    subjects = [master_data.subject(row.id) for row in rows]
    naming = select(EventKey.event_id).where(col(EventKey.link).in_(subjects))
    events = session.exec(
        select(Event)
        .where(col(Event.id).in_(naming), col(Event.biz_step) == master_data.STATING)
        .order_by(col(Event.id))
    )
    told = [(event, master_data.statement_of(reading.event_of(event.payload or b""))) for event in events]
    return [(event, statement) for event, statement in told if statement is not None and statement.subject in subjects]
