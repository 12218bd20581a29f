"""Which of several media types a client likes best (RFC 9110, 12.5.1)."""

import re
from collections.abc import Sequence


def best(accept: str, offered: Sequence[str]) -> str:
    """Of the media types that are offered the one that a client likes best; empty where it takes none (RFC 9110).

    Where it likes two alike, that which it names most exactly goes first, then that which is offered first.
    """
    ranges = [_range(entry) for entry in accept.split(",") if entry.strip()]
    liked: list[tuple[float, int, int, str]] = []
    for place, offer in enumerate(offered):
        matching = [
            (exact, weight)
            for name, weight in ranges or [("*/*", 1.0)]
            for exact, pattern in enumerate(("*/*", f"{offer.partition('/')[0]}/*", offer))
            if name == pattern
        ]
        exact, weight = max(matching, default=(0, 0.0))
        if weight > 0:
            liked.append((weight, exact, -place, offer))
    return max(liked)[-1] if liked else ""


def _range(entry: str) -> tuple[str, float]:
    """A media range and its weight; parameters do not matter here, and an unreadable weight is none."""
    name, *parameters = [part.strip().lower() for part in entry.split(";")]
    weight = next((part[2:].strip() for part in parameters if part.startswith("q=")), "1")
    return name, float(weight) if re.fullmatch(r"(0(\.\d{0,3})?|1(\.0{0,3})?)", weight) else 0.0
