"""On a lot's page its producer lets others speak of it, and reads who wrote about it without being asked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import col, select

from hub import db
from hub.demo import builder
from hub.gs1 import digital_link
from hub.models.base import now
from hub.models.catalogue import Mandate
from hub.models.party import OrganizationKind, PlaceKind, Role
from hub.trace import capture, records
from tests import supermarket

TEST = {
    "furrow:laboratory": "Nowhere", "furrow:report": "1", "furrow:standard": "none",
    "furrow:results": [
        {"furrow:substanceZh": "毒", "furrow:substanceEn": "Poison", "furrow:limit": 1, "furrow:found": 9},
    ],
}  # fmt: skip


@pytest.fixture
def lot(trade):
    field = builder.place(trade.farm, PlaceKind.FARM, "Field 8")
    with db.session(trade.grower.who) as session:
        made = records.plant(session, trade.tomato, "T-88", records.Scene(field, trade.at - timedelta(days=40)))
        records.harvest(session, records.Goods(made, trade.tomato, Decimal(100)), records.Scene(field, trade.at))
        return made


@pytest.fixture
def rival(trade):
    return builder.member(builder.party(OrganizationKind.SUPPLIER, "Rival"))


@pytest.fixture
def grower(trade):
    with supermarket.signed_in(trade.farm, Role.SUPPLIER) as client:
        yield client


def inspected(who, link, **more):
    event = {
        "type": "ObjectEvent",
        "eventTime": now().isoformat(timespec="seconds"),
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "bizStep": "inspecting",
        "quantityList": [{"epcClass": link}],
        **more,
    }
    with db.session(db.Who(who.id)) as session:
        return capture.record(session, event)


def test_who_wrote_about_a_lot_without_being_asked_is_named_to_its_producer(trade, lot, rival, grower):
    link = digital_link.lot_link(trade.tomato.gtin, lot.number)
    inspected(rival, link, **{"furrow:test": TEST})
    page = grower.get(f"/supplier/lots/{lot.id}").text
    assert "What others wrote about it" in page and "Rival" in page and "Nowhere" not in page
    builder.relation(trade.farm, rival)
    made = grower.post(
        f"/supplier/lots/{lot.id}/mandates",
        data={"speaker": str(rival.id), "kind": "laboratory", "since": str(now().date() - timedelta(days=1))},
    )
    assert made.status_code == 303, made.text
    page = grower.get(f"/supplier/lots/{lot.id}").text
    assert "What others wrote about it" not in page and "End today" in page
    with db.hub_session() as session:
        (row,) = session.exec(select(Mandate)).all()
        assert (row.owner_id, row.speaker_id, row.link) == (trade.farm.id, rival.id, link)
    ended = grower.post(f"/supplier/lots/{lot.id}/mandates/{row.id}/end")
    assert ended.status_code == 303, ended.text
    assert "End today" not in grower.get(f"/supplier/lots/{lot.id}").text


def test_a_mandate_that_ends_before_it_begins_is_said_beside_the_field(trade, lot, rival, grower):
    builder.relation(trade.farm, rival)
    said = {"speaker": str(rival.id), "kind": "carrier", "since": "2026-11-20", "until": "2026-11-19"}
    refused = grower.post(f"/supplier/lots/{lot.id}/mandates", data=said)
    assert refused.status_code == 422 and "This ends before it begins." in refused.text
    with db.hub_session() as session:
        assert not session.exec(select(Mandate).where(col(Mandate.owner_id) == trade.farm.id)).all()
