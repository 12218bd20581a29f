"""V5: a record stands in the ledger."""

from collections.abc import Mapping
from typing import Any

from hub.errors import N_
from hub.ledger.checks.evidence import Inclusion
from hub.ledger.checks.findings import Check, Outcome
from hub.ledger.formats import merkle


def included(leaf: bytes, where: Inclusion | None, root: bytes, size: int, about: Mapping[str, Any]) -> Check:
    """V5: the leaf stands in the log of this size and root."""
    if where is None:
        return Check("V5", Outcome.PENDING, N_("Record %(seq)s of member %(member)s is not in the ledger yet"), about)
    if where.size != size or not merkle.verify_inclusion(where.index, size, leaf, where.proof, root):
        return Check("V5", Outcome.MISSING, N_("Record %(seq)s of member %(member)s is not in the ledger"), about)
    values = {**about, "index": where.index, "size": size}
    return Check("V5", Outcome.VALID, N_("Record %(seq)s of member %(member)s is entry %(index)s of %(size)s"), values)
