"""GS1 logistic labels: what their codes hold, drawn as PDF and for Zebra printers."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from hub.trace.labels import datamatrix, logistic_pdf, logistic_zpl
from hub.trace.labels.logistic import Content, LogisticLabel

TOMATO = Content("6901230000096", "番茄", "Tomato", "T-88", date(2026, 11, 28), Decimal(120), "KGM", Decimal(5))
EGGS = replace(TOMATO, gtin="6901230000089", name_zh="鸡蛋", lot="E-12", quantity=Decimal(60), unit="H87")
LABEL = LogisticLabel("369012300000000016", "清河", "禾家 泉城路店", "PO1-1", "DA1-1", [TOMATO])
READ = """
█ █ █ █ █ █ █ █
██     ██     ██
█   █ █   ██ █
█ ██  ██   █ ███
███ ██    █   █
█ █   █  ██ ████
█        █  ██
█  █  █ █ ██   █
██   █ ███ █ ██
████    █  ██  █
██  █ ███████
█ █ █ █  ███ █ █
██ █  ███ █  ██
█ █  █ ███████ █
█ █    ███ ██ █
████████████████
"""
"""Read by a reader of bar codes as (01)06901230000096(10)A."""


def test_the_lowest_code_is_the_sscc_and_of_one_lot_the_others_say_everything():
    assert LABEL.codes == [
        [("02", "06901230000096"), ("15", "261128")],
        [("3102", "012000"), ("37", "24"), ("10", "T-88")],
        [("00", "369012300000000016")],
    ]


def test_of_several_lots_the_lot_and_of_several_items_everything_but_the_sscc_is_left_out():
    two_lots = replace(LABEL, contents=[EGGS, replace(EGGS, lot="E-13", quantity=Decimal(30))])
    assert two_lots.codes[:2] == [[("02", "06901230000089"), ("15", "261128")], [("37", "90")]]
    other_day = replace(EGGS, lot="E-13", best_before=date(2026, 11, 29))
    assert replace(LABEL, contents=[EGGS, other_day]).codes[0] == [("02", "06901230000089")]
    mixed = replace(LABEL, contents=[EGGS, TOMATO])
    assert mixed.codes == [[("00", LABEL.sscc)]] == [mixed.whole]
    assert replace(LABEL, contents=[]).codes == [[("00", LABEL.sscc)]]


@pytest.mark.parametrize(
    ("quantity", "case", "counted"),
    [("121", "5", "25"), ("0.5", "5", "1"), ("7", "0", "7"), ("999999999999", "1", "99999999")],
)  # fmt: skip
def test_what_is_weighed_is_counted_in_cases_begun_ones_too(quantity, case, counted):
    label = replace(LABEL, contents=[replace(TOMATO, quantity=Decimal(quantity), case=Decimal(case))])
    assert ("37", counted) in label.whole


def test_the_error_correction_is_that_of_the_standards_example():
    words = datamatrix.codewords("123456")
    assert words == [142, 164, 186] and datamatrix.correction(words, 5) == [114, 25, 5, 88, 102]


def test_a_datamatrix_has_its_finder_on_two_sides_and_grows_with_what_it_says():
    sides = []
    for pairs in ([("00", LABEL.sscc)], LABEL.whole, [*LABEL.whole, ("400", "P" * 30), ("403", "R" * 30)]):
        rows = datamatrix.squares(pairs)
        sides.append(len(rows))
        assert all(row[0] for row in rows) and all(rows[-1])
        assert [row[-1] for row in rows] == [at % 2 == 1 for at in range(len(rows))]
        assert rows[0] == [at % 2 == 0 for at in range(len(rows))]
    assert sides == [16, 24, 40]
    with pytest.raises(datamatrix.TooLong):
        datamatrix.squares([(f"{number}", "ABC" * 30) for number in range(91, 95)])


def test_a_datamatrix_is_square_by_square_what_readers_were_seen_to_read():
    rows = datamatrix.squares([("01", "06901230000096"), ("10", "A")])
    assert "\n".join("".join("█" if dark else " " for dark in row).rstrip() for row in rows) == READ.strip("\n")


def test_a_pdf_of_a_label_is_one_page_of_a6_a_copy():
    paper = logistic_pdf.labels(LABEL, copies=3)
    assert paper.startswith(b"%PDF") and paper.count(b"/MediaBox [ 0 0 297.6378 419.5276 ]") == 3
    many = replace(LABEL, contents=[TOMATO, *[replace(EGGS, lot=f"E-{n}") for n in range(30)]])
    assert len(logistic_pdf.labels(many)) < 60_000


def test_a_zebra_printer_gets_bar_codes_in_its_own_language_and_no_command_from_a_name():
    text = logistic_zpl.labels(replace(LABEL, sender="清河^XZ~JR"), copies=2)
    assert "^PQ2" in text and text.count("^XZ") == 1 and "~" not in text
    assert "^BCN,192,Y,N,N,D^FD(00)369012300000000016^FS" in text
    assert "^FD(3102)012000(37)24(10)T-88^FS" in text and "^FD_10036901230000000001602" in text
