"""V11 of a lot's beginning: it stands in the register, by the member that commissioned it."""

from chain_node.facts import RegisteredLot
from hub.errors import N_
from hub.ledger.checks.evidence import Record
from hub.ledger.checks.findings import Check, Outcome
from hub.ledger.formats import lots


def lot(record: Record, registered: RegisteredLot | None) -> Check | None:
    """V11: the lot that a record commissions stands in the register, by the member that commissioned it."""
    event = record.event
    if event is None or not lots.begins_lot(event):
        return None
    values = {"member": record.member, "seq": record.seq}
    if lots.begun(event, record.commitment) is None:
        reason = N_("Nobody can read which lot record %(seq)s of member %(member)s begins")
        return Check("V11", Outcome.DISPUTED, reason, values)
    if registered is None:
        return Check("V11", Outcome.PENDING, N_("The lot of record %(seq)s is not in the register yet"), values)
    if registered.producer != record.member or registered.commitment != record.commitment:
        reason = N_("The lot of record %(seq)s of member %(member)s was registered by another, or for another record")
        return Check("V11", Outcome.NOT_SIGNED, reason, values)
    return Check("V11", Outcome.VALID, N_("The lot of record %(seq)s was registered by its producer"), values)
