"""What both sides read of a scorecard, its figures and the lines behind one, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlencode
from uuid import UUID

from hub.models.catalogue import TradeItem
from hub.web.i18n import N_, NN_, Language
from hub.web.view import State
from supplier_portal.orders.agreeing.terms import Part
from supplier_portal.scoring.disputes import Disputes, left_out
from supplier_portal.scoring.figures import Figure, Line, figure
from supplier_portal.scoring.lines import Span
from supplier_portal.scoring.models import Measure, ScoreDispute, ScoreRuling

MEASURES: Mapping[Measure, tuple[str, str]] = {
    Measure.ON_TIME_IN_FULL: (
        N_("On time, in full"),
        N_("Lines of which all that was agreed had come by the agreed day."),
    ),
    Measure.FILL: (N_("Fill rate"), N_("What came of what was ordered, by value.")),
    Measure.RESPONSE: (N_("Answered in time"), N_("Orders answered before their deadline.")),
    Measure.QUALITY: (N_("Quality"), N_("What was received without a claim that the supplier bore, by value.")),
    Measure.DOCUMENTS: (N_("Documents"), N_("Shipments announced by their day, with a record in the ledger.")),
    Measure.FORECAST: (
        N_("The buyer's forecast"),
        N_("How near the last forecast before a week came to what was sold."),
    ),
    Measure.COMMITMENT: (
        N_("The supplier's commitments"),
        N_("What came in a week of what was committed to and ordered."),
    ),
}
_OF_LINES = NN_("of %(num)s line", "of %(num)s lines")
_LEFT_OUT = NN_("%(num)s line left out, as both agreed", "%(num)s lines left out, as both agreed")
_NONE = N_("No data")
PERIODS = (28, 91)
"""Days over which one may look back."""
_SHOWN = 200
"""Lines of a figure that are shown."""


@dataclass(frozen=True)
class FigureRow:
    """A figure with what it means and where its lines are."""

    word: str
    means: str
    share: str
    tone: str
    over: str
    left_out: str
    address: str
    current: bool


@dataclass(frozen=True)
class LineRow:
    """A line behind a figure, and what is disputed of it; ``form`` takes a dispute, or an answer to one."""

    subject: str
    about: str
    address: str
    item: str
    agreed: str
    came: str
    state: State
    reason: str
    words: str
    ask: str
    form: str


@dataclass(frozen=True)
class ScorePage:
    """A scorecard: its figures, and the lines behind the one that is chosen.

    ``chosen`` is a line for which a form is shown.
    """

    title: str
    lead: str
    back: str
    figures: Sequence[FigureRow]
    periods: Sequence[tuple[str, str, bool]]
    days: int
    measure: str
    heading: str
    lines: Sequence[LineRow]
    more: str
    chosen: LineRow | None
    supplier: bool


@dataclass(frozen=True)
class Read:
    """A scorecard as it was read: the lines of each figure, what is disputed, and what is asked to be shown."""

    span: Span
    lines: Mapping[Measure, Sequence[Line]]
    disputes: Disputes
    items: Mapping[UUID, TradeItem]
    days: int
    measure: Measure | None
    subject: str


def score_page(read: Read, speaks: Language, *, supplier: bool) -> ScorePage:
    """The page of one side."""
    span, measure = read.span, read.measure
    other = span.buyer if supplier else span.supplier
    here = f"/buyer/suppliers/{span.supplier.gln}/scorecard?"
    if supplier:
        here = f"/supplier/scorecard?buyer={span.buyer.gln}"
    rows = _lines(read, measure, here, speaks, supplier=supplier) if measure else []
    more = len(rows) - _SHOWN
    return ScorePage(
        title=speaks.gettext("Scorecard: %(who)s", who=speaks.name(other)),
        lead=speaks.gettext("Orders, receipts and weeks since %(day)s.", day=speaks.day(span.buyer.day(span.since))),
        back="/supplier" if supplier else f"/buyer/suppliers/{span.supplier.gln}",
        figures=[_figure(read, one, here, speaks) for one in Measure],
        periods=[
            (
                speaks.ngettext("%(num)s day", "%(num)s days", days),
                _at(here, days=days),
                days == read.days,
            )
            for days in PERIODS
        ],
        days=read.days,
        measure=measure.value if measure else "",
        heading=speaks.gettext(MEASURES[measure][0]) if measure else "",
        lines=rows[:_SHOWN],
        more=speaks.gettext("and %(count)s more", count=speaks.number(more)) if more > 0 else "",
        chosen=next((row for row in rows if row.subject == read.subject and row.form), None),
        supplier=supplier,
    )


def _at(here: str, **more: object) -> str:
    return f"{here}{'' if here.endswith('?') else '&'}{urlencode(more)}"


def _figure(read: Read, measure: Measure, here: str, speaks: Language) -> FigureRow:
    found = figure(read.lines[measure], left_out(read.disputes, measure))
    word, means = MEASURES[measure]
    took = "" if found.hours is None else _median(found, speaks)
    return FigureRow(
        word=speaks.gettext(word),
        means=speaks.gettext(means),
        share=speaks.gettext(_NONE) if found.share is None else speaks.percent(found.share),
        tone="mute" if found.share is None else _tone(found.share),
        over=" · ".join(filter(None, (speaks.counted(_OF_LINES, found.lines), took))),
        left_out=speaks.counted(_LEFT_OUT, found.left_out),
        address=_at(here, days=read.days, measure=measure.value) + "#lines",
        current=measure is read.measure,
    )


def _median(found: Figure, speaks: Language) -> str:
    return speaks.gettext("median %(span)s", span=speaks.span(timedelta(hours=found.hours or 0)))


def _tone(share: float) -> str:
    return "t-ok" if share >= 0.95 else "t-warn" if share >= 0.8 else "t-stop"


def _lines(read: Read, measure: Measure, here: str, speaks: Language, *, supplier: bool) -> list[LineRow]:
    return [_line(read, measure, line, here, speaks, supplier=supplier) for line in read.lines[measure] if line.of > 0]


def _line(read: Read, measure: Measure, line: Line, here: str, speaks: Language, *, supplier: bool) -> LineRow:
    disputed, ruling = read.disputes.get((measure, line.subject_id), (None, None))
    item = read.items.get(line.item_id) if line.item_id else None
    asks = supplier and disputed is None and not line.good
    answers = not supplier and disputed is not None and ruling is None
    form = f"/supplier/scorecard/{read.span.buyer.gln}/dispute" if asks else ""
    if answers and disputed is not None:
        form = f"/buyer/scorecard/disputes/{disputed.id}"
    ask = _at(here, days=read.days, measure=measure.value, subject=line.subject_id)
    return LineRow(
        subject=str(line.subject_id),
        about=line.number,
        address=_address(measure, line, read.span, supplier=supplier),
        item=speaks.name(item) if item else "",
        agreed=_said(line.agreed, line.unit, speaks),
        came=_said(line.came, line.unit, speaks) if line.agreed else _took(line, speaks),
        state=_state(line, disputed, ruling, speaks),
        reason=disputed.reason if disputed else "",
        words=ruling.words if ruling else "",
        ask=f"{ask}#ask" if form else "",
        form=form,
    )


def _address(measure: Measure, line: Line, span: Span, *, supplier: bool) -> str:
    if not line.number or measure is Measure.DOCUMENTS:
        return ""
    number = quote(line.number)
    return f"/supplier/orders/{number}?buyer={span.buyer.gln}" if supplier else f"/buyer/orders/{number}"


def _said(parts: Sequence[Part], unit: str, speaks: Language) -> str:
    if not parts:
        return "–"
    return " + ".join(f"{speaks.quantity(part.quantity, unit)} · {speaks.day(part.deliver_on)}" for part in parts)


def _took(line: Line, speaks: Language) -> str:
    return "" if line.hours is None else speaks.span(timedelta(hours=line.hours))


def _state(line: Line, disputed: ScoreDispute | None, ruling: ScoreRuling | None, speaks: Language) -> State:
    if ruling is not None and ruling.accepted:
        return State(speaks.gettext("Left out"), "no")
    if ruling is not None:
        return State(speaks.gettext("Disputed, and it counts"), "less", "warn")
    if disputed is not None:
        return State(speaks.gettext("Disputed"), "ask", "act")
    if line.good:
        return State(speaks.gettext("As agreed"), "ok", "ok")
    if line.got > 0:
        share = speaks.percent(float(line.got / line.of))
        return State(speaks.gettext("In part: %(share)s", share=share), "less", "warn")
    return State(speaks.gettext("Missed"), "stop", "stop")
