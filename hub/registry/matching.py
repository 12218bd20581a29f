"""The core's stores and items beside the retailer's, as a sheet settles them."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor
from hub.inventory import mapping
from hub.inventory.mapping import Matching, NotInCore, Theirs
from hub.models.inventory import ItemInCore, PlaceInCore
from hub.registry.register import Register

NONE_OF_OURS = "-"
"""What is written for something of the core's that is none of the retailer's."""


class MatchForm(BaseModel):
    """Something of the core's by its code, and the number of ours that it is; the name is for people alone."""

    code: str = Field(min_length=1, max_length=60)
    name: str = Field(default="", max_length=200)
    ours: str = Field(default="", max_length=20)


class _Matched(Register[Any, MatchForm]):
    """Rows are the core's; what they are of ours is all that can be said of them."""

    form, key = MatchForm, "code"
    kind: ClassVar[str]

    def matching(self, session: Session) -> Matching:
        """How far this kind is matched."""
        return mapping.of_places(session) if self.kind == "stores" else mapping.of_items(session)

    def all(self, session: Session, actor: Actor) -> Sequence[Any]:
        """Each of the core's, with the number of ours that it is, with ``-``, or with nothing yet."""
        matching = self.matching(session)
        pairs = [(pair.theirs, pair.ours.number) for pair in matching.pairs]
        aside = [(theirs, NONE_OF_OURS) for theirs in matching.aside]
        return sorted([*pairs, *aside, *((theirs, "") for theirs in matching.theirs)])

    def key_of(self, session: Session, row: Any) -> str:
        """The core's code."""
        return str(row[0].code)

    def values(self, session: Session, row: Any) -> dict[str, Any]:
        """What is matched now."""
        theirs: Theirs = row[0]
        return {"code": theirs.code, "name": theirs.name, "ours": row[1].removeprefix("0")}

    def change(self, session: Session, actor: Actor, row: Any, form: MatchForm) -> Any:
        """Settle it; an empty number leaves it as it is."""
        match = mapping.match_place if self.kind == "stores" else mapping.match_item
        put_aside = mapping.set_place_aside if self.kind == "stores" else mapping.set_item_aside
        if form.ours == NONE_OF_OURS:
            put_aside(session, actor, form.code)
        elif form.ours:
            match(session, actor, form.code, form.ours)
        return row

    def add(self, session: Session, actor: Actor, form: MatchForm) -> Any:
        """Refused: only the core adds what it has."""
        raise NotInCore

    def details(self, session: Session, actor: Actor, form: MatchForm, known: Any) -> Mapping[str, Any]:
        """Nothing of its own."""
        raise NotInCore

    def new(self, session: Session, details: Mapping[str, Any]) -> Any:
        """Nothing of its own."""
        raise NotInCore


class MatchedStores(_Matched):
    """The core's stores."""

    name, model, kind = "matching-stores", PlaceInCore, "stores"


class MatchedItems(_Matched):
    """The core's items."""

    name, model, kind = "matching-items", ItemInCore, "items"
