"""Papers and pictures as shoppers see them, and whom they may call."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from hub.models.catalogue import Certificate, TradeItem
from hub.models.party import Organization
from hub.pages.product.lookup import Product
from hub.pages.product.names import Names, Said
from hub.web.i18n import Language


@dataclass(frozen=True)
class Attached:
    """A file by its stated SHA-256: where it is opened, or why it is not shown."""

    hash: str
    address: str
    refusal: str


@dataclass(frozen=True)
class Paper:
    """A certificate, and whether its time is over."""

    name: str
    issuer: str
    number: str
    valid_to: date | None
    expired: bool
    file: Attached | None


def paper_of(certificate: Certificate, today: date, names: Names, file: Attached | None = None) -> Paper:
    """A certificate as of a day, in its owner's words."""
    until = certificate.valid_to
    expired = until is not None and until < today
    issuer, number = (names.word(certificate, attribute) for attribute in ("issuer", "number"))
    return Paper(names.of(certificate), issuer, number, until, expired, file)


def attached(
    row: Certificate | TradeItem, name: str, product: Product, names: Names, speaks: Language
) -> Attached | None:
    """The file that a row's owner stated; it is opened only where what is kept still has that hash."""
    stated = names.word(row, name)
    if not stated:
        return None
    if product.files.get((row.owner_id, stated)) == stated:
        return Attached(stated, f"/files/{stated}", "")
    return Attached(stated, "", speaks.gettext("The file that is kept here is not the one that was signed."))


def picture_of(product: Product, names: Names, speaks: Language) -> Attached | None:
    """The item's picture; one that nobody signed is set apart."""
    shown = attached(product.item, "picture_sha256", product, names, speaks)
    if shown is not None and shown.address and not isinstance(shown.hash, Said):
        return replace(shown, refusal=speaks.gettext("No record covers this picture."))
    return shown


def contacts_of(parties: Sequence[Organization], names: Names) -> list[str]:
    """Names, each with the number that everybody may call, where there is one."""
    words = [word for party in parties for word in (names.of(party), names.word(party, "service_phone"))]
    return [word for word in words if word]
