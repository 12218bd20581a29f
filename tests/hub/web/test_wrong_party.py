"""Nobody sees or changes anything of another organisation through the settings, whatever number he puts in."""

import io

import pytest
from PIL import Image
from sqlalchemy import text

from hub import db
from hub.demo import builder
from hub.models.party import OrganizationKind, Role
from tests.hub.growers import keys_of_the_hub
from tests.hub.web.test_routes import doors, named
from tests.supermarket import signed_in

__all__ = ["keys_of_the_hub"]
TABLES = (
    "place", "trade_item", "assortment", "certificate", "price", "supply_terms", "membership", "api_key", "invitation",
    "partner_invitation", "trade_relation", "document", "upload", "organization", "person",
    "destination", "answer_time", "second_person",
)  # fmt: skip
WORDS = (
    "Hejia",
    "禾家",
    "Qinghe",
    "清河",
    "lin@example.org",
    "wang@example.org",
    "weighbridge",
    "CN-1",
    "6901234000016",
)
"""What would show on a page that told of them."""


def picture() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(drawn, "PNG")
    return drawn.getvalue()


@pytest.fixture
def market(clean, keys_of_the_hub):
    """A chain and its supplier, with something of everything that is kept in the settings."""
    chain = builder.party(OrganizationKind.RETAILER, "Hejia", "禾家")
    farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe", "清河")
    auditor = builder.party(OrganizationKind.AUDITOR, "Qinghe audits")
    builder.relation(chain, farm)
    builder.relation(chain, auditor)
    wang = signed_in(farm, Role.ADMINISTRATOR, "wang@example.org")
    gao = signed_in(chain, Role.ADMINISTRATOR, "gao@example.org")
    kept = [
        (wang, "items", {"gtin": "6901234000016", "name_zh": "番茄", "category": "vegetables", "unit": "KGM",
                         "price": "4", "temperature": "chilled", "shelf_life_days": "8", "case_quantity": "10"}),
        (wang, "places", {"name_zh": "清河七号棚", "kind": "farm", "latitude": "36.8", "longitude": "117.4"}),
        (wang, "prices", {"gtin": "6901234000016", "buyer": chain.gln, "price": "5", "valid_from": "2026-01-01"}),
        (wang, "terms", {"buyer": chain.gln, "lead_days": "2"}),
        (wang, "certificates", {"number": "CN-1", "kind": "gap", "name_zh": "清河认证", "issuer": "中检",
                                "valid_from": "2026-01-01"}),
        (gao, "places", {"name_zh": "禾家历下店", "kind": "store", "latitude": "36.6", "longitude": "117.0"}),
        (gao, "assortment", {"gtin": "6901234000016", "core_code": "T-1"}),
        (gao, "answer-times", {"supplier": farm.gln, "hours": "3"}),
        (wang, "second-person", {"person": "wang@example.org", "hours_before": "2"}),
        (gao, "people", {"email": "lin@example.org", "roles": "buyer"}),
        (gao, "keys", {"name": "weighbridge", "scopes": "audit", "days": "30"}),
        (gao, "partners", {"kind": "supplier", "name": "Hejia's next"}),
    ]  # fmt: skip
    for who, section, said in kept:
        files = {"file_sha256-new": ("c.png", picture())} if section == "certificates" else None
        answer = who.post(f"/settings/{section}/new", data=said, files=files)
        assert answer.status_code in (200, 303), (section, answer.status_code, answer.text[-1500:])
    sent = {"partner": str(chain.id), "url": "https://93.184.215.14/capture", "token": "of-the-weighbridge"}
    assert wang.post("/settings/destinations/new", data=sent).status_code == 303
    looked = wang.post("/settings/items/import", files={"file": ("items.csv", b"GTIN\n6901234000016")})
    assert looked.status_code in (200, 422)
    return chain, farm


def everything() -> dict[str, list[str]]:
    """All rows of these tables, to the last column."""
    with db.hub_session() as session:
        rows = {table: session.execute(text(f"select t::text from {table} t")).scalars() for table in TABLES}
        return {table: sorted(found) for table, found in rows.items()}


