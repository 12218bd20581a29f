"""How often somebody may guess a password: counted before it is judged, and never so that an owner stays outside.

Whoever has signed in before, from this browser or from this address, has a count of his own that no stranger can
use up. Strangers share one count an account, and a wide one an address that slows them down more and more.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from hub import db
from hub.errors import HubError
from hub.models.access import SignInAttempt
from hub.models.base import HUB, uuid7
from hub.settings import settings

WINDOW = timedelta(minutes=5)
OF_AN_ACCOUNT = 10
OF_AN_ADDRESS = 50
_SLOWEST = 60.0
OF_A_SECOND_FACTOR = ((5, WINDOW), (50, timedelta(days=1)))
OF_AN_OPEN_LOGIN = ((10, WINDOW),)


class TooManyAttempts(HubError):
    """Too many wrong passwords; wait five minutes and try again."""

    code, status = "too-many-attempts", 429


class TooManyFromHere(HubError):
    """Many wrong passwords came from your network; wait %(retry_after)s s and try again."""

    code, status = "too-many-from-here", 429


class TooManyCodes(HubError):
    """Too many wrong codes or passwords; wait before you try again."""

    code, status = "too-many-codes", 429


def mark(*parts: object) -> bytes:
    """What is kept of an address, a browser or an e-mail address.

    Nothing of it can be guessed back without our secret.
    """
    key = settings().receipt_key.get_secret_value().encode()
    return hmac.digest(key or b"furrow", "\0".join(map(str, parts)).encode(), hashlib.sha256)


@dataclass(frozen=True)
class Source:
    """Where an attempt comes from; ``browser`` is the secret that a browser keeps, or empty."""

    address: str
    browser: str = field(repr=False)


def count(email: str, person: UUID | None, org: UUID, source: Source, at: datetime) -> list[UUID]:
    """Count an attempt before it is judged, or refuse it; return what `forget` takes back when it was right.

    Those who come at once are counted one after the other.
    """
    buckets = _buckets(email.lower(), person, source)
    attempts = [SignInAttempt(owner_id=org, bucket=bucket, at=at) for bucket, _ in buckets]
    with db.session(db.Who(org, None, "web")) as session:
        db.in_turn(session, *(f"attempts/{bucket.hex()}" for bucket, _ in buckets))
        for bucket, wide in buckets:
            _refuse_too_many(session, bucket, wide, at)
        session.add_all(attempts)
    return [attempt.id for attempt in attempts]


def count_of(
    what: str,
    person: UUID,
    most: Sequence[tuple[int, timedelta]],
    at: datetime,
    refusal: type[HubError] = TooManyCodes,
) -> UUID:
    """Count an attempt at something of a person who has signed in, or half so, unless ``most`` were made in a time.

    Strangers have no part in it: it takes a right password, or an open login, to come this far. An organisation may
    stand in the person's place, whose people then share one count.
    """
    bucket = mark("attempt", what, person)
    attempt = SignInAttempt(owner_id=person, bucket=bucket, at=at)
    with db.session(db.Who(person, person, "web")) as session:
        db.in_turn(session, f"attempts/{bucket.hex()}")
        for many, time in most:
            if _tried(session, bucket, at - time) >= many:
                raise refusal(retry_after=int(time.total_seconds()))
        session.add(attempt)
    return attempt.id


def count_asked(email: str, source: Source, at: datetime) -> None:
    """Count that somebody asked for a link by mail, or refuse it; likewise whether the address is known or not."""
    buckets = [(mark("asked", email.lower()), False), (mark("asked", "address", source.address), True)]
    with db.session(db.Who(HUB, None, "web")) as session:
        db.in_turn(session, *(f"attempts/{bucket.hex()}" for bucket, _ in buckets))
        for bucket, wide in buckets:
            _refuse_too_many(session, bucket, wide, at)
        session.add_all([SignInAttempt(owner_id=HUB, bucket=bucket, at=at) for bucket, _ in buckets])


@dataclass(frozen=True)
class Limit:
    """How many may come in a time under one mark, and what is said to the next."""

    bucket: bytes
    most: int
    within: timedelta
    refusal: type[HubError]


def count_sent(limits: Sequence[Limit], at: datetime) -> None:
    """Count something that a stranger sends, under each of its marks, or refuse it."""
    with db.session(db.Who(HUB, None, "web")) as session:
        db.in_turn(session, *(f"attempts/{limit.bucket.hex()}" for limit in limits))
        for limit in limits:
            if _tried(session, limit.bucket, at - limit.within) >= limit.most:
                raise limit.refusal(retry_after=int(limit.within.total_seconds()))
        session.add_all([SignInAttempt(owner_id=HUB, bucket=limit.bucket, at=at) for limit in limits])


def forget(session: Session, attempts: list[UUID]) -> None:
    """Take back attempts that turned out right."""
    session.execute(text("delete from sign_in_attempt where id = any(:ids)"), {"ids": attempts})


def remember(session: Session, person: UUID, source: Source, at: datetime) -> None:
    """Know this browser and this address from now on as ones that the person has come from."""
    values = {
        "id": uuid7(),
        "owner": person,
        "person": person,
        "at": at,
        "browser": mark("browser", source.browser),
        "address": mark("address", source.address),
    }
    session.execute(
        text(
            """insert into known_browser (id, owner_id, created_at, via, user_id, browser, address, seen_at)
            values (:id, :owner, :at, 'web', :person, :browser, :address, :at)
            on conflict (user_id, browser, address) do update set seen_at = :at"""
        ),
        values,
    )


def _buckets(email: str, person: UUID | None, source: Source) -> list[tuple[bytes, bool]]:
    """Which counts an attempt goes to, and which of them are wide."""
    known = None
    if person is not None:
        with db.app_engine().begin() as connection:
            asked = {"p": person, "b": mark("browser", source.browser), "a": mark("address", source.address)}
            known = connection.scalar(text("select known_from(:p, :b, :a)"), asked)
    if known == "browser":
        return [(mark("attempt", email, "browser", source.browser), False)]
    if known == "address":
        return [(mark("attempt", email, "address", source.address), False)]
    return [(mark("attempt", email), False), (mark("attempt", "address", source.address), True)]


def _refuse_too_many(session: Session, bucket: bytes, wide: bool, at: datetime) -> None:
    tried = _tried(session, bucket, at - WINDOW)
    if not wide and tried >= OF_AN_ACCOUNT:
        raise TooManyAttempts(retry_after=int(WINDOW.total_seconds()))
    if wide and tried >= OF_AN_ADDRESS:
        pause = min(2 ** ((tried - OF_AN_ADDRESS) / 10), _SLOWEST)
        if _tried(session, bucket, at - timedelta(seconds=pause)):
            raise TooManyFromHere(retry_after=round(pause) or 1)


def _tried(session: Session, bucket: bytes, since: datetime) -> int:
    values = {"b": bucket, "s": since}
    return int(session.execute(text("select count_attempts(:b, :s)"), values).scalar_one())
