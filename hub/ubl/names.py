"""The names of UBL 2.3: its documents, its name spaces, and how a number says whose scheme it is."""

from enum import StrEnum

_URN = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC, CBC = f"{_URN}CommonAggregateComponents-2", f"{_URN}CommonBasicComponents-2"
SPACES = {"cac": CAC, "cbc": CBC}
GLN, GTIN, SSCC = "0088", "0160", "SSCC"
"""Schemes of numbers: the first two by ISO 6523; an SSCC has none there and goes by its name, as in Peppol."""


class Kind(StrEnum):
    """A document of UBL's, by the name of its root."""

    ORDER = "Order"
    ORDER_CHANGE = "OrderChange"
    ORDER_RESPONSE = "OrderResponse"
    DESPATCH_ADVICE = "DespatchAdvice"
    RECEIPT_ADVICE = "ReceiptAdvice"
    FORECAST = "Forecast"
    SELF_BILLED_INVOICE = "SelfBilledInvoice"

    @property
    def space(self) -> str:
        """The name space of its root."""
        return f"{_URN}{self.value}-2"

    @property
    def root(self) -> str:
        """The tag of its root."""
        return f"{{{self.space}}}{self.value}"


OF_ROOT = {kind.root: kind for kind in Kind}


def tag(name: str) -> str:
    """The tag of ``cac:Party`` or ``cbc:ID``."""
    prefix, _, local = name.partition(":")
    return f"{{{SPACES[prefix]}}}{local}"


def called(qualified: str) -> str:
    """A tag as people write it: ``cbc:ID``; what is of no name space of ours by its local name."""
    space, _, local = qualified.rpartition("}")
    prefix = next((prefix for prefix, known in SPACES.items() if known == space[1:]), "")
    return f"{prefix}:{local}" if prefix else local
