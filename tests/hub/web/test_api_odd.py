"""Every door of the API, asked as its own description allows and forbids, by a system of each role.

What is asked is done or refused, and never fails.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from sqlmodel import col, select

from hub import access, db
from hub.access import GRANTS
from hub.app import create_app
from hub.demo import builder
from hub.gs1 import epcis
from hub.models.party import OrganizationKind, Role
from hub.models.trace import Event
from hub.models.trade import PurchaseOrder, Shipment, ShipmentLine
from hub.web import security
from tests.hub.gs1.test_epcis_schema import altered
from tests.logistics.conftest import Region, keys_of_the_hub, region

__all__ = ["keys_of_the_hub", "region"]
SENT = 5_700
"""The least that is sent here; with the forms of the house it is more than ten thousand requests."""
EACH = 20
"""Cases of a door in each manner: as it is described, and as it is not. Every role sends each."""

FEW = settings(
    max_examples=EACH, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)  # fmt: skip


@pytest.fixture
def app(region: Region) -> FastAPI:
    return create_app()


@pytest.fixture
def systems(app: FastAPI, region: Region) -> Iterator[dict[str, TestClient]]:
    """A system of each role by its key, and one without any."""
    whose = {
        Role.SUPPLIER: region.farm,
        Role.BUYER: region.chain,
        Role.STORE: region.chain,
        Role.DISPATCHER: region.haulier,
        Role.DRIVER: region.haulier,
        Role.ADMINISTRATOR: region.chain,
        Role.AUDITOR: builder.party(OrganizationKind.AUDITOR, "Qilu"),
    }
    assert whose.keys() == set(Role)
    with ExitStack() as open_ones:
        made = {"": open_ones.enter_context(TestClient(app, follow_redirects=False))}
        for role, org in whose.items():
            with db.session(db.Who(org.id)) as session:
                key = access.make_api_key(session, org.id, role.value, sorted(GRANTS[role]))
            client = TestClient(app, headers={"authorization": f"Bearer {key}"}, follow_redirects=False)
            made[role.value] = open_ones.enter_context(client)
        yield made


@pytest.fixture
def there(region: Region) -> dict[str, list[Any]]:
    """For the names of parameters and fields, values of things that are there."""
    first, _second = region.shipped(tomato=120, eggs=60), region.shipped(1)
    stops = region.stops(region.planned(publish=True))
    with db.hub_session() as session:
        orders = [row.number for row in session.exec(select(PurchaseOrder))]
        shipments = list(session.exec(select(Shipment)))
        lines = [
            str(row.id) for row in session.exec(select(ShipmentLine).where(col(ShipmentLine.shipment_id) == first.id))
        ]
        events = [row.event_id for row in session.exec(select(Event))]
        members = [session.get_one(type(org), org.id).member for org in (region.farm, region.chain, region.haulier)]
    return {
        "number": [*orders, *(row.number for row in shipments), *(row.sscc for row in shipments)],
        "stop_id": [str(stop.id) for stop in stops],
        "event_id": events,
        "member": members,
        "nonce": [0, 1, 2**63, 2**64],
        "line": lines,
        "buyer": [region.chain.gln],
        "supplier": [region.farm.gln],
        "speaker": [region.haulier.gln, region.chain.gln],
        "ship_from": [region.packhouse.gln],
        "gtin": [region.tomato.gtin, region.eggs.gtin],
        "lot": ["T-88", "E-12"],
        "rest": [f"{region.tomato.gtin}/10/T-88", region.tomato.gtin],
        "quantity": [1, "0.000001", 1e308, "1e30", "NaN", "-0"],
        "received_by": ["Wang", "\0"],
        "q": ["%", "\0", "T"],
        "job_id": [str(UUID(int=0))],
        "at": ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", region.at.isoformat()],
        "week": ["2026-11-23", "9999-12-27", "0001-01-01"],
        "deliver_on": ["9999-12-31", "0001-01-01", "2026-11-25"],
        "since": ["2026-11-01", "0001-01-01"],
        "checkpoint": [0, 1, 2**80],
        "lines": [[]],
        "weeks": [[]],
    }


def put(draw: st.DrawFn, value: Any, there: dict[str, list[Any]], often: int = 2) -> Any:
    """A value with some of what stands under known names replaced by something that is there."""
    if isinstance(value, list):
        return [put(draw, one, there, often) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: draw(st.sampled_from(there[name]))
        if name in there and draw(st.integers(0, often))
        else put(draw, one, there, often)
        for name, one in value.items()
    }


CONTEXT = [*epcis.CONTEXT, {"ex": "urn:ex:"}]
DOCUMENTS = st.lists(altered(), min_size=1, max_size=3).map(
    lambda events: {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-24T09:00:00Z",
        "epcisBody": {"eventList": events},
    }
)
RAW = {
    "/epcis/capture": DOCUMENTS,
    "/epcis/events/validate": DOCUMENTS,
    "/epcis/events": altered().map(lambda event: {"@context": CONTEXT, **event}),
    "/api/ledger/streams/{member}/submissions": altered().map(
        lambda event: {
            "firstSeq": 1,
            "previousHead": "0x" + "00" * 32,
            "summary": "1 record #" + "0" * 32,
            "signature": "0x" + "11" * 65,
            "records": [
                {
                    "payload": {"context": epcis.CONTEXT, "schemaVersion": "2.0", "event": event},
                    "salt": "0x" + "22" * 32,
                }
            ],
        }
    ),
}
"""Bodies that are read as they were sent, and so stand in no description."""


@st.composite
def requests(draw: st.DrawFn, door: Any, mode: GenerationMode, there: dict[str, list[Any]]) -> dict[str, Any]:
    """One request to a door: what its description draws, some of it about things that are there."""
    case = draw(door.as_strategy(generation_mode=mode))
    case.path_parameters, case.query = put(draw, case.path_parameters, there, 4), put(draw, case.query, there)
    told = case.as_transport_kwargs(base_url="http://testserver")
    headers = {
        name: value.encode("latin-1", "replace")
        for name, value in told["headers"].items()
        if name.islower() or name == "Content-Type"
    }
    content = told.get("data")
    if "json" in told:
        content = json.dumps(put(draw, told["json"], there)).encode()
    if door.path in RAW and told["method"] == "POST":
        content, headers = json.dumps(draw(RAW[door.path])).encode(), {"content-type": "application/json"}
    if not isinstance(content, bytes | str | None):
        content = json.dumps(content, default=str).encode()
    return {
        "method": told["method"],
        "url": told["url"],
        "params": told["params"],
        "headers": headers,
        "content": content,
    }


def test_no_door_of_the_api_fails(app: FastAPI, systems: dict[str, TestClient], there: dict[str, list[Any]]) -> None:
    doors = [one.ok() for one in schemathesis.openapi.from_dict(app.openapi()).get_all_operations()]
    assert len(doors) > 25
    sent, answers, failed = 0, Counter[int](), dict[str, Any]()

    def ask(door: Any, told: dict[str, Any]) -> None:
        nonlocal sent
        app.state.guesses = security.Guesses()
        for who, client in systems.items():
            answer = client.request(**told)
            sent += 1
            answers[answer.status_code] += 1
            if answer.status_code >= 500 and answer.status_code not in (501, 503):
                failed.setdefault(door.label, (who, told, answer.text[-300:]))

    def drawn(door: Any, mode: GenerationMode) -> None:
        @FEW
        @given(requests(door, mode, there))
        def whatever(told: dict[str, Any]) -> None:
            ask(door, told)

        whatever()

    for door in doors:
        drawn(door, GenerationMode.POSITIVE)
        if door.body or door.query:
            drawn(door, GenerationMode.NEGATIVE)
    assert failed == {}
    assert sent >= SENT and answers[200] > sent / 50
