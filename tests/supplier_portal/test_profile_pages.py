"""The buyer's page of one supplier: how it delivers, which papers vouch for it, and what of both others see."""

import pytest
from sqlalchemy import text

from hub import db
from hub.demo import builder
from hub.models.base import now
from hub.models.catalogue import Certificate
from hub.models.party import OrganizationKind, Role
from tests.hub import files
from tests.hub.web.test_files import PAPER, chosen
from tests.supermarket import signed_in


@pytest.fixture
def wang(trade):
    """Who keeps the grower's papers."""
    return signed_in(trade.farm, Role.ADMINISTRATOR, "wang@example.org")


@pytest.fixture
def buyer(trade):
    return signed_in(trade.chain, Role.BUYER, "lin@example.org")


def address(trade) -> str:
    return f"/buyer/suppliers/{trade.farm.gln}"


def test_a_supplier_without_papers_and_terms_says_so(trade, buyer):
    page = buyer.get(address(trade)).text
    assert "No certificate yet." in page and "It has named no terms" in page and trade.farm.gln in page


def test_a_buyer_reads_a_suppliers_certificates_and_opens_their_files(trade, wang, buyer):
    for number, until in (("GAP-1", ""), ("GAP-0", "2020-01-01")):
        said = PAPER | {"number": number, "valid_from": "2019-01-01", "valid_to": until}
        filed = wang.post("/settings/certificates/new", data=said, files=chosen("file_sha256", files.PDF))
        assert filed.status_code == 303
    page = buyer.get(address(trade)).text
    valid, expired = page.index("GAP-1"), page.index("GAP-0")
    assert valid < page.index("no end") < expired < page.index("Expired") and "CQC" in page
    file = page.split('href="/settings/files/')[1].split('"')[0]
    assert buyer.get(f"/settings/files/{file}").content == files.PDF


def test_a_file_that_somebody_exchanged_is_not_offered(trade, wang, buyer):
    wang.post("/settings/certificates/new", data=PAPER, files=chosen("file_sha256", files.PDF))
    with db.hub_session() as session:
        session.execute(text("update document set content = 'another'"))
    page = buyer.get(address(trade)).text
    assert "The file kept here is not the one that was stated" in page and "/settings/files/" not in page


def test_a_paper_of_one_lot_alone_does_not_stand_for_its_supplier(trade, buyer):
    lot = builder.lot(
        trade.tomato,
        "T-1",
        builder.Harvest(builder.place(trade.farm), trade.packhouse, now(), 100),
    )
    names = {"kind": "gap", "name_zh": "承诺达标合格证", "name_en": "Compliance", "issuer": "Qinghe"}
    with db.session(trade.grower.who) as session:
        session.add(Certificate(owner_id=trade.farm.id, lot_id=lot.id, number="L-1", valid_from=now().date(), **names))
    assert "L-1" not in buyer.get(address(trade)).text


def test_terms_for_one_buyer_are_read_by_that_buyer_alone(trade, wang, buyer):
    other = builder.party(OrganizationKind.RETAILER, "Lelin")
    builder.relation(other, trade.farm)
    for said in ({"lead_days": "9"}, {"buyer": trade.chain.gln, "lead_days": "3", "weekdays": "2"}):
        assert wang.post("/settings/terms/new", data=said).status_code == 303
    mine = buyer.get(address(trade)).text
    assert "Named for you." in mine and "3 days" in mine and "Tuesday" in mine and "9 days" not in mine
    theirs = signed_in(other, Role.BUYER, "gao@example.org").get(address(trade)).text
    assert "Named for every buyer." in theirs and "9 days" in theirs and "Tuesday" not in theirs


def test_whoever_does_not_trade_with_a_supplier_has_no_page_of_it(trade, wang):
    wang.post("/settings/certificates/new", data=PAPER)
    rival = signed_in(builder.party(OrganizationKind.RETAILER, "Lelin"), Role.BUYER, "ma@example.org")
    answer = rival.get(address(trade))
    assert answer.status_code == 404 and "GAP-1" not in answer.text
