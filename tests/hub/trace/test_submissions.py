"""A member that keeps its own key: it numbers, salts and signs by itself, and the hub cannot do it for it."""

import json
from decimal import Decimal

import pytest
from coincurve import PrivateKey
from sqlalchemy import text
from sqlmodel import col, select

from hub import db
from hub.demo import builder
from hub.gs1 import epcis, jcs
from hub.ledger.audit import bundle, notices, verification
from hub.ledger.checks.findings import Outcome
from hub.ledger.formats import streams
from hub.ledger.log import anchoring, journal
from hub.models.catalogue import Lot
from hub.models.party import Organization, Role
from hub.models.trace import Event, LotClaim
from hub.signer import Signer, SignerStopped
from hub.trace import capture, joining, recall, records, submissions
from hub.trace.judging import verdicts
from tests.hub.growers import MORNING, Farm, farm, run_to_the_end

pytestmark = pytest.mark.usefixtures("keys_of_the_hub")
OWN = PrivateKey(bytes.fromhex("33" * 32))


@pytest.fixture
def alone(clean, keys_of_the_hub) -> Farm:
    """A farm that signs for itself, with a planted and a harvested lot that wait for its signature."""
    made = farm("0x" + streams.address(OWN.public_key).hex())
    with made.session() as session:
        scene = records.Scene(made.field, MORNING)
        lot = records.plant(session, made.item, "B1", scene)
        records.harvest(session, records.Goods(lot, made.item, Decimal(5)), scene)
    return made


def signer(tmp_path, member: int, key: PrivateKey = OWN) -> Signer:
    return Signer("http://unused", "", key, member, tmp_path / "own.journal")


def at(farm_: Farm) -> dict:
    """What the hub tells the member's client, as the door shapes it."""
    with farm_.session() as session:
        head = submissions.head_of(session, farm_.organization.member)
        planned = journal.planned()
        return {
            "seq": head.seq,
            "head": "0x" + head.head.hex(),
            "logId": "0x" + planned.log_id.hex(),
            "chainId": planned.chain_id,
            "traceLog": "0x" + planned.addresses.trace_log.hex(),
            "lotRegistry": "0x" + planned.addresses.lots.hex(),
            "waiting": [jcs.parse(event.payload) for event in submissions.waiting(session, farm_.actor)],
        }


def hand_in(farm_: Farm, body: dict):
    with farm_.session() as session:
        return submissions.submit(session, farm_.actor, json.dumps(body).encode())


def test_what_a_member_signed_is_numbered_and_gets_a_receipt(alone, tmp_path):
    body = signer(tmp_path, 1)._signed(at(alone))
    row, receipt = hand_in(alone, body)

    with alone.session() as session:
        events = session.exec(select(Event).order_by(col(Event.seq))).all()
        assert [e.seq for e in events] == [1, 2] and events[-1].leaf == row.new_head
        assert submissions.waiting(session, alone.actor) == []
        assert session.exec(select(LotClaim)).one().producer == 1
        assert session.exec(select(Lot)).one().claim_id is not None
    said = streams.Receipt(1, 2, row.new_head, submissions.received_at(row.created_at))
    hub = streams.address(PrivateKey(bytes.fromhex("22" * 32)).public_key)
    assert streams.recover(streams.digest(journal.log_domain(), said), receipt) == hub


def test_the_same_submission_again_gets_the_same_receipt(alone, tmp_path):
    body = signer(tmp_path, 1)._signed(at(alone))
    assert hand_in(alone, body)[1] == hand_in(alone, body)[1]


def test_the_chain_moves_the_head_on_the_members_own_signature(node, alone, tmp_path):
    hand_in(alone, signer(tmp_path, 1)._signed(at(alone)))
    run_to_the_end()
    assert anchoring.ledger().head_of(1).seq == 2
    with alone.session() as session:
        lot = session.exec(select(Lot)).one()
    assert anchoring.ledger().lot(lot.key).producer == 1


