"""A reply to what the other side wants of an order, as the form of either side sends it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from hub.access import Actor
from hub.models.catalogue import TradeItem
from hub.models.party import Organization
from hub.models.trade import OrderTurn
from hub.web.forms import Filled
from supplier_portal.orders.agreeing import agreement
from supplier_portal.orders.agreeing.agreement import LineReply, Reply, Talk
from supplier_portal.orders.agreeing.points_view import Reading
from supplier_portal.orders.agreeing.terms import Says
from supplier_portal.orders.order_book import OrderSheet


class Replying(BaseModel):
    """What is said to an order, by somebody who has read all up to ``turn``."""

    turn: int
    lines: list[LineReply] = Field(default_factory=list)
    note: str = Field(default="", max_length=400)


def reading(session: Session, actor: Actor, sheet: OrderSheet) -> Reading:
    """An order as the actor's side reads what was said of it."""
    order = sheet.order
    other = order.supplier_id if actor.organization_id == order.owner_id else order.owner_id
    talk = agreement.talk(session, order, [row.line for row in sheet.lines])
    return Reading(
        sheet=sheet,
        talk=talk,
        own=session.get_one(Organization, actor.organization_id),
        other=session.get_one(Organization, other),
        items=_items(session, talk),
    )


def _items(session: Session, talk: Talk) -> dict[Any, TradeItem]:
    """Every item that anybody spoke of."""
    standings = talk.lines.values()
    terms = [some for standing in standings for some in (standing.held, *standing.wishes.values()) if some is not None]
    ids = {some.trade_item_id for some in terms} | {some.trade_item_id for some in talk.ordered.values()}
    return {item.id: item for item in session.exec(select(TradeItem).where(col(TradeItem.id).in_(ids)))}


@dataclass(frozen=True)
class Attempt:
    """A reply that somebody tries to give, and by when."""

    session: Session
    actor: Actor
    at: datetime

    def reply(self, sheet: OrderSheet, form: Filled[Replying]) -> OrderTurn | None:
        """What was said; None where the form is refused, which then says why."""
        if form.read is None:
            return None
        said = Reply(form.read.turn, [_meant(line) for line in form.read.lines], form.read.note)
        with form.attempt(self.session, "turn"):
            return agreement.reply(self.session, self.actor, sheet.order, said, at=self.at)
        return None


def _meant(line: LineReply) -> LineReply:
    """A reply without what stands in the fields of another: the form sends those too."""
    if line.says is Says.OFFER:
        return line
    return line.model_copy(update={"quantity": None, "deliver_on": None, "price": None})
