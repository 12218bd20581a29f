"""The story of a lot comes true by clicks, on the whole installation as ``make run`` starts it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.test_make_run import nowhere, stack  # noqa: F401
from tests.stack import CHECKOUT, Stack


def test_a_lot_goes_from_forecast_to_audit_by_clicks(stack: Stack, tmp_path: Path) -> None:  # noqa: F811
    stack.more["FURROW_CHAIN_PERIOD"] = "1"
    stack.keep_ports(22_000)
    stack.start()
    told = subprocess.run(
        [sys.executable, "-m", "tests.e2e.pages_story", str(stack.folder)],
        cwd=CHECKOUT,
        env=os.environ | stack.installation.environment("test"),
        capture_output=True,
        text=True,
        timeout=2400,
    )
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-6000:]
    assert "told by clicks, from forecast to audit" in told.stdout
