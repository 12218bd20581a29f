"""What is taken away opens in a spreadsheet as it was read here, and runs nothing."""

import csv
import io
from decimal import Decimal

import pytest

from hub.web.export import MOST_ROWS, ListTooLong, csv_file


def read(response):
    return list(csv.reader(io.StringIO(response.body.decode("utf-8-sig"))))


def test_chinese_comes_with_the_mark_that_spreadsheets_need():
    answer = csv_file("订单", ["订单"], [["清河"]])
    assert answer.body.startswith("\ufeff".encode())
    assert read(answer) == [["订单"], ["清河"]]
    assert "filename*=UTF-8''%E8%AE%A2%E5%8D%95.csv" in answer.headers["content-disposition"]


def test_what_begins_like_a_formula_is_text():
    answer = csv_file("x", ["a"], [["=HYPERLINK(1)"], ["+1"], ["-1"], ["@x"], ["\tx"], [Decimal("-1")], [None]])
    assert [row[0] if row else "" for row in read(answer)][1:] == [
        "'=HYPERLINK(1)",
        "'+1",
        "'-1",
        "'@x",
        "'\tx",
        "-1",
        "",
    ]


def test_figures_read_as_the_page_says_them():
    text = csv_file(
        "x", ["a"], [[Decimal("5.000000")], [Decimal("0E-6")], [Decimal("12.50")], [Decimal("1E+3")]]
    ).body.decode()
    assert text.split("\r\n")[1:5] == ["5", "0", "12.5", "1000"]


def test_a_list_that_is_too_long_is_refused_and_never_cut():
    whole = csv_file("x", ["a"], ([n] for n in range(MOST_ROWS)))
    assert whole.body.decode().count("\r\n") == MOST_ROWS + 1
    with pytest.raises(ListTooLong):
        csv_file("x", ["a"], ([n] for n in range(MOST_ROWS + 1)))
