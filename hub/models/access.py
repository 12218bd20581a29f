"""Who came in, by which key, and what was done."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, document, identity, instant, owned


class Login(Record, table=True):
    """A signed-in browser: the row under the SHA-256 of its token. Deleting it signs out at once.

    While it is ``half``, the password was right and the second factor is still asked for: it opens nothing else.
    """

    __table_args__ = identity(UniqueConstraint("token_hash"))

    user_id: UUID = Field(foreign_key="person.id", index=True)
    membership_id: UUID = Field(foreign_key="membership.id")
    token_hash: bytes
    auth_at: UtcDateTime = instant()
    seen_at: UtcDateTime = instant()
    expires_at: UtcDateTime = instant()
    half: bool = False


class AdmissionLink(Record, table=True):
    """A one-time link, the hub's own, kept as the SHA-256 of its token.

    It makes the first administrator, or lets in again the person it names, whose row that organisation owns.
    """

    __tablename__ = "admission_link"
    __table_args__ = identity(UniqueConstraint("token_hash"))

    token_hash: bytes
    user_id: UUID | None = Field(default=None, foreign_key="person.id")
    organization_id: UUID | None = None
    expires_at: UtcDateTime = instant()
    used_at: UtcDateTime | None = instant(default=None)


class ApiKey(Record, table=True):
    """A machine's way in: shown once, kept as SHA-256, limited to scopes, revoked at once."""

    __tablename__ = "api_key"
    __table_args__ = identity(UniqueConstraint("token_hash"))

    name: str = Field(max_length=80)
    token_hash: bytes
    scopes: list[str] = document(default_factory=list)
    expires_at: UtcDateTime | None = instant(default=None)
    revoked_at: UtcDateTime | None = instant(default=None)
    used_at: UtcDateTime | None = instant(default=None)


class IdempotencyKey(Record, table=True):
    """An answer already given, so that the same request again gets it and does nothing."""

    __tablename__ = "idempotency_key"
    __table_args__ = identity(UniqueConstraint("owner_id", "key"))

    key: str = Field(max_length=200)
    request_hash: bytes
    status: int | None = None
    answer: Any = document(default=None, nullable=True)


class AuditEntry(Record, table=True):
    """Who did what to what; written in the same transaction, never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = identity()
    append_only: ClassVar[bool] = True

    action: str = Field(max_length=60)
    subject: str = Field(max_length=200)
    detail: dict[str, Any] = document(default_factory=dict)


class KnownBrowser(Record, table=True):
    """A browser and an address that a person has signed in from, both as marks that cannot be guessed back.

    Owned by the person, who may act for several organisations from the same browser.
    """

    __tablename__ = "known_browser"
    __table_args__ = identity(UniqueConstraint("user_id", "browser", "address"))

    user_id: UUID = Field(foreign_key="person.id")
    browser: bytes
    address: bytes
    seen_at: UtcDateTime = instant()


class SignInAttempt(Record, table=True):
    """An attempt to sign in that was not right, or is not judged yet, under the count it belongs to."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = identity()

    bucket: bytes = Field(index=True)
    at: UtcDateTime = instant(index=True)


class Upload(Record, table=True):
    """A file that somebody uploaded, a sheet of a register or a file of events: kept until taken in, a day at most."""

    __table_args__ = identity()

    kind: str = Field(max_length=24)
    name: str = Field(max_length=200)
    content: bytes


class Authenticator(Record, table=True):
    """A person's authenticator app (TOTP), owned by the person: its secret, sealed, and the last step it was used in.

    It counts once a first code has confirmed it; a code of a step that was used, or of an earlier one, is refused.
    """

    __table_args__ = identity(UniqueConstraint("owner_id"))

    sealed: str
    last_step: int = Field(default=0, sa_type=BigInteger)
    confirmed_at: UtcDateTime | None = instant(default=None)


class Passkey(Record, table=True):
    """A person's passkey, owned by the person: its public key, and how often its device says it was used."""

    __table_args__ = identity(UniqueConstraint("credential_id"))

    name: str = Field(max_length=80)
    credential_id: bytes
    public_key: bytes
    sign_count: int = Field(default=0, sa_type=BigInteger)
    used_at: UtcDateTime | None = instant(default=None)


class PasskeyChallenge(Record, table=True):
    """What a passkey is asked to sign, once, for one purpose and not for long; kept as its SHA-256."""

    __tablename__ = "passkey_challenge"
    __table_args__ = identity(UniqueConstraint("challenge_hash"))

    challenge_hash: bytes
    purpose: str = Field(max_length=24)
    expires_at: UtcDateTime = instant(index=True)


class RecoveryCode(Record, table=True):
    """One of ten ways in for somebody whose second factor is lost, owned by the person; kept as its SHA-256."""

    __tablename__ = "recovery_code"
    __table_args__ = identity(UniqueConstraint("owner_id", "code_hash"))

    code_hash: bytes
    used_at: UtcDateTime | None = instant(default=None)


class PasswordLink(Record, table=True):
    """A link by which a person sets a new password, once and within an hour; owned by the person, kept as SHA-256."""

    __tablename__ = "password_link"
    __table_args__ = identity(UniqueConstraint("token_hash"))

    token_hash: bytes
    expires_at: UtcDateTime = instant(index=True)
    used_at: UtcDateTime | None = instant(default=None)


class Invitation(Record, table=True):
    """Somebody with this address is asked to act for the organisation in these roles; kept as its link's SHA-256.

    Used once, by ``used_by``; withdrawn, or replaced by a newer one, it opens nothing.
    """

    __table_args__ = identity(UniqueConstraint("token_hash"), owned("place_id", "place"))

    email: str = Field(max_length=254)
    roles: list[str] = document(default_factory=list)
    place_id: UUID | None = None
    token_hash: bytes
    expires_at: UtcDateTime = instant()
    used_at: UtcDateTime | None = instant(default=None)
    used_by: UUID | None = None
    withdrawn_at: UtcDateTime | None = instant(default=None)
