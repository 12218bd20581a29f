"""The trade of the last ten days and of today: orders in every state, answered well, badly and late."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from sqlmodel import col, select

from hub import db
from hub.demo import cast, founding
from hub.demo.founding import World
from hub.demo.growing import Grown, at
from hub.models.base import now
from hub.models.catalogue import Lot, RecallNotice
from hub.models.party import PlaceKind, Role
from hub.models.trade import AnswerKind, OrderLine, PurchaseOrder, Shipment
from hub.trace import recall
from supplier_portal.dispatch.dispatch_advice import DispatchAdvice, Packed, announce_shipment
from supplier_portal.forecast import collaboration, levels, making, replenishment
from supplier_portal.orders import orders
from supplier_portal.orders.agreeing import agreement
from supplier_portal.orders.agreeing.agreement import LineReply, Reply
from supplier_portal.orders.agreeing.terms import Says
from supplier_portal.orders.answering import answers
from supplier_portal.orders.answering.answers import LineAnswer, OrderResponse
from supplier_portal.orders.cancelling import cancelling
from supplier_portal.orders.orders import DraftLine, OrderDraft

PAST_DAYS = 10
SEEN = 2010
"""The store of the sample account: one of this morning's deliveries goes there, and is left for it to count."""


@dataclass(frozen=True)
class Deal:
    """Which chain buys from whom, for which of its places."""

    chain: str
    supplier: str
    store: int


@dataclass
class Sent:
    """A shipment on its way, or long there."""

    deal: Deal
    shipment: Shipment
    deliver_on: date


@dataclass(frozen=True)
class Load:
    """How much of a lot is ordered, and then sent."""

    grown: Grown
    quantity: Decimal

    @property
    def line(self) -> DraftLine:
        """What a buyer writes for it."""
        return DraftLine(self.grown.item.id, self.quantity)


def forecast(world: World, chain: str) -> None:
    """Forecast demand, share it, and learn when each store must order."""
    moment = now()
    with db.session(world.who(chain)) as session:
        making.make(session, at=moment)
    with db.session(world.who(chain)) as session:
        levels.set_levels(session, at=moment)


def commit(world: World, dice: random.Random) -> None:
    """Suppliers answer the shared forecast: most commit in full, some to less, some not yet."""
    for party in cast.SUPPLIERS:
        if party.key in ("junxiang", "wenshi"):
            continue
        actor = world.actor(party.key, Role.SUPPLIER)
        buyers = ["hejia", *(["lelin"] if party.key in cast.LELIN_SUPPLIERS else [])]
        with db.session(world.who(party.key)) as session:
            for buyer in (world.organizations[key].id for key in buyers):
                promises = [
                    collaboration.Promise(item.trade_item_id, week.monday, _promise(week.p50, dice))
                    for item in collaboration.supplier_grid(session, actor, buyer, at=now(), past=0)
                    for week in item.weeks[0:3]
                    if week.monday > world.today
                ]
                collaboration.commit(session, actor, buyer, promises, at=now())


def _promise(asked: Decimal, dice: random.Random) -> Decimal:
    share = Decimal("1") if dice.random() < 0.8 else Decimal(dice.randint(60, 90)) / 100
    return (asked * share).quantize(Decimal(1))


def long_past(world: World, older: Sequence[Grown]) -> list[Sent]:
    """The older lots, each sold whole, long ago: a day's lots of a supplier in one order, to a distribution centre."""
    fit = [lot for lot in older if not lot.over_limit]
    sent = []
    for (supplier, day), lots in groupby(fit, key=lambda lot: (lot.supplier, lot.made_on)):
        loads = [Load(lot, lot.lot.quantity) for lot in lots]
        deal = Deal("hejia", supplier, 2001 if day.day % 2 else 2002)
        order = place(world, deal, day + timedelta(days=1), loads, at(day, 9, 20))
        answer(world, supplier, order, at(day, 13, 40))
        for goods in _by_temperature(loads):
            sent.append(ship(world, deal, order, goods, at(day, 22, 10)))
    return sent


def _by_temperature(loads: Sequence[Load]) -> list[list[Load]]:
    classes = {load.grown.item.temperature: None for load in loads}
    return [[load for load in loads if load.grown.item.temperature is temperature] for temperature in classes]


