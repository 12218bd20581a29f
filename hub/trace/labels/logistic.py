"""What a GS1 logistic label says of a unit under its SSCC: in words, and in the bar codes below them. Pure.

Source: GS1 Logistic Label Guideline 1.3: the SSCC always and lowest; of a unit of one item its content (02) and count
(37); lot and date only where all of the unit is of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from hub.gs1.syntax.identifiers import Pair

_MOST_COUNTED = 99_999_999


@dataclass(frozen=True)
class Content:
    """So much of a lot in a unit, in cases of so much each."""

    gtin: str
    name_zh: str
    name_en: str
    lot: str
    best_before: date | None
    quantity: Decimal
    unit: str
    case: Decimal


@dataclass(frozen=True)
class LogisticLabel:
    """A unit with who sends it to whom, for which order."""

    sscc: str
    sender: str
    receiver: str
    order: str
    dispatch: str
    contents: Sequence[Content]

    @property
    def codes(self) -> list[list[Pair]]:
        """What each bar code holds, from above to below; the SSCC is the last."""
        return [*([pairs] if (pairs := self._of_one_item()) else []), *self._of_one_lot(), [("00", self.sscc)]]

    @property
    def whole(self) -> list[Pair]:
        """Everything in one symbol, the SSCC first."""
        return [("00", self.sscc), *self._of_one_item(), *(pair for pairs in self._of_one_lot() for pair in pairs)]

    def _of_one_item(self) -> list[Pair]:
        """Content and date; of a unit of several items nothing."""
        if len({content.gtin for content in self.contents}) != 1:
            return []
        days = {content.best_before for content in self.contents}
        day = days.pop() if len(days) == 1 else None
        return [("02", self.contents[0].gtin.zfill(14)), *([("15", f"{day:%y%m%d}")] if day else [])]

    def _of_one_lot(self) -> list[list[Pair]]:
        """Count, weight and lot, which take as much room as they are long: a bar code of their own."""
        if not self._of_one_item():
            return []
        pairs: list[Pair] = []
        whole = sum((content.quantity for content in self.contents), Decimal(0))
        if self.contents[0].unit == "KGM" and (grams := round(whole * 100)) <= 999_999:
            pairs.append(("3102", f"{grams:06d}"))
        pairs.append(("37", str(min(_cases(self.contents[0], whole), _MOST_COUNTED))))
        lots = {content.lot for content in self.contents}
        return [[*pairs, *([("10", lots.pop())] if len(lots) == 1 else [])]]


def _cases(content: Content, whole: Decimal) -> int:
    """How many there are: pieces are counted, what is weighed comes in cases."""
    counted = whole if content.unit == "H87" or not content.case else whole / content.case
    return max(int(counted.to_integral_value(ROUND_CEILING)), 1)
