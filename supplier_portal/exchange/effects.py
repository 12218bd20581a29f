"""What a document brings about: the services that the pages and the API call do it, in the same transaction."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access
from hub.access import Actor, Permission
from hub.errors import HubError, InvalidInput, NotFound
from hub.gs1 import digital_link
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import Organization, Place
from hub.models.trade import AnswerKind, OrderLine, PurchaseOrder
from hub.ubl.papers import DespatchAdvice, DespatchLine, Line, Order, OrderResponse, Paper, Party, ResponseLine
from hub.ubl.reading import NotRead
from supplier_portal import lookup
from supplier_portal.dispatch import consignments, dispatch_advice
from supplier_portal.exchange import codes
from supplier_portal.orders import orders
from supplier_portal.orders.answering import answers
from supplier_portal.orders.answering.answers import LineAnswer, PartSaid
from supplier_portal.orders.orders import PIECES, DraftLine, OrderDraft


class NotYours(HubError):
    """The document speaks for somebody else."""

    code, status = "document-not-yours", 403


class UnknownLine(HubError):
    """The order has no such line."""

    code, status = "unknown-line", 404


class WrongItem(HubError):
    """The line is of another item."""

    code, status = "wrong-item", 409


class WrongUnit(HubError):
    """The quantity is in another unit than is agreed."""

    code, status = "wrong-unit", 409


class WrongCurrency(HubError):
    """The price is in another currency than is agreed."""

    code, status = "wrong-currency", 409


class WrongPrice(HubError):
    """The price is another than is agreed."""

    code, status = "wrong-price", 409


class LotContradicts(HubError):
    """What the document says of a lot is not what is recorded of it."""

    code, status = "lot-contradicts", 409


Done = dict[str, str]
"""What came of a document, by the numbers under which it is found."""


def about(paper: Paper) -> str:
    """The number of the order that a document is for."""
    return getattr(paper, "order", "")


def carry_out(session: Session, actor: Actor, paper: Paper, *, at: datetime) -> Done:
    """Do what a document says; a refusal names the line of it (``lines.2.quantity`` for the third)."""
    if isinstance(paper, OrderResponse):
        return _answer(session, actor, paper, at)
    if isinstance(paper, DespatchAdvice):
        return _announce(session, actor, paper, at)
    if isinstance(paper, Order):
        return _order(session, actor, paper, at)
    raise NotRead("A document %(kind)s is not taken in here.", kind=type(paper).__name__)


# An answer to an order


def _answer(session: Session, actor: Actor, paper: OrderResponse, at: datetime) -> Done:
    access.require(actor, Permission.ANSWER_ORDERS)
    _require_own(session, actor, paper.seller, "seller")
    order = lookup.order(session, actor, paper.order, paper.buyer.gln)
    if paper.code == codes.ACKNOWLEDGED:
        return {"order": order.number}
    lines = orders.lines_of(session, order)
    said = _said(session, actor, order, lines, paper) if paper.lines else _of_all(lines, paper.code)
    kinds = {line.answer for line in said}
    whole = codes.WHOLE.get(paper.code)
    if whole is not None and kinds != {whole}:
        raise answers.AnswerContradicts("Code %(given)s is not what the lines say.", at="code", given=paper.code)
    response = answers.OrderResponse(said, _fitting(paper.note, 400, "note"))
    answers.confirm(session, actor, order, response, at=at)
    return {"order": order.number, "answer": codes.code_of({kind for kind in kinds if kind})}


def _of_all(lines: list[OrderLine], code: str) -> list[LineAnswer]:
    kind = codes.WHOLE.get(code)
    if kind is None:
        raise answers.AnswerIncomplete
    return [LineAnswer(line=line.id, answer=kind) for line in lines]


def _said(
    session: Session, actor: Actor, order: PurchaseOrder, lines: list[OrderLine], paper: OrderResponse
) -> list[LineAnswer]:
    by_id = {str(line.position): line for line in lines}
    items = lookup.items(session, {line.trade_item_id for line in lines})
    return [
        _line_said(session, actor, order, by_id, items, said, f"lines.{place}")
        for place, said in enumerate(paper.lines)
    ]


def _line_said(
    session: Session,
    actor: Actor,
    order: PurchaseOrder,
    by_id: Mapping[str, OrderLine],
    items: Mapping[UUID, TradeItem],
    said: ResponseLine,
    at: str,
) -> LineAnswer:
    line = _line(by_id, said.id, at)
    _require_same(said, items[line.trade_item_id], line.unit, at)
    if said.price is not None:
        _require_currency(said.currency, line, at)
    kind = codes.kind_of(said, codes.Ordered(line.quantity, order.deliver_on, line.price), at)
    if kind is AnswerKind.CONFIRMED:
        _require_price(said.price, said.currency, line, at)
    if kind is AnswerKind.DECLINED:
        return LineAnswer(line=line.id, answer=kind, reason=_fitting(said.reason, 200, f"{at}.reason"))
    first, further = said.parts[0] if said.parts else None, said.parts[1:]
    return LineAnswer(
        line=line.id,
        answer=kind,
        quantity=first[1] if first and further else said.quantity,
        deliver_on=first[0] if first else said.deliver_on,
        parts=[PartSaid(deliver_on=day, quantity=quantity) for day, quantity in further],
        price=None if said.price is None else said.price.quantize(_PRICE),
        substitute=lookup.own_item(session, actor, said.instead, f"{at}.instead").id if said.instead else None,
        reason=_fitting(said.reason, 200, f"{at}.reason"),
    )


# Goods that leave


def _announce(session: Session, actor: Actor, paper: DespatchAdvice, at: datetime) -> Done:
    access.require(actor, Permission.ANSWER_ORDERS)
    _require_own(session, actor, paper.supplier, "supplier")
    order = lookup.order(session, actor, paper.order, paper.buyer.gln)
    place = session.get_one(Place, order.deliver_to_id)
    if paper.deliver_to.gln not in ("", place.gln):
        raise NotFound(
            "Order %(number)s is for place %(place)s.", at="deliver_to", number=order.number, place=place.gln
        )
    if len(paper.ssccs) > 1:
        raise InvalidInput("One advice is for goods under one SSCC; send one for each.", at="ssccs")
    by_id = {str(line.position): line for line in orders.lines_of(session, order)}
    packed = [_packed(session, actor, by_id, said, f"lines.{place}") for place, said in enumerate(paper.lines)]
    advice = dispatch_advice.DispatchAdvice(
        packed, _ship_from(session, actor, paper.ship_from), paper.deliver_on, paper.ssccs[0] if paper.ssccs else ""
    )
    shipment = dispatch_advice.announce_shipment(session, actor, order, advice, at=at)
    return {"order": order.number, "shipment": shipment.number, "sscc": shipment.sscc}


def _packed(
    session: Session, actor: Actor, by_id: Mapping[str, OrderLine], said: DespatchLine, at: str
) -> dispatch_advice.Packed:
    line = _line(by_id, said.order_line, at)
    item = session.get_one(TradeItem, line.trade_item_id)
    _require_same(said, item, line.unit, at)
    if not said.lot:
        raise InvalidInput("Line %(id)s names no lot.", at=f"{at}.lot", id=said.id)
    lot = _lot(session, actor, item, said, at)
    return dispatch_advice.Packed(line=line.id, lot=lot.id, quantity=said.quantity)


def _lot(session: Session, actor: Actor, item: TradeItem, said: DespatchLine, at: str) -> Lot:
    try:
        lot = lookup.lot(session, actor, item, said.lot)
    except NotFound as refusal:
        raise NotFound(refusal.sentence, at=f"{at}.lot", **refusal.values) from refusal
    if said.best_before is not None and lot.best_before not in (None, said.best_before):
        raise LotContradicts(
            "Lot %(lot)s is recorded as best before %(day)s.", at=f"{at}.lot", lot=lot.number, day=lot.best_before
        )
    return lot


def _ship_from(session: Session, actor: Actor, named: Party) -> Place:
    if named.gln:
        return lookup.place(session, actor, named.gln)
    places = consignments.sources(session, actor)
    if len(places) != 1:
        raise InvalidInput("Name the place that the goods leave from, by its GLN.", at="ship_from")
    return places[0]


# An order from a buyer's own system


def _order(session: Session, actor: Actor, paper: Order, at: datetime) -> Done:
    access.require(actor, Permission.PLACE_ORDERS)
    _require_own(session, actor, paper.buyer, "buyer")
    known = {party.gln: party for party in lookup.suppliers(session)}
    if paper.seller.gln not in known:
        raise NotFound("You have no supplier of GLN %(gln)s.", at="seller", gln=paper.seller.gln)
    if paper.deliver_on is None:
        raise InvalidInput("Say on which day it is to be delivered.", at="deliver_on")
    supplier = known[paper.seller.gln]
    items = [_item(session, supplier, line, f"lines.{place}") for place, line in enumerate(paper.lines)]
    wanted = [DraftLine(item.id, line.quantity or Decimal(0)) for item, line in zip(items, paper.lines, strict=True)]
    place = lookup.place(session, actor, paper.deliver_to.gln)
    draft = OrderDraft(supplier.id, place.id, paper.deliver_on, wanted)
    order = orders.place(session, actor, orders.write(session, actor, draft, at=at), at=at)
    for number, (line, said) in enumerate(zip(orders.lines_of(session, order), paper.lines, strict=True)):
        if said.currency or said.price is not None:
            _require_price(said.price, said.currency or paper.currency, line, f"lines.{number}")
        elif paper.currency:
            _require_price(None, paper.currency, line, f"lines.{number}")
    return {"order": order.number}


def _item(session: Session, supplier: Organization, line: Line, at: str) -> TradeItem:
    number = digital_link.gtin(line.gtin) if line.gtin else ""
    offered = select(TradeItem).where(col(TradeItem.owner_id) == supplier.id, col(TradeItem.gtin) == number)
    item = session.exec(offered).first()
    if item is None:
        raise lookup.UnknownGtin("The supplier offers no item of GTIN %(gtin)s.", at=f"{at}.gtin", gtin=line.gtin[:20])
    _require_same(line, item, item.unit, at)
    if not line.quantity or line.quantity < 0:
        raise InvalidInput("A quantity ordered is more than 0.", at=f"{at}.quantity")
    if item.unit in PIECES and line.quantity % 1:
        raise InvalidInput("Enter a whole number.", at=f"{at}.quantity")
    return item


# What every document must agree in


def _require_own(session: Session, actor: Actor, party: Party, at: str) -> None:
    """Refuse what is said in another's name; a document that names nobody there is its sender's."""
    own = session.get_one(Organization, actor.organization_id)
    if party.gln not in ("", own.gln, own.former_gln or ""):
        raise NotYours("The document is from %(given)s; you are %(own)s.", at=at, given=party.gln[:20], own=own.gln)


def _line(by_id: Mapping[str, OrderLine], number: str, at: str) -> OrderLine:
    line = by_id.get(number)
    if line is None:
        raise UnknownLine("The order has no line %(number)s.", at=f"{at}.id", number=number[:40])
    return line


def _require_same(said: Line, item: TradeItem, unit: str, at: str) -> None:
    """Refuse another item or unit than the order's; what a line does not say is the order's."""
    if said.gtin and digital_link.padded(said.gtin) != item.gtin:
        raise WrongItem(
            "Line %(id)s is of item %(gtin)s.", at=f"{at}.gtin", id=said.id[:40], gtin=digital_link.printed(item.gtin)
        )
    if said.unit not in ("", unit):
        raise WrongUnit(
            "Line %(id)s is counted in %(unit)s, not in %(given)s.", at=f"{at}.unit", id=said.id[:40], unit=unit,
            given=said.unit[:20],
        )  # fmt: skip


_PRICE = Decimal("0.0001")


def _require_price(price: Decimal | None, currency: str, line: OrderLine, at: str) -> None:
    _require_currency(currency, line, at)
    if price is not None and price.quantize(_PRICE) != line.price:
        raise WrongPrice(
            "Line %(position)s costs %(price)s %(currency)s a unit.", at=f"{at}.price", position=line.position,
            price=line.price, currency=line.currency,
        )  # fmt: skip


def _require_currency(currency: str, line: OrderLine, at: str) -> None:
    if currency not in ("", line.currency):
        raise WrongCurrency(
            "Line %(position)s is paid in %(currency)s, not in %(given)s.", at=f"{at}.currency",
            position=line.position, currency=line.currency, given=currency[:20],
        )  # fmt: skip


def _fitting(text: str, most: int, at: str) -> str:
    if len(text) > most:
        raise InvalidInput("A note has at most %(most)s characters.", at=at, most=most)
    return text
