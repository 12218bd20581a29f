"""Whether a lot's record is genuine, as its page says it: first of all, in one sentence, and check by check."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hub.ledger.audit.verdict import Evidence, Verdict
from hub.ledger.checks.findings import Check, Outcome
from hub.ledger.checks.statements import KINDS, Fact
from hub.pages.product.lookup import Called
from hub.pages.product.words import WORDS, tone, worst_of_each
from hub.web.i18n import Language

_UNDECIDED = (Outcome.PENDING, Outcome.STALE)


@dataclass(frozen=True)
class Answer:
    """The first thing a shopper reads of a lot that is not called back."""

    icon: str
    tone: str
    title: str
    detail: str


class Finding(NamedTuple):
    """A check and how it came out; ``tone`` is pass, fail, warn or unknown."""

    title: str
    tone: str
    word: str
    reason: str


@dataclass(frozen=True)
class Recomputation:
    """What the browser says once it has recomputed the records; it fills in ``{n}`` and ``{w}`` itself.

    ``named`` and ``misnamed`` are of the page's own words, as against the statements that it recomputed.
    """

    matching: str
    differing: str
    withheld: str
    nothing: str
    named: str
    misnamed: str


@dataclass(frozen=True)
class Leaf:
    """A record's place in the ledger."""

    member: int
    seq: int
    hash: str


@dataclass(frozen=True)
class Root:
    """The ledger that the records were judged against."""

    size: int
    hash: str
    block: int


@dataclass(frozen=True)
class Proof:
    """What speaks for a record: the verdict, its checks, and what strangers need to judge for themselves.

    ``unproved`` is what the page says that no record covers, ``evidence`` the address of the records; ``finality`` the
    chain's rule, and ``state`` whether it is met.
    """

    verdict: str
    findings: Sequence[Finding]
    unproved: Sequence[str]
    evidence: str
    recomputation: Recomputation
    leaves: Sequence[Leaf]
    root: Root | None
    state: str
    finality: str


def answer_of(verdict: Verdict, speaks: Language, judged_at: str) -> Answer:
    """What weighs most: a check that failed, then what cannot be judged yet, then what is disputed."""
    checks = worst_of_each(verdict.checks)
    disputed = [check for check in checks if check.outcome is Outcome.DISPUTED]
    failed = [check for check in checks if not check.good and check.outcome not in (*_UNDECIDED, Outcome.DISPUTED)]
    if failed:
        detail = speaks.gettext("%(count)s checks failed: see which, and why.", count=len(failed))
        return Answer("stop", "t-stop", speaks.gettext("The record does not hold"), detail)
    if not verdict.evidence or any(check.outcome in _UNDECIDED for check in checks):
        detail = speaks.gettext("Records are waiting to be sealed, or the ledger cannot be asked now.")
        return Answer("ask", "t-quiet", speaks.gettext("Not everything can be judged yet"), detail)
    genuine = speaks.gettext("The record is genuine, no recall")
    if disputed:
        return Answer("less", "t-warn", genuine, _dispute(disputed[0], speaks))
    passed = speaks.gettext("%(count)s checks passed, judged at %(time)s.", count=len(checks), time=judged_at)
    return Answer("ok", "t-ok", genuine, passed)


@dataclass(frozen=True)
class Sealers:
    """How many parties seal the ledger, and the rule by which what they seal is final."""

    count: int
    finality: str


def proof_of(verdict: Verdict, recalled: Called | None, speaks: Language, *, sealers: Sealers, evidence: str) -> Proof:
    """A verdict as a shopper reads it; a recall stands before every check."""
    return Proof(
        verdict=_verdict(verdict, recalled, speaks),
        findings=[
            *([_recall(recalled, speaks)] if recalled else []),
            *(_finding(check, speaks) for check in worst_of_each(verdict.checks)),
            _sealing(sealers.count, speaks),
        ],
        unproved=[_uncovered(fact, speaks) for fact in verdict.unproved],
        evidence=evidence,
        recomputation=_recomputation(speaks),
        leaves=[_leaf(evidenced) for evidenced in verdict.evidence if evidenced.inclusion],
        root=Root(verdict.head.size, verdict.head.root.hex(), verdict.block) if verdict.head else None,
        state=speaks.gettext("final") if verdict.final else speaks.gettext("not final yet"),
        finality=sealers.finality,
    )


