"""Which lot a shopper means, and everything that its page shows of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import UUID

from sqlmodel import Session, col, or_, select

from hub import documents
from hub.errors import HubError, NotFound
from hub.gs1 import digital_link, master_data
from hub.ledger.audit import verification
from hub.ledger.audit.notices import commitment
from hub.ledger.audit.verdict import Verdict, verify_lot
from hub.ledger.log import anchoring
from hub.models.catalogue import Certificate, ListingDispute, Lot, RecallNotice, TradeItem
from hub.models.party import Organization, Place
from hub.trace import journey, listings, recall
from hub.trace.journey import Journey
from hub.trace.labels import codes
from hub.trace.listings import Listing


class UnknownLot(NotFound):
    """This item has no lot of this number. Compare it with the one printed on the pack."""

    code = "unknown-lot"


class SeveralMakers(HubError):
    """Several makers have a lot of this number under this article number. Name one by its GLN, as `417`."""

    code, status = "several-makers", 409


@dataclass(frozen=True)
class Called:
    """A recall that is open by what the hub shows or by what stands on the chain.

    Where its notice is gone it has no reasons.
    """

    at: datetime
    issuer: Organization | None
    member: int
    reason_zh: str = ""
    reason_en: str = ""

    def reason(self, language: str) -> str:
        """Why, in the language of a code."""
        return self.reason_zh if language == "zh" else self.reason_en


@dataclass(frozen=True)
class Sources:
    """What a lot's page is made of: the links that its records name, its numbers, the parties and places it shows."""

    links: Sequence[str]
    gtin: str
    number: str
    parties: Sequence[UUID]
    places: Sequence[UUID]


@dataclass
class Product:
    """A lot and everything its page shows.

    ``objections`` are who disputes that its maker lists the number, and why; ``files`` what files hash to now, by
    their owner and the hash that they were stated with.
    """

    item: TradeItem
    lot: Lot
    maker: Organization
    journey: Journey
    verdict: Verdict
    over: list[RecallNotice]
    certificates: list[Certificate]
    retailer: Organization | None
    recalled: Called | None = None
    objections: Sequence[tuple[Organization, str]] = ()
    others: Sequence[Listing] = ()
    files: Mapping[tuple[UUID, str], str] = field(default_factory=dict)

    @property
    def sources(self) -> Sources:
        """What it was read from."""
        named = [*_on_the_way(self.journey), self.maker, *(who for who, _ in self.objections)]
        named += [party for party in (self.retailer, self.recalled and self.recalled.issuer) if party]
        stated = [*named, self.item, *self.certificates]
        return Sources(
            links=sorted(
                {
                    self.journey.link,
                    *self.journey.inputs,
                    *self.journey.foreign,
                    *(master_data.subject(row.id) for row in stated),
                }
            ),
            gtin=self.item.gtin,
            number=self.lot.number,
            parties=sorted({row.id for row in named if isinstance(row, Organization)}),
            places=sorted({row.id for row in named if isinstance(row, Place)}),
        )


def address(gtin: str, lot: str, retailer: str = "", maker: str = "", part: str = "") -> str:
    """Where the page of a lot is found here, or a ``part`` of it, with the GLNs it was asked for by."""
    return f"/product/{gtin}/{quote(lot, safe='')}{part}{codes.query(retailer, maker)}"


def items(session: Session, gtin: str) -> Sequence[TradeItem]:
    """What is listed under an article number."""
    listed = session.exec(select(TradeItem).where(col(TradeItem.gtin) == digital_link.gtin(gtin))).all()
    if not listed:
        raise NotFound("No supplier here makes an item of this number. Is it the code on the pack?")
    return listed


def lots(session: Session, gtin: str, number: str, maker: str = "") -> list[tuple[TradeItem, Lot]]:
    """The lots of one number under one article number: one of each of its makers, or that of the one named by GLN."""
    statement = (
        select(TradeItem, Lot)
        .join(Lot, col(Lot.trade_item_id) == col(TradeItem.id))
        .where(col(TradeItem.gtin) == digital_link.gtin(gtin), col(Lot.number) == number)
    )
    if maker:
        named = select(Organization.id).where(col(Organization.gln) == maker)
        statement = statement.where(col(TradeItem.owner_id).in_(named))
    return list(session.exec(statement.order_by(col(Lot.id))))


