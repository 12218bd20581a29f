"""What a retailer carries."""

from hub.pages.settings.registers.register_pages import pages_of
from hub.pages.settings.registers.section import Field, Section, Words
from hub.registry.assortment import Carried
from hub.web.i18n import N_, NN_

SECTION = Section(
    register=Carried(),
    path="/settings/assortment",
    words=Words(
        title=N_("Assortment"),
        add=N_("Take an item in"),
        added=N_("The item is in your assortment: it can be ordered."),
        end=N_("Carry it no longer"),
        end_text=N_("It is ordered no more. What was ordered is still received; you can take it in again."),
        ended=N_("The item is carried no longer."),
        again=N_("Carry it again"),
        counted=NN_("%(num)s item carried.", "%(num)s items carried."),
        search=N_("Name, article number or code"),
        nothing=(
            N_("Nothing is carried yet."),
            N_("Take in what your suppliers offer, one by one or by a whole sheet."),
        ),
    ),
    fields=(
        Field(
            "gtin",
            N_("Article number (GTIN)"),
            N_("Of an item that one of your suppliers lists."),
            required=True,
            attributes={"inputmode": "numeric", "autocomplete": "off"},
        ),
        Field("supplier", N_("Supplier's GLN"), N_("Needed where several offer the item."), listed=True),
        Field(
            "core_code",
            N_("Code in your stock system"),
            N_("Without one the item goes by its article number."),
            listed=True,
        ),
        Field(
            "safety",
            N_("Safety level for each store"),
            N_("In the unit it is sold by. Without one it follows from the forecast."),
            "number",
            listed=True,
            attributes={"inputmode": "decimal", "autocomplete": "off"},
        ),
        Field(
            "review_days",
            N_("Days between orders"),
            N_("How long an order is to last until the next. Without them, as with the supplier's other items."),
            "number",
            listed=True,
            attributes={"inputmode": "numeric"},
        ),
        Field(
            "least_days_left",
            N_("Least days left on receipt"),
            N_("Until the best-before date. Stores are warned of a lot that has less."),
            "number",
            listed=True,
            attributes={"inputmode": "numeric"},
        ),
    ),
)
router = pages_of(SECTION)
