"""The sample world's supermarket system: a process and a database of its own, speaking the core profile.

It stands in for a retailer's real core and knows nothing of the hub. Several companies live in one process,
each behind its own bearer token. The profile is in docs/reference/core-profile.md; ``POST /sales`` is the
till, which is no part of it. Quantities lie in the database as whole millionths.
"""

import argparse
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Response
from pydantic import BaseModel

from hub.demo.core_bodies import Adjustment, Markdown, Receipt, SoldLine, Till
from hub.local import home

Told = TypeVar("Told", bound=BaseModel)
FILE = "core.sqlite"
_ONE = 1_000_000
BOOKS = {"receipt": "GR", "adjustment": "SA", "markdown": "MD"}
"""What the hub tells, each in a table of its own, by what its numbers begin with."""
_SCHEMA = """
create table if not exists company (id integer primary key, name text unique, token blob unique, changed int);
create table if not exists item (id integer primary key, company int, code text, gtin text, name text, unit text,
  unique (company, code));
create table if not exists place (id integer primary key, company int, gln text, name text, unique (company, gln));
create table if not exists stock (company int, place int, item int, quantity int, changed int,
  primary key (place, item)) without rowid;
create index if not exists stock_changed on stock (company, changed);
create table if not exists lot (company int, place int, item int, lot text, best_before text, quantity int,
  changed int, primary key (place, item, lot)) without rowid;
create index if not exists lot_changed on lot (company, changed);
create table if not exists sale (company int, place int, item int, day text, quantity int, changed int,
  primary key (place, item, day)) without rowid;
create index if not exists sale_changed on sale (company, changed);
create table if not exists receipt (company int, number int, key text, body text, primary key (company, key));
create table if not exists adjustment (company int, number int, key text, body text, primary key (company, key));
create table if not exists markdown (company int, number int, key text, body text, primary key (company, key));
"""


class Item(NamedTuple):
    """An item on the shelf list."""

    code: str
    gtin: str
    name: str
    unit: str


class Place(NamedTuple):
    """A store or a distribution centre."""

    gln: str
    name: str


class Sold(NamedTuple):
    """What a place sold of an item on a day."""

    gln: str
    code: str
    day: date
    quantity: Decimal | float


class Stocked(NamedTuple):
    """How much of a lot is at a place."""

    gln: str
    code: str
    lot: str
    best_before: date | None
    quantity: Decimal | float


