"""Who finds what, in the order in which it is shown."""

from hub.finding import Finder
from hub.pages.product import finding as product
from hub.pages.settings import finding as kept
from hub.web.i18n import N_
from logistics import finding as moved
from supplier_portal import finding as traded
from supplier_portal.claims import finding as claimed

FINDERS = (
    Finder("orders", N_("Orders"), "box", (traded.BOUGHT, traded.SOLD)),
    Finder("claims", N_("Claims"), "ask", (claimed.BOUGHT, claimed.SOLD)),
    Finder("lots", N_("Lots"), "leaf", (traded.LOTS, product.LOTS)),
    Finder("shipments", N_("Shipments"), "truck", (moved.PLANNED, moved.DELIVERED, traded.COMING, traded.SENT)),
    Finder("items", N_("Items"), "list", (kept.OFFERED, kept.CARRIED, product.ITEMS)),
    Finder("places", N_("Places"), "pin", (kept.PLACES,)),
    Finder("people", N_("People"), "people", (kept.PEOPLE,)),
    Finder("partners", N_("Partners"), "store", (traded.SUPPLIERS, kept.PARTNERS)),
)
"""Asked one after another by `hub.pages.finding`."""
