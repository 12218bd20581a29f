"""What a supplier sends is announced lot by lot, within what it confirmed and what it has."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from hub import db, outbox
from hub.demo import builder
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.gs1 import digital_link
from hub.messages import GoodsReceived
from hub.models.base import now, uuid7
from hub.models.catalogue import Lot, RecallNotice, Temperature
from hub.models.trace import Event
from hub.models.trade import AnswerKind, OrderLine, PurchaseOrder, Shipment, ShipmentLine
from supplier_portal.dispatch import dispatch_advice
from supplier_portal.dispatch.dispatch_advice import DispatchAdvice, Packed
from supplier_portal.dispatch.sscc import sscc
from supplier_portal.orders import orders
from supplier_portal.orders.order_book import OrderStatus
from supplier_portal.orders.orders import OrderNotOpen
from tests import supermarket
from tests.waiting import wait_for

THURSDAY = date(2026, 11, 26)


@pytest.fixture
def lots(trade):
    """A lot of each item."""
    return {"tomato": supermarket.lot(trade.tomato, "T-88"), "eggs": supermarket.lot(trade.eggs, "E-12")}


def send(trade, order, lots, **quantities):
    lines = trade.lines(order)
    packed = [Packed(line=lines[name], lot=lots[name].id, quantity=Decimal(q)) for name, q in quantities.items()]
    with db.session(trade.grower.who) as session:
        held = session.get_one(PurchaseOrder, order.id)
        return dispatch_advice.announce_shipment(
            session, trade.grower, held, DispatchAdvice(packed, trade.packhouse), at=trade.at + timedelta(hours=3)
        )


def receive(trade, shipment, *, short: int = 0):
    """The store counts a shipment, and the relay tells the buyer's side."""
    with db.session(trade.buyer.who) as session:
        lines = session.scalars(select(ShipmentLine).where(ShipmentLine.shipment_id == shipment.id)).all()
        outbox.publish(
            session,
            GoodsReceived(
                receipt_id=uuid7(),
                shipment_id=shipment.id,
                supplier_id=trade.farm.id,
                place_id=shipment.deliver_to_id,
                reference=shipment.number,
                received_at="2026-11-25T04:40:00+08:00",
                lines=[
                    {
                        "shipment_line_id": str(line.id),
                        "trade_item_id": str(line.trade_item_id),
                        "lot": "x",
                        "best_before": "",
                        "quantity": str(line.quantity - short),
                        "unit": line.unit,
                    }
                    for line in lines
                ],
            ),
            trade.chain.id,
        )
    outbox.relay({GoodsReceived: [orders.goods_received]})


def test_an_sscc_is_eighteen_digits_of_the_suppliers_own_with_a_right_check_digit():
    assert sscc("0614141000012", 5) == "006141410000100057"
    assert all(digital_link.sscc_link(sscc(gln, 7)) for gln in ("6901234000016", "0614141000012"))
    assert sscc("6901234000016", 10_001)[:1] == "1" and sscc("6901234000016", 10_001)[13:17] == "0001"
    assert len({sscc("6901234000016", n) for n in range(100_000)}) == 100_000


def test_a_shipment_is_announced_to_buyer_and_haulier_and_recorded_as_a_shipping_event(trade, lots):
    order = trade.ordered()
    trade.answer(order)
    shipment = send(trade, order, lots, tomato=120, eggs=60)

    assert trade.status(order) is OrderStatus.SHIPPED
    for party in (trade.chain, trade.haulier):
        with db.session(db.Who(party.id)) as session:
            assert session.get_one(Shipment, shipment.id).number == shipment.number
    assert shipment.number == "DA2-261123-0001" and shipment.sscc[:13] == "0" + trade.farm.gln[:12]
    assert shipment.weight_kg == Decimal("123.6") and shipment.temperature == Temperature.CHILLED
    with db.session(trade.buyer.who) as session:
        event = session.get_one(Event, shipment.event_id)
        assert event.biz_step == "shipping" and shipment.sscc in event.payload.decode()
        assert {lot.number for lot in session.scalars(select(Lot))} == {"T-88", "E-12"}
    with db.session(db.Who(trade.haulier.id)) as session:
        assert session.get_one(Shipment, shipment.id).number == shipment.number
        assert len(session.scalars(select(ShipmentLine)).all()) == 2


