"""A supermarket moves in: from an empty hub to the first scanned label, by clicks alone, in Chinese.

Nothing here calls the hub's Python: each person has a browser of his own, links come out of letters or off the screen
of whoever made them, and the chain's Tryton is a real one. It prints how many clicks and fields each part took.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from hub.demo.builder import gln, gtin
from tests import core_shop, core_tryton
from tests.browser import PHONE, check_page, person
from tests.core_shop import Sold
from tests.core_tryton import DATABASE, Tryton
from tests.e2e.pages_story import SLOW
from tests.e2e.test_make_run import nowhere, stack  # noqa: F401
from tests.letterbox import Post, open_post
from tests.stack import Stack
from tests.waiting import wait_for

PREFIX = "6905555"
PASSWORD = "春天种下的番茄到了秋天都收获了呀"
ZONE = ZoneInfo("Asia/Shanghai")
LOT = "QH-001"
FARM = gln(1, PREFIX)
NAMES = (
    "番茄 黄瓜 茄子 青椒 白菜 菠菜 芹菜 萝卜 土豆 洋葱 大蒜 生姜 南瓜 冬瓜 苦瓜".split()
    + "豆角 豌豆 西葫芦 花菜 西兰花 生菜 油菜 韭菜 香菜 莲藕 山药 红薯 玉米 香菇 平菇".split()
)
ITEMS = [(gtin(number, PREFIX), name) for number, name in enumerate(NAMES, 1)]
SOLD = [Sold(number, name, 1, 6) for number, name in ITEMS[:3]]
SETTINGS = {
    "admin": (
        "organization", "places", "assortment", "certificates", "partners", "auditors", "people", "core", "keys",
        "ledger",
    ),
    "farm": ("places", "items", "prices", "terms", "certificates"),
}  # fmt: skip


@dataclass
class Tally:
    """How many clicks and fields each part took."""

    parts: dict[str, list[int]] = field(default_factory=dict)

    def count(self, part: str, clicks: int = 0, fields: int = 0) -> None:
        """So many more."""
        known = self.parts.setdefault(part, [0, 0])
        known[0] += clicks
        known[1] += fields


@dataclass
class Hands:
    """Somebody at a screen: what he presses and fills in is counted."""

    page: Page
    tally: Tally
    part: str = ""

    def go(self, path: str) -> "Hands":
        """Open a page: a click in the side, or a bookmark."""
        self.tally.count(self.part, clicks=1)
        self.page.goto(path)
        return self

    def click(self, what: str | Locator, *, role: Any = "button", exact: bool = True) -> None:
        """Press a button or follow a link by the words on it."""
        self.tally.count(self.part, clicks=1)
        there = what if isinstance(what, Locator) else self.page.get_by_role(role, name=what, exact=exact).first
        there.click()

    def send(self) -> None:
        """Press the page's main button."""
        self.click(self.page.locator("main button[type=submit].btn-main").first)

    def fill(self, **values: str) -> None:
        """Fill fields in by their names."""
        for name, value in values.items():
            self.tally.count(self.part, fields=1)
            there = self.page.locator(f"main [name='{name}']").first
            there.select_option(value) if there.evaluate("e => e.tagName") == "SELECT" else there.fill(value)

    def choose(self, name: str, word: str) -> None:
        """Choose by a word that an option holds."""
        self.tally.count(self.part, fields=1)
        there = self.page.locator(f"main [name='{name}']").first
        there.select_option(value=there.locator("option", has_text=word).first.get_attribute("value"))

    def says(self, text: str) -> None:
        """What the page says about what was done."""
        expect(self.page.get_by_role("status").filter(has_text=text).first).to_be_visible()

    def upload(self, path: Path, take: str) -> None:
        """Look at a sheet, and take it in."""
        self.tally.count(self.part, fields=1)
        self.page.set_input_files("[name=file]", path)
        self.send()
        self.click(take)


@pytest.fixture
def tryton(tmp_path: Path) -> Iterator[Tryton]:
    """The Tryton that the chain has had for years."""
    folder = tmp_path / "tryton"
    folder.mkdir()
    with core_tryton.running(folder) as started:
        core_shop.add_supplier(started, FARM, "清河合作社")
        core_shop.open_shop(started, {"S1": "历下店", "S2": "市中店"}, SOLD, days=21)
        yield started


