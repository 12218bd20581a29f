"""Whoever waits for a delivery that is late hears of it once: the store's people, and whoever ordered."""

from datetime import timedelta

import pytest
from sqlmodel import select

from hub import db, outbox
from hub.demo import builder
from hub.listeners import LISTENERS
from hub.models.notice import Notice
from hub.models.party import Role
from logistics.drive import late, tracking
from logistics.models import Stop

ONE = timedelta(minutes=1)


@pytest.fixture
def waited_for(region):
    """A shipment for the first store on its way, and people of the chain who wait for it."""
    region.shipped(0)
    builder.person(region.chain, Role.STORE, "a long enough sentence", "wang@example.org", place=region.stores[0].id)
    builder.person(region.chain, Role.STORE, "a long enough sentence", "sun@example.org", place=region.stores[1].id)
    builder.person(region.chain, Role.BUYER, "a long enough sentence", "lin@example.org")
    (region.stop,) = region.stops(region.planned(publish=True))
    outbox.relay(LISTENERS)
    return region


def told() -> list[tuple[str, str]]:
    """Which kinds were told, to which address they lead."""
    outbox.relay(LISTENERS)
    with db.hub_session() as session:
        found = session.exec(select(Notice).where(Notice.kind.startswith("delivery.late")))
        return sorted((row.kind, row.address.split("/")[1]) for row in found)


def expect(region, at):
    with db.session(region.dispatcher.who) as session:
        session.get_one(Stop, region.stop.id).expected_at = at


BOTH = [("delivery.late", "store"), ("delivery.late.buyer", "buyer")]


def test_what_is_expected_half_an_hour_after_the_window_is_told_once_to_the_store_and_the_buyer(waited_for):
    closes = waited_for.stop.closes_at
    expect(waited_for, closes + late.PATIENCE)
    assert late.tell(closes - timedelta(hours=3)) == 0
    expect(waited_for, closes + late.PATIENCE + ONE)
    assert late.tell(closes - timedelta(hours=3)) == 1
    assert told() == BOTH
    assert late.tell(closes - timedelta(hours=2)) == 0 and late.tell(closes + ONE) == 0
    assert told() == BOTH


def test_what_has_not_arrived_by_the_end_of_the_window_is_told_of(waited_for):
    closes = waited_for.stop.closes_at
    assert late.tell(closes - ONE) == 0
    assert late.tell(closes) == 1
    assert told() == BOTH


def test_what_has_arrived_is_late_no_more(waited_for):
    closes = waited_for.stop.closes_at
    with db.session(waited_for.driver.who) as session:
        stop = tracking.find(session, waited_for.driver, waited_for.stop.id)
        tracking.arrive(session, waited_for.driver, stop, at=closes - ONE)
    assert late.tell(closes + ONE) == 0


def test_what_nobody_has_planned_is_late_too(region):
    shipment = region.shipped(1)
    builder.person(region.chain, Role.BUYER, "a long enough sentence", "lin@example.org")
    closes = late.window(region.stores[1], shipment.deliver_on)[1]
    assert late.tell(closes - ONE) == 0 and late.tell(closes) == 1
    assert told() == [("delivery.late.buyer", "buyer")]
