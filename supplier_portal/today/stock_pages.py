"""Stock in all stores: what is there, what is below its safety level, what ends soon."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from hub.access import Permission
from hub.lists import CountedPage, Search
from hub.models.base import now
from hub.models.party import Organization
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, SortedBy, Words, requires
from hub.web.export import MOST_ROWS, csv_file
from hub.web.routing import Router
from hub.web.templating import page
from supplier_portal.today import stock_book
from supplier_portal.today.stock_book import LevelRow, LotRow
from supplier_portal.today.stock_view import Part, Shelves, stock_page

router = Router(prefix="/buyer", dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)
_A_PAGE = 50


@router.get("/stock")
def stock(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    state: Part = "all",
    q: Words = "",
    store: UUID | None = None,
    p: PageNumber = 1,
    sort: SortedBy = "",
) -> HTMLResponse:
    """Every store and item; what is below its safety level; what ends soon."""
    at = now()
    own = session.get_one(Organization, actor.organization_id)
    day = own.day(at)
    search = Search(q, p, _A_PAGE, sort=sort)
    rows: CountedPage[LevelRow] | CountedPage[LotRow]
    if state == "ending":
        rows = stock_book.near_expiry(session, search, today=day, place_id=store)
    else:
        rows = stock_book.levels(session, search, below=state == "below", place_id=store)
    shelves = Shelves(
        at=at,
        today=day,
        part=state,
        rows=rows,
        counts={
            "all": stock_book.levels(session, Search(size=1)).total,
            "below": stock_book.levels(session, Search(size=1), below=True).total,
            "ending": stock_book.near_expiry(session, Search(size=1), today=day).total,
        },
        stores=stock_book.stores(session),
        store=store,
    )
    return page(request, "today/stock.html", stock=stock_page(shelves, speaks))


@router.get("/stock/export.csv")
def export(
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    state: Part = "all",
    q: Words = "",
    store: UUID | None = None,
    sort: SortedBy = "",
) -> Response:
    """The same list to take away."""
    _ = speaks.gettext
    own = session.get_one(Organization, actor.organization_id)
    day = own.day(now())
    search = Search(q, size=MOST_ROWS + 1, sort=sort)
    if state == "ending":
        lots = stock_book.near_expiry(session, search, today=day, place_id=store)
        return csv_file(
            _("Stock"),
            [_("Store"), _("Item"), "GTIN", _("Lot"), _("On hand"), _("Unit"), _("Best before")],
            (
                [
                    speaks.name(r.place),
                    speaks.name(r.item),
                    r.item.gtin,
                    r.stock.lot,
                    r.stock.on_hand,
                    r.item.unit,
                    r.stock.best_before,
                ]
                for r in lots.rows
            ),
        )
    levels = stock_book.levels(session, search, below=state == "below", place_id=store)
    return csv_file(
        _("Stock"),
        [_("Store"), _("Item"), "GTIN", _("On hand"), _("Order below"), _("Fill up to"), _("Unit"), _("As of")],
        (
            [
                speaks.name(r.place),
                speaks.name(r.item),
                r.item.gtin,
                r.level.on_hand,
                r.level.safety,
                r.level.target,
                r.item.unit,
                r.level.as_of.isoformat(timespec="minutes"),
            ]
            for r in levels.rows
        ),
    )
