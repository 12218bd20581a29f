"""A real Tryton for the tests: an environment, a database and a process of its own, talked to over HTTP only.

Making it takes a minute or two, once for each state of its lock; later runs start from a copy of its database.
"""

import base64
import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from hub.local import home
from tests.waiting import wait_for

HERE = Path(__file__).parent
LOCK, INIT = HERE / "tryton-requirements.lock", HERE / "tryton_init.py"
DATABASE = "core"


def prepare() -> Path:
    """The folder with the environment and the empty company; made where it is missing."""
    state = hashlib.sha256(LOCK.read_bytes() + INIT.read_bytes()).hexdigest()[:12]
    cache = home.home() / "tests" / "tryton"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = cache / state
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            home.make(folder)
            _make(folder)
            (folder / "ready").touch()
    return folder


def _make(folder: Path) -> None:
    python = folder / "venv" / "bin" / "python"
    steps = [
        [sys.executable, "-m", "venv", folder / "venv"],
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", LOCK],
        [python, INIT, folder],
    ]
    with (folder / "log").open("wb") as log:
        for step in steps:
            subprocess.run(step, check=True, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


@dataclass
class Tryton:
    """A running Tryton with one company."""

    url: str
    key: str
    company: int
    account_category: int

    def search(self, model: str, domain: list[Any], fields: Sequence[str] = (), **context: Any) -> list[dict[str, Any]]:
        """Read records."""
        asked = [("d", _b64(domain)), *(("f", name) for name in fields)]
        return self._ask("GET", model, context, params=asked)

    def create(self, model: str, **values: Any) -> int:
        """Make a record."""
        return self._ask("POST", model, {}, json=values)["id"]

    def write(self, model: str, number: int, **values: Any) -> None:
        """Change a record."""
        self._ask("PUT", f"{model}/{number}", {}, json=values)

    def press(self, model: str, number: int, *buttons: str) -> None:
        """Press buttons one after another, through every warning."""
        for button in buttons:
            self._ask("POST", f"{model}/{number}/{button}", {"_skip_warnings": True}, json={})

    def _ask(self, method: str, path: str, context: dict[str, Any], **more: Any) -> Any:
        answer = httpx2.request(
            method,
            f"{self.url}/{DATABASE}/rest/model/{path}",
            timeout=60,
            trust_env=False,
            headers={
                "Authorization": f"bearer {self.key}",
                "X-Tryton-Context": _b64({"company": self.company, **context}),
            },
            **more,
        )
        assert answer.status_code < 400, f"{path}: {answer.text}"
        return answer.json() if answer.content else None


def _b64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@contextmanager
def running(folder: Path) -> Iterator[Tryton]:
    """Start Tryton on a copy of the empty company in ``folder``."""
    made, port = prepare(), home.free_port()
    shutil.copy(made / f"{DATABASE}.sqlite", folder)
    configuration = folder / "trytond.conf"
    configuration.write_text(f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n")
    server = [made / "venv" / "bin" / "trytond", "-c", configuration, "-d", DATABASE]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(server, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        state = json.loads((made / "state.json").read_text())
        tryton = Tryton(f"http://127.0.0.1:{port}", **state)
        _await(tryton, process)
        yield tryton
    finally:
        process.terminate()
        process.wait(60)


def _await(tryton: Tryton, process: subprocess.Popen[bytes]) -> None:
    def answers() -> bool:
        assert process.poll() is None, "Tryton ended at once"
        tryton.search("company.company", [])
        return True

    wait_for(f"Tryton at {tryton.url}", answers, 120, despite=(httpx2.TransportError,))
