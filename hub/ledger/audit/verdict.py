"""A lot's verdict: judged by the checks that auditors run, kept while nothing of what it is made of changes.

It is made of the rows that the database shows of the lot, read at every scan, and of what the contracts store. Both
have a hash, and a verdict is kept under the two: whoever alters a row is judged anew.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from time import monotonic

from sqlalchemy import BigInteger, column, text, tuple_, values
from sqlmodel import Session, col, select

from chain_node.errors import LedgerError, StateUnknown
from chain_node.facts import RecallSaid, TreeHead
from chain_node.ledger import Ledger
from chain_node.rpc import Block
from hub import documents
from hub.errors import N_
from hub.gs1 import master_data
from hub.ledger.audit.bundle import authorities
from hub.ledger.audit.notices import said_of
from hub.ledger.audit.verification import facts_of, numbers, signed, statements_about
from hub.ledger.checks import completeness, content, handovers, inclusion, registration
from hub.ledger.checks.completeness import Numbers
from hub.ledger.checks.evidence import Inclusion, Record, Signed
from hub.ledger.checks.findings import Check, Outcome, all_good
from hub.ledger.checks.recalls import LotRecalls, Notice, holders
from hub.ledger.checks.signatures import Signatures
from hub.ledger.checks.statements import Fact, Statements
from hub.ledger.custody import speakers, standing
from hub.ledger.custody.standing import Glns
from hub.ledger.formats import lots, merkle, streams
from hub.ledger.log import anchoring, journal, sealing
from hub.models.base import Record as Row
from hub.models.catalogue import Lot
from hub.models.trace import Event, LogLeaf, Submission

KEPT = 300
"""Verdicts that a process keeps, those that were asked for last: some 20 kB each."""
FRESH = 1.0
"""Seconds for which it is not asked again whether the contracts store something new."""
_HOUR = 3600


@dataclass(frozen=True)
class Evidence:
    """What a browser needs to recompute one record's place in the ledger by itself."""

    record: Record
    previous: bytes
    leaf: bytes
    inclusion: Inclusion | None


@dataclass(frozen=True)
class Verdict:
    """The checks of one lot's published records, the evidence behind them, and which block they were judged at."""

    checks: list[Check]
    evidence: list[Evidence]
    head: TreeHead | None
    block: int
    block_time: int
    final: bool
    recalled: Sequence[RecallSaid] = ()
    facts: Sequence[Fact] = ()
    statements: Statements = field(default_factory=Statements)

    @property
    def good(self) -> bool:
        """Whether every check allows it, and there was something to check."""
        return bool(self.checks) and all_good(self.checks)

    @property
    def unproved(self) -> list[Fact]:
        """What is shown beside the records and covered by none."""
        return [fact for fact in self.facts if self.statements.newest(fact.member, fact.subject) is None]

    @property
    def unaltered(self) -> bool:
        """Whether nothing but a hand-over that its two sides tell differently keeps it from being good."""
        return bool(self.checks) and all(c.good or c.outcome is Outcome.DISPUTED for c in self.checks)


@dataclass(frozen=True)
class Shown:
    """What the database shows of a lot now: all that a verdict is made of, besides what the chain stores.

    ``records`` are with their leaf in the log; ``numbers`` are those of each member's sealed records, of
    whatever lot.
    """

    link: str
    key: bytes | None
    records: Sequence[tuple[Record, LogLeaf | None]]
    signed: Mapping[int, Sequence[Signed]]
    numbers: Mapping[int, Numbers]
    glns: Glns
    notices: Mapping[bytes, Sequence[Notice]]
    facts: Sequence[Fact] = ()

    @classmethod
    def of(cls, session: Session, lot: Lot | None, link: str, events: Sequence[Event], named: Sequence[Row]) -> "Shown":
        """Gather it, in as many questions as there are tables and members, however many the records are."""
        key = lot.key if lot is not None else None
        stated = statements_about(session, named)
        known = speakers.members(session)
        events = [*events, *(event for event in stated if event.seq is not None)]
        wanted: dict[int, list[int]] = {}
        for event in events:
            wanted.setdefault(event.member, []).extend([event.seq] if event.seq else [])
        leaves = _leaves(session, wanted)
        records = [_record(event, leaves.get((event.member, event.seq or 0))) for event in events]
        begun = [lots.begun(record.event, b"") for record, _ in records if lots.link_of(record.event) == link]
        keys = sorted({lot.key for lot in begun if lot is not None} | ({key} if key else set()))
        notices = said_of(session, keys)
        return cls(
            link,
            key,
            records,
            {member: _signatures(session, member, seqs) for member, seqs in wanted.items()},
            {member: numbers(session, member) for member in wanted},
            known.glns,
            {key: notices.get(key, ()) for key in keys},
            facts_of(named, known.numbers, stated, documents.hashes(session, named)),
        )

    def digest(self) -> bytes:
        """A hash of all of it: the same for the same rows."""
        rows = [(record, leaf and (leaf.index, leaf.previous, leaf.commitment)) for record, leaf in self.records]
        glns = sorted(self.glns.items())
        shown = (self.link, self.key, rows, self.signed, self.numbers, glns, self.notices, self.facts)
        return hashlib.sha256(repr(shown).encode()).digest()


