"""Serial Shipping Container Codes: one for every logistic unit a supplier sends. Pure."""

from hub.gs1 import digital_link


def sscc(gln: str, serial: int) -> str:
    """The ``serial``-th code of the company that a GLN belongs to.

    The twelve digits before a GLN's check digit lie in its company's own number range, whatever the length of
    the company's prefix, so the codes built on them are the company's too: 100,000 of them, the extension digit
    counting the ten thousands. GS1 allows a code again a year after its unit was shipped.
    """
    extension, count = divmod(serial % 100_000, 10_000)
    return digital_link.sscc(gln[:12], count, str(extension))
