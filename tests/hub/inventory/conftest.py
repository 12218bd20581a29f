"""A supermarket whose core is the reference core, running as a process of its own."""

import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest

from hub import db
from hub.demo import reference_core
from hub.inventory import commands, cores
from hub.local import home
from hub.messages import GoodsReceived
from hub.models.base import uuid7
from hub.models.inventory import CoreKind
from tests.supermarket import Supermarket
from tests.waiting import wait_for


@dataclass
class ReferenceCore:
    """The process, and the folder its database is in."""

    folder: Path
    url: str

    def rows(self, sql: str, *values: object) -> list[tuple]:
        """Look into, or meddle with, the core's own database behind its back."""
        with sqlite3.connect(self.folder / reference_core.FILE, timeout=10) as connection:
            return connection.execute(sql, values).fetchall()


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceCore]:
    """The reference core, one process for all tests; each test has a company of its own in it."""
    folder, port = tmp_path_factory.mktemp("core"), home.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "hub.demo.reference_core", "--folder", str(folder), "--port", str(port)]
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url, process)
        yield ReferenceCore(folder, url)
    finally:
        process.terminate()
        process.wait(60)


def _await(url: str, process: subprocess.Popen) -> None:
    def answers() -> bool:
        assert process.poll() is None, "the reference core ended at once"
        return bool(httpx2.get(f"{url}/health", trust_env=False).status_code == 200)

    wait_for(f"the reference core at {url}", answers, despite=(httpx2.TransportError,))


@dataclass
class Chain(Supermarket):
    """A supermarket that is connected to its core and has been read once."""

    reference: ReferenceCore | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.token = secrets.token_urlsafe(16)
        self.codes = {"T-1": self.tomato, "E-1": self.eggs}
        reference_core.load(
            self.reference.folder,
            str(self.chain.id),
            self.token,
            reference_core.Books(
                places=[reference_core.Place(s.gln, s.name_en) for s in self.stores],
                items=[reference_core.Item(code, i.gtin, i.name_en, i.unit) for code, i in self.codes.items()],
                sales=[
                    reference_core.Sold(s.gln, code, date(2026, 11, day), 10 + day)
                    for s in self.stores
                    for code in self.codes
                    for day in range(1, 11)
                ],
                stock=[
                    reference_core.Stocked(s.gln, code, lot, date(2026, 12, due), 40)
                    for s in self.stores
                    for code in self.codes
                    for lot, due in (("OLD", 1), ("NEW", 9))
                ],
            ),
        )
        with db.session(db.Who(self.chain.id)) as session:
            cores.connect(session, self.administrator, cores.Way(CoreKind.REST, self.reference.url, self.token))

    def sell(self, store: int, code: str, quantity: int, day: date = date(2026, 11, 11)) -> None:
        """Ring something up at a store's till."""
        answer = httpx2.post(
            f"{self.reference.url}/sales",
            headers={"Authorization": f"Bearer {self.token}"},
            json={
                "place": self.stores[store].gln,
                "day": day.isoformat(),
                "lines": [{"item": code, "quantity": quantity}],
            },
            trust_env=False,
        )
        answer.raise_for_status()

    def receive(self, store: int = 0, quantity: str = "12.5", lot: str = "Q-1124", **more: object) -> GoodsReceived:
        """A store accepts tomatoes: the message that says so, handled as the relay does."""
        message = GoodsReceived(
            receipt_id=more.get("receipt_id", uuid7()),
            shipment_id=uuid7(),
            supplier_id=self.farm.id,
            place_id=self.stores[store].id,
            reference="DA-1124-7",
            received_at="2026-11-24T06:10:00+00:00",
            lines=[
                {
                    "shipment_line_id": str(uuid7()),
                    "trade_item_id": str(more.get("item", self.tomato.id)),
                    "lot": lot,
                    "best_before": "2026-12-03",
                    "quantity": quantity,
                    "unit": "KGM",
                }
            ],
        )
        with db.session(db.Who(self.chain.id)) as session:
            commands.goods_received(session, message)
        return message

    def core_stock(self, store: int = 0, code: str = "T-1") -> Decimal:
        """What the core says is at a store, in its own database."""
        (row,) = self.reference.rows(
            "select s.quantity from stock s join place p on p.id = s.place join item i on i.id = s.item"
            " where p.gln = ? and i.code = ? and i.company = p.company",
            self.stores[store].gln,
            code,
        )
        return Decimal(row[0]) / 1_000_000

    def core_receipts(self) -> int:
        """How many receipts the core has booked."""
        (row,) = self.reference.rows(
            "select count(*) from receipt r join company c on c.id = r.company where c.name = ?",
            str(self.chain.id),
        )
        return row[0]


@pytest.fixture
def chain(clean: str, reference: ReferenceCore) -> Chain:
    """A supermarket whose core nobody has read yet."""
    return Chain(reference=reference)
