"""What both sides read of what is not agreed yet, and the form by which one answers it or asks for a change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.models.base import plain
from hub.models.catalogue import TradeItem
from hub.models.party import Organization
from hub.models.trade import OrderLine, OrderTurn
from hub.web.i18n import Language
from hub.web.view import State
from supplier_portal.orders.agreeing.agreement import Talk
from supplier_portal.orders.agreeing.terms import Part, Says, Side, Standing, Terms, Word
from supplier_portal.orders.order_book import OrderSheet, SheetLine

_NO_MORE_THAN = 3
"""So many open points are named in one line; of more it says how many."""


@dataclass(frozen=True)
class Point:
    """A line that is talked about; the names of its fields begin with ``name``.

    ``open`` says whether it waits for whoever reads this, who may else ask for a change of it.
    """

    name: str
    id: str
    item: str
    gtin: str
    holds: str
    wants: str
    reason: str
    legend: str
    unit: str
    quantity: str
    day: str
    price: str
    open: bool


@dataclass(frozen=True)
class Points:
    """The form of a turn: what it answers, and the lines it may speak of."""

    path: str
    turn: int
    lead: str
    lines: Sequence[Point]
    answering: bool


@dataclass(frozen=True)
class Reading:
    """An order as one side reads what was said of it."""

    sheet: OrderSheet
    talk: Talk
    own: Organization
    other: Organization
    items: Mapping[UUID, TradeItem]

    @property
    def side(self) -> Side:
        """On which side its reader stands."""
        return Side.BUYER if self.own.id == self.sheet.order.owner_id else Side.SUPPLIER


def points(reading: Reading, path: str, speaks: Language, *, changing: bool = False) -> Points | None:
    """The form that answers what waits for its reader, or, when it is ``changing``, asks for something else."""
    waiting = set(reading.talk.waiting(reading.side))
    if not waiting and not changing:
        return None
    rows = [row for row in reading.sheet.lines if not reading.talk.lines[row.line.id].over]
    shown = rows if changing else [row for row in rows if row.line.id in waiting]
    other = speaks.name(reading.other)
    lead = speaks.gettext(
        "%(who)s wants these lines otherwise than you do. What you agree to holds for both.", who=other
    )
    if not waiting:
        lead = speaks.gettext("What was agreed holds until %(who)s says yes to the change.", who=other)
    return Points(
        path=path,
        turn=reading.talk.number,
        lead=lead,
        lines=[_point(number, row, reading, speaks) for number, row in enumerate(shown)],
        answering=bool(waiting),
    )


def standing_line(reading: Reading, at: datetime, speaks: Language) -> str:
    """How the talk stands, in one line: how much is agreed, what is open, who answers by when; else nothing."""
    open_lines = [row for row in reading.sheet.lines if reading.talk.lines[row.line.id].by]
    if not open_lines or reading.talk.reply_by is None:
        return ""
    of_order = len(reading.sheet.lines)
    agreed = speaks.gettext("%(done)s of %(all)s lines agreed", done=of_order - len(open_lines), all=of_order)
    named = "; ".join(_named(row, reading, speaks) for row in open_lines[:_NO_MORE_THAN])
    if len(open_lines) > _NO_MORE_THAN:
        named = speaks.gettext("%(count)s lines open", count=len(open_lines))
    when, left = speaks.moment(reading.talk.reply_by, reading.own), speaks.due(reading.talk.reply_by, at)
    if reading.talk.waiting(reading.side):
        answers = speaks.gettext("you to answer by %(when)s (%(left)s)", when=when, left=left)
    else:
        other = speaks.name(reading.other)
        answers = speaks.gettext("%(who)s to answer by %(when)s (%(left)s)", who=other, when=when, left=left)
    return speaks.gettext("%(agreed)s; %(points)s; %(answers)s.", agreed=agreed, points=named, answers=answers)


def open_state(row: SheetLine, reading: Reading, speaks: Language) -> State | None:
    """What is wanted of a line that is open, and by whom; None where nothing is."""
    standing = reading.talk.lines[row.line.id]
    if standing.by is None or standing.offered is None or not reading.talk.answered:
        return None
    wanted = otherwise(standing.offered, reading.talk.ordered[row.line.id], row.line, reading, speaks)
    if standing.by is reading.side:
        return State(speaks.gettext("You want: %(what)s", what=wanted), "clock", "warn")
    return State(speaks.gettext("%(who)s wants: %(what)s", who=speaks.name(reading.other), what=wanted), "ask", "act")


def said_words(reading: Reading, turn: OrderTurn, speaks: Language) -> list[tuple[str, State, str]]:
    """What a turn said to which item, and why."""
    rows = {row.line.id: row for row in reading.sheet.lines}
    words = [Word.read(word) for word in turn.words]
    return [
        (speaks.name(rows[word.line].item), _word_state(word, rows[word.line], reading, speaks), word.reason)
        for word in words
        if word.line in rows
    ]


def _word_state(word: Word, row: SheetLine, reading: Reading, speaks: Language) -> State:
    if word.says is Says.ACCEPT:
        return State(speaks.gettext("Agreed"), "ok", "ok")
    if word.says is Says.REFUSE or word.terms is None:
        return State(speaks.gettext("Refused"), "no", "stop")
    wanted = otherwise(word.terms, reading.talk.ordered[word.line], row.line, reading, speaks)
    return State(wanted, "ask", "warn")


def otherwise(terms: Terms, ordered: Terms, line: OrderLine, reading: Reading, speaks: Language) -> str:
    """Terms in words: how much, and what of day, price and item is not as it was ordered."""
    if not terms.parts:
        return speaks.gettext("nothing of it")
    parts = " + ".join(
        _part(part, line, speaks, with_day=len(terms.parts) > 1 or part.deliver_on != ordered.deliver_on)
        for part in terms.parts
    )
    more = []
    if terms.price != ordered.price:
        more.append(_price(terms, line, speaks))
    if terms.trade_item_id != ordered.trade_item_id and terms.trade_item_id in reading.items:
        more.append(speaks.gettext("of %(item)s instead", item=speaks.name(reading.items[terms.trade_item_id])))
    return " ".join([parts, *more])


def _part(part: Part, line: OrderLine, speaks: Language, *, with_day: bool) -> str:
    return on_a_day(part, line.unit, speaks) if with_day else speaks.quantity(part.quantity, line.unit)


def on_a_day(part: Part, unit: str, speaks: Language) -> str:
    """How much comes on a day."""
    amount = speaks.quantity(part.quantity, unit)
    return speaks.gettext("%(amount)s on %(day)s", amount=amount, day=speaks.day(part.deliver_on))


def _price(terms: Terms, line: OrderLine, speaks: Language) -> str:
    """What a unit costs, in one piece."""
    price = speaks.money(terms.price, line.currency).replace(" ", "\N{NO-BREAK SPACE}")
    return speaks.gettext("at %(price)s", price=price)


def _named(row: SheetLine, reading: Reading, speaks: Language) -> str:
    """``Tomatoes: 80 kg instead of 100 kg``."""
    standing, ordered = reading.talk.lines[row.line.id], reading.talk.ordered[row.line.id]
    wanted = otherwise(standing.offered or ordered, ordered, row.line, reading, speaks)
    instead = _instead_of(standing, ordered)
    return speaks.gettext(
        "%(item)s: %(wanted)s instead of %(held)s",
        item=speaks.name(row.item),
        wanted=wanted,
        held=otherwise(instead, ordered, row.line, reading, speaks),
    )


def _instead_of(standing: Standing, ordered: Terms) -> Terms:
    """What holds, or what the other side wants as long as nothing does."""
    if standing.held is not None:
        return standing.held
    return (standing.wishes.get(standing.by.other) if standing.by else None) or ordered


def _point(number: int, row: SheetLine, reading: Reading, speaks: Language) -> Point:
    line, standing = row.line, reading.talk.lines[row.line.id]
    ordered = reading.talk.ordered[line.id]
    on_table = standing.offered or standing.held or ordered
    instead = _instead_of(standing, ordered)
    item = speaks.name(row.item)
    return Point(
        name=f"lines.{number}",
        id=str(line.id),
        item=item,
        gtin=row.item.gtin,
        holds=_in_full(instead, line, reading, speaks),
        wants=_in_full(on_table, line, reading, speaks) if standing.by else "",
        reason=_reason(line.id, reading),
        legend=speaks.gettext("Answer for %(item)s", item=item),
        unit=speaks.unit(line.unit),
        quantity=plain(on_table.quantity),
        day=on_table.deliver_on.isoformat() if on_table.deliver_on else reading.sheet.order.deliver_on.isoformat(),
        price=plain(on_table.price),
        open=standing.waits_for(reading.side),
    )


def _in_full(terms: Terms, line: OrderLine, reading: Reading, speaks: Language) -> str:
    """Terms with every day and the price, for whoever is to say yes to them."""
    if not terms.parts:
        return speaks.gettext("nothing of it")
    parts = " + ".join(_part(part, line, speaks, with_day=True) for part in terms.parts)
    price = _price(terms, line, speaks)
    item = reading.items.get(terms.trade_item_id)
    if item is None or terms.trade_item_id == line.trade_item_id:
        return f"{parts} {price}"
    return f"{parts} {price} {speaks.gettext('of %(item)s instead', item=speaks.name(item))}"


def _reason(line: UUID, reading: Reading) -> str:
    """Why the other side wants it so."""
    for turn in reversed(reading.talk.turns):
        for word in map(Word.read, turn.words):
            if word.line == line and word.says is Says.OFFER:
                return word.reason
    return ""
