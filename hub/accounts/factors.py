"""Second factors: an authenticator app (TOTP), passkeys (`passkeys`), and recovery codes for when both are lost.

All of it is owned by the person. A code counts once: of an app the last step is kept, a recovery code is marked.
"""

import base64
import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import text
from sqlmodel import Session, col, func, select

from hub import access, attempts, db, keys
from hub.access import Actor
from hub.accounts import links, post
from hub.errors import HubError, InvalidInput, NotFound
from hub.models.access import Authenticator, Passkey, RecoveryCode
from hub.models.base import now, uuid7
from hub.models.party import User

ISSUER = "Furrow"
CODES = 10
_STEPS_APART = 1


class WrongCode(InvalidInput):
    """This code is not right, or was used already; enter the one that the app shows next."""

    code, status, at = "wrong-code", 422, "code"


class AppAlready(HubError):
    """An authenticator app is set up already; remove it before you set up another."""

    code, status = "app-already", 409


@dataclass(frozen=True)
class Factors:
    """What second factors a person has, and how many recovery codes are left."""

    app: Authenticator | None = None
    passkeys: Sequence[Passkey] = ()
    codes_left: int = 0

    @property
    def any(self) -> bool:
        """Whether a second factor is asked for at sign-in."""
        return self.has_app or bool(self.passkeys)

    @property
    def has_app(self) -> bool:
        """Whether an authenticator app has been confirmed."""
        return self.app is not None and self.app.confirmed_at is not None


def factors_of(session: Session, person: UUID) -> Factors:
    """A person's second factors."""
    with db.on_behalf(session, person):
        return Factors(
            app=session.exec(select(Authenticator).where(col(Authenticator.owner_id) == person)).first(),
            passkeys=session.exec(
                select(Passkey).where(col(Passkey.owner_id) == person).order_by(col(Passkey.id))
            ).all(),
            codes_left=_codes_left(session, person),
        )


def _codes_left(session: Session, person: UUID) -> int:
    unused = select(func.count()).select_from(RecoveryCode)
    return session.exec(unused.where(col(RecoveryCode.owner_id) == person, col(RecoveryCode.used_at).is_(None))).one()


