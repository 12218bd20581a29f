"""A real mail server that keeps what it is handed."""

import email
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from hub.local import home
from hub.settings import settings


@dataclass
class Post:
    """A mail server that keeps what it is handed, and may be told to refuse."""

    letters: list["Message[str, str]"] = field(default_factory=list)
    refuses: bool = False
    address: str = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """What SMTP hands over, and the answer to it."""
        if self.refuses:
            return "451 not now"
        self.letters.append(email.message_from_bytes(envelope.content))
        return "250 taken"

    def texts(self, to: str = "") -> list[str]:
        """What the letters say, of all or of those to an address."""
        mine = [letter for letter in self.letters if to in ("", letter["To"])]
        return [letter.get_payload(decode=True).decode() for letter in mine]  # type: ignore[union-attr]


@contextmanager
def open_post() -> Iterator[Post]:
    """A mail server on this machine; the hub reaches it at its ``address``."""
    port = home.free_port(0)
    taking = Post(address=f"smtp://127.0.0.1:{port}?tls=no&from=hub@furrow.example")
    server = Controller(taking, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield taking
    finally:
        server.stop()


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch, clean: str) -> Iterator[Post]:
    """A mail server on this machine, which the hub of this process uses."""
    with open_post() as taking:
        monkeypatch.setenv("FURROW_MAIL_URL", taking.address)
        settings.cache_clear()
        yield taking
    settings.cache_clear()
