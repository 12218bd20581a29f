"""A document put in by hand, in a real browser: refused in words, put in again; an order's documents taken away."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hub.models.party import Role
from tests.browser import check_page
from tests.e2e.market import Market, enter
from tests.hub.growers import keys_of_the_hub  # noqa: F401
from tests.supplier_portal.exchange import client as ubl
from tests.supplier_portal.exchange.client import Packs, Says

Visit = Callable[..., Page]


@pytest.fixture
def market(clean: str, keys_of_the_hub: None) -> Market:  # noqa: F811
    return Market()


def put_in(page: Page, path: Path, text: str) -> None:
    """Choose a file and send it."""
    path.write_text(text, encoding="utf-8")
    page.goto("/supplier/orders")
    page.get_by_role("link", name="Documents exchanged").click()
    page.get_by_label("Document", exact=True).set_input_files(path)
    page.get_by_role("button", name="Put it in").click()


@pytest.mark.parametrize("width", [1280, 360])
def test_an_answer_and_an_advice_are_put_in_by_hand(visit: Visit, market: Market, tmp_path: Path, width: int) -> None:
    order = market.ordered()
    page = visit("en")
    page.set_viewport_size({"width": width, "height": 900})
    enter(page, Role.SUPPLIER, "/supplier/orders/documents")
    check_page(page)
    parties = {"buyer": market.chain.gln, "seller": market.farm.gln}
    put_in(page, tmp_path / "response.xml", ubl.response("R-1", order.number, lines=[Says("1"), Says("2")], **parties))
    expect(page.get_by_role("heading", name="Answer to an order R-1")).to_contain_text("Taken")
    check_page(page)
    advice = ubl.advice("DA-1", order.number, packed=[Packs("1", "40", "T-88")],
                        ship_from=market.packhouse.gln, **parties)  # fmt: skip
    put_in(page, tmp_path / "advice.xml", advice)
    expect(page.get_by_role("main")).to_contain_text("You have no lot T-88 of this item.")
    check_page(page)
    market.harvested()
    page.get_by_role("button", name="Put it in again").click()
    expect(page.get_by_role("status")).to_contain_text("The document was taken")
    page.get_by_role("link", name="Open the order").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Dispatch advice").first.click()
    assert b"T-88" in Path(taken.value.path()).read_bytes()
    check_page(page)
