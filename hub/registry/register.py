"""What is kept of one kind of thing, and how a whole sheet of it is taken in: all of it, or nothing."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import func
from sqlmodel import Session, col, select

from hub import access, sought
from hub.access import Actor, Permission
from hub.errors import HubError, NotFound
from hub.lists import CountedPage, Search
from hub.models.access import AuditEntry
from hub.models.base import Record, plain
from hub.registry.sheets import Row
from hub.trace import master_data

R = TypeVar("R", bound=Record)
F = TypeVar("F", bound=BaseModel)


@dataclass(frozen=True)
class Named:
    """What something is called, apart from its row, which may be gone again."""

    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Doubt:
    """That a form may not be meant as it stands, beside one of its fields, and which row may be meant instead.

    Nothing is refused for it. The sentence names the other as ``name``, and what it is known by as ``key``.
    """

    at: str
    sentence: str
    other: Named
    key: str


class Register(ABC, Generic[R, F]):
    """One kind of thing that an organisation keeps: listed, added, changed, ended; never deleted.

    Each change is stated (``hub.trace.master_data``) and stands in the audit trail. ``key`` is the field of the form
    that people know a thing by: in a sheet it says which one a row means.
    """

    name: ClassVar[str]
    model: ClassVar[type[Any]]
    form: ClassVar[type[BaseModel]]
    key: ClassVar[str]
    found_by: ClassVar[tuple[str, ...]] = ()
    """The columns that a search looks through."""

    @abstractmethod
    def details(self, session: Session, actor: Actor, form: F, known: R | None) -> Mapping[str, Any]:
        """The columns' values that a form means, for a new row or for one that is known; refuses by field."""

    @abstractmethod
    def values(self, session: Session, row: R) -> dict[str, Any]:
        """What the form says of a row now."""

    def as_kept(self, session: Session, row: R, form: Any) -> Any:
        """A form as it would be kept of a row, where it leaves something to the register."""
        return form

    def new(self, session: Session, details: Mapping[str, Any]) -> R:
        """A row of the session's organisation."""
        row: R = self.model(**details)
        session.add(row)
        session.flush()
        return row

    def first(self, session: Session, actor: Actor) -> dict[str, Any]:
        """What the form of a new one shows at first."""
        fields = self.form.model_fields.items()
        return {name: field.default for name, field in fields if not field.is_required()}

    def allowed(self, actor: Actor, name: str) -> Collection[str] | None:
        """The values that a field may have for an actor's organisation; None where all may be."""
        return None

    def doubts(self, session: Session, actor: Actor, form: F, known: R | None) -> Sequence[Doubt]:
        """What to ask before a form is kept: whether another row is meant."""
        return ()

    def may_end(self, session: Session, row: R) -> None:
        """Refuse while a row cannot end yet."""

    def ended(self, row: R, on: date | None) -> None:
        """Let a row end on a day, or go on."""
        row.ended_on = on

    def mine(self, actor: Actor) -> Any:
        """Which rows are kept here."""
        return col(self.model.owner_id) == actor.organization_id

    def over(self) -> Any:
        """Which rows have ended."""
        return col(self.model.ended_on).is_not(None)

    def sorts(self) -> Mapping[str, Any]:
        """The columns that the list can be sorted by."""
        return {name: col(getattr(self.model, name)) for name in self.form.model_fields if hasattr(self.model, name)}

    def order(self) -> Sequence[Any]:
        """In which order they are listed: those that ended last."""
        return (col(self.model.ended_on).is_not(None), col(self.model.name_en))

    def asks(self, actor: Actor, name: str) -> bool:
        """Whether the form has a field for an actor's organisation."""
        return True

    def offered(self, session: Session, actor: Actor) -> Mapping[str, Sequence[tuple[str, Any]]]:
        """What can be chosen of the organisation's own things, by field: values, and what gives them their names."""
        return {}

    def normal(self, key: str) -> str:
        """A key as it is compared."""
        return key

    def meant(self, cells: Mapping[str, str]) -> str:
        """Which row a line of a sheet means: its key as it is compared; empty where it names none."""
        return self.normal(cells.get(self.key, ""))

    def key_of(self, session: Session, row: R) -> str:
        """What people know a row by."""
        return as_text(getattr(row, self.key))

    def label_of(self, session: Session, row: R) -> str:
        """The key as it is shown."""
        return self.key_of(session, row)

    def trail(self, session: Session, row: R) -> Any:
        """Which entries of its owner's audit trail tell of a row."""
        return col(AuditEntry.subject) == self.key_of(session, row)

    def thing(self, session: Session, row: R) -> Any:
        """What gives a row its names."""
        return row

    def page(self, session: Session, actor: Actor, search: Search) -> CountedPage[R]:
        """The rows that a search finds."""
        found = self.narrowed(actor, search, *(col(getattr(self.model, name)) for name in self.found_by))
        total = session.exec(select(func.count()).select_from(self.model).where(found)).one()
        rows = select(self.model).where(found).order_by(*self.sorted(search), col(self.model.id))
        return CountedPage(session.exec(rows.offset(search.before).limit(search.size)).all(), total, search)

    def narrowed(self, actor: Actor, search: Search, *columns: Any) -> Any:
        """The condition that a search means; its words are looked for in the columns."""
        found = self.mine(actor) & sought.mentions(search.words, *columns)
        states = {"used": ~self.over(), "ended": self.over()}
        return found & states[search.state] if search.state in states else found

    def sorted(self, search: Search) -> Sequence[Any]:
        """The order that a search asks for, else the list's own."""
        return search.order(self.sorts(), *self.order())

    def all(self, session: Session, actor: Actor) -> Sequence[R]:
        """All rows, in the order they were added."""
        return session.exec(select(self.model).where(self.mine(actor)).order_by(col(self.model.id))).all()

    def find(self, session: Session, actor: Actor, row_id: UUID) -> R:
        """One of the actor's organisation; refused (``NotFound``) where it is another's."""
        row = session.exec(select(self.model).where(self.mine(actor), col(self.model.id) == row_id)).one_or_none()
        if row is None:
            raise NotFound
        return row  # type: ignore[no-any-return]

    def add(self, session: Session, actor: Actor, form: F) -> R:
        """Keep one more."""
        require(actor)
        row = self.new(session, self.details(session, actor, form, None))
        self._state(session, row)
        access.record(session, actor, f"{self.name}.add", self.key_of(session, row))
        return row

    def change(self, session: Session, actor: Actor, row: R, form: F) -> R:
        """Say anew what it is; saying the same writes nothing."""
        require(actor, row)
        before = _texts(self.values(session, row))
        for name, value in self.details(session, actor, form, row).items():
            setattr(row, name, value)
        session.flush()
        after = _texts(self.values(session, row))
        if changed := {name: f"{before[name]} → {after[name]}" for name in after if after[name] != before[name]}:
            self._state(session, row)
            access.record(session, actor, f"{self.name}.change", self.key_of(session, row), **changed)
        return row

    def end(self, session: Session, actor: Actor, row: R, on: date | None) -> None:
        """It is no more from a day on; None takes that back."""
        require(actor, row)
        if on is not None:
            self.may_end(session, row)
        self.ended(row, on)
        session.flush()
        self._state(session, row)
        access.record(session, actor, f"{self.name}.end" if on else f"{self.name}.again", self.key_of(session, row))

    def intake(self, session: Session, actor: Actor, rows: Sequence[Row]) -> "Intake":
        """Take the rows of a sheet in, one after another, and say what that did and what is wrong."""
        return _Taking(session, actor, self, Intake(rows=len(rows))).all(rows)

    def _state(self, session: Session, row: R) -> None:
        if row.stated:
            master_data.state(session, row)


