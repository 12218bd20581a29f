"""Recalls are read from the chain.

A row that is gone, closed or changed hides none from shopper, auditor or command line.
"""

import importlib
import json
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import col, select

from hub import db
from hub.app import create_app
from hub.demo import builder
from hub.gs1 import digital_link
from hub.ledger.audit import bundle, verification
from hub.ledger.audit.verdict import verify_lot
from hub.ledger.checks.findings import Outcome
from hub.ledger.log import anchoring
from hub.models.catalogue import Lot, RecallNotice
from hub.models.party import OrganizationKind, Role
from hub.models.trace import ChainMessage
from hub.trace import recall
from tests.hub.growers import MORNING, run_to_the_end
from tests.hub.ledger.audit.test_verification import lines, open_books
from tests.hub.ledger.custody.test_standing import handed_over

REASON = {"reason_zh": "农残超标", "reason_en": "Residue above the limit"}


def call_back(who, lot, level=2):
    with db.session(db.Who(who.organization.id)) as session:
        grounds = recall.Grounds(level, *REASON.values())
        return recall.open_recall(session, who.actor, session.get_one(Lot, lot.id), grounds, at=MORNING)


def close(who, notice):
    with db.session(db.Who(who.organization.id)) as session:
        recall.close_recall(
            session, who.actor, session.get_one(RecallNotice, notice.id), at=MORNING + timedelta(days=1)
        )


def to_the_chain():
    for _ in range(2):
        with db.hub_session() as session:
            recall.unsent(session)
        run_to_the_end()
    anchoring.ledger().ask("anvil_mine", "0x3")  # the bundle is made as of a final block


@pytest.fixture
def lot(node, growers):
    made = growers.grow("A1")
    to_the_chain()
    return made


@pytest.fixture
def auditor(growers, lot):
    party = builder.party(OrganizationKind.AUDITOR)
    open_books(growers, party)
    return party


def shopper(growers):
    link = digital_link.lot_link(growers.item.gtin, "A1")
    with db.public_session() as session:
        found = session.exec(select(Lot)).one()
        verdict = verify_lot(session, found, link, verification.events_of(session, link, found))
        return verdict, {c.outcome for c in verdict.checks if "recall" in c.reason or "called" in c.reason}


def page(growers):
    with TestClient(create_app()) as client:
        return client.get(f"/product/{growers.item.gtin}/A1", headers={"accept-language": "en"}).text


def audited(auditor):
    found = bundle.verify(bundle.read(lines(auditor)), anchoring.ledger())
    return {check.outcome for check in found if "recall" in check.reason or "called" in check.reason}


def spoil(sql):
    with db.hub_session() as session:
        session.execute(text(sql))


def test_a_recall_is_pending_until_the_chain_has_it_and_then_valid(growers, lot, auditor):
    call_back(growers, lot)
    assert shopper(growers)[1] == {Outcome.PENDING} == audited(auditor)
    to_the_chain()
    verdict, found = shopper(growers)
    assert found == {Outcome.VALID} == audited(auditor)
    assert [(one.issuer, one.level) for one in verdict.recalled] == [(growers.organization.member, 2)]
    assert "Do not eat this" in page(growers) and "Residue above the limit" in page(growers)


@pytest.mark.parametrize(
    "sql, outcome",
    [
        ("delete from recall_notice", Outcome.MISSING),
        ("update recall_notice set closed_at = now()", Outcome.ALTERED),
        ("update recall_notice set recall_class = 3", Outcome.ALTERED),
        ("update recall_notice set reason_en = 'A label was crooked'", Outcome.ALTERED),
        ("update recall_notice set salt = decode(repeat('00', 32), 'hex')", Outcome.ALTERED),
        ("update lot set key = null", Outcome.MISSING),
        ("update recall_notice set nonce = 9", Outcome.MISSING),
    ],
)
def test_a_recall_that_the_hub_hides_or_changes_is_named_and_shown_all_the_same(growers, lot, auditor, sql, outcome):
    call_back(growers, lot)
    to_the_chain()
    spoil(sql)
    verdict, found = shopper(growers)
    assert outcome in found and not verdict.good and verdict.recalled
    assert outcome in audited(auditor)
    shown = page(growers)
    assert "Do not eat this" in shown and "no recall" not in shown
    assert "A label was crooked" not in shown


def test_closing_a_recall_takes_it_back_on_the_chain_and_it_is_shown_until_then(growers, lot, auditor):
    notice = call_back(growers, lot)
    to_the_chain()
    close(growers, notice)
    assert shopper(growers)[1] == {Outcome.PENDING} == audited(auditor)
    assert "Do not eat this" in page(growers)
    to_the_chain()
    verdict, found = shopper(growers)
    assert found == {Outcome.VALID} == audited(auditor) and not verdict.recalled and verdict.good
    (said,) = anchoring.ledger().recalls_of(lot.key)
    assert (said.level, said.nonce) == (0, 2)
    shown = page(growers)
    assert "Do not eat this" not in shown and "Recalled, since closed" in shown

    spoil("update recall_notice set closed_at = null where recall_class = 2")
    assert shopper(growers)[1] == {Outcome.DISPUTED} == audited(auditor)


