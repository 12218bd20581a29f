"""The house keeps its own promises: what is written down is what is there."""

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from typer.main import get_command

import hub.migrations.tables  # noqa: F401
from hub.settings import Settings
from tests import reference

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


def test_models_and_migrations_agree(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    command.check(Config(str(CHECKOUT / "alembic.ini")))


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
