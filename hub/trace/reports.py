"""What shoppers report of a lot: handed in without an account, told to both parties, followed up by name.

A stranger writes by no right of his own: what he hands in becomes a row of the lot's maker. He reads it again by the
secret in his link, of which the hash alone is kept.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import Session, col, or_, select

from hub import access, attempts, db, keys, pictures, sought
from hub.access import Actor, Permission
from hub.attempts import Limit, mark
from hub.errors import N_, HubError, NotAllowed, NotFound
from hub.keys import Cell
from hub.lists import CountedPage, Search
from hub.messages import NoticeGiven
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import Organization, OrganizationKind
from hub.models.reports import FollowUp, ProblemReport, ReportContact, ReportPhoto, Trouble
from hub.notices import desk

READERS = (Permission.PUBLISH_EVENTS, Permission.PLACE_ORDERS, Permission.RECEIVE_GOODS)
"""Any of these follows reports up: a supplier's people, a retailer's buyers and its stores."""
_FROM_AN_ADDRESS = (5, timedelta(minutes=10))
_OF_A_LOT = (200, timedelta(days=1))

Part = Literal["all", "open", "closed"]


class TooManyReports(HubError):
    """Several reports came from your network just now. Wait ten minutes, then send this one."""

    code, status = "too-many-reports", 429


class TooManyOfLot(HubError):
    """Very many reports came about this lot today, so no more are taken in here. Tell the shop where you bought it."""

    code, status = "too-many-reports-of-lot", 429


class ReportSent(HubError):
    """This form was sent before. To report something else, send it once more."""

    code, status = "report-sent", 409


@dataclass(frozen=True)
class About:
    """The lot that a report is about, and the retailer that its code names, where the maker works with it."""

    lot_id: UUID
    maker: Organization
    retailer: Organization | None

    @property
    def parties(self) -> list[Organization]:
        """Who reads the report."""
        return [self.maker, *([self.retailer] if self.retailer else [])]


@dataclass(frozen=True)
class Said:
    """What a shopper says; ``photo`` is a file as it came, ``token`` the secret of the form and of the later link."""

    kind: Trouble
    words: str
    token: str = field(repr=False)
    contact: str = field(default="", repr=False)
    photo: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class File:
    """A report with all that its reader may see of it, what was written first coming first."""

    report: ProblemReport
    maker: Organization
    retailer: Organization | None
    follow_ups: Sequence[FollowUp]
    contact: str = field(default="", repr=False)
    photo: bool = False

    def party(self, owner: UUID) -> Organization:
        """Which of the two somebody wrote for."""
        return self.retailer if self.retailer is not None and owner == self.retailer.id else self.maker


def about(item: TradeItem, lot: Lot, retailer_gln: str) -> About:
    """Who a report of this lot goes to. A retailer that the maker does not work with is not told: anybody could put
    its number into an address."""
    with _of(item.owner_id, "shopper") as session:
        maker = session.get_one(Organization, item.owner_id)
        named = select(Organization).where(
            col(Organization.gln) == retailer_gln, col(Organization.kind) == OrganizationKind.RETAILER
        )
        return About(lot.id, maker, session.exec(named).first() if retailer_gln else None)


def hand_in(to: About, said: Said, address: str) -> None:
    """Take a report in, once however often its form is sent, and tell both parties.

    ``address`` is where it comes from: kept as a mark that cannot be guessed back, for a day, and counted.
    """
    if _known(to, said):
        return
    moment = now()
    attempts.count_sent(
        [
            Limit(mark("report", "address", address), *_FROM_AN_ADDRESS, TooManyReports),
            Limit(mark("report", "lot", to.lot_id), *_OF_A_LOT, TooManyOfLot),
        ],
        moment,
    )
    photo = _made_anew(said.photo)
    with _of(to.maker.id, "shopper") as session:
        db.in_turn(session, f"report/{access.hash_token(said.token).hex()}")
        if _of_token(session, said) is None:
            _keep(session, to, said, photo)


def _keep(session: Session, to: About, said: Said, photo: bytes) -> None:
    lot = session.get_one(Lot, to.lot_id)
    item = session.get_one(TradeItem, lot.trade_item_id)
    retailer_id = to.retailer.id if to.retailer else None
    report = ProblemReport(
        owner_id=lot.owner_id,
        lot_id=lot.id,
        retailer_id=retailer_id,
        number=str(10**9 + secrets.randbelow(9 * 10**9)),
        gtin=item.gtin,
        lot_number=lot.number,
        item_zh=item.name_zh,
        item_en=item.name_en,
        kind=said.kind,
        words=said.words,
        has_photo=bool(photo),
        token_hash=access.hash_token(said.token),
    )
    session.add(report)
    session.flush()
    shared: dict[str, Any] = {"owner_id": lot.owner_id, "report_id": report.id, "retailer_id": retailer_id}
    if said.contact:
        row = ReportContact(**shared, contact="")
        row.contact = keys.seal(said.contact.encode(), _cell(row))
        session.add(row)
    if photo:
        session.add(ReportPhoto(**shared, content=photo))
    session.add(AuditEntry(owner_id=lot.owner_id, action="report.receive", subject=report.number, detail={}))
    sentence = N_("A shopper reports a problem with %(item)s, lot %(lot)s: report %(number)s.")
    for party in to.parties:
        _tell(session, party, report, (f"{report.id}", sentence, {}))


def _made_anew(photo: bytes) -> bytes:
    if not photo:
        return b""
    try:
        return pictures.picture(photo).content
    except HubError as refusal:
        refusal.at = "photo"
        raise


def _known(to: About, said: Said) -> bool:
    """Whether this form was sent before; refused where it said something else then."""
    with _of(to.maker.id, "shopper") as session:
        known = _of_token(session, said)
    if known is not None and (known.lot_id, known.kind, known.words) != (to.lot_id, said.kind, said.words):
        raise ReportSent
    return known is not None


def _of_token(session: Session, said: Said) -> ProblemReport | None:
    hashed = access.hash_token(said.token)
    return session.exec(select(ProblemReport).where(col(ProblemReport.token_hash) == hashed)).first()


def by_token(token: str) -> File:
    """The report of a shopper's link: what was said and answered, and neither contact nor notes."""
    with db.app_engine().begin() as connection:
        found = connection.execute(text("select * from find_report(:t)"), {"t": access.hash_token(token)}).first()
    if found is None:
        raise NotFound
    with _of(found.owner_id, "link") as session:
        report = session.get_one(ProblemReport, found.report_id)
        written = [row for row in _follow_ups(session, report) if row.answers]
        return File(report, *_parties(session, report), written)


