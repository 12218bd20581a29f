"""Whatever a shopper scans or types leads somewhere: to the lot, to its item, or to what to check."""

from urllib.parse import quote

import httpx2
import pytest
from anyio.from_thread import start_blocking_portal
from fastapi.testclient import TestClient

from hub import db
from hub.demo import builder
from hub.gs1 import digital_link
from hub.models.catalogue import Lot
from hub.models.party import OrganizationKind
from tests.hub.growers import keys_of_the_hub  # noqa: F401

pytestmark = pytest.mark.usefixtures("keys_of_the_hub")
PHONE = {"accept": "text/html", "accept-language": "zh-CN"}
ODD = ["FC/1", "FC%26", "A-1", "1+1=2", "A/B/C", "100%", "a?b", "x&y=z", "qr.png"]


@pytest.fixture
def tomato(clean):
    farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe")
    item = builder.item(farm)
    with db.session(db.Who(farm.id)) as session:
        session.add_all(Lot(owner_id=farm.id, trade_item_id=item.id, number=number) for number in ODD)
    return item


@pytest.fixture
def shopper(app, tomato):
    with TestClient(app, headers=PHONE, follow_redirects=True) as client:
        yield client


@pytest.mark.parametrize("number", ODD)
def test_every_lot_number_that_gs1_allows_is_found_by_its_printed_code(app, tomato, number):
    """Asked as a server asks the app, with the address decoded once: starlette's own client does it twice."""
    link = digital_link.lot_link(tomato.gtin, number).removeprefix(digital_link.ROOT)
    page = f"/product/{tomato.gtin}/{quote(number, safe='')}"

    async def ask():
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://hub", headers=PHONE, follow_redirects=True
        ) as client:
            return [await client.get(path) for path in (link, f"{page}/evidence.json", f"{page}/qr.png")]

    with start_blocking_portal() as portal:
        shown, evidence, picture = portal.call(ask)
    assert shown.status_code == 200 and number in shown.text.replace("&amp;", "&")
    assert evidence.status_code == 200 and picture.headers["content-type"] == "image/png"


@pytest.mark.parametrize("number", [".", ".."])
def test_a_lot_that_no_browser_would_find_is_refused_when_it_is_named(tomato, number):
    with pytest.raises(digital_link.BadKey, match="no browser"):
        digital_link.lot_link(tomato.gtin, number)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("HTTPS://ID.GS1.ORG/01/06901234000016/10/QI-1", "https://id.gs1.org/01/06901234000016/10/QI-1"),
        ("URN:EPC:ID:SGTIN:6901234.000001.X1", "https://id.gs1.org/01/06901234000016/21/X1"),
        ("urn:epc:class:lgtin:6901234.000001.QI-1", "https://id.gs1.org/01/06901234000016/10/QI-1"),
        ("URN:EPC:CLASS:LGTIN:6901234.000001.QI-1", "https://id.gs1.org/01/06901234000016/10/QI-1"),
        ("urn:epc:idpat:sgtin:6901234.000001.*", "https://id.gs1.org/01/06901234000016"),
        ("URN:EPC", "URN:EPC"),
        ("urn:epc:", "urn:epc:"),
    ],
)
def test_names_in_capitals_are_the_same_names(written, same):
    assert digital_link.canonical(written) == same


def test_a_code_without_a_lot_shows_the_item_its_maker_and_a_field(shopper, tomato):
    answer = shopper.get(f"/01/{tomato.gtin}?r=6901230000011")
    assert answer.status_code == 200 and "text/html" in answer.headers["content-type"]
    assert "Qinghe" in answer.text and 'name="lot"' in answer.text and "6901230000011" in answer.text
    typed = shopper.get(f"/product/{tomato.gtin}?lot=%20FC%2F1%20&r=6901230000011")
    assert typed.status_code == 200 and "FC/1" in typed.text and "r=6901230000011" in str(typed.url)


def test_a_lot_that_is_not_there_says_what_to_compare(shopper, tomato):
    answer = shopper.get(f"/01/{tomato.gtin}/10/FC-1")
    assert answer.status_code == 404 and "FC-1" in answer.text and 'name="lot"' in answer.text
    assert '<html lang="zh-CN">' in answer.text


@pytest.mark.parametrize(
    "path", ["/01/06901234000016", "/01/06901234000017", "/01/tomato", "/product/6901234000016/A-1", "/01/"]
)
@pytest.mark.parametrize("accept", ["text/html,*/*", "*/*"])
def test_an_unknown_or_mistyped_code_is_a_page_in_the_readers_language(shopper, path, accept):
    answer = shopper.get(path, headers={"accept": accept})
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"].startswith("text/html") and '<html lang="zh-CN">' in answer.text


def test_a_program_that_asks_for_json_gets_it(shopper, tomato):
    answer = shopper.get(f"/01/{tomato.gtin}/10/FC-1", headers={"accept": "application/json"})
    assert answer.status_code == 404 and answer.json()["code"] == "unknown-lot"


def test_pages_and_the_resolver_answer_head(shopper, tomato):
    for path in (f"/01/{tomato.gtin}/10/A-1", f"/product/{tomato.gtin}", "/sign-in", "/health/live"):
        answer = shopper.head(path, follow_redirects=False)
        assert answer.status_code == shopper.get(path, follow_redirects=False).status_code
        assert answer.content == b""
    assert shopper.head("/01/tomato").status_code == 400


def test_the_resolver_answers_any_origin(shopper, tomato):
    for path in (f"/01/{tomato.gtin}/10/A-1", "/01/tomato"):
        answer = shopper.get(path, headers={"origin": "https://shop.example"}, follow_redirects=False)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "access-control-allow-origin" not in shopper.get("/sign-in").headers


def test_whoever_counts_through_lot_numbers_is_stopped_and_shoppers_are_not(shopper, tomato):
    for number in range(60):
        assert shopper.get(f"/product/{tomato.gtin}/L-{number}/evidence.json").status_code == 404
    assert shopper.get(f"/product/{tomato.gtin}/L-61").status_code == 429
    assert shopper.get(f"/product/{tomato.gtin}/A-1/evidence.json").status_code == 429
    assert shopper.get("/sign-in").status_code == 200
