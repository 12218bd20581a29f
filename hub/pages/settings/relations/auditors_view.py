"""What the pages of audits show, an audited organisation's and an auditor's, said in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.beginning.auditors import Audit
from hub.models.party import PartnerInvitation
from hub.pages.settings.relations.partners_view import Waiting, days_words, waiting_row
from hub.web.i18n import Language
from hub.web.view import State


@dataclass(frozen=True)
class Row:
    """An audit: of whom or by whom, for how long; ``act`` is where it is ended or taken on, empty where it is not."""

    name: str
    gln: str
    days: str
    state: State
    act: str


@dataclass(frozen=True)
class AuditorsPage:
    """Whom an organisation lets look, and who is invited to."""

    lead: str
    rows: Sequence[Row]
    waiting: Sequence[Waiting]


@dataclass(frozen=True)
class AuditsPage:
    """Whom an auditor audits."""

    lead: str
    rows: Sequence[Row]


def auditors_page(
    audits: Sequence[Audit], invitations: Sequence[PartnerInvitation], speaks: Language, at: datetime
) -> AuditorsPage:
    """Who looks into an organisation's records, those that are over last."""

    def ends(audit: Audit) -> str:
        return "" if audit.over(at) else f"/settings/auditors/{audit.other.id}/end"

    return AuditorsPage(
        lead=speaks.gettext("An auditor reads your records, lots and papers as long as you say, and changes nothing."),
        rows=[_row(audit, ends(audit), speaks, at) for audit in audits],
        waiting=[waiting_row(row, speaks, at) for row in invitations],
    )


def audits_page(audits: Sequence[Audit], speaks: Language, at: datetime, *, administers: bool) -> AuditsPage:
    """Whom an auditor audits; its administrators alone take an audit on."""
    open_ones = sum(audit.begun(at) and not audit.over(at) for audit in audits)
    acts = [
        f"/settings/audits/{audit.other.id}" if administers and not audit.answered and not audit.over(at) else ""
        for audit in audits
    ]
    return AuditsPage(
        lead=speaks.ngettext(
            "You may look into %(num)s organisation now.", "You may look into %(num)s organisations now.", open_ones
        ),
        rows=[_row(audit, act, speaks, at) for audit, act in zip(audits, acts, strict=True)],
    )


def _row(audit: Audit, act: str, speaks: Language, at: datetime) -> Row:
    relation = audit.relation
    days = days_words(relation.valid_from, relation.valid_to, speaks)
    return Row(speaks.name(audit.other), audit.other.gln, days, _state(audit, speaks, at), act)


def _state(audit: Audit, speaks: Language, at: datetime) -> State:
    if audit.over(at):
        return State(speaks.gettext("Ended"), "no")
    if not audit.begun(at):
        return State(speaks.gettext("Has not begun"), "clock")
    if not audit.answered:
        return State(speaks.gettext("Not taken on yet"), "clock", "warn")
    return State(speaks.gettext("Records open"), "ok", "ok")
