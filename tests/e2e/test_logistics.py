"""From a plan to a receipt by clicks: the dispatcher, the driver on his phone, the store; in both languages."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

import pytest
from playwright.sync_api import Page, expect

from hub import db, outbox
from hub.demo import builder
from hub.listeners import LISTENERS
from hub.models.inventory import LotStock, StockLevel
from hub.models.party import Place, Role
from logistics import tasks
from logistics.drive import pages as driver
from logistics.fleet import pages as vehicles
from logistics.models import Excursion, Receipt
from logistics.plan import pages as dispatcher
from logistics.receive import count_pages as counting
from logistics.receive import pages as store
from tests.browser import check_page
from tests.logistics.conftest import EVENING, Region, keys_of_the_hub, morning, seal, seen_by

__all__ = ["keys_of_the_hub"]
PASSWORD = "a long enough sentence"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
Visit = Callable[..., Page]
WORDS = {
    "en": {"board": "Board", "plan": "Plan routes", "publish": "Publish routes", "vehicles": "Vehicles",
           "shipments": "Shipments", "route": "My route", "stock": "Stock", "deliveries": "Deliveries"},
    "zh": {"board": "调度", "plan": "规划路线", "publish": "发布路线", "vehicles": "车辆", "shipments": "发运",
           "route": "我的路线", "stock": "库存", "deliveries": "到货"},
}  # fmt: skip


class Clock:
    """What the doors take for now."""

    at: datetime = EVENING


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still until it is set."""
    made = Clock()
    for module in (dispatcher, driver, store, counting, vehicles):
        monkeypatch.setattr(module, "now", lambda: made.at)
    return made


@pytest.fixture
def town(clean: str, keys_of_the_hub: None, clock: Clock) -> Iterator[Region]:
    """The region with people who can sign in, and something on the shelves."""
    made = Region()
    builder.person(made.haulier, Role.DISPATCHER, PASSWORD, "chen@example.org")
    for place, name in zip(made.stores, ("wang", "sun"), strict=True):
        builder.person(made.chain, Role.STORE, PASSWORD, f"{name}@example.org", "Wang", place=place.id)
    with db.session(db.Who(made.chain.id)) as session:
        for item, amount in ((made.tomato, 3), (made.eggs, 900)):
            session.add(
                StockLevel(
                    owner_id=made.chain.id,
                    place_id=made.stores[0].id,
                    trade_item_id=item.id,
                    on_hand=amount,
                    safety=40,
                    target=200,
                    as_of=EVENING,
                )
            )
        session.add(
            LotStock(
                owner_id=made.chain.id,
                place_id=made.stores[0].id,
                trade_item_id=made.tomato.id,
                lot="T-71",
                on_hand=3,
                best_before=made.day,
            )
        )
    yield made


