"""Who else lists a lot's article number, and who may not, said in its producer's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.models.catalogue import ListingDispute
from hub.models.party import Organization
from hub.trace.listings import Listing
from hub.web.i18n import Language


@dataclass(frozen=True)
class OwnDispute:
    """The reader's own dispute of a listing: why, and the address that withdraws it."""

    reason: str
    withdraw: str


@dataclass(frozen=True)
class Rival:
    """Somebody else who lists the number, whether it begins as their own GLN does, and one's own dispute, if any."""

    id: UUID
    name: str
    gln: str
    prefix: str
    dispute: OwnDispute | None


@dataclass(frozen=True)
class Objection:
    """Somebody says that the reader may not list the number, and why."""

    title: str
    reason: str


@dataclass(frozen=True)
class Listings:
    """Who else lists the number, and who disputes that one lists it oneself."""

    rivals: Sequence[Rival]
    objections: Sequence[Objection]


def listings_of(lot_id: UUID, listed: Sequence[Listing], own: Organization, speaks: Language) -> Listings:
    """Everybody who lists an article number, as ``own`` reads of it on the page of a lot."""
    names = {listing.maker_id: speaks.name(listing) for listing in listed}
    return Listings(
        rivals=[_rival(lot_id, listing, own, speaks) for listing in listed if listing.maker_id != own.id],
        objections=[
            _objection(dispute, names.get(dispute.owner_id, ""), speaks)
            for listing in listed
            if listing.maker_id == own.id
            for dispute in listing.disputes
        ],
    )


def _rival(lot_id: UUID, listing: Listing, own: Organization, speaks: Language) -> Rival:
    if listing.own_prefix:
        prefix = speaks.gettext("The number begins with its company prefix.")
    else:
        prefix = speaks.gettext("The number does not begin with its company prefix.")
    disputes = [_own(lot_id, dispute) for dispute in listing.disputes if dispute.owner_id == own.id]
    return Rival(
        id=listing.maker_id,
        name=speaks.name(listing),
        gln=listing.gln,
        prefix=prefix,
        dispute=disputes[0] if disputes else None,
    )


def _own(lot_id: UUID, dispute: ListingDispute) -> OwnDispute:
    return OwnDispute(dispute.reason, f"/supplier/lots/{lot_id}/disputes/{dispute.id}/withdraw")


def _objection(dispute: ListingDispute, who: str, speaks: Language) -> Objection:
    return Objection(speaks.gettext("%(who)s says that you may not list it.", who=who), dispute.reason)
