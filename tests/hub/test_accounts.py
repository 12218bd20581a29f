"""People's accounts: passwords, second factors, links, and who acts for whom."""

import hashlib
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select
from typer.testing import CliRunner

from hub import access, db, outbox
from hub.access import Permission
from hub.accounts import entry, factors, invitations, links, passwords, people, post
from hub.accounts.entry import Proof
from hub.accounts.invitations import Known, Newcomer
from hub.accounts.passwords import Change
from hub.accounts.people import Duties
from hub.attempts import Source, TooManyAttempts, TooManyCodes
from hub.cli import app
from hub.demo import builder
from hub.listeners import LISTENERS
from hub.lists import Search
from hub.models.access import AuditEntry, Authenticator
from hub.models.base import now
from hub.models.outbox import OutboxMessage
from hub.models.party import Membership, OrganizationKind, PlaceKind, Role, User

pytestmark = pytest.mark.usefixtures("clean")
PASSWORD = "a long enough sentence"
ANOTHER = "another quite long sentence"
HERE = Source("127.0.0.1", "")


@pytest.fixture
def chain():
    return builder.party(OrganizationKind.RETAILER, "Hejia")


@pytest.fixture
def gao(chain):
    """Gao, who administers Hejia and has just signed in."""
    builder.person(chain, Role.ADMINISTRATOR, PASSWORD, "gao@example.org", "Gao")
    return signed_in("gao@example.org")


@pytest.fixture
def lin(chain):
    """Lin, who buys for Hejia and has just signed in."""
    builder.person(chain, Role.BUYER, PASSWORD, "lin@example.org", "Lin")
    return signed_in("lin@example.org")


@pytest.fixture
def letters():
    """What is sent by mail, had somebody set mail up."""
    sent = []
    post.carry_by(sent.append)
    yield sent
    post.carry_by_nobody()


def signed_in(email, password=PASSWORD):
    actor = access.actor_of(access.sign_in(email, password, "127.0.0.1"))
    assert actor is not None
    return actor


def long_ago(actor):
    """The same login, had its person shown who they are eleven minutes ago."""
    from dataclasses import replace

    with db.hub_session() as session:
        session.execute(text("update login set auth_at = auth_at - interval '11 minutes'"))
    return replace(actor, auth_at=actor.auth_at - timedelta(minutes=11))


def trail(actor):
    with db.session(actor.who) as session:
        return [entry.action for entry in session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))]


def token_of(link):
    return link.partition("?t=")[2]


class TestPasswords:
    @pytest.mark.parametrize("password", ["short", "fourteen chars", "十四个字也还是太短了不行的"])
    def test_a_short_one_is_refused(self, password):
        with pytest.raises(passwords.TooShort):
            passwords.judge(password)

    @pytest.mark.parametrize(
        "password",
        [
            "passwordpassword", "Password-Password!", "aaaaaaaaaaaaaaaa", "123456789012345", "abcabcabcabcabcabc",
            "qwertyuiopasdfgh", "Letmein1234567890", "correct horse battery staple", "654321qwertyuiop",
            "Li-Min-2026-11-27!", "woaini5201314520", "Furrow2026202620",
        ],
    )  # fmt: skip
    def test_one_that_is_tried_first_is_refused(self, password):
        with pytest.raises(passwords.TooCommon):
            passwords.judge(password, "limin@example.org", "Li Min")

    @pytest.mark.parametrize(
        "password", [PASSWORD, "清晨的露水落在番茄叶子上面了啊", "tomatoes grow slowly here", "0318 blue gate 77"]
    )
    def test_a_long_one_of_anything_is_taken(self, password):
        passwords.judge(password, "li@example.org", "Li Min")

    def test_it_is_changed_by_who_knows_the_present_one_and_ends_the_others(self, chain, lin):
        elsewhere = access.sign_in("lin@example.org", PASSWORD, "127.0.0.1")
        with db.session(lin.who) as session:
            token = passwords.change(session, lin, Change(PASSWORD, ANOTHER, alone=True))
        assert access.actor_of(elsewhere) is None and access.actor_of(token).login_id == lin.login_id
        with pytest.raises(access.SignInRefused):
            access.sign_in("lin@example.org", PASSWORD, "127.0.0.1")
        assert signed_in("lin@example.org", ANOTHER) and "password.change" in trail(lin)

    def test_without_the_present_one_nothing_changes_and_guesses_are_counted(self, lin):
        for _ in range(10):
            with pytest.raises(passwords.NotThePresent), db.session(lin.who) as session:
                passwords.change(session, lin, Change("guess", ANOTHER))
        with pytest.raises(TooManyCodes), db.session(lin.who) as session:
            passwords.change(session, lin, Change(PASSWORD, ANOTHER))


