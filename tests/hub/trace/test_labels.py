"""Labels as printers take them: what stands in their codes is what GS1's rules let be read."""

import re

import pytest

from hub.gs1 import digital_link
from hub.gs1.syntax import element_strings
from hub.trace.labels import codes, zpl

LABEL = codes.Label(
    "https://hub.example/01/06901234000016/10/A_1", "番茄 ^~", "Tomatoes", "A_1", "2026-11-24", "2026-12-02", "清河"
)
MARKED = zpl.Marked(LABEL, (("01", "06901234000016"), ("10", "A_1")))


def test_d3_a_qr_code_holds_the_packs_link_with_its_day_and_its_number():
    text = zpl.labels([MARKED.dated("261202").numbered("7")], zpl.Symbol.QR)
    link = digital_link.parse(re.search(r"\^FDMA,([^^]*)\^FS", text)[1])
    assert (link.qualifiers, link.attributes) == ((("10", "A_1"), ("21", "7")), (("15", "261202"),))


def test_a_datamatrix_begins_with_fnc1_and_has_one_where_a_value_has_no_set_length():
    text = zpl.labels([MARKED.dated("261202").numbered("7")], zpl.Symbol.DATAMATRIX)
    held = re.search(r"\^BXN,5,200,,,,_\^FD([^^]*)\^FS", text)[1]
    assert held == "_1010690123400001615261202" + "10A__1" + "_1217"
    plain = held.replace("__", "\0").replace("_1", "^").replace("\0", "_")
    assert element_strings.plain(plain) == [
        ("01", "06901234000016"),
        ("15", "261202"),
        ("10", "A_1"),
        ("21", "7"),
    ]


@pytest.mark.parametrize("symbol", zpl.Symbol)
def test_no_name_is_a_printers_command(symbol):
    text = zpl.labels([MARKED], symbol, 5)
    assert "番茄 _5E_7E" in text and "^PQ5" in text and text.count("^XA") == text.count("^XZ") == 1
