"""What a document may not say, and how it is told: in words, at its line; what was refused is kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from hub import db
from hub.access import Permission
from hub.demo import builder
from hub.models.base import now
from hub.models.party import OrganizationKind
from hub.models.trade import OrderAnswer, PurchaseOrder, Shipment
from supplier_portal.exchange import inbox
from supplier_portal.exchange.models import TradeDocument
from supplier_portal.orders.order_book import OrderStatus
from tests import supermarket
from tests.supplier_portal.exchange import client as ubl
from tests.supplier_portal.exchange.client import Packs, Says, Wants


def count(table):
    with db.hub_session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def both(**tomato):
    """An answer to both lines; what is said of the first may differ."""
    return [Says("1", **({"quantity": Decimal(120)} | tomato)), Says("2", quantity=Decimal(60), unit="H87")]


@pytest.fixture
def order(today):
    return today.ordered()


@pytest.fixture
def answer(today, farm, order):
    """Sends an answer to the order and says what came back."""

    def send(lines=None, number="R-1", code="", **parties):
        names = {"order": order.number, "buyer": today.chain.gln, "seller": farm.gln} | parties
        return farm.send(ubl.response(number, lines=both() if lines is None else lines, code=code, **names))

    return send


def told(refused):
    """The code, the line and the words of a refusal."""
    problem = refused.json()
    return problem["code"], problem.get("line"), problem["detail"]


def test_entities_are_refused_before_they_are_read_and_the_file_is_kept(farm, order):
    bomb = b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<x>&a;</x>'
    refused = farm.send(bomb)
    assert refused.status_code == 400 and refused.json()["code"] == "malformed-xml"
    assert refused.json()["line"] == 2 and "root:" not in refused.text
    kept = farm.client.get(f"/api/documents/{refused.json()['document']}").json()
    assert (kept["outcome"], kept["kind"], kept["size"]) == ("refused", "", len(bomb))
    assert farm.client.get(f"/api/documents/{kept['id']}/content.xml").content == bomb


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"no xml", 400, "malformed-xml"),
        (b"<a>" * 400 + b"</a>" * 400, 400, "malformed-xml"),
        (b"<Order/>", 422, "not-ubl"),
        (b"   ", 422, "document-empty"),
        (b'<?xml version="1.0" encoding="EBCDIC-CP-BE"?><a/>', 400, "malformed-xml"),
    ],
)
def test_what_is_no_document_is_told_so(farm, order, sent, status, code):
    refused = farm.send(sent)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_what_is_no_xml_by_its_own_word_is_refused_at_the_door(farm):
    refused = farm.client.post("/api/documents", json={"order": 1})
    assert (refused.status_code, refused.json()["code"]) == (415, "wrong-content-type")


def test_an_attachment_that_is_too_large_is_refused_and_nothing_of_it_is_kept(farm, order):
    huge = b"<!--" + b"A" * inbox.MOST_BYTES + b"--><x/>"
    refused = farm.send(huge)
    assert (refused.status_code, refused.json()["code"]) == (413, "document-too-large")
    refused = farm.client.post(
        "/api/documents", content=b"x", headers={"content-type": "application/xml", "content-length": "314572800"}
    )
    assert (refused.status_code, refused.json()["code"]) == (413, "body-too-large")
    assert count(TradeDocument) == 0


def test_a_fault_against_the_schema_names_its_line_and_its_element(farm, today, order, answer):
    broken = ubl.response("R-1", order.number, today.chain.gln, farm.gln, both()).replace("2026-11-30", "30.11.2026")
    refused = farm.send(broken)
    assert told(refused) == ("invalid-ubl", 3, "Line 3: cbc:IssueDate cannot be “30.11.2026”.")
    unknown = ubl.response("R-1", order.number, today.chain.gln, farm.gln, both()).replace("LineStatusCode", "State")
    code, line, words = told(farm.send(unknown))
    assert (code, line) == ("invalid-ubl", 7) and words.startswith("Line 7: cbc:State does not belong here; ")
    assert count(OrderAnswer) == 0 and count(TradeDocument) == 2


@pytest.mark.parametrize(
    ("tomato", "status", "code", "words"),
    [
        ({"quantity": Decimal("1234567890123")}, 422, "invalid-ubl", "is too large: at most 12 digits"),
        ({"quantity": Decimal("1.1234567")}, 422, "invalid-ubl", "is too large: at most 12 digits"),
        ({"unit": "LBR"}, 409, "wrong-unit", "Line 1 is counted in KGM, not in LBR."),
        ({"price": "4.20", "currency": "EUR"}, 409, "wrong-currency", "Line 1 is paid in CNY, not in EUR."),
        ({"price": "9"}, 409, "wrong-price", "Line 1 costs 4.2"),
        ({"price": "0", "status": "3"}, 409, "answer-contradicts", "Enter a price above 0."),
        ({"status": "42"}, 422, "unknown-answer-code", "code 42 is not one of 5, 3 and 7"),
        ({"status": "3"}, 409, "answer-contradicts", "Enter more than 0 and less than"),
        ({"quantity": Decimal(121)}, 409, "answer-contradicts", "Line 1: the answer and its figures"),
        ({"gtin": "06901234000009"}, 409, "wrong-item", "Line 1 is of item"),
        ({"note": "x" * 201}, 422, "invalid-input", "A note has at most 200 characters."),
    ],
)
def test_a_line_that_cannot_be_is_refused_where_it_stands(answer, tomato, status, code, words):
    refused = answer(both(**tomato))
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert refused.json()["line"] == 7 and words in refused.json()["detail"]
    assert count(OrderAnswer) == 0 and count(TradeDocument) == 1


def test_a_line_that_the_order_has_not_is_refused_by_its_number(answer):
    refused = answer([*both(), Says("3")])
    assert told(refused) == ("unknown-line", 9, "The order has no line 3.")


def test_lines_that_are_left_out_are_no_answer_unless_the_code_says_all(answer, order, today):
    assert told(answer([Says("1")]))[0] == "answer-incomplete"
    assert told(answer([], code="CA", number="R-2"))[0] == "answer-incomplete"
    assert told(answer(both(status="7"), code="AP", number="R-3"))[0] == "answer-contradicts"
    assert answer([], code="AB", number="R-4").json()["done"] == {"order": order.number}
    assert count(OrderAnswer) == 0
    assert answer([], code="AP", number="R-5").status_code == 201
    assert today.status(order) is OrderStatus.CONFIRMED


def test_another_day_and_a_refusal_are_read_by_their_codes_and_figures(answer, order, today):
    day = today.deliver_on + timedelta(days=1)
    assert answer(both(status="", quantity=Decimal(100), day=day)).status_code == 201
    assert today.standing(order, "tomato").offered.deliver_on == day
    assert answer([], code="RE", number="R-2").status_code == 201
    assert today.standing(order, "tomato").over
    eggs = today.standing(order, "eggs")  # were agreed: that nothing comes of them waits for the buyer
    assert eggs.held.quantity == 60 and eggs.offered.parts == ()


def test_another_price_is_asked_for_and_waits_for_the_buyer(farm, answer, order, today):
    assert answer(both(price="9", status="3")).status_code == 201
    assert today.standing(order, "tomato").offered.price == 9
    told = farm.read(f"/api/orders/{order.number}/response.xml?buyer={today.chain.gln}")
    assert ubl.said(told.find("cac:OrderLine", ubl.NS), "cac:LineItem/cac:Price/cbc:PriceAmount") == "9"


def test_nobody_answers_in_anothers_name_or_for_anothers_order(today, farm, order, answer, connect):
    other = builder.party(OrganizationKind.SUPPLIER, "Luyuan")
    builder.relation(today.chain, other)
    assert told(answer(seller=other.gln))[0] == "document-not-yours"
    assert answer(buyer=other.gln).status_code == 404
    rival = connect(other)
    refused = rival.send(ubl.response("R-1", order.number, today.chain.gln, other.gln, both()))
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    assert rival.client.get(f"/api/orders/{order.number}.xml").status_code == 404
    ours = farm.client.get("/api/documents").json()["documents"][0]["id"]
    for address in (f"/api/documents/{ours}", f"/api/documents/{ours}/content.xml"):
        assert rival.client.get(address).status_code == 404
    assert rival.client.post(f"/api/documents/{ours}/again").status_code == 404
    assert rival.client.get("/api/documents").json()["total"] == 1 and count(OrderAnswer) == 0


def test_the_same_document_again_is_answered_as_the_first_time(answer, order):
    first, second = answer(), answer()
    assert (first.status_code, second.status_code) == (201, 200) and first.json() == second.json()
    assert count(OrderAnswer) == 1 == count(TradeDocument)
    refused = answer(both(status="7"))
    assert (refused.status_code, refused.json()["code"]) == (409, "document-number-used")


def test_the_same_document_twelve_times_at_once_is_one_answer(today, farm, order):
    sent = ubl.response("R-1", order.number, today.chain.gln, farm.gln, both())
    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(lambda _: farm.send(sent), range(12)))
    assert sorted({one.status_code for one in told}) == [200, 201] and len({one.text for one in told}) == 1
    assert count(OrderAnswer) == 1 == count(TradeDocument)


def test_two_documents_of_one_number_at_once_are_one_that_is_taken(today, farm, order):
    """A system and a person send the same advice at once, each in its own spelling."""
    farm.must_send(ubl.response("R-1", order.number, today.chain.gln, farm.gln, both()))
    supermarket.lot(today.tomato, "T-88")
    sent = ubl.advice("DA-1", order.number, today.chain.gln, farm.gln, [Packs("1", "9", "T-88")])
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(farm.send, (sent + " " * place for place in range(6))))
    assert sorted(one.status_code for one in told) == [201, 409, 409, 409, 409, 409]
    assert {one.json()["code"] for one in told if one.status_code == 409} == {"document-number-used"}
    assert count(Shipment) == 1 and count(TradeDocument) == 7


def test_a_refused_document_is_taken_once_what_stood_in_its_way_is_gone(today, farm, order, answer):
    answer()
    packed = [Packs("1", "90", "T-88")]
    sent = ubl.advice("DA-1", order.number, today.chain.gln, farm.gln, packed)
    refused = farm.send(sent)
    assert told(refused) == ("not-found", 8, "You have no lot T-88 of this item.")
    supermarket.lot(today.tomato, "T-88")
    again = farm.client.post(f"/api/documents/{refused.json()['document']}/again")
    assert again.status_code == 201 and again.json()["done"]["shipment"] and again.json()["tries"] == 2
    assert farm.client.post(f"/api/documents/{refused.json()['document']}/again").status_code == 200
    assert count(Shipment) == 1


def test_an_advice_of_more_than_was_confirmed_of_another_lot_or_under_a_used_sscc_is_refused(
    today, farm, order, answer
):
    answer()
    lot = supermarket.lot(today.tomato, "T-88")
    code = builder.digital_link.sscc("6901234", 7)

    def send(number, quantity="1", sscc=code, **more):
        packed = [Packs("1", quantity, "T-88", **more)]
        return farm.send(ubl.advice(number, order.number, today.chain.gln, farm.gln, packed, sscc=sscc))

    assert told(send("DA-1", "121"))[:2] == ("more-than-confirmed", 8)
    assert told(send("DA-2", unit="TNE"))[:2] == ("wrong-unit", 8)
    assert told(send("DA-3", best_before=lot.best_before + timedelta(days=1)))[:2] == ("lot-contradicts", 8)
    assert told(send("DA-4", sscc="123"))[0] == "bad-gs1-key"
    assert count(Shipment) == 0
    assert send("DA-5").status_code == 201
    assert told(send("DA-6"))[0] == "sscc-used"
    assert count(Shipment) == 1


def test_what_nobody_read_is_named(today, farm, order):
    sent = ubl.response("R-1", order.number, today.chain.gln, farm.gln, both()).replace(
        "<cac:OrderReference>", "<cbc:CustomerReference>lorry 7</cbc:CustomerReference><cac:OrderReference>"
    )
    assert farm.must_send(sent)["unread"] == [{"element": "cbc:CustomerReference", "line": 4}]


def test_kinds_that_are_known_and_not_taken_are_kept(today, farm, order):
    forecast = ubl.document(
        "Forecast",
        "<cbc:ID>F-1</cbc:ID><cbc:IssueDate>2026-11-30</cbc:IssueDate>"
        "<cbc:ForecastPurposeCode>X</cbc:ForecastPurposeCode><cac:ForecastPeriod/><cac:SenderParty/>"
        "<cac:ReceiverParty/><cac:ForecastLine><cbc:ID>1</cbc:ID><cbc:ForecastTypeCode>X</cbc:ForecastTypeCode>"
        "</cac:ForecastLine>",
    )
    refused = farm.send(forecast)
    assert told(refused) == ("document-not-taken", None, "A document Forecast is not taken in here.")
    (kept,) = farm.client.get("/api/documents", params={"outcome": "refused", "q": "F-1"}).json()["documents"]
    assert (kept["kind"], kept["number"], kept["code"]) == ("Forecast", "F-1", "document-not-taken")


def test_a_buyers_order_is_placed_at_the_agreed_price_or_not_at_all(today, connect):
    buyers, at = connect(today.chain, Permission.PLACE_ORDERS), today.deliver_on

    def send(number, seller=today.farm.gln, place=today.stores[0].gln, day=at, **wanted):
        wants = [Wants(**({"gtin": today.tomato.gtin, "quantity": "10"} | wanted))]
        return buyers.send(ubl.order(number, today.chain.gln, seller, place, day, wants))

    assert told(send("1", price="4.00"))[:2] == ("wrong-price", 7)
    assert told(send("2", price="4.20", currency="USD"))[:2] == ("wrong-currency", 7)
    assert told(send("3", unit="H87"))[:2] == ("wrong-unit", 7)
    assert told(send("4", gtin=today.eggs.gtin, unit="H87", quantity="1.5"))[:2] == ("invalid-input", 7)
    assert told(send("5", gtin=builder.gtin(998)))[:2] == ("unknown-gtin", 7)
    assert told(send("6", seller=today.haulier.gln))[0] == "not-found"
    assert told(send("7", place=today.packhouse.gln))[0] == "not-found"
    assert told(send("8", day=now().date() - timedelta(days=3)))[0] == "delivery-date-passed"
    assert told(send("9", quantity="-1"))[:2] == ("invalid-input", 7)
    assert count(PurchaseOrder) == 0
    assert send("10", price="4.20").status_code == 201 and count(PurchaseOrder) == 1


def test_a_supplier_places_no_order_and_a_buyer_answers_none(today, farm, order, connect):
    wants = [Wants(today.tomato.gtin, "10")]
    sent = ubl.order("1", today.chain.gln, farm.gln, today.stores[0].gln, today.deliver_on, wants)
    assert told(farm.send(sent))[0] == "not-allowed"
    buyers = connect(today.chain, Permission.PLACE_ORDERS)
    assert told(buyers.send(ubl.response("R-1", order.number, today.chain.gln, farm.gln, both())))[0] == "not-allowed"


def test_an_order_that_is_not_placed_is_read_by_nobody(today, farm, connect):
    draft = today.ordered(placed=False)
    assert farm.client.get(f"/api/orders/{draft.number}.xml").status_code == 404
    buyers = connect(today.chain, Permission.PLACE_ORDERS)
    assert buyers.client.get(f"/api/orders/{draft.number}.xml").status_code == 404
