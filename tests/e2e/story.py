"""The story of one lot, told over HTTP: from a farm's field to the store's shelf, by the people whose work it is.

Every step may be tried again: the hub gives the same answer to the same request, so a part killed on the way delays the
story and changes nothing in it.
"""

import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx2
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import col, select

from hub import db
from hub.access import Permission
from hub.demo import builder, reference_core
from hub.inventory import cores, rounds
from hub.inventory.connectors.rest import RestCore
from hub.ledger.audit import bundle
from hub.ledger.log import anchoring
from hub.models.catalogue import Lot, TradeItem
from hub.models.inventory import CoreKind
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind, Role
from hub.models.trade import PurchaseOrder, Shipment
from hub.settings import settings
from logistics.models import PlanState, Stop
from logistics.plan import dispatch
from supplier_portal.orders import orders
from tests.stack import Stack
from tests.waiting import Come, wait_for

PREFIX = "6905555"
MIDNIGHT = clock(23, 59)
PASSWORD = "a long enough sentence"
PATIENCE = 600.0
"""Seconds: a part that is killed ten times while it starts is waited for longer each time."""


@dataclass
class Cast:
    """Who takes part, founded through the services before the story begins."""

    farm: Organization
    chain: Organization
    haulier: Organization
    auditor: Organization
    field_: Place
    packhouse: Place
    store: Place
    depot: Place
    item: TradeItem
    keys: dict[str, str] = field(default_factory=dict)


def found(folder: Any, today: date, sales: Sequence[tuple[date, float]] = (), stock: int = 0) -> Cast:
    """A farm, a chain with one store and a core of its own, a haulier with a fleet, and an auditor."""
    farm = _member(1, OrganizationKind.SUPPLIER, "Qinghe Co-op", "清河合作社")
    chain = _member(2, OrganizationKind.RETAILER, "Hejia", "禾家超市")
    haulier = _member(3, OrganizationKind.HAULIER, "Luyun", "鲁运冷链")
    auditor = _member(4, OrganizationKind.AUDITOR, "Audit office", "审计所")
    cast = Cast(
        farm,
        chain,
        haulier,
        auditor,
        field_=_place(11, farm, PlaceKind.FARM, "Greenhouse 7", "7号棚", 36.83, 118.75),
        packhouse=_place(12, farm, PlaceKind.PACKHOUSE, "Packing house", "分拣站", 36.85, 118.78),
        store=_place(13, chain, PlaceKind.STORE, "Lixia", "历下店", 36.66, 117.07),
        depot=_place(14, haulier, PlaceKind.DEPOT, "Depot", "车场", 36.70, 117.05),
        item=builder.item(farm, "Tomatoes", "番茄", gtin=builder.gtin(1, PREFIX)),
    )
    for party, partner in combinations((farm, chain, haulier, auditor), 2):
        if (party, partner) != (farm, haulier):
            builder.relation(party, partner, today - timedelta(days=30))
    builder.assortment(chain, {"VE-1": cast.item})
    builder.person(farm, Role.SUPPLIER, PASSWORD, "farm@example.org", "王秀兰")
    builder.person(chain, Role.STORE, PASSWORD, "store@example.org", "林晓", place=cast.store.id)
    for party, role, name in (
        (chain, Role.BUYER, "林晓"),
        (chain, Role.ADMINISTRATOR, "林晓"),
        (haulier, Role.DISPATCHER, "徐静"),
        (haulier, Role.DRIVER, "徐静"),
        (auditor, Role.AUDITOR, "黄颖"),
    ):
        builder.person(party, role, PASSWORD, f"{role.value}@example.org", name)
    for number in range(12):  # one that has driven is back an hour later, which the story does not wait for
        builder.vehicle(haulier, cast.depot, f"鲁A·K30{number:02d}", 9000, 40, shift_start=clock(0), shift_end=MIDNIGHT)
    _connect_core(cast, folder, sales, stock)
    cast.keys = {
        "farm": builder.key(farm, "farm", Permission.ANSWER_ORDERS, Permission.CAPTURE_EVENTS),
        "chain": builder.key(chain, "chain", Permission.RECEIVE_GOODS, Permission.PLACE_ORDERS),
        "haulier": builder.key(haulier, "haulier", Permission.DRIVE, Permission.PLAN_ROUTES),
        "auditor": builder.key(auditor, "auditor", Permission.AUDIT),
    }
    return cast


def _member(number: int, kind: OrganizationKind, name: str, zh: str) -> Organization:
    return builder.member(builder.party(kind, name, zh, gln=builder.gln(number, PREFIX)))


def _place(
    number: int, party: Organization, kind: PlaceKind, name: str, zh: str, latitude: float, longitude: float
) -> Place:
    """Open day and night: the story must come true at whatever hour it is told."""
    where = {"gln": builder.gln(number, PREFIX), "latitude": latitude, "longitude": longitude}
    return builder.place(party, kind, name, zh, **where, opens=clock(0), closes=MIDNIGHT)


