"""What is judged, as it was handed over: records, signatures, and places in the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hub.gs1 import reading
from hub.ledger.formats import streams


@dataclass(frozen=True)
class Record:
    """One record of a stream as it was handed over; without payload and salt it is withheld."""

    member: int
    seq: int
    commitment: bytes
    payload: bytes | None = None
    salt: bytes | None = None
    erased: bool = False

    @cached_property
    def event(self) -> dict[str, Any] | None:
        """The event inside, None when it is withheld or unreadable."""
        return None if self.payload is None else reading.event_of(self.payload)


@dataclass(frozen=True)
class Signed:
    """A submission with its signature, and the sentence that was shown when it was signed, where it may be seen."""

    said: streams.Submission
    signature: bytes
    sentence: str | None = None


@dataclass(frozen=True)
class Inclusion:
    """Where the log holds a leaf, and the path to its root."""

    index: int
    size: int
    proof: Sequence[bytes]
