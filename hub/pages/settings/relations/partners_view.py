"""What the pages of partners show, said in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hub.beginning.partners import Opened, Partner
from hub.lists import CountedPage
from hub.models.party import Organization, OrganizationKind, PartnerInvitation
from hub.pages.welcome_view import gln_words
from hub.web.i18n import N_, Language
from hub.web.view import Heading, Narrowed, Nothing, Paging, State, counted_paging

_HERE = "/settings/partners"
KINDS = {
    OrganizationKind.RETAILER: N_("Retailer"),
    OrganizationKind.SUPPLIER: N_("Supplier"),
    OrganizationKind.HAULIER: N_("Haulier"),
    OrganizationKind.AUDITOR: N_("Auditor"),
    OrganizationKind.OPERATOR: N_("Operator"),
}


@dataclass(frozen=True)
class Row:
    """A partner: what it is, since when, and whether both still work with each other."""

    name: str
    gln: str
    kind: str
    since: str
    state: State
    ended: bool
    ours: bool
    address: str


@dataclass(frozen=True)
class Waiting:
    """Somebody who is invited and not here yet."""

    name: str
    kind: str
    state: State
    address: str


@dataclass(frozen=True)
class PartnersPage:
    """Who an organisation works with, or why none is shown, and who is invited; ``invites`` where it may invite."""

    lead: str
    search: str
    export: str
    columns: Sequence[Heading]
    rows: Sequence[Row]
    paging: Paging
    nothing: Nothing
    waiting: Sequence[Waiting]
    invites: bool


@dataclass(frozen=True)
class JoinPage:
    """What an invited organisation reads: from whom, and as what; ``here`` is who it is signed in as already."""

    title: str
    lead: str
    called: str
    place: str
    here: str
    wrong: str
    gln_words: str


@dataclass(frozen=True)
class Relations:
    """Who an organisation works with: those found, how many of all have not ended, and who is invited."""

    own: Organization
    found: CountedPage[Partner]
    active: int
    invited: Sequence[PartnerInvitation]


def partners_page(relations: Relations, speaks: Language, at: datetime) -> PartnersPage:
    """The list."""
    found, active = relations.found, relations.active
    here, invites = Narrowed(_HERE, found.search), relations.own.kind is OrganizationKind.RETAILER
    return PartnersPage(
        lead=speaks.ngettext("You work with %(num)s organisation.", "You work with %(num)s organisations.", active),
        search=found.search.words,
        export=here.address("/export.csv"),
        columns=_columns(here, speaks),
        rows=[_row(partner, speaks) for partner in found.rows],
        paging=counted_paging(here.address(), found, speaks),
        nothing=_nothing(found.search.words, speaks, invites=invites),
        waiting=[waiting_row(row, speaks, at) for row in relations.invited],
        invites=invites,
    )


def partners_sheet(partners: Sequence[Partner], speaks: Language) -> tuple[list[str], list[list[Any]]]:
    """The list to take away: its headings and its rows."""
    headings = [N_("Organisation"), "GLN", N_("Kind"), N_("Since"), N_("State")]
    return [speaks.gettext(word) for word in headings], [
        [
            speaks.name(partner.organization),
            partner.organization.gln,
            speaks.gettext(KINDS[partner.organization.kind]),
            partner.since,
            state_of(partner, speaks).word,
        ]
        for partner in partners
    ]


def _columns(here: Narrowed, speaks: Language) -> Sequence[Heading]:
    return [
        here.heading(speaks.gettext("Organisation"), f"name_{speaks.code}"),
        here.heading(speaks.gettext("Kind"), "kind"),
        here.heading(speaks.gettext("Since"), "since"),
        Heading(speaks.gettext("State")),
        Heading(""),
    ]


def _nothing(words: str, speaks: Language, *, invites: bool) -> Nothing:
    if words:
        text = speaks.gettext("Names and GLNs are searched.")
        return Nothing(speaks.gettext("Nothing is called that."), text, _HERE, speaks.gettext("Show all"))
    if invites:
        return Nothing(
            speaks.gettext("No partner yet."),
            speaks.gettext("Whoever you invite by a link is your partner as soon as they accept."),
            f"{_HERE}/new",
            speaks.gettext("Invite the first"),
        )
    return Nothing(
        speaks.gettext("No partner yet."),
        speaks.gettext("A retailer invites you by a link; once you have accepted, it stands here."),
    )


def _row(partner: Partner, speaks: Language) -> Row:
    ours, since = partner.relation, partner.since
    return Row(
        name=speaks.name(partner.organization),
        gln=partner.organization.gln,
        kind=speaks.gettext(KINDS[partner.organization.kind]),
        since=days_words(since, None, speaks) if since else "",
        state=state_of(partner, speaks),
        ended=ours is not None and ours.valid_to is not None,
        ours=ours is not None,
        address=f"{_HERE}/{partner.organization.id}",
    )


def state_of(partner: Partner, speaks: Language) -> State:
    """Whether both still work with each other."""
    ours, theirs = partner.relation, partner.theirs
    if ours is not None and ours.valid_to is not None:
        return State(speaks.gettext("Ended by you"), "no")
    if theirs is not None and theirs.valid_to is not None:
        return State(speaks.gettext("Ended by them"), "no", "warn")
    if ours is None or theirs is None:
        return State(speaks.gettext("One side has said so"), "clock", "warn")
    return State(speaks.gettext("Working together"), "ok", "ok")


def waiting_row(row: PartnerInvitation, speaks: Language, at: datetime) -> Waiting:
    """An invitation that nobody has accepted yet."""
    over = row.expires_at < at
    state = State(speaks.gettext("Ended"), "no") if over else State(speaks.gettext("Waits for them"), "clock", "warn")
    return Waiting(row.name, speaks.gettext(KINDS[row.kind]), state, f"{_HERE}/invitations/{row.id}/withdraw")


def join_page(opened: Opened, here: Organization | None, speaks: Language) -> JoinPage:
    """What stands behind an invitation's link; ``here`` is the organisation that the reader is signed in for."""
    inviter = speaks.name(opened.inviter)
    place = {
        OrganizationKind.SUPPLIER: speaks.gettext("What your farm or plant is called"),
        OrganizationKind.HAULIER: speaks.gettext("What your depot is called"),
    }
    fits = here is not None and here.kind is opened.kind
    return JoinPage(
        title=speaks.gettext("%(who)s invites you", who=inviter),
        lead=_join_lead(opened, speaks),
        called=opened.name,
        place=place.get(opened.kind, ""),
        here=speaks.name(here) if fits and here is not None else "",
        wrong=speaks.name(here) if here is not None and not fits else "",
        gln_words=gln_words(speaks),
    )


def _join_lead(opened: Opened, speaks: Language) -> str:
    if opened.days is not None:
        said = days_words(opened.days.since, opened.days.until, speaks)
        return speaks.gettext("as: auditor, %(days)s. You read their records and change nothing.", days=said)
    kind = speaks.gettext(KINDS[opened.kind])
    return speaks.gettext("as: %(kind)s. Three steps, some minutes; one item is enough to begin with.", kind=kind)


def days_words(since: date, until: date | None, speaks: Language) -> str:
    """From which day until which."""
    if until is None:
        return speaks.gettext("from %(day)s on", day=speaks.long_date(since))
    return speaks.gettext("from %(day)s to %(until)s", day=speaks.long_date(since), until=speaks.long_date(until))
