"""Whoever has the database's password may write what he likes into a record.

It is found, and no check, query or page fails.
"""

import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import col, select

from hub import access, db
from hub.access import Permission
from hub.app import create_app
from hub.demo import builder
from hub.gs1 import digital_link, epcis, jcs, reading
from hub.ledger.checks import content, handovers, registration
from hub.ledger.checks.evidence import Record
from hub.ledger.checks.findings import Outcome
from hub.ledger.custody import standing
from hub.ledger.formats import lots, streams
from hub.ledger.log import anchoring
from hub.models.catalogue import Lot
from hub.models.party import OrganizationKind, Role
from hub.models.trace import Event
from hub.trace import journey, records
from hub.trace.asking import queries
from tests.e2e.market import PASSWORD, Market
from tests.hub.growers import keys_of_the_hub, node, run_to_the_end
from tests.hub.web.conftest import BROWSER

__all__ = ["keys_of_the_hub", "node"]
KNOWN = """type eventTime eventTimeZoneOffset eventID recordTime bizStep disposition persistentDisposition action
    epcList childEPCs parentID inputEPCList outputEPCList quantityList childQuantityList inputQuantityList
    outputQuantityList sourceList destinationList bizTransactionList readPoint bizLocation sensorElementList ilmd
    errorDeclaration certificationInfo transformationID @context furrow:test furrow:protection furrow:area
    furrow:cases furrow:handoverOf furrow:inputLots""".split()  # fmt: skip
INNER = """id type epcClass quantity uom source destination sensorReport sensorMetadata value meanValue minValue
    maxValue exception furrow:lotSalt furrow:results furrow:limit furrow:found furrow:substanceZh furrow:substanceEn
    furrow:laboratory furrow:report furrow:standard furrow:product furrow:substance furrow:dose furrow:intervalDays
    furrow:lowest furrow:highest correctiveEventIDs set unset time cbvmda:bestBeforeDate""".split()  # fmt: skip
LINK = "https://id.gs1.org/01/06901234000016/10/"
WORDS = st.sampled_from(
    ["", "\0", LINK + "A1", LINK + "%00", LINK + "\0", "https://id.gs1.org/8004/a\0", "https://id.gs1.org/417/",
     "https://id.gs1.org/414/\0", "urn:epc:id:sgtin:1..", "urn:epc:class:lgtin:6901234.000001.\0", "http://[",
     "https://id.gs1.org/01/", "ObjectEvent", "TransformationEvent", "shipping", "receiving", "commissioning",
     "urn:furrow:bizstep:growing", "Temperature", "KGM", "possessing_party",
     "2026-11-20T08:00:00+08:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999-14:00", "2026-11-20",
     "0x" + "01" * 32, "0x01", "9" * 400]
)  # fmt: skip
NUMBERS = st.sampled_from([0, -1, 1e308, -1e308, 5e-324, 0.1, 1e21]) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=6) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KNOWN + INNER) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)
NO_JSON = st.binary(max_size=20) | st.sampled_from(
    [b"", b"null", b"[]", b"5", b'{"event":5}', b'{"event":{}}', b'{"context":5,"event":{"type":"x"}}',
     b'{"a":1,"a":1}', b"[" * 99, b'{"context":null,"event":null}', b'{"context":{},"event":[]}']
)  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*path, name)
        yield from paths(one, (*path, name))


