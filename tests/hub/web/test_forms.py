"""Forms as people fill them in."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import pytest
from pydantic import BaseModel, Field, field_validator
from sqlalchemy import select

from hub import db
from hub.demo import builder
from hub.errors import HubError
from hub.inputs import Count, Day, Figure, Moment
from hub.models.access import SignInAttempt
from hub.models.base import now, uuid7
from hub.models.party import OrganizationKind, Role
from hub.web.forms import fill
from hub.web.i18n import language
from tests.hub.web.conftest import PASSWORD

ZH, EN = language("zh"), language("en")


class Said(StrEnum):
    """A supplier's answer to a line."""

    YES, LESS, NO = "yes", "less", "no"


class Line(BaseModel):
    """A line of an order, answered."""

    answer: Said
    quantity: Figure = Field(default=Decimal(0), ge=0, max_digits=18, decimal_places=3)
    day: date | None = None


class Answer(BaseModel):
    """An order, answered."""

    note: str = Field(default="", max_length=10)
    cartons: Count | None = None
    lots: list[str] = []
    lines: list[Line] = []

    @field_validator("note")
    @classmethod
    def no_shouting(cls, note: str) -> str:
        if note.isupper():
            raise ValueError("Fill this in.")
        return note


def test_lines_are_read_by_their_dotted_names():
    form = fill(Answer, [("lines.1.answer", "less"), ("lines.1.quantity", "90"), ("lines.0.answer", "yes")], EN)
    assert form.read == Answer(lines=[Line(answer=Said.YES), Line(answer=Said.LESS, quantity=Decimal(90))])


def test_a_name_sent_twice_is_a_list():
    assert fill(Answer, [("lots", "A"), ("lots", "B"), ("lots", "C")], EN).read.lots == ["A", "B", "C"]


def test_what_is_left_empty_counts_as_not_filled_in():
    assert fill(Answer, [("note", ""), ("cartons", "")], EN).read == Answer()


@pytest.mark.parametrize(
    ("typed", "read"), [("1,240.5", "1240.5"), ("３６０", "360"), (" 12 ", "12"), ("1 240", "1240")]
)
def test_figures_are_read_as_people_type_them(typed, read):
    form = fill(Answer, [("lines.0.answer", "yes"), ("lines.0.quantity", typed)], EN)
    assert form.read.lines[0].quantity == Decimal(read)


@pytest.mark.parametrize(
    ("name", "typed", "en", "zh"),
    [
        ("lines.0.quantity", "−5", "Enter 0 or more.", "请输入0或更大的数。"),
        ("lines.0.quantity", "many", "Enter a figure, such as 12.5.", "请输入数字，例如12.5。"),
        ("lines.0.quantity", "NaN", "Enter a figure, such as 12.5.", "请输入数字，例如12.5。"),
        ("lines.0.quantity", "1.23456", "Enter at most 3 decimals.", "小数最多3位。"),
        ("lines.0.day", "tomorrow", "Enter a date, such as 2026-11-24.", "请输入日期，例如2026-11-24。"),
        (
            "lines.0.answer",
            "maybe",
            "Choose one of: 'yes', 'less' or 'no'.",
            "请从这些里选：'yes', 'less' or 'no'。",
        ),
        ("cartons", "2.5", "Enter a whole number.", "请输入整数。"),
        ("note", "a" * 11, "Enter at most 10 characters.", "请最多输入10个字符。"),
        ("note", "LOUD", "Fill this in.", "请填写这一项。"),
    ],
)
def test_each_error_stands_at_its_field_and_says_what_to_enter(name, typed, en, zh):
    sent = [("lines.0.answer", "yes"), (name, typed)]
    sent = sent[1:] if name == "lines.0.answer" else sent
    for speaks, said in ((EN, en), (ZH, zh)):
        form = fill(Answer, sent, speaks)
        assert form.read is None and form.error(name) == said and form.value(name) == typed


