"""The supplier's first page: what waits for an answer and by when, what went wrong, what changed."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.models.base import now
from hub.models.party import Organization
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.export import MOST_ROWS, csv_file
from hub.web.routing import Router
from hub.web.templating import page
from hub.web.words import STEPS
from supplier_portal import lookup
from supplier_portal.lots import record_book
from supplier_portal.orders import order_book
from supplier_portal.orders.order_book import UNANSWERED, OrderRow
from supplier_portal.today import worklist

router = Router(prefix="/supplier", dependencies=[requires(Permission.ANSWER_ORDERS)], include_in_schema=False)
_SHOWN = 30


@router.get("")
def today(request: Request, actor: ActorDep, session: SessionDep) -> HTMLResponse:
    """Answer first: how many orders wait, by when."""
    at = now()
    own = session.get_one(Organization, actor.organization_id)
    day = at.astimezone(ZoneInfo(own.time_zone))
    waiting = order_book.supplier_orders(session, actor, at=at, states=UNANSWERED, size=_SHOWN)
    troubles = worklist.troubles(session, actor, at=at, today=day.date())
    changes = worklist.changes(session, actor, today=day.date())
    parties = {row.order.owner_id for row in waiting.rows} | {one.owner_id for one in troubles}
    parties |= {one.buyer_id for one in changes}
    begun = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return page(
        request,
        "today/today.html",
        own=own,
        at=at,
        today=day.date(),
        waiting=waiting,
        groups=_by_deadline(waiting.rows, own, day.date()),
        counts=order_book.counts(session, actor, at=at),
        troubles=troubles,
        organizations=lookup.organizations(session, parties),
        places=lookup.places(session, {row.order.deliver_to_id for row in waiting.rows}),
        changes=changes,
        records=record_book.records(session, actor, since=begun, size=6),
        steps=STEPS,
        lot_number=record_book.lot_number,
    )


@router.get("/today.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """The orders that wait for an answer, to take away."""
    at = now()
    found = order_book.supplier_orders(session, actor, at=at, states=UNANSWERED, size=MOST_ROWS + 1)
    return orders_file(session, actor, speaks.gettext("Orders awaiting you"), found.rows, speaks)


def orders_file(session: Session, actor: Actor, name: str, rows: list[OrderRow], speaks: LanguageDep) -> Response:
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


def _by_deadline(rows: list[OrderRow], own: Organization, today: date) -> list[tuple[str, list[OrderRow]]]:
    """Orders by when they must be answered: ``today`` (with what is late), ``tomorrow``, ``later``."""
    groups: dict[str, list[OrderRow]] = {"today": [], "tomorrow": [], "later": []}
    for row in rows:
        due = row.order.respond_by
        days = (due.astimezone(ZoneInfo(own.time_zone)).date() - today).days if due else 0
        groups["today" if days <= 0 else "tomorrow" if days == 1 else "later"].append(row)
    return [(name, those) for name, those in groups.items() if those]
