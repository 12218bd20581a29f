"""A farm that is a member of the ledger, and a program of its that captures events."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from hub.demo import builder
from hub.models.party import Organization, OrganizationKind
from tests.hub.epcis.documents import machine
from tests.hub.growers import keys_of_the_hub  # noqa: F401


@pytest.fixture
def farm(clean: str, keys_of_the_hub: None) -> Organization:  # noqa: F811
    return builder.member(builder.party(OrganizationKind.SUPPLIER))


@pytest.fixture
def client(farm: Organization) -> Iterator[TestClient]:
    with machine(farm) as made:
        yield made
