"""The story of one lot told by clicks.

It goes from the forecast the grower commits to, to the shopper's phone and the auditor's bundle. Each person
has a browser of his own and the pages of his role; the driver's telematics speak over HTTP. What happens in between is
done by the parts of a running installation: keeper, workers, relay, chain, core.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlmodel import col, select

from hub import db
from hub.inventory import rounds
from hub.models.trade import Shipment
from logistics.models import Stop
from tests.browser import launch, person
from tests.e2e import story
from tests.e2e.story import Cast, Story, Teller, until
from tests.stack import CHECKOUT, Stack

LOT = "QH-1124-A"
ZONE = ZoneInfo("Asia/Shanghai")
SLOW = 90_000


class Told:
    """The people of one story, each in a browser of his own."""

    def __init__(self, cast: Cast, stack: Stack, browser: Browser, opened: ExitStack) -> None:
        self.cast, self.stack = cast, stack
        self.grower, self.buyer, self.dispatcher, self.keeper, self.auditor = (
            self._enter(opened.enter_context(person(browser, stack.address)), who)
            for who in ("farm", "buyer", "dispatcher", "store", "auditor")
        )
        phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
        self.shopper = opened.enter_context(person(browser, stack.address, **phone))

    def _enter(self, page: Page, who: str) -> Page:
        page.goto("/sign-in")
        page.fill("[name=email]", f"{who}@example.org")
        page.fill("[name=password]", story.PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda address: "/sign-in" not in address)
        return page

    def forecast_and_commitment(self) -> None:
        """The buyer asks for a forecast of the sales that the core told; the grower commits to less, then in full."""
        page = self.buyer
        page.goto("/buyer/stock")
        shown(page, lambda: page.get_by_role("row").filter(has_text="Tomatoes").count())
        page.goto("/buyer/forecast")
        page.get_by_role("button", name="Forecast now").click()
        expect(page.get_by_role("main")).to_contain_text("1 item", timeout=SLOW)
        page = self.grower
        page.goto("/supplier/forecast")
        weeks = page.get_by_label("Commitment for Tomatoes")
        weeks.first.fill("100")
        page.get_by_role("button", name="Fill with the median").click()
        page.get_by_role("button", name="Send commitments").click()
        expect(page.get_by_role("status")).to_contain_text("weeks committed.")
        self.buyer.goto(f"/buyer/forecast?supplier={self.cast.farm.gln}")
        expect(self.buyer.get_by_role("row").filter(has_text="Tomatoes")).to_contain_text("100")

    def field(self) -> None:
        """A lot is planted, sprayed, measured, harvested, tested and packed, in plain forms."""
        page, day = self.grower, datetime.now(ZONE)
        page.goto("/supplier/lots/new")
        page.get_by_label("Lot number").fill(LOT)
        page.get_by_label("Where").select_option(label="Greenhouse 7")
        page.get_by_label("When").fill(_at(day - timedelta(days=70)))
        page.get_by_role("button", name="Begin the lot").click()
        self._record(
            "spray",
            "Record the spraying",
            at=_at(day - timedelta(days=20)),
            product="Bt",
            substance="Bacillus",
            dose="1.5",
            interval_days="7",
        )
        self._record(
            "grow",
            "Record the readings",
            since=_at(day - timedelta(days=9)),
            at=_at(day - timedelta(days=2)),
            **{"temperature.lowest": "17", "temperature.mean": "22.5", "temperature.highest": "27"},
        )
        self._record("harvest", "Record the harvest", at=_at(day - timedelta(hours=9)), quantity="612")
        self._record(
            "test",
            "Record the test",
            at=_at(day - timedelta(hours=5)),
            laboratory="Shandong Food Lab",
            report="R-7",
            **{
                "residues.0.name_zh": "啶虫脒",
                "residues.0.name_en": "acetamiprid",
                "residues.0.found": "0.06",
                "residues.0.limit": "1",
            },
        )
        self._record("pack", "Record the packing", at=_at(day - timedelta(hours=3)), quantity="612", cases="61")

    def _record(self, step: str, button: str, **fields: str) -> None:
        page = self.grower
        page.locator(f"#{step} summary").click()
        for name, value in fields.items():
            page.locator(f"#{step} [name='{name}']").fill(value)
        with page.expect_navigation():
            page.get_by_role("button", name=button).click()
        expect(page.get_by_role("status")).to_contain_text("Recorded.")

    def order_and_answer(self) -> str:
        """What runs short is proposed and placed; the grower answers and ships; the number of the dispatch advice."""
        page = self.buyer
        page.goto("/buyer/proposals")
        page.get_by_role("button", name="Look for shortages now").click()
        page.get_by_label("Order of Tomatoes").fill("120")
        page.get_by_role("button", name="Place this order").click()
        expect(page.get_by_role("status")).to_contain_text("is placed.")
        page = self.grower
        page.goto("/supplier")
        page.get_by_role("link", name="Answer PO").click()
        page.get_by_role("button", name="Confirm all others").click()
        page.get_by_role("button", name="Send answer").click()
        expect(page.get_by_role("status")).to_contain_text("Answer sent")
        page.get_by_label(f"Of lot {LOT} leave now").fill("120")
        page.get_by_label("From").select_option(label="Packing house")
        page.get_by_role("button", name="Dispatch").click()
        expect(page.get_by_role("main")).to_contain_text("SSCC")
        with db.session(db.Who(self.cast.farm.id)) as session:
            return session.exec(select(Shipment)).one().number

    def road(self, shipment: str) -> None:
        """Routes are planned and published on the board; on the way it is too warm; it arrives and is handed over."""
        page, tomorrow = self.dispatcher, (datetime.now(ZONE) + timedelta(days=1)).date()
        page.goto(f"/dispatch?day={tomorrow}")
        page.get_by_role("button", name="Plan routes").click()
        expect(page.get_by_role("button", name="Publish routes")).to_be_visible(timeout=SLOW)
        page.get_by_role("button", name="Publish routes").click()
        expect(page.get_by_role("status").filter(has_text="Published")).to_be_visible()
        with db.session(db.Who(self.cast.haulier.id)) as session:
            mine = (
                select(Stop)
                .join(Shipment, col(Shipment.id) == col(Stop.shipment_id))
                .where(col(Shipment.number) == shipment)
            )
            stop = session.exec(mine).one().id
        driver = Teller(lambda: self.stack.address, self.cast.keys["haulier"])
        for celsius in (4.5, 11.3):
            driver.ask("POST", f"/api/stops/{stop}/temperatures", body={"celsius": celsius}, once=story.key())
        driver.ask("POST", f"/api/stops/{stop}/arrival", body={})
        driver.ask("POST", f"/api/stops/{stop}/delivery", body={"received_by": "张敏"})

    def shelf(self) -> None:
        """The store sees the excursion before it accepts, counts ten short, and hub and core agree."""
        page = self.keeper
        page.goto("/store/deliveries")
        page.get_by_role("link", name="Count DA").click()
        expect(page.get_by_role("main")).to_contain_text("Too warm on the way: 11.3 ℃")
        page.get_by_role("radio", name="Part of it").check()
        page.get_by_label("We accept").fill("110")
        page.get_by_label("Reason").select_option("damaged")
        page.get_by_role("button", name="Receive", exact=True).click()
        page.get_by_role("button", name="Yes, receive it").click()
        expect(page.get_by_role("status").filter(has_text="Received")).to_be_visible()
        shown(
            page,
            lambda: page.get_by_role("row").filter(has_text="Tomatoes").filter(has_text="115 kg").count(),
            "/store/stock",
        )
        assert Story(self.cast, lambda: self.stack.address)._in_the_core() == Decimal(115)
        assert not until(lambda: rounds.reconcile(self.cast.chain.id), "a comparison with the core").drifts

    def phone(self) -> None:
        """A shopper scans the label: the way, the residues, and a proof that this browser recomputes."""
        page = self.shopper
        label = f"/01/{self.cast.item.gtin}/10/{LOT}?r={self.cast.chain.gln}"
        page.goto(label)
        expect(page.get_by_role("heading", level=1)).to_have_text("Tomatoes")
        shown(page, lambda: page.get_by_text("The record is genuine, no recall").count(), label)
        expect(page.locator("#recomputed")).to_contain_text("they match", timeout=SLOW)
        expect(page.get_by_role("main")).to_contain_text("Arrived and checked")
        expect(page.get_by_role("main")).to_contain_text("acetamiprid")

    def audit(self, folder: Path) -> None:
        """The auditor's page and ``furrow verify`` name the short count, and nothing else."""
        page = self.auditor
        short = f"told differently by the two sides: {LOT} 120 → 110"
        shown(
            page,
            lambda: page.get_by_text(short).count() and page.get_by_text("Not all valid: 1 finding").count(),
            "/audit",
        )
        page.goto("/audit/bundle")
        with page.expect_download() as taken:
            page.get_by_role("button", name="Download the bundle").click()
        trust = folder / "trust.json"
        trust.write_text(json.dumps(page.request.get("/api/ledger/trust").json()))
        command = [sys.executable, "-m", "hub.cli", "verify", str(taken.value.path()), "--trust", str(trust)]
        told = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
        bad = [line for line in told.stdout.splitlines() if "disputed" in line]
        assert told.returncode == 1 and len(bad) == 1 and f"{LOT} 120 → 110" in bad[0], told.stdout + told.stderr


def _at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def shown(page: Page, true: Callable[[], object], path: str = "") -> None:
    """Load the page anew until it shows something that the installation's parts bring about."""

    def look() -> object:
        page.goto(path) if path else page.reload()
        page.wait_for_load_state("networkidle")
        return true()

    until(look, f"what {path or page.url} is to show")


def main(folder: Path) -> int:
    """Tell the story on a running installation; 0 when all of it came true."""
    stack, today = Stack(folder), datetime.now(UTC).date()
    sales = [(today - timedelta(days=back), 18 + back % 7) for back in range(1, 61)]
    cast = story.found(folder / "core", today, sales=sales, stock=5)
    with sync_playwright() as playwright, ExitStack() as opened:
        told = Told(cast, stack, launch(playwright), opened)
        told.forecast_and_commitment()
        told.field()
        shipment = told.order_and_answer()
        told.road(shipment)
        told.shelf()
        told.phone()
        told.audit(folder.parent)
    print("told by clicks, from forecast to audit", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
