"""What the lists of orders show, one for each side, decided and said in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import quote
from uuid import UUID

from hub.lists import CountedPage
from hub.models.party import Organization, Place
from hub.web.i18n import N_, NN_, Language
from hub.web.view import Deadline, Nothing, Paging, State, Tab, counted_paging, deadline
from supplier_portal.orders.order_book import UNANSWERED, OrderRow
from supplier_portal.orders.view import order_address, order_state


@dataclass(frozen=True)
class OrderList:
    """A list of orders as it was read: the page of a ``tab`` that was searched, and how many orders each tab has."""

    own: Organization
    at: datetime
    tab: str
    counts: Mapping[str, int]
    page: CountedPage[OrderRow]
    organizations: Mapping[UUID, Organization] = field(default_factory=dict)
    places: Mapping[UUID, Place] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What was searched."""
        return self.page.search.words

    @property
    def query(self) -> str:
        """How the list is narrowed, as the end of an address."""
        return f"state={self.tab}&q={quote(self.words)}"


@dataclass(frozen=True)
class Action:
    """What a supplier does next with an order: its verb, and the same with the order's number."""

    word: str
    label: str
    address: str


@dataclass(frozen=True)
class Row:
    """An order, with the other side's name; ``answer_by`` only while it waits for an answer."""

    number: str
    address: str
    state: State
    party: str
    place: str
    lines: int
    value: str
    arrives: date
    answer_by: Deadline | None
    action: Action | None


@dataclass(frozen=True)
class OrdersPage:
    """One side's list of orders: ``rows`` under their ``title``, or else ``nothing``.

    ``party`` is what the other side is called; ``acts`` says whether a row has its next thing to do.
    """

    address: str
    lead: str
    finds: str
    hint: str
    search: str
    export: str
    tabs: tuple[Tab, ...]
    title: str
    party: str
    acts: bool
    rows: tuple[Row, ...]
    nothing: Nothing | None
    paging: Paging | None


@dataclass(frozen=True)
class _Side:
    """How a list is said to one side."""

    address: str
    tabs: Mapping[str, str]
    waiting: tuple[str, str]
    idle: str
    finds: str
    hint: str
    searched: str
    party: str


_OTHER_TABS = {
    "shipped": N_("On the way"),
    "received": N_("Received"),
    "closed": N_("Declined or cancelled"),
    "all": N_("All"),
}
_BUYER = _Side(
    address="/buyer/orders",
    tabs={"awaiting": N_("Awaiting suppliers"), "answered": N_("Answered"), **_OTHER_TABS},
    waiting=NN_("%(num)s order awaits its supplier.", "%(num)s orders await their suppliers."),
    idle=N_("No supplier owes you an answer."),
    finds=N_("Find orders by number, item or supplier"),
    hint=N_("Order, item, supplier"),
    searched=N_("Numbers, items, GTINs and names of suppliers are searched."),
    party=N_("Supplier"),
)
_SUPPLIER = _Side(
    address="/supplier/orders",
    tabs={"awaiting": N_("To answer"), "to-ship": N_("To ship"), **_OTHER_TABS},
    waiting=NN_("%(num)s order awaits your answer.", "%(num)s orders await your answer."),
    idle=N_("No order awaits your answer."),
    finds=N_("Find orders by number, item or buyer"),
    hint=N_("Order, item, buyer"),
    searched=N_("Numbers, items, GTINs and names of buyers are searched."),
    party=N_("Buyer"),
)


def buyers_orders(orders: OrderList, speaks: Language) -> OrdersPage:
    """A buyer's list of the orders it has placed."""
    rows = tuple(_bought(row, orders, speaks) for row in orders.page.rows)
    nothing = Nothing(
        speaks.gettext("No order is in this state."),
        speaks.gettext("Orders begin as proposals, which you place."),
        "/buyer/proposals",
        speaks.gettext("Look at proposals"),
    )
    return _page(_BUYER, orders, rows, nothing, speaks)


