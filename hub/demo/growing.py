"""Three hundred lots come into being: planted, sprayed, measured, harvested, tested and packed, or made in a day."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlmodel import Session

from hub import db, parties
from hub.demo import cast
from hub.demo.founding import World
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import PlaceKind
from hub.parties import CertificateDetails
from hub.trace import master_data, records
from hub.trace.records import Batch, Environment, Goods, Reading, Report, Residue, Scene, Treatment

LOTS = 300
TOGETHER = 4
"""How many lots of a supplier's older round are made on one day, and sold in one order."""
_ZONE = ZoneInfo("Asia/Shanghai")
_SUBSTANCES = (
    ("啶虫脒", "acetamiprid", "1.0"), ("苯醚甲环唑", "difenoconazole", "0.5"),
    ("氯氟氰菊酯", "lambda-cyhalothrin", "0.2"), ("吡虫啉", "imidacloprid", "1.0"), ("嘧菌酯", "azoxystrobin", "3.0"),
    ("毒死蜱", "chlorpyrifos", "0.02"), ("多菌灵", "carbendazim", "3.0"), ("氧乐果", "omethoate", "0.02"),
    ("腐霉利", "procymidone", "2.0"), ("阿维菌素", "abamectin", "0.05"),
)  # fmt: skip
_PRODUCTS = (
    ("10%苯醚甲环唑水分散粒剂", "difenoconazole", 7), ("5%啶虫脒乳油", "acetamiprid", 5),
    ("250 g/L嘧菌酯悬浮剂", "azoxystrobin", 5),
)  # fmt: skip


@dataclass
class Grown:
    """A lot and what it is a lot of."""

    lot: Lot
    item: TradeItem
    supplier: str
    made_on: date
    over_limit: bool = False


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment on the clock of the region."""
    return datetime.combine(day, time(hour, minute), _ZONE).astimezone(UTC)


@dataclass(frozen=True)
class Planned:
    """A lot that will be: which item's, its number, and the day it is made."""

    item: cast.Item
    serial: int
    day: date

    @property
    def number(self) -> str:
        """The lot number."""
        return f"{self.item.supplier[:2].upper()}-{self.day:%m%d}-{self.serial:03d}"

    @property
    def best_before(self) -> date:
        """Until when it is good."""
        return self.day + timedelta(days=self.item.shelf_life)


def plan(today: date, dice: random.Random) -> list[Planned]:
    """All lots: two of each item, the first round older, the second young enough to be sold now."""
    items, planned, day = cast.items(), list[Planned](), today
    for _supplier, mine in groupby(items, key=lambda item: item.supplier):
        for n, item in enumerate(mine):
            if n % TOGETHER == 0:
                day = today - timedelta(days=dice.randint(20, 60))
            planned.append(Planned(item, len(planned) + 1, day))
    for item in items:
        age = dice.randint(1, max(1, min(item.shelf_life - 1, 9)))
        planned.append(Planned(item, len(planned) + 1, today - timedelta(days=age)))
    return planned


def grow(world: World, planned: Sequence[Planned], dice: random.Random, step: Callable[[], None]) -> list[Grown]:
    """Play all lots; two of them will be found over a limit."""
    grown = []
    for lot in planned:
        grown.append(_grown(world, dice, lot))
        step()
    return grown


def _grown(world: World, dice: random.Random, planned: Planned) -> Grown:
    item, day, row = planned.item, planned.day, world.items[planned.item.gtin]
    packing = world.site(item.supplier, PlaceKind.PACKHOUSE)
    bad = planned.serial in (6, 152)
    field_crop = item.category in ("vegetables", "fruit")
    with db.session(world.who(item.supplier)) as session:
        amount = (Decimal(dice.randint(60, 140)) * row.case_quantity).quantize(Decimal(1))
        if field_crop:
            lot = _crop(session, world, dice, planned, amount)
        else:
            lot = records.make(
                session,
                row,
                planned.number,
                Scene(world.site(item.supplier, PlaceKind.FARM), at(day, 5, 20)),
                Batch(amount, planned.best_before),
            )
        records.test(
            session,
            lot,
            row,
            Scene(packing, at(day, 14, 30)),
            Report(
                "潍坊衡测检验",
                f"HC-{day:%y%m%d}-{planned.serial:03d}",
                _residues(dice, bad) if field_crop else _clean(item.category),
            ),
        )
        records.pack(
            session,
            Goods(lot, row, amount),
            Scene(packing, at(day, 15, 15)),
            cases=int(amount / row.case_quantity),
        )
        if field_crop or item.category in ("eggs", "meat"):
            paper = CertificateDetails(
                kind="hegezheng",
                name_zh="承诺达标合格证",
                name_en="Commitment certificate of compliance",
                number=f"HGZ-{lot.number}",
                issuer=world.organizations[item.supplier].name_zh,
                valid_from=day,
            )
            master_data.state(session, parties.certify(session, paper, lot=lot.id))
    return Grown(lot, row, item.supplier, day, bad)


def _crop(session: Session, world: World, dice: random.Random, planned: Planned, amount: Decimal) -> Lot:
    item, day = world.items[planned.item.gtin], planned.day
    field = world.site(planned.item.supplier, PlaceKind.FARM)
    planted = day - timedelta(days=dice.randint(55, 110))
    area = Decimal(dice.randint(400, 2400))
    lot = records.plant(session, item, planned.number, Scene(field, at(planted, 8)), area_m2=area)
    product, substance, wait = dice.choice(_PRODUCTS)
    records.spray(
        session,
        lot,
        item,
        Scene(field, at(day - timedelta(days=wait + dice.randint(6, 20)), 17)),
        Treatment(product, substance, Decimal(dice.randint(20, 60)), "GRM", wait),
    )
    for back in (21, 14, 7):
        until = day - timedelta(days=back - 7)
        readings = [
            _reading(dice, "Temperature", "CEL", 22, 4),
            _reading(dice, "RelativeHumidity", "P1", 66, 9),
        ]
        records.grow(
            session,
            lot,
            item,
            Scene(field, at(until, 4)),
            Environment(at(day - timedelta(days=back), 0), readings),
        )
    records.harvest(
        session,
        Goods(lot, item, amount),
        Scene(field, at(day, 6, 40)),
        best_before=day + timedelta(days=item.shelf_life_days),
    )
    return lot


def _reading(dice: random.Random, kind: str, unit: str, middle: float, spread: float) -> Reading:
    mean = round(dice.gauss(middle, spread / 4), 1)
    return Reading(kind, unit, mean, round(mean - spread, 1), round(mean + spread, 1))


def _residues(dice: random.Random, bad: bool) -> list[Residue]:
    seen = set(dice.sample(range(len(_SUBSTANCES)), 2))
    residues = []
    for place, (zh, en, limit) in enumerate(_SUBSTANCES):
        share = Decimal(dice.randint(3, 30)) / 100 if place in seen else None
        if bad and place == 2:
            share = Decimal("2.1")
        residues.append(
            Residue(
                zh,
                en,
                None if share is None else (share * Decimal(limit)).quantize(Decimal("0.0001")),
                Decimal(limit),
            )
        )
    return residues


def _clean(category: str) -> list[Residue]:
    if category == "bakery":
        return [Residue("脱氧雪腐镰刀菌烯醇", "deoxynivalenol", None, Decimal(1))]
    return [
        Residue("恩诺沙星", "enrofloxacin", None, Decimal("0.1")),
        Residue("氟苯尼考", "florfenicol", None, Decimal("0.1")),
    ]
