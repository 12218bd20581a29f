"""Documents of the trade read from UBL 2.3: first opened, so that it is known what they are, then read whole.

Whatever is in a document and is not read here is named (``Read.unread``), so that nothing in it is passed over in
silence. Every refusal says the line.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from hub.errors import N_, HubError
from hub.gs1.xml.parsing import Element, line, parsed
from hub.ubl import schemas
from hub.ubl.names import GLN, GTIN, OF_ROOT, Kind, called, tag
from hub.ubl.papers import (
    NOBODY,
    DespatchAdvice,
    DespatchLine,
    Order,
    OrderLine,
    OrderResponse,
    Paper,
    Party,
    ResponseLine,
)
from hub.ubl.schemas import Fault


class NotUbl(HubError):
    """This is no document of UBL 2.3 that is known here."""

    code, status = "not-ubl", 422


class NotRead(HubError):
    """Documents of this kind are not taken in here."""

    code, status = "document-not-taken", 422


@dataclass(frozen=True)
class Opened:
    """A document of which it is known what it is; nothing else of it is judged yet."""

    kind: Kind
    number: str
    root: Element


@dataclass(frozen=True)
class Read:
    """A document as it was read, and what stands in it that nobody read: each element with its line."""

    kind: Kind
    paper: Paper
    unread: Sequence[tuple[str, int]]


def opened(content: bytes) -> Opened:
    """A document's kind and number; refused where it is no XML (``MalformedXML``) or no UBL (``NotUbl``)."""
    root = parsed(content)
    kind = OF_ROOT.get(str(root.tag))
    if kind is None:
        raise NotUbl("Line %(line)s: %(element)s is no document of UBL 2.3 that is known here.",
                     line=line(root), element=called(str(root.tag))[:120])  # fmt: skip
    return Opened(kind, (root.findtext(tag("cbc:ID")) or "").strip()[:100], root)


def read(document: Opened) -> Read:
    """What a document says; refused where its schema forbids it (``InvalidUbl``) or nothing here takes it."""
    schemas.require_valid(document.root)
    reader = _READ.get(document.kind)
    if reader is None:
        raise NotRead("A document %(kind)s is not taken in here.", kind=document.kind.value)
    whole = _Part(document.root)
    lines = document.root.findall(tag(_LINES[document.kind]))
    if len(lines) > MOST_LINES:
        raise _Part(lines[MOST_LINES]).refuse(_TOO_MANY, str(len(lines)), str(MOST_LINES))
    paper: Paper = reader(whole)
    return Read(document.kind, paper, list(islice(whole.unread(), _MOST_NAMED)))


MOST_LINES = 500
_LINES = {
    Kind.ORDER: "cac:OrderLine",
    Kind.ORDER_RESPONSE: "cac:OrderLine",
    Kind.DESPATCH_ADVICE: "cac:DespatchLine",
}
_TOO_MANY = N_("Line %(line)s: %(given)s lines are more than the %(wanted)s that are taken at once.")
_MOST_NAMED = 50
_SAYS_NOTHING = frozenset(
    map(tag, ("cbc:UBLVersionID", "cbc:CustomizationID", "cbc:ProfileID", "cbc:ProfileExecutionID", "cbc:UUID",
              "cbc:LineCountNumeric", "cbc:CopyIndicator", "cbc:StartDate", "cbc:ActualDespatchDate",
              "cbc:ActualDespatchTime"))
)  # fmt: skip
"""What is passed over without a word: it says nothing that changes what is done."""


@dataclass
class _Part:
    """An element and what was read of the document it stands in."""

    element: Element
    seen: set[Element] = field(default_factory=set)

    def parts(self, path: str) -> "list[_Part]":
        """All elements at a path."""
        found = self.element.findall("/".join(tag(name) for name in path.split("/")))
        return [_Part(element, self.seen) for element in found]

    def part(self, *paths: str) -> "_Part | None":
        """The first element at any of some paths."""
        return next((found for path in paths for found in self.parts(path)), None)

    def text(self, *paths: str) -> str:
        """What the first of them says."""
        found = self.part(*paths)
        return found.said() if found else ""

    def said(self) -> str:
        """What this element says."""
        self.seen.add(self.element)
        return (self.element.text or "").strip()

    def get(self, name: str) -> str:
        """An attribute."""
        return str(self.element.get(name) or "").strip()

    def refuse(self, sentence: str, given: str = "", wanted: str = "") -> schemas.InvalidUbl:
        """The refusal of what this element says."""
        name = called(str(self.element.tag))
        return schemas.invalid([Fault(sentence, line(self.element), name, given[:60], wanted)])

    def unread(self) -> Iterator[tuple[str, int]]:
        """What stands in the document and was not read."""
        for element in self.element.iter():
            says = len(element) == 0 and (element.text or "").strip()
            if says and element not in self.seen and element.tag not in _SAYS_NOTHING:
                yield _path(element), line(element)


def _path(element: Element) -> str:
    above = list(element.iterancestors())[:-1]
    return "/".join(called(str(step.tag)) for step in [*reversed(above), element])


