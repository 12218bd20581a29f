"""A shipment's GS1 logistic label."""

from sqlmodel import Session

from hub.models.party import Organization, Place
from hub.models.trade import PurchaseOrder, Shipment
from hub.trace.labels.logistic import Content, LogisticLabel
from logistics.receive import contents


def label(session: Session, shipment: Shipment) -> LogisticLabel:
    """What the label of a shipment says: what is known of it to whoever asks."""
    place = session.get_one(Place, shipment.deliver_to_id)
    order = session.get(PurchaseOrder, shipment.order_id)
    return LogisticLabel(
        sscc=shipment.sscc,
        sender=_name(session.get(Organization, shipment.owner_id)),
        receiver=f"{_name(session.get(Organization, shipment.buyer_id))} {place.name_zh or place.name_en}".strip(),
        order=order.number if order else "",
        dispatch=shipment.number,
        contents=[
            Content(
                gtin=row.item.gtin,
                name_zh=row.item.name_zh or row.item.name_en,
                name_en=row.item.name_en,
                lot=row.lot.number,
                best_before=row.lot.best_before,
                quantity=row.line.quantity,
                unit=row.line.unit,
                case=row.item.case_quantity,
            )
            for row in contents.announced(session, shipment)
        ],
    )


def _name(party: Organization | None) -> str:
    return (party.name_zh or party.name_en) if party else ""