def test_another_key_is_refused(alone, tmp_path):
    with pytest.raises(submissions.WrongSigner):
        hand_in(alone, signer(tmp_path, 1, PrivateKey(bytes.fromhex("44" * 32)))._signed(at(alone)))


def test_a_sentence_that_says_something_else_is_refused(alone, tmp_path):
    told = at(alone)
    body = signer(tmp_path, 1)._signed(told)
    body["summary"] = body["summary"].replace("2 records", "1 record")
    committed = [streams.commitment(jcs.canonical(r["payload"]), bytes.fromhex(r["salt"][2:])) for r in body["records"]]
    leaves = streams.chain(journal.planned().log_id, 1, 1, streams.ZERO, committed)
    said = streams.Submission(1, 1, 2, streams.ZERO, leaves[-1], streams.summary_hash(body["summary"]))
    body["signature"] = "0x" + streams.sign(streams.digest(journal.log_domain(), said), OWN).hex()
    with pytest.raises(submissions.SummaryMismatch):
        hand_in(alone, body)


def test_a_stale_number_is_refused_and_says_where_the_stream_stands(alone, tmp_path):
    body = signer(tmp_path, 1)._signed(at(alone))
    hand_in(alone, body)
    with alone.session() as session:
        records.plant(session, alone.item, "B2", records.Scene(alone.field, MORNING))
    late = at(alone) | {"seq": 0, "head": "0x" + "00" * 32}
    with pytest.raises(submissions.StaleHead) as refused:
        hand_in(alone, signer(tmp_path, 1)._signed(late))
    assert refused.value.extra["seq"] == 2


@pytest.fixture
def recalled(alone, tmp_path) -> Farm:
    """The farm has signed its records and calls the lot back."""
    hand_in(alone, signer(tmp_path, 1)._signed(at(alone)))
    with alone.session() as session:
        lot = session.exec(select(Lot)).one()
        recall.open_recall(
            session,
            alone.actor,
            lot,
            recall.Grounds(2, "农残超标", "Residue above the limit"),
            at=MORNING,
        )
    return alone


def asked(farm_: Farm) -> dict:
    """The recall that waits, as the door shapes it."""
    with farm_.session() as session:
        ((notice, lot),) = recall.unsigned(session, farm_.actor)
        return {"nonce": notice.nonce, "key": "0x" + lot.key.hex(), "notice": notices.content(notice)}


def take(farm_: Farm, body: dict[str, str], nonce: int = 1) -> None:
    with farm_.session() as session:
        salt, signature = (bytes.fromhex(body[name][2:]) for name in ("salt", "signature"))
        recall.take_signature(session, farm_.actor, nonce, salt, signature)


def test_a_member_signs_its_own_recall_and_the_chain_says_so(node, recalled, tmp_path):
    run_to_the_end()
    with recalled.session() as session:
        lot = session.exec(select(Lot)).one()
    assert anchoring.ledger().recalls_of(lot.key) == []

    body = signer(tmp_path, 1)._signed_recall(at(recalled), asked(recalled))
    take(recalled, body)
    with db.hub_session() as session:
        assert recall.unsent(session) == 1
    run_to_the_end()

    (said,) = anchoring.ledger().recalls_of(lot.key)
    notice = {"class": 2, "reason": {"zh": "农残超标", "en": "Residue above the limit"}}
    committed = streams.commitment(jcs.canonical(notice), bytes.fromhex(body["salt"][2:]))
    assert (said.issuer, said.level, said.notice) == (1, 2, committed)
    with recalled.session() as session:
        assert recall.unsigned(session, recalled.actor) == []


def test_a_recall_is_signed_once_and_said_again_as_it_was(recalled, tmp_path):
    told, client = asked(recalled), signer(tmp_path, 1)
    body = client._signed_recall(at(recalled), told)
    assert client._signed_recall(at(recalled), told) == body
    with pytest.raises(SignerStopped, match="another recall 1"):
        client._signed_recall(at(recalled), told | {"key": "0x" + "00" * 32})


