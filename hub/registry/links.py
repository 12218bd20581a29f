"""Where an organisation's Digital Links lead: kept for its items, lots, places, itself and its logistic units."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field
from sqlmodel import Session, col, select

from hub import db
from hub.access import Actor
from hub.errors import N_, HubError, InvalidInput
from hub.inputs import Day
from hub.models.base import now
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, Place, day_of
from hub.models.resolver import ResolverLink
from hub.models.trade import Shipment
from hub.registry.register import Named, Register, as_text
from hub.resolver import anchors, choosing, kept
from hub.resolver.anchors import Anchor
from hub.resolver.types import LINK_TYPES
from hub.trace import listings

_PREFIX = 7
"""GS1 company prefixes have seven digits or more."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CONTEXT = re.compile(r"[\w.:\-]{1,60}")
_MEDIA = r"^[A-Za-z0-9][A-Za-z0-9.+_\-]{0,59}/[A-Za-z0-9][A-Za-z0-9.+_\-]{0,59}$"
"""RFC 6838, by its own letters: any letter of any script, so often, is 17 MB of states in every process."""


class NotYourCode(HubError):
    """This code belongs to somebody else: links are kept for one's own items, places and numbers."""

    code, status, at = "not-your-code", 409, "about"


class LinkTwice(HubError):
    """This link is kept already: for the same code, purpose, language and context."""

    code, status, at = "link-twice", 409, "href"


def _words(expression: re.Pattern[str], wrong: str) -> Any:
    def read(text: str) -> str:
        words = [word for word in re.split(r"[\s,;，；、]+", text) if word]
        if not all(expression.fullmatch(word) for word in words):
            raise ValueError(wrong)
        return " ".join(dict.fromkeys(words))

    return AfterValidator(read)


def _web_address(text: str) -> str:
    try:
        split = urlsplit(text)
        host = split.hostname
    except ValueError:
        host = None
    if not host or split.scheme not in ("http", "https") or re.search(r"[\s\x00-\x1f\\]", text):
        raise ValueError(N_("Give a web address that begins with https:// or http://."))
    return text


class LinkForm(BaseModel):
    """A link as people say it."""

    about: str = Field(min_length=1, max_length=300)
    link_type: str = Field(default="gs1:pip", max_length=60)
    href: Annotated[str, AfterValidator(_web_address)] = Field(max_length=2000)
    title: str = Field(default="", max_length=120)
    languages: Annotated[str, _words(_LANGUAGE, N_("Give languages by their tags, such as zh-CN or en."))] = Field(
        default="", max_length=120
    )
    media_type: str = Field(default="text/html", max_length=100, pattern=_MEDIA)
    contexts: Annotated[str, _words(_CONTEXT, N_("Give words without signs, with blanks between."))] = Field(
        default="", max_length=200
    )
    is_default: Literal["", "yes"] = ""
    valid_from: Day | None = None
    valid_to: Day | None = None


