"""What both sides read on a claim's page and in their lists, in Chinese and in English, from plain values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.lists import CountedPage, Search
from hub.models.base import uuid7
from hub.models.claims import Claim, ClaimKind, ClaimOutcome, ClaimReply, GoodsReturn, ReplyKind, ReturnReceipt
from hub.models.party import OrganizationKind, PlaceKind
from hub.models.trade import PurchaseOrder, Shipment
from hub.web.i18n import language
from supplier_portal.claims.claim_book import ClaimRow, ClaimSheet, ClaimState
from supplier_portal.claims.claim_view import ClaimPage, File, claim_page
from supplier_portal.claims.list_view import ClaimList, claims_page, claims_sheet
from tests import rows

EN, ZH = language("en"), language("zh")
AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # nine o'clock in Jinan
FARM = rows.party(OrganizationKind.SUPPLIER, "Qinghe", "清河农场")
SHOP = rows.party(OrganizationKind.RETAILER, "Hejia", "合家")
STORE = rows.place(SHOP, PlaceKind.STORE, "Lixia", "历下店")
TOMATO = rows.item(FARM, "Tomato", "番茄")


def claim(**more: Any) -> Claim:
    said = {
        "owner_id": SHOP.id, "supplier_id": FARM.id, "number": "CL3-261124-0001", "kind": ClaimKind.DAMAGED,
        "announced": Decimal(120), "counted": Decimal(110), "quantity": Decimal(10), "unit": "KGM",
        "price": Decimal("4.2"), "value": Decimal(42), "currency": "CNY", "lot_number": "T-88", "lot_id": uuid7(),
        "temperature": "chilled", "opened_at": AT - timedelta(hours=2), "due_at": AT + timedelta(hours=46),
    }  # fmt: skip
    return Claim(**said | more)


def replied(of: Claim, kind: ReplyKind, credit: str = "0", **more: Any) -> ClaimReply:
    said = {"claim_id": of.id, "buyer_id": SHOP.id, "owner_id": FARM.id, "replied_at": AT - timedelta(hours=1)}
    return ClaimReply(**said, kind=kind, credit=Decimal(credit), **more)


def shown(
    of: Claim, state: ClaimState, *replies: ClaimReply, supplier: bool = False, acts: bool = True, **more: Any
) -> ClaimPage:
    order = PurchaseOrder(owner_id=SHOP.id, number="PO-1", supplier_id=FARM.id, deliver_to_id=STORE.id)
    sheet = ClaimSheet(of, state, TOMATO, order, Shipment(number="DA-1"), replies, None, None, None)
    file = File(replace(sheet, **more), AT, FARM if supplier else SHOP, SHOP, FARM, STORE, acts)
    return claim_page(file, EN)


def test_a_supplier_reads_until_when_to_answer_and_its_three_answers():
    page = shown(claim(), ClaimState.TO_ANSWER, supplier=True)
    assert page.state.word == "Awaiting you" and page.lead.endswith("Hejia sees your answer at once.")
    assert [key for key, *_ in page.replies] == ["accepted", "shared", "refused"] and page.path.startswith("/supplier/")
    assert dict(page.facts)["Difference"] == "Damaged" and dict(page.facts)["Claimed"] == "10 kg"
    late = shown(claim(due_at=AT - timedelta(hours=1)), ClaimState.TO_ANSWER, supplier=True)
    assert late.state.word == "Overdue"


def test_where_nothing_is_to_be_paid_nothing_is_shared():
    page = shown(claim(kind=ClaimKind.OVER, value=Decimal(0)), ClaimState.TO_ANSWER, supplier=True)
    assert [key for key, *_ in page.replies] == ["accepted", "refused"] and not page.shareable


def test_a_second_person_reads_and_does_nothing():
    page = shown(claim(), ClaimState.TO_ANSWER, supplier=True, acts=False)
    assert not page.replies and page.all_claims == ""


@pytest.mark.parametrize(
    ("kind", "round_", "takeable", "insistable"),
    [
        (ReplyKind.SHARED, 1, "¥", True), (ReplyKind.REFUSED, 1, "", True), (ReplyKind.SHARED, 2, "¥", False),
        (ReplyKind.REFUSED, 2, "", False),
    ],
)  # fmt: skip
def test_a_buyer_takes_insists_once_or_withdraws(kind, round_, takeable, insistable):
    of = claim(round=round_)
    page = shown(of, ClaimState.TO_CLOSE, replied(of, kind, "20", round=round_))
    assert page.takeable.startswith(takeable) and bool(page.takeable) is bool(takeable)
    assert page.insistable is insistable and page.withdrawable and not page.replies


def test_a_buyer_that_waits_may_only_withdraw():
    page = shown(claim(), ClaimState.TO_ANSWER)
    assert page.withdrawable and not page.insistable and not page.takeable
    assert page.lead.startswith("Qinghe has until")


def test_what_was_settled_says_its_credit_also_before_the_buyers_row_says_so():
    of = claim()
    page = shown(of, ClaimState.ACCEPTED, replied(of, ReplyKind.ACCEPTED, "42"))
    assert page.lead.startswith("Settled: Qinghe credits ¥") and not page.withdrawable
    gone = claim(outcome=ClaimOutcome.WITHDRAWN, credit=Decimal(0), closed_at=AT, closing_words="Miscounted.")
    page = shown(gone, ClaimState.WITHDRAWN)
    assert page.lead == "Settled without a credit." and page.history[0].reason == "Miscounted."


def test_the_temperatures_are_drawn_and_said_and_too_many_are_thinned():
    read = [{"at": (AT + timedelta(minutes=n)).isoformat(), "celsius": str(4 + n / 20)} for n in range(120)]
    curve = shown(claim(readings=read), ClaimState.TO_ANSWER).curve
    assert curve is not None and curve.outside and "between 4.0 ℃ and 10.0 ℃" in curve.sentence
    assert (
        curve.plot.lines[0][1].count("L") <= 60
        and curve.plot.band
        and shown(claim(), ClaimState.TO_ANSWER).curve is None
    )
    cold = shown(claim(readings=read[:20]), ClaimState.TO_ANSWER).curve
    assert cold is not None and not cold.outside


def test_what_goes_back_is_announced_once_and_noted_once():
    assert shown(claim(), ClaimState.TO_ANSWER).returnable
    assert not shown(claim(kind=ClaimKind.SHORT), ClaimState.TO_ANSWER).returnable
    sent = GoodsReturn(quantity=Decimal(10), leaves_on=AT.date(), announced_at=AT, words="In crates.")
    page = shown(claim(), ClaimState.TO_CLOSE, supplier=True, returned=sent)
    assert page.noteable and page.returned is not None and page.returned.state.word == "On the way back"
    back = ReturnReceipt(quantity=Decimal(9), received_at=AT, words="One was rotten.")
    page = shown(claim(), ClaimState.TO_CLOSE, returned=sent, came_back=back)
    assert page.returned is not None and page.returned.state == ("9 kg came back", "less", "warn")


def listed(state: ClaimState, tab: str, *, supplier: bool, words: str = "", some: bool = True) -> ClaimList:
    found = [ClaimRow(claim(), state, TOMATO, "PO-1")] if some else []
    return ClaimList(
        own=FARM if supplier else SHOP,
        at=AT,
        tab=tab,
        counts=dict.fromkeys(ClaimState, 0) | {state: 1},
        page=CountedPage(found, len(found), Search(words)),
        organizations={FARM.id: FARM, SHOP.id: SHOP},
        supplier=supplier,
    )


def test_each_sides_list_begins_with_what_awaits_it():
    mine = claims_page(listed(ClaimState.TO_ANSWER, "mine", supplier=True), EN)
    assert mine.lead == "1 claim awaits your answer." and [tab.count for tab in mine.tabs] == [1, 0, 0, 1]
    assert (mine.rows[0].party, mine.rows[0].state.word) == ("Hejia", "Awaiting you")
    theirs = claims_page(listed(ClaimState.TO_ANSWER, "theirs", supplier=False), ZH)
    assert theirs.lead == "没有等您处理的索赔。" and [tab.count for tab in theirs.tabs] == [0, 1, 0, 1]
    assert theirs.rows[0].party == "清河农场"
    assert theirs.rows[0].address.startswith("/buyer/claims/")


def test_an_empty_list_says_what_is_searched_or_when_claims_open():
    nothing = claims_page(listed(ClaimState.TO_CLOSE, "mine", supplier=False, some=False), EN)
    assert nothing.nothing.title == "No claim is in this state." and nothing.paging is None
    unfound = claims_page(listed(ClaimState.TO_CLOSE, "mine", supplier=False, words="figs", some=False), EN)
    assert unfound.nothing.title == "No claim mentions “figs”." and unfound.tabs[0].count is None


def test_the_sheet_has_a_cell_for_each_heading():
    headings, cells = claims_sheet(listed(ClaimState.TO_ANSWER, "all", supplier=True), EN)
    (row,) = cells
    assert len(row) == len(headings) and row[headings.index("Claimed")] == "42.00"
