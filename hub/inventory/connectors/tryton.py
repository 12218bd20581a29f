"""A core that is Tryton, spoken to over its own REST API (version 8).

A warehouse with a code, best its GLN, is a place, with all its zones; a product is known by its code, and by its
identifier of type EAN as a GTIN; a supplier is the party that carries its GLN as an identifier.

Tryton numbers nothing in the order it commits, so the feeds follow the time of writing, a stretch before what
they have seen: a move written by a slow transaction is met again, and telling a state twice changes nothing.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from hub.inventory.connectors.base import (
    Adjustment,
    CoreCannot,
    CoreItem,
    CorePlace,
    CoreRefused,
    GoodsReceipt,
    LotPage,
    MarkedDown,
    ReceivedGoods,
    SalesPage,
    StockPage,
    away,
)

_TIMEOUT = httpx2.Timeout(30, connect=5)
_OVERLAP = timedelta(minutes=2)
_CHUNK = 1000
_REC20 = {"u": "H87", "kg": "KGM", "g": "GRM", "l": "LTR", "L": "LTR"}
_AT_CUSTOMERS = ["OR", [["to_location.type", "=", "customer"]], [["from_location.type", "=", "customer"]]]

Row = dict[str, Any]


class TrytonCore:
    """Speaks with one company of one Tryton database, as the user whose application key this is."""

    def __init__(self, url: str, database: str, token: str, timeout: httpx2.Timeout = _TIMEOUT) -> None:
        self._client = httpx2.Client(
            base_url=f"{url.rstrip('/')}/{database}/rest/model/",
            headers={
                "Authorization": f"bearer {token}",
                "Content-Type": "application/json",
                "Accept-Language": "en",
            },
            timeout=timeout,
            trust_env=False,
        )
        self._company: int | None = None
        self._now = ""

    def items(self) -> list[CoreItem]:
        """Every product that has a code."""
        fields = ["code", "template.name", "default_uom.symbol", "identifiers.type", "identifiers.code"]
        return [
            CoreItem(
                code=row["code"],
                gtin=next((i["code"] for i in row["identifiers"] if i["type"] == "ean"), ""),
                name=row["template"]["name"],
                unit=_REC20.get(row["default_uom"]["symbol"], row["default_uom"]["symbol"]),
            )
            for row in self._search("product.product", [["code", "!=", None]], fields)
        ]

    def places(self) -> list[CorePlace]:
        """Every warehouse that has a code."""
        return [CorePlace(gln=row["code"], name=row["name"]) for row in self._warehouses().values()]

    def stock(self, after: str) -> StockPage:
        """Quantities of what moved after the mark; from the start, of all there is."""
        moved = self._moved(after, "product")
        rows = [
            (gln, row["code"], row["quantity"])
            for gln, row in self._quantities("product.product", moved, ["code"])
            if row["code"]
        ]
        places, items, amounts = _columns(rows, 3)
        return StockPage(self._mark(), False, places, items, [_decimal(q) for q in amounts])

    def lots(self, after: str) -> LotPage:
        """Quantities of the lots that moved after the mark; from the start, of all there are."""
        moved = self._moved(after, "lot")
        fields = ["number", "product.code", "expiration_date"]
        rows = [
            (
                gln,
                row["product"]["code"],
                row["quantity"],
                row["number"],
                _day(row["expiration_date"]).isoformat() if row["expiration_date"] else None,
            )
            for gln, row in self._quantities("stock.lot", moved, fields)
            if row["product"]["code"]
        ]
        places, items, amounts, lots, best_before = _columns(rows, 5)
        return LotPage(self._mark(), False, places, items, [_decimal(q) for q in amounts], lots, best_before)

    def sales(self, after: str) -> SalesPage:
        """What customers took on each day that something was sold, or brought back, since the mark."""
        changed = {_sale(move) for move in self._moves([_AT_CUSTOMERS, *_written_after(after)])}
        sold: defaultdict[tuple[str, str, date], Decimal] = defaultdict(Decimal)
        zones = self._zones()
        for days in _chunks(sorted({day for _, day in changed})):
            for move in self._moves([_AT_CUSTOMERS, ["effective_date", "in", [_date(day) for day in days]]]):
                for end, sign in (("from_location", 1), ("to_location", -1)):
                    if (place := zones.get(move[end]["id"])) and _sale(move) in changed:
                        sold[place, *_sale(move)] += sign * Decimal(str(move["internal_quantity"]))
        rows = [(*key, total) for key, total in sold.items() if key[1]]
        places, items, dates, amounts = _columns(rows, 4)
        days_sold = [day.isoformat() for day in dates]
        return SalesPage(self._mark(), False, places, items, [_decimal(q) for q in amounts], days_sold)

    def last_sale(self) -> date | None:
        """The newest day on which customers took something."""
        domain = [["state", "=", "done"], ["to_location.type", "=", "customer"]]
        newest = [("d", _b64(domain)), ("s", "1"), ("o", _b64([["effective_date", "DESC"]])), ("f", "effective_date")]
        rows = self._ask("GET", "stock.move", params=newest)
        return _day(rows[0]["effective_date"]) if rows else None

    def receive(self, key: str, receipt: GoodsReceipt) -> str:
        """Book a supplier shipment, which Tryton knows again by its reference.

        Tryton has no idempotency, so every step first looks how far an earlier attempt came. Of two shipments
        made at once the older one counts; only receiving moves stock, and that happens to no other.
        """
        supplier = self._one("party.party", [["identifiers.code", "=", receipt.supplier]], receipt.supplier)
        warehouse = self._one(
            "stock.location",
            [["type", "=", "warehouse"], ["code", "=", receipt.place]],
            receipt.place,
            ["input_location.id", "storage_location.id"],
        )
        reference = f"{receipt.reference} {key}"
        known = self._shipments(supplier["id"], reference)
        if not known:
            self._create("stock.shipment.in", self._shipment(reference, supplier["id"], warehouse, receipt))
            known = self._shipments(supplier["id"], reference)
        for double in known[1:]:
            if double["state"] == "draft":
                self._act("stock.shipment.in", double["id"], "cancel")
        shipment = known[0]
        if shipment["state"] == "draft":
            # It was ordered in the hub, so there is no purchase here for the moves to name as their origin,
            # which Tryton would warn of.
            self._act("stock.shipment.in", shipment["id"], "receive", {"_skip_warnings": True})
        if shipment["state"] != "done":
            self._act("stock.shipment.in", shipment["id"], "do")
        return str(shipment["number"])

    def adjust(self, key: str, adjustment: Adjustment) -> str:
        """Tryton's REST API books deliveries for us; a change of stock is entered in Tryton by a person."""
        raise CoreCannot(adjustment=adjustment.reference, key=key)

    def mark_down(self, key: str, markdown: MarkedDown) -> str:
        """Tryton knows prices by list, not by lot and store: a lower price is entered there by a person."""
        raise CoreCannot(markdown=markdown.reference, key=key)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _shipments(self, supplier: int, reference: str) -> list[Row]:
        domain = [["reference", "=", reference], ["supplier", "=", supplier], ["state", "!=", "cancelled"]]
        return self._search("stock.shipment.in", domain, ["number", "state"])

    def _shipment(self, reference: str, supplier: int, warehouse: Row, receipt: GoodsReceipt) -> Row:
        source = self._one("stock.location", [["type", "=", "supplier"]], "supplier", many=True)["id"]
        company = self._company_id()
        currency = self._one("company.company", [["id", "=", company]], "company", ["currency.id"])
        entrance = warehouse["input_location"]["id"]
        moves = [
            {
                **self._goods(line),
                "quantity": float(line.quantity),
                "from_location": source,
                "to_location": entrance,
                "company": company,
                "currency": currency["currency"]["id"],
                "unit_price": {"__class__": "Decimal", "decimal": "0"},
            }
            for line in receipt.lines
        ]
        return {
            "reference": reference,
            "supplier": supplier,
            "warehouse": warehouse["id"],
            "warehouse_input": entrance,
            "warehouse_storage": warehouse["storage_location"]["id"],
            "company": company,
            "incoming_moves": [["create", moves]],
        }

    def _goods(self, line: ReceivedGoods) -> Row:
        product = self._one(
            "product.product", [["code", "=", line.item]], line.item, ["default_uom.id", "default_uom.symbol"]
        )
        unit = product["default_uom"]
        if _REC20.get(unit["symbol"]) != line.unit:
            raise CoreRefused(f"item {line.item} is counted in {unit['symbol']}, not in {line.unit}")
        domain = [["product", "=", product["id"]], ["number", "=", line.lot]]
        lots = self._search("stock.lot", domain, [])
        due = _date(line.best_before) if line.best_before else None
        lot = (
            lots[0]["id"]
            if lots
            else self._create(
                "stock.lot",
                {
                    "product": product["id"],
                    "number": line.lot,
                    "expiration_date": due,
                    "shelf_life_expiration_date": due,
                },
            )
        )
        return {"product": product["id"], "unit": unit["id"], "lot": lot}

    def _warehouses(self) -> dict[int, Row]:
        rows = self._search("stock.location", [["type", "=", "warehouse"]], ["code", "name"])
        return {row["id"]: row for row in rows if row["code"]}

    def _zones(self) -> dict[int, str]:
        """The GLN that every location of a place belongs to."""
        places = {number: row["code"] for number, row in self._warehouses().items()}
        rows = self._search("stock.location", [], ["parent.id"])
        above = {row["id"]: row["parent"]["id"] if row["parent"] else None for row in rows}
        zones: dict[int, str] = {}
        for location in above:
            step: int | None = location
            while step is not None and step not in places:
                step = above.get(step)
            if step is not None:
                zones[location] = places[step]
        return zones

    def _moved(self, after: str, what: str) -> Mapping[str, set[int]] | None:
        """The ids of what moved at each place since the mark; None when all must be read."""
        if not after:
            return None
        zones = self._zones()
        moved: defaultdict[str, set[int]] = defaultdict(set)
        for move in self._moves(_written_after(after)):
            for end in ("from_location", "to_location"):
                place = zones.get(move[end]["id"])
                if place and move[what]:
                    moved[place].add(move[what]["id"])
        return moved

    def _quantities(
        self, model: str, moved: Mapping[str, set[int]] | None, fields: Sequence[str]
    ) -> Iterator[tuple[str, Row]]:
        for warehouse, row in self._warehouses().items():
            # Without place and date in the context a quantity reads 0, which is no error in Tryton. A date to
            # come means its own today, which may be another day than ours.
            context = {"locations": [warehouse], "with_childs": True, "stock_date_end": _date(date.max)}
            domains: list[list[Any]] = [[["quantity", "!=", 0]]]
            if moved is not None:
                domains = [[["id", "in", ids]] for ids in _chunks(sorted(moved.get(row["code"], ())))]
            for domain in domains:
                for amount in self._search(model, domain, ["quantity", *fields], context):
                    yield row["code"], amount

    def _moves(self, domain: Sequence[Any]) -> list[Row]:
        fields = [
            "product.code",
            "lot.id",
            "from_location.id",
            "to_location.id",
            "internal_quantity",
            "effective_date",
        ]
        return self._search("stock.move", [["state", "=", "done"], *domain], fields)

    def _mark(self) -> str:
        """Where the next read begins: a stretch before the server's time when this one began."""
        return (parsedate_to_datetime(self._now) - _OVERLAP).isoformat() if self._now else ""

    def _company_id(self) -> int:
        if self._company is None:
            companies = self._ask("GET", "company.company", params=[("f", "id")])
            if len(companies) != 1:
                raise CoreRefused("the key's user must see exactly one company")
            self._company = int(companies[0]["id"])
        return self._company

    def _one(self, model: str, domain: Sequence[Any], name: str, fields: Sequence[str] = (), many: bool = False) -> Row:
        rows = self._search(model, domain, fields)
        if not rows or (len(rows) > 1 and not many):
            raise CoreRefused(f"{len(rows)} of {model} are {name}; there must be one")
        return rows[0]

    def _search(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        context: Mapping[str, Any] | None = None,
    ) -> list[Row]:
        rows: list[Row] = []
        while True:
            asked = [
                ("d", _b64(domain)),
                ("s", str(_CHUNK)),
                ("p", str(len(rows))),
                ("o", _b64([["id", "ASC"]])),
            ]
            asked += [("f", field) for field in ("id", *fields)]
            page = self._ask("GET", model, context, params=asked)
            rows += page
            if len(page) < _CHUNK:
                return rows

    def _create(self, model: str, values: Row) -> int:
        return int(self._ask("POST", model, content=json.dumps(values))["id"])

    def _act(self, model: str, number: int, button: str, context: Mapping[str, Any] | None = None) -> None:
        self._ask("POST", f"{model}/{number}/{button}", context, content="{}")

    def _ask(self, method: str, path: str, context: Mapping[str, Any] | None = None, **more: Any) -> Any:
        scope = {"company": self._company_id()} if path != "company.company" else {}
        headers = {"X-Tryton-Context": _b64({**scope, **(context or {})})}
        try:
            answer = self._client.request(method, path, headers=headers, **more)
            self._now = self._now or answer.headers["Date"]
            if answer.status_code == 400:
                raise CoreRefused(f"{path}: {answer.json()['message']}")
            answer.raise_for_status()
            return answer.json() if answer.content else None
        except (httpx2.HTTPError, ValueError, KeyError) as error:
            raise away(error, f"{method} {path}") from error


def _b64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def _date(day: date) -> Row:
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def _day(moment: Row) -> date:
    return date(moment["year"], moment["month"], moment["day"])


def _written_after(mark: str) -> list[Any]:
    """Moves written after a moment; Tryton's times are UTC and say no zone."""
    if not mark:
        return []
    at = datetime.fromisoformat(mark).astimezone(UTC)
    moment = {
        "__class__": "datetime",
        "year": at.year,
        "month": at.month,
        "day": at.day,
        "hour": at.hour,
        "minute": at.minute,
        "second": at.second,
        "microsecond": at.microsecond,
    }
    return [["OR", [["write_date", ">", moment]], [["create_date", ">", moment]]]]


def _sale(move: Row) -> tuple[str, date]:
    return move["product"]["code"] or "", _day(move["effective_date"])


def _decimal(quantity: Any) -> str:
    return f"{Decimal(str(quantity)):.6f}"


def _columns(rows: Sequence[tuple[Any, ...]], count: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(count)]


def _chunks(values: Sequence[Any], size: int = 200) -> Iterator[list[Any]]:
    return (list(values[start : start + size]) for start in range(0, len(values), size))