class Kept:
    """The verdicts that were asked for last, by what they were made of."""

    def __init__(self, most: int = KEPT) -> None:
        self._most, self._lock = most, threading.Lock()
        self._verdicts: OrderedDict[tuple[object, ...], Verdict] = OrderedDict()

    def get(self, of: tuple[object, ...]) -> Verdict | None:
        """The verdict on this, if it is still known."""
        with self._lock:
            if of in self._verdicts:
                self._verdicts.move_to_end(of)
            return self._verdicts.get(of)

    def put(self, of: tuple[object, ...], verdict: Verdict) -> None:
        """Keep a verdict, in place of the one that nobody asked for longest."""
        with self._lock:
            self._verdicts[of] = verdict
            while len(self._verdicts) > self._most:
                self._verdicts.popitem(last=False)


_kept = Kept()


class _Stored:
    """What the contracts store, as of a moment ago: every lot's page depends on it."""

    def __init__(self) -> None:
        self.asking, self.at, self.hash = threading.Lock(), -inf, b""
        self.of: Ledger | None = None

    def now(self) -> bytes:
        chain = anchoring.ledger()
        with self.asking:
            if self.of is not chain or monotonic() - self.at > FRESH:
                self.hash = chain.deployment.log_id + chain.stored(chain.block("latest").number)
                self.at, self.of = monotonic(), chain
            return self.hash


_stored = _Stored()


def stored() -> bytes:
    """A hash of what the contracts store, `FRESH` seconds old at most; raises `LedgerError`."""
    return _stored.now()


