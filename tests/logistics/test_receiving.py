"""A store counts what came, once; its core and the ledger hear of it, once each."""

import threading
from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlmodel import select

from hub import db, outbox
from hub.errors import InvalidInput, NotAllowed
from hub.gs1 import epcis
from hub.inventory import commands
from hub.listeners import LISTENERS
from hub.lists import Search
from hub.messages import GoodsReceived, HandoverDue
from hub.models.inventory import Assortment, LotStock
from hub.models.outbox import OutboxMessage
from hub.models.party import Organization, Role
from hub.models.trace import Event
from hub.models.trade import PurchaseOrder, Shipment
from logistics.models import Receipt, ReceiptLine, Stop
from logistics.receive import contents, receiving, store
from logistics.receive.receiving import AlreadyReceived, Counted, LineCount, MoreThanAnnounced, ReasonNeeded
from tests.logistics.conftest import morning, seal, seen_by
from tests.supermarket import signed_in


def count(region, shipment, at=None, actor=None, more=None, **quantities):
    """The keeper of the first store counts: ``tomato=("110", "crushed")``; what is not named is there in full."""
    actor = actor or region.keeper()
    names = {region.tomato.id: "tomato", region.eggs.id: "eggs"}
    with db.session(actor.who) as session:
        held = session.get_one(Shipment, shipment.id)
        lines = []
        for part in contents.announced(session, held):
            quantity, *reason = quantities.get(names[part.item.id], (part.line.quantity,))
            lines.append(LineCount(line=part.line.id, quantity=Decimal(quantity), reason="".join(reason)))
        counted = Counted(lines=lines, **(more or {}))
        return receiving.receive(session, actor, held, counted, at=at or morning(7))


def told(kind):
    with db.hub_session() as session:
        rows = session.execute(select(OutboxMessage).where(OutboxMessage.type == kind.__name__)).scalars()
        return [kind.read(row.body) for row in rows]


def due_again():
    with db.hub_session() as session:
        for row in session.execute(select(OutboxMessage)).scalars():
            row.next_at = morning(6)


def test_what_was_accepted_is_told_to_the_stores_own_house_with_lots_and_dates(region):
    shipment = region.shipped(tomato=120, eggs=60)
    receipt = count(region, shipment, tomato=("110", "crushed"), more={"note": "Two crates fell over."})

    (message,) = told(GoodsReceived)
    assert (message.receipt_id, message.reference, message.place_id) == (
        receipt.id,
        shipment.number,
        region.stores[0].id,
    )
    assert {(line["lot"], line["quantity"], line["unit"]) for line in message.lines} == {
        ("T-88", "110", "KGM"),
        ("E-12", "60", "H87"),
    }
    lines = seen_by(region.farm.id, ReceiptLine)
    assert {(line.announced, line.quantity, line.reason) for line in lines} == {
        (120, 110, "crushed"),
        (60, 60, ""),
    }


def test_stock_and_order_follow_from_the_message(region):
    shipment = region.shipped(tomato=120)
    count(region, shipment, tomato=("110", "crushed"))
    outbox.relay({GoodsReceived: LISTENERS[GoodsReceived]})
    (stock,) = seen_by(region.chain.id, LotStock)
    assert (stock.lot, stock.on_hand, stock.place_id) == ("T-88", 110, region.stores[0].id)
    (order,) = seen_by(region.chain.id, PurchaseOrder)
    assert order.receipts == 1 and commands.goods_received in LISTENERS[GoodsReceived]


def test_the_same_count_again_is_the_same_receipt_and_another_is_refused(region):
    shipment = region.shipped(tomato=120)
    first = count(region, shipment, tomato=("110", "crushed"))
    assert count(region, shipment, at=morning(9), tomato=("110.0", "crushed")).id == first.id
    with pytest.raises(AlreadyReceived):
        count(region, shipment)
    with pytest.raises(AlreadyReceived):
        count(region, shipment, tomato=("110", "crushed"), more={"disputed": True})
    assert len(told(GoodsReceived)) == 1 == len(told(HandoverDue))


def test_two_who_count_at_once_make_one_receipt(region):
    shipment = region.shipped(tomato=120)
    made, refused = [], []

    def counts(quantity):
        try:
            made.append(count(region, shipment, tomato=(quantity, "x")).id)
        except AlreadyReceived as error:
            refused.append(error)

    threads = [threading.Thread(target=counts, args=(q,)) for q in ("120", "110", "120", "110")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1 and len(made) == 2 == len(refused)
    assert len(seen_by(region.chain.id, Receipt)) == 1


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        (("126.001",), MoreThanAnnounced), (("119",), ReasonNeeded), (("119", "  "), ReasonNeeded),
        (("-1", "x"), ValidationError), (("NaN", "x"), ValidationError),
    ],
)  # fmt: skip
def test_a_count_is_no_more_than_announced_and_says_why_it_is_less(region, said, refusal):
    shipment = region.shipped(tomato=120)
    with pytest.raises(refusal):
        count(region, shipment, tomato=said)
    assert told(GoodsReceived) == []


def test_by_weight_a_little_more_may_come_than_was_announced_as_the_buyer_allows(region):
    count(region, region.shipped(tomato=120), tomato=("126",))
    with db.session(region.buyer.who) as session:
        session.get_one(Organization, region.buyer.organization_id).weight_tolerance = Decimal("0.01")
    shipment = region.shipped(tomato=100, eggs=60)
    with pytest.raises(MoreThanAnnounced):
        count(region, shipment, tomato=("102",))
    with pytest.raises(MoreThanAnnounced):
        count(region, shipment, eggs=("61",))
    count(region, shipment, tomato=("101",))


