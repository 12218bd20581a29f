"""What the pages of a register show, decided and said in the reader's language; their templates lay it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from hub.errors import HubError
from hub.gs1.master_data import Statement
from hub.lists import CountedPage, Search
from hub.models.access import AuditEntry
from hub.models.party import Organization
from hub.models.trace import Event
from hub.pages.oversight.words import ACTIONS
from hub.pages.settings.registers.section import Field, Options, Section
from hub.registry.register import Doubt, Intake, Wrong, as_text
from hub.web.drawing import Chart
from hub.web.forms import complaint
from hub.web.i18n import Language
from hub.web.view import Heading, KeyFigure, Narrowed, Nothing, Paging, State, Tab, counted_paging

_FIGURES = ("number", "money")
_MOST_OF_A_LINK = 44
_MOST_SHOWN = 200
"""Wrong cells and changes that a page shows; a sheet with more is put right in parts anyway."""


@dataclass(frozen=True)
class Cell:
    """A cell of the list; ``figure`` where it is set to the right."""

    text: str
    figure: bool


@dataclass(frozen=True)
class Entry:
    """A row of the list; ``summary`` is what of it fits a narrow page, ``picture`` the address of its thumbnail."""

    name: str
    key: str
    address: str
    cells: Sequence[Cell]
    summary: str
    state: State
    picture: str


@dataclass(frozen=True)
class Actions:
    """The addresses and words of a section's buttons."""

    path: str
    add: str
    search_label: str
    export: str


@dataclass(frozen=True)
class RegisterPage:
    """The list of a register."""

    title: str
    lead: str
    search: str
    actions: Actions
    tabs: Sequence[Tab]
    kept: Sequence[tuple[str, str]]
    columns: Sequence[Any]
    rows: Sequence[Entry]
    paging: Paging
    nothing: Nothing
    chart: Chart | None


@dataclass(frozen=True)
class Input:
    """A field of the form, as it is laid out; ``options`` where one is chosen, or several of which are ``ticked``."""

    name: str
    label: str
    hint: str
    kind: str
    value: str
    required: bool
    options: Options
    attributes: Mapping[str, str]

    @property
    def ticked(self) -> Sequence[str]:
        """Which of several are chosen at first."""
        return self.value.split()


@dataclass(frozen=True)
class Past:
    """Something that was done to a row: when, and what in words."""

    when: str
    text: str


@dataclass(frozen=True)
class RowPage:
    """One thing of a register, or a new one; ``ended`` where it is no more, ``beside`` what else is kept of it."""

    title: str
    section: str
    path: str
    address: str
    inputs: Sequence[Input]
    verb: str
    state: State | None
    ended: bool
    end: str
    end_text: str
    again: str
    record: str
    past: Sequence[Past]
    chart_address: str
    beside: tuple[str, str]
    chart: Chart | None = None


@dataclass(frozen=True)
class WrongCell:
    """A cell that cannot be taken, and what to write instead."""

    row: int
    column: str
    written: str
    why: str


@dataclass(frozen=True)
class ChangedCell:
    """A value that would be another."""

    key: str
    column: str
    now: str
    then: str


@dataclass(frozen=True)
class IntakePage:
    """A sheet before it is taken in: what is wrong, else what would change. ``address`` takes it."""

    title: str
    section: str
    path: str
    list_at: str
    lead: str
    figures: Sequence[KeyFigure]
    wrong: Sequence[WrongCell]
    doubts: Sequence[WrongCell]
    changes: Sequence[ChangedCell]
    more: str
    address: str
    verb: str


@dataclass(frozen=True)
class Kept:
    """A row as it was read: what gives it its names, its key as it is shown, and what the form says of it.

    ``today`` is the day it is where the organisation does business.
    """

    row: Any
    thing: Any
    label: str
    said: Mapping[str, Any]
    today: date


def register_page(
    section: Section, page: CountedPage[Any], kept: Sequence[Kept], speaks: Language, chart: Chart | None = None
) -> RegisterPage:
    """The list."""
    words, search = section.words, page.search.words
    here, sorts = Narrowed(section.path, page.search), section.register.sorts()
    by_name = f"name_{speaks.code}"
    listed = [each for each in section.fields if each.listed]
    return RegisterPage(
        title=speaks.gettext(words.title),
        lead=speaks.ngettext(*words.counted, page.total),
        search=search,
        actions=Actions(
            section.path, speaks.gettext(words.add), speaks.gettext(words.search), here.address("/export.xlsx")
        ),
        tabs=here.tabs(speaks),
        kept=here.kept,
        columns=[
            here.heading(speaks.gettext(words.title), by_name) if by_name in sorts else speaks.gettext(words.title),
            *(_heading(each, here, sorts, speaks) for each in listed),
            speaks.gettext("State"),
        ],
        rows=[_entry(section, each, listed, speaks) for each in kept],
        paging=counted_paging(here.address(), page, speaks),
        nothing=_nothing(section, page.search, speaks),
        chart=chart,
    )


