"""A lot's records with their paths to the root, for browsers that recompute them."""

from typing import Any

from hub.gs1 import reading
from hub.ledger.audit.verdict import Evidence, Verdict
from hub.ledger.log import journal


def evidence_of(verdict: Verdict) -> dict[str, Any]:
    """The head they were judged against, and every record that stands in the ledger."""
    head = verdict.head
    return {
        "logId": journal.planned().log_id.hex(),
        "block": verdict.block,
        "size": head.size if head else 0,
        "root": head.root.hex() if head else "",
        "records": [_shown(piece) for piece in verdict.evidence if piece.inclusion],
    }


def _shown(piece: Evidence) -> dict[str, Any]:
    """A record as a stranger may have it: whoever adds up figures from the street learns what a farm brings in.

    A record that says how much is given as its bare commitment, since with its salt the figure could be guessed;
    what is withheld is named. That it stands in the ledger is proved all the same.
    """
    assert piece.inclusion is not None  # its caller's own condition
    place = {
        "member": piece.record.member,
        "seq": piece.record.seq,
        "commitment": piece.record.commitment.hex(),
        "previous": piece.previous.hex(),
        "leaf": piece.leaf.hex(),
        "index": piece.inclusion.index,
        "proof": [node.hex() for node in piece.inclusion.proof],
    }
    event = reading.event_of(piece.record.payload or b"")
    if event is not None and any(q.amount is not None for q in reading.quantities(event)):
        return place | {"withheld": ["quantity"]}
    return place | {
        "payload": (piece.record.payload or b"").decode("utf-8", "replace"),
        "salt": (piece.record.salt or b"").hex(),
    }
