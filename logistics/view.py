"""What the pages of several rooms say: how warm something was, who said so, what it needs."""

from hub.models.catalogue import Temperature
from hub.web.i18n import Language
from logistics.models import Excursion
from logistics.words import TEMPERATURES


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
    """A sentence on who said what the driver did; nothing where it was the driver."""
    if role == "dispatcher":
        return speaks.gettext("The dispatcher said so for the driver.")
    return speaks.gettext("A device said so.") if role == "device" else ""


def temperature_class(name: str, speaks: Language) -> str:
    """The word for a cold-chain class, as a shipment or a vehicle has it."""
    return speaks.gettext(TEMPERATURES[Temperature(name)])
