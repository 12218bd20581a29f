"""What the buyer expects to sell, what it asked of suppliers, and what they committed to."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlmodel import Session, col

from hub.access import Permission
from hub.errors import NotFound
from hub.inputs import Moment
from hub.models.base import now
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.export import csv_file
from hub.web.routing import Router
from hub.web.templating import go, page, wants_part
from supplier_portal import lookup
from supplier_portal.forecast import collaboration, days
from supplier_portal.forecast.buyer_view import Demand, buyer_forecast, run_of
from supplier_portal.models import Forecast

router = Router(prefix="/buyer/forecast", dependencies=[requires(Permission.SHARE_FORECASTS)], include_in_schema=False)
_PATIENCE = timedelta(minutes=2)
Supplier = Annotated[str, Query(max_length=13)]


@router.get("")
def forecast(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    supplier: Supplier = "",
    asked: Moment | None = None,
) -> HTMLResponse:
    """Asked and committed, by supplier, item and week."""
    at = now()
    known = lookup.suppliers(session)
    chosen = next((party for party in known if party.gln == supplier), None)
    grid = collaboration.buyer_grid(session, actor, at=at, supplier_id=chosen.id if chosen else None)
    demand = Demand(
        at=at,
        today=days.business_date(session, at),
        suppliers=known,
        grid=grid,
        items=lookup.items(session, {row.trade_item_id for row in grid}),
        newest=_newest(session, actor.organization_id),
        chosen=chosen,
        asked=asked,
    )
    return page(request, "forecast/buyer-forecast.html", forecast=buyer_forecast(demand, speaks))


@router.post("/run")
def run(request: Request, actor: ActorDep, session: SessionDep) -> Response:
    """Have a forecast made now."""
    asked = now()
    collaboration.ask(session, actor)
    return go(request, f"/buyer/forecast?asked={asked:%Y-%m-%dT%H:%M:%SZ}")


@router.get("/run")
def progress(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep, asked: Moment) -> Response:
    """Whether the forecast that was asked for is here; the page asks again while it is not."""
    newest = _newest(session, actor.organization_id)
    if newest is not None and newest.created_at > asked:
        return go(request, "/buyer/forecast", speaks.gettext("The new forecast is here, and shared."))
    at = now()
    if not wants_part(request):
        return go(request, f"/buyer/forecast?asked={asked:%Y-%m-%dT%H:%M:%SZ}")
    return page(request, "forecast/_run.html", run=run_of(asked, at, speaks, late=at > asked + _PATIENCE))


@router.post("/share")
def share(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Let suppliers see the newest forecast."""
    newest = _newest(session, actor.organization_id)
    if newest is None:
        raise NotFound("There is no forecast to share yet.")
    collaboration.share(session, actor, newest, at=now())
    return go(request, "/buyer/forecast", speaks.gettext("Suppliers see the forecast of their items now."))


@router.get("/export.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep, supplier: Supplier = "") -> Response:
    """Every item and week to take away."""
    _ = speaks.gettext
    known = {party.id: party for party in lookup.suppliers(session)}
    chosen = next((party.id for party in known.values() if party.gln == supplier), None)
    grid = collaboration.buyer_grid(session, actor, at=now(), supplier_id=chosen)
    items = lookup.items(session, {row.trade_item_id for row in grid})
    header = [_("Supplier"), _("Item"), "GTIN", _("Unit"), _("Week of"), "P10", "P50", "P90", _("Sold"), _("Committed")]
    return csv_file(
        _("Forecast"),
        header,
        (
            [
                speaks.name(known[row.supplier_id]),
                speaks.name(items[row.trade_item_id]),
                items[row.trade_item_id].gtin,
                items[row.trade_item_id].unit,
                week.monday,
                week.p10,
                week.p50,
                week.p90,
                week.actual,
                week.committed,
            ]
            for row in grid
            for week in row.weeks
        ),
    )


def _newest(session: Session, owner_id: UUID) -> Forecast | None:
    newest = select(Forecast).where(col(Forecast.owner_id) == owner_id).order_by(col(Forecast.made_at).desc()).limit(1)
    forecast: Forecast | None = session.scalars(newest).first()
    return forecast
