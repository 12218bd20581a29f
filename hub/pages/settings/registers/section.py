"""A section of the settings area: which register it shows, and the words and fields it shows it with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from hub.access import Actor
from hub.registry import sheets
from hub.registry.register import Register
from hub.web.drawing import Chart
from hub.web.i18n import Language

Options = Sequence[tuple[str, str]]
"""What can be chosen: values with their words."""
FILES = ("file", "picture")
"""Kinds of fields that hold the SHA-256 of a file; no sheet has them."""


@dataclass(frozen=True)
class Field:
    """A field of the register's form; ``kind`` is text, number, money, time, date, choice, several, file or picture,
    a ``link``, of which a list shows the beginning, or a ``flag``: a choice that means nothing without its label.

    ``listed`` fields are columns of the list. ``attributes`` go to the input as they are.
    """

    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    options: Options = ()
    required: bool = False
    listed: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)

    def said(self, text: str, speaks: Language) -> str:
        """A value as people say it: of a choice its word, of several their words."""
        words = {value: speaks.gettext(word) for value, word in self.options}
        if self.kind in FILES and text:
            return speaks.gettext("SHA-256 %(begins)s…", begins=text[:12])
        parts = text.split() if self.kind == "several" else [text]
        return ("、" if speaks.code == "zh" else ", ").join(words.get(part, part) for part in parts)

    def choices(self, register: Register[Any, Any], actor: Actor, speaks: Language) -> Options:
        """What this actor may choose, in the reader's words."""
        allowed = register.allowed(actor, self.name)
        return [(value, speaks.gettext(word)) for value, word in self.options if allowed is None or value in allowed]


Charts = Callable[[Session, Actor, Language, Any], Chart | None]
"""What draws the rows of a register, with one of them marked (or None); None where there is nothing to draw."""


@dataclass(frozen=True)
class Words:
    """How a section speaks: its title, its buttons, what is searched, and what it says while it is empty.

    Of one thing alone there is no list, and so nothing but a title.
    """

    title: str
    add: str = ""
    added: str = ""
    end: str = ""
    end_text: str = ""
    ended: str = ""
    again: str = ""
    counted: tuple[str, str] = ("", "")
    search: str = ""
    nothing: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Section:
    """A register with its path, its words, and its fields in their order; ``chart`` draws its rows on a map.

    ``home`` is where its list is, where that is not its path.

    ``beside`` is where else something is kept of one of them: its words, and a path with a field's name in braces.
    """

    register: Register[Any, Any]
    path: str
    words: Words
    fields: Sequence[Field]
    chart: Charts | None = None
    beside: tuple[str, str] = ("", "")
    home: str = ""

    @property
    def list_at(self) -> str:
        """The address of its list."""
        return self.home or self.path

    @property
    def frame(self) -> str:
        """The template that its pages stand in."""
        return "frames/settings.html" if self.path.startswith("/settings") else "base.html"

    @property
    def written(self) -> Sequence[Field]:
        """The fields that a sheet has a column for."""
        return [each for each in self.fields if each.kind not in FILES]

    @property
    def uploads(self) -> Sequence[Field]:
        """The fields that a file is chosen in."""
        return [each for each in self.fields if each.kind in FILES]

    def columns(self, speaks: Language) -> list[sheets.Column]:
        """The columns of a sheet, as people may call them and their values in either language, the reader's first."""
        both = (speaks, speaks.other)
        return [
            sheets.Column(
                each.name,
                [tongue.gettext(each.label) for tongue in both],
                sheets.spelled((value, [tongue.gettext(word) for tongue in both]) for value, word in each.options),
                each.kind == "date",
                each.kind == "several",
            )
            for each in self.written
        ]