@st.composite
def altered(draw: st.DrawFn, payloads: list[bytes]) -> bytes:
    """A payload that stood in a record, with something else in the place of some of it; or none at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(NO_JSON | JSON.map(jcs.canonical))
    whole = copy.deepcopy(jcs.parse(draw(st.sampled_from(payloads))))
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            whole["event"][draw(st.sampled_from(KNOWN))] = draw(JSON)
            continue
        *above, last = draw(st.sampled_from(list(paths(whole["event"]))))
        holder = whole["event"]
        for name in above:
            holder = holder[name]
        if draw(st.integers(0, 4)):
            holder[last] = draw(JSON)
        else:
            del holder[last]
        if not whole["event"]:
            break
    if draw(st.integers(0, 9)) == 0:
        whole["context"] = draw(JSON)
    return jcs.canonical(whole)


MANY = settings(max_examples=300, suppress_health_check=list(HealthCheck))
FEW = settings(max_examples=6, suppress_health_check=list(HealthCheck))


@pytest.fixture
def market(clean: str, node: object) -> Market:
    """A lot that was grown, tested, packed, sent and too warm on its way, everything of it final."""
    made = Market()
    lot = made.harvested()
    made.shipped()
    with db.session(made.grower.who) as session:
        records.excursion(
            session,
            "040123450000001112",
            [(lot, made.tomato)],
            records.Scene(made.packhouse, made.at),
            records.Breach(Decimal(12), Decimal(0), Decimal(8)),
        )
    run_to_the_end()
    anchoring.ledger().ask("anvil_mine", "0x3")
    return made


def stored() -> list[Event]:
    with db.hub_session() as session:
        return list(session.exec(select(Event).order_by(col(Event.id))))


def test_no_altered_record_raises_in_a_check_a_query_or_on_the_way_of_its_lot(market: Market) -> None:
    events = stored()
    payloads = [event.payload for event in events]
    link = digital_link.lot_link(market.tomato.gtin, "T-88")
    late = int(market.at.timestamp()) + 10**7
    assert len(payloads) >= 7

    @MANY
    @given(st.lists(altered(payloads), min_size=1, max_size=3))
    def whatever(payloads: list[bytes]) -> None:
        stood = [
            Record(1 + place % 2, place, streams.commitment(payload, bytes(32)), payload, bytes(32))
            for place, payload in enumerate([*payloads, events[-1].payload], 1)
        ]
        found = content.judge(stood)
        leaves = [(one, bytes([one.seq]) * 32) for one in stood]
        told = handovers.sayings(leaves)
        mandates = [standing.Mandate(1, 2, "laboratory", link, market.at.date())]
        found += handovers.judge(leaves, late) + handovers.judge(leaves, 0, link, {1: market.farm.gln})
        found += handovers.spoken(told, late, {link: [1]}, standing.Parties({1: (market.farm.gln,)}, mandates))
        for one in stood:
            found += [check] if (check := registration.lot(one, None)) else []
            assert one.event is None or (reading.summary_line(one.event) and lots.link_of(one.event) is not None)
        assert all(str(check) for check in found)
        rows = [
            Event(**event.model_dump() | {"payload": payload}) for event, payload in zip(events, payloads, strict=False)
        ]
        for row in rows:
            try:
                assert queries.in_document(row) and queries.shown(row, translated=False)
            except queries.Unreadable:
                assert reading.event_of(row.payload or b"") is None
        with db.public_session() as session:
            for retailer in (None, "", market.chain.gln):
                way = journey.of(session, link, retailer=retailer, events=rows)
                assert [way.tests, way.protections, way.environment, way.path, way.harvested_on, way.inputs]

    whatever()


@pytest.fixture
def asked(market: Market) -> Any:
    """Asks for every page and answer that tells of the lot's records, as those who may see it."""
    app = create_app()
    with db.hub_session() as session:
        lot = session.exec(select(Lot).where(col(Lot.number) == "T-88")).one()
    oversight = builder.party(OrganizationKind.AUDITOR, "Qilu")
    builder.relation(market.farm, oversight)
    clients: dict[Role | str, TestClient] = {}
    for role, org in (
        (Role.SUPPLIER, market.farm),
        (Role.BUYER, market.chain),
        (Role.AUDITOR, oversight),
        (Role.ADMINISTRATOR, market.chain),
    ):
        email = f"{role.value}@altered.example"
        builder.person(org, role, PASSWORD, email)
        clients[role] = TestClient(app, headers=BROWSER, follow_redirects=False)
        assert clients[role].post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303
    with db.session(db.Who(market.farm.id)) as session:
        key = access.make_api_key(session, market.farm.id, "own system", list(Permission))
    clients["system"] = TestClient(app, headers={"authorization": f"Bearer {key}"})
    clients["shopper"] = TestClient(app, headers=BROWSER)
    shop = f"/product/{market.tomato.gtin}/T-88"
    wanted = {
        "shopper": [
            shop,
            f"{shop}?r={market.chain.gln}",
            f"{shop}/evidence.json",
            f"{shop}/evidence.json?r={market.chain.gln}",
        ],
        "system": [
            "/epcis/events",
            "/epcis/events?perPage=3",
            *(f"/epcis/events/{quote(event.event_id, safe='')}" for event in stored()),
            "/api/ledger/bundle",
            f"/api/ledger/streams/{market.farm.member or 1}",
        ],
        Role.SUPPLIER: [
            "/supplier",
            "/supplier/today.csv",
            "/supplier/lots",
            f"/supplier/lots/{lot.id}",
            "/supplier/records",
            "/supplier/orders",
        ],
        Role.BUYER: ["/buyer", "/buyer/stock", "/buyer/orders"],
        Role.AUDITOR: ["/audit", "/audit/checks", "/audit/streams", "/audit/bundle"],
        Role.ADMINISTRATOR: ["/admin"],
    }

    def every() -> dict[str, str]:
        told = {}
        for who, addresses in wanted.items():
            for address in addresses:
                answer = clients[who].get(address)
                assert answer.status_code < 500, (who, address, answer.text[-2000:])
                told[address] = answer.text
        return told

    return every


