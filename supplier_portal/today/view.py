"""What several first pages show, decided and said in the reader's language; their templates lay it out."""

from dataclasses import dataclass

from hub.models.party import Organization
from hub.web.i18n import Language
from supplier_portal.orders.view import lot_address
from supplier_portal.today.stock_book import RecalledLot


@dataclass(frozen=True)
class Recall:
    """A recalled lot that came to the buyer; ``held`` says how much of it is in its stores, if any is.

    ``address`` is the page that shoppers see.
    """

    title: str
    reason: str
    held: str
    address: str


def recall_of(recalled: RecalledLot, own: Organization, speaks: Language) -> Recall:
    """A recalled lot as its buyer ``own`` reads of it."""
    item, lot, notice = recalled.item, recalled.lot, recalled.notice
    held = ""
    if recalled.on_hand:
        amount = speaks.quantity(recalled.on_hand, item.unit)
        held = speaks.gettext("Your stores still have %(amount)s of it.", amount=amount)
    return Recall(
        title=speaks.gettext("%(item)s, lot %(lot)s is recalled.", item=speaks.name(item), lot=lot.number),
        reason=notice.reason_zh if speaks.code == "zh" else notice.reason_en,
        held=held,
        address=lot_address(item.gtin, lot.number, own),
    )
