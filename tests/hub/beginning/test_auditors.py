"""Who lets an auditor look, from when until when; nobody else's records are seen, and nothing after the end."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from hub import access, db
from hub.beginning import auditors, partners
from hub.beginning.auditors import AuditorsAlone, NoSuchAuditor
from hub.beginning.partners import AnotherKind, Days, Newcomer
from hub.demo import builder
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.models.base import now
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import Membership, Organization, OrganizationKind, Place, Role
from hub.models.trace import Event
from tests.hub.growers import keys_of_the_hub  # noqa: F401
from tests.supermarket import lot as some_lot
from tests.supermarket import signed_in

TODAY = now().date()
OPEN = Days(TODAY - timedelta(days=1), TODAY + timedelta(days=30))


@pytest.fixture
def farm(clean, keys_of_the_hub):  # noqa: F811
    farm = builder.member(builder.party(OrganizationKind.SUPPLIER, "Qinghe"))
    some_lot(builder.item(farm))
    builder.place(farm)
    return farm


@pytest.fixture
def auditor(farm):
    return builder.party(OrganizationKind.AUDITOR, "Zhengxin")


def boss(party):
    return builder.actor(party, Role.ADMINISTRATOR)


def granted(party, auditor, days=OPEN):
    me = boss(party)
    with db.session(me.who) as session:
        auditors.grant(session, me, auditor.gln, days)


def accepted(party, auditor):
    me = boss(auditor)
    with db.session(me.who) as session:
        auditors.accept(session, me, party.id)


def seen(auditor) -> dict[str, int]:
    """How much an auditor sees of what is not its own."""
    with db.session(db.Who(auditor.id)) as session:
        models = (Organization, Place, TradeItem, Lot, Event)
        return {
            model.__tablename__: len([row for row in session.exec(select(model)) if row.owner_id != auditor.id])
            for model in models
        }


def test_an_auditor_sees_nothing_of_who_has_not_granted_it(farm, auditor):
    rival = builder.member(builder.party(OrganizationKind.SUPPLIER, "Rival"))
    some_lot(builder.item(rival))
    assert set(seen(auditor).values()) == {0}
    granted(farm, auditor)
    accepted(farm, auditor)
    assert seen(auditor) | {"event": 0} == {"organization": 1, "place": 1, "trade_item": 1, "lot": 1, "event": 0}


def test_what_hangs_on_the_records_shows_once_the_auditor_has_taken_it_on(farm, auditor):
    granted(farm, auditor)
    assert seen(auditor)["lot"] == 1 and seen(auditor)["trade_item"] == 0
    me = boss(auditor)
    with db.session(me.who) as session:
        assert [(each.other.name_en, each.answered) for each in auditors.audited(session)] == [("Qinghe", False)]
    accepted(farm, auditor)
    with db.session(me.who) as session:
        assert [(each.other.name_en, each.answered) for each in auditors.audited(session)] == [("Qinghe", True)]
    assert seen(auditor)["trade_item"] == 1


@pytest.mark.parametrize(
    "days",
    [Days(date(2026, 1, 1), date(2026, 1, 31)), Days(TODAY + timedelta(days=2))],
)
def test_before_the_first_day_and_after_the_last_an_auditor_sees_nothing(farm, auditor, days):
    granted(farm, auditor, days)
    accepted(farm, auditor)
    assert set(seen(auditor).values()) == {0}


def test_an_audit_is_ended_at_once_and_stays_in_both_lists(farm, auditor):
    granted(farm, auditor)
    accepted(farm, auditor)
    me, at = boss(farm), now()
    with db.session(me.who) as session:
        auditors.end(session, me, auditor.id, at)
    assert set(seen(auditor).values()) == {0}
    with db.session(me.who) as session:
        assert [(each.other.name_en, each.over(at)) for each in auditors.auditors(session)] == [("Zhengxin", True)]
        assert partners.partners(session) == []
    with db.session(boss(auditor).who) as session:
        assert [(each.other.name_en, each.over(at)) for each in auditors.audited(session)] == [("Qinghe", True)]
    granted(farm, auditor)
    assert seen(auditor)["lot"] == 1


def test_who_is_no_auditor_here_cannot_be_let_look(farm, auditor):
    me, other = boss(farm), builder.party(OrganizationKind.RETAILER)
    with db.session(me.who) as session:
        with pytest.raises(NoSuchAuditor):
            auditors.grant(session, me, other.gln, OPEN)
        with pytest.raises(InvalidInput, match="last day"):
            auditors.grant(session, me, auditor.gln, Days(TODAY, TODAY - timedelta(days=1)))
        with pytest.raises(NotFound):
            auditors.end(session, me, auditor.id, now())


def test_administrators_alone_let_look_and_no_auditor_does(farm, auditor):
    supplier = builder.actor(farm, Role.SUPPLIER)
    with db.session(supplier.who) as session, pytest.raises(NotAllowed):
        auditors.grant(session, supplier, auditor.gln, OPEN)
    me = boss(auditor)
    with db.session(me.who) as session, pytest.raises(AuditorsAlone):
        auditors.invite(session, me, "X", OPEN)
    with db.session(me.who) as session, pytest.raises(NotFound):
        auditors.accept(session, me, farm.id)


def invited(party, days=OPEN) -> str:
    me = boss(party)
    with db.session(me.who) as session:
        return auditors.invite(session, me, "正信", days).partition("?t=")[2]


def test_an_auditor_joins_by_the_link_and_looks_on_the_days_that_it_says(farm):
    person = builder.PersonDetails("he@example.org", "何敏", "春天种下的番茄到了秋天都收获了呀", "zh")
    login = partners.join_as_new(invited(farm), Newcomer("正信认证", "", "", "", person))
    actor = access.actor_of(login)
    assert actor.kind is OrganizationKind.AUDITOR and actor.role is Role.AUDITOR
    with db.session(actor.who) as session:
        (audit,) = auditors.audited(session)
        assert (audit.relation.valid_from, audit.relation.valid_to) == (OPEN.since, OPEN.until) and audit.answered
        assert {row.role for row in session.exec(select(Membership))} == {Role.ADMINISTRATOR, Role.AUDITOR}
        assert session.exec(select(Lot)).one().owner_id == farm.id


def test_an_auditor_that_is_here_joins_with_what_it_has_and_nobody_else_does(farm, auditor):
    token = invited(farm)
    shop = boss(builder.party(OrganizationKind.RETAILER))
    with db.session(shop.who) as session, pytest.raises(AnotherKind):
        partners.join_signed_in(token, session, shop)
    me = boss(auditor)
    with db.session(me.who) as session:
        partners.join_signed_in(token, session, me)
    assert seen(auditor)["trade_item"] == 1


def test_both_see_the_audit_on_their_pages_and_another_organisation_ends_nothing(farm, auditor):
    mine, theirs = signed_in(farm, Role.ADMINISTRATOR), signed_in(auditor, Role.ADMINISTRATOR, "he@example.org")
    reader = signed_in(auditor, Role.AUDITOR, "lu@example.org")
    rival = signed_in(builder.party(OrganizationKind.SUPPLIER, "Rival"), Role.ADMINISTRATOR, "ma@example.org")
    form = {"gln": auditor.gln, "since": str(OPEN.since), "until": str(OPEN.until)}
    assert mine.post("/settings/auditors/new", data=form).status_code == 303
    assert "Zhengxin" in mine.get("/settings/auditors").text
    assert "Zhengxin" not in mine.get("/settings/partners").text
    assert "Take it on" not in reader.get("/settings/audits").text and "Qinghe" in reader.get("/settings/audits").text
    assert reader.post(f"/settings/audits/{farm.id}").status_code == 403
    assert "Take it on" in theirs.get("/settings/audits").text
    assert rival.post(f"/settings/audits/{farm.id}").status_code == 404
    assert rival.post(f"/settings/auditors/{auditor.id}/end").status_code == 404
    assert theirs.post(f"/settings/audits/{farm.id}").status_code == 303
    assert "Records open" in theirs.get("/settings/audits").text
    link = mine.post("/settings/auditors/new", data={"name": "正信", "since": str(TODAY)})
    assert link.status_code == 200 and "/partner?t=" in link.text
    assert mine.post("/settings/auditors/new", data={"since": str(TODAY)}).status_code == 422
    opened = signed_in(auditor, Role.DRIVER, "none@example.org")
    assert opened.get("/settings/audits").status_code == 403
    assert mine.post(f"/settings/auditors/{auditor.id}/end").status_code == 303
    assert "Ended" in mine.get("/settings/auditors").text