class TestForgottenPasswords:
    def test_known_or_not_the_same_is_written_and_a_link_goes_to_the_known_alone(self, lin, letters):
        for email in ("lin@example.org", "nobody@example.org"):
            links.ask(email, HERE)
        with db.hub_session() as session:
            rows = session.execute(select(OutboxMessage)).scalars().all()
            assert {row.type for row in rows} == {"PasswordLinkAsked"} and len(rows) == 2
        assert outbox.relay(LISTENERS) == 2
        (letter,) = letters
        assert letter.email == "lin@example.org" and token_of(letter.link) not in repr(letter)

        links.use(token_of(letter.link), ANOTHER)
        assert signed_in("lin@example.org", ANOTHER) and access.actor_of("x") is None
        assert "password.reset" in trail(lin)
        with pytest.raises(links.LinkUsed):
            links.use(token_of(letter.link), "yet another long sentence")

    def test_without_mail_nothing_is_written_for_anybody(self, lin):
        links.ask("lin@example.org", HERE)
        with db.hub_session() as session:
            assert session.execute(text("select count(*) from outbox_message")).scalar() == 0

    def test_who_asks_too_often_is_refused_known_or_not(self, lin):
        for email in ("lin@example.org", "nobody@example.org"):
            for _ in range(10):
                links.ask(email, HERE)
            with pytest.raises(TooManyAttempts):
                links.ask(email, HERE)

    def test_an_administrators_link_ends_after_an_hour_and_when_there_is_a_newer_one(self, gao, lin):
        with db.session(gao.who) as session:
            first = links.make(session, gao, lin.user_id)
            second = links.make(session, gao, lin.user_id)
        with pytest.raises(links.LinkUsed):
            links.open_link(token_of(first))
        assert links.open_link(token_of(second)).email == "lin@example.org"
        with db.hub_session() as session:
            session.execute(text("update password_link set expires_at = expires_at - interval '1 hour'"))
        with pytest.raises(links.LinkExpired):
            links.use(token_of(second), ANOTHER)
        with pytest.raises(links.LinkUnknown):
            links.open_link("forged")
        assert trail(gao).count("password.link") == 2

    def test_the_link_ends_every_login_and_the_database_does_not_hold_it(self, gao, lin):
        open_login = access.sign_in("lin@example.org", PASSWORD, "127.0.0.1")
        with db.session(gao.who) as session:
            link = links.make(session, gao, lin.user_id)
        with db.hub_session() as session:
            assert token_of(link) not in session.execute(text("select l::text from password_link l")).scalar_one()
        links.use(token_of(link), ANOTHER)
        assert access.actor_of(open_login) is None

    def test_no_administrator_opens_the_account_of_a_person_who_acts_for_others_too(self, chain, gao, lin):
        other = builder.party(OrganizationKind.RETAILER, "Lelin")
        builder.person(other, Role.BUYER, "", "lin@example.org")
        for service in (links.make, factors.reset):
            with pytest.raises(links.ActsForOthersToo), db.session(gao.who) as session:
                service(session, gao, lin.user_id)

    def test_on_the_hubs_own_machine_a_link_is_made_for_who_acts_for_two_and_both_trails_say_so(self, gao, lin):
        other = builder.party(OrganizationKind.RETAILER, "Lelin")
        builder.person(other, Role.BUYER, "", "lin@example.org")
        first, link = links.make_here("Lin@example.org"), printed("lin@example.org")
        with pytest.raises(links.LinkUsed):
            links.open_link(token_of(first))
        for party in (lin, builder.actor(other, Role.ADMINISTRATOR)):
            assert trail(party).count("password.link-here") == 2
        assert links.open_link(token_of(links.make_here("gao@example.org"))).email == "gao@example.org"
        links.use(token_of(link), ANOTHER)
        assert signed_in("lin@example.org", ANOTHER)

    def test_on_the_hubs_own_machine_too_nobody_strange_gets_a_link(self, gao, lin):
        with pytest.raises(links.NobodyByThisAddress):
            links.make_here("nobody@example.org")
        assert CliRunner().invoke(app, ["password-link", "nobody@example.org"]).exit_code == 1
        with db.hub_session() as session:
            session.execute(text("update membership set ended_at = now() where user_id = :u"), {"u": lin.user_id})
        with pytest.raises(links.NobodyByThisAddress):
            links.make_here("lin@example.org")