@pytest.fixture
def moving(stack: Stack, chromium: Browser, tryton: Tryton, tmp_path: Path) -> Iterator["Moving"]:  # noqa: F811
    """An empty hub that has a mail server, everybody's browser, and the chain's Tryton."""
    with open_post() as post, ExitStack() as opened:
        stack.more |= {"FURROW_CHAIN_PERIOD": "1", "FURROW_MAIL_URL": post.address}
        stack.keep_ports(22_100)
        stack.start()
        yield Moving(stack, chromium, tryton, post, tmp_path, opened)


@dataclass
class Moving:
    """The day, and whoever takes part in it."""

    stack: Stack
    browser: Browser
    tryton: Tryton
    post: Post
    folder: Path
    opened: ExitStack
    tally: Tally = field(default_factory=Tally)
    people: dict[str, Hands] = field(default_factory=dict)

    def open(self, *, phone: bool = False, language: str = "zh") -> Page:
        """A browser of somebody's own."""
        options: dict[str, Any] = {"viewport": {"width": PHONE, "height": 740}} if phone else {}
        return self.opened.enter_context(person(self.browser, self.stack.address, language, **options))

    @contextmanager
    def part(self, name: str, *who: str) -> Iterator[list[Hands]]:
        """A part of the day, done by somebody; what it took is counted under its name."""
        hands = [self.people[one] for one in who]
        for each in hands:
            each.part = name
        yield hands

    def arrives(self, who: str, part: str, path: str, *, phone: bool = False) -> Hands:
        """Somebody comes by a link."""
        hands = Hands(self.open(phone=phone), self.tally, part)
        self.people[who] = hands
        return hands.go(path)

    def sheet(self, name: str, *rows: list[Any]) -> Path:
        """A workbook."""
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)  # type: ignore[union-attr]
        book.save(self.folder / name)
        return self.folder / name

    def letter(self, to: str, path: str) -> str:
        """The link to a path in the newest letter to somebody, once it has come."""

        def links() -> list[str]:
            told = "\n".join(self.post.texts(to))
            return re.findall(rf"{re.escape(self.stack.address)}({path}\S*)", told)

        return wait_for(f"a letter to {to}", links, 90)[-1]

    def founds(self) -> None:
        """The first administrator comes by the printed link and founds the chain with its first store."""
        link = re.compile(rf"{re.escape(self.stack.address)}(/welcome\S+)")
        printed = wait_for("the link", lambda: link.search(self.stack.log), told=lambda: self.stack.log)
        admin = self.arrives("admin", "founding", printed[1])
        admin.fill(
            name="王芳", email="wang@example.com", password=PASSWORD, chain_zh="鲁邻超市", gln=gln(2, PREFIX),
            store_zh="历下店",
        )  # fmt: skip
        admin.send()
        admin.page.wait_for_url("**/admin")
        with self.part("founding", "admin"):
            admin.go("/settings/places/new")
            admin.fill(name_zh="市中店", latitude="36.64", longitude="116.99", closes="23:59", opens="00:00")
            admin.send()
            admin.says("地点")
            admin.click("历下店", role="link")
            admin.fill(latitude="36.66", longitude="117.07", closes="23:59", opens="00:00")
            admin.send()

    def invites(self, who: str, kind: str, called: str, **joins: str) -> None:
        """A partner is invited by a link, and joins on a phone."""
        part = f"{who} joins"
        with self.part(f"inviting {who}", "admin") as (admin,):
            admin.go("/settings/partners/new")
            admin.fill(kind=kind, name=called)
            admin.send()
            link = admin.page.locator("#f-link").input_value()
        hands = self.arrives(who, part, link.removeprefix(self.stack.address), phone=True)
        hands.fill(name_zh=called, **joins, password=PASSWORD)
        hands.send()
        hands.page.wait_for_url(lambda address: "/partner" not in address)

    def offers(self) -> None:
        """The supplier has a packing house and a field, and lists thirty items by a sheet."""
        columns = ["商品条码（GTIN）", "中文名称", "品类", "销售单位", "价格（元）", "温度", "保质期（天）", "每箱数量"]
        rows = [[number, name, "蔬菜", "千克", "4.2", "冷藏", 9, 10] for number, name in ITEMS]
        with self.part("thirty items", "farm") as (farm,):
            farm.go("/settings/items/import")
            farm.upload(self.sheet("items.xlsx", columns, *rows), "导入30行")
            farm.says("已导入30行")
        with self.part("field and packing house", "farm") as (farm,):
            for kind, name, latitude in (("farm", "7号棚", "36.80"), ("packhouse", "分拣站", "36.82")):
                farm.go("/settings/places/new")
                farm.fill(kind=kind, name_zh=name, latitude=latitude, longitude="117.40", opens="00:00", closes="23:59")
                farm.send()
                farm.says("地点")

    def prices(self) -> None:
        """The supplier has a price of its own for this chain, from today on."""
        with self.part("a price", "farm") as (farm,):
            farm.go("/settings/prices/new")
            farm.fill(gtin=ITEMS[0][0], buyer=gln(2, PREFIX), price="5.25", valid_from=f"{datetime.now(ZONE):%Y-%m-%d}")
            farm.send()
            farm.says("价格")

    def carries(self) -> None:
        """The chain takes the items into its assortment by a sheet."""
        rows = [[number, number[-6:]] for number, _ in ITEMS]
        with self.part("assortment", "admin") as (admin,):
            admin.go("/settings/assortment/import")
            sheet = self.sheet("assortment.xlsx", ["商品条码（GTIN）", "库存系统中的编码"], *rows)
            admin.upload(sheet, "导入30行")
            admin.says("已导入30行")

    def fleet(self) -> None:
        """The haulier has a depot, a dispatcher who drives himself, and a lorry."""
        with self.part("fleet", "haulier") as (haulier,):
            haulier.go("/settings/places/new")
            haulier.fill(name_zh="车场", latitude="36.70", longitude="117.05", opens="00:00", closes="23:59")
            haulier.send()
            haulier.says("地点")
            self.acts_as("haulier", "管理员")
        self.hires("haulier", "dispatcher", "xu@example.com", "徐静", "dispatcher", "driver")
        with self.part("fleet", "dispatcher") as (dispatcher,):
            dispatcher.go("/dispatch/vehicles")
            dispatcher.choose("driver_id", "徐静")
            dispatcher.choose("depot_id", "车场")
            dispatcher.fill(
                plate="鲁A·K3001", temperature="chilled",
                capacity_kg="3000", capacity_pallets="12", shift_start="00:00", shift_end="23:59",
            )  # fmt: skip
            dispatcher.send()
            dispatcher.says("车辆")

    def acts_as(self, who: str, role: str) -> None:
        """Somebody who does several things in a house of few goes on as something else."""
        hands = self.people[who]
        hands.click(hands.page.locator("header details.menu summary.who"))
        hands.click(hands.page.locator("header .menu-in button", has_text=role))
        expect(hands.page.get_by_role("main")).to_be_visible()

    def hires(self, by: str, who: str, email: str, name: str, *roles: str, store: str = "") -> None:
        """Somebody is invited by mail, and comes in by the letter's link."""
        with self.part(f"inviting {who}", by) as (hands,):
            hands.go("/settings/people/new")
            hands.fill(email=email)
            for role in roles:
                hands.click(hands.page.locator(f"[name=roles][value={role}]"))
            if store:
                hands.choose("place", store)
            hands.send()
        comes = self.arrives(who, f"{who} comes in", self.letter(email, "/join"), phone=True)
        comes.fill(name=name, password=PASSWORD)
        comes.send()
        expect(comes.page.get_by_role("status").first).to_contain_text("欢迎")

    def connects(self) -> None:
        """The chain's Tryton is tested, connected, and its stores and items are matched."""
        with self.part("the core", "admin") as (admin,):
            admin.go("/settings/core")
            admin.fill(kind="tryton", url=self.tryton.url, database=DATABASE, token=self.tryton.key)
            admin.click("测试")
            expect(admin.page.get_by_role("main")).to_contain_text("3家门店")
            admin.fill(token=self.tryton.key)
            admin.click("连接")
            page = admin.page
            shown(
                page, lambda: page.get_by_role("button", name=re.compile("建议|对应")).count(), "/settings/core/stores"
            )
            self._match(admin, "S1", gln_of(page, "历下店"))
            self._match(admin, "S2", gln_of(page, "市中店"))
            admin.click("不是我们的")
            shown(page, lambda: page.get_by_text("平台与库存系统一致").count(), "/settings/core")

    def _match(self, admin: Hands, code: str, ours: str) -> None:
        row = admin.page.locator("tr", has_text=code).first
        row.locator("[name=ours]").fill(ours)
        admin.tally.count(admin.part, fields=1)
        admin.click(row.get_by_role("button", name="对应", exact=True))
        admin.says("已对应")

    def orders(self) -> None:
        """The first forecast is made of the core's sales, a shortage is proposed and ordered, and answered by mail."""
        with self.part("forecast and order", "buyer") as (buyer,):
            page = buyer.page
            shown(page, lambda: page.get_by_role("row").filter(has_text="番茄").count(), "/buyer/stock")
            buyer.go("/buyer/forecast")
            buyer.click("现在预测")
            expect(page.get_by_role("main")).to_contain_text("3个品项", timeout=SLOW)
            buyer.go("/buyer/proposals")
            buyer.click("现在查找短缺")
            here = page.locator("main section", has_text="历下店").last
            buyer.click(here.get_by_role("button", name="下这张订单"))
            buyer.says("已下单")
        link = self.letter("farm@example.com", "/answer-order")
        answering = self.arrives("clerk", "answer by mail", link, phone=True)
        expect(answering.page.get_by_role("main")).to_contain_text("5.25")
        answering.click("其余全部确认")
        answering.click("发出答复")
        answering.says("答复已发出")

    def grows(self) -> None:
        """The grower records a lot of each item, from the field to the box."""
        for item in SOLD:
            self._grows(item.name)

    def _grows(self, item: str) -> None:
        day = datetime.now(ZONE)
        with self.part("a lot", "farm") as (farm,):
            farm.go("/supplier/lots/new")
            farm.choose("item", item)
            farm.fill(number=LOT, at=_at(day - timedelta(days=70)))
            farm.choose("place", "7号棚")
            farm.click("开始批次")
            for step, fields in {
                "harvest": {"at": _at(day - timedelta(hours=9)), "quantity": "900"},
                "pack": {"at": _at(day - timedelta(hours=3)), "quantity": "900", "cases": "90"},
            }.items():
                farm.click(farm.page.locator(f"#{step} summary"))
                for name, value in fields.items():
                    farm.page.locator(f"#{step} [name='{name}']").fill(value)
                    self.tally.count("a lot", fields=1)
                with farm.page.expect_navigation():
                    farm.click(farm.page.locator(f"#{step} button[type=submit].btn-main"))
                farm.says("已登记")

    def ships(self) -> None:
        """What was ordered leaves the packing house."""
        with self.part("dispatch", "farm") as (farm,):
            farm.go("/supplier/orders?state=to-ship")
            farm.click(farm.page.locator("main tbody a[href*='/supplier/orders/']").first)
            farm.choose("ship_from", "分拣站")
            farm.click("发出")
            farm.says("已发出")

    def drives(self) -> None:
        """A route is planned and published; on his phone the driver arrives, measures and hands over."""
        with self.part("routes", "dispatcher") as (dispatcher,):
            page, day = dispatcher.page, (datetime.now(ZONE) + timedelta(days=1)).date()
            dispatcher.go(f"/dispatch?day={day}")
            dispatcher.click("规划路线")
            expect(page.get_by_role("button", name="发布路线")).to_be_enabled(timeout=SLOW)
            dispatcher.click("发布路线")
            dispatcher.says("已发布")
        self.acts_as("dispatcher", "司机")
        with self.part("driving", "dispatcher") as (driver,):
            driver.go("/drive")
            driver.fill(celsius="4.5")
            driver.click(driver.page.locator("form[action='/drive/temperature'] button"))
            driver.says("4.5")
            driver.click("我到了")
            driver.fill(received_by="陈明")
            driver.click("已交货")
            driver.says("陈明")

    def receives(self) -> None:
        """The store counts, and its Tryton hears of it."""
        with self.part("receiving", "store") as (store,):
            store.go("/store/deliveries")
            store.click(store.page.locator("main table a.btn").first)
            store.click("收货")
            store.click("确认收货")
            store.says("已收货")
        heard = [["state", "=", "done"]]
        wait_for("Tryton", lambda: self.tryton.search("stock.shipment.in", heard), 90)

    def scans(self) -> None:
        """A shopper scans the label: the record is genuine, and his own browser recomputes it."""
        label = f"/01/{ITEMS[0][0]}/10/{LOT}?r={gln(2, PREFIX)}"
        shopper = self.arrives("shopper", "the label", label, phone=True)
        shown(shopper.page, lambda: shopper.page.get_by_text("记录真实，无召回").count(), label)
        expect(shopper.page.locator("#recomputed")).to_contain_text("都对得上", timeout=SLOW)
        for word in ("番茄", "清河合作社", "7号棚", "到货验收"):
            expect(shopper.page.get_by_role("main")).to_contain_text(word)

    def audits(self) -> None:
        """The chain's administrator has all of it checked."""
        with self.part("all checks", "admin") as (admin,):
            shown(admin.page, lambda: admin.page.get_by_text("全部有效").count(), "/audit")

    def looks_through(self, email: str, *pages: str) -> None:
        """Somebody goes through the settings once more: in English, on a phone, by keyboard."""
        page = self.open(phone=True, language="en")
        page.goto("/sign-in")
        for name, text in {"email": email, "password": PASSWORD}.items():
            tab_to(page, page.locator(f"[name={name}]"))
            page.keyboard.type(text)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "/sign-in" not in address)
        page.goto(f"/settings/{pages[0]}")
        for name in pages:
            tab_to(page, page.locator(f"nav.side a[href='/settings/{name}']"))
            page.keyboard.press("Enter")
            page.wait_for_url(f"**/settings/{name}")
            check_page(page)


