"""Holds events against a profile: what a law or a customer asks for and an event does not say. Pure."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.gs1 import cbv, digital_link, epcis, reading
from hub.gs1.digital_link import BadKey
from hub.gs1.epcis import Fault, Submitted
from hub.gs1.profiles.form import Element, Part, Place, Profile, Step, When

_DATE = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Missing(Fault):
    """A fault by a profile: of which step which element, and what would be accepted."""

    step: str
    element: str
    accepted: tuple[str, ...]


def judge(profile: Profile, submitted: Submitted) -> list[Missing]:
    """What a profile asks for and an event does not say; nothing where no step of the profile speaks of it.

    An error declaration is not judged: what is wrong can be taken back as it stands.
    """
    walk = _Walk(profile, submitted)
    step = None if "errorDeclaration" in submitted.event else _step(profile, walk)
    if step is None:
        return []
    found = (_missing(profile, step, element, walk, submitted.path) for element in step.needs)
    return [missing for missing in found if missing is not None]


def step_of(profile: Profile, submitted: Submitted) -> Step | None:
    """The first step of a profile that speaks of an event."""
    return _step(profile, _Walk(profile, submitted))


def unlived(profile: Profile, events: Sequence[Submitted]) -> dict[str, list[tuple[str, ...]]]:
    """Of each lot that some events name: of which groups of steps none of the events is one."""
    steps: defaultdict[str, set[str]] = defaultdict(set)
    for submitted in events:
        step = step_of(profile, submitted)
        for part, link in reading.objects(submitted.event):
            if part in ("epc", "child", "output") and is_lot(link):
                steps[link] |= {step.name} if step else set()
    found = {link: [group for group in profile.life if not steps[link].intersection(group)] for link in steps}
    return {link: groups for link, groups in found.items() if groups}


def is_lot(link: str) -> bool:
    """Whether a canonical identifier is a lot's: GS1's, or GDST's own."""
    return (link.startswith(f"{digital_link.ROOT}/01/") and "/10/" in link) or ":product:lot:class:" in link


def _step(profile: Profile, walk: "_Walk") -> Step | None:
    return next((step for step in profile.steps if any(_speaks(when, walk) for when in step.when)), None)


def _speaks(when: When, walk: "_Walk") -> bool:
    event = walk.event
    step = reading.step(event).casefold()
    named = not (when.steps or when.tails) or step in when.steps or re.split(r"[:/#\-]", step)[-1] in when.tails
    return (
        named
        and (not when.types or reading.text(event, "type") in when.types)
        and (not when.actions or reading.text(event, "action") in when.actions)
        and all(any(_filled(value) for _, value in walk.to(place)) for place in when.has)
    )


def _missing(profile: Profile, step: Step, element: Element, walk: "_Walk", path: str) -> Missing | None:
    misfit: tuple[str, Any] | None = None
    for place in element.places:
        values = [(at, value) for at, value in walk.to(place) if place.every or value is not _ABSENT]
        wrong = [(at, value) for at, value in values if not _fits(place, value)]
        if values and (not wrong if place.every else len(wrong) < len(values)):
            return None
        if misfit is None and wrong and any(_filled(value) for _, value in values):
            misfit = wrong[0]
    at = misfit[0] if misfit else ".".join(p.name for p in element.places[0].parts if not p.name.startswith("*:"))
    lacks = "is not as it is asked for" if misfit and _filled(misfit[1]) else "is missing"
    accepted = tuple(place.said for place in element.places)
    said = f"{profile.title.en}, {step.title.en}: {element.title.en} {lacks}; accepted: {', or '.join(accepted)}"
    return Missing(f"{path}.{at}" if at else path, said, step.name, element.name, accepted)


class _Walk:
    """Goes through an event by paths, knowing by which prefixes it writes the profile's namespaces."""

    def __init__(self, profile: Profile, submitted: Submitted) -> None:
        self.event = submitted.event
        bound = {**cbv.PREFIXES}
        for entry in [*submitted.context, *reading.listed(self.event.get("@context"))]:
            if isinstance(entry, Mapping):
                bound |= {prefix: meant for prefix, meant in entry.items() if isinstance(meant, str)}
        self.written = {
            prefix: tuple(f"{own}:" for own, meant in bound.items() if meant in spellings) + tuple(spellings)
            for prefix, spellings in profile.namespaces.items()
        }

    def to(self, place: Place) -> Iterator[tuple[str, Any]]:
        """Each value at a place with its path; where a member of a list has none, that (``_ABSENT``)."""
        return self._on(place.parts, self.event, "")

    def _on(self, parts: tuple[Part, ...], value: Any, path: str) -> Iterator[tuple[str, Any]]:
        if not parts:
            yield path, value
            return
        part, *rest = parts
        names = list(self._names(part.name, value))
        if not names:
            if path:
                yield f"{path}.{part.name}", _ABSENT
            return
        for name in names:
            inside = value[name]
            at = f"{path}.{name}" if path else name
            several = isinstance(inside, list)
            for place, one in enumerate(reading.listed(inside)):
                if not part.key or self._kept(part, one):
                    yield from self._on(tuple(rest), one, f"{at}[{place}]" if several else at)

    def _names(self, name: str, value: Any) -> Iterator[str]:
        """Under which names of an object a member of a path stands."""
        if not isinstance(value, Mapping):
            return
        prefix, colon, local = name.partition(":")
        if not colon:
            if name in value:
                yield name
        elif prefix == "*":
            yield from (key for key in value if re.split(r"[:/#]", key)[-1] == local and key != local)
        else:
            yield from (key for begins in self.written[prefix] if (key := f"{begins}{local}") in value)

    def _kept(self, part: Part, one: Any) -> bool:
        said = [one[name] for name in self._names(part.key, one)]
        words = {cbv.word("SDT", cbv.word("BTT", value)).casefold() for value in said if isinstance(value, str)}
        return bool(words - {""}) if part.values == {"*"} else bool(words & part.values)


def _filled(value: Any) -> bool:
    return value is not _ABSENT and value is not None and value not in ("", [], {})


def _fits(place: Place, value: Any) -> bool:
    if not _filled(value) or not _IS[place.kind](value):
        return False
    if place.codes and not (isinstance(value, str) and value in place.codes):
        return False
    return place.pattern is None or (isinstance(value, str) and place.pattern.fullmatch(value) is not None)


def _link(value: Any, *keys: str) -> str:
    """An identifier's path behind GS1's domain where it is one of some keys; else nothing."""
    if not isinstance(value, str):
        return ""
    link = digital_link.canonical(value).removeprefix(digital_link.ROOT)
    return link if link.startswith(tuple(f"/{key}/" for key in keys)) else ""


def _dated(value: Any) -> bool:
    if "/10/" not in _link(value, "01"):
        return False
    try:
        return any(ai in ("15", "17") for ai, _ in digital_link.parse(value).attributes)
    except BadKey:
        return False


_IS: dict[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "text": lambda value: isinstance(value, str) and bool(value.strip()),
    "number": lambda value: reading.number(value) is not None,
    "date": lambda value: isinstance(value, str) and _DATE.fullmatch(value) is not None,
    "uri": epcis.is_uri,
    "gtin": lambda value: bool(_link(value, "01")),
    "gtin-lot": lambda value: "/10/" in _link(value, "01"),
    "dated-lot": _dated,
    "piece": lambda value: "/21/" in _link(value, "01"),
    "sscc": lambda value: bool(_link(value, "00")),
    "gln": lambda value: bool(_link(value, "414", "417")),
    "gln-part": lambda value: "/254/" in _link(value, "414"),
}
