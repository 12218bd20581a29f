"""Every door says who may enter, and reads strictly."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts
from sqlalchemy import text
from starlette.routing import Mount

from hub.access import GRANTS
from hub.app import ROOMS, create_app
from hub.models.party import Role
from hub.web import nav
from hub.web.deps import Requires, anybody, anybody_signed_in, calls, shown_recently
from hub.web.routing import StrictRoute

OF_FASTAPI = {"/api/openapi.json"}


def named(path: str) -> Iterator[tuple[str, str]]:
    """What a route's path leaves open: how it is written there, and its name."""
    for name, kind in re.findall(r"{(\w+)(:path)?}", path):
        yield f"{{{name}{kind}}}", name


def entrances() -> list[Any]:
    """Every route of the app but static files and FastAPI's own."""
    return [
        one
        for one in iter_route_contexts(create_app().routes)
        if not isinstance(one.route, Mount) and one.path not in OF_FASTAPI
    ]


def doors() -> list[Any]:
    """Those that take requests; the others open a WebSocket."""
    return [one for one in entrances() if not isinstance(one.original_route, APIWebSocketRoute)]


def test_every_route_declares_who_may_enter():
    open_to_whom = {}
    for door in entrances():
        assert isinstance(door.original_route, APIRoute | APIWebSocketRoute), door.path
        gates = [c for c in calls(door.dependant) if isinstance(c, Requires) or c in (anybody, anybody_signed_in)]
        open_to_whom[door.path, type(door.original_route)] = gates
    assert [path for path, gates in open_to_whom.items() if not gates] == []


def test_every_route_reads_strictly():
    assert [door.path for door in doors() if not isinstance(door.original_route, StrictRoute)] == []


def test_every_room_is_named_once():
    assert len(ROOMS) == len(set(ROOMS))


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_home_and_at_most_six_links(role):
    links = nav.links(role)
    assert 1 <= len(links) <= 6 and nav.HOME[role] == links[0].path and role in nav.ROLES


@pytest.mark.parametrize(
    ("path", "under"),
    [
        ("/supplier", "/supplier"),
        ("/supplier/orders/PO-1", "/supplier/orders"),
        ("/supplierx", ""),
        ("/account", ""),
    ],
)
def test_the_link_one_is_under_is_marked(path, under):
    assert nav.current(Role.SUPPLIER, path) == under


def test_icons_of_the_navigation_are_drawn():
    from hub.settings import CHECKOUT

    sprite = (CHECKOUT / "static" / "icons.svg").read_text()
    wanted = {link.icon for links in nav.NAV.values() for link in links}
    assert [icon for icon in sorted(wanted) if f'id="i-{icon}"' not in sprite] == []


PAGES_OF = {
    "/supplier": {Role.SUPPLIER}, "/buyer": {Role.BUYER}, "/store": {Role.STORE}, "/dispatch": {Role.DISPATCHER},
    "/drive": {Role.DRIVER, Role.DISPATCHER}, "/audit": {Role.AUDITOR, Role.ADMINISTRATOR},
    "/admin": {Role.ADMINISTRATOR}, "/account": set(Role), "/sign-out": set(Role), "/settings": set(Role),
}  # fmt: skip
"""Whose pages begin with what; a dispatcher may speak for a driver."""


def test_a_page_opens_for_the_roles_it_is_made_for_and_for_no_other():
    wrong, seen = {}, set()
    for door in doors():
        begins = "/" + door.path.split("/")[1]
        if begins not in PAGES_OF:
            continue
        seen.add(begins)
        gates = [c for c in calls(door.dependant) if isinstance(c, Requires)]
        opens = {role for role in Role if all(gate.permissions & GRANTS[role] for gate in gates)}
        if opens - PAGES_OF[begins] or not opens:
            wrong[door.path] = sorted(opens)
    assert wrong == {} and seen == set(PAGES_OF)


def test_a_setting_shows_to_whom_its_page_opens_once_the_page_is_there():
    from hub.demo import builder
    from hub.models.base import uuid7
    from hub.models.party import OrganizationKind
    from tests import rows

    app, party = create_app(), rows.party(OrganizationKind.RETAILER, "Hejia")
    there = {door.path for door in doors()}
    for role in Role:
        actor = builder.actor(party, role, person=uuid7())
        for entry in nav.settings_links(app, actor):
            assert entry.path in there and entry.permissions & GRANTS[role]
    assert nav.settings_links(app, None) == []


SENSITIVE = ("/settings/people", "/settings/keys", "/account/second-step", "/supplier/lots/{lot_id}/recall")
"""What changes people, keys and second factors, and recalls: asked again after ten minutes (safety.md S7)."""


def sensitive_doors() -> list[Any]:
    """Every door that changes one of these."""
    return [
        door
        for door in doors()
        if (door.path.startswith(SENSITIVE) or "/recalls/" in door.path)
        and door.original_route.methods & {"POST", "PUT"}
    ]


def test_whoever_changes_people_keys_and_recalls_is_asked_again_after_ten_minutes():
    assert len(sensitive_doors()) > 14
    assert [door.path for door in sensitive_doors() if shown_recently not in calls(door.dependant)] == []


def test_an_old_login_is_asked_on_each_such_door_before_anything_is_looked_up(app, browser):
    from hub import db
    from hub.demo import builder
    from hub.models.party import OrganizationKind
    from tests.hub.web.conftest import PASSWORD

    for role, kind in ((Role.ADMINISTRATOR, OrganizationKind.RETAILER), (Role.SUPPLIER, OrganizationKind.SUPPLIER)):
        builder.person(builder.party(kind), role, PASSWORD, f"{role}@example.org")
        browser.cookies.clear()
        assert browser.post("/sign-in", data={"email": f"{role}@example.org", "password": PASSWORD}).status_code == 303
        with db.hub_session() as session:
            session.execute(text("update login set auth_at = auth_at - interval '11 minutes'"))
        for door in sensitive_doors():
            gates = [c for c in calls(door.dependant) if isinstance(c, Requires)]
            if not all(gate.permissions & GRANTS[role] for gate in gates) or door.path.startswith("/api"):
                continue
            path = door.path
            for gap, _name in named(path):
                path = path.replace(gap, "0190a5d0-0000-7000-8000-000000000000")
            answer = browser.post(path, data={"reason_en": "glass", "roles": ["buyer", "store"]})
            assert answer.status_code == 403 and "Confirm that it is you" in answer.text, path
            assert 'value="glass"' in answer.text and answer.text.count('name="roles"') == 2, path


def test_every_permission_has_its_words_where_keys_are_made():
    from hub.access import Permission
    from hub.pages.settings.accounts.keys_view import SCOPES

    assert SCOPES.keys() == set(Permission)
