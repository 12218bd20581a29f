"""Invitations: a link by which somebody comes to act for an organisation, once and within three days.

Whoever opens the link says who they are: somebody new chooses a name and a password, somebody known shows theirs. The
link alone never opens an account that is there already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import text
from sqlmodel import Session, col, select

from hub import access, attempts, db
from hub.access import Actor, Permission
from hub.accounts import factors, passwords, people, post
from hub.accounts.people import Duties
from hub.attempts import Source
from hub.errors import HubError, InvalidInput, NotFound
from hub.inputs import Address
from hub.models.access import Invitation
from hub.models.base import now, uuid7
from hub.models.party import Organization, Role, User
from hub.settings import settings

LASTS = timedelta(hours=72)


class InvitationUnknown(HubError):
    """This invitation is none of ours, or the link is not whole; copy all of it from the message it came in."""

    code, status = "invitation-unknown", 404


class InvitationUsed(HubError):
    """This invitation was accepted already; sign in with the address it was sent to."""

    code, status = "invitation-used", 410


class InvitationExpired(HubError):
    """This invitation has ended: it was good for three days. Ask for a new one."""

    code, status = "invitation-expired", 410


class InvitationWithdrawn(HubError):
    """This invitation was withdrawn, or replaced by a newer one; use the newer one, or ask for it."""

    code, status = "invitation-withdrawn", 410


class ForAnotherAddress(HubError):
    """This invitation is for %(email)s, and you are signed in as somebody else."""

    code, status = "invitation-for-another", 409


class KnownHere(InvalidInput):
    """There is an account under this address already: join with its password."""

    code, status, at = "known-here", 409, "name"


class ActsAlready(InvalidInput):
    """This person acts for your organisation already; change their roles on their own page."""

    code, status, at = "acts-already", 409, "email"


class NotAnAddress(InvalidInput):
    """Enter an e-mail address, such as li@example.org."""

    code, status, at = "not-an-address", 422, "email"


_ADDRESS: TypeAdapter[str] = TypeAdapter(Address)


def invite(session: Session, actor: Actor, email: str, duties: Duties) -> str:
    """Invite somebody to act for the organisation; return the link, which is shown once.

    An earlier invitation to the same address is replaced.
    """
    access.require(actor, Permission.ADMINISTER)
    access.require_recent(actor)
    try:
        email = _ADDRESS.validate_python(email)
    except ValidationError:
        raise NotAnAddress from None
    people.judge(session, actor, duties)
    here = select(User).where(col(User.email) == email)
    known = session.exec(here).first()
    if known is not None and not people.colleague(session, known.id).ended:
        raise ActsAlready
    for earlier in open_ones(session):
        if earlier.email == email:
            earlier.withdrawn_at = now()
    token, hashed = access.new_token()
    session.add(
        Invitation(
            owner_id=actor.organization_id,
            email=email,
            roles=[role.value for role in Role if role in duties.roles],
            place_id=duties.at(Role.STORE) if Role.STORE in duties.roles else None,
            token_hash=hashed,
            expires_at=now() + LASTS,
        )
    )
    access.record(session, actor, "invitation.make", email, roles=", ".join(sorted(duties.roles)))
    link = f"{settings().base_url}/join?t={token}"
    organization = session.get_one(Organization, actor.organization_id)
    post.send(post.Letter(post.Kind.INVITATION, email, actor.language, link, organization.name_zh))
    return link


def open_ones(session: Session) -> Sequence[Invitation]:
    """Invitations that nobody has accepted yet, the newest first; those that have ended stay a month."""
    waiting = select(Invitation).where(
        col(Invitation.used_at).is_(None),
        col(Invitation.withdrawn_at).is_(None),
        col(Invitation.expires_at) > now() - timedelta(days=30),
    )
    return session.exec(waiting.order_by(col(Invitation.id).desc())).all()


def withdraw(session: Session, actor: Actor, invitation_id: UUID) -> None:
    """Take an invitation back before it is accepted."""
    access.require(actor, Permission.ADMINISTER)
    access.require_recent(actor)
    row = session.get(Invitation, invitation_id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.used_at is not None:
        raise InvitationUsed
    row.withdrawn_at = now()
    access.record(session, actor, "invitation.withdraw", row.email)


@dataclass(frozen=True)
class Opened:
    """An invitation that is good still: to whom, from whom, and to do what."""

    id: UUID
    organization: Organization
    email: str
    duties: Duties
    inviter: str = ""
    place_zh: str = ""
    place_en: str = ""


def open_link(token: str) -> Opened:
    """What a link invites to, or why it opens nothing."""
    organization_id, invitation_id = _find(token)
    with db.session(db.Who(organization_id, None, "link")) as session:
        row = session.get_one(Invitation, invitation_id)
        _refuse_spent(row)
        inviter = session.get(User, row.created_by) if row.created_by else None
        place = next((store for store in people.stores(session) if store.id == row.place_id), None)
        return Opened(
            id=row.id,
            organization=session.get_one(Organization, organization_id),
            email=row.email,
            duties=_duties(row),
            inviter=inviter.name if inviter else "",
            place_zh=place.name_zh if place else "",
            place_en=place.name_en if place else "",
        )


@dataclass(frozen=True)
class Newcomer:
    """Somebody who has no account yet: their name, their language, and the password they chose."""

    name: str
    language: str
    password: str = field(repr=False)


def join_as_new(token: str, newcomer: Newcomer) -> str:
    """Make an account for somebody who was invited and have them act; return the token of their login."""
    opened = open_link(token)
    if access.account_of(opened.email) is not None:
        raise KnownHere
    passwords.judge(newcomer.password, opened.email, newcomer.name)
    hashed, own = access.hash_password(newcomer.password), uuid7()
    with db.session(db.Who(opened.organization.id, own, "link")) as session:
        row = _take(session, opened.id, own)
        with db.on_behalf(session, own):
            session.add(
                User(
                    id=own,
                    owner_id=own,
                    email=row.email,
                    name=newcomer.name,
                    password=hashed,
                    language=newcomer.language,
                )
            )
        return _join(session, opened, own)


@dataclass(frozen=True)
class Known:
    """Somebody who has an account: its password, and the code of a second factor where there is one."""

    password: str = field(repr=False)
    code: str = field(default="", repr=False)


def join_as_known(token: str, known: Known, source: Source) -> str:
    """Have somebody act who shows that the account under the invited address is theirs; return their login's token."""
    opened = open_link(token)
    account = access.account_of(opened.email)
    person = account.user_id if account else None
    counted = attempts.count(opened.email, person, opened.organization.id, source, now())
    if not access.is_right(account, known.password) or account is None:
        raise access.SignInRefused(at="own")
    with db.session(db.Who(opened.organization.id, account.user_id, "link")) as session:
        asks = factors.is_asked(session, account.user_id)
    if asks and not known.code:
        raise factors.WrongCode("Enter a code of your authenticator app, or a recovery code.")
    with db.session(db.Who(opened.organization.id, account.user_id, "link")) as session:
        if asks and factors.check(session, account.user_id, known.code):
            passwords.note(session, account.user_id, "recovery-code.use")
        attempts.forget(session, counted)
        _take(session, opened.id, account.user_id)
        return _join(session, opened, account.user_id)


