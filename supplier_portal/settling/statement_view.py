"""What both sides read of a month's statement, and the list of months, in the reader's language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.models.claims import ClaimKind
from hub.models.party import Organization
from hub.models.settling import Statement, StatementReply
from hub.registry.sheets import Heading
from hub.web.i18n import N_, Language
from hub.web.view import State
from supplier_portal.claims.words import KINDS
from supplier_portal.settling.statements import Account, MonthRow, called_off, charged, deducted

OPEN, WAITING = State(N_("Not stated yet"), "draft"), State(N_("Awaiting the supplier"), "clock", "warn")
TO_ANSWER = State(N_("Awaiting you"), "clock", "warn")
AGREED, DISPUTED = State(N_("Agreed by both"), "ok", "ok"), State(N_("Disputed"), "stop", "stop")


@dataclass(frozen=True)
class Month:
    """A month in the list, and where it is read."""

    address: str
    month: str
    party: str
    lines: str
    total: str
    state: State


@dataclass(frozen=True)
class Charge:
    """A line of goods: as it was ordered, announced and accepted, and what it costs."""

    item: str
    gtin: str
    day: str
    order: str
    shipment: str
    lot: str
    ordered: str
    announced: str
    accepted: str
    differs: bool
    price: str
    amount: str


@dataclass(frozen=True)
class Deduction:
    """What a settled claim takes off."""

    claim: str
    kind: str
    day: str
    amount: str


@dataclass(frozen=True)
class CalledOff:
    """What is owed for an order that was called off late."""

    order: str
    day: str
    amount: str


@dataclass(frozen=True)
class Sheet:
    """A month's statement as one side reads it, or what would be stated.

    ``path`` takes its form: the buyer's issues it, the supplier's answers it; empty where there is nothing to do.
    ``version`` names it where it is not the first, ``words`` say what its supplier finds wrong.
    """

    title: str
    state: State
    lead: str
    facts: Sequence[tuple[str, str]]
    charges: Sequence[Charge]
    deductions: Sequence[Deduction]
    late: Sequence[CalledOff]
    open: str
    goods: str
    credit: str
    cancelled: str
    total: str
    words: str
    path: str
    answering: bool
    downloads: Sequence[tuple[str, str]]
    back: str
    comments: str = ""


def state_of(statement: Statement | None, reply: StatementReply | None, *, supplier: bool) -> State:
    """How far a month's statement is."""
    if statement is None:
        return OPEN
    if reply is None:
        return TO_ANSWER if supplier else WAITING
    return AGREED if reply.agrees else DISPUTED


def month_rows(
    rows: Sequence[MonthRow], parties: Mapping[UUID, Organization], speaks: Language, *, supplier: bool
) -> list[Month]:
    """The months of a list."""
    shown = []
    for row in rows:
        party, statement = parties[row.other_id], row.statement
        state = state_of(statement, row.reply, supplier=supplier)
        address = f"/buyer/statements/of/{party.gln}/{row.month:%Y-%m}"
        if supplier:
            address = f"/supplier/statements/{statement.id}" if statement else ""
        shown.append(
            Month(
                address=address,
                month=f"{row.month:%Y-%m}",
                party=speaks.name(party),
                lines=speaks.number(row.lines),
                total=speaks.money(statement.total, statement.currency) if statement else "",
                state=state._replace(word=speaks.gettext(state.word)),
            )
        )
    return shown


def stated(
    statement: Statement,
    reply: StatementReply | None,
    parties: tuple[Organization, Organization],
    speaks: Language,
    *,
    supplier: bool,
) -> Sheet:
    """A statement that was issued; ``parties`` are its buyer and its supplier."""
    buyer, seller = parties
    state = state_of(statement, reply, supplier=supplier)
    here = f"/{'supplier' if supplier else 'buyer'}/statements/{statement.id}"
    month, currency = f"{statement.month:%Y-%m}", statement.currency
    again = reply is not None and not reply.agrees and not supplier
    return Sheet(
        title=statement.number,
        state=state._replace(word=speaks.gettext(state.word)),
        lead=_lead(reply, speaks, supplier=supplier),
        facts=[
            (speaks.gettext("Buyer"), speaks.name(buyer)),
            (speaks.gettext("Supplier"), speaks.name(seller)),
            (speaks.gettext("Month"), month),
            (speaks.gettext("Issued"), speaks.moment(statement.issued_at, buyer, year=True)),
        ],
        charges=[_charge(line, currency, speaks) for line in statement.lines],
        deductions=[_deduction(line, currency, speaks) for line in statement.credits],
        late=[_called_off(line, currency, speaks) for line in statement.cancellations],
        cancelled=speaks.money(statement.cancelled, currency) if statement.cancelled else "",
        open="",
        goods=speaks.money(statement.goods, currency),
        credit=speaks.money(-statement.credit, currency),
        total=speaks.money(statement.total, currency),
        words=reply.words if reply else "",
        path=(f"/buyer/statements/of/{seller.gln}/{month}" if again else here if supplier and reply is None else ""),
        answering=supplier,
        downloads=[(speaks.gettext("Table"), f"{here}/statement.xlsx"), ("PDF", f"{here}/statement.pdf")],
        back=f"/{'supplier' if supplier else 'buyer'}/statements",
        comments=f"/{'supplier' if supplier else 'buyer'}/comments/statement/{statement.id}",
    )


