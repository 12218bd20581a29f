"""A store counts on its form with photos; both sides settle what differs on their pages, and nobody else."""

import pytest

from hub import db, outbox, prices
from hub.demo import builder
from hub.listeners import LISTENERS
from hub.messages import ClaimReplied, GoodsReceived
from hub.models.base import uuid7
from hub.models.claims import Claim, ClaimKind, ReceiptPhoto
from hub.models.party import OrganizationKind, Role
from hub.models.trade import Shipment
from logistics.receive import contents
from tests.hub import files
from tests.logistics.conftest import keys_of_the_hub, region, seen_by
from tests.supermarket import signed_in
from tests.supplier_portal.test_claims import received

__all__ = ["keys_of_the_hub", "region"]


@pytest.fixture
def browsers(region):
    """The buyer's, the supplier's and the store's browsers."""
    return {
        "buyer": signed_in(region.chain, Role.BUYER, "gao@example.org"),
        "supplier": signed_in(region.farm, Role.SUPPLIER, "wang@example.org"),
        "store": signed_in(region.chain, Role.STORE, "li@example.org"),
    }


def claimed(region, **lines) -> Claim:
    """A claim that waits for its supplier."""
    received(
        region, region.shipped(tomato=120), {"tomato": files.jpeg()}, **(lines or {"tomato": ("110", "damaged", 0)})
    )
    (claim,) = seen_by(region.chain.id, Claim)
    return claim


def count_form(region, shipment, **said) -> dict[str, str]:
    with db.session(region.keeper().who) as session:
        (part,) = contents.announced(session, session.get_one(Shipment, shipment.id))
    return {"lines.0.line": str(part.line.id)} | {f"lines.0.{name}": value for name, value in said.items()}


def test_a_store_complains_of_goods_it_keeps_and_shows_a_photo(region, browsers):
    shipment = region.shipped(tomato=120)
    typed = count_form(region, shipment, answer="but", concerned="30", reason="too-warm")
    sent = {"lines.0.photo": ("warm.jpg", files.jpeg(), "image/jpeg")}
    answer = browsers["store"].post(f"/store/deliveries/{shipment.sscc}/receipt", data=typed, files=sent)
    assert answer.status_code == 303
    outbox.relay({GoodsReceived: LISTENERS[GoodsReceived]})
    (claim,) = seen_by(region.farm.id, Claim)
    assert (claim.kind, claim.quantity, claim.counted) == (ClaimKind.WARM, 30, 120)
    shown = browsers["supplier"].get(f"/claims/{claim.id}/photo")
    assert shown.headers["content-type"] == "image/jpeg" and shown.content.startswith(b"\xff\xd8")


def test_a_file_that_is_no_photo_is_refused_beside_its_field_and_nothing_is_received(region, browsers):
    shipment = region.shipped(tomato=120)
    typed = count_form(region, shipment, answer="less", quantity="110", reason="damaged")
    sent = {"lines.0.photo": ("note.txt", b"not a picture", "text/plain")}
    answer = browsers["store"].post(f"/store/deliveries/{shipment.sscc}/receipt", data=typed, files=sent)
    assert answer.status_code == 422 and "Take one of these" in answer.text
    assert seen_by(region.chain.id, ReceiptPhoto) == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"answer": "but", "concerned": "30"}, "Say what is wrong"),
        ({"answer": "but", "concerned": "0", "reason": "damaged"}, "Enter how much of it is not in order."),
        ({"answer": "but", "concerned": "121", "reason": "damaged"}, "were announced of lot"),
    ],
)
def test_a_complaint_says_how_much_and_why(region, browsers, said, sentence):
    shipment = region.shipped(tomato=120)
    answer = browsers["store"].post(
        f"/store/deliveries/{shipment.sscc}/receipt", data=count_form(region, shipment, **said)
    )
    assert answer.status_code == 422 and sentence in answer.text


def test_both_sides_find_the_claim_and_the_supplier_offers_a_share(region, browsers):
    claim = claimed(region)
    for side in ("buyer", "supplier"):
        state = "mine" if side == "supplier" else "theirs"
        assert claim.number in browsers[side].get(f"/{side}/claims?state={state}").text
        sheet = browsers[side].get(f"/{side}/claims/export.csv")
        assert claim.number in sheet.text and "T-88" in sheet.text
        one = browsers[side].get(f"/{side}/claims/{claim.id}")
        assert one.status_code == 200 and "Damaged" in one.text and f"/claims/{claim.id}/photo" in one.text
    assert claim.number in browsers["supplier"].get("/supplier").text
    for side in ("buyer", "supplier"):
        found = browsers[side].get(f"/find?q={claim.number}")
        assert found.headers["location"] == f"/{side}/claims/{claim.id}"
    wrong = browsers["supplier"].post(
        f"/supplier/claims/{claim.id}", data={"kind": "shared", "quantity": "", "credit": ""}
    )
    assert wrong.status_code == 422 and "Enter how much you bear" in wrong.text
    sent = browsers["supplier"].post(f"/supplier/claims/{claim.id}", data={"kind": "shared", "quantity": "5"})
    assert sent.status_code == 303
    assert claim.number in browsers["buyer"].get("/buyer").text
    taken = browsers["buyer"].post(f"/buyer/claims/{claim.id}", data={"do": "take"})
    assert taken.status_code == 303
    settled = browsers["supplier"].get(f"/supplier/claims/{claim.id}").text
    assert "Settled: Qinghe credits" in settled and str(prices.cents(5 * claim.price)) in settled
    late = browsers["buyer"].post(f"/buyer/claims/{claim.id}", data={"do": "withdraw"})
    assert late.status_code == 409


