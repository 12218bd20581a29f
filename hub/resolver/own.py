"""What the hub has itself for a scanned link: the shopper's pages of an item and of a lot. Pure."""

from urllib.parse import quote

from hub.gs1.digital_link import Link
from hub.resolver.anchors import Anchor
from hub.resolver.choosing import Target

FARTHEST = 1_000
"""What somebody keeps goes before what is here for everybody, however near that is."""
_SPOKEN = ("zh", "en")
_OF_A_LOT = ("gs1:traceability", "gs1:recallStatus")


def targets(link: Link, recalled: bool = False) -> list[Target]:
    """The pages of an item, and of a lot that is named; of a lot called back its recall leads."""
    if link.ai != "01":
        return []
    lot = link.qualifier("10")
    page, key = f"/product/{link.value}", Anchor(link.ai, link.value)
    if lot is None:
        return [_page(FARTHEST, key, "gs1:pip", page)]
    of_lot = Anchor(link.ai, link.value, (("10", lot),))
    address = f"{page}/{quote(lot, safe='')}"
    types = reversed(("gs1:pip", *_OF_A_LOT)) if recalled else ("gs1:pip", *_OF_A_LOT)
    leading = "gs1:recallStatus" if recalled else "gs1:pip"
    return [_page(FARTHEST, of_lot, kind, address, default=kind == leading) for kind in types] + [
        _page(FARTHEST + 1, key, "gs1:pip", page)
    ]


def _page(level: int, anchor: Anchor, link_type: str, address: str, *, default: bool = True) -> Target:
    return Target(level, anchor.about, link_type, address, "", "text/html", _SPOKEN, (), default)
