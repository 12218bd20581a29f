"""Every form of the house, sent empty, with each field missing, doubled and odd: refused or done, and never failed."""

from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

from hub.access import GRANTS
from hub.models.party import OrganizationKind, Role
from hub.web.deps import Requires
from tests import factories
from tests.hub.trace.conftest import keys_of_the_hub  # noqa: F401
from tests.hub.web.conftest import BROWSER, PASSWORD
from tests.hub.web.test_hostile import NOWHERE
from tests.hub.web.test_routes import calls, doors

pytestmark = pytest.mark.usefixtures("keys_of_the_hub")
KINDS = {
    Role.SUPPLIER: OrganizationKind.SUPPLIER, Role.BUYER: OrganizationKind.RETAILER, Role.STORE: OrganizationKind.RETAILER,
    Role.DISPATCHER: OrganizationKind.HAULIER, Role.DRIVER: OrganizationKind.HAULIER, Role.AUDITOR: OrganizationKind.AUDITOR,
    Role.ADMINISTRATOR: OrganizationKind.RETAILER,
}  # fmt: skip
ODD = ["", " ", "0", "-1", "1e400", "NaN", "９９", "x" * 5000, "\x00", "2026-02-30", "9999-12-31T23:59", "0001-01-01", NOWHERE,
       "<b>\"'&x", "=1+1", "😀\u202e", "../../etc", "[]", "{}"]  # fmt: skip


def fields(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """The names of a form's fields, those of its lines with the first line's number."""
    for name, field in model.model_fields.items():
        inner = [
            one for one in get_args(field.annotation) if isinstance(one, type) and issubclass(one, BaseModel)
        ]
        if get_origin(field.annotation) is list and inner:
            yield from fields(inner[0], f"{before}{name}.0.")
        else:
            yield before + name


def forms() -> Iterator[tuple[str, type[BaseModel], set[Role]]]:
    """Every address that reads a form: its model, and who may send it."""
    for door in doors():
        for call in calls(door.dependant):
            if getattr(call, "__qualname__", "") != "filled.<locals>.read":
                continue
            model: Any = next(
                cell.cell_contents for cell in call.__closure__ if isinstance(cell.cell_contents, type)
            )
            gates = [one for one in calls(door.dependant) if isinstance(one, Requires)]
            path = door.path
            for parameter in door.dependant.path_params:
                path = path.replace(f"{{{parameter.alias}}}", NOWHERE).replace(
                    f"{{{parameter.alias}:path}}", NOWHERE
                )
            yield (
                path,
                model,
                {role for role in Role if all(gate.permissions & GRANTS[role] for gate in gates)},
            )


@pytest.fixture
def browsers(app):
    """Somebody of each role, signed in."""
    made = {}
    for role in Role:
        org = factories.organization(KINDS[role], role.value)
        factories.person(org, role, PASSWORD, f"{role.value}@example.org")
        client = TestClient(app, headers=BROWSER, follow_redirects=False)
        client.post("/sign-in", data={"email": f"{role.value}@example.org", "password": PASSWORD})
        made[role] = client
    return made


def test_no_form_of_the_house_fails(browsers):
    sent = 0
    for path, model, roles in forms():
        names = list(fields(model))
        shapes: list[list[tuple[str, str]]] = [[]]
        shapes += [[(name, "1") for name in names if name != left] for left in names]
        shapes += [[*[(name, "1") for name in names], (twice, "2")] for twice in names]
        shapes += [
            [(name, "1") for name in names if name != odd] + [(odd, value)] for odd in names for value in ODD
        ]
        for role in sorted(roles)[:1]:
            for shape in shapes:
                body: dict[str, Any] = {}
                for name, value in shape:
                    body.setdefault(name, []).append(value)
                answer = browsers[role].post(path, data=body)
                sent += 1
                assert answer.status_code < 500, (path, shape, answer.text[-500:])
    assert sent > 1500
