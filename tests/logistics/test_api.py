"""A driver's app, a thermometer and a store's own system speak to the hub by API key."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from hub import access, db
from hub.access import Permission
from hub.app import create_app
from hub.demo import builder
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind
from logistics.models import Excursion, Reading, Receipt
from tests.logistics.conftest import Region, seen_by
from tests.supermarket import Supermarket

Open = Callable[..., TestClient]


@pytest.fixture
def system(region: Region) -> Iterator[Open]:
    """An organisation's own system."""
    opened = []

    def open_one(org: Organization, *scopes: Permission) -> TestClient:
        with db.session(db.Who(org.id)) as session:
            key = access.make_api_key(session, org.id, "their system", scopes)
        made = TestClient(create_app(), headers={"authorization": f"Bearer {key}"})
        made.__enter__()
        opened.append(made)
        return made

    yield open_one
    for made in opened:
        made.__exit__(None, None, None)


def tell(client: TestClient, path: str, body: Any = None, key: str = "k-1"):
    return client.post(f"/api{path}", json=body, headers={"idempotency-key": key})


@pytest.fixture
def app(region: Region, system: Open) -> TestClient:
    """The haulier's app."""
    return system(region.haulier, Permission.DRIVE, Permission.PLAN_ROUTES)


@pytest.fixture
def store(region: Region, system: Open) -> TestClient:
    """The supermarket's system."""
    return system(region.chain, Permission.RECEIVE_GOODS)


def test_a_drivers_app_reports_arrival_temperature_and_handover(region, app, store):
    shipment = region.shipped()
    (stop,) = region.stops(region.planned(publish=True))

    assert tell(app, f"/stops/{stop.id}/delivery", {"received_by": "Wang"}).json()["code"] == "not-arrived"
    at = (now() - timedelta(minutes=10)).isoformat()
    assert tell(app, f"/stops/{stop.id}/arrival").status_code == 200
    assert tell(app, f"/stops/{stop.id}/arrival", {"at": at}).json()["arrived_at"] != at
    for never in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        refused = tell(app, f"/stops/{stop.id}/temperatures", {"celsius": -79, "at": never}, never)
        assert (refused.status_code, refused.json()["errors"][0]["where"]) == (422, "body.at")
    fine = tell(app, f"/stops/{stop.id}/temperatures", {"celsius": "4.5"}, "t-1")
    assert fine.status_code == 201 and fine.json()["excursion"] is None
    for _ in range(2):
        warm = tell(app, f"/stops/{stop.id}/temperatures", {"celsius": 11.5, "at": at}, "t-2")
        assert warm.json()["excursion"] == {
            "celsius": "11.5",
            "lowest": "0",
            "highest": "8",
            "at": warm.json()["at"],
        }
    assert len(seen_by(region.chain.id, Reading)) == 2 and len(seen_by(region.chain.id, Excursion)) == 1
    assert tell(app, f"/stops/{stop.id}/delivery", {"received_by": "Wang"}).json()["received_by"] == "Wang"

    shown = store.get(f"/api/shipments/{shipment.number}").json()
    assert [one["celsius"] for one in shown["excursions"]] == ["11.5"] and shown["receipt"] is None
    (listed,) = store.get("/api/shipments", params={"deliver_on": region.day.isoformat()}).json()["shipments"]
    assert listed["stop"]["delivered_at"] and listed["deliver_to"] == region.stores[0].gln


