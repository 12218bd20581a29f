"""Systems that trade by documents alone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from hub import access, db
from hub.access import Permission
from hub.app import create_app
from hub.models.base import now
from hub.models.party import Organization
from tests.supplier_portal.conftest import Trade, keys_of_the_hub, trade
from tests.supplier_portal.exchange.client import System

__all__ = ["keys_of_the_hub", "trade"]
SUPPLIER = (Permission.ANSWER_ORDERS, Permission.COMMIT_TO_FORECASTS)


@pytest.fixture
def today(trade: Trade) -> Trade:
    """The trade as it is today, since doors read the clock."""
    trade.at = now()
    trade.deliver_on = (now() + timedelta(days=2)).date()
    return trade


@pytest.fixture
def connect() -> Iterator[object]:
    """An organisation's own system, by an API key."""
    opened = []

    def open_one(org: Organization, *scopes: Permission) -> System:
        with db.session(db.Who(org.id)) as session:
            key = access.make_api_key(session, org.id, "their system", scopes or SUPPLIER)
        client = TestClient(create_app(), headers={"authorization": f"Bearer {key}", "accept-language": "en"})
        client.__enter__()
        opened.append(client)
        return System(client, org.gln)

    yield open_one
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def farm(today: Trade, connect: object) -> System:
    """The grower's."""
    return connect(today.farm)
