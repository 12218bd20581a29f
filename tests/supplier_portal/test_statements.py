"""What is owed for a month is what was announced, at the agreed prices, less settled claims; both confirm it."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from lxml import etree
from sqlmodel import select

from hub import db
from hub.access import Permission
from hub.demo import builder
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.models.claims import ReplyKind
from hub.models.party import Organization, OrganizationKind, Role
from hub.models.settling import MatchedLine, Statement
from hub.ubl import schemas
from hub.ubl.names import SPACES
from supplier_portal.claims import claims
from supplier_portal.settling import statements
from supplier_portal.settling.statements import MonthNotOver, NothingOwed, StatementAnswered
from tests import supermarket
from tests.hub.epcis.documents import machine
from tests.logistics.conftest import keys_of_the_hub, morning, region, seen_by
from tests.supplier_portal.test_claims import closes, received, says, the_claim

__all__ = ["keys_of_the_hub", "region"]
AFTER = datetime(2027, 1, 2, 1, tzinfo=UTC)


def month_of(region) -> date:
    return region.day.replace(day=1)


def issued(region, at=AFTER) -> Statement:
    with db.session(region.buyer.who) as session:
        return statements.issue(
            session, region.buyer, session.get_one(Organization, region.farm.id), month_of(region), at=at
        )


def answered(region, statement, agrees, words=""):
    with db.session(region.grower.who) as session:
        held = session.get_one(Statement, statement.id)
        return statements.reply(session, region.grower, held, agrees=agrees, words=words, at=AFTER)


def owed(region):
    with db.session(region.buyer.who) as session:
        return statements.account(session, region.chain.id, region.farm.id, month_of(region))


def test_each_line_that_was_counted_is_matched_once_with_what_was_ordered_and_announced(region):
    shipment = region.shipped(tomato=120, eggs=60)
    received(region, shipment, tomato=(110, "damaged", 0))
    lines = {line.trade_item_id: line for line in seen_by(region.chain.id, MatchedLine)}
    tomato = lines[region.tomato.id]
    assert (tomato.ordered, tomato.announced, tomato.accepted) == (120, 120, 110)
    assert tomato.price == region.tomato.price and len(lines) == 2


def test_goods_are_charged_as_announced_and_a_settled_claim_takes_its_credit_off(region):
    received(region, region.shipped(tomato=120), tomato=(100, "damaged", 0))
    before = owed(region)
    assert before.total == before.goods == 120 * region.tomato.price and len(before.open) == 1
    says(region, the_claim(region), ReplyKind.SHARED, quantity=Decimal(10))
    closes(region, the_claim(region), claims.take)
    settled = owed(region)
    assert settled.credit == 10 * region.tomato.price
    assert settled.total == 110 * region.tomato.price and not settled.open


def test_a_statement_waits_for_its_month_to_end_and_is_issued_once(region):
    received(region, region.shipped(tomato=120))
    with pytest.raises(MonthNotOver):
        issued(region, at=morning(9))
    first = issued(region)
    assert issued(region).id == first.id and first.total == 120 * region.tomato.price
    assert first.number.endswith(region.farm.gln) and len(first.lines) == 1


def test_of_a_month_without_goods_nothing_is_stated(region):
    with pytest.raises(NothingOwed):
        issued(region)


def test_a_supplier_agrees_once_or_says_what_is_wrong_and_then_it_is_stated_anew(region):
    received(region, region.shipped(tomato=120))
    first = issued(region)
    with pytest.raises(InvalidInput) as refused:
        answered(region, first, agrees=False)
    assert refused.value.at == "words"
    answered(region, first, agrees=False, words="The price was 4.50")
    with pytest.raises(StatementAnswered):
        answered(region, first, agrees=True)
    second = issued(region)
    assert second.id != first.id and second.version == 2 and second.number.endswith("-2")
    reply = answered(region, second, agrees=True)
    assert answered(region, second, agrees=True).id == reply.id
    assert issued(region).id == second.id


def test_agreed_and_disputed_at_once_is_one_answer(region):
    received(region, region.shipped(tomato=120))
    statement, barrier, told = issued(region), threading.Barrier(2), []

    def say(agrees):
        barrier.wait()
        try:
            told.append(answered(region, statement, agrees, "" if agrees else "Wrong").agrees)
        except StatementAnswered:
            told.append("refused")

    threads = [threading.Thread(target=say, args=(agrees,)) for agrees in (True, False)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(map(str, told)) in (["True", "refused"], ["False", "refused"])


def test_nobody_else_states_answers_or_reads_it(region):
    received(region, region.shipped(tomato=120))
    statement = issued(region)
    with db.session(region.keeper().who) as session, pytest.raises(NotAllowed):
        farm = session.get_one(Organization, region.farm.id)
        statements.issue(session, region.keeper(), farm, month_of(region), at=AFTER)
    stranger = builder.actor(builder.party(OrganizationKind.SUPPLIER, "Luyuan"), Role.SUPPLIER)
    with db.session(stranger.who) as session:
        with pytest.raises(NotFound):
            statements.find(session, stranger, statement.id)
        assert session.exec(select(MatchedLine)).all() == []


@pytest.fixture
def sides(region, monkeypatch):
    """Both sides signed in, in the month after."""
    received(region, region.shipped(tomato=120), tomato=(100, "damaged", 0))
    monkeypatch.setattr("supplier_portal.settling.pages.now", lambda: AFTER)
    return (
        supermarket.signed_in(region.chain, Role.BUYER, "buyer@example.org"),
        supermarket.signed_in(region.farm, Role.SUPPLIER, "grower@example.org"),
    )


def test_a_month_from_what_would_be_stated_to_what_both_confirm(region, sides):
    buyer, grower = sides
    month = f"{month_of(region):%Y-%m}"
    assert month in buyer.get("/buyer/statements").text
    path = f"/buyer/statements/of/{region.farm.gln}/{month}"
    shown = buyer.get(path).text
    assert "1 claims of this month are open" in shown and "Not stated yet" in shown
    sent = buyer.post(path)
    assert sent.status_code == 303, sent.text
    statement = seen_by(region.farm.id, Statement)[0]
    assert sent.headers["location"].startswith(f"/buyer/statements/{statement.id}")
    assert buyer.get(path).status_code == 303
    there = f"/supplier/statements/{statement.id}"
    assert statement.number in grower.get(there).text and month in grower.get("/supplier/statements").text
    wrong = grower.post(there, data={"do": "dispute"})
    assert wrong.status_code == 422 and "Say what is wrong" in wrong.text
    assert grower.post(there, data={"do": "agree"}).status_code == 303
    assert "Agreed by both" in buyer.get(f"/buyer/statements/{statement.id}").text
    for side, client in (("buyer", buyer), ("supplier", grower)):
        table = client.get(f"/{side}/statements/{statement.id}/statement.xlsx")
        assert table.status_code == 200 and table.content[:2] == b"PK"
        printed = client.get(f"/{side}/statements/{statement.id}/statement.pdf")
        assert printed.status_code == 200 and printed.content.startswith(b"%PDF") and len(printed.content) > 1500


def test_both_systems_read_a_statement_as_an_invoice_of_ubl_and_nobody_else_does(region):
    received(region, region.shipped(tomato=120), tomato=(100, "damaged", 0))
    says(region, the_claim(region), ReplyKind.SHARED, quantity=Decimal(10))
    closes(region, the_claim(region), claims.take)
    statement = issued(region)
    stranger = builder.party(OrganizationKind.SUPPLIER, "Luyuan")
    machines = [
        machine(region.chain, Permission.PLACE_ORDERS),
        machine(region.farm, Permission.ANSWER_ORDERS),
        machine(stranger, Permission.ANSWER_ORDERS),
    ]
    for client in machines[:2]:
        (listed,) = client.get("/api/statements").json()["statements"]
        assert (listed["number"], listed["reply"]) == (statement.number, None)
        invoice = etree.fromstring(client.get(listed["address"]).content)
        schemas.require_valid(invoice)
        payable = invoice.find("cac:LegalMonetaryTotal/cbc:PayableAmount", SPACES)
        assert Decimal(payable.text) == statement.total and payable.get("currencyID") == statement.currency
        taken = [row.text for row in invoice.findall("cac:AllowanceCharge/cbc:Amount", SPACES)]
        assert [Decimal(text) for text in taken] == [statement.credit] and statement.credit > 0
    assert machines[2].get("/api/statements").json()["statements"] == []
    assert machines[2].get(listed["address"]).status_code == 404


@pytest.mark.parametrize(
    "path", ["of/6901234567000/2026-11", "of/{farm}/2026-13", "01a22d42-96f3-7608-9ee6-b6076eb7ffdd"]
)
def test_what_is_no_supplier_month_or_statement_is_not_found(region, sides, path):
    buyer, _grower = sides
    assert buyer.get(f"/buyer/statements/{path.format(farm=region.farm.gln)}").status_code == 404
