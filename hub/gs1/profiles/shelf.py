"""The profiles that are here: each file of this folder, read and checked once."""

from collections.abc import Mapping
from pathlib import Path

from hub.errors import HubError
from hub.gs1.profiles.form import BadProfile, Profile, read


class NoSuchProfile(HubError):
    """There is no profile of this name."""

    code, status = "no-such-profile", 404


def _read() -> Mapping[str, Profile]:
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.json")):
        profile = read(path.read_text("utf-8"))
        if profile.name != path.stem:
            raise BadProfile(f"{path.name}: name: {profile.name} is not that of its file")
        found[profile.name] = profile
    return found


PROFILES = _read()


def find(name: str) -> Profile:
    """The profile of a name."""
    if name not in PROFILES:
        raise NoSuchProfile(f"{name[:40]} is no profile here", profile=name[:40])
    return PROFILES[name]
