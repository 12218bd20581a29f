"""The supermarkets' own systems: a year of daily sales with weeks and holidays, opening stock, and the first sync."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import holidays
import numpy as np
from numpy.typing import NDArray

from hub import db
from hub.demo import cast, founding, reference_core
from hub.demo.founding import World
from hub.demo.growing import Planned
from hub.inventory import cores, rounds
from hub.models.inventory import CoreKind
from hub.models.party import PlaceKind, Role
from hub.settings import settings

DAYS = 365
_WEEK = (0.92, 0.88, 0.9, 0.95, 1.08, 1.22, 1.16)  # Monday to Sunday


@dataclass(frozen=True)
class Chain:
    """What a supermarket's system is filled from; plain values, so that another process can do it."""

    key: str
    organization: UUID
    folder: Path
    token: str
    today: date
    lots: tuple[Planned, ...]

    @property
    def party(self) -> cast.Party:
        """The chain in the cast."""
        return cast.HEJIA if self.key == "hejia" else cast.LELIN


def connect(world: World, key: str, lots: Sequence[Planned]) -> Chain:
    """Tell the hub how a chain's system is reached."""
    token = secrets.token_urlsafe(32)
    with db.session(world.who(key)) as session:
        cores.connect(
            session, world.actor(key, Role.ADMINISTRATOR), cores.Way(CoreKind.REST, settings().core_url, token)
        )
    return Chain(key, world.organizations[key].id, world.folder / "core", token, world.today, tuple(lots))


def fill_and_sync(chain: Chain, seed: int) -> int:
    """Write a chain's system, then have the hub read all of it; return how many rows of sales that were."""
    dice = np.random.default_rng(seed)
    items = founding.sold_by(chain.key)
    stores = [site for site in chain.party.sites if site.kind is PlaceKind.STORE]
    reference_core.load(
        chain.folder,
        chain.party.en,
        chain.token,
        reference_core.Books(
            places=[reference_core.Place(site.gln, site.zh) for site in chain.party.sites],
            items=[reference_core.Item(founding.core_code(i), i.gtin, i.zh, i.unit) for i in items],
            sales=_sales(chain.today, stores, items, dice),
            stock=_stock(chain, items, dice),
        ),
    )
    return rounds.pull(chain.organization).rows.get("sales", 0)


def sell_out(chain: Chain, lots: Iterable[str]) -> None:
    """What came in long ago was sold long ago: the system says so, and the hub reads it."""
    reference_core.sell_out(chain.folder, chain.party.en, lots)
    rounds.pull(chain.organization)


def _sales(
    today: date, stores: list[cast.Site], items: list[cast.Item], dice: np.random.Generator
) -> Iterator[reference_core.Sold]:
    days = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
    shape = _shape(days)
    size = {store.number: dice.uniform(0.55, 1.5) for store in stores}
    for item in items:
        season = 1 + 0.25 * np.sin(np.arange(DAYS) * 2 * np.pi / 365 + dice.uniform(0, 2 * np.pi))
        whole = item.unit != "KGM"
        for store in stores:
            mean = item.daily * size[store.number] * shape * season
            sold = dice.poisson(mean) if whole else np.round(dice.gamma(12, mean / 12), 2)
            for day, quantity in zip(days, sold.tolist(), strict=True):
                yield reference_core.Sold(store.gln, founding.core_code(item), day, quantity)


def _shape(days: list[date]) -> NDArray[np.float64]:
    """The weekday's share, and what the holidays add: more before and on them."""
    free = holidays.country_holidays("CN", years={day.year for day in days})
    lift = [1.35 if day + timedelta(days=1) in free else 1.2 if day in free else 1.0 for day in days]
    shape: NDArray[np.float64] = np.array([_WEEK[day.weekday()] for day in days]) * np.array(lift)
    return shape


def _stock(chain: Chain, items: list[cast.Item], dice: np.random.Generator) -> Iterator[reference_core.Stocked]:
    """What is on the shelves: for each item its newest lot; a tenth of the shelves run short."""
    newest = {lot.item.gtin: lot for lot in chain.lots}
    for item in items:
        lot = newest[item.gtin]
        for site in chain.party.sites:
            days = 4.0 if site.kind is PlaceKind.STORE else 12.0
            if dice.random() < 0.1:
                days = 0.6
            quantity = Decimal(max(1, round(item.daily * days)))
            yield reference_core.Stocked(site.gln, founding.core_code(item), lot.number, lot.best_before, quantity)
