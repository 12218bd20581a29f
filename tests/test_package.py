"""Installed by pip, the hub has all that it has in a checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
LOOKS = """
from hub import schema, settings
from hub.web import catalogue, i18n, static, templating
from hub.app import create_app
from chain_node import artifacts, build
assert settings.INSTALLED and str(settings.SHARE).startswith({folder!r})
assert schema.newest() == {newest!r}
assert i18n.language("zh").gettext("Sign in") == "登录"
assert len(static.styles()) > 20_000 and len(static.version()) == 12
templating._environment("en").get_template("account/sign-in.html")
assert artifacts.load("TraceLog").bytecode and (build.MODULE / "go.sum").exists()
assert len(create_app().routes) > 5
from hub.gs1.syntax import identifiers
assert len(identifiers.table()) == 541
from hub.gs1.profiles import shelf
assert len(shelf.PROFILES) == 3
from hub.pages import help_view
assert help_view.read("buyer", "zh").anchors and "buyer-zh.png" in help_view.pictures()
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package in it, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("package")
    tracked = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    source = folder / "source"
    for name in tracked.stdout.splitlines():
        if (
            not name.startswith(("tests/", "docs/decisions/", "docs/reference/", "benchmarks/", "contracts/lib/"))
            and (CHECKOUT / name).is_file()
        ):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((CHECKOUT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(folder), str(source)], check=True)
    wheel = next(folder.glob("furrow-*.whl"))
    subprocess.run([*pip, "install", "--no-deps", "--target", str(folder / "site"), str(wheel)], check=True)
    return folder / "site"


def run(installed: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run something as whoever installed it, far from the checkout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FURROW_")}
    return subprocess.run(
        command,
        cwd=installed.parent,
        env={**environment, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )


def test_templates_files_words_contracts_and_migrations_are_in_it(installed: Path) -> None:
    newest = max(path.name[:4] for path in (CHECKOUT / "hub/migrations/versions").glob("0*.py"))
    done = run(installed, sys.executable, "-c", LOOKS.format(folder=str(installed), newest=newest))
    assert done.returncode == 0, done.stderr[-2000:]


def test_it_brings_the_command(installed: Path) -> None:
    done = run(installed, sys.executable, str(installed / "bin" / "furrow"), "--help")
    assert done.returncode == 0 and "admin-link" in done.stdout, done.stderr[-2000:]


def test_nothing_of_a_checkout_lies_beside_the_packages(installed: Path) -> None:
    with zipfile.ZipFile(next(installed.parent.glob("furrow-*.whl"))) as wheel:
        tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "hub",
        "supplier_portal",
        "logistics",
        "chain_node",
    }