def test_a_recall_signed_by_another_key_or_twice_is_refused(recalled, tmp_path):
    told = asked(recalled)
    (tmp_path / "other").mkdir()
    with pytest.raises(recall.RecallMisread):
        take(
            recalled,
            signer(tmp_path / "other", 1, PrivateKey(bytes.fromhex("44" * 32)))._signed_recall(at(recalled), told),
        )
    body = signer(tmp_path, 1)._signed_recall(at(recalled), told)
    with pytest.raises(capture.HubError, match="no such recall"):
        take(recalled, body, nonce=2)
    take(recalled, body)
    with pytest.raises(recall.RecallSigned):
        take(recalled, body | {"salt": "0x" + "00" * 32})


def test_a_line_of_the_clients_journal_that_was_cut_off_is_passed_over(recalled, tmp_path):
    client = signer(tmp_path, 1)
    client.journal.with_suffix(".recalls").write_text('{"nonce": 1, "recall"')
    body = client._signed_recall(at(recalled), asked(recalled))
    assert client._signed_recall(at(recalled), asked(recalled)) == body


@pytest.mark.parametrize(
    "bend",
    [
        {"firstSeq": 0}, {"firstSeq": 1.5}, {"records": []}, {"records": [1]}, {"summary": 5}, {"signature": "0x12"},
        {"previousHead": "0x00"}, {"records": [{"payload": {}, "salt": "0x"}]},
    ],
)  # fmt: skip
def test_a_malformed_submission_says_what_is_wrong(alone, tmp_path, bend):
    body = signer(tmp_path, 1)._signed(at(alone)) | bend
    with pytest.raises(capture.HubError) as refused:
        hand_in(alone, body)
    assert refused.value.status in (400, 413, 422)


def test_the_client_signs_nothing_that_is_not_epcis(alone, tmp_path):
    told = at(alone)
    told["waiting"][0]["event"]["eventTime"] = "yesterday"
    with pytest.raises(SignerStopped, match="eventTime"):
        signer(tmp_path, 1)._signed(told)


def test_the_hub_does_not_take_submissions_for_members_it_signs_for(growers, tmp_path):
    growers.grow("A1")
    told = at(growers) | {"waiting": [{"context": epcis.CONTEXT, "schemaVersion": "2.0", "event": _event()}]}
    with pytest.raises(submissions.HubSigns):
        hand_in(growers, signer(tmp_path, 1)._signed(told))


def _event() -> dict:
    return {
        "type": "ObjectEvent",
        "eventTime": "2026-11-24T06:40:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "storing",
        "epcList": ["urn:epc:id:sgtin:0614141.107346.2017"],
    }


def test_a_strict_members_odd_record_is_refused_with_all_that_was_signed_beside_it(alone, tmp_path):
    with alone.session() as session:
        session.get_one(Organization, alone.organization.id).strict = True
    odd = _event() | {"eventTime": "2099-11-24T06:40:00+08:00"}
    told = at(alone)
    told["waiting"].append({"context": epcis.CONTEXT, "schemaVersion": "2.0", "event": odd})
    with pytest.raises(verdicts.OddEvent) as refused:
        hand_in(alone, signer(tmp_path, 1)._signed(told))
    assert refused.value.faults[0].path == "records[2].payload.event"
    assert at(alone)["seq"] == 0


def test_only_a_role_that_captures_may_hand_records_in(alone, tmp_path):
    body = json.dumps(signer(tmp_path, 1)._signed(at(alone))).encode()
    guard = builder.actor(alone.organization, Role.AUDITOR)
    with pytest.raises(capture.HubError, match="role"), db.session(guard.who) as session:
        submissions.submit(session, guard, body)


@pytest.fixture
def held(clean, keys_of_the_hub, node) -> Farm:
    """A farm whose key the hub holds, with a lot that is on the chain, and a harvest that waits to be sealed."""
    made = farm()
    with made.session() as session:
        lot = records.plant(session, made.item, "B1", records.Scene(made.field, MORNING))
        lot_id = lot.id
    run_to_the_end()
    with made.session() as session:
        goods = records.Goods(session.get_one(Lot, lot_id), made.item, Decimal(5))
        records.harvest(session, goods, records.Scene(made.field, MORNING))
    return made


