"""Documents of the trade written as UBL 2.3, each element in its place in OASIS's schemas."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from hub.gs1 import digital_link
from hub.gs1.xml.parsing import Element
from hub.ubl import names
from hub.ubl.names import CAC, CBC, Kind
from hub.ubl.papers import (
    DespatchAdvice,
    DespatchLine,
    Forecast,
    ForecastLine,
    InvoiceLine,
    Line,
    Order,
    OrderLine,
    OrderResponse,
    Paper,
    Party,
    ReceiptAdvice,
    ReceiptLine,
    ResponseLine,
    SelfBilledInvoice,
)

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML can hold, even escaped."""


def written(paper: Paper) -> bytes:
    """A document as XML in UTF-8."""
    kind, fill = _WRITTEN[type(paper)]
    spaces: dict[Any, str] = {None: kind.space, "cac": CAC, "cbc": CBC}
    root = etree.Element(kind.root, nsmap=spaces)
    _say(root, "cbc:UBLVersionID", "2.3")
    _say(root, "cbc:ID", paper.number)
    _say(root, "cbc:IssueDate", paper.issued.date())
    _say(root, "cbc:IssueTime", _clock(paper.issued))
    fill(root, paper)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _order(root: Element, paper: Order) -> None:
    _say(root, "cbc:Note", paper.note)
    _say(root, "cbc:DocumentCurrencyCode", paper.currency)
    _say(root, "cbc:LineCountNumeric", len(paper.lines))
    if paper.respond_by is not None:
        period = _put(root, "cac:ValidityPeriod")
        _say(period, "cbc:EndDate", paper.respond_by.date())
        _say(period, "cbc:EndTime", _clock(paper.respond_by))
    _party(root, "cac:BuyerCustomerParty/cac:Party", paper.buyer)
    _party(root, "cac:SellerSupplierParty/cac:Party", paper.seller)
    delivery = _put(root, "cac:Delivery")
    _place(delivery, "cac:DeliveryLocation", paper.deliver_to)
    _say(delivery, "cac:RequestedDeliveryPeriod/cbc:EndDate", paper.deliver_on)
    total = sum(((line.quantity or Decimal(0)) * (line.price or Decimal(0)) for line in paper.lines), Decimal(0))
    _say(root, "cac:AnticipatedMonetaryTotal/cbc:PayableAmount", _money(total), currencyID=paper.currency)
    for line in paper.lines:
        _order_line(_put(root, "cac:OrderLine/cac:LineItem"), line)


def _order_line(item: Element, line: OrderLine) -> None:
    _say(item, "cbc:ID", line.id)
    _say(item, "cbc:Quantity", line.quantity, unitCode=line.unit)
    if line.price is not None and line.quantity is not None:
        _say(item, "cbc:LineExtensionAmount", _money(line.quantity * line.price), currencyID=line.currency)
        price = _put(item, "cac:Price")
        _say(price, "cbc:PriceAmount", line.price, currencyID=line.currency)
        _say(price, "cbc:BaseQuantity", 1, unitCode=line.unit)
    _item(item, line)


def _response(root: Element, paper: OrderResponse) -> None:
    _say(root, "cbc:OrderResponseCode", paper.code)
    _say(root, "cbc:Note", paper.note)
    _say(root, "cac:OrderReference/cbc:ID", paper.order)
    _party(root, "cac:SellerSupplierParty/cac:Party", paper.seller)
    _party(root, "cac:BuyerCustomerParty/cac:Party", paper.buyer)
    for line in paper.lines:
        _response_line(_put(root, "cac:OrderLine"), line)


def _response_line(parent: Element, line: ResponseLine) -> None:
    item = _put(parent, "cac:LineItem")
    _say(item, "cbc:ID", line.id)
    _say(item, "cbc:Note", line.reason)
    _say(item, "cbc:LineStatusCode", line.status)
    _say(item, "cbc:Quantity", line.quantity, unitCode=line.unit)
    for day, quantity in line.parts:
        part = _put(item, "cac:Delivery")
        _say(part, "cbc:Quantity", quantity, unitCode=line.unit)
        _say(part, "cac:PromisedDeliveryPeriod/cbc:EndDate", day)
    if not line.parts:
        _say(item, "cac:Delivery/cac:PromisedDeliveryPeriod/cbc:EndDate", line.deliver_on)
    _say(item, "cac:Price/cbc:PriceAmount", line.price, currencyID=line.currency)
    _item(item, line)
    if line.instead:
        substitute = _put(parent, "cac:SellerProposedSubstituteLineItem")
        _say(substitute, "cbc:ID", line.id)
        _say(substitute, "cac:Item/cac:StandardItemIdentification/cbc:ID", line.instead, schemeID=names.GTIN)
    _say(parent, "cac:OrderLineReference/cbc:LineID", line.id)


