"""What the tests of the resolver share: its own data, and whoever keeps links."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from hub.access import Permission
from hub.app import create_app
from hub.demo import builder
from hub.gs1 import digital_link
from hub.models.party import OrganizationKind
from hub.resolver import kept
from tests.hub.growers import keys_of_the_hub  # noqa: F401

SAMPLES = Path(__file__).parents[2] / "samples" / "digital-link-resolver-ce"
GTIN = "09506000134376"
GLN = "950600000000" + digital_link.check_digit("950600000000")


def entries(name):
    """An entry of the Community Edition's own tests."""
    return json.loads((SAMPLES / name).read_bytes())


@pytest.fixture
def app(clean, keys_of_the_hub):  # noqa: F811
    kept.forget()
    return create_app()


@pytest.fixture
def maker(app):
    """Whose number begins as that of the sample's item does."""
    return builder.party(OrganizationKind.SUPPLIER, "Dal Giardino", gln=GLN)


@pytest.fixture
def scan(app):
    """Somebody with a phone, who follows nothing."""
    with TestClient(app, follow_redirects=False, headers={"accept-language": ""}) as client:
        yield client


@pytest.fixture
def system(app, maker):
    """The maker's own system."""
    key = builder.key(maker, "links", Permission.KEEP_MASTER_DATA)
    with TestClient(app, headers={"authorization": f"Bearer {key}"}) as client:
        yield client


@pytest.fixture
def dal_giardino(system):
    """The sample's entries, kept."""
    answer = system.post("/resolver/entries", json=entries("test_01_09506000134376.json"))
    assert answer.status_code == 201, answer.text
    return answer.json()
