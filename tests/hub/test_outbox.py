"""A message is handled once, in one transaction with its effects."""

from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text
from sqlmodel import col

from hub import db, outbox
from hub.app import create_app
from hub.demo import builder
from hub.messages import HandoverDue
from hub.models.base import now
from hub.models.outbox import OutboxMessage
from hub.models.party import Organization, OrganizationKind, Role, User
from tests.hub.growers import keys_of_the_hub  # noqa: F401

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def told():
    """A message from one organisation to another, waiting."""
    sender, receiver = (
        builder.party(OrganizationKind.SUPPLIER),
        builder.party(OrganizationKind.OPERATOR),
    )
    with db.session(db.Who(sender.id)) as session:
        outbox.publish(session, HandoverDue(UUID(int=7)), receiver.id)
    return receiver


def waiting() -> int:
    with db.hub_session() as session:
        return len(session.execute(select(OutboxMessage).where(col(OutboxMessage.handled_at).is_(None))).all())


def test_a_message_is_handled_once_for_the_organisation_it_was_told(told):
    seen = []

    def listen(session, message):
        seen.append((message, session.execute(text("select app_org()")).scalar()))

    assert outbox.relay({HandoverDue: [listen]}) == 1
    assert outbox.relay({HandoverDue: [listen]}) == 0
    assert seen == [(HandoverDue(UUID(int=7)), told.id)]


def test_a_listener_sees_only_the_rows_of_the_organisation_it_serves(told):
    seen = []
    outbox.relay({HandoverDue: [lambda session, _m: seen.extend(session.execute(select(Organization)).scalars())]})
    assert [o.id for o in seen] == [told.id]


def test_what_a_listener_writes_stays(told):
    def listen(session, _message):
        session.add(User(owner_id=told.id, email="new@example.org", name="x", password="x"))

    outbox.relay({HandoverDue: [listen]})

    with db.hub_session() as session:
        assert session.execute(text("select via from person where email = 'new@example.org'")).scalar() == "task"


def test_a_listener_that_fails_leaves_nothing_behind_and_the_message_due_later(told):
    def listen(session, _message):
        session.add(User(owner_id=told.id, email="half@example.org", name="x", password="x"))
        session.flush()
        raise RuntimeError("killed on the way")

    outbox.relay({HandoverDue: [listen]}, limit=1)

    assert waiting() == 1
    with db.hub_session() as session:
        assert session.execute(text("select count(*) from person where email = 'half@example.org'")).scalar() == 0
        row = session.execute(select(OutboxMessage)).scalar_one()
        assert row.error == "RuntimeError: killed on the way" and row.attempts == 1 and row.next_at > now()


def test_a_message_of_a_transaction_that_was_rolled_back_was_never_told():
    sender = builder.party(OrganizationKind.SUPPLIER)
    with pytest.raises(ZeroDivisionError), db.session(db.Who(sender.id)) as session:
        outbox.publish(session, HandoverDue(UUID(int=1)), sender.id)
        _ = 1 / 0
    assert waiting() == 0


def due_now() -> None:
    with db.hub_session() as session:
        session.execute(text("update outbox_message set next_at = now()"))


def test_a_message_of_another_release_holds_nobody_up_and_waits_for_a_person(told):
    with db.hub_session() as session:
        session.execute(text("update outbox_message set type = 'HandoverDueAnew'"))
    sender = builder.party(OrganizationKind.SUPPLIER)
    with db.session(db.Who(sender.id)) as session:
        outbox.publish(session, HandoverDue(UUID(int=8)), told.id)
        outbox.publish(session, HandoverDue(UUID(int=9)), told.id)
    with db.hub_session() as session:
        spoilt = "update outbox_message set body = '{}' where body ->> 'receipt_id' = :eighth"
        session.execute(text(spoilt), {"eighth": str(UUID(int=8))})
    heard = []
    listeners = {HandoverDue: [lambda _s, message: heard.append(message.receipt_id.int)]}

    for _ in range(outbox.MOST_ATTEMPTS + 3):
        outbox.relay(listeners)
        due_now()

    assert heard == [9]
    with db.hub_session() as session:
        renamed, shorter = outbox.parked(session)
        assert "no message is called HandoverDueAnew" in renamed.error and "KeyError" in shorter.error
        assert renamed.attempts == outbox.MOST_ATTEMPTS


def test_what_waits_for_somebody_else_is_never_given_up(told):
    def listen(_session, _message):
        raise outbox.NotYet

    for _ in range(outbox.MOST_ATTEMPTS + 3):
        outbox.relay({HandoverDue: [listen]})
        due_now()
    with db.hub_session() as session:
        assert outbox.parked(session) == [] and waiting() == 1


def test_a_parked_message_is_replayed_once_by_its_own_administrator(told, keys_of_the_hub, app_of_outbox):  # noqa: F811
    with db.hub_session() as session:
        row = session.execute(select(OutboxMessage)).scalar_one()
        row.parked_at, row.attempts, row.error = now(), outbox.MOST_ATTEMPTS, "it was broken"
        owner, number = row.owner_id, row.id
    heard = []
    assert outbox.relay({HandoverDue: [lambda _s, m: heard.append(m)]}) == 0
    page = app_of_outbox(owner)
    assert "it was broken" in page.get("/admin").text
    stranger = app_of_outbox(builder.party(OrganizationKind.RETAILER).id)
    assert stranger.post(f"/admin/messages/{number}/again").status_code == 404
    assert page.post(f"/admin/messages/{number}/again").status_code == 303
    assert page.post(f"/admin/messages/{number}/again").status_code == 409
    assert outbox.relay({HandoverDue: [lambda _s, m: heard.append(m)]}) == 1
    assert heard == [HandoverDue(UUID(int=7))]


@pytest.fixture
def app_of_outbox():
    """A browser in which an administrator of an organisation has signed in."""

    def enter(organization):
        with db.session(db.Who(organization)) as session:
            org = session.get(Organization, organization)
        email = f"{organization}@example.org"
        builder.person(org, Role.ADMINISTRATOR, "a long enough sentence", email)
        client = TestClient(
            create_app(),
            headers={"accept": "text/html", "sec-fetch-site": "same-origin"},
            follow_redirects=False,
        )
        client.post("/sign-in", data={"email": email, "password": "a long enough sentence"})
        return client

    return enter
