"""Lots as the chain knows them, derived from the event that commissions them. Pure."""

from datetime import date
from typing import Any

from hub.errors import HubError
from hub.gs1 import reading
from hub.ledger.formats import streams

MOST = 60
"""Lots in one transaction: the register takes 200, but current chains charge 225,000 gas for each new one."""

SIGN = b'"furrow:lotSalt"'
"""What stands in every payload that commissions a lot."""

_EPOCH = date(1970, 1, 1)


class NoLotBegun(HubError):
    """The event commissions no lot with a salt of its own, so there is nothing to register."""

    code, status = "no-lot-begun", 422


def begins_lot(event: reading.Event) -> bool:
    """Whether an event commissions a lot under a salt (``furrow:lotSalt`` in its ilmd).

    Its declaration as an error does not.
    """
    ilmd = event.get("ilmd")
    return isinstance(ilmd, dict) and "furrow:lotSalt" in ilmd and "errorDeclaration" not in event


def may_begin(payload: bytes | None) -> bool:
    """Whether a payload can commission a lot at all, told without reading it: most do not."""
    return payload is not None and SIGN in payload


def claimed(event: reading.Event | None, commitment: bytes) -> streams.Lot:
    """What a producer signs for the lot that an event commissions."""
    day = None if event is None else reading.day(event)
    if event is None or day is None or day < _EPOCH or not begins_lot(event):
        raise NoLotBegun
    link = link_of(event)
    if not link:
        raise NoLotBegun
    try:
        salt = bytes.fromhex(reading.text(event["ilmd"], "furrow:lotSalt").removeprefix("0x"))
        key = streams.lot_key(link, salt)
    except ValueError as problem:
        raise NoLotBegun from problem
    return streams.Lot(key, (day - _EPOCH).days, commitment)


def link_of(event: reading.Event | None) -> str:
    """The link of the lot that an event begins; empty where it begins none or several."""
    part = "epc" if reading.text(event, "type") == "ObjectEvent" else "output"
    links = [quantity.link for quantity in reading.quantities(event or {}) if quantity.part == part]
    return links[0] if len(links) == 1 else ""


def begun(event: reading.Event | None, commitment: bytes) -> streams.Lot | None:
    """The lot that an event commissions, where it commissions one that can be read."""
    try:
        return claimed(event, commitment)
    except NoLotBegun:
        return None


def to_json(lot: streams.Lot) -> dict[str, Any]:
    """A lot as it is kept and sent."""
    return {"key": lot.key.hex(), "made_on": lot.made_on, "commitment": lot.commitment.hex()}


def of_json(lot: dict[str, Any]) -> streams.Lot:
    """A lot read back."""
    return streams.Lot(bytes.fromhex(lot["key"]), lot["made_on"], bytes.fromhex(lot["commitment"]))
