"""The label of goods at a lower price, to print. Apart, so that who prints none does not carry the library."""

import io

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from hub.trace.labels import codes
from logistics.stock.shelf_view import Reduced

_WIDTH, _HEIGHT, _QR = 60 * mm, 40 * mm, 15 * mm
_FONT = "STSong-Light"  # every PDF reader brings it for Chinese; nothing to embed


def labels(reduced: Reduced, copies: int = 1) -> bytes:
    """A PDF of so many labels of 60 by 40 mm, one a page, as label printers take them."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    paper = io.BytesIO()
    canvas = Canvas(paper, pagesize=(_WIDTH, _HEIGHT))
    for _ in range(copies):
        _draw(canvas, reduced)
        canvas.showPage()
    canvas.save()
    return paper.getvalue()


def _draw(canvas: Canvas, label: Reduced) -> None:
    canvas.setFillGray(0)
    for text, size, left, up, most in (
        (label.name_zh, 11, 3, 34.5, 37),
        (label.name_en, 7.5, 3, 30.5, 37),
        ("特价 Reduced", 9, 3, 25, 30),
        (label.price, 22, 3, 15.5, 38),
        (f"此前食用 Best before {label.best_before}" if label.best_before else "", 8.5, 3, 8, 55),
        (f"特价至 Price until {label.ends_on}", 7, 3, 4.5, 38),
        (f"批次 Lot {label.lot}" if label.lot else "", 7, 3, 1.5, 38),
    ):
        # Smaller rather than cut: half a price is another price.
        wide = pdfmetrics.stringWidth(text, _FONT, size)
        canvas.setFont(_FONT, min(size, size * most * mm / wide) if wide else size)
        canvas.drawString(left * mm, up * mm, text)
    if label.was:
        wide = pdfmetrics.stringWidth(label.was, _FONT, 9)
        width = min(wide, 16 * mm)
        canvas.setFont(_FONT, 9 * width / wide)
        canvas.drawString(42 * mm, 17 * mm, label.was)
        canvas.line(42 * mm, 18.1 * mm, 42 * mm + width, 18.1 * mm)
    canvas.line(3 * mm, 12.5 * mm, _WIDTH - 3 * mm, 12.5 * mm)
    modules = codes.squares(label.link)
    side = _QR / len(modules)
    drawing = Drawing(_QR, _QR)
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                drawing.add(Rect(column * side, _QR - (row + 1) * side, side, side, strokeWidth=0))
    drawing.drawOn(canvas, 42 * mm, 22.5 * mm)
