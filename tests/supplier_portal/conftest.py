"""A supermarket with half a year of sales, and a grower who is a member of the ledger."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np
import pytest

from hub import db
from hub.demo import builder
from hub.inventory import bulk
from hub.models.inventory import SalesDay, StockLevel
from hub.models.trade import AnswerKind, PurchaseOrder
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.answering import answers
from supplier_portal.orders.order_book import OrderStatus
from tests.hub.growers import keys_of_the_hub
from tests.supermarket import Supermarket

__all__ = ["keys_of_the_hub"]

SUNDAY = date(2026, 11, 22)
MONDAY_MORNING = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
"""Half past eight in Jinan."""

WEEK = (30, 32, 34, 36, 44, 60, 52)


@dataclass
class Trade(Supermarket):
    """The supermarket, with what its tests do again and again."""

    at: datetime = MONDAY_MORNING
    deliver_on: date = date(2026, 11, 25)

    def __post_init__(self) -> None:
        super().__post_init__()
        builder.assortment(self.chain, {"T-1": self.tomato, "E-1": self.eggs})

    def sold(self, *, days: int = 182, through: date = SUNDAY, times: float = 1) -> None:
        """Every store sells both items, most on Saturdays."""
        rng = np.random.default_rng(3)
        rows = [
            (store.id, item.id, day, int(rng.poisson(WEEK[day.weekday()] * times)))
            for store in self.stores
            for item in (self.tomato, self.eggs)
            for day in (through - timedelta(days=n) for n in range(days))
        ]
        names = ("place_id", "trade_item_id", "day", "quantity")
        with db.session(self.buyer.who) as session:
            bulk.merge(session, SalesDay, dict(zip(names, zip(*rows, strict=True), strict=True)), key=names[:3])

    def stocked(self, **on_hand: int) -> None:
        """What the first store has of ``tomato`` and ``eggs``; plenty everywhere else."""
        with db.session(self.buyer.who) as session:
            for number, store in enumerate(self.stores):
                for name in ("tomato", "eggs"):
                    session.add(
                        StockLevel(
                            owner_id=self.chain.id,
                            place_id=store.id,
                            trade_item_id=getattr(self, name).id,
                            on_hand=Decimal(9999 if number else on_hand.get(name, 9999)),
                            as_of=self.at,
                        )
                    )

    def ordered(self, *, tomato: str = "120", eggs: str = "60", placed: bool = True) -> PurchaseOrder:
        """An order for the first store, to be delivered on ``deliver_on``, a Wednesday."""
        wanted = [orders.DraftLine(self.tomato.id, Decimal(tomato)), orders.DraftLine(self.eggs.id, Decimal(eggs))]
        draft = orders.OrderDraft(self.farm.id, self.stores[0].id, self.deliver_on, wanted)
        with db.session(self.buyer.who) as session:
            order = orders.write(session, self.buyer, draft, at=self.at)
            if placed:
                orders.place(session, self.buyer, order, at=self.at)
        return order

    def lines(self, order: PurchaseOrder) -> dict[str, UUID]:
        """An order's line ids by the name of their item."""
        names = {self.tomato.id: "tomato", self.eggs.id: "eggs"}
        with db.session(self.buyer.who) as session:
            return {names[line.trade_item_id]: line.id for line in orders.lines_of(session, order)}

    def answer(self, order: PurchaseOrder, *, after: timedelta = timedelta(hours=1), **said: object):
        """The grower answers; ``tomato=(AnswerKind.LESS, 90)``, what is not named is confirmed."""
        lines = []
        for name, line in self.lines(order).items():
            kind, *more = said.get(name, (AnswerKind.CONFIRMED,))
            quantity = next((Decimal(m) for m in more if not isinstance(m, date)), None)
            day = next((m for m in more if isinstance(m, date)), None)
            lines.append(answers.LineAnswer(line=line, answer=kind, quantity=quantity, deliver_on=day))
        with db.session(self.grower.who) as session:
            held = session.get_one(PurchaseOrder, order.id)
            return answers.confirm(session, self.grower, held, answers.OrderResponse(lines), at=self.at + after)

    def status(self, order: PurchaseOrder, *, after: timedelta = timedelta(0)) -> OrderStatus:
        """How the buyer sees an order's state."""
        with db.session(self.buyer.who) as session:
            return order_book.status_of(session, order, at=self.at + after)


@pytest.fixture
def trade(clean: str, keys_of_the_hub: None) -> Trade:
    """A supermarket ready to trade."""
    trade = Trade()
    for party in (trade.chain, trade.farm, trade.haulier):
        builder.member(party)
    return trade