def past(world: World, grown: Sequence[Grown], dice: random.Random, step: Callable[[], None]) -> list[Sent]:
    """Ten days of orders: placed in the morning, answered, packed at night."""
    sent = []
    carried = {chain: {item.gtin for item in founding.sold_by(chain)} for chain in ("hejia", "lelin")}
    for back in range(PAST_DAYS, 0, -1):
        day = world.today - timedelta(days=back)
        for chain, stores in (("hejia", range(2010, 2030)), ("lelin", (3001, 3002, 3003))):
            for supplier in _todays_suppliers(chain, back):
                lots = [lot for lot in _lots(grown, supplier, day) if lot.item.gtin in carried[chain]]
                if lots:
                    store = dice.choice(stores)
                    seen = back == 1 and chain == "hejia" and supplier == "qinghe"
                    deal = Deal(chain, supplier, SEEN if seen else store)
                    sent.append(_order_and_ship(world, dice, deal, day, lots))
        step()
    return sent


def _todays_suppliers(chain: str, back: int) -> list[str]:
    keys = [party.key for party in cast.SUPPLIERS] if chain == "hejia" else list(cast.LELIN_SUPPLIERS)
    if back == 1:  # what is on the road this morning
        return keys
    return [key for place, key in enumerate(keys) if (place + back) % (3 if chain == "hejia" else 4) == 0]


def _lots(grown: Sequence[Grown], supplier: str, day: date) -> list[Grown]:
    """Lots that a supplier could ship on a day: made by then, not over their date, not known to be bad."""
    fit = [
        lot
        for lot in grown
        if lot.supplier == supplier
        and lot.made_on <= day
        and _good_on(lot, day + timedelta(days=1))
        and not lot.over_limit
    ]
    return list({lot.item.gtin: lot for lot in fit}.values())[-4:]


def _good_on(lot: Grown, day: date) -> bool:
    return lot.lot.best_before is not None and lot.lot.best_before > day


def _order_and_ship(world: World, dice: random.Random, deal: Deal, day: date, lots: Sequence[Grown]) -> Sent:
    loads = [Load(lot, lot.item.case_quantity * dice.randint(1, 3)) for lot in lots]
    order = place(world, deal, day + timedelta(days=1), loads, at(day, 9, 20))
    late = dice.random() < 0.12
    answer(
        world,
        deal.supplier,
        order,
        at(day, 19, 45) if late else at(day, 9 + dice.randint(1, 6), dice.randint(0, 59)),
    )
    return ship(world, deal, order, loads, at(day, 22, 10))


def place(world: World, deal: Deal, deliver_on: date, loads: Sequence[Load], moment: datetime) -> PurchaseOrder:
    """A buyer writes and places an order."""
    actor = world.actor(deal.chain, Role.BUYER)
    draft = OrderDraft(
        world.organizations[deal.supplier].id,
        world.places[deal.store].id,
        deliver_on,
        [load.line for load in loads],
    )
    with db.session(world.who(deal.chain)) as session:
        order = orders.write(session, actor, draft, at=moment)
        return orders.place(session, actor, order, at=moment)


def answer(
    world: World, supplier: str, order: PurchaseOrder, moment: datetime, kinds: Sequence[AnswerKind] = ()
) -> None:
    """A supplier answers line by line; confirmed where no other kind of answer is given."""
    actor = world.actor(supplier, Role.SUPPLIER)
    with db.session(world.who(supplier)) as session:
        order = session.get_one(PurchaseOrder, order.id)
        given = [
            _line_answer(order, line, kinds[number] if number < len(kinds) else AnswerKind.CONFIRMED)
            for number, line in enumerate(orders.lines_of(session, order))
        ]
        answers.confirm(session, actor, order, OrderResponse(given), at=moment)


def _line_answer(order: PurchaseOrder, line: OrderLine, kind: AnswerKind) -> LineAnswer:
    if kind is AnswerKind.LESS:
        less = (line.quantity * Decimal("0.6")).quantize(Decimal(1))
        return LineAnswer(line=line.id, answer=kind, quantity=less, reason="连阴天，减产")
    if kind is AnswerKind.OTHER_DATE:
        later = order.deliver_on + timedelta(days=2)
        return LineAnswer(line=line.id, answer=kind, quantity=line.quantity, deliver_on=later, reason="采收推迟")
    return LineAnswer(line=line.id, answer=kind, reason="缺货" if kind is AnswerKind.DECLINED else "")


def ship(world: World, deal: Deal, order: PurchaseOrder, loads: Sequence[Load], moment: datetime) -> Sent:
    """The supplier announces what leaves: one shipment a temperature class."""
    actor = world.actor(deal.supplier, Role.SUPPLIER)
    with db.session(world.who(deal.supplier)) as session:
        order = session.get_one(PurchaseOrder, order.id)
        lines = {line.trade_item_id: line.id for line in orders.lines_of(session, order)}
        first = loads[0].grown.item.temperature
        packed = [
            Packed(line=lines[load.grown.item.id], lot=load.grown.lot.id, quantity=load.quantity)
            for load in loads
            if load.grown.item.temperature is first
        ]
        advice = DispatchAdvice(packed, world.site(deal.supplier, PlaceKind.PACKHOUSE))
        shipment = announce_shipment(session, actor, order, advice, at=moment)
    return Sent(deal, shipment, order.deliver_on)


