"""What a shopper sees behind the QR code: the lot's journey, what was tested, and whether anybody altered it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlmodel import Session, col, or_, select

from hub.errors import HubError, NotFound
from hub.gs1 import digital_link, reading
from hub.ledger import anchoring, journal, verification
from hub.ledger.checks import Check, Outcome
from hub.ledger.notices import commitment
from hub.ledger.verification import Verdict
from hub.models.base import now
from hub.models.catalogue import Certificate, Lot, RecallNotice, TradeItem
from hub.models.party import Organization
from hub.settings import settings
from hub.trace import journey, labels, listings, recall, records
from hub.trace.journey import Journey, Step
from hub.trace.listings import Listing
from hub.web.deps import PUBLIC, PublicSession
from hub.web.drawing import Leg, Point
from hub.web.i18n import N_
from hub.web.problems import is_program, problems
from hub.web.routing import Router
from hub.web.security import Guesses
from hub.web.templating import language_of, page
from hub.web.words import GROWN, MEASURES, STEPS


def _no_guessing(request: Request) -> Iterator[None]:
    """Stops whoever counts through lot numbers; a page that is there costs nobody anything."""
    guesses: Guesses = request.app.state.guesses
    guesses.refuse(request)
    try:
        yield
    except NotFound:
        guesses.missed(request)
        raise


router = Router(include_in_schema=False, dependencies=[Depends(_no_guessing)])

_TESTS = {
    "GB 2763": N_("Pesticide residues"), "GB 31650": N_("Veterinary drug residues"), "GB 2761": N_("Mycotoxins"),
}  # fmt: skip


def step_name(step: Step, category: str) -> str:
    """What a step is called for an item of this category."""
    if step.kind == "commissioning" and category not in GROWN:
        return N_("Made")
    if step.kind == "sensor_reporting" and alarming(step):
        return N_("Temperature out of range")
    return STEPS.get(step.kind, step.kind)


def alarming(step: Step) -> bool:
    """Whether a measurement says itself that it is outside its limits: by an alarm, or by the limits beside it."""
    for element in reading.listed(step.event.get("sensorElementList")):
        for report in reading.listed(reading.member(element, "sensorReport")):
            if reading.text(report, "exception"):
                return True
            value = reading.number(reading.member(report, "value"))
            lowest = reading.number(reading.member(report, "furrow:lowest"))
            highest = reading.number(reading.member(report, "furrow:highest"))
            if value is not None and (
                (lowest is not None and value < lowest) or (highest is not None and value > highest)
            ):
                return True
    return False


def test_name(tests: Sequence[Any]) -> str:
    """What the newest test looked for, by the standard it names."""
    standard = str(tests[0].get("furrow:standard", "")) if tests else ""
    return next((name for begins, name in _TESTS.items() if standard.startswith(begins)), N_("Laboratory test"))


WORDS = {
    Outcome.VALID: N_("Pass"), Outcome.HUB_ATTESTED: N_("Hub's word"), Outcome.WITHHELD: N_("Not shown"),
    Outcome.PENDING: N_("Waiting"), Outcome.ALTERED: N_("Altered"), Outcome.MISSING: N_("Missing"),
    Outcome.NOT_SIGNED: N_("Not signed"), Outcome.DISPUTED: N_("Disputed"), Outcome.ERASED: N_("Erased"),
    Outcome.STALE: N_("Out of date"), Outcome.NO_WORD: N_("No word of it"),
}  # fmt: skip
_TONES = {
    Outcome.VALID: "pass", Outcome.HUB_ATTESTED: "warn", Outcome.WITHHELD: "unknown", Outcome.PENDING: "unknown",
    Outcome.NO_WORD: "unknown", Outcome.STALE: "warn", Outcome.ERASED: "warn", Outcome.DISPUTED: "warn",
}  # fmt: skip
_ORDER = ("V3", "V5", "V4", "V6", "V7", "V11", "V1")


class UnknownLot(NotFound):
    """This item has no lot of this number. Compare it with the one printed on the pack."""

    code = "unknown-lot"


class SeveralMakers(HubError):
    """Several makers have a lot of this number under this article number. Name one by its GLN, as `417`."""

    code, status = "several-makers", 409


Retailer = Annotated[str, Query(alias="r", max_length=13)]
Maker = Annotated[str, Query(alias="417", max_length=13)]
"""GS1's own attribute for a party: whose lot it is, where several makers list the article number."""


