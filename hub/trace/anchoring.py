"""From captured to final: number and sign what waits, seal it into the log, and follow it on the chain.

The order of sealing never changes. Whatever is sent to the chain stands first in a journal, one message after
the other; a chain that comes back shorter, or otherwise, is sent the same messages again in the same order.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any
from uuid import UUID

from coincurve import PrivateKey
from sqlalchemy import func, select, text, update
from sqlmodel import Session, col

from chain_node import deployment, rpc
from chain_node.deploy import address_of
from chain_node.errors import AlreadySent, FeeTooLow, LedgerError, NonceUsed, StateUnknown
from chain_node.facts import Role
from chain_node.ledger import Ledger
from hub import keys
from hub.errors import HubError, NotReady
from hub.models.base import HUB, now
from hub.models.party import KeyHolder, SigningKey
from hub.models.trace import (
    AnchorState,
    ChainMessage,
    Event,
    LogAppend,
    LogLeaf,
    LogTile,
    Stream,
    Submission,
    SubmissionSummary,
)
from hub.settings import settings
from hub.trace import merkle, streams

MOST_LEAVES = 5_000
MOST_SUBMISSIONS = 300
UNSENT = 2
STUCK = timedelta(seconds=30)
_LOG_LOCK = 0x66757272  # one sealer at a time, whatever the lease says


class LogForked(HubError):
    """The chain's log is not ours: another hub has appended to it. Nothing more is sent."""

    code, status = "log-forked", 503


@lru_cache
def planned() -> deployment.Deployment:
    """Where the contracts stand, and the log's name: known before the chain runs."""
    key = settings().sender_key.get_secret_value()
    if not key:
        raise NotReady("FURROW_SENDER_KEY is not set")
    return deployment.predict(
        settings().chain_id, address_of(bytes.fromhex(key)), finality=deployment.Finality(settings().finality)
    )


@lru_cache
def ledger() -> Ledger:
    """The chain, through the node of the settings."""
    return Ledger(settings().chain_url, planned())


# Sealing


def seal(session: Session) -> int:
    """Number, sign and seal what was captured since the last tree head; return how many records.

    Holds back while two appends wait for the chain, so that a slow chain makes larger batches, not a queue.
    """
    session.execute(text("select pg_advisory_xact_lock(:k)"), {"k": _LOG_LOCK})
    waiting = select(func.count()).select_from(LogAppend).where(col(LogAppend.state) == AnchorState.SEALED)
    if session.execute(waiting).scalar_one() >= UNSENT:
        return 0
    size = _last(session, LogLeaf.index, -1) + 1
    number = _last(session, LogAppend.number) + 1
    leaves = _signed_by_hub(session, number) + _signed_by_members(session, number)
    if not leaves:
        return 0
    for index, leaf in enumerate(leaves, size):
        leaf.index = index
        session.execute(
            update(Event)
            .where(col(Event.member) == leaf.member, col(Event.seq) == leaf.seq)
            .values(log_index=index)
        )
    session.add_all(leaves)
    _store_tiles(session, size, [leaf.leaf for leaf in leaves])
    new_size = size + len(leaves)
    root = tree(session, new_size).root()
    session.add(LogAppend(owner_id=HUB, number=number, old_size=size, new_size=new_size, root=root))
    enqueue(session, "append", {"append": number})
    session.flush()
    return len(leaves)


def _signed_by_hub(session: Session, number: int) -> list[LogLeaf]:
    """Members whose key the hub holds: their waiting events, numbered and under one signature each."""
    waiting = (
        select(Event)
        .where(col(Event.seq).is_(None), col(Event.commitment).is_not(None))
        .order_by(col(Event.member), col(Event.id))
        .limit(MOST_LEAVES)
        .with_for_update(skip_locked=True)
    )
    made: list[LogLeaf] = []
    events = session.execute(waiting).scalars().all()
    for count, (member, group) in enumerate(groupby(events, key=lambda event: event.member)):
        if count == MOST_SUBMISSIONS:
            break
        made += _submit(session, member, list(group), number)
    return made


