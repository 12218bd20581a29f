"""Each figure opens the lines behind it; a line is disputed by its supplier, and ruled on by the buyer, once."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from hub import db
from hub.demo import builder
from hub.errors import HubError, InvalidInput, NotAllowed, NotFound
from hub.models.claims import ReplyKind
from hub.models.party import Organization, OrganizationKind, Role
from supplier_portal.claims import claims
from supplier_portal.scoring import disputes, lines
from supplier_portal.scoring.disputes import DisputedAlready, RuledAlready
from supplier_portal.scoring.figures import figure
from supplier_portal.scoring.lines import Span
from supplier_portal.scoring.models import Measure, ScoreDispute
from tests.logistics.conftest import keys_of_the_hub, morning, region
from tests.supermarket import signed_in
from tests.supplier_portal.test_claims import closes, received, says, the_claim

__all__ = ["keys_of_the_hub", "region"]
LATER = morning(9) + timedelta(days=2)


def span(session, region) -> Span:
    buyer, supplier = (session.get_one(Organization, party.id) for party in (region.chain, region.farm))
    return Span(buyer, supplier, LATER - timedelta(days=28), LATER)


def behind(region, measure, actor=None):
    actor = actor or region.buyer
    with db.session(actor.who) as session:
        return lines.of(session, span(session, region), measure)


def share(region, measure, actor=None) -> float | None:
    actor = actor or region.buyer
    with db.session(actor.who) as session:
        between = span(session, region)
        out = disputes.left_out(disputes.between(session, between), measure)
        return figure(lines.of(session, between, measure), out).share


def disputed(region, line, *, measure=Measure.ON_TIME_IN_FULL, reason="The dock was closed", actor=None):
    actor = actor or region.grower
    with db.session(actor.who) as session:
        said = (measure, line.subject_id, reason)
        return disputes.dispute(session, actor, span(session, region), said, at=LATER)


def ruled(region, row, *, accepted=True, words="", actor=None):
    actor = actor or region.buyer
    with db.session(actor.who) as session:
        held = disputes.find(session, actor, row.id)
        return disputes.rule(session, actor, held, accepted=accepted, words=words, at=LATER)


def test_where_nothing_was_ordered_nothing_is_measured(region):
    for measure in Measure:
        assert share(region, measure) is None


def test_lines_are_measured_by_what_was_agreed_and_both_sides_read_the_same(region):
    received(region, region.shipped(tomato=120, eggs=60), tomato=(100, "damaged", 0))
    short, whole = behind(region, Measure.ON_TIME_IN_FULL)
    assert (short.good, whole.good) == (False, True)
    assert (short.item_id, short.agreed[0].quantity, short.came[0].quantity) == (region.tomato.id, 120, 100)
    assert share(region, Measure.ON_TIME_IN_FULL) == 0.5
    price = 120 * region.tomato.price + 60 * region.eggs.price
    assert share(region, Measure.FILL) == pytest.approx(float((price - 20 * region.tomato.price) / price))
    assert share(region, Measure.RESPONSE) == 1 and share(region, Measure.DOCUMENTS) is not None
    for measure in Measure:
        assert share(region, measure, region.grower) == share(region, measure)


def test_quality_counts_a_claim_once_its_supplier_bears_it(region):
    received(region, region.shipped(tomato=120), tomato=(100, "damaged", 0))
    assert share(region, Measure.QUALITY) is None
    says(region, the_claim(region), ReplyKind.SHARED, quantity=Decimal(12))
    closes(region, the_claim(region), claims.take)
    assert share(region, Measure.QUALITY) == pytest.approx(0.9)


def test_a_disputed_line_counts_until_the_buyer_leaves_it_out(region):
    received(region, region.shipped(tomato=120, eggs=60), tomato=(100, "damaged", 0))
    short, whole = behind(region, Measure.ON_TIME_IN_FULL)
    row = disputed(region, short)
    assert disputed(region, short).id == row.id
    with pytest.raises(DisputedAlready):
        disputed(region, short, reason="Something else")
    assert share(region, Measure.ON_TIME_IN_FULL) == 0.5
    ruled(region, row)
    assert ruled(region, row).accepted and share(region, Measure.ON_TIME_IN_FULL) == 1
    assert share(region, Measure.FILL) < 1
    with pytest.raises(RuledAlready):
        ruled(region, row, accepted=False, words="No")
    with pytest.raises(NotFound):
        disputed(region, whole)


def test_a_buyer_that_does_not_accept_says_why_and_the_line_counts(region):
    received(region, region.shipped(tomato=120), tomato=(100, "damaged", 0))
    [short] = behind(region, Measure.ON_TIME_IN_FULL)
    with pytest.raises(InvalidInput) as refused:
        disputed(region, short, reason="  ")
    assert refused.value.at == "reason"
    row = disputed(region, short)
    with pytest.raises(InvalidInput) as refused:
        ruled(region, row, accepted=False)
    assert refused.value.at == "words"
    ruled(region, row, accepted=False, words="It was open")
    assert share(region, Measure.ON_TIME_IN_FULL) == 0


def test_of_two_rulings_at_once_one_counts(region):
    received(region, region.shipped(tomato=120), tomato=(100, "damaged", 0))
    row = disputed(region, behind(region, Measure.ON_TIME_IN_FULL)[0])
    barrier, told = threading.Barrier(2), []

    def work(accepted):
        barrier.wait()
        try:
            told.append(ruled(region, row, accepted=accepted, words="It was open").accepted)
        except HubError as refusal:
            told.append(refusal.code)

    threads = [threading.Thread(target=work, args=(accepted,)) for accepted in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 2 and "ruled-already" in told


def test_nobody_disputes_or_rules_for_another(region):
    received(region, region.shipped(tomato=120), tomato=(100, "damaged", 0))
    [short] = behind(region, Measure.ON_TIME_IN_FULL)
    with pytest.raises(NotAllowed):
        disputed(region, short, actor=region.buyer)
    row = disputed(region, short)
    with pytest.raises(NotAllowed):
        ruled(region, row, actor=region.grower)
    rival = builder.party(OrganizationKind.RETAILER, "Rival")
    with pytest.raises(NotFound):
        ruled(region, row, actor=builder.actor(rival, Role.BUYER))
    ma = signed_in(rival, Role.BUYER, "ma@example.net")
    assert ma.post(f"/buyer/scorecard/disputes/{row.id}", data={"do": "accept"}).status_code == 404
    assert ma.get(f"/buyer/suppliers/{region.farm.gln}/scorecard").status_code == 404


def test_both_read_the_card_dispute_and_answer_on_its_page(region):
    received(region, region.shipped(tomato=120), tomato=(100, "damaged", 0))
    gao = signed_in(region.chain, Role.BUYER, "gao@example.org")
    wang = signed_in(region.farm, Role.SUPPLIER, "wang@example.org")
    mine = f"/supplier/scorecard?buyer={region.chain.gln}&measure=on-time-in-full"
    page = wang.get(mine).text
    assert "No data" in page and "Missed" in page and "Dispute" in page
    [short] = behind(region, Measure.ON_TIME_IN_FULL)
    said = {"measure": "on-time-in-full", "subject": str(short.subject_id), "days": "28"}
    empty = wang.post(f"/supplier/scorecard/{region.chain.gln}/dispute", data=said)
    assert empty.status_code == 422 and "Say why" in empty.text
    hostile = "<script>alert(1)</script>"
    sent = wang.post(f"/supplier/scorecard/{region.chain.gln}/dispute", data=said | {"reason": hostile})
    assert sent.status_code == 303
    theirs = gao.get(f"/buyer/suppliers/{region.farm.gln}/scorecard?measure=on-time-in-full").text
    assert "&lt;script&gt;alert" in theirs and hostile not in theirs
    with db.session(region.buyer.who) as session:
        row = session.exec(select(ScoreDispute)).one()
    assert gao.post(f"/buyer/scorecard/disputes/{row.id}", data={"do": "refuse"}).status_code == 422
    assert gao.post(f"/buyer/scorecard/disputes/{row.id}", data={"do": "accept"}).status_code == 303
    assert "1 line left out, as both agreed" in wang.get(mine).text
    for bad in ("measure=nothing", "days=0", "days=x", "buyer=0000000000000"):
        assert wang.get(f"/supplier/scorecard?{bad}").status_code in (404, 422)
