"""Lots as the chain knows them, derived from the event that commissions them. Pure."""

from datetime import date
from typing import Any

from hub.errors import HubError
from hub.trace import digital_link, streams

MOST = 60
"""Lots in one transaction: the register takes 200, but current chains charge 225,000 gas for each new one."""

_EPOCH = date(1970, 1, 1)


class NoLotBegun(HubError):
    """The event commissions no lot with a salt of its own, so there is nothing to register."""

    code, status = "no-lot-begun", 422


def begins_lot(event: dict[str, Any]) -> bool:
    """Whether an event commissions a lot under a salt (``furrow:lotSalt`` in its ilmd)."""
    return "furrow:lotSalt" in event.get("ilmd", {})


def claimed(event: dict[str, Any], commitment: bytes) -> streams.Lot:
    """What a producer signs for the lot that an event commissions."""
    made = event.get("quantityList" if event["type"] == "ObjectEvent" else "outputQuantityList", [])
    if not begins_lot(event) or len(made) != 1:
        raise NoLotBegun
    salt = bytes.fromhex(event["ilmd"]["furrow:lotSalt"].removeprefix("0x"))
    key = streams.lot_key(digital_link.canonical(made[0]["epcClass"]), salt)
    return streams.Lot(key, (date.fromisoformat(event["eventTime"][:10]) - _EPOCH).days, commitment)


def to_json(lot: streams.Lot) -> dict[str, Any]:
    """A lot as it is kept and sent."""
    return {"key": lot.key.hex(), "made_on": lot.made_on, "commitment": lot.commitment.hex()}


def of_json(lot: dict[str, Any]) -> streams.Lot:
    """A lot read back."""
    return streams.Lot(bytes.fromhex(lot["key"]), lot["made_on"], bytes.fromhex(lot["commitment"]))
