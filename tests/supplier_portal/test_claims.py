"""What of a delivery differs is claimed at once, answered by its supplier and settled by both, however they hurry."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from hub import db, outbox, pictures, prices
from hub.access import Permission
from hub.demo import builder
from hub.errors import NotAllowed, NotFound
from hub.listeners import LISTENERS
from hub.lists import Search
from hub.messages import ClaimReplied, GoodsReceived, NoticeGiven
from hub.models.claims import Claim, ClaimKind, ClaimOutcome, ClaimReply, ReceiptPhoto, ReplyKind
from hub.models.outbox import OutboxMessage
from hub.models.party import OrganizationKind, Role
from hub.models.trade import Shipment
from logistics.receive import contents, receiving
from logistics.receive.receiving import Counted, LineCount
from supplier_portal.claims import claim_book, claims, news, returns
from supplier_portal.claims.claim_book import ClaimState
from supplier_portal.claims.claims import ClaimNotOpen, OfferContradicts, ReasonMissing, Reply
from tests.hub import files
from tests.logistics.conftest import keys_of_the_hub, morning, region, seen_by

__all__ = ["keys_of_the_hub", "region"]
LATER = timedelta(hours=1)


def received(region, shipment, photos=None, **lines):
    """A store counts: ``tomato=(accepted, reason, concerned)``; what is not named is there in full. Claims open."""
    names = {region.tomato.id: "tomato", region.eggs.id: "eggs"}
    keeper = region.keeper()
    with db.session(keeper.who) as session:
        held = session.get_one(Shipment, shipment.id)
        counts, shown = [], {}
        for part in contents.announced(session, held):
            accepted, reason, concerned = lines.get(names[part.item.id], (part.line.quantity, "", 0))
            counts.append(
                LineCount(line=part.line.id, quantity=Decimal(accepted), reason=reason, concerned=Decimal(concerned))
            )
            if photos and names[part.item.id] in photos:
                shown[part.line.id] = pictures.picture(photos[names[part.item.id]])
        receiving.receive(session, keeper, held, Counted(lines=counts, note="See photo."), at=morning(7), photos=shown)
    outbox.relay({GoodsReceived: LISTENERS[GoodsReceived]})


def the_claim(region) -> Claim:
    """The only claim, as its buyer reads it."""
    (claim,) = seen_by(region.chain.id, Claim)
    return claim


def says(region, claim, kind, at=morning(8), **more):
    with db.session(region.grower.who) as session:
        held = session.get_one(Claim, claim.id)
        return claims.reply(session, region.grower, held, Reply(kind=kind, **more), at=at)


def closes(region, claim, how, *words, at=morning(9)):
    with db.session(region.buyer.who) as session:
        return how(session, region.buyer, session.get_one(Claim, claim.id), *words, at=at)


def state(region, claim) -> ClaimState:
    with db.session(region.buyer.who) as session:
        return claim_book.state_of(session, claim)


def told(kind) -> list[NoticeGiven]:
    with db.hub_session() as session:
        rows = session.execute(select(OutboxMessage).where(OutboxMessage.type == "NoticeGiven")).scalars()
        return [notice for row in rows if (notice := NoticeGiven.read(row.body)).kind == kind]


def test_each_line_that_differs_opens_one_claim_at_the_orders_price(region):
    shipment = region.shipped(tomato=120, eggs=60)
    received(region, shipment, tomato=("110", "damaged", 0), eggs=(60, "too-warm", 30))

    found = {claim.kind: claim for claim in seen_by(region.farm.id, Claim)}
    assert set(found) == {ClaimKind.DAMAGED, ClaimKind.WARM}
    damaged, warm = found[ClaimKind.DAMAGED], found[ClaimKind.WARM]
    assert (damaged.quantity, damaged.announced, damaged.counted) == (10, 120, 110)
    assert damaged.value == prices.cents(10 * damaged.price) > 0 and warm.quantity == 30
    assert (damaged.lot_number, damaged.note, damaged.due_at) == ("T-88", "See photo.", morning(7) + claims.patience())
    assert damaged.number != warm.number and len(told("claim.opened")) == 2


def test_what_is_in_order_opens_none_and_a_message_heard_twice_opens_one(region):
    received(region, region.shipped(eggs=60))
    assert seen_by(region.chain.id, Claim) == []
    shipment = region.shipped(tomato=120)
    received(region, shipment, tomato=("118", "someone sat on it", 0))
    with db.hub_session() as session:
        rows = session.execute(select(OutboxMessage).where(OutboxMessage.type == "GoodsReceived")).scalars()
        messages = [GoodsReceived.read(row.body) for row in rows]
    for message in messages:
        with db.session(db.Who(region.chain.id)) as session:
            claims.goods_received(session, message)
    claim = the_claim(region)
    assert (claim.kind, claim.words) == (ClaimKind.OTHER, "someone sat on it")


def test_a_message_from_before_claims_is_heard_without_opening_any(region):
    received(region, region.shipped(tomato=120))
    with db.hub_session() as session:
        row = session.execute(select(OutboxMessage).where(OutboxMessage.type == "GoodsReceived")).scalars().one()
        body = {name: value for name, value in row.body.items() if name not in ("readings", "note")}
    for line in body["lines"]:
        del line["announced"], line["concerned"], line["reason"]
    with db.session(db.Who(region.chain.id)) as session:
        claims.goods_received(session, GoodsReceived.read(body))
    assert seen_by(region.chain.id, Claim) == []


def test_what_came_beyond_the_announced_is_claimed_and_costs_nothing(region):
    received(region, region.shipped(tomato=120), tomato=(120, "too-much", 12))
    claim = the_claim(region)
    assert (claim.kind, claim.quantity, claim.value) == (ClaimKind.OVER, 12, 0)
    with pytest.raises(OfferContradicts):
        says(region, claim, ReplyKind.SHARED, credit=Decimal(1))


def test_an_accepted_claim_is_credited_in_full_and_closed_on_the_buyers_side_too(region):
    received(region, region.shipped(tomato=120), tomato=("110", "missing", 0))
    claim = the_claim(region)
    first = says(region, claim, ReplyKind.ACCEPTED)
    assert state(region, claim) is ClaimState.ACCEPTED
    assert says(region, claim, ReplyKind.ACCEPTED, at=morning(9)).id == first.id  # the same click again
    outbox.relay({ClaimReplied: LISTENERS[ClaimReplied]})
    closed = the_claim(region)
    assert (closed.outcome, closed.credit, closed.closed_at) == (ClaimOutcome.ACCEPTED, closed.value, morning(8))
    with pytest.raises(ClaimNotOpen):
        closes(region, claim, claims.withdraw)


@pytest.mark.parametrize("offer", [{"quantity": Decimal(4)}, {"credit": Decimal("7.5")}])
def test_a_share_is_offered_in_goods_or_in_money_and_taken_once(region, offer):
    received(region, region.shipped(tomato=120), tomato=("110", "damaged", 0))
    claim = the_claim(region)
    given = says(region, claim, ReplyKind.SHARED, **offer)
    assert given.credit == offer.get("credit", prices.cents(4 * claim.price))
    assert state(region, claim) is ClaimState.TO_CLOSE
    closes(region, claim, claims.take)
    taken = closes(region, claim, claims.take, at=morning(10))
    assert (taken.outcome, taken.credit, taken.closed_at) == (ClaimOutcome.SHARED, given.credit, morning(9))
    assert len(told("claim.settled")) == 1


@pytest.mark.parametrize(
    ("offer", "at"),
    [
        ({}, "credit"), ({"quantity": Decimal(10)}, "quantity"), ({"quantity": Decimal(0)}, "quantity"),
        ({"credit": Decimal(0)}, "credit"), ({"credit": Decimal("99999")}, "credit"),
        ({"credit": Decimal(1), "quantity": Decimal(1)}, "credit"),
    ],
)  # fmt: skip
def test_an_offer_is_more_than_nothing_and_less_than_all(region, offer, at):
    received(region, region.shipped(tomato=120), tomato=("110", "damaged", 0))
    with pytest.raises(OfferContradicts) as refused:
        says(region, the_claim(region), ReplyKind.SHARED, **offer)
    assert refused.value.at == at


def test_a_refusal_says_why_and_the_buyer_insists_once(region):
    received(region, region.shipped(tomato=120), tomato=("110", "damaged", 0))
    claim = the_claim(region)
    with pytest.raises(ReasonMissing):
        says(region, claim, ReplyKind.REFUSED, reason="  ")
    says(region, claim, ReplyKind.REFUSED, reason="They left whole.")
    with pytest.raises(ClaimNotOpen):
        closes(region, claim, claims.take)
    with pytest.raises(ReasonMissing):
        closes(region, claim, claims.insist, " ")
    insisted = closes(region, claim, claims.insist, "The photo shows it.")
    assert (insisted.round, insisted.due_at) == (2, morning(9) + claims.patience())
    assert closes(region, claim, claims.insist, "The photo shows it.", at=morning(10)).insisted_at == morning(9)
    assert state(region, claim) is ClaimState.TO_ANSWER and len(told("claim.escalated")) == 1
    says(region, claim, ReplyKind.REFUSED, at=morning(10), reason="We stay at it.")
    with pytest.raises(ClaimNotOpen):
        closes(region, claim, claims.insist, "Once more.", at=morning(11))
    closed = closes(region, claim, claims.withdraw, at=morning(11))
    assert (closed.outcome, closed.credit) == (ClaimOutcome.REFUSED, 0)
    assert len(seen_by(region.chain.id, ClaimReply)) == 2


def test_a_claim_is_taken_back_while_nobody_has_answered(region):
    received(region, region.shipped(tomato=120), tomato=("110", "missing", 0))
    claim = the_claim(region)
    assert closes(region, claim, claims.withdraw).outcome is ClaimOutcome.WITHDRAWN
    with pytest.raises(ClaimNotOpen):
        says(region, claim, ReplyKind.ACCEPTED, at=morning(10))
    assert closes(region, claim, claims.withdraw, at=morning(11)).closed_at == morning(9)


def test_of_an_acceptance_and_a_withdrawal_at_once_one_holds(region):
    for _ in range(4):
        received(region, region.shipped(tomato=120), tomato=("110", "missing", 0))
    for claim in seen_by(region.chain.id, Claim):
        outcomes, together = [], threading.Barrier(2)

        def tries(what, *given, outcomes=outcomes, together=together):
            together.wait()
            try:
                what(*given)
                outcomes.append(what.__name__)
            except ClaimNotOpen:
                outcomes.append("refused")

        threads = [
            threading.Thread(target=tries, args=(says, region, claim, ReplyKind.ACCEPTED)),
            threading.Thread(target=tries, args=(closes, region, claim, claims.withdraw)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(outcomes) == 2 and outcomes.count("refused") == 1, outcomes
        held = ClaimState.ACCEPTED if "says" in outcomes else ClaimState.WITHDRAWN
        assert state(region, claim) is held


def test_each_side_says_its_own_part_and_strangers_nothing(region):
    received(region, region.shipped(tomato=120), tomato=("110", "missing", 0))
    claim = the_claim(region)
    rival = builder.party(OrganizationKind.SUPPLIER, "Rival")
    other = builder.actor(rival, Role.SUPPLIER)
    with db.session(region.buyer.who) as session, pytest.raises(NotAllowed):
        claims.reply(session, region.buyer, session.get_one(Claim, claim.id), Reply(kind="accepted"), at=morning(8))
    with db.session(region.grower.who) as session, pytest.raises(NotAllowed):
        claims.withdraw(session, region.grower, session.get_one(Claim, claim.id), at=morning(8))
    with db.session(other.who) as session, pytest.raises(NotFound):
        claim_book.find(session, other, claim.id)
    assert seen_by(rival.id, Claim) == [] and Permission.ANSWER_ORDERS in other.permissions


def test_whoever_is_late_is_reminded_once_and_a_second_person_is_told(region):
    for party, role in ((region.chain, Role.BUYER), (region.farm, Role.SUPPLIER), (region.farm, Role.ADMINISTRATOR)):
        builder.person(party, role, "a long enough sentence", f"{role}@{party.gln}.example.org")
    received(region, region.shipped(tomato=120), tomato=("110", "missing", 0))
    claim, hear = the_claim(region), {NoticeGiven: LISTENERS[NoticeGiven]}
    assert news.remind(morning(8), claims.patience()) == 0
    for moment, kinds in (
        (claim.due_at - LATER, ["claim.due"]),
        (claim.due_at + LATER, ["claim.overdue", "claim.escalated"]),
    ):
        assert news.remind(moment, claims.patience()) == 1
        outbox.relay(hear)
        assert news.remind(moment, claims.patience()) == 0
        assert [len(told(kind)) for kind in kinds] == [1] * len(kinds)
    says(region, claim, ReplyKind.SHARED, at=claim.due_at + LATER, credit=Decimal(1))
    late = claim.due_at + LATER + claims.patience()
    assert news.remind(late, claims.patience()) == 1 and len(told("claim.waiting")) == 1


def test_the_lists_show_whose_turn_it_is_and_find_by_lot(region):
    received(region, region.shipped(tomato=120, eggs=60), tomato=("110", "missing", 0), eggs=(50, "damaged", 0))
    with db.session(region.grower.who) as session:
        page = claim_book.claims(session, region.grower, Search("T-88"), states={ClaimState.TO_ANSWER})
        assert [row.claim.lot_number for row in page.rows] == ["T-88"] and page.total == 1
        assert claim_book.counts(session, region.grower)[ClaimState.TO_ANSWER] == 2
    says(region, page.rows[0].claim, ReplyKind.REFUSED, reason="No.")
    with db.session(region.buyer.who) as session:
        waiting = claim_book.claims(session, region.buyer, states={ClaimState.TO_CLOSE})
        assert [row.claim.id for row in waiting.rows] == [page.rows[0].claim.id]
        assert len(claim_book.of_order(session, waiting.rows[0].claim.order_id)) == 2


def test_a_photo_is_seen_by_both_sides(region):
    shipment = region.shipped(tomato=120)
    received(region, shipment, {"tomato": files.jpeg()}, tomato=("110", "damaged", 0))
    (photo,) = seen_by(region.farm.id, ReceiptPhoto)
    assert photo.content.startswith(b"\xff\xd8\xff") and photo.owner_id == region.chain.id
    with db.session(region.grower.who) as session:
        claim = session.get_one(Claim, the_claim(region).id)
        assert claim_book.photo(session, claim) == photo.content


def test_goods_go_back_and_each_side_notes_its_half(region):
    received(region, region.shipped(tomato=120), tomato=("110", "damaged", 0))
    claim = the_claim(region)
    sent = returns.SentBack(quantity=Decimal(8), leaves_on=date(2026, 11, 26), words="With the empty crates")
    with pytest.raises(returns.ReturnContradicts):
        closes(region, claim, returns.announce, sent.model_copy(update={"quantity": Decimal(11)}))
    first = closes(region, claim, returns.announce, sent)
    assert closes(region, claim, returns.announce, sent, at=morning(10)).id == first.id
    with pytest.raises(returns.AlreadyReturned):
        closes(region, claim, returns.announce, sent.model_copy(update={"quantity": Decimal(7)}))
    with db.session(region.grower.who) as session:
        held = session.get_one(Claim, claim.id)
        with pytest.raises(returns.ReturnContradicts):
            returns.note(session, region.grower, held, returns.CameBack(quantity=Decimal(9)), at=morning(12))
        noted = returns.note(session, region.grower, held, returns.CameBack(quantity=Decimal(7)), at=morning(12))
        again = returns.note(session, region.grower, held, returns.CameBack(quantity=Decimal(7)), at=morning(13))
        assert noted.id == again.id
    assert len(told("claim.returned")) == 1


def test_what_never_came_cannot_go_back(region):
    received(region, region.shipped(tomato=120), tomato=("110", "missing", 0))
    sent = returns.SentBack(quantity=Decimal(8), leaves_on=date(2026, 11, 26))
    with pytest.raises(returns.NothingToReturn):
        closes(region, the_claim(region), returns.announce, sent)
