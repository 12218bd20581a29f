"""What the buyer's first page shows, decided and said in the buyer's language."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from hub.lists import CountedPage
from hub.models.inventory import CommandState, CoreConnection
from hub.models.party import Organization, Place
from hub.models.trade import PurchaseOrder
from hub.web.i18n import NN_, Language
from hub.web.view import Deadline, Nothing, State, deadline
from supplier_portal.claims.claim_book import ClaimRow
from supplier_portal.claims.words import claim_address, kind_of
from supplier_portal.orders.order_book import ANSWERED, ChangedAnswer, OrderRow, OrderStatus
from supplier_portal.orders.view import order_state
from supplier_portal.today.stock_book import Disagreement, LevelRow, LotRow, RecalledLot
from supplier_portal.today.view import Recall, recall_of

_ON_THE_WAY = (OrderStatus.SHIPPED, OrderStatus.PART_RECEIVED)
_DELIVERIES = 6
_PROPOSED = NN_("%(num)s proposed order waits for you.", "%(num)s proposed orders wait for you.")
_TO_APPROVE = NN_("%(num)s order waits to be approved.", "%(num)s orders wait to be approved.")
_ASKED = NN_("%(num)s order needs your answer.", "%(num)s orders need your answer.")
_WAITING = NN_("%(num)s order awaits its supplier.", "%(num)s orders await their suppliers.")
_OVERDUE = NN_("%(num)s is overdue.", "%(num)s are overdue.")
_DUE_TODAY = NN_("%(num)s delivery is due today.", "%(num)s deliveries are due today.")
_UNORDERED = NN_("%(num)s of them has nothing on order.", "%(num)s of them have nothing on order.")
_REFUSED = NN_("The core refused %(num)s receipt.", "The core refused %(num)s receipts.")
_UNDERWAY = NN_("%(num)s receipt is on its way to the core.", "%(num)s receipts are on their way to the core.")


@dataclass(frozen=True)
class Day:
    """A buyer's day as it was read: orders, stock, and what the core says; ``most`` orders are listed.

    ``stocked`` once the stock of anything is known; ``administers`` whoever may connect a stock system.
    """

    own: Organization
    at: datetime
    counts: Mapping[OrderStatus, int]
    waiting: CountedPage[OrderRow] = field(default_factory=CountedPage)
    asked: CountedPage[OrderRow] = field(default_factory=CountedPage)
    coming: Sequence[OrderRow] = ()
    changed: Sequence[ChangedAnswer] = ()
    claims: CountedPage[ClaimRow] = field(default_factory=CountedPage)
    recalled: Sequence[RecalledLot] = ()
    below: CountedPage[LevelRow] = field(default_factory=CountedPage)
    shortages: int = 0
    ending: CountedPage[LotRow] = field(default_factory=CountedPage)
    drifts: Sequence[Disagreement] = ()
    connection: CoreConnection | None = None
    administers: bool = False
    stocked: bool = True
    commands: Mapping[CommandState, int] = field(default_factory=dict)
    organizations: Mapping[UUID, Organization] = field(default_factory=dict)
    places: Mapping[UUID, Place] = field(default_factory=dict)
    most: int = 8

    @property
    def date(self) -> date:
        """The day on the buyer's calendar."""
        return self.own.day(self.at)


@dataclass(frozen=True)
class Shelf:
    """What a store has of an item, below its safety level; ``empty`` where nothing is left."""

    item: str
    store: str
    on_hand: str
    empty: bool
    safety: Decimal
    target: Decimal


@dataclass(frozen=True)
class Shelves:
    """The emptiest shelves, how many there are in all, and a sentence on those with nothing on order, if any.

    ``none`` says why there is none.
    """

    rows: Sequence[Shelf]
    total: int
    unordered: str
    none: Nothing


@dataclass(frozen=True)
class Order:
    """An order between a supplier and a store."""

    number: str
    supplier: str
    store: str


@dataclass(frozen=True)
class UnansweredOrder(Order):
    """An order, by when its supplier must answer, and when it would arrive."""

    answer_by: Deadline
    arrives: date


@dataclass(frozen=True)
class UnansweredOrders:
    """The orders to be answered first, how many wait in all, and how many of them are not listed."""

    rows: Sequence[UnansweredOrder]
    total: int
    more: int


