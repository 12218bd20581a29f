"""Who may do what: people, organisations, roles and permissions. Everything not granted is denied."""

import base64
import hashlib
import secrets
import threading
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import text
from sqlmodel import Session, col, select

from hub import attempts, db
from hub.errors import HubError, NotAllowed, NotFound
from hub.models.access import ApiKey, AuditEntry, Login
from hub.models.base import now
from hub.models.party import OrganizationKind, Role, User
from hub.settings import settings


class Permission(StrEnum):
    """Something a role may do."""

    CAPTURE_EVENTS = "capture-events"
    PUBLISH_EVENTS = "publish-events"
    PLACE_ORDERS = "place-orders"
    ANSWER_ORDERS = "answer-orders"
    SHARE_FORECASTS = "share-forecasts"
    COMMIT_TO_FORECASTS = "commit-to-forecasts"
    PLAN_ROUTES = "plan-routes"
    DRIVE = "drive"
    RECEIVE_GOODS = "receive-goods"
    RECALL_LOTS = "recall-lots"
    AUDIT = "audit"
    KEEP_MASTER_DATA = "keep-master-data"
    ADMINISTER = "administer"


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.SUPPLIER: frozenset(
        {
            Permission.CAPTURE_EVENTS,
            Permission.PUBLISH_EVENTS,
            Permission.ANSWER_ORDERS,
            Permission.COMMIT_TO_FORECASTS,
            Permission.RECALL_LOTS,
            Permission.KEEP_MASTER_DATA,
        }
    ),
    Role.BUYER: frozenset(
        {
            Permission.PLACE_ORDERS,
            Permission.SHARE_FORECASTS,
            Permission.CAPTURE_EVENTS,
            Permission.RECALL_LOTS,
            Permission.KEEP_MASTER_DATA,
        }
    ),
    Role.STORE: frozenset({Permission.RECEIVE_GOODS, Permission.CAPTURE_EVENTS}),
    Role.DISPATCHER: frozenset({Permission.PLAN_ROUTES, Permission.DRIVE, Permission.CAPTURE_EVENTS}),
    Role.DRIVER: frozenset({Permission.DRIVE, Permission.CAPTURE_EVENTS}),
    Role.AUDITOR: frozenset({Permission.AUDIT}),
    Role.ADMINISTRATOR: frozenset({Permission.ADMINISTER, Permission.AUDIT, Permission.KEEP_MASTER_DATA}),
}


@dataclass(frozen=True)
class Actor:
    """A person or a machine acting for one organisation."""

    organization_id: UUID
    kind: OrganizationKind
    permissions: frozenset[Permission]
    user_id: UUID | None = None
    login_id: UUID | None = None
    role: Role | None = None
    name: str = ""
    language: str = ""
    place_id: UUID | None = None
    via: str = "web"
    organization_zh: str = ""
    organization_en: str = ""

    @property
    def who(self) -> db.Who:
        """On whose behalf this actor's sessions write."""
        return db.Who(self.organization_id, self.user_id, self.via)


def require(actor: Actor, permission: Permission, organization: UUID | None = None) -> None:
    """Refuse unless the actor's role grants ``permission``, and the thing at hand is its organisation's."""
    if permission not in actor.permissions or (organization is not None and organization != actor.organization_id):
        raise NotAllowed(permission=permission.value)


def record(session: Session, actor: Actor, action: str, subject: object, **detail: object) -> None:
    """Write the audit entry of what is being done, in its own transaction."""
    details = {name: str(value) for name, value in detail.items()}
    session.add(AuditEntry(owner_id=actor.organization_id, action=action, subject=str(subject), detail=details))


class SignInRefused(HubError):
    """The e-mail address or the password is not right."""

    code, status = "sign-in-refused", 401


LEAST = 15
"""Characters of a password at least; nothing else is asked of it (NIST SP 800-63B)."""

# OWASP's Argon2id settings; one hash a core at a time, so that many sign-ins cannot fill the memory.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_one_at_a_time = threading.Semaphore(2)


def hash_password(password: str) -> str:
    """Argon2id of a password."""
    with _one_at_a_time:
        return _hasher.hash(password)


_nobody = _hasher.hash("nobody has this password")


