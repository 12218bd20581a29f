"""The hub as people meet it: served over HTTP, looked at in a real browser."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from hub.settings import settings
from tests.browser import launch, person
from tests.waiting import wait_for


@pytest.fixture(scope="session")
def served(database: str) -> Iterator[str]:
    """The address of the hub, served by uvicorn over this process's database."""
    from hub.app import create_app
    from hub.local.home import free_port

    port = free_port(0)
    address = f"http://localhost:{port}"  # a passkey is bound to a name
    os.environ["FURROW_BASE_URL"] = address
    settings.cache_clear()
    server = uvicorn.Server(uvicorn.Config(create_app(), port=port, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()

    def started() -> bool:
        assert thread.is_alive(), "the hub ended while starting"
        return server.started

    wait_for("the hub", started)
    yield address
    server.should_exit = True
    thread.join()
    del os.environ["FURROW_BASE_URL"]
    settings.cache_clear()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all pages."""
    with sync_playwright() as playwright:
        made = launch(playwright)
        yield made
        made.close()


@pytest.fixture
def visit(chromium: Browser, served: str, clean: str) -> Iterator[Callable[..., Page]]:
    """Open a browser of somebody's own on the hub over an empty database: ``visit("zh")``."""
    with ExitStack() as opened:

        def open_one(language: str = "en", **options: Any) -> Page:
            return opened.enter_context(person(chromium, served, language, **options))

        yield open_one