def test_no_page_fails_whatever_is_stored_in_a_record(market: Market, asked: Any) -> None:
    events = stored()
    payloads = [event.payload for event in events]
    before = asked()
    assert "T-88" in before[f"/product/{market.tomato.gtin}/T-88"]

    @FEW
    @given(st.lists(st.tuples(st.integers(0, len(events) - 1), altered(payloads)), min_size=2, max_size=8))
    def whatever(changes: list[tuple[int, bytes]]) -> None:
        put(dict(zip((event.id for event in events), payloads, strict=True)) | {events[n].id: p for n, p in changes})
        asked()

    whatever()


def put(payloads: dict[Any, bytes]) -> None:
    """Store each payload under an event, as somebody with the database's password does."""
    with db.hub_session() as session:
        for one, payload in payloads.items():
            session.execute(text("update event set payload = :p where id = :id"), {"p": payload, "id": one})


def test_a_record_that_is_no_event_any_more_hides_no_other(market: Market, asked: Any) -> None:
    events = stored()
    gone = events[2]
    put({gone.id: b"null"})
    told = asked()
    listed = jcs.parse(told["/epcis/events"].encode())["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert len(listed) == len(events) - 1
    assert jcs.parse(told[f"/epcis/events/{quote(gone.event_id, safe='')}"].encode())["code"] == "event-unreadable"
    with db.session(db.Who(market.farm.id)) as session:
        row = session.get_one(Event, gone.id)
        (found,) = content.judge([Record(row.member, row.seq, row.commitment, row.payload, row.salt)])
    assert found.outcome is Outcome.ALTERED


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, [None], [{}], {"id": 5}, [[]], "\0", True])
def test_an_event_is_answered_as_far_as_it_can_be_read(name: str, odd: Any) -> None:
    event = {
        "type": "ObjectEvent",
        "eventTime": "2026-11-20T08:00:00+08:00",
        "epcList": ["urn:epc:id:sscc:4012345.0000000111"],
        name: odd,
    }
    row = Event(event_id="urn:x:1", payload=epcis.payload(epcis.Submitted(epcis.CONTEXT, event)))
    told = queries.in_document(row)
    if name not in ("eventID", "@context", "recordTime"):
        assert told[name] == odd
    assert name == "epcList" or told["epcList"] == ["https://id.gs1.org/00/040123450000001112"]
