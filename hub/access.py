"""Who may do what: people, organisations, roles and permissions. Everything not granted is denied."""

import base64
import hashlib
import secrets
import threading
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from time import monotonic
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, text
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
    APPROVE_ORDERS = "approve-orders"
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
            Permission.APPROVE_ORDERS,
            Permission.SHARE_FORECASTS,
            Permission.CAPTURE_EVENTS,
            Permission.RECALL_LOTS,
            Permission.KEEP_MASTER_DATA,
        }
    ),
    Role.STORE: frozenset({Permission.RECEIVE_GOODS, Permission.CAPTURE_EVENTS}),
    Role.DISPATCHER: frozenset(
        {Permission.PLAN_ROUTES, Permission.DRIVE, Permission.CAPTURE_EVENTS, Permission.KEEP_MASTER_DATA}
    ),
    Role.DRIVER: frozenset({Permission.DRIVE, Permission.CAPTURE_EVENTS}),
    Role.AUDITOR: frozenset({Permission.AUDIT}),
    Role.ADMINISTRATOR: frozenset({Permission.ADMINISTER, Permission.AUDIT, Permission.KEEP_MASTER_DATA}),
}


@dataclass(frozen=True)
class Acting:
    """For whom somebody may act, and as what."""

    id: UUID
    organization_id: UUID
    role: Role
    organization_zh: str
    organization_en: str


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
    auth_at: datetime | None = None
    acting: tuple[Acting, ...] = ()
    """For whom, and in which roles, the same person may act: empty where this is the only one."""

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


RECENT = timedelta(minutes=10)
"""How long a password or a second factor lets somebody sign, recall, and change people and keys."""


class ConfirmItIsYou(HubError):
    """Confirm that it is you: the last time is more than ten minutes ago."""

    code, status = "confirm-it-is-you", 403


def require_recent(actor: Actor) -> None:
    """Refuse a person whose last password or second factor is older than `RECENT`; machines have their scopes."""
    if actor.login_id is not None and (actor.auth_at is None or actor.auth_at < now() - RECENT):
        raise ConfirmItIsYou


class SignInRefused(HubError):
    """The e-mail address or the password is not right."""

    code, status = "sign-in-refused", 401


# OWASP's Argon2id settings; one hash a core at a time, so that many sign-ins cannot fill the memory.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_one_at_a_time = threading.Semaphore(2)


def hash_password(password: str) -> str:
    """Argon2id of a password."""
    with _one_at_a_time:
        return _hasher.hash(password)


_nobody = _hasher.hash("nobody has this password")


@dataclass(frozen=True)
class Account:
    """Somebody who is known by an address, whether or not they act for anybody now."""

    user_id: UUID
    password: str = field(repr=False)


def account_of(email: str) -> Account | None:
    """Who is known by an address; for our own use, since nobody is to learn it."""
    with db.app_engine().begin() as connection:
        row = connection.execute(text("select * from find_account(:e)"), {"e": email}).first()
    return Account(row.user_id, row.password) if row else None


def is_right(account: Account | None, password: str) -> bool:
    """Whether this is the account's password; where there is no account that takes as long."""
    return _right(account.password if account else _nobody, password) and account is not None


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
    Whoever has a second factor has come in by half: the token opens nothing yet (`hub.accounts.entry`).
    """
    moment = now()
    with db.app_engine().begin() as connection:
        person = connection.execute(text("select * from find_person(:e)"), {"e": email}).first()
    org = person.org_id if person else UUID(int=0)
    source = attempts.Source(address, browser)
    counted = attempts.count(email, person.user_id if person else None, org, source, moment)
    if not _right(person.password if person else _nobody, password) or person is None:
        raise SignInRefused
    with db.session(db.Who(person.org_id, person.user_id, "web")) as session:
        attempts.forget(session, counted)
        if browser:
            with db.on_behalf(session, person.user_id):
                attempts.remember(session, person.user_id, source, moment)
        asks = session.execute(text("select has_second_factor(:p)"), {"p": person.user_id}).scalar_one()
        return open_login(session, person.user_id, person.membership_id, half=asks)


HALF_LASTS = timedelta(minutes=10)


def open_login(
    session: Session, person: UUID, membership: UUID, *, half: bool = False, since: datetime | None = None
) -> str:
    """Open a login of the session's organisation; return its token.

    ``since`` is when its person has shown who they are, where that was not just now.
    """
    moment = now()
    token, hashed = new_token()
    session.add(
        Login(
            owner_id=session.info["who"].org,
            user_id=person,
            membership_id=membership,
            token_hash=hashed,
            auth_at=since or moment,
            seen_at=moment,
            expires_at=moment + (HALF_LASTS if half else timedelta(days=settings().session_days)),
            half=half,
        )
    )
    session.execute(text("update membership set seen_at = :n where id = :i"), {"n": moment, "i": membership})
    return token


def authenticated(session: Session, login: UUID) -> str:
    """A login's person has just shown who they are: it is whole, its time begins, and its token is a new one."""
    moment = now()
    token, hashed = new_token()
    row = session.get_one(Login, login)
    if row.half:
        row.expires_at = moment + timedelta(days=settings().session_days)
    row.half, row.token_hash, row.auth_at, row.seen_at = False, hashed, moment, moment
    session.flush()
    return token