_TOO_LARGE = N_("Line %(line)s: %(element)s %(given)s is too large: at most 12 digits, and 6 after the point.")
_NO_DAY = N_("Line %(line)s: %(element)s %(given)s is not a day of this century.")
_SCHEME = N_("Line %(line)s: %(element)s is a number of scheme %(given)s; %(wanted)s is read here.")
_WHOLE, _BROKEN = 12, 6
_LONGEST = 200


def _figure(part: _Part | None) -> Decimal | None:
    """A figure as this hub keeps it: 18 digits, six of them after the point."""
    if part is None:
        return None
    said = part.said()
    whole, _, broken = said.lstrip("+-").partition(".")
    if len(whole.lstrip("0")) > _WHOLE or len(broken.rstrip("0")) > _BROKEN:
        raise part.refuse(_TOO_LARGE, said)
    return Decimal(said)


def _day(part: _Part | None) -> date | None:
    if part is None:
        return None
    said = part.said()
    found = re.match(r"(2\d{3})-(\d\d)-(\d\d)", said)
    day = date(*map(int, found.groups())) if found else None  # the schema let no 30 February pass
    if day is None or day.year > 2100:
        raise part.refuse(_NO_DAY, said)
    return day


def _issued(root: _Part) -> datetime:
    day = _day(root.part("cbc:IssueDate")) or date.min
    said = root.text("cbc:IssueTime")
    found = re.match(r"(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?", said)
    if not found or int(found[1]) > 23:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return datetime.fromisoformat(f"{day}T{found[1]}:{found[2]}:{min(int(found[3]), 59):02}{found[4] or '+00:00'}")


def _number(part: _Part | None, scheme: str) -> str:
    """A number of one scheme; without one it is taken as such."""
    if part is None:
        return ""
    if part.get("schemeID").upper() not in ("", scheme, "GLN" if scheme == GLN else "GTIN"):
        raise part.refuse(_SCHEME, part.get("schemeID"), scheme)
    return part.said()[:_LONGEST]


def _party(root: _Part, *paths: str) -> Party:
    """The first party that is named: by its number among those it is identified by, else by where it is reached."""
    found = root.part(*paths)
    if found is None:
        return NOBODY
    found.text("cac:PartyName/cbc:Name")
    numbers = found.parts("cac:PartyIdentification/cbc:ID") + found.parts("cbc:EndpointID")
    ours = [one for one in numbers if one.get("schemeID").upper() in ("", GLN, "GLN")]
    told = {_number(one, GLN) for one in ours}
    if len(told) > 1:
        raise ours[0].refuse(N_("Line %(line)s: one party is named by several numbers: %(given)s."),
                             ", ".join(sorted(told)))  # fmt: skip
    return Party(told.pop() if told else "", "")


def _place(root: _Part, *paths: str) -> Party:
    for path in paths:
        for found in root.parts(path):
            found.text("cbc:Name")
            number = _number(found.part("cbc:ID"), GLN)
            if number:
                return Party(number)
    return NOBODY


def _item(part: _Part) -> dict[str, Any]:
    part.text("cac:Item/cbc:Name")
    return {
        "name": "",
        "gtin": _number(part.part("cac:Item/cac:StandardItemIdentification/cbc:ID"), GTIN),
    }


def _reference(root: _Part) -> str:
    return root.text("cac:OrderReference/cbc:ID")[:_LONGEST]


def _order(root: _Part) -> Order:
    delivery = ("cac:Delivery/cac:RequestedDeliveryPeriod/cbc:EndDate",
                "cac:Delivery/cac:RequestedDeliveryPeriod/cbc:StartDate")  # fmt: skip
    root.text("cac:AnticipatedMonetaryTotal/cbc:PayableAmount")
    for ending in ("cbc:EndDate", "cbc:EndTime"):
        root.text(f"cac:ValidityPeriod/{ending}")  # by when it is to be answered, the hub reckons itself
    return Order(
        number=root.text("cbc:ID")[:_LONGEST],
        issued=_issued(root),
        buyer=_party(root, "cac:BuyerCustomerParty/cac:Party"),
        seller=_party(root, "cac:SellerSupplierParty/cac:Party"),
        deliver_to=_place(root, "cac:Delivery/cac:DeliveryLocation"),
        deliver_on=_day(root.part(*delivery)),
        currency=root.text("cbc:DocumentCurrencyCode"),
        lines=[_order_line(part) for part in root.parts("cac:OrderLine/cac:LineItem")],
    )


def _order_line(item: _Part) -> OrderLine:
    quantity = item.part("cbc:Quantity")
    amount = item.part("cac:Price/cbc:PriceAmount")
    item.text("cbc:LineExtensionAmount")
    return OrderLine(
        id=item.text("cbc:ID")[:_LONGEST],
        quantity=_figure(quantity),
        unit=quantity.get("unitCode") if quantity else "",
        price=_price(item, amount),
        currency=amount.get("currencyID") if amount else "",
        row=line(item.element),
        **_item(item),
    )


def _price(item: _Part, amount: _Part | None) -> Decimal | None:
    """What one of the unit costs."""
    price, base = _figure(amount), _figure(item.part("cac:Price/cbc:BaseQuantity"))
    return price / base if price is not None and base else price


