"""A small market for the portal's pages: a grower with orders in every state, lots and records, and its buyer."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from playwright.sync_api import Page
from sqlmodel import col, select

from hub import access, db, documents, parties, pictures
from hub.demo import builder
from hub.models.base import now
from hub.models.catalogue import Lot
from hub.models.inventory import Drift, LotStock, StockLevel
from hub.models.party import PlaceKind, Role
from hub.models.supply import SupplyTerms
from hub.models.trade import AnswerKind, PurchaseOrder
from hub.parties import CertificateDetails
from hub.trace import capture, recall
from supplier_portal.dispatch import dispatch_advice
from supplier_portal.dispatch.dispatch_advice import DispatchAdvice, Packed
from supplier_portal.forecast import levels, making, replenishment
from tests.hub import files
from tests.supplier_portal.conftest import Trade

PASSWORD = "a long enough sentence"
EMAILS = {Role.SUPPLIER: "li@qinghe.example", Role.BUYER: "wang@hejia.example"}


@dataclass
class Market(Trade):
    """The trade as it is now, with people who sign in."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at = now()
        self.deliver_on = (self.at.astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=2)).date()
        self.field = builder.place(self.farm, PlaceKind.FARM, "Field 8")
        for party in (self.chain, self.farm, self.haulier):
            builder.member(party)
        builder.person(self.farm, Role.SUPPLIER, PASSWORD, EMAILS[Role.SUPPLIER])
        builder.person(self.chain, Role.BUYER, PASSWORD, EMAILS[Role.BUYER])

    def harvested(self, number: str = "T-88", quantity: int = 500) -> Lot:
        """A lot of tomatoes, planted, sprayed, grown, harvested, tested and packed."""
        yesterday = self.at - timedelta(days=1)
        harvest = builder.Harvest(self.field, self.packhouse, yesterday, quantity, measured=True)
        return builder.lot(self.tomato, number, harvest)

    def shipped(self) -> PurchaseOrder:
        """An order that was confirmed and is on its way."""
        order = self.ordered(tomato="40")
        self.answer(order, after=timedelta(0))
        with db.session(self.grower.who) as session:
            lot = session.exec(select(Lot).where(col(Lot.trade_item_id) == self.tomato.id)).first()
            held = session.get_one(PurchaseOrder, order.id)
            packed = [Packed(line=self.lines(order)["tomato"], lot=lot.id, quantity=Decimal(40))]
            advice = DispatchAdvice(packed, self.packhouse)
            dispatch_advice.announce_shipment(session, self.grower, held, advice, at=self.at)
        return order

    def busy(self) -> "Market":
        """Orders in every state, forecasts, shortages."""
        self.harvested()
        self.ordered()
        late = self.ordered(tomato="80")
        self.age(late, timedelta(hours=10))
        self.answer(self.ordered(), after=timedelta(0), tomato=(AnswerKind.LESS, 90))
        self.answer(self.ordered(), after=timedelta(0), tomato=(AnswerKind.DECLINED,), eggs=(AnswerKind.DECLINED,))
        self.shipped()
        self.expected()
        self.troubled()
        self.certified()
        return self

    def certified(self) -> None:
        """Terms of the grower's, and papers that are valid, that end soon, and that have ended."""
        with db.session(self.grower.who) as session:
            session.add(SupplyTerms(owner_id=self.farm.id, lead_days=1, weekdays="1 3 5", minimum=Decimal(200)))
            scan = documents.keep(session, files.PDF, pictures.paper).sha256
            for number, days, file in (("GAP-1", 300, scan), ("GF-2", 12, ""), ("GF-1", -3, scan)):
                dates = {"valid_from": date(2024, 1, 1), "valid_to": self.at.date() + timedelta(days=days)}
                names = {
                    "name_zh": "良好农业规范（GAP）",
                    "name_en": "Good Agricultural Practice",
                    "issuer": "中检集团",
                }
                parties.certify(session, CertificateDetails("gap", number=number, file_sha256=file, **names, **dates))

    def troubled(self) -> None:
        """A lot recalled after it was sold, goods about to end, a difference between hub and core."""
        lot, tomorrow = self.harvested("T-70"), (self.at + timedelta(days=1)).date()
        with db.session(self.grower.who) as session:
            held = session.get_one(Lot, lot.id)
            capture.grant(session, held, self.tomato, self.chain.id)
            recall.open_recall(
                session,
                self.grower,
                held,
                recall.Grounds(2, "农药残留超标", "Residue above the limit"),
                at=self.at,
            )
        where = {"owner_id": self.chain.id, "place_id": self.stores[0].id, "trade_item_id": self.tomato.id}
        with db.session(self.buyer.who) as session:
            session.add(LotStock(**where, lot="T-70", on_hand=Decimal(12), best_before=tomorrow))
            session.add(Drift(**where, lot="T-70", hub=Decimal(12), core=Decimal(10), found_at=self.at))

    def expected(self) -> None:
        """Half a year of sales, a forecast shared, a store that runs short."""
        today = self.chain.day(self.at)
        self.sold(through=today)
        self.stocked()
        with db.session(self.buyer.who) as session:
            short = select(StockLevel).where(
                col(StockLevel.place_id) == self.stores[1].id, col(StockLevel.trade_item_id) == self.tomato.id
            )
            session.exec(short).one().on_hand = Decimal(3)
        with db.session(self.buyer.who) as session:
            making.make(session, at=self.at, through=today)  # so that each week of it lies ahead
        with db.session(self.buyer.who) as session:
            levels.set_levels(session, at=self.at)
            replenishment.propose(session, at=self.at)

    def age(self, order: PurchaseOrder, by: timedelta) -> None:
        """Let an order have been placed that much earlier."""
        with db.session(self.buyer.who) as session:
            held = session.get_one(PurchaseOrder, order.id)
            held.placed_at, held.respond_by = held.placed_at - by, held.respond_by - by
            session.add(held)


def enter(page: Page, role: Role, path: str) -> None:
    """Be signed in, and open a page."""
    page.goto("/sign-in")
    token = access.sign_in(EMAILS[role], PASSWORD, "127.0.0.1")
    page.context.add_cookies([{"name": "furrow", "value": token, "url": page.url, "httpOnly": True, "sameSite": "Lax"}])
    page.goto(path)
