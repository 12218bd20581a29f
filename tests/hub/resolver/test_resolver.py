"""The resolver over HTTP, D4 to D11, with the entries and answers of GS1's own Community Edition."""

import json
from datetime import timedelta

import jsonschema_rs
import pytest
from sqlalchemy import event, text
from sqlmodel import select

from hub import db
from hub.demo import builder
from hub.gs1 import digital_link
from hub.gs1.syntax import identifiers
from hub.models.base import now
from hub.models.catalogue import Lot, RecallNotice
from hub.models.party import OrganizationKind, Role
from hub.models.resolver import ResolverLink
from hub.registry.links import Links
from hub.resolver import kept
from hub.resolver.types import LINK_TYPES
from tests.hub.resolver.conftest import GLN, GTIN, SAMPLES, entries
from tests.supermarket import signed_in

EXPECTED = json.loads((SAMPLES / "expected.json").read_bytes())["cases"]
LINKSET = "application/linkset+json"
CERTIFICATES = "/10/L1?linktype=gs1:certificationInfo"
PAGES = "https://dalgiardino.com/medicinal-compound"
DESCRIPTION = {
    "type": "object",
    "required": ["resolverRoot", "supportedPrimaryKeys"],
    "properties": {
        "resolverRoot": {"type": "string"},
        "supportedPrimaryKeys": {"type": "array", "items": {"enum": [
            "all", "01", "8006", "8013", "8010", "410", "411", "412", "413", "414", "415", "417", "8017", "8018",
            "255", "00", "253", "401", "402", "8003", "8004"]}},
        "supportedLinkType": {"type": "array", "items": {"properties": {
            "namespace": {"type": "string"}, "prefix": {"type": "string", "pattern": "^[a-zA-Z_][A-Za-z0-9_-]*?:$"}}}},
        "linkTypeDefaultCanBeLinkset": {"type": "boolean"},
        "contact": {"type": "object", "properties": {"fn": {"type": "string"}}},
        "jsonLdContextLocation": {"type": "string"},
    },
}  # fmt: skip
"""The rules of GS1's description-file-schema 1.2.0, by its field names."""
_WEB = r"^https?://[a-zA-Z0-9./]+"
LINKS = {
    "type": "array",
    "items": {
        "required": ["href", "title"],
        "additionalProperties": False,
        "properties": {
            "href": {"type": "string", "pattern": _WEB},
            "title": {"type": "string"},
            "type": {"type": "string", "pattern": r"\w+/[-+.\w]+"},
            "hreflang": {"type": "array", "items": {"type": "string", "pattern": r"^\w{2}(-\w{2})?$"}},
            "context": {"type": "array"},
        },
    },
}
RULES_OF_LINKSETS = {
    "type": "object",
    "required": ["linkset"],
    "additionalProperties": False,
    "properties": {"linkset": {"type": "array", "items": {
        "type": "object",
        "required": ["anchor", "itemDescription"],
        "additionalProperties": False,
        "properties": {"anchor": {"type": "string", "pattern": _WEB}, "itemDescription": {"type": "string"}},
        "patternProperties": {r"^https?://[a-zA-Z0-9./]+$": LINKS},
    }}},
}  # fmt: skip
"""The rules of GS1's linkset-schema, by its field names; it has two more of a link, which nobody says here."""


@pytest.fixture
def asked(app):
    """Every question that shoppers' sessions ask the database, with its values."""
    said = []
    listen = lambda *call: said.append(call[2:4])  # noqa: E731
    event.listen(db.public_engine(), "before_cursor_execute", listen)
    yield said
    event.remove(db.public_engine(), "before_cursor_execute", listen)


@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case["get"])
def test_d4_what_gs1s_own_resolver_answers_is_answered_here(scan, dal_giardino, case):
    answer = scan.get(case["get"])
    assert answer.status_code == case["status"]
    assert answer.headers.get("location") == case.get("location")


