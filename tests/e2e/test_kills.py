"""The story of a lot comes true whatever dies on the way."""

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.test_make_run import nowhere, stack  # noqa: F401
from tests.stack import CHECKOUT, Stack

KILLS = 10


def test_keeper_worker_web_chain_and_postgresql_are_killed_ten_times_each_and_nothing_is_lost_or_doubled(
    stack: Stack,  # noqa: F811
    tmp_path: Path,
) -> None:
    stack.more["FURROW_CHAIN_PERIOD"] = "1"
    stack.keep_ports(21_000)
    stack.start()
    environment = os.environ | stack.installation.environment("test")
    told = subprocess.run(
        [sys.executable, "-m", "tests.e2e.story", str(stack.folder), str(KILLS), "1"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=2400,
    )
    ended = [stack.ends(name) for name in ("keeper", "chain")] if told.returncode else []
    assert told.returncode == 0, "\n".join([stack.log[-3000:], told.stdout[-3000:], *ended, told.stderr[-6000:]])
    assert f"{5 * KILLS} kills: nothing lost, nothing doubled, all valid" in told.stdout
