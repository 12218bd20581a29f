"""A supplier's own time to answer, the second person who hears of it, and how both are kept."""

from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlmodel import col, select

from hub import db, outbox
from hub.demo import builder
from hub.errors import HubError
from hub.listeners import LISTENERS
from hub.models.base import now
from hub.models.notice import Notice
from hub.models.party import Membership, OrganizationKind, Role, User
from hub.models.trade import AnswerKind, OrderTurn
from hub.registry import register, sheets
from hub.web.i18n import language
from supplier_portal.orders.deadlines import second
from supplier_portal.orders.deadlines.fallback_pages import SECTION
from supplier_portal.orders.deadlines.models import AnswerTime, Fallback
from supplier_portal.orders.deadlines.registers import (
    AnswerTimeForm,
    AnswerTimes,
    FallbackForm,
    Fallbacks,
    SecondPersonForm,
    SecondPersons,
)
from tests.supermarket import signed_in


def gives(trade, hours: str, **more: str) -> None:
    with db.session(trade.buyer.who) as session:
        form = AnswerTimeForm.model_validate({"supplier": trade.farm.gln, "hours": hours} | more)
        AnswerTimes().add(session, trade.buyer, form)


def names(trade, **said: str) -> None:
    with db.session(trade.grower.who) as session:
        SecondPersons().add(session, trade.grower, SecondPersonForm.model_validate(said))


def escalated(trade, *, after: timedelta) -> list[str]:
    """Who was told by then, by their names."""
    second.tell(trade.at + after)
    outbox.relay(LISTENERS)
    with db.session(trade.grower.who) as session:
        rows = (
            select(User.name)
            .join(Notice, col(Notice.user_id) == col(User.id))
            .where(col(Notice.kind) == "order.escalated")
            .order_by(col(User.name))
        )
        return list(session.exec(rows))


def test_a_supplier_has_its_own_time_for_orders_and_for_replies_and_the_others_that_of_all(trade):
    gives(trade, "3")
    order = trade.ordered()
    assert order.respond_by == trade.at + timedelta(hours=3)
    trade.answer(order, tomato=(AnswerKind.LESS, 90))
    with db.session(trade.buyer.who) as session:
        [turn] = session.exec(select(OrderTurn)).all()
        assert turn.reply_by == turn.said_at + timedelta(hours=3)
        row = session.exec(select(AnswerTime)).one()
        AnswerTimes().end(session, trade.buyer, row, trade.deliver_on)
    assert trade.ordered().respond_by == trade.at + timedelta(hours=8)


def test_administrators_hear_of_it_once_it_is_overdue_where_nobody_was_named(trade):
    builder.person(trade.farm, Role.ADMINISTRATOR, "a long enough password", "boss@example.org", "Boss")
    builder.person(trade.farm, Role.SUPPLIER, "a long enough password", "wang@example.org", "Wang")
    trade.ordered()
    assert escalated(trade, after=timedelta(hours=7)) == []
    assert escalated(trade, after=timedelta(hours=9)) == ["Boss"]
    assert escalated(trade, after=timedelta(hours=10)) == ["Boss"]


def test_who_was_named_hears_of_it_before_the_deadline_and_once_they_left_the_administrators_do(trade):
    builder.person(trade.farm, Role.ADMINISTRATOR, "a long enough password", "boss@example.org", "Boss")
    sun = builder.person(trade.farm, Role.SUPPLIER, "a long enough password", "sun@example.org", "Sun")
    names(trade, person="sun@example.org", hours_before="4")
    first = trade.ordered()
    assert escalated(trade, after=timedelta(hours=3)) == []
    assert escalated(trade, after=timedelta(hours=5)) == ["Sun"]
    with db.session(trade.grower.who) as session:
        [told] = session.exec(select(Notice).where(col(Notice.kind) == "order.escalated")).all()
        assert told.address.startswith(f"/supplier/orders/{first.number}") and "is due by" in told.sentence
        session.exec(select(Membership).where(col(Membership.user_id) == sun.id)).one().ended_at = now()
    trade.ordered()
    assert escalated(trade, after=timedelta(hours=9)) == ["Boss", "Sun"]


def test_nobody_hears_of_what_was_answered_and_an_answer_ends_the_notice(trade):
    builder.person(trade.farm, Role.ADMINISTRATOR, "a long enough password", "boss@example.org", "Boss")
    late, quick = trade.ordered(), trade.ordered()
    trade.answer(quick)
    assert escalated(trade, after=timedelta(hours=9)) == ["Boss"]
    trade.answer(late, after=timedelta(hours=9))
    with db.session(trade.grower.who) as session:
        [told] = session.exec(select(Notice).where(col(Notice.kind) == "order.escalated")).all()
        assert told.key == f"order.escalated/{late.id}" and told.read_at is not None


