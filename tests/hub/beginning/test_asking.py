"""A buyer asks its suppliers for a profile, and a supplier reads on its partner's page what each buyer asks for."""

import pytest
from sqlmodel import select

from hub import db
from hub.beginning import asking, partners
from hub.beginning.partners import AnotherKind
from hub.demo import builder
from hub.errors import NotAllowed, NotFound
from hub.gs1.profiles.shelf import PROFILES, NoSuchProfile
from hub.models.access import AuditEntry
from hub.models.party import AskWeight, OrganizationKind, Role
from tests.supermarket import Supermarket, signed_in


@pytest.fixture
def trade(clean, keys_of_the_hub):
    return Supermarket()


def boss(party):
    return builder.actor(party, Role.ADMINISTRATOR)


def ask(party, supplier, profile="fsma-204", weight=AskWeight.REFUSE, actor=None):
    actor = actor or boss(party)
    with db.session(actor.who) as session:
        asking.ask(session, actor, supplier.id, profile, weight)


def page(browser, partner):
    return browser.get(f"/settings/partners/{partner.id}").text


def test_a_buyer_asks_for_a_profile_and_the_trail_says_so_once(trade):
    ask(trade.chain, trade.farm)
    ask(trade.chain, trade.farm)
    with db.session(boss(trade.chain).who) as session:
        [entry] = session.exec(select(AuditEntry).where(AuditEntry.action == "partner.ask")).all()
        assert entry.subject == trade.farm.gln and entry.detail == {"profile": "fsma-204", "weight": "refuse"}
        relation = partners.find(session, trade.farm.id).relation
        assert (relation.profile, relation.profile_weight) == ("fsma-204", AskWeight.REFUSE)
    ask(trade.chain, trade.farm, profile="")
    with db.session(boss(trade.farm).who) as session:
        assert partners.find(session, trade.chain.id).theirs.profile == ""


def test_only_a_buyers_administrator_asks_only_its_suppliers_and_only_for_what_there_is(trade):
    with pytest.raises(NotAllowed):
        ask(trade.chain, trade.farm, actor=builder.actor(trade.chain, Role.BUYER))
    with pytest.raises(AnotherKind):
        ask(trade.farm, trade.chain)
    for nobody in (trade.haulier, builder.party(OrganizationKind.SUPPLIER, "Other")):
        with pytest.raises(NotFound):
            ask(trade.chain, nobody)
    with pytest.raises(NoSuchProfile):
        ask(trade.chain, trade.farm, profile="none")


def test_a_buyer_chooses_on_the_page_and_reads_what_each_profile_needs(trade):
    browser = signed_in(trade.chain, Role.ADMINISTRATOR)
    assert f'href="/settings/partners/{trade.farm.id}"' in browser.get("/settings/partners").text
    shown = page(browser, trade.farm)
    assert all(profile.title.en in shown for profile in PROFILES.values())
    asks = f"/settings/partners/{trade.farm.id}/asks"
    assert browser.post(asks, data={"profile": "gdst", "weight": "warn"}).status_code == 303
    assert '<option value="gdst" selected>' in page(browser, trade.farm)
    assert browser.post(asks, data={"profile": "none", "weight": "warn"}).status_code == 422
    assert browser.post(asks, data={"profile": "gdst", "weight": "shout"}).status_code == 422
    assert "What you ask of its events" not in page(browser, trade.haulier)


def test_a_supplier_reads_in_plain_words_what_a_buyer_asks_for(trade):
    other = builder.party(OrganizationKind.RETAILER, "Lelin")
    builder.relation(other, trade.farm)
    browser = signed_in(trade.farm, Role.ADMINISTRATOR)
    assert "Hejia asks for nothing beyond the standard." in page(browser, trade.chain)
    ask(trade.chain, trade.farm, "retailer-inbound")
    shown = page(browser, trade.chain)
    assert "Hejia asks for: Deliveries to a large retailer" in shown and "is refused" in shown
    step = PROFILES["retailer-inbound"].step("shipping")
    assert step.title.en in shown and all(element.title.en in shown for element in step.needs)
    assert "bizTransactionList[type=desadv].bizTransaction" in shown and "SSCC" in shown
    assert "no retailer" in shown and "/api/profiles/retailer-inbound" in shown
    assert "Lelin asks for nothing beyond the standard." in page(browser, other)
    browser.cookies.set("lang", "zh")
    assert "发货通知单号" in browser.get(f"/settings/partners/{trade.chain.id}", headers={"accept-language": "zh"}).text


def test_nobody_reads_what_is_asked_of_others(trade):
    stranger = builder.party(OrganizationKind.SUPPLIER, "Other")
    ask(trade.chain, trade.farm)
    browser = signed_in(stranger, Role.ADMINISTRATOR)
    for one in (trade.chain, trade.farm):
        assert browser.get(f"/settings/partners/{one.id}").status_code == 404
