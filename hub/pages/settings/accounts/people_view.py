"""What the pages about people show, decided and said in the administrator's language."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from hub.accounts.people import Colleague
from hub.lists import CountedPage
from hub.models.access import AuditEntry, Invitation
from hub.models.party import Organization, Place, Role
from hub.pages.oversight.words import ACTIONS
from hub.web.i18n import N_, Language
from hub.web.nav import ROLES
from hub.web.view import Heading, Narrowed, Paging, State, Tab, counted_paging

_HERE = "/settings/people"
WHAT: dict[Role, str] = {
    Role.ADMINISTRATOR: N_("People, partners, items, keys and settings"),
    Role.BUYER: N_("Orders, proposals, forecasts and stock"),
    Role.STORE: N_("Receives goods at one store"),
    Role.SUPPLIER: N_("Answers orders, records lots, commits to forecasts"),
    Role.DISPATCHER: N_("Plans routes and vehicles"),
    Role.DRIVER: N_("Drives a route and hands goods over"),
    Role.AUDITOR: N_("Reads and verifies records, changes nothing"),
}
"""What each role does, in a few words."""


@dataclass(frozen=True)
class Choices:
    """What an administrator may choose from: roles of this kind of organisation, its stores; and what they ticked."""

    roles: Sequence[Role] = ()
    stores: Sequence[Place] = ()
    ticked: Collection[Role] = ()


@dataclass(frozen=True)
class RoleChoice:
    """A role that somebody may be given."""

    value: str
    word: str
    what: str
    chosen: bool


@dataclass(frozen=True)
class PersonRow:
    """Somebody in the list."""

    name: str
    email: str
    address: str
    roles: str
    place: str
    seen: str
    second: State
    state: State | None


@dataclass(frozen=True)
class InvitationRow:
    """Somebody who has not accepted yet."""

    email: str
    roles: str
    state: State
    withdraw: str
    label: str


@dataclass(frozen=True)
class PeoplePage:
    """Who acts for the organisation, and who is invited."""

    lead: str
    words: str
    kept: Sequence[tuple[str, str]]
    tabs: Sequence[Tab]
    exports: Sequence[tuple[str, str]]
    columns: Sequence[Heading]
    people: Sequence[PersonRow]
    invitations: Sequence[InvitationRow]
    paging: Paging


def people_page(
    found: CountedPage[Colleague], waiting: Sequence[Invitation], speaks: Language, *, at: datetime
) -> PeoplePage:
    """The list of people."""
    bare = [one.person.name for one in found.rows if not one.second_factor and Role.ADMINISTRATOR in one.roles]
    counted = speaks.ngettext("%(num)s person.", "%(num)s people.", found.total)
    unsafe = speaks.gettext("Without a second step, and administrator: %(names)s.", names=", ".join(bare))
    here = Narrowed(_HERE, found.search)
    return PeoplePage(
        lead=speaks.paragraph(counted, unsafe if bare else ""),
        words=found.search.words,
        kept=here.kept,
        tabs=here.tabs(speaks),
        exports=[(here.address(f"/export.{kind}"), kind) for kind in ("xlsx", "csv")],
        columns=[
            here.heading(speaks.gettext("Name"), "name"),
            Heading(speaks.gettext("Role")),
            here.heading(speaks.gettext("Place"), "place"),
            here.heading(speaks.gettext("Last seen"), "seen"),
            here.heading(speaks.gettext("Sign-in"), "second"),
        ],
        people=[_row(one, speaks, at) for one in found.rows],
        invitations=[_invitation(one, speaks, at) for one in waiting],
        paging=counted_paging(here.address(), found, speaks),
    )


def people_sheet(found: Sequence[Colleague], speaks: Language) -> tuple[list[str], list[list[str]]]:
    """The list to take away: its headings and its rows."""
    words = (N_("Name"), N_("E-mail"), N_("Role"), N_("Place"), N_("Last seen"), N_("Sign-in"), N_("State"))
    rows = [
        [
            one.person.name,
            one.person.email,
            _roles(one.roles, speaks),
            speaks.name(one.place) if one.place else "",
            one.seen_at.isoformat(timespec="minutes") if one.seen_at else "",
            _second(one, speaks).word,
            speaks.gettext("Ended") if one.ended else speaks.gettext("In use"),
        ]
        for one in found
    ]
    return [speaks.gettext(word) for word in words], rows


def _row(one: Colleague, speaks: Language, at: datetime) -> PersonRow:
    return PersonRow(
        name=one.person.name,
        email=one.person.email,
        address=f"{_HERE}/{one.person.id}",
        roles=_roles(one.roles, speaks),
        place=speaks.name(one.place) if one.place else "",
        seen=speaks.ago(one.seen_at, at) if one.seen_at else speaks.gettext("never"),
        second=_second(one, speaks),
        state=State(speaks.gettext("Ended"), "no") if one.ended else None,
    )


def _second(one: Colleague, speaks: Language) -> State:
    if one.second_factor:
        return State(speaks.gettext("Second step"), "ok", "ok")
    return State(speaks.gettext("Password only"), "warn", "warn")


def _invitation(row: Invitation, speaks: Language, at: datetime) -> InvitationRow:
    over = row.expires_at < at
    return InvitationRow(
        email=row.email,
        roles=_roles([Role(role) for role in row.roles], speaks),
        state=State(speaks.gettext("Ended"), "stop", "stop")
        if over
        else State(speaks.due(row.expires_at, at), "clock", "warn"),
        withdraw=f"{_HERE}/invitations/{row.id}/withdraw",
        label=speaks.gettext("Withdraw the invitation of %(email)s", email=row.email),
    )


def _roles(roles: Collection[Role], speaks: Language) -> str:
    return ("、" if speaks.code == "zh" else ", ").join(speaks.gettext(ROLES[role]) for role in roles)


@dataclass(frozen=True)
class InvitePage:
    """Where somebody is invited: which roles there are, and whether a letter goes out by itself."""

    lead: str
    roles: Sequence[RoleChoice]
    stores: Sequence[tuple[str, str]]


def invite_page(choices: Choices, speaks: Language, *, mails: bool) -> InvitePage:
    """The page of inviting somebody."""
    lead = (
        speaks.gettext("A link goes to their address; you can copy it too. It is good for three days, and once.")
        if mails
        else speaks.gettext("You get a link to send them in a chat. It is good for three days, and once.")
    )
    return InvitePage(lead, _role_choices(choices, choices.ticked, speaks), _stores(choices, speaks))


def _role_choices(choices: Choices, ticked: Collection[Role], speaks: Language) -> list[RoleChoice]:
    return [
        RoleChoice(role.value, speaks.gettext(ROLES[role]), speaks.gettext(WHAT[role]), role in ticked)
        for role in choices.roles
    ]


def _stores(choices: Choices, speaks: Language) -> list[tuple[str, str]]:
    if not choices.stores or Role.STORE not in choices.roles:
        return []
    return [("", speaks.gettext("None")), *((str(one.id), speaks.name(one)) for one in choices.stores)]


@dataclass(frozen=True)
class LinkPage:
    """A link that is shown this once: what it is for, and what to do with it."""

    title: str
    lead: str
    link: str = field(repr=False)
    advice: str
    message: str = field(repr=False)


def link_page(kind: str, who: str, link: str, speaks: Language, *, mailed: bool) -> LinkPage:
    """The page of a one-time link."""
    if kind == "invitation":
        title = speaks.gettext("Invitation for %(who)s", who=who)
        lead = speaks.gettext("Good for three days, and once. Send it to them alone.")
        message = speaks.gettext("You are invited to work with us on Furrow: %(link)s", link=link)
    else:
        title = speaks.gettext("Link for a new password for %(who)s", who=who)
        lead = speaks.gettext("Good for one hour, and once. Send it to them alone, and be sure that it is them.")
        message = speaks.gettext("Set a new password on Furrow: %(link)s", link=link)
    sent = speaks.gettext("It was sent by mail too.") if mailed else ""
    return LinkPage(
        title=title,
        lead=speaks.paragraph(lead, sent),
        link=link,
        advice=speaks.gettext("Copy it now: it is not shown again. If it is lost, make another; this one ends then."),
        message=message,
    )


@dataclass(frozen=True)
class Happened:
    """What became of somebody here, and when."""

    when: str
    what: str


@dataclass(frozen=True)
class PersonPage:
    """Somebody: who they are, what they may do, and what an administrator may do for them."""

    id: UUID
    name: str
    lead: str
    facts: Sequence[tuple[str, str]]
    second: State
    ended: bool
    ours_alone: bool
    has_second: bool
    roles: Sequence[RoleChoice]
    stores: Sequence[tuple[str, str]]
    place: str
    history: Sequence[Happened]


@dataclass(frozen=True)
class Dossier:
    """A person of an organisation: whether of no other, and what became of it there."""

    person: Colleague
    own: Organization
    ours_alone: bool
    trail: Sequence[AuditEntry]


def person_page(dossier: Dossier, choices: Choices, speaks: Language, at: datetime) -> PersonPage:
    """The page of one person."""
    one = dossier.person
    lead = speaks.gettext("Acts for you as: %(roles)s.", roles=_roles(one.roles, speaks))
    seen = speaks.ago(one.seen_at, at) if one.seen_at else speaks.gettext("never")
    facts = [(speaks.gettext("E-mail"), one.person.email), (speaks.gettext("Last seen"), seen)]
    facts += [(speaks.gettext("Phone"), one.person.phone)] if one.person.phone else []
    return PersonPage(
        id=one.person.id,
        name=one.person.name,
        lead=speaks.gettext("Acts for you no more. What they recorded stays under their name.") if one.ended else lead,
        facts=facts,
        second=_second(one, speaks),
        ended=one.ended,
        ours_alone=dossier.ours_alone,
        has_second=one.second_factor,
        roles=_role_choices(choices, choices.ticked or one.roles, speaks),
        stores=_stores(choices, speaks),
        place=str(one.place.id) if one.place else "",
        history=[
            Happened(
                speaks.moment(entry.created_at, dossier.own),
                speaks.gettext(ACTIONS[entry.action]) if entry.action in ACTIONS else entry.action,
            )
            for entry in dossier.trail
        ],
    )