def suppliers_orders(orders: OrderList, speaks: Language) -> OrdersPage:
    """A supplier's list of the orders it was sent."""
    rows = tuple(_sold(row, orders, speaks) for row in orders.page.rows)
    everything = f"{_SUPPLIER.address}?state=all", speaks.gettext("See all orders")
    if orders.tab == "awaiting":
        text = speaks.gettext(
            "Buyers look for shortages through the day and order as they find them. Each says until when you answer."
        )
        nothing = Nothing(speaks.gettext("No order awaits you."), text, *everything)
    else:
        nothing = Nothing(speaks.gettext("No order is in this state."), "", *everything)
    return _page(_SUPPLIER, orders, rows, nothing, speaks)


def _page(side: _Side, orders: OrderList, rows: tuple[Row, ...], nothing: Nothing, speaks: Language) -> OrdersPage:
    """A side's page of its rows; ``nothing`` is what it says of a tab without any."""
    return OrdersPage(
        address=side.address,
        lead=speaks.counted(side.waiting, orders.counts["awaiting"]) or speaks.gettext(side.idle),
        finds=speaks.gettext(side.finds),
        hint=speaks.gettext(side.hint),
        search=orders.words,
        export=f"{side.address}/export.csv?{orders.query}",
        tabs=tuple(_tab(name, side, orders, speaks) for name in side.tabs),
        title=speaks.gettext(side.tabs[orders.tab]),
        party=speaks.gettext(side.party),
        acts=side is _SUPPLIER,
        rows=rows,
        nothing=None if rows else _unfound(side, orders.words, speaks) if orders.words else nothing,
        paging=counted_paging(f"{side.address}?{orders.query}", orders.page, speaks) if rows else None,
    )


def _tab(name: str, side: _Side, orders: OrderList, speaks: Language) -> Tab:
    kept = f"&q={quote(orders.words)}" if orders.words else ""
    return Tab(
        word=speaks.gettext(side.tabs[name]),
        address=f"{side.address}?state={name}{kept}",
        count=None if orders.words else orders.counts[name],
        current=name == orders.tab,
    )


def _unfound(side: _Side, words: str, speaks: Language) -> Nothing:
    return Nothing(
        speaks.gettext("No order mentions “%(words)s”.", words=words),
        speaks.gettext(side.searched),
        f"{side.address}?state=all",
        speaks.gettext("See all orders"),
    )


def _bought(row: OrderRow, orders: OrderList, speaks: Language) -> Row:
    order = row.order
    return Row(
        number=order.number,
        address=f"/buyer/orders/{order.number}",
        state=order_state(row.status, speaks),
        party=speaks.name(orders.organizations[order.supplier_id]),
        place=speaks.name(orders.places[order.deliver_to_id]),
        lines=row.lines,
        value=speaks.money(row.value, row.currency),
        arrives=order.deliver_on,
        answer_by=_answer_by(row, orders, speaks),
        action=None,
    )


def _sold(row: OrderRow, orders: OrderList, speaks: Language) -> Row:
    order, buyer = row.order, orders.organizations[row.order.owner_id]
    return Row(
        number=order.number,
        address=order_address(order, buyer),
        state=order_state(row.status, speaks, supplier=True),
        party=speaks.name(buyer),
        place=speaks.name(orders.places[order.deliver_to_id]),
        lines=row.lines,
        value=speaks.money(row.value, row.currency),
        arrives=order.deliver_on,
        answer_by=_answer_by(row, orders, speaks),
        action=_action(row, orders.tab, order_address(order, buyer), speaks),
    )


def _answer_by(row: OrderRow, orders: OrderList, speaks: Language) -> Deadline | None:
    if row.status not in UNANSWERED or row.order.respond_by is None:
        return None
    return deadline(row.order.respond_by, orders.at, orders.own, speaks)


def _action(row: OrderRow, tab: str, address: str, speaks: Language) -> Action | None:
    number = row.order.number
    if row.status in UNANSWERED:
        return Action(speaks.gettext("Answer"), speaks.gettext("Answer %(number)s", number=number), address)
    if tab == "to-ship":
        return Action(speaks.gettext("Ship"), speaks.gettext("Ship %(number)s", number=number), f"{address}#ship")
    return None
