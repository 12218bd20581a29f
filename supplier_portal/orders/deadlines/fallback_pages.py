"""Whose item is ordered where another's fails."""

from hub.pages.settings.registers.register_pages import pages_of
from hub.pages.settings.registers.section import Field, Section, Words
from hub.web.i18n import N_, NN_
from supplier_portal.orders.deadlines.registers import Fallbacks

_NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
SECTION = Section(
    register=Fallbacks(),
    path="/settings/fallbacks",
    words=Words(
        title=N_("Fallback suppliers"),
        add=N_("Name a fallback"),
        added=N_("If the item fails, it is ordered from there: by a click, or by the supplier's answer time."),
        end=N_("End this fallback"),
        end_text=N_("If the item fails, nothing is ordered in its place. You can take it up again."),
        ended=N_("The item has no fallback any more."),
        again=N_("Take it up again"),
        counted=NN_("%(num)s item has a fallback.", "%(num)s items have a fallback."),
        search=N_("Name or article number"),
        nothing=(N_("No item has a fallback yet."), N_("Name the item of another supplier that would do instead.")),
    ),
    fields=(
        Field(
            "gtin",
            N_("Article number (GTIN)"),
            N_("Of an item of your assortment."),
            required=True,
            attributes=_NUMBER,
        ),
        Field("supplier", N_("Supplier's GLN"), N_("Needed where you carry it of several."), attributes=_NUMBER),
        Field(
            "fallback_gtin",
            N_("Fallback item (GTIN)"),
            N_("Of your assortment too, and counted in the same unit."),
            required=True,
            listed=True,
            attributes=_NUMBER,
        ),
        Field(
            "fallback_supplier",
            N_("Fallback supplier's GLN"),
            N_("Needed where you carry it of several."),
            listed=True,
            attributes=_NUMBER,
        ),
    ),
)
router = pages_of(SECTION)