def _response(root: _Part) -> OrderResponse:
    return OrderResponse(
        number=root.text("cbc:ID")[:_LONGEST],
        issued=_issued(root),
        order=_reference(root),
        buyer=_party(root, "cac:BuyerCustomerParty/cac:Party"),
        seller=_party(root, "cac:SellerSupplierParty/cac:Party"),
        lines=[_response_line(part) for part in root.parts("cac:OrderLine")],
        code=root.text("cbc:OrderResponseCode"),
        note=_notes(root),
    )


def _response_line(part: _Part) -> ResponseLine:
    item = part.part("cac:LineItem") or part
    quantity, amount = item.part("cbc:Quantity"), item.part("cac:Price/cbc:PriceAmount")
    promised = "cac:PromisedDeliveryPeriod/cbc:"
    deliveries = item.parts("cac:Delivery")
    days = [_day(delivery.part(f"{promised}EndDate", f"{promised}StartDate")) for delivery in deliveries]
    amounts = [_figure(delivery.part("cbc:Quantity")) for delivery in deliveries]
    substitute = "cac:SellerProposedSubstituteLineItem/"
    part.text(f"{substitute}cbc:ID")
    own = item.text("cbc:ID")
    return ResponseLine(
        id=(part.text("cac:OrderLineReference/cbc:LineID") or own)[:_LONGEST],
        quantity=_figure(quantity),
        unit=quantity.get("unitCode") if quantity else "",
        status=item.text("cbc:LineStatusCode"),
        deliver_on=days[0] if days else None,
        parts=_parts(days, amounts),
        instead=part.text(f"{substitute}cac:Item/cac:StandardItemIdentification/cbc:ID")[:_LONGEST],
        reason=" ".join(note for note in (_notes(part), _notes(item)) if note),
        price=_price(item, amount),
        currency=amount.get("currencyID") if amount else "",
        row=line(part.element),
        **_item(item),
    )


def _parts(days: Sequence[date | None], amounts: Sequence[Decimal | None]) -> tuple[tuple[date, Decimal], ...]:
    """How much comes on which of several days; nothing where it comes on one."""
    if len(days) < 2:
        return ()
    return tuple((day, amount) for day, amount in zip(days, amounts, strict=True) if day and amount is not None)


def _despatch(root: _Part) -> DespatchAdvice:
    shipment = "cac:Shipment/cac:Delivery"
    days = [f"{shipment}/cac:{kind}DeliveryPeriod/cbc:{end}"
            for kind in ("Estimated", "Promised", "Requested") for end in ("EndDate", "StartDate")]  # fmt: skip
    root.text("cac:Shipment/cbc:ID")
    lines = root.parts("cac:DespatchLine")
    orders = {_reference(root), *(part.text("cac:OrderLineReference/cac:OrderReference/cbc:ID") for part in lines)}
    orders.discard("")
    if len(orders) > 1:
        raise root.refuse(N_("Line %(line)s: one advice is for one order; this one names %(given)s."),
                          ", ".join(sorted(orders)))  # fmt: skip
    return DespatchAdvice(
        number=root.text("cbc:ID")[:_LONGEST],
        issued=_issued(root),
        order=orders.pop() if orders else "",
        supplier=_party(root, "cac:SellerSupplierParty/cac:Party", "cac:DespatchSupplierParty/cac:Party"),
        buyer=_party(root, "cac:BuyerCustomerParty/cac:Party", "cac:DeliveryCustomerParty/cac:Party"),
        ship_from=_place(root, f"{shipment}/cac:Despatch/cac:DespatchLocation"),
        deliver_to=_place(root, f"{shipment}/cac:DeliveryLocation"),
        deliver_on=_day(root.part(*days)),
        lines=[_despatch_line(part) for part in lines],
        ssccs=[unit.said() for unit in root.parts("cac:Shipment/cac:TransportHandlingUnit/cbc:ID")],
    )


def _despatch_line(part: _Part) -> DespatchLine:
    quantity, made = part.part("cbc:DeliveredQuantity"), "cac:Item/cac:ItemInstance"
    best_before = _day(part.part(f"{made}/cbc:BestBeforeDate"))
    expiry = _day(part.part(f"{made}/cac:LotIdentification/cbc:ExpiryDate"))
    return DespatchLine(
        id=part.text("cbc:ID")[:_LONGEST],
        quantity=_figure(quantity),
        unit=quantity.get("unitCode") if quantity else "",
        order_line=part.text("cac:OrderLineReference/cbc:LineID")[:_LONGEST],
        lot=part.text(f"{made}/cac:LotIdentification/cbc:LotNumberID")[:_LONGEST],
        best_before=best_before or expiry,
        row=line(part.element),
        **_item(part),
    )


def _notes(part: _Part) -> str:
    return " ".join(note.said() for note in part.parts("cbc:Note"))


_READ: dict[Kind, Callable[[_Part], Paper]] = {
    Kind.ORDER: _order,
    Kind.ORDER_RESPONSE: _response,
    Kind.DESPATCH_ADVICE: _despatch,
}
