"""From a bare server to a hub that answers: the commands of the operator's guide, without containers."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from hub import schema
from hub.local import home
from hub.local.postgres import Postgres
from tests.e2e.test_make_run import nowhere  # noqa: F401
from tests.stack import CHECKOUT
from tests.waiting import wait_for


@pytest.fixture
def server(nowhere: Path) -> Iterator[Postgres]:  # noqa: F811
    """A PostgreSQL of the operator's own, in which nothing of the hub's has ever been."""
    made = Postgres(nowhere / "postgresql", "superuser-of-the-server", fast_and_unsafe=True)
    home.make(nowhere, home.unprivileged())
    made.start()
    yield made
    made.stop()


def run(environment: dict[str, str], *arguments: str, exit_code: int = 0) -> str:
    """A command of the product's, on the server."""
    command = [sys.executable, "-m", "hub.cli", *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True)
    assert done.returncode == exit_code, done.stdout + done.stderr[-3000:]
    return done.stdout


def test_from_init_to_the_first_administrators_link(server: Postgres, tmp_path: Path) -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("FURROW_")}
    superuser = tmp_path / "superuser"
    superuser.write_text(server.url() + "\n")
    own, listens = tmp_path / "furrow", f"127.0.0.1:{server.port()}"
    address = ["--address", "https://hub.example.com", "--database", listens]
    run(bare, "init", str(own), *address, "--superuser", str(superuser))
    lines = (own / "furrow.env").read_text().splitlines()
    settings = bare | dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))  # type: ignore[misc]

    for _ in range(2):
        assert schema.newest() in run(settings, "migrate")
    port = home.free_port()
    web = subprocess.Popen([sys.executable, "-m", "hub.app", "--port", str(port)], cwd=CHECKOUT, env=settings)
    try:

        def ready() -> bool:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)

        wait_for("the web", ready, 60, despite=(OSError,))
        link = run(settings, "admin-link").strip()
        assert link.startswith("https://hub.example.com/welcome/")
        asked = urllib.request.Request(f"http://127.0.0.1:{port}{link.removeprefix('https://hub.example.com')}")
        with urllib.request.urlopen(asked, timeout=10) as page:
            assert page.status == 200 and b'name="chain_zh"' in page.read()
    finally:
        web.terminate()
        web.wait(30)

    told = run(settings, "doctor", exit_code=1)
    assert "well  database roles" in told and "well  row level security" in told and "well  migrations" in told
    assert "look  chain" in told and "look  backups" in told and "look  certificate" in told
    with psycopg.connect(server.url("furrow")) as connection:
        passing = connection.execute("select rolname from pg_roles where rolbypassrls and rolname like 'furrow%'")
        assert [name for (name,) in passing] == ["furrow_relay"]
