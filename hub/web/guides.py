"""Which place of which guide speaks of a page: the guides are those of docs/guides, in both languages."""

import re
from dataclasses import dataclass

from hub.settings import SHARE
from hub.web.i18n import N_

FOLDER = SHARE / "docs" / "guides"
IMAGES = SHARE / "docs" / "images"
GUIDES = {
    "everybody": N_("Everybody"),
    "supplier": N_("Supplier"),
    "buyer": N_("Buyer"),
    "store": N_("Store"),
    "logistics": N_("Dispatcher and driver"),
    "auditor": N_("Auditor"),
    "administrator": N_("Administrator"),
    "operator": N_("Server operator"),
    "shopper": N_("Shopper"),
}
"""The guides that are read here."""


@dataclass(frozen=True)
class Spot:
    """A place in a guide: its heading of this word, or where it says first in bold what the page is called."""

    guide: str
    word: str

    @property
    def address(self) -> str:
        """Where it is read."""
        return f"/help/{self.guide}#{anchor(self.word)}"


def anchor(word: str) -> str:
    """The name of a spot within its guide, the same in both languages."""
    return "-".join(re.findall(r"\w+", word.lower()))


SPOTS = {
    "/account": Spot("everybody", N_("Account")),
    "/notices": Spot("everybody", N_("Notices")),
    "/find": Spot("everybody", N_("Find")),
    "/problems": Spot("everybody", N_("Reported problems")),
    "/copied-codes": Spot("everybody", N_("Reported problems")),
    "/help": Spot("everybody", N_("Help")),
    "/supplier": Spot("supplier", N_("Today")),
    "/supplier/orders": Spot("supplier", N_("Orders")),
    "/supplier/cancellation-terms": Spot("supplier", N_("Late cancelling")),
    "/buyer/cancellation-terms": Spot("buyer", N_("Late cancelling")),
    "/supplier/scorecard": Spot("supplier", N_("Scorecard")),
    "/supplier/comments": Spot("supplier", N_("Comments")),
    "/buyer/comments": Spot("buyer", N_("Comments")),
    "/supplier/statements": Spot("supplier", N_("Statements")),
    "/supplier/claims": Spot("supplier", N_("Claims")),
    "/supplier/orders/documents": Spot("supplier", N_("Documents exchanged")),
    "/supplier/forecast": Spot("supplier", N_("Forecast")),
    "/supplier/lots": Spot("supplier", N_("Lots")),
    "/supplier/lots/record": Spot("supplier", N_("Record for several lots")),
    "/supplier/records": Spot("supplier", N_("Records")),
    "/supplier/records/check": Spot("supplier", N_("Check a file")),
    "/buyer": Spot("buyer", N_("Today")),
    "/buyer/orders": Spot("buyer", N_("Orders")),
    "/buyer/orders/sheet": Spot("buyer", N_("Orders by sheet")),
    "/buyer/orders/templates": Spot("buyer", N_("Order templates")),
    "/buyer/statements": Spot("buyer", N_("Statements")),
    "/buyer/claims": Spot("buyer", N_("Claims")),
    "/buyer/orders/documents": Spot("buyer", N_("Documents exchanged")),
    "/buyer/proposals": Spot("buyer", N_("Proposals")),
    "/buyer/stock": Spot("buyer", N_("Stock")),
    "/buyer/forecast": Spot("buyer", N_("Forecast")),
    "/buyer/suppliers": Spot("buyer", N_("Suppliers")),
    "/store": Spot("store", N_("Today")),
    "/store/deliveries": Spot("store", N_("Deliveries")),
    "/store/stock": Spot("store", N_("Stock")),
    "/stock-takes": Spot("store", N_("Stock-takes")),
    "/claims": Spot("administrator", N_("Claims")),
    "/dispatch": Spot("logistics", N_("Board")),
    "/dispatch/vehicles": Spot("logistics", N_("Vehicles")),
    "/drive": Spot("logistics", N_("Driver")),
    "/audit": Spot("auditor", N_("Verify")),
    "/audit/streams": Spot("auditor", N_("Record streams")),
    "/audit/bundle": Spot("auditor", N_("Evidence bundle")),
    "/admin": Spot("administrator", N_("Overview")),
    "/admin/audit-trail": Spot("administrator", N_("Audit trail")),
    "/settings": Spot("administrator", N_("Settings")),
    "/settings/people": Spot("administrator", N_("People")),
    "/settings/organization": Spot("administrator", N_("Organisation")),
    "/settings/auditors": Spot("administrator", N_("Auditors")),
    "/settings/keys": Spot("administrator", N_("API keys")),
    "/settings/ledger": Spot("administrator", N_("Name on the ledger")),
    "/settings/core": Spot("administrator", N_("Stock system")),
    "/settings/audits": Spot("auditor", N_("Whom we audit")),
    "/settings/prices": Spot("supplier", N_("Prices")),
    "/settings/terms": Spot("supplier", N_("Delivery terms")),
    "/settings/second-person": Spot("supplier", N_("Second person")),
    "/settings/answer-times": Spot("buyer", N_("Answer times")),
    "/settings/fallbacks": Spot("buyer", N_("Fallback suppliers")),
    "/settings/destinations": Spot("supplier", N_("Buyers' repositories")),
    "/settings/places": Spot("everybody", N_("Places")),
    "/settings/items": Spot("everybody", N_("Items")),
    "/settings/assortment": Spot("everybody", N_("Assortment")),
    "/settings/certificates": Spot("everybody", N_("Certificates")),
    "/settings/partners": Spot("everybody", N_("Partners")),
    "/settings/links": Spot("everybody", N_("Links behind codes")),
    "/settings/webhooks": Spot("everybody", N_("Webhooks")),
    "/settings/hooks": Spot("everybody", N_("Programs told")),
}
"""The spot for the pages under a path; the longest path that begins a page's own counts."""
SERVER = [
    Spot("operator", N_("Every day")),
    Spot("operator", N_("Backups")),
    Spot("operator", N_("Back on an empty machine")),
    Spot("operator", N_("A new version, and back")),
]
"""What whoever runs the server does there: the hub's own pages do none of it."""


def spot_of(path: str) -> Spot | None:
    """The place that speaks of a page."""
    under = [begins for begins in SPOTS if path == begins or path.startswith(begins + "/")]
    return SPOTS[max(under, key=len)] if under else None


def help_for(path: str) -> str:
    """Where the help for a page is read: the guides' own beginning where none speaks of it."""
    spot = spot_of(path)
    return spot.address if spot else "/help"