def _heading(each: Field, here: Narrowed, sorts: Mapping[str, Any], speaks: Language) -> Heading:
    word, kind = speaks.gettext(each.label), "num hide-m" if each.kind in _FIGURES else "hide-m"
    return here.heading(word, each.name, kind) if each.name in sorts else Heading(word, kind)


def _nothing(section: Section, search: Search, speaks: Language) -> Nothing:
    if search.state and not search.words:
        return Nothing(speaks.gettext("Nothing is in this state."), "", section.path, speaks.gettext("Show all"))
    if search.words:
        return Nothing(speaks.gettext("Nothing is called that."), "", section.path, speaks.gettext("Show all"))
    title, text = section.words.nothing
    return Nothing(speaks.gettext(title), speaks.gettext(text))


def _entry(section: Section, kept: Kept, listed: Sequence[Field], speaks: Language) -> Entry:
    words = [(each, _shown(each, kept, speaks)) for each in listed]
    return Entry(
        name=speaks.name(kept.thing),
        key=kept.label,
        address=f"{section.path}/{kept.row.id}",
        cells=[Cell(word, each.kind in _FIGURES) for each, word in words],
        summary=" · ".join(word for each, word in words if each.kind in ("choice", "money")),
        state=_state(kept.row, kept.today, speaks),
        picture=_picture(section, kept.said),
    )


def _picture(section: Section, said: Mapping[str, Any]) -> str:
    """The address of a row's thumbnail; empty where it has none."""
    shown = next((said[each.name] for each in section.uploads if each.kind == "picture"), "")
    return f"/settings/files/{shown}/small" if shown else ""


def _shown(each: Field, kept: Kept, speaks: Language) -> str:
    said = kept.said[each.name]
    if each.kind == "money":
        return speaks.money(said, kept.row.currency)
    words = each.said(as_text(said), speaks)
    if each.kind == "link":
        words = words.partition("://")[2]
        return words if len(words) <= _MOST_OF_A_LINK else f"{words[:_MOST_OF_A_LINK]}…"
    return words


def _state(row: Any, today: date, speaks: Language) -> State:
    """Whether a row is in use, from when on, or until when."""
    begins = getattr(row, "valid_from", today)
    if begins > today and not getattr(row, "ended_on", None):
        return State(speaks.gettext("From %(day)s", day=speaks.long_date(begins)), "clock")
    return in_use(row, speaks)


def in_use(row: Any, speaks: Language) -> State:
    """Whether a row is in use, or until when."""
    until = getattr(row, "ended_on", None) or getattr(row, "valid_to", None)
    if until is None:
        return State(speaks.gettext("In use"), "ok", "ok")
    return State(speaks.gettext("Until %(day)s", day=speaks.long_date(until)), "clock")


class Told(NamedTuple):
    """What became of a thing, the latest first, and what the ledger holds of it."""

    past: Sequence[Past] = ()
    record: str = ""


def row_page(section: Section, inputs: Sequence[Input], kept: Kept | None, told: Told, speaks: Language) -> RowPage:
    """One thing, to be changed, or a new one."""
    row = kept.row if kept else None
    words = section.words
    return RowPage(
        title=speaks.name(kept.thing) if kept else speaks.gettext(words.add),
        section=speaks.gettext(words.title),
        path=section.path,
        address=f"{section.path}/{row.id}" if row is not None else f"{section.path}/new",
        inputs=inputs,
        verb=speaks.gettext("Save") if row is not None else speaks.gettext(words.add),
        state=_state(row, kept.today, speaks) if kept else None,
        ended=row is not None and getattr(row, "ended_on", None) is not None,
        end=speaks.gettext(words.end),
        end_text=speaks.gettext(words.end_text),
        again=speaks.gettext(words.again),
        record=told.record,
        past=told.past,
        chart_address=f"{section.path}/map/at?place={row.id if row is not None else ''}",
        beside=_beside(section, kept, speaks),
    )


def _beside(section: Section, kept: Kept | None, speaks: Language) -> tuple[str, str]:
    words, path = section.beside
    return (speaks.gettext(words), path.format_map(kept.said)) if kept is not None and words else ("", "")


def inputs_of(
    section: Section, said: Mapping[str, Any], choices: Mapping[str, Options], speaks: Language
) -> list[Input]:
    """The form's fields, with what they show at first."""
    return [
        Input(
            each.name,
            speaks.gettext(each.label),
            speaks.gettext(each.hint) if each.hint else "",
            each.kind,
            as_text(said.get(each.name)),
            each.required,
            choices.get(each.name, ()),
            each.attributes,
        )
        for each in section.fields
    ]