def test_what_cannot_be_is_refused_beside_its_field(trade):
    other = builder.party(OrganizationKind.SUPPLIER, "Stranger")
    gives(trade, "3")
    for said, at in [
        ({"supplier": other.gln, "hours": "3"}, "supplier"),
        ({"supplier": trade.farm.gln, "hours": "4"}, "supplier"),
    ]:
        with db.session(trade.buyer.who) as session, pytest.raises(HubError) as refused:
            AnswerTimes().add(session, trade.buyer, AnswerTimeForm.model_validate(said))
        assert refused.value.at == at
    for field, typed in [("hours", "0"), ("hours", "241"), ("hours", "1.5"), ("fallback_hours", "-1")]:
        with pytest.raises(ValidationError) as wrong:
            AnswerTimeForm.model_validate({"supplier": "1", "hours": "3"} | {field: typed})
        assert wrong.value.errors()[0]["loc"][0] == field
    with db.session(trade.grower.who) as session, pytest.raises(HubError) as refused:
        SecondPersons().add(session, trade.grower, SecondPersonForm(person="nobody@example.org"))
    assert refused.value.at == "person"
    with db.session(trade.grower.who) as session, pytest.raises(HubError, match="Only retailers"):
        AnswerTimes().add(session, trade.grower, AnswerTimeForm(supplier=trade.farm.gln, hours=3))
    with db.session(trade.buyer.who) as session, pytest.raises(HubError, match="Only suppliers"):
        SecondPersons().add(session, trade.buyer, SecondPersonForm())


@pytest.mark.parametrize(
    ("said", "code", "at"),
    [
        ({"fallback_gtin": "of eggs"}, "not-alike", "fallback_gtin"),
        ({"fallback_gtin": "of tomato"}, "not-alike", "fallback_gtin"),
        ({"fallback_gtin": "00000000000000"}, "not-carried", "fallback_gtin"),
        ({"gtin": "'; drop table --", "fallback_gtin": "of eggs"}, "not-carried", "gtin"),
    ],
)
def test_a_fallback_is_another_item_of_the_assortment_in_the_same_unit(trade, said, code, at):
    known = {"of eggs": trade.eggs.gtin, "of tomato": trade.tomato.gtin}
    said = {"gtin": trade.tomato.gtin} | {name: known.get(value, value) for name, value in said.items()}
    with db.session(trade.buyer.who) as session, pytest.raises(HubError) as refused:
        Fallbacks().add(session, trade.buyer, FallbackForm.model_validate(said))
    assert (refused.value.code, refused.value.at) == (code, at)


def test_the_same_number_of_another_supplier_is_a_fallback_and_a_sheet_names_both(trade):
    other = builder.party(OrganizationKind.SUPPLIER, "Nanshan")
    builder.relation(trade.chain, other)
    same = builder.item(other, "Tomato", gtin=trade.tomato.gtin)
    builder.assortment(trade.chain, {"T-2": same})
    lines = [
        ",".join(language("en").gettext(field.label) for field in SECTION.fields),
        f"{trade.tomato.gtin},{trade.farm.gln},{trade.tomato.gtin},{other.gln}",
    ]
    rows = sheets.read("\n".join(lines).encode(), SECTION.columns(language("en")))
    for same_again in (0, 1):
        with db.session(trade.buyer.who) as session:
            assert register.take(session, trade.buyer, Fallbacks(), rows).same == same_again
    with db.session(trade.buyer.who) as session:
        row = session.exec(select(Fallback)).one()
        assert (row.trade_item_id, row.fallback_item_id) == (trade.tomato.id, same.id)
    with db.session(trade.grower.who) as session:
        assert session.exec(select(Fallback)).all() == []


def test_each_side_keeps_its_own_on_its_pages(trade):
    gao = signed_in(trade.chain, Role.BUYER, "gao@example.org")
    wang = signed_in(trade.farm, Role.SUPPLIER, "wang@example.org")
    said = {"supplier": trade.farm.gln, "hours": "5", "fallback_hours": "2"}
    assert gao.post("/settings/answer-times/new", data=said).status_code == 303
    assert "Qinghe" in gao.get("/settings/answer-times").text
    assert gao.get("/settings/fallbacks").status_code == 200
    form = wang.get("/settings/second-person/new").text
    assert 'value="wang@example.org"' in form and "gao@example.org" not in form
    named = {"person": "wang@example.org", "hours_before": "2"}
    assert wang.post("/settings/second-person/new", data=named).status_code == 303
    assert "wang@example.org" in wang.get("/settings/second-person").text
    assert wang.post("/settings/answer-times/new", data=said).status_code == 422