def test_odd_names_are_bad_input_and_nothing_worse():
    for name in (
        "lines",
        "lines.",
        ".",
        "lines.0",
        "lines.x.answer",
        "lines.0.answer.more",
        "a..b",
        "lines.99999999.answer",
    ):
        form = fill(Answer, [("lines.0.answer", "yes"), (name, "x"), (name, "y")], EN)
        assert form.read is None or isinstance(form.read, Answer)


def test_a_service_may_refuse_a_field_that_could_be_read():
    form = fill(Answer, [("note", "hello")], EN)
    form.refuse("note", "Say it in Chinese.")
    assert form.read is None and form.error("note") == "Say it in Chinese."


class Refusing(HubError):
    """Not more than %(most)s."""

    code, status = "refusing", 409


def test_a_refusal_that_names_a_field_of_the_form_is_said_beside_it_and_nothing_of_the_attempt_stays(clean):
    form = fill(Answer, [("note", "hello"), ("lines.0.answer", "yes")], EN)
    owner = uuid7()
    with db.session(db.Who(owner)) as session, form.attempt(session):
        session.add(SignInAttempt(owner_id=owner, bucket=b"b", at=now()))
        session.flush()
        raise Refusing(at="lines.0.answer", most=3)
    assert form.read is None and form.error("lines.0.answer") == "Not more than 3."
    with db.hub_session() as session:
        assert session.scalars(select(SignInAttempt)).all() == []


def test_a_refusal_without_a_field_of_the_form_goes_on_unless_the_form_has_a_place_for_it(clean):
    with db.session(db.Who(uuid7())) as session:
        for at in ("", "price"):
            form = fill(Answer, [("note", "hello")], EN)
            with pytest.raises(Refusing), form.attempt(session):
                raise Refusing(at=at, most=3)
            with form.attempt(session, "note"):
                raise Refusing(at=at, most=3)
            assert form.errors == {"note": "Not more than 3."}


def test_a_form_calls_its_fields_otherwise_than_the_rules_do(clean):
    form = fill(Answer, [("lines.3.answer", "yes")], EN)
    with db.session(db.Who(uuid7())) as session, form.attempt(session, called={"lines.0.answer": "lines.3.answer"}):
        raise Refusing(at="lines.0.answer", most=3)
    assert form.errors == {"lines.3.answer": "Not more than 3."}


@pytest.mark.parametrize(
    "told", ["0001-01-01T00:00:00+14:00", "1999-12-31T23:59:59Z", "2101-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"]
)
def test_a_moment_at_the_calendars_ends_is_refused_in_words(told):
    class Happened(BaseModel):
        """When it was."""

        at: Moment

        on: Day | None = None

    form = fill(Happened, [("at", told), ("on", told[:10])], EN)
    for name in ("at", "on"):
        assert form.error(name) in ("This time is too long ago.", "This time is still to come.")
    assert fill(Happened, [("at", "2026-11-28T17:00:00+08:00")], EN).read is not None


@pytest.mark.parametrize(
    ("kind", "role", "path"),
    [
        (OrganizationKind.HAULIER, Role.DISPATCHER, "/dispatch?day=9999-12-31"),
        (OrganizationKind.HAULIER, Role.DISPATCHER, "/dispatch?day=0001-01-01"),
        (OrganizationKind.RETAILER, Role.BUYER, "/buyer/forecast/run?asked=9999-12-31T23:59:59Z"),
        (OrganizationKind.RETAILER, Role.BUYER, "/buyer/forecast?asked=0001-01-01T00:00:00%2B14:00"),
    ],
)
def test_a_page_of_a_day_at_the_calendars_ends_says_so_and_does_not_fail(browser, kind, role, path):
    builder.person(builder.party(kind), role, PASSWORD, "li@example.org")
    assert browser.post("/sign-in", data={"email": "li@example.org", "password": PASSWORD}).status_code == 303
    assert browser.get(path.partition("?")[0].removesuffix("/run")).status_code == 200
    answered = browser.get(path)
    assert answered.status_code == 422 and "This time is" in answered.text
