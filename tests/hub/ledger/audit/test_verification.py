"""What an auditor finds when somebody with the database's password has been at work."""

import json
import os
from datetime import date, timedelta

import psycopg
import pytest
from coincurve import PrivateKey
from sqlalchemy import text
from sqlmodel import col, select

from hub import db, keys
from hub.demo import builder
from hub.gs1 import digital_link, epcis, jcs
from hub.ledger.audit import bundle, verification
from hub.ledger.audit.verdict import verify_lot
from hub.ledger.checks import completeness, handovers, registration
from hub.ledger.checks.evidence import Record
from hub.ledger.checks.findings import Outcome, all_good
from hub.ledger.formats import lots, streams
from hub.ledger.log import anchoring, members
from hub.models.party import OrganizationKind, SigningKey
from hub.models.trace import Event
from hub.trace import capture, records
from tests.hub.growers import MORNING, farm, run_to_the_end

pytestmark = pytest.mark.usefixtures("node")


@pytest.fixture
def sealed(node, growers):
    """Three lots of a farm, sealed, anchored and final."""
    for number in range(3):
        growers.grow(f"A{number}", days=number)
    run_to_the_end()
    node.ask("anvil_mine", "0x3")
    return growers


@pytest.fixture
def auditor(sealed):
    """An auditor to whom the farm opened its books."""
    party = builder.party(OrganizationKind.AUDITOR)
    open_books(sealed, party)
    return party


def open_books(farm_, auditor_):
    builder.word(farm_.organization, auditor_, date(2026, 1, 1))


def lines(auditor_) -> list[str]:
    with db.session(db.Who(auditor_.id)) as session:
        return list(verification.make_bundle(session, "auditor").lines())


def findings(auditor_, trust=None):
    found = bundle.verify(bundle.read(lines(auditor_)), anchoring.ledger(), trust)
    return {(check.code, check.outcome) for check in found if not check.good}, found


def spoil(sql: str) -> None:
    with db.hub_session() as session:
        session.execute(text(sql))


def test_an_untouched_ledger_is_valid_and_the_hubs_word_is_called_that(auditor):
    bad, found = findings(auditor)
    assert bad == set()
    assert {c.code for c in found} == {"V1", "V2", "V3", "V4", "V5", "V6", "V7", "V11", "V13"}
    assert [c.outcome for c in found if c.code == "V7"] == [Outcome.HUB_ATTESTED]


def test_one_changed_byte_is_named(auditor):
    spoil("update event set payload = set_byte(payload, 40, 33) where seq = 3")
    bad, found = findings(auditor)
    assert ("V3", Outcome.ALTERED) in bad
    assert any("Record 3" in str(check) for check in found if check.outcome is Outcome.ALTERED)


def test_a_changed_quantity_is_named(auditor):
    spoil(
        "update event set payload = convert_to(replace(convert_from(payload, 'UTF8'), '612', '712'), 'UTF8')"
        " where seq = 2"
    )
    assert ("V3", Outcome.ALTERED) in findings(auditor)[0]


@pytest.mark.parametrize("seq", [2, 6], ids=["in the middle", "at the tail"])
@pytest.mark.parametrize("thorough", [False, True], ids=["the event", "the event and its leaf"])
def test_a_deleted_record_is_named(auditor, seq, thorough):
    spoil(f"delete from event_key where event_id in (select id from event where seq = {seq})")
    spoil(f"delete from event where seq = {seq}")
    if thorough:
        spoil(f"delete from log_leaf where seq = {seq}")
    bad, found = findings(auditor)
    assert ("V4", Outcome.MISSING) in bad
    assert any(f"records {seq} of 6" in str(check) for check in found if check.code == "V4")