def _uncovered(fact: Fact, speaks: Language) -> str:
    kind = speaks.gettext(KINDS.get(fact.kind, fact.kind))
    return speaks.gettext("%(name)s (%(kind)s)", name=fact.name, kind=kind)


def _dispute(check: Check, speaks: Language) -> str:
    if "difference" in check.values:
        return speaks.gettext("Sender and receiver counted differently: see how.")
    return speaks.sentence(check.reason, check.values)


def _verdict(verdict: Verdict, recalled: Called | None, speaks: Language) -> str:
    """Genuine is not safe: a recalled lot is never simply told to be genuine."""
    if recalled and verdict.good:
        return speaks.gettext("The record is genuine, and so is the recall. Genuine is not safe.")
    if verdict.good and not verdict.evidence:
        return speaks.gettext("Nothing of this stands in the ledger yet, so nothing speaks for it.")
    if verdict.good:
        return speaks.gettext("Yes: nobody has changed it since it was written.")
    if verdict.unaltered:
        return speaks.gettext(
            "Yes: nobody has changed it since it was written. One thing in it is disputed: see below."
        )
    if all(check.good or check.outcome in (*_UNDECIDED, Outcome.DISPUTED) for check in verdict.checks):
        return speaks.gettext(
            "This cannot be told yet: records are waiting to be sealed, or the ledger cannot be asked now."
        )
    return speaks.gettext("Not everything holds. What follows says what, and why.")


def _recall(recalled: Called, speaks: Language) -> Finding:
    issuer = recalled.issuer
    who = speaks.name(issuer) if issuer else speaks.gettext("member %(number)s", number=recalled.member)
    return Finding(
        speaks.gettext("No recall"),
        "fail",
        speaks.gettext("Failed"),
        speaks.gettext("This lot was called back by %(who)s.", who=who),
    )


def _finding(check: Check, speaks: Language) -> Finding:
    return Finding(
        speaks.gettext(check.title),
        tone(check),
        speaks.gettext(WORDS[check.outcome]),
        speaks.sentence(check.reason, check.values),
    )


def _sealing(sealers: int, speaks: Language) -> Finding:
    title = speaks.gettext("Sealed by several parties")
    if sealers == 1:
        alone = speaks.gettext(
            "One party alone seals this ledger, so it proves little to outsiders until others join it."
        )
        return Finding(title, "fail", speaks.gettext("One party"), alone)
    several = speaks.gettext("%(count)s independent parties seal this ledger.", count=sealers)
    return Finding(title, "pass", speaks.gettext("Pass"), several)


def _leaf(evidence: Evidence) -> Leaf:
    return Leaf(evidence.record.member, evidence.record.seq, evidence.leaf.hex())


def _recomputation(speaks: Language) -> Recomputation:
    return Recomputation(
        matching=speaks.gettext(
            "Your browser has recomputed all %(n)s records by itself, up to the ledger's root: they match.", n="{n}"
        ),
        differing=speaks.gettext("Your browser has recomputed the records by itself: %(n)s do not match.", n="{n}"),
        withheld=speaks.gettext("Of %(n)s of them it saw the seal alone: how much there was is withheld.", n="{w}"),
        nothing=speaks.gettext("None of these records is in the ledger yet, so there is nothing to recompute."),
        named=speaks.gettext("The names and papers here are those that were signed."),
        misnamed=speaks.gettext("%(n)s of the names and papers here are not what was signed.", n="{n}"),
    )
