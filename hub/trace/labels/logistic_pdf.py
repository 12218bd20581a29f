"""GS1 logistic labels to print, A6. Apart, so that who prints none does not carry the library."""

import io

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A6
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from hub.gs1.syntax import element_strings
from hub.gs1.syntax.identifiers import Pair
from hub.trace.labels import datamatrix
from hub.trace.labels.logistic import Content, LogisticLabel

_FONT = "STSong-Light"  # every PDF reader brings it for Chinese; nothing to embed
_MARGIN, _TALL, _MATRIX = 4 * mm, 24 * mm, 20 * mm
_WIDEST, _NARROWEST = 0.495 * mm, 0.25 * mm
_QUIET = 10
"""Modules left white on either side of a bar code."""
_LINES = 4


def labels(label: LogisticLabel, copies: int = 1) -> bytes:
    """A PDF of so many labels of A6, one a page."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    paper = io.BytesIO()
    canvas = Canvas(paper, pagesize=A6)
    canvas.setTitle(f"SSCC {label.sscc}")
    for _ in range(copies):
        _draw(canvas, label)
        canvas.showPage()
    canvas.save()
    return paper.getvalue()


def _draw(canvas: Canvas, label: LogisticLabel) -> None:
    width, height = A6
    top = height - _MARGIN
    _text(canvas, f"发货 From  {label.sender}", 10, top - 4 * mm)
    _text(canvas, f"收货 To  {label.receiver}", 10, top - 9 * mm)
    _text(canvas, f"订单 Order {label.order} · {label.dispatch}", 8, top - 13.5 * mm)
    canvas.line(_MARGIN, top - 15.5 * mm, width - _MARGIN, top - 15.5 * mm)
    _text(canvas, f"SSCC {label.sscc}", 12, top - 20.5 * mm, _MATRIX)
    for place, content in enumerate(label.contents[:_LINES]):
        _text(canvas, _said(content), 8, top - (25.5 + 4.2 * place) * mm, _MATRIX)
    if more := len(label.contents) - _LINES:
        _text(canvas, f"+ {more}" if more > 0 else "", 8, top - (25.5 + 4.2 * _LINES) * mm, _MATRIX)
    _matrix(canvas, label.whole, width - _MARGIN - _MATRIX, top - 17 * mm - _MATRIX)
    for place, pairs in enumerate(reversed(label.codes)):
        _bars(canvas, pairs, 9 * mm + place * (_TALL + 8 * mm))


def _said(content: Content) -> str:
    """A line of a unit in words."""
    unit = {"KGM": "kg", "H87": "件"}.get(content.unit, content.unit)
    day = f" · 此前食用 {content.best_before}" if content.best_before else ""
    return f"{content.name_zh} {content.quantity.normalize():f} {unit} · 批次 {content.lot}{day}"


def _text(canvas: Canvas, text: str, size: float, up: float, beside: float = 0) -> None:
    """A line of words, smaller rather than cut."""
    room = A6[0] - 2 * _MARGIN - beside - (2 * mm if beside else 0)
    wide = pdfmetrics.stringWidth(text, _FONT, size)
    canvas.setFont(_FONT, min(size, size * room / wide) if wide else size)
    canvas.drawString(_MARGIN, up, text)


def _bars(canvas: Canvas, pairs: list[Pair], up: float) -> None:
    """A GS1-128 bar code as wide as the label lets it be, with what it says below."""
    text = element_strings.written(pairs).replace(element_strings.FNC1, "\xf1")
    modules = Code128(text, barWidth=1, quiet=0).width
    room = A6[0] - 2 * mm
    wide = max(min(_WIDEST, room / (modules + 2 * _QUIET)), _NARROWEST)
    drawn = Code128(text, barWidth=wide, barHeight=_TALL, quiet=0)
    drawn.drawOn(canvas, (A6[0] - drawn.width) / 2, up)
    canvas.setFont("Helvetica", 8.5)
    canvas.drawCentredString(A6[0] / 2, up - 4 * mm, "".join(f"({ai}){value}" for ai, value in pairs))


def _matrix(canvas: Canvas, pairs: list[Pair], left: float, up: float) -> None:
    """The same as one GS1 DataMatrix, for phones."""
    rows = datamatrix.squares(pairs)
    side = _MATRIX / len(rows)
    for down, row in enumerate(rows):
        for right, dark in enumerate(row):
            if dark:
                canvas.rect(left + right * side, up + _MATRIX - (down + 1) * side, side, side, stroke=0, fill=1)
