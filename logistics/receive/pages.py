"""The store's pages: today, the deliveries, counting one, the stock."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Literal

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from hub.access import Permission
from hub.lists import Search
from hub.models.base import now, plain
from hub.models.inventory import LotStock
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, SortedBy, Words, requires
from hub.web.export import MOST_ROWS, csv_file
from hub.web.routing import Router
from hub.web.templating import page
from logistics.receive import store
from logistics.receive.deliveries_view import deliveries_page, deliveries_sheet
from logistics.receive.stock_view import Stock, stock_page
from logistics.receive.store import Only, Shelf
from logistics.receive.store_view import Day, store_page

router = Router(prefix="/store", dependencies=[requires(Permission.RECEIVE_GOODS)], include_in_schema=False)
_A_PAGE = 30
_SHOWN = 8


@router.get("")
def today(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> HTMLResponse:
    """What arrives today, what went wrong, what runs out."""
    at, mine = now(), store.places(session, actor)
    begun = store.begun(mine, at)
    date, first, some = begun.date(), Search(size=_A_PAGE), Search(size=_SHOWN)
    day = Day(
        mine,
        date,
        at,
        waiting=store.deliveries(session, actor, first, open_only=True).rows,
        received=[delivery for delivery in store.deliveries(session, actor, first, day=date).rows if delivery.receipt],
        short=store.short(session, actor, begun - timedelta(days=1)),
        low=store.shelves(session, actor, some, today=date, only=Only.LOW).rows,
        near=store.shelves(session, actor, some, today=date, only=Only.NEAR).rows,
        lows=store.count(session, actor, today=date, only=Only.LOW),
        nears=store.count(session, actor, today=date, only=Only.NEAR),
    )
    return page(request, "receive/store.html", store=store_page(day, speaks))


@router.get("/deliveries")
def deliveries(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    state: Literal["open", "all"] = "open",
    q: Words = "",
    p: PageNumber = 1,
    sort: SortedBy = "",
) -> HTMLResponse:
    """Deliveries: those to count, or all."""
    search = Search(q, p, _A_PAGE, state, sort)
    listed = store.deliveries(session, actor, search, open_only=state == "open")
    shown = deliveries_page(listed, store.places(session, actor), speaks, at=now())
    return page(request, "receive/deliveries.html", list=shown)


@router.get("/deliveries.csv")
def export_deliveries(
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    state: Literal["open", "all"] = "open",
    q: Words = "",
    sort: SortedBy = "",
) -> Response:
    """The same list, to take away."""
    search = Search(q, size=MOST_ROWS + 1, sort=sort)
    listed = store.deliveries(session, actor, search, open_only=state == "open")
    headings, rows = deliveries_sheet(listed.rows, speaks)
    return csv_file(speaks.gettext("Deliveries"), headings, rows)


@router.get("/stock")
def stock(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    only: Only = Only.ALL,
    q: Words = "",
    p: PageNumber = 1,
) -> HTMLResponse:
    """The shelves, with their lots."""
    mine = store.places(session, actor)
    day = store.begun(mine, now()).date()
    search = Search(q, p, _A_PAGE)
    shelves = store.shelves(session, actor, search, today=day, only=only)
    read = Stock(
        shelves,
        mine,
        day,
        only,
        counts={part: store.count(session, actor, search, today=day, only=part) for part in Only},
        recalled=store.recalled(session, [shelf.item.id for shelf in shelves.rows]),
    )
    return page(request, "receive/stock.html", stock=stock_page(read, speaks))


@router.get("/stock.csv")
def export_stock(
    actor: ActorDep, session: SessionDep, speaks: LanguageDep, only: Only = Only.ALL, q: Words = ""
) -> Response:
    """The same shelves, a line a lot, to take away."""
    _ = speaks.gettext
    day = store.begun(store.places(session, actor), now()).date()
    shelves = store.shelves(session, actor, Search(q, size=MOST_ROWS + 1), today=day, only=only)
    header = [
        _("Store"),
        _("Item"),
        "GTIN",
        _("On hand"),
        _("Safety level"),
        _("Unit"),
        _("Lot"),
        _("Of this lot"),
        _("Best before"),
    ]
    return csv_file(
        _("Stock"),
        header,
        (
            [
                speaks.name(row.place),
                speaks.name(row.item),
                row.item.gtin,
                plain(row.level.on_hand),
                plain(row.level.safety),
                row.item.unit,
                lot.lot if lot else "",
                plain(lot.on_hand) if lot else "",
                lot.best_before if lot else None,
            ]
            for row, lot in _a_line_a_lot(shelves.rows)
        ),
    )


def _a_line_a_lot(rows: Iterable[Shelf]) -> Iterator[tuple[Shelf, LotStock | None]]:
    for row in rows:
        yield from ((row, lot) for lot in row.lots)
        if not row.lots:
            yield row, None
