"""Programs are told what people are told: signed, tried for three days, once each, and nobody else's."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from hub import db
from hub.access import Permission
from hub.demo import builder
from hub.hooks import hooks, sending, signing
from hub.hooks.hooks import HookOver, TooManyHooks
from hub.messages import NoticeGiven
from hub.models.base import now
from hub.models.hook import Hook, HookMessage
from hub.models.outbox import OutboxMessage
from hub.models.party import OrganizationKind, Role
from hub.trace.asking.webhooks import BadDestination
from tests.hub.epcis.documents import machine
from tests.hub.epcis.test_subscriptions import receiver

__all__ = ["receiver"]
ODD = ("https://[", "https://[::1/x", "https://a\x00b/x", "https://a..b/x", "https://a:99999/x", "https://" + "a" * 70)
WAITING = NoticeGiven(
    "order.waiting", "order.waiting/1", "%(number)s waits", {"number": "4711"}, "/supplier/orders/4711"
)


@pytest.fixture
def farm(clean):
    return builder.party(OrganizationKind.SUPPLIER, "Qinghe")


def told(farm, *notices: NoticeGiven) -> None:
    with db.session(db.Who(farm.id)) as session:
        for notice in notices:
            hooks.given(session, notice)


def add(farm, url: str, *kinds: str) -> tuple[Hook, str]:
    actor = builder.actor(farm, Role.SUPPLIER)
    with db.session(actor.who) as session:
        hook, secret = hooks.add(session, actor, url, kinds or ("order.waiting",))
        session.expunge(hook)
    return hook, secret


def kept() -> list[HookMessage]:
    with db.hub_session() as session:
        return list(session.exec(select(HookMessage).order_by(col(HookMessage.id))))


def due_now() -> None:
    """The pauses between tries are over."""
    with db.hub_session() as session:
        for row in session.exec(select(HookMessage)):
            row.due_at = now() - timedelta(seconds=1)
            session.add(row)


def test_the_signature_is_the_specifications_own_example():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, UTC)
    signed = signing.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    with pytest.raises(ValueError, match="whsec_"):
        signing.signature("whsec_no base64!", "msg_1", at, b"")


def test_a_program_is_told_once_what_people_are_told_and_can_verify_it(farm, receiver):
    hook, secret = add(farm, receiver.address)
    told(farm, WAITING, WAITING, NoticeGiven("recall", "recall/1", "", {}, "/"), replace(WAITING, key="2", only="x"))
    assert sending.send_due() == 1 and sending.send_due() == 0
    [(headers, body)] = receiver.taken
    said = json.loads(body)
    assert (said["type"], said["data"]["said"], said["data"]["key"]) == (
        "order.waiting",
        {"number": "4711"},
        "order.waiting/1",
    )
    assert said["data"]["page"].endswith("/supplier/orders/4711")
    lower = {name.lower(): value for name, value in headers.items()}
    at = datetime.fromtimestamp(int(lower["webhook-timestamp"]), UTC)
    assert lower["webhook-signature"] == signing.signature(secret, lower["webhook-id"], at, body)
    assert lower["webhook-id"] == f"msg_{kept()[0].id}" and secret not in hook.secret


def test_what_is_not_taken_is_tried_for_three_days_under_one_id_and_then_given_up_visibly(farm, receiver):
    add(farm, receiver.address)
    told(farm, WAITING)
    receiver.status = 503
    for attempt in range(len(sending.PAUSES) + 1):
        due_now()
        assert sending.send_due() == 0
        [row] = kept()
        assert (row.attempts, row.answered) == (attempt + 1, 503)
    assert row.given_up_at is not None and len({dict(headers)["webhook-id"] for headers, _ in receiver.taken}) == 1
    assert timedelta(days=2, hours=23) < sum(sending.PAUSES, timedelta()) < timedelta(days=3)
    due_now()
    assert sending.send_due() == 0 and len(receiver.taken) == len(sending.PAUSES) + 1
    with db.hub_session() as session:
        [notice] = session.exec(select(OutboxMessage).where(col(OutboxMessage.to_org) == farm.id)).all()
    assert notice.body["kind"] == hooks.GIVEN_UP

    receiver.status = 204
    actor = builder.actor(farm, Role.SUPPLIER)
    with db.session(actor.who) as session:
        assert hooks.all_again(session, actor, row.hook_id) == 1
    assert sending.send_due() == 1 and kept()[0].given_up_at is None


def test_the_next_try_is_later_each_time(farm, receiver):
    add(farm, receiver.address)
    told(farm, WAITING)
    receiver.status = 500
    waits = []
    for _ in range(3):
        due_now()
        sending.send_due()
        [row] = kept()
        waits.append((row.due_at - row.tried_at).total_seconds())
    assert 4 < waits[0] < 6 and 50 < waits[1] < 70 and 260 < waits[2] < 340


def test_a_program_that_says_it_is_gone_hears_nothing_until_a_person_says_so(farm, receiver):
    hook, _ = add(farm, receiver.address)
    told(farm, WAITING)
    receiver.status = 410
    assert sending.send_due() == 0
    due_now()
    receiver.status = 204
    assert sending.send_due() == 0 and len(receiver.taken) == 1
    actor = builder.actor(farm, Role.SUPPLIER)
    with db.session(actor.who) as session, pytest.raises(HookOver):
        hooks.test(session, actor, hook.id)
    with db.session(actor.who) as session:
        hooks.resume(session, actor, hook.id)
    assert sending.send_due() == 1


def test_a_program_that_hangs_keeps_no_other_waiting(farm, receiver, monkeypatch):
    monkeypatch.setattr("hub.trace.asking.webhooks._SECONDS", 1)
    add(farm, "http://127.0.0.1:1/nobody")
    add(farm, receiver.address)
    told(farm, *(NoticeGiven("order.waiting", f"order.waiting/{n}", "", {}, "/") for n in range(5)))
    assert sending.send_due() == 5 and len(receiver.taken) == 5


def test_two_rounds_at_once_send_each_message_once(farm, receiver):
    add(farm, receiver.address)
    told(farm, *(NoticeGiven("order.waiting", f"order.waiting/{n}", "", {}, "/") for n in range(20)))
    with ThreadPoolExecutor(2) as both:
        rounds = [both.submit(sending.send_due) for _ in range(2)]
        taken = sum(each.result() for each in rounds) + sending.send_due()
    ids = [dict(headers)["webhook-id"] for headers, _ in receiver.taken]
    assert taken == 20 and len(ids) == len(set(ids)) == 20


def test_an_ended_program_is_told_nothing_more(farm, receiver):
    hook, _ = add(farm, receiver.address)
    told(farm, WAITING)
    actor = builder.actor(farm, Role.SUPPLIER)
    with db.session(actor.who) as session:
        hooks.end(session, actor, hook.id)
    told(farm, NoticeGiven("order.waiting", "order.waiting/2", "", {}, "/"))
    assert sending.send_due() == 0 and receiver.taken == [] and len(kept()) == 1


def test_private_addresses_and_what_is_none_of_ones_work_are_refused(farm):
    actor = builder.actor(farm, Role.SUPPLIER)
    with db.session(actor.who) as session:
        for bad in ("http://example.org/x", "https://127.0.0.1/x", "https://10.0.0.1", "ftp://x", "https://", *ODD):
            with pytest.raises(BadDestination):
                hooks.add(session, actor, bad, ["order.waiting"])
        for kind in ("order.overdue", "no.such", hooks.GIVEN_UP):
            with pytest.raises(Exception, match="no kind of notice"):
                hooks.add(session, actor, "https://93.184.215.14/hook", [kind])
        for _ in range(hooks.MOST):
            hooks.add(session, actor, "https://93.184.215.14/hook", ["order.waiting"])
        with pytest.raises(TooManyHooks):
            hooks.add(session, actor, "https://93.184.215.14/hook", ["order.waiting"])


def test_a_program_keeps_its_webhooks_by_api_and_never_another_partys(farm, receiver):
    other = builder.party(OrganizationKind.SUPPLIER, "Other")
    with machine(farm, Permission.ANSWER_ORDERS) as client, machine(other, Permission.ANSWER_ORDERS) as stranger:
        made = client.post("/api/webhooks", json={"url": receiver.address, "kinds": ["order.waiting"]})
        assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
        here = f"/api/webhooks/{made.json()['id']}"
        told(farm, WAITING)
        assert sending.send_due() == 1
        [row] = client.get(f"{here}/messages?state=sent").json()["messages"]
        again = f"{here}/messages/{row['message']}/again"
        for _ in range(2):
            assert client.post(again, headers={"idempotency-key": "a"}).status_code == 200
        assert sending.send_due() == 1 and len(receiver.taken) == 2
        assert stranger.get("/api/webhooks").json()["webhooks"] == []
        for answer in (
            stranger.get(f"{here}/messages"),
            stranger.post(again, headers={"idempotency-key": "b"}),
            stranger.delete(here),
        ):
            assert answer.status_code == 404
        assert client.post("/api/webhooks", json={"url": "x", "kinds": ["order.waiting"]}).status_code == 400
        assert client.delete(here).status_code == 204 and client.get("/api/webhooks").json()["webhooks"] == []
