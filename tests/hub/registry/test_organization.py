"""What an organisation says of itself: changed by its administrators, stated, and told in the trail."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from hub import db
from hub.demo import builder
from hub.errors import InvalidInput, NotAllowed
from hub.gs1 import digital_link
from hub.gs1.digital_link import GlnCheckDigit
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind, Role
from hub.registry.organization import GlnFixed, GlnTaken, OrganizationForm, Organizations
from hub.trace import master_data
from supplier_portal.orders import orders
from tests.supermarket import Supermarket, signed_in

OWN = digital_link.internal_gln(1234567890)


@pytest.fixture
def chain(clean, keys_of_the_hub):
    return builder.member(builder.party(OrganizationKind.RETAILER, "Hejia", gln=OWN))


def boss(party):
    return builder.actor(party, Role.ADMINISTRATOR)


def said(party, actor=None, **more) -> Organization:
    """The organisation after it said itself anew."""
    with db.session(db.Who(party.id)) as session:
        own = session.get_one(Organization, party.id)
        form = {"name_zh": own.name_zh, "name_en": own.name_en, "gln": own.gln, "time_zone": own.time_zone} | more
        return Organizations().change(session, actor or boss(party), own, OrganizationForm.model_validate(form))


def test_a_change_is_stated_and_stands_in_the_trail(chain):
    said(chain, name_zh="合家超市", weight_tolerance="2.5", answer_hours="12")
    said(chain, name_zh="合家超市", weight_tolerance="2.5", answer_hours="12")
    with db.session(db.Who(chain.id)) as session:
        own = session.get_one(Organization, chain.id)
        assert (own.weight_tolerance, own.answer_hours) == (Decimal("0.025"), 12)
        assert master_data.newest_of(session, [own])[own.id].attributes["name_zh"] == "合家超市"
        (entry,) = session.exec(select(AuditEntry).where(AuditEntry.action == "organization.change")).all()
        assert entry.detail == {
            "name_zh": "Hejia → 合家超市", "answer_hours": " → 12", "weight_tolerance": "5 → 2.5",
        }  # fmt: skip


def test_a_number_of_the_hubs_own_is_replaced_by_a_real_one_once_and_both_name_it(chain):
    real = builder.gln(4711)
    own = said(chain, gln=real)
    assert (own.gln, own.former_gln) == (real, OWN)
    with pytest.raises(GlnFixed):
        said(own, gln=builder.gln(4712))


@pytest.mark.parametrize(
    ("gln", "refusal"),
    [("6901234000017", GlnCheckDigit), (digital_link.internal_gln(77), InvalidInput)],
)
def test_a_number_that_gs1_never_gave_is_refused(chain, gln, refusal):
    with pytest.raises(refusal):
        said(chain, gln=gln)


def test_a_number_that_is_anothers_is_refused(chain):
    other = builder.party(OrganizationKind.SUPPLIER)
    with pytest.raises(GlnTaken):
        said(chain, gln=other.gln)


def test_a_name_in_one_language_is_enough_and_none_too_few(chain):
    assert said(chain, name_en="", name_zh="合家").name_en == "合家"
    with pytest.raises(InvalidInput, match="called"):
        said(chain, name_en="", name_zh="")
    with pytest.raises(InvalidInput, match="time zone"):
        said(chain, time_zone="Asia/Atlantis")


def test_nobody_else_says_what_an_organisation_is(chain):
    other = builder.party(OrganizationKind.RETAILER, "Lelin")
    for stranger in (boss(other), builder.actor(chain, Role.BUYER)):
        with pytest.raises(NotAllowed):
            said(chain, stranger, name_en="Mine")


def test_a_supplier_has_neither_answer_time_nor_tolerance(clean, keys_of_the_hub):
    farm = said(builder.party(OrganizationKind.SUPPLIER), answer_hours="3", weight_tolerance="1")
    assert (farm.answer_hours, farm.weight_tolerance) == (None, Decimal("0.050"))


def test_a_supplier_has_as_long_to_answer_as_the_retailer_says(clean, keys_of_the_hub):
    shop, at = Supermarket(), now()
    builder.assortment(shop.chain, {"T": shop.tomato})
    said(shop.chain, answer_hours="30")
    lines = [orders.DraftLine(shop.tomato.id, Decimal(100))]
    wanted = orders.OrderDraft(shop.farm.id, shop.stores[0].id, shop.stores[0].day(at) + timedelta(days=2), lines)
    with db.session(shop.buyer.who) as session:
        order = orders.write(session, shop.buyer, wanted, at=at)
        assert orders.place(session, shop.buyer, order, at=at).respond_by == at + timedelta(hours=30)


def test_the_page_is_changed_by_an_administrator_and_shows_what_became_of_it(chain):
    gao, lin = signed_in(chain, Role.ADMINISTRATOR), signed_in(chain, Role.BUYER, "lin@example.org")
    form = {"name_zh": "合家", "name_en": "Hejia", "gln": OWN, "time_zone": "Asia/Shanghai"}
    wrong = gao.post("/settings/organization", data=form | {"gln": "6901234000017", "weight_tolerance": "5"})
    assert wrong.status_code == 422 and "A digit of this GLN is wrong" in wrong.text
    kept = gao.post("/settings/organization", data=form | {"weight_tolerance": "3", "answer_hours": "6"})
    assert kept.status_code == 303
    page = gao.get("/settings/organization").text
    assert "Organisation changed · Li" in page and "5 → 3" in page
    assert lin.get("/settings/organization").status_code == 403


def test_an_organisation_becomes_strict_and_the_trail_says_so(chain):
    assert not said(chain).strict and said(chain, strict=True).strict
    assert said(chain).strict  # where a form says nothing of it, it stays
    with db.session(db.Who(chain.id)) as session:
        (entry,) = session.exec(select(AuditEntry).where(AuditEntry.action == "organization.change")).all()
        assert entry.detail == {"strict": "False → True"}


def test_an_administrator_sets_it_on_the_page_and_an_auditor_has_no_such_thing(chain):
    browser = signed_in(chain, Role.ADMINISTRATOR)
    assert "are taken, with a warning" in browser.get("/settings/organization").text
    form = {"name_zh": "Hejia", "name_en": "Hejia", "gln": OWN, "time_zone": "Asia/Shanghai", "weight_tolerance": "5"}
    assert browser.post("/settings/organization", data=form | {"strict": "True"}).status_code == 303
    page = browser.get("/settings/organization").text
    assert '<option value="True" selected>are refused</option>' in page
    assert "Odd events are taken, with a warning → are refused" in page
    auditor = builder.party(OrganizationKind.AUDITOR, "Zhengxin")
    its = signed_in(auditor, Role.ADMINISTRATOR, "au@example.org")
    assert "Odd events" not in its.get("/settings/organization").text
