"""The hub's interface for programs, as its own OpenAPI document describes it, laid out to be read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hub.access import Permission
from hub.pages.help_view import Entry, guides
from hub.pages.settings.accounts.keys_view import SCOPES
from hub.web.i18n import N_, Language

_METHODS = ("get", "post", "put", "patch", "delete", "options", "head")
_PLACES = {
    "path": N_("in the path"),
    "query": N_("in the query"),
    "header": N_("as a header"),
}
_TAGS = {
    "EPCIS": "EPCIS",
    "Digital Link": N_("Digital Link"),
    "Trade": N_("Trade"),
    "Logistics": N_("Logistics"),
    "Ledger": N_("Ledger"),
    "Traceability": N_("Traceability"),
    "health": N_("Health"),
}
_WORDS = {
    "200": N_("Done."),
    "201": N_("Done: something new is there."),
    "202": N_("Taken; it is worked on."),
    "204": N_("Done, and nothing to say."),
    "206": N_("A part of it."),
    "300": N_("Several answer."),
    "303": N_("It is elsewhere."),
    "307": N_("It is elsewhere."),
    "422": N_("What was sent cannot be used; each error says where."),
}
_VALUE = re.compile(r"%\(\w+\)s")
_DEEPEST = 4
"""Levels of a body that are unfolded; what lies deeper is called by its type."""


@dataclass(frozen=True)
class Field:
    """Something that is sent along: its name, where it stands, its type, whether it must be there, and its limits."""

    name: str
    place: str
    kind: str
    required: bool
    limits: str


@dataclass(frozen=True)
class Answer:
    """How the hub may answer: the status, and the stable name and the sentence of each refusal under it."""

    status: str
    says: str
    refusals: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Operation:
    """A method on a path; ``opens`` is which permissions open it, ``more`` what its description adds in English."""

    anchor: str
    method: str
    path: str
    summary: str
    more: str
    opens: str
    parameters: Sequence[Field]
    takes: str
    body: Sequence[Field]
    answers: Sequence[Answer]


@dataclass(frozen=True)
class Group:
    """The operations of one subject."""

    anchor: str
    title: str
    operations: Sequence[Operation]


@dataclass(frozen=True)
class ApiPage:
    """The whole interface."""

    guides: Sequence[Entry]
    lead: str
    groups: Sequence[Group]


def api_page(
    document: Mapping[str, Any], opens: Mapping[tuple[str, str], frozenset[Permission]], speaks: Language
) -> ApiPage:
    """The page of an OpenAPI document, in the order that it names its paths; ``opens`` by method and path."""
    groups: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                tag = next(iter(item[method].get("tags", ())), "")
                words = [speaks.gettext(SCOPES[one]) for one in sorted(opens.get((method, path), ())) if one in SCOPES]
                found = _operation(document, path, method, item[method], speaks)
                groups.setdefault(tag, []).append(replace(found, opens=" / ".join(words)))
    return ApiPage(
        guides(speaks, "api"),
        speaks.ngettext("%(num)s operation", "%(num)s operations", sum(map(len, groups.values()))),
        [Group(_anchor(tag), speaks.gettext(_TAGS.get(tag, tag)), found) for tag, found in groups.items()],
    )


def _operation(
    document: Mapping[str, Any], path: str, method: str, told: Mapping[str, Any], speaks: Language
) -> Operation:
    first, _, more = told.get("description", "").partition("\n")
    contents = told.get("requestBody", {}).get("content", {})
    schema: Mapping[str, Any] = next((one.get("schema", {}) for one in contents.values()), {})
    return Operation(
        anchor=_anchor(f"{method} {path}"),
        method=method.upper(),
        path=path,
        summary=speaks.gettext(first) if first else told.get("summary", ""),
        more=more.strip(),
        opens="",
        parameters=[
            Field(
                one["name"],
                speaks.gettext(_PLACES.get(one["in"], one["in"])),
                _kind(one.get("schema", {})),
                one.get("required", False),
                _limits(one.get("schema", {}), speaks),
            )
            for one in told.get("parameters", ())
        ],
        takes=", ".join(contents),
        body=list(_fields(document, schema, speaks)),
        answers=[_answer(status, answer, speaks) for status, answer in told.get("responses", {}).items()],
    )


def _answer(status: str, told: Mapping[str, Any], speaks: Language) -> Answer:
    found = re.findall(r"^`([\w-]+)`: (.+)$", told.get("description", ""), re.MULTILINE)
    refusals = [(code, _VALUE.sub("…", speaks.translations.gettext(sentence))) for code, sentence in found]
    return Answer(status, speaks.gettext(_WORDS[status]) if status in _WORDS else "", refusals)


def _fields(
    document: Mapping[str, Any], schema: Mapping[str, Any], speaks: Language, within: str = "", depth: int = 0
) -> Sequence[Field]:
    """A body's members, those of inner objects with the names of the outer ones in front."""
    schema = _resolved(document, schema)
    if schema.get("type") == "array":
        return _fields(document, schema.get("items", {}), speaks, f"{within}[]", depth)
    found: list[Field] = []
    for name, inner in schema.get("properties", {}).items():
        path = f"{within}.{name}" if within else name
        found.append(Field(path, "", _kind(inner), name in schema.get("required", ()), _limits(inner, speaks)))
        if depth < _DEEPEST:
            found += _fields(document, inner, speaks, path, depth + 1)
    return found


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        return dict(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    several = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return _resolved(document, several[0]) if several else schema


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if several := schema.get("anyOf", schema.get("oneOf")):
        return " | ".join(dict.fromkeys(_kind(one) for one in several))
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    kind = str(schema.get("type", "any"))
    return f"{kind} ({schema['format']})" if "format" in schema else kind


_LIMITS = {
    "minimum": "≥ %(value)s",
    "exclusiveMinimum": "> %(value)s",
    "maximum": "≤ %(value)s",
    "exclusiveMaximum": "< %(value)s",
    "const": "= %(value)s",
    "minLength": N_("%(value)s characters at least"),
    "maxLength": N_("%(value)s characters at most"),
    "minItems": N_("%(value)s entries at least"),
    "maxItems": N_("%(value)s entries at most"),
    "pattern": N_("of the form %(value)s"),
}
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def _limits(schema: Mapping[str, Any], speaks: Language) -> str:
    """What a value has to keep to, and what it is where it is left out."""
    each = [schema, *schema.get("anyOf", ())]
    said = [speaks.gettext(form, value=one[name]) for one in each for name, form in _LIMITS.items() if name in one]
    said += [" · ".join(map(str, one["enum"])) for one in each if "enum" in one]
    if schema.get("default") not in _EMPTY:
        said.append(speaks.gettext("%(value)s where it is left out", value=schema["default"]))
    return ("；" if speaks.code == "zh" else "; ").join(said)


def _anchor(text: str) -> str:
    return "-".join(re.findall(r"\w+", text.lower()))
