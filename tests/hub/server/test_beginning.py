"""The settings of a hub on a server: each explained, each secret in a file of its own, the database made by them."""

import os
import re
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from hub import roles
from hub.cli import app
from hub.local.postgres import Postgres
from hub.server import beginning
from hub.server.beginning import CONTAINERS, InitialisedAlready, Server
from hub.settings import Settings

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "settings.md"


def told(path: Path) -> dict[str, str]:
    """What an env file sets."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)  # type: ignore[misc]


@pytest.mark.parametrize("more", [{}, CONTAINERS])
def test_every_setting_is_known_and_explained_and_every_secret_is_a_file_of_its_own(tmp_path, more):
    path = beginning.write(tmp_path / "furrow", Server("https://hub.example.com", **more))
    settings, known = told(path), REFERENCE.read_text()
    for name, value in settings.items():
        assert f"### `{name}`" in known or f"### `{name.removesuffix('_FILE')}`" in known, name
        if value.startswith(Server.secrets) or value.startswith("/run/secrets"):
            assert (tmp_path / "furrow" / "secrets" / Path(value).name).exists(), value
    for part in path.read_text().split("\n\n")[1:]:
        assert part.startswith("# "), part
    for file in (tmp_path / "furrow" / "secrets").iterdir():
        assert file.stat().st_mode & 0o077 == 0
        secret = re.split(r"[:@ ]", file.read_text())
        assert not any(len(word) > 40 and word in path.read_text() for word in secret), file.name


def test_secrets_in_use_are_never_made_anew(tmp_path):
    beginning.write(tmp_path, Server("https://hub.example.com"))
    before = (tmp_path / "secrets" / "kek").read_bytes()
    with pytest.raises(InitialisedAlready):
        beginning.write(tmp_path, Server("https://other.example.com"))
    assert (tmp_path / "secrets" / "kek").read_bytes() == before


def test_a_secret_is_read_from_its_file_where_it_is_not_given_itself(tmp_path, monkeypatch):
    (tmp_path / "key").write_text("ab" * 32 + "\n")
    monkeypatch.setenv("FURROW_SENDER_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.delenv("FURROW_SENDER_KEY", raising=False)
    assert Settings().sender_key.get_secret_value() == "ab" * 32
    monkeypatch.setenv("FURROW_SENDER_KEY", "cd" * 32)
    assert Settings().sender_key.get_secret_value() == "cd" * 32


def test_the_command_writes_them_once_and_says_where(tmp_path):
    command = ["init", str(tmp_path / "furrow"), "--address", "https://hub.example.com/", "--containers"]
    first, second = CliRunner().invoke(app, command), CliRunner().invoke(app, command)
    assert first.exit_code == 0 and "backup-key" in first.output
    assert second.exit_code == 1 and "already" in second.output
    env = told(tmp_path / "furrow" / "furrow.env")
    assert (env["FURROW_BASE_URL"], env["FURROW_KEY_FILE"]) == ("https://hub.example.com", "/run/secrets/kek")
    assert CliRunner().invoke(app, ["init", str(tmp_path / "x"), "--address", "hub.example.com"]).exit_code == 2


def test_roles_and_database_are_made_with_the_passwords_that_the_addresses_say(cluster: Postgres, monkeypatch):
    """On the tests' own server, whose roles keep the passwords that they have."""
    monkeypatch.setattr(beginning, "DATABASE", name := f"init_{os.getpid()}")
    urls = {
        role: cluster.url(name, role, f"test-{role}") for role in (roles.OWNER, roles.APP, roles.PUBLIC, roles.RELAY)
    }
    try:
        for _ in range(2):
            beginning.prepare_database(cluster.url(), urls)
        for role, url in urls.items():
            with psycopg.connect(url) as connection:
                assert connection.execute("select current_user").fetchone() == (role,)
    finally:
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            connection.execute(f'drop database "{name}"')