def _despatch(root: Element, paper: DespatchAdvice) -> None:
    _say(root, "cac:OrderReference/cbc:ID", paper.order)
    _party(root, "cac:DespatchSupplierParty/cac:Party", paper.supplier)
    _party(root, "cac:DeliveryCustomerParty/cac:Party", paper.buyer)
    shipment = _put(root, "cac:Shipment")
    _say(shipment, "cbc:ID", paper.number)
    _say(shipment, "cbc:GrossWeightMeasure", paper.weight_kg, unitCode="KGM")
    delivery = _put(shipment, "cac:Delivery")
    _place(delivery, "cac:DeliveryLocation", paper.deliver_to)
    _say(delivery, "cac:EstimatedDeliveryPeriod/cbc:EndDate", paper.deliver_on)
    leaves = _put(delivery, "cac:Despatch")
    _say(leaves, "cbc:ActualDespatchDate", paper.issued.date())
    _place(leaves, "cac:DespatchLocation", paper.ship_from)
    _units(shipment, paper.ssccs)
    for line in paper.lines:
        _despatch_line(_put(root, "cac:DespatchLine"), line)


def _despatch_line(parent: Element, line: DespatchLine) -> None:
    _say(parent, "cbc:ID", line.id)
    _say(parent, "cbc:DeliveredQuantity", line.quantity, unitCode=line.unit)
    _say(parent, "cac:OrderLineReference/cbc:LineID", line.order_line)
    _item(parent, line, line.lot, line.best_before)


def _receipt(root: Element, paper: ReceiptAdvice) -> None:
    _say(root, "cbc:Note", paper.note)
    _say(root, "cac:OrderReference/cbc:ID", paper.order)
    _say(root, "cac:DespatchDocumentReference/cbc:ID", paper.despatch)
    _party(root, "cac:DeliveryCustomerParty/cac:Party", paper.buyer)
    _party(root, "cac:DespatchSupplierParty/cac:Party", paper.supplier)
    shipment = _put(root, "cac:Shipment")
    _say(shipment, "cbc:ID", paper.despatch)
    _place(_put(shipment, "cac:Delivery"), "cac:DeliveryLocation", paper.deliver_to)
    _units(shipment, paper.ssccs)
    for line in paper.lines:
        _receipt_line(_put(root, "cac:ReceiptLine"), line)


def _receipt_line(parent: Element, line: ReceiptLine) -> None:
    _say(parent, "cbc:ID", line.id)
    _say(parent, "cbc:Note", line.reason)
    _say(parent, "cbc:ReceivedQuantity", line.quantity, unitCode=line.unit)
    if line.short:
        _say(parent, "cbc:ShortQuantity", line.short, unitCode=line.unit)
    _say(parent, "cac:OrderLineReference/cbc:LineID", line.order_line)
    _say(parent, "cac:DespatchLineReference/cbc:LineID", line.id)
    _item(parent, line, line.lot)


def _forecast(root: Element, paper: Forecast) -> None:
    _say(root, "cbc:ForecastPurposeCode", "SALES_FORECAST")
    period = _put(root, "cac:ForecastPeriod")
    _say(period, "cbc:StartDate", min(line.first for line in paper.lines))
    _say(period, "cbc:EndDate", max(line.last for line in paper.lines))
    _party(root, "cac:SenderParty", paper.buyer)
    _party(root, "cac:ReceiverParty", paper.seller)
    _party(root, "cac:BuyerCustomerParty/cac:Party", paper.buyer)
    _party(root, "cac:SellerSupplierParty/cac:Party", paper.seller)
    for line in paper.lines:
        _forecast_line(_put(root, "cac:ForecastLine"), line)


def _forecast_line(parent: Element, line: ForecastLine) -> None:
    _say(parent, "cbc:ID", line.id)
    _say(parent, "cbc:ForecastTypeCode", "BASE")
    period = _put(parent, "cac:ForecastPeriod")
    _say(period, "cbc:StartDate", line.first)
    _say(period, "cbc:EndDate", line.last)
    sold = _put(parent, "cac:SalesItem")
    _say(sold, "cbc:Quantity", line.quantity, unitCode=line.unit)
    for name, value in line.figures:
        said = _put(sold, "cac:ActivityProperty")
        _say(said, "cbc:Name", name)
        _say(said, "cbc:Value", value)
    _item(sold, line)


_SELF_BILLED = "389"
"""UN/CEFACT's code (1001) of an invoice that the buyer writes."""


