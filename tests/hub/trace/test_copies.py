"""A code that is on one pack alone and is seen in two cities at once was copied: noticed, and told to its maker."""

import html
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from hub import db, health, tasks
from hub.access import Permission
from hub.app import create_app
from hub.demo import builder
from hub.gs1 import digital_link
from hub.gs1.syntax import compression
from hub.listeners import LISTENERS
from hub.messages import NoticeGiven
from hub.models.base import now
from hub.models.copies import CodeSighting, CopiedCode
from hub.models.notice import Notice
from hub.models.outbox import OutboxMessage
from hub.models.party import OrganizationKind, Role
from hub.settings import settings
from hub.trace.copies import noting, sightings
from hub.trace.copies.cities import Cities, State
from hub.trace.copies.judging import Sight, kilometres, too_far
from hub.trace.copies.noting import Noting
from tests.hub.growers import keys_of_the_hub  # noqa: F401
from tests.hub.trace import mmdb
from tests.supermarket import Supermarket, lot, signed_in, stranger

JINAN, CHENGDU, QIHE, DOUBTED = "1.2.3.4", "5.6.7.8", "9.8.7.6", "11.12.13.14"
NETWORKS = {
    "1.2.3.0/24": mmdb.city(1805753, "Jinan", "济南", 36.6683, 116.9972),
    "1.2.4.0/24": mmdb.city(1805753, "Jinan", "济南", 36.6683, 116.9972),
    "5.6.0.0/16": mmdb.city(1815286, "Chengdu", "成都", 30.6667, 104.0667),
    "9.8.0.0/16": mmdb.city(1797793, "Qihe", "齐河", 36.795, 116.7589),
    "11.0.0.0/8": mmdb.city(1, "Somewhere", "某地", 0.0, 0.0, radius=1000),
    "2400:3200::/32": mmdb.city(1808926, "Hangzhou", "杭州", 30.2936, 120.1614),
}
T0 = datetime(2026, 11, 30, 9, 20, tzinfo=UTC)


@pytest.fixture
def market(clean, keys_of_the_hub):  # noqa: F811
    made = Supermarket()
    lot(made.eggs, "E-7")
    return made


@pytest.fixture
def file(market, tmp_path, monkeypatch):
    pytest.importorskip("maxminddb")
    path = tmp_path / "cities.mmdb"
    path.write_bytes(mmdb.written(NETWORKS))
    monkeypatch.setattr(settings(), "cities_file", path)
    return path


class Street:
    """Phones everywhere, which scan codes by the clock."""

    def __init__(self):
        self.app, self.moment = create_app(), T0
        self.app.state.noting = Noting(lambda: self.moment)

    def scan(self, path, address, *, after=timedelta(), **headers):
        """A scan from an address, some time after noon; returns where it leads once it is noted."""
        self.moment = T0 + after
        with TestClient(self.app, client=(address, 1), follow_redirects=False, headers=headers) as phone:
            answer = phone.get(path)
        self.app.state.noting.settled()
        return answer


@pytest.fixture
def street(market):
    return Street()


def pack(market, serial="S1", number="E-7"):
    return f"/01/{market.eggs.gtin}{f'/10/{number}' if number else ''}/21/{serial}"


def rows(model):
    with db.hub_session() as session:
        return session.exec(select(model).order_by(model.id)).all()


MINUTES = timedelta(minutes=1)


def test_one_code_in_two_cities_within_an_hour_is_one_finding_and_one_notice(file, street, market):
    for address, after in ((JINAN, 0), (CHENGDU, 40), (JINAN, 41), (CHENGDU, 45)):
        assert street.scan(pack(market), address, after=after * MINUTES).status_code == 307
    (finding,) = rows(CopiedCode)
    assert (finding.owner_id, finding.gtin, finding.serial) == (market.farm.id, market.eggs.gtin, "S1")
    assert [place["en"] for place in finding.places] == ["Jinan", "Chengdu"] and 1300 < finding.kilometres < 1450
    (message,) = [row for row in rows(OutboxMessage) if row.type == "NoticeGiven"]
    assert message.to_org == market.farm.id
    signed_in(market.farm, Role.SUPPLIER, "li@example.org")
    with db.session(db.Who(message.to_org)) as session:
        for hear in LISTENERS[NoticeGiven]:
            hear(session, NoticeGiven.read(message.body))
    (notice,) = rows(Notice)
    assert (notice.kind, notice.address, notice.owner_id) == ("copied", "/copied-codes", market.farm.id)


def test_what_is_noted_is_city_and_hour_and_never_the_address(file, street, market):
    for after in (0, 1, 30, 50):
        street.scan(pack(market), JINAN, after=after * MINUTES)
    first, second = rows(CodeSighting)
    assert (first.city, first.name_zh, first.latitude, first.longitude) == ("1805753", "济南", 36.7, 117.0)
    assert (first.hour, first.seen_at) == (T0.replace(minute=0), T0 + 30 * MINUTES)
    assert second.hour == T0.replace(hour=10, minute=0)
    assert all(JINAN not in str(row.model_dump()) for row in (first, second))


