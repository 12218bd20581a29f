"""One-time links for a new password: asked for by anybody, made by an administrator, used once and within an hour."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from hub import access, attempts, db, outbox
from hub.access import Actor, Permission
from hub.accounts import passwords, post
from hub.attempts import Source
from hub.errors import HubError, NotFound
from hub.messages import Message, PasswordLinkAsked
from hub.models.access import PasswordLink
from hub.models.base import HUB, now
from hub.models.party import Membership, User
from hub.settings import settings

LASTS = timedelta(hours=1)


class LinkUnknown(HubError):
    """This link is none of ours, or not the whole of it; copy all of it, or ask for a new one."""

    code, status = "link-unknown", 404


class LinkUsed(HubError):
    """This link was used already, or a newer one was made; ask for a new one."""

    code, status = "link-used", 410


class LinkExpired(HubError):
    """This link has ended; ask for a new one."""

    code, status = "link-expired", 410


class NobodyByThisAddress(HubError):
    """Nobody who acts for an organisation of this hub has this e-mail address."""

    code, status = "nobody-by-this-address", 404


class ActsForOthersToo(HubError):
    """This person acts for another organisation too, so no one of them alone may open their account."""

    code, status = "acts-for-others-too", 409


def ask(email: str, source: Source) -> None:
    """Ask for a link by mail. Whether the address is known shows in nothing: another process looks it up."""
    attempts.count_asked(email, source, now())
    if post.is_carried():
        with db.session(db.Who(HUB, None, "web")) as session:
            outbox.publish(session, PasswordLinkAsked(email=email.lower()), HUB)


def asked(session: Session, message: Message) -> None:
    """Make the link that somebody asked for and hand it to the post; nothing where nobody is known by the address."""
    assert isinstance(message, PasswordLinkAsked)
    account = access.account_of(message.email)
    if account is None or not passwords.organizations_of(session, account.user_id):
        return
    with db.on_behalf(session, account.user_id):
        person = session.get_one(User, account.user_id)
        link = _make(session, person)
        post.send(post.Letter(post.Kind.PASSWORD_LINK, person.email, person.language, link))


def make(session: Session, actor: Actor, person_id: UUID) -> str:
    """An administrator's link for somebody who acts for this organisation and no other; shown once."""
    person = only_ours(session, actor, person_id)
    with db.on_behalf(session, person.id):
        link = _make(session, person)
    access.record(session, actor, "password.link", person.name)
    return link


def make_here(email: str) -> str:
    """A link for anybody, for whoever may run a command on the hub's own machine; all of the person's trails say so.

    For who is locked out where no mail is sent, or acts for two organisations, neither of which may open the account.
    """
    account = access.account_of(email)
    if account is None:
        raise NobodyByThisAddress
    with db.session(db.Who(account.user_id, None, "command")) as session:
        if not passwords.organizations_of(session, account.user_id):
            raise NobodyByThisAddress
        made = _make(session, session.get_one(User, account.user_id))
        passwords.note(session, account.user_id, "password.link-here")
    return made


def only_ours(session: Session, actor: Actor, person_id: UUID) -> User:
    """Somebody of this organisation whose account it may open for them, since they act for nobody else."""
    access.require(actor, Permission.ADMINISTER)
    access.require_recent(actor)
    ours = select(Membership).where(col(Membership.user_id) == person_id, col(Membership.ended_at).is_(None))
    if session.exec(ours).first() is None:
        raise NotFound
    if passwords.organizations_of(session, person_id) != {actor.organization_id}:
        raise ActsForOthersToo
    return session.get_one(User, person_id)


def _make(session: Session, person: User) -> str:
    """A new link, which ends those before it."""
    session.execute(text("update password_link set used_at = :n where used_at is null"), {"n": now()})
    token, hashed = access.new_token()
    session.add(PasswordLink(owner_id=person.id, token_hash=hashed, expires_at=now() + LASTS))
    return f"{settings().base_url}/new-password?t={token}"


@dataclass(frozen=True)
class Opened:
    """A link that is good still, and whose it is."""

    link_id: UUID
    person_id: UUID
    email: str
    name: str = field(default="")


def open_link(token: str) -> Opened:
    """Whose link this is, or why it opens nothing."""
    with db.app_engine().begin() as connection:
        row = connection.execute(text("select * from find_password_link(:t)"), {"t": access.hash_token(token)}).first()
    if row is None:
        raise LinkUnknown
    with db.session(db.Who(row.user_id, row.user_id, "web")) as session:
        link = session.get_one(PasswordLink, row.link_id)
        _refuse_spent(link)
        person = session.get_one(User, row.user_id)
        return Opened(link.id, person.id, person.email, person.name)


def use(token: str, password: str) -> None:
    """Set a new password by a link; whoever is signed in under the old one is not any more."""
    opened = open_link(token)
    with db.session(db.Who(opened.person_id, opened.person_id, "link")) as session:
        link = session.get_one(PasswordLink, opened.link_id, with_for_update=True)
        _refuse_spent(link)
        passwords.judge(password, opened.email, opened.name)
        session.get_one(User, opened.person_id).password = access.hash_password(password)
        link.used_at = now()
        session.flush()
        passwords.end_logins(session, opened.person_id)
        passwords.note(session, opened.person_id, "password.reset")


def _refuse_spent(link: PasswordLink) -> None:
    if link.used_at is not None:
        raise LinkUsed
    if link.expires_at < now():
        raise LinkExpired
