"""What the shopper's pages call steps, tests, cold and outcomes, and how grave an outcome is."""

from collections.abc import Sequence
from typing import Any

from hub.gs1 import reading
from hub.ledger.checks.findings import Check, Outcome
from hub.models.catalogue import Temperature
from hub.trace.journey import Step
from hub.web.i18n import N_
from hub.web.words import GROWN, STEPS

_TESTS = {
    "GB 2763": N_("Pesticide residues"), "GB 31650": N_("Veterinary drug residues"), "GB 2761": N_("Mycotoxins"),
}  # fmt: skip


def step_name(step: Step, category: str) -> str:
    """What a step is called for an item of this category."""
    if step.kind == "commissioning" and category not in GROWN:
        return N_("Made")
    if step.kind == "sensor_reporting" and alarming(step):
        return N_("Temperature out of range")
    return STEPS.get(step.kind, step.kind)


def alarming(step: Step) -> bool:
    """Whether a measurement says itself that it is outside its limits: by an alarm, or by the limits beside it."""
    for element in reading.listed(step.event.get("sensorElementList")):
        for report in reading.listed(reading.member(element, "sensorReport")):
            if reading.text(report, "exception"):
                return True
            value = reading.number(reading.member(report, "value"))
            lowest = reading.number(reading.member(report, "furrow:lowest"))
            highest = reading.number(reading.member(report, "furrow:highest"))
            if value is not None and (
                (lowest is not None and value < lowest) or (highest is not None and value > highest)
            ):
                return True
    return False


def test_name(tests: Sequence[Any]) -> str:
    """What the newest test looked for, by the standard it names."""
    standard = str(tests[0].get("furrow:standard", "")) if tests else ""
    return next((name for begins, name in _TESTS.items() if standard.startswith(begins)), N_("Laboratory test"))


STORAGE = {
    Temperature.AMBIENT: N_("cool and dry"),
    Temperature.CHILLED: N_("at 0–8 ℃"),
    Temperature.FROZEN: N_("below −15 ℃"),
}
"""How an item wants to be kept."""
WORDS = {
    Outcome.VALID: N_("Pass"), Outcome.HUB_ATTESTED: N_("Hub's word"), Outcome.WITHHELD: N_("Not shown"),
    Outcome.PENDING: N_("Waiting"), Outcome.ALTERED: N_("Altered"), Outcome.MISSING: N_("Missing"),
    Outcome.NOT_SIGNED: N_("Not signed"), Outcome.DISPUTED: N_("Disputed"), Outcome.ERASED: N_("Erased"),
    Outcome.STALE: N_("Out of date"), Outcome.NO_WORD: N_("No word of it"),
    Outcome.UNSTATED: N_("No record"),
}  # fmt: skip
_TONES = {
    Outcome.VALID: "pass", Outcome.HUB_ATTESTED: "warn", Outcome.WITHHELD: "unknown", Outcome.PENDING: "unknown",
    Outcome.NO_WORD: "unknown", Outcome.STALE: "warn", Outcome.ERASED: "warn", Outcome.DISPUTED: "warn",
    Outcome.UNSTATED: "unknown",
}  # fmt: skip
_ORDER = ("V3", "V5", "V4", "V6", "V7", "V11", "V13", "V1")


def tone(check: Check) -> str:
    """How a check is shown: pass, fail, warn or unknown."""
    return _TONES.get(check.outcome, "fail")


def worst_of_each(checks: list[Check]) -> list[Check]:
    """One line a kind of check: the worst finding speaks."""
    rank = {"fail": 0, "unknown": 1, "warn": 2, "pass": 3}
    of_a_kind = [[check for check in checks if check.code == code] for code in _ORDER]
    return [min(findings, key=lambda check: rank[tone(check)]) for findings in of_a_kind if findings]
