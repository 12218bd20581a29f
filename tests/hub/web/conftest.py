"""The whole app over a real database, asked as browsers and programs ask."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from hub.app import create_app
from hub.demo import builder
from hub.models.party import OrganizationKind, Role

BROWSER = {
    "accept": "text/html,application/xhtml+xml",
    "sec-fetch-site": "same-origin",
    "accept-language": "en",
}
PASSWORD = "a long enough sentence"


@pytest.fixture
def app(clean: str) -> FastAPI:
    """The app over an empty database."""
    return create_app()


@pytest.fixture
def browser(app: FastAPI) -> Iterator[TestClient]:
    """A person's browser that nobody has signed in with."""
    with TestClient(app, headers=BROWSER, follow_redirects=False) as client:
        yield client


@pytest.fixture
def program(app: FastAPI) -> Iterator[TestClient]:
    """A program without a cookie."""
    with TestClient(app, headers={"accept": "application/json"}, follow_redirects=False) as client:
        yield client


@pytest.fixture
def li(browser: TestClient) -> TestClient:
    """Li of Qinghe, who has signed in as a supplier."""
    org = builder.party(OrganizationKind.SUPPLIER, "Qinghe")
    builder.person(org, Role.SUPPLIER, PASSWORD, "li@example.org")
    answer = browser.post("/sign-in", data={"email": "li@example.org", "password": PASSWORD})
    assert answer.status_code == 303
    return browser
