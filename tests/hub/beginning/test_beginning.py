"""An empty hub becomes a chain's: by one link, once, all of it or nothing."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from hub import access, db, outbox
from hub.beginning import founding, links, zones
from hub.beginning.founding import Named
from hub.demo import builder
from hub.gs1 import digital_link
from hub.gs1.master_data import STATING
from hub.ledger.log import members
from hub.listeners import LISTENERS
from hub.models.access import AdmissionLink, AuditEntry
from hub.models.base import now
from hub.models.party import Enrolment, Organization, OrganizationKind, Place, Role, SigningKey
from hub.models.trace import ChainMessage, Event
from hub.parties import PersonDetails
from hub.trace import joining
from tests.hub.growers import keys_of_the_hub  # noqa: F401

pytestmark = pytest.mark.usefixtures("clean", "keys_of_the_hub")
PASSWORD = "a long enough sentence"
WANG = PersonDetails("wang@example.com", "王芳", PASSWORD, "zh")
CHAIN, STORE = Named("鲁邻超市", "", "6901234500011"), Named("文化路店", "Wenhua Road")


def link(email: str = "") -> str:
    """The token of a new link."""
    with db.hub_session() as session:
        return links.make(session, email).rpartition("/")[2]


def begin(token: str, **other: object) -> Organization:
    given = {"administrator": WANG, "chain": CHAIN, "store": STORE, "time_zone": "Asia/Shanghai"}
    return founding.begin(token, **{**given, **other})  # type: ignore[arg-type]


def test_the_first_administrator_founds_the_chain_and_its_first_store():
    chain = begin(link())
    actor = access.actor_of(access.sign_in("wang@example.com", PASSWORD, "::1"))
    assert actor is not None and actor.organization_id == chain.id and actor.role is Role.ADMINISTRATOR
    with db.session(actor.who) as session:
        store = session.exec(select(Place)).one()
        done = session.exec(select(AuditEntry.action)).all()
    assert (chain.name_zh, chain.name_en, chain.gln) == ("鲁邻超市", "鲁邻超市", "6901234500011")
    assert digital_link.is_internal(store.gln) and digital_link.gln(store.gln) == store.gln
    assert (store.latitude, store.longitude) == zones.cities()["Asia/Shanghai"] == (31.2333, 121.4667)
    assert done == ["chain.begin"]


def test_a_link_works_once():
    token = link()
    begin(token)
    with pytest.raises(links.LinkUsed):
        begin(token)


def test_a_link_ends_after_three_days_and_when_a_newer_one_is_made():
    first = link()
    second = link()
    with pytest.raises(links.LinkExpired):
        begin(first)
    with db.hub_session() as session:
        kept = session.exec(select(AdmissionLink).where(col(AdmissionLink.expires_at) > now())).one()
        assert kept.expires_at - kept.created_at >= timedelta(hours=71)
        kept.expires_at = now()
    with pytest.raises(links.LinkExpired):
        begin(second)


def test_nobody_guesses_a_link_and_none_can_be_read_from_the_database():
    token = link()
    with pytest.raises(links.LinkUnknown):
        begin(token[:-1])
    with db.hub_session() as session:
        assert token.encode() not in session.exec(select(AdmissionLink.token_hash)).one()


def test_a_beginning_that_fails_leaves_nothing_and_its_link_works_still():
    token = link()
    with pytest.raises(digital_link.BadKey):
        begin(token, store=Named("店", "", "6901234500017"))
    with db.hub_session() as session:
        assert session.exec(select(Organization)).all() == []
    begin(token)


def test_a_hub_that_has_an_administrator_makes_no_second_first_one():
    token = link()
    org = builder.party(OrganizationKind.RETAILER)
    builder.person(org, Role.ADMINISTRATOR, PASSWORD, "zhao@example.com")
    with pytest.raises(links.AdministratorKnown):
        link()
    with pytest.raises(links.AdministratorKnown):
        begin(token)


def test_an_administrator_who_is_locked_out_chooses_a_new_password_by_a_link():
    begin(link())
    before = access.sign_in("wang@example.com", PASSWORD, "::1")
    with pytest.raises(links.NoSuchAdministrator):
        link("somebody@example.com")
    token = link("Wang@Example.com")
    with pytest.raises(links.LinkUnknown):
        begin(token)

    assert founding.let_in_again(token, "another long sentence") == "wang@example.com"

    assert access.actor_of(before) is None
    with pytest.raises(access.SignInRefused):
        access.sign_in("wang@example.com", PASSWORD, "::1")
    assert access.actor_of(access.sign_in("wang@example.com", "another long sentence", "::1")) is not None
    with pytest.raises(links.LinkUsed):
        founding.let_in_again(token, PASSWORD)


def test_who_asked_becomes_a_member_when_the_keeper_looks_and_hears_of_it():
    chain = begin(link())
    with db.hub_session() as session:
        assert joining.enrol(session) == 1
        assert joining.enrol(session) == 0
        assert session.exec(select(ChainMessage.kind)).all() == ["enrol"]
    outbox.relay(LISTENERS)
    with db.session(db.Who(chain.id)) as session:
        told = session.exec(select(AuditEntry).where(col(AuditEntry.action) == "member.enrolled")).one()
        assert session.get_one(Organization, chain.id).member == 1 and told.subject == "1"
        assert session.exec(select(SigningKey)).one().sealed is not None
        stated = [event.biz_step for event in session.exec(select(Event))]
    assert stated == [STATING] * 2, "the chain and its store"


def test_who_asks_twice_or_is_a_member_already_gets_one_number():
    farm = builder.party(OrganizationKind.SUPPLIER)
    for _ in range(2):
        with db.session(db.Who(farm.id)) as session:
            joining.ask(session)
    with db.hub_session() as session:
        members.enrol(session, session.get_one(Organization, farm.id))
        assert joining.enrol(session) == 1
        assert len(session.exec(select(SigningKey)).all()) == 1
        assert session.exec(select(Enrolment)).one().done_at is not None


def test_who_keeps_a_key_of_its_own_is_enrolled_with_that():
    farm = builder.party(OrganizationKind.SUPPLIER)
    with db.session(db.Who(farm.id)) as session:
        joining.ask(session, "0x" + "aB" * 20)
    with db.hub_session() as session:
        joining.enrol(session)
        key = session.exec(select(SigningKey)).one()
    assert (key.address, key.sealed) == ("0x" + "aB" * 20, None)


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [("690123450001", digital_link.GlnLength), ("690123450001x", digital_link.GlnLength),
     ("6901234500017", digital_link.GlnCheckDigit), ("6901243500011", digital_link.GlnCheckDigit)],
)  # fmt: skip
def test_a_gln_with_a_wrong_digit_is_refused_in_words(typed, refusal):
    with pytest.raises(refusal):
        digital_link.gln(typed)


def test_a_gln_may_be_typed_in_groups():
    assert digital_link.gln("6901234 50001-1") == "6901234500011"


def test_every_time_zone_has_a_city_on_the_globe():
    assert len(zones.cities()) > 300
    assert all(-90 <= north <= 90 and -180 <= east <= 180 for north, east in zones.cities().values())
