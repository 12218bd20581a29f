"""How a lot grew and what a laboratory found in it, as its page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.models.party import Organization
from hub.pages.product.words import test_name
from hub.trace.journey import Journey
from hub.web import drawing
from hub.web.i18n import Language
from hub.web.words import MEASURES

_CURVE = (100, 32)
"""The paper that a measurement's line is drawn on."""


@dataclass(frozen=True)
class Spraying:
    """A plant protection product that was used: when, and how many days before a harvest at the latest."""

    product: str
    substance: str
    when: str
    interval_days: int


@dataclass(frozen=True)
class Residue:
    """A substance that a laboratory found, in mg/kg, and the share of its limit that it reaches.

    ``label`` says it all in one sentence, for whoever does not see the bar.
    """

    substance: str
    found: float
    limit: float
    share: float
    label: str


@dataclass(frozen=True)
class LaboratoryTest:
    """The newest test of a lot: its result in one sentence, what was found; who says so, when, by what standard."""

    summary: str
    residues: Sequence[Residue]
    source: Sequence[str]


@dataclass(frozen=True)
class Measurement:
    """One thing that sensors measured where a lot grew; ``curve`` is the path of its line."""

    name: str
    curve: str
    mean: float
    unit: str
    lowest: float
    highest: float


@dataclass(frozen=True)
class Growth:
    """What is published of a lot's growing, and of its tests; what was not tested has a title and no test."""

    sprayings: Sequence[Spraying]
    test_title: str
    test: LaboratoryTest | None
    measurements: Sequence[Measurement]


def growth_of(journey: Journey, maker: Organization, speaks: Language) -> Growth:
    """How a lot grew, on its maker's clock."""
    tests = journey.tests
    return Growth(
        sprayings=[_spraying(used, maker, speaks) for used in journey.protections],
        test_title=speaks.gettext(test_name(tests)),
        test=_test(tests[0], maker, speaks) if tests else None,
        measurements=[_measurement(series, speaks) for series in journey.environment],
    )


def _spraying(used: Mapping[str, Any], maker: Organization, speaks: Language) -> Spraying:
    return Spraying(
        used["furrow:product"],
        used["furrow:substance"],
        speaks.moment(used["at"], maker),
        int(used["furrow:intervalDays"]),
    )


def _test(test: Mapping[str, Any], maker: Organization, speaks: Language) -> LaboratoryTest:
    results = test["furrow:results"]
    residues = [_residue(result, speaks) for result in results if "furrow:found" in result]
    return LaboratoryTest(
        summary=_result(len(results), residues, speaks),
        residues=residues,
        source=[
            test["furrow:laboratory"],
            speaks.moment(test["at"], maker),
            test["furrow:standard"],
            speaks.gettext("report %(number)s", number=test["furrow:report"]),
        ],
    )


def _residue(result: Mapping[str, Any], speaks: Language) -> Residue:
    found, limit = result["furrow:found"], result["furrow:limit"]
    substance = result["furrow:substanceZh" if speaks.code == "zh" else "furrow:substanceEn"]
    label = speaks.gettext(
        "%(substance)s: %(found)s found, limit %(limit)s mg/kg", substance=substance, found=found, limit=limit
    )
    return Residue(substance, found, limit, found / limit, label)


def _result(substances: int, residues: Sequence[Residue], speaks: Language) -> str:
    over = [residue for residue in residues if residue.found > residue.limit]
    if over:
        return speaks.ngettext(
            "%(num)s substance looked for, %(over)s above the limit.",
            "%(num)s substances looked for, %(over)s above the limit.",
            substances,
            over=len(over),
        )
    if residues:
        return speaks.ngettext(
            "%(num)s substance looked for, %(found)s found, all below the national limit.",
            "%(num)s substances looked for, %(found)s found, all below the national limit.",
            substances,
            found=len(residues),
        )
    return speaks.ngettext(
        "%(num)s substance looked for, none found.", "%(num)s substances looked for, none found.", substances
    )


def _measurement(series: Mapping[str, Any], speaks: Language) -> Measurement:
    means, lowest, highest = series["mean"], series["lowest"], series["highest"]
    return Measurement(
        name=speaks.sentence(MEASURES.get(series["type"], series["type"]), {}),
        curve=drawing.spark(means, [lowest, highest], *_CURVE),
        mean=sum(means) / len(means),
        unit=speaks.unit(series["uom"]),
        lowest=lowest,
        highest=highest,
    )
