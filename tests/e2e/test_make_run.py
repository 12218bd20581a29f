"""One command runs it all, Ctrl-C stops it all, and after any kill it comes back by itself."""

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hub.local import home
from tests.stack import PARTS, Stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An installation in a folder of its own; PostgreSQL must be able to pass through the folders above it."""
    above = tmp_path_factory.mktemp("stack")
    for folder in (above, *above.parents):
        if folder.stat().st_uid == 0 and home.is_root() and folder.name:
            folder.chmod(folder.stat().st_mode | 0o011)
    made = Stack(above / "home")
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()


def answers(stack: Stack) -> bool:
    try:
        with urllib.request.urlopen(f"{stack.address}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def gone(pid: int) -> bool:
    """Whether a process has ended; one that waits for somebody to ask how has ended too."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait(condition, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False


def test_it_starts_stops_and_starts_again_where_it_left_off(stack):
    stack.start()
    assert answers(stack)
    assert stack.installation.folder.stat().st_mode & 0o077 == 0
    running = [stack.pid(name) for name in (*PARTS, "postgres")]

    assert stack.stop() == 0
    assert all(gone(pid) for pid in running)

    stack.start()
    assert answers(stack)


@pytest.mark.parametrize("name", [*PARTS, "postgres"])
def test_a_part_that_was_killed_comes_back(stack, name):
    before = stack.pid(name)
    stack.kill(name)
    assert wait(lambda: stack.alive(name) and stack.pid(name) != before)
    assert wait(lambda: answers(stack))


def test_after_everything_was_killed_it_starts_again_and_nothing_is_left_over(stack):
    left = [stack.pid(name) for name in PARTS]
    stack.kill("local")
    for name in ("web", "chain", "postgres"):
        stack.kill(name)
    stack.start()
    assert answers(stack)
    assert all(gone(pid) for pid in left)


def test_a_second_start_beside_it_says_so_and_leaves_it_alone(stack):
    other = Stack(stack.folder)
    with pytest.raises(AssertionError, match="running already"):
        other.start(30)
    assert answers(stack)


def test_another_installation_beside_it_takes_other_ports(stack):
    taken = set(stack.installation.ports.values())
    beside = home.choose_ports(
        Path(home.make(stack.folder.parent / "beside")), {"web": stack.installation.ports["web"]}, {}
    )
    assert not taken & set(beside.values())
