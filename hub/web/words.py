"""Words that the pages of several rooms need: what a step is called, what is measured, and the days of the week."""

from hub.gs1 import master_data
from hub.trace import records
from hub.web.i18n import N_

STEPS = {
    records.PLANTING: N_("Planted"), records.SPRAYING: N_("Sprayed"), records.GROWING: N_("Grown"),
    "commissioning": N_("Harvested"), "inspecting": N_("Sampled and tested"), "packing": N_("Graded and packed"),
    "shipping": N_("Sent on its way"), "receiving": N_("Arrived and checked"), "storing": N_("Stored"),
    "sensor_reporting": N_("Temperature measured"), master_data.STATING: N_("Master data stated"),
}  # fmt: skip
GROWN = frozenset({"vegetables", "fruit", "mushrooms", "tea", "grain"})
"""Categories that are harvested; everything else is made."""
MEASURES = {
    "Temperature": N_("Temperature"), "RelativeHumidity": N_("Air humidity"), "Illuminance": N_("Light"),
    "AbsoluteHumidity": N_("Absolute humidity"),
}  # fmt: skip
WEEKDAYS = (
    ("1", N_("Monday")),
    ("2", N_("Tuesday")),
    ("3", N_("Wednesday")),
    ("4", N_("Thursday")),
    ("5", N_("Friday")),
    ("6", N_("Saturday")),
    ("7", N_("Sunday")),
)
"""By their ISO numbers."""
