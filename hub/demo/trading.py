"""The trade of the last ten days and of today: orders in every state, answered well, badly and late."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from sqlmodel import col, select

from hub import db
from hub.demo import cast, founding
from hub.demo.founding import World
from hub.demo.growing import Grown, at
from hub.models.base import now
from hub.models.catalogue import Lot, RecallNotice
from hub.models.party import PlaceKind, Role
from hub.models.trade import AnswerKind, PurchaseOrder, Shipment
from hub.trace import recall
from supplier_portal.forecast import collaboration, replenishment
from supplier_portal.orders import orders
from supplier_portal.orders.dispatch_advice import Packed, announce_shipment
from supplier_portal.orders.orders import LineAnswer, Wanted

PAST_DAYS = 10
SEEN = 2010
"""The store of the sample account: one of this morning's deliveries goes there, and is left for it to count."""


@dataclass
class Sent:
    """A shipment on its way, or long there."""

    chain: str
    supplier: str
    store: int
    shipment: Shipment
    deliver_on: date


def forecast(world: World, chain: str) -> None:
    """Forecast demand, share it, and learn when each store must order."""
    moment = now()
    with db.session(world.who(chain)) as session:
        collaboration.make(session, at=moment)
    with db.session(world.who(chain)) as session:
        replenishment.set_levels(session, at=moment)


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
    fit = [one for one in older if not one.over_limit]
    sent = []
    for (supplier, day), lots in groupby(fit, key=lambda one: (one.supplier, one.made_on)):
        packed = [(one, one.lot.quantity) for one in lots]
        store = 2001 if day.day % 2 else 2002
        wanted = [Wanted(one.item.id, quantity) for one, quantity in packed]
        order = place(world, "hejia", supplier, store, day, day + timedelta(days=1), wanted, at(day, 9, 20))
        answer(world, supplier, order, at(day, 13, 40))
        for goods in _by_temperature(packed):
            sent.append(ship(world, "hejia", supplier, store, order, goods, at(day, 22, 10)))
    return [one for one in sent if one is not None]


def _by_temperature(packed: Sequence[tuple[Grown, Decimal]]) -> list[list[tuple[Grown, Decimal]]]:
    kinds = {one.item.temperature: None for one, _ in packed}
    return [[(one, quantity) for one, quantity in packed if one.item.temperature is kind] for kind in kinds]


def past(world: World, grown: Sequence[Grown], dice: random.Random, step: Callable[[], None]) -> list[Sent]:
    """Ten days of orders: placed in the morning, answered, packed at night."""
    sent = []
    carried = {chain: {item.gtin for item in founding.sold_by(chain)} for chain in ("hejia", "lelin")}
    for back in range(PAST_DAYS, 0, -1):
        day = world.today - timedelta(days=back)
        for chain, stores in (("hejia", range(2010, 2030)), ("lelin", (3001, 3002, 3003))):
            for supplier in _todays_suppliers(chain, back):
                lots = [one for one in _lots(grown, supplier, day) if one.item.gtin in carried[chain]]
                if lots:
                    store = dice.choice(stores)
                    seen = back == 1 and chain == "hejia" and supplier == "qinghe"
                    sent.append(_one(world, dice, chain, supplier, SEEN if seen else store, day, lots))
        step()
    return [one for one in sent if one is not None]


def _todays_suppliers(chain: str, back: int) -> list[str]:
    keys = [party.key for party in cast.SUPPLIERS] if chain == "hejia" else list(cast.LELIN_SUPPLIERS)
    if back == 1:  # what is on the road this morning
        return keys
    return [key for place, key in enumerate(keys) if (place + back) % (3 if chain == "hejia" else 4) == 0]


def _lots(grown: Sequence[Grown], supplier: str, day: date) -> list[Grown]:
    """Lots that a supplier could ship on a day: made by then, not over their date, not known to be bad."""
    fit = [
        one
        for one in grown
        if one.supplier == supplier
        and one.made_on <= day
        and _good_on(one, day + timedelta(days=1))
        and not one.over_limit
    ]
    return list({one.item.gtin: one for one in fit}.values())[-4:]


def _good_on(one: Grown, day: date) -> bool:
    return one.lot.best_before is not None and one.lot.best_before > day


def _one(
    world: World, dice: random.Random, chain: str, supplier: str, store: int, day: date, lots: Sequence[Grown]
) -> Sent | None:
    wanted = [(one, one.item.case_quantity * dice.randint(1, 3)) for one in lots]
    order = place(
        world,
        chain,
        supplier,
        store,
        day,
        day + timedelta(days=1),
        [Wanted(one.item.id, q) for one, q in wanted],
        at(day, 9, 20),
    )
    late = dice.random() < 0.12
    answer(
        world,
        supplier,
        order,
        at(day, 19, 45) if late else at(day, 9 + dice.randint(1, 6), dice.randint(0, 59)),
    )
    return ship(world, chain, supplier, store, order, [(one, quantity) for one, quantity in wanted], at(day, 22, 10))


def place(
    world: World,
    chain: str,
    supplier: str,
    store: int,
    day: date,
    deliver_on: date,
    wanted: Sequence[Wanted],
    moment: datetime,
) -> PurchaseOrder:
    """A buyer writes and places an order."""
    actor = world.actor(chain, Role.BUYER)
    with db.session(world.who(chain)) as session:
        order = orders.write(
            session,
            actor,
            supplier_id=world.organizations[supplier].id,
            deliver_to_id=world.places[store].id,
            deliver_on=deliver_on,
            lines=wanted,
            at=moment,
        )
        return orders.place(session, actor, order, at=moment)


