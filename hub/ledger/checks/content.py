"""V3: what was committed to was not altered."""

from collections.abc import Iterable

from hub.errors import N_, HubError
from hub.gs1 import jcs, reading
from hub.ledger.checks.evidence import Record
from hub.ledger.checks.findings import Check, Outcome
from hub.ledger.formats import streams


def judge(records: Iterable[Record]) -> list[Check]:
    """V3 of some records."""
    judged = Contents()
    for record in records:
        judged.take(record)
    return judged.findings()


class Contents:
    """V3: every payload is the one that was committed to. Takes one record after the other, and keeps none."""

    def __init__(self) -> None:
        self._bad: list[Check] = []
        self._open = self._hidden = 0

    def take(self, record: Record) -> None:
        """Judge the next record."""
        self._open += record.payload is not None
        self._hidden += record.payload is None
        if (check := _content(record)) is not None:
            self._bad.append(check)

    def findings(self) -> list[Check]:
        """The checks of what was taken."""
        findings = list(self._bad)
        if self._open and not findings:
            reason = N_("%(count)s records match their seals")
            findings.append(Check("V3", Outcome.VALID, reason, {"count": self._open}))
        if self._hidden:
            reason = N_("%(count)s records are not for this reader")
            findings.append(Check("V3", Outcome.WITHHELD, reason, {"count": self._hidden}))
        return findings


def _content(record: Record) -> Check | None:
    if record.payload is None:
        return None
    values = {"member": record.member, "seq": record.seq}
    try:
        strict = jcs.canonical(jcs.parse(record.payload)) == record.payload
    except HubError:
        strict = False
    salt = record.salt or b""
    if not strict or len(salt) != 32 or streams.commitment(record.payload, salt) != record.commitment:
        return Check("V3", Outcome.ALTERED, N_("Record %(seq)s of member %(member)s is not what was sealed"), values)
    if wrong := reading.unreadable(record.event):
        reason = N_("Record %(seq)s of member %(member)s says what nobody can read: %(path)s")
        return Check("V3", Outcome.DISPUTED, reason, values | {"path": wrong})
    return None
