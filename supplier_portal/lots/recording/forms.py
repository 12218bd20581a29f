"""What the forms of a lot's life say, read from what people type; each becomes one record."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from hub.inputs import Count, Day, Figure, LocalMoment
from hub.trace import records
from hub.web.i18n import N_
from supplier_portal.lots.recording.laboratory import MOST as MOST_SUBSTANCES

MEASURED: Mapping[str, tuple[str, str]] = {
    "temperature": ("Temperature", "CEL"),
    "humidity": ("RelativeHumidity", "P1"),
}
"""What the form of growing conditions asks for: GS1's measurement type of each, and its unit (Rec 20)."""

Positive = Annotated[Figure, Field(gt=0, max_digits=18, decimal_places=6)]
Shown = Annotated[Figure, Field(max_digits=18, decimal_places=6)]
Word = Annotated[str, Field(max_length=80)]
File = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
"""The SHA-256 of a file that is kept, or none."""


class Anything(BaseModel):
    """A form whose values are only kept, since it is not sent to be recorded."""


class Happened(BaseModel):
    """Where and when, on that place's clock."""

    place: UUID
    at: LocalMoment


class NewLot(Happened):
    """A lot begun: planted, or made in one day."""

    item: UUID
    number: str = Field(max_length=20)
    way: Literal["plant", "make"]
    area: Positive | None = None
    quantity: Positive | None = None
    best_before: Day | None = None


class Spraying(Happened):
    """A plant protection product used."""

    product: Word
    substance: Word
    dose: Positive
    dose_unit: Literal["LTR", "KGM", "MLT", "GRM"]
    interval_days: Annotated[Count, Field(ge=0, le=365)]
    file: File = ""


class Measured(BaseModel):
    """One kind of measurement: its lowest, highest and mean, or none of them."""

    lowest: Shown | None = None
    highest: Shown | None = None
    mean: Shown | None = Field(default=None, validate_default=True)

    @field_validator("mean")
    @classmethod
    def _between(cls, mean: Decimal | None, others: ValidationInfo) -> Decimal | None:
        if not {"lowest", "highest"} <= others.data.keys():
            return mean  # what is wrong with them is said beside them
        lowest, highest = others.data["lowest"], others.data["highest"]
        if lowest is mean is highest is None:
            return None
        if lowest is None or mean is None or highest is None or not lowest <= mean <= highest:
            raise ValueError(N_("Enter lowest, mean and highest, in this order."))
        return mean


class Growing(Happened):
    """The growing environment since a moment; its fields beside that are those of ``MEASURED``."""

    since: LocalMoment
    temperature: Measured = Field(default_factory=Measured)
    humidity: Measured = Field(default_factory=Measured)

    @property
    def readings(self) -> list[records.Reading]:
        """What was measured."""
        return [
            records.Reading(kind, unit, float(measured.mean), float(measured.lowest), float(measured.highest))
            for name, (kind, unit) in MEASURED.items()
            for measured in [getattr(self, name)]
            if measured.mean is not None
        ]


class Harvested(Happened):
    """A harvest, however much it was."""

    best_before: Day | None = None


class Harvest(Harvested):
    """So much was harvested."""

    quantity: Positive


class Substance(BaseModel):
    """What the laboratory looked for: it has a name in one language at least, and a limit."""

    name_zh: str = Field(default="", max_length=60)
    name_en: str = Field(default="", max_length=60)
    found: Annotated[Figure, Field(ge=0, max_digits=18, decimal_places=6)] | None = None
    limit: Positive | None = Field(default=None, validate_default=True)

    @field_validator("limit")
    @classmethod
    def _known(cls, limit: Decimal | None, others: ValidationInfo) -> Decimal | None:
        if limit is None and (others.data.get("name_zh") or others.data.get("name_en")):
            raise ValueError(N_("Enter the limit for this substance."))
        return limit


class Test(Happened):
    """A laboratory's findings."""

    laboratory: Word
    report: Word
    standard: str = Field(default="", max_length=60)
    residues: list[Substance] = Field(default_factory=list, max_length=MOST_SUBSTANCES)
    file: File = ""

    @property
    def findings(self) -> list[records.Residue]:
        """The substances that were named, each in both languages."""
        return [
            records.Residue(
                substance.name_zh or substance.name_en,
                substance.name_en or substance.name_zh,
                substance.found,
                substance.limit,
            )
            for substance in self.residues
            if substance.limit is not None and (substance.name_zh or substance.name_en)
        ]


class Packed(Happened):
    """A packing, however much it was."""


class Packing(Packed):
    """So much was packed, in so many cases."""

    quantity: Positive
    cases: Annotated[Count, Field(ge=1, le=100_000)]
