"""``python -m hub.registry.unpack``: takes a workbook apart in a process of its own, which may use little.

Reads the file's bytes and writes JSON: ``{"rows": [[cell, …], …]}`` of the first sheet, or ``{"refused": why, …}``.
A cell is text; of one that holds a formula it is ``{"formula": …}``.
"""

import io
import json
import sys
import zipfile
from datetime import date, datetime, time
from typing import Any

MOST_ROWS = 5_000
MOST_COLUMNS = 60
MOST_BYTES = 64 * 1024 * 1024
"""That a workbook may unpack to: some thirty times what five thousand rows need."""


def rows_of(content: bytes) -> dict[str, Any]:
    """The cells of a workbook's first sheet as text, or why it is refused."""
    from openpyxl import load_workbook  # the web reads the limits above, and never a workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_BYTES:
                return {"refused": "bomb"}
            if "xl/workbook.xml" not in packed.namelist():
                return {"refused": "no-workbook"}
        book = load_workbook(io.BytesIO(content), read_only=True)
    except Exception:  # whatever a broken file breaks: it is no workbook
        return {"refused": "no-workbook"}
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # what a file says of its size is not believed
    rows: list[list[Any]] = []
    for row in sheet.iter_rows(max_col=MOST_COLUMNS):
        if len(rows) > MOST_ROWS:
            return {"refused": "rows"}
        rows.append([_cell(cell) for cell in row])
    return {"rows": rows}


def _cell(cell: Any) -> Any:
    value = cell.value
    if getattr(cell, "data_type", "") == "f":
        return {"formula": str(value)[:100]}
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


if __name__ == "__main__":
    json.dump(rows_of(sys.stdin.buffer.read()), sys.stdout)
