"""A backup that is made while the hub works comes back on an empty machine, with every record that was acknowledged."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from hub.local.installation import World
from tests.e2e.test_make_run import nowhere  # noqa: F401
from tests.hub.epcis.documents import LD, document
from tests.stack import CHECKOUT, Stack
from tests.waiting import wait_for

PASSPHRASE = "a passphrase for the archives"


@pytest.fixture
def two(nowhere: Path) -> Iterator[tuple[Stack, Stack]]:  # noqa: F811
    """A hub that works, and an empty machine."""
    stacks = [Stack(nowhere.parent / name, log_file=nowhere.parent / f"{name}.log") for name in ("here", "there")]
    for place, stack in enumerate(stacks):
        stack.more["FURROW_CHAIN_PERIOD"] = "1"
        stack.keep_ports(22_000 + 10 * place)
    yield stacks[0], stacks[1]
    for stack in stacks:
        if stack.process is not None and stack.process.poll() is None:
            stack.stop()
        stack.installation.postgres.stop()


def run(stack: Stack, *arguments: str) -> str:
    """Run something of ours on an installation's machine; what it says."""
    environment = os.environ | stack.installation.environment("backup")
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    return done.stdout


def story(stack: Stack, *arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(stack, "tests.e2e.backup_story", *arguments).splitlines()[-1])
    return told


class Load(threading.Thread):
    """Captures one record after the other, and remembers when each was acknowledged."""

    def __init__(self, address: str, key: str, first: int) -> None:
        super().__init__(daemon=True)
        self.address, self.first, self.over = address, first, threading.Event()
        self.headers = LD | {"authorization": f"Bearer {key}"}
        self.acknowledged: dict[int, float] = {}

    def run(self) -> None:
        with httpx2.Client(base_url=self.address, headers=self.headers, timeout=60) as client:
            serial = self.first
            while not self.over.is_set():
                serial += 1
                content = document(epcList=[f"urn:epc:id:sgtin:0614141.107346.{serial}"])
                if client.post("/epcis/capture", content=content).status_code == 202:
                    self.acknowledged[serial] = time.time()


def test_under_load_every_acknowledged_record_is_there_afterwards(
    two: tuple[Stack, Stack],
    tmp_path: Path,
) -> None:
    here, there = two
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE + "\n")
    here.start()
    farm = story(here, "found")
    load = [Load(here.address, farm["key"], 1_000_000 * n) for n in range(1, 4)]
    for one in load:
        one.start()
    wait_for("two hundred records", lambda: sum(len(one.acknowledged) for one in load) >= 200, 120)

    begun = time.time()
    run(here, "hub.cli", "backup", "--to", str(tmp_path), "--key", str(passphrase))
    wait_for("more after it", lambda: all(max(one.acknowledged.values()) > begun + 1 for one in load), 60)
    for one in load:
        one.over.set()
    for one in load:
        one.join()
    assert here.stop() == 0

    archive = next(tmp_path.glob("*.furrow"))
    told = archive.with_suffix(".furrow.sha256").read_text().split()
    assert told == [hashlib.sha256(archive.read_bytes()).hexdigest(), archive.name]
    assert b"107346" not in archive.read_bytes() and archive.stat().st_mode & 0o077 == 0

    there.installation.prepare()
    there.installation.world = World.OWN
    assert "Whole" in run(there, "hub.cli", "restore", str(archive), "--key", str(passphrase), "--check")
    assert "Restored" in run(there, "hub.cli", "restore", str(archive), "--key", str(passphrase))
    with pytest.raises(AssertionError, match="a restore overwrites nothing"):
        run(there, "hub.cli", "restore", str(archive), "--key", str(passphrase))
    shutil.rmtree(here.folder / "secrets")
    there.start()

    found = story(there, "judge", farm["organization"])
    before = {serial for one in load for serial, at in one.acknowledged.items() if at < begun}
    assert len(before) >= 200 and before <= set(found["serials"])
    assert len(found["serials"]) == len(set(found["serials"]))
    assert found["valid"] and found["checks"] > 5, found["bad"]

    # It goes on there: the same key of a machine, and a stream without a gap.
    again = Load(there.address, farm["key"], 9_000_000)
    again.start()
    wait_for("records after the restore", lambda: len(again.acknowledged) >= 5, 60)
    again.over.set()
    again.join()
    found = story(there, "judge", farm["organization"])
    assert set(again.acknowledged) <= set(found["serials"]) and found["valid"], found["bad"]
