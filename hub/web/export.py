"""Long lists to take away: CSV that spreadsheets open with its letters right and its cells inert."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from fastapi.responses import Response

from hub.errors import HubError
from hub.models.base import plain
from hub.registry import sheets

MOST_ROWS = 50_000
"""More rows than any list of a day's work has; a longer one is refused by name, never cut."""


class ListTooLong(HubError):
    """This list has more than %(limit)s rows; narrow it down by day, state or search, and take it away in parts."""

    code, status = "list-too-long", 409


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A download called ``name.csv``. What a spreadsheet would take for a formula gets an apostrophe before it.

    Whoever reads the rows asks for one more than `MOST_ROWS`: then the list is refused instead of cut.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            raise ListTooLong(limit=MOST_ROWS)
        writer.writerow([_cell(value) for value in row])
    return Response(
        "\ufeff" + text.getvalue(),  # without the mark, spreadsheets read Chinese as Latin letters
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.csv"},
    )


def xlsx_file(
    name: str, headings: Sequence[sheets.Heading], rows: Iterable[Sequence[Any]], notes: str = ""
) -> Response:
    """A workbook called ``name.xlsx``, whose cells are all text; ``notes`` names a second sheet about the columns."""
    content = sheets.workbook(name, headings, rows, notes)
    disposition = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    return Response(content, media_type=_XLSX, headers={"Content-Disposition": disposition})


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, str) and value.startswith(_BEGINS_FORMULA):
        return "'" + value
    return "" if value is None else value
