"""Sealing: number and sign what waits, and lay it into the Merkle log. The order of sealing never changes."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from coincurve import PrivateKey
from sqlalchemy import ColumnElement, func, select, text, update
from sqlmodel import Session, col

from hub import db, keys, log, metrics
from hub.gs1 import reading
from hub.ledger.formats import lots, merkle, streams
from hub.ledger.log import journal, members
from hub.models.base import HUB, now, uuid7
from hub.models.catalogue import Lot
from hub.models.party import KeyHolder
from hub.models.trace import (
    AnchorState,
    Event,
    LogAppend,
    LogLeaf,
    LogTile,
    LotClaim,
    Stream,
    Submission,
    SubmissionSummary,
)

MOST_LEAVES = 5_000
MOST_SUBMISSIONS = 70
UNSENT = 4
_log = log.get("hub.ledger")
_TURN = "ledger/seal"
"""One sealer at a time, whatever the lease says."""


def seal(session: Session, *, patient: bool = True) -> int:
    """Number, sign and seal what was captured since the last tree head; return how many records.

    A ``patient`` seal holds back while appends wait for the chain, so that a slow chain makes larger batches,
    not a queue.
    """
    db.in_turn(session, _TURN)
    waiting = select(func.count()).select_from(LogAppend).where(col(LogAppend.state) == AnchorState.SEALED)
    if patient and session.execute(waiting).scalar_one() >= UNSENT:
        return 0
    size = journal.last(session, LogLeaf.index, -1) + 1
    number = journal.last(session, LogAppend.number) + 1
    leaves = _signed_by_hub(session, size, number)
    leaves += _signed_by_members(session, size + len(leaves), number)
    if not leaves:
        return 0
    _store_leaves(session, leaves, size, number)
    _store_tiles(session, size, [leaf.leaf for leaf in leaves])
    new_size = size + len(leaves)
    root = tree(session, new_size).root()
    session.add(LogAppend(owner_id=HUB, number=number, old_size=size, new_size=new_size, root=root))
    journal.enqueue(session, "append", {"append": number})
    db.ring(session, journal.SEALED)
    _claim_lots(session, size)
    metrics.SEALED.inc(len(leaves))
    for trace, count in begun_with(session, size, new_size):
        _log.info("sealed", append=number, records=count, trace=trace)
    return len(leaves)


def begun_with(session: Session, old_size: int, new_size: int) -> list[tuple[str, int]]:
    """The clicks that some of the log's records began with, a hundred at most, and how many records each."""
    # By their leaves: no index leads from a place in the log to its event.
    same = (col(Event.member) == col(LogLeaf.member)) & (col(Event.seq) == col(LogLeaf.seq))
    places = col(LogLeaf.index).between(old_size, new_size - 1)
    counted = select(col(Event.trace), func.count()).join(LogLeaf, same).where(places, col(Event.trace).is_not(None))
    rows = session.execute(counted.group_by(col(Event.trace)).limit(100)).all()
    return [(str(trace), count) for trace, count in rows]


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A record as the log keeps it."""

    member: int
    seq: int
    previous: bytes
    commitment: bytes
    leaf: bytes


class _Waiting(NamedTuple):
    """An event that waits for its number."""

    id: UUID
    owner_id: UUID
    member: int
    commitment: bytes


def _signed_by_hub(session: Session, size: int, number: int) -> list[_Leaf]:
    """Number the waiting events of members whose key the hub holds, each member's under one signature."""
    waiting = (
        select(*(col(getattr(Event, name)) for name in _Waiting._fields))
        .where(col(Event.seq).is_(None), col(Event.commitment).is_not(None))
        .order_by(col(Event.member), col(Event.id))
        .limit(MOST_LEAVES)
        .with_for_update(skip_locked=True)
    )
    leaves: list[_Leaf] = []
    events = [_Waiting(*row) for row in session.execute(waiting)]
    for count, (_, group) in enumerate(groupby(events, key=lambda event: event.member)):
        if count == MOST_SUBMISSIONS:
            break
        mine = list(group)
        key = _hub_key(session, mine[0].owner_id)
        if key is None:
            _leave_to_member(session, mine)
            continue
        leaves += _submit(session, key, mine, size + len(leaves), number)
    return leaves


def _leave_to_member(session: Session, events: Sequence[_Waiting]) -> None:
    """What was captured while the hub still held the member's key now waits for the member's own signature."""
    ids = [event.id for event in events]
    session.execute(update(Event).where(col(Event.id).in_(ids)).values(salt=None, commitment=None))