def test_a_refusal_is_insisted_on_and_a_second_person_reads_it(region, browsers):
    claim, boss = claimed(region), signed_in(region.farm, Role.ADMINISTRATOR, "boss@example.org")
    refused = browsers["supplier"].post(f"/supplier/claims/{claim.id}", data={"kind": "refused", "reason": ""})
    assert refused.status_code == 422 and "Say why" in refused.text
    browsers["supplier"].post(f"/supplier/claims/{claim.id}", data={"kind": "refused", "reason": "Left whole."})
    silent = browsers["buyer"].post(f"/buyer/claims/{claim.id}", data={"do": "insist", "words": ""})
    assert silent.status_code == 422 and "Say why" in silent.text
    browsers["buyer"].post(f"/buyer/claims/{claim.id}", data={"do": "insist", "words": "See the photo."})
    page = boss.get(f"/claims/{claim.id}")
    assert "See the photo." in page.text and "Left whole." in page.text and "Send answer" not in page.text
    assert boss.post(f"/supplier/claims/{claim.id}", data={"kind": "accepted"}).status_code == 403


def test_the_orders_page_leads_to_its_claims_and_accepting_closes_them(region, browsers):
    claim = claimed(region)
    browsers["supplier"].post(f"/supplier/claims/{claim.id}", data={"kind": "accepted", "quantity": "3"})
    outbox.relay({ClaimReplied: LISTENERS[ClaimReplied]})
    listed = browsers["buyer"].get("/buyer/orders?state=all").text
    number = listed.split("/buyer/orders/PO")[1].split('"')[0]
    page = browsers["buyer"].get(f"/buyer/orders/PO{number}").text
    assert f"/buyer/claims/{claim.id}" in page and "Accepted" in page


def test_goods_go_back_and_are_noted(region, browsers):
    claim = claimed(region)
    said = {"amount": "11", "leaves_on": "2026-11-26"}
    assert browsers["buyer"].post(f"/buyer/claims/{claim.id}/return", data=said).status_code == 422
    assert browsers["buyer"].post(f"/buyer/claims/{claim.id}/return", data=said | {"amount": "10"}).status_code == 303
    page = browsers["supplier"].get(f"/supplier/claims/{claim.id}").text
    assert "On the way back" in page
    back = browsers["supplier"].post(f"/supplier/claims/{claim.id}/returned", data={"amount": "9.5"})
    assert back.status_code == 303
    assert "9.5 kg came back" in browsers["buyer"].get(f"/buyer/claims/{claim.id}").text


def test_nobody_else_opens_or_changes_a_claim(region, browsers):
    claim = claimed(region)
    rival = builder.party(OrganizationKind.SUPPLIER, "Rival")
    other = builder.party(OrganizationKind.RETAILER, "Other")
    strangers = {
        "supplier": signed_in(rival, Role.SUPPLIER, "ma@example.net"),
        "buyer": signed_in(other, Role.BUYER, "hu@example.net"),
    }
    tried = 0
    for side, browser in strangers.items():
        for number in (claim.id, uuid7()):
            for path in (f"/{side}/claims/{number}", f"/claims/{number}", f"/claims/{number}/photo"):
                assert browser.get(path).status_code == 404, path
                tried += 1
        sent = {"do": "withdraw", "kind": "accepted", "amount": "1", "leaves_on": "2026-11-26"}
        ending = "return" if side == "buyer" else "returned"
        for path in (f"/{side}/claims/{claim.id}", f"/{side}/claims/{claim.id}/{ending}"):
            assert browser.post(path, data=sent).status_code == 404, path
        assert claim.number not in browser.get(f"/{side}/claims?state=all").text
        assert claim.number not in browser.get(f"/{side}/claims/export.csv").text
    (after,) = seen_by(region.chain.id, Claim)
    assert tried == 12 and after.closed_at is None and after.round == 1
    assert browsers["store"].get(f"/claims/{claim.id}").status_code == 403
