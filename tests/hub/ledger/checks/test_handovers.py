"""Two sides of a hand-over are compared as the goods they speak of, and nothing that is stored ends an audit."""

import json
import secrets
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from chain_node.facts import Head, Key
from hub import db
from hub.gs1 import digital_link, epcis, jcs, reading
from hub.ledger.audit import bundle, verification
from hub.ledger.audit.verdict import verify_lot
from hub.ledger.checks import completeness, content, handovers, registration
from hub.ledger.checks.evidence import Record, Signed
from hub.ledger.checks.findings import Outcome
from hub.ledger.checks.signatures import Sentences, Signatures
from hub.ledger.formats import lots, streams
from hub.ledger.log import anchoring
from hub.models.trace import Event
from hub.trace import journey
from tests.conftest import CHECKOUT
from tests.hub.growers import run_to_the_end

URN = "urn:epc:class:lgtin:6901234.000001.QI-1"
LINK = digital_link.canonical(URN)
SENT_ON = datetime(2026, 11, 20, tzinfo=UTC)
SOON, LATE = (int((SENT_ON + timedelta(days=days)).timestamp()) for days in (1, 60))


def record(event, member=1, seq=1):
    """A record with its leaf, as it stands in a bundle."""
    payload, salt = epcis.payload(epcis.Submitted(epcis.CONTEXT, event)), secrets.token_bytes(32)
    return Record(member, seq, streams.commitment(payload, salt), payload, salt), secrets.token_bytes(32)


def told(step, **more):
    return {
        "type": "ObjectEvent",
        "eventTime": "2026-11-20T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": step,
        **more,
    }


def received(sending, member=2, seq=1, **goods):
    return record(told("receiving", **goods) | {"furrow:handoverOf": "0x" + sending[1].hex()}, member, seq)


def lot(amount=None, unit=None, name=LINK):
    return {
        "epcClass": name,
        **({} if amount is None else {"quantity": amount}),
        **({} if unit is None else {"uom": unit}),
    }


def some(*elements):
    return {"quantityList": list(elements)}


def outcomes(*records, at=SOON, of=""):
    return [check.outcome for check in handovers.judge(list(records), at, of)]


SERIALS = [f"urn:epc:id:sgtin:6901234.000001.{serial}" for serial in (1, 2)]
UNITS = [f"urn:epc:id:sscc:6901234.000000000{serial}" for serial in (1, 2)]


@pytest.mark.parametrize(
    ("sent", "got", "alike"),
    [
        (some(lot(10, "KGM")), some(lot(10, "KGM")), True),
        (some(lot(10, "KGM", URN)), some(lot(10, "KGM")), True),
        (some(lot(10, "KGM")), some(lot(10, "H87")), False),
        (some(lot(4, "KGM"), lot(6, "KGM")), some(lot(10, "KGM")), True),
        ({"epcList": SERIALS}, {"epcList": SERIALS[:1]}, False),
        ({"epcList": SERIALS}, {"epcList": [digital_link.canonical(one) for one in SERIALS]}, True),
        ({"epcList": UNITS[:1]}, {"epcList": UNITS[1:]}, False),
        ({"epcList": UNITS[:1], **some(lot(10))}, some(lot(10)), False),
        ({"childQuantityList": [lot(10)]}, {"childQuantityList": [lot(3)]}, False),
        (some(lot(10)), {"childQuantityList": [lot(10)]}, True),
        (some(lot(1, "KGM")), some(lot(1000, "GRM")), True),
        (some(lot(1.25, "TNE")), some(lot(1250, "KGM")), True),
        (some(lot(0.1, "KGM"), lot(0.2, "KGM")), some(lot(0.3, "KGM")), True),
        (some(lot(1, "KGM")), some(lot(1001, "GRM")), False),
        (some(lot(2, "DZN")), some(lot(24)), True),
        (some(lot(10)), some(lot(10, "EA")), True),
        (some(lot(10, "XBX")), some(lot(10, "KGM")), False),
        (some(lot(10, "XBX")), some(lot(10, "XBX")), True),
        (some(lot()), some(lot()), True),
        (some(lot(10, "KGM")), some(lot()), False),
        (some(lot(10), lot(0, name="urn:x:2")), some(lot(10)), True),
    ],
)
def test_both_sides_are_compared_as_the_goods_they_speak_of(sent, got, alike):
    sending = record(told("shipping", **sent))
    expected = Outcome.VALID if alike else Outcome.DISPUTED
    assert outcomes(sending, received(sending, **got)) == [expected]


