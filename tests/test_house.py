"""The house keeps its own promises: what is written down is what is there."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from alembic import command
from alembic.config import Config
from typer.main import get_command

import hub.migrations.tables  # noqa: F401
from hub.errors import HubError
from hub.messages import KINDS
from hub.settings import Settings

CHECKOUT = Path(__file__).parents[1]
REFERENCE = CHECKOUT / "docs" / "reference"
PACKAGES = ("hub", "supplier_portal", "logistics", "chain_node")


def headings(name: str) -> set[str]:
    """What a page of the reference speaks of."""
    text = (REFERENCE / name).read_text(encoding="utf-8")
    return {heading.strip("`") for heading in re.findall(r"^### (.+)$", text, re.MULTILINE)}


def refusals() -> set[str]:
    """The codes of every refusal in the house."""
    for package in PACKAGES:
        for module in walk_packages(import_module(package).__path__, package + "."):
            if not module.name.startswith(
                ("hub.migrations.", "hub.local.__main__", "hub.demo.__main__", "hub.migrations")
            ):
                import_module(module.name)

    def below(kind: type[HubError]) -> set[str]:
        return {kind.code}.union(*(below(child) for child in kind.__subclasses__()))

    return {code for code in below(HubError) if code != HubError.code}


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


def test_every_error_code_is_in_the_reference() -> None:
    assert headings("errors.md") == refusals()


def test_every_message_is_in_the_reference() -> None:
    assert headings("messages.md") == set(KINDS)


def test_no_file_names_a_registry_or_a_path_of_some_machine() -> None:
    for name in (
        "requirements.lock",
        "requirements-test.lock",
        "package-lock.json",
        "chain_node/geth/requirements.lock",
    ):
        text = (CHECKOUT / name).read_text(encoding="utf-8")
        assert not re.search(r"index-url|\"resolved\": \"http|file:///", text), name