@dataclass(frozen=True)
class Called:
    """A recall that is open by what the hub shows or by what stands on the chain.

    It has no reasons where its notice is gone.
    """

    at: datetime
    issuer: Organization | None
    member: int
    reason_zh: str = ""
    reason_en: str = ""


@dataclass
class Product:
    """A lot and everything its page shows."""

    item: TradeItem
    lot: Lot
    maker: Organization
    link: str
    journey: Journey
    verdict: Verdict
    over: list[RecallNotice]
    certificates: list[Certificate]
    retailer: Organization | None
    recalled: Called | None = None
    listing: Listing | None = None
    others: Sequence[Listing] = ()


def tone(check: Check) -> str:
    """How a check is shown: pass, fail, warn or unknown."""
    return _TONES.get(check.outcome, "fail")


def worst_of_each(checks: list[Check]) -> list[Check]:
    """One line a kind of check: the worst finding speaks."""
    rank = {"fail": 0, "unknown": 1, "warn": 2, "pass": 3}
    found = []
    for code in _ORDER:
        those = [check for check in checks if check.code == code]
        if those:
            found.append(min(those, key=lambda check: rank[tone(check)]))
    return found


@router.get("/product/{gtin}", dependencies=[PUBLIC], responses=problems(NotFound, digital_link.BadKey))
def show_item(
    gtin: str,
    request: Request,
    session: PublicSession,
    lot: Annotated[str, Query(max_length=40)] = "",
    r: Retailer = "",
    maker: Maker = "",
) -> Response:
    """The shopper's page of an item whose code names no lot: what it is, who makes it, and a field for the lot."""
    items = _items(session, gtin)
    if lot.strip():
        where = f"/product/{items[0].gtin}/{quote(lot.strip(), safe='')}"
        return RedirectResponse(where + labels.query(r, maker), 303)
    return _item_page(request, session, items, r=r)


def _items(session: Session, gtin: str) -> Sequence[TradeItem]:
    """What is listed under an article number."""
    found = session.exec(select(TradeItem).where(col(TradeItem.gtin) == digital_link.gtin(gtin))).all()
    if not found:
        raise NotFound("No supplier here makes an item of this number. Is it the code on the pack?")
    return found


def _item_page(
    request: Request,
    session: Session,
    items: Sequence[TradeItem],
    *,
    r: str,
    wrong_lot: str = "",
    lot: str = "",
) -> HTMLResponse:
    """The item's page: of a lot that it has not, or of one that several makers have.

    Where no lot asks for it, the maker comes first to whom the number seems to belong.
    """
    listed = listings.of(session, items[0].gtin)
    if not lot:
        place = {one.maker_id: place for place, one in enumerate(listed)}
        items = sorted(items, key=lambda item: place.get(item.owner_id, len(place)))
    order = {item.owner_id: place for place, item in enumerate(items)}
    makers = sorted(
        session.exec(select(Organization).where(col(Organization.id).in_(order))).all(),
        key=lambda one: order[one.id],
    )
    papers = session.exec(
        select(Certificate)
        .where(col(Certificate.owner_id).in_([maker.id for maker in makers]), col(Certificate.lot_id).is_(None))
        .order_by(col(Certificate.valid_from).desc())
    ).all()
    return page(
        request,
        "product/item.html",
        status=404 if wrong_lot else 200,
        item=items[0],
        at=now(),
        r=r,
        wrong_lot=wrong_lot,
        lot=lot,
        choices=[
            (maker, f"/product/{items[0].gtin}/{quote(lot, safe='')}{labels.query(r, maker.gln)}") for maker in makers
        ]
        if lot
        else [],
        disputes={one.maker_id: one.disputes for one in listed},
        makers=[(maker, [paper for paper in papers if paper.owner_id == maker.id]) for maker in makers],
    )