def test_d4_a_link_type_leads_there_and_one_that_is_absent_is_404_never_the_default(scan, dal_giardino):
    asked = f"/01/{GTIN}?linkType=gs1:registerProduct"
    led = scan.get(asked, headers={"accept-language": "en-US,en;q=0.5"})
    assert (led.status_code, led.headers["location"]) == (307, f"{PAGES}/register.html?register=en-US")
    assert scan.get(asked, headers={"accept-language": "fr"}).headers["location"].endswith("register=non-English")
    absent = scan.get(f"/01/{GTIN}?linkType=gs1:recipeInfo", headers={"accept": "application/json"})
    assert absent.status_code == 404 and absent.json()["code"] == "no-such-link"


def test_d4_several_links_that_fit_equally_well_are_listed(scan, dal_giardino):
    answer = scan.get(f"/01/{GTIN}{CERTIFICATES}")
    assert answer.status_code == 300 and answer.headers["content-type"] == LINKSET
    found = answer.json()["linkset"][0]
    assert found["anchor"].endswith(f"/01/{GTIN}/10/L1")
    assert [link["href"] for link in found["https://gs1.org/voc/certificationInfo"]] == [
        f"{PAGES}/certificate_{number}?lot=L1" for number in (1, 2, 3)
    ]


def test_d5_all_links_are_one_linkset_however_it_is_asked_for(scan, dal_giardino):
    ways = [
        scan.get(f"/01/{GTIN}?linkType=linkset"),
        scan.get(f"/01/{GTIN}?linkType=all"),
        scan.get(f"/01/{GTIN}", headers={"accept": LINKSET}),
    ]
    assert {answer.status_code for answer in ways} == {200} and len({answer.text for answer in ways}) == 1
    assert ways[0].headers["content-type"] == LINKSET
    assert 'rel="http://www.w3.org/ns/json-ld#context"' in ways[0].headers["link"]
    (whole,) = ways[0].json()["linkset"]
    assert whole["anchor"].startswith("http") and whole["anchor"].endswith(f"/01/{GTIN}")
    assert whole["https://gs1.org/voc/defaultLink"][0]["href"] == f"{PAGES}/pil.html"
    assert len(whole["https://gs1.org/voc/registerProduct"]) == 4
    for name, links in whole.items():
        if name.startswith("https://"):
            assert all(link["href"].startswith("https://") for link in links)
            assert all(set(link) <= {"href", "title", "type", "hreflang", "context"} for link in links)
    assert scan.get("/01/09506000164908?linkType=linkset").status_code == 404


@pytest.mark.parametrize(
    ("code", "status"), [("?linkType=linkset", 200), ("/10/L1/21/S1?linkType=linkset", 200), (CERTIFICATES, 300)]
)
def test_d5_a_linkset_keeps_the_rules_of_gs1s_schema(scan, system, dal_giardino, code, status):
    untitled = {"about": GTIN, "link_type": "gs1:recipeInfo", "href": "https://maker.example/"}
    assert system.post("/resolver/links", json=untitled).status_code == 201
    rules = jsonschema_rs.validator_for(RULES_OF_LINKSETS)
    answer = scan.get(f"/01/{GTIN}{code}")
    assert answer.status_code == status
    rules.validate(answer.json())
    assert not rules.is_valid({"linkset": [{"anchor": "/01/1", "itemDescription": ""}]})


def test_d6_the_resolver_says_what_it_is(scan):
    answer = scan.get("/.well-known/gs1resolver")
    assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "*"
    jsonschema_rs.validator_for(DESCRIPTION).validate(answer.json())
    assert set(answer.json()["supportedPrimaryKeys"]) == set(identifiers.primary_keys())


def test_d8_a_lot_without_links_of_its_own_leads_where_its_item_does(scan, system, maker):
    told = {"about": GTIN, "link_type": "gs1:recipeInfo", "href": "https://maker.example/recipes"}
    assert system.post("/resolver/links", json=told).status_code == 201
    answer = scan.get(f"/01/{GTIN}/10/L1/21/S1?linkType=gs1:recipeInfo")
    assert answer.headers["location"] == "https://maker.example/recipes"


