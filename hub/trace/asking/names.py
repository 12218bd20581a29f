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

from hub import sought
from hub.gs1 import digital_link, vocabularies
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, Place

_SAID = text("select * from names_said(cast(:events as uuid[]), cast(:identifiers as text[]))")


_NAME, _SHORT, _CITY = (vocabularies.attribute_name(word) for word in ("name", "descriptionShort", "city"))


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
    return spelled(said) if isinstance(said, dict) else {}


LONGEST = 80
"""Characters of a name that are shown; of a longer one the first of them."""


def spelled(said: Mapping[str, Any]) -> dict[str, str]:
    """What attributes call an element, by language (empty where none is told): its name, and the city it lies in.

    Without what shows nothing, such as control characters and what turns the direction of writing, and cut to what
    can be shown. A language is told as JSON-LD does, by ``@value`` and ``@language``.
    """
    called = _in_languages(said.get(_NAME)) or _in_languages(said.get(_SHORT))
    cities = _in_languages(said.get(_CITY))
    if not called:
        return cities
    lying = {language: cities.get(language) or cities.get("") or "" for language in called}
    return {
        language: f"{name}, {city}" if (city := lying[language]) and city not in name else name
        for language, name in called.items()
    }


def _in_languages(said: Any) -> dict[str, str]:
    """The texts of an attribute by the first part of their language's tag; of several in one language the first."""
    found: dict[str, str] = {}
    for one in said if isinstance(said, list) else [said]:
        told, language = (one.get("@value"), one.get("@language")) if isinstance(one, Mapping) else (one, "")
        if isinstance(told, str) and (name := _bounded(told)):
            found.setdefault(language.lower().partition("-")[0] if isinstance(language, str) else "", name)
    return found


def _bounded(name: str) -> str:
    name = sought.shown(name)
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"


def unknown(session: Session, links: Collection[str]) -> set[str]:
    """Of identifiers those that are no place, party or item that the session knows, nor lie in one.

    An altered record may hold what no identifier holds, nor a database can be asked for: that is not among them.
    """
    links = [link for link in links if link.isprintable()]
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