def test_every_line_is_counted(region):
    shipment = region.shipped(tomato=120, eggs=60)
    with db.session(region.keeper().who) as session, pytest.raises(InvalidInput):
        receiving.receive(
            session, region.keeper(), session.get_one(Shipment, shipment.id), Counted(lines=[]), at=morning(7)
        )


def test_another_store_another_house_and_another_role_count_nothing(region):
    shipment = region.shipped(0)
    for actor in (region.keeper(1), region.buyer, region.driver, region.grower):
        with pytest.raises(NotAllowed):
            count(region, shipment, actor=actor)


def test_the_handover_waits_until_the_senders_record_is_sealed_and_then_names_its_leaf(region):
    shipment = region.shipped(tomato=120)
    receipt = count(region, shipment, tomato=("110", "crushed"))
    outbox.relay(LISTENERS)
    with db.hub_session() as session:
        waiting = session.execute(select(OutboxMessage).where(OutboxMessage.type == "HandoverDue")).scalar_one()
        assert waiting.handled_at is None and waiting.error.startswith("NotSealedYet")

    seal()
    due_again()
    outbox.relay(LISTENERS)

    with db.session(region.buyer.who) as session:
        sent = session.get_one(Event, shipment.event_id)
        received = session.get_one(Event, session.get_one(Receipt, receipt.id).event_id)
        event = epcis.opened(received.payload).event
    assert received.biz_step == "receiving" and received.event_time == morning(7)
    assert event["furrow:handoverOf"] == "0x" + sent.leaf.hex()
    assert [(q["quantity"], q["uom"]) for q in event["quantityList"]] == [(110.0, "KGM")]
    assert event["epcList"] == epcis.opened(sent.payload).event["epcList"]


def test_a_handover_told_twice_is_written_once(region):
    shipment = region.shipped(tomato=120)
    receipt = count(region, shipment)
    seal()
    for _ in range(2):
        with db.session(db.Who(region.chain.id, via="task")) as session:
            receiving.record_handover(session, HandoverDue(receipt_id=receipt.id))
    events = [e for e in seen_by(region.chain.id, Event) if e.biz_step == "receiving"]
    assert len(events) == 1


def test_of_a_shipment_that_was_sent_back_whole_the_record_says_that_nothing_was_taken(region):
    shipment = region.shipped(tomato=120)
    receipt = count(region, shipment, tomato=("0", "rotten"), more={"disputed": True})
    seal()
    with db.session(db.Who(region.chain.id, via="task")) as session:
        receiving.record_handover(session, HandoverDue(receipt_id=receipt.id))
        received = session.get_one(Event, session.get_one(Receipt, receipt.id).event_id)
        sent = session.get_one(Event, shipment.event_id)
    event = epcis.opened(received.payload).event
    assert [q["quantity"] for q in event["quantityList"]] == [0.0]
    assert event["furrow:handoverOf"] == "0x" + sent.leaf.hex() and receipt.disputed


def test_what_arrives_first_stands_first_among_what_waits_and_the_list_is_taken_away_as_it_stands(region):
    later, sooner, heavy = region.shipped(), region.shipped(), region.shipped(tomato=200)
    region.planned(publish=True)
    clock = {later.id: morning(5, 35), sooner.id: morning(5, 26), heavy.id: morning(5, 30)}
    with db.session(region.dispatcher.who) as session:
        for stop in session.exec(select(Stop)):
            stop.expected_at = clock[stop.shipment_id]
            session.add(stop)
    unplanned = region.shipped(tomato=20)
    me = region.keeper()
    with db.session(me.who) as session:

        def listed(sort: str = "", *, open_only: bool = True) -> list[str]:
            return [
                row.shipment.id for row in store.deliveries(session, me, Search(sort=sort), open_only=open_only).rows
            ]

        coming = [sooner.id, heavy.id, later.id, unplanned.id]
        assert listed() == listed("arrives") == coming
        assert listed(open_only=False) == coming[::-1], "of all deliveries the latest stands first"
        assert listed("-weight")[0] == heavy.id and listed("weight")[0] == unplanned.id
        assert len(listed("supplier_zh")) == len(listed("-supplier_en")) == store.deliveries(session, me).total == 4
    browser = signed_in(region.chain, Role.STORE)
    sheet = browser.get("/store/deliveries.csv?sort=-weight").text
    assert sheet.index(heavy.sscc) < sheet.index(unplanned.sscc)
    assert browser.get("/store/deliveries?state=all&sort=-weight").text.count('aria-sort="descending"') == 1


def test_a_buyer_that_asks_for_fresher_goods_is_warned_on_the_deliverys_page_and_may_take_them(region, monkeypatch):
    with db.session(region.buyer.who) as session:
        for row in session.exec(select(Assortment)):
            row.least_days_left = 5 if row.trade_item_id == region.tomato.id else 3
            session.add(row)
    shipment = region.shipped(tomato=120, eggs=60)
    monkeypatch.setattr("logistics.receive.count_pages.now", lambda: morning(7))
    browser = signed_in(region.chain, Role.STORE)
    page = browser.get(f"/store/deliveries/{shipment.sscc}").text
    assert "Less time is left than you ask for." in page
    assert "Tomato, lot T-88: 3 days left; you ask for 5 days on receipt." in page and "lot E-12: " not in page
    count(region, shipment)
    assert "3 days left; you ask for 5 days" in browser.get(f"/store/deliveries/{shipment.sscc}").text


def test_what_a_buyer_asks_of_freshness_stops_nobody_else_from_reading_the_lines(region):
    shipment = region.shipped(tomato=120)
    for actor in (region.grower, region.driver, region.buyer):
        with db.session(actor.who) as session:
            held = session.get_one(Shipment, shipment.id)
            assert [part.least_days_left for part in contents.announced(session, held)] in ([None], [])