@dataclass(frozen=True)
class WaitingClaim:
    """A claim whose supplier has answered: the buyer has the next word."""

    number: str
    address: str
    what: str
    supplier: str


@dataclass(frozen=True)
class WaitingClaims:
    """The first of the claims that wait for the buyer, and how many there are."""

    rows: Sequence[WaitingClaim]
    total: int


@dataclass(frozen=True)
class ChangedOrder(Order):
    """An order whose supplier answered otherwise than before, and when."""

    changed_at: datetime


@dataclass(frozen=True)
class Delivery(Order):
    """An order that is to arrive today, and how far it has come."""

    state: State


@dataclass(frozen=True)
class Deliveries:
    """What is to arrive today: the first rows, how many there are in all, and how many are how far."""

    rows: Sequence[Delivery]
    total: int
    to_leave: int
    on_the_way: int
    received: int


@dataclass(frozen=True)
class EndingLot:
    """Goods in a store that can be sold for two days at most; ``ended`` if they no longer can."""

    item: str
    on_hand: str
    store: str
    best_before: date | None
    ended: bool


@dataclass(frozen=True)
class EndingLots:
    """The goods that end first, and how many end soon in all."""

    rows: Sequence[EndingLot]
    total: int


@dataclass(frozen=True)
class Difference:
    """What hub and core say of an item in a store, or of one of its lots, where they do not agree."""

    item: str
    lot: str
    store: str
    figures: str


@dataclass(frozen=True)
class Core:
    """How hub and core agree; ``refused`` and ``underway`` are sentences on receipts, the first before the second.

    ``state`` and ``text`` say it where no difference is known; ``connect`` where an administrator goes from there.
    """

    differences: Sequence[Difference]
    state: State
    text: str
    connect: str
    refused: str
    underway: str


@dataclass(frozen=True)
class BuyerToday:
    """The buyer's first page; ``proposals`` says whether the next thing to do is to look at them."""

    day: date
    zone: str
    lead: str
    proposals: bool
    recalls: Sequence[Recall]
    below: Shelves
    asked: UnansweredOrders
    waiting: UnansweredOrders
    changed: Sequence[ChangedOrder]
    claims: WaitingClaims
    coming: Deliveries
    ending: EndingLots
    core: Core


def buyer_today(day: Day, speaks: Language) -> BuyerToday:
    """The first page of a buyer's day."""
    return BuyerToday(
        day=day.date,
        zone=day.own.time_zone,
        lead=_lead(day, speaks),
        proposals=day.counts[OrderStatus.PROPOSED] > 0,
        recalls=[recall_of(recalled, day.own, speaks) for recalled in day.recalled],
        below=Shelves(
            [_shelf(row, speaks) for row in day.below.rows],
            day.below.total,
            speaks.counted(_UNORDERED, day.shortages),
            _none_short(day, speaks),
        ),
        asked=_unanswered(day.asked, day, speaks),
        waiting=_unanswered(day.waiting, day, speaks),
        claims=_claims(day, speaks),
        changed=[ChangedOrder(*_parties(row.order, day, speaks), row.changed_at) for row in day.changed],
        coming=_coming(day, speaks),
        ending=EndingLots([_ending(row, day.date, speaks) for row in day.ending.rows], day.ending.total),
        core=_core(day, speaks),
    )


def _lead(day: Day, speaks: Language) -> str:
    proposed, overdue = day.counts[OrderStatus.PROPOSED], day.counts[OrderStatus.OVERDUE]
    return speaks.paragraph(
        speaks.counted(_PROPOSED, proposed) or speaks.gettext("No proposal waits for you."),
        speaks.counted(_TO_APPROVE, day.counts[OrderStatus.TO_APPROVE]),
        speaks.counted(_ASKED, day.asked.total),
        speaks.counted(_WAITING, day.waiting.total),
        speaks.counted(_OVERDUE, overdue),
        speaks.counted(_DUE_TODAY, len(day.coming)),
    )


def _shelf(row: LevelRow, speaks: Language) -> Shelf:
    level, item = row.level, row.item
    return Shelf(
        item=speaks.name(item),
        store=speaks.name(row.place),
        on_hand=speaks.quantity(level.on_hand, item.unit),
        empty=level.on_hand <= 0,
        safety=level.safety,
        target=level.target,
    )


