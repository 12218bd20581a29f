"""Gathers evidence out of the database and the chain, and has it judged by the same checks that strangers run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import Any

from sqlalchemy import func, literal, text
from sqlmodel import Session, col, select

from chain_node.errors import LedgerError, StateUnknown
from chain_node.facts import Head, RecallSaid, TreeHead
from hub import db
from hub.db import TenantSession
from hub.gs1 import reading
from hub.ledger import anchoring, checks, journal, lots, sealing, speakers, streams
from hub.ledger.bundle import Bundle, Stream, Trust, authorities
from hub.ledger.checks import N_, Check, Inclusion, Outcome, Record, Signed
from hub.ledger.notices import said_of
from hub.models.catalogue import Lot
from hub.models.party import Organization
from hub.models.trace import Event, LogLeaf, Submission, SubmissionSummary

_AT_A_TIME = 1000


def trust() -> Trust:
    """What this installation would write into an auditor's trust file."""
    return Trust(journal.planned(), anchoring.ledger().genesis_hash(), own=False)


def make_bundle(
    session: TenantSession, audience: str, members: Iterable[int] | None = None, since: Sequence[int] = ()
) -> Bundle:
    """Everything the session's organisation may see of some members' streams (all by default), as of a final block.

    ``since`` are sizes of the log whose checkpoints the reader kept: their consistency is proved too.
    """
    db.let_think(session)
    chain = anchoring.ledger()
    block = chain.block(max(chain.final().number, _deployed(chain)))
    head = chain.tree_head(block.number)
    wanted = list(members) if members is not None else list(range(1, chain.member_count(block.number) + 1))
    found = [_stream(session, member, head, chain.head_of(member, block.number)) for member in wanted]
    keys = [key for member in wanted for key in _lots_begun(session, member)]
    proof = chain.prove(block.number, members=wanted, lots=keys)
    notices = said_of(session, keys)
    known = speakers.members(session)
    tree = sealing.tree(session, head.size)
    consistency = {size: tree.consistency(size) for size in since if 0 < size <= head.size}
    return Bundle(
        block.number,
        block.hash,
        trust(),
        audience,
        int(time()),
        proof,
        found,
        consistency,
        known.glns,
        speakers.mandates(session, known),
        notices,
    )


def _deployed(chain: Any) -> int:
    """The newest block, while nothing is final yet: better a stale verdict than none."""
    try:
        chain.tree_head(chain.final().number)
    except LedgerError:
        return int(chain.block("latest").number)
    return 0


@dataclass(frozen=True)
class Held:
    """A member's records as the database holds them: what was deleted there is missing here, and shows.

    Read anew whenever they are gone through, a thousand at a time, each thousand in a short transaction of its own:
    a stream is as long as its member has worked here, and judging it takes minutes.
    """

    who: db.Who
    member: int

    def __len__(self) -> int:
        """How many there are now."""
        with db.session(self.who) as session:
            counted = select(func.count()).select_from(LogLeaf).where(col(LogLeaf.member) == self.member)
            return session.exec(counted).one() - len(_gone(session, self.member))

    def __iter__(self) -> Iterator[Record]:
        with db.session(self.who) as session:
            gone = _gone(session, self.member)
        last = 0
        while page := self._page(last):
            last = page[-1].seq
            yield from (record for record in page if record.payload is not None or record.seq not in gone)

    def _page(self, after: int) -> list[Record]:
        """The thousand that come next. Columns, not rows: they are read as what the checks need of them."""
        with db.session(self.who) as session:
            leaves = session.exec(
                select(col(LogLeaf.seq), col(LogLeaf.commitment))
                .where(col(LogLeaf.member) == self.member, col(LogLeaf.seq) > after)
                .order_by(col(LogLeaf.seq))
                .limit(_AT_A_TIME)
            ).all()
            if not leaves:
                return []
            events = session.exec(
                select(col(Event.seq), col(Event.payload), col(Event.salt)).where(
                    col(Event.member) == self.member, col(Event.seq) > after, col(Event.seq) <= leaves[-1][0]
                )
            ).all()
        told = {seq: (payload, salt) for seq, payload, salt in events}
        return [Record(self.member, seq, commitment, *told.get(seq, ())) for seq, commitment in leaves]


def _gone(session: Session, member: int) -> set[int]:
    """The numbers of sealed records that are no longer there."""
    return set(session.execute(text("select missing_records(:m)"), {"m": member}).scalars())


