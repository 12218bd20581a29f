"""Anchoring: send the journal to the chain in order, follow it to finality, and say again what a chain forgets.

Whatever is sent stands first in the journal; a chain that comes back shorter, or otherwise, is sent the same
messages again in the same order.
"""

from datetime import timedelta
from functools import lru_cache

from sqlalchemy import func, select
from sqlmodel import Session, col

from chain_node import rpc
from chain_node.errors import (
    AlreadySent,
    FeeTooLow,
    NonceUsed,
    NotExtended,
    OutOfFunds,
    Refused,
    StateUnknown,
)
from chain_node.ethereum import Signed
from chain_node.facts import Role
from chain_node.ledger import Ledger
from hub import db, log, metrics
from hub.errors import HubError
from hub.ledger.formats import lots, streams
from hub.ledger.log import journal, sealing
from hub.models.base import now
from hub.models.trace import AnchorState, ChainMessage, LogAppend, LogLeaf, Submission
from hub.settings import settings

_log = log.get("hub.ledger")
MOST_UNDER_WAY = 16
_IN_ORDER = (
    "append",
    "enrol",
    "add-key",
    "revoke-key",
)  # later messages build on these; lots and recalls may wait without holding others up
STUCK = timedelta(seconds=10)
DEAREST = 10
"""The most that is offered for a message that is stuck, as a multiple of what the chain asks for now."""
GAS = 16_000_000
"""What every message may use.

What follows on unmined messages cannot be estimated, and what is left over costs nothing.
A transaction may use 16,777,216 since Osaka.
"""
_TURN = "ledger/anchor"


class LogForked(HubError):
    """The chain's log is not ours: another hub has appended to it. Nothing more is sent."""

    code, status = "log-forked", 503


@lru_cache
def ledger() -> Ledger:
    """The chain, through the node of the settings."""
    return Ledger(settings().chain_url, journal.planned())


def anchor(session: Session) -> int:
    """Take the journal one step on: look after what is under way, then send what follows; return how many moved.

    Messages go out in the journal's order under consecutive nonces. What is about to be sent is committed first,
    with its nonce and hash, so that a hub killed in between finds it again and never spends another nonce on it.
    Raises while a contract is not on the chain, which may forget them at any time: what is sent to an empty address
    succeeds without saying anything, and takes a nonce from their deployment.
    """
    db.in_turn(session, _TURN)
    sent = _in_state(session, AnchorState.SENT)
    if not sent and not _in_state(session, AnchorState.SEALED, most=1):
        return 0
    chain = ledger()
    chain.check()
    signed: list[tuple[ChainMessage, Signed]] = []
    moved = 0
    for message in sent:
        if _look_after(session, chain, message):
            moved += 1
        elif message.sent_at is not None and now() - message.sent_at > STUCK:
            signed.append((message, _offered_again(session, chain, message)))
    under_way = _in_state(session, AnchorState.SENT)
    following = _in_state(session, AnchorState.SEALED, MOST_UNDER_WAY - len(under_way))
    if not under_way:
        while following and _already_there(session, chain, following[0]):
            following.pop(0)
            moved += 1
    return moved + _send(session, chain, signed, following, under_way)


def _send(
    session: Session,
    chain: Ledger,
    signed: list[tuple[ChainMessage, Signed]],
    following: list[ChainMessage],
    under_way: list[ChainMessage],
) -> int:
    """Sign what follows, write everything down, and only then hand it over; return how many were sent anew."""
    if not signed and not following:
        return 0
    spent = chain.next_nonce(journal.planned().deployer)
    nonce = max([spent, *(m.nonce + 1 for m in under_way if m.nonce is not None)])
    fees = chain.fees()
    new = 0
    for message in following:
        if message.error and not _may_go_now(session, chain, message, alone=not under_way and not new):
            if message.kind in _IN_ORDER:
                break
            continue
        message.nonce = nonce
        signed.append((message, _signed(session, chain, message, fees)))
        nonce, new = nonce + 1, new + 1
    session.commit()
    poor = [message for message, transaction in signed if not _hand_over(chain, transaction)]
    for message in poor:
        message.error = "the hub's own account cannot pay for it"
    return new


