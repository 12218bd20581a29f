"""The sample world's people, and whether it has been played."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub.local import home
from hub.local.installation import Installation


def played(installation: Installation) -> bool:
    """Whether the sample world stands: its file of accounts is the last thing written."""
    return _path(installation).exists()


def play(installation: Installation, say: Callable[[str], None]) -> None:
    """Play the sample world; with ``FURROW_SAMPLE_WORLD=no`` leave the hub empty, for an installation of one's own."""
    if os.environ.get("FURROW_SAMPLE_WORLD") == "no":
        home.write(_path(installation), "[]")
        return
    say("The sample world is being played; everything of it is there when the bar is full")
    installation.run("-m", "hub.demo")


def told(installation: Installation) -> str:
    """The address and the accounts, as they are printed."""
    people: list[dict[str, Any]] = json.loads(_path(installation).read_text()) if played(installation) else []
    lines = [f"\n  Furrow: {installation.address}\n"]
    if people:
        lines.append(f"  Sign in as one of these, password: {people[0]['password']}\n")
    lines += [f"    {one['email']:<34} {one['role']:<14} {one['organization_en']}" for one in people]
    lines.append(
        "\n  Ctrl-C stops everything; `make run` goes on where it left off; `make reset` starts over.\n"
    )
    return "\n".join(lines)


def _path(installation: Installation) -> Path:
    return installation.folder / "sample-accounts.json"