WORLDS = {
    "nothing": [],
    "a hole": ["delete from event where seq = 2"],
    "a hole in the log alone": ["delete from log_leaf where seq = 2"],
    "a hole at the tail": ["delete from event where seq = 6", "delete from log_leaf where seq = 6"],
    "two holes": ["delete from event where seq = 3", "delete from log_leaf where seq in (2, 3)"],
    "all": ["delete from event", "delete from log_leaf"],
    "a doubled number for the newest": ["update event set seq = 5 where seq = 6", "delete from log_leaf where seq = 6"],
    "a doubled number for one between": ["update event set seq = 5 where seq = 3"],
    "a number nobody gave": ["update event set seq = 99 where seq = 6", "delete from log_leaf where seq = 6"],
    "a number of the log that nobody gave": ["update log_leaf set seq = 99 where seq = 4"],
    "a number of another member": ["update event set member = 2 where seq = 6", "delete from log_leaf where seq = 6"],
}


@pytest.fixture
def numbers_may_double(database):
    """Whoever owns the tables can take their rules away."""
    with psycopg.connect(os.environ["FURROW_DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("alter table event drop constraint uq_event_member_seq")
        yield
        owner.execute("truncate event cascade")
        owner.execute("alter table event add constraint uq_event_member_seq unique (member, seq)")


@pytest.mark.parametrize("world", WORLDS)
def test_going_through_a_stream_and_asking_the_index_find_the_same_numbers_missing(sealed, numbers_may_double, world):
    spoil("delete from event_key")
    for sql in WORLDS[world]:
        spoil(sql)
    head = anchoring.ledger().head_of(1)
    walked = completeness.Links(head, anchoring.ledger().deployment.log_id, 1)
    for record in verification.Held(db.Who(sealed.organization.id), 1):
        walked.take(record)
    with db.public_session() as session:
        asked = verification.numbers(session, 1)
    found = completeness.taken_away(asked, 1, head.seq)
    assert found == completeness.taken_away(walked.numbers, 1, head.seq)
    assert (found is None) == (world == "nothing")


def test_a_record_signed_by_the_hub_for_a_member_with_its_own_key_is_named(node, clean, keys_of_the_hub):
    own = PrivateKey(bytes.fromhex("33" * 32))
    alone = farm("0x" + streams.address(own.public_key).hex())
    auditor_ = builder.party(OrganizationKind.AUDITOR)
    open_books(alone, auditor_)
    with alone.session() as session:
        records.plant(session, alone.item, "B1", records.Scene(alone.field, MORNING))
        key = session.exec(select(SigningKey)).one()
    address, secret = keys.new_signing_key()
    spoil(
        f"""update signing_key set held_by = 'hub', address = '{address}',
        sealed = '{keys.seal(secret, members.cell(key))}'"""
    )
    spoil("update event set salt = decode(repeat('00', 32), 'hex')")
    with db.hub_session() as session:
        event = session.exec(select(Event)).one()
        event.commitment = streams.commitment(event.payload, event.salt)
    run_to_the_end()
    node.ask("anvil_mine", "0x3")

    bad, found = findings(auditor_)
    assert ("V6", Outcome.NOT_SIGNED) in bad
    assert anchoring.ledger().head_of(1).seq == 0  # the chain did not take it either
    assert any("are not signed by a key of that member" in str(c) for c in found)


def test_a_signature_replaced_by_another_is_named(auditor):
    spoil("update submission set signature = set_byte(signature, 5, 1)")
    assert ("V6", Outcome.NOT_SIGNED) in findings(auditor)[0]


def test_a_lot_registered_by_another_is_named(sealed, auditor):
    with db.session(db.Who(auditor.id)) as session:
        event = session.exec(select(Event).where(col(Event.biz_step) == "commissioning")).first()
    record = Record(99, 1, event.commitment, event.payload, event.salt)

    registered = anchoring.ledger().lot(lots.claimed(epcis.opened(event.payload).event, event.commitment).key)
    assert registration.lot(record, registered).outcome is Outcome.NOT_SIGNED


def test_a_stranger_gets_bare_commitments_and_still_sees_that_none_is_missing(sealed):
    stranger = builder.party(OrganizationKind.AUDITOR)
    assert not any("payload" in line for line in lines(stranger))
    bad, found = findings(stranger)
    assert bad == set() and ("V3", Outcome.WITHHELD) in {(c.code, c.outcome) for c in found}


def test_another_chain_than_the_trusted_one_is_refused(auditor):
    mine = verification.trust()
    other = bundle.Trust(mine.deployment, bytes(32))
    assert findings(auditor, other)[0] == {("V1", Outcome.ALTERED)}


def test_a_kept_checkpoint_shows_that_history_was_not_rewritten(sealed, auditor):
    size = anchoring.ledger().tree_head().size
    kept = anchoring.ledger().tree_head().root
    sealed.grow("A9", days=9)
    run_to_the_end()
    anchoring.ledger().ask("anvil_mine", "0x3")
    with db.session(db.Who(auditor.id)) as session:
        made = verification.make_bundle(session, "auditor", since=[size])
    for root, outcome in ((kept, Outcome.VALID), (bytes(32), Outcome.ALTERED)):
        trust = bundle.Trust(made.trust.deployment, made.trust.genesis_hash, ((size, root),))
        found = bundle.verify(made, anchoring.ledger(), trust)
        assert [c.outcome for c in found if c.code == "V9"] == [outcome]


def test_an_old_bundle_is_stale(auditor):
    made = bundle.read(lines(auditor))
    found = bundle.verify(made, anchoring.ledger(), now=anchoring.ledger().block("latest").time + 3600)
    assert [c.outcome for c in found if c.code == "V1"] == [Outcome.STALE]


@pytest.mark.parametrize("bend", [lambda a: a[:-1], lambda a: a[1:], lambda a: [*a[:2], "{", *a[2:]], lambda a: []])
def test_a_bundle_that_was_cut_or_bent_is_refused(auditor, bend):
    with pytest.raises(bundle.BundleUnreadable):
        bundle.read(bend(lines(auditor)))


def test_a_stream_is_read_a_part_at_a_time_and_no_record_falls_between(auditor, monkeypatch):
    whole = [line for line in lines(auditor) if '"type": "record"' in line]
    assert len(whole) == 6
    for size in (1, 2, 3, 5, 6):
        monkeypatch.setattr(verification, "_AT_A_TIME", size)
        with db.session(db.Who(auditor.id)) as session:
            made = verification.make_bundle(session, "auditor")
        told = list(made.lines())
        assert [line for line in told if '"type": "record"' in line] == whole
        assert [len(one) for one in (one.records for one in made.streams)] == [6]
        assert all_good(bundle.verify(made, anchoring.ledger()))


def test_a_bundle_that_holds_a_record_twice_is_refused_and_one_in_disorder_is_read(auditor):
    told = lines(auditor)
    record = next(line for line in told if '"type": "record"' in line)
    with pytest.raises(bundle.BundleUnreadable, match="record 1 of member 1"):
        bundle.read([*told[:-1], record, told[-1]])
    turned = [*told[:2], *reversed(told[2:-1]), told[-1]]
    assert all_good(bundle.verify(bundle.read(turned), anchoring.ledger()))


def test_what_has_no_event_id_is_taken_back_by_the_one_that_follows_from_it(sealed, auditor, node):
    lot = digital_link.lot_link(sealed.item.gtin, "A0")
    sent = {
        "type": "ObjectEvent",
        "eventTime": "2026-01-02T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "quantityList": [{"epcClass": lot, "quantity": 5}],
    }
    wrong = {"errorDeclaration": {"declarationTime": "2026-01-03T08:00:00Z", "reason": "did_not_occur"}}
    for event, outcomes in ((sent, [Outcome.DISPUTED]), (sent | wrong, [])):
        with sealed.session() as session:
            assert "eventID" not in epcis.opened(capture.record(session, event).payload).event
        run_to_the_end()
        node.ask("anvil_mine", "0x3")
        _bad, found = findings(auditor)
        assert [c.outcome for c in found if "was never received" in str(c)] == outcomes


def test_what_moves_nothing_is_found_again_where_a_receipt_names_it(sealed, auditor, node):
    lot = {"quantityList": [{"epcClass": digital_link.lot_link(sealed.item.gtin, "A0"), "quantity": 5}]}
    told = {
        "type": "ObjectEvent",
        "eventTime": "2026-11-21T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "storing",
        **lot,
    }
    with sealed.session() as session:
        stored = capture.record(session, told).id
    run_to_the_end()
    with sealed.session() as session:
        named = "0x" + session.get_one(Event, stored).leaf.hex()
        capture.record(session, told | {"bizStep": "receiving", "furrow:handoverOf": named})
    run_to_the_end()
    node.ask("anvil_mine", "0x3")
    _bad, found = findings(auditor)
    (about,) = [check for check in found if check.values.get("seq") == 8 and check.code == "V11"]
    assert about.outcome is Outcome.NO_WORD and "not sent to that member" in str(about)


def test_a_bundle_whose_state_was_bent_does_not_hold(auditor):
    told = lines(auditor)
    state = json.loads(told[1])
    at = next(iter(state["accounts"]))
    slot = next(iter(state["accounts"][at]["storage"]))
    state["accounts"][at]["storage"][slot][-1] = state["accounts"][at]["storage"][slot][-1][:-2] + "00"
    found = bundle.verify(bundle.read([told[0], json.dumps(state), *told[2:]]), anchoring.ledger())
    assert ("V2", Outcome.ALTERED) in {(c.code, c.outcome) for c in found}


def test_a_shoppers_page_judges_the_lot_and_names_what_was_altered(sealed):
    link = digital_link.lot_link(sealed.item.gtin, "A1")

    def judged():
        with db.public_session() as session:
            events = verification.events_of(session, link)
            return verify_lot(session, None, "", events)

    verdict = judged()
    assert verdict.good and verdict.final and len(verdict.evidence) == 2
    spoil("update event set payload = set_byte(payload, 40, 33) where seq = 4")
    assert (("V3", Outcome.ALTERED)) in {(c.code, c.outcome) for c in judged().checks}
    spoil("delete from event_key where event_id in (select id from event where seq = 6)")
    spoil("delete from event where seq = 6")
    assert ("V4", Outcome.MISSING) in {(c.code, c.outcome) for c in judged().checks}


def _with_another_lot(event):
    """The event, speaking of a second lot that both sides tell alike."""
    quantities = [*event["quantityList"], {"epcClass": "urn:x:2", "quantity": 7}]
    return {"context": [], "schemaVersion": "2.0", "event": event | {"quantityList": quantities}}


def test_a_hand_over_told_differently_by_the_two_sides_is_disputed(sealed):
    sent = {"bizStep": "shipping", "quantityList": [{"epcClass": "urn:x:1", "quantity": 40}]}

    def record(member, seq, event):
        whole = {"context": [], "schemaVersion": "2.0", "event": event}
        return Record(member, seq, bytes(32), jcs.canonical(whole), bytes(32))

    for counted, outcome in ((40, Outcome.VALID), (36, Outcome.DISPUTED)):
        received = {
            "furrow:handoverOf": "0x" + "01" * 32,
            "quantityList": [{"epcClass": "urn:x:1", "quantity": counted}],
        }
        found = handovers.judge([(record(1, 1, sent), b"\x01" * 32), (record(2, 1, received), b"\x02" * 32)], 0)
        assert [check.outcome for check in found] == [outcome]
    assert "1 40 → 36" in str(found[0])
    pair = [(record(1, 1, sent), b"\x01" * 32), (record(2, 1, received), b"\x02" * 32)]
    for lot, outcome in (("urn:x:1", Outcome.DISPUTED), ("urn:x:2", Outcome.VALID)):
        both = [
            (
                Record(r.member, r.seq, bytes(32), jcs.canonical(_with_another_lot(r.event)), bytes(32)),
                leaf,
            )
            for r, leaf in pair
        ]
        assert [check.outcome for check in handovers.judge(both, 0, lot)] == [outcome]


@pytest.mark.parametrize(("days", "outcome"), [(1, Outcome.VALID), (30, Outcome.DISPUTED)])
def test_goods_on_their_way_are_no_lie_and_goods_that_never_arrive_are_named(days, outcome):
    sent = {"bizStep": "shipping", "eventTime": "2026-11-20T06:40:00+08:00", "quantityList": []}
    whole = {"context": [], "schemaVersion": "2.0", "event": sent}
    record = Record(1, 1, bytes(32), jcs.canonical(whole), bytes(32))
    at = int((MORNING + timedelta(days=days)).timestamp())
    assert [check.outcome for check in handovers.judge([(record, bytes(32))], at)] == [outcome]
