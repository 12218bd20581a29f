"""What a shopper sees behind the QR code: the lot's journey, what was tested, and whether anybody altered it."""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlmodel import Session

from hub import db
from hub.errors import NotFound
from hub.gs1 import digital_link
from hub.models.base import now
from hub.models.catalogue import TradeItem
from hub.pages.product import item, kept, lookup
from hub.pages.product.evidence import evidence_of
from hub.pages.product.item_view import Inquiry, item_page
from hub.pages.product.kept import Pulses, Scan
from hub.pages.product.lookup import SeveralMakers, UnknownLot
from hub.pages.product.proof import Sealers
from hub.pages.product.view import lot_page
from hub.settings import settings
from hub.trace.labels import codes
from hub.web.deps import LOGIN_COOKIE, PUBLIC, PublicSession
from hub.web.problems import is_program, problems
from hub.web.routing import EVIDENCE, LOT, Router
from hub.web.security import Gate, Guesses
from hub.web.templating import TOAST, cookie_name, language_of, page, wants_part


async def no_guessing(request: Request) -> AsyncIterator[None]:
    """Stops whoever counts through lot numbers; a page that is there costs nobody anything."""
    guesses: Guesses = request.app.state.guesses
    guesses.refuse(request)
    try:
        yield
    except NotFound:
        guesses.missed(request)
        raise


router = Router(include_in_schema=False, dependencies=[Depends(no_guessing)])

Retailer = Annotated[str, Query(alias="r", max_length=13)]
Maker = Annotated[str, Query(alias="417", max_length=13)]
"""GS1's own attribute for a party: whose lot it is, where several makers list the article number."""


@router.get("/product/{gtin}", dependencies=[PUBLIC], responses=problems(NotFound, digital_link.BadKey))
def show_item(
    gtin: str,
    request: Request,
    session: PublicSession,
    lot: Annotated[str, Query(max_length=40)] = "",
    r: Retailer = "",
    maker: Maker = "",
) -> Response:
    """The shopper's page of an item whose code names no lot: what it is, who makes it, and a field for the lot."""
    items = lookup.items(session, gtin)
    if lot.strip():
        return RedirectResponse(lookup.address(items[0].gtin, lot.strip(), r, maker), 303)
    return _item_page(request, session, items, Inquiry(r))


def _item_page(request: Request, session: Session, items: Sequence[TradeItem], inquiry: Inquiry) -> HTMLResponse:
    """The item's page: of a lot that it has not, or of one that several makers have."""
    sheet = item.read(session, items, now(), ranked=not inquiry.lot)
    return page(
        request,
        "product/item.html",
        status=404 if inquiry.unknown_lot else 200,
        item=item_page(sheet, inquiry, language_of(request), sealers=_sealers()),
    )


def _sealers() -> Sealers:
    return Sealers(settings().sealers, settings().finality)


async def _answered(request: Request, scan: Scan, make: Callable[[], Response], *, shared: bool = True) -> Response:
    """What was answered to the same scan, while nothing changed since; else what is made now, on a seat."""
    gate: Gate = request.app.state.gate
    pulses: Pulses = request.app.state.pulses
    if shared and (found := kept.pages.get(scan)) and await kept.holds(found, pulses, gate):
        return found.answer(request)
    async with gate.seat():
        return await run_in_threadpool(make)


@router.get(EVIDENCE, dependencies=[PUBLIC])
async def evidence(gtin: str, lot: str, request: Request, r: Retailer = "", maker: Maker = "") -> Response:
    """What the browser recomputes by itself: payloads, salts and the paths to the root."""
    scan = Scan(request.url.path, r, maker)

    def make() -> Response:
        read = kept.read(gtin, lot, scan)
        return read.keep(scan, JSONResponse(evidence_of(read.product.verdict))).answer(request)

    return await _answered(request, scan, make)


@router.get("/product/{gtin}/{lot:path}/qr.{kind}", dependencies=[PUBLIC])
def qr(gtin: str, lot: str, kind: str, session: PublicSession, r: Retailer = "", maker: Maker = "") -> Response:
    """The lot's QR code as png or svg."""
    link = codes.lot_link(*lookup.find(session, gtin, lot, maker), r, maker)
    if kind == "png":
        return Response(codes.png(link), media_type="image/png")
    if kind == "svg":
        return Response(codes.svg(link), media_type="image/svg+xml")
    raise NotFound


@router.get(LOT, dependencies=[PUBLIC], responses=problems(NotFound))
async def show(
    gtin: str,
    lot: str,
    request: Request,
    r: Retailer = "",
    maker: Maker = "",
) -> Response:
    """The shopper's page of one lot."""
    scan = Scan(request.url.path, r, maker, language_of(request).code)
    shared = _is_for_anybody(request)
    make = partial(_lot_page, request, (gtin, lot), scan, shared=shared)
    return await _answered(request, scan, make, shared=shared)


def _lot_page(request: Request, named: tuple[str, str], scan: Scan, *, shared: bool) -> Response:
    """The page of a lot, by its item's and its own number; kept if it is ``shared``, the same for all who ask."""
    gtin, lot = named
    r, maker = scan.retailer, scan.maker
    try:
        read = kept.read(gtin, lot, scan)
    except SeveralMakers:
        if is_program(request):
            raise
        with db.public_session() as session:
            items = [item for item, _ in lookup.lots(session, gtin, lot)]
            return _item_page(request, session, items, Inquiry(r, lot=lot))
    except UnknownLot:
        if is_program(request):
            raise
        request.app.state.guesses.missed(request)
        with db.public_session() as session:
            return _item_page(request, session, lookup.items(session, gtin), Inquiry(r, unknown_lot=lot))
    product = read.product
    shown = page(
        request,
        "product/lot.html",
        lot=lot_page(
            product,
            language_of(request),
            at=now(),
            sealers=_sealers(),
            evidence=lookup.address(product.item.gtin, product.lot.number, r, maker, "/evidence.json"),
            report=lookup.address(product.item.gtin, product.lot.number, r, maker, "/report"),
        ),
    )
    return read.keep(scan, shown).answer(request) if shared else shown


def _is_for_anybody(request: Request) -> bool:
    """Whether the page is the same for everybody who asks for it so: nobody is signed in, and nothing is told."""
    personal = (LOGIN_COOKIE, TOAST)
    asked = set(request.query_params) <= {"r", "417"} and not wants_part(request)
    return asked and not any(cookie_name(name) in request.cookies for name in personal)
