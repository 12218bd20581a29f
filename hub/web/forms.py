"""Forms: what a browser sends, read into a model, each error beside its field in the reader's language."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from sqlmodel import Session
from starlette.datastructures import UploadFile

from hub.errors import HubError
from hub.web.i18n import N_, Language
from hub.web.templating import language_of

M = TypeVar("M", bound=BaseModel)


@dataclass
class Filled(Generic[M]):
    """A form as it was sent: what was typed, what was read, and what is wrong where.

    ``several`` has all that came under one name, such as the ticks of a list; ``files`` those that were chosen.
    ``scope`` tells a page's forms apart where their fields are called alike.
    """

    language: Language
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    several: dict[str, list[str]] = field(default_factory=dict)
    read: M | None = None
    files: dict[str, UploadFile] = field(default_factory=dict)
    scope: str = ""

    def id(self, name: str) -> str:
        """What a field's element is called on its page."""
        return "-".join(["f", *([self.scope] if self.scope else []), name.replace(".", "-")])

    def refuse(self, name: str, sentence: str) -> None:
        """Say what is wrong with a field that could be read but not accepted."""
        self.errors[name] = sentence
        self.read = None

    def put(self, name: str, value: str) -> None:
        """Let a field say something else than what was sent."""
        self.values[name] = value
        if self.read is not None:
            self.read = self.read.model_copy(update={name: value})

    @contextmanager
    def attempt(self, session: Session, otherwise: str = "", called: Mapping[str, str] | None = None) -> Iterator[None]:
        """Do what the form asks for, or say beside its field what the rules refuse; then nothing of it stays.

        What is refused without a field of this form is said beside ``otherwise``, or goes on to whoever shows refusals.
        ``called`` names the form's own fields by what the rules call them, where that differs.
        """
        try:
            with session.begin_nested():
                yield
        except HubError as refusal:
            place = (called or {}).get(refusal.at, refusal.at)
            name = place if place in self.values else otherwise
            if not name:
                raise
            self.refuse(name, self.language.sentence(refusal.sentence, refusal.values))

    def value(self, name: str, otherwise: Any = "") -> Any:
        """What was typed into a field, else what it shows at first."""
        return self.values.get(name, otherwise)

    def lines(self, name: str, least: int = 0) -> int:
        """How many lines of a kind were sent (``lines.0.quantity`` is of the first); ``least`` where they are fewer."""
        sent = [key.split(".")[1] for key in self.values if key.startswith(f"{name}.")]
        return max([least, *(int(number) + 1 for number in sent if re.fullmatch(r"\d{1,3}", number))])

    def chosen(self, name: str, otherwise: Sequence[str] = ()) -> Sequence[str]:
        """What was ticked under a name, which may be nothing; before the form is sent, what is ticked at first."""
        return self.several.get(name, ()) if self.values else otherwise

    @property
    def problems(self) -> list[dict[str, str]]:
        """Where and what, as a refusal tells it."""
        return [{"where": name, "what": sentence} for name, sentence in self.errors.items()]

    def error(self, name: str) -> str:
        """What is wrong with a field, or nothing."""
        return self.errors.get(name, "")


def filled(model: type[M]) -> Any:
    """The dependency that reads a form into ``model``: ``Annotated[Filled[Answer], filled(Answer)]``.

    Fields of lines are named with dots (``lines.0.quantity``); empty ones count as not filled in.
    """

    async def read(request: Request) -> Filled[M]:
        form = await request.form()
        sent = [(name, value.strip()) for name, value in form.multi_items() if isinstance(value, str)]
        filled_in = fill(model, sent, language_of(request))
        chosen = [(name, value) for name, value in form.multi_items() if isinstance(value, UploadFile)]
        filled_in.files = {name: file for name, file in chosen if file.filename}
        return filled_in

    return Depends(read)


async def empty(request: Request) -> Filled[Any]:
    """A form that nobody has filled in yet."""
    return Filled(language_of(request))


