"""V4: no record is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from chain_node.facts import Head
from hub.errors import N_
from hub.ledger.checks.evidence import Record
from hub.ledger.checks.findings import Check, Outcome, ranges
from hub.ledger.formats import streams


@dataclass(frozen=True)
class Numbers:
    """Which numbers of a stream are here: all from 1 to the newest, but for those that are gone.

    An auditor learns them by going through the records (``Links``), a shopper is told by the database's indexes.
    """

    newest: int = 0
    gone: Sequence[int] = ()

    def __len__(self) -> int:
        return self.newest - len(self.gone)

    def missing(self, count: int) -> list[int]:
        """Those that are not here, of as many as the chain counts."""
        return [seq for seq in self.gone if seq <= count] + list(range(self.newest + 1, count + 1))


def taken_away(numbers: Numbers, member: int, count: int) -> Check | None:
    """V4 of a stream's numbers against the chain's count; None where all are here."""
    missing = numbers.missing(count)
    if not missing:
        return None
    reason = N_("Member %(member)s: records %(gaps)s of %(count)s were taken away")
    return Check("V4", Outcome.MISSING, reason, {"member": member, "count": count, "gaps": ranges(missing)})


class Links:
    """V4: the records are dense from the first to the chain's head, each linked to the one before.

    Takes a stream's records in their order, and keeps none.
    """

    def __init__(self, head: Head, log_id: bytes, member: int) -> None:
        self._head, self._log_id, self._member = head, log_id, member
        self._newest, self._later, self._whole = 0, 0, True
        self._gone: list[int] = []
        self._previous = streams.ZERO

    def take(self, record: Record) -> bytes | None:
        """The leaf of the next record as rebuilt from its fields; None where the chain of leaves does not reach it."""
        if record.seq > self._head.seq:
            self._later += 1
            return None
        self._gone += range(self._newest + 1, record.seq)
        self._newest = record.seq
        self._whole = self._whole and not self._gone and len(record.commitment) == 32
        if not self._whole:
            return None
        self._previous = streams.leaf(self._log_id, self._member, record.seq, self._previous, record.commitment)
        return self._previous

    @property
    def numbers(self) -> Numbers:
        """Which numbers came."""
        return Numbers(self._newest, self._gone)

    def findings(self) -> list[Check]:
        """The checks of the stream, once all its records are taken."""
        first = taken_away(self.numbers, self._member, self._head.seq) or self._linked()
        if not self._later:
            return [first]
        reason = N_("Member %(member)s: %(later)s newer records are not on the chain yet")
        values = {"member": self._member, "count": self._head.seq, "later": self._later}
        return [first, Check("V4", Outcome.PENDING, reason, values)]

    def _linked(self) -> Check:
        values = {"member": self._member, "count": self._head.seq}
        if self._previous != self._head.leaf:
            reason = N_("Member %(member)s: the records do not lead to the head that the chain keeps")
            return Check("V4", Outcome.ALTERED, reason, values)
        return Check("V4", Outcome.VALID, N_("Member %(member)s: all %(count)s records are here, in order"), values)
