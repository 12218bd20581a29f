"""What a check found: its outcome, the reason, and whether all of some are good."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hub.errors import N_


class Outcome(StrEnum):
    """What a check found."""

    VALID = "valid"
    HUB_ATTESTED = "hub-attested"
    WITHHELD = "withheld"
    PENDING = "pending"
    ALTERED = "altered"
    MISSING = "missing"
    NOT_SIGNED = "not-signed"
    DISPUTED = "disputed"
    ERASED = "erased"
    STALE = "stale"
    NO_WORD = "no-word"
    UNSTATED = "unstated"


GOOD = frozenset({Outcome.VALID, Outcome.HUB_ATTESTED, Outcome.WITHHELD, Outcome.NO_WORD, Outcome.UNSTATED})
"""Outcomes that "all valid" allows; what is no word of a lot, or covered by no record, is set apart."""

TITLES = {
    "V1": N_("The right chain, fresh and final"),
    "V2": N_("What the chain stores, proved"),
    "V3": N_("The content was not altered"),
    "V4": N_("No record is missing"),
    "V5": N_("It stands in the ledger"),
    "V6": N_("Signed by its member"),
    "V7": N_("Who holds the key"),
    "V9": N_("The ledger was never rewritten"),
    "V11": N_("Lots, hand-overs and recalls agree on both sides"),
    "V13": N_("Names and papers are as their owners signed them"),
}


@dataclass(frozen=True)
class Check:
    """One finding: which check, about what, how it came out and why."""

    code: str
    outcome: Outcome
    reason: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What was checked, as a sentence to translate."""
        return TITLES[self.code]

    @property
    def good(self) -> bool:
        """Whether "all valid" allows it."""
        return self.outcome in GOOD

    def __str__(self) -> str:
        return f"{self.code} {self.outcome}: {self.reason % self.values}"


def all_good(checks: Iterable[Check]) -> bool:
    """Whether nothing stands outside valid, hub-attested, withheld and no word of the lot's."""
    return all(check.good for check in checks)


def ranges(numbers: Sequence[int]) -> str:
    """``3, 7–9``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    shown = [str(first) if first == last else f"{first}–{last}" for first, last in parts]
    return ", ".join(shown[:20]) + (" …" if len(shown) > 20 else "")
