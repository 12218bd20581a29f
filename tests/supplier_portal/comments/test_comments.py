"""What is said of an order or a claim: read by whom it is for, and undone until the other side has seen it."""

import threading

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from hub import db, outbox
from hub.demo import builder
from hub.errors import HubError, InvalidInput, NotAllowed, NotFound
from hub.listeners import LISTENERS
from hub.models.base import uuid7
from hub.models.claims import Claim
from hub.models.notice import Notice
from hub.models.party import OrganizationKind, Role
from supplier_portal.comments import comments, subjects
from supplier_portal.comments.comments import Said, SeenAlready
from supplier_portal.comments.models import Comment, CommentFile, CommentSeen, SubjectKind
from tests.hub import files
from tests.logistics.conftest import keys_of_the_hub, morning, region, seen_by
from tests.supermarket import signed_in
from tests.supplier_portal.test_claims import received

__all__ = ["keys_of_the_hub", "region"]


@pytest.fixture
def spoken(region):
    """A shipment of one order, and somebody named on each side."""
    region.sent = region.shipped(tomato=120)
    return region


def says(spoken, actor, words="Can the pallets be lower?", **more):
    with db.session(actor.who) as session:
        subject = subjects.find(session, actor, SubjectKind.ORDER, spoken.sent.order_id)
        said = Said(words, more.pop("once", uuid7()), **more)
        return comments.say(session, actor, subject, said, at=morning(8))


def reads(spoken, actor) -> list[str]:
    with db.session(actor.who) as session:
        subject = subjects.find(session, actor, SubjectKind.ORDER, spoken.sent.order_id)
        return [row.words for row in comments.of(session, actor, subject)]


def sees(spoken, actor):
    with db.session(actor.who) as session:
        subject = subjects.find(session, actor, SubjectKind.ORDER, spoken.sent.order_id)
        comments.see(session, actor, comments.of(session, actor, subject), at=morning(9))


def undoes(actor, comment):
    with db.session(actor.who) as session:
        comments.take_back(session, actor, comments.find(session, comment.id))


def test_the_other_side_reads_what_is_for_it_and_never_what_stays_inside(spoken):
    says(spoken, spoken.buyer, "Lower, please")
    says(spoken, spoken.buyer, "They are always too high", inside=True)
    assert reads(spoken, spoken.buyer) == ["Lower, please", "They are always too high"]
    assert reads(spoken, spoken.grower) == ["Lower, please"]
    with db.session(spoken.grower.who) as session:
        assert [row.words for row in session.exec(select(Comment))] == ["Lower, please"]


def test_the_same_click_is_one_comment_and_nothing_is_no_comment(spoken):
    once = uuid7()
    assert says(spoken, spoken.buyer, once=once).id == says(spoken, spoken.buyer, once=once).id
    with pytest.raises(InvalidInput) as refused:
        says(spoken, spoken.buyer, "   ")
    assert refused.value.at == "words"


def test_undone_it_is_gone_with_its_files_and_once_it_was_seen_it_stays(spoken):
    first = says(spoken, spoken.buyer, files=[("note.png", files.png())])
    undoes(spoken.buyer, first)
    assert reads(spoken, spoken.grower) == [] and seen_by(spoken.chain.id, CommentFile) == []
    second = says(spoken, spoken.buyer)
    for _ in range(2):
        sees(spoken, spoken.grower)
    with pytest.raises(SeenAlready):
        undoes(spoken.buyer, second)
    assert len(seen_by(spoken.farm.id, CommentSeen)) == 1