def answer(
    world: World,
    supplier: str,
    order: PurchaseOrder,
    moment: datetime,
    kinds: Sequence[AnswerKind] = (),
    note: str = "",
) -> None:
    """A supplier answers line by line; confirmed where nothing else is said."""
    actor = world.actor(supplier, Role.SUPPLIER)
    with db.session(world.who(supplier)) as session:
        order = session.get_one(PurchaseOrder, order.id)
        said = []
        for number, line in enumerate(orders.lines_of(session, order)):
            kind = kinds[number] if number < len(kinds) else AnswerKind.CONFIRMED
            said.append(_said(order, line.id, line.quantity, kind))
        orders.confirm(session, actor, order, said, at=moment, note=note)


def _said(order: PurchaseOrder, line: UUID, quantity: Decimal, kind: AnswerKind) -> LineAnswer:
    if kind is AnswerKind.LESS:
        less = (quantity * Decimal("0.6")).quantize(Decimal(1))
        return LineAnswer(line=line, answer=kind, quantity=less, reason="连阴天，减产")
    if kind is AnswerKind.OTHER_DATE:
        later = order.deliver_on + timedelta(days=2)
        return LineAnswer(line=line, answer=kind, quantity=quantity, deliver_on=later, reason="采收推迟")
    return LineAnswer(line=line, answer=kind, reason="缺货" if kind is AnswerKind.DECLINED else "")


def ship(
    world: World,
    chain: str,
    supplier: str,
    store: int,
    order: PurchaseOrder,
    packed: Sequence[tuple[Grown, Decimal]],
    moment: datetime,
) -> Sent | None:
    """The supplier announces what leaves: one shipment a temperature class."""
    actor = world.actor(supplier, Role.SUPPLIER)
    with db.session(world.who(supplier)) as session:
        order = session.get_one(PurchaseOrder, order.id)
        lines = {line.trade_item_id: line.id for line in orders.lines_of(session, order)}
        first = packed[0][0].item.temperature
        goods = [
            Packed(line=lines[one.item.id], lot=one.lot.id, quantity=quantity)
            for one, quantity in packed
            if one.item.temperature is first
        ]
        shipment = announce_shipment(
            session, actor, order, goods, ship_from=world.site(supplier, PlaceKind.PACKHOUSE), at=moment
        )
    return Sent(chain, supplier, store, shipment, order.deliver_on)


def today(world: World, grown: Sequence[Grown], dice: random.Random) -> list[Sent]:
    """Orders of this very day in every state, and shipments that are on the road."""
    moment = now()
    on_the_road = []
    for number, party in enumerate(cast.SUPPLIERS):
        lots = (
            _lots(grown, party.key, world.today - timedelta(days=1))
            or [g for g in grown if g.supplier == party.key][-3:]
        )
        wanted = [Wanted(one.item.id, one.item.case_quantity * dice.randint(1, 4)) for one in lots]
        stores = dice.sample(range(2010, 2030), 4)
        tomorrow = world.today + timedelta(days=1)
        place(
            world,
            "hejia",
            party.key,
            stores[0],
            world.today,
            tomorrow,
            wanted,
            moment - timedelta(hours=dice.randint(1, 6)),
        )
        if number % 3 == 0:
            place(
                world,
                "hejia",
                party.key,
                stores[1],
                world.today,
                tomorrow,
                wanted,
                moment - timedelta(hours=9, minutes=40),
            )
        asked = place(world, "hejia", party.key, stores[2], world.today, tomorrow, wanted, moment - timedelta(hours=7))
        kinds = (
            (),
            (AnswerKind.LESS,),
            (AnswerKind.OTHER_DATE,),
            tuple(AnswerKind.DECLINED for _ in wanted),
        )[number % 4]
        answer(world, party.key, asked, moment - timedelta(hours=4), kinds)
        fresh = [one for one in lots if _good_on(one, tomorrow) and not one.over_limit]
        if fresh:
            road = [(one, one.item.case_quantity * 2) for one in fresh]
            order = place(
                world,
                "hejia",
                party.key,
                stores[3],
                world.today,
                tomorrow,
                [Wanted(o.item.id, q) for o, q in road],
                moment - timedelta(hours=11),
            )
            answer(world, party.key, order, moment - timedelta(hours=9))
            shipped = ship(world, "hejia", party.key, stores[3], order, road, moment - timedelta(hours=2))
            if shipped:
                on_the_road.append(shipped)
    _cancelled(world, grown, moment)
    return on_the_road


def _cancelled(world: World, grown: Sequence[Grown], moment: datetime) -> None:
    one = next(g for g in grown if g.supplier == "luyuan")
    order = place(
        world,
        "hejia",
        "luyuan",
        2012,
        world.today,
        world.today + timedelta(days=2),
        [Wanted(one.item.id, one.item.case_quantity)],
        moment - timedelta(hours=5),
    )
    with db.session(world.who("hejia")) as session:
        orders.cancel(
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
    older, newer = [one for one in grown if one.over_limit]
    reason_zh, reason_en = (
        "抽检发现农药氯氟氰菊酯超标，是国家限量的2.1倍。",
        "A sample held lambda-cyhalothrin at 2.1 times the national limit.",
    )
    for one, closed in ((older, True), (newer, False)):
        actor = world.actor(one.supplier, Role.SUPPLIER)
        opened = at(one.made_on + timedelta(days=1), 18)
        with db.session(world.who(one.supplier)) as session:
            lot = session.get_one(Lot, one.lot.id)
            notice = recall.open_recall(
                session,
                actor,
                lot,
                recall.Grounds(2, reason_zh, reason_en),
                at=min(opened, now()),
            )
            notice_id = notice.id
        if closed:
            with db.session(world.who(one.supplier)) as session:
                found = session.exec(select(RecallNotice).where(col(RecallNotice.id) == notice_id)).one()
                recall.close_recall(session, actor, found, at=opened + timedelta(days=4))
