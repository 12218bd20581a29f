"""What the administrator's pages show, decided and said in the administrator's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.lists import Page
from hub.models.access import AuditEntry
from hub.models.outbox import OutboxMessage
from hub.models.party import Organization, OrganizationKind, User
from hub.models.trace import LogAppend
from hub.pages.oversight.view import ON_CHAIN, TreeHead
from hub.pages.oversight.words import ACTIONS, DETAILS, TRUTH
from hub.web.guides import SERVER, Spot
from hub.web.i18n import Language
from hub.web.view import KeyFigure, Paging

_TRAIL = "/admin/audit-trail"
_FEW = 4
"""So many appends may wait for the chain without anything being wrong."""
_RUN_A_HUB = {OrganizationKind.RETAILER, OrganizationKind.OPERATOR}


@dataclass(frozen=True)
class Chain:
    """The chain as its node tells it: its newest block, up to which it is final, and how many entries it holds."""

    block: int
    final: int
    entries: int


@dataclass(frozen=True)
class Health:
    """The hub as it was read: the ledger and its way to the chain, and messages that failed.

    ``chain`` is None while no node answers; ``waiting`` appends and ``unsealed`` records are not there yet. So many
    ``sealers`` seal the chain, final by a rule.
    """

    own: Organization
    at: datetime
    chain: Chain | None
    appends: Sequence[LogAppend] = ()
    entries: int = 0
    waiting: int = 0
    unsealed: int = 0
    failed: Sequence[OutboxMessage] = ()
    sealers: int = 1
    finality: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing waits that should not."""
        return self.chain is not None and not self.failed and self.waiting <= _FEW


@dataclass(frozen=True)
class Message:
    """A message that failed: its tries, when it was parked or will be tried again, and why."""

    id: UUID
    type: str
    attempts: int
    when: str
    error: str


@dataclass(frozen=True)
class Overview:
    """The administrator's first page; ``parked`` messages wait for a person, ``late`` ones are tried again.

    ``away`` says that the chain cannot be asked, ``alone`` that one party seals it; ``server`` are the places of the
    operator's guide, for those whose server it may be.
    """

    lead: str
    away: bool
    alone: bool
    finality: str
    figures: Sequence[KeyFigure]
    parked: Sequence[Message]
    late: Sequence[Message]
    heads: Sequence[TreeHead]
    server: Sequence[Spot]


@dataclass(frozen=True)
class Entry:
    """Who did what to what, and when; ``details`` are what else is told of it, each under its name."""

    when: str
    who: str
    action: str
    subject: str
    details: Sequence[str]


@dataclass(frozen=True)
class Trail:
    """A page of the audit trail, the newest first."""

    entries: Sequence[Entry]
    paging: Paging


def overview(health: Health, speaks: Language) -> Overview:
    """The administrator's first page."""
    at = health.at
    return Overview(
        lead=speaks.gettext("All is well: records are sealed and on the chain.")
        if health.well
        else speaks.gettext("Something waits: see below what, and since when."),
        away=health.chain is None,
        alone=health.sealers == 1,
        finality=health.finality,
        figures=_figures(health, speaks),
        parked=[_message(row, speaks.ago(row.parked_at, at)) for row in health.failed if row.parked_at],
        late=[_message(row, speaks.due(row.next_at, at)) for row in health.failed if row.parked_at is None],
        heads=[_head(append, at, speaks) for append in health.appends],
        server=SERVER if health.own.kind in _RUN_A_HUB else (),
    )


def _figures(health: Health, speaks: Language) -> list[KeyFigure]:
    chain = health.chain
    final = speaks.gettext("final up to %(block)s", block=speaks.number(chain.final)) if chain else ""
    return [
        KeyFigure(speaks.gettext("Entries in the ledger"), speaks.number(health.entries)),
        KeyFigure(speaks.gettext("Entries on the chain"), speaks.number(chain.entries) if chain else "–"),
        KeyFigure(speaks.gettext("Newest block"), speaks.number(chain.block) if chain else "–", final),
        KeyFigure(
            speaks.gettext("Appends that wait"),
            speaks.number(health.waiting),
            tone="warn" if health.waiting > _FEW else "",
        ),
        KeyFigure(speaks.gettext("Your records that wait"), speaks.number(health.unsealed)),
    ]


def _message(row: OutboxMessage, when: str) -> Message:
    return Message(row.id, row.type, row.attempts, when, row.error)


def _head(append: LogAppend, at: datetime, speaks: Language) -> TreeHead:
    return TreeHead(
        when=speaks.ago(append.anchored_at or append.created_at, at),
        text=speaks.gettext("%(size)s entries", size=speaks.number(append.new_size)),
        anchored=append.state in ON_CHAIN,
    )


def trail_of(trail: Page[tuple[AuditEntry, User | None]], own: Organization, speaks: Language) -> Trail:
    """A page of the audit trail, on the organisation's own clock."""
    number = trail.search.page
    return Trail(
        entries=[_entry(entry, user, own, speaks) for entry, user in trail.rows],
        paging=Paging(
            earlier=f"{_TRAIL}?p={number - 1}" if number > 1 else "",
            later=f"{_TRAIL}?p={number + 1}" if trail.more else "",
        ),
    )


def _entry(entry: AuditEntry, user: User | None, own: Organization, speaks: Language) -> Entry:
    return Entry(
        when=speaks.moment(entry.created_at, own),
        who=user.name if user else entry.via,
        action=speaks.gettext(ACTIONS[entry.action]) if entry.action in ACTIONS else entry.action,
        subject=entry.subject,
        details=[_detail(name, value, speaks) for name, value in entry.detail.items()],
    )


def _detail(name: str, value: Any, speaks: Language) -> str:
    word = speaks.gettext(DETAILS[name]) if name in DETAILS else name
    text = str(value)
    return f"{word}{'：' if speaks.code == 'zh' else ': '}{speaks.gettext(TRUTH[text]) if text in TRUTH else text}"
