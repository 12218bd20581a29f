"""Every form of the house, sent empty, with each field missing, doubled and odd: refused or done, and never failed."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import BaseModel
from sqlmodel import col, select

from hub import db
from hub.access import GRANTS
from hub.demo import builder
from hub.models.inventory import Assortment
from hub.models.party import Organization, OrganizationKind, Role
from hub.models.trace import Event
from hub.models.trade import OrderLine, PurchaseOrder
from hub.web.deps import Requires
from tests.hub.growers import keys_of_the_hub  # noqa: F401
from tests.hub.web.conftest import BROWSER, PASSWORD
from tests.hub.web.test_hostile import NOWHERE
from tests.hub.web.test_routes import calls, doors, named
from tests.logistics.conftest import region

__all__ = ["region"]

pytestmark = pytest.mark.usefixtures("keys_of_the_hub")
KINDS = {
    Role.SUPPLIER: OrganizationKind.SUPPLIER,
    Role.BUYER: OrganizationKind.RETAILER, Role.STORE: OrganizationKind.RETAILER,
    Role.DISPATCHER: OrganizationKind.HAULIER, Role.DRIVER: OrganizationKind.HAULIER,
    Role.AUDITOR: OrganizationKind.AUDITOR, Role.ADMINISTRATOR: OrganizationKind.RETAILER,
}  # fmt: skip
ODD = ["", " ", "0", "-1", "1e400", "NaN", "９９", "x" * 5000, "\x00", "2026-02-30", "9999-12-31T23:59", "0001-01-01",
       NOWHERE, "<b>\"'&x", "=1+1", "😀\u202e", "../../etc", "[]", "{}"]  # fmt: skip


def fields(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """The names of a form's fields, those of its lines with the first line's number."""
    for name, field in model.model_fields.items():
        inner = [one for one in get_args(field.annotation) if isinstance(one, type) and issubclass(one, BaseModel)]
        if get_origin(field.annotation) is list and inner:
            yield from fields(inner[0], f"{before}{name}.0.")
        else:
            yield before + name


def forms(there: dict[str, str] | None = None) -> Iterator[tuple[str, type[BaseModel], set[Role]]]:
    """Every address that reads a form, about nothing or about what is ``there``: its model, and who may send it."""
    for door in doors():
        for call in calls(door.dependant):
            if getattr(call, "__qualname__", "") != "filled.<locals>.read":
                continue
            model: Any = next(cell.cell_contents for cell in call.__closure__ if isinstance(cell.cell_contents, type))
            gates = [one for one in calls(door.dependant) if isinstance(one, Requires)]
            path = door.path
            for gap, name in named(path):
                path = path.replace(gap, (there or {}).get(name, NOWHERE))
            yield (
                path,
                model,
                {role for role in Role if all(gate.permissions & GRANTS[role] for gate in gates)},
            )


def signed_in(app: FastAPI, role: Role, org: Organization) -> TestClient:
    """Somebody of that role."""
    builder.person(org, role, PASSWORD, f"{role.value}@example.org")
    client = TestClient(app, headers=BROWSER, follow_redirects=False)
    client.post("/sign-in", data={"email": f"{role.value}@example.org", "password": PASSWORD})
    return client


@pytest.fixture
def browsers(app):
    """Somebody of each role, signed in."""
    return {role: signed_in(app, role, builder.party(KINDS[role], role.value)) for role in Role}


def send(client: TestClient, path: str, shape: list[tuple[str, str]]) -> Response:
    body: dict[str, Any] = {}
    for name, value in shape:
        body.setdefault(name, []).append(value)
    answer = client.post(path, data=body)
    assert answer.status_code < 500, (path, shape, answer.text[-500:])
    return answer


def test_no_form_of_the_house_fails(browsers):
    sent = 0
    for path, model, roles in forms():
        names = list(fields(model))
        shapes: list[list[tuple[str, str]]] = [[]]
        shapes += [[(name, "1") for name in names if name != left] for left in names]
        shapes += [[*[(name, "1") for name in names], (twice, "2")] for twice in names]
        shapes += [[(name, "1") for name in names if name != odd] + [(odd, value)] for odd in names for value in ODD]
        for role in sorted(roles)[:1]:
            for shape in shapes:
                send(browsers[role], path, shape)
                sent += 1
    assert sent > 2400


@pytest.fixture
def there(region):
    """What the forms are about, by the names of their addresses and fields: things that are there, sound answers."""
    shipment = region.shipped(tomato=120, eggs=60)
    plan = region.planned(publish=True)
    with db.hub_session() as session:
        order = session.exec(select(PurchaseOrder)).one()
        line = session.exec(select(OrderLine).where(col(OrderLine.order_id) == order.id)).first()
        event = session.exec(select(Event).where(col(Event.owner_id) == region.farm.id)).first()
        stocked = session.exec(select(Assortment)).first()
    stop = region.stops(plan)[0]
    return {
        "number": order.number,
        "order_id": str(order.id),
        "sscc": shipment.sscc,
        "lot_id": str(region.lots["tomato"].id),
        "event_id": str(event.id),
        "assortment_id": str(stocked.id),
        "vehicle_id": str(region.lorry.id),
        "line": str(line.id),
        "line_id": str(line.id),
        "lot": str(region.lots["tomato"].id),
        "place": str(region.packhouse.id),
        "stop": str(stop.id),
        "stop_id": str(stop.id),
        "item": str(region.tomato.id),
        "depot_id": str(region.depot.id),
        "speaker": str(region.haulier.id),
        "kind": "carrier",
        "since": "2026-11-25",
        "at": "2026-11-26T08:00",
        "received_by": "Wang",
        "answer": "confirmed",
        "dose_unit": "LTR",
        "interval_days": "3",
        "temperature": "chilled",
        "shift_start": "04:00",
        "shift_end": "14:00",
        "recall_class": "2",
        "reason_zh": "农药残留超标",
        "reason_en": "Residue above the limit",
        "celsius": "4.5",
        "deliver_on": "2026-11-25",
    }


def test_no_form_fails_about_things_that_are_there(app, region, there):
    whose = {
        OrganizationKind.SUPPLIER: region.farm,
        OrganizationKind.RETAILER: region.chain,
        OrganizationKind.HAULIER: region.haulier,
    }
    browsers = {role: signed_in(app, role, whose[KINDS[role]]) for role in Role if KINDS[role] in whose}
    found, sent = Counter(), 0
    for path, model, roles in forms(there):
        if NOWHERE in path or not roles & browsers.keys():
            continue
        names = list(fields(model))
        sound = {name: there.get(name.rpartition(".")[2], "1") for name in names}
        shapes = [list((sound | {odd: value}).items()) for odd in names for value in ODD]
        for shape in [*shapes, list(sound.items())]:
            found[send(browsers[min(roles & browsers.keys())], path, shape).status_code] += 1
            sent += 1
    assert sent > 2000 and found[303] + found[200] > 100, (sent, found)