def test_two_lorries_with_the_same_lots_in_another_order_do_not_wait_for_each_other_in_a_ring(trade, lots):
    order = trade.ordered()
    trade.answer(order)
    names = sorted(lots, key=lambda name: f"lot/{lots[name].id}")
    with ThreadPoolExecutor(1) as pool:
        with db.session(trade.grower.who) as other:
            db.in_turn(other, f"lot/{lots[names[0]].id}")
            sending = pool.submit(send, trade, order, lots, **dict.fromkeys(reversed(names), 1))

            def waits() -> bool:
                assert not sending.done(), sending.result()
                return waiting_for_a_turn()

            wait_for("the second lorry's turn", waits)
            db.in_turn(other, f"lot/{lots[names[1]].id}")
        assert sending.result(60).number


def waiting_for_a_turn() -> bool:
    """Whether anybody waits until another has had his turn."""
    with db.hub_session() as session:
        waiting = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        return session.execute(waiting).scalar_one() > 0


def test_the_second_half_on_another_lorry_is_another_shipment(trade, lots):
    order = trade.ordered(tomato="40")
    trade.answer(order, eggs=(AnswerKind.DECLINED,))
    first, second = (send(trade, order, lots, tomato=20) for _ in range(2))
    assert first.id != second.id and first.sscc != second.sscc


def test_what_was_confirmed_and_has_not_left_can_be_sent_after_a_part_was_received(trade, lots):
    order = trade.ordered(tomato="40")
    trade.answer(order, eggs=(AnswerKind.DECLINED,))
    receive(trade, send(trade, order, lots, tomato=20))
    assert trade.status(order) is OrderStatus.PART_RECEIVED
    second = send(trade, order, lots, tomato=19)
    assert trade.status(order) is OrderStatus.SHIPPED
    receive(trade, second)
    assert trade.status(order) is OrderStatus.PART_RECEIVED
    receive(trade, send(trade, order, lots, tomato=1))
    assert trade.status(order) is OrderStatus.RECEIVED


def test_a_buyer_may_want_no_more_of_what_has_come_in_part(trade, lots):
    order = trade.ordered(tomato="40")
    trade.answer(order, eggs=(AnswerKind.DECLINED,))
    with pytest.raises(OrderNotOpen), db.session(trade.buyer.who) as session:
        orders.close(session, trade.buyer, session.get_one(PurchaseOrder, order.id), at=trade.at)
    receive(trade, send(trade, order, lots, tomato=20))
    with db.session(trade.buyer.who) as session:
        orders.close(session, trade.buyer, session.get_one(PurchaseOrder, order.id), at=trade.at)
    assert trade.status(order) is OrderStatus.RECEIVED
    with pytest.raises(OrderNotOpen):
        send(trade, order, lots, tomato=1)


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2026, 11, 22), date(2096, 1, 1)])
def test_nothing_is_sent_for_a_day_that_is_over_or_far_away(trade, lots, day):
    order = trade.ordered()
    trade.answer(order)
    packed = [Packed(line=trade.lines(order)["tomato"], lot=lots["tomato"].id, quantity=Decimal(1))]
    with pytest.raises(InvalidInput, match="between 2026-11-23 and"), db.session(trade.grower.who) as session:
        dispatch_advice.announce_shipment(
            session,
            trade.grower,
            session.get_one(PurchaseOrder, order.id),
            DispatchAdvice(packed, trade.packhouse, day),
            at=trade.at,
        )


def test_what_leaves_late_arrives_today_where_no_day_is_said(trade, lots):
    order = trade.ordered()
    trade.answer(order)
    packed = [Packed(line=trade.lines(order)["tomato"], lot=lots["tomato"].id, quantity=Decimal(1))]
    with db.session(trade.grower.who) as session:
        late = dispatch_advice.announce_shipment(
            session,
            trade.grower,
            session.get_one(PurchaseOrder, order.id),
            DispatchAdvice(packed, trade.packhouse),
            at=trade.at + timedelta(days=9),
        )
    assert late.deliver_on == date(2026, 12, 2)


def test_what_was_not_confirmed_is_not_sent(trade, lots):
    order = trade.ordered()
    with pytest.raises(OrderNotOpen):
        send(trade, order, lots, tomato=120)
    trade.answer(order, tomato=(AnswerKind.LESS, 90), eggs=(AnswerKind.DECLINED,))
    with pytest.raises(dispatch_advice.MoreThanConfirmed, match="Line 1: 0 KGM confirmed"):
        send(trade, order, lots, tomato=50)
    trade.reply(order, trade.buyer)
    with pytest.raises(dispatch_advice.MoreThanConfirmed, match="Line 2: 0 H87 confirmed"):
        send(trade, order, lots, eggs=1)
    send(trade, order, lots, tomato=50)
    with pytest.raises(dispatch_advice.MoreThanConfirmed, match="sent already"):
        send(trade, order, lots, tomato=41)


