"""What only one may do at a time, only one does: and who was away for too long changes nothing any more."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text

from hub import db, queue, terms
from hub.demo import builder
from hub.models.party import OrganizationKind

pytestmark = pytest.mark.usefixtures("clean")


def elsewhere(work):
    """What another process does, which does not work under this one's lease."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(work).result()


def lapse() -> None:
    """The holder has been stopped for longer than its term."""
    with db.hub_session() as session:
        session.execute(text("update lease set until = now() - interval '1 second'"))


def test_while_one_runs_another_does_not_and_afterwards_does():
    with queue.lease("seal") as held:
        assert held is not None and held.term == 1
        with queue.lease("seal") as second:
            assert second is None
    with queue.lease("seal") as held:
        assert held is not None and held.term == 2


def test_a_round_longer_than_its_term_keeps_its_lease():
    with queue.lease("route", timedelta(seconds=0.6)) as held:
        assert held is not None
        for _ in range(10):
            assert queue.take_lease("route", timedelta(seconds=1)) is None
            time.sleep(0.15)


@pytest.mark.parametrize("opened", ["hub", "tenant"])
def test_whoever_was_stopped_past_its_lease_writes_nothing(opened):
    org = builder.party(OrganizationKind.RETAILER)
    session_of = {"hub": db.hub_session, "tenant": lambda: db.session(db.Who(org.id))}[opened]
    with queue.lease("anchor") as held:
        with session_of() as session:
            session.execute(text("update organization set phone = 'mine'"))
        elsewhere(lapse)
        successor = elsewhere(lambda: queue.take_lease("anchor", timedelta(seconds=60)))
        assert successor is not None and successor.term == held.term + 1
        with pytest.raises(terms.LeaseLost), session_of() as session:
            session.execute(text("update organization set phone = 'late'"))
    with db.hub_session() as session:
        assert session.execute(text("select phone from organization")).scalar() == "mine"
        assert session.execute(text("select holder from lease")).scalar() == successor.holder
        assert session.execute(text("select until > now() from lease")).scalar()


def test_a_successor_waits_for_a_commit_that_was_checked(database):
    """Between the check and the commit nobody takes the lease."""
    with queue.lease("watch") as held, db.HubSession(db.relay_engine()) as session:
        asked = {"name": held.name, "holder": held.holder, "term": held.term}
        assert session.execute(text("select holds_lease(:name, :holder, :term)"), asked).scalar()
        with db.relay_engine().connect() as other:
            other.execute(text("set lock_timeout = '100ms'"))
            with pytest.raises(Exception, match="lock timeout"):
                other.execute(text("update lease set term = term + 1"))


def test_a_lease_in_force_keeps_others_out_but_for_whom_a_lock_makes_the_only_one(database):
    with queue.lease("plan") as held, psycopg.connect(os.environ["FURROW_DATABASE_RELAY_URL"]) as connection:
        assert held is not None and terms.elect(connection.execute, "plan", timedelta(seconds=60)) is None
        led = terms.elect(connection.execute, "plan", None)
        assert led is not None and (led.term, led.holder != held.holder) == (held.term + 1, True)