def test_a_stores_system_counts_once_however_often_it_asks(region, store):
    shipment = region.shipped(tomato=120)
    (line,) = store.get(f"/api/shipments/{shipment.sscc}").json()["lines"]
    assert (line["gtin"], line["lot"], line["quantity"]) == (region.tomato.gtin, "T-88", "120")
    body = {"lines": [{"line": line["line"], "quantity": "110", "reason": "crushed"}]}

    answers = [tell(store, f"/shipments/{shipment.number}/receipt", body) for _ in range(3)]

    assert [a.status_code for a in answers] == [201] * 3 and len({a.text for a in answers}) == 1
    assert answers[0].json()["lines"][0] | {"line": ""} == {
        "line": "",
        "announced": "120",
        "quantity": "110",
        "concerned": "0",
        "reason": "crushed",
    }
    assert len(seen_by(region.chain.id, Receipt)) == 1
    other = tell(
        store,
        f"/shipments/{shipment.number}/receipt",
        {"lines": [{"line": line["line"], "quantity": 120}]},
        "k-2",
    )
    assert other.status_code == 409 and other.json()["code"] == "already-received"
    assert (
        tell(store, f"/shipments/{shipment.number}/receipt", body | {"note": "x"}).json()["code"]
        == "idempotency-key-reused"
    )


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"quantity": "127"}, 409, "more-than-announced"), ({"quantity": "1"}, 409, "reason-needed"),
        ({"quantity": "-5"}, 422, "invalid-input"), ({"quantity": "NaN"}, 422, "invalid-input"),
        ({"line": "00000000-0000-0000-0000-000000000000"}, 422, "invalid-input"),
    ],
)  # fmt: skip
def test_a_bad_count_gets_its_own_clear_refusal(region, store, change, status, code):
    shipment = region.shipped(tomato=120)
    (line,) = store.get(f"/api/shipments/{shipment.number}").json()["lines"]
    body = {"lines": [{"line": line["line"], "quantity": "120"} | change]}
    answer = tell(store, f"/shipments/{shipment.number}/receipt", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert seen_by(region.chain.id, Receipt) == []


def test_nobody_reads_or_writes_what_is_not_theirs(region, app, store, system):
    shipment = region.shipped()
    (stop,) = region.stops(region.planned(publish=True))
    stranger = system(Supermarket().chain, Permission.RECEIVE_GOODS, Permission.DRIVE)
    assert stranger.get(f"/api/shipments/{shipment.number}").status_code == 404
    assert stranger.get("/api/shipments").json()["shipments"] == []
    assert tell(stranger, f"/stops/{stop.id}/arrival").status_code == 404
    assert tell(store, f"/stops/{stop.id}/arrival").status_code == 403
    assert tell(app, f"/shipments/{shipment.number}/receipt", {"lines": []}).status_code == 403


def test_what_is_still_to_come_did_not_happen(region, app):
    region.shipped()
    (stop,) = region.stops(region.planned(publish=True))
    later = (now() + timedelta(hours=1)).isoformat()
    assert tell(app, f"/stops/{stop.id}/arrival", {"at": later}).status_code == 422
    with db.session(region.dispatcher.who) as session:
        assert session.exec(select(Receipt)).all() == []


def test_a_shipments_label_is_printed_by_its_parties_and_nobody_else(region, system):
    shipment = region.shipped(tomato=120)
    for party, scope in ((region.farm, Permission.ANSWER_ORDERS), (region.haulier, Permission.PLAN_ROUTES)):
        http = system(party, scope)
        paper = http.get(f"/api/shipments/{shipment.number}/label.pdf?copies=2")
        assert paper.headers["content-type"] == "application/pdf" and paper.content.startswith(b"%PDF")
        zpl = http.get(f"/api/shipments/{shipment.sscc}/label.zpl")
        # A haulier knows what it carries by its SSCC, and nothing of the lots.
        assert f"(00){shipment.sscc}" in zpl.text and ("(10)T-88" in zpl.text) == (party is region.farm)
        assert http.get(f"/api/shipments/{shipment.number}/label.pdf?copies=1000").status_code == 422
    stranger = builder.party(OrganizationKind.SUPPLIER, "Lushan")
    for kind in ("pdf", "zpl"):
        said = system(stranger, Permission.ANSWER_ORDERS).get(f"/api/shipments/{shipment.sscc}/label.{kind}")
        assert said.status_code == 404