def fill(model: type[M], sent: list[tuple[str, str]], language: Language) -> Filled[M]:
    """Read pairs of names and values into ``model``."""
    form: Filled[M] = Filled(language, dict(sent))
    for name, value in sent:
        form.several.setdefault(name, []).append(value)
    try:
        form.read = model.model_validate(_nested(sent))
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            form.errors.setdefault(".".join(str(part) for part in fault["loc"]), complaint(language, fault))
    return form


_DEEPEST = 4
"""Dots of a field's name that lead into lines of lines; what comes after them is part of the last name."""


def _nested(sent: list[tuple[str, str]]) -> dict[str, Any]:
    """``lines.0.quantity`` becomes a list of lines; a name sent twice becomes a list of values."""
    nested: dict[str, Any] = {}
    for name, value in sent:
        if value == "":
            continue
        *path, last = name.split(".", _DEEPEST)
        here = nested
        for part in path:
            inner = here.setdefault(part, {})
            here = inner if isinstance(inner, dict) else here
        if last in here:
            known = here[last]
            here[last] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            here[last] = value
    return {name: _lists(value) for name, value in nested.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(item) for name, item in value.items()}
    if inner and all(re.fullmatch(r"\d{1,4}", name) for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


_SAID: dict[str, str] = {
    "missing": N_("Fill this in."),
    "string_too_short": N_("Enter at least %(min_length)s characters."),
    "string_too_long": N_("Enter at most %(max_length)s characters."),
    "string_pattern_mismatch": N_("This is not written as it should be."),
    "string_type": N_("Enter a text."),
    "too_short": N_("At least %(min_length)s are needed."),
    "too_long": N_("At most %(max_length)s are possible."),
    "greater_than": N_("Enter more than %(gt)s."),
    "greater_than_equal": N_("Enter %(ge)s or more."),
    "less_than": N_("Enter less than %(lt)s."),
    "less_than_equal": N_("Enter %(le)s or less."),
    "decimal_parsing": N_("Enter a figure, such as 12.5."),
    "decimal_type": N_("Enter a figure, such as 12.5."),
    "decimal_max_places": N_("Enter at most %(decimal_places)s decimals."),
    "decimal_max_digits": N_("This figure has too many digits."),
    "decimal_whole_digits": N_("This figure has too many digits."),
    "finite_number": N_("Enter a figure, such as 12.5."),
    "float_parsing": N_("Enter a figure, such as 12.5."),
    "int_parsing": N_("Enter a whole number."),
    "int_from_float": N_("Enter a whole number."),
    "int_type": N_("Enter a whole number."),
    "bool_parsing": N_("Answer yes or no."),
    "date_from_datetime_parsing": N_("Enter a date, such as 2026-11-24."),
    "date_parsing": N_("Enter a date, such as 2026-11-24."),
    "datetime_from_date_parsing": N_("Enter a date and a time, such as 2026-11-24T06:40."),
    "datetime_parsing": N_("Enter a date and a time, such as 2026-11-24T06:40."),
    "timezone_aware": N_("Say the time with its offset from UTC."),
    "time_parsing": N_("Enter a time, such as 06:40."),
    "uuid_parsing": N_("There is no such thing here."),
    "enum": N_("Choose one of: %(expected)s."),
    "literal_error": N_("Choose one of: %(expected)s."),
    "extra_forbidden": N_("There is no such field."),
}


def complaint(language: Language, error: Mapping[str, Any]) -> str:
    """One of pydantic's errors as a sentence that says what to enter."""
    context = dict(error.get("ctx", {}))
    if error["type"] == "value_error":
        return language.sentence(str(context["error"]), {})
    sentence = _SAID.get(error["type"])
    return language.gettext(sentence, **context) if sentence else str(error["msg"])


EmptyForm = Annotated[Filled[Any], Depends(empty)]
"""The form of a page that is opened, not sent."""