def reports(session: Session, actor: Actor, search: Search, part: Part) -> CountedPage[ProblemReport]:
    """The reports of one's lots, or of what one sold, open ones first, then the newest."""
    asked = _mine(actor) & sought.mentions(search.words, col(ProblemReport.sought)) & _in(part)
    total = session.exec(select(func.count()).select_from(ProblemReport).where(asked)).one()
    order = (col(ProblemReport.closed_at).is_not(None), col(ProblemReport.id).desc())
    rows = select(ProblemReport).where(asked).order_by(*order).offset(search.before).limit(search.size)
    return CountedPage(session.exec(rows).all(), total, search)


def counts(session: Session, actor: Actor) -> dict[Part, int]:
    """How many reports are in each part of the list."""
    is_open = col(ProblemReport.closed_at).is_(None)
    told = select(is_open, func.count()).where(_mine(actor)).group_by(is_open)
    found = {bool(opened): count for opened, count in session.exec(told)}
    opened, closed = found.get(True, 0), found.get(False, 0)
    return {"all": opened + closed, "open": opened, "closed": closed}


def find(session: Session, actor: Actor, report_id: UUID) -> ProblemReport:
    """A report of one's own, as its maker or its retailer."""
    found = select(ProblemReport).where(_mine(actor), col(ProblemReport.id) == report_id)
    report = session.exec(found).first()
    if report is None:
        raise NotFound
    return report


def read(session: Session, report: ProblemReport) -> File:
    """A report with its contact, and all that both parties wrote."""
    contact = session.exec(_beside(ReportContact, report)).first()
    photo = select(ReportPhoto.id).where(col(ReportPhoto.report_id) == report.id)
    return File(
        report,
        *_parties(session, report),
        _follow_ups(session, report),
        contact=keys.unseal(contact.contact, _cell(contact)).decode() if contact else "",
        photo=session.exec(photo).first() is not None,
    )


def photo_of(session: Session, report: ProblemReport) -> bytes:
    """The photo of a report."""
    row = session.exec(_beside(ReportPhoto, report)).first()
    if row is None:
        raise NotFound
    content: bytes = row.content
    return content


