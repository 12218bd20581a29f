"""Sales and stock of a chain that has no stock system: taken in by sheet, and the same downstream.

A figure is what was sold on a day, or what is there now; a sheet that says another replaces it, and the same sheet
again changes nothing.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError
from sqlmodel import Session, col, select

from hub.access import Actor
from hub.errors import HubError
from hub.inputs import Day, Figure
from hub.inventory import bulk, cores
from hub.models.base import now, plain
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment, LotStock, SalesDay, StockLevel
from hub.models.party import Organization, OrganizationKind, Place, day_of
from hub.registry.register import Change, Duplicate, Formula, Intake, Register, Wrong
from hub.registry.sheets import Row

SHOWN = timedelta(days=28)
"""How far back a sheet of sales that is taken away reaches."""
_WEEK = re.compile(r"(\d{4})[\s-]*[Ww周第]?\s*(\d{1,2})\s*周?")
_MOST = 10_000_000


class CoreTells(HubError):
    """Stock and sales come from your stock system. Disconnect it to upload them by sheet."""

    code, status, at = "core-tells", 409, "file"


class NoSales(HubError):
    """Only retailers have stock and sales."""

    code, status = "no-sales", 409


class PlaceUnknown(HubError):
    """None of your places has this GLN or name."""

    code, status, at = "place-unknown", 422, "place"


class PlaceAmbiguous(HubError):
    """Several of your places are called so: write the GLN."""

    code, status, at = "place-ambiguous", 422, "place"


class ItemUnknown(HubError):
    """Nothing of your assortment has this article number or code."""

    code, status, at = "item-unknown", 422, "item"


class DayOrWeek(HubError):
    """Write either a day or a week, such as 2026-W47."""

    code, status, at = "day-or-week", 422, "day"


class NotOver(HubError):
    """This day or week is not over yet."""

    code, status, at = "not-over", 422, "day"


class SoldForm(BaseModel):
    """What a place sold of an item on a day, or in a week."""

    day: Day | None = None
    week: str = Field(default="", max_length=20)
    place: str = Field(min_length=1, max_length=120)
    item: str = Field(min_length=1, max_length=60)
    quantity: Figure = Field(ge=0, le=_MOST, decimal_places=6)


class ThereForm(BaseModel):
    """How much of an item, or of a lot of it, is at a place."""

    place: str = Field(min_length=1, max_length=120)
    item: str = Field(min_length=1, max_length=60)
    quantity: Figure = Field(ge=0, le=_MOST, decimal_places=6)
    lot: str = Field(default="", max_length=20)
    best_before: Day | None = None


@dataclass(frozen=True)
class Names:
    """What people may write for the retailer's places and items."""

    places: Mapping[str, set[UUID]]
    items: Mapping[str, UUID]

    @classmethod
    def of(cls, session: Session, actor: Actor) -> "Names":
        """Places by GLN and name, items by article number and code."""
        places: defaultdict[str, set[UUID]] = defaultdict(set)
        for place in session.exec(select(Place).where(col(Place.owner_id) == actor.organization_id)):
            for name in (place.gln, place.name_zh, place.name_en):
                places[name.strip().casefold()].add(place.id)
        items: dict[str, UUID] = {}
        carried = (
            select(Assortment, TradeItem)
            .join(TradeItem, col(TradeItem.id) == col(Assortment.trade_item_id))
            .where(col(Assortment.owner_id) == actor.organization_id)
            .order_by(col(Assortment.ended_on).is_not(None))
        )
        for row, item in session.exec(carried):
            items.setdefault(item.gtin.lstrip("0"), row.trade_item_id)
            items.setdefault(row.core_code.casefold(), row.trade_item_id)
        return cls(places, items)

    def place(self, written: str) -> UUID:
        """The place that is meant."""
        found = self.places.get(written.strip().casefold(), set())
        if len(found) > 1:
            raise PlaceAmbiguous
        if not found:
            raise PlaceUnknown
        return next(iter(found))

    def item(self, written: str) -> UUID:
        """The item that is meant: by its own code before its article number."""
        found = self.items.get(written.casefold()) or self.items.get(written.replace(" ", "").lstrip("0"))
        if found is None:
            raise ItemUnknown
        return found


Key = tuple[Any, ...]


@dataclass
class Sheet:
    """What a sheet says: quantities by key, and the rows that say it."""

    said: dict[Key, Any]
    rows: dict[Key, int]
    intake: Intake


