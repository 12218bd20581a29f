"""What is found of what an organisation keeps: its items or its assortment, its places, people and partners."""

from sqlmodel import Session, col, select

from hub import sought
from hub.access import Actor
from hub.accounts import people
from hub.finding import Asked, Found, Results, Way, results
from hub.gs1 import digital_link
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment
from hub.models.party import Organization, OrganizationKind
from hub.pages.settings.registers.register_view import in_use
from hub.pages.settings.relations.partners_view import KINDS
from hub.registry.assortment import Carried
from hub.registry.items import Items
from hub.registry.places import Places
from hub.web.i18n import Language
from hub.web.nav import ROLES

_CARRIES, _OFFERS = frozenset({OrganizationKind.RETAILER}), frozenset({OrganizationKind.SUPPLIER})


def items(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """What a supplier offers."""
    if (search := asked.search("gtin")) is None:
        return Results()
    page = Items().page(session, actor, search)
    found = [_item(row, row, f"/settings/items/{row.id}", asked, speaks) for row in page.rows]
    return results(found, search, page.total, "/settings/items")


def assortment(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """What a retailer carries."""
    if (search := asked.search("gtin")) is None:
        return Results()
    carried = Carried()
    page = carried.page(session, actor, search)
    found = [
        _item(row, carried.thing(session, row), f"/settings/assortment/{row.id}", asked, speaks) for row in page.rows
    ]
    return results(found, search, page.total, "/settings/assortment")


def _item(row: TradeItem | Assortment, item: TradeItem, address: str, asked: Asked, speaks: Language) -> Found:
    code = row.core_code if isinstance(row, Assortment) else ""
    return Found(
        speaks.name(item),
        digital_link.printed(item.gtin),
        address,
        in_use(row, speaks),
        asked.exactly(item.gtin, code),
    )


def places(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """The organisation's own places."""
    if (search := asked.search("gln")) is None:
        return Results()
    page = Places().page(session, actor, search)
    found = [
        Found(speaks.name(row), row.gln, f"/settings/places/{row.id}", in_use(row, speaks), asked.exactly(row.gln))
        for row in page.rows
    ]
    return results(found, search, page.total, "/settings/places")


def persons(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """Who acts for the organisation, or did."""
    if (search := asked.search()) is None:
        return Results()
    page = people.colleagues(session, search)
    found = [
        Found(
            one.person.name,
            " · ".join([one.person.email, *(speaks.gettext(ROLES[role]) for role in one.roles)]),
            f"/settings/people/{one.person.id}",
            exact=asked.exactly(one.person.email),
        )
        for one in page.rows
    ]
    return results(found, search, page.total, "/settings/people")


def partners(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """Who the organisation works with."""
    if (search := asked.search("gln")) is None:
        return Results()
    others = select(Organization).where(
        col(Organization.id) != actor.organization_id, sought.mentions(search.words, col(Organization.sought))
    )
    rows = session.exec(others.order_by(col(Organization.name_en), col(Organization.id))).all()
    found = [
        Found(
            speaks.name(row),
            f"{speaks.gettext(KINDS[row.kind])} · {row.gln}",
            f"/settings/partners#{row.gln}",
            exact=asked.exactly(row.gln),
        )
        for row in rows[: search.size]
    ]
    return Results(found, len(rows), "/settings/partners" if len(rows) > len(found) else "")


OFFERED = Way("/settings/items/{row_id}", items, _OFFERS)
CARRIED = Way("/settings/assortment/{row_id}", assortment, _CARRIES)
PLACES = Way("/settings/places/{row_id}", places)
PEOPLE = Way("/settings/people/{person_id}", persons)
PARTNERS = Way("/settings/partners", partners)