def today(world: World, grown: Sequence[Grown], dice: random.Random) -> list[Sent]:
    """Orders of this very day in every state, and shipments that are on the road."""
    moment = now()
    on_the_road = []
    for number, party in enumerate(cast.SUPPLIERS):
        lots = (
            _lots(grown, party.key, world.today - timedelta(days=1))
            or [lot for lot in grown if lot.supplier == party.key][-3:]
        )
        loads = [Load(lot, lot.item.case_quantity * dice.randint(1, 4)) for lot in lots]
        new, overdue, answered, sent = (Deal("hejia", party.key, store) for store in dice.sample(range(2010, 2030), 4))
        tomorrow = world.today + timedelta(days=1)
        place(world, new, tomorrow, loads, moment - timedelta(hours=dice.randint(1, 6)))
        if number % 3 == 0:
            place(world, overdue, tomorrow, loads, moment - timedelta(hours=9, minutes=40))
        order = place(world, answered, tomorrow, loads, moment - timedelta(hours=7))
        kinds = (
            (),
            (AnswerKind.LESS,),
            (AnswerKind.OTHER_DATE,),
            tuple(AnswerKind.DECLINED for _ in loads),
        )[number % 4]
        answer(world, party.key, order, moment - timedelta(hours=4), kinds)
        if not kinds:
            _ask_for_less(world, answered, order, moment - timedelta(hours=2))
        fresh = [lot for lot in lots if _good_on(lot, tomorrow) and not lot.over_limit]
        if fresh:
            loads = [Load(lot, lot.item.case_quantity * 2) for lot in fresh]
            order = place(world, sent, tomorrow, loads, moment - timedelta(hours=11))
            answer(world, party.key, order, moment - timedelta(hours=9))
            on_the_road.append(ship(world, sent, order, loads, moment - timedelta(hours=2)))
    _cancelled(world, grown, moment)
    return on_the_road


def _ask_for_less(world: World, deal: Deal, order: PurchaseOrder, moment: datetime) -> None:
    """A buyer asks for a change of what was agreed, and waits for its supplier's yes."""
    actor = world.actor(deal.chain, Role.BUYER)
    with db.session(world.who(deal.chain)) as session:
        order = session.get_one(PurchaseOrder, order.id)
        line = orders.lines_of(session, order)[0]
        less = (line.quantity / 2).quantize(Decimal(1))
        wanted = LineReply(line=line.id, says=Says.OFFER, quantity=less, reason="促销取消，少要一半")
        agreement.reply(session, actor, order, Reply(1, [wanted]), at=moment)


def _cancelled(world: World, grown: Sequence[Grown], moment: datetime) -> None:
    lot = next(lot for lot in grown if lot.supplier == "luyuan")
    order = place(
        world,
        Deal("hejia", "luyuan", 2012),
        world.today + timedelta(days=2),
        [Load(lot, lot.item.case_quantity)],
        moment - timedelta(hours=5),
    )
    with db.session(world.who("hejia")) as session:
        cancelling.cancel(
            session,
            world.actor("hejia", Role.BUYER),
            session.get_one(PurchaseOrder, order.id),
            at=moment - timedelta(hours=4),
        )


def propose(world: World, chain: str) -> int:
    """What the stores run short of becomes proposed orders."""
    with db.session(world.who(chain)) as session:
        return len(replenishment.propose(session, at=now()))


def recalls(world: World, grown: Sequence[Grown]) -> None:
    """Two lots were over a limit: the older one's recall is long closed, the newer one's is open."""
    older, newer = [lot for lot in grown if lot.over_limit]
    reason_zh, reason_en = (
        "抽检发现农药氯氟氰菊酯超标，是国家限量的2.1倍。",
        "A sample held lambda-cyhalothrin at 2.1 times the national limit.",
    )
    for bad, closed in ((older, True), (newer, False)):
        actor = world.actor(bad.supplier, Role.SUPPLIER)
        opened = at(bad.made_on + timedelta(days=1), 18)
        with db.session(world.who(bad.supplier)) as session:
            notice = recall.open_recall(
                session,
                actor,
                session.get_one(Lot, bad.lot.id),
                recall.Grounds(2, reason_zh, reason_en),
                at=min(opened, now()),
            )
            notice_id = notice.id
        if closed:
            with db.session(world.who(bad.supplier)) as session:
                notice = session.exec(select(RecallNotice).where(col(RecallNotice.id) == notice_id)).one()
                recall.close_recall(session, actor, notice, at=opened + timedelta(days=4))