def _may_go_now(session: Session, chain: Ledger, message: ChainMessage, *, alone: bool) -> bool:
    """Whether a message that the chain refused before is taken now; tried now and then, without being sent.

    What later messages build on is tried alone, since it cannot be judged on top of what is still under way.
    """
    if message.kind in _IN_ORDER and not alone:
        return False
    if message.sent_at is not None and now() - message.sent_at < STUCK:
        return False
    try:
        chain.estimate(_call(session, chain, message), journal.planned().deployer)
    except (NotExtended, Refused) as refusal:
        message.error, message.sent_at = str(refusal)[:500], now()
        session.flush()
        return False
    return True


def _in_state(session: Session, state: AnchorState, most: int = 1_000) -> list[ChainMessage]:
    statement = select(ChainMessage).where(col(ChainMessage.state) == state).order_by(col(ChainMessage.number))
    return list(session.execute(statement.limit(most)).scalars())


def _signed(session: Session, chain: Ledger, message: ChainMessage, fees: rpc.Fees) -> Signed:
    """Sign a message under its nonce and mark it sent."""
    call = _call(session, chain, message)
    key = bytes.fromhex(settings().sender_key.get_secret_value())
    assert message.nonce is not None
    signed = rpc.sign(
        call,
        key,
        chain_id=journal.planned().chain_id,
        nonce=message.nonce,
        gas=GAS,
        fees=fees,
    )
    message.tx_hash, message.fee, message.sent_at = signed.hash, fees.most, now()
    message.sent_block = chain.block("latest").number
    message.state = AnchorState.SENT
    _mark(session, message)
    return signed


def _offered_again(session: Session, chain: Ledger, message: ChainMessage) -> Signed:
    """A message that is stuck, for more where others were mined meanwhile; the same where the chain stands still.

    A node that forgot its pool gets it anew either way.
    """
    asked = chain.fees()
    most = min(message.fee or asked.most, DEAREST * asked.most)
    offered = rpc.Fees(most, min(asked.tip, most))
    went_on = chain.block("latest").number > (message.sent_block or 0)
    dearer = offered.raised()
    if went_on and dearer.most <= DEAREST * asked.most:
        offered = dearer
    return _signed(session, chain, message, offered)


def _hand_over(chain: Ledger, signed: Signed) -> bool:
    """Give a transaction to the node; False when our account cannot pay for it."""
    try:
        chain.send_raw(signed.raw)
    except OutOfFunds:
        return False
    except (AlreadySent, NonceUsed, FeeTooLow):
        pass  # sent before, or mined meanwhile: the next look finds the receipt
    return True


def _call(session: Session, chain: Ledger, message: ChainMessage) -> rpc.Call:
    body = message.body
    if message.kind == "append":
        return _append_call(session, chain, body["append"])
    if message.kind == "enrol":
        account = bytes.fromhex(body["account"])
        return chain.enrol_call(
            Role(body["roles"]), bytes.fromhex(body["identity"]), account, hub_held=body["hub_held"]
        )
    if message.kind == "add-key":
        return chain.add_key_call(body["member"], bytes.fromhex(body["account"]), hub_held=False)
    if message.kind == "revoke-key":
        return chain.revoke_key_call(body["member"], bytes.fromhex(body["account"]))
    if message.kind == "lots":
        claimed = [lots.of_json(lot) for lot in body["lots"]]
        return chain.register_lots_call(body["producer"], claimed, bytes.fromhex(body["signature"]))
    if message.kind == "recall":
        keys_ = tuple(bytes.fromhex(key) for key in body["keys"])
        recall = streams.Recall(keys_, body["issuer"], body["nonce"], body["class"], bytes.fromhex(body["notice"]))
        return chain.recall_call(recall, bytes.fromhex(body["signature"]))
    raise ValueError(f"no message of kind {message.kind!r} goes to the chain")


def _append_call(session: Session, chain: Ledger, number: int) -> rpc.Call:
    append = _append(session, number)
    signed = (
        session.execute(select(Submission).where(col(Submission.append_number) == number).order_by(col(Submission.id)))
        .scalars()
        .all()
    )
    submissions = [
        streams.Submission(s.member, s.first_seq, s.count, s.previous_head, s.new_head, s.summary_hash) for s in signed
    ]
    return chain.append_call(
        sealing.tree(session, append.old_size).peaks(),
        append.new_size,
        sealing.tree(session, append.new_size).span(append.old_size),
        submissions,
        [s.signature for s in signed],
    )


