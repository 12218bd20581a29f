"""Labels for Zebra printers, which draw the codes themselves: QR, or GS1 DataMatrix with FNC1. Pure.

No library here draws a GS1 DataMatrix (reportlab's has one size and no FNC1), so that code is for such printers alone.
Source: ZPL II Programming Guide, ^BQ, ^BX, ^FH; GS1 General Specifications 5.6 (GS1 DataMatrix, FNC1).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote

from hub.gs1 import digital_link
from hub.gs1.syntax import compression, element_strings
from hub.gs1.syntax.identifiers import Pair
from hub.trace.labels.codes import Label

_DOTS = 8
"""A millimetre at 203 dots an inch."""
_WIDTH, _HEIGHT = 60, 40


class Symbol(StrEnum):
    """What is drawn."""

    QR = "qr"
    DATAMATRIX = "datamatrix"


@dataclass(frozen=True)
class Marked:
    """A label, and what its code says in element strings: 01 and 10, of single packs 21, and 15 where it is wanted."""

    label: Label
    pairs: tuple[Pair, ...]

    def numbered(self, serial: str) -> "Marked":
        """The same for one pack."""
        address, mark, query = self.label.link.partition("?")
        link = f"{address}/21/{quote(serial, safe='-._~')}{mark}{query}"
        return Marked(replace(self.label, link=link), (*self.pairs, ("21", serial)))

    def dated(self, yymmdd: str) -> "Marked":
        """The same with the day before which it is best, as scales and tills read it."""
        link = f"{self.label.link}{'&' if '?' in self.label.link else '?'}15={yymmdd}"
        # Values of a set length first: they need nothing between them.
        return Marked(replace(self.label, link=link), (self.pairs[0], ("15", yymmdd), *self.pairs[1:]))

    def compressed(self) -> "Marked":
        """The same with its link compressed, for a smaller QR code."""
        link = self.label.link
        stem = link.partition(f"/{self.pairs[0][0]}/")[0]
        return Marked(replace(self.label, link=compression.compress(digital_link.parse(link), stem)), self.pairs)


def labels(marked: Sequence[Marked], symbol: Symbol, copies: int = 1) -> str:
    """Labels of 60 by 40 mm at 203 dots an inch, each printed so many times."""
    return "".join(_label(one, symbol, copies) for one in marked)


def _label(one: Marked, symbol: Symbol, copies: int) -> str:
    said = one.label
    code = f"^BQN,2,4^FDMA,{said.link}^FS" if symbol is Symbol.QR else f"^BXN,5,200,,,,_^FD{fnc1(one.pairs)}^FS"
    lines = [
        (25, 3, 4.5, said.name_zh),
        (25, 9, 3, said.name_en),
        (25, 14, 3, said.producer_zh),
        (25, 19, 3, f"{'采收' if said.grown else '生产'} {said.made_on}"),
        (25, 23, 3, f"此前食用 {said.best_before}"),
        (3, 30, 3.5, f"批次 Lot {said.lot}"),
        (3, 35, 3, "".join(f"({ai}){value}" for ai, value in one.pairs)),
    ]
    words = "".join(
        f"^FO{dots(x)},{dots(y)}^A0N,{dots(size)}^FH^FD{escaped(text)}^FS\n" for x, y, size, text in lines if text
    )
    return f"^XA^CI28^PW{dots(_WIDTH)}^LL{dots(_HEIGHT)}^PQ{copies}\n^FO{dots(3)},{dots(3)}{code}\n{words}^XZ\n"


def dots(millimetres: float) -> int:
    """Millimetres as the printer counts them."""
    return round(millimetres * _DOTS)


def fnc1(pairs: Sequence[Pair]) -> str:
    """A bar code's text as ^BX takes it: ``_1`` is FNC1, a real underline is doubled."""
    return element_strings.written(pairs).replace("_", "__").replace(element_strings.FNC1, "_1")


def escaped(text: str) -> str:
    """Text with what commands begin with as ^FH's hexadecimal."""
    return "".join(f"_{ord(sign):02X}" if sign in "^~_" else sign for sign in text if sign.isprintable())