class _Figures(Register[Any, Any]):
    """Figures are written by the thousand; a sheet is all that changes them."""

    def intake(self, session: Session, actor: Actor, rows: Sequence[Row]) -> Intake:
        """Read every row, say what is wrong and what would be another, and write it."""
        if actor.kind is not OrganizationKind.RETAILER:
            raise NoSales
        connection = cores.of(session)
        if connection is not None and connection.ended_at is None:
            raise CoreTells
        sheet, names = Sheet({}, {}, Intake(rows=len(rows))), Names.of(session, actor)
        today = session.get_one(Organization, actor.organization_id).day(now())
        for row in rows:
            try:
                self._read(sheet, row, names, today)
            except ValidationError as error:
                for fault in error.errors(include_url=False, include_input=False):
                    name = str(fault["loc"][0])
                    sheet.intake.wrong.append(Wrong(row.number, name, row.cells.get(name, ""), dict(fault)))
            except HubError as refusal:
                name = refusal.at or self.key
                sheet.intake.wrong.append(Wrong(row.number, name, row.cells.get(name, ""), refusal))
        if not sheet.intake.wrong:
            self._compare(sheet, self._known(session, actor, sheet), rows)
            self._write(session, sheet)
        return sheet.intake

    def _read(self, sheet: Sheet, row: Row, names: Names, today: date) -> None:
        if row.formulas:
            raise Formula(at=row.formulas[0])
        form = self.form.model_validate({name: value for name, value in row.cells.items() if value != ""})
        for key, value in self._meant(form, names, today).items():
            if key in sheet.said:
                raise Duplicate(at=self.key, row=sheet.rows[key])
            sheet.said[key], sheet.rows[key] = value, row.number

    def _compare(self, sheet: Sheet, known: Mapping[Key, Decimal], rows: Sequence[Row]) -> None:
        """Row by row, since a week's is one figure to who wrote it."""
        written = {row.number: row for row in rows}
        keys: defaultdict[int, list[Key]] = defaultdict(list)
        for key, number in sheet.rows.items():
            keys[number].append(key)
        for number, those in keys.items():
            cells = written[number].cells
            label = " · ".join(filter(None, (cells.get(name) for name in ("day", "week", "place", "item", "lot"))))
            if any(key not in known for key in those):
                sheet.intake.added.append(label)
            elif any(known[key] != _quantity(sheet.said[key]) for key in those):
                before = plain(sum((known[key] for key in those), Decimal(0)))
                after = plain(sum((_quantity(sheet.said[key]) for key in those), Decimal(0)))
                sheet.intake.changes.append(Change(number, label, "quantity", before, after))
                sheet.intake.changed += 1
            else:
                sheet.intake.same += 1

    def _meant(self, form: Any, names: Names, today: date) -> Mapping[Key, Any]:
        raise NotImplementedError

    def _known(self, session: Session, actor: Actor, sheet: Sheet) -> Mapping[Key, Decimal]:
        raise NotImplementedError

    def _write(self, session: Session, sheet: Sheet) -> None:
        raise NotImplementedError

    def values(self, session: Session, row: Any) -> dict[str, Any]:
        """A row as the sheet says it."""
        figure, place, item = row
        said = {name: getattr(figure, name, None) for name in self.form.model_fields}
        quantity = figure.quantity if isinstance(figure, SalesDay) else figure.on_hand
        return said | {"place": place.gln, "item": item.gtin.removeprefix("0"), "quantity": quantity}

    def details(self, session: Session, actor: Actor, form: Any, known: Any) -> Mapping[str, Any]:
        """Refused: figures come by sheet."""
        raise NoSales

    def new(self, session: Session, details: Mapping[str, Any]) -> Any:
        """Refused: figures come by sheet."""
        raise NoSales


def _quantity(said: Any) -> Decimal:
    quantity: Decimal = said[0] if isinstance(said, tuple) else said
    return quantity