@dataclass(frozen=True)
class NewApp:
    """The secret of an app that is being set up: as text, and as the address that a QR code carries."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


def begin_app(session: Session, actor: Actor) -> NewApp:
    """Make a secret for an authenticator app; it counts once a first code has confirmed it."""
    me = _me(actor)
    with db.on_behalf(session, me):
        known = session.exec(select(Authenticator).where(col(Authenticator.owner_id) == me)).first()
        if known is not None and known.confirmed_at is not None:
            raise AppAlready
        if known is not None:
            session.delete(known)
            session.flush()
        secret, row_id = pyotp.random_base32(), uuid7()
        sealed = keys.seal(secret.encode(), _cell(me, row_id))
        session.add(Authenticator(id=row_id, owner_id=me, sealed=sealed))
        session.flush()
        return _shown(secret, session.get_one(User, me).email)


def app_begun(session: Session, actor: Actor) -> NewApp | None:
    """The secret of the app that is being set up, to be shown until it is confirmed."""
    me = _me(actor)
    with db.on_behalf(session, me):
        row = session.exec(select(Authenticator).where(col(Authenticator.owner_id) == me)).first()
        if row is None or row.confirmed_at is not None:
            return None
        return _shown(_secret(row), session.get_one(User, me).email)


def _shown(secret: str, email: str) -> NewApp:
    return NewApp(secret, pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER))


def confirm_app(session: Session, actor: Actor, typed: str) -> list[str]:
    """Confirm an authenticator app by its first code; return recovery codes, if there were none."""
    me = _me(actor)
    counted = attempts.count_of("second", me, attempts.OF_A_SECOND_FACTOR, now())
    with db.on_behalf(session, me):
        row = session.exec(select(Authenticator).where(col(Authenticator.owner_id) == me).with_for_update()).first()
        if row is None:
            raise NotFound
        if row.confirmed_at is not None:
            raise AppAlready
        _use_app(row, _digits(typed))
        row.confirmed_at = now()
        attempts.forget(session, [counted])
        fresh = [] if _codes_left(session, me) else _new_codes(session, me)
    access.record(session, actor, "second-factor.add", "app")
    return fresh


def remove_app(session: Session, actor: Actor) -> None:
    """Do without the authenticator app."""
    access.require_recent(actor)
    me = _me(actor)
    with db.on_behalf(session, me):
        session.execute(text("delete from authenticator where owner_id = :p"), {"p": me})
        drop_codes_nobody_needs(session, me)
    access.record(session, actor, "second-factor.remove", "app")


def new_codes(session: Session, actor: Actor) -> list[str]:
    """Ten fresh recovery codes in place of those before; shown once."""
    access.require_recent(actor)
    me = _me(actor)
    with db.on_behalf(session, me):
        fresh = _new_codes(session, me)
    access.record(session, actor, "recovery-codes.new", str(CODES))
    return fresh


def reset(session: Session, actor: Actor, person_id: UUID) -> None:
    """An administrator lets somebody in without the second factor they have lost: it is gone, and they are told."""
    person = links.only_ours(session, actor, person_id)
    with db.on_behalf(session, person.id):
        for table in ("authenticator", "passkey", "recovery_code"):
            session.execute(text(f"delete from {table} where owner_id = :p"), {"p": person.id})
    access.record(session, actor, "second-factor.reset", person.name)
    post.send(post.Letter(post.Kind.SECOND_FACTOR_REMOVED, person.email, person.language))


def check(session: Session, person: UUID, typed: str) -> bool:
    """Take the code of an authenticator app or a recovery code, or refuse it; whether it was a recovery code.

    Guesses are counted before they are judged, five in five minutes and fifty a day.
    """
    counted = attempts.count_of("second", person, attempts.OF_A_SECOND_FACTOR, now())
    with db.on_behalf(session, person):
        recovered = len(_digits(typed)) != 6 or bool(re.search(r"[A-Za-z]", typed))
        if recovered:
            _use_code(session, person, typed)
        else:
            row = session.exec(
                select(Authenticator).where(col(Authenticator.owner_id) == person).with_for_update()
            ).first()
            if row is None or row.confirmed_at is None:
                raise WrongCode
            _use_app(row, _digits(typed))
        attempts.forget(session, [counted])
    return recovered


def is_asked(session: Session, person: UUID) -> bool:
    """Whether a second factor is asked of somebody at sign-in."""
    return bool(session.execute(text("select has_second_factor(:p)"), {"p": person}).scalar_one())


def added(session: Session, person: UUID) -> list[str]:
    """Recovery codes for somebody whose first second factor it is; nothing where there are some."""
    with db.on_behalf(session, person):
        return [] if _codes_left(session, person) else _new_codes(session, person)


def drop_codes_nobody_needs(session: Session, person: UUID) -> None:
    """Without a second factor there is nothing to recover."""
    if not is_asked(session, person):
        session.execute(text("delete from recovery_code where owner_id = :p"), {"p": person})


def _use_app(row: Authenticator, digits: str) -> None:
    """Take a code of a step that is later than the last one used: pyotp alone would take the same one twice."""
    try:
        step = pyotp.TOTP(_secret(row)).verify_and_get_timecode(digits, for_time=now(), valid_window=_STEPS_APART)
    except OTPVerificationError:
        raise WrongCode from None
    if step <= row.last_step:
        raise WrongCode
    row.last_step = step


def _use_code(session: Session, person: UUID, typed: str) -> None:
    row = session.exec(
        select(RecoveryCode)
        .where(
            col(RecoveryCode.owner_id) == person,
            col(RecoveryCode.code_hash) == _hash(typed),
            col(RecoveryCode.used_at).is_(None),
        )
        .with_for_update()
    ).first()
    if row is None:
        raise WrongCode
    row.used_at = now()
    owner = session.get_one(User, person)
    post.send(post.Letter(post.Kind.RECOVERY_CODE_USED, owner.email, owner.language))


def _new_codes(session: Session, person: UUID) -> list[str]:
    session.execute(text("delete from recovery_code where owner_id = :p"), {"p": person})
    codes = [_spelled(secrets.token_bytes(16)) for _ in range(CODES)]
    session.add_all(RecoveryCode(owner_id=person, code_hash=_hash(code)) for code in codes)
    session.flush()
    return codes


def _spelled(raw: bytes) -> str:
    """128 bits as people copy them: small letters and figures in groups."""
    letters = base64.b32encode(raw).decode().rstrip("=").lower()
    return "-".join([letters[:6], *(letters[at : at + 5] for at in range(6, len(letters), 5))])


def _hash(typed: str) -> bytes:
    return hashlib.sha256(re.sub(r"[^a-z2-7]", "", typed.lower()).encode()).digest()


def _digits(typed: str) -> str:
    """The figures of a code, however they are grouped, full-width ones too."""
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", typed))


def _secret(row: Authenticator) -> str:
    return keys.unseal(row.sealed, _cell(row.owner_id, row.id)).decode()


def _cell(person: UUID, row: UUID) -> keys.Cell:
    return keys.Cell(person, "authenticator", "sealed", row)


def _me(actor: Actor) -> UUID:
    if actor.user_id is None:
        raise NotFound
    return actor.user_id
