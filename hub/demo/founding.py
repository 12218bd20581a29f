"""The beginning: organisations join, open places, take people in, list what they make and agree to trade."""

import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from coincurve import PrivateKey
from sqlmodel import Session

from hub import access, db, parties
from hub.access import Actor, Permission
from hub.demo import cast
from hub.ledger import members, streams
from hub.local import home
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind, Role


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
        return Actor(
            organization.id,
            organization.kind,
            access.GRANTS[role],
            user_id=self.people.get(email),
            role=role,
            place_id=self.places[place].id if place else None,
            via="demo",
        )

    def site(self, key: str, kind: PlaceKind) -> Place:
        """The first place of a kind that a party has."""
        party = next(party for party in cast.everybody() if party.key == key)
        return next(self.places[site.number] for site in party.sites if site.kind is kind)


def begin(today: date, folder: Path) -> World:
    """Everybody joins the hub and the ledger."""
    world = World(today, folder)
    for party in cast.everybody():
        world.organizations[party.key] = parties.found(
            party.kind, name_zh=party.zh, name_en=party.en, gln=party.gln, service_phone=party.phone
        )
        _enrol(world, party)
        _settle(world, party)
    _list_items(world)
    _relate(world)
    _machine_keys(world)
    return world


def _enrol(world: World, party: cast.Party) -> None:
    """A member number for each; two suppliers keep their own key, which lies outside the hub's own secrets."""
    address = None
    if party.own_key:
        secret = secrets.token_bytes(32)
        home.write(home.make(world.folder / "own-keys") / f"{party.key}.key", secret.hex())
        address = "0x" + streams.address(PrivateKey(secret).public_key).hex()
    with db.hub_session() as session:
        members.enrol(session, world.organizations[party.key], address)


def _settle(world: World, party: cast.Party) -> None:
    with db.session(world.who(party.key)) as session:
        for site in party.sites:
            served = world.places[site.served_from].id if site.served_from else None
            world.places[site.number] = parties.add_place(
                session,
                site.kind,
                name_zh=site.zh,
                name_en=site.en,
                gln=site.gln,
                latitude=site.latitude,
                longitude=site.longitude,
                served_from=served,
            )
        for person in party.people:
            place = world.places[person.site].id if person.site else None
            made = parties.add_person(
                session,
                email=person.email,
                name=person.name,
                password=cast.PASSWORD,
                role=person.role,
                place=place,
            )
            world.people[person.email] = made.id


def _list_items(world: World) -> None:
    for party in cast.SUPPLIERS:
        with db.session(world.who(party.key)) as session:
            for item in cast.items():
                if item.supplier == party.key:
                    world.items[item.gtin] = parties.list_item(
                        session,
                        gtin=item.gtin,
                        name_zh=item.zh,
                        name_en=item.en,
                        category=item.category,
                        unit=item.unit,
                        price=item.price,
                        temperature=item.temperature,
                        shelf_life_days=item.shelf_life,
                        case_quantity=item.case,
                        unit_weight_kg=item.weight,
                    )
            _papers(world, session, party)


def _papers(world: World, session: Session, party: cast.Party) -> None:
    licence = {"vegetables": "良好农业规范（GAP）", "fruit": "良好农业规范（GAP）"}
    category = next(item.category for item in cast.items() if item.supplier == party.key)
    parties.certify(
        session,
        kind="gap" if category in licence else "haccp",
        name_zh=licence.get(category, "HACCP 体系认证"),
        name_en="Good Agricultural Practice" if category in licence else "HACCP certification",
        number=f"CN-{party.number}-26",
        issuer="中检集团",
        valid_from=world.today - timedelta(days=200),
        valid_to=world.today + timedelta(days=19 if party.key == "qinghe" else 165),
    )


def _relate(world: World) -> None:
    """Who trades with whom; both chains' books and every supplier's are open to the auditor."""
    since = world.today - timedelta(days=730)
    ids = {key: row.id for key, row in world.organizations.items()}
    for chain, suppliers in (
        ("hejia", [s.key for s in cast.SUPPLIERS]),
        ("lelin", list(cast.LELIN_SUPPLIERS)),
    ):
        with db.session(world.who(chain)) as session:
            for key in suppliers:
                parties.relate(session, ids[key], OrganizationKind.SUPPLIER, since=since)
            parties.relate(session, ids["luyun"], OrganizationKind.HAULIER, since=since)
            for item in sold_by(chain):
                parties.carry(session, world.items[item.gtin], core_code(item))
        for key in [*suppliers, "luyun"]:
            with db.session(world.who(key)) as session:
                parties.relate(session, ids[chain], OrganizationKind.RETAILER, since=since)
    for party in cast.everybody():
        if party.kind is not OrganizationKind.AUDITOR:
            with db.session(world.who(party.key)) as session:
                parties.relate(session, ids["audit"], OrganizationKind.AUDITOR, since=since)
            with db.session(world.who("audit")) as session:
                parties.relate(session, ids[party.key], party.kind, since=since)


def sold_by(chain: str) -> list[cast.Item]:
    """What a chain sells: the larger everything, the smaller 40 items of the suppliers that both share."""
    found = [item for item in cast.items() if chain == "hejia" or item.supplier in cast.LELIN_SUPPLIERS]
    return found if chain == "hejia" else sorted(found, key=lambda item: -item.daily)[:40]


def core_code(item: cast.Item) -> str:
    """What the supermarket's core calls an item."""
    return f"{item.category[:2].upper()}{item.gtin[-6:-1]}"


def _machine_keys(world: World) -> None:
    """API keys for the command line and for the suppliers that sign for themselves; kept in private files."""
    with db.session(world.who("hejia")) as session:
        key = access.make_api_key(
            session,
            world.organizations["hejia"].id,
            "furrow capture",
            [Permission.CAPTURE_EVENTS, Permission.AUDIT],
        )
    home.write(home.make(world.folder / "secrets") / "sample-api-key", key)
    for party in cast.SUPPLIERS:
        if party.own_key:
            with db.session(world.who(party.key)) as session:
                key = access.make_api_key(
                    session, world.organizations[party.key].id, "furrow sign", [Permission.CAPTURE_EVENTS]
                )
            home.write(home.make(world.folder / "own-keys") / f"{party.key}.api-key", key)
            number = str(world.organizations[party.key].member)
            home.write(world.folder / "own-keys" / f"{party.key}.member", number)
