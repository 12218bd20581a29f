"""Who may speak of a lot: its producer, who received it, whom the producer asked, an authority; nobody else."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from hub import access, db
from hub.access import Permission
from hub.app import create_app
from hub.demo import builder
from hub.errors import NotFound
from hub.gs1 import digital_link, epcis, event_hash, reading
from hub.ledger.audit import bundle, verification
from hub.ledger.audit.verdict import verify_lot
from hub.ledger.checks import handovers
from hub.ledger.checks.findings import Outcome, all_good
from hub.ledger.custody import speakers, standing
from hub.ledger.custody.standing import Told
from hub.ledger.log import anchoring
from hub.models.catalogue import Mandate, SpeaksAs
from hub.models.party import OrganizationKind, Role
from hub.models.trace import Event, EventAudience
from hub.trace import capture, journey, mandates, records
from tests.hub.growers import MORNING, Farm, farm, run_to_the_end
from tests.hub.ledger.audit.test_verification import lines, open_books

LINK = digital_link.lot_link("06901234000016", "QI-1")
GLNS = {member: (builder.gln(800 + member),) for member in range(1, 5)}
NOON = "2026-11-20T12:00:00+08:00"


def said(member, step, *, at=NOON, leaf=b"", event_id="", **more):
    """A record about the lot, or about whatever ``more`` says."""
    event = {
        "type": "ObjectEvent",
        "eventTime": at,
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": step,
        "quantityList": [{"epcClass": LINK, "quantity": 10}],
        **more,
    }
    return Told(member, 1, event, leaf, event_id or f"{member}/{step}/{at}")


def shipped(member, to, leaf, kind="owning_party", **more):
    ends = [{"type": kind, "destination": digital_link.party_link(GLNS[to][0])}]
    return said(member, "shipping", leaf=leaf, destinationList=ends, **more)


def got(member, leaf, at="2026-11-21T12:00:00+08:00"):
    return said(member, "receiving", at=at, **{"furrow:handoverOf": "0x" + leaf.hex()})


def heard(told, mandates=(), authority=lambda _member: False):
    of_it = standing.judge(LINK, [1], told, standing.Parties(GLNS, mandates, authority))
    return [one for one in told if of_it.hears(one)]


A, B = bytes([1]) * 32, bytes([2]) * 32
LATER = "2026-11-22T12:00:00+08:00"


def test_the_producer_speaks_and_a_stranger_does_not():
    mine, rivals = said(1, "inspecting"), said(3, "inspecting")
    assert heard([mine, rivals]) == [mine]


def test_who_received_it_speaks_from_then_on():
    sent, receipt, before = shipped(1, 2, A), got(2, A), said(2, "inspecting", at="2026-11-19T12:00:00+08:00")
    after, rivals = said(2, "inspecting", at=LATER), got(3, A)
    told = [sent, receipt, before, after, rivals]
    assert heard(told) == [sent, receipt, after]
    assert heard([sent, after]) == [sent]  # a shipment that nobody received hands nothing over
    assert heard([receipt, after]) == []  # nor does a receipt of what nobody sent


@pytest.mark.parametrize("kind", ["owning_party", "possessing_party", "location"])
def test_possession_moves_to_the_party_that_the_holder_names(kind):
    sent, receipt = shipped(1, 2, A, kind), got(2, A)
    assert heard([sent, receipt]) == ([sent, receipt] if kind != "location" else [sent])


def test_possession_moves_on_from_holder_to_holder_but_not_from_a_thief():
    told = [
        shipped(1, 2, A),
        got(2, A),
        shipped(2, 3, B, at=LATER),
        got(3, B, at="2026-11-23T12:00:00+08:00"),
    ]
    assert heard(told) == told
    assert heard(told[2:]) == []


def test_who_got_a_real_number_since_has_received_under_the_one_before_it():
    renumbered = standing.Parties(GLNS | {2: (builder.gln(902), *GLNS[2])})
    told = [shipped(1, 2, A), got(2, A)]
    of_it = standing.judge(LINK, [1], told, renumbered)
    assert [one for one in told if of_it.hears(one)] == told


def test_a_shipment_that_its_sender_took_back_hands_nothing_over():
    sent = shipped(1, 2, A, event_id="urn:uuid:1")
    wrong = {"errorDeclaration": {"declarationTime": LATER, "reason": "did_not_occur"}}
    taken_back = said(1, "shipping", event_id="urn:uuid:1", **wrong)
    assert heard([sent, taken_back, got(2, A)]) == [sent, taken_back]
    rivals = said(3, "shipping", event_id="urn:uuid:1", **wrong)
    receipt = got(2, A)
    assert heard([sent, rivals, receipt]) == [sent, receipt]


@pytest.mark.parametrize(
    ("kind", "step", "day", "link", "heeded"),
    [
        ("laboratory", "inspecting", date(2026, 11, 20), "", True),
        ("laboratory", "inspecting", date(2026, 11, 20), LINK, True),
        ("laboratory", "inspecting", date(2026, 11, 20), LINK + "0", False),
        ("laboratory", "inspecting", date(2026, 11, 19), "", False),
        ("laboratory", "packing", date(2026, 11, 20), "", False),
        ("carrier", "sensor_reporting", date(2026, 11, 20), "", True),
        ("carrier", "inspecting", date(2026, 11, 20), "", False),
        ("certifier", "inspecting", date(2026, 11, 20), "", True),
        ("friend", "inspecting", date(2026, 11, 20), "", False),
    ],
)
def test_whom_the_producer_asked_speaks_of_what_he_was_asked_for_in_his_time(kind, step, day, link, heeded):
    one = said(4, step)
    asked = standing.Mandate(1, 4, kind, link, date(2026, 11, 1), day)
    assert heard([one], [asked]) == ([one] if heeded else [])
    assert heard([one], [standing.Mandate(3, 4, kind, link, date(2026, 11, 1), day)]) == []


def test_an_authority_speaks_by_its_role():
    one = said(4, "inspecting")
    assert heard([one], authority=lambda member: member == 4) == [one]


def test_in_an_audit_a_strangers_record_is_no_word_and_no_finding():
    mine, receipt = shipped(1, 2, A), got(2, A)
    parent = {"parentID": "urn:epc:id:sscc:6901234.0000000001", "childQuantityList": [{"epcClass": LINK}]}
    rivals = [
        said(3, "inspecting"),
        shipped(3, 4, B),
        said(3, "packing", quantityList=[], **parent),
        said(3, "commissioning", quantityList=[], inputQuantityList=[{"epcClass": LINK}]),
        Told(3, 9, {"eventTime": NOON, "furrow:handoverOf": "0x" + A.hex()}, b"", "x"),
    ]
    for seq, one in enumerate(rivals, 1):
        one.seq = seq
    at = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())
    found = handovers.spoken([mine, receipt, *rivals], at, {LINK: [1]}, standing.Parties(GLNS))
    assert {(check.outcome, check.values["member"]) for check in found} == {
        (Outcome.VALID, 2),
        (Outcome.NO_WORD, 3),
    }
    assert len([check for check in found if check.outcome is Outcome.NO_WORD]) == len(rivals)
    assert all_good(found)

    mentions, moving = standing.Mentions(), []
    for one in (mine, receipt, *rivals):
        moving.append(one) if one.moves else mentions.add(one)
    assert len(moving) == 4
    shorter = handovers.spoken(moving, at, {LINK: [1]}, standing.Parties(GLNS), mentions)
    assert sorted(map(str, shorter)) == sorted(map(str, found))


def test_a_mention_is_kept_as_it_was_told():
    odd = {"bizStep": "storing", "epcList": [LINK, "urn:epc:id:sgtin:6901234.000001.7"], "quantityList": []}
    told = [
        Told(7, 3, {"eventTime": NOON, "bizStep": "inspecting", "quantityList": [{"epcClass": LINK}]}, A, "x"),
        Told(7, 4, {"eventTime": "0001-01-01T00:00:00-14:00", **odd}, B, ""),
        Told(8, 5, {"eventTime": "never", "epcList": [LINK]}, b"", ""),
        Told(9, 6, {}, bytes([255]) * 32, ""),
    ]
    kept = standing.Mentions()
    for one in told:
        kept.add(one)
    assert list(kept) == [(LINK, one.member, one.seq, one.step, one.moment, one.day) for one in told[:3]]
    assert kept.written_by([B, bytes([255]) * 32]) == {7, 9} and kept.written_by([bytes([3]) * 32]) == set()


# The same, on the pages


@pytest.fixture
def rival(clean, keys_of_the_hub) -> Farm:
    return farm()


def write(session, step, link="", **more):
    about = {"quantityList": [{"epcClass": link}]} if link else {}
    event = {
        "type": "ObjectEvent",
        "eventTime": (MORNING + timedelta(hours=1)).isoformat(),
        "eventTimeZoneOffset": "+00:00",
        "bizStep": step,
        **about,
        **more,
    }
    if event["type"] != "TransformationEvent":
        event["action"] = "OBSERVE"
    return capture.record(session, event, published=True)


TEST = {
    "furrow:laboratory": "Rival's", "furrow:report": "1", "furrow:standard": "none",
    "furrow:results": [
        {"furrow:substanceZh": "毒", "furrow:substanceEn": "Poison", "furrow:limit": 1, "furrow:found": 9},
    ],
}  # fmt: skip
UNIT = "urn:epc:id:sscc:6901234.0000000001"


def test_nothing_that_a_rival_writes_of_my_lot_is_shown_and_all_of_it_is_named_to_me(node, growers, rival):
    lot = growers.grow("A1")
    link = digital_link.lot_link(growers.item.gtin, "A1")
    with db.hub_session() as session:
        harvest = session.exec(select(Event).where(col(Event.biz_step) == "commissioning")).one()
        told = epcis.opened(harvest.payload)
    other = digital_link.lot_link(rival.item.gtin, "R1")
    made = {"inputQuantityList": [{"epcClass": link}], "outputQuantityList": [{"epcClass": other}]}
    stolen = {"inputQuantityList": [{"epcClass": other}], "outputQuantityList": [{"epcClass": link}]}
    with rival.session() as session:
        written = [
            write(session, "inspecting", link, **{"furrow:test": TEST}),
            capture.record(session, told.event, published=True),
            capture.record(
                session,
                told.event
                | {
                    "eventID": event_hash.event_id(told),
                    "errorDeclaration": {"declarationTime": NOON, "reason": "did_not_occur"},
                },
                published=True,
            ),
            write(
                session,
                "packing",
                type="AggregationEvent",
                parentID=UNIT,
                childQuantityList=[{"epcClass": link}],
            ),
            write(session, "packing", type="AggregationEvent", parentID=link, childEPCs=[UNIT]),
            write(session, "commissioning", type="TransformationEvent", **made),
            write(session, "commissioning", type="TransformationEvent", **stolen),
        ]
    run_to_the_end()
    node.ask("anvil_mine", "0x3")

    with db.public_session() as session:
        events = verification.events_of(session, link)
        way = journey.of(session, link)
        verdict = verify_lot(session, speakers.lot_of(session, link), link, events)
    assert [step.kind for step in way.steps] == [records.PLANTING, "commissioning"]
    assert not way.tests and not way.inputs and {e.owner_id for e in events} == {growers.organization.id}
    assert verdict.good and {one.record.member for one in verdict.evidence} == {growers.organization.member}
    with TestClient(create_app()) as shopper:
        page = shopper.get(f"/product/{growers.item.gtin}/A1").text
        evidence = shopper.get(f"/product/{growers.item.gtin}/A1/evidence.json").json()
    assert "Poison" not in page and len(evidence["records"]) == 2
    planted, harvested = evidence["records"]
    assert planted["payload"] and "withheld" not in planted
    assert harvested["withheld"] == ["quantity"] and not {"payload", "salt"} & harvested.keys()
    alone = re.compile(r"(?<![0-9a-f])612(?![0-9a-f])")  # hashes hold any digits
    assert not alone.search(page) and not alone.search(str(evidence))

    auditor = builder.party(OrganizationKind.AUDITOR)
    for one in (growers, rival):
        open_books(one, auditor)
    found = bundle.verify(bundle.read(lines(auditor)), anchoring.ledger())
    bad = [check for check in found if not check.good]  # a lot begun under a salt that is another's
    assert [(check.code, check.values["member"]) for check in bad] == [("V11", rival.organization.member)]
    strange = [check for check in found if check.outcome is Outcome.NO_WORD]
    assert len(strange) == len(written) and {c.values["member"] for c in strange} == {rival.organization.member}

    with rival.session() as session:
        kept = session.exec(select(Event).where(col(Event.owner_id) == rival.organization.id)).all()
        assert {event.id for event in kept} == {event.id for event in written}
        assert verification.events_of(session, other) == []
    with growers.session() as session:
        of_it = speakers.of_lot(session, lot, link, mine := verification.events_of(session, link, lot))
        named = speakers.others(session, lot, of_it, mine)
        assert {word.event_id for word in named} == {event.id for event in written}
        assert {(word.name_en, word.member) for word in named} == {("Qinghe", rival.organization.member)}
        assert sorted({word.step for word in named}) == ["commissioning", "inspecting", "packing"]
    with rival.session() as session:
        assert speakers.others(session, lot, of_it, []) == []


def test_a_rivals_product_is_not_said_to_be_made_of_my_lot(node, growers, rival):
    growers.grow("A1")
    mine = digital_link.lot_link(growers.item.gtin, "A1")
    foreign = "https://id.gs1.org/01/06901234000016/10/F1"
    with rival.session() as session:
        lot = records.plant(session, rival.item, "R1", records.Scene(rival.field, MORNING))
        link = digital_link.lot_link(rival.item.gtin, "R1")
        made = {
            "inputQuantityList": [{"epcClass": one} for one in (mine, foreign)],
            "outputQuantityList": [{"epcClass": link}],
        }
        write(session, "commissioning", type="TransformationEvent", **made)
    with db.public_session() as session:
        assert journey.of(session, link).inputs == [foreign]
    assert lot.owner_id == rival.organization.id


def handed_over(growers, lot, chain, store):
    """The lot goes to a chain, both sides told."""
    goods = [records.Goods(lot, growers.item, Decimal(10))]
    sscc = digital_link.sscc("6901234", 1)
    handover = records.Handover(sscc, growers.organization, chain, growers.field, store, "PO-1")
    with growers.session() as session:
        sent = records.shipping(session, goods, handover, advice_number="DN-1", at=MORNING + timedelta(hours=3))
    run_to_the_end()
    with db.hub_session() as session:
        leaf = session.get_one(Event, sent.id).leaf
    with db.session(db.Who(chain.id)) as session:
        return records.receiving(session, goods, handover, handover_of=leaf, at=MORNING + timedelta(hours=9))


def test_a_buyer_speaks_of_what_it_received(node, growers):
    chain = builder.member(builder.party(OrganizationKind.RETAILER, "Hejia"))
    store = builder.place(chain, name="Lixia")
    lot, link = growers.grow("A1"), digital_link.lot_link(growers.item.gtin, "A1")
    with db.session(db.Who(chain.id)) as session:
        write(session, "inspecting", link, **{"furrow:test": TEST})
    with db.public_session() as session:
        assert not journey.of(session, link).tests
    handed_over(growers, lot, chain, store)
    with db.session(db.Who(chain.id)) as session:
        later = write(session, "inspecting", link, eventTime=(MORNING + timedelta(hours=10)).isoformat())
    with db.public_session() as session:
        steps = [step.row.id for step in journey.of(session, link).steps]
        assert steps[-1] == later.id and len(steps) == 5
        verdict = verify_lot(session, lot, link, verification.events_of(session, link))
    assert [str(c) for c in verdict.checks if c.code == "V11" and not c.good] == []


def lab_of(growers) -> tuple:
    lab = builder.member(builder.party(OrganizationKind.SUPPLIER, "Hengce"))
    builder.relation(growers.organization, lab)
    return lab, db.Who(lab.id)


def test_a_laboratory_is_heard_once_the_producer_asked_it_and_the_producer_reads_it(node, growers):
    lab, who = lab_of(growers)
    growers.grow("A1")
    link = digital_link.lot_link(growers.item.gtin, "A1")
    day = MORNING.date()
    with growers.session() as session:
        remit = mandates.Remit(SpeaksAs.LABORATORY, day, day + timedelta(days=1), link)
        mandates.give(session, growers.actor, lab.id, remit)
    with db.session(who) as session:
        document = {"furrow:test": TEST | {"furrow:laboratory": "Hengce"}}
        event = {
            "type": "ObjectEvent",
            "eventTime": (MORNING + timedelta(hours=1)).isoformat(),
            "action": "OBSERVE",
            "eventTimeZoneOffset": "+00:00",
            "bizStep": "inspecting",
            "quantityList": [{"epcClass": link}],
            **document,
        }
        tested = capture.record(session, event)
        late = capture.record(session, event | {"eventTime": (MORNING + timedelta(days=5)).isoformat()})
        readers = session.exec(select(EventAudience).where(col(EventAudience.org_id) == growers.organization.id))
        assert {row.event_id for row in readers} == {tested.id}
    with db.public_session() as session:
        assert [one["furrow:laboratory"] for one in journey.of(session, link).tests] == ["Hengce"]
    with growers.session() as session:
        lot = speakers.lot_of(session, link)
        mine = verification.events_of(session, link, lot)
        named = speakers.others(session, lot, speakers.of_lot(session, lot, link, mine), mine)
        assert tested.id in {event.id for event in mine} and [word.event_id for word in named] == [late.id]
        given = mandates.given(session, growers.actor, link)
        mandates.end(session, growers.actor, given[0][0].id, on=day - timedelta(days=1))
    with db.public_session() as session:
        assert not journey.of(session, link).tests


def test_only_the_producer_lets_others_speak_of_its_lots(clean, keys_of_the_hub, growers, rival):
    builder.relation(growers.organization, rival.organization)
    store = builder.actor(growers.organization, Role.STORE)
    today = MORNING.date()
    with growers.session() as session:
        with pytest.raises(access.NotAllowed):
            mandates.give(session, store, rival.organization.id, mandates.Remit(SpeaksAs.CARRIER, today))
        with pytest.raises(NotFound):
            mandates.give(session, growers.actor, growers.organization.id, mandates.Remit(SpeaksAs.CARRIER, today))
        row = mandates.give(session, growers.actor, rival.organization.id, mandates.Remit(SpeaksAs.CARRIER, today))
    with rival.session() as session, pytest.raises(NotFound):
        mandates.end(session, rival.actor, row.id, on=today)
    with growers.session() as session:
        mandates.end(session, growers.actor, row.id, on=today)
        with pytest.raises(mandates.MandateOver):
            mandates.end(session, growers.actor, row.id, on=today)
        late = mandates.give(
            session, growers.actor, rival.organization.id, mandates.Remit(SpeaksAs.CARRIER, today + timedelta(days=9))
        )
        mandates.end(session, growers.actor, late.id, on=today)
        assert session.get(Mandate, late.id) is None


def test_a_suppliers_own_system_lets_others_speak(clean, keys_of_the_hub, growers, rival):
    builder.relation(growers.organization, rival.organization)
    with growers.session() as session:
        key = access.make_api_key(session, growers.organization.id, "own system", [Permission.PUBLISH_EVENTS])
    said_ = {
        "speaker": rival.organization.gln,
        "kind": "laboratory",
        "gtin": growers.item.gtin,
        "lot": "A1",
        "since": "2026-11-01",
    }
    with TestClient(create_app(), headers={"authorization": f"Bearer {key}"}) as system:
        made = system.post("/api/mandates", json=said_)
        assert made.status_code == 201, made.text
        assert made.json()["lot"] == digital_link.lot_link(growers.item.gtin, "A1")
        assert system.post("/api/mandates", json=said_ | {"lot": ""}).status_code == 422
        assert system.post("/api/mandates", json=said_ | {"speaker": builder.gln(9)}).status_code == 404
        assert [one["id"] for one in system.get("/api/mandates").json()] == [made.json()["id"]]
        assert system.delete(f"/api/mandates/{made.json()['id']}").status_code == 204


def test_a_record_that_was_altered_is_judged_whoever_wrote_it(node, growers):
    growers.grow("A1")
    link = digital_link.lot_link(growers.item.gtin, "A1")
    with db.hub_session() as session:
        harvest = session.exec(select(Event).where(col(Event.biz_step) == "commissioning")).one()
        harvest.payload = b"no event"
    with db.public_session() as session:
        events = verification.events_of(session, link)
        assert harvest.id in {event.id for event in events}
        assert reading.event_of(events[-1].payload) is None