def test_d9_a_million_serials_of_one_item_are_no_more_work_than_one(scan, system, asked):
    """One question for a scan, found by its index, however many links the item's serials have."""
    told = {"about": f"/01/{GTIN}/21/S1", "href": "https://maker.example/one", "is_default": "yes"}
    assert system.post("/resolver/links", json=told).status_code == 201
    with db.hub_session() as session:
        session.execute(
            text(
                "insert into resolver_link (id, owner_id, created_at, via, about, path, anchor, link_type, href, title,"
                " media_type, languages, contexts, is_default, valid_from) select gen_random_uuid(), owner_id,"
                " created_at, via, anchor || '/21/N' || n, anchor || '/21/N' || n, anchor, link_type, href || n, title,"
                " media_type, languages, contexts, is_default, valid_from"
                " from resolver_link, generate_series(1, 20000) n"
            )
        )
        session.execute(text("analyze resolver_link"))
    assert scan.get(f"/01/{GTIN}/21/S1").status_code == 307
    asked.clear()
    answer = scan.get(f"/01/{GTIN}/21/N777")
    assert answer.headers["location"] == "https://maker.example/one777"
    assert [one for one in asked if "resolver_link" in one[0] and "distinct" not in one[0].lower()] == asked[-1:]
    statement, values = asked[-1]
    with db.hub_session() as session:
        session.execute(text("analyze resolver_link"))  # once more: a vacuum that saw the table empty may end meanwhile
        plan = " ".join(session.connection().exec_driver_sql(f"explain {statement}", values).scalars())
        assert "ix_resolver_link_path" in plan and "Seq Scan on resolver_link" not in plan


def test_d9_a_code_that_nobody_keeps_links_of_asks_the_database_nothing(scan, system, asked):
    assert scan.get("/01/06901234000016/10/A").headers["location"] == "/product/06901234000016/A"
    asked.clear()
    for serial in range(20):
        assert scan.get(f"/01/06901234000016/10/A/21/{serial}").status_code == 307
    assert asked == []
    told = {"about": GTIN, "href": "https://maker.example/", "is_default": "yes"}
    assert system.post("/resolver/links", json=told).status_code == 201
    assert scan.get(f"/01/{GTIN}").headers["location"] == "https://maker.example/"


def test_d10_what_the_code_says_goes_along_and_what_is_asked_of_the_resolver_does_not(scan, system):
    told = {"about": GTIN, "href": "https://maker.example/p?x=1#top", "is_default": "yes"}
    assert system.post("/resolver/links", json=told).status_code == 201
    answer = scan.get(f"/01/{GTIN}?17=261201&utm=qr&linkType=gs1:pip&context=CN")
    assert answer.headers["location"] == "https://maker.example/p?x=1&17=261201&utm=qr#top"
    kept_here = scan.get("/01/06901234000016/10/A?r=6901230000011&17=261201")
    assert kept_here.headers["location"] == "/product/06901234000016/A?r=6901230000011&17=261201"


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "//evil.example", "/01/1", "ftp://x/y", "https://", "https://x y", "https:\\\\x"]
)
def test_d10_a_link_leads_to_the_web_and_nowhere_else(system, href):
    assert system.post("/resolver/links", json={"about": GTIN, "href": href}).status_code == 422


@pytest.mark.parametrize("lot", ["%2F%2Fevil.example", "..%2F..%2Fevil", "%5C%5Cevil.example", "%40evil.example"])
def test_d10_no_code_leads_out_of_the_hub_by_itself(scan, lot):
    answer = scan.get(f"/01/06901234000016/10/{lot}?next=https://evil.example")
    assert answer.status_code in (307, 400)
    if answer.status_code == 307:
        path = answer.headers["location"].partition("?")[0]
        assert path.startswith("/product/06901234000016/") and "//" not in path and ".." not in path.split("/")


def test_d10_links_are_kept_by_whom_the_code_belongs_to(app, system, maker):
    sscc = digital_link.sscc_link(digital_link.sscc("950600000000", 1)).removeprefix(digital_link.ROOT)
    others = digital_link.sscc_link(digital_link.sscc("690123400000", 1)).removeprefix(digital_link.ROOT)
    strangers = builder.place(builder.party(OrganizationKind.SUPPLIER, "Qinghe"))
    listed = builder.item(builder.party(OrganizationKind.SUPPLIER, "Laoshan"), gtin="9506000134352")
    for about in (
        "06901234000016",
        listed.gtin,
        others,
        f"/414/{strangers.gln}",
        f"/417/{strangers.gln}",
        "/8004/6901234A",
    ):
        answer = system.post("/resolver/links", json={"about": about, "href": "https://x.example"})
        assert answer.json()["code"] == "not-your-code", (about, answer.text)
    place = builder.place(maker)
    for about in (f"/414/{place.gln}", f"/417/{maker.gln}", GTIN, "/8004/9506000A1", sscc):
        answer = system.post("/resolver/links", json={"about": about, "href": "https://x.example"})
        assert answer.status_code == 201, (about, answer.text)