class Links(Register[ResolverLink, LinkForm]):
    """The links of the actor's organisation, known by their code, purpose, languages, kind of file and context."""

    name, model, form, key = "link", ResolverLink, LinkForm, "about"
    found_by = ("about", "title", "href")

    def normal(self, key: str) -> str:
        """A code's path as it is kept."""
        try:
            return anchors.read(key).about if key else ""
        except anchors.NoAnchor:
            return key

    def meant(self, cells: Mapping[str, str]) -> str:
        """Code, purpose, languages, kind of file and context together, and where it leads."""
        told = [self.normal(cells.get("about", "")), choosing.curie(cells.get("link_type", "") or "gs1:pip")]
        media = cells.get("media_type", "") or "text/html"
        return " ".join([*told, cells.get("languages", ""), media, cells.get("contexts", ""), cells.get("href", "")])

    def key_of(self, session: Session, row: ResolverLink) -> str:
        """The code's path, and which of its links it is: a code has several of one purpose."""
        return f"{row.about} {row.link_type.removeprefix('gs1:')} {row.id.hex[-6:]}"

    def label_of(self, session: Session, row: ResolverLink) -> str:
        """The code's path."""
        return row.about

    def thing(self, session: Session, row: ResolverLink) -> Named:
        """Its title, else where it leads."""
        title = row.title or urlsplit(row.href).netloc
        return Named(title, title)

    def values(self, session: Session, row: ResolverLink) -> dict[str, Any]:
        """What the form says of a link now."""
        told = {name: getattr(row, name) for name in LinkForm.model_fields}
        return told | {"is_default": "yes" if row.is_default else ""}

    def first(self, session: Session, actor: Actor) -> dict[str, Any]:
        """From today on."""
        own = session.get_one(Organization, actor.organization_id)
        return super().first(session, actor) | {"valid_from": own.day(now())}

    def over(self) -> Any:
        """Those that were ended, and those whose last day has passed."""
        today = day_of(col(ResolverLink.owner_id), now())
        passed = col(ResolverLink.valid_to).is_not(None) & (col(ResolverLink.valid_to) < today)
        return col(ResolverLink.ended_on).is_not(None) | passed

    def order(self) -> Sequence[Any]:
        """By their codes; those that ended last."""
        return (self.over(), col(ResolverLink.path), col(ResolverLink.link_type))

    def details(self, session: Session, actor: Actor, form: LinkForm, known: ResolverLink | None) -> Mapping[str, Any]:
        """A link's columns; refused for another's code."""
        begins = form.valid_from or session.get_one(Organization, actor.organization_id).day(now())
        if form.valid_to is not None and form.valid_to < begins:
            raise InvalidInput("It ends before it begins.", at="valid_to")
        link_type = choosing.curie(form.link_type)
        if link_type not in LINK_TYPES:
            raise InvalidInput("This is no link type of GS1's Web Vocabulary.", at="link_type")
        anchor = anchors.read(form.about)
        require_own(session, actor, anchor)
        told = form.model_dump() | {
            "owner_id": actor.organization_id,
            "about": anchor.about,
            "path": anchor.path,
            "anchor": anchor.key,
            "link_type": link_type,
            "valid_from": begins,
            "is_default": bool(form.is_default),
        }
        same = ("path", "link_type", "href", "languages", "media_type", "contexts")
        twice = select(ResolverLink.id).where(self.mine(actor), col(ResolverLink.ended_on).is_(None))
        twice = twice.where(*(col(getattr(ResolverLink, name)) == told[name] for name in same))
        if any(found != (known.id if known else None) for found in session.exec(twice)):
            raise LinkTwice
        kept.changed(session)
        return told

    def end(self, session: Session, actor: Actor, row: ResolverLink, on: date | None) -> None:
        """It leads nowhere from this moment on, or leads on; this process knows it at once."""
        today = session.get_one(Organization, row.owner_id).day(now())
        if on is None and row.valid_to is not None and row.valid_to < today:
            row.valid_to = None
        super().end(session, actor, row, on)
        kept.changed(session)


def require_own(session: Session, actor: Actor, anchor: Anchor) -> None:
    """Refuse a code that is another's.

    An item's is whoever lists it, a place's and a party's whose place or number it is, a logistic unit's who ships it.
    Whatever nobody has yet is his whose own number begins with the same digits.
    """
    own = session.get_one(Organization, actor.organization_id)
    if not _has(session, own, anchor) and (_is_anothers(session, own, anchor) or not _numbered_by(own, anchor)):
        raise NotYourCode


_PLACES = ("414", "415", "417")
_ITEMS = ("01", "8006")


def _has(session: Session, own: Organization, anchor: Anchor) -> bool:
    if anchor.ai in _PLACES:
        place = (col(Place.owner_id) == own.id) & (col(Place.gln) == anchor.value)
        return anchor.value == own.gln or session.exec(select(Place.id).where(place)).first() is not None
    if anchor.ai in _ITEMS:
        item = (col(TradeItem.owner_id) == own.id) & (col(TradeItem.gtin) == anchor.value[:14])
        return session.exec(select(TradeItem.id).where(item)).first() is not None
    shipment = (col(Shipment.owner_id) == own.id) & (col(Shipment.sscc) == anchor.value)
    return anchor.ai == "00" and session.exec(select(Shipment.id).where(shipment)).first() is not None


def _numbered_by(own: Organization, anchor: Anchor) -> bool:
    """Whether a number can be of one's own company prefix: a hint and no proof, as in `hub.trace.listings`."""
    leads = 1 if anchor.ai in ("00", "01", "8003", "8006") else 0
    return anchor.ai not in _PLACES and anchor.value[leads:].startswith(own.gln[:_PREFIX])


def _is_anothers(session: Session, own: Organization, anchor: Anchor) -> bool:
    if anchor.ai in _ITEMS and listings.of(session, anchor.value[:14]):
        return True
    with db.public_session() as anybody:
        others = select(ResolverLink.id).where(
            col(ResolverLink.anchor) == anchor.key,
            col(ResolverLink.owner_id) != own.id,
            col(ResolverLink.ended_on).is_(None),
        )
        return anybody.exec(others).first() is not None


def said(session: Session, row: ResolverLink) -> dict[str, Any]:
    """A link as programs read it."""
    told = {name: as_text(value) for name, value in Links().values(session, row).items()}
    return {"id": str(row.id), **told, "is_default": row.is_default, "ended": row.ended_on is not None}
