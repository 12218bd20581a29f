"""How a supplier delivers: said by form and by sheet, read by whom it is for."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from hub import db, parties
from hub.demo import builder
from hub.models.access import AuditEntry
from hub.models.party import OrganizationKind, Role
from hub.models.supply import SupplyTerms
from hub.pages.settings.registers.terms import SECTION
from hub.registry import register, sheets
from hub.registry.terms import BuyerFixed, DeliversNothing, Terms, TermsForm, TermsTaken, as_list, days_of
from hub.web.i18n import language
from tests.supermarket import Supermarket, signed_in

terms = Terms()
WEEKLY = {"lead_days": "2", "weekdays": ["1", "4"], "minimum": "500", "days_off": "2027-01-01, 2027-02-05~2027-02-12"}


@pytest.fixture
def market(clean, keys_of_the_hub):
    market = Supermarket()
    market.other = builder.party(OrganizationKind.RETAILER, "Lelin")
    builder.relation(market.other, market.farm)
    return market


def keeper(market):
    return builder.actor(market.farm, Role.SUPPLIER)


def desk(party):
    return db.session(db.Who(party.id))


def add(market, buyer=None, **more):
    with desk(market.farm) as session:
        form = TermsForm.model_validate(WEEKLY | {"buyer": buyer.gln if buyer else ""} | more)
        return terms.add(session, keeper(market), form)


def test_terms_are_kept_for_everybody_and_otherwise_for_one_buyer_and_changes_stand_in_the_trail(market):
    add(market)
    with desk(market.farm) as session:
        row = terms.add(session, keeper(market), TermsForm.model_validate({"buyer": market.chain.gln, "lead_days": 1}))
        with pytest.raises(BuyerFixed):
            terms.change(session, keeper(market), row, TermsForm(lead_days=1))
        changed = TermsForm.model_validate({"buyer": market.chain.gln, "lead_days": 3, "weekdays": "2"})
        terms.change(session, keeper(market), row, changed)
        trail = session.exec(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [(entry.action, entry.subject) for entry in trail] == [
            ("terms.add", "*"),
            ("terms.add", market.chain.gln),
            ("terms.change", market.chain.gln),
        ]
        assert trail[2].detail == {"lead_days": "1 → 3", "weekdays": " → 2"}
    for buyer in (None, market.chain):
        with pytest.raises(TermsTaken):
            add(market, buyer)
    with pytest.raises(parties.NoSuchBuyer):
        add(market, builder.party(OrganizationKind.RETAILER, "Stranger"))
    with desk(market.chain) as session, pytest.raises(DeliversNothing):
        terms.add(session, market.administrator, TermsForm(lead_days=1))


def test_the_database_keeps_two_terms_for_everybody_apart(market):
    add(market)
    with pytest.raises(IntegrityError, match="uq_supply_terms_owner_id_buyer_id"), desk(market.farm) as session:
        session.add(SupplyTerms(owner_id=market.farm.id, lead_days=1))


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("lead_days", "-1"),
        ("lead_days", "1.5"),
        ("minimum", "-1"),
        ("minimum", "1.005"),
        ("weekdays", "8"),
        ("weekdays", ["1", "Sunday"]),
        ("days_off", "tomorrow"),
        ("days_off", "2027-02-30"),
        ("days_off", "2027-02-12 ~ 2027-02-05"),
        ("days_off", "2027-02-05 ~ 2029-02-05"),
        ("days_off", "2027-02-05 2027-02-06"),
        ("days_off", "1027-02-05"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(field, typed):
    with pytest.raises(ValidationError) as refusal:
        TermsForm.model_validate(WEEKLY | {field: typed})
    assert refusal.value.errors()[0]["loc"][0] == field


@given(st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=40))
def test_days_that_are_listed_are_read_as_they_were(days):
    assert days_of(as_list(sorted(days))) == sorted(days)


def test_days_are_read_as_people_write_them():
    written = "2027年2月5日至2027年2月7日，2027.1.1；2027/5/1～2027/5/2"
    assert as_list(days_of(written)) == "2027-01-01, 2027-02-05 ~ 2027-02-07, 2027-05-01 ~ 2027-05-02"


def test_the_next_day_of_delivery_leaves_out_other_weekdays_and_holidays():
    row = SupplyTerms(lead_days=2, weekdays="1 4", days_off=["2026-11-26", "2026-11-30"])
    assert row.next_day(date(2026, 11, 23)) == date(2026, 11, 23)
    assert row.next_day(date(2026, 11, 24)) == date(2026, 12, 3)
    assert SupplyTerms(lead_days=0).next_day(date(2026, 11, 22)) == date(2026, 11, 22)


def test_terms_are_read_by_whom_they_are_for_and_by_no_other(market):
    add(market, market.chain, lead_days="7")
    add(market)
    stranger = builder.party(OrganizationKind.RETAILER, "Stranger")

    def seen(party):
        with desk(party) as session:
            return sorted(session.execute(text("select lead_days from supply_terms")).scalars())

    assert seen(market.farm) == seen(market.chain) == [2, 7]
    assert seen(market.other) == [2] and seen(stranger) == []
    row = terms.all(db.TenantSession(db.app_engine(), info={"who": db.Who(market.farm.id)}), keeper(market))[0]
    browser = signed_in(market.other, Role.ADMINISTRATOR)
    assert browser.get(f"/settings/terms/{row.id}").status_code == 404
    assert market.chain.gln not in browser.get("/settings/terms").text


@pytest.mark.parametrize(("code", "days"), [("zh", "星期一、 星期四"), ("en", "Monday, thursday"), ("en", "4 1")])
def test_a_sheet_says_its_days_in_words_of_either_language(market, code, days):
    heads = [language(code).gettext(field.label) for field in SECTION.fields]
    lines = [heads, ["", "2", days, "500", "2027-01-01"]]
    content = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode()
    rows = sheets.read(content, SECTION.columns(language(code)))
    with desk(market.farm) as session:
        register.take(session, keeper(market), terms, rows)
    with desk(market.farm) as session:
        assert register.take(session, keeper(market), terms, rows).same == 1
        (row,) = terms.all(session, keeper(market))
        assert (row.weekdays, row.minimum, row.days_off) == ("1 4", Decimal(500), ["2027-01-01"])


def test_a_supplier_ticks_its_days_on_a_page_and_what_it_ticked_stays(market):
    browser = signed_in(market.farm, Role.SUPPLIER)
    assert browser.post("/settings/terms/new", data=WEEKLY).status_code == 303
    page = browser.get("/settings/terms").text
    assert "Every buyer" in page and "Monday, Thursday" in page and "¥ 500.00" in page
    with desk(market.farm) as session:
        row = session.exec(select(SupplyTerms)).one()
        assert len(row.days_off) == 9
    one = browser.get(f"/settings/terms/{row.id}").text
    assert one.count(" checked") == 2 and "2027-02-05 ~ 2027-02-12" in one
    wrong = browser.post(f"/settings/terms/{row.id}", data=WEEKLY | {"weekdays": ["2"], "minimum": "-1"})
    assert wrong.status_code == 422 and wrong.text.count(" checked") == 1
    none = {name: value for name, value in WEEKLY.items() if name != "weekdays"}
    assert browser.post(f"/settings/terms/{row.id}", data=none).status_code == 303
    assert " checked" not in browser.get(f"/settings/terms/{row.id}").text
    assert browser.post(f"/settings/terms/{row.id}/end").status_code == 303
    assert "Take them up again" in browser.get(f"/settings/terms/{row.id}").text
    assert "Every buyer" in browser.get("/settings/terms").text
    with desk(market.farm) as session:
        assert session.exec(select(SupplyTerms)).one().ended_on - date.today() <= timedelta(days=1)
