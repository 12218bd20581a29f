"""The rooms around orders as people see them: fallbacks, late cancelling, sheets, templates, scorecards, comments."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from hub import db
from hub.demo import builder
from hub.models.base import now, uuid7
from hub.models.party import Organization, OrganizationKind, Role
from hub.models.trade import AnswerKind, PurchaseOrder
from supplier_portal.comments import comments, subjects
from supplier_portal.comments.comments import Said
from supplier_portal.comments.models import SubjectKind
from supplier_portal.orders.cancelling import terms
from supplier_portal.orders.deadlines import registers
from supplier_portal.orders.deadlines.registers import FallbackForm
from supplier_portal.orders.templates import templates
from tests.browser import check_page
from tests.e2e.test_claims import PASSWORD, enter
from tests.supplier_portal.conftest import Trade, keys_of_the_hub, trade

__all__ = ["keys_of_the_hub", "trade"]
Visit = Callable[..., Page]


@pytest.fixture
def busy(trade: Trade) -> Trade:
    """A late order with a fallback, a confirmed one that costs something to call off, a template and a comment."""
    trade.at, trade.deliver_on = now() - timedelta(hours=9), (now() + timedelta(days=3)).date()
    second = builder.party(OrganizationKind.SUPPLIER, "Nanshan", "南山")
    builder.relation(trade.chain, second)
    other = builder.item(second, "Tomato of Nanshan", "南山番茄")
    builder.assortment(trade.chain, {"T-2": other})
    with db.session(trade.buyer.who) as session:
        said = {"gtin": trade.tomato.gtin, "fallback_gtin": other.gtin}
        registers.Fallbacks().add(session, trade.buyer, FallbackForm.model_validate(said))
    with db.session(trade.grower.who) as session:
        chain = session.get_one(Organization, trade.chain.id)
        term = terms.state(session, trade.grower, chain, (240, Decimal("0.2")), at=trade.at - timedelta(days=1))
    with db.session(trade.buyer.who) as session:
        held = terms.find(session, trade.buyer, term.id)
        terms.reply(session, trade.buyer, held, agrees=True, at=trade.at - timedelta(hours=20))
    with db.session(trade.grower.who) as session:
        chain = session.get_one(Organization, trade.chain.id)
        terms.state(session, trade.grower, chain, (48, Decimal("0.5")), at=trade.at)
    trade.late, trade.agreed = trade.ordered(), trade.ordered(tomato="50", eggs="30")
    trade.answer(trade.agreed, tomato=(AnswerKind.LESS, 40))
    trade.reply(trade.agreed, trade.buyer)
    with db.session(trade.buyer.who) as session:
        order = session.get_one(PurchaseOrder, trade.agreed.id)
        templates.save(session, trade.buyer, order, "Monday")
        subject = subjects.find(session, trade.buyer, SubjectKind.ORDER, order.id)
        comments.say(session, trade.buyer, subject, Said("Can the pallets be lower?", uuid7()), at=now())
    for party, role, name in ((trade.chain, Role.BUYER, "gao"), (trade.farm, Role.SUPPLIER, "wang")):
        builder.person(party, role, PASSWORD, f"{name}@example.org")
    return trade


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_buyers_rooms_around_orders_keep_what_every_page_keeps(visit: Visit, busy: Trade, language: str) -> None:
    page = enter(visit(language), "gao")
    for address in (
        f"/buyer/orders/{busy.late.number}",
        f"/buyer/orders/{busy.agreed.number}",
        "/buyer/cancellation-terms",
        f"/buyer/cancellation-terms?partner={busy.farm.gln}",
        "/settings/answer-times/new",
        "/settings/fallbacks",
        "/buyer/orders?state=drafts",
        "/buyer/orders/sheet/import",
        "/buyer/orders/templates",
        f"/buyer/suppliers/{busy.farm.gln}/scorecard?measure=response",
        f"/buyer/comments/order/{busy.agreed.id}",
    ):
        page.goto(address)
        check_page(page)
    page.goto(f"/buyer/orders/{busy.late.number}")
    page.click("[commandfor=elsewhere]")
    dialog = page.locator("#elsewhere")
    expect(dialog).to_contain_text("南山番茄" if language == "zh" else "Tomato of Nanshan")
    dialog.locator("button[type=submit]").click()
    expect(page.locator("#h-e")).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_suppliers_rooms_around_orders_keep_what_every_page_keeps(visit: Visit, busy: Trade, language: str) -> None:
    page = enter(visit(language), "wang")
    for address in (
        "/supplier/cancellation-terms",
        f"/supplier/cancellation-terms?partner={busy.chain.gln}",
        "/settings/second-person/new",
        f"/supplier/scorecard?buyer={busy.chain.gln}&measure=response",
        f"/supplier/orders/{busy.agreed.number}?buyer={busy.chain.gln}",
        f"/supplier/comments/order/{busy.agreed.id}",
    ):
        page.goto(address)
        check_page(page)
    page.click("form[action$='/seen'] button")
    expect(page.locator("form[action$='/seen']")).to_have_count(0)