def printed(email):
    """What `furrow password-link` prints."""
    done = CliRunner().invoke(app, ["password-link", email])
    assert done.exit_code == 0, done.output
    return done.output.strip()


class TestSecondFactors:
    def with_app(self, actor):
        with db.session(actor.who) as session:
            secret = factors.begin_app(session, actor).secret
        clock = pyotp.TOTP(secret)
        with db.session(actor.who) as session:
            codes = factors.confirm_app(session, actor, clock.at(now() - timedelta(seconds=30)))
        return clock, codes

    def half(self, email="lin@example.org"):
        token = access.sign_in(email, PASSWORD, "127.0.0.1")
        assert access.actor_of(token) is None
        return token, entry.half_of(token)

    def test_a_password_alone_opens_nothing_any_more(self, lin):
        clock, codes = self.with_app(lin)
        token, half = self.half()
        whole = entry.complete(half, Proof(code=clock.now()))
        assert access.actor_of(whole).user_id == lin.user_id and len(codes) == 10
        assert access.actor_of(token) is None and entry.half_of(token) is None

    def test_a_code_is_taken_once(self, lin):
        clock, _ = self.with_app(lin)
        code = clock.now()
        entry.complete(self.half()[1], Proof(code=code))
        with pytest.raises(factors.WrongCode):
            entry.complete(self.half()[1], Proof(code=code))

    def test_a_recovery_code_is_taken_once_and_its_owner_is_told(self, lin, letters):
        _, codes = self.with_app(lin)
        whole = entry.complete(self.half()[1], Proof(code=codes[0].upper().replace("-", " ")))
        assert access.actor_of(whole) and [letter.kind for letter in letters] == [post.Kind.RECOVERY_CODE_USED]
        assert "recovery-code.use" in trail(lin)
        with pytest.raises(factors.WrongCode):
            entry.complete(self.half()[1], Proof(code=codes[0]))
        with db.session(lin.who) as session:
            assert factors.factors_of(session, lin.user_id).codes_left == 9

    def test_the_sixth_guess_is_refused_even_when_right(self, lin):
        clock, _ = self.with_app(lin)
        for _ in range(5):
            with pytest.raises(factors.WrongCode):
                entry.complete(self.half()[1], Proof(code="000000"))
        with pytest.raises(TooManyCodes):
            entry.complete(self.half()[1], Proof(code=clock.now()))

    def test_fifty_guesses_a_day_are_the_most(self, lin):
        clock, _ = self.with_app(lin)
        for _ in range(10):
            for _ in range(5):
                with pytest.raises(factors.WrongCode):
                    entry.complete(self.half()[1], Proof(code="000000"))
            with db.hub_session() as session:
                session.execute(text("update sign_in_attempt set at = at - interval '6 minutes'"))
        with pytest.raises(TooManyCodes):
            entry.complete(self.half()[1], Proof(code=clock.now()))

    def test_half_a_login_ends_after_ten_minutes(self, lin):
        self.with_app(lin)
        token, _ = self.half()
        with db.hub_session() as session:
            session.execute(text("update login set auth_at = auth_at - interval '11 minutes' where half"))
        assert entry.half_of(token) is None

    def test_the_secret_lies_sealed_and_no_organisation_reads_it(self, chain, lin):
        clock, codes = self.with_app(lin)
        with db.hub_session() as session:
            kept = session.execute(text("select a::text from authenticator a")).scalar_one()
            hashes = session.execute(text("select r::text from recovery_code r")).scalars().all()
        assert "f1.people." in kept and clock.secret not in kept and not any(codes[0] in one for one in hashes)
        with db.session(db.Who(chain.id)) as session:
            assert session.exec(select(Authenticator)).all() == []
            assert session.execute(text("delete from authenticator")).rowcount == 0

    def test_an_administrator_lets_somebody_in_who_has_lost_it_and_they_are_told(self, gao, lin, letters):
        self.with_app(lin)
        with db.session(gao.who) as session:
            assert people.colleague(session, lin.user_id).second_factor
            factors.reset(session, gao, lin.user_id)
        assert signed_in("lin@example.org") and letters[0].kind is post.Kind.SECOND_FACTOR_REMOVED
        assert "second-factor.reset" in trail(gao)

    def test_what_was_shown_ten_minutes_ago_is_shown_again(self, lin):
        clock, _ = self.with_app(lin)
        with pytest.raises(access.ConfirmItIsYou), db.session(lin.who) as session:
            factors.new_codes(session, long_ago(lin))
        with pytest.raises(factors.WrongCode):
            entry.confirm(lin, Proof(password=PASSWORD))
        fresh = access.actor_of(entry.confirm(lin, Proof(code=clock.now())))
        with db.session(fresh.who) as session:
            assert len(factors.new_codes(session, fresh)) == 10