def _lots_begun(session: Session, member: int) -> Iterator[bytes]:
    """The keys of all lots that a member's sealed records begin, as far as the session may see them."""
    newest = session.exec(select(func.max(LogLeaf.seq)).where(col(LogLeaf.member) == member)).one() or 0
    for first in range(1, newest + 1, 10 * _AT_A_TIME):  # the database looks for them, a while at a time
        rows = session.exec(
            select(col(Event.payload), col(Event.commitment)).where(
                col(Event.member) == member,
                col(Event.seq).between(first, first + 10 * _AT_A_TIME - 1),
                func.position(literal(lots.SIGN).op("in")(col(Event.payload))) > 0,
            )
        )
        for payload, commitment in rows:
            if payload and (begun := lots.begun(reading.event_of(payload), commitment or b"")) is not None:
                yield begun.key


def _stream(session: TenantSession, member: int, head: TreeHead, at: Head) -> Stream:
    """A member's stream: its records are read when they are gone through."""
    one = Stream(member, Held(session.info["who"], member))
    at_head = select(LogLeaf.index).where(col(LogLeaf.member) == member, col(LogLeaf.seq) == at.seq)
    newest = session.exec(at_head).one_or_none()
    sentences = dict(
        session.exec(
            select(SubmissionSummary.submission_id, SubmissionSummary.text)
            .join(Submission, col(Submission.id) == col(SubmissionSummary.submission_id))
            .where(col(Submission.member) == member)
        ).all()
    )
    for row in session.exec(
        select(Submission).where(col(Submission.member) == member).order_by(col(Submission.first_seq))
    ):
        one.signed.append(signed(row, sentences.get(row.id)))
    if newest is not None and newest < head.size:
        one.inclusion = Inclusion(newest, head.size, sealing.tree(session, head.size).inclusion(newest))
    return one


def signed(row: Submission, sentence: str | None) -> Signed:
    """A submission as the checks take it."""
    said = streams.Submission(row.member, row.first_seq, row.count, row.previous_head, row.new_head, row.summary_hash)
    return Signed(said, row.signature, sentence)


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

    @property
    def good(self) -> bool:
        """Whether every check allows it, and there was something to check."""
        return bool(self.checks) and checks.all_good(self.checks)

    @property
    def unaltered(self) -> bool:
        """Whether nothing but a hand-over that its two sides tell differently keeps it from being good."""
        return bool(self.checks) and all(c.good or c.outcome is Outcome.DISPUTED for c in self.checks)


def verify_lot(session: Session, lot: Lot | None, link: str, events: Sequence[Event]) -> Verdict:
    """Judge the records of one lot that the session may see. Completeness is of streams, never by lot."""
    chain = anchoring.ledger()
    try:
        latest = chain.block("latest")
        head = chain.tree_head(latest.number)
        final = chain.tree_head(chain.final().number) if chain.final().number else TreeHead(0, b"")
    except StateUnknown:
        final = TreeHead(0, b"")
    except LedgerError as problem:
        reason = N_("The chain cannot be asked now: %(why)s")
        return Verdict([Check("V1", Outcome.PENDING, reason, {"why": type(problem).__name__})], [], None, 0, 0, False)
    found = [Check("V1", Outcome.VALID, N_("Judged against block %(block)s of the chain"), {"block": latest.number})]
    evidence = [_evidence(session, event, head) for event in events]
    found += checks.contents([one.record for one in evidence])
    found += _places(evidence, head, latest.number)
    for member in sorted({event.member for event in events}):
        found += _member(session, member, [one for one in evidence if one.record.member == member], latest.number)
    if lot is not None and lot.key is not None:
        found += [check for one in evidence if (check := checks.lot(one.record, chain.lot(lot.key))) is not None]
    glns = speakers.members(session).glns
    told = [(one.record, one.leaf) for one in evidence]
    found += checks.handovers(told, latest.time, link, glns)
    called = _recalls(session, lot, link, told, glns, latest.number)
    found += [check for one in called for check in checks.recalls(one)]
    newest = max((one.inclusion.index for one in evidence if one.inclusion), default=-1)
    standing_now = [said for one in called for said in one.standing]
    return Verdict(found, evidence, head, latest.number, latest.time, newest < final.size, standing_now)


def _recalls(
    session: Session,
    lot: Lot | None,
    link: str,
    told: Sequence[tuple[Record, bytes]],
    glns: Mapping[int, str],
    block: int,
) -> list[checks.LotRecalls]:
    """What chain and hub say of a lot's recalls, by the key in its row and by those its own records give."""
    chain = anchoring.ledger()
    keys = {begun.key for one, _ in told if lots.link_of(one.event) == link and (begun := lots.begun(one.event, b""))}
    keys |= {lot.key} if lot is not None and lot.key else set()
    notices = said_of(session, list(keys))
    authority, records = authorities(chain, block), checks.told(told)
    found = []
    for key in sorted(keys):
        said, shown = chain.recalls_of(key, block), notices.get(key, [])
        if said or shown:
            registered = chain.lot(key, block)
            found.append(checks.LotRecalls.judged(link, said, shown, registered, records, glns, authority))
    return found


