"""A lot's verdict is kept while nothing of what it is made of changes, and not a moment longer."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, text
from sqlmodel import select

from hub import db
from hub.gs1 import digital_link
from hub.ledger.audit import verdict, verification
from hub.ledger.audit.verdict import Kept, Verdict, verify_lot
from hub.ledger.checks.findings import Outcome
from hub.ledger.custody import speakers
from hub.ledger.log import anchoring
from hub.models.catalogue import Lot
from hub.trace import records
from tests.hub.growers import MORNING, run_to_the_end
from tests.hub.trace.test_recalls import call_back, to_the_chain

WARM = [records.Reading("Temperature", "CEL", 22, 18, 26)]

pytestmark = pytest.mark.usefixtures("node")


@pytest.fixture
def lot(node, growers):
    made = growers.grow("A1")
    run_to_the_end()
    node.ask("anvil_mine", "0x3")
    return made


@pytest.fixture
def judged(monkeypatch):
    """How often a lot was judged anew, with what."""
    times, judge = [], verdict._judged

    def counted(*given):
        times.append(given)
        return judge(*given)

    monkeypatch.setattr(verdict, "_judged", counted)
    monkeypatch.setattr(verdict, "_kept", Kept())
    return times


def scan(farm) -> Verdict:
    link = digital_link.lot_link(farm.item.gtin, "A1")
    with db.public_session() as session:
        found = session.exec(select(Lot).where(Lot.number == "A1")).one()
        return verify_lot(session, found, link, verification.events_of(session, link, found))


def asked(farm) -> tuple[int, int]:
    """How many questions a scan puts to the database and to the chain."""
    queries, questions, ledger = [], [], anchoring.ledger()
    ask = ledger.ask
    event.listen(Engine, "before_cursor_execute", listener := lambda *_: queries.append(1))
    ledger.ask = lambda *given: questions.append(given) or ask(*given)
    try:
        scan(farm)
    finally:
        event.remove(Engine, "before_cursor_execute", listener)
        del ledger.ask
    return len(queries), len(questions)


def spoil(sql: str) -> None:
    with db.hub_session() as session:
        session.execute(text(sql))


def test_scans_of_an_unchanged_lot_are_judged_once_and_speak_of_the_block_they_were_asked_at(
    node,
    growers,
    lot,
    judged,
):
    first = scan(growers)
    node.ask("anvil_mine", "0x2")
    second = scan(growers)
    assert first.good and second.good and len(judged) == 1
    assert second.block == first.block + 2 == second.checks[0].values["block"]
    assert [check.code for check in second.checks].count("V1") == 1


def test_a_kept_verdict_costs_four_questions_to_the_chain_whatever_the_number_of_records(growers, lot, judged):
    scan(growers)
    few = asked(growers)
    with growers.session() as session:
        for day in range(1, 9):
            at = MORNING + timedelta(days=day)
            environment = records.Environment(at - timedelta(hours=9), WARM)
            records.grow(session, lot, growers.item, records.Scene(growers.field, at), environment)
    run_to_the_end()
    anchoring.ledger().ask("anvil_mine", "0x3")
    assert len(scan(growers).evidence) == 10
    assert asked(growers) == few and few[1] == 4


@pytest.mark.parametrize(
    "sql, code, outcome",
    [
        ("update event set payload = set_byte(payload, 40, 33) where seq = 2", "V3", Outcome.ALTERED),
        ("update event set salt = decode(repeat('00', 32), 'hex') where seq = 2", "V3", Outcome.ALTERED),
        ("update log_leaf set previous = decode(repeat('01', 32), 'hex') where seq = 2", "V5", Outcome.MISSING),
        ("update submission set signature = decode(repeat('01', 65), 'hex')", "V6", Outcome.NOT_SIGNED),
        (
            "update event set submission_id = null; delete from submission_summary; delete from submission",
            "V6",
            Outcome.NOT_SIGNED,
        ),
        (
            "delete from event_key where event_id in (select id from event where seq = 2);"
            "delete from event where seq = 2",
            "V4",
            Outcome.MISSING,
        ),
    ],
)
def test_whoever_alters_a_row_after_a_lot_was_judged_is_named_at_the_next_scan(
    growers,
    lot,
    judged,
    sql,
    code,
    outcome,
):
    link = digital_link.lot_link(growers.item.gtin, "A1")
    assert scan(growers).good
    spoil(sql)
    with db.public_session() as session:
        found = session.exec(select(Lot)).first()
        told = verify_lot(session, found, link, speakers.naming(session, link))
    assert (code, outcome) in {(check.code, check.outcome) for check in told.checks}


def test_a_recall_on_the_chain_is_heard_at_the_next_scan(growers, lot, judged):
    assert not scan(growers).recalled
    call_back(growers, lot)
    assert not scan(growers).good  # shown by the hub, and not on the chain yet
    to_the_chain()
    assert [said.issuer for said in scan(growers).recalled] == [growers.organization.member]


def test_the_verdicts_that_were_asked_for_last_are_kept():
    kept, made = Kept(2), Verdict([], [], None, 0, 0, False)
    for name in ("a", "b"):
        kept.put((name,), made)
    assert kept.get(("a",)) is made
    kept.put(("c",), made)
    assert kept.get(("b",)) is None and kept.get(("a",)) is made and kept.get(("c",)) is made