def find(session: Session, gtin: str, number: str, maker: str) -> tuple[TradeItem, Lot]:
    """The item and lot that a code means; refused where no maker has such a lot, or where it may be several makers'."""
    candidates = lots(session, gtin, number, maker)
    if not candidates:
        items(session, gtin)
        raise UnknownLot
    chosen = listings.choose(session, candidates)
    if chosen is None:
        makers = select(Organization.gln).where(col(Organization.id).in_([item.owner_id for item, _ in candidates]))
        raise SeveralMakers(makers=sorted(session.exec(makers)))
    return chosen


def product(session: Session, gtin: str, number: str, retailer_gln: str, maker_gln: str) -> Product:
    """A lot with all that the session may see of it; of its hand-overs only those to the retailer."""
    item, lot = find(session, gtin, number, maker_gln)
    link = digital_link.lot_link(item.gtin, lot.number)
    events = verification.events_of(session, link, lot)
    way = journey.of(session, link, retailer=retailer_gln, events=events)
    shown = {step.row.id for step in way.steps}
    judged = [event for event in events if event.id in shown or not journey.readable(event)]
    maker = session.exec(select(Organization).where(col(Organization.id) == item.owner_id)).one()
    papers = session.exec(
        select(Certificate).where(
            col(Certificate.owner_id) == maker.id,
            or_(col(Certificate.lot_id).is_(None), col(Certificate.lot_id) == lot.id),
        )
    ).all()
    retailer = session.exec(select(Organization).where(col(Organization.gln) == retailer_gln)).first()
    notices = recall.notices_of(session, lot)
    named = [maker, item, *papers, *([retailer] if retailer else []), *_on_the_way(way)]
    verdict = verify_lot(session, lot, link, judged, named)
    called = _called(session, verdict, notices)
    # Of a recall that is over the chain keeps that it is over; why it was made can be proved no longer,
    # so it is not said.
    over = [n for n in notices if n.closed_at is not None and (called is None or n.opened_at != called.at)]
    listed = listings.of(session, item.gtin)
    disputes = [dispute for listing in listed if listing.maker_id == maker.id for dispute in listing.disputes]
    others = [listing for listing in listed if listing.maker_id != maker.id]
    return Product(
        item,
        lot,
        maker,
        way,
        verdict,
        over,
        list(papers),
        retailer,
        called,
        _objections(session, disputes),
        others,
        documents.hashes(session, [item, *papers]),
    )


def _on_the_way(way: Journey) -> list[Organization | Place]:
    """The parties and places that a lot's page names."""
    return [named for step in way.steps for named in (step.place, step.to, step.by) if named is not None]


def _objections(session: Session, disputes: Sequence[ListingDispute]) -> list[tuple[Organization, str]]:
    owners = {dispute.owner_id for dispute in disputes}
    parties = {party.id: party for party in session.exec(select(Organization).where(col(Organization.id).in_(owners)))}
    return [(parties[dispute.owner_id], dispute.reason) for dispute in disputes]


def _called(session: Session, verdict: Verdict, notices: Sequence[RecallNotice]) -> Called | None:
    """The recall that is open now. What stands on the chain is open, whatever became of the hub's row of it."""
    if not notices and not verdict.recalled:
        return None
    members = verification.members_of(session)
    on_chain = {recalled.notice for recalled in verdict.recalled}
    heard = {recalled.issuer for recalled in verdict.recalled}
    for notice in notices:
        issuer = next((member for member in members.values() if member.id == notice.owner_id), None)
        number = issuer.member if issuer and issuer.member else 0
        if commitment(notice) in on_chain or (notice.closed_at is None and number not in heard):
            return Called(notice.opened_at, issuer, number, notice.reason_zh, notice.reason_en)
    for recalled in verdict.recalled:
        at = datetime.fromtimestamp(anchoring.ledger().block(recalled.block).time, UTC)
        return Called(at, members.get(recalled.issuer), recalled.issuer)
    return None
