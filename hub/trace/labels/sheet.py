"""A sheet of labels to print. Apart from the codes, so that who prints none does not carry the library."""

import io
from collections.abc import Sequence

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from hub.trace.labels import codes
from hub.trace.labels.codes import Label

_LABEL = (60 * mm, 40 * mm)
_QR = 19 * mm
_COLUMNS, _ROWS = 3, 7
_FONT = "STSong-Light"  # every PDF reader brings it for Chinese; nothing to embed


def sheet(labels: Sequence[Label]) -> bytes:
    """An A4 PDF of labels of 60 by 40 mm, 21 a page. Each code is drawn once, however often it is printed."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    paper = io.BytesIO()
    canvas = Canvas(paper, pagesize=A4)
    width, height = A4
    left, top = (width - _COLUMNS * _LABEL[0]) / 2, (height - _ROWS * _LABEL[1]) / 2
    codes = {link: f"code-{place}" for place, link in enumerate(dict.fromkeys(label.link for label in labels))}
    for link, name in codes.items():
        canvas.beginForm(name, 0, 0, _QR, _QR)
        _squares(link).drawOn(canvas, 0, 0)
        canvas.endForm()
    for place, label in enumerate(labels):
        at = place % (_COLUMNS * _ROWS)
        if place and not at:
            canvas.showPage()
        x = left + at % _COLUMNS * _LABEL[0]
        y = height - top - (at // _COLUMNS + 1) * _LABEL[1]
        _draw(canvas, label, codes[label.link], x, y)
    canvas.save()
    return paper.getvalue()


def _draw(canvas: Canvas, label: Label, code: str, x: float, y: float) -> None:
    canvas.setStrokeGray(0.8)
    canvas.rect(x, y, *_LABEL)
    canvas.saveState()
    canvas.translate(x + 3 * mm, y + 15 * mm)
    canvas.doForm(code)
    canvas.restoreState()
    canvas.setFillGray(0)
    for text, size, left, up in (
        (label.name_zh, 11, 25, 32),
        (label.name_en, 7.5, 25, 28),
        (label.producer_zh, 7.5, 25, 23),
        (f"{'采收' if label.grown else '生产'} {'Harvested' if label.grown else 'Made'} {label.made_on}", 7, 25, 19),
        (f"此前食用 Best before {label.best_before}", 7, 25, 15),
        (f"批次 Lot {label.lot}", 9, 3, 6),
        ("扫码看来历 · Scan to see its journey", 6.5, 3, 2.5),
    ):
        canvas.setFont(_FONT, size)
        canvas.drawString(x + left * mm, y + up * mm, _fitting(text, size, (58 - left) * mm))
    canvas.setStrokeGray(0)
    canvas.line(x + 3 * mm, y + 11 * mm, x + _LABEL[0] - 3 * mm, y + 11 * mm)


def _squares(link: str) -> Drawing:
    modules = codes.squares(link)
    side = _QR / len(modules)
    drawing = Drawing(_QR, _QR)
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                drawing.add(Rect(column * side, _QR - (row + 1) * side, side, side, strokeWidth=0))
    return drawing


def _fitting(text: str, size: float, width: float) -> str:
    while text and pdfmetrics.stringWidth(text, _FONT, size) > width:
        text = text[:-1]
    return text
