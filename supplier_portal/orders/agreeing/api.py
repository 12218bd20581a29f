"""The talk about an order over HTTP: what was said, and a reply to it, by either side."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from hub.access import Permission
from hub.errors import InvalidInput, NotFound
from hub.inputs import Day
from hub.models.base import now
from hub.models.trade import OrderTurn, PurchaseOrder
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.idempotency import KeyReused, OnceDep
from hub.web.problems import problems
from hub.web.routing import Router
from supplier_portal import lookup
from supplier_portal.api import line_of, lines_by_item, shown
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.agreeing import agreement
from supplier_portal.orders.agreeing.agreement import LineReply, Reply
from supplier_portal.orders.agreeing.terms import Says

router = Router(prefix="/api", tags=["Trade"])
_SIDES = requires(Permission.ANSWER_ORDERS, Permission.PLACE_ORDERS)
_Buyer = Annotated[str, Query(max_length=13, description="The buyer's GLN, where two buyers use the same number.")]


class ItemReply(BaseModel):
    """What you say to one line: `accept` or `refuse` what the other wants, or `offer` something else.

    What an offer leaves out stays as it is on the table; a quantity of 0 asks that nothing comes.
    """

    gtin: str = Field(max_length=14)
    says: Says
    quantity: Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)] | None = None
    deliver_on: Day | None = None
    price: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=4)] | None = None
    reason: str = Field(default="", max_length=200)


class OrderReply(BaseModel):
    """A reply by somebody who has read all up to `turn`: every line that waits for you, and whatever else you want."""

    turn: int = Field(ge=1)
    lines: list[ItemReply] = Field(min_length=1, max_length=500)
    note: str = Field(default="", max_length=400)


@router.get("/orders/{number}/turns", dependencies=[_SIDES], responses=problems(NotFound, lookup.OrderAmbiguous))
def show_turns(number: str, actor: ActorDep, session: SessionDep, buyer: _Buyer = "") -> dict[str, Any]:
    """What both sides said of an order after it was placed, turn by turn, and which lines wait for you."""
    order = lookup.order(session, actor, number, buyer)
    talk = agreement.talk(session, order)
    gtins = {line: gtin for gtin, lines in lines_by_item(session, order).items() for line in lines}
    waiting = talk.waiting(agreement.side_of(order, actor.organization_id))
    return {
        "number": order.number,
        "turn": talk.number,
        "reply_by": talk.reply_by,
        "waiting": [gtins[line] for line in waiting],
        "turns": [_turn(order, turn, {str(line): gtin for line, gtin in gtins.items()}) for turn in talk.turns],
    }


@router.post(
    "/orders/{number}/turns",
    dependencies=[_SIDES],
    responses=problems(
        NotFound,
        lookup.UnknownGtin,
        orders.OrderNotOpen,
        agreement.OutdatedTurn,
        agreement.PointsLeftOpen,
        agreement.NothingSaid,
        agreement.AlreadySent,
        agreement.MoreThanApproved,
        InvalidInput,
        KeyReused,
    ),
)
def reply_to_order(
    number: str, reply: OrderReply, actor: ActorDep, session: SessionDep, once: OnceDep, buyer: _Buyer = ""
) -> JSONResponse:
    """Answer what the other side wants otherwise, or ask for a change of what was agreed."""
    order = lookup.order(session, actor, number, buyer)

    def work() -> dict[str, Any]:
        by_item = lines_by_item(session, order)
        lines = [
            LineReply(line=line_of(by_item, line.gtin), **line.model_dump(exclude={"gtin"})) for line in reply.lines
        ]
        agreement.reply(session, actor, order, Reply(reply.turn, lines, reply.note), at=now())
        return shown(session, order_book.sheet(session, actor, order.id, at=now()))

    return once.answer(session, work)


def _turn(order: PurchaseOrder, turn: OrderTurn, gtins: dict[str, str]) -> dict[str, Any]:
    return {
        "turn": turn.number,
        "by": agreement.side_of(order, turn.owner_id),
        "said_at": turn.said_at,
        "reply_by": turn.reply_by,
        "note": turn.note,
        "lines": [
            {"gtin": gtins[word["line"]], "says": word["says"], "reason": word["reason"], "terms": word.get("terms")}
            for word in turn.words
        ],
    }
