"""Signing in, and what it opens."""

import pytest
from sqlalchemy import text

from hub import access, db
from hub.models.party import OrganizationKind, Role
from tests import factories

pytestmark = pytest.mark.usefixtures("clean")
PASSWORD = "a long enough sentence"


@pytest.fixture
def buyer():
    org = factories.organization(OrganizationKind.RETAILER)
    factories.person(org, Role.BUYER, PASSWORD, "buyer@example.org")
    return org


def test_a_person_signs_in_and_acts_for_their_organisation(buyer):
    actor = access.actor_of(access.sign_in("Buyer@example.org", PASSWORD, "127.0.0.1"))
    assert actor is not None and actor.organization_id == buyer.id and actor.role is Role.BUYER


@pytest.mark.parametrize(
    ("email", "password"), [("buyer@example.org", "wrong"), ("nobody@example.org", PASSWORD)]
)
def test_unknown_and_wrong_get_the_same_answer(buyer, email, password):
    with pytest.raises(access.SignInRefused, match="The e-mail address or the password is not right"):
        access.sign_in(email, password, "127.0.0.1")


def test_the_eleventh_guess_is_refused_even_when_right(buyer):
    for _ in range(10):
        with pytest.raises(access.SignInRefused):
            access.sign_in("buyer@example.org", "guess", "10.0.0.1")
    with pytest.raises(access.TooManyAttempts):
        access.sign_in("buyer@example.org", PASSWORD, "10.0.0.2")


def test_a_login_ends_at_once_everywhere(buyer):
    token = access.sign_in("buyer@example.org", PASSWORD, "127.0.0.1")
    actor = access.actor_of(token)
    access.sign_out(actor)
    assert access.actor_of(token) is None


@pytest.mark.parametrize("token", ["", "forged", "!!", "é" * 40, "A" * 44])
def test_a_forged_cookie_opens_nothing(buyer, token):
    assert access.actor_of(token) is None


def test_a_login_left_idle_ends(buyer):
    token = access.sign_in("buyer@example.org", PASSWORD, "127.0.0.1")
    with db.hub_session() as session:
        session.execute(text("update login set seen_at = now() - interval '3 hours'"))
    assert access.actor_of(token) is None


def test_the_database_holds_neither_token_nor_password(buyer):
    token = access.sign_in("buyer@example.org", PASSWORD, "127.0.0.1")
    with db.hub_session() as session:
        kept = session.execute(
            text("select l::text || u::text from login l join person u on u.id = l.user_id")
        ).scalar_one()
    assert token not in kept and PASSWORD not in kept and "$argon2id$v=19$m=19456,t=2,p=1" in kept