def new_token() -> tuple[str, bytes]:
    """A secret of 256 bits as it is handed out, and as it is kept."""
    token = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return token, hash_token(token)


def hash_token(token: str) -> bytes:
    """What is kept of a token or a one-time link; of something that is none of ours, what matches none."""
    try:
        return hashlib.sha256(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))).digest()
    except ValueError:
        return b""


def _hash_key(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def actor_of(token: str, *, seen: bool = True) -> Actor | None:
    """Whose login a token opens; None when it is forged, ended, idle too long or revoked.

    It counts as used, unless nobody was ``seen``: a line that is left open keeps no login alive.
    """
    moment = now()
    with db.app_engine().begin() as connection:
        row = connection.execute(text("select * from find_login(:t)"), {"t": hash_token(token)}).first()
        idle = timedelta(minutes=settings().session_idle_minutes)
        if row is None or row.expires_at < moment or row.seen_at < moment - idle:
            return None
        if seen and row.seen_at < moment - timedelta(minutes=1):
            connection.execute(text("select set_config('furrow.org', :o, true)"), {"o": str(row.org_id)})
            used = {"n": moment, "i": row.login_id}
            connection.execute(text("update login set seen_at = :n where id = :i"), used)
            connection.execute(
                text(
                    "update membership set seen_at = :n"
                    " where id = (select membership_id from login where login.id = :i)"
                ),
                used,
            )
        acting = acting_of(connection, row.user_id) if row.acts_for > 1 else ()
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
        auth_at=row.auth_at,
        acting=acting,
    )


def acting_of(connection: Connection | Session, person: UUID) -> tuple[Acting, ...]:
    """For whom a person acts and as what, the latest used first."""
    rows = connection.execute(text("select * from memberships_of(:p)"), {"p": person}).all()
    return tuple(Acting(row.membership_id, row.org_id, Role(row.role), row.name_zh, row.name_en) for row in rows)


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
    if actor.user_id is not None:
        with db.on_behalf(session, actor.user_id):
            session.get_one(User, actor.user_id).language = language


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
            token_hash=_hash_key(key),
            scopes=sorted(scope.value for scope in scopes),
            expires_at=expires_at,
        )
    )
    session.flush()
    return key


def machine_of(key: str) -> Actor | None:
    """Which organisation an API key speaks for, limited to the key's scopes."""
    [actor] = machines_of([key])
    return actor


def machines_of(keys: Sequence[str]) -> list[Actor | None]:
    """The same of several keys, in their order, in one question."""
    with db.app_engine().begin() as connection:
        rows = connection.execute(_MACHINES, {"hashes": [_hash_key(key) for key in keys]}).all()
        for row in rows:
            if row.key_id is not None and monotonic() - _used.get(row.key_id, -_A_MINUTE) >= _A_MINUTE:
                _note_use(connection, row)
    return [_machine(row) if row.key_id is not None else None for row in rows]


_MACHINES = text(
    "select found.* from unnest(cast(:hashes as bytea[])) with ordinality as asked(hash, place)"
    " left join lateral find_api_key(asked.hash) as found on true order by asked.place"
)


def _note_use(connection: Connection, row: Any) -> None:
    """Write down that a key was used, once a minute."""
    _used[row.key_id] = monotonic()
    connection.execute(text("select set_config('furrow.org', :o, true)"), {"o": str(row.org_id)})
    connection.execute(
        text(
            "update api_key set used_at = :n where id = :i and (used_at is null or used_at < :n - interval '1 minute')"
        ),
        {"n": now(), "i": row.key_id},
    )


_A_MINUTE = 60.0
_used: dict[UUID, float] = {}
"""When this process last wrote down that a key was used."""


def _machine(row: Any) -> Actor:
    scopes = frozenset(Permission(scope) for scope in row.scopes)
    return Actor(row.org_id, OrganizationKind(row.org_kind), scopes, name=row.name, via="api")
