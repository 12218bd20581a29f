"""A statement as a PDF. Apart from the pages, so that who prints none does not carry the library."""

import io
from collections.abc import Sequence

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from supplier_portal.settling.statement_view import Sheet

_FONT = "STSong-Light"  # every PDF reader brings it for Chinese; nothing to embed
_GREY = colors.Color(0.6, 0.6, 0.6)


def pdf(sheet: Sheet, headings: Sequence[str], sums: Sequence[tuple[str, str]]) -> bytes:
    """A statement on A4, across: its facts, its lines, its credits and the sums."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    text = ParagraphStyle("text", fontName=_FONT, fontSize=8, leading=10.5)
    title = ParagraphStyle("title", fontName=_FONT, fontSize=14, leading=18)
    rows: list[list[object]] = [[Paragraph(_plain(word), text) for word in headings]]
    for charge in sheet.charges:
        cells = (
            charge.day, charge.order, charge.shipment, f"{charge.item} {charge.gtin}", charge.lot, charge.ordered,
            charge.announced, charge.accepted, charge.price, charge.amount,
        )  # fmt: skip
        rows.append([Paragraph(_plain(cell), text) for cell in cells])
    for credit in sheet.deductions:
        taken_off = [credit.day, "", credit.claim, credit.kind, *[""] * 5, credit.amount]
        rows.append([Paragraph(_plain(cell), text) for cell in taken_off])
    for late in sheet.late:
        called_off = [late.day, late.order, *[""] * 7, late.amount]
        rows.append([Paragraph(_plain(cell), text) for cell in called_off])
    story: list[Flowable] = [Paragraph(_plain(f"{sheet.title} · {sheet.state.word}"), title), Spacer(0, 3 * mm)]
    story += [Paragraph(_plain(f"{name}: {value}"), text) for name, value in sheet.facts]
    story += [Spacer(0, 4 * mm), _table(rows), Spacer(0, 4 * mm)]
    story += [Paragraph(_plain(f"{name}: {value}"), text) for name, value in sums]
    paper = io.BytesIO()
    edge = 12 * mm
    SimpleDocTemplate(
        paper, pagesize=landscape(A4), title=sheet.title, leftMargin=edge, rightMargin=edge, topMargin=edge,
        bottomMargin=edge,
    ).build(story)  # fmt: skip
    return paper.getvalue()


def _table(rows: list[list[object]]) -> Table:
    widths = [20, 33, 33, 52, 24, 20, 20, 20, 22, 26]
    table = Table(rows, colWidths=[width * mm for width in widths], repeatRows=1)
    table.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.3, _GREY), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def _plain(text: str) -> str:
    """Text that is no markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
