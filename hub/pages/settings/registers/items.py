"""What a supplier offers."""

from hub.models.catalogue import Temperature
from hub.pages.settings.registers.register_pages import pages_of
from hub.pages.settings.registers.section import Field, Section, Words
from hub.registry.items import Items
from hub.web.i18n import N_, NN_

CATEGORIES = (
    ("vegetables", N_("Vegetables")),
    ("fruit", N_("Fruit")),
    ("mushrooms", N_("Mushrooms")),
    ("meat", N_("Meat")),
    ("poultry", N_("Poultry")),
    ("eggs", N_("Eggs")),
    ("dairy", N_("Dairy")),
    ("fish", N_("Fish")),
    ("grain", N_("Grain")),
    ("tea", N_("Tea")),
    ("bakery", N_("Bakery")),
)
UNITS = (("KGM", N_("kilogram")), ("H87", N_("piece (unit)")), ("LTR", N_("litre")))
TEMPERATURES = (
    (Temperature.AMBIENT.value, N_("ambient")),
    (Temperature.CHILLED.value, N_("chilled")),
    (Temperature.FROZEN.value, N_("frozen")),
)
_FIGURE = {"inputmode": "decimal", "autocomplete": "off"}
SECTION = Section(
    register=Items(),
    path="/settings/items",
    beside=(N_("Links behind its codes"), "/settings/links?q={gtin}"),
    words=Words(
        title=N_("Items"),
        add=N_("Add an item"),
        added=N_("The item is listed: your buyers can order it."),
        end=N_("Offer it no longer"),
        end_text=N_("Nobody can order it from today on. What was ordered is still delivered; you can offer it again."),
        ended=N_("The item is offered no longer."),
        again=N_("Offer it again"),
        counted=NN_("%(num)s item.", "%(num)s items."),
        search=N_("Name or article number"),
        nothing=(N_("No item yet."), N_("Add the first one, or take a whole sheet in.")),
    ),
    fields=(
        Field(
            "gtin",
            N_("Article number (GTIN)"),
            N_("The digits under the bar code: 8, 12, 13 or 14."),
            required=True,
            attributes={"inputmode": "numeric", "autocomplete": "off"},
        ),
        Field("name_zh", N_("Chinese name"), required=True, attributes={"maxlength": "120"}),
        Field("name_en", N_("English name"), N_("Without one, English pages show the Chinese name.")),
        Field("category", N_("Category"), kind="choice", options=CATEGORIES, required=True, listed=True),
        Field("unit", N_("Sold by"), kind="choice", options=UNITS, required=True, listed=True),
        Field(
            "price", N_("Price (¥)"), N_("Before tax, for one unit."), "money",
            required=True, listed=True, attributes=_FIGURE,
        ),
        Field("temperature", N_("Temperature"), kind="choice", options=TEMPERATURES, required=True, listed=True),
        Field(
            "shelf_life_days", N_("Shelf life (days)"), kind="number",
            required=True, listed=True, attributes={"inputmode": "numeric"},
        ),
        Field(
            "case_quantity", N_("Units in a case"), kind="number", required=True, listed=True, attributes=_FIGURE,
        ),
        Field("unit_weight_kg", N_("Weight of a unit (kg)"), kind="number", attributes=_FIGURE),
        Field(
            "picture_sha256", N_("Picture"), N_("JPEG, PNG or WebP, at most 5 MB. It is made smaller."), kind="picture",
        ),
    ),
)  # fmt: skip
router = pages_of(SECTION)
