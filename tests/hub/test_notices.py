"""What needs a person reaches that person, once, by the way he chose: over a real mail server and a real web hook."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import select

from hub import db, keys, letters, outbox, parties
from hub.demo import builder
from hub.errors import NotFound
from hub.listeners import LISTENERS
from hub.lists import Search
from hub.messages import NoticeGiven
from hub.models.base import now
from hub.models.notice import Channel, Notice, NoticeDelivery, NoticeRoute
from hub.models.party import OrganizationKind, Role
from hub.notices import carriers, delivery, desk, watch
from hub.settings import settings
from tests.hub.growers import keys_of_the_hub
from tests.letterbox import post
from tests.supermarket import PASSWORD, Supermarket, signed_in
from tests.supplier_portal.conftest import Trade, trade

__all__ = ["keys_of_the_hub", "post", "trade"]


@pytest.fixture
def hook(monkeypatch) -> Iterator[tuple[str, list[dict]]]:
    """A real web hook on this machine, spoken to as a robot."""
    heard: list[dict] = []

    class Robot(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Robot)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("FURROW_CHAT_ROBOTS", "wecombot,json")
    settings.cache_clear()
    yield f"json://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    settings.cache_clear()


@pytest.fixture
def farm(clean):
    return builder.party(OrganizationKind.SUPPLIER, "Qinghe")


def somebody(party, role=Role.SUPPLIER, address="wang@example.org", language="", **more):
    person = builder.person(party, role, PASSWORD, address, **more)
    with db.hub_session() as session:
        session.execute(text("update person set language = :l where id = :i"), {"l": language, "i": person.id})
    return person


def tell(party, kind="order.waiting", key="k1", place=""):
    said = {"who": {"zh": "禾家", "en": "Hejia"}, "number": "PO-1", "day": {"day": "2026-12-01"},
            "by": {"at": "2026-11-28T10:00:00+00:00", "zone": "Asia/Shanghai"}}  # fmt: skip
    sentence = "%(who)s ordered %(number)s for %(day)s. Answer by %(by)s."
    with db.session(db.Who(party.id)) as session:
        desk.tell(session, party.id, NoticeGiven(kind, key, sentence, said, "/supplier/orders/PO-1", place))
    relay()


def relay():
    while outbox.relay(LISTENERS):
        pass


def send():
    return delivery.send_due(letters.letter, {})


def notices():
    with db.hub_session() as session:
        return session.exec(select(Notice).order_by(Notice.id)).all()


def deliveries():
    with db.hub_session() as session:
        return session.exec(select(NoticeDelivery).order_by(NoticeDelivery.id)).all()


def later(**ago):
    """Let the time pass that deliveries wait for."""
    with db.hub_session() as session:
        session.execute(text("update notice_delivery set due_at = now() where sent_at is null"))


def test_whose_work_it_is_is_told_once_in_the_readers_language(post, farm):
    somebody(farm, language="en")
    somebody(farm, address="zhang@example.org", language="zh")
    somebody(farm, Role.ADMINISTRATOR, "admin@example.org")
    tell(farm)
    tell(farm)
    assert len(notices()) == 2 and send() == 2 and send() == 0
    english, chinese = sorted(post.texts(), key=str.isascii, reverse=True)
    assert "Hejia ordered PO-1 for Tue 1 Dec. Answer by" in english and "/notices/" in english
    assert "禾家下了订单PO-1" in chinese
    assert {letter["To"] for letter in post.letters} == {"wang@example.org", "zhang@example.org"}
    assert all(letter["Message-ID"] for letter in post.letters)


def test_a_letter_holds_no_secret_and_no_name_of_a_person(post, farm):
    person = somebody(farm, name="王秀兰")
    tell(farm)
    send()
    assert person.name not in post.texts()[0] and "token" not in post.texts()[0]


def test_a_server_that_is_away_for_an_hour_loses_and_doubles_nothing(post, farm):
    somebody(farm)
    post.refuses = True
    tell(farm)
    tell(farm, key="k2")
    for _ in range(8):
        assert send() == 0
        later()
    waiting = deliveries()
    assert [row.attempts for row in waiting] == [8, 8] and "451" in waiting[0].error
    post.refuses = False
    assert send() == 1 and send() == 0
    assert len(post.letters) == 1 and post.texts()[0].count("PO-1") == 2  # together, once
    assert all(row.sent_at for row in deliveries())


def test_what_cannot_be_brought_is_given_up_and_the_persons_page_says_so(post, farm):
    post.refuses = True
    client = signed_in(farm, Role.SUPPLIER)
    tell(farm)
    for _ in range(delivery.MOST_ATTEMPTS + 2):
        send()
        later()
    assert deliveries()[0].given_up_at is not None and deliveries()[0].attempts == delivery.MOST_ATTEMPTS
    page = client.get("/notices").text
    assert "1 letter could not be brought to you." in page and "451" in page


def test_two_senders_at_once_send_one_letter(post, farm):
    somebody(farm)
    tell(farm)
    both = [threading.Thread(target=send) for _ in range(4)]
    for sender in both:
        sender.start()
    for sender in both:
        sender.join()
    assert len(post.letters) == 1


def test_without_a_mail_server_it_is_told_in_the_hub_alone(farm):
    client = signed_in(farm, Role.SUPPLIER)
    tell(farm)
    assert deliveries() == [] and len(notices()) == 1
    assert "no mail server" in client.get("/notices/choices").text


def test_a_person_chooses_by_kind_and_the_robot_says_it(post, hook, farm):
    address, heard = hook
    client = signed_in(farm, Role.SUPPLIER)
    saved = client.post("/notices/choices", data={"chat": ["order.waiting"], "robot": address})
    assert saved.status_code == 303
    assert client.post("/notices/choices/try").status_code == 303
    tell(farm)
    tell(farm, kind="order.due", key="k3")
    assert [(row.channel, row.attempts) for row in deliveries()] == [(Channel.CHAT, 0)]  # of the other kind: nothing
    assert send() == 1 and post.letters == []
    assert "reaches you here" in heard[0]["message"] and "禾家下了订单PO-1" in heard[1]["message"]


def test_a_robots_address_lies_sealed_and_is_not_shown_again(hook, farm):
    address, _ = hook
    client = signed_in(farm, Role.SUPPLIER)
    client.post("/notices/choices", data={"robot": address})
    with db.hub_session() as session:
        route = session.exec(select(NoticeRoute)).one()
    assert address not in route.chat and keys.unseal(route.chat, delivery.cell(route)).decode() == address
    assert address not in client.get("/notices/choices").text
    client.post("/notices/choices", data={"forget": "true"})
    with db.hub_session() as session:
        assert session.exec(select(NoticeRoute)).one().chat == ""


@pytest.mark.parametrize("address", ["json://127.0.0.1:8000", "https://example.org/hook", "file:///etc/passwd", "x"])
def test_nothing_but_a_robots_makers_own_host_is_ever_written_to(farm, address):
    client = signed_in(farm, Role.SUPPLIER)
    refused = client.post("/notices/choices", data={"robot": address})
    assert refused.status_code == 422 and "not the address of a chat robot" in refused.text
    with pytest.raises(carriers.NotARobot):
        carriers.chat(address, carriers.Letter("", "", ""))


SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("quiet", "digest", "clock", "due"),
    [
        (None, None, "03:00", "03:00"),
        (("22:00", "07:00"), None, "23:30", "07:00"),
        (("22:00", "07:00"), None, "03:00", "07:00"),
        (("22:00", "07:00"), None, "07:00", "07:00"),
        (("12:00", "13:00"), None, "12:30", "13:00"),
        (None, "08:00", "07:00", "08:00"),
        (None, "08:00", "09:00", "08:00"),
        (("22:00", "07:00"), "08:00", "23:00", "08:00"),
    ],
)
def test_quiet_hours_and_the_digest_are_kept_on_the_organisations_clock(quiet, digest, clock, due):
    begins, ends = (time.fromisoformat(part) for part in quiet) if quiet else (None, None)
    route = NoticeRoute(quiet_from=begins, quiet_to=ends, digest_at=time.fromisoformat(digest) if digest else None)
    at = datetime.combine(date(2026, 11, 28), time.fromisoformat(clock), SHANGHAI).astimezone(UTC)
    gone = desk.when(route, at, SHANGHAI)
    assert gone.astimezone(SHANGHAI).strftime("%H:%M") == due
    assert timedelta(0) <= gone - at <= timedelta(hours=24)


def test_what_cannot_wait_goes_out_in_quiet_hours_too(post, farm):
    person = somebody(farm)
    clock = datetime.now(SHANGHAI)
    with db.session(db.Who(farm.id, person.id)) as session:
        quiet = {"quiet_from": (clock - timedelta(hours=1)).time(), "quiet_to": (clock + timedelta(hours=1)).time()}
        session.add(NoticeRoute(owner_id=farm.id, user_id=person.id, **quiet))
    tell(farm)
    assert send() == 0
    tell(farm, kind="order.due", key="k9")
    assert send() == 1 and len(post.letters) == 1


def test_a_place_of_ones_own_narrows_what_one_is_told(clean):
    market = Supermarket()
    for number, store in enumerate(market.stores):
        somebody(market.chain, Role.STORE, f"store{number}@example.org", place=store.id)
    somebody(market.chain, Role.STORE, "all@example.org")
    tell(market.chain, kind="recall.store", place=str(market.stores[0].id))
    with db.hub_session() as session:
        rows = session.execute(text("select email from notice join person on person.id = user_id order by 1"))
        assert rows.scalars().all() == ["all@example.org", "store0@example.org"]


def test_an_order_is_told_to_its_supplier_and_its_answer_to_the_buyer_and_what_is_done_is_read(trade: Trade, post):
    somebody(trade.farm)
    somebody(trade.chain, Role.BUYER, "buyer@example.org")
    order = trade.ordered()
    relay()
    assert [(n.kind, n.read_at) for n in notices()] == [("order.waiting", None)]
    trade.answer(order)
    relay()
    kinds = {notice.kind: notice.read_at for notice in notices()}
    assert kinds["order.waiting"] is not None and kinds["order.answered"] is None


def test_certificates_that_end_are_told_of_once(farm):
    somebody(farm)
    soon = (now() + timedelta(days=20)).date()
    for number, until in (("G-1", soon), ("G-2", soon + timedelta(days=60))):
        told = parties.CertificateDetails("gap", "良好农业规范", "GAP", number, "CQC", date(2026, 1, 1), until)
        with db.session(db.Who(farm.id)) as session:
            parties.certify(session, told)
    assert watch.certificates(now()) == 1
    relay()
    assert watch.certificates(now()) == 0
    assert [notice.said["number"] for notice in notices()] == ["G-1"]


def test_nobody_reads_or_opens_what_another_was_told(farm):
    mine, other = somebody(farm), somebody(farm, address="zhang@example.org")
    tell(farm)
    of_other = next(notice for notice in notices() if notice.user_id == other.id)
    me = builder.actor(farm, Role.SUPPLIER, person=mine.id)
    with db.session(me.who) as session:
        with pytest.raises(NotFound):
            desk.read(session, me, of_other.id)
        assert desk.notices(session, me, Search()).total == 1
        desk.read_all(session, me)
    assert {notice.user_id: notice.read_at is None for notice in notices()} == {mine.id: False, other.id: True}
    rival = builder.party(OrganizationKind.SUPPLIER)
    with db.session(db.Who(rival.id)) as session:
        assert session.exec(select(Notice)).all() == []


def test_the_bell_counts_and_a_button_leads_on(farm):
    client = signed_in(farm, Role.SUPPLIER)
    tell(farm)
    assert ">1<" in client.get("/notices/count").text
    (row,) = notices()
    assert client.post(f"/notices/{row.id}").headers["location"] == "/supplier/orders/PO-1"
    assert client.get("/notices/count").text.strip() == ""
    assert client.post("/notices/read").status_code == 303


def test_letters_about_accounts_go_out_by_the_same_server_in_the_readers_language(post):
    from hub.accounts import post as written

    for kind in written.Kind:
        link = "https://hub.example/join?t=1" if kind is written.Kind.INVITATION else ""
        letters.carry(written.Letter(kind, "li@example.org", "en", link, "Hejia"))
    letters.carry(written.Letter(written.Kind.PASSWORD_LINK, "li@example.org", "zh", "https://hub.example/x"))
    texts = post.texts()
    assert "Hejia asks you to act for it" in texts[1] and "https://hub.example/join?t=1" in texts[1]
    assert texts[4].isascii() is False and len({letter["Message-ID"] for letter in post.letters}) == 5
    post.refuses = True
    letters.try_to_carry(
        written.Letter(written.Kind.INVITATION, "li@example.org")
    )  # said in the log, and no page breaks
    with pytest.raises(carriers.NotCarried):
        letters.carry(written.Letter(written.Kind.PASSWORD_LINK, "li@example.org"))
