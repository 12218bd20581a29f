"""Drafts written out of a sheet, a line of an order a row; all of it, or nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, Field, ValidationError
from sqlmodel import Session, col, select

from hub import db
from hub.access import Actor, Permission, require
from hub.errors import HubError, InvalidInput
from hub.inputs import Day, Figure
from hub.models.base import now
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment
from hub.models.party import Organization, Place, day_of
from hub.models.trade import OrderLine, PurchaseOrder
from hub.registry.figures import Names
from hub.registry.register import Duplicate, Formula, Intake, Register, Wrong
from hub.registry.sheets import Row
from supplier_portal.orders import orders
from supplier_portal.orders.buying import drafts
from supplier_portal.orders.orders import DraftLine, OrderDraft

SHOWN = timedelta(days=28)
"""How far back a sheet that is taken away reaches."""


class NoSuchItem(HubError):
    """Nothing of your assortment has this article number or code, or not of this supplier."""

    code, status, at = "no-such-item", 422, "item"


class SupplierNeeded(HubError):
    """You carry this number of several suppliers. Name one by its GLN."""

    code, status, at = "supplier-needed", 422, "supplier"


class DayPassed(HubError):
    """This day has passed. Choose one from %(today)s on."""

    code, status, at = "day-passed", 422, "deliver_on"


class LineForm(BaseModel):
    """A line as a sheet says it: ``counted`` in units as it is sold, or in cases."""

    supplier: str = Field(default="", max_length=20)
    place: str = Field(min_length=1, max_length=120)
    deliver_on: Day
    item: str = Field(min_length=1, max_length=60)
    quantity: Figure = Field(gt=0, le=10_000_000, decimal_places=6)
    counted: Literal["unit", "case"] = "unit"


Key = tuple[UUID, UUID, date]
"""Supplier, place and day: what stands in one order."""


@dataclass
class _Group:
    """The lines of one order, and the rows that say them."""

    lines: list[DraftLine] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    items: dict[UUID, int] = field(default_factory=dict)


class OrderSheets(Register[Any, Any]):
    """Drafts come by the sheet; rows of the same supplier, place and day are one order."""

    name, model, form, key = "order-sheet", OrderLine, LineForm, "item"

    def intake(self, session: Session, actor: Actor, rows: Sequence[Row]) -> Intake:
        """Read every row, say what is wrong, and keep the drafts where nothing is."""
        require(actor, Permission.PLACE_ORDERS)
        db.in_turn(session, f"order-sheets/{actor.organization_id}")
        intake, reading = Intake(rows=len(rows)), _Reading.of(session, actor)
        for row in rows:
            try:
                reading.take(self._form(row), row)
            except ValidationError as error:
                for fault in error.errors(include_url=False, include_input=False):
                    name = str(fault["loc"][0])
                    intake.wrong.append(Wrong(row.number, name, row.cells.get(name, ""), dict(fault)))
            except HubError as refusal:
                _wrong(intake, row, refusal)
        if not intake.wrong:
            for key, group in reading.groups.items():
                self._keep(session, actor, intake, key, group)
        return intake

    def _form(self, row: Row) -> LineForm:
        if row.formulas:
            raise Formula(at=row.formulas[0])
        return LineForm.model_validate({name: value for name, value in row.cells.items() if value != ""})

    def _keep(self, session: Session, actor: Actor, intake: Intake, key: Key, group: _Group) -> None:
        supplier, place, day = key
        wanted = OrderDraft(supplier, place, day, group.lines)
        try:
            with session.begin_nested():
                order = drafts.keep(session, actor, wanted, at=now())
        except HubError as refusal:
            number = _line_of(refusal.at)
            _wrong(intake, group.rows[number if number is not None else 0], refusal)
            return
        intake.added += [f"{order.number} · {line + 1}" for line in range(len(group.lines))]

    def all(self, session: Session, actor: Actor) -> Sequence[Any]:
        """The lines of drafts and of what was ordered for the last four weeks and all days after."""
        rows = (
            sa.select(OrderLine, PurchaseOrder, Organization, Place, TradeItem)
            .join(PurchaseOrder, col(PurchaseOrder.id) == col(OrderLine.order_id))
            .join(Organization, col(Organization.id) == col(PurchaseOrder.supplier_id))
            .join(Place, col(Place.id) == col(PurchaseOrder.deliver_to_id))
            .join(TradeItem, col(TradeItem.id) == col(OrderLine.trade_item_id))
            .where(
                self.mine(actor),
                col(PurchaseOrder.cancelled_at).is_(None),
                col(PurchaseOrder.placed_at).is_not(None) | col(PurchaseOrder.drafted),
                col(PurchaseOrder.deliver_on) > day_of(actor.organization_id, now()) - SHOWN,
            )
            .order_by(col(PurchaseOrder.deliver_on), col(PurchaseOrder.number), col(OrderLine.position))
        )
        return session.execute(rows).all()

    def values(self, session: Session, row: Any) -> dict[str, Any]:
        """A line as the sheet says it."""
        line, order, supplier, place, item = row
        return {
            "supplier": supplier.gln,
            "place": place.gln,
            "deliver_on": order.deliver_on,
            "item": item.gtin.removeprefix("0"),
            "quantity": line.quantity,
            "counted": "unit",
        }

    def details(self, session: Session, actor: Actor, form: Any, known: Any) -> Mapping[str, Any]:
        """Refused: lines come by sheet."""
        raise InvalidInput

    def new(self, session: Session, details: Mapping[str, Any]) -> Any:
        """Refused: lines come by sheet."""
        raise InvalidInput


@dataclass
class _Reading:
    """What was read so far, and what people may write for places, items and suppliers."""

    names: Names
    items: Mapping[str, list[TradeItem]]
    glns: Mapping[UUID, str]
    days: Mapping[UUID, date]
    groups: dict[Key, _Group] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, actor: Actor) -> "_Reading":
        carried = session.exec(
            select(Assortment, TradeItem)
            .join(TradeItem, col(TradeItem.id) == col(Assortment.trade_item_id))
            .where(col(Assortment.owner_id) == actor.organization_id, col(Assortment.ended_on).is_(None))
            .order_by(col(TradeItem.gtin), col(TradeItem.id))
        ).all()
        items: defaultdict[str, list[TradeItem]] = defaultdict(list)
        for row, item in carried:
            for name in {row.core_code.casefold(), item.gtin.lstrip("0")}:
                items[name].append(item)
        suppliers = session.exec(select(Organization).where(col(Organization.id).in_({i.owner_id for _, i in carried})))
        places = session.exec(select(Place).where(col(Place.owner_id) == actor.organization_id))
        today = {place.id: place.day(now()) for place in places}
        return cls(Names.of(session, actor), items, {one.id: one.gln for one in suppliers}, today)

    def take(self, form: LineForm, row: Row) -> None:
        """A row, put to the order that it belongs to."""
        place, item = self.names.place(form.place), self._item(form)
        if form.deliver_on < self.days[place]:
            raise DayPassed(today=self.days[place])
        quantity = form.quantity * item.case_quantity if form.counted == "case" else form.quantity
        if item.unit in orders.PIECES and quantity % 1:
            raise InvalidInput("Enter a whole number.", at="quantity")
        if quantity != quantity.quantize(Decimal("0.000001")):
            raise InvalidInput("Enter at most six decimals.", at="quantity")
        group = self.groups.setdefault((item.owner_id, place, form.deliver_on), _Group())
        if item.id in group.items:
            raise Duplicate(at="item", row=group.items[item.id])
        group.items[item.id] = row.number
        group.lines.append(DraftLine(item.id, quantity))
        group.rows.append(row)

    def _item(self, form: LineForm) -> TradeItem:
        written = form.item.strip()
        found = self.items.get(written.casefold()) or self.items.get(written.replace(" ", "").lstrip("0")) or []
        if form.supplier:
            gln = form.supplier.replace(" ", "").replace("-", "")
            found = [item for item in found if self.glns.get(item.owner_id) == gln]
        if not found:
            raise NoSuchItem
        if len(found) > 1:
            raise SupplierNeeded
        return found[0]


def _wrong(intake: Intake, row: Row, refusal: HubError) -> None:
    at = (refusal.at or "").rsplit(".", 1)[-1]
    name = at if at in LineForm.model_fields else "item"
    intake.wrong.append(Wrong(row.number, name, row.cells.get(name, ""), refusal))


def _line_of(at: str | None) -> int | None:
    """The place of the line of which a refusal speaks (``lines.2.quantity``)."""
    parts = (at or "").split(".")
    return int(parts[1]) if len(parts) > 2 and parts[1].isdigit() else None
