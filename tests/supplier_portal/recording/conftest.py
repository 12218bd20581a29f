"""A grower with a field, a lot that grows in it and one that is harvested."""

from datetime import timedelta
from decimal import Decimal

import pytest

from hub import db
from hub.demo import builder
from hub.models.catalogue import Lot
from hub.models.party import PlaceKind, Role
from hub.trace import records
from hub.trace.records import Goods, Scene
from tests import supermarket


@pytest.fixture
def field(trade):
    return builder.place(trade.farm, PlaceKind.FARM, "Field 8")


@pytest.fixture
def grower(trade):
    with supermarket.signed_in(trade.farm, Role.SUPPLIER) as client:
        client.headers["accept"] = "text/html"
        yield client


@pytest.fixture
def growing(trade, field) -> Lot:
    with db.session(trade.grower.who) as session:
        return records.plant(session, trade.tomato, "T-1", Scene(field, trade.at - timedelta(days=60)))


@pytest.fixture
def harvested(trade, field, growing) -> Lot:
    with db.session(trade.grower.who) as session:
        lot = session.get_one(Lot, growing.id)
        records.harvest(session, Goods(lot, trade.tomato, Decimal(300)), Scene(field, trade.at))
        return lot
