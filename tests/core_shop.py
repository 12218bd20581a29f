"""What a chain has in its Tryton: stores, items with their lots, stock that was counted, and goods that were sold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.core_tryton import Tryton


@dataclass(frozen=True)
class Goods:
    """A product as Tryton numbers it, with its unit and its lots."""

    product: int
    unit: int
    lots: tuple[int, ...]


def day_of(day: date) -> dict[str, Any]:
    """A date as Tryton's REST API writes it."""
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def decimal(figure: str) -> dict[str, Any]:
    """A number as Tryton's REST API writes it."""
    return {"__class__": "Decimal", "decimal": figure}


def add_warehouse(tryton: Tryton, code: str, name: str) -> dict[str, int]:
    """A warehouse with its zones; its number as ``id``, the zones' by their names."""
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


def add_supplier(tryton: Tryton, gln: str, name: str) -> int:
    """A party that Tryton knows by its GLN."""
    return tryton.create("party.party", name=name, identifiers=[["create", [{"code": gln}]]])


def add_customer(tryton: Tryton) -> int:
    """Whoever comes in from the street."""
    return tryton.create("party.party", name="Walk-in", addresses=[["create", [{"street": "1 Road"}]]])


def add_product(
    tryton: Tryton, numbers: tuple[str, str], name: str, lots: Mapping[str, int], symbol: str = "kg"
) -> Goods:
    """A product by its code and its GTIN, with lots that end after so many days."""
    code, gtin = numbers
    unit = tryton.search("product.uom", [["symbol", "=", symbol]])[0]["id"]
    numbered = {"suffix_code": code, "identifiers": [["create", [{"type": "ean", "code": gtin}]]]}
    template = tryton.create(
        "product.template",
        name=name,
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
    made = []
    for number, days in lots.items():
        due = day_of(date.today() + timedelta(days=days))
        dates = {"expiration_date": due, "shelf_life_expiration_date": due}
        made.append(tryton.create("stock.lot", product=product, number=number, **dates))
    return Goods(product, unit, tuple(made))


def count(tryton: Tryton, location: int, there: Sequence[tuple[int, int, float]]) -> None:
    """Take stock: of each product's lot there is exactly so much."""
    lines = [{"product": product, "lot": lot, "quantity": float(amount)} for product, lot, amount in there]
    inventory = tryton.create(
        "stock.inventory",
        location=location,
        date=day_of(date.today()),
        company=tryton.company,
        empty_quantity="keep",
        lines=[["create", lines]],
    )
    tryton.press("stock.inventory", inventory, "confirm")


def sell(
    tryton: Tryton, house: Mapping[str, int], customer: int, sold: Sequence[tuple[Goods, float]], day: date
) -> None:
    """What a customer took of the first lots of some goods on a day, as one shipment."""
    customers = tryton.search("stock.location", [["type", "=", "customer"]])[0]["id"]
    currency = tryton.search("currency.currency", [])[0]["id"]
    moves = [
        {
            "product": goods.product,
            "lot": goods.lots[0],
            "quantity": quantity,
            "unit": goods.unit,
            "from_location": house["output"],
            "to_location": customers,
            "company": tryton.company,
            "currency": currency,
            "unit_price": decimal("5"),
        }
        for goods, quantity in sold
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


@dataclass(frozen=True)
class Sold:
    """An item of a chain's: its number and name, what is in each store, and how much goes a day."""

    gtin: str
    name: str
    stock: float
    daily: float


def open_shop(tryton: Tryton, stores: Mapping[str, str], items: Sequence[Sold], days: int) -> None:
    """Fill a Tryton with stores by code and name, with items, and with the sales of the last days."""
    customer = add_customer(tryton)
    goods = {item: add_product(tryton, (item.gtin[-6:], item.gtin), item.name, {"OLD": 9}) for item in items}
    for code, name in stores.items():
        house = add_warehouse(tryton, code, name)
        _fill(tryton, house["storage"], goods, 2 * days)
        for back in range(1, days + 1):
            more = 1.5 if back % 7 == 0 else 1
            sold = [(goods[item], item.daily * more) for item in items]
            sell(tryton, house, customer, sold, date.today() - timedelta(days=back))
        _fill(tryton, house["storage"], goods, 0)


def _fill(tryton: Tryton, location: int, goods: Mapping[Sold, Goods], days: int) -> None:
    """What is in a store, and what goes in so many days beside it."""
    lots = [(each.product, each.lots[0], item.stock + days * item.daily) for item, each in goods.items()]
    count(tryton, location, lots)
