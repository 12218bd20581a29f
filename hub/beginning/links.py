"""One-time links for whom nobody else can let in: the first administrator, and an administrator who is locked out.

Whoever may run a command on the hub's own machine makes them (``furrow admin-link``, ``make run WORLD=own``): he could
read the database anyway, so a link gives him nothing new, while no page of a running hub hands one out.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select, update

from hub import db
from hub.errors import HubError
from hub.models.access import AdmissionLink
from hub.models.base import HUB, now
from hub.models.party import Membership, Role, User
from hub.settings import settings

VALID = timedelta(hours=72)
ITSELF = db.Who(HUB, via="admission")
"""Whose these links are: the hub's own, no organisation's."""


class LinkUnknown(HubError):
    """This link is not one of this hub's, or not the whole of it."""

    code, status = "admission-link-unknown", 404


class LinkUsed(HubError):
    """This link has been used: it works once."""

    code, status = "admission-link-used", 410


class LinkExpired(HubError):
    """This link has expired: it works for 72 hours, or until a newer one is made."""

    code, status = "admission-link-expired", 410


class AdministratorKnown(HubError):
    """This hub has an administrator; a link can be made for one who is locked out, by his e-mail address."""

    code, status = "administrator-known", 409


class NoSuchAdministrator(HubError):
    """No administrator of this hub has this e-mail address."""

    code, status = "no-such-administrator", 404


def make(session: Session, email: str = "") -> str:
    """A new link for the first administrator, or for the one of that address; what was made before works no more.

    ``session`` is the hub's own. Returns the whole address, which is kept nowhere.
    """
    person = _locked_out(session, email) if email else None
    if person is None and administered(session):
        raise AdministratorKnown
    whose = col(AdmissionLink.user_id) == person.id if person else col(AdmissionLink.user_id).is_(None)
    session.execute(update(AdmissionLink).where(whose, col(AdmissionLink.expires_at) > now()).values(expires_at=now()))
    token = secrets.token_urlsafe(32)
    session.add(
        AdmissionLink(
            owner_id=HUB,
            token_hash=_hashed(token),
            user_id=person.id if person else None,
            organization_id=person.owner_id if person else None,
            expires_at=now() + VALID,
            via="admission",
        )
    )
    session.flush()
    return f"{settings().base_url}/welcome/{token}"


def opened(session: Session, token: str) -> AdmissionLink:
    """The link of a token that still works, held until the transaction ends; else why it does not.

    ``session`` is the hub's own (`ITSELF`).
    """
    wanted = select(AdmissionLink).where(col(AdmissionLink.token_hash) == _hashed(token)).with_for_update()
    link = session.exec(wanted).one_or_none()
    if link is None:
        raise LinkUnknown
    if link.used_at is not None:
        raise LinkUsed
    if link.expires_at <= now():
        raise LinkExpired
    return link


def nobody_yet() -> bool:
    """Whether nobody administers this hub; has a transaction of its own."""
    with db.session(ITSELF) as session:
        return not administered(session)


def administered(session: Session) -> bool:
    """Whether this hub has an administrator, whichever organisation's; for any session."""
    return bool(session.execute(text("select has_administrator()")).scalar_one())


def _locked_out(session: Session, email: str) -> User:
    administers = col(Membership.role) == Role.ADMINISTRATOR, col(Membership.ended_at).is_(None)
    wanted = select(User).join(Membership, col(Membership.user_id) == col(User.id)).where(*administers)
    person = session.exec(wanted.where(col(User.email) == email.lower()).limit(1)).one_or_none()
    if person is None:
        raise NoSuchAdministrator
    return person


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