class TestPeople:
    def invited(self, gao, email="su@example.org", *roles, place=None):
        with db.session(gao.who) as session:
            return token_of(invitations.invite(session, gao, email, Duties(roles or (Role.BUYER,), place)))

    def test_somebody_new_is_invited_and_joins(self, chain, gao):
        store = builder.place(chain, PlaceKind.STORE)
        token = self.invited(gao, " Su@Example.org", Role.STORE, Role.BUYER, place=store.id)
        opened = invitations.open_link(token)
        assert opened.inviter == "Gao" and opened.organization.id == chain.id and opened.email == "su@example.org"

        su = access.actor_of(invitations.join_as_new(token, Newcomer("Su", "zh", ANOTHER)))
        assert su.organization_id == chain.id and su.role is Role.BUYER and su.language == "zh"
        with db.session(gao.who) as session:
            known = people.colleague(session, su.user_id)
        assert known.roles == (Role.BUYER, Role.STORE) and known.place.id == store.id and known.seen_at
        assert {"invitation.make", "invitation.accept"} <= set(trail(gao))
        with pytest.raises(invitations.InvitationUsed):
            invitations.join_as_new(token, Newcomer("Somebody", "en", ANOTHER))

    def test_somebody_known_joins_with_their_password_and_with_nothing_else(self, gao):
        farm = builder.party(OrganizationKind.SUPPLIER)
        builder.person(farm, Role.SUPPLIER, ANOTHER, "su@example.org", "Su")
        token = self.invited(gao)
        with pytest.raises(invitations.KnownHere):
            invitations.join_as_new(token, Newcomer("Not Su", "en", "a password of my own"))
        with pytest.raises(access.SignInRefused):
            invitations.join_as_known(token, Known("guess"), HERE)
        su = access.actor_of(invitations.join_as_known(token, Known(ANOTHER), HERE))
        assert su.organization_id == gao.organization_id
        assert {one.organization_id for one in entry.memberships(su.user_id)} == {farm.id, gao.organization_id}

    def test_somebody_signed_in_joins_at_once_and_somebody_else_is_told_who_is_meant(self, gao, lin):
        farm = builder.party(OrganizationKind.SUPPLIER)
        builder.person(farm, Role.SUPPLIER, ANOTHER, "su@example.org", "Su")
        token = self.invited(gao)
        with pytest.raises(invitations.ForAnotherAddress, match=r"su@example\.org"):
            invitations.join_signed_in(token, lin)
        su = signed_in("su@example.org", ANOTHER)
        joined = access.actor_of(invitations.join_signed_in(token, su))
        assert joined.organization_id == gao.organization_id

    def test_one_that_ended_was_replaced_or_withdrawn_says_which(self, gao):
        first, second = self.invited(gao), self.invited(gao)
        with pytest.raises(invitations.InvitationWithdrawn):
            invitations.open_link(first)
        with db.session(gao.who) as session:
            (waiting,) = invitations.open_ones(session)
        with db.hub_session() as session:
            session.execute(text("update invitation set expires_at = now() - interval '1 minute'"))
        with pytest.raises(invitations.InvitationExpired):
            invitations.join_as_new(second, Newcomer("Su", "en", ANOTHER))
        with db.session(gao.who) as session:
            invitations.withdraw(session, gao, waiting.id)
        with pytest.raises(invitations.InvitationWithdrawn):
            invitations.open_link(second)
        with pytest.raises(invitations.InvitationUnknown):
            invitations.open_link("forged")

    @pytest.mark.parametrize(
        ("email", "roles", "refusal"),
        [
            ("no address", (Role.BUYER,), invitations.NotAnAddress),
            ("su@example.org", (), people.RoleNeeded),
            ("su@example.org", (Role.DRIVER,), people.NoSuchRole),
            ("su@example.org", (Role.STORE,), people.StoreNeeded),
            ("lin@example.org", (Role.STORE,), people.StoreNeeded),
            ("lin@example.org", (Role.BUYER,), invitations.ActsAlready),
        ],
    )
    def test_what_is_wrong_with_an_invitation_is_said(self, gao, lin, email, roles, refusal):
        with pytest.raises(refusal), db.session(gao.who) as session:
            invitations.invite(session, gao, email, Duties(roles))

    def test_ended_means_on_the_next_request_and_here_alone(self, gao, lin):
        farm = builder.party(OrganizationKind.SUPPLIER)
        builder.person(farm, Role.SUPPLIER, "", "lin@example.org")
        token = access.sign_in("lin@example.org", PASSWORD, "127.0.0.1")
        with db.session(gao.who) as session:
            people.end(session, gao, lin.user_id)
        assert access.actor_of(token) is None and "person.end" in trail(gao)
        assert signed_in("lin@example.org").organization_id == farm.id
        with db.session(gao.who) as session:
            assert [one.person.name for one in people.colleagues(session, Search()).rows] == ["Gao", "Lin"]
            assert people.colleague(session, lin.user_id).ended

    def test_who_was_ended_is_invited_again_and_is_back(self, gao, lin):
        with db.session(gao.who) as session:
            people.end(session, gao, lin.user_id)
        with pytest.raises(access.SignInRefused):
            signed_in("lin@example.org")
        token = self.invited(gao, "lin@example.org")
        assert access.actor_of(invitations.join_as_known(token, Known(PASSWORD), HERE)).role is Role.BUYER

    def test_a_role_that_is_gone_opens_nothing_on_the_next_request(self, chain, gao, lin):
        token = access.sign_in("lin@example.org", PASSWORD, "127.0.0.1")
        with db.session(gao.who) as session:
            people.change(session, gao, lin.user_id, Duties((Role.AUDITOR,)))
        assert access.actor_of(token) is None and signed_in("lin@example.org").role is Role.AUDITOR

    def test_the_last_administrator_stays(self, gao, lin):
        for service in (
            lambda session: people.end(session, gao, gao.user_id),
            lambda session: people.change(session, gao, gao.user_id, Duties((Role.BUYER,))),
        ):
            with pytest.raises(people.LastAdministrator), db.session(gao.who) as session:
                service(session)
        with db.session(gao.who) as session:
            people.change(session, gao, lin.user_id, Duties((Role.ADMINISTRATOR,)))
            people.end(session, gao, gao.user_id)

    def test_of_two_administrators_who_end_each_other_one_stays(self, chain, gao, lin):
        from concurrent.futures import ThreadPoolExecutor

        with db.session(gao.who) as session:
            people.change(session, gao, lin.user_id, Duties((Role.ADMINISTRATOR,)))
        lin = signed_in("lin@example.org")

        def end(actor, other):
            try:
                with db.session(actor.who) as session:
                    people.end(session, actor, other.user_id)
            except people.LastAdministrator:
                return False
            return True

        with ThreadPoolExecutor(2) as both:
            ended = [*both.map(lambda pair: end(*pair), [(gao, lin), (lin, gao)])]
        assert sorted(ended) == [False, True]

    def test_one_organisations_people_are_nothing_to_another(self, gao, lin):
        other = builder.party(OrganizationKind.RETAILER, "Lelin")
        builder.relation(other, builder.party(OrganizationKind.SUPPLIER))
        builder.person(other, Role.ADMINISTRATOR, PASSWORD, "su@example.org", "Su")
        su = signed_in("su@example.org")
        with db.session(su.who) as session:
            assert [one.person.name for one in people.colleagues(session, Search()).rows] == ["Su"]
            assert session.exec(select(User).where(col(User.id) == lin.user_id)).all() == []
            assert session.execute(text("update person set name = 'mine'")).rowcount == 0
            assert (
                session.execute(text("update membership set role = 'buyer' where owner_id <> app_org()")).rowcount == 0
            )
        for service in (links.make, factors.reset, people.end):
            with pytest.raises(access.NotFound), db.session(su.who) as session:
                service(session, su, lin.user_id)
        with pytest.raises(access.NotFound), db.session(su.who) as session:
            people.change(session, su, lin.user_id, Duties((Role.BUYER,)))

    def test_an_organisation_writes_nothing_of_its_own_people(self, chain, lin):
        with db.session(db.Who(chain.id)) as session:
            assert session.execute(text("update person set password = 'x', email = 'x'")).rowcount == 0
        with pytest.raises(DBAPIError, match="row-level security"), db.session(db.Who(chain.id)) as session:
            session.add(User(owner_id=lin.user_id, email="x@example.org", name="x", password="x"))

    def test_without_the_right_role_or_not_recently_nothing_is_done(self, gao, lin):
        for actor, refusal in ((lin, access.NotAllowed), (long_ago(gao), access.ConfirmItIsYou)):
            for service in (
                lambda session, actor=actor: invitations.invite(session, actor, "x@example.org", Duties((Role.BUYER,))),
                lambda session, actor=actor: people.end(session, actor, lin.user_id),
                lambda session, actor=actor: people.change(session, actor, lin.user_id, Duties((Role.BUYER,))),
                lambda session, actor=actor: links.make(session, actor, lin.user_id),
                lambda session, actor=actor: factors.reset(session, actor, lin.user_id),
            ):
                with pytest.raises(refusal), db.session(actor.who) as session:
                    service(session)


