"""The same sync against a real Tryton: what it tells comes in, what stores receive reaches it once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from hub import db
from hub.inventory import commands, cores, mapping, rounds
from hub.inventory.connectors import tryton as tryton_connector
from hub.inventory.connectors.base import CoreLockedOut, CoreNotThere, CoreUnreachable
from hub.messages import GoodsReceived
from hub.models.base import now, uuid7
from hub.models.inventory import (
    Assortment,
    CommandState,
    CoreCommand,
    CoreCursor,
    CoreKind,
    LotStock,
    SalesDay,
    StockLevel,
)
from tests import core_shop, core_tryton
from tests.core_shop import Goods
from tests.core_tryton import DATABASE, Tryton
from tests.supermarket import Supermarket

TODAY = date.today()

KILLED = """
import os, signal, sys
from uuid import UUID
from hub.inventory import rounds
from hub.inventory.connectors.tryton import TrytonCore

after, seen = sys.argv[2], 0
ask = TrytonCore._ask

def killed(core, method, path, *rest, **more):
    answer = ask(core, method, path, *rest, **more)
    if method == "POST" and path.endswith(after):
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

TrytonCore._ask = killed
rounds.push(UUID(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    """A Tryton of its own for these tests."""
    folder: Path = tmp_path_factory.mktemp("tryton")
    with core_tryton.running(folder) as started:
        yield started


class Chain(Supermarket):
    """A supermarket whose core is Tryton: two stores with forty of each lot of tomatoes and eggs."""

    def __init__(self, tryton: Tryton) -> None:
        self.tryton = tryton
        super().__init__()

    def __post_init__(self) -> None:
        super().__post_init__()
        self.party = core_shop.add_supplier(self.tryton, self.farm.gln, "Qinghe")
        self.customer = core_shop.add_customer(self.tryton)
        self.warehouses = [core_shop.add_warehouse(self.tryton, store.gln, store.gln) for store in self.stores]
        self.products = {item.id: self._product(item) for item in (self.tomato, self.eggs)}
        for warehouse in self.warehouses:
            self._count(warehouse["storage"], {lot: 40 for goods in self.products.values() for lot in goods.lots})
        with db.session(db.Who(self.chain.id)) as session:
            cores.connect(
                session, self.administrator, cores.Way(CoreKind.TRYTON, self.tryton.url, self.tryton.key, DATABASE)
            )

    def _product(self, item) -> Goods:
        symbol = {"KGM": "kg", "H87": "u"}[item.unit]
        numbers = (f"C{item.gtin}", item.gtin)
        return core_shop.add_product(self.tryton, numbers, item.name_en, {"OLD": 4, "NEW": 12}, symbol)

    def _count(self, location: int, lots: dict[int, float]) -> None:
        """Take stock: each lot is there in exactly this quantity."""
        of = {lot: goods.product for goods in self.products.values() for lot in goods.lots}
        core_shop.count(self.tryton, location, [(of[lot], lot, amount) for lot, amount in lots.items()])

    def sell(self, store: int, item, quantity: float) -> None:
        """A customer takes some of the older lot."""
        sold = [(self.products[item.id], quantity)]
        core_shop.sell(self.tryton, self.warehouses[store], self.customer, sold, TODAY)

    def receive(self, quantity: str = "12.5", lot: str = "Q-1124", item=None) -> GoodsReceived:
        """The first store accepts a lot."""
        item = item or self.tomato
        message = GoodsReceived(
            receipt_id=uuid7(),
            shipment_id=uuid7(),
            supplier_id=self.farm.id,
            place_id=self.stores[0].id,
            reference="DA-1124-7",
            received_at="2026-11-24T06:10:00+00:00",
            lines=[
                {
                    "shipment_line_id": str(uuid7()),
                    "trade_item_id": str(item.id),
                    "lot": lot,
                    "best_before": (TODAY + timedelta(days=9)).isoformat(),
                    "quantity": quantity,
                    "unit": item.unit,
                }
            ],
        )
        with db.session(db.Who(self.chain.id)) as session:
            commands.goods_received(session, message)
        return message

    def shipments(self) -> list[dict]:
        """The supplier shipments in Tryton."""
        wanted = [["supplier", "=", self.party], ["state", "!=", "cancelled"]]
        return self.tryton.search("stock.shipment.in", wanted, ["state", "reference", "number"])

    def stock(self, table=StockLevel, **where) -> dict:
        """What the hub knows of the first store, by item, or by lot of the tomatoes."""
        with db.session(db.Who(self.chain.id)) as session:
            rows = session.scalars(select(table).where(table.place_id == self.stores[0].id)).all()
        if table is LotStock:
            return {row.lot: row.on_hand for row in rows if row.trade_item_id == self.tomato.id}
        return {row.trade_item_id: row.on_hand for row in rows}

    def command(self) -> CoreCommand:
        """The one command there is."""
        with db.session(db.Who(self.chain.id)) as session:
            return session.scalars(select(CoreCommand)).one()


@pytest.fixture
def chain(clean: str, tryton: Tryton) -> Chain:
    """A supermarket in Tryton, read once."""
    made = Chain(tryton)
    rounds.pull(made.chain.id)
    return made


def test_products_stock_and_lots_come_in(chain):
    with db.session(db.Who(chain.chain.id)) as session:
        carried = {row.trade_item_id: row.core_code for row in session.scalars(select(Assortment))}
    assert carried == {item.id: f"C{item.gtin}" for item in (chain.tomato, chain.eggs)}
    assert chain.stock() == {chain.tomato.id: 80, chain.eggs.id: 80}
    assert chain.stock(LotStock) == {"OLD": 40, "NEW": 40}
    strange = {place.gln for place in rounds.survey(chain.chain.id).places}
    assert not strange & {store.gln for store in chain.stores}


def test_a_sale_in_tryton_reaches_the_hub_with_the_next_look(chain):
    chain.sell(0, chain.tomato, 7.5)
    chain.sell(0, chain.tomato, 2.5)

    rounds.pull(chain.chain.id)
    rounds.pull(chain.chain.id)

    assert chain.stock()[chain.tomato.id] == 70 and chain.stock(LotStock)["OLD"] == 30
    with db.session(db.Who(chain.chain.id)) as session:
        (day,) = session.scalars(select(SalesDay)).all()
    assert (day.place_id, day.trade_item_id, day.quantity) == (chain.stores[0].id, chain.tomato.id, 10)


def test_a_receipt_becomes_one_supplier_shipment_and_both_sides_agree(chain):
    message = chain.receive()
    rounds.push(chain.chain.id)

    (shipment,) = chain.shipments()
    assert shipment["state"] == "done" and str(message.receipt_id) in shipment["reference"]
    assert chain.command().answer == shipment["number"]
    comparison = rounds.reconcile(chain.chain.id)
    assert comparison.drifts == [] and comparison.compared == 2 * 2 + 2 * 4 + 1
    assert chain.stock(LotStock)["Q-1124"] == Decimal("12.5")


@pytest.mark.parametrize("step", ["stock.lot", "stock.shipment.in", "/receive", "/do"])
def test_killed_after_any_step_in_tryton_the_receipt_is_still_booked_once(chain, step):
    chain.receive()
    told = subprocess.run([sys.executable, "-c", KILLED, str(chain.chain.id), step], env=os.environ, check=False)
    assert told.returncode == -signal.SIGKILL and chain.command().state is CommandState.WAITING

    comparison = rounds.reconcile(chain.chain.id)

    assert chain.command().state is CommandState.DONE and comparison.drifts == []
    assert [shipment["state"] for shipment in chain.shipments()] == ["done"]
    assert chain.stock()[chain.tomato.id] == Decimal("92.5")


def test_a_shipment_made_twice_counts_once(chain):
    chain.receive()
    with db.session(db.Who(chain.chain.id)) as session:
        core, command = cores.reach(session), session.scalars(select(CoreCommand)).one()
        receipt = commands._receipt(session, command)
    supplier = chain.party
    warehouse = {
        "id": chain.warehouses[0]["id"],
        "input_location": {"id": chain.warehouses[0]["input"]},
        "storage_location": {"id": chain.warehouses[0]["storage"]},
    }
    for _ in range(2):
        core._create(
            "stock.shipment.in",
            core._shipment(f"{receipt.reference} {command.key}", supplier, warehouse, receipt),
        )
    core.close()

    rounds.push(chain.chain.id)

    assert [shipment["state"] for shipment in chain.shipments()] == ["done"]
    assert rounds.reconcile(chain.chain.id).drifts == []


def test_what_tryton_refuses_waits_for_a_person(chain):
    chain.receive(quantity="1.5", item=chain.eggs)
    rounds.push(chain.chain.id)
    refused = chain.command()
    assert refused.state is CommandState.REFUSED and refused.answer


def test_a_lot_counted_differently_in_tryton_while_the_hub_was_not_told_is_drift(chain, monkeypatch):
    chain._count(chain.warehouses[1]["storage"], {chain.products[chain.tomato.id].lots[0]: 37})
    # The hub's mark stands past that count, as if the change had been lost on the way.
    monkeypatch.setattr(tryton_connector, "_OVERLAP", -timedelta(days=1))
    with db.session(db.Who(chain.chain.id)) as session:
        for cursor in session.scalars(select(CoreCursor)):
            cursor.cursor = (now() + timedelta(days=1)).isoformat()

    drifts = rounds.reconcile(chain.chain.id).drifts
    assert [(d.lot, d.hub, d.core) for d in drifts] == [("", 80, 77), ("OLD", 40, 37)]

    rounds.mend(chain.chain.id)
    assert rounds.reconcile(chain.chain.id).settled == 2


def test_a_key_that_is_not_let_in_is_tried_again_later(chain):
    with db.session(db.Who(chain.chain.id)) as session:
        cores.connect(session, chain.administrator, cores.Way(CoreKind.TRYTON, chain.tryton.url, "wrong", DATABASE))
    with pytest.raises(CoreUnreachable, match="401"):
        rounds.pull(chain.chain.id)


def test_a_look_says_what_tryton_has_and_each_way_to_fail_is_its_own(chain):
    way = cores.Way(CoreKind.TRYTON, chain.tryton.url, chain.tryton.key, DATABASE)
    found = cores.look(way)
    assert {store.gln for store in chain.stores} <= {place.gln for place in found.places}
    assert {chain.tomato.gtin, chain.eggs.gtin} <= {item.gtin.zfill(14) for item in found.items}
    with pytest.raises(CoreLockedOut):
        cores.look(replace(way, token="wrong"))
    with pytest.raises(CoreNotThere):
        cores.look(replace(way, database="another"))
    with pytest.raises(CoreUnreachable, match="Connect"):
        cores.look(replace(way, url="http://127.0.0.1:9"))


def test_a_warehouse_that_has_no_gln_is_matched_by_a_person_and_hears_of_receipts(chain):
    store = chain.stores[0]
    chain.tryton.write("stock.location", chain.warehouses[0]["id"], code="WH-1")
    way = cores.Way(CoreKind.TRYTON, chain.tryton.url, chain.tryton.key, DATABASE)
    with db.session(db.Who(chain.chain.id)) as session:
        cores.connect(session, chain.administrator, way, cores.look(way))
        assert "WH-1" in {theirs.code for theirs in mapping.of_places(session).theirs}
        mapping.match_place(session, chain.administrator, "WH-1", store.gln)
    chain.receive()
    assert rounds.push(chain.chain.id) == 1
    with db.session(db.Who(chain.chain.id)) as session:
        assert [command.state for command in session.scalars(select(CoreCommand))] == [CommandState.DONE]