def enter(page: Page, who: str) -> Page:
    page.goto("/sign-in")
    page.fill("[name=email]", f"{who}@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


def test_a_delivery_from_plan_to_receipt(visit: Visit, town: Region, clock: Clock) -> None:
    shipment, other = town.shipped(0, tomato=120, eggs=60), town.shipped(1, tomato=80)

    board = enter(visit(), "chen")
    board.goto(f"/dispatch?day={town.day}")
    expect(board.get_by_text("2 shipments wait to be planned.")).to_be_visible()
    board.get_by_role("button", name="Plan routes").click()
    expect(board.get_by_text("Routes are being planned.")).to_be_visible()
    assert tasks.plan_routes() == 1
    expect(board.get_by_text("This is a draft")).to_be_visible()
    check_page(board)
    board.get_by_role("button", name="Publish routes").click()
    expect(board.get_by_role("status").filter(has_text="Published")).to_be_visible()
    check_page(board)

    clock.at = morning(5, 50)
    phone = enter(visit(**PHONE), "zhao")
    expect(phone.get_by_role("heading", level=1)).to_contain_text(town.lorry.plate)
    check_page(phone)
    phone.get_by_label("What the thermometer shows").fill("9.4")
    phone.get_by_role("button", name="Record").click()
    expect(phone.get_by_text("Too warm on the way: 9.4 ℃, allowed up to 8.0 ℃.")).to_be_visible()
    assert {e.shipment_id for e in seen_by(town.chain.id, Excursion)} == {shipment.id, other.id}

    first = town.stops(next(iter(dispatched(town))))[0]
    who = "wang" if first.place_id == town.stores[0].id else "sun"
    clock.at = morning(6, 20)
    phone.get_by_role("button", name="I have arrived").click()
    phone.get_by_role("button", name="I am not there yet").click()
    phone.get_by_role("button", name="I have arrived").click()
    phone.get_by_role("button", name="Handed over").click()
    expect(phone.get_by_text("Fill this in.").first).to_be_visible()
    phone.get_by_label("Who takes the goods").fill("Wang Fang")
    check_page(phone)
    phone.get_by_role("button", name="Handed over").click()
    expect(phone.get_by_text("Handed over to Wang Fang at 06:20.")).to_be_visible()

    clock.at = morning(6, 40)
    desk = enter(visit(), who)
    expect(desk.get_by_text("1 delivery is at the door: count it.")).to_be_visible()
    expect(desk.get_by_text("Too warm on the way").first).to_be_visible()
    check_page(desk)
    desk.get_by_role("link", name="Count the next").click()
    expect(desk.get_by_text("Look at the goods before you accept them.")).to_be_visible()
    check_page(desk)
    tomatoes = desk.get_by_role("group", name="Count of Tomato, lot T-88")
    tomatoes.get_by_role("radio", name="Part of it").check()
    desk.get_by_role("button", name="Receive", exact=True).click()
    check_page(desk)
    desk.get_by_role("button", name="Yes, receive it").click()
    expect(desk.get_by_text("Enter how much you accept.").first).to_be_visible()
    check_page(desk)
    desk.get_by_label("We accept").first.fill("70")
    desk.get_by_label("Reason").first.select_option("damaged")
    desk.get_by_label("We dispute this delivery").check()
    desk.get_by_role("button", name="Receive", exact=True).click()
    desk.get_by_role("button", name="Yes, receive it").click()
    expect(desk.get_by_role("status").filter(has_text="Received")).to_be_visible()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Disputed")
    expect(desk.get_by_role("row").filter(has_text="T-88")).to_contain_text("70 kg")
    check_page(desk)

    seal()
    outbox.relay(LISTENERS)
    (receipt,) = seen_by(town.chain.id, Receipt)
    assert receipt.event_id is not None and receipt.disputed
    desk.goto("/store/stock?q=T-88")
    expect(desk.get_by_role("row").filter(has_text="T-88")).to_contain_text("70 kg")


def dispatched(town: Region) -> list:
    from logistics.models import RoutePlan

    return seen_by(town.haulier.id, RoutePlan)


@pytest.mark.parametrize("language", ["zh", "en"])
class TestInBothLanguages:
    def test_a_dispatchers_pages(self, visit: Visit, town: Region, language: str) -> None:
        words, page = WORDS[language], enter(visit(language), "chen")
        page.goto(f"/dispatch?day={town.day}")
        expect(page.get_by_role("heading", level=1)).to_contain_text(words["board"])
        check_page(page)
        town.shipped(0, tomato=120)
        town.vehicle("鲁A·K9999", kg=10)
        with db.session(town.dispatcher.who) as session:
            place = session.get_one(Place, town.depot.id)
            assert place.opens == time(6)
        page.reload()
        page.get_by_role("button", name=words["plan"]).click()
        tasks.plan_routes()
        expect(page.get_by_role("button", name=words["publish"])).to_be_visible()
        check_page(page)
        for path, word in (("/dispatch/shipments", "shipments"), ("/dispatch/vehicles", "vehicles")):
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_have_text(words[word])
            check_page(page)
        page.goto("/dispatch/shipments?q=nothing")
        check_page(page)
        page.goto(f"/dispatch/vehicles/{town.lorry.id}")
        check_page(page)

    def test_a_drivers_page(self, visit: Visit, town: Region, clock: Clock, language: str) -> None:
        page = enter(visit(language, **PHONE), "zhao")
        expect(page.get_by_role("heading", level=1)).to_contain_text(WORDS[language]["route"])
        check_page(page)
        town.shipped(0), town.shipped(1, eggs=60)
        town.planned(publish=True)
        clock.at = morning(5)
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_contain_text(town.lorry.plate)
        check_page(page)

    def test_a_stores_pages(self, visit: Visit, town: Region, clock: Clock, language: str) -> None:
        words, page = WORDS[language], enter(visit(language), "wang")
        check_page(page)
        shipment = town.shipped(0, tomato=120, eggs=60)
        town.planned(publish=True)
        clock.at = morning(5)
        for path, word in (("/store/deliveries", "deliveries"), ("/store/stock", "stock")):
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_have_text(words[word])
            check_page(page)
        page.goto("/store")
        check_page(page)
        page.goto(f"/store/deliveries/{shipment.sscc}")
        check_page(page)
        page.goto("/store/stock?only=near")
        check_page(page)


def test_what_nobody_can_take_says_why_and_what_it_would_take(visit: Visit, town: Region) -> None:
    page = enter(visit(), "chen")
    page.goto(f"/dispatch/vehicles/{town.lorry.id}")
    page.get_by_label("Carries at most").fill("100")
    page.get_by_role("button", name="Save").click()
    town.shipped(0, tomato=120)
    town.planned()
    page.goto(f"/dispatch?day={town.day}")
    told = page.get_by_role("listitem").filter(has_text="Store 1")
    expect(told).to_contain_text(f"{town.lorry.plate} comes nearest, and is 20 kg too small for it.")
    expect(told).to_contain_text(f"It would take: a load of 120 kg on {town.lorry.plate}.")
    check_page(page)
    told.get_by_role("link", name=f"Change {town.lorry.plate}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(town.lorry.plate)


def test_published_routes_are_taken_back_after_a_question(visit: Visit, town: Region) -> None:
    town.shipped(0)
    town.planned(publish=True)
    page = enter(visit(), "chen")
    page.goto(f"/dispatch?day={town.day}")
    page.get_by_role("button", name="Take back").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(page.get_by_text("This is a draft")).to_be_visible()


def test_a_vehicle_is_added_changed_and_taken_out_of_service(visit: Visit, town: Region) -> None:
    page = enter(visit(), "chen")
    page.goto("/dispatch/vehicles")
    page.get_by_label("Plate", exact=True).fill(town.lorry.plate)
    page.get_by_label("Carries at most").fill("3,500")
    page.get_by_label("Pallet places").fill("6")
    page.get_by_role("button", name="Add the vehicle").click()
    expect(page.get_by_text("Another vehicle of yours has this plate already.").first).to_be_visible()
    check_page(page)
    page.get_by_label("Plate", exact=True).fill("鲁A·K5555")
    page.get_by_role("button", name="Add the vehicle").click()
    row = page.get_by_role("row").filter(has_text="鲁A·K5555")
    expect(row).to_contain_text("3,500")
    row.get_by_role("link").click()
    page.get_by_role("button", name="Take out of service").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Take out of service").click()
    expect(page.get_by_role("row").filter(has_text="鲁A·K5555")).to_contain_text("Out of service")


def test_lists_are_searched_and_taken_away(visit: Visit, town: Region) -> None:
    shipment = town.shipped(0)
    page = enter(visit(), "chen")
    page.goto(f"/dispatch/shipments?q={shipment.number}")
    expect(page.get_by_role("row").filter(has_text=shipment.number)).to_have_count(1)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Export").click()
    assert shipment.sscc in taken.value.path().read_text(encoding="utf-8-sig")

    keeper = enter(visit(), "wang")
    keeper.goto("/store/stock?only=low")
    expect(keeper.get_by_role("row").filter(has_text="Tomato")).to_contain_text("Low")
    with keeper.expect_download() as taken:
        keeper.get_by_role("link", name="Export").click()
    assert "T-71" in taken.value.path().read_text(encoding="utf-8-sig")


def test_a_store_and_a_driver_see_nothing_of_others(visit: Visit, town: Region, clock: Clock) -> None:
    shipment = town.shipped(0)
    town.planned(publish=True)
    other = enter(visit(), "sun")
    other.goto(f"/store/deliveries/{shipment.sscc}")
    expect(other.get_by_role("heading", level=1)).to_have_text("Nothing is here")
    other.goto("/dispatch")
    expect(other.get_by_role("heading", level=1)).to_have_text("This is not open to you")


def test_a_driver_works_without_a_script(visit: Visit, town: Region, clock: Clock) -> None:
    town.shipped(0)
    town.planned(publish=True)
    clock.at = morning(6) + timedelta(minutes=5)
    page = enter(visit(java_script_enabled=False, **PHONE), "zhao")
    page.get_by_role("button", name="I have arrived").click()
    page.get_by_label("Who takes the goods").fill("Wang Fang")
    page.get_by_role("button", name="Handed over").click()
    expect(page.get_by_text("All done.")).to_be_visible()
