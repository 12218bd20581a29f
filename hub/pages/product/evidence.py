"""A lot's records with their paths to the root, for browsers that recompute them."""

from typing import Any

from hub.gs1 import reading
from hub.ledger import journal
from hub.ledger.verdict import Evidence, Verdict


def evidence_of(verdict: Verdict) -> dict[str, Any]:
    """The head they were judged against, and every record that stands in the ledger."""
    head = verdict.head
    return {
        "logId": journal.planned().log_id.hex(),
        "block": verdict.block,
        "size": head.size if head else 0,
        "root": head.root.hex() if head else "",
        "records": [_shown(one) for one in verdict.evidence if one.inclusion],
    }


def _shown(one: Evidence) -> dict[str, Any]:
    """A record as a stranger may have it: whoever adds up figures from the street learns what a farm brings in.

    A record that says how much is given as its bare commitment, since with its salt the figure could be guessed;
    what is withheld is named. That it stands in the ledger is proved all the same.
    """
    assert one.inclusion is not None  # its caller's own condition
    place = {
        "member": one.record.member,
        "seq": one.record.seq,
        "commitment": one.record.commitment.hex(),
        "previous": one.previous.hex(),
        "leaf": one.leaf.hex(),
        "index": one.inclusion.index,
        "proof": [node.hex() for node in one.inclusion.proof],
    }
    event = reading.event_of(one.record.payload or b"")
    if event is not None and any(q.amount is not None for q in reading.quantities(event)):
        return place | {"withheld": ["quantity"]}
    return place | {
        "payload": (one.record.payload or b"").decode("utf-8", "replace"),
        "salt": (one.record.salt or b"").hex(),
    }