def would_be(owed: Account, parties: tuple[Organization, Organization], month: date, speaks: Language) -> Sheet:
    """What a buyer would state for a month as it is now."""
    buyer, seller = parties
    currency = owed.currency or "CNY"
    waiting = sum((claim.value for claim in owed.open), Decimal(0))
    return Sheet(
        title=f"{speaks.name(seller)} · {month:%Y-%m}",
        state=OPEN._replace(word=speaks.gettext(OPEN.word)),
        lead=speaks.gettext("Goods as announced, at the agreed prices, less the credits of settled claims."),
        facts=[(speaks.gettext("Supplier"), speaks.name(seller)), (speaks.gettext("Month"), f"{month:%Y-%m}")],
        charges=[_charge(charged(*row), currency, speaks) for row in owed.lines],
        deductions=[_deduction(deducted(buyer, claim), currency, speaks) for claim in owed.credits],
        late=[_called_off(called_off(row), currency, speaks) for row in owed.late],
        cancelled=speaks.money(owed.cancelled, currency) if owed.late else "",
        open=speaks.gettext(
            "%(count)s claims of this month are open, of %(value)s; they count once they are settled.",
            count=len(owed.open),
            value=speaks.money(waiting, currency),
        )
        if owed.open
        else "",
        goods=speaks.money(owed.goods, currency),
        credit=speaks.money(-owed.credit, currency),
        total=speaks.money(owed.total, currency),
        words="",
        path=f"/buyer/statements/of/{seller.gln}/{month:%Y-%m}",
        answering=False,
        downloads=[],
        back="/buyer/statements",
    )


def table(statement: Statement, speaks: Language) -> tuple[list[Heading], Iterator[list[Any]]]:
    """A statement to take away: its lines and credits, then the sums."""
    _ = speaks.gettext
    words = [_("Day"), _("Order"), _("Shipment"), "GTIN", _("Item"), _("Lot"), _("Ordered"), _("Announced")]
    words += [_("Accepted"), _("Unit"), _("Price"), _("Amount")]

    def rows() -> Iterator[list[Any]]:
        for line in statement.lines:
            names = line["item"]
            yield [
                line["day"], line["order"], line["shipment"], line["gtin"], names[speaks.code] or names["zh"],
                line["lot"], line["ordered"], line["quantity"], line["accepted"], line["unit"], line["price"],
                line["amount"],
            ]  # fmt: skip
        for credit in statement.credits:
            kind = speaks.gettext(KINDS[ClaimKind(credit["kind"])])
            yield [credit["closed_on"], "", credit["claim"], "", kind, *[""] * 6, f"-{credit['amount']}"]
        for late in statement.cancellations:
            yield [late["day"], late["order"], "", "", _("Called off late"), *[""] * 6, late["amount"]]
        yield [*[""] * 4, _("Owed, before tax"), *[""] * 5, statement.currency, f"{statement.total:.2f}"]

    return [Heading(word) for word in words], rows()


def _lead(reply: StatementReply | None, speaks: Language, *, supplier: bool) -> str:
    if reply is None and supplier:
        return speaks.gettext("Your buyer states what it owes you. Agree, or say what is wrong.")
    if reply is not None and not reply.agrees and not supplier:
        return speaks.gettext("The supplier says what is wrong. Settle what is open and state it anew.")
    return ""


def _charge(line: Mapping[str, Any], currency: str, speaks: Language) -> Charge:
    names, unit = line["item"], line["unit"]
    return Charge(
        item=names[speaks.code] or names["zh"] or names["en"],
        gtin=line["gtin"],
        day=speaks.day(date.fromisoformat(line["day"])),
        order=line["order"],
        shipment=line["shipment"],
        lot=line["lot"],
        ordered=speaks.quantity(Decimal(line["ordered"]), unit),
        announced=speaks.quantity(Decimal(line["quantity"]), unit),
        accepted=speaks.quantity(Decimal(line["accepted"]), unit),
        differs=line["accepted"] != line["quantity"],
        price=speaks.money(Decimal(line["price"]), currency),
        amount=speaks.money(Decimal(line["amount"]), currency),
    )


def _called_off(late: Mapping[str, Any], currency: str, speaks: Language) -> CalledOff:
    day = speaks.day(date.fromisoformat(late["day"]))
    return CalledOff(late["order"], day, speaks.money(Decimal(late["amount"]), currency))


def _deduction(credit: Mapping[str, Any], currency: str, speaks: Language) -> Deduction:
    closed = date.fromisoformat(credit["closed_on"]) if credit["closed_on"] else None
    return Deduction(
        credit["claim"],
        speaks.gettext(KINDS[ClaimKind(credit["kind"])]),
        speaks.day(closed) if closed else "",
        speaks.money(-Decimal(credit["amount"]), currency),
    )