def _submit(
    session: Session, key: tuple[str, PrivateKey], events: Sequence[_Waiting], index: int, number: int
) -> list[_Leaf]:
    """Number and sign a member's waiting events.

    Each row is written once, since PostgreSQL keeps every version of a row until it is vacuumed.
    """
    owner, member = events[0].owner_id, events[0].member
    stream = _stream(session, owner, member)
    leaves = _leaves_after(stream, [event.commitment for event in events])
    sentence = streams.summary(_lines(session, events), secrets.token_hex(16))
    submission = streams.Submission(
        member, stream.seq + 1, len(events), stream.head, leaves[-1].leaf, streams.summary_hash(sentence)
    )
    signer, secret = key
    row = Submission(
        owner_id=owner,
        member=member,
        first_seq=submission.first_seq,
        count=submission.count,
        previous_head=submission.previous_head,
        new_head=submission.new_head,
        summary_hash=submission.summary_hash,
        signature=streams.sign(streams.digest(journal.log_domain(), submission), secret),
        signer=signer,
        append_number=number,
        via="seal",
    )
    session.add(row)
    session.flush()
    session.add(SubmissionSummary(owner_id=owner, submission_id=row.id, text=sentence, via="seal"))
    numbered = {
        "ids": [event.id for event in events],
        "seqs": [leaf.seq for leaf in leaves],
        "leaves": [leaf.leaf for leaf in leaves],
        "indexes": list(range(index, index + len(leaves))),
    }
    session.execute(_NUMBERED, {"submission": row.id, **numbered})
    stream.seq, stream.head = leaves[-1].seq, leaves[-1].leaf
    session.flush()
    return leaves


def _lines(session: Session, events: Sequence[_Waiting]) -> list[tuple[str, str, str]]:
    """What a signer is shown of each record: nothing but their number of those behind the first few."""
    shown = [event.id for event in events[: streams.SUMMARY_LINES]]
    rows = session.execute(select(col(Event.id), col(Event.payload)).where(col(Event.id).in_(shown)))
    payloads = {row_id: payload or b"" for row_id, payload in rows}
    lines = [reading.summary_line(reading.event_of(payloads[row_id]) or {}) for row_id in shown]
    return lines + [("", "", "")] * (len(events) - len(shown))


_NUMBERED = text("""update event
    set seq = told.seq, leaf = told.leaf, log_index = told.index, submission_id = :submission
    from unnest(cast(:ids as uuid[]), cast(:seqs as bigint[]), cast(:leaves as bytea[]), cast(:indexes as bigint[]))
        as told(id, seq, leaf, index)
    where event.id = told.id""")
_PLACED = text("""update event set log_index = told.index
    from unnest(cast(:ids as uuid[]), cast(:indexes as bigint[])) as told(id, index)
    where event.id = told.id""")
_LEAVES = text("""insert into log_leaf (id, owner_id, created_at, via, index, member, seq, previous, commitment, leaf,
        append_number)
    select told.id, :owner, :at, '', told.index, told.member, told.seq, told.previous, told.commitment, told.leaf,
        :number
    from unnest(cast(:ids as uuid[]), cast(:indexes as bigint[]), cast(:members as integer[]),
        cast(:seqs as bigint[]), cast(:previous as bytea[]), cast(:commitments as bytea[]), cast(:leaves as bytea[]))
        as told(id, index, member, seq, previous, commitment, leaf)""")


def _store_leaves(session: Session, leaves: Sequence[_Leaf], size: int, number: int) -> None:
    """Keep the log's rows from a place on: one statement, whatever their number."""
    told = {
        "ids": [uuid7() for _ in leaves],
        "indexes": list(range(size, size + len(leaves))),
        "members": [leaf.member for leaf in leaves],
        "seqs": [leaf.seq for leaf in leaves],
        "previous": [leaf.previous for leaf in leaves],
        "commitments": [leaf.commitment for leaf in leaves],
        "leaves": [leaf.leaf for leaf in leaves],
    }
    session.execute(_LEAVES, {"owner": HUB, "at": now(), "number": number, **told})


def _hub_key(session: Session, owner: UUID) -> tuple[str, PrivateKey] | None:
    """The key that the hub holds for a member: its address and the key itself; None where the member keeps its own."""
    key = members.key_of(session, owner)
    if key is None or key.held_by is not KeyHolder.HUB:
        return None
    return key.address, PrivateKey(keys.unseal(key.sealed or "", members.cell(key)))


