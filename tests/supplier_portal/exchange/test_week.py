"""A supplier that never opens a page: a whole week by documents alone, each as OASIS would have it."""

from decimal import Decimal

from sqlmodel import select

from hub import db
from hub.access import Permission
from hub.demo import builder
from hub.models.base import now
from hub.models.party import Role
from hub.models.trade import Shipment
from logistics.receive import contents, receiving
from supplier_portal.forecast import making
from tests import supermarket
from tests.supplier_portal.exchange import client as ubl
from tests.supplier_portal.exchange.client import Packs, Says, Wants, said


def counted(today, shipment_number, short=0):
    """The store counts a shipment."""
    clerk = builder.actor(today.chain, Role.STORE)
    with db.session(clerk.who) as session:
        shipment = session.exec(select(Shipment).where(Shipment.number == shipment_number)).one()
        lines = [
            receiving.LineCount(line=row.line.id, quantity=row.line.quantity - short, reason="crushed" if short else "")
            for row in contents.announced(session, shipment)
        ]
        receiving.receive(session, clerk, shipment, receiving.Counted(lines=lines), at=now())


def test_a_supplier_lives_a_week_by_its_own_system_alone(today, farm, connect):
    buyers = connect(today.chain, Permission.PLACE_ORDERS)
    buyer = today.chain.gln
    last = today.chain.day(now())
    today.sold(through=last)
    with db.session(db.Who(today.chain.id)) as session:
        making.make(session, at=now(), through=last)

    expected = farm.read(f"/api/forecast.xml?buyer={buyer}")
    weeks = expected.findall("cac:ForecastLine", ubl.NS)
    assert len(weeks) >= 6 and {said(one, "cac:SalesItem/cbc:Quantity") != "" for one in weeks} == {True}

    sent = ubl.order("4711", buyer, farm.gln, today.stores[0].gln, today.deliver_on,
                     [Wants(today.tomato.gtin, "120", price="4.20"), Wants(today.eggs.gtin, "60", "H87")])  # fmt: skip
    placed = buyers.must_send(sent)["done"]["order"]

    (waiting,) = farm.client.get("/api/documents/waiting").json()["documents"]
    assert (waiting["kind"], waiting["order"]) == ("Order", placed)
    order = farm.read(waiting["address"])
    lines = [one.find("cac:LineItem", ubl.NS) for one in order.findall("cac:OrderLine", ubl.NS)]
    assert [(said(one, "cbc:ID"), said(one, "cbc:Quantity")) for one in lines] == [("1", "120"), ("2", "60")]
    assert said(order, "cac:Delivery/cac:DeliveryLocation/cbc:ID") == today.stores[0].gln

    lines = [Says("1", "3", Decimal(90), note="cold nights"), Says("2", "5", Decimal(60), "H87")]
    answered = farm.must_send(ubl.response("R-1", placed, buyer, farm.gln, lines, "CA"))
    assert answered["done"] == {"order": placed, "answer": "CA"} and answered["unread"] == []
    assert farm.client.get("/api/documents/waiting").json()["documents"] == []
    (told,) = buyers.client.get("/api/documents/waiting").json()["documents"]
    response = buyers.read(told["address"])
    codes = [said(one, "cac:LineItem/cbc:LineStatusCode") for one in response.findall("cac:OrderLine", ubl.NS)]
    assert said(response, "cbc:OrderResponseCode") == "CA" and codes == ["3", "5"]

    agreed = {"turn": 1, "lines": [{"gtin": today.tomato.gtin, "says": "accept"}]}
    yes = buyers.client.post(f"/api/orders/{placed}/turns", json=agreed, headers={"idempotency-key": "t-1"})
    assert yes.status_code == 200 and yes.json()["status"] == "partly", yes.text

    tomatoes = supermarket.lot(today.tomato, "T-88")
    supermarket.lot(today.eggs, "E-7")
    packed = [Packs("1", "90", "T-88", gtin=today.tomato.gtin, best_before=tomatoes.best_before),
              Packs("2", "60", "E-7", "H87")]  # fmt: skip
    sscc = "069012345000000018"
    sscc = sscc[:17] + builder.digital_link.check_digit(sscc[:17])
    left = farm.must_send(
        ubl.advice("DA-9", placed, buyer, farm.gln, packed, ship_from=today.packhouse.gln, sscc=sscc)
    )["done"]
    assert left["sscc"] == sscc
    announced = buyers.read(f"/api/shipments/{left['shipment']}.xml")
    lots = [said(one, "cac:Item/cac:ItemInstance/cac:LotIdentification/cbc:LotNumberID")
            for one in announced.findall("cac:DespatchLine", ubl.NS)]  # fmt: skip
    assert sorted(lots) == ["E-7", "T-88"]
    assert said(announced, "cac:Shipment/cac:TransportHandlingUnit/cbc:ID") == sscc

    assert farm.client.get(f"/api/shipments/{left['shipment']}/receipt.xml").status_code == 404
    counted(today, left["shipment"], short=2)
    receipt = farm.read(f"/api/shipments/{sscc}/receipt.xml")
    short = [(said(one, "cbc:ReceivedQuantity"), said(one, "cbc:ShortQuantity"), said(one, "cbc:Note"))
             for one in receipt.findall("cac:ReceiptLine", ubl.NS)]  # fmt: skip
    assert sorted(short) == [("58", "2", "crushed"), ("88", "2", "crushed")]

    kept = farm.client.get("/api/documents").json()
    assert [(one["kind"], one["number"], one["outcome"]) for one in kept["documents"]] == [
        ("DespatchAdvice", "DA-9", "taken"), ("OrderResponse", "R-1", "taken")]  # fmt: skip