def test_a_compressed_code_without_its_lot_is_the_same_pack(file, street, market):
    street.scan(pack(market), JINAN)
    link = digital_link.parse(digital_link.ROOT + pack(market, number=""))
    assert street.scan(compression.compress(link, ""), CHENGDU, after=MINUTES).status_code == 307
    assert len(rows(CopiedCode)) == 1


@pytest.mark.parametrize(
    ("other", "after"),
    [
        ("1.2.4.9", 5),  # the same city by another address
        (QIHE, 5),  # the town beside it
        (DOUBTED, 5),  # where the database itself is not sure
        ("9.9.9.9", 5),  # an address that it does not know
        ("10.0.0.7", 5), ("192.168.1.1", 5), ("127.0.0.1", 5), ("::1", 5), ("nobody", 5),  # nobody's in particular
        (CHENGDU, 6 * 60),  # by plane
        (CHENGDU, 5 * 24 * 60),
    ],
)  # fmt: skip
def test_what_one_pack_can_do_is_no_finding(file, street, market, other, after):
    street.scan(pack(market), JINAN)
    street.scan(pack(market), other, after=after * MINUTES)
    assert rows(CopiedCode) == []


def test_a_plane_is_faster_than_a_pack_travels_in_three_hours(file, street, market):
    street.scan(pack(market), JINAN)
    street.scan(pack(market), "2400:3200::1", after=3 * 60 * MINUTES)
    assert rows(CopiedCode) == []  # 770 km in three hours: less than 300 km/h
    street.scan(pack(market, "S2"), JINAN)
    street.scan(pack(market, "S2"), CHENGDU, after=3 * 60 * MINUTES)
    assert [finding.serial for finding in rows(CopiedCode)] == ["S2"]


def test_a_clock_that_goes_back_finds_the_same(file, street, market):
    street.scan(pack(market), JINAN, after=30 * MINUTES)
    street.scan(pack(market), CHENGDU)
    (finding,) = rows(CopiedCode)
    assert [place["en"] for place in finding.places] == ["Chengdu", "Jinan"]


def test_the_code_of_a_lot_is_on_many_packs_and_is_not_noted(file, street, market):
    for path in (f"/01/{market.eggs.gtin}/10/E-7", f"/01/{market.eggs.gtin}"):
        for address in (JINAN, CHENGDU):
            assert street.scan(path, address).status_code == 307
    assert rows(CodeSighting) == []


def test_a_code_that_nobody_makes_is_not_noted(file, street, market):
    for path in (f"/01/06901234999995/21/{n}" for n in range(3)):
        street.scan(path, JINAN)
    street.scan(pack(market, number="NO-SUCH-LOT"), JINAN)
    assert rows(CodeSighting) == []


def test_robots_and_programs_hold_no_pack(file, street, market):
    street.scan(pack(market), JINAN, **{"user-agent": "Mozilla/5.0 (compatible; Baiduspider-render/2.0)"})
    street.scan(f"{pack(market)}?linkType=linkset", JINAN)
    assert rows(CodeSighting) == []


def test_a_forged_header_says_nothing_and_a_trusted_proxys_last_word_counts(file, street, market, monkeypatch):
    street.scan(pack(market), JINAN, **{"x-forwarded-for": CHENGDU})
    assert [row.name_en for row in rows(CodeSighting)] == ["Jinan"]
    monkeypatch.setattr(settings(), "trusted_proxies", "127.0.0.1")
    settings().__dict__.pop("trusted_networks", None)
    try:
        forged = {"x-forwarded-for": f"{CHENGDU}, {JINAN}"}
        street.scan(pack(market), "127.0.0.1", after=MINUTES, **forged)
    finally:
        settings().__dict__.pop("trusted_networks", None)
    assert [row.name_en for row in rows(CodeSighting)] == ["Jinan"] and rows(CopiedCode) == []


def test_only_its_maker_sees_a_finding_and_marks_it(file, street, market):
    street.scan(pack(market), JINAN)
    street.scan(pack(market), CHENGDU, after=MINUTES)
    (finding,) = rows(CopiedCode)
    li = signed_in(market.farm, Role.SUPPLIER, "li@example.org")
    other = builder.party(OrganizationKind.SUPPLIER, "Another farm")
    wang = signed_in(other, Role.SUPPLIER, "wang@example.org")
    assert "S1" not in wang.get("/copied-codes").text
    assert wang.post(f"/copied-codes/{finding.id}").status_code == 404
    assert signed_in(market.chain, Role.BUYER, "lin@example.org").get("/copied-codes").status_code == 403
    assert rows(CopiedCode)[0].looked_at is None

    shown = html.unescape(li.get("/copied-codes").text)
    assert "Jinan" in shown and "Chengdu" in shown and "S1" in shown and "Mark as looked into" in shown
    assert "/copied-codes" in li.get("/problems").text
    assert li.post(f"/copied-codes/{finding.id}").status_code == 303
    assert "Mark as looked into" not in li.get("/copied-codes").text
    assert rows(CopiedCode)[0].looked_name


