"""What the page of one claim shows to each of its sides, decided and said in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from hub.models.base import plain
from hub.models.catalogue import LIMITS, Temperature
from hub.models.claims import ClaimReply, ReplyKind
from hub.models.party import Organization, Place
from hub.web import drawing
from hub.web.drawing import Plot
from hub.web.i18n import N_, Language
from hub.web.view import State
from supplier_portal.claims import claims, returns
from supplier_portal.claims.claim_book import ClaimSheet, ClaimState, overdue
from supplier_portal.claims.words import REPLIES, claim_address, claim_state, kind_of
from supplier_portal.orders.view import lot_address, order_address

_DRAWN = 60
"""So many temperatures are drawn of a way; of more, every second, or third, and so on."""


@dataclass(frozen=True)
class File:
    """A claim as one of its parties reads it, ``own``; ``acts`` if whoever reads it may answer or close it."""

    sheet: ClaimSheet
    at: datetime
    own: Organization
    buyer: Organization
    supplier: Organization
    place: Place
    acts: bool

    @property
    def sold(self) -> bool:
        """Whether it is the supplier who reads it."""
        return self.own.id == self.supplier.id


@dataclass(frozen=True)
class Step:
    """Something that happened to a claim."""

    when: str
    text: str
    reason: str = ""


@dataclass(frozen=True)
class Curve:
    """The temperatures on the way: drawn, in words, and as a list."""

    plot: Plot
    label: str
    sentence: str
    outside: bool


@dataclass(frozen=True)
class Returned:
    """What goes back, and whether it has come back."""

    sentence: str
    state: State


@dataclass(frozen=True)
class ClaimPage:
    """One claim: what differed, what is shown of it, what was said, and what can be said now.

    ``replies`` while its supplier has to answer, ``shareable`` if there is something to share; the buyer's words by
    ``takeable``, ``insistable`` and ``withdrawable``.
    """

    number: str
    state: State
    lead: str
    all_claims: str
    comments: str
    path: str
    facts: Sequence[tuple[str, str]]
    lot: str
    lot_page: str
    order: str
    order_page: str
    words: str
    photo: str
    photo_label: str
    curve: Curve | None
    history: Sequence[Step]
    replies: Sequence[tuple[str, str, str, int]]
    shareable: bool
    takeable: str
    insistable: bool
    withdrawable: bool
    unit: str
    currency: str
    whole: str
    amount: str
    returned: Returned | None
    returnable: bool
    noteable: bool
    today: str


def claim_page(file: File, speaks: Language) -> ClaimPage:
    """The page of one claim for whoever reads it."""
    sheet, claim, sold = file.sheet, file.sheet.claim, file.sold
    standing, answers = sheet.standing, file.acts and sold and sheet.state is ClaimState.TO_ANSWER
    closes = file.acts and not sold and sheet.state in (ClaimState.TO_ANSWER, ClaimState.TO_CLOSE)
    offered = standing if standing and standing.kind is ReplyKind.SHARED else None
    shareable = claim.value > 0
    return ClaimPage(
        number=claim.number,
        state=claim_state(sheet.state, speaks, supplier=sold, overdue=overdue(claim, sheet.state, file.at)),
        lead=_lead(file, speaks),
        all_claims=f"/{'supplier' if sold else 'buyer'}/claims" if file.acts else "",
        comments=f"/{'supplier' if sold else 'buyer'}/comments/claim/{claim.id}" if file.acts else "",
        path=claim_address(claim, supplier=sold),
        facts=_facts(file, speaks),
        lot=claim.lot_number,
        lot_page=f"/supplier/lots/{claim.lot_id}" if sold else lot_address(sheet.item.gtin, claim.lot_number, file.own),
        order=sheet.order.number,
        order_page=order_address(sheet.order, file.buyer) if sold else f"/buyer/orders/{quote(sheet.order.number)}",
        words=speaks.paragraph(claim.words, claim.note),
        photo=f"/claims/{claim.id}/photo" if sheet.photo_id else "",
        photo_label=speaks.gettext("%(item)s as it was counted", item=speaks.name(sheet.item)),
        curve=_curve(file, speaks),
        history=_history(file, speaks),
        replies=_replies(speaks, shareable=shareable) if answers else (),
        shareable=shareable,
        takeable=speaks.money(offered.credit, claim.currency) if closes and offered else "",
        insistable=closes and standing is not None and claim.round < claims.ROUNDS,
        withdrawable=closes,
        unit=speaks.unit(claim.unit),
        currency=claim.currency,
        whole=speaks.money(claim.value, claim.currency),
        amount=plain(claim.quantity),
        returned=_returned(file, speaks),
        returnable=file.acts and not sold and sheet.returned is None and returns.returnable(claim),
        noteable=file.acts and sold and sheet.returned is not None and sheet.came_back is None,
        today=file.place.day(file.at).isoformat(),
    )


def _replies(speaks: Language, *, shareable: bool) -> Sequence[tuple[str, str, str, int]]:
    every = [
        ("accepted", speaks.gettext("Accept"), "ok", 1),
        ("shared", speaks.gettext("Share"), "warn", 1),
        ("refused", speaks.gettext("Decline"), "stop", 1),
    ]
    return [reply for reply in every if shareable or reply[0] != "shared"]


def _lead(file: File, speaks: Language) -> str:
    claim, state = file.sheet.claim, file.sheet.state
    buyer, supplier = speaks.name(file.buyer), speaks.name(file.supplier)
    until = {"when": speaks.moment(claim.due_at, file.own), "left": speaks.due(claim.due_at, file.at)}
    if state is ClaimState.TO_ANSWER and file.sold:
        return speaks.gettext(
            "Answer by %(when)s (%(left)s). %(buyer)s sees your answer at once.", buyer=buyer, **until
        )
    if state is ClaimState.TO_ANSWER:
        return speaks.gettext("%(supplier)s has until %(when)s to answer (%(left)s).", supplier=supplier, **until)
    if state is ClaimState.TO_CLOSE:
        if file.sold:
            return speaks.gettext("You answered. %(buyer)s has the next word.", buyer=buyer)
        if claim.round < claims.ROUNDS:
            return speaks.gettext("%(supplier)s answered: settle it, insist once, or withdraw.", supplier=supplier)
        return speaks.gettext("%(supplier)s answered for the last time: settle it, or withdraw.", supplier=supplier)
    credit = claim.credit if claim.credit is not None else file.sheet.replies[0].credit
    if credit:
        money = speaks.money(credit, claim.currency)
        return speaks.gettext("Settled: %(supplier)s credits %(money)s.", supplier=supplier, money=money)
    return speaks.gettext("Settled without a credit.")


def _facts(file: File, speaks: Language) -> Sequence[tuple[str, str]]:
    sheet, claim = file.sheet, file.sheet.claim
    other = (speaks.gettext("Buyer"), file.buyer) if file.sold else (speaks.gettext("Supplier"), file.supplier)
    return [
        (other[0], speaks.name(other[1])),
        (speaks.gettext("Item"), speaks.name(sheet.item)),
        (speaks.gettext("Difference"), kind_of(claim, speaks)),
        (speaks.gettext("Announced"), speaks.quantity(claim.announced, claim.unit)),
        (speaks.gettext("Accepted"), speaks.quantity(claim.counted, claim.unit)),
        (speaks.gettext("Claimed"), speaks.quantity(claim.quantity, claim.unit)),
        (speaks.gettext("Price"), speaks.money(claim.price, claim.currency)),
        (speaks.gettext("Value"), speaks.money(claim.value, claim.currency)),
        (speaks.gettext("Store"), speaks.name(file.place)),
        (speaks.gettext("Dispatch advice"), sheet.shipment.number),
    ]


def _curve(file: File, speaks: Language) -> Curve | None:
    claim = file.sheet.claim
    read = [(datetime.fromisoformat(one["at"]), Decimal(one["celsius"])) for one in claim.readings]
    if not read:
        return None
    lowest, highest = LIMITS[Temperature(claim.temperature)]
    shown = read[:: -(-len(read) // _DRAWN)]
    celsius, count = [value for _, value in shown], len(shown)
    drawn = drawing.plot(count, {"act": celsius}, band=([lowest] * count, [highest] * count))
    coldest, warmest = min(value for _, value in read), max(value for _, value in read)
    sentence = speaks.gettext(
        "From %(start)s to %(end)s between %(coldest)s and %(warmest)s; allowed is from %(lowest)s to %(highest)s.",
        start=speaks.moment(read[0][0], file.place),
        end=speaks.moment(read[-1][0], file.place),
        coldest=speaks.temperature(coldest),
        warmest=speaks.temperature(warmest),
        lowest=speaks.temperature(lowest),
        highest=speaks.temperature(highest),
    )
    outside = warmest > Decimal(str(highest)) or coldest < Decimal(str(lowest))
    label = speaks.gettext("Temperatures on the way, and the limits of their class")
    return Curve(replace(drawn, dots=drawn.dots if count == 1 else []), label, sentence, outside)


def _history(file: File, speaks: Language) -> Sequence[Step]:
    """What happened to a claim, the latest first."""
    sheet, claim = file.sheet, file.sheet.claim
    buyer = speaks.name(file.buyer)
    steps: list[tuple[datetime, Step]] = []

    def step(at: datetime | None, text: str, reason: str = "") -> None:
        if at is not None:
            steps.append((at, Step(speaks.moment(at, file.own), text, reason)))

    counted = speaks.gettext("Counted at %(place)s; the claim opened by itself", place=speaks.name(file.place))
    step(claim.opened_at, counted)
    step(claim.insisted_at, speaks.gettext("%(who)s insisted", who=buyer), claim.insisted_because)
    for reply in sheet.replies:
        step(reply.replied_at, _said(reply, file, speaks), reply.reason)
    if claim.outcome in ("shared", "refused", "withdrawn"):
        words = {
            "shared": N_("%(who)s took the share"),
            "refused": N_("%(who)s took the refusal"),
            "withdrawn": N_("%(who)s withdrew the claim"),
        }
        step(claim.closed_at, speaks.gettext(words[claim.outcome], who=buyer), claim.closing_words)
    if sheet.returned:
        amount = speaks.quantity(sheet.returned.quantity, claim.unit)
        step(sheet.returned.announced_at, speaks.gettext("Return announced: %(amount)s", amount=amount))
    if sheet.came_back:
        amount = speaks.quantity(sheet.came_back.quantity, claim.unit)
        step(sheet.came_back.received_at, speaks.gettext("Came back: %(amount)s", amount=amount), sheet.came_back.words)
    return [step for _, step in sorted(steps, key=lambda pair: pair[0], reverse=True)]


def _said(reply: ClaimReply, file: File, speaks: Language) -> str:
    said: dict[str, Any] = {"who": speaks.name(file.supplier), "what": speaks.gettext(REPLIES[reply.kind])}
    if reply.kind is ReplyKind.SHARED:
        said["money"] = speaks.money(reply.credit, file.sheet.claim.currency)
        return speaks.gettext("%(who)s: %(what)s, %(money)s", **said)
    return speaks.gettext("%(who)s: %(what)s", **said)


def _returned(file: File, speaks: Language) -> Returned | None:
    sheet, claim = file.sheet, file.sheet.claim
    if sheet.returned is None:
        return None
    sentence = speaks.gettext(
        "%(amount)s of lot %(lot)s, leaving on %(day)s.",
        amount=speaks.quantity(sheet.returned.quantity, claim.unit),
        lot=claim.lot_number,
        day=speaks.day(sheet.returned.leaves_on),
    )
    sentence = speaks.paragraph(sentence, sheet.returned.words)
    if sheet.came_back is None:
        return Returned(sentence, State(speaks.gettext("On the way back"), "truck", "act"))
    short = sheet.came_back.quantity < sheet.returned.quantity
    back = speaks.quantity(sheet.came_back.quantity, claim.unit)
    state = State(
        speaks.gettext("%(amount)s came back", amount=back), "less" if short else "ok", "warn" if short else "ok"
    )
    return Returned(sentence, state)