def join_signed_in(token: str, actor: Actor) -> str:
    """Have somebody act who is signed in under the invited address; return the token of the login for it."""
    opened = open_link(token)
    if actor.user_id is None or actor.login_id is None or email_of(actor) != opened.email:
        raise ForAnotherAddress(email=opened.email)
    with db.session(db.Who(opened.organization.id, actor.user_id, "link")) as session:
        _take(session, opened.id, actor.user_id)
        token = _join(session, opened, actor.user_id)
    access.sign_out(actor)
    return token


def email_of(actor: Actor) -> str:
    """The address that somebody signs in with."""
    if actor.user_id is None:
        return ""
    with db.session(db.Who(actor.user_id, actor.user_id, "web")) as session:
        return session.get_one(User, actor.user_id).email


def _find(token: str) -> tuple[UUID, UUID]:
    with db.app_engine().begin() as connection:
        row = connection.execute(text("select * from find_invitation(:t)"), {"t": access.hash_token(token)}).first()
    if row is None:
        raise InvitationUnknown
    return row.org_id, row.invitation_id


def _take(session: Session, invitation_id: UUID, person: UUID) -> Invitation:
    """Use an invitation up; of two who open it at once the second is refused."""
    row = session.get_one(Invitation, invitation_id, with_for_update=True)
    _refuse_spent(row)
    row.used_at, row.used_by = now(), person
    session.flush()
    return row


def _join(session: Session, opened: Opened, person: UUID) -> str:
    given = people.give(session, person, opened.duties)
    who = Actor(opened.organization.id, opened.organization.kind, frozenset(), person, via="link")
    access.record(session, who, "invitation.accept", opened.email)
    return access.open_login(session, person, given[0].id)


def _refuse_spent(row: Invitation) -> None:
    if row.used_at is not None:
        raise InvitationUsed
    if row.withdrawn_at is not None:
        raise InvitationWithdrawn
    if row.expires_at < now():
        raise InvitationExpired


def _duties(row: Invitation) -> Duties:
    return Duties(tuple(Role(role) for role in row.roles), row.place_id)
