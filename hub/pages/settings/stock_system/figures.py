"""Sales and stock by sheet, for a chain that has no stock system."""

from fastapi import Depends
from fastapi.responses import RedirectResponse, Response

from hub.access import Permission
from hub.pages.settings.registers.register_pages import add_sheets
from hub.pages.settings.registers.section import Field, Section, Words
from hub.pages.settings.stock_system.core_pages import of_a_retailer
from hub.registry.figures import Sales, Stock
from hub.web.deps import requires
from hub.web.i18n import N_, NN_
from hub.web.routing import Router

_PLACE = Field("place", N_("Store"), N_("Its GLN, or its name as it stands under Places."), required=True)
_ITEM = Field("item", N_("Item"), N_("Its article number (GTIN), or your own code for it."), required=True)


def _words(title: str) -> Words:
    return Words(
        title=title, add="", added="", end="", end_text="", ended="", again="",
        counted=NN_("%(num)s row.", "%(num)s rows."), search="", nothing=("", ""),
    )  # fmt: skip


SECTIONS = (
    Section(
        register=Sales(),
        path="/settings/core/sales",
        words=_words(N_("Sales")),
        fields=(
            Field("day", N_("Day"), N_("Such as 2026-11-24; or leave it empty and write a week."), "date"),
            Field("week", N_("Week"), N_("Such as 2026-W47, from Monday to Sunday; it is spread over its days.")),
            _PLACE,
            _ITEM,
            Field("quantity", N_("Quantity sold"), N_("In the unit the item is sold by."), "number", required=True),
        ),
    ),
    Section(
        register=Stock(),
        path="/settings/core/stock",
        words=_words(N_("Stock")),
        fields=(
            _PLACE,
            _ITEM,
            Field("quantity", N_("Quantity"), N_("In the unit the item is sold by."), "number", required=True),
            Field("lot", N_("Lot"), N_("A line for each lot; lots of the item that are not named are gone.")),
            Field("best_before", N_("Best before"), kind="date"),
        ),
    ),
)
_DOORS = [requires(Permission.ADMINISTER), Depends(of_a_retailer)]
"""On the inner routers too: a route looks at what stands on its own, before a stranger's body is read."""
router = Router(
    prefix="/settings/core",
    dependencies=_DOORS,
    include_in_schema=False,
)


def _add(section: Section) -> None:
    pages = Router(prefix=section.path.removeprefix("/settings/core"), dependencies=_DOORS)

    @pages.get("")
    def front() -> Response:
        """Figures have no list of their own: they are uploaded, and seen where they are used."""
        return RedirectResponse(f"{section.path}/import", 303)

    add_sheets(pages, section)
    router.include_router(pages)


for _section in SECTIONS:
    _add(_section)
