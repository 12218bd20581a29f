"""Long lists to take away: CSV that spreadsheets open with its letters right and its cells inert."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from fastapi.responses import Response

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A download called ``name.csv``. What a spreadsheet would take for a formula gets an apostrophe before it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return Response(
        "\ufeff" + text.getvalue(),  # without the mark, spreadsheets read Chinese as Latin letters
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.csv"},
    )


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_BEGINS_FORMULA):
        return "'" + value
    return "" if value is None else value