def tab_to(page: Page, there: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(120):
        if there.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {there} on {page.url}")


def shown(page: Page, true: Callable[[], object], path: str) -> None:
    """Load a page anew until it shows something that the installation's parts bring about."""

    def look() -> object:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        return true()

    wait_for(f"what {path} is to show", look, 90)


def _at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def gln_of(page: Page, name: str) -> str:
    """A place's number, as the list of ours offers it."""
    return page.locator("#ours option", has_text=name).first.get_attribute("value") or ""


def test_a_supermarket_moves_in(moving: Moving) -> None:
    try:
        move_in(moving)
    except BaseException:
        for who, hands in moving.people.items():
            print(f"--- {who} sees {hands.page.url}\n{hands.page.locator('main').inner_text()[:700]}")
        print(moving.stack.ends("web"))
        raise


def move_in(moving: Moving) -> None:
    moving.founds()
    moving.invites("farm", "supplier", "清河合作社", name="王秀兰", email="farm@example.com", gln=FARM, place="清河")
    moving.offers()
    moving.prices()
    moving.invites("haulier", "haulier", "鲁运冷链", name="赵强", email="zhao@example.com", gln=gln(3, PREFIX))
    moving.fleet()
    moving.hires("admin", "buyer", "lin@example.com", "林晓", "buyer")
    moving.hires("admin", "store", "chen@example.com", "陈明", "store", store="历下店")
    moving.carries()
    moving.connects()
    moving.orders()
    moving.grows()
    moving.ships()
    moving.drives()
    moving.receives()
    moving.scans()
    moving.audits()
    for part, (clicks, fields) in moving.tally.parts.items():
        print(f"{part}: {clicks} clicks, {fields} fields")
    for email, kind in (("wang@example.com", "admin"), ("farm@example.com", "farm")):
        moving.looks_through(email, *SETTINGS[kind])
