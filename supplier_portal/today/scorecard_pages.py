"""The buyer's suppliers: how well each answers and delivers, from whom an item is taken, and one of them closely."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel
from sqlmodel import Session

from hub import documents, supply
from hub.access import Actor, Permission
from hub.errors import NotFound
from hub.inventory import assortment
from hub.lists import Search
from hub.models.base import now
from hub.models.party import Organization
from hub.registry import papers
from hub.web.deps import ActorDep, LanguageDep, ListQuery, PageNumber, SessionDep, SortedBy, Words, requires
from hub.web.export import MOST_ROWS, csv_file
from hub.web.forms import Filled, filled
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.lots import lot_book
from supplier_portal.orders import scorecard
from supplier_portal.orders.scorecard import Period
from supplier_portal.today import stock_book
from supplier_portal.today.buyer_pages import since
from supplier_portal.today.profile_view import SupplierSheet, supplier_page
from supplier_portal.today.scorecard_view import SuppliersSheet, suppliers_page, suppliers_table

router = Router(prefix="/buyer", dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)
_A_PAGE = 50


@router.get("/suppliers")
def suppliers(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    q: Words = "",
    p: PageNumber = 1,
    sort: SortedBy = "",
) -> HTMLResponse:
    """How well each supplier answers and delivers."""
    sheet = _read(session, actor, Search(q, p, _A_PAGE, sort=sort))
    return page(request, "today/suppliers.html", suppliers=suppliers_page(sheet, speaks))


@router.get("/suppliers/export.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep, q: Words = "", sort: SortedBy = "") -> Response:
    """The same list to take away."""
    header, rows = suppliers_table(_read(session, actor, Search(q, size=MOST_ROWS + 1, sort=sort)), speaks)
    return csv_file(speaks.gettext("Suppliers"), header, rows)


def _read(session: Session, actor: Actor, search: Search) -> SuppliersSheet:
    at = now()
    begun = since(at)
    return SuppliersSheet(
        scorecard.suppliers(session, actor, Period(begun, at), search),
        begun,
        recalled=stock_book.recalled(session),
        contested=assortment.contested(session),
    )


class TakenFrom(BaseModel):
    """Whose offer of an article number is taken from now on."""

    item: UUID


@router.post("/assortment/{assortment_id}")
def take_from(
    assortment_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[TakenFrom], filled(TakenFrom)],
) -> Response:
    """Take an item from another supplier that offers the same article number."""
    if form.read is None:
        raise NotFound
    row = assortment.take_from(session, actor, assortment_id, form.read.item)
    supplier = form.language.name(session.get_one(Organization, row.supplier_id))
    return go(
        request,
        "/buyer/suppliers",
        form.language.gettext("From the next order on it comes from %(who)s.", who=supplier),
    )


@router.get("/suppliers/{gln}")
def supplier(
    gln: str,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    query: Annotated[ListQuery, Query()],
) -> HTMLResponse:
    """One supplier: its figures, its recalls, how it delivers, its certificates, and the lots that came from it."""
    named = next((party for party in lookup.suppliers(session) if party.gln == gln), None)
    if named is None:
        raise NotFound("You have no supplier of GLN %(gln)s.", gln=gln)
    sheet = _profile(session, actor, named, query.search())
    return page(request, "today/supplier.html", supplier=supplier_page(sheet, speaks))


def _profile(session: Session, actor: Actor, supplier: Organization, search: Search) -> SupplierSheet:
    at = now()
    begun = since(at)
    own = session.get_one(Organization, actor.organization_id)
    cards = scorecard.scorecards(session, actor, Period(begun, at), supplier_id=supplier.id)
    certificates = papers.vouching(session, [supplier.id], at)
    return SupplierSheet(
        supplier,
        own,
        at,
        begun,
        lots=lot_book.lots(session, supplier.id, search),
        card=cards[0] if cards else None,
        recalled=stock_book.recalled(session, supplier.id),
        terms=supply.terms(session, [supplier.id], own.id).get(supplier.id),
        papers=certificates,
        files=documents.hashes(session, certificates),
    )