def _invoice(root: Element, paper: SelfBilledInvoice) -> None:
    _say(root, "cbc:InvoiceTypeCode", _SELF_BILLED)
    _say(root, "cbc:DocumentCurrencyCode", paper.currency)
    _say(root, "cbc:LineCountNumeric", len(paper.lines))
    period = _put(root, "cac:InvoicePeriod")
    _say(period, "cbc:StartDate", paper.first)
    _say(period, "cbc:EndDate", paper.last)
    _party(root, "cac:AccountingCustomerParty/cac:Party", paper.buyer)
    _party(root, "cac:AccountingSupplierParty/cac:Party", paper.supplier)
    for row in paper.allowances:
        taken = _put(root, "cac:AllowanceCharge")
        _say(taken, "cbc:ID", row.number)
        _say(taken, "cbc:ChargeIndicator", "true" if row.charge else "false")
        _say(taken, "cbc:AllowanceChargeReason", row.reason)
        _say(taken, "cbc:Amount", _money(row.amount), currencyID=paper.currency)
    total = _put(root, "cac:LegalMonetaryTotal")
    sums = {
        "LineExtensionAmount": paper.goods,
        "TaxExclusiveAmount": paper.payable,
        "AllowanceTotalAmount": paper.sum_of(charge=False),
        "ChargeTotalAmount": paper.sum_of(charge=True),
        "PayableAmount": paper.payable,
    }
    for name, value in sums.items():
        _say(total, f"cbc:{name}", _money(value), currencyID=paper.currency)
    for line in paper.lines:
        _invoice_line(_put(root, "cac:InvoiceLine"), line, paper.currency)


def _invoice_line(parent: Element, line: InvoiceLine, currency: str) -> None:
    _say(parent, "cbc:ID", line.id)
    _say(parent, "cbc:InvoicedQuantity", line.quantity, unitCode=line.unit)
    _say(parent, "cbc:LineExtensionAmount", _money(line.amount), currencyID=currency)
    for reference, number in (("Order", line.order), ("Despatch", line.despatch)):
        if number:
            stands = _put(parent, f"cac:{reference}LineReference")
            _say(stands, "cbc:LineID", line.id)
            document = "cac:OrderReference" if reference == "Order" else "cac:DocumentReference"
            _say(stands, f"{document}/cbc:ID", number)
    _say(parent, "cac:Delivery/cbc:ActualDeliveryDate", line.delivered)
    _item(parent, line, line.lot)
    price = _put(parent, "cac:Price")
    _say(price, "cbc:PriceAmount", line.price, currencyID=currency)
    _say(price, "cbc:BaseQuantity", 1, unitCode=line.unit)


_WRITTEN: dict[type[Any], tuple[Kind, Any]] = {
    Order: (Kind.ORDER, _order),
    OrderResponse: (Kind.ORDER_RESPONSE, _response),
    DespatchAdvice: (Kind.DESPATCH_ADVICE, _despatch),
    ReceiptAdvice: (Kind.RECEIPT_ADVICE, _receipt),
    Forecast: (Kind.FORECAST, _forecast),
    SelfBilledInvoice: (Kind.SELF_BILLED_INVOICE, _invoice),
}


# Parts that many documents have


def _party(parent: Element, path: str, party: Party) -> None:
    element = _put(parent, path)
    _say(element, "cbc:EndpointID", party.gln, **_scheme(party))
    _say(element, "cac:PartyIdentification/cbc:ID", party.gln, **_scheme(party))
    _say(element, "cac:PartyName/cbc:Name", party.name)


def _place(parent: Element, path: str, place: Party) -> None:
    element = _put(parent, path)
    _say(element, "cbc:ID", place.gln, **_scheme(place))
    _say(element, "cbc:Name", place.name)


def _scheme(party: Party) -> dict[str, str]:
    """A number of the hub's own is no GLN to anybody else."""
    return {} if digital_link.is_internal(party.gln) else {"schemeID": names.GLN}


def _item(parent: Element, line: Line, lot: str = "", best_before: date | None = None) -> None:
    item = _put(parent, "cac:Item")
    _say(item, "cbc:Name", line.name)
    _say(item, "cac:StandardItemIdentification/cbc:ID", line.gtin, schemeID=names.GTIN)
    if lot:
        made = _put(item, "cac:ItemInstance")
        _say(made, "cbc:BestBeforeDate", best_before)
        number = _put(made, "cac:LotIdentification")
        _say(number, "cbc:LotNumberID", lot)
        _say(number, "cbc:ExpiryDate", best_before)


def _units(shipment: Element, ssccs: Sequence[str]) -> None:
    for sscc in ssccs:
        _say(shipment, "cac:TransportHandlingUnit/cbc:ID", sscc, schemeID=names.SSCC)


def _put(parent: Element, path: str) -> Element:
    """New elements, one in the other."""
    for name in path.split("/"):
        parent = etree.SubElement(parent, names.tag(name))
    return parent


def _say(parent: Element, path: str, value: Any, **attributes: str) -> None:
    """A value in a new element; nothing at all where there is none."""
    if value is None or value == "":
        return
    element = _put(parent, path)
    element.text = _NOT_XML.sub("\ufffd", _text(value))
    for name, said in attributes.items():
        if said:
            element.set(name, said)


def _text(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _money(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01")) if value % Decimal("0.01") == 0 else value


def _clock(moment: datetime) -> str:
    return moment.timetz().replace(microsecond=0).isoformat()
