"""What is taken away opens in a spreadsheet as it was read here, and runs nothing."""

import csv
import io
from decimal import Decimal

from hub.web.export import csv_file


def read(response):
    return list(csv.reader(io.StringIO(response.body.decode("utf-8-sig"))))


def test_chinese_comes_with_the_mark_that_spreadsheets_need():
    answer = csv_file("订单", ["订单"], [["清河"]])
    assert answer.body.startswith("\ufeff".encode())
    assert read(answer) == [["订单"], ["清河"]]
    assert "filename*=UTF-8''%E8%AE%A2%E5%8D%95.csv" in answer.headers["content-disposition"]


def test_what_begins_like_a_formula_is_text():
    answer = csv_file(
        "x", ["a"], [["=HYPERLINK(1)"], ["+1"], ["-1"], ["@x"], ["\tx"], [Decimal("-1")], [None]]
    )
    assert [row[0] if row else "" for row in read(answer)][1:] == [
        "'=HYPERLINK(1)", "'+1", "'-1", "'@x", "'\tx", "-1", "",
    ]  # fmt: skip
