"""A message is handled once, in one transaction with its effects."""

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from hub import db, outbox
from hub.messages import EventsCaptured
from hub.models.base import now
from hub.models.outbox import OutboxMessage
from hub.models.party import Organization, OrganizationKind, User
from tests import factories

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def told():
    """A message from one organisation to another, waiting."""
    sender, receiver = (
        factories.organization(OrganizationKind.SUPPLIER),
        factories.organization(OrganizationKind.OPERATOR),
    )
    with db.session(db.Who(sender.id)) as session:
        outbox.publish(session, EventsCaptured(member=7), receiver.id)
    return receiver


def waiting() -> int:
    with db.hub_session() as session:
        return len(
            session.execute(select(OutboxMessage).where(col(OutboxMessage.handled_at).is_(None))).all()
        )


def test_a_message_is_handled_once_for_the_organisation_it_was_told(told):
    seen = []

    def listen(session, message):
        seen.append((message, session.execute(text("select app_org()")).scalar()))

    assert outbox.relay({EventsCaptured: [listen]}) == 1
    assert outbox.relay({EventsCaptured: [listen]}) == 0
    assert seen == [(EventsCaptured(member=7), told.id)]


def test_a_listener_sees_only_the_rows_of_the_organisation_it_serves(told):
    seen = []
    outbox.relay(
        {EventsCaptured: [lambda session, _m: seen.extend(session.execute(select(Organization)).scalars())]}
    )
    assert [o.id for o in seen] == [told.id]


def test_what_a_listener_writes_stays(told):
    def listen(session, _message):
        session.add(User(owner_id=told.id, email="new@example.org", name="x", password="x"))

    outbox.relay({EventsCaptured: [listen]})

    with db.hub_session() as session:
        assert (
            session.execute(text("select via from person where email = 'new@example.org'")).scalar() == "task"
        )


def test_a_listener_that_fails_leaves_nothing_behind_and_the_message_due_later(told):
    def listen(session, _message):
        session.add(User(owner_id=told.id, email="half@example.org", name="x", password="x"))
        session.flush()
        raise RuntimeError("killed on the way")

    outbox.relay({EventsCaptured: [listen]}, limit=1)

    assert waiting() == 1
    with db.hub_session() as session:
        assert (
            session.execute(text("select count(*) from person where email = 'half@example.org'")).scalar()
            == 0
        )
        row = session.execute(select(OutboxMessage)).scalar_one()
        assert row.error == "RuntimeError: killed on the way" and row.attempts == 1 and row.next_at > now()


def test_a_message_of_a_transaction_that_was_rolled_back_was_never_told():
    sender = factories.organization(OrganizationKind.SUPPLIER)
    with pytest.raises(ZeroDivisionError), db.session(db.Who(sender.id)) as session:
        outbox.publish(session, EventsCaptured(member=1), sender.id)
        _ = 1 / 0
    assert waiting() == 0
