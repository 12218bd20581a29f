"""What the auditor's pages show, decided and said in the auditor's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.ledger.checks.findings import TITLES, Check, all_good
from hub.models.party import Organization
from hub.models.trace import AnchorState, LogAppend
from hub.pages.oversight.view import ON_CHAIN, TreeHead
from hub.pages.product import WORDS, tone
from hub.pages.product.proof import Finding
from hub.web.i18n import N_, NN_, Language
from hub.web.view import State

_RANK = {"fail": 0, "unknown": 1, "warn": 2, "pass": 3}
_FINDINGS, _HOLDING, _OPEN = 30, 100, 3
"""So many findings of a kind are shown, so many that hold, and so many of these without being asked for."""
_NOT_VALID = NN_("Not all valid: %(num)s finding", "Not all valid: %(num)s findings")
_STATES: Mapping[AnchorState, str] = {
    AnchorState.SEALED: N_("sealed"),
    AnchorState.SENT: N_("on its way"),
    AnchorState.ANCHORED: N_("anchored"),
    AnchorState.FINAL: N_("final"),
}


@dataclass(frozen=True)
class AuditPage:
    """The auditor's first page: the newest tree heads, and whether one party seals the chain ``alone``.

    ``finality`` is the chain's rule.
    """

    alone: bool
    finality: str
    heads: Sequence[TreeHead]


@dataclass(frozen=True)
class Judgement:
    """What was judged: so many records in so many streams, against a block of the chain, in so many seconds.

    ``members`` are those whose organisations the auditor may see, by number.
    """

    checks: Sequence[Check]
    block: int
    records: int
    streams: int
    seconds: float
    members: Mapping[int, Organization] = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
    """Some of the checks that came out alike: how many more there are stands below them, if there are any."""

    rows: Sequence[Finding]
    more: str


@dataclass(frozen=True)
class KindOfCheck:
    """The checks of a kind: what was found, and what holds, which is folded under a ``title`` where it is much."""

    code: str
    title: str
    count: int
    found: Findings
    holding: Findings
    fold: str


@dataclass(frozen=True)
class Result:
    """The verdict, with its icon and the icon's class, and the checks it rests on."""

    icon: str
    tone: str
    title: str
    detail: str
    kinds: Sequence[KindOfCheck] = ()


@dataclass(frozen=True)
class MemberStream:
    """A member's stream, as the hub holds it and as the chain does; what cannot be told is None."""

    member: int
    organization: Organization | None
    records: int
    on_chain: int | None
    hub_held: bool | None


@dataclass(frozen=True)
class StreamRow:
    """A member's stream in the list: how many records are sealed and how many the chain holds; who has the key."""

    member: int
    organization: str
    records: str
    on_chain: str
    key: State


@dataclass(frozen=True)
class BundlePage:
    """The page that gives the evidence away: how many entries there are, and from which of them on it is proved.

    ``trust`` is what a trust file would say, None while the chain cannot be asked.
    """

    entries: str
    checkpoint: int
    trust: dict[str, Any] | None


def audit_page(
    appends: Sequence[LogAppend], at: datetime, speaks: Language, *, sealers: int, finality: str
) -> AuditPage:
    """The auditor's first page, on a chain of so many sealers."""
    return AuditPage(sealers == 1, finality, [_head(append, at, speaks) for append in appends])


def _head(append: LogAppend, at: datetime, speaks: Language) -> TreeHead:
    when = speaks.ago(append.anchored_at or append.created_at, at)
    if append.block_number:
        block = speaks.gettext("block %(number)s", number=speaks.number(append.block_number))
        when = f"{when} · {block}"
    entries = speaks.gettext("%(size)s entries", size=speaks.number(append.new_size))
    return TreeHead(when, f"{entries} · {speaks.gettext(_STATES[append.state])}", append.state in ON_CHAIN)