def test_what_differs_is_said_with_its_unit_where_that_differs():
    for sent, got, said in (
        (lot(10, "KGM"), lot(10, "H87"), "QI-1 10 KGM → 10 H87"),
        (lot(10, "KGM"), lot(9500, "GRM"), "QI-1 10 → 9.5"),
        (lot(1_000_000.5, "KGM"), lot(1_000_000, "KGM"), "QI-1 1000000.5 → 1000000"),
    ):
        sending = record(told("shipping", **some(sent)))
        (found,) = handovers.judge([sending, received(sending, **some(got))], SOON)
        assert found.values["difference"] == said


def test_all_that_names_a_sending_counts_together():
    sending = record(told("shipping", epcList=UNITS[:1], **some(lot(10))))

    def part(amount, member, seq):
        return received(sending, member, seq, epcList=UNITS[:1], **some(lot(amount)))

    assert outcomes(sending, part(4, 2, 1), part(6, 2, 2)) == [Outcome.VALID]
    assert outcomes(sending, part(10, 2, 1), part(10, 3, 2)) == [Outcome.DISPUTED]
    assert outcomes(sending, part(4, 2, 1)) == [Outcome.DISPUTED]
    whole = record(told("shipping", epcList=UNITS[:1]))
    twice = [received(whole, 2, seq, epcList=UNITS[:1]) for seq in (1, 2)]
    assert outcomes(whole, *twice) == [Outcome.DISPUTED]


def test_of_one_lot_only_what_both_say_of_it_is_compared():
    sending = record(told("shipping", **some(lot(4), lot(6), lot(7, name="urn:x:2"))))
    got = received(sending, **some(lot(10, name=URN), lot(5, name="urn:x:2")))
    assert outcomes(sending, got, of=LINK) == [Outcome.VALID]
    assert outcomes(sending, got, of="urn:x:2") == [Outcome.DISPUTED]


@pytest.mark.parametrize(
    "step",
    [
        "shipping",
        "https://ref.gs1.org/cbv/BizStep-shipping",
        "urn:epcglobal:cbv:bizstep:shipping",
        "cbv:BizStep-shipping",
    ],
)
def test_a_shipping_step_is_seen_in_every_form_it_is_written_in(step):
    sending = record(told(step, **some(lot(10))))
    assert outcomes(sending, at=SOON) == [Outcome.VALID]
    assert outcomes(sending, at=LATE) == [Outcome.DISPUTED]


@pytest.mark.parametrize("named", ["xyz", 5, None, ["0x"], {}, "0x12", "0x", "", "0x" + "g" * 64])
def test_a_receipt_of_no_record_is_a_finding_about_that_receipt(named):
    sending = record(told("shipping", **some(lot(10))))
    unsealed = (record(told("shipping", **some(lot(10))), 1, 2)[0], b"")
    wrong = record(told("receiving", **some(lot(10))) | {"furrow:handoverOf": named}, 2, 7)
    found = handovers.judge([sending, unsealed, wrong], SOON)
    assert [(check.outcome, check.values["member"], check.values["seq"]) for check in found] == [
        (Outcome.DISPUTED, 2, 7),
        (Outcome.VALID, 1, 1),
        (Outcome.VALID, 1, 2),
    ]


WRONG = {"errorDeclaration": {"declarationTime": "2026-11-21T00:00:00Z", "reason": "incorrect_data"}}


