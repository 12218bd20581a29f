"""What the senders of events call, in their own master data, places and items that the hub does not know as anybody's.

A name is its sender's word, which no record covers; pages set it apart. Nobody's master data names anything in
another's events.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from hub.gs1 import digital_link, vocabularies
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, Place

_SAID = text("select * from names_said(cast(:events as uuid[]), cast(:identifiers as text[]))")


@dataclass(frozen=True)
class Called:
    """What the sender of an event calls an identifier that the event names, each by language (empty where untold).

    ``then`` is what it said when the event was captured, ``now`` what it says today.
    """

    identifier: str
    then: Mapping[str, str]
    now: Mapping[str, str]


def called(session: Session, named: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], Called]:
    """Of identifiers in events what the events' senders call them, as far as the session may read the events."""
    if not named:
        return {}
    pairs = sorted(set(named))
    asked = {"events": [event for event, _ in pairs], "identifiers": [identifier for _, identifier in pairs]}
    then: dict[tuple[UUID, str], dict[str, str]] = {}
    now: dict[tuple[UUID, str], dict[str, str]] = {}
    for event, identifier, said, back_then, today in session.execute(_SAID, asked):
        names = _names(said)
        for kept, told in ((then, back_then), (now, today)):
            if told and names:
                kept.setdefault((event, identifier), names)
    return {pair: Called(pair[1], then.get(pair, {}), now.get(pair, {})) for pair in pairs if pair in then | now}


def _names(said: Any) -> dict[str, str]:
    return vocabularies.names(said) if isinstance(said, dict) else {}


def unknown(session: Session, links: Collection[str]) -> set[str]:
    """Of identifiers those that are no place, party or item that the session knows, nor lie in one."""
    glns = {number for link in links if (number := _number(link, "414", "417"))}
    gtins = {number for link in links if (number := _number(link, "01"))}
    known: set[str] = set()
    for column, numbers in ((Place.gln, glns), (Organization.gln, glns), (TradeItem.gtin, gtins)):
        if numbers:
            known |= set(session.exec(select(column).where(col(column).in_(numbers))))
    return {link for link in links if not known & {_number(link, "414", "417"), _number(link, "01")}}


def item_of(link: str) -> str:
    """The link of the item that a lot or a piece is of; any other identifier as it is."""
    number = _number(link, "01")
    return f"{digital_link.ROOT}/01/{number}" if number else link


def _number(link: str, *keys: str) -> str:
    """The value of a canonical link's key, if that is one of some; else nothing."""
    parts = link.removeprefix(f"{digital_link.ROOT}/").split("/")
    return parts[1] if link.startswith(digital_link.ROOT) and len(parts) > 1 and parts[0] in keys else ""