def require(actor: Actor, row: Record | None = None) -> None:
    """Refuse unless the actor keeps what his organisation states, and the row is its own."""
    access.require(actor, Permission.KEEP_MASTER_DATA, row.owner_id if row is not None else None)


def as_text(value: Any) -> str:
    """A form's value as people type it."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, StrEnum):
        return value.value
    return "" if value is None else str(value)


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: as_text(value) for name, value in values.items()}


@dataclass(frozen=True)
class Wrong:
    """What cannot be taken: where, what stands there, and why, as pydantic or a rule says it."""

    row: int
    column: str
    written: str
    why: HubError | Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """A value that would be another: of which thing, in which column, now and then."""

    row: int
    key: str
    column: str
    now: str
    then: str


@dataclass
class Intake:
    """What taking a sheet in did, or would do."""

    rows: int = 0
    added: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    changed: int = 0
    same: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    doubts: list[tuple[int, Doubt]] = field(default_factory=list)
    """What to look at once more, by the sheet's rows: taken in all the same."""


class Duplicate(HubError):
    """Row %(row)s has the same."""

    code, status = "row-twice", 409


class Formula(HubError):
    """A formula is not read: write its value."""

    code, status = "formula-cell", 422


class SheetWrong(HubError):
    """Some rows of this sheet are not right, so none was taken."""

    code, status = "sheet-wrong", 409