def test_what_is_seen_again_after_somebody_looked_is_another_finding(file, street, market):
    street.moment = now()
    ahead = street.moment - T0
    street.scan(pack(market), JINAN, after=ahead - 2 * MINUTES)
    street.scan(pack(market), CHENGDU, after=ahead - MINUTES)
    with db.session(market.grower.who) as session:
        sightings.looked_into(session, market.grower, rows(CopiedCode)[0].id)
    street.scan(pack(market), JINAN, after=ahead + MINUTES)
    assert len(rows(CopiedCode)) == 1  # the scan from before is known
    street.scan(pack(market), CHENGDU, after=ahead + 2 * MINUTES)
    assert [finding.looked_at is None for finding in rows(CopiedCode)] == [False, True]


def test_without_a_database_nothing_is_noted_and_the_page_says_what_is_needed(street, market, monkeypatch):
    monkeypatch.setattr(settings(), "cities_file", None)
    street.scan(pack(market), JINAN)
    assert rows(CodeSighting) == []
    li = signed_in(market.farm, Role.SUPPLIER, "li@example.org")
    assert "FURROW_CITIES_FILE" in li.get("/copied-codes").text
    assert list(health.database_of_cities()) == []


def test_a_file_that_is_not_there_or_damaged_is_named_and_one_that_comes_is_read(tmp_path, monkeypatch):
    pytest.importorskip("maxminddb")
    path = tmp_path / "cities.mmdb"
    cities = Cities(path)
    assert cities.state is State.UNREADABLE and cities.of(JINAN) is None
    path.write_bytes(b"nothing of the kind")
    assert cities.state is State.UNREADABLE
    monkeypatch.setattr(settings(), "cities_file", path)
    assert "FURROW_CITIES_FILE" in next(iter(health.database_of_cities()))
    whole = mmdb.written(NETWORKS)
    path.write_bytes(whole)
    assert cities.state is State.READY and cities.of(CHENGDU).name_zh == "成都"
    path.write_bytes(whole[:200] + bytes(len(whole) - 400) + whole[-200:])
    assert cities.of(CHENGDU) is None


def test_a_flood_is_let_go_and_never_waited_for(file, street, market, monkeypatch):
    monkeypatch.setattr(noting, "OF_AN_ADDRESS", 3)
    for n in range(6):
        street.scan(pack(market, f"X{n}"), JINAN)
    assert len(rows(CodeSighting)) == 3
    monkeypatch.setattr(noting, "A_DAY", 4)
    for n in range(3):
        street.scan(pack(market, f"Y{n}"), CHENGDU)
    assert len(rows(CodeSighting)) == 4


def test_of_one_code_so_many_cities_and_hours_are_kept(file, street, market, monkeypatch):
    monkeypatch.setattr(sightings, "MOST_OF_A_CODE", 2)
    for hour in range(4):
        street.scan(pack(market), JINAN, after=hour * 60 * MINUTES)
    assert len(rows(CodeSighting)) == 2


def test_sightings_are_forgotten_after_a_week(file, street, market):
    street.scan(pack(market), JINAN, after=now() - T0 - timedelta(days=7, minutes=1))
    street.scan(pack(market, "S2"), JINAN, after=now() - T0)
    tasks.forget_what_is_over()
    assert [row.serial for row in rows(CodeSighting)] == ["S2"]


def test_a_failure_while_noting_stops_no_later_scan(file, street, market, monkeypatch):
    keep = sightings.note
    monkeypatch.setattr(sightings, "note", lambda *_: 1 / 0)
    assert street.scan(pack(market), JINAN).status_code == 307
    monkeypatch.setattr(sightings, "note", keep)
    street.scan(pack(market), JINAN)
    assert len(rows(CodeSighting)) == 1


def test_the_shoppers_page_says_that_scans_are_noted_where_they_are(file, market, monkeypatch):
    said = "city and hour of a scan are kept for a week"
    page = f"/product/{market.eggs.gtin}/E-7"
    assert said in stranger().get(page).text
    monkeypatch.setattr(settings(), "cities_file", None)
    assert said not in stranger().get(f"{page}?r=1").text


DEGREES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
MOMENTS = st.integers(0, 10_000).map(lambda minutes: T0 + minutes * MINUTES)
SIGHTS = st.builds(lambda at, place: Sight(at, *place), MOMENTS, DEGREES)


@given(SIGHTS, SIGHTS)
def test_distance_and_judgement_are_the_same_both_ways(one, other):
    assert 0 <= kilometres(one, other) <= 20_016
    assert kilometres(one, other) == pytest.approx(kilometres(other, one), abs=1e-6)
    assert too_far(one, other) == too_far(other, one)
    assert not too_far(one, one)


def test_a_known_distance():
    jinan, chengdu = Sight(T0, 36.67, 117.0), Sight(T0, 30.67, 104.07)
    assert kilometres(jinan, chengdu) == pytest.approx(1366, abs=15)


def test_who_records_for_a_maker_is_who_is_told():
    assert sightings.READERS == (Permission.PUBLISH_EVENTS,)