@router.get("/product/{gtin}/{lot:path}/evidence.json", dependencies=[PUBLIC])
def evidence(gtin: str, lot: str, session: PublicSession, r: Retailer = "", maker: Maker = "") -> JSONResponse:
    """What the browser recomputes by itself: payloads, salts and the paths to the root."""
    return _evidence(_product(session, gtin, lot, r, maker).verdict)


@router.get("/product/{gtin}/{lot:path}/qr.{kind}", dependencies=[PUBLIC])
def qr(gtin: str, lot: str, kind: str, session: PublicSession, r: Retailer = "", maker: Maker = "") -> Response:
    """The lot's QR code as png or svg."""
    item, found = _find(session, gtin, lot, maker)
    link = labels.lot_link(item, found, r, maker)
    if kind == "png":
        return Response(labels.png(link), media_type="image/png")
    if kind == "svg":
        return Response(labels.svg(link), media_type="image/svg+xml")
    raise NotFound


@router.get("/product/{gtin}/{lot:path}", dependencies=[PUBLIC], responses=problems(NotFound))
def show(
    gtin: str,
    lot: str,
    request: Request,
    session: PublicSession,
    r: Retailer = "",
    maker: Maker = "",
) -> HTMLResponse:
    """The shopper's page of one lot."""
    try:
        product = _product(session, gtin, lot, r, maker)
    except SeveralMakers:
        if is_program(request):
            raise
        return _item_page(request, session, [item for item, _ in _lots(session, gtin, lot)], r=r, lot=lot)
    except UnknownLot:
        if is_program(request):
            raise
        request.app.state.guesses.missed(request)
        return _item_page(request, session, _items(session, gtin), r=r, wrong_lot=lot)
    speaks = language_of(request)
    points, legs = _map(product.journey, speaks)
    number = quote(product.lot.number, safe="")
    return page(
        request,
        "product/lot.html",
        p=product,
        step_name=step_name,
        alarming=alarming,
        test_name=test_name,
        measures=MEASURES,
        words=WORDS,
        tone=tone,
        shown=worst_of_each(product.verdict.checks),
        points=points,
        legs=legs,
        sealers=settings().sealers,
        finality=settings().finality,
        growing=records.GROWING,
        at=now(),
        disputers=_disputers(session, product),
        evidence=f"/product/{product.item.gtin}/{number}/evidence.json{labels.query(r, maker)}",
    )


def _disputers(session: Session, product: Product) -> dict[UUID, Organization]:
    wanted = [one.owner_id for one in product.listing.disputes] if product.listing else []
    found = session.exec(select(Organization).where(col(Organization.id).in_(wanted)))
    return {one.id: one for one in found}


def _evidence(verdict: Verdict) -> JSONResponse:
    head = verdict.head
    told = {
        "logId": journal.planned().log_id.hex(),
        "block": verdict.block,
        "size": head.size if head else 0,
        "root": head.root.hex() if head else "",
        "records": [_shown(one) for one in verdict.evidence if one.inclusion],
    }
    return JSONResponse(told)


def _shown(one: verification.Evidence) -> dict[str, Any]:
    """A record as a stranger may have it: whoever adds up figures from the street learns what a farm brings in.

    A record that says how much is given as its bare commitment, since with its salt the figure could be guessed;
    what is withheld is named. That it stands in the ledger is proved all the same.
    """
    assert one.inclusion is not None  # its caller's own condition
    place = {
        "member": one.record.member,
        "seq": one.record.seq,
        "commitment": one.record.commitment.hex(),
        "previous": one.previous.hex(),
        "leaf": one.leaf.hex(),
        "index": one.inclusion.index,
        "proof": [node.hex() for node in one.inclusion.proof],
    }
    event = reading.event_of(one.record.payload or b"")
    if event is not None and any(q.amount is not None for q in reading.quantities(event)):
        return place | {"withheld": ["quantity"]}
    return place | {
        "payload": (one.record.payload or b"").decode("utf-8", "replace"),
        "salt": (one.record.salt or b"").hex(),
    }