def changed(farm_: Farm, key: PrivateKey = OWN) -> int:
    """The farm asks to sign by a key of its own, and the keeper looks once."""
    boss = builder.actor(farm_.organization, Role.ADMINISTRATOR)
    with db.session(boss.who) as session:
        joining.change_address(session, boss, "0x" + streams.address(key.public_key).hex())
    with db.hub_session() as session:
        return joining.enrol(session)


def judged(farm_: Farm) -> list[bundle.Check]:
    """What somebody who takes the farm's records away finds."""
    with farm_.session() as session:
        lines = list(verification.make_bundle(session, "farm").lines())
    return list(bundle.verify(bundle.read(lines), anchoring.ledger()))


def test_a_member_takes_its_key_over_and_everything_signed_before_and_after_is_valid(node, held, tmp_path):
    assert changed(held) == 1
    run_to_the_end()
    first, own = anchoring.ledger().member(1).keys
    assert first.hub_held and first.to_block and not own.hub_held and not own.to_block
    assert len(at(held)["waiting"]) == 1  # the hub signs it no more
    hand_in(held, signer(tmp_path, 1)._signed(at(held)))
    run_to_the_end()
    assert anchoring.ledger().head_of(1).seq == 2 and at(held)["waiting"] == []
    node.ask("anvil_mine", "0x3")
    found = judged(held)
    assert [str(check) for check in found if not check.good] == []
    (whose,) = [check for check in found if check.code == "V7"]
    assert whose.outcome is Outcome.HUB_ATTESTED and whose.values["count"] == 1  # what the hub signed stays its word


def test_a_key_is_not_changed_while_something_it_signed_is_on_its_way(node, alone, tmp_path):
    other = PrivateKey(bytes.fromhex("44" * 32))
    hand_in(alone, signer(tmp_path, 1)._signed(at(alone)))
    assert changed(alone, other) == 0
    run_to_the_end()
    with db.hub_session() as session:
        assert joining.enrol(session) == 1
    run_to_the_end()
    assert anchoring.ledger().head_of(1).seq == 2
    with alone.session() as session:
        records.plant(session, alone.item, "B2", records.Scene(alone.field, MORNING))
    with pytest.raises(submissions.WrongSigner):
        hand_in(alone, signer(tmp_path, 1)._signed(at(alone)))
    (tmp_path / "other").mkdir()
    hand_in(alone, signer(tmp_path / "other", 1, other)._signed(at(alone)))
    run_to_the_end()
    assert anchoring.ledger().head_of(1).seq == 3


def test_what_is_captured_while_the_key_changes_waits_for_the_new_one_and_stops_nobody(node, held, tmp_path):
    changed(held)
    with db.hub_session() as session:  # as a request leaves it that had begun before the change
        session.execute(text("update event set salt = :s, commitment = :s where seq is null"), {"s": b"x" * 32})
    run_to_the_end()
    assert len(at(held)["waiting"]) == 1
    hand_in(held, signer(tmp_path, 1)._signed(at(held)))
    run_to_the_end()
    assert anchoring.ledger().head_of(1).seq == 2


def test_a_chain_that_forgot_the_change_is_told_again_in_the_same_order(node, held, tmp_path):
    copy = node.ask("evm_snapshot")
    changed(held)
    run_to_the_end()
    hand_in(held, signer(tmp_path, 1)._signed(at(held)))
    run_to_the_end()
    node.ask("evm_revert", copy)
    assert [key.hub_held for key in anchoring.ledger().member(1).keys] == [True]
    with db.hub_session() as session:
        assert anchoring.watch(session) > 0
    run_to_the_end()
    first, own = anchoring.ledger().member(1).keys
    assert first.to_block and not own.hub_held and anchoring.ledger().head_of(1).seq == 2
