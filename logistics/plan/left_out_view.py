"""What could not be planned: why, and what would mend it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub.web.i18n import Language
from logistics.plan.board import Board, Left
from logistics.view import temperature_class

_MENDED_BY_VEHICLE = ("ends", "weight", "pallets")


@dataclass(frozen=True)
class Change:
    """The vehicle that would take a shipment if it were changed."""

    plate: str
    address: str


@dataclass(frozen=True)
class Waiting:
    """A shipment that no route takes: its letter on the map, why, and what would change that."""

    letter: str
    place: str
    weight_kg: int
    temperature: str
    reason: str
    change: Change | None
    number: str
    window: str


def waiting(left: Left, board: Board, vehicles: Mapping[str, UUID], speaks: Language) -> Waiting:
    consignment, zone = left.consignment, board.haulier
    planned = left.why or board.published or board.latest
    sentences = [_why(left, board, speaks), _remedy(left, board, speaks)] if planned else []
    return Waiting(
        letter=left.letter,
        place=speaks.name(consignment.place),
        weight_kg=round(consignment.shipment.weight_kg),
        temperature=temperature_class(consignment.shipment.temperature, speaks),
        reason=("" if speaks.code == "zh" else " ").join(sentence for sentence in sentences if sentence),
        change=_change(left.why, vehicles) if left.why else None,
        number=consignment.shipment.number,
        window=f"{speaks.clock(consignment.opens, zone)}–{speaks.clock(consignment.closes, zone)}",
    )


def _change(why: dict[str, Any], vehicles: Mapping[str, UUID]) -> Change | None:
    plate = why.get("plate", "")
    if plate not in vehicles or not any(figure in why for figure in _MENDED_BY_VEHICLE):
        return None
    return Change(plate, f"/dispatch/vehicles/{vehicles[plate]}")


def _why(left: Left, board: Board, speaks: Language) -> str:
    """Why nobody takes a shipment."""
    zone, why = board.haulier, left.why
    if why is None:
        return speaks.gettext("It came after the plan was made.")
    match why["reason"]:
        case "closed":
            return speaks.gettext("The place takes no goods in on this day of the week.")
        case "no-vehicle":
            return speaks.gettext("No vehicle is in service.")
        case "unreachable":
            return speaks.gettext("Nobody could drive there and back within a whole shift.")
        case "temperature":
            return speaks.gettext("No vehicle that drives that day keeps it as cold as it must be.")
        case "capacity":
            return speaks.gettext(
                "%(plate)s comes nearest, and is %(by)s kg too small for it.",
                plate=why["plate"],
                by=speaks.number(math.ceil(why["by"])),
            )
        case "pallets":
            return speaks.gettext(
                "%(plate)s comes nearest, and lacks room for %(by)s pallets.",
                plate=why["plate"],
                by=speaks.number(why["by"]),
            )
        case "window":
            return speaks.gettext(
                "No vehicle reaches it before %(closes)s. The nearest, %(plate)s, arrives at %(begins)s.",
                closes=speaks.clock(left.consignment.closes, zone),
                plate=why["plate"],
                begins=speaks.clock(why["begins"], zone),
            )
        case "shift":
            return speaks.gettext(
                "The shift of %(plate)s would end %(by)s min too late.", plate=why["plate"], by=why["by"]
            )
    return speaks.gettext("%(plate)s would reach its next stops %(by)s min too late.", plate=why["plate"], by=why["by"])


def _remedy(left: Left, board: Board, speaks: Language) -> str:
    """What it would take to take a shipment along; nothing where no change of ours would help."""
    zone, why = board.haulier, left.why or {}
    changes = []
    if "weight" in why:
        weight = speaks.number(math.ceil(why["weight"]))
        changes.append(speaks.gettext("a load of %(weight)s kg on %(plate)s", weight=weight, plate=why["plate"]))
    if "pallets" in why:
        pallets = speaks.number(why["pallets"])
        changes.append(speaks.gettext("%(pallets)s pallets on %(plate)s", pallets=pallets, plate=why["plate"]))
    if "closes" in why:
        changes.append(speaks.gettext("the store open until %(time)s", time=speaks.clock(why["closes"], zone)))
    if "ends" in why:
        ends = speaks.clock(why["ends"], zone)
        changes.append(speaks.gettext("a shift until %(time)s for %(plate)s", time=ends, plate=why["plate"]))
    if "later_by" in why:
        changes.append(speaks.gettext("%(by)s min more for the stops after it", by=why["later_by"]))
    if "temperature" in why.get("also", ()):
        changes.append(speaks.gettext("a vehicle of the right class"))
    if not changes:
        return ""
    return speaks.gettext("It would take: %(what)s.", what=speaks.gettext(", ").join(changes))
