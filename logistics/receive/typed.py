"""What a store types of a delivery, read as counts of its lines."""

from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import pictures
from hub.errors import HubError
from hub.inputs import Figure
from hub.models.party import Organization
from hub.models.trade import Shipment
from hub.pictures import Clean
from hub.web.forms import Filled
from hub.web.i18n import Language
from logistics.receive import contents, parts, receiving
from logistics.receive.receiving import LineCount


class TypedCount(BaseModel):
    """What was chosen and typed for one line: ``but`` accepts it all, and complains of what is ``concerned``."""

    line: UUID
    answer: Literal["all", "but", "less", "none"] = "all"
    quantity: Figure | None = Field(default=None, ge=0, max_digits=18, decimal_places=6)
    concerned: Figure | None = Field(default=None, ge=0, max_digits=18, decimal_places=6)
    reason: str = Field(default="", max_length=200)


class TypedCounts(BaseModel):
    """A count of a whole shipment, or of what is left of it."""

    lines: list[TypedCount]
    note: str = Field(default="", max_length=400)
    disputed: bool = False


def counts_of(
    session: Session, shipment: Shipment, form: Filled[TypedCounts], *, part: bool = False
) -> list[LineCount]:
    """The counts that a form tells, with what came before; of a ``part`` alone where more is to come.

    What it has to say more is said beside each line.
    """
    announced = {part.line.id: part for part in contents.announced(session, shipment)}
    tolerance = session.get_one(Organization, shipment.buyer_id).weight_tolerance
    before = parts.so_far(session, shipment)
    counts = []
    for number, typed in enumerate(form.read.lines if form.read else []):
        line = announced.get(typed.line)
        whole = parts.rest(line.line.quantity, before.get(typed.line)) if line else Decimal(0)
        count = _count(number, typed, whole, form)
        if count is None:
            continue
        counts.append(count if part else parts.together(before.get(typed.line), count))
        if line is not None and not part:
            with form.attempt(session, f"lines.{number}.quantity"):
                receiving.judge(line, counts[-1], tolerance, at=f"lines.{number}")
    return counts


def _count(number: int, typed: TypedCount, whole: Decimal, form: Filled[TypedCounts]) -> LineCount | None:
    """What is said of a line, of which so much is to come; None where it has to say more."""
    quantity = {"all": whole, "but": whole, "none": Decimal(0)}.get(typed.answer, typed.quantity)
    if quantity is None or (typed.answer == "less" and quantity >= whole):
        form.errors[f"lines.{number}.quantity"] = _less_than(whole, form.language, typed=quantity is not None)
        return None
    concerned = (typed.concerned or Decimal(0)) if typed.answer == "but" else Decimal(0)
    if typed.answer == "but" and not concerned:
        form.errors[f"lines.{number}.concerned"] = form.language.gettext("Enter how much of it is not in order.")
        return None
    reason = "" if typed.answer == "all" else typed.reason
    return LineCount(line=typed.line, quantity=quantity, concerned=concerned, reason=reason)


def photos_of(form: Filled[TypedCounts]) -> dict[UUID, Clean]:
    """The photos of the lines that have something to show, made anew; what cannot be taken in is said beside it."""
    taken = {}
    for number, typed in enumerate(form.read.lines if form.read else []):
        name = f"lines.{number}.photo"
        if name not in form.files or typed.answer == "all":
            continue
        try:
            taken[typed.line] = pictures.picture(form.files[name].file.read())
        except HubError as refusal:
            form.errors[name] = form.language.sentence(refusal.sentence, refusal.values)
    return taken


def _less_than(whole: Decimal, speaks: Language, *, typed: bool) -> str:
    """What to enter where “less” was chosen: the form's own question, since “all” has an answer of its own."""
    if not typed:
        return speaks.gettext("Enter how much you accept.")
    return speaks.gettext("Enter less than %(announced)s, or choose “Accept all”.", announced=speaks.number(whole))
