"""The lists of orders as their two sides open them: by state, searched, sorted, page by page, and taken away."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor
from hub.lists import CountedPage, Search
from hub.models.base import now
from hub.models.party import Organization
from hub.models.trade import PurchaseOrder
from hub.web.deps import PageNumber, Words
from hub.web.export import MOST_ROWS
from hub.web.i18n import Language
from hub.web.templating import page
from supplier_portal import lookup
from supplier_portal.orders import order_book
from supplier_portal.orders.list_view import OrderList, OrdersPage
from supplier_portal.orders.order_book import TO_ANSWER, OrderRow, OrderStatus
from supplier_portal.today.supplier_pages import orders_file

_A_PAGE = 25
AFTERWARDS: dict[str, frozenset[OrderStatus]] = {
    "shipped": frozenset({OrderStatus.SHIPPED, OrderStatus.PART_RECEIVED}),
    "received": frozenset({OrderStatus.RECEIVED}),
    "closed": frozenset({OrderStatus.DECLINED, OrderStatus.CANCELLED}),
    "all": frozenset(OrderStatus) - order_book.UNPLACED,
}
"""The parts of a list behind the one that awaits an answer and the one that has it, which each side calls otherwise."""

_BEFORE: dict[str, frozenset[OrderStatus]] = {
    "drafts": frozenset({OrderStatus.DRAFT}),
    "to-approve": frozenset({OrderStatus.TO_APPROVE}),
    "asked": frozenset({OrderStatus.ASKED}),
}
"""The parts of a buyer's list before those that await their suppliers."""


class OrderQuery(BaseModel):
    """Which orders are looked for, in which order, and which page of them; each side adds its states."""

    state: str = "awaiting"
    q: Words = ""
    p: PageNumber = 1
    sort: str = Field(default="", max_length=20)

    @property
    def search(self) -> Search:
        """What the list is asked for."""
        return Search(self.q, self.p, _A_PAGE, sort=self.sort)


@dataclass(frozen=True)
class Side:
    """One side's list, of what is ``sold`` or bought: what reads it, what shows it, and who is on the other side."""

    sold: bool
    answered: str
    read: Callable[..., CountedPage[OrderRow]]
    shows: Callable[[OrderList, Language], OrdersPage]
    other: Callable[[PurchaseOrder], UUID]

    @property
    def tabs(self) -> Mapping[str, Collection[OrderStatus]]:
        """The states of each part of the list."""
        own = {} if self.sold else _BEFORE
        answered = order_book.ANSWERED - {OrderStatus.COUNTERED} - (set() if self.sold else {OrderStatus.ASKED})
        return {**own, "awaiting": TO_ANSWER, self.answered: answered, **AFTERWARDS}

    def listed(
        self, request: Request, session: Session, actor: Actor, query: OrderQuery, speaks: Language
    ) -> HTMLResponse:
        """The page of the list."""
        at = now()
        part = self.read(session, actor, query.search, at=at, states=self.tabs[query.state])
        counts = order_book.counts(session, actor, at=at)
        orders = OrderList(
            own=session.get_one(Organization, actor.organization_id),
            at=at,
            tab=query.state,
            counts={tab: sum(counts[state] for state in states) for tab, states in self.tabs.items()},
            page=part,
            organizations=lookup.organizations(session, {self.other(row.order) for row in part.rows}),
            places=lookup.places(session, {row.order.deliver_to_id for row in part.rows}),
        )
        return page(request, "orders/orders.html", orders=self.shows(orders, speaks))

    def taken_away(self, session: Session, actor: Actor, query: OrderQuery, speaks: Language) -> Response:
        """The same list as a download."""
        search = Search(query.q, size=MOST_ROWS + 1, sort=query.sort)
        part = self.read(session, actor, search, at=now(), states=self.tabs[query.state])
        return orders_file(session, actor, speaks.gettext("Orders"), part.rows, speaks)