class _Undone(Exception):
    """Takes back what was only tried."""


def attempt(session: Session, actor: Actor, register: Register[Any, Any], rows: Sequence[Row]) -> Intake:
    """What taking a sheet in would do: done, looked at and taken back."""
    require(actor)
    intake = Intake()
    try:
        with session.begin_nested():
            intake = register.intake(session, actor, rows)
            raise _Undone
    except _Undone:
        session.expire_all()
    return intake


def take(session: Session, actor: Actor, register: Register[Any, Any], rows: Sequence[Row]) -> Intake:
    """Take all of a sheet in; refused, with nothing taken, where a row is wrong. The same again changes nothing."""
    require(actor)
    with session.begin_nested():
        intake = register.intake(session, actor, rows)
        if intake.wrong:
            raise SheetWrong
    access.record(
        session, actor, f"{register.name}.import", f"{intake.rows}", added=len(intake.added), changed=intake.changed
    )
    return intake


@dataclass
class _Taking:
    """A sheet that is being taken in, row after row."""

    session: Session
    actor: Actor
    register: Register[Any, Any]
    intake: Intake

    def all(self, rows: Sequence[Row]) -> Intake:
        """Take all of them, and say what that did and what is wrong."""
        register, seen = self.register, dict[str, int]()
        there = register.all(self.session, self.actor)
        known = {register.meant(_texts(register.values(self.session, row))): row for row in there}
        for row in rows:
            self.intake.wrong += [Wrong(row.number, name, row.cells[name], Formula()) for name in row.formulas]
            if row.formulas:
                continue
            key = register.meant(row.cells)
            if key and key in seen:
                written = row.cells.get(register.key, "")
                self.intake.wrong.append(Wrong(row.number, register.key, written, Duplicate(row=seen[key])))
                continue
            seen[key] = row.number
            self.one(row, known.get(key) if key else None)
        return self.intake

    def one(self, row: Row, known: Any | None) -> None:
        """Take a row that means a known thing, or a new one."""
        session, actor, register, intake = self.session, self.actor, self.register, self.intake
        before = {} if known is None else _texts(register.values(session, known))
        try:
            form = register.form.model_validate({n: v for n, v in {**before, **row.cells}.items() if v != ""})
            form = form if known is None else register.as_kept(session, known, form)
            after = _texts(form.model_dump())
            after[register.key] = register.normal(after[register.key])
            doubts = register.doubts(session, actor, form, known)
            with session.begin_nested():
                if known is None:
                    intake.added.append(register.key_of(session, register.add(session, actor, form)))
                elif changes := [(n, before[n], after[n]) for n in after if n in row.cells and before[n] != after[n]]:
                    register.change(session, actor, known, form)
                    label = register.label_of(session, known)
                    intake.changes += [Change(row.number, label, *change) for change in changes]
                    intake.changed += 1
                else:
                    intake.same += 1
            intake.doubts += [(row.number, doubt) for doubt in doubts]
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False):
                name = str(fault["loc"][0]) if fault["loc"] else register.key
                intake.wrong.append(Wrong(row.number, name, row.cells.get(name, ""), dict(fault)))
        except HubError as refusal:
            name = refusal.at if refusal.at in register.form.model_fields else register.key
            intake.wrong.append(Wrong(row.number, name, row.cells.get(name, ""), refusal))
