"""What the operator is told to look at."""

import pytest
from sqlalchemy import text

from hub import access, db, health
from hub.demo import builder
from hub.models.base import now
from hub.models.outbox import OutboxMessage
from hub.models.party import OrganizationKind, Role
from hub.settings import settings
from tests.hub.growers import growers, keys_of_the_hub  # noqa: F401

pytestmark = pytest.mark.usefixtures("clean")
PASSWORD = "a long enough sentence"


def come(org, count, address):
    for number in range(count):
        email = f"{address}-{number}@example.org"
        builder.person(org, Role.BUYER, PASSWORD, email)
        access.sign_in(email, PASSWORD, address, email)


def test_all_people_from_one_address_are_a_proxy_until_it_is_named(monkeypatch):
    org = builder.party(OrganizationKind.RETAILER)
    come(org, health.PEOPLE, "10.0.0.1")
    assert [line for line in health.symptoms() if "FURROW_TRUSTED_PROXIES" in line]
    monkeypatch.setattr(settings(), "trusted_proxies", "10.0.0.1")
    assert not [line for line in health.symptoms() if "FURROW_TRUSTED_PROXIES" in line]
    monkeypatch.setattr(settings(), "trusted_proxies", "")
    come(org, 1, "192.0.2.1")
    assert not [line for line in health.symptoms() if "FURROW_TRUSTED_PROXIES" in line]


def test_records_that_nobody_seals_are_named(growers):  # noqa: F811
    growers.grow("L-1")
    assert not [line for line in health.symptoms() if "keeper" in line]
    with db.hub_session() as session:
        session.execute(text("update event set created_at = now() - interval '2 minutes'"))
    assert [line for line in health.symptoms() if "2 records wait to be sealed" in line]


def test_messages_that_wait_and_a_chain_that_is_away_are_named():
    org = builder.party(OrganizationKind.RETAILER)
    with db.session(db.Who(org.id)) as session:
        session.add(OutboxMessage(owner_id=org.id, to_org=org.id, type="X", next_at=now(), parked_at=now()))
    told = "\n".join(health.symptoms())
    assert "1 messages failed too often" in told and "chain does not answer" in told
