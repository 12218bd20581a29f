"""What an order's supplier does not deliver, ordered from fallback suppliers by one click."""

from fastapi import Request
from fastapi.responses import Response

from hub.access import Permission
from hub.models.base import now
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.forms import EmptyForm
from hub.web.routing import Router
from hub.web.templating import go
from supplier_portal.orders.buying.buyer_pages import OrderDep, shown
from supplier_portal.orders.deadlines import fallback

router = Router(prefix="/buyer/orders", dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)


@router.post("/{number}/elsewhere")
def order_elsewhere(
    order: OrderDep, request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm
) -> Response:
    """Order what does not come elsewhere; refused where its supplier has answered meanwhile."""
    with form.attempt(session, otherwise="elsewhere"):
        made = fallback.order_elsewhere(session, actor, order, at=now())
        numbers = ", ".join(new.number for new in made)
        toast = form.language.gettext("Ordered instead: %(numbers)s.", numbers=numbers)
        return go(request, f"/buyer/orders/{order.number}", toast)
    session.refresh(order)
    return shown(request, session, actor, order, form)
