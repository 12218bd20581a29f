"""A profile as it is written down, read and checked: steps, the data that each needs, and where that may stand.

A path goes through an event by its members, ``quantityList.epcClass``, through lists as through what they hold. A
member is EPCIS's own, one of a namespace that the profile names (``gdst:productOwner``), or one of anybody's
(``*:tlcSource``); ``[type=po|desadv]`` keeps what has one of these values there, ``[type=*]`` what has any.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from hub.gs1 import cbv

KINDS = {
    "any": "",
    "text": "text",
    "number": "a number",
    "date": "a date",
    "uri": "a URI",
    "gtin": "with its GTIN",
    "gtin-lot": "GTIN with lot",
    "dated-lot": "GTIN with lot, and its best-before date (AI 15) or use-by date (AI 17) in the link",
    "piece": "GTIN with serial number",
    "sscc": "SSCC",
    "gln": "GLN",
    "gln-part": "GLN with an extension",
}
"""What a value may have to be, and the words for it."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PART = re.compile(r"(?P<name>[^.\[\]]+)(?:\[(?P<key>[^=\]]+)=(?P<values>[^\]]+)\])?(?:\.|$)")
_TYPES = frozenset("ObjectEvent AggregationEvent AssociationEvent TransactionEvent TransformationEvent".split())
_ACTIONS = frozenset("ADD OBSERVE DELETE".split())


class BadProfile(ValueError):
    """A profile that is not written as one; says where."""


class Words(NamedTuple):
    """The same in English and in Chinese."""

    en: str
    zh: str

    def of(self, code: str) -> str:
        """In one of the two."""
        return self.zh if code == "zh" else self.en


class Part(NamedTuple):
    """A member that a path goes through, and which of what stands there it keeps: those whose ``key`` has a value."""

    name: str
    key: str = ""
    values: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Place:
    """Where a piece of data may stand, and what it has to be there: each of the values, or one of them."""

    path: str
    parts: tuple[Part, ...]
    kind: str = "any"
    codes: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    every: bool = False

    @property
    def said(self) -> str:
        """The place in words: its path, and what has to stand there."""
        more = [KINDS[self.kind]] if KINDS[self.kind] else []
        more += [f"one of {', '.join(sorted(self.codes))}"] if self.codes else []
        more += [f"like {self.pattern.pattern}"] if self.pattern else []
        return f"{self.path} ({'; '.join(more)})" if more else self.path


@dataclass(frozen=True)
class Element:
    """A key data element: what it is called, and the places of which one has to hold it."""

    name: str
    title: Words
    places: tuple[Place, ...]


@dataclass(frozen=True)
class When:
    """Of which events a step speaks; what is empty may be anything."""

    steps: frozenset[str]
    tails: frozenset[str]
    types: frozenset[str]
    actions: frozenset[str]
    has: tuple[Place, ...]


@dataclass(frozen=True)
class Step:
    """A critical tracking event: of which events it speaks, what it needs, where that is said, and a whole one."""

    name: str
    title: Words
    source: str
    when: tuple[When, ...]
    needs: tuple[Element, ...]
    example: Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """Where something is written: the document, its edition, and where it is read."""

    document: str
    edition: str
    address: str


@dataclass(frozen=True)
class Profile:
    """What a law or a customer asks for. Of several steps that fit an event the first counts.

    ``life`` are steps that a lot has to have gone through: one of each group. ``leaves_out`` is what of its sources
    is not judged here. ``written`` is the file's content, as it is shown.
    """

    name: str
    title: Words
    sources: tuple[Source, ...]
    leaves_out: tuple[Words, ...]
    namespaces: Mapping[str, frozenset[str]]
    steps: tuple[Step, ...]
    life: tuple[tuple[str, ...], ...]
    context: tuple[Any, ...]
    written: Mapping[str, Any]

    def step(self, name: str) -> Step:
        """A step by its name."""
        return next(step for step in self.steps if step.name == name)


def read(text: str) -> Profile:
    """A profile out of its file; refused (``BadProfile``) where something in it is not as it has to be."""
    try:
        written = json.loads(text)
    except ValueError as problem:
        raise BadProfile(str(problem)) from problem
    whole = _Object(written, "")
    namespaces = {"cbvmda": frozenset({"urn:epcglobal:cbv:mda:", "urn:epcglobal:cbv:mda"})}
    for prefix, spellings in whole.dict("namespaces").items():
        namespaces[prefix] = frozenset(_texts(spellings, f"namespaces.{prefix}"))
    reader = _Reader(namespaces, _Object(whole.dict("elements"), "elements"))
    steps = tuple(reader.step(_Object(each, f"steps[{n}]")) for n, each in enumerate(whole.list("steps")))
    names = [step.name for step in steps]
    if len(set(names)) < len(names) or not names:
        _bad("steps", "each has a name of its own, and there is one")
    life = tuple(tuple(_texts(group, f"life[{n}]")) for n, group in enumerate(whole.list("life")))
    for group in life:
        if unknown := set(group) - set(names):
            _bad("life", f"{min(unknown)} is none of its steps")
    profile = Profile(
        name=whole.name("name"),
        title=whole.words("title"),
        sources=tuple(_source(_Object(each, f"sources[{n}]")) for n, each in enumerate(whole.list("sources"))),
        leaves_out=tuple(_words(each, f"leavesOut[{n}]") for n, each in enumerate(whole.list("leavesOut"))),
        namespaces=namespaces,
        steps=steps,
        life=life,
        context=tuple(whole.list("context")),
        written=written,
    )
    whole.end()
    if unused := reader.elements.value.keys() - reader.used:
        _bad(f"elements.{min(unused)}", "is asked for by no step")
    if not profile.sources:
        _bad("sources", "it has to come from somewhere")
    return profile


