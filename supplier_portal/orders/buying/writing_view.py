"""What the page shows on which a buyer writes an order, decided and said in the buyer's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.models.base import plain
from hub.models.party import Organization, Place
from hub.web.forms import Filled
from hub.web.i18n import NN_, Language
from supplier_portal.orders.buying.proposals_view import Field
from supplier_portal.orders.buying.writing import Misread, Offer

_READ = NN_("%(num)s line is filled in below.", "%(num)s lines are filled in below.")
_WRONG = NN_("%(num)s line was not read.", "%(num)s lines were not read.")


@dataclass(frozen=True)
class Chosen:
    """What an order is written for, and what can be ordered."""

    supplier: Organization
    place: Place
    first: date
    offers: Sequence[Offer]


@dataclass(frozen=True)
class Row:
    """An item that can be ordered: what it is, costs, came last, and where one types how much of it.

    ``breaks`` says from which quantities on it costs otherwise.
    """

    id: UUID
    named: str
    item: str
    about: str
    price: str
    breaks: str
    last: str
    quantity: Field
    finds: str


@dataclass(frozen=True)
class Sheet:
    """The order that is written: whom it goes to, for where, from which day on, and its rows.

    ``draft`` is the number of the draft that is written on, if one is.
    """

    title: str
    draft: str
    supplier: str
    place: str
    first: str
    first_said: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Reading:
    """What became of pasted lines: a sentence, and each line that was not read with its reason."""

    said: str
    wrong: Sequence[tuple[str, str]]


def sheet_of(chosen: Chosen, form: Filled[Any], speaks: Language) -> Sheet:
    """The sheet on which quantities are typed, with what was typed already."""
    supplier, place = speaks.name(chosen.supplier), speaks.name(chosen.place)
    return Sheet(
        title=f"{supplier} → {place}",
        draft=form.value("draft"),
        supplier=str(chosen.supplier.id),
        place=str(chosen.place.id),
        first=chosen.first.isoformat(),
        first_said=speaks.gettext("From %(day)s on.", day=speaks.day(chosen.first)),
        rows=[_row(number, offer, form, speaks) for number, offer in enumerate(chosen.offers)],
    )


def _row(number: int, offer: Offer, form: Filled[Any], speaks: Language) -> Row:
    item, field = offer.item, f"lines.{number}.quantity"
    cases = speaks.quantity(item.case_quantity, item.unit)
    last = ""
    if offer.last is not None and offer.last_on is not None:
        amount = speaks.quantity(offer.last, item.unit)
        last = speaks.gettext("%(amount)s for %(day)s", amount=amount, day=speaks.day(offer.last_on))
    return Row(
        id=item.id,
        named=f"lines.{number}.item",
        item=speaks.name(item),
        about=speaks.gettext("%(gtin)s · in cases of %(amount)s", gtin=item.gtin, amount=cases),
        price=speaks.money(offer.asked.price, offer.asked.currency),
        breaks=_breaks(offer, speaks),
        last=last,
        quantity=Field(
            name=field,
            id=f"f-lines-{number}-quantity",
            label=speaks.gettext("Order of %(item)s", item=speaks.name(item)),
            value=form.value(field),
            unit=speaks.unit(item.unit),
            error=form.error(field),
        ),
        finds=" ".join((item.name_zh, item.name_en, item.gtin, offer.code)).casefold(),
    )


def _breaks(offer: Offer, speaks: Language) -> str:
    return " · ".join(
        speaks.gettext(
            "from %(amount)s on %(price)s",
            amount=speaks.quantity(begins, offer.item.unit),
            price=speaks.money(price, offer.asked.currency),
        )
        for begins, price in offer.asked.breaks
    )


def filled_in(offers: Sequence[Offer], quantities: Mapping[UUID, Decimal]) -> dict[str, str]:
    """The values of a sheet's fields that say these quantities, by the items' ids."""
    return {
        f"lines.{number}.quantity": plain(quantities[offer.item.id])
        for number, offer in enumerate(offers)
        if offer.item.id in quantities
    }


def reading_of(count: int, wrong: Sequence[Misread], speaks: Language) -> Reading:
    """What is said of pasted lines."""
    said = [speaks.counted(_READ, count), speaks.counted(_WRONG, len(wrong))]
    return Reading(
        speaks.paragraph(*(sentence for sentence in said if sentence)),
        [
            (speaks.gettext("Line %(number)s: %(words)s", number=one.line, words=one.words), speaks.gettext(one.why))
            for one in wrong
        ],
    )
