"""How fast orders are answered when three hundred suppliers answer at once, and that no answer is lost.

Run: ``python -m benchmarks.answers [SUPPLIERS]`` (300). Starts the whole embedded hub in a folder of its own, as
``make run`` does, without the sample world. Each supplier has an API key and three orders of four lines; it answers
them one after the other, the next some seconds (up to forty) after the last, and a fifth of its answers gives less. All
of them begin together. Printed: answers a second, and how long one took; then the same where nobody waits at all.
"""

import random
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx2
from sqlalchemy import text

from benchmarks.capture import percentile
from benchmarks.memory import standing
from hub import db
from hub.access import Permission
from hub.demo import builder
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, OrganizationKind, Place, Role
from supplier_portal.orders import orders
from tests.stack import Stack

ORDERS, LINES, LONGEST_PAUSE = 3, 4, 40.0


@dataclass
class Supplier:
    """A supplier with a key, and what it has to answer."""

    key: str
    items: list[TradeItem]
    numbers: list[str] = field(default_factory=list)


def main(count: int) -> None:
    """Load a hub and print what it took."""
    with standing("furrow-answers-") as stack:
        chain, store = _chain()
        for pause in (LONGEST_PAUSE, 0.0):
            suppliers = [_supplier(chain) for _ in range(count)]
            for supplier in suppliers:
                _order(chain, store, supplier)
            _run(stack, suppliers, pause)


def _chain() -> tuple[Organization, Place]:
    chain = builder.party(OrganizationKind.RETAILER, "Hejia")
    return builder.member(chain), builder.place(chain, name="Store 1")


def _supplier(chain: Organization) -> Supplier:
    party = builder.member(builder.party(OrganizationKind.SUPPLIER, "Farm"))
    builder.relation(chain, party)
    items = [builder.item(party, f"Item {number}") for number in range(LINES)]
    builder.assortment(chain, {f"{party.gln}-{number}": item for number, item in enumerate(items)})
    return Supplier(builder.key(party, "its system", Permission.ANSWER_ORDERS), items)


def _order(chain: Organization, store: Place, supplier: Supplier) -> None:
    buyer, at = builder.actor(chain, Role.BUYER), datetime.now(UTC)
    wanted = [orders.DraftLine(item.id, Decimal(100)) for item in supplier.items]
    day = store.day(at) + timedelta(days=3)
    with db.session(buyer.who) as session:
        for _ in range(ORDERS):
            draft = orders.OrderDraft(supplier.items[0].owner_id, store.id, day, wanted)
            order = orders.place(session, buyer, orders.write(session, buyer, draft, at=at), at=at)
            supplier.numbers.append(order.number)


def _run(stack: Stack, suppliers: list[Supplier], pause: float) -> None:
    took: list[float] = []
    begin = threading.Barrier(len(suppliers) + 1)
    before = _answered()

    def answer(supplier: Supplier, dice: random.Random) -> None:
        with httpx2.Client(base_url=stack.address, timeout=300) as client:
            begin.wait()
            for number in supplier.numbers:
                time.sleep(dice.uniform(0, pause))
                less = dice.random() < 0.2
                lines = [{"gtin": item.gtin, "answer": "confirmed"} for item in supplier.items]
                if less:
                    lines[0] |= {"answer": "less", "quantity": "60"}
                begun = time.monotonic()
                told = client.post(
                    f"/api/orders/{number}/confirmation",
                    json={"lines": lines},
                    headers={"Authorization": f"Bearer {supplier.key}", "Idempotency-Key": number},
                )
                told.raise_for_status()
                took.append(time.monotonic() - begun)

    threads = [
        threading.Thread(target=answer, args=(supplier, random.Random(number)))
        for number, supplier in enumerate(suppliers)
    ]
    for thread in threads:
        thread.start()
    begin.wait()
    begun = time.monotonic()
    for thread in threads:
        thread.join()
    whole = time.monotonic() - begun
    lost = len(suppliers) * ORDERS - (_answered() - before)
    print(
        f"{len(suppliers)} suppliers, pauses up to {pause:.0f} s: {len(took)} answers in {whole:.0f} s,"
        f" {len(took) / whole:.0f}/s, p50 {percentile(took, 0.5):.0f} ms, p95 {percentile(took, 0.95):.0f} ms,"
        f" p99 {percentile(took, 0.99):.0f} ms; {lost} lost",
        flush=True,
    )


def _answered() -> int:
    """How many orders have their first turn."""
    with db.hub_session() as session:
        return int(session.execute(text("select count(*) from order_turn where number = 1")).scalar_one())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
