"""A retailer invites, a supplier joins: both see each other, each may end it, and a link opens once."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from hub import access, db
from hub.beginning import partners
from hub.beginning.partners import Newcomer
from hub.demo import builder
from hub.errors import NotAllowed, NotFound
from hub.models.base import now
from hub.models.party import (
    Enrolment,
    Membership,
    Organization,
    OrganizationKind,
    Place,
    PlaceKind,
    Role,
    TradeRelation,
)
from hub.parties import PersonDetails
from hub.trace import joining

PERSON = PersonDetails("wang@example.org", "王秀兰", "春天种下的番茄到了秋天都收获了呀", "zh")


@pytest.fixture
def chain(clean, keys_of_the_hub):
    return builder.party(OrganizationKind.RETAILER, "Hejia")


def boss(party):
    return builder.actor(party, Role.ADMINISTRATOR)


def invited(chain, kind=OrganizationKind.SUPPLIER) -> str:
    me = boss(chain)
    with db.session(me.who) as session:
        return partners.invite(session, me, kind, "清河").partition("?t=")[2]


def newcomer(**more) -> Newcomer:
    return Newcomer(**{"name_zh": "清河合作社", "name_en": "", "gln": "", "place": "7号棚", "person": PERSON} | more)


def everything(model):
    with db.hub_session() as session:
        return session.exec(select(model)).all()


def test_who_is_invited_founds_an_organisation_and_both_are_partners_and_it_asks_to_join_the_ledger(chain):
    token = invited(chain)
    login = partners.join_as_new(token, newcomer())
    actor = access.actor_of(login)
    assert actor is not None and actor.kind is OrganizationKind.SUPPLIER and actor.role is Role.SUPPLIER
    farm = next(row for row in everything(Organization) if row.id == actor.organization_id)
    assert (farm.name_zh, farm.name_en) == ("清河合作社", "清河合作社") and farm.gln.startswith("29")
    assert {row.role for row in everything(Membership)} == {Role.ADMINISTRATOR, Role.SUPPLIER}
    assert [(row.name_zh, row.kind) for row in everything(Place)] == [("7号棚", PlaceKind.FARM)]
    assert {(row.owner_id, row.partner_id) for row in everything(TradeRelation)} == {
        (farm.id, chain.id),
        (chain.id, farm.id),
    }
    assert [row.owner_id for row in everything(Enrolment)] == [farm.id]
    with db.hub_session() as session:
        assert joining.enrol(session) == 1
    with db.session(boss(chain).who) as session:
        (partner,) = partners.partners(session)
        assert partner.organization.id == farm.id and not partner.ended and partners.waiting(session) == []


def test_who_keeps_its_own_key_says_so_when_it_joins(chain):
    with pytest.raises(joining.NotAnAddress):
        partners.join_as_new(invited(chain), newcomer(address="0x12"))
    partners.join_as_new(invited(chain), newcomer(address="0x" + "ab" * 20))
    assert [row.address.lower() for row in everything(Enrolment)] == ["0x" + "ab" * 20]


def test_a_haulier_begins_with_a_depot(chain):
    partners.join_as_new(invited(chain, OrganizationKind.HAULIER), newcomer(place=""))
    assert [(row.name_zh, row.kind) for row in everything(Place)] == [("清河合作社", PlaceKind.DEPOT)]


def test_who_is_here_already_joins_with_what_it_has(chain):
    farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe")
    me, token = boss(farm), invited(chain)
    with db.session(me.who) as session:
        partners.join_signed_in(token, session, me)
    with db.session(me.who) as session:
        assert [each.organization.id for each in partners.partners(session)] == [chain.id]
    again = invited(chain)
    with db.session(me.who) as session, pytest.raises(partners.PartnersAlready):
        partners.join_signed_in(again, session, me)


def test_an_invitation_opens_once_for_whom_it_is_meant_and_not_for_ever(chain):
    token = invited(chain)
    haulier = boss(builder.party(OrganizationKind.HAULIER))
    with db.session(haulier.who) as session, pytest.raises(partners.AnotherKind):
        partners.join_signed_in(token, session, haulier)
    partners.join_as_new(token, newcomer())
    with pytest.raises(partners.PartnerLinkUsed):
        partners.join_as_new(token, newcomer(person=PersonDetails("other@example.org", "Li", PERSON.password)))
    with pytest.raises(partners.PartnerLinkUnknown):
        partners.opened("nonsense")
    late = invited(chain)
    with db.hub_session() as session:
        session.execute(text("update partner_invitation set expires_at = :t where used_at is null"), {"t": now()})
    with pytest.raises(partners.PartnerLinkEnded):
        partners.opened(late)
    me = boss(chain)
    taken_back = invited(chain)
    with db.session(me.who) as session:
        for row in partners.waiting(session):
            partners.withdraw(session, me, row.id)
    with pytest.raises(partners.PartnerLinkEnded):
        partners.opened(taken_back)


def test_of_two_who_accept_at_once_one_becomes_a_partner_and_nothing_of_the_other_stays(chain):
    token, refused = invited(chain), []

    def join(number):
        person = PersonDetails(f"p{number}@example.org", "Li", PERSON.password)
        try:
            partners.join_as_new(token, newcomer(name_zh=f"农场{number}", person=person))
        except partners.PartnerLinkUsed as refusal:
            refused.append(refusal)

    both = [threading.Thread(target=join, args=(number,)) for number in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(refused) == 1
    assert len([row for row in everything(Organization) if row.kind is OrganizationKind.SUPPLIER]) == 1


def test_an_address_that_is_known_is_said_to_be_and_nothing_is_lost(chain):
    token = invited(chain)
    builder.person(chain, Role.BUYER, PERSON.password, PERSON.email)
    with pytest.raises(partners.AddressKnown):
        partners.join_as_new(token, newcomer())
    assert partners.opened(token).name == "清河"


def test_each_side_ends_it_and_takes_it_up_again(chain):
    farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe")
    builder.relation(chain, farm)
    me = boss(farm)
    with db.session(me.who) as session:
        partners.end(session, me, chain.id, now())
        assert partners.partners(session)[0].ended
    with db.session(boss(chain).who) as session:
        assert partners.partners(session)[0].theirs.valid_to is not None
    with db.session(me.who) as session:
        partners.again(session, me, chain.id)
        assert not partners.partners(session)[0].ended
        with pytest.raises(NotFound):
            partners.end(session, me, farm.id, now() + timedelta(days=1))


def test_only_a_retailers_administrator_invites(chain):
    buyer = builder.actor(chain, Role.BUYER)
    with db.session(buyer.who) as session, pytest.raises(NotAllowed):
        partners.invite(session, buyer, OrganizationKind.SUPPLIER, "X")
    farm = boss(builder.party(OrganizationKind.SUPPLIER))
    with db.session(farm.who) as session, pytest.raises(partners.AnotherKind):
        partners.invite(session, farm, OrganizationKind.SUPPLIER, "X")