def _claim_lots(session: Session, size: int) -> None:
    """Send the lots to the register that records from an index on commission, each producer's under its signature."""
    begun = session.execute(
        select(Event, Lot)
        .join(Lot, (col(Lot.owner_id) == col(Event.owner_id)) & (col(Lot.event_id) == col(Event.id)))
        .where(col(Event.log_index) >= size, col(Lot.claim_id).is_(None))
        .order_by(col(Event.member), col(Event.seq))
    ).all()
    by_hub = [
        (event, lot)
        for event, lot in begun
        if event.salt is not None and lots.begun(reading.event_of(event.payload or b""), b"") is not None
    ]
    for _, group in groupby(by_hub, key=lambda pair: pair[0].member):
        pairs = list(group)
        key = _hub_key(session, pairs[0][0].owner_id)
        if key is None:
            continue
        for start in range(0, len(pairs), lots.MOST):
            _claim(session, key, pairs[start : start + lots.MOST])
    waiting = select(LotClaim).where(col(LotClaim.message_number).is_(None)).order_by(col(LotClaim.id))
    for claim in session.execute(waiting).scalars().all():
        body = {"lots": claim.lots, "producer": claim.producer, "signature": claim.signature.hex()}
        claim.message_number = journal.enqueue(session, "lots", body).number


def _claim(session: Session, key: tuple[str, PrivateKey], pairs: Sequence[tuple[Event, Lot]]) -> None:
    event = pairs[0][0]
    claimed = tuple(lots.claimed(reading.event_of(e.payload or b""), e.commitment or b"") for e, _ in pairs)
    _, secret = key
    signature = streams.sign(streams.digest(journal.lot_domain(), streams.Registration(event.member, claimed)), secret)
    claim = LotClaim(
        owner_id=event.owner_id,
        producer=event.member,
        lots=[lots.to_json(lot) for lot in claimed],
        signature=signature,
        via="seal",
    )
    session.add(claim)
    session.flush()
    for _, lot in pairs:
        lot.claim_id = claim.id


def _signed_by_members(session: Session, size: int, number: int) -> list[_Leaf]:
    """Submissions that came signed, in the order in which they came."""
    waiting = (
        select(Submission)
        .where(col(Submission.append_number).is_(None))
        .order_by(col(Submission.id))
        .limit(MOST_SUBMISSIONS)
    )
    leaves: list[_Leaf] = []
    for submission in session.execute(waiting).scalars().all():
        columns = (col(Event.id), col(Event.seq), col(Event.commitment), col(Event.leaf))
        events = session.execute(select(*columns).where(under(submission)).order_by(col(Event.seq))).all()
        first, previous = size + len(leaves), submission.previous_head
        for _, seq, committed, leaf in events:
            leaves.append(_Leaf(submission.member, seq, previous, committed or b"", leaf))
            previous = leaf
        places = {"ids": [event.id for event in events], "indexes": list(range(first, first + len(events)))}
        session.execute(_PLACED, places)
        submission.append_number = number
    return leaves


def under(submission: Submission) -> ColumnElement[bool]:
    """Whether an event is a record under a submission's signature, as SQL."""
    first, last = submission.first_seq, submission.first_seq + submission.count - 1
    return (col(Event.member) == submission.member) & col(Event.seq).between(first, last)


def _leaves_after(stream: Stream, commitments: Sequence[bytes]) -> list[_Leaf]:
    """The next records of a stream."""
    hashes = streams.chain(journal.planned().log_id, stream.member, stream.seq + 1, stream.head, commitments)
    befores = [stream.head, *hashes]
    return [
        _Leaf(stream.member, stream.seq + 1 + place, befores[place], committed, hashes[place])
        for place, committed in enumerate(commitments)
    ]


def _stream(session: Session, owner: UUID, member: int) -> Stream:
    stream = session.execute(select(Stream).where(col(Stream.member) == member).with_for_update()).scalar_one_or_none()
    if stream is None:
        stream = Stream(owner_id=owner, member=member, via="seal")
        session.add(stream)
        session.flush()
    return stream


def tree(session: Session, size: int) -> merkle.Tree:
    """The log's first ``size`` leaves, read through its tiles."""
    return merkle.Tree(size, merkle.tiled(_tiles(session)))


def _tiles(session: Session) -> merkle.TileSource:
    def tile(level: int, position: int) -> bytes:
        statement = select(col(LogTile.hashes)).where(col(LogTile.level) == level, col(LogTile.position) == position)
        hashes: bytes | None = session.execute(statement).scalar_one_or_none()
        return hashes or b""

    return tile


def _store_tiles(session: Session, size: int, leaves: Sequence[bytes]) -> None:
    for (level, position), hashes in merkle.extend(size, leaves, _tiles(session)).items():
        known = session.execute(
            select(LogTile).where(col(LogTile.level) == level, col(LogTile.position) == position)
        ).scalar_one_or_none()
        if known is None:
            session.add(LogTile(owner_id=HUB, level=level, position=position, hashes=hashes))
        else:
            known.hashes = hashes
    session.flush()
