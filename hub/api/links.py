"""Where codes lead, kept by an owner's own system; also as GS1's resolver (Community Edition) takes its entries."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError

from hub.access import Permission
from hub.errors import InvalidInput, NotFound
from hub.lists import Search
from hub.models.base import now
from hub.models.party import Organization
from hub.registry import links
from hub.registry.links import LinkForm, Links
from hub.resolver.anchors import NoAnchor
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.problems import problems
from hub.web.routing import Router

router = Router(prefix="/resolver", tags=["Digital Link"], dependencies=[requires(Permission.KEEP_MASTER_DATA)])
_REFUSALS = problems(InvalidInput, NoAnchor, links.NotYourCode, links.LinkTwice)
_PAGE = 200


class EntryLink(BaseModel):
    """A link of an entry, in the Community Edition's words."""

    linktype: str = Field(max_length=60)
    href: str = Field(max_length=2000)
    title: str = Field(default="", max_length=120)
    type: str = Field(default="text/html", max_length=100)
    hreflang: list[str] = Field(default_factory=list, max_length=20)
    context: list[str] = Field(default_factory=list, max_length=20)


class Entry(BaseModel):
    """An entry of the Community Edition, format 3: an anchor, its qualifiers, and links."""

    anchor: str = Field(max_length=120)
    itemDescription: str = Field(default="", max_length=500)
    defaultLinktype: str = Field(default="", max_length=60)
    qualifiers: list[dict[str, str]] = Field(default_factory=list, max_length=4)
    links: list[EntryLink] = Field(max_length=200)


@router.get("/links")
def list_links(actor: ActorDep, session: SessionDep, q: str = "", page: int = 1) -> list[dict[str, Any]]:
    """Your links, by their codes; 200 a page."""
    found = Links().page(session, actor, Search(q[:100], max(1, min(page, 10_000)), _PAGE))
    return [links.said(session, row) for row in found.rows]


@router.post("/links", status_code=201, responses=_REFUSALS)
def add_link(form: LinkForm, actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """Keep a link for a code of yours."""
    return links.said(session, Links().add(session, actor, form))


@router.post("/entries", status_code=201, responses=_REFUSALS)
def add_entries(entries: list[Entry] | Entry, actor: ActorDep, session: SessionDep) -> list[dict[str, Any]]:
    """Keep the links of entries as GS1's own resolver takes them; all of them, or none."""
    listed = entries if isinstance(entries, list) else [entries]
    today = session.get_one(Organization, actor.organization_id).day(now())
    forms = [
        _form(entry, link, today, where=("body", place, "links", number))
        for place, entry in enumerate(listed)
        for number, link in enumerate(entry.links)
    ]
    return [links.said(session, Links().add(session, actor, form)) for form in forms]


_WORDS = {
    "link_type": "linktype",
    "media_type": "type",
    "languages": "hreflang",
    "contexts": "context",
}
"""What the Community Edition calls a field of the form, where it has another name for it."""


def _form(entry: Entry, link: EntryLink, today: date, where: tuple[str | int, ...]) -> LinkForm:
    behind = "".join(f"/{ai}/{value}" for qualifier in entry.qualifiers for ai, value in qualifier.items())
    try:
        return LinkForm(
            about=entry.anchor + behind,
            link_type=link.linktype,
            href=link.href,
            title=link.title,
            media_type=link.type,
            languages=" ".join(link.hreflang),
            contexts=" ".join(link.context),
            is_default="yes" if link.linktype == entry.defaultLinktype else "",
            valid_from=today,
        )
    except ValidationError as error:
        faults = [
            {**fault, "loc": (*where, *(_WORDS.get(str(name), name) for name in fault["loc"]))}
            for fault in error.errors(include_url=False)
        ]
        raise RequestValidationError(faults) from None


@router.get("/links/{link_id}", responses=problems(NotFound))
def show_link(link_id: UUID, actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """One of your links."""
    return links.said(session, Links().find(session, actor, link_id))


@router.put("/links/{link_id}", responses=_REFUSALS | problems(NotFound))
def change_link(link_id: UUID, form: LinkForm, actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """Say anew where a code leads."""
    register = Links()
    row = register.find(session, actor, link_id)
    return links.said(session, register.change(session, actor, row, form))


@router.delete("/links/{link_id}", status_code=204, responses=problems(NotFound))
def end_link(link_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """Let a link lead nowhere any more; it stays to be read."""
    register = Links()
    row = register.find(session, actor, link_id)
    if row.ended_on is None:
        own = session.get_one(Organization, actor.organization_id)
        register.end(session, actor, row, own.day(now()))