class _Object:
    """An object of the file: its members are taken out one by one, and none may be left."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            _bad(path, "is no object")
        self.value, self.path, self.taken = value, path, set[str]()

    def at(self, name: str) -> str:
        return f"{self.path}.{name}".lstrip(".")

    def take(self, name: str, kind: type, otherwise: Any = None) -> Any:
        self.taken.add(name)
        value = self.value.get(name, otherwise)
        if not isinstance(value, kind):
            _bad(self.at(name), f"is needed, as {kind.__name__}")
        return value

    def text(self, name: str, otherwise: str | None = None) -> str:
        return str(self.take(name, str, otherwise))

    def list(self, name: str) -> "list[Any]":
        value: list[Any] = self.take(name, list, [])
        return value

    def dict(self, name: str) -> "dict[str, Any]":
        value: dict[str, Any] = self.take(name, dict, {})
        return value

    def words(self, name: str) -> Words:
        return _words(self.take(name, dict), self.at(name))

    def name(self, name: str) -> str:
        value = self.text(name)
        if not _NAME.fullmatch(value) or len(value) > LONGEST_NAME:
            _bad(self.at(name), f"{value!r} is no name")
        return value

    def chosen(self, name: str, among: frozenset[str]) -> frozenset[str]:
        values = frozenset(_texts(self.list(name), self.at(name)))
        if unknown := values - among:
            _bad(self.at(name), f"{min(unknown)} is none of {', '.join(sorted(among))}")
        return values

    def end(self) -> None:
        if left := self.value.keys() - self.taken:
            _bad(self.at(min(left)), "means nothing here")


LONGEST_NAME = 40


class _Reader:
    """Reads steps, their elements out of those that all of them share, and paths by the namespaces."""

    def __init__(self, namespaces: Mapping[str, frozenset[str]], elements: _Object) -> None:
        self.namespaces, self.elements, self.used = namespaces, elements, set[str]()

    def step(self, step: _Object) -> Step:
        read = Step(
            name=step.name("name"),
            title=step.words("title"),
            source=step.text("source"),
            when=tuple(self.when(_Object(each, f"{step.path}.when[{n}]")) for n, each in enumerate(step.list("when"))),
            needs=tuple(self.element(name, step.path) for name in _texts(step.list("needs"), f"{step.path}.needs")),
            example=step.dict("example"),
        )
        if not read.when or not read.needs:
            _bad(step.path, "a step speaks of some events, and needs something of them")
        step.end()
        return read

    def when(self, when: _Object) -> When:
        steps = _texts(when.list("bizStep"), f"{when.path}.bizStep")
        read = When(
            steps=frozenset(cbv.word("BizStep", step).casefold() for step in steps if not step.startswith("*:")),
            tails=frozenset(step[2:].casefold() for step in steps if step.startswith("*:")),
            types=when.chosen("type", _TYPES),
            actions=when.chosen("action", _ACTIONS),
            has=tuple(self.place({"path": path}, when.path) for path in _texts(when.list("has"), when.path)),
        )
        when.end()
        return read

    def element(self, name: str, path: str) -> Element:
        if name not in self.elements.value:
            _bad(f"{path}.needs", f"{name} is none of the elements")
        self.used.add(name)
        element = _Object(self.elements.value[name], f"elements.{name}")
        places = tuple(self.place(each, f"{element.path}.in[{n}]") for n, each in enumerate(element.list("in")))
        read = Element(name, element.words("title"), places)
        element.end()
        if not places or not _NAME.fullmatch(name):
            _bad(element.path, "has a name and a place")
        return read

    def place(self, written: Any, path: str) -> Place:
        place = _Object({"path": written} if isinstance(written, str) else written, path)
        kind, way, like = place.text("is", "any"), place.text("path"), place.text("like", "")
        if kind not in KINDS:
            _bad(path, f"{kind} is none of {', '.join(KINDS)}")
        read = Place(
            path=way,
            parts=self.parts(way, path),
            kind=kind,
            codes=frozenset(_texts(place.list("codes"), path)),
            pattern=re.compile(like) if like else None,
            every=place.take("every", bool, False),
        )
        place.end()
        return read

    def parts(self, way: str, path: str) -> tuple[Part, ...]:
        parts, at = [], 0
        while at < len(way):
            found = _PART.match(way, at)
            if found is None:
                _bad(path, f"{way} is no path")
            key, values = found["key"] or "", (found["values"] or "").split("|")
            for name in filter(None, (found["name"], key)):
                prefix, colon, _ = name.partition(":")
                if colon and prefix != "*" and prefix not in self.namespaces:
                    _bad(path, f"{prefix} is none of the namespaces")
            parts.append(Part(found["name"], key, frozenset(value.casefold() for value in values if key)))
            at = found.end()
        if not parts:
            _bad(path, "is no path")
        return tuple(parts)


def _source(source: _Object) -> Source:
    read = Source(source.text("document"), source.text("edition"), source.text("address"))
    source.end()
    return read


def _words(value: Any, path: str) -> Words:
    words = _Object(value, path)
    read = Words(words.text("en"), words.text("zh"))
    words.end()
    if not read.en or not read.zh:
        _bad(path, "is said in both languages")
    return read


def _texts(value: Any, path: str) -> Sequence[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        _bad(path, "is no list of texts")
    return value


def _bad(path: str, why: str) -> NoReturn:
    raise BadProfile(f"{path or '$'}: {why}")