def test_d11_a_recalled_lot_shows_its_recall_first(scan, system, maker):
    item = builder.item(maker, gtin="9506000134352")
    with db.session(db.Who(maker.id)) as session:
        lot = Lot(owner_id=maker.id, trade_item_id=item.id, number="L1")
        session.add(lot)
        session.flush()
        session.add(
            RecallNotice(
                owner_id=maker.id, lot_id=lot.id, recall_class=1, reason_zh="农残", reason_en="Residue",
                opened_at=now(), salt=b"x" * 32, nonce=1,
            )
        )  # fmt: skip
    told = {"about": f"/01/{item.gtin}/10/{{lot}}", "href": "https://maker.example/{lot}", "is_default": "yes"}
    assert system.post("/resolver/links", json=told).status_code == 201
    assert scan.get(f"/01/{item.gtin}/10/L1").headers["location"] == f"/product/{item.gtin}/L1"
    assert scan.get(f"/01/{item.gtin}/10/L2").headers["location"] == "https://maker.example/L2"
    first = scan.get(f"/01/{item.gtin}/10/L1?linkType=linkset").json()["linkset"][0]
    assert next(name for name in first if name.endswith(("defaultLink", "recallStatus"))).endswith("defaultLink")
    assert first["https://gs1.org/voc/defaultLink"][0]["href"].endswith(f"/product/{item.gtin}/L1")
    with db.session(db.Who(maker.id)) as session:
        session.exec(select(RecallNotice)).one().closed_at = now()
    assert scan.get(f"/01/{item.gtin}/10/L1").headers["location"] == "https://maker.example/L1"


def test_all_sixteen_keys_are_resolved_and_answer_get_head_and_options_from_any_page(scan, system):
    assert system.post("/resolver/entries", json=entries("test_8004_095060001343.json")).status_code == 409
    keys = identifiers.primary_keys()
    for key in keys:
        answer = scan.get(f"/{key}/1", headers={"origin": "https://shop.example"})
        assert answer.status_code == 400, key
        assert answer.headers["access-control-allow-origin"] == "*"
    asked = scan.options(f"/01/{GTIN}", headers={"origin": "https://shop.example"})
    assert asked.status_code == 204 and asked.headers["allow"] == "GET, HEAD, OPTIONS"
    assert asked.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    told = scan.head(f"/01/{GTIN}/10/L1")
    assert told.status_code == 307 and 'rel="linkset"' in told.headers["link"] and told.content == b""
    assert scan.get(f"/417/{GLN}").status_code == 404


def test_a_numbered_asset_is_found_by_the_beginning_of_its_number(app, scan):
    owner = builder.party(OrganizationKind.SUPPLIER, "Assets", gln="0950600000002")
    browser = signed_in(owner, Role.SUPPLIER)
    told = {"about": "/8004/095060001343", "link_type": "gs1:pip", "href": "https://x.example/?giai=095060001343{1}",
            "valid_from": "2026-01-01", "media_type": "text/html", "is_default": "yes"}  # fmt: skip
    assert browser.post("/settings/links/new", data=told).status_code == 303
    assert scan.get("/8004/095060001343777").headers["location"] == "https://x.example/?giai=095060001343777"
    assert scan.get("/8004/0950600013").status_code == 404


def test_a_link_holds_from_a_day_until_another_on_its_owners_clock(scan, system):
    today = now().date()
    told = {"about": GTIN, "href": "https://x.example/old", "is_default": "yes", "valid_from": "2026-01-01"}
    assert system.post("/resolver/links", json=told | {"valid_to": str(today - timedelta(days=2))}).status_code == 201
    ahead = {"href": "https://x.example/new", "valid_from": str(today + timedelta(days=2))}
    assert system.post("/resolver/links", json=told | ahead).status_code == 201
    assert scan.get(f"/01/{GTIN}").headers["location"].startswith("/product/")
    assert system.post("/resolver/links", json=told | {"href": "https://x.example/now"}).status_code == 201
    assert scan.get(f"/01/{GTIN}").headers["location"] == "https://x.example/now"


