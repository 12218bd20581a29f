"""A small system of somebody else's: it knows UBL and HTTP, and nothing of this hub but the addresses of its doors.

What it reads and what it sends it holds against the schemas itself, in its own words, by lxml alone.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from fastapi.testclient import TestClient
from httpx2 import Response
from lxml import etree

import hub.ubl

URN = "urn:oasis:names:specification:ubl:schema:xsd:"
NS = {"cac": f"{URN}CommonAggregateComponents-2", "cbc": f"{URN}CommonBasicComponents-2"}


@lru_cache
def schemas() -> dict[str, etree.XMLSchema]:
    """OASIS's schemas, laid out as files."""
    with TemporaryDirectory() as folder:
        with ZipFile(Path(hub.ubl.__file__).with_name("ubl-2.3-xsd.zip")) as archive:
            archive.extractall(folder)
        documents = sorted((Path(folder) / "maindoc").iterdir())
        return {path.stem.split("-")[1]: etree.XMLSchema(etree.parse(path)) for path in documents}


def said(element: etree._Element, path: str) -> str:
    """What stands at a path."""
    return element.findtext("/".join(f"{{{NS[p.split(':')[0]]}}}{p.split(':')[1]}" for p in path.split("/"))) or ""


@dataclass
class System:
    """Its line to the hub, and the number it goes by."""

    client: TestClient
    gln: str

    def read(self, address: str) -> etree._Element:
        """A document of the hub's, as OASIS would have it."""
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/xml")
        root = etree.fromstring(answer.content)
        valid(root)
        return root

    def send(self, document: str | bytes) -> Response:
        """A document of its own."""
        content = document.encode() if isinstance(document, str) else document
        return self.client.post("/api/documents", content=content, headers={"content-type": "application/xml"})

    def must_send(self, document: str) -> dict[str, object]:
        """One that is taken."""
        valid(etree.fromstring(document.encode()))
        answer = self.send(document)
        assert answer.status_code == 201, answer.text
        told: dict[str, object] = answer.json()
        assert told["outcome"] == "taken"
        return told


def valid(root: etree._Element) -> None:
    """Hold a document against its schema."""
    name = etree.QName(root).localname
    schema = schemas()[name]
    assert schema.validate(root), schema.error_log