class TestActingForTwo:
    def test_a_switch_is_a_new_token_and_the_old_one_is_dead(self, chain, lin):
        farm = builder.party(OrganizationKind.SUPPLIER)
        builder.person(farm, Role.SUPPLIER, "", "lin@example.org")
        token = access.sign_in("lin@example.org", PASSWORD, "127.0.0.1", "one browser")
        here = access.actor_of(token)
        there = next(one for one in entry.memberships(lin.user_id) if one.organization_id == farm.id)
        switched = entry.switch(here, there.id)
        actor = access.actor_of(switched)
        assert access.actor_of(token) is None and actor.organization_id == farm.id and actor.auth_at == here.auth_at
        assert (
            access.actor_of(access.sign_in("lin@example.org", PASSWORD, "127.0.0.1", "one browser")).organization_id
            == farm.id
        )

    def test_nobody_switches_to_what_is_not_theirs(self, chain, gao, lin):
        with db.session(gao.who) as session:
            gaos = session.exec(select(Membership).where(col(Membership.user_id) == gao.user_id)).one()
        with pytest.raises(access.NotFound):
            entry.switch(lin, gaos.id)

    def test_one_speaks_and_is_called_the_same_everywhere(self, chain, lin):
        farm = builder.party(OrganizationKind.SUPPLIER)
        builder.person(farm, Role.SUPPLIER, "", "lin@example.org")
        there = next(one for one in entry.memberships(lin.user_id) if one.organization_id == farm.id)
        actor = access.actor_of(entry.switch(lin, there.id))
        with db.session(actor.who) as session:
            access.speak(session, actor, "zh")
        assert signed_in("lin@example.org").language == "zh"


def test_an_api_keys_last_use_is_noted_and_the_key_lies_nowhere(chain):
    key = builder.key(chain, "till", Permission.AUDIT)
    assert access.machine_of(key).name == "till"
    with db.hub_session() as session:
        kept = session.execute(text("select used_at, k::text from api_key k")).one()
    assert kept.used_at is not None and key not in kept[1] and hashlib.sha256(key.encode()).hexdigest() in kept[1]
