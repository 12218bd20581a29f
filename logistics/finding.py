"""What is found of the goods that move: shipments to plan, deliveries to a store."""

from urllib.parse import quote

from sqlmodel import Session

from hub.access import Actor
from hub.finding import Asked, Found, Results, Way, results
from hub.web.i18n import Language
from logistics import shipments
from logistics.receive import store
from logistics.receive.view import delivery_state


def planned(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """What a dispatcher has to bring somewhere, or has brought."""
    if (search := asked.search("sscc")) is None:
        return Results()
    page = shipments.standings(session, actor, search)
    found = [
        Found(
            row.shipment.number,
            " · ".join([*([speaks.name(row.place)] if row.place else []), f"SSCC {row.shipment.sscc}"]),
            f"/dispatch/shipments?q={quote(row.shipment.sscc)}",
            exact=asked.exactly(row.shipment.number, row.shipment.sscc),
        )
        for row in page.rows
    ]
    return results(found, search, None if page.more else len(found), "/dispatch/shipments")


def delivered(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """What comes to a store, or came."""
    if (search := asked.search("sscc")) is None:
        return Results()
    page = store.deliveries(session, actor, search)
    found = [
        Found(
            row.shipment.number,
            " · ".join([*([speaks.name(row.supplier)] if row.supplier else []), f"SSCC {row.shipment.sscc}"]),
            f"/store/deliveries/{row.shipment.sscc}",
            delivery_state(row, speaks),
            asked.exactly(row.shipment.number, row.shipment.sscc),
        )
        for row in page.rows
    ]
    return results(found, search, None if page.more else len(found), "/store/deliveries", state="all")


PLANNED = Way("/dispatch/shipments", planned)
DELIVERED = Way("/store/deliveries/{sscc}", delivered)
