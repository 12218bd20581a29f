"""Orders that a person keeps before they are placed: written by hand, changed, and placed many at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from hub import access, supply
from hub.access import Actor
from hub.models.trade import PurchaseOrder
from supplier_portal.orders import orders
from supplier_portal.orders.orders import DeliveryDatePassed, OrderDraft

_NOT_AS_AGREED = (supply.NotDeliveredThen, supply.OrderedTooLate, supply.BelowMinimum)
_OUT_OF_DATE = (orders.ItemNotOffered, orders.PlaceClosed, orders.PartnerNoMore, orders.OrderNotOpen)


@dataclass
class Placed:
    """What became of many orders: how many were sent, wait for approval, or stay because of what."""

    placed: int = 0
    asked: int = 0
    passed: int = 0
    against: int = 0
    stay: int = 0


def keep(
    session: Session, actor: Actor, wanted: OrderDraft, *, at: datetime, draft: PurchaseOrder | None = None
) -> PurchaseOrder:
    """Keep an order as a draft, a new one or one that is written anew: only a person places or withdraws it."""
    if draft is not None:
        return orders.rewrite(session, actor, draft, wanted, at=at)
    order = orders.write(session, actor, wanted, at=at)
    order.drafted = True
    session.add(order)
    access.record(session, actor, "order.draft", order.number)
    return order


def place_many(session: Session, actor: Actor, chosen: Iterable[PurchaseOrder], *, at: datetime) -> Placed:
    """Place each as it stands; what its day or its supplier forbids stays, and the others go all the same."""
    done = Placed()
    for order in chosen:
        try:
            with session.begin_nested():
                orders.place(session, actor, order, at=at)
        except DeliveryDatePassed:
            done.passed += 1
        except _NOT_AS_AGREED:
            done.against += 1
        except _OUT_OF_DATE:
            done.stay += 1
        else:
            done.placed += order.placed_at is not None
            done.asked += order.placed_at is None
    return done
