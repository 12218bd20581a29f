"""``python -m tools.squawk``: whether the migrations since the first with real data under it can run while people work.

Prints what squawk finds; its exit status is ours.
"""

import subprocess
import sys
import sysconfig
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sysconfig.get_path("scripts"))
SINCE = "0014"
"""What came before ran where nobody worked yet."""


def statements(since: str = SINCE) -> str:
    """The migrations after one, as SQL."""
    written = [str(PROGRAMS / "alembic"), "upgrade", f"{since}:head", "--sql"]
    return subprocess.run(written, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout


def judged(sql: str) -> subprocess.CompletedProcess[str]:
    """What squawk says of some SQL."""
    asked = [str(PROGRAMS / "squawk"), "--config", str(CHECKOUT / ".squawk.toml"), "--stdin-filepath", "migrations.sql"]
    return subprocess.run(asked, cwd=CHECKOUT, input=sql, capture_output=True, text=True)


if __name__ == "__main__":
    done = judged(statements())
    if done.returncode:
        print(done.stdout, done.stderr)
    sys.exit(done.returncode)