def _connect_core(cast: Cast, folder: Any, sales: Sequence[tuple[date, float]], stock: int) -> None:
    at = cast.store.gln
    held = [reference_core.Stocked(at, "VE-1", "OLD-1", None, Decimal(stock))] if stock else []
    reference_core.load(
        folder,
        "Hejia",
        "core-token",
        reference_core.Books(
            places=[reference_core.Place(at, "Lixia")],
            items=[reference_core.Item("VE-1", cast.item.gtin, "Tomatoes", "KGM")],
            sales=[reference_core.Sold(at, "VE-1", day, quantity) for day, quantity in sales],
            stock=held,
        ),
    )
    actor = builder.actor(cast.chain, Role.ADMINISTRATOR)
    with db.session(db.Who(cast.chain.id)) as session:
        cores.connect(session, actor, cores.Way(CoreKind.REST, settings().core_url, "core-token"))


class Teller:
    """Somebody's client that tries again until it is answered."""

    def __init__(self, address: Callable[[], str], key: str) -> None:
        self.address, self.key = address, key

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        once: str = "",
        right: tuple[int, ...] = (200, 201, 202),
    ) -> Any:
        """The answer, asked for again while the hub is away or says that it is not ready."""
        headers = {"Authorization": f"Bearer {self.key}", "Accept": "application/json"}
        if once:
            headers["Idempotency-Key"] = once

        def answered() -> httpx2.Response:
            answer = httpx2.request(method, self.address() + path, json=body, headers=headers, timeout=20)
            told = f"{answer.status_code}: {answer.text[:300]}"
            if answer.status_code >= 500 and answer.status_code not in right:
                raise httpx2.HTTPError(told)
            assert answer.status_code in right, f"{method} {path}: {told}"
            return answer

        answer = wait_for(f"{method} {path}", answered, PATIENCE, despite=(httpx2.HTTPError,))
        return answer.text if "jsonl" in answer.headers.get("content-type", "") else answer.json()


def until(true: Callable[[], Come], what: str, seconds: float = PATIENCE) -> Come:
    """What comes to be, whatever a killed part makes fail meanwhile."""
    return wait_for(what, true, seconds, despite=(Exception,))


def key() -> str:
    """A fresh Idempotency-Key."""
    return str(uuid4())


def moment() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass
class Told:
    """What has happened so far."""

    orders: list[str] = field(default_factory=list)
    received: Decimal = Decimal(0)