def _lots(session: Session, gtin: str, number: str, maker: str = "") -> list[tuple[TradeItem, Lot]]:
    """The lots of one number under one article number: one of each of its makers, or that of the one named by GLN."""
    wanted = (
        select(TradeItem, Lot)
        .join(Lot, col(Lot.trade_item_id) == col(TradeItem.id))
        .where(col(TradeItem.gtin) == digital_link.gtin(gtin), col(Lot.number) == number)
    )
    if maker:
        named = select(Organization.id).where(col(Organization.gln) == maker)
        wanted = wanted.where(col(TradeItem.owner_id).in_(named))
    return list(session.exec(wanted.order_by(col(Lot.id))))


def _find(session: Session, gtin: str, number: str, maker: str) -> tuple[TradeItem, Lot]:
    found = _lots(session, gtin, number, maker)
    if not found:
        _items(session, gtin)
        raise UnknownLot
    chosen = listings.choose(session, found)
    if chosen is None:
        makers = select(Organization.gln).where(col(Organization.id).in_([item.owner_id for item, _ in found]))
        raise SeveralMakers(makers=sorted(session.exec(makers)))
    return chosen


def _product(session: Session, gtin: str, number: str, retailer_gln: str, maker_gln: str) -> Product:
    item, lot = _find(session, gtin, number, maker_gln)
    link = digital_link.lot_link(item.gtin, lot.number)
    events = verification.events_of(session, link, lot)
    found = journey.of(session, link, retailer=retailer_gln, events=events)
    shown = {step.row.id for step in found.steps}
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
    verdict = verification.verify_lot(session, lot, link, judged)
    called = _called(session, verdict, notices)
    # Of a recall that is over the chain keeps that it is over.
    # Why it was made can be proved no longer, so it is not said.
    over = [n for n in notices if n.closed_at is not None and (called is None or n.opened_at != called.at)]
    listed = listings.of(session, item.gtin)
    own = next((one for one in listed if one.maker_id == maker.id), None)
    others = [one for one in listed if one.maker_id != maker.id]
    return Product(item, lot, maker, link, found, verdict, over, list(papers), retailer, called, own, others)


def _called(session: Session, verdict: Verdict, notices: Sequence[RecallNotice]) -> Called | None:
    """The recall that is open now. What stands on the chain is open, whatever became of the hub's row of it."""
    if not notices and not verdict.recalled:
        return None
    members = verification.members_of(session)
    said = {recall_.notice: recall_ for recall_ in verdict.recalled}
    for notice in notices:
        issuer = next((one for one in members.values() if one.id == notice.owner_id), None)
        number = issuer.member if issuer and issuer.member else 0
        on_chain = commitment(notice) in said
        if on_chain or (notice.closed_at is None and number not in {one.issuer for one in said.values()}):
            return Called(notice.opened_at, issuer, number, notice.reason_zh, notice.reason_en)
    for one in verdict.recalled:
        at = datetime.fromtimestamp(anchoring.ledger().block(one.block).time, UTC)
        return Called(at, members.get(one.issuer), one.issuer)
    return None


def _map(found: Journey, speaks: Any) -> tuple[list[Point], list[Leg]]:
    """The places a lot was at, each once, and the way between them."""
    places: list[Any] = []
    for step in found.path:
        for place in (step.place, step.to):
            if place is not None and (not places or places[-1].id != place.id):
                places.append(place)
    unique = {place.id: place for place in places}
    points = [
        Point(p.latitude, p.longitude, speaks.name(p), "done" if p is places[-1] else "stop") for p in unique.values()
    ]
    legs = [Leg([(p.latitude, p.longitude) for p in places])] if len(places) > 1 else []
    return points, legs