def _parties(order: PurchaseOrder, day: Day, speaks: Language) -> tuple[str, str, str]:
    """An order's number, its supplier and the store it goes to."""
    supplier, store = day.organizations[order.supplier_id], day.places[order.deliver_to_id]
    return order.number, speaks.name(supplier), speaks.name(store)


def _unanswered(waiting: CountedPage[OrderRow], day: Day, speaks: Language) -> UnansweredOrders:
    rows = sorted(waiting.rows, key=lambda row: row.answer_by or day.at)
    return UnansweredOrders(
        rows=[
            UnansweredOrder(
                *_parties(row.order, day, speaks),
                deadline(row.answer_by or day.at, day.at, day.own, speaks),
                row.order.deliver_on,
            )
            for row in rows[: day.most]
        ],
        total=waiting.total,
        more=max(waiting.total - day.most, 0),
    )


def _claims(day: Day, speaks: Language) -> WaitingClaims:
    rows = [
        WaitingClaim(
            number=row.claim.number,
            address=claim_address(row.claim, supplier=False),
            what=f"{kind_of(row.claim, speaks)} · {speaks.name(row.item)}",
            supplier=speaks.name(day.organizations[row.claim.supplier_id]),
        )
        for row in day.claims.rows
    ]
    return WaitingClaims(rows, day.claims.total)


def _coming(day: Day, speaks: Language) -> Deliveries:
    states = Counter(row.status for row in day.coming)
    return Deliveries(
        rows=[
            Delivery(*_parties(row.order, day, speaks), order_state(row.status, speaks))
            for row in day.coming[:_DELIVERIES]
        ],
        total=len(day.coming),
        to_leave=sum(states[state] for state in ANSWERED),
        on_the_way=sum(states[state] for state in _ON_THE_WAY),
        received=states[OrderStatus.RECEIVED],
    )


def _ending(row: LotRow, today: date, speaks: Language) -> EndingLot:
    until = row.stock.best_before
    return EndingLot(
        item=speaks.name(row.item),
        on_hand=speaks.quantity(row.stock.on_hand, row.item.unit),
        store=speaks.name(row.place),
        best_before=until,
        ended=until is not None and until < today,
    )


def _core(day: Day, speaks: Language) -> Core:
    state, text, connect = _agreement(day, speaks)
    return Core(
        differences=[_difference(row, speaks) for row in day.drifts],
        state=state,
        text=text,
        connect=connect,
        refused=speaks.counted(_REFUSED, day.commands.get(CommandState.REFUSED, 0)),
        underway=speaks.counted(_UNDERWAY, day.commands.get(CommandState.WAITING, 0)),
    )


def _none_short(day: Day, speaks: Language) -> Nothing:
    if not day.stocked:
        text = speaks.gettext("It comes from the stock system, or from a sheet.")
        return Nothing(speaks.gettext("No stock is known yet."), text)
    text = speaks.gettext("Stock and what is on its way are held against the forecast every ten minutes.")
    return Nothing(speaks.gettext("No store runs short."), text, "/buyer/stock", speaks.gettext("See all stock"))


def _agreement(day: Day, speaks: Language) -> tuple[State, str, str]:
    """What is known where no difference is: that both agree is said of a comparison that took place."""
    connection = day.connection
    if connection is None or connection.ended_at is not None:
        state = State(speaks.gettext("Not connected"), "no")
        return state, speaks.gettext("No stock system is connected."), "/settings/core" if day.administers else ""
    if connection.compared_at is None:
        text = speaks.gettext("The stock system has not been compared with the hub yet.")
        return State(speaks.gettext("Not compared yet"), "clock"), text, ""
    when = speaks.ago(connection.compared_at, day.at)
    text = speaks.gettext("The last comparison of every store, item and lot left no difference (%(when)s).", when=when)
    return State(speaks.gettext("Agree"), "ok", "ok"), text, ""


def _difference(row: Disagreement, speaks: Language) -> Difference:
    hub, core = speaks.number(row.drift.hub), speaks.number(row.drift.core)
    figures = speaks.gettext("hub %(hub)s, core %(core)s", hub=hub, core=core)
    return Difference(speaks.name(row.item), row.drift.lot, speaks.name(row.place), figures)
