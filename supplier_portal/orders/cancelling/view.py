"""What both sides read of the terms for late cancelling, and of what cancelling costs, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.models.base import plain
from hub.models.party import Organization
from hub.web.i18n import N_, Language
from hub.web.view import State
from supplier_portal.orders.cancelling.cancelling import Cost
from supplier_portal.orders.cancelling.models import Cancellation, CancelTerm
from supplier_portal.orders.cancelling.terms import ADDRESS, Between

_NOTHING = State(N_("No term"), "draft")
_AGREED = State(N_("Agreed by both"), "ok", "ok")
_REFUSED = State(N_("Not agreed"), "no", "stop")
_TO_ANSWER = State(N_("Awaiting you"), "clock", "warn")
_WAITING = State(N_("Awaiting the buyer"), "clock", "warn")


@dataclass(frozen=True)
class Row:
    """How it stands with one partner: what holds, what was asked since, and where it is answered or asked anew."""

    party: str
    gln: str
    state: State
    holds: str
    asked: str
    words: str
    answer: str
    ask: str
    hours: str
    share: str


@dataclass(frozen=True)
class TermsPage:
    """All partners, and the one with whom a form is filled in, if one is chosen."""

    rows: Sequence[Row]
    chosen: Row | None
    supplier: bool
    lead: str


def terms_page(
    rows: Sequence[Between], parties: Mapping[UUID, Organization], speaks: Language, *, supplier: bool, chosen: str
) -> TermsPage:
    """The page of either side; ``chosen`` is a partner's GLN, or nothing."""
    lead = speaks.gettext(
        "What a supplier asks for goods that you call off late. It holds for orders placed after you agreed."
    )
    if supplier:
        lead = speaks.gettext(
            "What you ask for goods that a buyer calls off late. It holds for orders placed after the buyer agreed."
        )
    shown = [_row(row, parties[row.other_id], speaks, supplier=supplier) for row in rows]
    return TermsPage(shown, next((row for row in shown if row.gln == chosen), None), supplier, lead)


def said(term: CancelTerm, speaks: Language) -> str:
    """A term in a sentence."""
    if not term.share:
        return speaks.gettext("Nothing is owed, however late.")
    return speaks.gettext(
        "Free until %(hours)s hours before the day of delivery; then %(share)s of the value is owed.",
        hours=speaks.number(term.free_hours),
        share=speaks.percent(float(term.share)),
    )


def _row(row: Between, party: Organization, speaks: Language, *, supplier: bool) -> Row:
    last, agreed = row.last, row.agreed
    state = _NOTHING
    if last is not None:
        waiting = _WAITING if supplier else _TO_ANSWER
        state = waiting if row.reply is None else _AGREED if row.reply.agrees else _REFUSED
    anew = last is not None and (agreed is None or agreed.id != last.id)
    return Row(
        party=speaks.name(party),
        gln=party.gln,
        state=state._replace(word=speaks.gettext(state.word)),
        holds=said(agreed, speaks) if agreed else speaks.gettext("Cancelling costs nothing."),
        asked=said(last, speaks) if last and anew else "",
        words=row.reply.words if row.reply else "",
        answer=f"/buyer/{ADDRESS}/{last.id}" if last and row.reply is None and not supplier else "",
        ask=f"/supplier/{ADDRESS}/of/{party.gln}" if supplier else "",
        hours=str(last.free_hours) if last else "24",
        share=plain(last.share * 100) if last else "20",
    )


@dataclass(frozen=True)
class CostView:
    """What the question before cancelling says of its cost: a sentence, and the sum that the form sends back."""

    said: str
    costs: str


def cost_view(cost: Cost | None, zone: Organization, speaks: Language) -> CostView:
    """What calling off costs now, or until when it costs nothing."""
    until = cost.free_until if cost else None
    if cost is None or cost.term is None or until is None or not cost.term.share:
        return CostView("", "0")
    when = speaks.moment(until, zone)
    if not cost.owed:
        return CostView(speaks.gettext("It costs nothing until %(when)s.", when=when), "0")
    sum_ = speaks.money(cost.owed, cost.lines[0].line.currency)
    share = speaks.percent(float(cost.term.share))
    sentence = speaks.gettext(
        "It costs you %(sum)s before tax: %(share)s of what was agreed, since it was free until %(when)s. "
        "It stands in the month's statement.",
        sum=sum_,
        share=share,
        when=when,
    )
    return CostView(sentence, plain(cost.owed))


def owed_said(row: Cancellation | None, speaks: Language) -> str:
    """What is owed for a cancellation, as the order's history says it; empty where nothing is."""
    if row is None or not row.owed:
        return ""
    return speaks.gettext("Owed for calling it off late: %(sum)s", sum=speaks.money(row.owed, row.currency))
