"""The beginning of a chain: its first administrator, the chain itself and its first store, all of it or nothing."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from hub import access, db, parties
from hub.accounts import passwords
from hub.beginning import links
from hub.beginning.zones import cities
from hub.gs1 import digital_link
from hub.models.access import AuditEntry
from hub.models.base import now, uuid7
from hub.models.party import Organization, OrganizationKind, PlaceKind, Role, User
from hub.parties import PartyDetails, PersonDetails, PlaceDetails
from hub.trace import joining


@dataclass(frozen=True)
class Named:
    """A chain or a store: its names, of which one may be empty, and its GLN, empty while it has none."""

    name_zh: str
    name_en: str
    gln: str = ""

    @property
    def zh(self) -> str:
        """The Chinese name; who has an English one only is called by that."""
        return self.name_zh or self.name_en

    @property
    def en(self) -> str:
        """The English name, likewise."""
        return self.name_en or self.name_zh

    @property
    def number(self) -> str:
        """The GLN, or one of the hub's own in its place."""
        return self.gln or digital_link.internal_gln(secrets.randbelow(10**10))


def begin(token: str, administrator: PersonDetails, chain: Named, store: Named, time_zone: str) -> Organization:
    """Found the first chain by the one-time link; it asks to become a member of the ledger at once.

    Its first store lies in the middle of the time zone's city until somebody says where exactly.
    """
    with db.session(links.ITSELF) as desk:
        link = links.opened(desk, token)
        if link.user_id is not None:
            raise links.LinkUnknown
        if links.administered(desk):
            raise links.AdministratorKnown
        link.used_at = now()
        desk.flush()
        made = uuid7()
        with _as(desk, made) as session:
            told = PartyDetails(chain.zh, chain.en, chain.number, time_zone=time_zone)
            organization = parties.admit(session, OrganizationKind.RETAILER, told)
            place = PlaceDetails(store.zh, store.en, store.number, *cities()[time_zone], time_zone=time_zone)
            parties.add_place(session, PlaceKind.STORE, place)
            person = parties.add_person(session, administrator, Role.ADMINISTRATOR)
            joining.ask(session)
            session.add(AuditEntry(owner_id=made, created_by=person.id, action="chain.begin", subject=organization.gln))
    return organization


def let_in_again(token: str, password: str) -> str:
    """Give an administrator who is locked out the password he chose, and end what is signed in under the old one.

    Returns the e-mail address that he signs in with.
    """
    with db.session(links.ITSELF) as desk:
        link = links.opened(desk, token)
        if link.user_id is None:
            raise links.LinkUnknown
        link.used_at = now()
        desk.flush()
        with _as(desk, link.user_id) as session:
            person = session.get_one(User, link.user_id)
            passwords.judge(password, person.email, person.name)
            person.password = access.hash_password(password)
            passwords.end_logins(session, person.id)
            passwords.note(session, person.id, "password.link")
    return person.email


@contextmanager
def _as(desk: Session, organization: UUID) -> Iterator[Session]:
    """Go on within the same transaction as an organisation: what it writes stands or falls with the link's use."""
    who = db.Who(organization, via=links.ITSELF.via)
    desk.execute(text("select set_config('furrow.org', :org, true)"), {"org": str(organization)})
    with db.JoinedSession(
        desk.connection(), join_transaction_mode="create_savepoint", info={"who": who}, expire_on_commit=False
    ) as session:
        yield session
        session.commit()
