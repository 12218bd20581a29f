"""Orders by the sheet: an empty one, what is here, and one taken in."""

from hub.access import Permission
from hub.pages.settings.registers.register_pages import add_sheets
from hub.pages.settings.registers.section import Field, Section, Words
from hub.web.deps import requires
from hub.web.i18n import N_, NN_
from hub.web.routing import Router
from supplier_portal.orders.sheets.written import OrderSheets

SECTION = Section(
    register=OrderSheets(),
    path="/buyer/orders/sheet",
    home="/buyer/orders?state=drafts",
    words=Words(title=N_("Orders"), counted=NN_("%(num)s row.", "%(num)s rows.")),
    fields=(
        Field("supplier", N_("Supplier's GLN"), N_("Needed where you carry it of several.")),
        Field("place", N_("Place"), N_("GLN or name of your store or centre."), required=True),
        Field("deliver_on", N_("Arrives"), N_("Such as 2026-11-24."), "date", required=True),
        Field("item", N_("Item"), N_("Article number, or your own code."), required=True),
        Field("quantity", N_("Quantity"), required=True, kind="number"),
        Field(
            "counted",
            N_("Counted in"),
            N_("Empty: in the unit it is sold by."),
            "choice",
            options=(("unit", N_("Sales unit")), ("case", N_("Case"))),
        ),
    ),
)
router = Router(prefix=SECTION.path, dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)
add_sheets(router, SECTION)
