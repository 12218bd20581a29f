"""What both of a supplier's pages of the forecast show: an item's weeks, and the fields of its commitments."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from hub.models.catalogue import TradeItem
from hub.web.forms import Filled
from hub.web.i18n import Language
from supplier_portal.forecast.collaboration import ItemWeeks, Week


@dataclass(frozen=True)
class Row:
    """An item with its weeks, split at today; ``first`` numbers its first field in the form."""

    item: TradeItem
    grid: ItemWeeks
    past: list[Week]
    ahead: list[Week]
    first: int

    @property
    def open(self) -> int:
        """How many weeks ahead have no commitment."""
        return sum(week.committed is None for week in self.ahead)


@dataclass(frozen=True)
class CommitmentField:
    """Where a supplier types what it will have of an item in a week; its names are numbered through the form."""

    number: int
    item_id: UUID
    week: date
    label: str
    value: str
    error: str


def commitment_field(week: Week, number: int, item: TradeItem, form: Filled[Any], speaks: Language) -> CommitmentField:
    """The field of a week, with what was typed into it, else what was committed."""
    name = f"weeks.{number}.quantity"
    committed = "" if week.committed is None else speaks.number(week.committed).replace(",", "")
    return CommitmentField(
        number=number,
        item_id=item.id,
        week=week.monday,
        label=speaks.gettext(
            "Commitment for %(item)s, %(week)s", item=speaks.name(item), week=speaks.week(week.monday)
        ),
        value=form.value(name, committed),
        error=form.error(name),
    )
