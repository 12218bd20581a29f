"""What the pages of several rooms show: how far something is, how warm it was, who said so, where a list goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from hub.models.catalogue import Temperature
from hub.web.i18n import Language
from logistics.models import Excursion
from logistics.words import TEMPERATURES


class State(NamedTuple):
    """How far something is: a word, its icon and its tone, which is empty, ok, warn, stop or act."""

    word: str
    icon: str
    tone: str = ""


@dataclass(frozen=True)
class Paging:
    """The addresses of the pages of a list before and after this one; each is empty at its end."""

    earlier: str
    later: str


def paging(path: str, query: Mapping[str, object], number: int, *, more: bool) -> Paging:
    """The pages around page ``number`` of a list that is asked for with this query."""
    address = f"{path}?{urlencode(query)}"
    return Paging(f"{address}&p={number - 1}" if number > 1 else "", f"{address}&p={number + 1}" if more else "")


def excursion_sentence(excursion: Excursion, speaks: Language) -> str:
    """How warm or cold something was, and what it may be."""
    celsius = speaks.temperature(excursion.celsius)
    if excursion.above:
        return speaks.gettext(
            "Too warm on the way: %(celsius)s, allowed up to %(highest)s.",
            celsius=celsius,
            highest=speaks.temperature(excursion.highest),
        )
    return speaks.gettext(
        "Too cold on the way: %(celsius)s, allowed down to %(lowest)s.",
        celsius=celsius,
        lowest=speaks.temperature(excursion.lowest),
    )


def spoken_by(role: str, speaks: Language) -> str:
    """Who said what the driver did; nothing where it was the driver."""
    if role == "dispatcher":
        return speaks.gettext("said by the dispatcher for the driver")
    return speaks.gettext("told by a device") if role == "device" else ""


def temperature_class(name: str, speaks: Language) -> str:
    """The word for a cold-chain class, as a shipment or a vehicle has it."""
    return speaks.gettext(TEMPERATURES[Temperature(name)])