def document(kind: str, body: str) -> str:
    """A document around its body."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} xmlns="{URN}{kind}-2" xmlns:cac="{NS["cac"]}" '
        f'xmlns:cbc="{NS["cbc"]}">\n{body}\n</{kind}>'
    )


def party(role: str, gln: str) -> str:
    """A party by its number."""
    number = f'<cac:PartyIdentification><cbc:ID schemeID="0088">{gln}</cbc:ID></cac:PartyIdentification>'
    return f"<cac:{role}><cac:Party>{number}</cac:Party></cac:{role}>"


@dataclass(frozen=True)
class Says:
    """What is said to a line of an order."""

    line: str
    status: str = "5"
    quantity: Decimal | None = None
    unit: str = "KGM"
    day: date | None = None
    gtin: str = ""
    price: str = ""
    currency: str = "CNY"
    note: str = ""


def response(number: str, order: str, buyer: str, seller: str, lines: list[Says], code: str = "") -> str:
    """An OrderResponse."""
    said = "\n".join(_said(line) for line in lines)
    whole = f"<cbc:OrderResponseCode>{code}</cbc:OrderResponseCode>" if code else ""
    return document(
        "OrderResponse",
        f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-11-30</cbc:IssueDate>{whole}\n"
        f"<cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>\n"
        f"{party('SellerSupplierParty', seller)}\n{party('BuyerCustomerParty', buyer)}\n{said}",
    )


def _said(line: Says) -> str:
    amount = "" if line.quantity is None else f'<cbc:Quantity unitCode="{line.unit}">{line.quantity}</cbc:Quantity>'
    day = f"<cbc:EndDate>{line.day}</cbc:EndDate>" if line.day else ""
    promised = f"<cac:Delivery><cac:PromisedDeliveryPeriod>{day}</cac:PromisedDeliveryPeriod></cac:Delivery>"
    price = f'<cac:Price><cbc:PriceAmount currencyID="{line.currency}">{line.price}</cbc:PriceAmount></cac:Price>'
    note = f"<cbc:Note>{line.note}</cbc:Note>" if line.note else ""
    return (
        f"<cac:OrderLine><cac:LineItem><cbc:ID>{line.line}</cbc:ID>{note}"
        f"<cbc:LineStatusCode>{line.status}</cbc:LineStatusCode>{amount}{promised if day else ''}"
        f"{price if line.price else ''}{item(line.gtin)}</cac:LineItem></cac:OrderLine>"
    )


def item(gtin: str, lot: str = "", best_before: date | None = None) -> str:
    """An item by its number, and the lot of it."""
    number = f'<cac:StandardItemIdentification><cbc:ID schemeID="0160">{gtin}</cbc:ID></cac:StandardItemIdentification>'
    expiry = f"<cbc:ExpiryDate>{best_before}</cbc:ExpiryDate>" if best_before else ""
    made = (
        f"<cac:ItemInstance><cac:LotIdentification><cbc:LotNumberID>{lot}</cbc:LotNumberID>{expiry}"
        "</cac:LotIdentification></cac:ItemInstance>"
    )
    return f"<cac:Item>{number if gtin else ''}{made if lot else ''}</cac:Item>"


@dataclass(frozen=True)
class Packs:
    """How much of a lot leaves for a line."""

    line: str
    quantity: str
    lot: str
    unit: str = "KGM"
    gtin: str = ""
    best_before: date | None = None


def advice(
    number: str, order: str, buyer: str, seller: str, packed: list[Packs], *, ship_from: str = "", sscc: str = ""
) -> str:
    """A DespatchAdvice."""
    lines = "\n".join(
        f"<cac:DespatchLine><cbc:ID>{place}</cbc:ID>"
        f'<cbc:DeliveredQuantity unitCode="{one.unit}">{one.quantity}</cbc:DeliveredQuantity>'
        f"<cac:OrderLineReference><cbc:LineID>{one.line}</cbc:LineID></cac:OrderLineReference>"
        f"{item(one.gtin, one.lot, one.best_before)}</cac:DespatchLine>"
        for place, one in enumerate(packed, 1)
    )
    place = (
        "<cac:Delivery><cac:Despatch><cac:DespatchLocation>"
        f'<cbc:ID schemeID="0088">{ship_from}</cbc:ID></cac:DespatchLocation></cac:Despatch></cac:Delivery>'
    )
    unit = f'<cac:TransportHandlingUnit><cbc:ID schemeID="SSCC">{sscc}</cbc:ID></cac:TransportHandlingUnit>'
    shipment = f"<cbc:ID>1</cbc:ID>{place if ship_from else ''}{unit if sscc else ''}"
    return document(
        "DespatchAdvice",
        f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-11-30</cbc:IssueDate>\n"
        f"<cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>\n"
        f"{party('DespatchSupplierParty', seller)}\n{party('DeliveryCustomerParty', buyer)}\n"
        f"<cac:Shipment>{shipment}</cac:Shipment>\n{lines}",
    )


@dataclass(frozen=True)
class Wants:
    """How much of an item is ordered."""

    gtin: str
    quantity: str
    unit: str = "KGM"
    price: str = ""
    currency: str = "CNY"


def order(number: str, buyer: str, seller: str, place: str, day: date, wanted: list[Wants]) -> str:
    """An Order."""
    lines = "\n".join(
        f"<cac:OrderLine><cac:LineItem><cbc:ID>{place_}</cbc:ID>"
        f'<cbc:Quantity unitCode="{one.unit}">{one.quantity}</cbc:Quantity>'
        + (
            f'<cac:Price><cbc:PriceAmount currencyID="{one.currency}">{one.price}</cbc:PriceAmount></cac:Price>'
            if one.price
            else ""
        )
        + f"{item(one.gtin)}</cac:LineItem></cac:OrderLine>"
        for place_, one in enumerate(wanted, 1)
    )
    return document(
        "Order",
        f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-11-30</cbc:IssueDate>\n"
        f"{party('BuyerCustomerParty', buyer)}\n{party('SellerSupplierParty', seller)}\n"
        f'<cac:Delivery><cac:DeliveryLocation><cbc:ID schemeID="0088">{place}</cbc:ID></cac:DeliveryLocation>'
        f"<cac:RequestedDeliveryPeriod><cbc:EndDate>{day}</cbc:EndDate></cac:RequestedDeliveryPeriod></cac:Delivery>\n"
        f"{lines}",
    )
