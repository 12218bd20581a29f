"""V13: what is shown of parties, places, items and papers is what their owners signed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hub.errors import N_, Term
from hub.gs1 import master_data
from hub.gs1.master_data import Statement
from hub.ledger.checks.evidence import Record
from hub.ledger.checks.findings import Check, Outcome

KINDS = {
    "organization": N_("organisation"),
    "place": N_("place"),
    "trade_item": N_("item"),
    "certificate": N_("certificate"),
}
"""What rows with their owner's word are called."""
_ATTRIBUTES = {
    "kind": N_("The kind"),
    "name_zh": N_("The Chinese name"),
    "name_en": N_("The English name"),
    "gln": N_("The GLN"),
    "time_zone": N_("The time zone"),
    "service_phone": N_("The phone number"),
    "latitude": N_("The latitude"),
    "longitude": N_("The longitude"),
    "gtin": N_("The article number"),
    "category": N_("The category"),
    "unit": N_("The unit"),
    "temperature": N_("The temperature"),
    "shelf_life_days": N_("The shelf life"),
    "ended_on": N_("The day it ends"),
    "lot_id": N_("The lot"),
    "number": N_("The number"),
    "issuer": N_("The issuer"),
    "valid_from": N_("The first day"),
    "valid_to": N_("The last day"),
    "file_sha256": N_("The file’s SHA-256"),
    "picture_sha256": N_("The picture’s SHA-256"),
}


@dataclass(frozen=True)
class Fact:
    """What is shown of a subject that a member speaks for, under the names that its statements use.

    ``waiting`` where the hub says that a record of just this waits to be sealed.
    """

    member: int
    subject: str
    kind: str
    attributes: Mapping[str, str]
    waiting: bool = False

    @property
    def name(self) -> str:
        """What people call it."""
        return " / ".join(dict.fromkeys(self.attributes[n] for n in ("name_zh", "name_en") if n in self.attributes))


@dataclass
class Statements:
    """What members state, each of its own subjects, as their sealed records say. Takes records in their order."""

    said: dict[tuple[int, str], list[Statement]] = field(default_factory=dict)

    def take(self, record: Record) -> None:
        """Hear the next record of a stream; most state nothing."""
        if record.payload is None or master_data.STATING.encode() not in record.payload:
            return
        statement = master_data.statement_of(record.event)
        if statement is not None:
            self.said.setdefault((record.member, statement.subject), []).append(statement)

    def newest(self, member: int, subject: str) -> Statement | None:
        """What the member says of a subject now."""
        return next(reversed(self.said.get((member, subject), ())), None)

    def at(self, member: int, subject: str, moment: datetime | None) -> Statement | None:
        """What held at a moment (now): the last that was valid from then or before, else the first ever said."""
        if moment is None:
            return self.newest(member, subject)
        history = self.said.get((member, subject), [])
        valid = [statement for statement in history if statement.valid_from <= moment]
        if valid:
            return valid[-1]
        return history[0] if history else None

    def findings(self, facts: Iterable[Fact]) -> list[Check]:
        """V13 of what is shown; what no record covers is said to be that, and proves nothing."""
        judged = [(fact, self._judge(fact)) for fact in facts]
        holding = [fact for fact, check in judged if check is None]
        findings = [check for _, check in judged if check is not None]
        if holding and not any(check.outcome is Outcome.ALTERED for check in findings):
            reason = N_("%(count)s names and papers are as their owners signed them")
            findings.append(Check("V13", Outcome.VALID, reason, {"count": len(holding)}))
        return findings

    def _judge(self, fact: Fact) -> Check | None:
        newest = self.newest(fact.member, fact.subject)
        values = {"member": fact.member, "kind": Term(KINDS.get(fact.kind, fact.kind)), "name": fact.name}
        if newest is None:
            if fact.waiting:
                return Check("V13", Outcome.PENDING, N_("The record of %(kind)s “%(name)s” waits to be sealed"), values)
            return Check("V13", Outcome.UNSTATED, N_("No record of member %(member)s covers “%(name)s”"), values)
        if (newest.kind, newest.attributes) == (fact.kind, fact.attributes):
            return None
        if fact.waiting:
            return Check("V13", Outcome.PENDING, N_("A change of %(kind)s “%(name)s” waits to be sealed"), values)
        differing = _differing(fact, newest)
        reason = N_("%(attribute)s of “%(name)s” is shown as “%(shown)s”; member %(member)s signed “%(signed)s”")
        return Check("V13", Outcome.ALTERED, reason, values | differing | {"name": _signed_name(newest) or fact.name})


def _differing(fact: Fact, signed: Statement) -> dict[str, str]:
    """The first attribute that is shown otherwise than it was signed, and both."""
    names: Sequence[str] = sorted({*fact.attributes, *signed.attributes})
    for name in names:
        shown, said = fact.attributes.get(name, ""), signed.attributes.get(name, "")
        if shown != said:
            return {"attribute": Term(_ATTRIBUTES.get(name, name)), "shown": shown, "signed": said}
    return {"attribute": Term(_ATTRIBUTES["kind"]), "shown": fact.kind, "signed": signed.kind}


def _signed_name(signed: Statement) -> str:
    return signed.attributes.get("name_zh") or signed.attributes.get("name_en") or ""
