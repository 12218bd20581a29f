"""Deliveries that are late, by what is expected or by the clock: the store is told, and whoever ordered."""

from datetime import datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from sqlmodel import col, select

from hub import db
from hub.errors import N_
from hub.messages import NoticeGiven
from hub.models.notice import Notice
from hub.models.party import Place
from hub.models.trade import PurchaseOrder, Shipment
from hub.notices import desk
from logistics.models import Receipt, Stop
from logistics.shipments import window

PATIENCE = timedelta(minutes=30)
"""By so much an expected arrival may pass the store's window before anybody is told."""
_DAY = timedelta(days=1)


def tell(at: datetime) -> int:
    """Tell of deliveries that come after their window, or have not come by its end; return of how many. Once each."""
    with db.hub_session() as session:
        coming = (
            select(Shipment, Place, PurchaseOrder.number, Stop)
            .join(Place, col(Place.id) == col(Shipment.deliver_to_id))
            .join(PurchaseOrder, col(PurchaseOrder.id) == col(Shipment.order_id))
            .join(
                Stop,
                (col(Stop.shipment_id) == col(Shipment.id))
                & (col(Stop.owner_id) == col(Shipment.haulier_id))
                & col(Stop.published_at).is_not(None),
                isouter=True,
            )
            .where(
                col(Shipment.deliver_on).between((at - _DAY).date(), (at + _DAY).date()),
                col(Stop.arrived_at).is_(None),
                ~select(Receipt.id)
                .where(col(Receipt.shipment_id) == col(Shipment.id), col(Receipt.owner_id) == col(Shipment.buyer_id))
                .exists(),
            )
        )
        late: dict[str, tuple[UUID, NoticeGiven]] = {}
        for shipment, place, number, stop in session.exec(coming):
            late |= {notice.key: (shipment.buyer_id, notice) for notice in _notices(shipment, place, number, stop, at)}
        told = set(session.exec(select(Notice.key).where(col(Notice.key).in_(late))).all())
    for key in late.keys() - told:
        buyer, notice = late[key]
        with db.session(db.Who(buyer)) as session:
            desk.tell(session, buyer, notice)
    return len({key.rpartition("/")[2] for key in late.keys() - told})


def _notices(shipment: Shipment, place: Place, number: str, stop: Stop | None, at: datetime) -> list[NoticeGiven]:
    """What store and buyer are told of a delivery; nothing while it is in time."""
    closes = stop.closes_at if stop is not None else window(place, shipment.deliver_on)[1]
    if closes <= at:
        sentence, moment = N_("Delivery %(sscc)s has not arrived at %(place)s; it takes goods until %(time)s."), closes
    elif stop is not None and stop.expected_at > closes + PATIENCE:
        sentence = N_("Delivery %(sscc)s is expected at %(place)s at %(time)s, after it takes goods.")
        moment = stop.expected_at
    else:
        return []
    said = {
        "sscc": shipment.sscc,
        "place": {"zh": place.name_zh, "en": place.name_en},
        "time": {"at": moment.isoformat(), "zone": place.time_zone},
    }
    store, order = f"/store/deliveries/{shipment.sscc}", f"/buyer/orders/{quote(number)}"
    return [
        NoticeGiven("delivery.late", f"delivery.late/{shipment.id}", sentence, said, store, place=str(place.id)),
        NoticeGiven("delivery.late.buyer", f"delivery.late.buyer/{shipment.id}", sentence, said, order),
    ]