def test_a_lot_is_called_back_again_after_its_recall_was_closed_and_twice_at_once_never(growers, lot):
    notice = call_back(growers, lot)
    with pytest.raises(recall.RecallOpen):
        call_back(growers, lot, 1)
    close(growers, notice)
    with pytest.raises(recall.RecallClosed):
        close(growers, notice)
    call_back(growers, lot, 1)
    to_the_chain()
    verdict, found = shopper(growers)
    assert [(one.nonce, one.level) for one in verdict.recalled] == [(3, 1)] and found == {Outcome.VALID}


def test_an_issuers_recalls_reach_the_chain_in_the_order_of_their_numbers(node, growers):
    first, second = growers.grow("A1"), growers.grow("A2", days=1)
    to_the_chain()
    call_back(growers, first)
    call_back(growers, second)
    spoil(f"update lot set claim_id = null where id = '{first.id}'")
    to_the_chain()
    with db.hub_session() as session:
        assert not session.exec(select(ChainMessage).where(col(ChainMessage.kind) == "recall")).all()
    with db.hub_session() as session:
        claim = session.exec(select(Lot).where(col(Lot.id) == second.id)).one().claim_id
        session.get_one(Lot, first.id).claim_id = claim
    to_the_chain()
    with db.hub_session() as session:
        sent = session.exec(select(ChainMessage).where(col(ChainMessage.kind) == "recall")).all()
    assert [(one.body["nonce"], one.error) for one in sorted(sent, key=lambda m: m.number)] == [
        (1, ""),
        (2, ""),
    ]


@pytest.fixture
def retailer(growers):
    party = builder.member(builder.party(OrganizationKind.RETAILER))
    builder.relation(growers.organization, party)
    return party, builder.place(party, name="Store 3")


class Caller:
    """Who calls back, as `call_back` takes it."""

    def __init__(self, organization, role):
        self.organization, self.actor = organization, builder.actor(organization, role)


def test_a_retailer_calls_back_what_it_has_held_and_nothing_else(growers, lot, retailer, auditor):
    made, store = retailer
    caller = Caller(made, Role.SUPPLIER)
    spoil(
        "insert into lot_buyer (id, owner_id, created_at, via, lot_id, buyer_id) values "
        f"(gen_random_uuid(), '{growers.organization.id}', now(), '', '{lot.id}', '{made.id}')"
    )
    with pytest.raises(recall.RecallNotYours):
        call_back(caller, lot)
    open_books(caller, auditor)
    handed_over(growers, lot, made, store)
    call_back(caller, lot)
    to_the_chain()
    assert shopper(growers)[1] == {Outcome.VALID} == audited(auditor)
    spoil("delete from recall_notice")
    assert shopper(growers)[1] == {Outcome.MISSING} == audited(auditor)


def test_a_retailers_word_on_the_chain_about_what_it_never_held_is_none(growers, lot, retailer, auditor):
    made, _ = retailer
    with db.session(db.Who(made.id)) as session:
        session.add(
            RecallNotice(
                owner_id=made.id,
                lot_id=lot.id,
                recall_class=1,
                reason_zh="谣言",
                reason_en="A rumour",
                opened_at=MORNING,
                salt=bytes(32),
                nonce=1,
            )
        )
    to_the_chain()
    assert [one.level for one in anchoring.ledger().recalls_of(lot.key)] == [1]
    spoil("delete from recall_notice")
    verdict, found = shopper(growers)
    assert found == {Outcome.NO_WORD} == audited(auditor) and not verdict.recalled
    assert "Do not eat this" not in page(growers)


def test_a_bundle_whose_proofs_leave_a_lots_recalls_out_is_not_valid(growers, lot, auditor):
    call_back(growers, lot)
    to_the_chain()
    told = [json.loads(line) for line in lines(auditor)]
    kept = {place for place, one in enumerate(told) if one["type"] == "state"}
    (place,) = kept
    register = "0x" + anchoring.ledger().deployment.addresses.lots.hex()
    slots = told[place]["accounts"][register]["storage"]
    told[place]["accounts"][register]["storage"] = dict(list(slots.items())[:2])
    found = bundle.verify(bundle.read([json.dumps(one) for one in told]), anchoring.ledger())
    assert any(c.outcome is Outcome.MISSING and "proofs do not speak of recalls" in c.reason for c in found)


def test_recalls_closed_before_are_taken_back_when_the_schema_is_brought_up_to_date(growers, lot, auditor):
    notice = call_back(growers, lot)
    to_the_chain()
    close(growers, notice)
    spoil("delete from recall_notice where recall_class = 0")
    assert shopper(growers)[1] == {Outcome.ALTERED}
    step = importlib.import_module("hub.migrations.versions.0010_recalls")
    with db.hub_session() as session:
        step.take_back(session.connection())
    with db.hub_session() as session:
        step.take_back(session.connection())
    to_the_chain()
    (said,) = anchoring.ledger().recalls_of(lot.key)
    assert (said.level, said.nonce) == (0, 2) and shopper(growers)[1] == {Outcome.VALID} == audited(auditor)
