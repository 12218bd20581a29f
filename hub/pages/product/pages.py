"""What a shopper sees behind the QR code: the lot's journey, what was tested, and whether anybody altered it."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlmodel import Session, col, select

from hub.errors import NotFound
from hub.gs1 import digital_link
from hub.models.base import now
from hub.models.catalogue import Certificate, TradeItem
from hub.models.party import Organization
from hub.pages.product import lookup
from hub.pages.product.evidence import evidence_of
from hub.pages.product.lookup import Product, SeveralMakers, UnknownLot
from hub.pages.product.words import WORDS, alarming, step_name, test_name, tone, worst_of_each
from hub.settings import settings
from hub.trace import labels, listings, records
from hub.trace.journey import Journey
from hub.web.deps import PUBLIC, PublicSession
from hub.web.drawing import Leg, Point
from hub.web.problems import is_program, problems
from hub.web.routing import Router
from hub.web.security import Guesses
from hub.web.templating import language_of, page
from hub.web.words import MEASURES


def _no_guessing(request: Request) -> Iterator[None]:
    """Stops whoever counts through lot numbers; a page that is there costs nobody anything."""
    guesses: Guesses = request.app.state.guesses
    guesses.refuse(request)
    try:
        yield
    except NotFound:
        guesses.missed(request)
        raise


router = Router(include_in_schema=False, dependencies=[Depends(_no_guessing)])

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
        where = f"/product/{items[0].gtin}/{quote(lot.strip(), safe='')}"
        return RedirectResponse(where + labels.query(r, maker), 303)
    return _item_page(request, session, items, r=r)


def _item_page(
    request: Request,
    session: Session,
    items: Sequence[TradeItem],
    *,
    r: str,
    wrong_lot: str = "",
    lot: str = "",
) -> HTMLResponse:
    """The item's page: of a lot that it has not, or of one that several makers have.

    Where no lot asks for it, the maker comes first to whom the number seems to belong.
    """
    listed = listings.of(session, items[0].gtin)
    if not lot:
        place = {one.maker_id: place for place, one in enumerate(listed)}
        items = sorted(items, key=lambda item: place.get(item.owner_id, len(place)))
    order = {item.owner_id: place for place, item in enumerate(items)}
    makers = sorted(
        session.exec(select(Organization).where(col(Organization.id).in_(order))).all(),
        key=lambda one: order[one.id],
    )
    papers = session.exec(
        select(Certificate)
        .where(col(Certificate.owner_id).in_([maker.id for maker in makers]), col(Certificate.lot_id).is_(None))
        .order_by(col(Certificate.valid_from).desc())
    ).all()
    return page(
        request,
        "product/item.html",
        status=404 if wrong_lot else 200,
        item=items[0],
        at=now(),
        r=r,
        wrong_lot=wrong_lot,
        lot=lot,
        choices=[
            (maker, f"/product/{items[0].gtin}/{quote(lot, safe='')}{labels.query(r, maker.gln)}") for maker in makers
        ]
        if lot
        else [],
        disputes={one.maker_id: one.disputes for one in listed},
        makers=[(maker, [paper for paper in papers if paper.owner_id == maker.id]) for maker in makers],
    )


@router.get("/product/{gtin}/{lot:path}/evidence.json", dependencies=[PUBLIC])
def evidence(gtin: str, lot: str, session: PublicSession, r: Retailer = "", maker: Maker = "") -> JSONResponse:
    """What the browser recomputes by itself: payloads, salts and the paths to the root."""
    return JSONResponse(evidence_of(lookup.product(session, gtin, lot, r, maker).verdict))


@router.get("/product/{gtin}/{lot:path}/qr.{kind}", dependencies=[PUBLIC])
def qr(gtin: str, lot: str, kind: str, session: PublicSession, r: Retailer = "", maker: Maker = "") -> Response:
    """The lot's QR code as png or svg."""
    item, found = lookup.find(session, gtin, lot, maker)
    link = labels.lot_link(item, found, r, maker)
    if kind == "png":
        return Response(labels.png(link), media_type="image/png")
    if kind == "svg":
        return Response(labels.svg(link), media_type="image/svg+xml")
    raise NotFound


@router.get("/product/{gtin}/{lot:path}", dependencies=[PUBLIC], responses=problems(NotFound))
def show(
    gtin: str,
    lot: str,
    request: Request,
    session: PublicSession,
    r: Retailer = "",
    maker: Maker = "",
) -> HTMLResponse:
    """The shopper's page of one lot."""
    try:
        product = lookup.product(session, gtin, lot, r, maker)
    except SeveralMakers:
        if is_program(request):
            raise
        return _item_page(request, session, [item for item, _ in lookup.lots(session, gtin, lot)], r=r, lot=lot)
    except UnknownLot:
        if is_program(request):
            raise
        request.app.state.guesses.missed(request)
        return _item_page(request, session, lookup.items(session, gtin), r=r, wrong_lot=lot)
    speaks = language_of(request)
    points, legs = _map(product.journey, speaks)
    return page(
        request,
        "product/lot.html",
        p=product,
        step_name=step_name,
        alarming=alarming,
        test_name=test_name,
        measures=MEASURES,
        words=WORDS,
        tone=tone,
        shown=worst_of_each(product.verdict.checks),
        points=points,
        legs=legs,
        sealers=settings().sealers,
        finality=settings().finality,
        growing=records.GROWING,
        at=now(),
        disputers=_disputers(session, product),
        evidence=f"/product/{product.item.gtin}/{quote(product.lot.number, safe='')}/evidence.json{labels.query(r, maker)}",
    )


def _disputers(session: Session, product: Product) -> dict[UUID, Organization]:
    wanted = [one.owner_id for one in product.listing.disputes] if product.listing else []
    found = session.exec(select(Organization).where(col(Organization.id).in_(wanted)))
    return {one.id: one for one in found}


def _map(found: Journey, speaks: Any) -> tuple[list[Point], list[Leg]]:
    """The places a lot was at, each once, and the way between them."""
    places: list[Any] = []
    for step in found.path:
        for place in (step.place, step.to):
            if place is not None and (not places or places[-1].id != place.id):
                places.append(place)
    unique = {place.id: place for place in places}
    points = [
        Point(p.latitude, p.longitude, speaks.name(p), "done" if p is places[-1] else "stop") for p in unique.values()
    ]
    legs = [Leg([(p.latitude, p.longitude) for p in places])] if len(places) > 1 else []
    return points, legs
