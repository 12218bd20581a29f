"""What the lists of orders show, one for each side, decided and said in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from hub.lists import CountedPage
from hub.models.party import Organization, Place
from hub.web.i18n import N_, NN_, Language
from hub.web.view import Deadline, Heading, Narrowed, Nothing, Paging, State, Tab, counted_paging, deadline
from supplier_portal.orders.order_book import TO_ANSWER, UNANSWERED, OrderRow
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

    ``kept`` stays when it is searched; ``acts`` says whether a row has its next thing to do; ``write`` is where one
    writes an order, empty for those who cannot; ``documents`` is where those are that systems exchanged. Beside drafts
    ``standing`` is where orders stand by the week, ``templates`` where templates are, ``sheet`` where orders come by
    the sheet; ``place_all`` asks whether all that were looked for shall be placed, and ``all_address`` does it.
    """

    address: str
    lead: str
    finds: str
    hint: str
    search: str
    export: str
    documents: str
    tabs: tuple[Tab, ...]
    title: str
    kept: Sequence[tuple[str, str]]
    columns: Sequence[Heading]
    acts: bool
    write: str
    standing: str
    templates: str
    sheet: str
    place_all: str
    all_address: str
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
_PLACE = NN_("Place %(num)s order?", "Place all %(num)s orders?")
_BUYER = _Side(
    address="/buyer/orders",
    tabs={
        "drafts": N_("Drafts"),
        "to-approve": N_("To approve"),
        "asked": N_("You to answer"),
        "awaiting": N_("Awaiting suppliers"),
        "answered": N_("Answered"),
        **_OTHER_TABS,
    },
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
    if orders.tab == "drafts":
        text = speaks.gettext("What you write and do not send yet is kept here, and nobody but you sees it.")
        nothing = Nothing(speaks.gettext("There is no draft."), text, "/buyer/orders/new", speaks.gettext("New order"))
        return _page(_BUYER, orders, nothing, speaks)
    nothing = Nothing(
        speaks.gettext("No order is in this state."),
        speaks.gettext("Orders begin as proposals, which you place, or are written by hand."),
        "/buyer/proposals",
        speaks.gettext("Look at proposals"),
    )
    return _page(_BUYER, orders, nothing, speaks)


def suppliers_orders(orders: OrderList, speaks: Language) -> OrdersPage:
    """A supplier's list of the orders it was sent."""
    everything = f"{_SUPPLIER.address}?state=all", speaks.gettext("See all orders")
    if orders.tab == "awaiting":
        text = speaks.gettext(
            "Buyers look for shortages through the day and order as they find them. Each says until when you answer."
        )
        nothing = Nothing(speaks.gettext("No order awaits you."), text, *everything)
    else:
        nothing = Nothing(speaks.gettext("No order is in this state."), "", *everything)
    return _page(_SUPPLIER, orders, nothing, speaks)


def _page(side: _Side, orders: OrderList, nothing: Nothing, speaks: Language) -> OrdersPage:
    """A side's page of its rows; ``nothing`` is what it says of a tab without any."""
    rows = tuple(_row(row, side, orders, speaks) for row in orders.page.rows)
    here = Narrowed(side.address, replace(orders.page.search, state=orders.tab))
    return OrdersPage(
        address=side.address,
        lead=speaks.counted(side.waiting, orders.counts["awaiting"]) or speaks.gettext(side.idle),
        finds=speaks.gettext(side.finds),
        hint=speaks.gettext(side.hint),
        search=orders.words,
        export=here.address("/export.csv"),
        documents=f"{side.address}/documents",
        kept=here.kept,
        columns=_columns(side, here, speaks),
        tabs=tuple(_tab(name, side, orders, speaks) for name in side.tabs),
        title=speaks.gettext(side.tabs[orders.tab]),
        acts=side is _SUPPLIER,
        write="" if side is _SUPPLIER else f"{side.address}/new",
        standing=f"{side.address}/standing" if orders.tab == "drafts" else "",
        templates=f"{side.address}/templates" if orders.tab == "drafts" else "",
        sheet=f"{side.address}/sheet" if orders.tab == "drafts" else "",
        place_all=speaks.counted(_PLACE, orders.page.total) if orders.tab == "drafts" else "",
        all_address=here.address("/place-drafts"),
        rows=rows,
        nothing=None if rows else _unfound(side, orders.words, speaks) if orders.words else nothing,
        paging=counted_paging(here.address(), orders.page, speaks) if rows else None,
    )


def _columns(side: _Side, here: Narrowed, speaks: Language) -> Sequence[Heading]:
    columns = [
        here.heading(speaks.gettext("Order"), "number"),
        Heading(speaks.gettext("State")),
        Heading(speaks.gettext(side.party)),
        Heading(speaks.gettext("Deliver to"), "hide-t"),
        here.heading(speaks.gettext("Lines"), "lines", "num hide-m"),
        here.heading(speaks.gettext("Value"), "value", "num hide-m"),
        here.heading(speaks.gettext("Arrives"), "arrives"),
        here.heading(speaks.gettext("Answer by"), "answer"),
    ]
    return [*columns, Heading("")] if side is _SUPPLIER else columns


def _tab(name: str, side: _Side, orders: OrderList, speaks: Language) -> Tab:
    return Tab(
        word=speaks.gettext(side.tabs[name]),
        address=Narrowed(side.address, orders.page.search).address(state=name),
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


def _row(row: OrderRow, side: _Side, orders: OrderList, speaks: Language) -> Row:
    order, sold = row.order, side is _SUPPLIER
    party = orders.organizations[order.owner_id if sold else order.supplier_id]
    address = order_address(order, party) if sold else f"/buyer/orders/{order.number}"
    return Row(
        number=order.number,
        address=address,
        state=order_state(row.status, speaks, supplier=sold),
        party=speaks.name(party),
        place=speaks.name(orders.places[order.deliver_to_id]),
        lines=row.lines,
        value=speaks.money(row.value, row.currency),
        arrives=order.deliver_on,
        answer_by=_answer_by(row, orders, speaks),
        action=_action(row, orders.tab, address, speaks) if sold else None,
    )


def _answer_by(row: OrderRow, orders: OrderList, speaks: Language) -> Deadline | None:
    by = row.reply_by or (row.order.respond_by if row.status in UNANSWERED else None)
    return deadline(by, orders.at, orders.own, speaks) if by else None


def _action(row: OrderRow, tab: str, address: str, speaks: Language) -> Action | None:
    number = row.order.number
    if row.status in TO_ANSWER:
        return Action(speaks.gettext("Answer"), speaks.gettext("Answer %(number)s", number=number), address)
    if tab == "to-ship":
        return Action(speaks.gettext("Ship"), speaks.gettext("Ship %(number)s", number=number), f"{address}#ship")
    return None
