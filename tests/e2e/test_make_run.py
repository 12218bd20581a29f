"""One command runs it all, Ctrl-C stops it all, and after any kill it comes back by itself."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chain_node import build, deployment
from chain_node.errors import LedgerError
from chain_node.rpc import Node
from hub.local import database, home
from hub.local.installation import DATABASE, SECRETS, World
from hub.settings import CHECKOUT
from tests.stack import PARTS, Stack
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def nowhere() -> Iterator[Path]:
    """A folder that is not there yet, nor the one above it; both are made and removed by whoever uses them."""
    above = Path("/var/tmp") / f"furrow-{secrets.token_hex(6)}"
    yield above / "deep" / "home"
    shutil.rmtree(above, ignore_errors=True)


@pytest.fixture(scope="module")
def stack(nowhere: Path) -> Iterator[Stack]:
    """An installation where nothing has ever been, started from a shell that has another one's secrets."""
    told = frozenset().union(*SECRETS.values()) - {"FURROW_MAIL_URL"}  # that one is the shell's to say
    others = dict.fromkeys(told, "another installation's")
    made = Stack(nowhere, more=others, log_file=nowhere.parents[1].with_suffix(".log"))
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()
    made.log_file.unlink(missing_ok=True)


def answers(stack: Stack) -> None:
    """It is ready, or becomes so."""

    def ready() -> bool:
        with urllib.request.urlopen(f"{stack.address}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)

    wait_for(f"the hub at {stack.address}", ready, 180, despite=(OSError,), told=lambda: stack.log)


def gone(pid: int) -> bool:
    """Whether a process has ended; one that waits for somebody to ask how has ended too."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_it_starts_stops_and_starts_again_where_it_left_off(stack):
    stack.start()
    answers(stack)
    assert stack.installation.folder.stat().st_mode & 0o077 == 0
    link = f"{stack.address}/welcome/"
    wait_for("the link of the first administrator", lambda: link in stack.log, told=lambda: stack.log)
    running = [stack.pid(name) for name in (*PARTS, "postgres")]

    assert stack.stop() == 0
    assert all(gone(pid) for pid in running)

    stack.start()
    answers(stack)


def test_each_part_is_told_what_it_works_with_and_no_more(stack):
    secret = {name for name in stack.installation.settings if name.endswith(("_KEY", "_URL", "_FILE"))}
    secret -= {"FURROW_CHAIN_URL", "FURROW_CORE_URL", "FURROW_BASE_URL", "FURROW_STATUS_FILE"}
    secret -= {"FURROW_SAMPLE_ACCOUNTS_FILE"}
    for name in ("web", "keeper", "background", "core"):
        told = Path(f"/proc/{stack.pid(name)}/environ").read_text().split("\0")
        assert {line.partition("=")[0] for line in told} & secret == SECRETS[name], name
    for name in ("valkey", "chain"):
        assert "FURROW_DATABASE" not in Path(f"/proc/{stack.pid(name)}/environ").read_text()
    for name in ("DATABASE_OWNER_URL", "DATABASE_RELAY_URL", "SENDER_KEY", "KEY_FILE", "CORE_KEY_FILE"):
        assert f"FURROW_{name}" not in SECRETS["web"]


@pytest.mark.parametrize("name", [*PARTS, "postgres"])
def test_a_part_that_was_killed_comes_back(stack, name):
    before = stack.pid(name)
    stack.kill(name)
    wait_for(f"another {name}", lambda: stack.alive(name) and stack.pid(name) != before, 180)
    answers(stack)


def test_a_chain_that_comes_back_without_the_contracts_is_given_them_again(stack):
    chain = Node(f"http://127.0.0.1:{stack.installation.ports['chain']}")
    log = deployment.read(stack.folder / "deployment.json").addresses.trace_log
    assert chain.code(log)
    assert stack.process is not None
    stack.process.send_signal(signal.SIGSTOP)  # it starts the chain again once there is nothing left of it
    stack.kill("chain")
    wait_for("its end", lambda: not stack.alive("chain"))
    shutil.rmtree(stack.folder / "chain" / "geth")
    stack.process.send_signal(signal.SIGCONT)
    wait_for("the contracts", lambda: chain.code(log), 180, despite=(LedgerError,), told=lambda: stack.log)
    answers(stack)


def test_after_everything_was_killed_it_starts_again_and_nothing_is_left_over(stack):
    left = [stack.pid(name) for name in PARTS]
    stack.kill("local")
    for name in ("web", "chain", "postgres"):
        stack.kill(name)
    stack.start()
    answers(stack)
    assert all(gone(pid) for pid in left)


def test_a_second_start_beside_it_says_so_and_leaves_it_alone(stack):
    other = Stack(stack.folder)
    with pytest.raises(AssertionError, match="running already"):
        other.start(30)
    answers(stack)


def test_another_installation_beside_it_takes_other_ports(stack):
    taken = set(stack.installation.ports.values())
    beside = home.choose_ports(
        Path(home.make(stack.folder.parent / "beside")), {"web": stack.installation.ports["web"]}, {}
    )
    assert not taken & set(beside.values())


def test_nothing_but_reset_destroys(stack):
    """Neither a file that somebody deleted nor a play that was cut off takes the records with it."""
    postgres = stack.installation.postgres
    with database.as_superuser(postgres.url(DATABASE)) as connection:
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values ('harvest')")
    (stack.folder / "sample-accounts.json").unlink(missing_ok=True)
    stack.stop()
    stack.start()
    with database.as_superuser(postgres.url(DATABASE)) as connection:
        assert connection.execute("select word from kept").fetchone() == ("harvest",)
    stack.installation.world = World.HALF
    stack.stop()
    stack.start()
    with database.as_superuser(postgres.url()) as connection:
        names = connection.execute("select datname from pg_database where datname like 'furrow%'")
        aside = next(name for (name,) in names if name != DATABASE)
    with database.as_superuser(postgres.url(aside)) as connection:
        assert connection.execute("select word from kept").fetchone() == ("harvest",)
    assert stack.installation.world is World.OWN


def test_where_postgres_may_not_pass_the_start_says_which_folder_bars_it(tmp_path):
    if not home.is_root():
        pytest.skip("only as root is PostgreSQL somebody else")
    barred = tmp_path / "private"
    barred.mkdir(mode=0o700)
    environment = os.environ | {"FURROW_HOME": str(barred / "home")}
    done = subprocess.run(
        [sys.executable, "-m", "hub.local"], cwd=CHECKOUT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1 and "bars the way of nobody" in done.stderr


@pytest.fixture
def ordinary() -> Iterator[pwd.struct_passwd]:
    """Somebody who is not root, made for this test when we are."""
    if not home.is_root():
        yield pwd.getpwuid(os.getuid())
        return
    if any(not folder.stat().st_mode & 0o001 for folder in CHECKOUT.parents):
        pytest.skip("this checkout lies in a private folder")
    name = f"furrow{secrets.token_hex(3)}"
    subprocess.run(["useradd", "--create-home", "--base-dir", "/var/tmp", name], check=True)
    yield pwd.getpwnam(name)
    subprocess.run(["userdel", "--remove", name], capture_output=True)


def python_of(person: pwd.struct_passwd) -> str:
    """A Python he may run, with what is installed here: ours may lie in the private folder of whoever installed it."""
    if not home.is_root():
        return sys.executable
    wanted = sys.version_info[:2]
    told = f"import sys; sys.exit(sys.version_info[:2] != {wanted})"
    for found in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            done = subprocess.run([found, "-c", told], user=person.pw_uid, group=person.pw_gid, extra_groups=[])
        except OSError:
            continue
        if done.returncode == 0:
            own = Path(person.pw_dir) / "venv"
            subprocess.run([found, "-m", "venv", "--without-pip", str(own)], check=True)
            packages = next(own.glob("lib*/python*/site-packages"))
            (packages / "installed.pth").write_text(sysconfig.get_path("purelib") + "\n")
            return str(own / "bin" / "python")
    pytest.skip(f"no Python {wanted} here that anybody but root may run")


def test_an_ordinary_user_starts_it_where_nothing_has_ever_been(ordinary):
    """With a home and a cache of his own; the node's program is the one thing he finds there, as it takes minutes."""
    folder = Path(ordinary.pw_dir) / f"new-{secrets.token_hex(3)}"
    cache = Path(ordinary.pw_dir) / "cache"
    (cache / "furrow").mkdir(parents=True, exist_ok=True)
    program = cache / "furrow" / f"geth-{build.VERSION}"
    shutil.copy(build.program(), program)
    program.chmod(0o755)  # whoever built it may have kept it to himself
    for path in (cache, cache / "furrow"):
        os.chown(path, ordinary.pw_uid, ordinary.pw_gid)
    told = {
        "FURROW_HOME": str(folder / "deep" / "home"),
        "XDG_CACHE_HOME": str(cache),
        "HOME": ordinary.pw_dir,
    }
    environment = {"PATH": os.environ["PATH"], "FURROW_WORLD": "own", **told}
    log = Path(ordinary.pw_dir) / "furrow-out.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [python_of(ordinary), "-m", "hub.local"],
            cwd=CHECKOUT,
            env=environment,
            stdout=file,
            stderr=file,
            user=ordinary.pw_uid,
            group=ordinary.pw_gid,
            extra_groups=[],
        )
    try:

        def runs() -> bool:
            assert process.poll() is None, log.read_text()
            return "All of it runs" in log.read_text()

        wait_for("all of it", runs, 240, told=log.read_text)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(180) == 0, log.read_text()
        shutil.rmtree(folder)