def follow_up(
    session: Session, actor: Actor, report: ProblemReport, words: str, *, answers: bool, closes: bool
) -> FollowUp:
    """Write about a report in one's own name, and tell the other party.

    A note is read by both parties, an answer by the shopper too. Closed is closed; both may go on writing.
    """
    if not set(READERS) & actor.permissions or actor.organization_id not in (report.owner_id, report.retailer_id):
        raise NotAllowed
    closing = closes and report.closed_at is None
    row = FollowUp(
        owner_id=actor.organization_id,
        report_id=report.id,
        maker_id=report.owner_id,
        retailer_id=report.retailer_id,
        writer=actor.name,
        words=words,
        answers=answers,
        closes=closing,
    )
    session.add(row)
    access.record(session, actor, "report.answer" if answers else "report.note", report.number)
    if closing:
        access.record(session, actor, "report.close", report.number)
        _close(session, report)
    desk.over(session, *(f"{kind}/{report.id}" for kind in ("report", "report.buyer", "report.store")))
    sentence = (
        N_("%(who)s closed the report %(number)s about %(item)s, lot %(lot)s.")
        if closing
        else N_("%(who)s wrote on the report %(number)s about %(item)s, lot %(lot)s.")
    )
    who = desk.names(session.get_one(Organization, actor.organization_id))
    for party in _parties(session, report):
        if party is not None and party.id != actor.organization_id:
            _tell(session, party, report, (f"{row.id}", sentence, {"who": who}))
    return row


def _close(session: Session, report: ProblemReport) -> None:
    """Close a report, whichever party does: its rows are the maker's, and what is kept of the shopper has its term."""
    moment = now()
    kept = [session.exec(_beside(model, report)).first() for model in (ReportContact, ReportPhoto)]
    with db.on_behalf(session, report.owner_id):
        for row in (report, *kept):
            if row is not None:
                row.closed_at = moment


def _tell(session: Session, party: Organization, report: ProblemReport, what: tuple[str, str, dict[str, Any]]) -> None:
    key, sentence, more = what
    kinds = ("report",) if party.id == report.owner_id else ("report.buyer", "report.store")
    said = {
        "item": {"zh": report.item_zh, "en": report.item_en},
        "lot": report.lot_number,
        "number": printed(report.number),
        **more,
    }
    for kind in kinds:
        desk.tell(session, party.id, NoticeGiven(kind, f"{kind}/{key}", sentence, said, f"/problems/{report.id}"))


def printed(number: str) -> str:
    """A report's number as it is read out: ``4821 739 054``."""
    return f"{number[:4]} {number[4:7]} {number[7:]}"


def _of(owner: UUID, via: str) -> Any:
    return db.session(db.Who(owner, None, via))


def _mine(actor: Actor) -> Any:
    return or_(
        col(ProblemReport.owner_id) == actor.organization_id, col(ProblemReport.retailer_id) == actor.organization_id
    )


def _in(part: Part) -> Any:
    closed = col(ProblemReport.closed_at)
    parts = {"open": closed.is_(None), "closed": closed.is_not(None)}
    return parts.get(part, text("true"))


def _beside(model: Any, report: ProblemReport) -> Any:
    return select(model).where(col(model.owner_id) == report.owner_id, col(model.report_id) == report.id)


def _parties(session: Session, report: ProblemReport) -> tuple[Organization, Organization | None]:
    """Maker and retailer, as whichever of them reads it sees them."""
    maker = session.get(Organization, report.owner_id) or _published(report.owner_id)
    if report.retailer_id is None:
        return maker, None
    return maker, session.get(Organization, report.retailer_id) or _published(report.retailer_id)


def _published(party: UUID) -> Organization:
    """A party that one works with no longer, as everybody sees it."""
    with db.public_session() as session:
        return session.exec(select(Organization).where(col(Organization.id) == party)).one()


def _follow_ups(session: Session, report: ProblemReport) -> Sequence[FollowUp]:
    written = select(FollowUp).where(col(FollowUp.report_id) == report.id, col(FollowUp.maker_id) == report.owner_id)
    return session.exec(written.order_by(col(FollowUp.id))).all()


def _cell(row: ReportContact) -> Cell:
    return Cell(row.owner_id, "report_contact", "contact", row.id)
