"""A lot's page is kept while nothing of what it is made of changes, and not a moment longer."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from markupsafe import escape
from sqlalchemy import event, text

from hub import db
from hub.app import create_app
from hub.demo import builder
from hub.gs1 import digital_link
from hub.ledger.audit import verdict
from hub.ledger.log import anchoring
from hub.models.catalogue import Certificate
from hub.models.party import Role
from hub.pages.product import kept
from hub.trace import recall, records
from tests.e2e.market import PASSWORD, Market
from tests.hub.epcis.documents import machine
from tests.hub.epcis.test_vocabularies import FIELD, capture, element, say, with_header
from tests.hub.growers import keys_of_the_hub, node, run_to_the_end
from tests.hub.web.conftest import BROWSER

__all__ = ["keys_of_the_hub", "node"]
PULSE = {
    "event", "event_key", "log_leaf", "trade_item", "lot", "recall_notice", "certificate", "document", "mandate",
    "listing_dispute", "organization", "place", "vocabulary_element",
}  # fmt: skip
"""Tables whose rows are in a page's pulse."""
BY_THE_MINUTE = {"submission", "log_tile", "log_append"}
"""Tables that the log alone writes, each row once: what is judged of them is bound by the chain, and what somebody
spoils in them is seen within the minute that a page is kept."""


@pytest.fixture
def market(clean: str, node: object) -> Market:
    """A lot that was grown, tested, packed and sent, everything of it final."""
    made = Market()
    made.lot = made.harvested()
    made.shipped()
    run_to_the_end()
    anchoring.ledger().ask("anvil_mine", "0x3")
    return made


