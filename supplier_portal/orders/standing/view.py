"""What the pages of standing orders show, decided and said in the buyer's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from hub.models.base import plain
from hub.models.party import Organization, Place
from hub.models.trade import StandingOrder
from hub.web.forms import Filled
from hub.web.i18n import N_, NN_, Language
from hub.web.view import State
from hub.web.words import WEEKDAYS
from supplier_portal.orders.buying.proposals_view import Field
from supplier_portal.orders.buying.writing import Offer
from supplier_portal.orders.order_book import OrderStatus
from supplier_portal.orders.standing.pattern import written
from supplier_portal.orders.standing.standing import Day
from supplier_portal.orders.view import order_state

HERE = "/buyer/orders/standing"
_ITEMS = NN_("%(num)s item", "%(num)s items")
_RUNNING, _PAUSED = State(N_("Goes on"), "ok", "ok"), State(N_("Paused"), "clock", "warn")
_ENDED = State(N_("Ended"), "no")
HOW = (("", N_("is kept as a draft")), ("true", N_("is placed at once")))


@dataclass(frozen=True)
class Row:
    """A standing order in the list."""

    address: str
    title: str
    days: str
    items: str
    state: State


@dataclass(frozen=True)
class Line:
    """An item, and where one types how much of it is wanted each time."""

    id: UUID
    named: str
    item: str
    about: str
    quantity: Field


@dataclass(frozen=True)
class Sheet:
    """The form of a standing order, with what it says at first; ``like`` is the order that it is made of."""

    action: str
    like: str
    weekdays: Sequence[tuple[str, str]]
    chosen: Sequence[str]
    begins: str
    ends: str
    ahead: str
    off: str
    how: Sequence[tuple[str, str]]
    places: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Coming:
    """A day of the next four weeks: its state, its order if there is one, else the address that skips or takes it."""

    day: str
    state: State
    said: str
    order: str
    address: str
    value: str
    word: str
    label: str


@dataclass(frozen=True)
class Page:
    """A standing order's page; it has no address for what cannot be done with it."""

    title: str
    lead: str
    state: State
    sheet: Sheet
    coming: Sequence[Coming]
    pause: str
    resume: str
    end: str


def row_of(row: StandingOrder, supplier: Organization, place: Place, speaks: Language) -> Row:
    """A standing order in the list."""
    return Row(
        address=f"{HERE}/{row.id}",
        title=f"{speaks.name(supplier)} → {speaks.name(place)}",
        days=days_said(row, speaks),
        items=speaks.counted(_ITEMS, len(row.lines)),
        state=state_of(row, speaks),
    )


def days_said(row: StandingOrder, speaks: Language) -> str:
    """The days of the week on which it comes."""
    words = dict(WEEKDAYS)
    return (" · " if speaks.code == "en" else "、").join(speaks.gettext(words[day]) for day in row.weekdays.split())


def state_of(row: StandingOrder, speaks: Language) -> State:
    """Whether it goes on."""
    state = _ENDED if row.ended_at else _PAUSED if row.paused else _RUNNING
    return state._replace(word=speaks.gettext(state.word))


def sheet_of(
    offers: Sequence[Offer],
    quantities: Mapping[UUID, Any],
    form: Filled[Any],
    *,
    action: str,
    today: date,
    row: StandingOrder | None = None,
    like: str = "",
) -> Sheet:
    """The form, of a standing order that is there or of one to be made."""
    speaks = form.language
    shown = [offer for offer in offers if offer.item.id in quantities]
    return Sheet(
        action=action,
        like=like,
        weekdays=[(number, speaks.gettext(word)) for number, word in WEEKDAYS],
        chosen=row.weekdays.split() if row else (),
        begins=(row.valid_from if row else today).isoformat(),
        ends=row.valid_to.isoformat() if row and row.valid_to else "",
        ahead=str(row.days_ahead if row else 2),
        off=written(date.fromisoformat(day) for day in row.days_off) if row else "",
        how=[(value, speaks.gettext(word)) for value, word in HOW],
        places="true" if row and row.places else "",
        lines=[_line(number, offer, quantities[offer.item.id], form) for number, offer in enumerate(shown)],
    )


def _line(number: int, offer: Offer, quantity: Any, form: Filled[Any]) -> Line:
    speaks, item, name = form.language, offer.item, f"lines.{number}.quantity"
    cases = speaks.quantity(item.case_quantity, item.unit)
    return Line(
        id=item.id,
        named=f"lines.{number}.item",
        item=speaks.name(item),
        about=speaks.gettext("%(gtin)s · in cases of %(amount)s", gtin=item.gtin, amount=cases),
        quantity=Field(
            name=name,
            id=f"f-lines-{number}-quantity",
            label=speaks.gettext("Order of %(item)s", item=speaks.name(item)),
            value=form.value(name, plain(quantity)),
            unit=speaks.unit(item.unit),
            error=form.error(name),
        ),
    )


def page_of(
    row: StandingOrder,
    parties: tuple[Organization, Place],
    sheet: Sheet,
    days: Sequence[Day],
    states: Mapping[UUID, OrderStatus],
    speaks: Language,
) -> Page:
    """The page of one: how it is said, and what comes of it."""
    supplier, place = parties
    here, open_ = f"{HERE}/{row.id}", row.ended_at is None
    return Page(
        title=f"{speaks.name(supplier)} → {speaks.name(place)}",
        lead=days_said(row, speaks),
        state=state_of(row, speaks),
        sheet=sheet,
        coming=[_coming(day, here, states, speaks) for day in days] if open_ else (),
        pause=f"{here}/pause" if open_ and not row.paused else "",
        resume=f"{here}/resume" if open_ and row.paused else "",
        end=f"{here}/end" if open_ else "",
    )


def _coming(day: Day, here: str, states: Mapping[UUID, OrderStatus], speaks: Language) -> Coming:
    said = speaks.day(day.day)
    if day.order is not None:
        state = order_state(states[day.order.id], speaks)
        return Coming(said, state, day.order.number, f"/buyer/orders/{day.order.number}", "", "", "", "")
    value = day.day.isoformat()
    if day.off:
        state, word = State(speaks.gettext("Left out"), "no"), speaks.gettext("Take it in again")
        label = speaks.gettext("Take it in again: %(day)s", day=said)
        return Coming(said, state, "", "", f"{here}/take", value, word, label)
    state = State(speaks.gettext("To be written"), "clock")
    when = speaks.gettext("Written on %(day)s", day=speaks.day(day.written_on))
    label = speaks.gettext("Leave it out: %(day)s", day=said)
    return Coming(said, state, when, "", f"{here}/skip", value, speaks.gettext("Leave it out"), label)