def _evidence(session: Session, event: Event, head: TreeHead) -> Evidence:
    sealed = None
    if event.seq is not None:
        sealed = session.exec(
            select(LogLeaf).where(col(LogLeaf.member) == event.member, col(LogLeaf.seq) == event.seq)
        ).one_or_none()
    commitment = sealed.commitment if sealed else event.commitment or b""
    record = Record(event.member, event.seq or 0, commitment, event.payload, event.salt)
    if sealed is None:
        return Evidence(record, b"", b"", None)
    if any(len(one) != 32 for one in (sealed.previous, commitment)):
        return Evidence(record, sealed.previous, b"", None)
    leaf = streams.leaf(journal.planned().log_id, event.member, sealed.seq, sealed.previous, commitment)
    where = None
    if sealed.index < head.size:
        where = Inclusion(sealed.index, head.size, sealing.tree(session, head.size).inclusion(sealed.index))
    return Evidence(record, sealed.previous, leaf, where)


def _places(evidence: Sequence[Evidence], head: TreeHead, block: int) -> list[Check]:
    """V5 for all records of a lot: one line when they all stand in the ledger."""
    each = [
        checks.included(
            one.leaf,
            one.inclusion,
            head.root,
            head.size,
            {"member": one.record.member, "seq": one.record.seq},
        )
        for one in evidence
    ]
    bad = [check for check in each if not check.good]
    if bad or not each:
        return bad
    told = {"count": len(each), "block": block}
    return [Check("V5", Outcome.VALID, N_("All %(count)s records are in the ledger as of block %(block)s"), told)]


def _member(session: Session, member: int, evidence: Sequence[Evidence], block: int) -> list[Check]:
    """V4 by count, V6 and V7 for the records at hand."""
    chain = anchoring.ledger()
    head = chain.head_of(member, block)
    found: list[Check] = []
    gone = [seq for seq in _gone(session, member) if seq <= head.seq]
    told: dict[str, Any] = {"member": member, "count": head.seq}
    held = session.execute(text("select sealed_records(:m)"), {"m": member}).scalar_one()
    if gone or held < head.seq:
        reason = N_("Member %(member)s: %(gone)s of its %(count)s records were taken away")
        found.append(Check("V4", Outcome.MISSING, reason, told | {"gone": len(gone) or head.seq - held}))
    known = chain.member(member, block)
    keys = known.keys if known else ()
    seqs = {one.record.seq: one.record for one in evidence if one.record.seq}
    rows = [
        row
        for row in session.exec(select(Submission).where(col(Submission.member) == member))
        if any(row.first_seq <= seq < row.first_seq + row.count for seq in seqs)
    ]
    domain = journal.log_domain()
    judged = checks.signatures([signed(row, None) for row in rows], Head(0, b""), keys, domain, member)
    covered = {seq for row in rows for seq in range(row.first_seq, row.first_seq + row.count)}
    bare = [seq for seq in seqs if seq not in covered]
    if bare:
        reason = N_("Records %(gaps)s of member %(member)s are under no signature of that member")
        judged = [c for c in judged if c.code != "V6"] + [
            Check("V6", Outcome.NOT_SIGNED, reason, {"member": member, "gaps": len(bare)})
        ]
    return found + [_counted(check, len(seqs)) for check in judged]


def _counted(check: Check, count: int) -> Check:
    """Signatures are spoken of for the records at hand, not for whole submissions."""
    return Check(check.code, check.outcome, check.reason, {**check.values, "count": count}) if check.good else check


def members_of(session: Session) -> dict[int, Organization]:
    """The members whose organisations the session may see, by number."""
    found = session.exec(select(Organization).where(col(Organization.member).is_not(None)))
    return {row.member: row for row in found if row.member is not None}


def events_of(session: Session, link: str, lot: Lot | None = None) -> list[Event]:
    """The events of those who may speak of a lot, as far as the session may see them, oldest first.

    Without ``lot`` it is the first that was begun under the link; of a lot that nobody began here nobody speaks.
    """
    lot = lot or speakers.lot_of(session, link)
    if lot is None:
        return []
    events = speakers.naming(session, link)
    of_it = speakers.of_lot(session, lot, link, events)
    return [event for event in events if speakers.hears(of_it, event)]
