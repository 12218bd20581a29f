"""Refusals. Each has a name, a stable code and an HTTP status, and is shown in one place (hub.web.problems)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True)
class Amount:
    """So much of something, in a unit of UN/ECE Recommendation 20: people read it with its word."""

    quantity: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} {self.unit}"


@dataclass(frozen=True)
class Sum:
    """So much money, in a currency of ISO 4217: people read it with its sign."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount.normalize():f} {self.currency}"


Word = str | int | float | bool | Decimal | date | UUID | Amount | Sum | None
Told = Word | Sequence[Word] | Sequence[Mapping[str, Word]]
"""What a refusal may tell beside its sentence: words, lists of them, and lists of what is wrong where."""


def N_(text: str) -> str:
    """Mark a sentence for translation; its ``%(name)s`` are filled in where it is shown."""
    return text


def filled(sentence: str, values: Mapping[str, Any]) -> str:
    """A sentence with each ``%(name)s`` it knows the value of; whatever else a person typed into it stays."""
    return re.sub(r"%\((\w+)\)s", lambda match: str(values.get(match[1], match[0])), sentence)


class Term(str):
    """A word of ours among the values of a sentence: it is said in the reader's language."""


class HubError(Exception):
    """A refusal a person can act on: what is wrong, and where.

    ``detail`` is one sentence for a person; ``extra`` goes into the problem document as members of its own.
    A sentence that names a value says ``%(name)s`` and gets it from ``values``, what was given as ``extra``: so it can
    be translated, with its days and amounts.
    ``at`` is the field that is to be changed, ``lines.2.quantity`` in the third of several lines: programs find it in
    the document's ``errors``, people beside the field. ``epcis`` names the exception of EPCIS 2.0 that it is, where its
    status alone would name another.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = ""
    epcis: ClassVar[str] = ""
    at: str = ""

    def __init__(self, detail: str = "", *, at: str = "", **extra: Told) -> None:
        self.at = at or self.at
        self.sentence = detail or (type(self).__doc__ or "").strip().split("\n")[0]
        self.detail = filled(self.sentence, extra)
        super().__init__(self.detail)
        self.values = extra
        self.extra = {name: _told(value) for name, value in extra.items()}

    @property
    def epcis_type(self) -> str:
        """Which exception of EPCIS 2.0 this is, as the ``type`` of a problem."""
        return f"epcisException:{self.epcis or _EPCIS.get(self.status, 'ImplementationException')}"


def _told(value: Told) -> Any:
    """A value as a problem document has it: of an amount its quantity, of a sum its money, as text."""
    if isinstance(value, Sum):
        return f"{value.amount.normalize():f}"
    return f"{value.quantity.normalize():f}" if isinstance(value, Amount) else value


_EPCIS = {
    400: "ValidationException",
    401: "SecurityException",
    403: "SecurityException",
    404: "NoSuchResourceException",
    406: "NotAcceptableException",
    409: "ResourceAlreadyExistsException",
    413: "CaptureLimitExceededException",
    414: "URITooLongException",
    415: "UnsupportedMediaTypeException",
    422: "ValidationException",
}
"""The exceptions of EPCIS 2.0 by status; what has none here is an ImplementationException (ISO/IEC 19987, openapi)."""


class NotFound(HubError):
    """There is no such thing here, or it is not yours to see."""

    code, status = "not-found", 404


class NotAllowed(HubError):
    """Your role does not allow this."""

    code, status = "not-allowed", 403


class SignInNeeded(HubError):
    """Sign in first: there is no session, or it has ended."""

    code, status = "sign-in-needed", 401


class InvalidInput(HubError):
    """What was sent cannot be used; each error says where."""

    code, status = "invalid-input", 422


class NotReady(HubError):
    """A part the hub needs is not reachable now; try again shortly."""

    code, status = "not-ready", 503