class Story:
    """The story, one lot after the other."""

    def __init__(self, cast: Cast, address: Callable[[], str]) -> None:
        self.cast, self.told = cast, Told()
        self.farm, self.store, self.driver, self.auditor = (
            Teller(address, cast.keys[name]) for name in ("farm", "chain", "haulier", "auditor")
        )

    def chapter(self, number: int) -> None:
        """One lot, from the field to the shelf."""
        lot = f"SG-{number:03d}"
        at = moment()
        again(lambda: self._grow(lot, at))
        order = again(lambda: self._order(at))
        gtin = self.cast.item.gtin
        self.farm.ask(
            "POST",
            f"/api/orders/{order}/confirmation",
            body={"lines": [{"gtin": gtin, "answer": "confirmed"}]},
            once=key(),
        )
        sent = self.farm.ask(
            "POST",
            f"/api/orders/{order}/shipments",
            once=key(),
            body={"ship_from": self.cast.packhouse.gln, "lines": [{"gtin": gtin, "lot": lot, "quantity": "40"}]},
        )
        shipment = sent["number"]
        stop = self._drive(shipment)
        self.driver.ask("POST", f"/api/stops/{stop}/temperatures", body={"celsius": 4.5}, once=key())
        self.driver.ask("POST", f"/api/stops/{stop}/arrival", body={})
        self.driver.ask("POST", f"/api/stops/{stop}/delivery", body={"received_by": "张敏"})
        lines = self.store.ask("GET", f"/api/shipments/{shipment}")["lines"]
        counted = {"lines": [{"line": line["line"], "quantity": line["quantity"]} for line in lines]}
        self.store.ask("POST", f"/api/shipments/{shipment}/receipt", body=counted, once=key())
        self.told.orders.append(order)
        self.told.received += 40

    def _grow(self, number: str, at: datetime) -> None:
        cast = self.cast
        with db.session(db.Who(cast.farm.id)) as session:
            if session.exec(select(Lot).where(col(Lot.number) == number)).first() is not None:
                return
        harvested = at - timedelta(hours=9)
        builder.lot(cast.item, number, builder.Harvest(cast.field_, cast.packhouse, harvested, 100))

    def _order(self, at: datetime) -> str:
        buyer = builder.actor(self.cast.chain, Role.BUYER)
        with db.session(db.Who(self.cast.chain.id)) as session:
            known = session.exec(select(PurchaseOrder).where(col(PurchaseOrder.proposed_at) == at)).first()
            lines = [orders.DraftLine(self.cast.item.id, Decimal(40))]
            wanted = orders.OrderDraft(self.cast.farm.id, self.cast.store.id, self._day(), lines)
            order = known or orders.write(session, buyer, wanted, at=at)
            return orders.place(session, buyer, order, at=at).number

    def _drive(self, shipment: str) -> str:
        """The dispatcher asks for a plan until the shipment is on a published route."""
        dispatcher = builder.actor(self.cast.haulier, Role.DISPATCHER)

        def planned() -> str:
            with db.session(dispatcher.who) as session:
                for stop, sent in session.exec(
                    select(Stop, Shipment).join(Shipment, col(Shipment.id) == col(Stop.shipment_id))
                ):
                    if sent.number == shipment and stop.published_at is not None:
                        return str(stop.id)
                made = [
                    plan
                    for plan in dispatch.plans(session, dispatcher, self._day())
                    if plan.state is not PlanState.PUBLISHED
                ]
                if not made:
                    dispatch.ask(session, dispatcher, self._day(), at=moment(), seconds=1)
                elif made[0].state is PlanState.DRAFT:
                    dispatch.publish(session, dispatcher, made[0], at=moment())
                elif made[0].state is not PlanState.PLANNING:
                    dispatch.ask(session, dispatcher, self._day(), at=moment(), seconds=1)
            return ""

        return str(until(planned, "a published plan"))

    def _day(self) -> date:
        return datetime.now(ZoneInfo("Asia/Shanghai")).date()

    def settled(self) -> None:
        """Everything has been told, sealed, anchored and is final; hub and core agree; every check holds."""
        chapters = len(self.told.orders)
        until(partial(_none, "outbox_message where handled_at is null"), "all messages heard")
        until(partial(_none, "core_command where state <> 'done'"), "all commands done")
        until(partial(_none, "event where seq is null"), "all records sealed")
        until(partial(_none, "chain_message where state <> 'final'"), "all of it final", 300)
        expected = {
            "planting": 1,
            "spraying": 1,
            "commissioning": 1,
            "inspecting": 1,
            "packing": 1,
            "shipping": 1,
            "receiving": 1,
        }
        for step, each in expected.items():
            told = _count("select count(*) from event where biz_step like '%' || :step", step=step)
            assert told == each * chapters, f"{told} {step} records for {chapters} lots"
        once = ("purchase_order", "order_answer", "order_turn", "shipment", "receipt", "matched_line", "core_command")
        for table in once:
            assert _count(f"select count(*) from {table}") == chapters, table
        assert _count("select count(*) from log_leaf") == _count("select count(*) from event")
        comparison = until(lambda: rounds.reconcile(self.cast.chain.id), "a comparison with the core")
        assert comparison.compared > 0 and not comparison.drifts, comparison
        assert self._in_the_core() == self.told.received
        # A node that was killed says for a while that less is final.
        read = until(self._all_valid, "a bundle that is all valid", 300)
        # Seven of the goods, and what both sides agreed on in the stream of each.
        assert sum(len(one.records) for one in read.streams) == 9 * chapters

    def _all_valid(self) -> bundle.Bundle:
        read = bundle.read(self.auditor.ask("GET", "/api/ledger/bundle").splitlines())
        bad = [str(check) for check in bundle.verify(read, anchoring.ledger()) if not check.good]
        assert not bad, bad
        return read

    def _in_the_core(self) -> Decimal:
        with closing(RestCore(settings().core_url, "core-token")) as core:
            return sum((Decimal(str(quantity)) for quantity in core.stock("").quantity), Decimal(0))


def _count(sql: str, **values: object) -> int:
    with db.hub_session() as session:
        return int(session.execute(text(sql), values).scalar_one())


def _none(rows: str) -> bool:
    return _count(f"select count(*) from {rows}") == 0


def again(step: Callable[[], Any]) -> Any:
    """Do a step that may be repeated, until the database takes it."""
    away = (OperationalError, PoolTimeout, PendingRollbackError, InterfaceError)
    return wait_for("the database", lambda: (step(),), PATIENCE, despite=away)[0]


class Killer(threading.Thread):
    """Kills parts at random points, each as often as asked."""

    def __init__(self, stack: Stack, parts: tuple[str, ...], times: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.stack, self.dice = stack, random.Random(seed)
        self.left = [part for part in parts for _ in range(times)]
        self.dice.shuffle(self.left)
        self.killed: list[str] = []

    def run(self) -> None:
        """Kill, one after the other, whatever is alive when its turn comes."""
        for part in self.left:
            time.sleep(self.dice.uniform(0.5, 3.0))
            wait_for(part, partial(self.stack.alive, part), PATIENCE)
            self.stack.kill(part)
            self.killed.append(part)


def main(folder: Path, kills: int, least: int) -> int:
    """Tell the story on a running installation while parts of it are killed; 0 when all of it came true."""
    stack = Stack(folder)
    cast = found(folder / "core", datetime.now(UTC).date())
    story = Story(cast, lambda: stack.address)
    killer = Killer(stack, ("keeper", "worker-cores", "web", "chain", "postgres"), kills, seed=20261124)
    killer.start()
    chapter = 0
    while chapter < least or killer.is_alive():
        chapter += 1
        story.chapter(chapter)
        print(f"chapter {chapter}: told; {len(killer.killed)} kills so far", flush=True)
    story.settled()
    print(
        f"{chapter} lots from field to shelf, {len(killer.killed)} kills: nothing lost, nothing doubled, all valid",
        flush=True,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
