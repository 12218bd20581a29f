"""Who lists an article number.

Several makers of one GTIN are lawful, so a lot is found by both; who may list one is disputable.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from hub import access
from hub.access import Actor, Permission
from hub.errors import HubError, NotFound
from hub.models.catalogue import ListingDispute, Lot, TradeItem

_SHARED = 7
"""GS1 company prefixes have seven digits or more."""


class NoSuchListing(NotFound):
    """Nobody else lists this article number."""


class AlreadyDisputed(HubError):
    """You dispute this listing already."""

    code, status = "listing-disputed", 409


@dataclass(frozen=True)
class Listing:
    """Somebody lists an article number: since when, whether it begins as their own GLN does, and who disputes it."""

    maker_id: UUID
    gln: str
    name_zh: str
    name_en: str
    since: datetime
    own_prefix: bool
    disputes: Sequence[ListingDispute] = field(default_factory=tuple)


def own_prefix(gtin: str, gln: str) -> bool:
    """Whether a GTIN can be numbered under the company prefix of a GLN: both begin with the same seven digits.

    A hint and no proof: whose a prefix is stands in GS1's own registry (Verified by GS1). A retailer's own brand is
    numbered under the retailer's prefix, whoever makes it.
    """
    return len(gln) == 13 and gtin.zfill(14)[1:].startswith(gln[:_SHARED])


def of(session: Session, gtin: str) -> list[Listing]:
    """Everybody who lists an article number, those first under whose prefix it can be numbered, then by age."""
    rows = session.execute(text("select * from listings_of(:gtin)"), {"gtin": gtin}).all()
    disputes = session.exec(
        select(ListingDispute)
        .where(col(ListingDispute.gtin) == gtin, col(ListingDispute.withdrawn_at).is_(None))
        .order_by(col(ListingDispute.id))
    ).all()
    listings = [
        Listing(
            row.owner_id,
            row.gln,
            row.name_zh,
            row.name_en,
            row.listed_at,
            own_prefix(gtin, row.gln),
            tuple(dispute for dispute in disputes if dispute.listed_by_id == row.owner_id),
        )
        for row in rows
    ]
    return sorted(listings, key=lambda listing: (not listing.own_prefix, listing.since))


def choose(session: Session, lots: Sequence[tuple[TradeItem, Lot]]) -> tuple[TradeItem, Lot] | None:
    """Of lots that bear one GTIN and number, the only one, or that of the only one whose prefix the number begins with.

    A dispute changes nothing here: else whoever listed another's number could take its codes away by disputing it.
    """
    if len(lots) < 2:
        return lots[0] if lots else None
    owners = {listing.maker_id for listing in of(session, lots[0][0].gtin) if listing.own_prefix}
    theirs = [pair for pair in lots if pair[0].owner_id in owners]
    return theirs[0] if len(owners) == len(theirs) == 1 else None


def dispute(session: Session, actor: Actor, gtin: str, listed_by: UUID, reason: str) -> ListingDispute:
    """Say that another may not list an article number that one lists oneself; shoppers and the operator read it."""
    access.require(actor, Permission.PUBLISH_EVENTS)
    listed = {listing.maker_id: listing for listing in of(session, gtin)}
    if actor.organization_id not in listed or listed_by not in listed or listed_by == actor.organization_id:
        raise NoSuchListing
    if any(dispute.owner_id == actor.organization_id for dispute in listed[listed_by].disputes):
        raise AlreadyDisputed
    row = ListingDispute(owner_id=actor.organization_id, listed_by_id=listed_by, gtin=gtin, reason=reason.strip())
    session.add(row)
    access.record(session, actor, "listing.dispute", gtin, listed_by=listed[listed_by].gln)
    session.flush()
    return row


def withdraw(session: Session, actor: Actor, dispute_id: UUID, *, at: datetime) -> None:
    """Dispute a listing no longer."""
    row = session.get(ListingDispute, dispute_id)
    if row is None or row.owner_id != actor.organization_id:
        raise NotFound("You dispute no such listing.")
    access.require(actor, Permission.PUBLISH_EVENTS, row.owner_id)
    if row.withdrawn_at is None:
        row.withdrawn_at = at
        access.record(session, actor, "listing.withdraw", row.gtin)
        session.flush()
