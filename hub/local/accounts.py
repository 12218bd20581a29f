"""The sample world: played once, and its people told."""

import json
from collections.abc import Callable
from typing import Any

from hub.local import home
from hub.local.installation import Installation, World


def play(installation: Installation, say: Callable[[str], None]) -> None:
    """Play the sample world; a hub of one's own (`home.own`) stays empty."""
    if home.own():
        installation.world = World.OWN
        return
    say("The sample world is being played; everything of it is there when the bar is full")
    installation.run("demo", "-m", "hub.demo")
    installation.world = World.WHOLE


def greeting(installation: Installation) -> str:
    """The address and the accounts, as they are printed."""
    file = installation.folder / "sample-accounts.json"
    people: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
    lines = [f"\n  Furrow: {installation.address}\n"]
    if people:
        lines.append(f"  Sign in as one of these, password: {people[0]['password']}\n")
    elif installation.world is World.WHOLE:
        lines.append(f"  The sample world's people sign in as before; {file} with their passwords is gone.\n")
    lines += [f"    {person['email']:<34} {person['role']:<14} {person['organization_en']}" for person in people]
    own = " WORLD=own" if home.own() else ""
    lines.append(f"\n  Ctrl-C stops everything; `make run{own}` goes on, `make reset{own}` starts over.\n")
    return "\n".join(lines)