def test_no_more_leaves_a_lot_than_went_into_it(trade):
    few = {"tomato": supermarket.lot(trade.tomato, "T-9", quantity=100)}
    order = trade.ordered()
    trade.answer(order)
    with pytest.raises(dispatch_advice.LotUsedUp) as refused:
        send(trade, order, few, tomato=120)
    assert Decimal(refused.value.extra["left"]) == 100


@pytest.mark.parametrize("quantity", ["0", "-5"])
def test_nothing_is_no_shipment(trade, lots, quantity):
    order = trade.ordered()
    trade.answer(order)
    with pytest.raises(InvalidInput):
        send(trade, order, lots, tomato=quantity)
    with pytest.raises(InvalidInput):
        send(trade, order, lots)


def test_a_lot_of_another_item_and_a_strangers_lot_are_refused(trade, lots):
    order = trade.ordered()
    trade.answer(order)
    with pytest.raises(dispatch_advice.WrongLot):
        send(trade, order, {"tomato": lots["eggs"]}, tomato=10)
    stranger = supermarket.Supermarket()
    with pytest.raises(NotFound):
        send(trade, order, {"tomato": supermarket.lot(stranger.tomato)}, tomato=10)


def test_a_recalled_lot_stays(trade, lots):
    order = trade.ordered()
    trade.answer(order)
    with db.session(trade.grower.who) as session:
        session.add(
            RecallNotice(
                owner_id=trade.farm.id,
                lot_id=lots["tomato"].id,
                recall_class=1,
                reason_zh="-",
                reason_en="-",
                opened_at=now(),
                salt=bytes(32),
                nonce=1,
            )
        )
    with pytest.raises(dispatch_advice.LotRecalled):
        send(trade, order, lots, tomato=10)


def test_frozen_goods_travel_apart(trade, lots):
    ice = builder.item(trade.farm, "Dumplings", temperature=Temperature.FROZEN)
    trade.eggs = ice
    Trade = type(trade)
    with db.session(trade.buyer.who) as session:
        from hub.models.inventory import Assortment

        session.add(Assortment(owner_id=trade.chain.id, supplier_id=trade.farm.id, trade_item_id=ice.id, core_code="D"))
    order = Trade.ordered(trade)
    trade.answer(order)
    with pytest.raises(dispatch_advice.TemperaturesDiffer):
        send(trade, order, {"tomato": lots["tomato"], "eggs": supermarket.lot(ice)}, tomato=10, eggs=10)


def test_nobody_sends_from_anothers_packhouse(trade, lots):
    order = trade.ordered()
    trade.answer(order)
    packed = [Packed(line=trade.lines(order)["tomato"], lot=lots["tomato"].id, quantity=Decimal(1))]
    with db.session(trade.grower.who) as session, pytest.raises(NotAllowed):
        dispatch_advice.announce_shipment(
            session,
            trade.grower,
            session.get_one(PurchaseOrder, order.id),
            DispatchAdvice(packed, trade.stores[0]),
            at=trade.at,
        )


def test_an_order_is_received_when_all_that_was_confirmed_has_come(trade, lots):
    order = trade.ordered()
    trade.answer(order, eggs=(AnswerKind.OTHER_DATE, THURSDAY))
    trade.reply(order, trade.buyer)
    first = send(trade, order, lots, tomato=120)
    receive(trade, first, short=2)
    assert trade.status(order) is OrderStatus.PART_RECEIVED
    second = send(trade, order, lots, eggs=60)
    assert trade.status(order) is OrderStatus.SHIPPED
    receive(trade, second)
    assert trade.status(order) is OrderStatus.RECEIVED
    with db.session(trade.grower.who) as session:
        lines = session.scalars(select(OrderLine).order_by(OrderLine.position)).all()
        assert [line.received for line in lines] == [118, 60]


def test_what_is_on_its_way_can_no_longer_be_cancelled(trade, lots):
    order = trade.ordered()
    trade.answer(order)
    send(trade, order, lots, tomato=120)
    with db.session(trade.buyer.who) as session, pytest.raises(OrderNotOpen):
        orders.cancel(session, trade.buyer, session.get_one(PurchaseOrder, order.id), at=trade.at)
