"""What programs may ask is read in the hub, in both languages, and is what the routes say."""

import re

import pytest

from hub.access import Permission
from hub.demo import builder
from hub.models.party import OrganizationKind, Role
from hub.pages.api_view import api_page
from hub.web.i18n import language
from tests.hub.web.conftest import PASSWORD


@pytest.fixture
def reader(browser, clean):
    builder.person(builder.party(OrganizationKind.SUPPLIER), Role.SUPPLIER, PASSWORD, "liu@example.org", "Liu")
    browser.post("/sign-in", data={"email": "liu@example.org", "password": PASSWORD})
    return browser


@pytest.mark.parametrize("code", ["zh", "en"])
def test_every_operation_is_there_once_with_its_refusals(reader, app, code):
    told = reader.get("/help/api", headers={"accept-language": code})
    assert told.status_code == 200
    operations = [(method, path) for path, item in app.openapi()["paths"].items() for method in item]
    anchors = re.findall(r'<details class="fold" id="([^"]+)"', told.text)
    assert len(operations) > 60 and len(anchors) == len(set(anchors)) == len(operations)
    assert "<code>link-twice</code>" in told.text


def test_what_it_says_in_chinese_is_chinese(app):
    page = api_page(app.openapi(), {}, language("zh"))
    summaries = [one.summary for group in page.groups for one in group.operations]
    assert [text for text in summaries if not re.search("[\u4e00-\u9fff]", text)] == []


def test_a_body_is_unfolded_to_its_inner_members_and_limits_are_said():
    ref = {"$ref": "#/components/schemas/Line"}
    line = {
        "type": "object",
        "properties": {"gtin": {"type": "string", "maxLength": 14}, "of": ref},
        "required": ["gtin"],
    }
    told = {
        "parameters": [
            {"name": "q", "in": "query", "schema": {"type": "string", "default": "x", "pattern": "^a+$"}},
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
        ],
        "description": "What there is.\n\nMore of it.",
        "tags": ["Trade"],
        "requestBody": {
            "content": {
                "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}}
            }
        },
        "responses": {
            "201": {"description": "Successful"},
            "409": {"description": "`gone`: It ended on %(day)s.\n\n`late`: Too late, see `417`."},
        },
    }
    document = {"paths": {"/api/x/{id}": {"post": told}}, "components": {"schemas": {"Line": line}}}
    page = api_page(document, {("post", "/api/x/{id}"): frozenset({Permission.PLACE_ORDERS})}, language("en"))
    (group,) = page.groups
    (one,) = group.operations
    assert (one.method, one.path, one.summary, one.more) == ("POST", "/api/x/{id}", "What there is.", "More of it.")
    assert one.opens == "Place orders" and one.takes == "application/json"
    assert [(f.name, f.place, f.kind, f.required, f.limits) for f in one.parameters] == [
        ("q", "in the query", "string", False, "of the form ^a+$; x where it is left out"),
        ("id", "in the path", "string (uuid)", True, ""),
    ]
    assert [f.name for f in one.body][:3] == ["[].gtin", "[].of", "[].of.gtin"] and len(one.body) == 10
    assert (one.body[0].required, one.body[0].limits, one.body[1].kind) == (True, "14 characters at most", "Line")
    made, refused = one.answers
    assert made.says == "Done: something new is there." and made.refusals == []
    assert refused.refusals == [("gone", "It ended on …."), ("late", "Too late, see `417`.")]


def test_it_is_taken_away_as_a_file_by_whoever_has_signed_in_alone(reader, app):
    answer = reader.get("/help/api/openapi.json")
    assert answer.json()["paths"] == app.openapi()["paths"] and "attachment" in answer.headers["content-disposition"]
    reader.cookies.clear()
    assert reader.get("/help/api/openapi.json").status_code in (303, 401)
    assert reader.get("/help/api").status_code in (303, 401)
