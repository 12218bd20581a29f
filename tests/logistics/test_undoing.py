"""A receipt may be undone until others are told; a delivery may come in parts."""

import threading
from decimal import Decimal

import pytest
from sqlmodel import select

from hub import db, outbox
from hub.errors import NotAllowed
from hub.listeners import LISTENERS
from hub.messages import GoodsReceived, HandoverDue, ReceiptFinal
from hub.models.base import now
from hub.models.claims import Claim, ReceiptPhoto
from hub.models.inventory import LotStock
from hub.models.outbox import OutboxMessage
from hub.models.party import Role
from hub.models.trade import PurchaseOrder, Shipment
from hub.pictures import picture
from hub.settings import settings
from logistics.models import EarlierReceipt, Receipt, ReceiptLine, ReceiptPart
from logistics.receive import contents, parts, receiving, undoing
from logistics.receive.receiving import AlreadyReceived, Counted, LineCount, MoreThanAnnounced
from logistics.receive.undoing import NothingToUndo, ToldAlready
from tests.hub import files
from tests.logistics.conftest import seal, seen_by
from tests.logistics.test_receiving import count, due_again, told
from tests.supermarket import signed_in


@pytest.fixture(autouse=True)
def ten_minutes(region, monkeypatch):
    """Receipts can be undone for ten minutes."""
    monkeypatch.setattr(settings(), "receipt_undo_minutes", 10)


def undo(region, shipment, actor=None):
    actor = actor or region.keeper()
    with db.session(actor.who) as session:
        return undoing.undo(session, actor, session.get_one(Shipment, shipment.id), at=now())


def finish(receipt):
    with db.session(db.Who(receipt.owner_id, via="task")) as session:
        undoing.finish(session, ReceiptFinal(receipt_id=receipt.id))


def test_until_it_is_final_nobody_is_told_of_a_receipt_and_then_everybody_once(region):
    shipment = region.shipped(tomato=120)
    receipt = count(region, shipment, at=now(), tomato=("110", "damaged"))
    outbox.relay(LISTENERS)
    assert told(GoodsReceived) == [] == told(HandoverDue)
    for party in (region.farm, region.haulier):
        assert seen_by(party.id, Receipt) == [] == seen_by(party.id, ReceiptLine)
    assert len(told(ReceiptFinal)) == 1

    due_again()
    for _ in range(3):
        outbox.relay(LISTENERS)
        finish(receipt)
    assert len(told(GoodsReceived)) == 1 == len(told(HandoverDue))
    assert len(seen_by(region.farm.id, Receipt)) == 1 == len(seen_by(region.farm.id, ReceiptLine))
    assert [stock.on_hand for stock in seen_by(region.chain.id, LotStock)] == [110]
    with pytest.raises(ToldAlready):
        undo(region, shipment)


def test_an_undone_receipt_is_kept_as_it_stood_and_the_next_count_is_the_only_one_that_is_told(region):
    shipment = region.shipped(tomato=120)
    first = count(region, shipment, at=now(), tomato=("10", "damaged"), more={"note": "Wrong pallet."})
    undo(region, shipment)
    (kept,) = seen_by(region.chain.id, EarlierReceipt)
    assert (kept.receipt_id, kept.note) == (first.id, "Wrong pallet.")
    assert [(line["quantity"], line["reason"]) for line in kept.lines] == [("10", "damaged")]
    assert seen_by(region.farm.id, EarlierReceipt) == [] == seen_by(region.chain.id, Receipt)
    with pytest.raises(NothingToUndo):
        undo(region, shipment)

    second = count(region, shipment, at=now(), tomato=("118", "missing"))
    due_again()
    for _ in range(2):
        outbox.relay(LISTENERS)
    seal()
    due_again()
    outbox.relay(LISTENERS)
    assert [message.receipt_id for message in told(GoodsReceived)] == [second.id]
    assert [stock.on_hand for stock in seen_by(region.chain.id, LotStock)] == [118]
    assert [claim.quantity for claim in seen_by(region.chain.id, Claim)] == [2]
    (order,) = seen_by(region.chain.id, PurchaseOrder)
    (receipt,) = seen_by(region.chain.id, Receipt)
    assert order.receipts == 1 and receipt.event_id is not None