def _right(hashed: str, password: str) -> bool:
    with _one_at_a_time:
        try:
            return _hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def sign_in(email: str, password: str, address: str, browser: str = "") -> str:
    """Open a login and return its token, which is shown to nobody else and kept only as its SHA-256.

    Unknown person and wrong password get the same answer in the same time. ``browser`` is a secret that a browser
    keeps; after a right password it is known, and its next attempts have a count of their own (`attempts`).
    """
    moment = now()
    with db.app_engine().begin() as connection:
        person = connection.execute(text("select * from find_person(:e)"), {"e": email}).first()
    org = person.org_id if person else UUID(int=0)
    source = attempts.Source(address, browser)
    counted = attempts.count(email, person.user_id if person else None, org, source, moment)
    if not _right(person.password if person else _nobody, password) or person is None:
        raise SignInRefused
    token = secrets.token_bytes(32)
    with db.session(db.Who(person.org_id, person.user_id, "web")) as session:
        attempts.forget(session, counted)
        if browser:
            attempts.remember(session, person.user_id, source, moment)
        session.add(
            Login(
                owner_id=person.org_id,
                user_id=person.user_id,
                membership_id=person.membership_id,
                token_hash=hashlib.sha256(token).digest(),
                auth_at=moment,
                seen_at=moment,
                expires_at=moment + timedelta(days=settings().session_days),
            )
        )
    return base64.urlsafe_b64encode(token).decode()


def actor_of(token: str) -> Actor | None:
    """Whose login a token opens; None when it is forged, ended, idle too long or revoked."""
    try:
        hashed = hashlib.sha256(base64.urlsafe_b64decode(token.encode())).digest()
    except ValueError:
        return None
    moment = now()
    with db.app_engine().begin() as connection:
        row = connection.execute(text("select * from find_login(:t)"), {"t": hashed}).first()
        idle = timedelta(minutes=settings().session_idle_minutes)
        if row is None or row.expires_at < moment or row.seen_at < moment - idle:
            return None
        if row.seen_at < moment - timedelta(minutes=1):
            connection.execute(text("select set_config('furrow.org', :o, true)"), {"o": str(row.org_id)})
            connection.execute(text("update login set seen_at = :n where id = :i"), {"n": moment, "i": row.login_id})
    role = Role(row.role)
    return Actor(
        organization_id=row.org_id,
        kind=OrganizationKind(row.org_kind),
        permissions=GRANTS[role],
        user_id=row.user_id,
        login_id=row.login_id,
        role=role,
        name=row.name,
        language=row.language,
        place_id=row.place_id,
        organization_zh=row.org_name_zh,
        organization_en=row.org_name_en,
    )


def sign_out(actor: Actor) -> None:
    """End this login now, on every machine."""
    with db.session(actor.who) as session:
        session.execute(text("delete from login where id = :i"), {"i": actor.login_id})


def logins(session: Session, actor: Actor) -> list[Login]:
    """This person's open logins, the latest used first."""
    mine = select(Login).where(col(Login.user_id) == actor.user_id, col(Login.expires_at) > now())
    return list(session.exec(mine.order_by(col(Login.seen_at).desc())))


def end_login(session: Session, actor: Actor, login_id: UUID) -> None:
    """End one of this person's own logins, wherever it is open."""
    login = session.get(Login, login_id)
    if login is None or login.user_id != actor.user_id:
        raise NotFound
    session.delete(login)
    record(session, actor, "login.ended", login_id)


def speak(session: Session, actor: Actor, language: str) -> None:
    """Remember which language this person wants to be spoken to in."""
    person = session.get(User, actor.user_id)
    if person is not None:
        person.language = language


def make_api_key(
    session: Session,
    organization: UUID,
    name: str,
    scopes: Iterable[Permission],
    expires_at: datetime | None = None,
) -> str:
    """A machine's way in: ``furrow_`` and 43 random letters, then their CRC-32. Shown once, kept as its SHA-256."""
    body = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    key = f"furrow_{body}_{zlib.crc32(body.encode()):08x}"
    session.add(
        ApiKey(
            owner_id=organization,
            name=name,
            token_hash=hashlib.sha256(key.encode()).digest(),
            scopes=sorted(scope.value for scope in scopes),
            expires_at=expires_at,
        )
    )
    session.flush()
    return key


def machine_of(key: str) -> Actor | None:
    """Which organisation an API key speaks for, limited to the key's scopes."""
    with db.app_engine().begin() as connection:
        hashed = hashlib.sha256(key.encode()).digest()
        row = connection.execute(text("select * from find_api_key(:t)"), {"t": hashed}).first()
    if row is None:
        return None
    scopes = frozenset(Permission(scope) for scope in row.scopes)
    return Actor(row.org_id, OrganizationKind(row.org_kind), scopes, name=row.name, via="api")
