"""North American coupons, application identifiers 8110 and 8112: a row of fields that each say how long the next is.

Source: gs1/gs1-syntax-dictionary, src/lint_couponcode.c and lint_couponposoffer.c (Apache-2.0).
"""

from collections.abc import Callable


class _Fault(Exception):
    """GS1's word for what is wrong."""


class _Reader:
    """Digits from left to right; each step refuses in GS1's words."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def begins(self, sign: str) -> bool:
        """Whether the optional field of this number follows; it is read."""
        found = self.text[self.at : self.at + 1] == sign
        self.at += found
        return found

    def one(self, missing: str, allowed: str, invalid: str) -> str:
        """A digit out of those allowed."""
        digit = self.text[self.at : self.at + 1]
        if not digit:
            raise _Fault(missing)
        if digit not in allowed:
            raise _Fault(invalid)
        self.at += 1
        return digit

    def some(self, count: int, truncated: str) -> str:
        """So many digits."""
        found = self.text[self.at : self.at + count]
        if len(found) < count:
            raise _Fault(truncated)
        self.at += count
        return found

    def sized(self, what: str, lengths: str, more: int = 0) -> str:
        """Digits behind the one that says how many they are; 9 says none where it is allowed."""
        size = self.one(f"COUPON_MISSING_{what}_VLI", lengths, f"COUPON_INVALID_{what}_LENGTH")
        none = size == "9" and lengths != _ANY
        return self.some(0 if none else int(size) + more, f"COUPON_TRUNCATED_{what}")

    def end(self) -> None:
        """Nothing is left."""
        if self.at < len(self.text):
            raise _Fault("COUPON_EXCESS_DATA")


_ANY = "0123456789"
_PREFIX = "0123456"
_VALUE = "12345"


def fault(text: str, day: Callable[[str], str]) -> str:
    """What is wrong with a coupon's digits, or nothing; ``day`` says what is wrong with a day."""
    reader = _Reader(text)
    try:
        reader.sized("GCP", _PREFIX, 6)
        reader.some(6, "COUPON_TRUNCATED_OFFER_CODE")
        reader.sized("SAVE_VALUE", _VALUE)
        _purchase(reader, "1ST")
        if reader.begins("1"):
            rules = "ADDITIONAL_PURCHASE_RULES_CODE"
            reader.one(f"COUPON_MISSING_{rules}", "0123", f"COUPON_INVALID_{rules}")
            _purchase(reader, "2ND")
            reader.sized("2ND_PURCHASE_GCP", _PREFIX + "9", 6)
        if reader.begins("2"):
            _purchase(reader, "3RD")
            reader.sized("3RD_PURCHASE_GCP", _PREFIX + "9", 6)
        _days(reader, day)
        if reader.begins("5"):
            reader.sized("SERIAL_NUMBER", _ANY, 6)
        if reader.begins("6"):
            reader.sized("RETAILER_GCP_OR_GLN", "1234567", 6)
        if reader.begins("9"):
            _flags(reader)
        reader.end()
    except _Fault as wrong:
        return str(wrong)
    return ""


def _purchase(reader: _Reader, which: str) -> None:
    reader.sized(f"{which}_PURCHASE_REQUIREMENT", _VALUE)
    code = f"{which}_PURCHASE_REQUIREMENT_CODE"
    reader.one(f"COUPON_MISSING_{code}", "012349", f"COUPON_INVALID_{code}")
    reader.some(3, f"COUPON_TRUNCATED_{which}_PURCHASE_FAMILY_CODE")


def _days(reader: _Reader, day: Callable[[str], str]) -> None:
    until = ""
    if reader.begins("3"):
        until = reader.some(6, "COUPON_TOO_SHORT_FOR_EXPIRATION_DATE")
        if day(until):
            raise _Fault("COUPON_INVALID_EXIPIRATION_DATE")  # GS1 spells it so
    if reader.begins("4"):
        since = reader.some(6, "COUPON_TOO_SHORT_FOR_START_DATE")
        if day(since):
            raise _Fault("COUPON_INVALID_START_DATE")
        if until and since > until:
            raise _Fault("COUPON_EXPIRATION_BEFORE_START")


def _flags(reader: _Reader) -> None:
    for what, allowed in (
        ("SAVE_VALUE_CODE", "01256"),
        ("SAVE_VALUE_APPLIES_TO_ITEM", "012"),
        ("STORE_COUPON_FLAG", _ANY),
        ("DONT_MULTIPLY_FLAG", "01"),
    ):
        reader.one(f"COUPON_MISSING_{what}", allowed, f"COUPON_INVALID_{what}")


def offer_fault(text: str) -> str:
    """What is wrong with the digits of a coupon that is looked up by its offer, or nothing."""
    reader = _Reader(text)
    try:
        reader.one("COUPON_MISSING_FORMAT_CODE", "01", "COUPON_INVALID_FORMAT_CODE")
        reader.sized("FUNDER", _PREFIX, 6)
        reader.some(6, "COUPON_TRUNCATED_OFFER_CODE")
        reader.sized("SERIAL_NUMBER", _ANY, 6)
        reader.end()
    except _Fault as wrong:
        return str(wrong)
    return ""
