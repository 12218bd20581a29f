"""Fallback suppliers over HTTP."""

from typing import Any

from fastapi.responses import JSONResponse
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.errors import NotFound
from hub.models.base import now
from hub.models.trade import PurchaseOrder
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.idempotency import KeyReused, OnceDep
from hub.web.problems import problems
from hub.web.routing import Router
from supplier_portal import lookup
from supplier_portal.api import shown
from supplier_portal.orders import order_book
from supplier_portal.orders.buying.api import WHY_NOT
from supplier_portal.orders.deadlines import fallback

router = Router(prefix="/api", tags=["Trade"])


@router.post(
    "/orders/{number}/fallback", dependencies=[requires(Permission.PLACE_ORDERS)],
    responses=problems(NotFound, fallback.NotToMove, fallback.NothingToMove, KeyReused, *WHY_NOT),
)  # fmt: skip
def order_from_fallback(number: str, actor: ActorDep, session: SessionDep, once: OnceDep) -> JSONResponse:
    """Order what is overdue, declined or short from the items' fallback suppliers; an overdue order is withdrawn."""
    order = lookup.order(session, actor, number)

    def work() -> dict[str, Any]:
        made = fallback.order_elsewhere(session, actor, order, at=now())
        session.flush()
        return {"orders": [_shown(session, actor, new) for new in made]}

    return once.answer(session, work)


def _shown(session: Session, actor: Actor, order: PurchaseOrder) -> dict[str, Any]:
    return shown(session, order_book.sheet(session, actor, order.id, at=now()))
