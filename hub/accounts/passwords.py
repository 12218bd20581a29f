"""Passwords: fifteen characters or more and none that is tried first; changed by whoever knows the present one."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from hub import access, attempts, db
from hub.access import Actor
from hub.errors import HubError, InvalidInput, NotFound
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.party import User

SHORTEST, LONGEST = 15, 1000


class TooShort(InvalidInput):
    """Enter at least 15 characters: several words in a row are easy to keep in mind."""

    code, status, at = "password-too-short", 422, "password"


class TooCommon(InvalidInput):
    """This password is among those that are tried first; choose another one."""

    code, status, at = "password-too-common", 422, "password"


class NotThePresent(HubError):
    """This is not your present password."""

    code, status, at = "not-the-present-password", 422, "present"


def judge(password: str, *about: str) -> None:
    """Refuse a password that is short, or that whoever guesses tries first; ``about`` is what is known of its owner.

    A pattern that repeats, a row of keys and a common word with figures after it count as common.
    """
    if len(password) < SHORTEST:
        raise TooShort
    plain = password.casefold()
    stem = re.sub(r"[\d\W_]+", "", plain)
    own = {part for word in about for part in re.split(r"[\W_]+", word.casefold()) if len(part) > 2}
    if stem in own | _common() or _repeats(plain) or _is_row(plain) or "".join(re.split(r"[\W_]+", plain)) in _common():
        raise TooCommon


def _repeats(plain: str) -> bool:
    """Whether it is one short pattern over and over."""
    return any(plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, len(plain) // 2 + 1))


_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
)


def _is_row(plain: str) -> bool:
    """Whether it is keys in their order, forwards or backwards, or two such rows."""
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for cut in range(len(plain) + 1):
            if plain[:cut] in row and any(plain[cut:] in other for other in (*_ROWS, "")):
                return True
    return False


@lru_cache
def _common() -> frozenset[str]:
    listed = files("hub.accounts").joinpath("common-passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in listed.splitlines() if line and not line.startswith("#"))


@dataclass(frozen=True)
class Change:
    """A new password in place of the present one; ``alone`` ends every other login."""

    present: str = field(repr=False)
    new: str = field(repr=False)
    alone: bool = False


def change(session: Session, actor: Actor, change: Change) -> str:
    """Give oneself a new password; return the login's new token."""
    if actor.user_id is None or actor.login_id is None:
        raise NotFound
    counted = attempts.count_of("password", actor.user_id, attempts.OF_AN_OPEN_LOGIN, now())
    with db.on_behalf(session, actor.user_id):
        person = session.get_one(User, actor.user_id)
        if not access.is_right(access.Account(person.id, person.password), change.present):
            raise NotThePresent
        attempts.forget(session, [counted])
        judge(change.new, person.email, person.name)
        person.password = access.hash_password(change.new)
    if change.alone:
        end_logins(session, actor.user_id, keep=actor.login_id)
    access.record(session, actor, "password.change", person.name, alone=change.alone)
    return access.authenticated(session, actor.login_id)


def confirm(session: Session, actor: Actor, password: str) -> None:
    """Refuse unless this is one's own password."""
    if actor.user_id is None:
        raise NotFound
    counted = attempts.count_of("password", actor.user_id, attempts.OF_AN_OPEN_LOGIN, now())
    with db.on_behalf(session, actor.user_id):
        person = session.get_one(User, actor.user_id)
        if not access.is_right(access.Account(person.id, person.password), password):
            raise NotThePresent(at="password")
        attempts.forget(session, [counted])


def end_logins(session: Session, person: UUID, keep: UUID | None = None) -> None:
    """End a person's logins for all their organisations, except one."""
    for organization in organizations_of(session, person):
        with db.on_behalf(session, organization):
            session.execute(
                text("delete from login where user_id = :p and id is distinct from :k"), {"p": person, "k": keep}
            )


def organizations_of(session: Session, person: UUID) -> set[UUID]:
    """For whom a person acts."""
    rows = session.execute(text("select org_id from memberships_of(:p)"), {"p": person})
    return set(rows.scalars())


def note(session: Session, person: UUID, action: str) -> None:
    """Say in the trail of each of a person's organisations what became of their account."""
    with db.on_behalf(session, person):
        name = session.get_one(User, person).name
    for organization in organizations_of(session, person):
        with db.on_behalf(session, organization):
            session.add(AuditEntry(owner_id=organization, action=action, subject=name))
