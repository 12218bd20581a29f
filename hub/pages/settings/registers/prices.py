"""What a supplier asks of each buyer, from when until when."""

from hub.pages.settings.registers.register_pages import pages_of
from hub.pages.settings.registers.section import Field, Section, Words
from hub.registry.prices import Prices
from hub.web.i18n import N_, NN_

SECTION = Section(
    register=Prices(),
    path="/settings/prices",
    words=Words(
        title=N_("Prices"),
        add=N_("Add a price"),
        added=N_("The price is kept: it holds from its first day on."),
        end=N_("End this price"),
        end_text=N_(
            "It holds no more from today on: everybody's price holds again, else the item's own. "
            "Orders keep the price that they were placed at."
        ),
        ended=N_("The price holds no more."),
        again=N_("Let it hold again"),
        counted=NN_("%(num)s price.", "%(num)s prices."),
        search=N_("Item or buyer"),
        nothing=(
            N_("No price yet."),
            N_("Until there is one, every buyer pays the price that stands with the item."),
        ),
    ),
    fields=(
        Field(
            "gtin",
            N_("Article number (GTIN)"),
            N_("Of an item that you offer."),
            required=True,
            attributes={"inputmode": "numeric", "autocomplete": "off"},
        ),
        Field("buyer", N_("Buyer's GLN"), N_("Without one the price is for every buyer."), listed=True),
        Field(
            "price", N_("Price (¥)"), N_("Before tax, for one unit."), "money",
            required=True, listed=True, attributes={"inputmode": "decimal", "autocomplete": "off"},
        ),
        Field(
            "valid_from",
            N_("Valid from"),
            N_("A price without a last day that runs by then ends the day before."),
            "date",
            required=True,
            listed=True,
        ),
        Field("valid_to", N_("Valid to"), N_("The last day. Empty: until the next price begins."), "date", listed=True),
        Field(
            "breaks",
            N_("Price from a quantity on"),
            N_("Such as 100: 4.50; 500: 4.20. It holds for as long as this price."),
            listed=True,
            attributes={"autocomplete": "off"},
        ),
    ),
)  # fmt: skip
router = pages_of(SECTION)
