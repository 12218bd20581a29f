"""``python -m hub.demo``: play the sample world once, through the services, with a progress bar."""

import json
import random
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from zoneinfo import ZoneInfo

from coincurve import PrivateKey
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from hub import db, outbox
from hub.demo import cast, founding, growing, moving, settling, supermarkets, trading
from hub.demo.founding import World
from hub.demo.growing import Grown
from hub.inventory import rounds
from hub.ledger.log import sealing
from hub.listeners import LISTENERS
from hub.local import home
from hub.notices import desk
from hub.settings import settings
from hub.signer import Signer

SEED = 20261124


def main() -> int:
    """Play it, then write down who can sign in: that file says that the world stands."""
    folder = home.home()
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    columns = (
        TextColumn("  {task.description:<34}"),
        BarColumn(40),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, refresh_per_second=4) as progress, desk.silently():
        bar = Bar(progress, folder)
        dice = random.Random(SEED)
        bar.part("Organisations, places, items", 1)
        world = founding.begin(today, folder)
        bar.step()
        planned = growing.plan(today, dice)
        chains = [supermarkets.connect(world, key, planned) for key in ("hejia", "lelin")]
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside:
            fillings = [beside.submit(supermarkets.fill_and_sync, chain, SEED) for chain in chains]
            forecasts = [beside.submit(trading.forecast, world, chain.key) for chain in chains]
            bar.part("Lots and their records", growing.LOTS)
            grown = growing.grow(world, planned, dice, bar.step)
            older, young = grown[: len(grown) // 2], grown[len(grown) // 2 :]
            trade(world, older, young, dice, bar)
            bar.part("A year of sales in both chains", len(fillings))
            for filling in fillings:
                filling.result()
                bar.step()
            bar.part("Forecasts, commitments and proposals", 6)
            for connected, forecast in zip(chains, forecasts, strict=True):
                rounds.push(connected.organization)
                forecast.result()
                bar.step()
        trading.commit(world, dice)
        bar.step()
        supermarkets.sell_out(chains[0], (lot.lot.number for lot in older))
        bar.step()
        for connected in chains:
            trading.propose(world, connected.key)
            bar.step()
    _write_accounts(folder)
    return 0


class Bar:
    """Progress, on the terminal and on the pages."""

    def __init__(self, progress: Progress, folder: Path) -> None:
        self.progress, self.folder = progress, folder
        self.task: TaskID | None = None
        self.name, self.total, self.done, self.written = "", 1, 0, 0.0

    def part(self, name: str, total: int) -> None:
        """A new part of the play begins."""
        if self.task is not None:
            self.progress.update(self.task, completed=self.total)
        self.name, self.total, self.done = name, total, 0
        self.task = self.progress.add_task(name, total=total)
        self._tell()

    def step(self, count: int = 1) -> None:
        """Some of it is done."""
        self.done += count
        if self.task is not None:
            self.progress.update(self.task, completed=self.done)
        if time.monotonic() - self.written > 1:
            self._tell()

    def _tell(self) -> None:
        self.written = time.monotonic()
        home.write(
            self.folder / "status.json",
            json.dumps({"coming": "world", "part": self.name, "done": self.done, "total": self.total}),
        )


def trade(world: World, older: Sequence[Grown], young: Sequence[Grown], dice: random.Random, bar: Bar) -> None:
    """Orders, shipments, routes and receipts, while the supermarkets' systems fill."""
    bar.part("Ten days of orders, and today's", trading.PAST_DAYS + 2)
    moving.vehicles(world)
    trading.recalls(world, [*older, *young])
    sent = trading.long_past(world, older)
    bar.step()
    sent += trading.past(world, young, dice, bar.step)
    trading.today(world, young, dice)
    bar.step()
    bar.part("Signatures, receipts and routes", 4)
    sign_and_seal(world)
    bar.step()
    moving.receive_past(world, sent, dice)
    bar.step()
    moving.today(world, sent)
    bar.step()
    outbox.relay(LISTENERS, limit=10_000)
    settling.settle(world, growing.at(world.today, 0))
    sign_and_seal(world)
    bar.step()


def sign_and_seal(world: World) -> None:
    """The two suppliers with keys of their own sign what waits for them; then everything is sealed."""
    for party in cast.SUPPLIERS:
        if party.own_key:
            path = world.folder / "own-keys" / f"{party.key}.key"
            member = world.organizations[party.key].member or 0
            secret = PrivateKey(bytes.fromhex(path.read_text()))
            key = path.with_suffix(".api-key").read_text()
            signer = Signer(settings().base_url, key, secret, member, path.with_suffix(".journal"))
            while signer.round():
                pass
    sealed = 1
    while sealed:
        with db.hub_session() as session:
            sealed = sealing.seal(session, patient=False)


def _write_accounts(folder: Path) -> None:
    people = {person.email: (party, person) for party in cast.everybody() for person in party.people}
    accounts = [
        {
            "role": person.role.value,
            "name": person.name,
            "organization_zh": party.zh,
            "organization_en": party.en,
            "email": email,
            "password": cast.PASSWORD,
        }
        for email in cast.SHOWN
        for party, person in [people[email]]
    ]
    home.write(folder / "sample-accounts.json", json.dumps(accounts, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