def _append(session: Session, number: int) -> LogAppend:
    row: LogAppend = session.execute(select(LogAppend).where(col(LogAppend.number) == number)).scalar_one()
    return row


def _already_there(session: Session, chain: Ledger, message: ChainMessage) -> bool:
    """Whether the chain already holds what a message would say; marks it anchored at the newest block."""
    body = message.body
    latest = chain.block("latest")
    if message.kind == "append":
        there = chain_size(session, chain, latest.number) >= _append(session, body["append"]).new_size
    elif message.kind in ("enrol", "add-key"):
        there = chain.member_of(bytes.fromhex(body["account"])) is not None
    elif message.kind == "revoke-key":
        there = _is_revoked(chain, body["member"], bytes.fromhex(body["account"]))
    elif message.kind == "lots":
        there = all(chain.lot(bytes.fromhex(lot["key"])) is not None for lot in body["lots"])
    else:
        there = chain.recall_nonce(body["issuer"]) >= body["nonce"]
    if there:
        _anchored(session, message, latest.number, latest.hash)
    return there


def _is_revoked(chain: Ledger, number: int, account: bytes) -> bool:
    member = chain.member(number)
    keys = member.keys if member else ()
    return any(key.account == account and key.to_block for key in keys)


def chain_size(session: Session, chain: Ledger, block: rpc.BlockName = "latest") -> int:
    """The size of the chain's log; refuses a log that is not the beginning of ours."""
    head = chain.tree_head(block)
    ours = journal.last(session, LogLeaf.index, -1) + 1
    if head.size > ours or head.root != sealing.tree(session, head.size).root():
        raise LogForked(f"the chain's log has {head.size} leaves that are not the first of our {ours}", size=head.size)
    return head.size


def _look_after(session: Session, chain: Ledger, message: ChainMessage) -> int:
    """See what became of a message under way; 1 when it moved on."""
    receipt = chain.receipt(message.tx_hash or b"")
    if receipt is not None and receipt.succeeded:
        _anchored(session, message, receipt.block_number, receipt.block_hash)
        return 1
    spent = message.nonce is not None and chain.next_nonce(journal.planned().deployer) > message.nonce
    if receipt is not None or spent:
        # Refused; or another version of it was mined; or the chain went back.
        if not _already_there(session, chain, message):
            message.state = AnchorState.SEALED
            message.error = "the chain refused the transaction" if receipt is not None else ""
            _mark(session, message)
        return 1
    return 0


def _anchored(session: Session, message: ChainMessage, number: int, block: bytes) -> None:
    message.state, message.block_number, message.block_hash = AnchorState.ANCHORED, number, block
    message.error = ""
    _mark(session, message)


def _mark(session: Session, message: ChainMessage) -> None:
    """Keep the append beside its message."""
    if message.kind == "append":
        append = _append(session, message.body["append"])
        append.state, append.block_number, append.block_hash = (
            message.state,
            message.block_number,
            message.block_hash,
        )
        if message.state is AnchorState.ANCHORED:
            append.anchored_at = now()
            for trace, count in sealing.begun_with(session, append.old_size, append.new_size):
                _log.info("anchored", append=append.number, block=message.block_number, records=count, trace=trace)
    session.flush()


def watch(session: Session) -> int:
    """Mark final what is final; send again, in order, what a reorganisation or a restored chain forgot.

    Returns how many messages were sent back to the journal.
    """
    chain = ledger()
    if not db.in_turn_now(session, _TURN):
        return 0  # the sender is at work on the same messages
    settled = (
        select(ChainMessage)
        .where(col(ChainMessage.state).in_([AnchorState.ANCHORED, AnchorState.FINAL]))
        .order_by(col(ChainMessage.number))
    )
    newest = session.execute(
        settled.order_by(None).order_by(col(ChainMessage.number).desc()).limit(1)
    ).scalar_one_or_none()
    metrics.UNSETTLED.set(_unsettled(session))
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


def _unsettled(session: Session) -> int:
    """How many messages to the chain are not final yet."""
    waiting = select(func.count()).select_from(ChainMessage).where(col(ChainMessage.state) != AnchorState.FINAL)
    count: int = session.execute(waiting).scalar_one()
    return count


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
        message.state, message.error = AnchorState.SEALED, ""
        message.block_number = message.block_hash = message.tx_hash = message.nonce = None
        _mark(session, message)
        count += 1
    return count
