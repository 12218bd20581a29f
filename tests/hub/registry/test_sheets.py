"""Spreadsheets as people have them: saved by what is at hand, with dates as text, and some that mean harm."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from hub.registry import sheets
from hub.registry.sheets import Column, Heading

COLUMNS = [
    Column("gtin", ["商品条码", "Article number"]),
    Column("name_zh", ["中文名称"]),
    Column("temperature", ["温度"], sheets.spelled([("chilled", ["冷藏", "Chilled"]), ("ambient", ["常温"])])),
    Column("valid_from", ["生效日期"], day=True),
]


def book(*rows, **more) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def read(content: bytes):
    return sheets.read(content, COLUMNS)


def test_columns_are_known_by_either_language_in_any_order_and_cells_are_text():
    rows = read(book(["温度", "商品 条码", "名称"[:0], "valid_from"], ["冷藏", 6901234000016, "", date(2026, 12, 1)]))
    assert [(row.number, dict(row.cells)) for row in rows] == [
        (2, {"temperature": "chilled", "gtin": "6901234000016", "valid_from": "2026-12-01"})
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separated_values_are_read_as_chinese_spreadsheets_save_them(encoding, separator):
    text = f"商品条码{separator}中文名称\n6901234000016{separator}普罗旺斯番茄\n"
    assert dict(read(text.encode(encoding))[0].cells) == {"gtin": "6901234000016", "name_zh": "普罗旺斯番茄"}


@pytest.mark.parametrize("written", ["2026-12-1", "2026/12/01", "2026年12月1日", "2026.12.01", datetime(2026, 12, 1)])
def test_days_are_read_however_they_are_written(written):
    assert read(book(["gtin", "valid_from"], ["1", written]))[0].cells["valid_from"] == "2026-12-01"


def test_what_is_no_day_stays_as_it_was_written_for_the_form_to_refuse():
    assert read(book(["gtin", "valid_from"], ["1", "11月31日"]))[0].cells["valid_from"] == "11月31日"


def test_a_formula_is_named_and_not_reckoned():
    row = read(book(["gtin", "name_zh"], ["1", "=1+1"]))[0]
    assert row.formulas == ["name_zh"] and row.cells["name_zh"] == "=1+1"


def test_a_file_is_read_by_what_it_is_whatever_it_is_called():
    assert len(read(b"gtin\n1\n2\n")) == 2  # called .xlsx by a mistake: nobody asks


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 and no more", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old workbook \x00", bytes(range(256))],
    ids=["cut short", "an old workbook", "noise"],
)
def test_what_is_no_spreadsheet_is_refused_in_words(content):
    with pytest.raises(sheets.SheetUnreadable):
        read(content)


def test_an_archive_that_is_no_workbook_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("hello.txt", "hello")
    with pytest.raises(sheets.SheetUnreadable):
        read(file.getvalue())


def test_a_bomb_harms_nobody():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 300_000_000)
    assert len(file.getvalue()) < 1_000_000
    with pytest.raises(sheets.SheetTooLarge):
        read(file.getvalue())


def test_what_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(sheets, "_SECONDS", 0.001)
    with pytest.raises(sheets.SheetTooLarge):
        read(book(["gtin"], ["1"]))


@pytest.mark.parametrize("rows", [5_001, 100_000])
def test_more_rows_than_can_be_looked_at_are_refused_by_number(rows):
    with pytest.raises(sheets.SheetTooLarge, match="5000"):
        read(b"gtin\n" + b"1\n" * rows)


def test_a_column_that_nobody_knows_is_named_with_those_that_are():
    with pytest.raises(sheets.ColumnUnknown, match=r"“Preis”.*商品条码, 中文名称"):
        read(b"gtin,Preis\n1,2\n")
    with pytest.raises(sheets.ColumnTwice):
        read("gtin,商品条码\n1,2\n".encode())


@pytest.mark.parametrize("content", [b"", b"gtin\n", b"gtin\n\n,\n"])
def test_a_sheet_without_rows_says_so(content):
    with pytest.raises((sheets.SheetEmpty, sheets.SheetUnreadable)):
        read(content)


def test_what_is_taken_away_holds_no_formula_and_is_read_again_as_it_was():
    headings = [Heading("gtin"), Heading("中文名称", "as on the pack"), Heading("温度", options=["冷藏", "常温"])]
    content = sheets.workbook("商品", headings, [["6901234000016", "=cmd|'/c calc'!A0", "冷藏"]], notes="说明")
    again = openpyxl.load_workbook(io.BytesIO(content))
    assert [cell.data_type for cell in again["商品"][2]] == ["s", "s", "s"]
    assert again["说明"]["B2"].value == "as on the pack"
    row = read(content)[0]
    assert row.cells["temperature"] == "chilled" and row.cells["name_zh"] == "=cmd|'/c calc'!A0"
