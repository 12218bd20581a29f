"""Rows that no database holds, for the tests of what is shown from plain values."""

from itertools import count
from typing import Any

from hub.demo import builder
from hub.models.base import uuid7
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind

_serials = count(700)


def party(kind: OrganizationKind, name: str, zh: str = "", **more: Any) -> Organization:
    """An organisation with a name in each language."""
    own = uuid7()
    told = {"id": own, "owner_id": own, "kind": kind, "gln": builder.gln(next(_serials))} | _names(name, zh)
    return Organization(**told | more)


def place(party: Organization, kind: PlaceKind, name: str, zh: str = "") -> Place:
    """Somewhere of a party."""
    serial = next(_serials)
    where = {"gln": builder.gln(serial), "latitude": 36 + serial / 1000, "longitude": 117 + serial / 1000}
    return Place(id=uuid7(), owner_id=party.id, kind=kind, **where, **_names(name, zh))


def item(party: Organization, name: str = "Tomatoes", zh: str = "", **more: Any) -> TradeItem:
    """Something that a supplier sells."""
    told = {"id": uuid7(), "owner_id": party.id, "gtin": builder.gtin(next(_serials))} | builder.TOMATOES
    return TradeItem(**told | _names(name, zh) | more)


def _names(name: str, zh: str) -> dict[str, str]:
    return {"name_en": name, "name_zh": zh or f"{name}（中）"}
