"""Stores and centres, farms and packing houses, depots: the places of an organisation."""

from hub.models.party import PlaceKind
from hub.pages.settings.register_pages import pages_of
from hub.pages.settings.section import Field, Section, Words
from hub.registry.places import Places
from hub.web.i18n import N_, NN_

KINDS = (
    (PlaceKind.STORE.value, N_("Store")),
    (PlaceKind.DISTRIBUTION_CENTRE.value, N_("Distribution centre")),
    (PlaceKind.FARM.value, N_("Farm, field or greenhouse")),
    (PlaceKind.PACKHOUSE.value, N_("Packing house or plant")),
    (PlaceKind.DEPOT.value, N_("Depot")),
)
SECTION = Section(
    register=Places(),
    path="/settings/places",
    words=Words(
        title=N_("Places"),
        add=N_("Add a place"),
        added=N_("The place is added."),
        end=N_("Close this place"),
        end_text=N_("Nothing new is sent there from today on. What was recorded of it stays; you can open it again."),
        ended=N_("The place is closed from today on."),
        again=N_("Open it again"),
        counted=NN_("%(num)s place.", "%(num)s places."),
        search=N_("Name or GLN"),
        nothing=(N_("No place yet."), N_("Add the first one, or take a whole sheet in.")),
    ),
    fields=(
        Field("name_zh", N_("Chinese name"), required=True, attributes={"maxlength": "120"}),
        Field("name_en", N_("English name"), N_("Without one, English pages show the Chinese name.")),
        Field("kind", N_("Kind"), kind="choice", options=KINDS, listed=True),
        Field(
            "gln",
            N_("GLN"),
            N_("13 digits, from GS1. Without one it gets a number of the hub's own, which you can replace later."),
            attributes={"inputmode": "numeric", "autocomplete": "off"},
        ),
        Field("latitude", N_("Latitude"), N_("Such as 36.667."), kind="number", required=True),
        Field("longitude", N_("Longitude"), N_("Such as 117.077."), kind="number", required=True),
        Field("opens", N_("Takes goods from"), kind="time", listed=True),
        Field("closes", N_("Takes goods until"), kind="time", listed=True),
        Field("served_from", N_("Served from"), N_("The GLN of one of your distribution centres.")),
    ),
)
router = pages_of(SECTION)
