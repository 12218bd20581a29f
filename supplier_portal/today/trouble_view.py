"""What went wrong on a supplier's day, decided and said in the supplier's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.models.catalogue import Certificate, Lot, TradeItem
from hub.models.claims import Claim
from hub.models.party import Organization
from hub.models.trade import PurchaseOrder
from hub.web.i18n import Language
from supplier_portal.claims.words import claim_address, kind_of
from supplier_portal.orders.view import order_address, why_cancelled
from supplier_portal.today import worklist
from supplier_portal.today.worklist import Kind

Parties = Mapping[UUID, Organization]
"""Organisations by their ids."""


@dataclass(frozen=True)
class Trouble:
    """Something that went wrong or ends soon: its state, what happened, what it is about, whose turn it is.

    ``address`` leads there, and ``label`` says where, if there is a page to see; ``lasting`` is about what a phone
    shows too.
    """

    word: str
    icon: str
    tone: str
    event: str
    about: str
    turn: str
    when: datetime | None = None
    order: str = ""
    lasting: bool = False
    address: str = ""
    label: str = ""


def trouble_of(trouble: worklist.Trouble, own: Organization, parties: Parties, speaks: Language) -> Trouble:
    """What went wrong or ends soon, as the supplier ``own`` reads of it; ``parties`` has those who take part."""
    match trouble:
        case worklist.Trouble(kind=Kind.RECALL, lot=Lot() as lot, item=TradeItem() as item):
            return _recall(trouble, lot, item, _closer(trouble, own, parties, speaks), speaks)
        case worklist.Trouble(kind=Kind.SHORT, order=PurchaseOrder() as order, item=TradeItem() as item):
            return _short_count(trouble, order, item, parties, speaks)
        case worklist.Trouble(kind=Kind.CLAIM, claim=Claim() as claim, item=TradeItem() as item):
            return _claim(trouble, claim, item, parties, speaks)
        case worklist.Trouble(kind=Kind.CANCELLED, order=PurchaseOrder() as order):
            return _cancelled(trouble, order, parties, speaks)
        case worklist.Trouble(kind=Kind.CERTIFICATE, certificate=Certificate() as certificate):
            return _certificate(certificate, trouble.days_left, speaks)
        case _:
            return _excursion(trouble, parties, speaks)


def _closer(trouble: worklist.Trouble, own: Organization, parties: Parties, speaks: Language) -> str:
    """Whose turn it is to close a recall: whoever opened it."""
    if trouble.owner_id == own.id:
        return speaks.gettext("You: close it once the goods are accounted for")
    return speaks.name(parties[trouble.owner_id])


def _recall(trouble: worklist.Trouble, lot: Lot, item: TradeItem, turn: str, speaks: Language) -> Trouble:
    return Trouble(
        word=speaks.gettext("Recalled"),
        icon="stop",
        tone="stop",
        event=speaks.gettext("Lot %(lot)s is recalled: it must not be sent.", lot=lot.number),
        when=trouble.when,
        about=speaks.name(item),
        turn=turn,
        address=f"/supplier/lots/{lot.id}",
        label=speaks.gettext("See lot %(lot)s", lot=lot.number),
    )


def _short_count(
    trouble: worklist.Trouble, order: PurchaseOrder, item: TradeItem, parties: Parties, speaks: Language
) -> Trouble:
    buyer = speaks.name(parties[trouble.owner_id])
    taken, sent = (speaks.quantity(amount, item.unit) for amount in (trouble.taken, trouble.sent))
    return Trouble(
        word=speaks.gettext("Short count"),
        icon="stop",
        tone="stop",
        event=speaks.gettext("%(taken)s of %(sent)s were accepted.", taken=taken, sent=sent),
        when=trouble.when,
        about=speaks.name(item),
        order=order.number,
        lasting=True,
        turn=speaks.gettext("You and %(buyer)s: settle the difference", buyer=buyer),
        address=order_address(order, parties[order.owner_id]),
        label=speaks.gettext("See order %(number)s", number=order.number),
    )


def _claim(trouble: worklist.Trouble, claim: Claim, item: TradeItem, parties: Parties, speaks: Language) -> Trouble:
    buyer = speaks.name(parties[trouble.owner_id])
    return Trouble(
        word=speaks.gettext("Claim"),
        icon="stop" if trouble.overdue else "clock",
        tone="stop" if trouble.overdue else "warn",
        event=speaks.gettext(
            "%(buyer)s: %(difference)s, %(amount)s",
            buyer=buyer,
            difference=kind_of(claim, speaks),
            amount=speaks.quantity(claim.quantity, claim.unit),
        ),
        when=trouble.when,
        about=speaks.name(item),
        order=claim.number,
        lasting=True,
        turn=speaks.gettext("You, by %(day)s", day=speaks.moment(claim.due_at, parties[trouble.owner_id])),
        address=claim_address(claim, supplier=True),
        label=speaks.gettext("See claim %(number)s", number=claim.number),
    )


def _cancelled(trouble: worklist.Trouble, order: PurchaseOrder, parties: Parties, speaks: Language) -> Trouble:
    buyer = speaks.name(parties[trouble.owner_id])
    return Trouble(
        word=speaks.gettext("Called off"),
        icon="no",
        tone="stop",
        event=speaks.gettext(
            "%(buyer)s no longer wants it: %(reason)s", buyer=buyer, reason=why_cancelled(order.cancel_reason, speaks)
        ),
        when=trouble.when,
        about=order.number,
        lasting=True,
        turn=speaks.gettext("You: send nothing for it"),
        address=order_address(order, parties[order.owner_id]),
        label=speaks.gettext("See order %(number)s", number=order.number),
    )


def _excursion(trouble: worklist.Trouble, parties: Parties, speaks: Language) -> Trouble:
    if trouble.celsius is None:
        event = speaks.gettext("The temperature left its limits on the way.")
    else:
        measured = speaks.temperature(trouble.celsius)
        event = speaks.gettext("It was %(temperature)s on the way.", temperature=measured)
    haulier = parties.get(trouble.owner_id)
    return Trouble(
        word=speaks.gettext("Out of range"),
        icon="warn",
        tone="warn",
        event=event,
        when=trouble.when,
        about=speaks.gettext("Cold chain"),
        turn=speaks.name(haulier) if haulier else speaks.gettext("The haulier"),
    )


def _certificate(certificate: Certificate, days_left: int, speaks: Language) -> Trouble:
    paper = speaks.name(certificate)
    until = speaks.day(certificate.valid_to) if certificate.valid_to else ""
    if days_left < 0:
        word, icon, tone = speaks.gettext("Expired"), "stop", "stop"
        event = speaks.gettext("%(paper)s ended on %(day)s.", paper=paper, day=until)
    else:
        word, icon, tone = speaks.gettext("Expiring"), "clock", "warn"
        event = speaks.ngettext(
            "%(paper)s ends in %(num)s day.", "%(paper)s ends in %(num)s days.", days_left, paper=paper
        )
    turn = speaks.gettext("You, by %(day)s", day=until)
    return Trouble(word=word, icon=icon, tone=tone, event=event, about=certificate.number, turn=turn)
