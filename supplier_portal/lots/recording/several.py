"""One step recorded for several lots at once: a record each, and all of them or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor
from hub.errors import HubError, InvalidInput
from hub.lists import CountedPage, Search
from supplier_portal.lots import lot_book
from supplier_portal.lots.lot_book import LotRow, LotState
from supplier_portal.lots.recording import writing
from supplier_portal.lots.recording.forms import (
    Growing,
    Happened,
    Harvest,
    Harvested,
    Packed,
    Packing,
    Positive,
    Spraying,
    Test,
)

StepName = Literal["spray", "grow", "harvest", "test", "pack"]
MOST = 100
"""Lots that are offered at once; more are found by their number or item."""


class Ticked(BaseModel):
    """A lot of the list, and whether it is one of those meant."""

    lot: UUID
    meant: bool = False


class Weighed(BaseModel):
    """A lot of the list, and how much of it there is; without a figure it is not meant."""

    lot: UUID
    quantity: Positive | None = None

    @property
    def meant(self) -> bool:
        """Whether something is recorded of it."""
        return self.quantity is not None


class Boxed(Weighed):
    """A lot of the list, how much of it was packed, and in how many cases."""

    cases: int = Field(default=1, ge=1, le=100_000)


L = TypeVar("L", Ticked, Weighed, Boxed)


class Lines(BaseModel, Generic[L]):
    """What a form says of each lot of its list."""

    lines: list[L] = Field(default_factory=list, max_length=MOST)


class SeveralSprayed(Spraying, Lines[Ticked]):
    """A plant protection product used on several lots."""


class SeveralGrew(Growing, Lines[Ticked]):
    """What was measured where several lots grow."""


class SeveralHarvested(Harvested, Lines[Weighed]):
    """Several lots harvested, each with its own weight."""


class SeveralTested(Test, Lines[Ticked]):
    """Several lots of which a laboratory found the same."""


class SeveralPacked(Packed, Lines[Boxed]):
    """Several lots packed, each with its own weight and cases."""


@dataclass(frozen=True)
class Step:
    """How a step is recorded for several lots: for those in which states, told by which form, written how."""

    name: StepName
    states: Sequence[LotState]
    form: type[Any]
    one: type[Happened]
    write: Callable[..., Any]


_GROWN = (LotState.HARVESTED, LotState.TESTED)
STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("spray", [LotState.GROWING], SeveralSprayed, Spraying, writing.spray),
        Step("grow", [LotState.GROWING], SeveralGrew, Growing, writing.grow),
        Step("harvest", [LotState.GROWING], SeveralHarvested, Harvest, writing.harvest),
        Step("test", _GROWN, SeveralTested, Test, writing.test),
        Step("pack", _GROWN, SeveralPacked, Packing, writing.pack),
    )
}


def offered(session: Session, actor: Actor, step: Step, words: str = "") -> CountedPage[LotRow]:
    """The lots that a step can be recorded for, those that ``words`` find."""
    return lot_book.lots(session, actor.organization_id, Search(words, size=MOST), states=step.states)


def record(session: Session, actor: Actor, step: Step, told: Any) -> int:
    """Record a step for each lot that its form means; return how many those were.

    What is refused for one lot is refused for all, and names that lot's line.
    """
    scene = writing.scene(session, actor, told)
    meant = [(number, line) for number, line in enumerate(told.lines) if line.meant]
    if not meant:
        raise InvalidInput("Choose at least one lot.", at="lines")
    for number, line in meant:
        try:
            row = lot_book.find(session, actor, line.lot)
            if row.state not in step.states:
                raise InvalidInput("This lot is no longer where this can be recorded of it.")
            each = step.one.model_validate(told.model_dump(exclude={"lines"}) | line.model_dump(exclude={"lot"}))
            step.write(session, (row.lot, row.item), scene, each)
        except HubError as refusal:
            if refusal.at in ("", "lot", *type(line).model_fields):
                refusal.at = f"lines.{number}.{refusal.at if refusal.at == 'quantity' else 'lot'}"
            raise
    return len(meant)
