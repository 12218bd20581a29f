"""A lot's world for the tests of traceability: a farm, its buyer, and a chain that mines at once."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chain_node.deploy import deploy
from chain_node.deployment import Finality
from chain_node.ethereum import address_of
from chain_node.node import fund
from chain_node.rpc import Node
from hub import db
from hub.access import Actor
from hub.demo import builder
from hub.ledger.log import anchoring, journal, sealing
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind, Role
from hub.settings import settings
from hub.trace import records
from hub.trace.records import Scene
from tests.anvil import CHAIN_ID, ENOUGH, running
from tests.waiting import wait_for

HUB_KEY = "11" * 32
MORNING = datetime(2026, 11, 20, 6, 40, tzinfo=UTC)


@pytest.fixture
def keys_of_the_hub() -> Iterator[None]:
    """The hub knows its own account and its chain's number, whether or not a chain runs."""
    given = {
        "FURROW_SENDER_KEY": HUB_KEY,
        "FURROW_RECEIPT_KEY": "22" * 32,
        "FURROW_CHAIN_ID": str(CHAIN_ID),
        "FURROW_FINALITY": "depth:2",
        "FURROW_CHAIN_URL": "http://127.0.0.1:9",
    }
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    _forget()
    yield
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
    _forget()


def _forget() -> None:
    for cached in (settings, journal.planned, anchoring.ledger):
        cached.cache_clear()


@pytest.fixture
def node(keys_of_the_hub: None) -> Iterator[Node]:
    """A chain with our contracts on it."""
    with running() as started:
        fund(started, address_of(bytes.fromhex(HUB_KEY)), ENOUGH)
        deploy(started, bytes.fromhex(HUB_KEY), finality=Finality("depth:2"))
        os.environ["FURROW_CHAIN_URL"] = started.url
        _forget()
        yield started


@dataclass
class Farm:
    """A supplier with a field, an item, and somebody who acts for it."""

    organization: Organization
    field: Place
    item: TradeItem
    actor: Actor

    def session(self):  # type: ignore[no-untyped-def]
        return db.session(db.Who(self.organization.id))

    def grow(self, number: str, quantity: str = "612", days: int = 0) -> Lot:
        """A lot that was planted and harvested."""
        with self.session() as session:
            lot = records.plant(session, self.item, number, Scene(self.field, MORNING - timedelta(days=90)))
            goods = records.Goods(lot, self.item, Decimal(quantity))
            records.harvest(session, goods, Scene(self.field, MORNING + timedelta(days=days)))
        return lot


def farm(own_address: str | None = None) -> Farm:
    """A supplier that is a member of the ledger."""
    party = builder.member(builder.party(OrganizationKind.SUPPLIER), own_address)
    return Farm(
        party,
        builder.place(party, PlaceKind.FARM, "Greenhouse 7"),
        builder.item(party),
        builder.actor(party, Role.SUPPLIER),
    )


@pytest.fixture
def growers(clean: str, keys_of_the_hub: None) -> Farm:
    """A farm whose key the hub holds."""
    return farm()


def run_to_the_end(rounds: int = 12) -> None:
    """Seal and anchor until nothing waits any more."""
    for _ in range(rounds):
        with db.hub_session() as session:
            sealed = sealing.seal(session, patient=False)
        with db.hub_session() as session:
            moved = anchoring.anchor(session)
        _until_mined()
        if not sealed and not moved:
            return
    raise AssertionError("still moving")


def _until_mined() -> None:
    """A node that mines by itself answers before the block that holds what it was handed: wait for that block."""
    chain = anchoring.ledger()
    if chain.ask("anvil_getAutomine"):
        wait_for("the block", lambda: int(chain.ask("txpool_status")["pending"], 16) == 0)
