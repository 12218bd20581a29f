"""What a chain already has in its own Tryton on the day it moves in: stores, items, stock and weeks of sales."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.core_tryton import Tryton


@dataclass(frozen=True)
class Sold:
    """An item of the chain's system: its number and name, what is in each store, and how much goes a day."""

    gtin: str
    name: str
    stock: float
    daily: float


def day_of(day: date) -> dict[str, Any]:
    """A date as Tryton's REST API writes it."""
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def decimal(figure: str) -> dict[str, Any]:
    """A number as Tryton's REST API writes it."""
    return {"__class__": "Decimal", "decimal": figure}


def open_shop(
    tryton: Tryton, supplier: tuple[str, str], stores: dict[str, str], items: Sequence[Sold], days: int
) -> None:
    """Fill a Tryton: a supplier by GLN and name, stores by code and name, items, and sales of the last days."""
    gln, name = supplier
    tryton.create("party.party", name=name, identifiers=[["create", [{"code": gln}]]])
    customer = tryton.create("party.party", name="Walk-in", addresses=[["create", [{"street": "1 Road"}]]])
    houses = [_warehouse(tryton, code, called) for code, called in stores.items()]
    products = {item: _product(tryton, item) for item in items}
    for house in houses:
        _count(tryton, house["storage"], {products[item]: item.stock + 2 * item.daily * days for item in items})
        for back in range(1, days + 1):
            more = 1.5 if back % 7 == 0 else 1
            sold = {products[item]: item.daily * more for item in items}
            _sell(tryton, house, customer, sold, date.today() - timedelta(days=back))
        _count(tryton, house["storage"], {products[item]: item.stock for item in items})


@dataclass(frozen=True)
class _Goods:
    product: int
    lot: int
    unit: int


def _sell(tryton: Tryton, house: dict[str, int], customer: int, sold: dict[_Goods, float], day: date) -> None:
    """What customers took on a day, as one shipment."""
    customers = tryton.search("stock.location", [["type", "=", "customer"]])[0]["id"]
    currency = tryton.search("currency.currency", [])[0]["id"]
    moves = [
        {
            "product": goods.product,
            "lot": goods.lot,
            "quantity": quantity,
            "unit": goods.unit,
            "from_location": house["output"],
            "to_location": customers,
            "company": tryton.company,
            "currency": currency,
            "unit_price": decimal("5"),
        }
        for goods, quantity in sold.items()
    ]
    shipment = tryton.create(
        "stock.shipment.out",
        customer=customer,
        delivery_address=tryton.search("party.address", [["party", "=", customer]])[0]["id"],
        warehouse=house["id"],
        warehouse_storage=house["storage"],
        warehouse_output=house["output"],
        company=tryton.company,
        planned_date=day_of(day),
        effective_date=day_of(day),
        outgoing_moves=[["create", moves]],
    )
    tryton.press("stock.shipment.out", shipment, "wait", "assign_force", "pick", "pack", "do")


def _warehouse(tryton: Tryton, code: str, name: str) -> dict[str, int]:
    lost = tryton.search("stock.location", [["type", "=", "lost_found"]])[0]["id"]
    zones = {
        zone: tryton.create("stock.location", name=f"{name} {zone}", type="storage")
        for zone in ("input", "storage", "output")
    }
    made = tryton.create(
        "stock.location",
        name=name,
        code=code,
        type="warehouse",
        lost_found_location=lost,
        **{f"{zone}_location": number for zone, number in zones.items()},
    )
    for number in zones.values():
        tryton.write("stock.location", number, parent=made)
    return {"id": made, **zones}


def _product(tryton: Tryton, item: Sold) -> _Goods:
    unit = tryton.search("product.uom", [["symbol", "=", "kg"]])[0]["id"]
    numbered = {"suffix_code": item.gtin[-6:], "identifiers": [["create", [{"type": "ean", "code": item.gtin}]]]}
    template = tryton.create(
        "product.template",
        name=item.name,
        type="goods",
        default_uom=unit,
        purchasable=True,
        purchase_uom=unit,
        account_category=tryton.account_category,
        list_price=decimal("5"),
        expiration_state="optional",
        shelf_life_state="optional",
        products=[["create", [numbered]]],
    )
    product = tryton.search("product.product", [["template", "=", template]])[0]["id"]
    due = day_of(date.today() + timedelta(days=9))
    lot = tryton.create("stock.lot", product=product, number="OLD", expiration_date=due, shelf_life_expiration_date=due)
    return _Goods(product, lot, unit)


def _count(tryton: Tryton, location: int, there: dict[_Goods, float]) -> None:
    """Take stock: of each lot there is exactly so much."""
    lines = [{"product": goods.product, "lot": goods.lot, "quantity": amount} for goods, amount in there.items()]
    inventory = tryton.create(
        "stock.inventory",
        location=location,
        date=day_of(date.today()),
        company=tryton.company,
        empty_quantity="keep",
        lines=[["create", lines]],
    )
    tryton.press("stock.inventory", inventory, "confirm")