def test_links_are_read_changed_and_ended_by_their_owners_system_alone(app, scan, system, dal_giardino):
    first = dal_giardino[0]
    address = f"/resolver/links/{first['id']}"
    assert system.get(address).json()["href"] == first["href"]
    form = {name: value for name, value in first.items() if name not in ("id", "ended", "valid_to", "is_default")}
    assert system.put(address, json=form | {"href": "https://x.example/", "is_default": "yes"}).status_code == 200
    assert scan.get(f"/01/{GTIN}").headers["location"] == "https://x.example/"
    assert system.post("/resolver/entries", json=entries("test_01_09506000134376.json")).json()["code"] == "link-twice"
    assert system.delete(address).status_code == 204 and system.get(address).json()["ended"] is True
    assert scan.get(f"/01/{GTIN}").headers["location"] != "https://x.example/"
    assert len(system.get("/resolver/links").json()) == len(dal_giardino)
    assert scan.get("/resolver/links").status_code == 401
    stranger = signed_in(builder.party(OrganizationKind.SUPPLIER), Role.SUPPLIER)
    assert stranger.get(address).status_code == 404


def test_an_entry_that_cannot_be_kept_is_named_and_none_is_kept(system):
    sent = entries("test_01_09506000134376.json")
    sent[0]["links"][1] |= {"href": "javascript:alert(1)", "hreflang": ["en", "no language"]}
    answer = system.post("/resolver/entries", json=sent)
    assert answer.status_code == 422
    told = {fault["where"]: fault["what"] for fault in answer.json()["errors"]}
    assert set(told) == {"body.0.links.1.href", "body.0.links.1.hreflang"} and all(told.values())
    assert system.get("/resolver/links").json() == []


def test_links_are_kept_on_a_page_which_says_what_is_wrong(app, maker):
    browser = signed_in(maker, Role.SUPPLIER)
    assert "No link yet." in browser.get("/settings/links").text
    told = {"about": GTIN, "link_type": "gs1:recipeInfo", "href": "https://x.example/recipes", "title": "Recipes",
            "valid_from": "2026-01-01", "media_type": "text/html", "languages": "zh-CN, en"}  # fmt: skip
    assert browser.post("/settings/links/new", data=told).status_code == 303
    page = browser.get("/settings/links").text
    assert "x.example/recipes" in page and f"/01/{GTIN}" in page and "zh-CN en" in page
    for wrong in ({"href": "javascript:1"}, {"about": "x"}, {"link_type": "gs1:none"}, {"languages": "?!"}, {}):
        answer = browser.post("/settings/links/new", data=told | wrong)
        assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text, wrong
    with db.hub_session() as session:
        row = session.exec(select(ResolverLink)).one()
        assert (row.owner_id, row.languages) == (maker.id, "zh-CN en")
    assert browser.post(f"/settings/links/{row.id}/end").status_code == 303
    assert browser.post(f"/settings/links/{row.id}/again").status_code == 303
    assert f"/01/{GTIN}" in browser.get("/settings/links/export.csv").text


def test_the_page_offers_every_link_type_that_is_kept():
    from hub.pages.settings.registers.links import TYPES

    assert [name for name, _ in TYPES] == list(LINK_TYPES)


def test_of_several_makers_the_one_that_the_code_names_answers(app, scan, maker):
    other = builder.party(OrganizationKind.SUPPLIER, "Qinghe")
    for party in (other, maker):
        builder.item(party, gtin="9506000134352")
        me = builder.actor(party, Role.SUPPLIER)
        with db.session(db.Who(party.id)) as session:
            form = Links.form.model_validate(
                {
                    "about": "9506000134352",
                    "href": f"https://{party.name_en.split()[0].lower()}.example",
                    "is_default": "yes",
                }
            )
            Links().add(session, me, form)
    kept.forget()
    assert scan.get("/01/09506000134352").headers["location"] == "https://dal.example"
    named = scan.get(f"/01/09506000134352?417={other.gln}").headers["location"]
    assert named.startswith("https://qinghe.example")
