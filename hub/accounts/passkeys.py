"""Passkeys: a challenge is asked for, signed by the person's device, and good once, for one purpose.

`ceremonies` is read by the functions that need it, so that a web process nobody uses a passkey in goes without.
The device checks who holds it (user verification), so a passkey is both factors at once.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from hub import access, db, keys
from hub.access import Actor
from hub.accounts import factors
from hub.errors import HubError, InvalidInput, NotFound
from hub.models.access import Passkey, PasskeyChallenge
from hub.models.base import HUB, now
from hub.models.party import User

_LASTS = timedelta(minutes=5)


class Purpose(StrEnum):
    """What a challenge is signed for; it is good for nothing else."""

    ADD = "add"
    SIGN_IN = "sign-in"
    SECOND = "second"


class PasskeyRefused(HubError):
    """The passkey was not accepted: it is not known here, or its answer came too late; try again."""

    code, status = "passkey-refused", 401


class PasskeyNeedsName(InvalidInput):
    """Say what this passkey is called, so that you know it again."""

    code, status, at = "passkey-needs-name", 422, "name"


def options_to_add(session: Session, actor: Actor) -> str:
    """What a browser needs to make a passkey, as JSON."""
    from hub.accounts import ceremonies

    access.require_recent(actor)
    me = _me(actor)
    challenge = _challenge(me, Purpose.ADD)
    with db.on_behalf(session, me):
        person = session.get_one(User, me)
        known = session.exec(select(Passkey.credential_id).where(col(Passkey.owner_id) == me)).all()
    holder = ceremonies.Holder(factors.ISSUER, me.bytes, person.email, person.name)
    return ceremonies.to_add(holder, known, challenge)


def add(session: Session, actor: Actor, name: str, answer: str) -> list[str]:
    """Keep a passkey that a browser has made; return recovery codes, if there were none."""
    from hub.accounts import ceremonies

    access.require_recent(actor)
    me = _me(actor)
    if not name.strip():
        raise PasskeyNeedsName
    credential, challenge = _read(answer)
    _spend(me, challenge, Purpose.ADD)
    try:
        made = ceremonies.added(credential, challenge)
    except ceremonies.Unproved as wrong:
        raise PasskeyRefused from wrong
    with db.on_behalf(session, me):
        session.add(
            Passkey(
                owner_id=me,
                name=name.strip(),
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
            )
        )
    access.record(session, actor, "second-factor.add", name.strip())
    return factors.added(session, me)


def remove(session: Session, actor: Actor, passkey_id: UUID) -> None:
    """Do without one of one's own passkeys."""
    access.require_recent(actor)
    me = _me(actor)
    with db.on_behalf(session, me):
        row = session.get(Passkey, passkey_id)
        if row is None or row.owner_id != me:
            raise NotFound
        name = row.name
        session.delete(row)
        session.flush()
        factors.drop_codes_nobody_needs(session, me)
    access.record(session, actor, "second-factor.remove", name)


def options_to_sign(purpose: Purpose, person: UUID | None = None) -> str:
    """What a browser needs to sign with a passkey: of one person, or of whoever comes in by it."""
    from hub.accounts import ceremonies

    known: Sequence[bytes] = []
    if person is not None:
        with db.session(db.Who(person, person, "web")) as session:
            known = session.exec(select(Passkey.credential_id).where(col(Passkey.owner_id) == person)).all()
    return ceremonies.to_sign(known, _challenge(person or HUB, purpose))


def signer(answer: str, purpose: Purpose, person: UUID | None = None) -> UUID:
    """Who has signed a challenge of ours with their passkey; has a transaction of its own.

    A counter of the device that does not go on is a copy at work, and is refused.
    """
    from hub.accounts import ceremonies

    credential, challenge = _read(answer)
    _spend(person or HUB, challenge, purpose)
    try:
        number = keys.unb64(str(credential["rawId"]))
    except (KeyError, ValueError) as wrong:
        raise PasskeyRefused from wrong
    with db.app_engine().begin() as connection:
        known = connection.execute(text("select * from find_passkey(:c)"), {"c": number}).first()
    if known is None or (person is not None and known.user_id != person):
        raise PasskeyRefused
    with db.session(db.Who(known.user_id, known.user_id, "web")) as session:
        row = session.get_one(Passkey, known.passkey_id, with_for_update=True)
        passkey = ceremonies.Made(number, row.public_key, row.sign_count)
        try:
            count = ceremonies.signed(credential, challenge, passkey)
        except ceremonies.Unproved as wrong:
            raise PasskeyRefused from wrong
        row.sign_count, row.used_at = count, now()
    return UUID(str(known.user_id))


def _challenge(owner: UUID, purpose: Purpose) -> bytes:
    """A fresh challenge, kept as its hash until it is answered or too old."""
    token, hashed = access.new_token()
    with db.session(db.Who(owner, None, "web")) as session:
        session.add(
            PasskeyChallenge(owner_id=owner, challenge_hash=hashed, purpose=purpose.value, expires_at=now() + _LASTS)
        )
    return keys.unb64(token)


def _spend(owner: UUID, challenge: bytes, purpose: Purpose) -> None:
    """Take a challenge out of use, whatever comes of its answer: none is good twice."""
    with db.session(db.Who(owner, None, "web")) as session:
        spent = session.execute(
            text(
                "delete from passkey_challenge"
                " where challenge_hash = :h and purpose = :p and expires_at > :n returning id"
            ),
            {"h": access.hash_token(keys.b64(challenge)), "p": purpose.value, "n": now()},
        ).first()
    if spent is None:
        raise PasskeyRefused


def _read(answer: str) -> tuple[dict[str, Any], bytes]:
    """A browser's answer, and the challenge it says it signed."""
    try:
        credential = json.loads(answer)
        said = json.loads(keys.unb64(credential["response"]["clientDataJSON"]))
        return credential, keys.unb64(said["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise PasskeyRefused from wrong


def _me(actor: Actor) -> UUID:
    if actor.user_id is None:
        raise NotFound
    return actor.user_id