@pytest.fixture
def shopper(market: Market, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Somebody with a phone; what the chain stores is asked for at each scan."""
    monkeypatch.setattr(verdict, "FRESH", -1.0)
    kept.pages.clear()
    with TestClient(create_app(), headers={"accept-language": "en", "accept": "text/html"}) as client:
        yield client


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How many lots were read anew, each by its number."""
    readings: list[str] = []
    read = kept.lookup.product

    def counted(session: db.Session, gtin: str, lot: str, retailer: str, maker: str) -> kept.lookup.Product:
        readings.append(lot)
        return read(session, gtin, lot, retailer, maker)

    monkeypatch.setattr(kept.lookup, "product", counted)
    return readings


def address(market: Market, part: str = "") -> str:
    return f"/product/{market.tomato.gtin}/{market.lot.number}{part}"


def test_the_same_page_is_given_again_and_read_once(shopper: TestClient, market: Market, made: list[str]) -> None:
    first = shopper.get(address(market))
    assert first.status_code == 200 and "The record is genuine, no recall" in first.text
    again = shopper.get(address(market))
    assert again.text == first.text and again.headers["etag"] == first.headers["etag"]
    assert made == [market.lot.number]
    assert shopper.get(address(market), headers={"accept-language": "zh-CN"}).text != first.text
    assert len(made) == 2
    evidence = [shopper.get(address(market, "/evidence.json")) for _ in range(2)]
    assert evidence[0].json() == evidence[1].json() and evidence[0].json()["records"] and len(made) == 3


def test_who_has_the_page_already_is_sent_nothing(shopper: TestClient, market: Market) -> None:
    first = shopper.get(address(market))
    assert first.headers["cache-control"] == "no-cache" and "set-cookie" not in first.headers
    assert "Accept-Encoding" in first.headers["vary"] and "Accept-Language" in first.headers["vary"]
    tag = first.headers["etag"]
    again = shopper.get(address(market), headers={"if-none-match": f'"x", {tag}'})
    assert again.status_code == 304 and again.content == b"" and again.headers["etag"] == tag
    plain = shopper.get(address(market), headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.text == first.text
    assert first.headers["content-encoding"] == "gzip"


CHANGES = {
    "an event": "update event set event_time = event_time where biz_step = 'commissioning'",
    "an item": "update trade_item set name_en = 'Gold'",
    "a maker": "update organization set name_en = 'Elsewhere' where kind = 'supplier'",
    "a place": "update place set name_en = 'Moon'",
    "a certificate": "update certificate set number = number",
    "a lot": "update lot set best_before = best_before",
    "a leaf": "update log_leaf set leaf = leaf",
    "a record that is gone": "delete from event_key where event_id = (select max(event_id::text)::uuid from event_key)",
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_is_written_past_all_code_is_shown_at_the_next_scan(
    shopper: TestClient, market: Market, made: list[str], what: str
) -> None:
    with db.session(market.grower.who) as session:
        paper = Certificate(
            owner_id=market.grower.organization_id, kind="organic", name_zh="有机", name_en="Organic", number="C-1",
            issuer="CQC", valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 1),
        )  # fmt: skip
        session.add(paper)
    shopper.get(address(market))
    shopper.get(address(market))
    assert len(made) == 1
    with db.hub_session() as session:
        assert session.execute(text(CHANGES[what])).rowcount
    shopper.get(address(market))
    assert len(made) == 2


def test_a_recall_and_its_end_are_shown_at_the_next_scan(shopper: TestClient, market: Market) -> None:
    assert "no recall" in shopper.get(address(market)).text
    with db.session(market.grower.who) as session:
        lot = session.get_one(type(market.lot), market.lot.id)
        notice = recall.open_recall(session, market.grower, lot, recall.Grounds(1, "农残", "Residue"), at=market.at)
    page = shopper.get(address(market))
    assert "Residue" in page.text and "The record is genuine, no recall" not in page.text
    with db.session(market.grower.who) as session:
        recall.close_recall(session, market.grower, session.get_one(type(notice), notice.id), at=market.at)
    assert "Residue" not in shopper.get(address(market)).text


def test_a_new_record_and_a_new_block_of_the_log_make_the_page_anew(
    shopper: TestClient, market: Market, made: list[str]
) -> None:
    shopper.get(address(market))
    with db.session(market.grower.who) as session:
        scene = records.Scene(market.packhouse, market.at)
        records.excursion(
            session,
            "040123450000001112",
            [(market.lot, market.tomato)],
            scene,
            records.Breach(Decimal(12), Decimal(0), Decimal(8)),
        )
    shopper.get(address(market))
    assert len(made) == 2
    run_to_the_end()
    shopper.get(address(market))
    assert len(made) == 3


def test_a_name_out_of_master_data_is_shown_apart_and_a_changed_one_at_the_next_scan(
    shopper: TestClient, market: Market, made: list[str]
) -> None:
    shed, link = "urn:epc:id:sgln:0614141.07346.0", digital_link.lot_link(market.tomato.gtin, market.lot.number)
    goods = [{"epcClass": link, "quantity": 5, "uom": "KGM"}]
    at_shed = {"readPoint": {"id": shed}, "bizStep": "packing", "epcList": [], "quantityList": goods}
    shopper.get(address(market))
    with machine(market.farm) as program:
        assert capture(program, with_header(element(FIELD, name="Field"), **at_shed)).status_code == 202
        assert "Cold store" not in shopper.get(address(market)).text and len(made) == 2
        for number, name in enumerate(("Cold store", "<b>Palace</b>")):
            say(program, element(shed, name=name))
            page = shopper.get(address(market)).text
            assert len(made) == 3 + number and page.count("No record covers this name.") == 1
            assert f"At GLN 0614141073467, which Qinghe has called “{escape(name)}” since." in page
            assert shopper.get(address(market)).text == page and len(made) == 3 + number
        say(program, element(FIELD, name="Another field"))
    shopper.get(address(market))
    assert len(made) == 4


def test_no_page_is_older_than_a_minute(
    shopper: TestClient, market: Market, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shopper.get(address(market))
    at = kept.monotonic()
    monkeypatch.setattr(kept, "monotonic", lambda: at + kept.SECONDS - 2)
    shopper.get(address(market))
    assert len(made) == 1
    monkeypatch.setattr(kept, "monotonic", lambda: at + kept.SECONDS + 1)
    shopper.get(address(market))
    assert len(made) == 2


def test_what_is_shown_to_one_is_never_shown_to_another(shopper: TestClient, market: Market, made: list[str]) -> None:
    assert shopper.get(address(market) + "?utm=secret-of-one").status_code == 200
    assert "secret-of-one" not in shopper.get(address(market)).text
    with TestClient(create_app(), headers=BROWSER) as clerk:
        builder.person(market.farm, Role.ADMINISTRATOR, PASSWORD, "zhou@example.org", "Zhou")
        clerk.post("/sign-in", data={"email": "zhou@example.org", "password": PASSWORD})
        assert "etag" not in clerk.get(address(market)).headers
    assert "Zhou" not in shopper.get(address(market)).text
    shops = [f"?r={gln}" for gln in (market.chain.gln, "6901230000011")]
    assert shopper.get(address(market) + shops[0]).text != shopper.get(address(market) + shops[1]).text


def test_while_the_chain_cannot_be_asked_nothing_is_kept(
    shopper: TestClient, market: Market, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shopper.get(address(market))

    def unreachable() -> bytes:
        raise verdict.LedgerError

    monkeypatch.setattr(kept.verdict, "stored", unreachable)
    for _ in range(2):
        assert shopper.get(address(market)).status_code == 200
    assert len(made) == 3


def test_every_table_that_a_page_reads_is_in_its_pulse_or_named_here(shopper: TestClient, market: Market) -> None:
    read: set[str] = set()

    def watch(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        read.update(re.findall(r'(?:from|join)\s+"?([a-z_]+)"?', statement, re.IGNORECASE))

    engine = db.public_engine()
    event.listen(engine, "before_cursor_execute", watch)
    try:
        assert shopper.get(address(market) + f"?r={market.chain.gln}").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", watch)
    with db.hub_session() as session:
        tables = set(session.scalars(text("select tablename from pg_tables where schemaname = 'public'")))
    assert {"event", "lot", "certificate"} <= read
    assert (read & tables) - PULSE - BY_THE_MINUTE == set()
    known = session.scalar(text("select prosrc from pg_proc where proname = 'pulse_of_lot'")) or ""
    assert [table for table in PULSE if not re.search(rf"(from|join) {table}\b", known)] == []
