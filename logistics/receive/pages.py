"""The store's pages: today, the deliveries, counting one, the stock."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import pictures
from hub.access import Actor, Permission
from hub.errors import HubError
from hub.inputs import Figure
from hub.lists import Search
from hub.models.base import now, plain
from hub.models.inventory import LotStock
from hub.models.party import Organization
from hub.models.trade import Shipment
from hub.pictures import Clean
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, SortedBy, Words, requires
from hub.web.export import MOST_ROWS, csv_file
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_, Language
from hub.web.idempotency import Once
from hub.web.routing import Router
from hub.web.templating import go, page
from logistics.drive import tracking
from logistics.receive import receiving, store
from logistics.receive.deliveries_view import deliveries_page, deliveries_sheet
from logistics.receive.delivery_view import DeliverySheet, delivery_page
from logistics.receive.receiving import Counted, LineCount
from logistics.receive.stock_view import Stock, stock_page
from logistics.receive.store import Only, Shelf
from logistics.receive.store_view import Day, store_page

router = Router(prefix="/store", dependencies=[requires(Permission.RECEIVE_GOODS)], include_in_schema=False)
_A_PAGE = 30
_SHOWN = 8


class TypedCount(BaseModel):
    """What was chosen and typed for one line: ``but`` accepts it all, and complains of what is ``concerned``."""

    line: UUID
    answer: Literal["all", "but", "less", "none"] = "all"
    quantity: Figure | None = Field(default=None, ge=0, max_digits=18, decimal_places=6)
    concerned: Figure | None = Field(default=None, ge=0, max_digits=18, decimal_places=6)
    reason: str = Field(default="", max_length=200)


class TypedCounts(BaseModel):
    """A count of a whole shipment."""

    lines: list[TypedCount]
    note: str = Field(default="", max_length=400)
    disputed: bool = False


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


@router.get("/deliveries/{sscc}")
def delivery(request: Request, sscc: str, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """One delivery: what was announced, what happened on the way, and the count."""
    return _delivery(request, session, actor, sscc, form)


@router.post("/deliveries/{sscc}/receipt")
def receive(
    request: Request,
    sscc: str,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[TypedCounts], filled(TypedCounts)],
) -> Response:
    """Receive a delivery as it was counted."""
    shipment = store.delivery(session, actor, sscc).shipment
    # A count that was kept on a phone may come twice; known, it is answered as the first time.
    once = Once.of_form(form.value("once"), f"receipt/{shipment.id}")
    if once.known(session) is None:
        _receive(session, actor, shipment, form, once)
    if form.errors:
        for name in set(form.files) - set(form.errors):
            form.errors[name] = form.language.gettext("Choose the photo once more: it was not sent with the rest.")
        return _delivery(request, session, actor, sscc, form)
    toast = form.language.gettext(N_("Received: stock and ledger are told."))
    return go(request, f"/store/deliveries/{shipment.sscc}", toast=toast)


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


def _delivery(request: Request, session: Session, actor: Actor, sscc: str, form: Filled[Any]) -> HTMLResponse:
    held = store.delivery(session, actor, sscc)
    lines = receiving.announced(session, held.shipment)
    sheet = DeliverySheet(
        held,
        lines,
        held.place.day(held.receipt.received_at if held.receipt else now()),
        counted=receiving.counted(session, held.receipt) if held.receipt else {},
        readings=tracking.readings(session, held.shipment.id),
        recalled=store.recalled(session, [line.item.id for line in lines]),
    )
    status = 422 if form.errors else 200
    shown = delivery_page(sheet, form.language)
    return page(request, "receive/delivery.html", status=status, delivery=shown, form=form)


def _receive(session: Session, actor: Actor, shipment: Shipment, form: Filled[TypedCounts], once: Once) -> None:
    """Receive what a form counts, once; what is wrong with it is said beside its field."""
    count, photos = _counted(session, shipment, form), _photos(form)
    if count is None or form.errors:
        return

    def work() -> str:
        return str(receiving.receive(session, actor, shipment, count, at=now(), photos=photos).id)

    with form.attempt(session):
        once.kept(session, work)


def _counted(session: Session, shipment: Shipment, form: Filled[TypedCounts]) -> Counted | None:
    """The count that a form tells; None where it has to say more, each line for itself."""
    if form.read is None:
        return None
    announced = {part.line.id: part for part in receiving.announced(session, shipment)}
    tolerance = session.get_one(Organization, shipment.buyer_id).weight_tolerance
    counts = []
    for number, typed in enumerate(form.read.lines):
        part = announced.get(typed.line)
        whole = part.line.quantity if part else Decimal(0)
        quantity = {"all": whole, "but": whole, "none": Decimal(0)}.get(typed.answer, typed.quantity)
        if quantity is None or (typed.answer == "less" and quantity >= whole):
            form.errors[f"lines.{number}.quantity"] = _less_than(whole, form.language, typed=quantity is not None)
            continue
        concerned = (typed.concerned or Decimal(0)) if typed.answer == "but" else Decimal(0)
        if typed.answer == "but" and not concerned:
            form.errors[f"lines.{number}.concerned"] = form.language.gettext("Enter how much of it is not in order.")
            continue
        reason = "" if typed.answer == "all" else typed.reason
        counts.append(LineCount(line=typed.line, quantity=quantity, concerned=concerned, reason=reason))
        if part is not None:
            with form.attempt(session, f"lines.{number}.quantity"):
                receiving.judge(part, counts[-1], tolerance, at=f"lines.{number}")
    return None if form.errors else Counted(lines=counts, note=form.read.note, disputed=form.read.disputed)


def _photos(form: Filled[TypedCounts]) -> dict[UUID, Clean]:
    """The photos of the lines that have something to show, made anew; what cannot be taken in is said beside it."""
    taken = {}
    for number, typed in enumerate(form.read.lines if form.read else []):
        name = f"lines.{number}.photo"
        if name not in form.files or typed.answer == "all":
            continue
        try:
            taken[typed.line] = pictures.picture(form.files[name].file.read())
        except HubError as refusal:
            form.errors[name] = form.language.sentence(refusal.sentence, refusal.values)
    return taken


def _less_than(whole: Decimal, speaks: Language, *, typed: bool) -> str:
    """What to enter where “less” was chosen: the form's own question, since “all” has an answer of its own."""
    if not typed:
        return speaks.gettext("Enter how much you accept.")
    return speaks.gettext("Enter less than %(announced)s, or choose “Accept all”.", announced=speaks.number(whole))


def _a_line_a_lot(rows: Iterable[Shelf]) -> Iterator[tuple[Shelf, LotStock | None]]:
    for row in rows:
        yield from ((row, lot) for lot in row.lots)
        if not row.lots:
            yield row, None