def verify_lot(
    session: Session, lot: Lot | None, link: str, events: Sequence[Event], named: Sequence[Row] = ()
) -> Verdict:
    """Judge the records of one lot that the session may see, and what they call those who are ``named`` beside them.

    Completeness is of streams, never by lot. Where only an item is known, without a lot, those words alone are judged.
    """
    shown, chain = Shown.of(session, lot, link, events, named), anchoring.ledger()
    try:
        latest = chain.block("latest")
        # What is on its way may be late by the chain's clock: that is looked at anew every hour.
        of = (chain.deployment.log_id, chain.stored(latest.number), latest.time // _HOUR, shown.digest())
        verdict = _kept.get(of)
        if verdict is None:
            verdict = _judged(session, shown, chain, latest)
            _kept.put(of, verdict)
        if not verdict.final:
            verdict = replace(verdict, final=_newest(verdict) < _final_size(chain))
            _kept.put(of, verdict)
    except LedgerError as problem:
        reason = N_("The chain cannot be asked now: %(why)s")
        return Verdict([Check("V1", Outcome.PENDING, reason, {"why": type(problem).__name__})], [], None, 0, 0, False)
    return replace(verdict, checks=[_at(latest), *verdict.checks], block=latest.number, block_time=latest.time)


def _at(latest: Block) -> Check:
    return Check("V1", Outcome.VALID, N_("Judged against block %(block)s of the chain"), {"block": latest.number})


def _newest(verdict: Verdict) -> int:
    return max((piece.inclusion.index for piece in verdict.evidence if piece.inclusion), default=-1)


def _final_size(chain: Ledger) -> int:
    try:
        final = chain.final().number
        return chain.tree_head(final).size if final else 0
    except StateUnknown:
        return 0


def _judged(session: Session, shown: Shown, chain: Ledger, latest: Block) -> Verdict:
    """The verdict on what is shown, against a block; without V1, which names the block."""
    head = chain.tree_head(latest.number)
    tree = sealing.tree(session, head.size)
    evidence = [_evidence(record, leaf, tree) for record, leaf in shown.records]
    # Of what a party said a moment ago, that which is in the ledger is shown until the newest is there too.
    evidence = [piece for piece in evidence if piece.inclusion or not _states(piece.record)]
    statements = Statements()
    for piece in sorted(evidence, key=lambda piece: (piece.record.member, piece.record.seq)):
        statements.take(piece.record)
    findings = content.judge([piece.record for piece in evidence]) + _places(evidence, head, latest.number)
    for member in sorted(shown.signed):
        findings += _member(shown, member, chain, latest.number)
    if shown.key is not None:
        registered = chain.lot(shown.key, latest.number)
        findings += [check for piece in evidence if (check := registration.lot(piece.record, registered)) is not None]
    leaves = [(piece.record, piece.leaf) for piece in evidence]
    findings += handovers.judge(leaves, latest.time, shown.link, shown.glns)
    recalls = _recalls(shown, leaves, chain, latest.number)
    findings += [check for lot in recalls for check in lot.findings()]
    standing = [recall for lot in recalls for recall in lot.standing]
    known = [fact for fact in shown.facts if not (fact.waiting and statements.newest(fact.member, fact.subject))]
    findings += statements.findings(known)
    return Verdict(findings, evidence, head, latest.number, latest.time, False, standing, shown.facts, statements)


def _states(record: Record) -> bool:
    return record.payload is not None and master_data.statement_of(record.event) is not None


def _recalls(shown: Shown, leaves: Sequence[tuple[Record, bytes]], chain: Ledger, block: int) -> list[LotRecalls]:
    """What chain and hub say of a lot's recalls, by the key in its row and by those its own records give."""
    parties = standing.Parties(shown.glns, authority=authorities(chain, block))
    records = handovers.sayings(leaves)
    recalls = []
    for key, notices in shown.notices.items():
        on_chain = chain.recalls_of(key, block)
        if on_chain or notices:
            registered = chain.lot(key, block)
            held = holders(shown.link, registered, records, parties)
            recalls.append(LotRecalls(shown.link, on_chain, notices, held, parties.authority))
    return recalls


def _leaves(session: Session, numbers: Mapping[int, Sequence[int]]) -> dict[tuple[int, int], LogLeaf]:
    """The log's rows of some records, by member and number."""
    places = [(member, seq) for member, seqs in numbers.items() for seq in seqs]
    rows = session.exec(select(LogLeaf).where(tuple_(col(LogLeaf.member), col(LogLeaf.seq)).in_(places)))
    return {(leaf.member, leaf.seq): leaf for leaf in rows}


def _record(event: Event, leaf: LogLeaf | None) -> tuple[Record, LogLeaf | None]:
    commitment = leaf.commitment if leaf else event.commitment or b""
    return Record(event.member, event.seq or 0, commitment, event.payload, event.salt), leaf


def _signatures(session: Session, member: int, seqs: Sequence[int]) -> list[Signed]:
    """The submissions that some records of a member stand under."""
    if not seqs:
        return []
    numbers = values(column("seq", BigInteger), name="numbers").data([(seq,) for seq in sorted(seqs)])
    nearest = (
        select(Submission.id)
        .where(col(Submission.member) == member, col(Submission.first_seq) <= numbers.c.seq)
        .order_by(col(Submission.first_seq).desc())
        .limit(1)
        .lateral("nearest")
    )
    rows = session.exec(
        select(Submission)
        .where(col(Submission.id).in_(select(nearest.c.id).select_from(numbers).join(nearest, text("true"))))
        .order_by(col(Submission.first_seq))
    )
    return [signed(row, None) for row in rows]


def _evidence(record: Record, sealed: LogLeaf | None, tree: merkle.Tree) -> Evidence:
    if sealed is None:
        return Evidence(record, b"", b"", None)
    if any(len(value) != merkle.HASH for value in (sealed.previous, record.commitment)):
        return Evidence(record, sealed.previous, b"", None)
    log_id = journal.planned().log_id
    leaf = streams.leaf(log_id, record.member, sealed.seq, sealed.previous, record.commitment)
    where = None
    if sealed.index < tree.size:
        where = Inclusion(sealed.index, tree.size, tree.inclusion(sealed.index))
    return Evidence(record, sealed.previous, leaf, where)


def _places(evidence: Sequence[Evidence], head: TreeHead, block: int) -> list[Check]:
    """V5 for all records of a lot: one line when they all stand in the ledger."""
    each = [
        inclusion.included(
            piece.leaf,
            piece.inclusion,
            head.root,
            head.size,
            {"member": piece.record.member, "seq": piece.record.seq},
        )
        for piece in evidence
    ]
    bad = [check for check in each if not check.good]
    if bad or not each:
        return bad
    counts = {"count": len(each), "block": block}
    return [Check("V5", Outcome.VALID, N_("All %(count)s records are in the ledger as of block %(block)s"), counts)]


def _member(shown: Shown, member: int, chain: Ledger, block: int) -> list[Check]:
    """V4 of a member's whole stream, by its numbers; V6 and V7 of its records of the lot."""
    count = chain.head_of(member, block).seq
    known = chain.member(member, block)
    seqs = sorted(record.seq for record, _ in shown.records if record.member == member and record.seq)
    signatures = Signatures(member, shown.signed[member], known.keys if known else (), journal.log_domain())
    gaps = completeness.taken_away(shown.numbers[member], member, count)
    return ([gaps] if gaps else []) + signatures.findings(seqs)
