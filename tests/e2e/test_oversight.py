"""What the shopper, the auditor and the administrator see, in a real browser over a real chain; both languages."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import col, select

from hub import access, db
from hub.demo import builder
from hub.ledger.log import anchoring
from hub.models.catalogue import Lot
from hub.models.party import Organization, OrganizationKind, Role
from hub.pages.oversight.words import ACTIONS
from hub.trace import master_data, recall
from tests.browser import check_page
from tests.e2e.market import PASSWORD, Market
from tests.hub.growers import keys_of_the_hub, node, run_to_the_end
from tests.hub.ledger.audit.test_verification import spoil

__all__ = ["keys_of_the_hub", "node"]
pytestmark = pytest.mark.usefixtures("node")
Visit = Callable[..., Page]
WORDS = {
    "en": {"good": "All valid", "genuine": "The record is genuine, no recall", "none": "Nothing is here",
           "recalled": "Do not eat this", "matches": "they match", "placed": "Order placed"},
    "zh": {"good": "全部有效", "genuine": "记录真实，无召回", "none": "这里什么也没有",
           "recalled": "请不要吃", "matches": "都对得上", "placed": "下单"},
}  # fmt: skip


@pytest.fixture
def market(clean: str, node: object) -> Market:
    """A lot that was grown, tested, packed and sent, everything of it final."""
    made = Market()
    made.harvested()
    made.shipped()
    final()
    return made


def final() -> None:
    run_to_the_end()
    anchoring.ledger().ask("anvil_mine", "0x3")


def enter(page: Page, organization: Organization, role: Role, path: str) -> Page:
    """Be somebody of an organisation, and open a page."""
    email = f"{role.value}@oversight.example"
    builder.person(organization, role, PASSWORD, email)
    page.goto("/sign-in")
    token = access.sign_in(email, PASSWORD, "127.0.0.1")
    page.context.add_cookies([{"name": "furrow", "value": token, "url": page.url, "httpOnly": True, "sameSite": "Lax"}])
    page.goto(path)
    return page


def auditor(market: Market) -> Organization:
    """An auditor to whom the grower opened its books."""
    made = builder.party(OrganizationKind.AUDITOR, "Qilu")
    builder.relation(market.farm, made)
    return made


def label(market: Market, lot: str = "T-88") -> str:
    return f"/01/{market.tomato.gtin}/10/{lot}?r={market.chain.gln}"


@pytest.mark.parametrize("language", ["zh", "en"])
class TestInBothLanguages:
    def test_a_shopper_reads_a_genuine_record_and_his_browser_proves_it(
        self, visit: Visit, market: Market, language: str
    ) -> None:
        words, page = WORDS[language], visit(language)
        page.goto(label(market))
        expect(page).to_have_url(re.compile("/product/"))
        expect(page.get_by_text(words["genuine"])).to_be_visible()
        expect(page.locator("#recomputed")).to_contain_text(words["matches"])
        check_page(page)

    def test_a_recalled_lot_shows_the_recall_first(self, visit: Visit, market: Market, language: str) -> None:
        with db.session(market.grower.who) as session:
            lot = session.exec(select(Lot).where(col(Lot.number) == "T-88")).one()
            recall.open_recall(
                session,
                market.grower,
                lot,
                recall.Grounds(1, "农残超标", "Residue above the limit"),
                at=market.at,
            )
        page = visit(language)
        page.goto(label(market))
        expect(page.get_by_role("heading", level=1)).to_have_text(WORDS[language]["recalled"])
        assert WORDS[language]["genuine"] not in page.content()
        check_page(page)

    def test_a_lot_that_nobody_knows_is_no_lot(self, visit: Visit, market: Market, language: str) -> None:
        page = visit(language)
        page.goto(label(market, "T-99"))
        expect(page.locator(".note-stop")).to_contain_text("T-99")
        check_page(page)
        page.locator("#f-lot").fill("T-88")
        page.locator("form.stack-s button[type=submit]").click()
        expect(page.get_by_text("T-88").first).to_be_visible()

    def test_a_code_of_nothing_says_what_to_check(self, visit: Visit, market: Market, language: str) -> None:
        page = visit(language)
        page.goto("/01/06901230999999")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert "{" not in page.locator("body").inner_text()
        check_page(page)

    def test_an_items_own_page(self, visit: Visit, market: Market, language: str) -> None:
        page = visit(language)
        page.goto(f"/01/{market.tomato.gtin}")
        expect(page.locator("#f-lot")).to_be_visible()
        check_page(page)

    def test_an_auditors_pages(self, visit: Visit, market: Market, language: str) -> None:
        page = enter(visit(language), auditor(market), Role.AUDITOR, "/audit")
        expect(page.get_by_text(WORDS[language]["good"], exact=True)).to_be_visible()
        check_page(page)
        for path in ("/audit/streams", "/audit/bundle"):
            page.goto(path)
            check_page(page)

    def test_an_administrators_pages(self, visit: Visit, market: Market, language: str) -> None:
        page = enter(visit(language), market.chain, Role.ADMINISTRATOR, "/admin")
        check_page(page)
        for path in ("/settings/people", "/admin/audit-trail"):
            page.goto(path)
            check_page(page)
        expect(page.get_by_role("main")).to_contain_text(WORDS[language]["placed"])


def deleted(seq: int) -> list[str]:
    """One record taken out of the database, and whatever speaks of it."""
    told = f"(select id from event where seq = {seq})"
    return [
        f"delete from event_key where event_id in {told}",
        f"delete from event_audience where event_id in {told}",
        f"delete from event where seq = {seq}",
    ]


@pytest.mark.parametrize(
    ("lie", "named"),
    [
        (["update event set payload = set_byte(payload, 40, 33) where seq = 3"], "Record 3 of member"),
        (deleted(3), "records 3 of"),
        (deleted(7), "records 7 of"),
    ],
    ids=["one byte changed", "one deleted in the middle", "one deleted at the tail"],
)
def test_a_lie_in_the_database_is_named_on_the_auditors_page(
    visit: Visit, market: Market, lie: list[str], named: str
) -> None:
    page = enter(visit("en"), auditor(market), Role.AUDITOR, "/audit")
    expect(page.get_by_text("All valid", exact=True)).to_be_visible()
    for statement in lie:
        spoil(statement)
    page.get_by_role("link", name="Check again").click()
    expect(page.locator("#checks")).to_contain_text("Not all valid")
    expect(page.locator("#checks")).to_contain_text(named)
    check_page(page)


def test_a_changed_record_is_found_by_the_shoppers_own_browser(visit: Visit, market: Market) -> None:
    spoil(
        "update event set payload = convert_to(replace(convert_from(payload, 'UTF8'), 'planting', 'sowing'), 'UTF8')"
        " where right(biz_step, 8) = 'planting'"
    )
    page = visit("en")
    page.goto(label(market))
    expect(page.get_by_text("The record does not hold")).to_be_visible()
    expect(page.locator("#recomputed")).to_contain_text("1 do not match")
    check_page(page)


@pytest.fixture
def stated(market: Market) -> Market:
    """The market, where everybody has stated what they, their places, items and papers are called."""
    for party in (market.farm, market.chain):
        with db.session(db.Who(party.id)) as session:
            master_data.state_all(session)
    final()
    return market


def test_the_browser_compares_the_pages_own_words_with_what_was_signed(visit: Visit, stated: Market) -> None:
    page = visit("en")
    page.goto(label(stated))
    expect(page.locator("#recomputed")).to_contain_text("The names and papers here are those that were signed.")
    check_page(page)

    def lie(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, body=told.text().replace(f">{stated.tomato.name_en}</span>", ">Organic</span>"))

    page.route("**/product/**", lie)
    page.reload()
    expect(page.get_by_role("heading", name="Organic")).to_be_visible()
    expect(page.locator("#recomputed")).to_contain_text("1 of the names and papers here are not what was signed.")


@pytest.mark.parametrize("table", ["place", "organization", "trade_item"])
def test_a_name_that_was_altered_is_named_on_the_auditors_page(visit: Visit, stated: Market, table: str) -> None:
    spoil(f"update {table} set name_en = 'Organic ' || name_en where owner_id = '{stated.farm.id}'")
    page = enter(visit("en"), auditor(stated), Role.AUDITOR, "/audit")
    expect(page.locator("#checks")).to_contain_text("Names and papers are as their owners signed them")
    expect(page.locator("#checks")).to_contain_text("The English name of")
    check_page(page)


def test_nothing_is_called_genuine_while_the_chain_is_away(
    visit: Visit, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FURROW_CHAIN_URL", "http://127.0.0.1:9")
    for cached in (anchoring.settings, anchoring.ledger):
        cached.cache_clear()
    page = visit("en")
    page.goto(label(market))
    expect(page.get_by_text("Not everything can be judged yet")).to_be_visible()
    check_page(page)
    page = enter(visit("en"), auditor(market), Role.AUDITOR, "/audit")
    expect(page.get_by_text("The chain cannot be asked now").first).to_be_visible()
    check_page(page)


def test_every_action_of_the_audit_trail_has_words() -> None:
    told = set()
    for package in ("hub", "supplier_portal", "logistics"):
        for path in (Path(__file__).parents[2] / package).rglob("*.py"):
            for call in re.findall(r"access\.record\((.*?)\)", path.read_text(encoding="utf-8"), re.DOTALL):
                told |= set(re.findall(r'"([a-z]+\.[a-z_]+)"', call))
    assert told and told - ACTIONS.keys() == set()
