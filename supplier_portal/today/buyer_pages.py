"""The buyer's first page: what runs short, who has not answered, what comes today, what must leave the shelf."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session, col, select

from hub.access import Actor, Permission
from hub.inventory import cores
from hub.lists import Search
from hub.models.base import now
from hub.models.party import Organization
from hub.models.trade import PurchaseOrder
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.routing import Router
from hub.web.templating import page
from supplier_portal import lookup
from supplier_portal.claims import claim_book
from supplier_portal.claims.claim_book import ClaimState
from supplier_portal.forecast import replenishment
from supplier_portal.orders import order_book
from supplier_portal.orders.order_book import TO_ANSWER, TO_SEND, OrderRow, OrderStatus
from supplier_portal.today import stock_book
from supplier_portal.today.buyer_view import Day, buyer_today

router = Router(prefix="/buyer", dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)
_SHOWN, _WAITING, _ENDING = 8, 200, 5
_LATELY = timedelta(days=2)


@router.get("")
def today(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> HTMLResponse:
    """Answer first: what to order, whom to ask, what comes."""
    return page(request, "today/buyer.html", today=buyer_today(_day(session, actor, now()), speaks))


def _day(session: Session, actor: Actor, at: datetime) -> Day:
    own = session.get_one(Organization, actor.organization_id)
    day = own.day(at)
    waiting = order_book.buyer_orders(session, actor, Search(size=_WAITING), at=at, states=TO_ANSWER)
    asked = order_book.buyer_orders(session, actor, Search(size=_WAITING), at=at, states={OrderStatus.ASKED})
    coming = _on(session, actor, at, day)
    changed = order_book.changed_answers(session, actor, since=at - _LATELY)
    shown = [row.order for row in [*waiting.rows, *asked.rows, *coming]] + [row.order for row in changed]
    claims = claim_book.claims(session, actor, Search(size=_SHOWN), states={ClaimState.TO_CLOSE})
    return Day(
        own=own,
        at=at,
        counts=order_book.counts(session, actor, at=at),
        waiting=waiting,
        asked=asked,
        coming=coming,
        changed=changed,
        claims=claims,
        recalled=stock_book.recalled(session),
        below=stock_book.levels(session, Search(size=_SHOWN), below=True),
        shortages=len(replenishment.shortages(session, at=at)),
        ending=stock_book.near_expiry(session, Search(size=_ENDING), today=day),
        drifts=stock_book.drifts(session),
        connection=cores.of(session),
        administers=Permission.ADMINISTER in actor.permissions,
        stocked=stock_book.levels(session, Search(size=1)).total > 0,
        commands=stock_book.commands(session),
        organizations=lookup.organizations(
            session, {order.supplier_id for order in shown} | {row.claim.supplier_id for row in claims.rows}
        ),
        places=lookup.places(session, {order.deliver_to_id for order in shown}),
        most=_SHOWN,
    )


def _on(session: Session, actor: Actor, at: datetime, day: date) -> list[OrderRow]:
    """Orders that are to arrive on a day and were not called off or declined."""
    states = {*TO_SEND, OrderStatus.RECEIVED}
    rows = session.execute(
        select(PurchaseOrder, order_book.status(at)).where(
            col(PurchaseOrder.owner_id) == actor.organization_id,
            col(PurchaseOrder.deliver_on) == day,
            order_book.status(at).in_([state.value for state in states]),
        )
    )
    return [OrderRow(order, OrderStatus(state), 0, Decimal(0)) for order, state in rows]


def since(at: datetime) -> datetime:
    """From when on suppliers are measured: four weeks."""
    return at - timedelta(days=28)