def test_a_photo_of_an_undone_count_is_not_the_one_a_claim_shows(region):
    shipment, me = region.shipped(tomato=120), region.keeper()
    for quantity in ("10", "100"):
        with db.session(me.who) as session:
            held = session.get_one(Shipment, shipment.id)
            (line,) = contents.announced(session, held)
            counted = Counted(lines=[LineCount(line=line.line.id, quantity=Decimal(quantity), reason="damaged")])
            receipt = receiving.receive(
                session, me, held, counted, at=now(), photos={line.line.id: picture(files.jpeg())}
            )
        if quantity == "10":
            undo(region, shipment)
    finish(receipt)
    outbox.relay(LISTENERS)
    (claim,) = seen_by(region.chain.id, Claim)
    photos = seen_by(region.chain.id, ReceiptPhoto)
    assert len(photos) == 2 and [photo.receipt_id == claim.receipt_id for photo in photos].count(True) == 1


def test_undone_and_told_at_the_same_moment_one_of_the_two_wins(region):
    for _ in range(4):
        shipment = region.shipped(tomato=10)
        receipt = count(region, shipment, at=now())
        told_before, outcome = len(told(GoodsReceived)), []
        start = threading.Barrier(2)

        def undoes(shipment=shipment, outcome=outcome, start=start):
            start.wait()
            try:
                undo(region, shipment)
                outcome.append("undone")
            except ToldAlready:
                outcome.append("too late")

        def finishes(receipt=receipt, start=start):
            start.wait()
            finish(receipt)

        threads = [threading.Thread(target=undoes), threading.Thread(target=finishes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        new = len(told(GoodsReceived)) - told_before
        assert (outcome, new) in ((["undone"], 0), (["too late"], 1))


def test_another_store_another_house_and_another_role_undo_nothing(region):
    shipment = region.shipped(0)
    count(region, shipment, at=now())
    for actor in (region.keeper(1), region.buyer, region.driver, region.grower):
        with pytest.raises(NotAllowed):
            undo(region, shipment, actor)
    other = signed_in(region.farm, Role.SUPPLIER, "farm@example.org")
    for way in ("receipt/undo", "receipt/told", "parts", f"parts/{shipment.id}/back"):
        assert other.post(f"/store/deliveries/{shipment.sscc}/{way}").status_code == 403
    assert len(seen_by(region.chain.id, Receipt)) == 1


def test_whoever_is_sure_tells_the_others_at_once_and_the_page_says_what_can_be_undone(region):
    shipment = region.shipped(tomato=120)
    browser = signed_in(region.chain, Role.STORE)
    address = f"/store/deliveries/{shipment.sscc}"
    form = {"lines.0.line": str(lines_of(region, shipment)[0]), "lines.0.answer": "all", "once": "a"}
    for _ in range(2):
        assert browser.post(f"{address}/receipt", data=form).status_code == 303
    shown = browser.get(address).text
    assert "Nobody was told yet." in shown and "A receipt is final." not in shown
    assert browser.post(f"{address}/receipt/undo").status_code == 303
    assert browser.post(f"{address}/receipt/undo").status_code == 409
    assert "undone" in browser.get(address).text
    assert browser.post(f"{address}/receipt", data=form | {"once": "b"}).status_code == 303
    for _ in range(2):
        assert browser.post(f"{address}/receipt/told").status_code == 303
    assert browser.post(f"{address}/receipt/undo").status_code == 409
    assert "A receipt is final." in browser.get(address).text
    assert len(told(GoodsReceived)) == 1


def lines_of(region, shipment):
    with db.session(region.buyer.who) as session:
        return [row.line.id for row in contents.announced(session, session.get_one(Shipment, shipment.id))]


def part(region, shipment, actor=None, **quantities):
    """So much came of each line: ``tomato="70"``."""
    actor = actor or region.keeper()
    names = {region.tomato.id: "tomato", region.eggs.id: "eggs"}
    with db.session(actor.who) as session:
        held = session.get_one(Shipment, shipment.id)
        counts = [
            LineCount(line=row.line.id, quantity=Decimal(quantities[names[row.item.id]]))
            for row in contents.announced(session, held)
            if names[row.item.id] in quantities
        ]
        return parts.keep(session, actor, held, counts, at=now())


def test_a_delivery_that_comes_in_parts_is_one_receipt_of_all_of_them(region):
    shipment = region.shipped(tomato=120, eggs=60)
    part(region, shipment, tomato="70")
    wrong = part(region, shipment, tomato="20")
    browser = signed_in(region.chain, Role.STORE)
    address = f"/store/deliveries/{shipment.sscc}"
    assert "90 kg came so far" in browser.get(address).text
    for _ in range(2):
        browser.post(f"{address}/parts/{wrong.id}/back")
    part(region, shipment, tomato="30", eggs="60")
    with pytest.raises(MoreThanAnnounced):
        part(region, shipment, eggs="1")
    assert told(ReceiptFinal) == [] and len(seen_by(region.chain.id, ReceiptPart)) == 2

    first, second = lines_of(region, shipment)
    form = {"lines.0.line": str(first), "lines.1.line": str(second), "once": "x"}
    said = browser.post(f"{address}/receipt", data=form | {"lines.0.answer": "none", "lines.1.answer": "all"})
    assert said.status_code == 422 and "Say what is wrong with a line, or why it is short." in said.text
    answers = {"lines.0.answer": "none", "lines.0.reason": "missing", "lines.1.answer": "all"}
    assert browser.post(f"{address}/receipt", data=form | answers).status_code == 303
    rows = seen_by(region.chain.id, ReceiptLine)
    assert sorted((row.quantity, row.reason) for row in rows) == [(60, ""), (100, "missing")]
    with pytest.raises(AlreadyReceived):
        part(region, shipment, tomato="1")


def test_what_is_typed_of_a_part_is_looked_through_and_kept_once(region):
    shipment = region.shipped(tomato=120)
    browser = signed_in(region.chain, Role.STORE)
    address = f"/store/deliveries/{shipment.sscc}/parts"
    (line,) = lines_of(region, shipment)
    hostile = (
        {"lines.0.line": str(shipment.id), "lines.0.answer": "all"},
        {"lines.0.line": "x", "lines.0.answer": "all"},
        {"lines.0.line": str(line), "lines.0.answer": "less", "lines.0.quantity": "NaN"},
        {"lines.0.line": str(line), "lines.0.answer": "less", "lines.0.quantity": "-1"},
        {"lines.0.line": str(line), "lines.0.answer": "less", "lines.0.quantity": "1e99"},
        {"lines.0.line": str(line), "lines.0.answer": "none"},
        {},
    )
    for form in hostile:
        assert browser.post(address, data=form).status_code in (409, 422), form
    assert seen_by(region.chain.id, ReceiptPart) == []
    form = {"lines.0.line": str(line), "lines.0.answer": "less", "lines.0.quantity": "70", "once": "p"}
    for _ in range(2):
        assert browser.post(address, data=form).status_code == 303
    assert len(seen_by(region.chain.id, ReceiptPart)) == 1


def test_two_who_count_parts_at_once_never_keep_more_than_was_announced(region):
    shipment = region.shipped(eggs=60)
    refused = []

    def counts():
        try:
            part(region, shipment, eggs="40")
        except MoreThanAnnounced as error:
            refused.append(error)

    threads = [threading.Thread(target=counts) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 3 and len(seen_by(region.chain.id, ReceiptPart)) == 1


def test_an_outbox_keeps_what_is_told_later_until_then(region):
    shipment = region.shipped(tomato=120)
    receipt = count(region, shipment, at=now())
    with db.hub_session() as session:
        (row,) = session.execute(select(OutboxMessage).where(OutboxMessage.type == "ReceiptFinal")).scalars()
        assert row.next_at == receipt.final_at and row.handled_at is None