@contextmanager
def database(folder: Path, write: bool = False) -> Iterator[sqlite3.Connection]:
    """One transaction; writers come one after another, so that changes are numbered as they become visible."""
    connection = sqlite3.connect(folder / FILE, timeout=30, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    try:
        connection.execute("begin immediate" if write else "begin")
        yield connection
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise
    finally:
        connection.close()


def prepare(folder: Path) -> None:
    """Make the folder and the tables where they are missing."""
    home.make(folder)
    connection = sqlite3.connect(folder / FILE)
    connection.executescript(_SCHEMA)
    connection.close()


@dataclass(frozen=True)
class Books:
    """A company's places and items, its sales up to now, and the stock it opens with."""

    places: Iterable[Place]
    items: Iterable[Item]
    sales: Iterable[Sold]
    stock: Iterable[Stocked]


def load(folder: Path, company: str, token: str, books: Books) -> None:
    """Write a company with its books, in place of what was there under its name."""
    prepare(folder)
    with database(folder, write=True) as db:
        mine, changed = _empty(db, company, token)
        db.executemany("insert into place (company, gln, name) values (?, ?, ?)", ((mine, *p) for p in books.places))
        db.executemany(
            "insert into item (company, code, gtin, name, unit) values (?, ?, ?, ?, ?)",
            ((mine, *i) for i in books.items),
        )
        at = dict(db.execute("select gln, id from place where company = ?", (mine,)))
        of = dict(db.execute("select code, id from item where company = ?", (mine,)))
        db.executemany(
            "insert into sale values (?, ?, ?, ?, ?, ?)",
            (
                (mine, at[gln], of[code], day.isoformat(), _millionths(quantity), number)
                for number, (gln, code, day, quantity) in enumerate(books.sales, changed + 1)
            ),
        )
        db.execute(
            "update company set changed = max(changed, (select coalesce(max(changed), 0) from sale where company = id))"
            " where id = ?",
            (mine,),
        )
        for gln, code, lot, best_before, quantity in books.stock:
            _move(db, mine, _LotAt(at[gln], of[code], lot, best_before), _millionths(quantity))


def sell_out(folder: Path, company: str, lots: Iterable[str]) -> None:
    """The tills have sold all there was of some lots, everywhere."""
    with database(folder, write=True) as db:
        (mine,) = db.execute("select id from company where name = ?", (company,)).fetchone()
        for lot in lots:
            left = db.execute(
                "select place, item, quantity from lot where company = ? and lot = ? and quantity > 0",
                (mine, lot),
            ).fetchall()
            for place, item, quantity in left:
                _move(db, mine, _LotAt(place, item, lot), -quantity)


def _empty(db: sqlite3.Connection, company: str, token: str) -> tuple[int, int]:
    """Forget a company's rows; its id, and the number of the last change it has told."""
    for table in ("item", "place", "stock", "lot", "sale", *BOOKS):
        db.execute(f"delete from {table} where company = (select id from company where name = ?)", (company,))
    row = db.execute(
        "insert into company (name, token, changed) values (?, ?, 0)"
        " on conflict (name) do update set token = excluded.token returning id, changed",
        (company, hashlib.sha256(token.encode()).digest()),
    ).fetchone()
    return int(row[0]), int(row[1])


def _millionths(quantity: Decimal | float) -> int:
    return round(quantity * _ONE)


def _text(millionths: int) -> str:
    return f"{millionths / _ONE:.6f}"


def _next(db: sqlite3.Connection, company: int) -> int:
    row = db.execute("update company set changed = changed + 1 where id = ? returning changed", (company,))
    return int(row.fetchone()[0])


class _LotAt(NamedTuple):
    """A lot of an item at a place, both by their rows' ids."""

    place: int
    item: int
    number: str
    best_before: date | None = None


def _move(db: sqlite3.Connection, company: int, lot: _LotAt, quantity: int) -> None:
    """Add to a lot's stock at a place, and to the item's; each change gets its number."""
    due = lot.best_before.isoformat() if lot.best_before else None
    db.execute(
        "insert into lot values (?, ?, ?, ?, ?, ?, ?) on conflict (place, item, lot)"
        " do update set quantity = quantity + excluded.quantity, changed = excluded.changed",
        (company, lot.place, lot.item, lot.number, due, quantity, _next(db, company)),
    )
    _move_item(db, company, lot.place, lot.item, quantity)


def _move_item(db: sqlite3.Connection, company: int, place: int, item: int, quantity: int) -> None:
    """Add to an item's stock at a place, of no lot that is known."""
    db.execute(
        "insert into stock values (?, ?, ?, ?, ?) on conflict (place, item)"
        " do update set quantity = quantity + excluded.quantity, changed = excluded.changed",
        (company, place, item, quantity, _next(db, company)),
    )


@dataclass(frozen=True)
class Feed:
    """A table that is told in the order of its changes."""

    table: str
    columns: tuple[str, ...]


FEEDS = {
    "stock": Feed("stock", ()),
    "lots": Feed("lot", ("lot", "best_before")),
    "sales": Feed("sale", ("day",)),
}


def create_core(folder: Path) -> FastAPI:
    """The HTTP side, over the database in ``folder``."""
    prepare(folder)
    core = FastAPI(title="Reference core", openapi_url=None)

    def company(authorization: Annotated[str, Header()] = "") -> int:
        hashed = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest()
        with database(folder) as db:
            row = db.execute("select id from company where token = ?", (hashed,)).fetchone()
        if row is None:
            raise HTTPException(401, "unknown token")
        return int(row[0])

    Company = Annotated[int, Depends(company)]

    @core.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ready"}

    @core.get("/items")
    def items(company: Company) -> dict[str, list[dict[str, str]]]:
        with database(folder) as db:
            rows = db.execute("select code, gtin, name, unit from item where company = ?", (company,)).fetchall()
        return {"items": [Item(*row)._asdict() for row in rows]}

    @core.get("/places")
    def places(company: Company) -> dict[str, list[dict[str, str]]]:
        with database(folder) as db:
            rows = db.execute("select gln, name from place where company = ?", (company,)).fetchall()
        return {"places": [Place(*row)._asdict() for row in rows]}

    @core.get("/sales/latest")
    def latest(company: Company) -> dict[str, str | None]:
        with database(folder) as db:
            (day,) = db.execute("select max(day) from sale where company = ?", (company,)).fetchone()
        return {"day": day}

    @core.get("/{feed}")
    def changes(
        company: Company, feed: str, after: str = "", limit: Annotated[int, Query(ge=1, le=100_000)] = 10_000
    ) -> Response:
        if feed not in FEEDS or not (after.isdigit() or after == ""):
            raise HTTPException(404, "no such feed, or a mark this core never gave")
        with database(folder) as db:
            return Response(json.dumps(_page(db, company, FEEDS[feed], after, limit)), media_type="application/json")

    @core.post("/receipts", status_code=201)
    def receive(
        company: Company,
        receipt: Receipt,
        idempotency_key: Annotated[str, Header(min_length=1, max_length=200)],
    ) -> dict[str, str]:
        with database(folder, write=True) as db:
            return {"number": _book(db, company, "receipt", idempotency_key, receipt, _receive)}

    @core.post("/adjustments", status_code=201)
    def adjust(
        company: Company,
        adjustment: Adjustment,
        idempotency_key: Annotated[str, Header(min_length=1, max_length=200)],
    ) -> dict[str, str]:
        with database(folder, write=True) as db:
            return {"number": _book(db, company, "adjustment", idempotency_key, adjustment, _adjust)}

    @core.post("/markdowns", status_code=201)
    def mark_down(
        company: Company,
        markdown: Markdown,
        idempotency_key: Annotated[str, Header(min_length=1, max_length=200)],
    ) -> dict[str, str]:
        with database(folder, write=True) as db:
            return {"number": _book(db, company, "markdown", idempotency_key, markdown, _mark_down)}

    @core.post("/sales")
    def sell(company: Company, till: Till) -> dict[str, list[dict[str, str]]]:
        with database(folder, write=True) as db:
            return {"sold": [_sell(db, company, till, line) for line in till.lines]}

    return core


def _page(db: sqlite3.Connection, company: int, feed: Feed, after: str, limit: int) -> dict[str, Any]:
    names = ("place", "item", "quantity", *feed.columns)
    rows = db.execute(
        f"select p.gln, i.code, f.quantity, {''.join(f'f.{c}, ' for c in feed.columns)} f.changed"
        f" from {feed.table} f join place p on p.id = f.place join item i on i.id = f.item"
        " where f.company = ? and f.changed > ? order by f.changed limit ?",
        (company, int(after or 0), limit + 1),
    ).fetchall()
    shown = rows[:limit]
    *columns, changed = zip(*shown, strict=True) if shown else ((), *(() for _ in names))
    page: dict[str, Any] = dict(zip(names, columns, strict=True))
    page["quantity"] = [_text(quantity) for quantity in page["quantity"]]
    (left,) = db.execute(
        f"select count(*) from {feed.table} where company = ? and changed > ?",
        (company, int(changed[-1] if changed else after or 0)),
    ).fetchone()
    return {**page, "after": str(changed[-1]) if changed else after, "more": len(rows) > limit, "left": left}


def _id(db: sqlite3.Connection, table: str, column: str, company: int, value: str) -> int:
    row = db.execute(f"select id from {table} where company = ? and {column} = ?", (company, value)).fetchone()
    if row is None:
        raise HTTPException(422, f"unknown {table} {value}")
    return int(row[0])


def _book(
    db: sqlite3.Connection,
    company: int,
    book: str,
    key: str,
    told: Told,
    do: Callable[[sqlite3.Connection, int, Told], None],
) -> str:
    """Do what is told under a key, once; its number, which the same key is answered with for ever."""
    body = told.model_dump_json()
    known = db.execute(f"select number, body from {book} where company = ? and key = ?", (company, key)).fetchone()
    if known is not None and known[1] != body:
        raise HTTPException(422, f"this key has already told another {book}")
    if known is None:
        do(db, company, told)
        known = db.execute(
            f"insert into {book} select ?, count(*) + 1, ?, ? from {book} where company = ? returning number",
            (company, key, body, company),
        ).fetchone()
    return f"{BOOKS[book]}-{known[0]:06d}"


def _receive(db: sqlite3.Connection, company: int, receipt: Receipt) -> None:
    place = _id(db, "place", "gln", company, receipt.place)
    for line in receipt.lines:
        item = _counted_in(db, company, line.item, line.unit)
        _move(db, company, _LotAt(place, item, line.lot, line.best_before), _millionths(line.quantity))


def _adjust(db: sqlite3.Connection, company: int, adjustment: Adjustment) -> None:
    place = _id(db, "place", "gln", company, adjustment.place)
    for line in adjustment.lines:
        item, quantity = _counted_in(db, company, line.item, line.unit), _millionths(line.quantity)
        if line.lot:
            _move(db, company, _LotAt(place, item, line.lot, line.best_before), quantity)
        else:
            _move_item(db, company, place, item, quantity)


def _mark_down(db: sqlite3.Connection, company: int, markdown: Markdown) -> None:
    """The price goes to the tills, which this core has none of: it is enough that it knows what is told of."""
    _id(db, "place", "gln", company, markdown.place)
    _id(db, "item", "code", company, markdown.item)


def _counted_in(db: sqlite3.Connection, company: int, code: str, unit: str) -> int:
    item = _id(db, "item", "code", company, code)
    own = db.execute("select unit from item where id = ?", (item,)).fetchone()[0]
    if own != unit:
        raise HTTPException(422, f"item {code} is counted in {own}, not in {unit}")
    return item


def _sell(db: sqlite3.Connection, company: int, till: Till, line: SoldLine) -> dict[str, str]:
    """Sell what is there, the lot that expires first before the others; say how much that was."""
    place = _id(db, "place", "gln", company, till.place)
    item = _id(db, "item", "code", company, line.item)
    demand = _millionths(line.quantity)
    lots = db.execute(
        "select lot, quantity from lot where place = ? and item = ? and quantity > 0"
        " order by best_before is null, best_before, lot",
        (place, item),
    ).fetchall()
    sold = 0
    for lot, there in lots:
        taken = min(demand - sold, there)
        if taken:
            _move(db, company, _LotAt(place, item, lot), -taken)
            sold += taken
    db.execute(
        "insert into sale values (?, ?, ?, ?, ?, ?) on conflict (place, item, day)"
        " do update set quantity = quantity + excluded.quantity, changed = excluded.changed",
        (company, place, item, till.day.isoformat(), sold, _next(db, company)),
    )
    return {"item": line.item, "quantity": _text(sold)}


def main() -> None:
    """Serve until told to stop."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--port", type=int, required=True)
    given = asked.parse_args()
    uvicorn.run(create_core(given.folder), host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
