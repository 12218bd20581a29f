"""What the portal's pages list: lots by how far they are, records by how far on the ledger, troubles, stock."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest

from hub import db
from hub.demo import builder
from hub.errors import NotFound
from hub.lists import Search
from hub.models.base import now
from hub.models.catalogue import Certificate, RecallNotice
from hub.models.inventory import LotStock, StockLevel
from hub.models.party import OrganizationKind, Place, PlaceKind, Role
from hub.models.trade import PurchaseOrder
from hub.trace import records
from hub.trace.records import Goods, Scene
from supplier_portal import lookup
from supplier_portal.dispatch import dispatch_advice
from supplier_portal.dispatch.dispatch_advice import DispatchAdvice, Packed
from supplier_portal.forecast import making
from supplier_portal.lots import lot_book, record_book
from supplier_portal.lots.lot_book import LotState
from supplier_portal.orders import orders
from supplier_portal.today import stock_book, worklist
from supplier_portal.today.worklist import Kind
from tests.supermarket import signed_in


@pytest.fixture
def field(trade) -> Place:
    return builder.place(trade.farm, PlaceKind.FARM, "Field 8")


def grown(trade, field, number: str):
    with db.session(trade.grower.who) as session:
        lot = records.plant(session, trade.tomato, number, Scene(field, trade.at - timedelta(days=40)))
        records.harvest(session, Goods(lot, trade.tomato, Decimal(100)), Scene(field, trade.at))
        return lot


@pytest.mark.parametrize("number", ["T-88", "A/1", "50%_x", "a+b&c"])
def test_a_lot_goes_from_growing_to_tested_whatever_its_number_is(trade, field, number):
    with db.session(trade.grower.who) as session:
        lot = records.plant(session, trade.tomato, number, Scene(field, trade.at - timedelta(days=40)))
        assert lot_book.find(session, trade.grower, lot.id).state is LotState.GROWING
        records.harvest(session, Goods(lot, trade.tomato, Decimal(100)), Scene(field, trade.at))
        assert lot_book.find(session, trade.grower, lot.id).state is LotState.HARVESTED
        residue = records.Residue("啶虫脒", "Acetamiprid", None, Decimal(1))
        records.test(session, lot, trade.tomato, Scene(field, trade.at), records.Report("Lab", "R", [residue]))
        assert lot_book.find(session, trade.grower, lot.id).state is LotState.TESTED
        assert lot_book.counts(session, trade.farm.id)[LotState.TESTED] == 1
        assert lot_book.lots(session, trade.farm.id, Search(number)).total == 1


def test_lots_are_sorted_as_they_are_asked_for_and_what_is_not_harvested_stands_last(trade, field):
    for number in ("B-2", "A-1"):
        grown(trade, field, number)
    with db.session(trade.grower.who) as session:
        records.plant(session, trade.tomato, "C-3", Scene(field, trade.at))

        def numbers(sort: str) -> list[str]:
            rows = lot_book.lots(session, trade.farm.id, Search(sort=sort)).rows
            return [row.lot.number for row in rows if row.lot.number[1] == "-"]

        assert numbers("number") == ["A-1", "B-2", "C-3"] and numbers("-number") == ["C-3", "B-2", "A-1"]
        assert numbers("made")[-1] == numbers("-made")[-1] == "C-3" and numbers("")[0] == "C-3"
        assert all(len(numbers(sort)) == 3 for sort in ("item_zh", "item_en", "until", "-quantity", "-left"))


def test_a_recalled_lot_is_that_before_all_else(trade, field):
    lot = grown(trade, field, "T-88")
    with db.session(trade.grower.who) as session:
        session.add(
            RecallNotice(
                owner_id=trade.farm.id,
                lot_id=lot.id,
                recall_class=1,
                reason_zh="超标",
                reason_en="Above the limit",
                opened_at=trade.at,
                salt=bytes(32),
                nonce=1,
            )
        )
        session.flush()
        row = lot_book.find(session, trade.grower, lot.id)
        assert row.state is LotState.RECALLED
        (trouble,) = worklist.troubles(session, trade.grower, at=trade.at, today=trade.at.date())
        assert (trouble.kind, trouble.lot.id) == (Kind.RECALL, lot.id)


def test_another_suppliers_lot_is_not_there(trade, field):
    lot = grown(trade, field, "T-88")
    with db.session(trade.buyer.who) as session, pytest.raises(NotFound):
        lot_book.find(session, trade.buyer, lot.id)


def test_records_wait_to_be_sealed_and_are_found_by_lot(trade, field):
    grown(trade, field, "T-88")
    grown(trade, field, "T-89")
    with db.session(trade.grower.who) as session:
        found = record_book.records(session, trade.grower, Search("T-88"))
        assert [(row.event.biz_step, row.state) for row in found.rows] == [
            ("commissioning", "waiting"),
            (records.PLANTING, "waiting"),
        ]
        assert {record_book.lot_number(link) for row in found.rows for link in row.lots} == {"T-88"}
        assert record_book.records(session, trade.grower, Search(page=2, size=3)).total == 4


def test_records_are_sorted_as_they_are_asked_for_and_found_by_what_their_step_is_called(trade, field):
    for number in ("T-88", "T-89"):
        grown(trade, field, number)
    with db.session(trade.grower.who) as session:

        def listed(sort: str, words: str = "", steps: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
            rows = record_book.records(session, trade.grower, Search(words, sort=sort), steps=steps).rows
            return [(row.event.biz_step, *map(record_book.lot_number, row.lots)) for row in rows]

        planted, harvested = records.PLANTING, "commissioning"
        assert listed("")[0] == (harvested, "T-89") and listed("recorded")[0] == (planted, "T-88")
        assert [step for step, _ in listed("happened")] == [planted, planted, harvested, harvested]
        assert [step for step, _ in listed("step")] == [harvested, harvested, planted, planted]
        assert listed("nonsense") == listed("") and len(listed("-number")) == 4
        assert listed("", "Harvested", (harvested,)) == [(harvested, "T-89"), (harvested, "T-88")]
        assert listed("", "Harvested") == []


def test_a_supplier_takes_its_records_away_as_it_sorted_them(trade, field):
    grown(trade, field, "T-88")
    grower = signed_in(trade.farm, Role.SUPPLIER)
    page = grower.get("/supplier/records?sort=happened&q=T-88").text
    address = unescape(re.search(r'href="([^"]+export\.csv[^"]*)"', page).group(1))
    table = [line.split(",") for line in grower.get(address).text.lstrip("\ufeff").splitlines()]
    assert table[0] == ["No.", "Step", "Lots", "Happened", "Recorded", "State", "Block"]
    assert [(row[1], row[2], row[5]) for row in table[1:]] == [
        ("Planted", "T-88", "Waiting to be sealed"),
        ("Harvested", "T-88", "Waiting to be sealed"),
    ]
    assert "No record mentions" in grower.get("/supplier/records?q=zz").text


def test_what_a_store_took_less_than_was_sent_is_a_short_count(trade, field):
    lot = grown(trade, field, "T-88")
    order = trade.ordered(tomato="40")
    trade.answer(order)
    with db.session(trade.grower.who) as session:
        packed = [Packed(line=trade.lines(order)["tomato"], lot=lot.id, quantity=Decimal(40))]
        held = session.get_one(PurchaseOrder, order.id)
        advice = DispatchAdvice(packed, trade.packhouse)
        dispatch_advice.announce_shipment(session, trade.grower, held, advice, at=trade.at)
    with db.session(trade.buyer.who) as session:
        held = session.get_one(PurchaseOrder, order.id)
        held.receipts, held.received_at = 1, trade.at
        orders.lines_of(session, held)[0].received = Decimal(36)
    with db.session(trade.grower.who) as session:
        (trouble,) = worklist.troubles(session, trade.grower, at=trade.at, today=trade.at.date())
        assert (trouble.kind, trouble.sent, trouble.taken) == (Kind.SHORT, 40, 36)
        assert lot_book.find(session, trade.grower, lot.id).left == 60


def test_a_paper_that_ends_within_two_months_is_told(trade):
    today = date(2026, 11, 23)
    with db.session(trade.grower.who) as session:
        for days in (19, 200):
            session.add(
                Certificate(
                    owner_id=trade.farm.id,
                    kind="gap",
                    name_zh="良好农业规范",
                    name_en="GAP",
                    number=f"C-{days}",
                    issuer="CQC",
                    valid_from=date(2025, 1, 1),
                    valid_to=today + timedelta(days=days),
                )
            )
        session.flush()
        (trouble,) = worklist.troubles(session, trade.grower, at=trade.at, today=today)
        assert (trouble.kind, trouble.days_left) == (Kind.CERTIFICATE, 19)


def test_the_week_that_moved_most_is_shown_first(trade):
    trade.sold()
    with db.session(trade.buyer.who) as session:
        making.make(session, at=trade.at)
    trade.sold(times=2, days=60)
    with db.session(trade.buyer.who) as session:
        making.make(session, at=trade.at + timedelta(hours=1))
    with db.session(trade.grower.who) as session:
        changes = worklist.changes(session, trade.grower, today=trade.at.date())
    assert len(changes) == 2 and changes[0].share > Decimal("0.5")
    assert abs(changes[0].share) >= abs(changes[1].share) and len(changes[0].new) == 3


def test_a_number_that_two_buyers_use_asks_for_the_buyer(trade):
    other = builder.party(OrganizationKind.RETAILER, "Lelin")
    builder.relation(other, trade.farm)
    first = trade.ordered()
    place = builder.place(other)
    with db.session(db.Who(other.id)) as session:
        session.add(
            PurchaseOrder(
                owner_id=other.id,
                number=first.number,
                supplier_id=trade.farm.id,
                deliver_to_id=place.id,
                deliver_on=trade.deliver_on,
                proposed_at=trade.at,
                placed_at=trade.at,
                respond_by=trade.at,
            )
        )
    with db.session(trade.grower.who) as session:
        with pytest.raises(lookup.OrderAmbiguous):
            lookup.order(session, trade.grower, first.number)
        assert lookup.order(session, trade.grower, first.number, trade.chain.gln).id == first.id


def test_stock_below_safety_comes_emptiest_first_and_what_ends_soon_is_named(trade):
    today = now().date()
    with db.session(trade.buyer.who) as session:
        for store, on_hand in zip(trade.stores, (8, 2), strict=True):
            where = {"owner_id": trade.chain.id, "place_id": store.id, "trade_item_id": trade.tomato.id}
            session.add(
                StockLevel(**where, on_hand=Decimal(on_hand), safety=Decimal(10), target=Decimal(30), as_of=trade.at)
            )
            session.add(
                LotStock(
                    **where, lot=f"L{on_hand}", on_hand=Decimal(on_hand), best_before=today + timedelta(days=on_hand)
                )
            )
        session.flush()
        below = stock_book.levels(session, below=True)
        assert [row.level.on_hand for row in below.rows] == [2, 8]
        assert stock_book.levels(session, place_id=trade.stores[0].id).total == 1
        assert [row.stock.lot for row in stock_book.near_expiry(session, today=today).rows] == ["L2"]
        assert stock_book.levels(session, Search("tomat")).total == 2
        for sort in ("item_zh", "item_en", "store_zh", "store_en", "hand", "safety", "target", "told"):
            assert stock_book.levels(session, Search(sort=f"-{sort}")).total == 2
        sorted_up = stock_book.levels(session, Search(sort="hand"), below=True).rows
        assert [row.level.on_hand for row in sorted_up] == [2, 8]
        for sort, first in (("hand", "L2"), ("-until", "L8"), ("-lot", "L8")):
            ending = stock_book.near_expiry(session, Search(sort=sort), today=today + timedelta(days=6)).rows
            assert ending[0].stock.lot == first, sort
