"""Where GS1 Digital Links lead: what their owners keep for the resolver."""

from datetime import date
from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from hub.models.base import Record, identity


class ResolverLink(Record, table=True):
    """Where the links of one key lead, for one purpose; kept by whom the key belongs to.

    ``about`` is the Digital Link's path as its owner wrote it, with names in braces for what differs from pack to
    pack; ``path`` the same with the names left out, by which it is found; ``anchor`` its key alone. ``languages`` and
    ``contexts`` are words with blanks between. From ``ended_on`` on it leads nowhere.
    """

    __tablename__ = "resolver_link"
    __table_args__ = identity(
        CheckConstraint("valid_to is null or valid_to >= valid_from", name="ends_after_it_begins"),
        CheckConstraint("href ~ '^https?://'", name="leads_to_the_web"),
    )
    published_if: ClassVar[str] = "ended_on is null"
    published: ClassVar[tuple[str, ...]] = (
        "about", "path", "anchor", "link_type", "href", "title", "media_type", "languages", "contexts", "is_default",
        "valid_from", "valid_to", "ended_on",
    )  # fmt: skip

    about: str = Field(max_length=300)
    path: str = Field(max_length=300, index=True)
    anchor: str = Field(max_length=120, index=True)
    link_type: str = Field(max_length=60)
    href: str = Field(max_length=2000)
    title: str = Field(default="", max_length=120)
    media_type: str = Field(default="text/html", max_length=100)
    languages: str = Field(default="", max_length=120)
    contexts: str = Field(default="", max_length=200)
    is_default: bool = False
    valid_from: date
    valid_to: date | None = None
    ended_on: date | None = None