def past_of(
    section: Section,
    trail: Sequence[tuple[AuditEntry, str]],
    own: Organization,
    speaks: Language,
) -> list[Past]:
    """What was done to a row, the latest first; ``trail`` comes with the names of who did it."""
    labels = {each.name: speaks.gettext(each.label) for each in section.fields}
    return [
        Past(
            speaks.moment(entry.created_at, own),
            " · ".join(
                [
                    speaks.gettext(ACTIONS.get(entry.action, entry.action)),
                    *([who] if who else []),
                    *(
                        f"{labels[name]} {_went(section, name, text, speaks)}"
                        for name, text in entry.detail.items()
                        if name in labels
                    ),
                ]
            ),
        )
        for entry, who in trail
    ]


def _went(section: Section, name: str, text: str, speaks: Language) -> str:
    """From what to what a value went, as the audit trail has it."""
    return " → ".join(_word(section, name, value, speaks) for value in text.split(" → "))


def record_of(history: Sequence[tuple[Event, Statement]], speaks: Language) -> str:
    """What the ledger holds of a row, in a sentence."""
    if not history:
        return speaks.gettext("No record on the ledger says this yet.")
    newest, _ = history[-1]
    if newest.log_index is None:
        return speaks.gettext("The newest change waits to be sealed on the ledger.")
    return speaks.gettext(
        "What others see of it is signed: record %(seq)s of member %(member)s.",
        seq=speaks.number(newest.seq or 0),
        member=newest.member,
    )


def intake_page(section: Section, name: str, intake: Intake, address: str, speaks: Language) -> IntakePage:
    """A sheet that was looked at."""
    words = section.words
    wrong_rows = len({wrong.row for wrong in intake.wrong})
    figures = [
        KeyFigure(speaks.gettext("New"), speaks.number(len(intake.added))),
        KeyFigure(speaks.gettext("Changed"), speaks.number(intake.changed)),
        KeyFigure(speaks.gettext("As now"), speaks.number(intake.same)),
        KeyFigure(speaks.gettext("Wrong"), speaks.number(wrong_rows), tone="stop" if wrong_rows else ""),
    ]
    over = max(len(intake.wrong), len(intake.doubts), len(intake.changes)) - _MOST_SHOWN
    return IntakePage(
        title=speaks.gettext("Import: %(what)s", what=speaks.gettext(words.title)),
        section=speaks.gettext(words.title),
        path=section.path,
        list_at=section.list_at,
        lead=_lead(name, intake, wrong_rows, speaks),
        figures=figures,
        wrong=[_wrong(section, wrong, speaks) for wrong in intake.wrong[:_MOST_SHOWN]],
        doubts=[
            WrongCell(row, _label(section, doubt.at, speaks), "", doubt_of(doubt, speaks))
            for row, doubt in intake.doubts[:_MOST_SHOWN]
        ],
        changes=[
            ChangedCell(
                change.key,
                _label(section, change.column, speaks),
                _word(section, change.column, change.now, speaks),
                _word(section, change.column, change.then, speaks),
            )
            for change in intake.changes[:_MOST_SHOWN]
        ],
        more=speaks.gettext("and %(count)s more", count=speaks.number(over)) if over > 0 else "",
        address=address if not wrong_rows and (intake.added or intake.changed) else "",
        verb=speaks.ngettext("Take %(num)s row in", "Take %(num)s rows in", len(intake.added) + intake.changed),
    )


def doubt_of(doubt: Doubt, speaks: Language) -> str:
    """The question, with the other's name."""
    return speaks.sentence(doubt.sentence, {"name": speaks.name(doubt.other), "key": doubt.key})


def _lead(name: str, intake: Intake, wrong_rows: int, speaks: Language) -> str:
    rows = speaks.ngettext("%(name)s: %(num)s row.", "%(name)s: %(num)s rows.", intake.rows, name=name)
    if wrong_rows:
        why = speaks.ngettext(
            "%(num)s row is wrong; nothing was written yet.",
            "%(num)s rows are wrong; nothing was written yet.",
            wrong_rows,
        )
    elif intake.added or intake.changed:
        why = speaks.gettext("Nothing was written yet: look, then take it in.")
    else:
        why = speaks.gettext("All of it is here already, so there is nothing to take in.")
    return speaks.paragraph(rows, why)


def _label(section: Section, name: str, speaks: Language) -> str:
    return next((speaks.gettext(each.label) for each in section.fields if each.name == name), name)


def _word(section: Section, name: str, text: str, speaks: Language) -> str:
    return next((each.said(text, speaks) for each in section.fields if each.name == name), text) or "–"


def _wrong(section: Section, wrong: Wrong, speaks: Language) -> WrongCell:
    if isinstance(wrong.why, HubError):
        why = speaks.sentence(wrong.why.sentence, wrong.why.values)
    else:
        why = complaint(speaks, wrong.why)
    options = next((each.options for each in section.fields if each.name == wrong.column), ())
    if options and not isinstance(wrong.why, HubError):
        why = speaks.gettext("Write one of: %(words)s.", words=", ".join(speaks.gettext(word) for _, word in options))
    return WrongCell(wrong.row, _label(section, wrong.column, speaks), wrong.written or "–", why)