def unjudged(speaks: Language) -> Result:
    """What is said while no node of the chain answers."""
    return Result(
        icon="ask",
        tone="t-quiet",
        title=speaks.gettext("The chain cannot be asked now"),
        detail=speaks.gettext(
            "Nothing can be judged until a node answers. Your records are safe; try again in a moment."
        ),
    )


def result_of(judgement: Judgement, speaks: Language) -> Result:
    """The verdict on everything that was judged."""
    good = all_good(judgement.checks)
    findings = sum(not check.good for check in judgement.checks)
    return Result(
        icon="ok" if good else "stop",
        tone="t-ok" if good else "t-stop",
        title=speaks.gettext("All valid") if good else speaks.ngettext(*_NOT_VALID, findings),
        detail=speaks.gettext(
            "%(records)s records in %(streams)s streams, recomputed in %(took)s s against block %(block)s.",
            records=speaks.number(judgement.records),
            streams=judgement.streams,
            took=speaks.number(judgement.seconds, 1),
            block=speaks.number(judgement.block),
        ),
        kinds=_kinds(judgement, speaks),
    )


def _kinds(judgement: Judgement, speaks: Language) -> list[KindOfCheck]:
    """Checks by kind; kinds with a finding first, and findings first in each."""
    kinds = [[check for check in judgement.checks if check.code == code] for code in TITLES]
    by_finding = sorted(filter(None, kinds), key=lambda kind: all(check.good for check in kind))
    return [_kind(sorted(kind, key=lambda check: _RANK[tone(check)]), judgement, speaks) for kind in by_finding]


def _kind(kind: Sequence[Check], judgement: Judgement, speaks: Language) -> KindOfCheck:
    failing, holding = [check for check in kind if not check.good], [check for check in kind if check.good]
    return KindOfCheck(
        code=kind[0].code,
        title=speaks.gettext(kind[0].title),
        count=len(kind),
        found=_findings(failing, _FINDINGS, judgement, speaks),
        holding=_findings(holding, _HOLDING, judgement, speaks),
        fold=_fold(len(holding), bool(failing), speaks) if len(holding) > _OPEN else "",
    )


def _fold(count: int, others: bool, speaks: Language) -> str:
    number = speaks.number(count)
    if others:
        return speaks.gettext("%(count)s others hold: show them", count=number)
    return speaks.gettext("All %(count)s hold: show them", count=number)


def _findings(alike: Sequence[Check], most: int, judgement: Judgement, speaks: Language) -> Findings:
    more = len(alike) - most
    return Findings(
        rows=[_finding(check, judgement.members, speaks) for check in alike[:most]],
        more=speaks.gettext("and %(count)s more, all in the evidence bundle", count=more) if more > 0 else "",
    )


def _finding(check: Check, members: Mapping[int, Organization], speaks: Language) -> Finding:
    member = members.get(check.values.get("member", 0))
    return Finding(
        title=speaks.name(member) if member else speaks.gettext(check.title),
        tone=tone(check),
        word=speaks.gettext(WORDS[check.outcome]),
        reason=speaks.sentence(check.reason, check.values),
    )


def stream_row(stream: MemberStream, speaks: Language) -> StreamRow:
    """A member's stream in the list."""
    owner = stream.organization
    return StreamRow(
        member=stream.member,
        organization=speaks.name(owner) if owner else speaks.gettext("not open to you"),
        records=speaks.number(stream.records),
        on_chain="–" if stream.on_chain is None else speaks.number(stream.on_chain),
        key=_key(stream.hub_held, speaks),
    )


def _key(hub_held: bool | None, speaks: Language) -> State:
    if hub_held is None:
        return State(speaks.gettext("Cannot tell"), "ask")
    if hub_held:
        return State(speaks.gettext("Held by the hub: its word"), "warn", "warn")
    return State(speaks.gettext("Kept by the member"), "ok", "ok")


def bundle_page(entries: int, trust: dict[str, Any] | None, speaks: Language) -> BundlePage:
    """The page that gives away the evidence of so many entries."""
    return BundlePage(speaks.number(entries), max(entries, 1), trust)
