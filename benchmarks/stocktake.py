"""How long a stock-take of a whole store takes the hub, and what that leaves for the people who count.

Run: ``python -m benchmarks.stocktake [ITEMS [COUNTERS]]``, 5,000 items and 6 counters where nothing is said. Starts the
whole embedded hub in a folder of its own, with a reference core that has the store's stock. Everybody counts by HTTP at
once, each item as a phone sends it, without pause; one count in twenty is sent twice, as after a lost line. Of one item
in fifty two are really gone; one count in a hundred is wrong by five, and is made again by somebody else. The buyer
approves, and the core is told.
"""

import random
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import httpx2
from sqlalchemy import func
from sqlmodel import select

from benchmarks.capture import percentile
from benchmarks.memory import standing
from hub import access, db
from hub.demo import builder, reference_core
from hub.inventory import cores
from hub.inventory.connectors.rest import RestCore
from hub.models.inventory import CoreCommand, CoreKind, StockLevel
from hub.models.party import Organization, OrganizationKind, Place, Role
from hub.settings import settings
from hub.web.deps import login_cookie
from tests.e2e import story
from tests.stack import Stack

ON_SHELF, GONE, WRONG, AGAIN = 24, 0.02, 0.01, 0.05
SECONDS_AN_ITEM = 6
"""What a person needs to find an item, count it and scan it: an assumption, not a measurement."""
PASSWORD = "a long enough password"


def browser(stack: Stack, who: str) -> httpx2.Client:
    """Somebody's phone, signed in."""
    token = access.sign_in(who, PASSWORD, "127.0.0.1")
    headers = {"sec-fetch-site": "same-origin", "hx-request": "true", "accept-language": "en"}
    return httpx2.Client(base_url=stack.address, cookies={login_cookie(): token}, headers=headers, timeout=60)


def found(stack: Stack, items: int, counters: int) -> tuple[Organization, Place, Sequence[str]]:
    """A chain with one store and so many items in stock, by its core; and those who count."""
    chain = builder.party(OrganizationKind.RETAILER, "Hejia")
    farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe")
    builder.relation(chain, farm)
    store = builder.place(chain, name="Lixia")
    offered = [builder.item(farm, f"Item {number}", unit="H87") for number in range(items)]
    builder.person(chain, Role.BUYER, PASSWORD, "buyer@example.org")
    for number in range(counters):
        builder.person(chain, Role.STORE, PASSWORD, f"counter{number}@example.org", f"Counter {number}", place=store.id)
    codes = {f"C-{number}": item for number, item in enumerate(offered)}
    books = reference_core.Books(
        places=[reference_core.Place(store.gln, "Lixia")],
        items=[reference_core.Item(code, item.gtin, item.name_en, item.unit) for code, item in codes.items()],
        sales=[],
        stock=[reference_core.Stocked(store.gln, code, "L1", None, Decimal(ON_SHELF)) for code in codes],
    )
    reference_core.load(stack.folder / "core", str(chain.id), "core-token", books)
    administrator = builder.actor(chain, Role.ADMINISTRATOR)
    with db.session(administrator.who) as session:
        cores.connect(session, administrator, cores.Way(CoreKind.REST, settings().core_url, "core-token"))
    return chain, store, [item.gtin for item in offered]


def count(phone: httpx2.Client, take: str, gtins: Sequence[str], off: Mapping[str, int]) -> list[float]:
    """Count these items on a phone, each as many fewer as it is off by; the seconds of each answer."""
    took = []
    for gtin in gtins:
        told = {"said_as": str(uuid4()), "item": gtin, "quantity": str(ON_SHELF - off.get(gtin, 0))}
        for _ in range(2 if random.random() < AGAIN else 1):
            begun = time.monotonic()
            answer = phone.post(f"{take}/counts", data=told)
            took.append(time.monotonic() - begun)
            if answer.status_code != 200:
                raise SystemExit(f"{answer.status_code} {answer.text[:300]}")
    return took


def main(items: int, counters: int) -> None:
    """Play a stock-take, and print what it took."""
    random.seed(7)
    with standing("furrow-stocktake-") as stack:
        _run(stack, items, counters)


def _run(stack: Stack, items: int, counters: int) -> None:
    chain, store, gtins = found(stack, items, counters)
    who = db.Who(chain.id)

    def read() -> bool:
        with db.session(who) as session:
            return session.exec(select(func.count()).select_from(StockLevel)).one() == items

    story.until(read, "the stock read from the core")
    phones = [browser(stack, f"counter{number}@example.org") for number in range(counters)]
    buyer = browser(stack, "buyer@example.org")
    wish = {"said_as": str(uuid4()), "place": str(store.id), "listing": "all", "threshold": "10", "blind": "true"}
    begun = time.monotonic()
    answer = phones[0].post("/stock-takes", data=wish)
    take, made = answer.headers["hx-redirect"], time.monotonic() - begun
    gone = dict.fromkeys(random.sample(gtins, round(items * GONE)), 2)
    wrong = set(random.sample(sorted(set(gtins) - set(gone)), round(items * WRONG)))
    off = gone | dict.fromkeys(wrong, 5)

    begun = time.monotonic()
    with ThreadPoolExecutor(counters) as people:
        parts = [gtins[number::counters] for number in range(counters)]
        told = list(people.map(count, phones, [take] * counters, parts, [off] * counters))
    counted, took = time.monotonic() - begun, sorted(second for part in told for second in part)
    begun = time.monotonic()
    phones[0].post(f"{take}/counted").raise_for_status()
    ended = time.monotonic() - begun
    for number, part in enumerate(parts):  # the next one counts again what this one had wrong
        count(phones[(number + 1) % counters], take, [gtin for gtin in part if gtin in wrong], {})
    begun = time.monotonic()
    buyer.post(f"{take}/approval").raise_for_status()
    approved = time.monotonic() - begun

    def in_the_core() -> bool:
        with closing(RestCore(settings().core_url, "core-token")) as core:
            there = sum(Decimal(quantity) for quantity in core.stock("").quantity)
        return there == items * ON_SHELF - 2 * len(gone)

    story.until(in_the_core, "the differences in the core")
    with db.session(who) as session:
        commands = session.exec(select(func.count()).select_from(CoreCommand)).one()
    print(f"sheet of {items:,} items made in {made:.1f} s")
    print(
        f"{len(took):,} requests of {counters} counters in {counted:.0f} s, {len(took) / counted:.0f} a second;"
        f" p50 {percentile(took, 0.5):.0f} ms, p99 {percentile(took, 0.99):.0f} ms"
    )
    print(f"counting ended in {ended:.1f} s, {len(wrong)} lines counted again; approved in {approved:.1f} s")
    print(f"{len(gone)} items differ in the core as on the shelf, told by {commands} command; no wrong count is one")
    people_hours = items * SECONDS_AN_ITEM / 3600
    share = items * SECONDS_AN_ITEM / counters / 3600
    print(
        f"arithmetic: {items:,} items x {SECONDS_AN_ITEM} s (assumed) = {people_hours:.1f} hours of one person,"
        f" {share:.1f} hours for {counters} at once; the hub keeps up with"
        f" {len(took) / counted * SECONDS_AN_ITEM:.0f} such counters. Measured at {datetime.now(UTC):%Y-%m-%d}."
    )


if __name__ == "__main__":
    asked = [int(number) for number in sys.argv[1:]]
    main(*(asked + [5000, 6][len(asked) :]))
