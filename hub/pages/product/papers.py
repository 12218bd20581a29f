"""Papers and pictures as shoppers see them, and whom they may call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from hub.models.catalogue import Certificate, TradeItem
from hub.models.party import Organization
from hub.pages.product.names import Names, Said
from hub.web.i18n import Language

Files = Mapping[tuple[UUID, str], str]
"""What files hash to now, by their owner and the hash that they were stated with."""


@dataclass(frozen=True)
class Attached:
    """A file by its stated SHA-256: where it is opened, or why it is not shown."""

    hash: str
    address: str
    refusal: str

    @property
    def is_shown(self) -> bool:
        """Whether it is shown by itself: it is kept, and it is the one that was signed."""
        return bool(self.address) and not self.refusal


@dataclass(frozen=True)
class Paper:
    """A certificate, and whether its time is over."""

    name: str
    issuer: str
    number: str
    valid_to: date | None
    expired: bool
    file: Attached | None


def paper_of(certificate: Certificate, today: date, files: Files, names: Names, speaks: Language) -> Paper:
    """A certificate as of a day, in its owner's words."""
    until = certificate.valid_to
    expired = until is not None and until < today
    issuer, number = (names.word(certificate, attribute) for attribute in ("issuer", "number"))
    file = _attached(certificate, "file_sha256", files, names, speaks)
    return Paper(names.of(certificate), issuer, number, until, expired, file)


def picture_of(item: TradeItem, files: Files, names: Names, speaks: Language) -> Attached | None:
    """An item's picture; one that nobody signed is set apart."""
    shown = _attached(item, "picture_sha256", files, names, speaks)
    if shown is None or not shown.address or isinstance(shown.hash, Said):
        return shown
    if names.judged:
        return replace(shown, refusal=speaks.gettext("No record covers this picture."))
    return replace(shown, refusal=speaks.gettext("Whether a record covers this picture cannot be told now."))


def _attached(row: Certificate | TradeItem, name: str, files: Files, names: Names, speaks: Language) -> Attached | None:
    """The file that a row's owner stated; it is opened only where what is kept still has that hash."""
    stated = names.word(row, name)
    if not stated:
        return None
    if files.get((row.owner_id, stated)) == stated:
        return Attached(stated, f"/files/{stated}", "")
    return Attached(stated, "", speaks.gettext("The file that is kept here is not the one that was signed."))


def contacts_of(parties: Sequence[Organization], names: Names) -> list[str]:
    """Names, each with the number that everybody may call, where there is one."""
    words = [word for party in parties for word in (names.of(party), names.word(party, "service_phone"))]
    return [word for word in words if word]
