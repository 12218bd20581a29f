"""The supplier's first page: what waits for an answer and by when, what went wrong, what changed."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.lists import Search
from hub.models.base import now
from hub.models.party import Organization
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.export import MOST_ROWS, csv_file
from hub.web.routing import Router
from hub.web.templating import page
from supplier_portal import lookup
from supplier_portal.lots import record_book
from supplier_portal.orders import order_book
from supplier_portal.orders.order_book import TO_ANSWER, OrderRow, OrderStatus
from supplier_portal.today import worklist
from supplier_portal.today.supplier_view import Day, supplier_today

router = Router(prefix="/supplier", dependencies=[requires(Permission.ANSWER_ORDERS)], include_in_schema=False)
_SHOWN, _RECORDS = 30, 6


@router.get("")
def today(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> HTMLResponse:
    """Answer first: how many orders wait, by when."""
    return page(request, "today/today.html", today=supplier_today(_day(session, actor, now()), speaks))


def _day(session: Session, actor: Actor, at: datetime) -> Day:
    own = session.get_one(Organization, actor.organization_id)
    here = own.clock(at)
    waiting = order_book.supplier_orders(session, actor, Search(size=_SHOWN), at=at, states=TO_ANSWER)
    troubles = worklist.troubles(session, actor, at=at, today=here.date())
    changes = worklist.changes(session, actor, today=here.date())
    parties = {row.order.owner_id for row in waiting.rows} | {trouble.owner_id for trouble in troubles}
    parties |= {change.buyer_id for change in changes}
    begun = here.replace(hour=0, minute=0, second=0, microsecond=0)
    return Day(
        own=own,
        at=at,
        overdue=order_book.counts(session, actor, at=at)[OrderStatus.OVERDUE],
        waiting=waiting,
        troubles=troubles,
        changes=changes,
        records=record_book.records(session, actor, Search(size=_RECORDS), since=begun),
        organizations=lookup.organizations(session, parties),
        places=lookup.places(session, {row.order.deliver_to_id for row in waiting.rows}),
    )


@router.get("/today.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """The orders that wait for an answer, to take away."""
    at = now()
    orders = order_book.supplier_orders(session, actor, Search(size=MOST_ROWS + 1), at=at, states=TO_ANSWER)
    return orders_file(session, actor, speaks.gettext("Orders awaiting you"), orders.rows, speaks)


def orders_file(session: Session, actor: Actor, name: str, rows: Sequence[OrderRow], speaks: LanguageDep) -> Response:
    """A list of orders as a download."""
    parties = {party for row in rows for party in (row.order.owner_id, row.order.supplier_id)}
    organizations = lookup.organizations(session, parties)
    places = lookup.places(session, {row.order.deliver_to_id for row in rows})
    _ = speaks.gettext
    header = [
        _("Order"),
        _("State"),
        _("Buyer"),
        _("Supplier"),
        _("Deliver to"),
        _("Arrives"),
        _("Placed"),
        _("Answer by"),
        _("Lines"),
        _("Value"),
    ]
    return csv_file(
        name,
        header,
        (
            [
                row.order.number,
                row.status.value,
                speaks.name(organizations[row.order.owner_id]),
                speaks.name(organizations[row.order.supplier_id]),
                speaks.name(places[row.order.deliver_to_id]),
                row.order.deliver_on,
                _iso(row.order.placed_at),
                _iso(row.order.respond_by),
                row.lines,
                f"{row.value:.2f}",
            ]
            for row in rows
        ),
    )


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="minutes") if moment else ""
