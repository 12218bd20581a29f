"""V4: no record is missing."""

from collections.abc import Sequence
from typing import Any

from chain_node.facts import Head
from hub.errors import N_
from hub.ledger.checks.evidence import Record
from hub.ledger.checks.findings import Check, Outcome, ranges
from hub.ledger.formats import streams


class Links:
    """V4: the records are dense from the first to the chain's head, each linked to the one before.

    Takes a stream's records in their order, and keeps none.
    """

    def __init__(self, head: Head, log_id: bytes, member: int) -> None:
        self._head, self._log_id, self._member = head, log_id, member
        self._next, self._later, self._whole = 1, 0, True
        self._gaps: list[int] = []
        self._previous = streams.ZERO

    def take(self, record: Record) -> bytes | None:
        """The leaf of the next record as rebuilt from its fields; None where the chain of leaves does not reach it."""
        if record.seq > self._head.seq:
            self._later += 1
            return None
        self._miss(record.seq)
        self._next = record.seq + 1
        self._whole = self._whole and len(record.commitment) == 32
        if not self._whole:
            return None
        self._previous = streams.leaf(self._log_id, self._member, record.seq, self._previous, record.commitment)
        return self._previous

    def _miss(self, until: int) -> None:
        """None of the numbers from the next on to this one came."""
        self._gaps += range(self._next, until)
        self._whole = self._whole and not self._gaps

    def findings(self) -> list[Check]:
        """The checks of the stream, once all its records are taken."""
        self._miss(self._head.seq + 1)
        values: dict[str, Any] = {"member": self._member, "count": self._head.seq}
        if self._gaps:
            reason = N_("Member %(member)s: records %(gaps)s of %(count)s were taken away")
            first = Check("V4", Outcome.MISSING, reason, values | {"gaps": ranges(self._gaps)})
        elif self._previous != self._head.leaf:
            reason = N_("Member %(member)s: the records do not lead to the head that the chain keeps")
            first = Check("V4", Outcome.ALTERED, reason, values)
        else:
            reason = N_("Member %(member)s: all %(count)s records are here, in order")
            first = Check("V4", Outcome.VALID, reason, values)
        if not self._later:
            return [first]
        reason = N_("Member %(member)s: %(later)s newer records are not on the chain yet")
        return [first, Check("V4", Outcome.PENDING, reason, values | {"later": self._later})]


def counted(member: int, count: int, gone: Sequence[int], held: int) -> list[Check]:
    """V4 for who may not read a whole stream, by what the database counts of it: nothing where all is there.

    ``count`` is what the chain says, ``gone`` are the numbers of sealed records that are not there, ``held`` is how
    many are.
    """
    missing = [seq for seq in gone if seq <= count]
    if not missing and held >= count:
        return []
    reason = N_("Member %(member)s: %(gone)s of its %(count)s records were taken away")
    values = {"member": member, "count": count, "gone": len(missing) or count - held}
    return [Check("V4", Outcome.MISSING, reason, values)]
