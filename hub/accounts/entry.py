"""Coming in: by the second half of a login, by a passkey, for another organisation; and showing again who one is."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from hub import access, attempts, db
from hub.access import Acting, Actor, SignInRefused
from hub.accounts import factors, passkeys, passwords
from hub.accounts.factors import Factors
from hub.accounts.passkeys import Purpose
from hub.attempts import Source
from hub.errors import NotFound
from hub.models.access import AuditEntry
from hub.models.base import now


@dataclass(frozen=True)
class Half:
    """Somebody whose password was right and whose second factor is still asked for."""

    login_id: UUID
    organization_id: UUID
    user_id: UUID


def half_of(token: str) -> Half | None:
    """Whose half login a token opens; None once it is whole, ended, or ten minutes old."""
    with db.app_engine().begin() as connection:
        row = connection.execute(text("select * from find_half_login(:t)"), {"t": access.hash_token(token)}).first()
    if row is None or row.auth_at < now() - access.HALF_LASTS:
        return None
    return Half(row.login_id, row.org_id, row.user_id)


@dataclass(frozen=True)
class Proof:
    """What somebody shows who they are by: one of these."""

    password: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    passkey: str = field(default="", repr=False)


def factors_of(half: Half) -> Factors:
    """By which second factors the other half may be shown."""
    with db.session(db.Who(half.organization_id, half.user_id, "web")) as session:
        return factors.factors_of(session, half.user_id)


def complete(half: Half, proof: Proof) -> str:
    """Make a half login whole by a second factor; return its new token."""
    if proof.passkey:
        passkeys.signer(proof.passkey, Purpose.SECOND, half.user_id)
    with db.session(db.Who(half.organization_id, half.user_id, "web")) as session:
        if not proof.passkey and factors.check(session, half.user_id, proof.code):
            passwords.note(session, half.user_id, "recovery-code.use")
        return access.authenticated(session, half.login_id)


def by_passkey(answer: str, source: Source) -> str:
    """Open a login by a passkey alone; return its token. No guessing at passwords keeps anybody from it."""
    person = passkeys.signer(answer, Purpose.SIGN_IN)
    first = next(iter(memberships(person)), None)
    if first is None:
        raise SignInRefused
    with db.session(db.Who(first.organization_id, person, "web")) as session:
        with db.on_behalf(session, person):
            attempts.remember(session, person, source, now())
        return access.open_login(session, person, first.id)


def confirm(actor: Actor, proof: Proof) -> str:
    """Confirm that it is oneself, by the second factor where one is set up; return the login's new token."""
    if actor.user_id is None or actor.login_id is None:
        raise NotFound
    held = held_by(actor)
    if held.any and proof.passkey:
        passkeys.signer(proof.passkey, Purpose.SECOND, actor.user_id)
    with db.session(actor.who) as session:
        if not held.any:
            passwords.confirm(session, actor, proof.password)
        elif not proof.passkey and factors.check(session, actor.user_id, proof.code):
            passwords.note(session, actor.user_id, "recovery-code.use")
        return access.authenticated(session, actor.login_id)


def held_by(actor: Actor) -> Factors:
    """One's own second factors."""
    if actor.user_id is None:
        return Factors()
    with db.session(actor.who) as session:
        return factors.factors_of(session, actor.user_id)


def memberships(person: UUID) -> tuple[Acting, ...]:
    """For whom a person acts and as what, the latest used first."""
    with db.app_engine().begin() as connection:
        return access.acting_of(connection, person)


def switch(actor: Actor, membership_id: UUID) -> str:
    """Go on acting for another organisation, or in another role; return the token of the login for it.

    The old token opens nothing any more. Who has confirmed that it is them has done so for both.
    """
    if actor.user_id is None or actor.login_id is None:
        raise NotFound
    chosen = next((one for one in memberships(actor.user_id) if one.id == membership_id), None)
    if chosen is None:
        raise NotFound
    with db.session(actor.who) as session:
        session.execute(text("delete from login where id = :i"), {"i": actor.login_id})
        with db.on_behalf(session, chosen.organization_id):
            token = access.open_login(session, actor.user_id, chosen.id, since=actor.auth_at)
            session.add(AuditEntry(owner_id=chosen.organization_id, action="login.switch", subject=chosen.role.value))
    return token
