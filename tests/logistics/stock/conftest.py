"""A supermarket with its core, whose stores write off, count and send goods to each other."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from hub import db
from hub.access import Actor
from hub.demo import builder
from hub.inventory import rounds
from hub.models.inventory import CoreCommand, LotStock, StockLevel
from hub.models.party import Role
from tests.hub.growers import keys_of_the_hub
from tests.hub.inventory.conftest import Chain, ReferenceCore, reference
from tests.supermarket import PASSWORD

__all__ = ["keys_of_the_hub", "reference"]


@dataclass
class Stores(Chain):
    """The two stores, each with 80 kg of tomatoes and 80 eggs in two lots, as their core told."""

    def __post_init__(self) -> None:
        super().__post_init__()
        rounds.pull(self.chain.id)
        people = [("a", 0), ("b", 0), ("c", 1)]
        self.people = {
            name: builder.person(self.chain, Role.STORE, PASSWORD, f"{name}@example.org", name).id for name, _ in people
        }
        self.at_store = dict(people)

    def keeper(self, name: str = "a") -> Actor:
        """Somebody at a store: a and b at the first, c at the second."""
        place = self.stores[self.at_store[name]].id
        return builder.actor(self.chain, Role.STORE, person=self.people[name], place=place)

    def level(self, store: int = 0, item: Any = None) -> StockLevel:
        """How much of an item the hub says is at a store."""
        with db.session(db.Who(self.chain.id)) as session:
            return session.scalars(
                select(StockLevel).where(
                    StockLevel.place_id == self.stores[store].id,
                    StockLevel.trade_item_id == (item or self.tomato).id,
                )
            ).one()

    def lot_stock(self, lot: str, store: int = 0, item: Any = None) -> Decimal:
        """How much of a lot the hub says is there."""
        with db.session(db.Who(self.chain.id)) as session:
            found = session.scalars(
                select(LotStock.on_hand).where(
                    LotStock.place_id == self.stores[store].id,
                    LotStock.trade_item_id == (item or self.tomato).id,
                    LotStock.lot == lot,
                )
            ).one_or_none()
            return found if found is not None else Decimal(0)

    def commands(self) -> list[CoreCommand]:
        """What the core has to hear, in its order."""
        with db.session(db.Who(self.chain.id)) as session:
            return list(session.scalars(select(CoreCommand).order_by(CoreCommand.id)))

    def time_is_up(self) -> None:
        """Ten minutes went by: nothing can be undone any more."""
        with db.session(db.Who(self.chain.id)) as session:
            for command in session.scalars(select(CoreCommand)):
                command.next_at = command.created_at

    def core_book(self, book: str) -> int:
        """How many of a kind the core has booked."""
        (row,) = self.reference.rows(
            f"select count(*) from {book} b join company c on c.id = b.company where c.name = ?", str(self.chain.id)
        )
        return row[0]


@pytest.fixture
def stores(clean: str, keys_of_the_hub: None, reference: ReferenceCore) -> Stores:
    """The supermarket, whose core was read."""
    return Stores(reference=reference)
