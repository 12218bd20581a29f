"""Signing in, and what it opens."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from hub import access, attempts, db
from hub.attempts import TooManyAttempts
from hub.demo import builder
from hub.models.party import OrganizationKind, Role

pytestmark = pytest.mark.usefixtures("clean")
PASSWORD = "a long enough sentence"


@pytest.fixture
def buyer():
    org = builder.party(OrganizationKind.RETAILER)
    builder.person(org, Role.BUYER, PASSWORD, "buyer@example.org")
    return org


def test_a_person_signs_in_and_acts_for_their_organisation(buyer):
    actor = access.actor_of(access.sign_in("Buyer@example.org", PASSWORD, "127.0.0.1"))
    assert actor is not None and actor.organization_id == buyer.id and actor.role is Role.BUYER


@pytest.mark.parametrize(("email", "password"), [("buyer@example.org", "wrong"), ("nobody@example.org", PASSWORD)])
def test_unknown_and_wrong_get_the_same_answer(buyer, email, password):
    with pytest.raises(access.SignInRefused, match="The e-mail address or the password is not right"):
        access.sign_in(email, password, "127.0.0.1")


def guess(email="buyer@example.org", address="10.0.0.1", browser=""):
    with pytest.raises(access.SignInRefused):
        access.sign_in(email, "guess", address, browser)


def test_the_eleventh_guess_is_refused_even_when_right(buyer):
    for number in range(10):
        guess(address=f"10.0.0.{number}")
    with pytest.raises(TooManyAttempts):
        access.sign_in("buyer@example.org", PASSWORD, "10.0.1.2")


def test_of_sixty_guesses_at_once_ten_are_judged(buyer, monkeypatch):
    judged = []
    right = access._right
    monkeypatch.setattr(access, "_right", lambda *told: judged.append(1) or right(*told))

    def one(_number):
        try:
            access.sign_in("buyer@example.org", "guess", "10.0.0.1")
        except (access.SignInRefused, TooManyAttempts) as refused:
            return refused.status

    with ThreadPoolExecutor(20) as crowd:
        statuses = list(crowd.map(one, range(60)))
    assert len(judged) == 10 and statuses.count(401) == 10 and statuses.count(429) == 50


def test_a_right_password_is_not_counted(buyer):
    for _ in range(30):
        access.sign_in("buyer@example.org", PASSWORD, "10.0.0.1")
    with db.hub_session() as session:
        assert session.execute(text("select count(*) from sign_in_attempt")).scalar() == 0


def test_who_has_come_from_this_browser_before_comes_in_while_others_guess(buyer):
    access.sign_in("buyer@example.org", PASSWORD, "10.0.0.1", "his browser")
    for number in range(10):
        guess(address=f"10.9.0.{number}")
    with pytest.raises(TooManyAttempts):
        access.sign_in("buyer@example.org", PASSWORD, "10.9.0.99", "another browser")
    assert access.sign_in("buyer@example.org", PASSWORD, "10.9.0.1", "his browser")
    assert access.sign_in("buyer@example.org", PASSWORD, "10.0.0.1", "a new browser at his desk")


def test_a_stolen_browsers_guesses_are_counted_too(buyer):
    access.sign_in("buyer@example.org", PASSWORD, "10.0.0.1", "stolen")
    for number in range(10):
        guess(address=f"10.9.0.{number}", browser="stolen")
    with pytest.raises(TooManyAttempts):
        access.sign_in("buyer@example.org", PASSWORD, "10.9.0.1", "stolen")


def test_one_colleagues_typing_errors_shut_no_office_out(buyer):
    office = "192.0.2.1"
    for name in "abcdef":
        builder.person(buyer, Role.BUYER, PASSWORD, f"{name}@example.org")
    access.sign_in("b@example.org", PASSWORD, office, "her browser")
    for _ in range(10):
        guess("a@example.org", office)
    with pytest.raises(TooManyAttempts):
        access.sign_in("a@example.org", "guess", office)
    for name in "cdef":
        assert access.sign_in(f"{name}@example.org", PASSWORD, office, f"{name}s first time")


def test_an_address_that_guesses_at_many_is_slowed_down_except_for_those_who_have_come_from_it(buyer):
    office = "192.0.2.1"
    access.sign_in("buyer@example.org", PASSWORD, office, "his browser")
    for number in range(attempts.OF_AN_ADDRESS):
        guess(f"nobody{number}@example.org", office)
    builder.person(buyer, Role.BUYER, PASSWORD, "new@example.org")
    with pytest.raises(attempts.TooManyFromHere) as refused:
        access.sign_in("new@example.org", PASSWORD, office)
    assert refused.value.extra["retry_after"] <= 2
    assert access.sign_in("buyer@example.org", PASSWORD, office, "a new browser")
    with db.hub_session() as session:
        session.execute(text("update sign_in_attempt set at = at - interval '2 seconds'"))
    assert access.sign_in("new@example.org", PASSWORD, office)


def test_a_hundred_thousand_guesses_in_small_open_nothing_and_keep_no_owner_outside(buyer):
    """Twenty accounts, a hundred addresses, two thousand guesses; in full in `benchmarks/guesses.py`."""
    owners = [f"owner{number}@example.org" for number in range(20)]
    for email in owners:
        builder.person(buyer, Role.BUYER, PASSWORD, email)
        access.sign_in(email, PASSWORD, "192.0.2.9", f"browser of {email}")
    judged = 0
    for number in range(2_000):
        try:
            access.sign_in(owners[number % 20], f"guess {number}", f"10.0.0.{number % 100}")
        except access.SignInRefused:
            judged += 1
        except (TooManyAttempts, attempts.TooManyFromHere):
            pass
    assert judged <= 20 * attempts.OF_AN_ACCOUNT
    for email in owners:
        assert access.sign_in(email, PASSWORD, "10.0.0.1", f"browser of {email}")


def test_what_is_kept_of_an_address_cannot_be_guessed_back(buyer):
    access.sign_in("buyer@example.org", PASSWORD, "192.0.2.1", "his browser")
    guess(address="192.0.2.1")
    with db.hub_session() as session:
        kept = session.execute(
            text("select bucket from sign_in_attempt union select address from known_browser")
        ).scalars()
        plain = {
            hashlib.sha256(word).digest() for word in (b"192.0.2.1", b"address/192.0.2.1", b"address\x00192.0.2.1")
        }
        assert not plain & {bytes(one) for one in kept}


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
