"""What buyers expect of the supplier's items, week by week, and what the supplier commits to."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.errors import NotFound
from hub.inputs import Day, Figure
from hub.models.base import now, plain
from hub.models.party import Organization
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.export import csv_file
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.forecast import collaboration, days
from supplier_portal.forecast.collaboration import Promise
from supplier_portal.forecast.item_view import item_forecast
from supplier_portal.forecast.overview_view import forecast_overview
from supplier_portal.forecast.view import Row

router = Router(
    prefix="/supplier/forecast", dependencies=[requires(Permission.COMMIT_TO_FORECASTS)], include_in_schema=False
)  # fmt: skip
Buyer = Annotated[str, Query(max_length=13)]


class PromisedWeek(BaseModel):
    """What was typed for one item and week."""

    item: UUID
    week: Day
    quantity: Annotated[Figure, Field(ge=0, max_digits=18, decimal_places=6)] | None = None


class Promises(BaseModel):
    """Commitments, or, with ``do=fill``, the wish to have the empty weeks filled with the median first."""

    weeks: list[PromisedWeek]
    do: Literal["send", "fill"] = "send"


@router.get("")
def overview(
    request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm, buyer: Buyer = ""
) -> HTMLResponse:
    """Every item and the weeks ahead in one table."""
    named = _buyer(session, buyer)
    return _overview(request, session, named, _rows(session, actor, named), form)


@router.post("")
def commit(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Promises], filled(Promises)],
    buyer: Buyer = "",
    item: Annotated[str, Query(max_length=14)] = "",
) -> Response:
    """Commit to the weeks that were filled in, or fill the empty ones with the median."""
    at, named = now(), _buyer(session, buyer)
    rows = _rows(session, actor, named, item)
    if form.value("do") == "fill":
        weeks = [week for row in rows for week in row.ahead]
        for n, week in enumerate(weeks):
            if not form.value(f"weeks.{n}.quantity"):
                form.values[f"weeks.{n}.quantity"] = plain(week.p50)
        form.errors.clear()
    if form.errors or form.read is None or form.value("do") == "fill":
        return _item(request, named, rows, form) if item else _overview(request, session, named, rows, form)
    known = {(row.item.id, week.monday): week.committed for row in rows for week in row.ahead}
    promises = [
        Promise(promise.item, promise.week, promise.quantity)
        for promise in form.read.weeks
        if promise.quantity is not None and known.get((promise.item, promise.week)) != promise.quantity
    ]
    if named is not None and promises:
        collaboration.commit(session, actor, named.id, promises, at=at)
    toast = form.language.ngettext("%(num)s week committed.", "%(num)s weeks committed.", len(promises))
    return go(request, f"/supplier/forecast{'/' + item if item else ''}?buyer={named.gln if named else ''}", toast)


@router.get("/export.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep, buyer: Buyer = "") -> Response:
    """Every item and week to take away."""
    _ = speaks.gettext
    rows = _rows(session, actor, _buyer(session, buyer))
    header = [_("Item"), "GTIN", _("Unit"), _("Week of"), "P10", "P50", "P90", _("Sold"), _("Committed")]
    return csv_file(
        _("Forecast"),
        header,
        (
            [
                speaks.name(row.item),
                row.item.gtin,
                row.item.unit,
                week.monday,
                week.p10,
                week.p50,
                week.p90,
                week.actual,
                week.committed,
            ]
            for row in rows
            for week in row.grid.weeks
        ),
    )


@router.get("/{gtin}")
def one_item(
    gtin: str, request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm, buyer: Buyer = ""
) -> HTMLResponse:
    """One item: its chart over the table of its figures, and the past errors."""
    named = _buyer(session, buyer)
    return _item(request, named, _rows(session, actor, named, gtin), form)


def _buyer(session: Session, gln: str) -> Organization | None:
    if gln:
        return lookup.buyer(session, gln)
    return next(iter(lookup.buyers(session)), None)


def _rows(session: Session, actor: Actor, buyer: Organization | None, gtin: str = "") -> list[Row]:
    if buyer is None:
        return []
    at = now()
    today = days.business_date(session, at)
    grid = collaboration.supplier_grid(session, actor, buyer.id, at=at)
    items = lookup.items(session, {row.trade_item_id for row in grid})
    chosen = [row for row in grid if gtin in ("", items[row.trade_item_id].gtin)]
    rows, first = [], 0
    for row in sorted(chosen, key=lambda row: items[row.trade_item_id].gtin):
        ahead = [week for week in row.weeks if week.monday > today]
        past = [week for week in row.weeks if week.monday <= today]
        rows.append(Row(items[row.trade_item_id], row, past, ahead, first))
        first += len(ahead)
    return rows


def _overview(
    request: Request, session: Session, buyer: Organization | None, rows: list[Row], form: Filled[Any]
) -> HTMLResponse:
    status = 422 if form.errors else 200
    forecast = forecast_overview(rows, buyer, lookup.buyers(session), form, form.language)
    return page(request, "forecast/forecast.html", status=status, forecast=forecast, form=form)


def _item(request: Request, buyer: Organization | None, rows: list[Row], form: Filled[Any]) -> HTMLResponse:
    if buyer is None or not rows:
        raise NotFound("No forecast of this item was shared with you.")
    status = 422 if form.errors else 200
    item = item_forecast(rows[0], buyer, form, form.language)
    return page(request, "forecast/forecast-item.html", status=status, item=item, form=form)