class Sales(_Figures):
    """What the places sold, by day; a week's figure is spread over its days."""

    name, model, form, key = "sales", SalesDay, SoldForm, "day"

    def all(self, session: Session, actor: Actor) -> Sequence[Any]:
        """The last four weeks."""
        rows = (
            select(SalesDay, Place, TradeItem)
            .join(Place, col(Place.id) == col(SalesDay.place_id))
            .join(TradeItem, col(TradeItem.id) == col(SalesDay.trade_item_id))
            .where(self.mine(actor), col(SalesDay.day) > day_of(actor.organization_id, now()) - SHOWN)
            .order_by(col(SalesDay.day), col(Place.gln), col(TradeItem.gtin))
        )
        return session.exec(rows).all()

    def _meant(self, form: SoldForm, names: Names, today: date) -> Mapping[Key, Decimal]:
        place, item = names.place(form.place), names.item(form.item)
        if (form.day is None) == (not form.week):
            raise DayOrWeek
        if form.day is not None:
            if form.day > today:
                raise NotOver
            return {(place, item, form.day): form.quantity}
        monday = _monday(form.week)
        if monday + timedelta(days=6) > today:
            raise NotOver(at="week")
        share = (form.quantity / 7).quantize(Decimal("0.000001"), ROUND_DOWN)
        days = {(place, item, monday + timedelta(days=day)): share for day in range(6)}
        return days | {(place, item, monday + timedelta(days=6)): form.quantity - 6 * share}

    def _known(self, session: Session, actor: Actor, sheet: Sheet) -> Mapping[Key, Decimal]:
        days = [key[2] for key in sheet.said]
        rows = session.exec(select(SalesDay).where(self.mine(actor), col(SalesDay.day).between(min(days), max(days))))
        return {(row.place_id, row.trade_item_id, row.day): row.quantity for row in rows}

    def _write(self, session: Session, sheet: Sheet) -> None:
        places, items, days = zip(*sheet.said, strict=True)
        columns = {"place_id": places, "trade_item_id": items, "day": days, "quantity": list(sheet.said.values())}
        bulk.merge(session, SalesDay, _text(columns), key=("place_id", "trade_item_id", "day"))


class Stock(_Figures):
    """What is at the places now; of an item that a sheet names, whatever lot it does not name is gone."""

    name, model, form, key = "stock", StockLevel, ThereForm, "item"

    def all(self, session: Session, actor: Actor) -> Sequence[Any]:
        """Every item at every place, as a whole."""
        rows = (
            select(StockLevel, Place, TradeItem)
            .join(Place, col(Place.id) == col(StockLevel.place_id))
            .join(TradeItem, col(TradeItem.id) == col(StockLevel.trade_item_id))
            .where(self.mine(actor))
            .order_by(col(Place.gln), col(TradeItem.gtin))
        )
        return session.exec(rows).all()

    def _meant(self, form: ThereForm, names: Names, today: date) -> Mapping[Key, tuple[Decimal, date | None]]:
        return {(names.place(form.place), names.item(form.item), form.lot): (form.quantity, form.best_before)}

    def _known(self, session: Session, actor: Actor, sheet: Sheet) -> Mapping[Key, Decimal]:
        levels, lots = self._levels(session, actor), self._lots(session, actor)
        return {(*key, ""): row.on_hand for key, row in levels.items()} | {k: row.on_hand for k, row in lots.items()}

    def _levels(self, session: Session, actor: Actor) -> dict[Key, StockLevel]:
        rows = session.exec(select(StockLevel).where(self.mine(actor)))
        return {(row.place_id, row.trade_item_id): row for row in rows}

    def _lots(self, session: Session, actor: Actor) -> dict[Key, LotStock]:
        rows = session.exec(select(LotStock).where(col(LotStock.owner_id) == actor.organization_id))
        return {(row.place_id, row.trade_item_id, row.lot): row for row in rows}

    def _write(self, session: Session, sheet: Sheet) -> None:
        mine = session.info["who"].org
        levels: defaultdict[Key, Decimal] = defaultdict(Decimal)
        for (place, item, _lot), (quantity, _due) in sheet.said.items():
            levels[place, item] += quantity
        for row in session.exec(select(LotStock).where(col(LotStock.owner_id) == mine)):
            key = (row.place_id, row.trade_item_id)
            if key in levels and (*key, row.lot) not in sheet.said and row.on_hand:
                row.on_hand = Decimal(0)
        session.flush()
        places, items = zip(*levels, strict=True)
        columns = {"place_id": places, "trade_item_id": items, "on_hand": list(levels.values())}
        columns["as_of"] = [now()] * len(levels)
        once = {"safety": 0, "target": 0}
        bulk.merge(session, StockLevel, _text(columns), key=("place_id", "trade_item_id"), once=once)
        lots = [(*key, *said) for key, said in sheet.said.items() if key[2]]
        if lots:
            names = ("place_id", "trade_item_id", "lot", "on_hand", "best_before")
            columns = dict(zip(names, zip(*lots, strict=True), strict=True))
            bulk.merge(session, LotStock, _text(columns), key=("place_id", "trade_item_id", "lot"))


def _monday(week: str) -> date:
    written = _WEEK.fullmatch(week.strip())
    try:
        return date.fromisocalendar(int(written[1]), int(written[2]), 1) if written else _no_week()
    except ValueError:
        return _no_week()


def _no_week() -> date:
    raise DayOrWeek(at="week")


def _text(columns: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """References as text, as they are copied."""
    return {
        name: [str(value) if isinstance(value, UUID | Decimal) else value for value in values]
        for name, values in columns.items()
    }
