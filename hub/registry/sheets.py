"""Spreadsheets: what people upload read into rows, and what they take away written so that no cell is a formula."""

import csv
import io
import json
import re
import resource
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.errors import HubError
from hub.registry.unpack import MOST_COLUMNS, MOST_ROWS
from hub.settings import CHECKOUT

MOST_BYTES = 10 * 1024 * 1024
_SECONDS, _CPU, _MEMORY = 20, 10, 512 * 1024 * 1024
_LISTED = re.compile(r"[\s,;，；、]+")
_DAY = re.compile(r"(\d{4})\s*[./年-]\s*(\d{1,2})\s*[./月-]\s*(\d{1,2})\s*日?")


class SheetUnreadable(HubError):
    """This file cannot be read as a spreadsheet. Save it as .xlsx or as .csv and try again."""

    code, status, at = "sheet-unreadable", 422, "file"


class SheetTooLarge(HubError):
    """The file has more than %(rows)s rows, or unpacks to more than they need. Take it in parts."""

    code, status, at = "sheet-too-large", 413, "file"


class SheetEmpty(HubError):
    """There is nothing below the first line, which names the columns."""

    code, status, at = "sheet-empty", 422, "file"


class ColumnUnknown(HubError):
    """Nothing here is called “%(column)s”. The columns are: %(known)s."""

    code, status, at = "column-unknown", 422, "file"


class ColumnTwice(HubError):
    """Two columns are called “%(column)s”."""

    code, status, at = "column-twice", 422, "file"


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its name here, what people may call it, and what they may write for a value."""

    name: str
    called: Sequence[str] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    day: bool = False
    several: bool = False

    @property
    def word(self) -> str:
        """What it is called to whoever reads."""
        return self.called[0] if self.called else self.name

    def value(self, text: str) -> str:
        """What is meant by a cell."""
        if self.several:
            return " ".join(self.spellings.get(_plainly(part), part) for part in _LISTED.split(text) if part)
        if self.spellings:
            return self.spellings.get(_plainly(text), text)
        if self.day and (written := _DAY.fullmatch(text)):
            return f"{written[1]}-{int(written[2]):02}-{int(written[3]):02}"
        return text


@dataclass(frozen=True)
class Row:
    """A row as it was written: its number as the spreadsheet counts, and the text of its cells by column."""

    number: int
    cells: Mapping[str, str]
    formulas: Sequence[str] = ()


def read(content: bytes, columns: Sequence[Column]) -> list[Row]:
    """The rows of an .xlsx or .csv file, whatever it is called; its first line names the columns, in any order."""
    if len(content) > MOST_BYTES:
        raise SheetTooLarge(rows=MOST_ROWS)
    table = _unpacked(content) if content[:4] == b"PK\x03\x04" else _separated(content)
    lines = [(number, line) for number, line in enumerate(table, 1) if any(line)]
    if len(lines) < 2:
        raise SheetEmpty
    if len(lines) > MOST_ROWS + 1:
        raise SheetTooLarge(rows=MOST_ROWS)
    header = _header(lines[0][1], columns)
    return [_row(number, line, header) for number, line in lines[1:]]


def _header(line: Sequence[Any], columns: Sequence[Column]) -> list[Column | None]:
    known = {_plainly(name): column for column in columns for name in (column.name, *column.called)}
    header: list[Column | None] = []
    for cell in line:
        column = known.get(_plainly(str(cell)))
        if cell and column is None:
            raise ColumnUnknown(column=str(cell)[:60], known=", ".join(column.word for column in columns))
        if column is not None and column in header:
            raise ColumnTwice(column=str(cell)[:60])
        header.append(column)
    return header


def _row(number: int, line: Sequence[Any], header: Sequence[Column | None]) -> Row:
    cells, formulas = dict[str, str](), []
    for column, cell in zip(header, line, strict=False):
        if column is None:
            continue
        if isinstance(cell, dict):
            formulas.append(column.name)
            cell = cell["formula"]
        cells[column.name] = column.value(str(cell).removeprefix("'"))
    return Row(number, cells, formulas)


def _unpacked(content: bytes) -> list[list[Any]]:
    """A workbook's cells, taken apart where a bomb harms nobody."""
    command = [sys.executable, "-m", "hub.registry.unpack"]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=_SECONDS, cwd=CHECKOUT, preexec_fn=_little
        )
        told = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as problem:
        raise SheetTooLarge(rows=MOST_ROWS) from problem
    if why := told.get("refused"):
        raise SheetUnreadable if why == "no-workbook" else SheetTooLarge(rows=MOST_ROWS)
    rows: list[list[Any]] = told["rows"]
    return rows


def _little() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU, _CPU))


def _separated(content: bytes) -> list[list[str]]:
    """Lines of comma, semicolon or tab separated values, in UTF-8, or in GB 18030 as Chinese spreadsheets save them."""
    if b"\x00" in content:
        raise SheetUnreadable
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        first = text.partition("\n")[0]
        separator = max(",;\t，", key=first.count)
        try:
            lines = csv.reader(io.StringIO(text), delimiter=separator)
            return [[cell.strip() for cell in line[:MOST_COLUMNS]] for line in lines]
        except csv.Error as problem:
            raise SheetUnreadable from problem
    raise SheetUnreadable


def _plainly(text: str) -> str:
    """A word without what people write differently: width, case, blanks and underscores."""
    return re.sub(r"[\s_*]", "", unicodedata.normalize("NFKC", text)).casefold()


def spelled(options: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """What may be written for each value of a choice, the value itself included."""
    return {_plainly(spelling): value for value, spellings in options for spelling in (value, *spellings)}


@dataclass(frozen=True)
class Heading:
    """A column to write: its word, a note on what to write there, and the words to choose from.

    ``free`` where several of the words may stand in a cell.
    """

    word: str
    note: str = ""
    options: Sequence[str] = ()
    wide: int = 18
    free: bool = False


def workbook(name: str, headings: Sequence[Heading], rows: Iterable[Sequence[Any]], notes: str = "") -> bytes:
    """A workbook of text cells, the first line fixed; choices are offered, and a second sheet explains the columns."""
    import xlsxwriter  # only who takes a sheet away needs it

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(name[:31])
    sheet.freeze_panes(1, 0)
    for place, heading in enumerate(headings):
        sheet.set_column(place, place, heading.wide, text)
        sheet.write_string(0, place, heading.word, bold)
        if heading.options and not heading.free and sum(map(len, heading.options)) < 250:
            sheet.data_validation(1, place, MOST_ROWS, place, {"validate": "list", "source": list(heading.options)})
    for line, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            sheet.write_string(line, place, "" if value is None else str(value), text)
    if notes:
        explained = book.add_worksheet(notes[:31])
        explained.set_column(0, 0, 24)
        explained.set_column(1, 1, 90)
        for line, heading in enumerate(headings):
            explained.write_string(line, 0, heading.word, bold)
            explained.write_string(line, 1, " · ".join([*([heading.note] if heading.note else []), *heading.options]))
    book.close()
    return file.getvalue()
