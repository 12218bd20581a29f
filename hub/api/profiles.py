"""What laws and customers ask of events beyond the standard, for whoever writes a program that captures them."""

from typing import Any

from hub.gs1.profiles import shelf
from hub.web.deps import PUBLIC
from hub.web.problems import problems
from hub.web.routing import Router

router = Router(prefix="/api/profiles", tags=["EPCIS"])


@router.get("", dependencies=[PUBLIC])
def list_profiles() -> list[dict[str, Any]]:
    """The profiles that a buyer may ask for: their names, what they are called, and where they come from."""
    return [
        {"name": profile.name, **{part: profile.written[part] for part in ("title", "sources")}}
        for profile in shelf.PROFILES.values()
    ]


@router.get("/{name}", dependencies=[PUBLIC], responses=problems(shelf.NoSuchProfile))
def show_profile(name: str) -> dict[str, Any]:
    """A profile: its steps with a whole event of each, the data that they need, and where it may stand."""
    return dict(shelf.find(name).written)