def _submit(session: Session, member: int, events: Sequence[Event], number: int) -> list[LogLeaf]:
    owner = events[0].owner_id
    stream = _stream(session, owner, member)
    found = leaves_after(stream, [event.commitment or b"" for event in events])
    sentence = streams.summary([(event.biz_step, "", "") for event in events], secrets.token_hex(16))
    said = streams.Submission(
        member, stream.seq + 1, len(events), stream.head, found[-1].leaf, streams.summary_hash(sentence)
    )
    key = session.execute(
        select(SigningKey).where(
            col(SigningKey.owner_id) == owner,
            col(SigningKey.held_by) == KeyHolder.HUB,
            col(SigningKey.revoked_at).is_(None),
        )
    ).scalar_one()
    secret = keys.unseal(key.sealed or "", owner, "signing_key", "sealed", key.id)
    domain = streams.Domain(planned().chain_id, planned().addresses.trace_log)
    row = Submission(
        owner_id=owner, member=member, first_seq=said.first_seq, count=said.count,
        previous_head=said.previous_head, new_head=said.new_head, summary_hash=said.summary_hash,
        signature=streams.sign(streams.digest(domain, said), PrivateKey(secret)), signer=key.address,
        append_number=number, via="seal",
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(SubmissionSummary(owner_id=owner, submission_id=row.id, text=sentence, via="seal"))
    for event, leaf in zip(events, found, strict=True):
        event.seq, event.leaf, event.submission_id = leaf.seq, leaf.leaf, row.id
        leaf.append_number = number
    stream.seq, stream.head = found[-1].seq, found[-1].leaf
    session.flush()
    return found


def _signed_by_members(session: Session, number: int) -> list[LogLeaf]:
    """Submissions that came signed, in the order in which they came."""
    waiting = (
        select(Submission)
        .where(col(Submission.append_number).is_(None))
        .order_by(col(Submission.id))
        .limit(MOST_SUBMISSIONS)
    )
    made: list[LogLeaf] = []
    for submission in session.execute(waiting).scalars().all():
        events = session.execute(
            select(Event).where(col(Event.submission_id) == submission.id).order_by(col(Event.seq))
        ).scalars()
        previous = submission.previous_head
        for event in events:
            assert event.seq is not None and event.leaf is not None  # its member numbered it
            made.append(
                LogLeaf(
                    owner_id=HUB, index=0, member=event.member, seq=event.seq, previous=previous,
                    commitment=event.commitment, leaf=event.leaf, append_number=number,
                )
            )  # fmt: skip
            previous = event.leaf
        submission.append_number = number
    return made


def leaves_after(stream: Stream, commitments: Sequence[bytes]) -> list[LogLeaf]:
    """The log's rows for the next records of a stream; their index and append are the sealer's to give."""
    hashes = streams.chain(planned().log_id, stream.member, stream.seq + 1, stream.head, commitments)
    befores = [stream.head, *hashes]
    return [
        LogLeaf(
            owner_id=HUB, index=0, member=stream.member, seq=stream.seq + 1 + place, previous=befores[place],
            commitment=committed, leaf=hashes[place], append_number=0,
        )
        for place, committed in enumerate(commitments)
    ]  # fmt: skip


def _last(session: Session, column: Any, before_any: int = 0) -> int:
    newest: int | None = session.execute(select(func.max(col(column)))).scalar_one()
    return before_any if newest is None else newest


def _stream(session: Session, owner: UUID, member: int) -> Stream:
    found = session.execute(
        select(Stream).where(col(Stream.member) == member).with_for_update()
    ).scalar_one_or_none()
    if found is None:
        found = Stream(owner_id=owner, member=member, via="seal")
        session.add(found)
        session.flush()
    return found


def tree(session: Session, size: int) -> merkle.Tree:
    """The log's first ``size`` leaves, read through its tiles."""
    return merkle.Tree(size, merkle.tiled(_tiles(session)))


def _tiles(session: Session) -> merkle.TileSource:
    def tile(level: int, position: int) -> bytes:
        wanted = select(col(LogTile.hashes)).where(
            col(LogTile.level) == level, col(LogTile.position) == position
        )
        found: bytes | None = session.execute(wanted).scalar_one_or_none()
        return found or b""

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


# Anchoring


def enqueue(session: Session, kind: str, body: dict[str, object]) -> ChainMessage:
    """Put a message for the chain at the end of the journal."""
    session.execute(text("select pg_advisory_xact_lock(:k)"), {"k": _LOG_LOCK + 1})
    number = _last(session, ChainMessage.number) + 1
    row = ChainMessage(owner_id=HUB, number=number, kind=kind, body=body)
    session.add(row)
    session.flush()
    return row


def anchor(session: Session) -> ChainMessage | None:
    """Take the journal one step on: look after the message under way, else prepare and send the next.

    What is about to be sent is committed first, with its nonce and hash, so that a hub killed in between
    finds it again and never spends another nonce on it.
    """
    chain = ledger()
    under_way = (
        session.execute(
            select(ChainMessage)
            .where(col(ChainMessage.state) == AnchorState.SENT)
            .order_by(col(ChainMessage.number))
        )
        .scalars()
        .first()
    )
    if under_way is not None:
        return _look_after(session, chain, under_way)
    following: ChainMessage | None = session.execute(
        select(ChainMessage)
        .where(col(ChainMessage.state) == AnchorState.SEALED)
        .order_by(col(ChainMessage.number))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).scalar_one_or_none()
    if following is None:
        return None
    if _already_there(session, chain, following):
        return following
    following.nonce = chain.next_nonce(planned().deployer)
    _send(session, chain, following, chain.fees())
    return following


def _send(session: Session, chain: Ledger, message: ChainMessage, fees: rpc.Fees) -> None:
    call = _call(session, chain, message)
    gas = chain.estimate(call, planned().deployer) * 5 // 4
    key = bytes.fromhex(settings().sender_key.get_secret_value())
    assert message.nonce is not None
    signed = rpc.sign(call, key, chain_id=planned().chain_id, nonce=message.nonce, gas=gas, fees=fees)
    message.tx_hash, message.fee, message.sent_at = signed.hash, fees.most, now()
    message.state = AnchorState.SENT
    _mark(session, message)
    session.commit()
    try:
        chain.send_raw(signed.raw)
    except (AlreadySent, NonceUsed, FeeTooLow):
        # Sent before, or mined meanwhile: the next look finds the receipt.
        return


def _call(session: Session, chain: Ledger, message: ChainMessage) -> rpc.Call:
    body = message.body
    if message.kind == "append":
        return _append_call(session, chain, body["append"])
    if message.kind == "enrol":
        return chain.enrol_call(
            Role(body["roles"]),
            bytes.fromhex(body["identity"]),
            bytes.fromhex(body["account"]),
            hub_held=body["hub_held"],
        )
    if message.kind == "lots":
        lots = [
            streams.Lot(bytes.fromhex(lot["key"]), lot["made_on"], bytes.fromhex(lot["commitment"]))
            for lot in body["lots"]
        ]
        return chain.register_lots_call(body["producer"], lots, bytes.fromhex(body["signature"]))
    raise ValueError(f"no message of kind {message.kind!r} goes to the chain")


def _append_call(session: Session, chain: Ledger, number: int) -> rpc.Call:
    append = session.execute(select(LogAppend).where(col(LogAppend.number) == number)).scalar_one()
    signed = (
        session.execute(
            select(Submission).where(col(Submission.append_number) == number).order_by(col(Submission.id))
        )
        .scalars()
        .all()
    )
    told = [
        streams.Submission(s.member, s.first_seq, s.count, s.previous_head, s.new_head, s.summary_hash)
        for s in signed
    ]
    return chain.append_call(
        tree(session, append.old_size).peaks(),
        append.new_size,
        tree(session, append.new_size).span(append.old_size),
        told,
        [s.signature for s in signed],
    )


def _already_there(session: Session, chain: Ledger, message: ChainMessage) -> bool:
    """Whether the chain already holds what a message would say; marks it anchored at the newest block."""
    there = False
    if message.kind == "append":
        append = session.execute(
            select(LogAppend).where(col(LogAppend.number) == message.body["append"])
        ).scalar_one()
        head = chain.tree_head()
        there = head.size == append.new_size and head.root == append.root
        if not there and (head.size != append.old_size or head.root != tree(session, append.old_size).root()):
            message.error = f"the chain's log has size {head.size}, ours would go from {append.old_size}"
            raise LogForked(message.error)
    elif message.kind == "enrol":
        there = chain.member_of(bytes.fromhex(message.body["account"])) is not None
    elif message.kind == "lots":
        there = all(chain.lot(bytes.fromhex(lot["key"])) is not None for lot in message.body["lots"])
    if there:
        latest = chain.block("latest")
        _anchored(session, message, latest.number, latest.hash)
    return there


def _look_after(session: Session, chain: Ledger, message: ChainMessage) -> ChainMessage:
    receipt = chain.receipt(message.tx_hash or b"")
    if receipt is not None and receipt.succeeded:
        _anchored(session, message, receipt.block_number, receipt.block_hash)
    elif receipt is not None:
        if not _already_there(session, chain, message):
            message.state, message.error = AnchorState.SEALED, "the chain refused the transaction"
            _mark(session, message)
    elif message.nonce is not None and chain.next_nonce(planned().deployer) > message.nonce:
        # Its nonce is spent but its receipt unknown: another version of it was mined, or the chain went back.
        if not _already_there(session, chain, message):
            message.state = AnchorState.SEALED
            _mark(session, message)
    elif message.sent_at is not None and now() - message.sent_at > STUCK:
        offered = rpc.Fees(message.fee or 0, chain.fees().tip)
        _send(session, chain, message, offered.raised())
    return message


def _anchored(session: Session, message: ChainMessage, number: int, block: bytes) -> None:
    message.state, message.block_number, message.block_hash = AnchorState.ANCHORED, number, block
    message.error = ""
    _mark(session, message)


def _mark(session: Session, message: ChainMessage) -> None:
    """Keep the append beside its message."""
    if message.kind == "append":
        append = session.execute(
            select(LogAppend).where(col(LogAppend.number) == message.body["append"])
        ).scalar_one()
        append.state, append.block_number, append.block_hash = (
            message.state,
            message.block_number,
            message.block_hash,
        )
        append.anchored_at = now() if message.state is AnchorState.ANCHORED else append.anchored_at
    session.flush()


# Watching


def watch(session: Session) -> int:
    """Mark final what is final; send again, in order, what a reorganisation or a restored chain forgot.

    Returns how many messages were sent back to the journal.
    """
    chain = ledger()
    settled = (
        select(ChainMessage)
        .where(col(ChainMessage.state).in_([AnchorState.ANCHORED, AnchorState.FINAL]))
        .order_by(col(ChainMessage.number))
    )
    newest = session.execute(
        settled.order_by(None).order_by(col(ChainMessage.number).desc()).limit(1)
    ).scalar_one_or_none()
    if newest is None:
        return 0
    if not _stands(chain, newest):
        return _rewind(session, chain)
    final = chain.final()
    reached = select(ChainMessage).where(
        col(ChainMessage.state) == AnchorState.ANCHORED, col(ChainMessage.block_number) <= final.number
    )
    for message in session.execute(reached).scalars().all():
        message.state = AnchorState.FINAL
        _mark(session, message)
    return 0


def _stands(chain: Ledger, message: ChainMessage) -> bool:
    try:
        return chain.block(message.block_number or 0).hash == message.block_hash
    except StateUnknown:
        return False


def _rewind(session: Session, chain: Ledger) -> int:
    """Put every message behind the last block that both remember back into the journal."""
    behind = session.execute(
        select(ChainMessage)
        .where(col(ChainMessage.state) != AnchorState.SEALED)
        .order_by(col(ChainMessage.number).desc())
    ).scalars()
    count = 0
    for message in behind:
        if message.state is not AnchorState.SENT and _stands(chain, message):
            break
        message.state, message.block_number, message.block_hash, message.tx_hash = (
            AnchorState.SEALED,
            None,
            None,
            None,
        )
        _mark(session, message)
        count += 1
    return count


__all__ = ["LedgerError", "LogForked", "anchor", "enqueue", "ledger", "planned", "seal", "tree", "watch"]
