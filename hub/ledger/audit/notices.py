"""What the hub shows of lots' recalls, as the checks take it."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from hub.gs1 import jcs
from hub.ledger.checks.recalls import Notice
from hub.ledger.custody import speakers
from hub.ledger.formats import streams
from hub.models.catalogue import Lot, RecallNotice


def said_of(session: Session, keys: Sequence[bytes]) -> dict[bytes, list[Notice]]:
    """Recalls and withdrawals of lots by their keys: what the hub shows of them."""
    rows = session.exec(
        select(RecallNotice, Lot)
        .join(Lot, col(Lot.id) == col(RecallNotice.lot_id))
        .where(col(Lot.key).in_(keys))
        .order_by(col(RecallNotice.nonce))
    )
    numbers = speakers.members(session).numbers
    notices: dict[bytes, list[Notice]] = {}
    for notice, lot in rows:
        if lot.key is not None and (issuer := numbers.get(notice.owner_id)) is not None:
            shown = Notice(issuer, notice.nonce, content(notice), notice.salt, notice.closed_at is None)
            notices.setdefault(lot.key, []).append(shown)
    return notices


def content(notice: RecallNotice) -> dict[str, object]:
    """What a notice commits to, with its salt: the class, and of a recall the reason in both languages."""
    if notice.recall_class == 0:
        return {"class": 0}
    return {"class": notice.recall_class, "reason": {"en": notice.reason_en, "zh": notice.reason_zh}}


def commitment(notice: RecallNotice) -> bytes:
    """What the chain holds of a notice."""
    return streams.commitment(jcs.canonical(content(notice)), notice.salt)
