"""``python -m benchmarks.pages``: what the main pages ask of the database and the chain, and how long they take.

On this checkout's running installation with its sample world: the same application, asked in this process, with the
web's own environment. Times are medians of ten requests, after two that warm up.
"""

import json
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

from chain_node.rpc import Node
from hub.local.installation import here

PASSWORD = "furrow sample world 2026"
PAGES = {
    "qinghe@example.com": [
        "/supplier",
        "/supplier/orders",
        "/supplier/lots",
        "/supplier/records",
        "/supplier/forecast",
    ],
    "buyer@hejia.example.com": [
        "/buyer",
        "/buyer/orders",
        "/buyer/proposals",
        "/buyer/stock",
        "/buyer/suppliers",
        "/buyer/forecast",
    ],
    "store@hejia.example.com": ["/store", "/store/deliveries", "/store/stock"],
    "dispatch@luyun.example.com": ["/dispatch", "/dispatch/shipments", "/dispatch/vehicles"],
    "auditor@example.com": ["/audit", "/audit/checks"],
}


@dataclass
class Asked:
    """How often the database and the chain were asked."""

    database: int = 0
    chain: int = 0


@contextmanager
def counted() -> Iterator[Asked]:
    """Count the questions of this process."""
    asked, ask = Asked(), Node.ask

    def query(*_: object) -> None:
        asked.database += 1

    def question(node: Node, method: str, *params: object) -> object:
        asked.chain += 1
        return ask(node, method, *params)

    event.listen(Engine, "before_cursor_execute", query)
    Node.ask = question  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", query)
        Node.ask = ask  # type: ignore[method-assign]


def measure(client: TestClient, path: str) -> None:
    """Print a page's line."""
    times = []
    for turn in range(12):
        begun = time.perf_counter()
        with counted() as asked:
            answer = client.get(path)
        if turn >= 2:
            times.append(time.perf_counter() - begun)
    told = (
        f"{asked.database:4} queries {asked.chain:3} questions to the chain  {statistics.median(times) * 1e3:6.0f} ms"
    )
    print(f"{path:<44} {told}" + ("" if answer.status_code == 200 else f"  status {answer.status_code}"), flush=True)


def scanned() -> str:
    """The page of a lot whose journey is the longest in the sample world."""
    from sqlalchemy import text

    from hub import db

    with db.public_session() as session:
        row = session.execute(
            text("""select i.gtin, l.number from lot l join trade_item i on i.id = l.trade_item_id
                    join event_key k on k.link like '%/01/' || i.gtin || '/10/' || l.number
                    group by 1, 2 order by count(*) desc limit 1""")
        ).one()
    return f"/product/{row[0]}/{row[1]}"


def main() -> None:
    """Print all of them."""
    installation = here()
    os.environ.update(installation.environment("web"))
    from hub.app import create_app

    with TestClient(create_app(), base_url=installation.address) as anybody:
        measure(anybody, os.environ.get("LOT") or scanned())
    for email, paths in PAGES.items():
        with TestClient(create_app(), base_url=installation.address) as client:
            answer = client.post("/sign-in", data={"email": email, "password": PASSWORD}, follow_redirects=False)
            if answer.status_code != 303:
                raise SystemExit(json.dumps({"sign-in": answer.status_code}))
            print(email)
            for path in paths:
                measure(client, path)


if __name__ == "__main__":
    main()