def numbers(table: str) -> list[str]:
    """By what one of its rows is known."""
    with db.hub_session() as session:
        column = "sha256" if table == "document" else "id"
        return [str(one) for one in session.execute(text(f"select {column} from {table} limit 1")).scalars()]


@pytest.mark.parametrize("kind", [OrganizationKind.RETAILER, OrganizationKind.SUPPLIER, OrganizationKind.AUDITOR])
def test_no_number_of_anothers_opens_or_changes_anything(market, kind):
    every = {table: numbers(table) for table in TABLES}
    assert all(every[table] for table in TABLES if table != "upload"), every
    rival = builder.party(kind, "Rival")
    role = Role.AUDITOR if kind is OrganizationKind.AUDITOR else Role.ADMINISTRATOR
    builder.person(rival, Role.ADMINISTRATOR, "a long enough password", "boss@example.net")
    browser = signed_in(rival, role, "ma@example.net")
    before, tried = everything(), set()
    for door in doors():
        gaps = [(gap, name) for gap, name in named(door.path) if name.endswith("_id") or name == "sha256"]
        if not door.path.startswith("/settings") or not gaps:
            continue
        for number in {number for found in every.values() for number in found}:
            path = door.path
            for gap, _ in gaps:
                path = path.replace(gap, number)
            for gap, _ in named(path):
                path = path.replace(gap, "xlsx")
            for method in door.original_route.methods:
                answer = browser.request(method, path, data={"roles": "administrator"} if method == "POST" else None)
                told = answer.text + answer.headers.get("location", "")
                assert answer.status_code in (303, 403, 404, 422), (method, path, answer.status_code)
                assert not [word for word in WORDS if word in told], (method, path)
                tried.add(door.path)
    assert len(tried) > 20, tried
    after = everything()
    assert {table: rows for table, rows in after.items() if rows != before[table]} == {}


def test_no_list_export_or_search_of_the_settings_tells_of_another(market):
    for kind in (OrganizationKind.RETAILER, OrganizationKind.SUPPLIER):
        rival = builder.party(kind, f"Rival {kind.value}")
        browser = signed_in(rival, Role.ADMINISTRATOR, f"ma@{kind.value}.example.net")
        paths = [door.path for door in doors() if door.path.startswith("/settings") and not list(named(door.path))]
        paths += [
            "/find?q=qinghe",
            "/find?q=690123400001",
            "/settings/items/export.csv",
            "/settings/places/export.xlsx",
        ]
        opened = 0
        for path in paths:
            answer = browser.get(path)
            opened += answer.status_code == 200
            assert answer.status_code < 500 and not [word for word in WORDS if word in answer.text], path
        assert opened > 12


@pytest.mark.parametrize(
    ("kind", "role"), [(OrganizationKind.RETAILER, Role.BUYER), (OrganizationKind.SUPPLIER, Role.SUPPLIER)]
)
def test_no_page_list_or_export_of_the_trade_tells_of_another(market, kind, role):
    known = {"{gln}": market[1].gln, "{gtin}": "06901234000016", "{number}": "PO-1"}
    browser = signed_in(builder.party(kind, "Rival"), role, "ma@example.net")
    opened = refused = 0
    for door in doors():
        gaps = [gap for gap, _ in named(door.path)]
        if not door.path.startswith(f"/{role}") or "GET" not in door.original_route.methods or set(gaps) - set(known):
            continue
        path = door.path
        for gap in gaps:
            path = path.replace(gap, known[gap])
        answer = browser.get(path)
        told = answer.text.replace(known["{gtin}"], "")  # what one asked for is said again
        assert answer.status_code in ((404,) if gaps else (200, 422)), (path, answer.status_code)
        assert not [word for word in WORDS if word in told], path
        opened, refused = opened + (answer.status_code == 200), refused + bool(gaps)
    assert opened > 6 and refused > 1
