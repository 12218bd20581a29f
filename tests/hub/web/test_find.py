"""One search over everything: what each role finds, what leads straight on, and what nobody is shown."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest

from hub import db
from hub.access import Permission
from hub.app import create_app
from hub.demo import builder
from hub.finders import FINDERS
from hub.finding import read
from hub.gs1 import digital_link
from hub.models.catalogue import LotBuyer
from hub.models.party import OrganizationKind, PlaceKind, Role
from hub.models.trade import OrderLine, PurchaseOrder, Shipment
from hub.pages.finding import _doors
from tests import supermarket
from tests.hub.web.conftest import PASSWORD
from tests.supermarket import Supermarket

AT = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
HTMX = {"hx-request": "true"}


class World(Supermarket):
    """The supermarket with an order, a shipment and a lot, under numbers and in names of both languages."""

    def __init__(self) -> None:
        self.chain = builder.party(OrganizationKind.RETAILER, "Hejia", "和嘉")
        self.farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe", "清河")
        self.haulier = builder.party(OrganizationKind.HAULIER, "Luyun", "鲁运")
        builder.relation(self.chain, self.farm)
        builder.relation(self.chain, self.haulier)
        self.store = builder.place(self.chain, name="Lixia store", zh="历下店")
        self.packhouse = builder.place(self.farm, PlaceKind.PACKHOUSE, "Packhouse", "包装间")
        self.tomato = builder.item(self.farm, "Tomatoes", "番茄")
        builder.assortment(self.chain, {"T-1": self.tomato})
        self.lot = supermarket.lot(self.tomato, "TQ-0088")
        with db.session(db.Who(self.farm.id)) as session:
            session.add(LotBuyer(owner_id=self.farm.id, lot_id=self.lot.id, buyer_id=self.chain.id))
        self.order = self._ordered()
        self.shipment = self._sent()

    def _ordered(self) -> PurchaseOrder:
        order = PurchaseOrder(
            owner_id=self.chain.id, number="PO-2026-0007", supplier_id=self.farm.id, haulier_id=self.haulier.id,
            deliver_to_id=self.store.id, deliver_on=date(2026, 11, 25), proposed_at=AT, placed_at=AT, respond_by=AT,
        )  # fmt: skip
        with db.session(db.Who(self.chain.id)) as session:
            session.add(order)
            session.flush()
            session.add(
                OrderLine(
                    owner_id=self.chain.id,
                    order_id=order.id,
                    supplier_id=self.farm.id,
                    haulier_id=self.haulier.id,
                    position=1,
                    trade_item_id=self.tomato.id,
                    quantity=Decimal(10),
                    unit="KGM",
                    price=Decimal(4),
                )
            )
        return order

    def _sent(self) -> Shipment:
        shipment = Shipment(
            owner_id=self.farm.id, buyer_id=self.chain.id, haulier_id=self.haulier.id, order_id=self.order.id,
            number="DA-31", sscc=digital_link.sscc("690123", 31), ship_from_id=self.packhouse.id,
            deliver_to_id=self.store.id, deliver_on=date(2026, 11, 25), shipped_at=AT, temperature="chilled",
            weight_kg=Decimal(10), pallets=Decimal(1),
        )  # fmt: skip
        with db.session(db.Who(self.farm.id)) as session:
            session.add(shipment)
        return shipment


@pytest.fixture
def world(clean):
    return World()


@pytest.fixture
def enter(browser):
    """Somebody of a party in a role, who has signed in."""

    def come(party, role, **more):
        email = f"{role}-{str(party.id)[-12:]}@example.org"
        builder.person(party, role, PASSWORD, email, **more)
        browser.cookies.clear()
        assert browser.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303
        return browser

    return come


def is_open(client, address):
    """Whether a page opens; that of an item or a lot asks a chain, which is not there."""
    return client.get(address).status_code == (503 if address.startswith("/product/") else 200)


def groups(client, words):
    """What is found, as the titles in each group; as one types, so that nothing leads straight on."""
    answer = client.get("/find", params={"q": words}, headers=HTMX)
    assert answer.status_code == 200 and "<html" not in answer.text
    return {
        name: [unescape(title) for title in re.findall(r"<b>(.*?)</b>", part)]
        for name, part in re.findall(r'aria-labelledby="found-(\w+)">(.*?)</section>', answer.text, re.DOTALL)
    }


def test_a_buyer_finds_by_number_name_and_pinyin(world, enter):
    buyer = enter(world.chain, Role.BUYER)
    for words in ("fanqie", "FQ", "番茄", "tomato", "tom fanqie"):
        found = groups(buyer, words)
        assert found["items"] == ["Tomatoes"] and found["lots"] == ["TQ-0088"], words
        assert found["orders"] == ["PO-2026-0007"] or words == "tom fanqie", words
    assert groups(buyer, "lixiadian") == {"places": ["Lixia store"]}
    assert groups(buyer, "qinghe")["partners"] == ["Qinghe"]
    assert groups(buyer, "da-31") == {"shipments": ["DA-31"]}


def test_a_number_that_means_one_thing_leads_straight_to_it(world, enter):
    buyer = enter(world.chain, Role.BUYER)
    item = "/settings/assortment/"
    leads = {
        "po-2026-0007": "/buyer/orders/PO-2026-0007",
        world.shipment.sscc: "/buyer/orders/PO-2026-0007",
        f"00{world.shipment.sscc}": "/buyer/orders/PO-2026-0007",
        "TQ-0088": f"/product/{world.tomato.gtin}/TQ-0088",
        digital_link.lot_link(world.tomato.gtin, "TQ-0088"): f"/product/{world.tomato.gtin}/TQ-0088",
        f"https://shop.example/x/01/{world.tomato.gtin}/10/TQ-0088?17=261130": f"/product/{world.tomato.gtin}/TQ-0088",
        f"(01){world.tomato.gtin}(10)TQ-0088": f"/product/{world.tomato.gtin}/TQ-0088",
        world.tomato.gtin: item,
        world.tomato.gtin[1:]: item,
        f"{world.tomato.gtin[1]} {world.tomato.gtin[2:8]} {world.tomato.gtin[8:]}": item,
        digital_link.item_link(world.tomato.gtin): item,
        digital_link.sscc_link(world.shipment.sscc): "/buyer/orders/PO-2026-0007",
        digital_link.place_link(world.store.gln): "/settings/places/",
        world.store.gln: "/settings/places/",
        world.farm.gln: f"/buyer/suppliers/{world.farm.gln}",
    }
    for typed, address in leads.items():
        answer = buyer.get("/find", params={"q": typed})
        assert answer.status_code == 303 and answer.headers["location"].startswith(address), typed
        assert is_open(buyer, answer.headers["location"]), typed
    assert buyer.get("/find", params={"q": "PO-2026"}).status_code == 200


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("urn:epc:id:sgtin:690123.0000001.*", ("06901230000010", "", "", "")),
        ("urn:epc:id:sscc:690123.00000000031", ("", "", "", digital_link.sscc("690123", 31))),
        ("urn:epc:id:sgln:690123.000001.0", ("", "", builder.gln(1), "")),
        ("urn:epc:class:lgtin:690123.0000001.TQ-1", ("06901230000010", "TQ-1", "", "")),
        ("urn:epc:id:nonsense", ("", "", "", "")),
        ("https://[", ("", "", "", "")),
        ("https://example.org/about", ("", "", "", "")),
    ],
)
def test_a_code_is_read_whole(typed, meant):
    asked = read(typed)
    assert (asked.gtin, asked.lot, asked.gln, asked.sscc) == meant and asked.words == ("" if any(meant) else typed)


@pytest.mark.parametrize(
    ("party", "role", "expected"),
    [
        ("farm", Role.SUPPLIER, {"orders", "lots", "items"}),
        ("chain", Role.STORE, {"lots", "items"}),
        ("chain", Role.DISPATCHER, {"lots", "items"}),
        ("haulier", Role.DRIVER, set()),
        ("chain", Role.ADMINISTRATOR, {"lots", "items"}),
    ],
)
def test_everybody_finds_what_their_pages_show(world, enter, party, role, expected):
    at = {"place": world.store.id} if role is Role.STORE else {}
    client = enter(getattr(world, party), role, **at)
    assert groups(client, "fanqie").keys() == expected
    page = client.get("/find", params={"q": "fanqie"}, headers=HTMX).text
    for address in re.findall(r'href="([^"]+)" data-hit', page):
        assert is_open(client, unescape(address)), address


def test_deliveries_and_shipments_are_found_by_who_moves_them(world, enter):
    store = enter(world.chain, Role.STORE, place=world.store.id)
    assert groups(store, "DA-31") == {"shipments": ["DA-31"]}
    assert store.get("/find", params={"q": "DA-31"}).headers["location"] == f"/store/deliveries/{world.shipment.sscc}"
    dispatcher = enter(world.haulier, Role.DISPATCHER)
    assert groups(dispatcher, world.shipment.sscc) == {"shipments": ["DA-31"]}


def test_people_are_found_by_who_administers_and_by_nobody_else(world, enter):
    builder.person(world.chain, Role.BUYER, PASSWORD, "wang@example.org", "王秀英")
    assert groups(enter(world.chain, Role.BUYER), "wangxiuying") == {}
    assert groups(enter(world.chain, Role.ADMINISTRATOR), "wxy") == {"people": ["王秀英"]}


def test_nobody_finds_anything_of_another_organisation(world, enter):
    builder.person(world.chain, Role.BUYER, PASSWORD, "wang@example.org", "王秀英")
    rival = builder.party(OrganizationKind.RETAILER, "Lelin", "乐邻")
    words = ["fanqie", "tomato", "PO-2026", "DA-31", "TQ-0088", "wang", "qinghe", "清河", "lixiadian", "hejia"]
    words += [world.tomato.gtin, world.shipment.sscc, world.store.gln, world.farm.gln]
    words += [digital_link.lot_link(world.tomato.gtin, "TQ-0088")]
    for kind, role in (("RETAILER", Role.BUYER), ("RETAILER", Role.ADMINISTRATOR), ("SUPPLIER", Role.SUPPLIER)):
        party = rival if kind == "RETAILER" else builder.party(OrganizationKind[kind], "Donglin", "东林")
        client = enter(party, role)
        for typed in words:
            found = groups(client, typed)
            assert found == {}, (role, typed)
            assert client.get("/find", params={"q": typed}).status_code == 200, typed


@pytest.mark.parametrize(
    "typed",
    ["x" * 10_000, "番" * 3000, "%", "_", "\\", "\x00", "a\x00b", "'; drop table lot; --", '"<script>alert(1)</script>',
     "\u202e\u200f", "\u202eoktamot", "(01)", "(01)1(10)", "urn:epc:", "https://", "((((", "%00", "\ufffd", " "],
)  # fmt: skip
def test_hostile_words_are_answered_and_find_nothing(world, enter, typed):
    buyer = enter(world.chain, Role.BUYER)
    answer = buyer.get("/find", params={"q": typed})
    assert answer.status_code == 200 and "may be pasted whole" in answer.text
    assert "<script>alert" not in answer.text and not re.search("[\x00\u202e\u200f]", answer.text)


def test_more_than_a_few_lead_to_the_list_with_the_same_search(world, enter):
    for number in range(7):
        builder.item(world.farm, f"Cherry tomatoes {number}", f"樱桃番茄{number}")
    farm = enter(world.farm, Role.SUPPLIER)
    page = farm.get("/find", params={"q": "fanqie"}).text
    assert page.count("/settings/items/") == 5 and "All 8" in page
    address = unescape(re.search(r'href="(/settings/items\?[^"]+)"', page).group(1))
    assert farm.get(address).text.count("tomatoes") >= 7


def test_the_search_stands_in_the_head_of_each_page_for_people_alone(world, enter, browser):
    buyer = enter(world.chain, Role.BUYER)
    for path in ("/buyer", "/account", "/settings/places"):
        page = buyer.get(path).text
        assert page.count("data-search") == 1 and 'href="/find"' in page
    assert buyer.get("/find").text.count("data-search") == 1
    browser.cookies.clear()
    assert browser.get("/find").headers["location"] == "/sign-in?next=/find"
    assert "data-search" not in browser.get("/sign-in").text


def test_a_machine_finds_no_more_than_its_key_opens(world, program):
    key = builder.key(world.chain, "scale", Permission.AUDIT)
    answer = program.get("/find", params={"q": "PO-2026-0007"}, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 200 and "/buyer/orders" not in answer.text


def test_every_way_leads_through_a_door_that_is_there(clean):
    doors = _doors(create_app())
    assert [way.door for finder in FINDERS for way in finder.ways if way.door not in doors] == []