def test_e14_what_its_author_declared_an_error_is_no_sending_any_more():
    goods = some(lot(10))
    sending, declared = record(told("shipping", **goods)), record(told("shipping", **goods) | WRONG, 1, 2)
    assert outcomes(declared, at=LATE) == []
    assert outcomes(sending, declared, at=LATE) == []
    assert outcomes(sending, declared, received(sending, **goods), at=LATE) == [Outcome.DISPUTED]


def test_anothers_declaration_strikes_nothing_out():
    goods = some(lot(10))
    sending, rivals = record(told("shipping", **goods)), record(told("shipping", **goods) | WRONG, 3, 1)
    assert outcomes(sending, rivals, received(sending, **goods), at=LATE) == [Outcome.VALID]
    assert outcomes(sending, rivals, at=LATE) == [Outcome.DISPUTED]


def test_e14_what_corrects_a_sending_stands_in_its_place():
    wrong = told("shipping", eventID="urn:uuid:1", **some(lot(12)))
    right = told("shipping", eventID="urn:uuid:2", **some(lot(10)))
    declaration = {"errorDeclaration": WRONG["errorDeclaration"] | {"correctiveEventIDs": ["urn:uuid:2"]}}
    sending, corrected = record(wrong), record(right, 1, 3)
    declared, got = record(wrong | declaration, 1, 2), received(sending, **some(lot(10)))
    assert outcomes(sending, declared, corrected, got, at=LATE) == [Outcome.VALID]
    assert outcomes(sending, declared, received(sending, **some(lot(10))), at=LATE) == [Outcome.DISPUTED]


# Nothing that is stored may end a check

NAMES = st.sampled_from(
    """type eventTime bizStep eventID ilmd errorDeclaration epcList childEPCs parentID inputEPCList outputEPCList
    quantityList childQuantityList inputQuantityList outputQuantityList sourceList destinationList readPoint
    bizLocation sensorElementList furrow:handoverOf furrow:test furrow:protection furrow:inputLots @context
    epcClass quantity uom id source destination sensorReport furrow:lotSalt correctiveEventIDs furrow:results
    furrow:limit furrow:found meanValue furrow:substanceEn""".split()
)
WORDS = st.sampled_from(
    [
        "ObjectEvent", "TransformationEvent", "shipping", "receiving", "commissioning", "urn:furrow:bizstep:growing",
        "2026-11-20T08:00:00+08:00", "0001-01-01T00:00:00+14:00", "2026-11-20T08:00:00", LINK, URN, SERIALS[0],
        "http://[", "urn:epc:id:pgln:6901234.00001.5", "0x" + "01" * 32, "KGM", "owning_party",
        "https://id.gs1.org/414/\0",
    ]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=6),
    max_leaves=20,
)
WHOLE = {
    **told("shipping"), **some(lot(10, "KGM")), "ilmd": {"furrow:lotSalt": "0x" + "01" * 32},
    "furrow:handoverOf": "0x" + "02" * 32,
    "sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4}]}],
    "furrow:test": {
        "furrow:laboratory": "L", "furrow:report": "1", "furrow:standard": "S",
        "furrow:results": [{"furrow:substanceZh": "x", "furrow:substanceEn": "x", "furrow:limit": 1}],
    },
    "destinationList": [{"type": "location", "destination": "urn:epc:id:sgln:6901234.00001.0"}],
}  # fmt: skip
EVENTS = JSON | st.dictionaries(NAMES, JSON, max_size=6).map(lambda changed: WHOLE | changed)
PAYLOADS = (
    EVENTS.map(lambda event: jcs.canonical({"context": epcis.CONTEXT, "event": event}))
    | JSON.map(jcs.canonical)
    | st.binary(max_size=20)
)


