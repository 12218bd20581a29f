"""Gathers evidence out of the database and the chain, and has it judged by the same checks that strangers run."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, text
from sqlmodel import Session, col, select

from chain_node.errors import LedgerError
from chain_node.facts import Head, TreeHead
from hub import db, documents
from hub.db import TenantSession
from hub.gs1 import master_data, reading
from hub.ledger.audit.bundle import Bundle, Stream, Trust
from hub.ledger.audit.notices import said_of
from hub.ledger.checks.completeness import Numbers
from hub.ledger.checks.evidence import Inclusion, Record, Signed
from hub.ledger.checks.statements import Fact
from hub.ledger.custody import speakers
from hub.ledger.formats import lots, streams
from hub.ledger.log import anchoring, journal, sealing
from hub.models.base import Record as Row
from hub.models.base import stated
from hub.models.catalogue import Certificate, Lot, TradeItem
from hub.models.party import Organization, OrganizationKind, Place, TradeRelation
from hub.models.trace import Event, EventKey, LogLeaf, Submission, SubmissionSummary

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
    numbers = list(members) if members is not None else list(range(1, chain.member_count(block.number) + 1))
    streams = [_stream(session, member, head, chain.head_of(member, block.number)) for member in numbers]
    keys = [key for member in numbers for key in _lots_begun(session, member)]
    proof = chain.prove(block.number, members=numbers, lots=keys)
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
        streams,
        consistency,
        known.glns,
        speakers.mandates(session, known),
        notices,
        _facts(session, known.numbers, set(numbers)),
    )


def _facts(session: TenantSession, members: Mapping[UUID, int], asked: Collection[int]) -> list[Fact]:
    """What everybody is shown of those members whose whole streams the session reads, their places, items, papers."""
    me = session.info["who"].org
    opened = select(TradeRelation.owner_id).where(
        col(TradeRelation.partner_id) == me, col(TradeRelation.kind) == OrganizationKind.AUDITOR
    )
    owners = [owner for owner in {me, *session.exec(opened)} if members.get(owner) in asked]
    with db.public_session() as everybody:
        rows = [
            row
            for model in (Organization, Place, TradeItem, Certificate)
            for row in everybody.exec(select(model).where(col(model.owner_id).in_(owners)).order_by(col(model.id)))
        ]
        unsealed = select(Event).where(col(Event.biz_step) == master_data.STATING, col(Event.seq).is_(None))
        return facts_of(rows, members, everybody.exec(unsealed), documents.hashes(everybody, rows))


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
            return len(numbers(session, self.member))

    def __iter__(self) -> Iterator[Record]:
        with db.session(self.who) as session:
            gone = frozenset(numbers(session, self.member).gone)
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
        contents = {seq: (payload, salt) for seq, payload, salt in events}
        return [Record(self.member, seq, commitment, *contents.get(seq, ())) for seq, commitment in leaves]


def numbers(session: Session, member: int) -> Numbers:
    """Which numbers of a member's sealed records are here: those that the log has a row and a record of."""
    newest, gone = session.execute(
        text(
            """select coalesce(max(seq), 0), array(select seq from missing_records(:member) seq order by seq)
            from log_leaf where member = :member"""
        ),
        {"member": member},
    ).one()
    return Numbers(newest, tuple(gone))


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
    stream = Stream(member, Held(session.info["who"], member))
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
        stream.signed.append(signed(row, sentences.get(row.id)))
    if newest is not None and newest < head.size:
        stream.inclusion = Inclusion(newest, head.size, sealing.tree(session, head.size).inclusion(newest))
    return stream


def signed(row: Submission, sentence: str | None) -> Signed:
    """A submission as the checks take it."""
    submission = streams.Submission(
        row.member, row.first_seq, row.count, row.previous_head, row.new_head, row.summary_hash
    )
    return Signed(submission, row.signature, sentence)


def statements_about(session: Session, rows: Iterable[Row]) -> list[Event]:
    """What the session may see of the statements that speak of some rows, sealed or not, oldest first."""
    subjects = {master_data.subject(row.id) for row in rows}
    naming = select(EventKey.event_id).where(col(EventKey.link).in_(subjects))
    events = select(Event).where(col(Event.id).in_(naming), col(Event.biz_step) == master_data.STATING)
    return list(session.exec(events.order_by(col(Event.id)))) if subjects else []


def facts_of(
    rows: Iterable[Row],
    numbers: Mapping[UUID, int],
    events: Iterable[Event],
    files: Mapping[tuple[UUID, str], str],
) -> list[Fact]:
    """What some rows of members show; ``events`` are among them those statements that are not sealed yet.

    Of a file a row shows what its bytes hash to now (``files``), whatever the row says of it.
    """
    waiting = {
        (event.owner_id, statement.subject, frozenset(statement.attributes.items()))
        for event in events
        if event.seq is None and (statement := master_data.statement_of(reading.event_of(event.payload or b"")))
    }
    facts = []
    for row in {row.id: row for row in rows if row.owner_id in numbers}.values():
        subject, shown = master_data.subject(row.id), stated(row)
        for name in set(row.files) & set(shown):
            shown[name] = files.get((row.owner_id, shown[name]), "")
        waits = (row.owner_id, subject, frozenset(shown.items())) in waiting
        facts.append(Fact(numbers[row.owner_id], subject, str(type(row).__tablename__), shown, waits))
    return facts


def members_of(session: Session) -> dict[int, Organization]:
    """The members whose organisations the session may see, by number."""
    rows = session.exec(select(Organization).where(col(Organization.member).is_not(None)))
    return {row.member: row for row in rows if row.member is not None}


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
