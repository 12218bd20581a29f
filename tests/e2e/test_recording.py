"""A grower records the life of lots on a phone: without a line, as last time, for several at once, from a PDF."""

import os
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from hub import db
from hub.demo import builder
from hub.models.base import now
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import PlaceKind, Role
from hub.models.trace import Event
from hub.trace import records
from hub.trace.records import Goods, Scene, Treatment
from tests.browser import check_axe, check_page
from tests.e2e.test_claims import PASSWORD, enter
from tests.e2e.test_receiving import kept
from tests.supplier_portal.conftest import Trade, keys_of_the_hub, trade
from tests.supplier_portal.recording.test_files import ENGLISH, pdf
from tests.waiting import wait_for

__all__ = ["keys_of_the_hub", "trade"]
SHOTS = os.environ.get("FURROW_SHOTS", "")
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
WORDS = {
    "en": {"spray": "Record the spraying", "calm": "Go on as usual", "again": "Take it back and change it",
           "read": "Read the values from the PDF", "test": "Record the test", "harvest": "Record the harvest"},
    "zh": {"spray": "登记用药", "calm": "可以照常做", "again": "收回修改",
           "read": "从PDF读取数值", "test": "登记检测", "harvest": "登记采收"},
}  # fmt: skip
Visit = Callable[..., Page]


@pytest.fixture
def farm(trade: Trade) -> Trade:
    """Three lots that grow in a field, of which one was sprayed a week ago."""
    field = trade.field = builder.place(trade.farm, PlaceKind.FARM, "Field 8")
    with db.session(trade.grower.who) as session:
        item, at = session.get_one(TradeItem, trade.tomato.id), now()
        begun = Scene(field, at - timedelta(days=60))
        trade.lots = [records.plant(session, item, number, begun) for number in ("T-1", "T-2", "T-3")]
        neem = Treatment("Neem oil", "Azadirachtin", Decimal("1.5"), "LTR", 1)
        records.spray(session, trade.lots[0], item, Scene(field, at - timedelta(days=7)), neem)
    builder.person(trade.farm, Role.SUPPLIER, PASSWORD, "wang@example.org")
    return trade


def sprayed() -> list[Event]:
    with db.hub_session() as session:
        return list(session.exec(select(Event).where(col(Event.biz_step) == records.SPRAYING)))


def looked(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at the pages."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_spraying_without_a_line_is_said_as_last_time_and_recorded_once(
    visit: Visit, farm: Trade, language: str
) -> None:
    words, address = WORDS[language], f"/supplier/lots/{farm.lots[1].id}"
    phone = enter(visit(language, **PHONE), "wang")
    phone.goto("/supplier/lots")
    kept(phone, address)
    check_page(phone)

    phone.context.set_offline(True)
    phone.goto(address)
    expect(phone.locator("#outbox")).to_contain_text(words["calm"])
    phone.locator("#spray > summary").click()
    phone.locator("#spray [data-again]").select_option(index=1)
    expect(phone.locator("#spray [name=product]")).to_have_value("Neem oil")
    check_axe(phone)
    looked(phone, f"spray-offline-{language}")
    phone.get_by_role("button", name=words["spray"], exact=True).click()
    expect(phone.get_by_role("button", name=words["again"])).to_be_visible()
    expect(phone.locator("#grow form")).to_be_attached()
    looked(phone, f"spray-kept-{language}")
    assert len(sprayed()) == 1

    phone.context.set_offline(False)
    expect(phone.locator("#outbox")).to_be_empty()
    assert sorted(b"/10/T-2" in (event.payload or b"") for event in sprayed()) == [False, True]


@pytest.mark.parametrize(("language", "size"), [("zh", PHONE), ("en", DESK)])
def test_several_lots_are_harvested_at_once(visit: Visit, farm: Trade, language: str, size: dict) -> None:
    page = enter(visit(language, **size), "wang")
    page.goto("/supplier/lots/record/harvest")
    check_page(page)
    page.locator("tr", has_text="T-1").locator("[name$=quantity]").fill("120.5")
    page.locator("tr", has_text="T-3").locator("[name$=quantity]").fill("a lot")
    page.get_by_role("button", name=WORDS[language]["harvest"], exact=True).click()
    expect(page.locator("tr", has_text="T-3").locator(".err")).to_be_visible()
    check_page(page)
    looked(page, f"several-{language}")
    page.locator("tr", has_text="T-3").locator("[name$=quantity]").fill("80")
    page.get_by_role("button", name=WORDS[language]["harvest"], exact=True).click()
    page.wait_for_url("**/supplier/lots")
    with db.hub_session() as session:
        made = {lot.number for lot in session.exec(select(Lot).where(col(Lot.made_on).is_not(None)))}
    assert made == {"T-1", "T-3"}


@pytest.mark.parametrize(("language", "size"), [("zh", PHONE), ("en", DESK)])
def test_a_laboratorys_report_is_read_and_confirmed_beside_its_page(
    visit: Visit, farm: Trade, language: str, size: dict
) -> None:
    with db.session(farm.grower.who) as session:
        lot, item = session.get_one(Lot, farm.lots[2].id), session.get_one(TradeItem, farm.tomato.id)
        records.harvest(session, Goods(lot, item, Decimal(90)), Scene(farm.field, now() - timedelta(days=2)))
    page, words = enter(visit(language, **size), "wang"), WORDS[language]
    page.goto(f"/supplier/lots/{farm.lots[2].id}")
    page.locator("#test > summary").click()
    report = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": pdf(ENGLISH)}
    page.locator("#test [name=file-new]").set_input_files(report)
    page.get_by_role("button", name=words["read"]).click()
    expect(page.locator("#test [name=laboratory]")).to_have_value("SGS-CSTC Qingdao")
    expect(page.locator("#test [name='residues.2.found']")).to_have_value("0.034")
    wait_for("the report's page", lambda: page.locator("img.paper").evaluate("image => image.naturalWidth > 300"))
    check_page(page)
    looked(page, f"report-{language}")
    page.get_by_role("button", name=words["test"], exact=True).click()
    page.wait_for_url(f"**/supplier/lots/{farm.lots[2].id}")
    expect(page.locator("#records")).to_be_visible()
    with db.hub_session() as session:
        assert len(session.exec(select(Event).where(col(Event.biz_step) == "inspecting")).all()) == 1