def linked(records, head):
    """V4 of some records of the first member."""
    judged = completeness.Links(head, bytes(32), 1)
    for one in records:
        judged.take(one)
    return judged.findings()


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.lists(PAYLOADS, min_size=1, max_size=3), st.binary(max_size=33))
def test_no_stored_payload_raises_in_any_check(payloads, odd):
    key = Key(bytes(20), 1, 0, False)
    said = streams.Submission(1, 1, len(payloads), odd, bytes(32), bytes(32))
    sentence = streams.summary([("", "", "")] * len(payloads), "0" * 32)
    for salt in (bytes(32), odd, None):
        records = [
            Record(1, seq, streams.commitment(payload, bytes(32)), payload, salt)
            for seq, payload in enumerate(payloads, 1)
        ]
        odd_ones = [Record(1, one.seq, odd, one.payload, salt) for one in records]
        found = content.judge(records) + content.judge(odd_ones)
        for head in (Head(len(records), bytes(32)), Head(1, odd)):
            found += linked(records, head) + linked(odd_ones, head)
        for one in records:
            check = registration.lot(one, None)
            found += [check] if check else []
        sealed = [(one, bytes([2]) * 32) for one in records]
        found += handovers.judge(sealed, LATE) + handovers.judge(sealed, LATE, LINK)
        signed = [Signed(said, odd, sentence), Signed(said, bytes(65), None)]
        domain, sentences = streams.Domain(1, bytes(20)), Sentences(signed)
        for one in records:
            sentences.take(one)
        head = Head(len(records), bytes(32))
        found += Signatures(1, signed, [key], domain).findings(range(1, head.seq + 1), sentences.untrue)
        assert all(str(check) for check in found)
        assert all(reading.summary_line(one.event) for one in records if one.event is not None)


@given(PAYLOADS)
@settings(max_examples=100)
def test_what_nobody_can_read_is_a_finding_about_that_record(payload):
    one = Record(3, 7, streams.commitment(payload, bytes(32)), payload, bytes(32))
    (found,) = content.judge([one])
    sound = reading.event_of(payload) is not None and not reading.unreadable(one.event)
    assert (found.outcome is Outcome.VALID) == sound
    assert sound or (found.values["member"], found.values["seq"]) == (3, 7)


def test_what_may_be_captured_can_be_read():
    for event in (told("shipping", **some(lot(10, "KGM"))), WHOLE | {"action": "ADD"}):
        assert not epcis.validate(epcis.Submitted(epcis.CONTEXT, event))
        assert not reading.unreadable(event)
    odd = told("shipping") | {"type": "ex:Odd", "quantityList": 5, "epcList": "x"}
    assert reading.objects(odd) == [("epc", "x")]


@pytest.mark.parametrize("salt", ["xyz", 5, None, "0x12", ["0x"]])
def test_a_lot_that_cannot_be_read_is_a_finding_about_the_record_that_begins_it(salt):
    one, _ = record(told("commissioning", **some(lot(10))) | {"ilmd": {"furrow:lotSalt": salt}}, 3, 7)
    found = registration.lot(one, None)
    assert found.outcome is Outcome.DISPUTED and found.values == {"member": 3, "seq": 7}
    assert lots.begun(one.event, one.commitment) is None


@pytest.fixture
def altered(node, growers):
    """A sealed lot of which somebody with the database's password changes a record as he likes."""
    growers.grow("A1")
    run_to_the_end()
    node.ask("anvil_mine", "0x3")

    def put(payload: bytes, salt: bytes = bytes(32)) -> None:
        with db.hub_session() as session:
            session.execute(text("update event set payload = :p, salt = :s where seq = 2"), {"p": payload, "s": salt})

    return growers, put


