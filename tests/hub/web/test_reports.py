"""A shopper reports a problem with a lot; its maker and its retailer follow it up, and nobody else reads it."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import text
from sqlmodel import select

from hub import db
from hub.demo import builder
from hub.gs1 import digital_link
from hub.listeners import LISTENERS
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.catalogue import RecallNotice
from hub.models.notice import Notice
from hub.models.outbox import OutboxMessage
from hub.models.party import OrganizationKind, Role
from hub.models.reports import FollowUp, ProblemReport, ReportContact, ReportPhoto
from tests.hub import files
from tests.hub.growers import keys_of_the_hub  # noqa: F401
from tests.supermarket import Supermarket, lot, signed_in, stranger

pytestmark = pytest.mark.usefixtures("keys_of_the_hub")
SAID = {"kind": "foreign-body", "words": "A splinter of glass in the third egg.", "contact": "138 0013 8000"}


@pytest.fixture
def market(clean):
    made = Supermarket()
    lot(made.eggs, "E-7")
    return made


@pytest.fixture
def shopper():
    return stranger()


@pytest.fixture
def li(market):
    return signed_in(market.farm, Role.SUPPLIER, "li@example.org")


@pytest.fixture
def lin(market):
    return signed_in(market.chain, Role.BUYER, "lin@example.org")


def address(market, gln=None):
    return f"/product/{market.eggs.gtin}/E-7/report?r={market.chain.gln if gln is None else gln}"


def sent(shopper, market, photo=None, **changes):
    """A report as a browser sends it, from a form that was opened."""
    opened = shopper.get(address(market))
    once = re.search(r'name="once" value="([\w-]{43})"', opened.text)[1]
    chosen = {"photo": ("photo.jpg", photo)} if photo else {"photo": ("", b"")}
    return shopper.post(address(market), data=SAID | {"once": once} | changes, files=chosen)


def rows(model):
    with db.hub_session() as session:
        return session.exec(select(model)).all()


def one():
    (report,) = rows(ProblemReport)
    return f"/problems/{report.id}"


def told():
    """Who is told what, by kind."""
    with db.hub_session() as session:
        messages = session.exec(select(OutboxMessage).where(OutboxMessage.type == "NoticeGiven")).all()
        return sorted((message.to_org, message.body["kind"]) for message in messages)


def test_a_lots_page_leads_to_the_form_and_says_who_reads_it(market, shopper):
    page = shopper.get(f"/product/{market.eggs.gtin}/E-7?r={market.chain.gln}")
    assert f'href="{address(market)}"' in page.text
    form = shopper.get(address(market))
    assert form.status_code == 200 and "Qinghe, who made it, and Hejia, who sold it" in form.text
    assert "set-cookie" not in form.headers


def test_a_report_comes_to_both_parties_with_a_number_and_a_link(market, shopper, li, lin):
    answer = sent(shopper, market)
    assert answer.status_code == 303 and "set-cookie" not in answer.headers
    mine = shopper.get(answer.headers["location"])
    (report,) = rows(ProblemReport)
    printed = f"{report.number[:4]} {report.number[4:7]} {report.number[7:]}"
    assert printed in mine.text and "Your report was sent" in mine.text and "138 0013" not in mine.text
    assert mine.headers["referrer-policy"] == "no-referrer"
    token = answer.headers["location"].split("/")[-1].partition("?")[0]
    assert token.encode() not in report.token_hash and report.retailer_id == market.chain.id
    assert told() == sorted(
        [(market.farm.id, "report"), (market.chain.id, "report.buyer"), (market.chain.id, "report.store")]
    )
    for reader in (li, lin):
        assert printed in reader.get("/problems?q=E-7").text and printed in reader.get(f"/problems?q={printed}").text
        page = reader.get(one()).text
        assert "A splinter of glass" in page and "138 0013 8000" in page
    (contact,) = rows(ReportContact)
    assert contact.contact.startswith("f1.people.") and "138" not in contact.contact
    assert [entry.action for entry in rows(AuditEntry) if entry.subject == report.number] == ["report.receive"]


def test_a_photo_is_made_anew_and_shown_to_the_two_parties_alone(market, shopper, li, lin):
    assert sent(shopper, market, files.photo()).status_code == 303
    rival = signed_in(builder.party(OrganizationKind.SUPPLIER, "Rival"), Role.SUPPLIER, "ma@example.org")
    administrator = signed_in(market.farm, Role.ADMINISTRATOR, "wang@example.org")
    for reader in (li, lin):
        photo = reader.get(f"{one()}/photo")
        assert photo.headers["content-type"] == "image/jpeg" and "sandbox" in photo.headers["content-security-policy"]
        assert not Image.open(io.BytesIO(photo.content)).getexif()
        assert f'src="{one()}/photo"' in reader.get(one()).text
    for path in (one(), f"{one()}/photo"):
        assert (rival.get(path).status_code, administrator.get(path).status_code) == (404, 403)
        assert stranger().get(path).headers["location"].startswith("/sign-in")
    assert rival.post(one(), data={"to": "shopper", "words": "Not ours"}).status_code == 404
    assert "No report here." in rival.get("/problems").text and not rows(FollowUp)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (files.PDF, "a PDF document"),
        (files.HTML, "a web page or a drawing"),
        (files.bomb(), "60000 × 60000 pixels"),
        (files.jpeg()[:-900], "cut off or damaged"),
        (bytes(5 * 1024 * 1024 + 1), "at most 5 MB can be taken in"),
    ],
)
def test_a_wrong_file_is_refused_beside_its_field_and_what_was_typed_stays(market, shopper, content, says):
    answer = sent(shopper, market, content)
    assert answer.status_code == 422 and says.lower() in answer.text.lower() and 'href="#f-photo"' in answer.text
    assert SAID["words"] in answer.text and SAID["contact"] in answer.text and not rows(ProblemReport)


def test_a_form_that_lacks_something_asks_for_the_photo_once_more(market, shopper):
    answer = sent(shopper, market, files.jpeg(), words="")
    assert answer.status_code == 422 and "Choose the photo once more" in answer.text
    assert '<option value="foreign-body" selected>' in answer.text


def test_more_than_a_photo_may_weigh_is_not_read(market, shopper):
    assert sent(shopper, market, bytes(6 * 1024 * 1024)).status_code == 413
    assert shopper.post("/sign-in", content=bytes(65 * 1024)).status_code == 413
    assert not rows(ProblemReport)


def test_the_same_form_sent_twice_is_one_report_and_another_story_is_not_lost(market, shopper):
    form = shopper.get(address(market))
    once = re.search(r'name="once" value="([\w-]{43})"', form.text)[1]
    first, second = (shopper.post(address(market), data=SAID | {"once": once}) for _ in range(2))
    assert first.headers["location"] == second.headers["location"] and len(rows(ProblemReport)) == 1
    other = shopper.post(address(market), data=SAID | {"once": once, "words": "And the label is wrong."})
    assert other.status_code == 409 and "And the label is wrong." in other.text and once not in other.text
    again = re.search(r'name="once" value="([\w-]{43})"', other.text)[1]
    shopper.post(address(market), data=SAID | {"once": again, "words": "And the label is wrong."})
    assert len(rows(ProblemReport)) == 2


def test_the_sixth_report_from_a_network_within_ten_minutes_waits(market, shopper):
    assert [sent(shopper, market).status_code for _ in range(6)] == [303] * 5 + [429]
    refused = sent(shopper, market)
    assert "Wait ten minutes" in refused.text and SAID["words"] in refused.text
    with db.hub_session() as session:
        marks = session.execute(text("select bucket from sign_in_attempt")).scalars().all()
        assert b"testclient" not in b"".join(bytes(one) for one in marks)
        session.execute(text("update sign_in_attempt set at = at - interval '11 minutes'"))
    assert sent(shopper, market).status_code == 303


def test_a_lot_takes_so_many_reports_a_day(market, shopper, monkeypatch):
    monkeypatch.setattr("hub.trace.reports._OF_A_LOT", (1, timedelta(days=1)))
    assert [sent(shopper, market).status_code for _ in range(2)] == [303, 429]


def test_a_form_of_another_site_is_refused(market, shopper):
    answer = shopper.post(address(market), data=SAID, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403 and not rows(ProblemReport)


def test_a_script_in_the_words_is_text(market, shopper, li):
    words = "<script>alert(1)</script>\r\n%(number)s"
    answer = sent(shopper, market, words=words)
    for page in (shopper.get(answer.headers["location"]), li.get(one())):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;\n%(number)s" in page.text and "<script>alert" not in page.text
    li.post(one(), data={"to": "shopper", "words": "<b onclick=x>Sorry</b>"})
    assert "&lt;b onclick=x&gt;" in shopper.get(answer.headers["location"]).text


def test_the_shopper_reads_answers_by_name_and_neither_notes_nor_contact(market, shopper, li, lin):
    link = sent(shopper, market).headers["location"].partition("?")[0]
    before = told()
    lin.post(one(), data={"to": "parties", "words": "Stock of our stores is set aside."})
    assert [to for to, _ in told()].count(market.farm.id) == 2
    li.post(one(), data={"to": "shopper", "words": "We look through the whole lot.", "closes": ""})
    page = shopper.get(link).text
    assert "We look through the whole lot." in page and "Li · Qinghe" in page and "still being worked on" in page
    assert "set aside" not in page and "138 0013" not in page
    assert "set aside" in li.get(one()).text and len(told()) == len(before) + 3


@pytest.mark.parametrize("closer", ["li", "lin"])
def test_either_party_closes_a_report_and_what_is_kept_of_the_shopper_has_its_term(market, shopper, closer, request):
    link = sent(shopper, market, files.jpeg()).headers["location"]
    browser = request.getfixturevalue(closer)
    twice = {"to": "parties", "words": "Paid back.", "closes": "true", "once": "a"}
    assert [browser.post(one(), data=twice).status_code for _ in range(2)] == [303, 303]
    assert len(rows(FollowUp)) == 1
    for kept in (*rows(ProblemReport), *rows(ReportContact), *rows(ReportPhoto)):
        assert kept.closed_at is not None
    assert "The report is closed" in shopper.get(link).text
    assert "No report is open." in browser.get("/problems").text
    with db.hub_session() as session:
        session.execute(text("delete from report_photo"))
        session.execute(text("delete from report_contact"))
    assert browser.get(one()).text.count("Forgotten: the report was closed") == 2
    assert browser.get(f"{one()}/photo").status_code == 404


def test_a_follow_up_that_lacks_words_is_asked_for_them(market, shopper, li):
    sent(shopper, market)
    answer = li.post(one(), data={"to": "shopper", "words": ""})
    assert answer.status_code == 422 and 'href="#f-words"' in answer.text and not rows(FollowUp)


def test_a_retailer_that_the_maker_does_not_know_is_not_told(market, shopper):
    other = builder.party(OrganizationKind.RETAILER, "Lelin")
    form = shopper.get(address(market, other.gln))
    assert "Qinghe, who made it, reads your report." in form.text
    assert shopper.post(address(market, other.gln), data=SAID).status_code == 303
    assert rows(ProblemReport)[0].retailer_id is None and {to for to, _ in told()} == {market.farm.id}
    rival = signed_in(other, Role.BUYER, "other@example.org")
    assert rival.get(one()).status_code == 404


def test_a_store_reads_reports_and_the_notice_leads_there(market, shopper):
    store = signed_in(market.chain, Role.STORE, "chen@example.org")
    sent(shopper, market)
    with db.hub_session() as session:
        messages = session.exec(select(OutboxMessage).where(OutboxMessage.type == "NoticeGiven")).all()
    from hub.messages import NoticeGiven

    for message in messages:
        with db.session(db.Who(message.to_org)) as session:
            for hear in LISTENERS[NoticeGiven]:
                hear(session, NoticeGiven.read(message.body))
    (notice,) = rows(Notice)
    assert notice.kind == "report.store" and notice.address == one()
    assert "A shopper reports a problem with Eggs, lot E-7" in store.get("/notices").text
    store.post(one(), data={"to": "parties", "words": "Off the shelf."})
    assert rows(Notice)[0].read_at is not None


def test_of_a_recalled_lot_the_form_says_so_and_a_lot_that_is_not_there_leads_to_its_item(market, shopper):
    with db.hub_session() as session:
        made = session.execute(text("select id from lot")).scalar_one()
        session.add(
            RecallNotice(
                owner_id=market.farm.id, lot_id=made, recall_class=1, reason_zh="玻璃", reason_en="Glass",
                opened_at=now(), salt=b"s" * 32, nonce=1,
            )
        )  # fmt: skip
    form = shopper.get(address(market))
    assert form.status_code == 200 and "This lot is recalled. Do not eat it." in form.text
    unknown = shopper.get(address(market).replace("E-7", "E-8"))
    assert unknown.status_code == 303 and unknown.headers["location"].startswith(f"/product/{market.eggs.gtin}/E-8?")
    assert shopper.post(address(market).replace("E-7", "E-8"), data=SAID).status_code == 404
    assert shopper.get(f"/product/{digital_link.gtin('4006381333931')}/E-7/report").status_code == 404


def test_a_link_that_is_none_of_ours_opens_nothing(market, shopper):
    assert shopper.get("/product/report/" + "A" * 43).status_code == 404
    assert shopper.get("/product/report/x").status_code == 404