def test_of_a_look_and_an_undo_at_once_one_comes_first(spoken):
    row = says(spoken, spoken.buyer)
    barrier, told = threading.Barrier(2), []

    def work(name, does):
        barrier.wait()
        try:
            does()
            told.append(name)
        except HubError as refusal:
            told.append(refusal.code)

    deeds = [("seen", lambda: sees(spoken, spoken.grower)), ("undone", lambda: undoes(spoken.buyer, row))]
    threads = [threading.Thread(target=work, args=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left, marks = seen_by(spoken.chain.id, Comment), seen_by(spoken.farm.id, CommentSeen)
    assert (len(left), len(marks)) in ((0, 0), (1, 1))
    assert ("undone" in told) == (not left)


def test_nobody_else_reads_writes_or_undoes(spoken):
    row = says(spoken, spoken.buyer)
    rival = builder.actor(builder.party(OrganizationKind.RETAILER, "Rival"), Role.BUYER)
    with pytest.raises(NotFound):
        says(spoken, rival)
    with pytest.raises(NotFound):
        undoes(rival, row)
    with pytest.raises(NotFound):
        undoes(spoken.grower, row)
    with pytest.raises(NotAllowed):
        says(spoken, builder.actor(spoken.chain, Role.STORE))
    li = builder.person(spoken.chain, Role.BUYER, "a long enough password", "li@example.org", "Li")
    with pytest.raises(NotAllowed):
        undoes(builder.actor(spoken.chain, Role.BUYER, person=li.id), row)


def test_colleagues_who_are_named_are_told_and_the_other_side_is(spoken):
    li = builder.person(spoken.chain, Role.BUYER, "a long enough password", "li@example.org", "Li")
    li_na = builder.person(spoken.chain, Role.BUYER, "a long enough password", "lina@example.org", "Li Na")
    wang = builder.person(spoken.farm, Role.SUPPLIER, "a long enough password", "wang@example.org", "Wang")
    says(spoken, spoken.buyer, "@li na, have a look; @Wang too")
    outbox.relay(LISTENERS)

    def told(party, kind):
        with db.session(db.Who(party.id)) as session:
            rows = select(Notice).where(col(Notice.kind) == kind).order_by(col(Notice.id))
            return [row.user_id for row in session.exec(rows)]

    assert told(spoken.chain, "comment.mentioned") == [li_na.id] and li.id != li_na.id
    assert told(spoken.farm, "comment.of-buyer") == [wang.id]
    assert told(spoken.farm, "comment.mentioned") == []


def test_a_file_is_sealed_opened_by_its_readers_and_is_what_its_content_says(spoken):
    picture = files.png()
    says(spoken, spoken.buyer, files=[("../evil\n.html", picture)])
    [row] = seen_by(spoken.chain.id, CommentFile)
    assert row.media_type == "image/png" and "\n" not in row.name
    with db.hub_session() as session:
        assert picture[:40] not in session.execute(text("select sealed from comment_file")).scalar_one().encode()
    with db.session(spoken.grower.who) as session:
        _, content = comments.opened(session, row.id)
        assert content.startswith(b"\x89PNG")
    for bad in (b"<html><script>alert(1)</script>", b"", b"PK\x03\x04nothing", b"\x89PNG broken"):
        with pytest.raises(HubError):
            says(spoken, spoken.buyer, files=[("a.png", bad)])
    rival = builder.party(OrganizationKind.RETAILER, "Rival")
    with db.session(db.Who(rival.id)) as session, pytest.raises(NotFound):
        comments.opened(session, row.id)


def test_both_sides_speak_on_the_pages_of_orders_claims_and_shipments(spoken):
    received(spoken, spoken.sent, tomato=(100, "damaged", 0))
    gao = signed_in(spoken.chain, Role.BUYER, "gao@example.org")
    wang = signed_in(spoken.farm, Role.SUPPLIER, "wang@example.org")
    [claim] = seen_by(spoken.chain.id, Claim)
    for kind, number in (("order", spoken.sent.order_id), ("claim", claim.id), ("shipment", spoken.sent.id)):
        address = f"comments/{kind}/{number}"
        hostile = f"<script>alert('{kind}')</script>"
        said = gao.post(f"/buyer/{address}", data={"words": hostile, "once": str(uuid7())})
        assert said.status_code == 303
        page = wang.get(f"/supplier/{address}").text
        assert "&lt;script&gt;alert" in page and hostile not in page and "I have seen these" in page
        assert "Take it back" in gao.get(f"/buyer/{address}").text
        assert wang.post(f"/supplier/{address}/seen").status_code == 303
        assert "Take it back" not in gao.get(f"/buyer/{address}").text
        assert "Seen" in gao.get(f"/buyer/{address}").text
        assert gao.post(f"/buyer/{address}", data={"words": ""}).status_code == 422
        assert gao.post(f"/buyer/{address}", data={"words": "x" * 2001}).status_code == 422
    rival = signed_in(builder.party(OrganizationKind.RETAILER, "Rival"), Role.BUYER, "ma@example.net")
    assert rival.get(f"/buyer/comments/order/{spoken.sent.order_id}").status_code == 404
    assert rival.post(f"/buyer/comments/order/{spoken.sent.order_id}", data={"words": "hm"}).status_code == 404
    assert gao.get(f"/buyer/comments/order/{uuid7()}").status_code == 404
    assert gao.get(f"/buyer/comments/nothing/{spoken.sent.order_id}").status_code == 422
    sent = gao.post(
        f"/buyer/comments/order/{spoken.sent.order_id}",
        data={"words": "With a picture"},
        files={"files": ("a.png", files.png())},
    )
    assert sent.status_code == 303
    [row] = seen_by(spoken.chain.id, CommentFile)
    here = f"comments/order/{spoken.sent.order_id}/files/{row.id}"
    taken = wang.get(f"/supplier/{here}")
    assert taken.status_code == 200 and "attachment" in taken.headers["content-disposition"]
    assert "sandbox" in taken.headers["content-security-policy"]
    assert rival.get(f"/buyer/{here}").status_code == 404