def test_no_altered_record_ends_an_audit_or_breaks_the_shoppers_page(altered):
    growers, put = altered
    link = digital_link.lot_link(growers.item.gtin, "A1")

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(PAYLOADS, st.sampled_from([b"", bytes(31), bytes(32)]))
    def whatever(payload, salt):
        put(payload, salt)
        with db.public_session() as session:
            events = verification.events_of(session, link)
            way = journey.of(session, link, events=events)
            assert [way.tests, way.protections, way.environment, way.path, way.harvested_on, way.inputs]
            verdict = verify_lot(session, None, link, events)
        assert ("V3", Outcome.ALTERED) in {(check.code, check.outcome) for check in verdict.checks}
        with db.session(db.Who(growers.organization.id)) as session:
            lines = list(verification.make_bundle(session, "auditor").lines())
        found = bundle.verify(bundle.read(lines), anchoring.ledger())
        bad = {(check.code, check.outcome) for check in found if not check.good}
        assert ("V3", Outcome.ALTERED) in bad and bad <= {
            ("V3", Outcome.ALTERED),
            ("V11", Outcome.DISPUTED),
        } | bad

    whatever()


def test_a_tampered_record_of_a_lot_does_not_stop_the_sealer(node, growers):
    growers.grow("A1")
    with db.hub_session() as session:
        session.execute(text("update event set payload = 'no event' where biz_step = 'commissioning'"))
    growers.grow("A2", days=1)
    run_to_the_end()
    with db.hub_session() as session:
        assert all(event.log_index is not None for event in session.exec(select(Event)))


@pytest.mark.parametrize(
    "bend",
    [
        {"seq": "2"}, {"seq": -1}, {"member": None}, {"commitment": 5}, {"payload": 7}, {"salt": ["0x"]},
    ],
)  # fmt: skip
def test_a_bundle_with_a_bent_line_is_refused_by_name(altered, bend):
    growers, _put = altered
    with db.session(db.Who(growers.organization.id)) as session:
        lines = list(verification.make_bundle(session, "auditor").lines())
    at = next(n for n, line in enumerate(lines) if '"record"' in line)
    lines[at] = jcs.canonical(jcs.parse(lines[at].encode()) | bend).decode()
    with pytest.raises(bundle.BundleUnreadable):
        bundle.read(lines)


BROWSER = """
const { holds } = await import(process.argv[1]);
let told = "";
for await (const part of process.stdin) told += part;
const each = JSON.parse(told).map((evidence) => holds(evidence, evidence.records[0]));
console.log(JSON.stringify(await Promise.all(each)));
"""


def test_the_browser_comes_to_the_same_verdict_on_each_record():
    texts = [
        jcs.canonical({"context": [], "event": WHOLE}),
        b'{"b":1,"a":2}',
        b'{"a":1, "b":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e999}',
        b'{"a":-0}',
        b'{"a":"\\ud800"}',
        '{"a":"\u2028é𝄞"}'.encode(),
        b"not json",
        b"[]",
        b"",
        b'{"10":1,"9":2}',
        b"[" * 64 + b"]" * 64,
        b"[" * 65 + b"]" * 65,
        b'{"__proto__":1}',
        b'{"a":0.1,"b":1e+21,"c":1e-7}',
    ]
    salt, log_id = bytes([7]) * 32, bytes([9]) * 32
    judged, told_ = [], []
    for payload in texts:
        for kept in (salt, salt[:31]):
            committed = streams.commitment(payload, salt)
            leaf = streams.leaf(log_id, 1, 1, bytes(32), committed).hex()
            found = content.judge([Record(1, 1, committed, payload, kept)])
            judged.append(all(check.outcome is not Outcome.ALTERED for check in found))
            one = {
                "member": 1,
                "seq": 1,
                "payload": payload.decode(),
                "salt": kept.hex(),
                "commitment": committed.hex(),
                "previous": bytes(32).hex(),
                "index": 0,
                "proof": [],
            }
            told_.append({"logId": log_id.hex(), "size": 1, "root": leaf, "records": [one]})
    script = ["node", "--input-type=module", "-e", BROWSER, str(CHECKOUT / "static" / "verify.js")]
    done = subprocess.run(script, input=json.dumps(told_), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == judged and True in judged
