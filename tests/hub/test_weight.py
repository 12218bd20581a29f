"""What a process has no use for it does not load: docs/decisions/0013."""

import subprocess
import sys

import pytest

from hub.settings import CHECKOUT

WEB = "from hub.app import create_app; create_app()"
KEEPER = "import hub.keeper"


@pytest.mark.parametrize(
    ("process", "left"),
    [
        (WEB, "numpy ortools pyarrow reportlab rich web3 eth_account alembic"),
        (KEEPER, "numpy ortools pyarrow reportlab rich web3 celery fastapi alembic"),
    ],
    ids=["web", "keeper"],
)
def test_a_process_starts_without_what_only_others_need(process: str, left: str) -> None:
    told = f"{process}; import sys; print(*sorted(set({left.split()!r}) & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", told], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == []


def test_a_package_that_is_there_is_loaded_where_somebody_asks_for_it() -> None:
    told = "import hub.log, rich.console, sys; print(sys.modules['rich'].__name__)"
    ended = subprocess.run([sys.executable, "-c", told], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["rich"]
