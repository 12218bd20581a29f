"""What a stranger, or a key that fell into the wrong hands, may send: refused, and the hub goes on."""

import base64
import subprocess
import sys

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from hub import access, db
from hub.access import Permission
from hub.api import spoken
from hub.demo import builder
from hub.models.party import OrganizationKind
from hub.settings import CHECKOUT
from hub.web.deps import Requires, anybody_signed_in
from tests.hub.web.test_routes import calls, doors, named

DEEP = 100_000
NESTED = {
    "lists": b"[" * DEEP,
    "objects": b'{"a":' * DEEP,
    "closed": b"[" * DEEP + b"]" * DEEP,
    "after a string": b'{"a": "\\"[", "b": ' + b"[" * DEEP,
    "in a form": b"email=" + b"[" * DEEP,
    "names of a form": b".".join([b"a"] * 30_000) + b"=1",
    "many parts": b"--x\r\n" * 10_000,
}
KINDS = {
    "in a form": "application/x-www-form-urlencoded",
    "names of a form": "application/x-www-form-urlencoded",
    "many parts": "multipart/form-data; boundary=x",
}
NOWHERE = "0190a5d0-0000-7000-8000-000000000000"
BODIES = ("POST", "PUT", "PATCH", "DELETE")


def addresses() -> list[tuple[str, str, bool]]:
    """Method and path of every door that takes a body, and whether one must have signed in."""
    found = []
    for door in doors():
        assert isinstance(door.original_route, APIRoute)
        needs = [c for c in calls(door.dependant) if isinstance(c, Requires) or c is anybody_signed_in]
        path = door.path
        for gap, _name in named(path):
            path = path.replace(gap, NOWHERE)
        found += [(method, path, bool(needs)) for method in door.original_route.methods if method in BODIES]
    return found


@pytest.mark.parametrize("module", ["hub.app", "hub.worker", "hub.relay", "hub.cli", "chain_node.rpc", "hub.keys"])
def test_importing_all_of_it_leaves_pythons_recursion_limit_as_it_was(module):
    told = f"import sys, importlib; importlib.import_module('{module}'); print(sys.getrecursionlimit())"
    if module == "hub.app":
        told = "import sys; from hub.app import create_app; create_app().openapi(); print(sys.getrecursionlimit())"
    done = subprocess.run([sys.executable, "-c", told], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "1000"


def test_there_are_doors_that_take_bodies():
    assert len(addresses()) > 40 and {needs for _, _, needs in addresses()} == {True, False}


@pytest.mark.parametrize("shape", NESTED)
def test_nothing_that_is_nested_deep_breaks_any_door(app, shape):
    org = builder.party(OrganizationKind.SUPPLIER)
    with db.session(db.Who(org.id)) as session:
        key = access.make_api_key(session, org.id, "stolen", list(Permission))
    with TestClient(app, follow_redirects=False, raise_server_exceptions=True) as client:
        for method, path, needs in addresses():
            for headers in ({}, {"authorization": f"Bearer {key}"}):
                client.cookies.clear()
                kind = {"content-type": KINDS.get(shape, "application/json")}
                answer = client.request(method, path, content=NESTED[shape], headers=headers | kind)
                assert answer.status_code < 500 or answer.status_code == 501, (method, path, answer.text[:200])
                assert not needs or headers or answer.status_code in (303, 401), (method, path)


def test_a_stranger_is_turned_away_before_a_byte_of_his_is_read(app):
    def never():
        raise AssertionError("it was read")
        yield b""

    with TestClient(app, follow_redirects=False) as client:
        for method, path, needs in addresses():
            if needs:
                answer = client.request(method, path, content=never(), headers={"accept": "application/json"})
                assert answer.status_code == 401, (method, path)


def test_doors_open_to_all_read_little_but_for_the_one_that_takes_a_photo(app):
    photo = [path for _, path, needs in addresses() if path.endswith("/report") and not needs]
    assert len(photo) == 1
    with TestClient(app, follow_redirects=False) as client:
        for method, path, needs in addresses():
            if not needs:
                answer = client.request(method, path, content=b"x" * (6_400_000 if path in photo else 70_000))
                assert answer.status_code == 413, (method, path)


@pytest.mark.parametrize("deep", [b"[" * 40_000, b"[" * 60 + b"]" * 60, b'"\\"' * 9, b"1e400", b"9" * 5000])
def test_a_page_token_of_somebodys_making_is_refused_by_name(app, deep):
    org = builder.party(OrganizationKind.SUPPLIER)
    with db.session(db.Who(org.id)) as session:
        key = access.make_api_key(session, org.id, "reader", [Permission.CAPTURE_EVENTS])
    builder.place(org)
    token = base64.urlsafe_b64encode(deep).decode().rstrip("=")
    with TestClient(app) as client:
        answer = client.get(f"/epcis/events?nextPageToken={token}", headers={"authorization": f"Bearer {key}"})
    if len(token) > spoken.LONGEST_ADDRESS:
        assert answer.status_code == 414
    else:
        assert answer.status_code == 400 and answer.json()["parameter"] == "nextPageToken"
