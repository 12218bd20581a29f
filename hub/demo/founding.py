"""The beginning: organisations join, open places, take people in, list what they make and agree to trade."""

import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from coincurve import PrivateKey
from sqlmodel import Session

from hub import db, parties
from hub.access import Actor, Permission
from hub.demo import builder, cast
from hub.ledger.formats import streams
from hub.local import home
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind, Role
from hub.parties import CertificateDetails
from hub.trace import master_data


@dataclass
class World:
    """What has come to be, by the cast's keys and numbers."""

    today: date
    folder: Path
    organizations: dict[str, Organization] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    items: dict[str, TradeItem] = field(default_factory=dict)
    people: dict[str, UUID] = field(default_factory=dict)

    def who(self, key: str) -> db.Who:
        """A session's owner: one of the cast."""
        return db.Who(self.organizations[key].id, None, "demo")

    def actor(self, key: str, role: Role, place: int = 0) -> Actor:
        """Somebody of the cast, in a role."""
        organization = self.organizations[key]
        party = next(party for party in cast.everybody() if party.key == key)
        email = next((p.email for p in party.people if p.role is role and (not place or p.site == place)), "")
        at = self.places[place].id if place else None
        return builder.actor(organization, role, person=self.people.get(email), place=at)

    def site(self, key: str, kind: PlaceKind) -> Place:
        """The first place of a kind that a party has."""
        party = next(party for party in cast.everybody() if party.key == key)
        return next(self.places[site.number] for site in party.sites if site.kind is kind)


def begin(today: date, folder: Path) -> World:
    """Everybody joins the hub and the ledger."""
    world = World(today, folder)
    for party in cast.everybody():
        world.organizations[party.key] = builder.party(
            party.kind, party.en, party.zh, gln=party.gln, service_phone=party.phone
        )
        builder.member(world.organizations[party.key], _own_address(world, party))
        _settle(world, party)
    for party in cast.SUPPLIERS:
        _offer(world, party)
    _relate(world)
    _machine_keys(world)
    for key in world.organizations:
        with db.session(world.who(key)) as session:
            master_data.state_all(session)
    return world


def _own_address(world: World, party: cast.Party) -> str | None:
    """Two suppliers keep their own key, which lies outside the hub's own secrets."""
    if not party.own_key:
        return None
    secret = secrets.token_bytes(32)
    home.write(home.make(world.folder / "own-keys") / f"{party.key}.key", secret.hex())
    return "0x" + streams.address(PrivateKey(secret).public_key).hex()


def _settle(world: World, party: cast.Party) -> None:
    organization = world.organizations[party.key]
    for site in party.sites:
        world.places[site.number] = builder.place(
            organization,
            site.kind,
            site.en,
            site.zh,
            gln=site.gln,
            latitude=site.latitude,
            longitude=site.longitude,
            served_from_id=world.places[site.served_from].id if site.served_from else None,
        )
    for person in party.people:
        place = world.places[person.site].id if person.site else None
        user = builder.person(organization, person.role, cast.PASSWORD, person.email, person.name, place=place)
        world.people[person.email] = user.id


def _offer(world: World, party: cast.Party) -> None:
    for item in cast.items():
        if item.supplier == party.key:
            world.items[item.gtin] = builder.item(
                world.organizations[party.key],
                item.en,
                item.zh,
                gtin=item.gtin,
                category=item.category,
                unit=item.unit,
                price=item.price,
                temperature=item.temperature,
                shelf_life_days=item.shelf_life,
                case_quantity=item.case,
                unit_weight_kg=item.weight,
            )
    with db.session(world.who(party.key)) as session:
        _papers(world, session, party)


def _papers(world: World, session: Session, party: cast.Party) -> None:
    licence = {"vegetables": "良好农业规范（GAP）", "fruit": "良好农业规范（GAP）"}
    category = next(item.category for item in cast.items() if item.supplier == party.key)
    paper = CertificateDetails(
        kind="gap" if category in licence else "haccp",
        name_zh=licence.get(category, "HACCP 体系认证"),
        name_en="Good Agricultural Practice" if category in licence else "HACCP certification",
        number=f"CN-{party.number}-26",
        issuer="中检集团",
        valid_from=world.today - timedelta(days=200),
        valid_to=world.today + timedelta(days=19 if party.key == "qinghe" else 165),
    )
    parties.certify(session, paper)


def _relate(world: World) -> None:
    """Who trades with whom; both chains' books and every supplier's are open to the auditor."""
    since = world.today - timedelta(days=730)
    organizations = world.organizations
    for chain, suppliers in (("hejia", [s.key for s in cast.SUPPLIERS]), ("lelin", cast.LELIN_SUPPLIERS)):
        for key in (*suppliers, "luyun"):
            builder.relation(organizations[chain], organizations[key], since)
        items = {core_code(item): world.items[item.gtin] for item in sold_by(chain)}
        builder.assortment(organizations[chain], items)
    for party in cast.everybody():
        if party.kind is not OrganizationKind.AUDITOR:
            builder.relation(organizations[party.key], organizations["audit"], since)


def sold_by(chain: str) -> list[cast.Item]:
    """What a chain sells: the larger everything, the smaller 40 items of the suppliers that both share."""
    offered = [item for item in cast.items() if chain == "hejia" or item.supplier in cast.LELIN_SUPPLIERS]
    return offered if chain == "hejia" else sorted(offered, key=lambda item: -item.daily)[:40]


def core_code(item: cast.Item) -> str:
    """What the supermarket's core calls an item."""
    return f"{item.category[:2].upper()}{item.gtin[-6:-1]}"


def _machine_keys(world: World) -> None:
    """API keys for the command line and for the suppliers that sign for themselves; kept in private files."""
    hejia = world.organizations["hejia"]
    key = builder.key(hejia, "furrow capture", Permission.CAPTURE_EVENTS, Permission.AUDIT)
    home.write(home.make(world.folder / "secrets") / "sample-api-key", key)
    for party in cast.SUPPLIERS:
        if party.own_key:
            supplier, folder = world.organizations[party.key], world.folder / "own-keys"
            key = builder.key(supplier, "furrow sign", Permission.CAPTURE_EVENTS)
            home.write(folder / f"{party.key}.api-key", key)
            home.write(folder / f"{party.key}.member", str(supplier.member))
