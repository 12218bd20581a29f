"""V11 of recalls: what the hub shows of them is what their issuers said on the chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chain_node.facts import RecallSaid, RegisteredLot
from hub.errors import N_, HubError
from hub.gs1 import jcs
from hub.ledger.checks.findings import Check, Outcome
from hub.ledger.custody import standing
from hub.ledger.custody.standing import Told
from hub.ledger.formats import streams


@dataclass(frozen=True)
class Notice:
    """What the hub shows of a recall, or of its withdrawal (class 0).

    By whom it is, its number, what it says, and whether it is open.
    """

    issuer: int
    nonce: int
    told: Mapping[str, Any]
    salt: bytes
    open: bool

    @property
    def level(self) -> int:
        """Its class: 1 is the gravest."""
        level = self.told.get("class")
        return level if isinstance(level, int) else -1

    @property
    def commitment(self) -> bytes:
        """What the chain holds of it; empty where nothing can be committed to."""
        try:
            return streams.commitment(jcs.canonical(dict(self.told)), self.salt)
        except (HubError, ValueError):
            return b""


@dataclass(frozen=True)
class LotRecalls:
    """Of one lot: what the chain says of its recalls, what the hub shows of them, and who made or has held it."""

    link: str
    said: Sequence[RecallSaid]
    notices: Sequence[Notice]
    holders: frozenset[int]
    authority: standing.Authority

    def may(self, issuer: int) -> bool:
        """Whether an issuer may call this lot back: the register lets any retailer, the records say which held it."""
        return issuer in self.holders or self.authority(issuer)

    def notice(self, recall: RecallSaid) -> Notice | None:
        """What the hub shows of what an issuer last said on the chain."""
        return next((n for n in self.notices if (n.issuer, n.nonce) == (recall.issuer, recall.nonce)), None)

    @property
    def standing(self) -> list[RecallSaid]:
        """The recalls that stand on the chain, whatever the hub shows."""
        return [
            recall
            for recall in self.said
            if recall.level and (self.may(recall.issuer) or self.notice(recall) is not None)
        ]

    def findings(self) -> list[Check]:
        """V11: what the hub shows of the lot's recalls is what their issuers said on the chain."""
        findings = [_recall(self, recall) for recall in self.said]
        newest = {recall.issuer: recall.nonce for recall in self.said}
        for notice in self.notices:
            if notice.open and notice.nonce > newest.get(notice.issuer, 0):
                reason = N_("The recall of lot %(lot)s by member %(member)s is not on the chain yet")
                findings.append(Check("V11", Outcome.PENDING, reason, _named(self, notice.issuer)))
        return findings


def holders(
    link: str, registered: RegisteredLot | None, records: Sequence[Told], parties: standing.Parties
) -> frozenset[int]:
    """Who registered a lot, and who has received some of it by what the records say."""
    producers = {registered.producer} if registered else set()
    naming = [record for record in records if standing.names(record, link)]
    return frozenset(producers | standing.judge(link, producers, naming, parties).since.keys())


def _recall(of: LotRecalls, recall: RecallSaid) -> Check:
    shown, values = of.notice(recall), _named(of, recall.issuer)
    later = [n for n in of.notices if n.issuer == recall.issuer and n.nonce > recall.nonce and n.level == 0]
    if shown is None and not of.may(recall.issuer):
        reason = N_("Member %(member)s called lot %(lot)s back; nothing shows that it made the lot or has held it")
        return Check("V11", Outcome.NO_WORD, reason, values)
    if recall.level == 0:
        if any(n.issuer == recall.issuer and n.open and n.nonce < recall.nonce for n in of.notices):
            reason = N_("The recall of lot %(lot)s by member %(member)s is shown, and was taken back on the chain")
            return Check("V11", Outcome.DISPUTED, reason, values)
        return Check("V11", Outcome.VALID, N_("Member %(member)s took back its recall of lot %(lot)s"), values)
    if shown is None:
        reason = N_("Member %(member)s called lot %(lot)s back on the chain, and its notice was taken away here")
        return Check("V11", Outcome.MISSING, reason, values)
    if shown.level != recall.level or shown.commitment != recall.notice:
        reason = N_("The recall of lot %(lot)s by member %(member)s is shown otherwise than it stands on the chain")
        return Check("V11", Outcome.ALTERED, reason, values)
    if shown.open:
        reason = N_("The recall of lot %(lot)s by member %(member)s stands on the chain as it is shown")
        return Check("V11", Outcome.VALID, reason, values)
    if later:
        reason = N_("That member %(member)s took back its recall of lot %(lot)s is not on the chain yet")
        return Check("V11", Outcome.PENDING, reason, values)
    reason = N_("The recall of lot %(lot)s by member %(member)s is shown as closed, and stands on the chain")
    return Check("V11", Outcome.ALTERED, reason, values)


def _named(of: LotRecalls, issuer: int) -> dict[str, Any]:
    return {"member": issuer, "lot": of.link.rpartition("/")[2]}
