"""The pages of exchanged documents: what was sent, what became of it, and where a person puts one in."""

import re

import pytest

from hub.demo import builder
from hub.models.party import OrganizationKind, Role
from supplier_portal.exchange import inbox
from tests import supermarket
from tests.supermarket import signed_in
from tests.supplier_portal.exchange import client as ubl
from tests.supplier_portal.exchange.client import Packs, Says


@pytest.fixture
def grower(today):
    return signed_in(today.farm, Role.SUPPLIER, "liu@example.org")


@pytest.fixture
def order(today):
    return today.ordered()


def put_in(browser, content, name="document.xml", side="supplier"):
    sent = content.encode() if isinstance(content, str) else content
    return browser.post(f"/{side}/orders/documents", files={"file": (name, sent, "application/xml")})


def test_a_person_puts_an_answer_in_and_sees_what_came_of_it(today, grower, order):
    assert "No document was sent yet." in grower.get("/supplier/orders/documents").text
    lines = [Says("1", "7", note="hail"), Says("2")]
    sent = put_in(grower, ubl.response("R-1", order.number, today.chain.gln, today.farm.gln, lines))
    assert sent.status_code == 303
    shown = grower.get(sent.headers["location"]).text
    assert "Answer to an order R-1" in shown and "Taken" in shown and f"/supplier/orders/{order.number}" in shown
    listed = grower.get("/supplier/orders/documents?state=taken&q=r-1").text
    assert "Answer to an order R-1" in listed and "No document is like that." in grower.get(
        "/supplier/orders/documents?state=refused"
    ).text  # fmt: skip


def test_a_refused_one_says_why_in_the_readers_language_and_is_put_in_again(today, grower, order):
    put_in(grower, ubl.response("R-1", order.number, today.chain.gln, today.farm.gln, [Says("1"), Says("2")]))
    text = ubl.advice("DA-1", order.number, today.chain.gln, today.farm.gln, [Packs("1", "9", "T-88")])
    address = put_in(grower, text).headers["location"]
    shown = grower.get(address).text
    assert "Refused" in shown and "You have no lot T-88 of this item." in shown and "Line 8" in shown
    chinese = grower.get(address, headers={"accept-language": "zh"}).text
    assert "第8行" in chinese and "T-88" in chinese and "为何被拒绝" in chinese
    assert grower.get(f"{address}/content.xml").content == text.encode()
    supermarket.lot(today.tomato, "T-88")
    assert grower.post(f"{address}/again").headers["location"] == address
    again = grower.get(address).text
    assert "Taken" in again and "Put it in again" not in again and re.search(r"DA\d*-\d{6}-0001", again)


def test_hostile_files_are_shown_by_name_and_never_opened(grower, order):
    bomb = b'<!DOCTYPE x [<!ENTITY a "<script>">]><x>&a;</x>'
    address = put_in(grower, bomb, "<b>evil</b>.xml").headers["location"]
    shown = grower.get(address).text
    assert "File that could not be opened" in shown and "<b>evil" not in shown
    kept = grower.get(f"{address}/content.xml")
    assert kept.content == bomb and "attachment" in kept.headers["content-disposition"]
    assert kept.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in kept.headers["content-security-policy"]


def test_a_file_that_is_empty_or_too_large_is_refused_beside_its_field(grower):
    for content, words in ((b" ", "There is nothing in this document."), (b"x" * (inbox.MOST_BYTES + 1), "2,048 KB")):
        refused = put_in(grower, content)
        assert refused.status_code == 422 and words in refused.text
    assert grower.post("/supplier/orders/documents").status_code == 422


def test_a_document_is_its_senders_alone(today, grower, order):
    address = put_in(grower, "<a/>").headers["location"]
    buyer = signed_in(today.chain, Role.BUYER, "buyer@example.org")
    rival = signed_in(builder.party(OrganizationKind.SUPPLIER, "Rival"), Role.SUPPLIER, "ma@example.net")
    for browser, path in ((buyer, address.replace("supplier", "buyer")), (rival, address)):
        assert browser.get(path).status_code == 404
        assert browser.get(f"{path}/content.xml").status_code == 404
        assert browser.post(f"{path}/again").status_code == 404
    assert "No document was sent yet." in buyer.get("/buyer/orders/documents").text
    assert "No document was sent yet." in rival.get("/supplier/orders/documents").text


def test_an_order_s_page_gives_its_documents_to_both_sides(today, grower, order):
    put_in(grower, ubl.response("R-1", order.number, today.chain.gln, today.farm.gln, [], code="AP"))
    supermarket.lot(today.tomato, "T-88")
    put_in(grower, ubl.advice("DA-1", order.number, today.chain.gln, today.farm.gln, [Packs("1", "9", "T-88")]))
    buyer = signed_in(today.chain, Role.BUYER, "buyer@example.org")
    for browser, side in ((grower, "supplier"), (buyer, "buyer")):
        shown = browser.get(f"/{side}/orders/{order.number}").text
        links = re.findall(r'href="(/api/[^"]+\.xml[^"]*)" download', shown)
        assert len(links) == 3, links
        for link in links:
            taken = browser.get(link.replace("&amp;", "&"))
            assert taken.status_code == 200 and taken.headers["content-type"] == "application/xml"
    draft = today.ordered(placed=False)
    assert "/api/orders/" not in buyer.get(f"/buyer/orders/{draft.number}").text
