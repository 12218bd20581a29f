"""What the lists of claims show, one for each side, decided and said in the reader's language."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.lists import CountedPage
from hub.models.party import Organization
from hub.web.i18n import N_, NN_, Language
from hub.web.view import Deadline, Heading, Narrowed, Nothing, Paging, State, Tab, counted_paging, deadline
from supplier_portal.claims.claim_book import OPEN, SETTLED, ClaimRow, ClaimState, overdue
from supplier_portal.claims.words import claim_address, claim_state, kind_of

_MINE = NN_("%(num)s claim awaits your answer.", "%(num)s claims await your answer.")
_TO_CLOSE = NN_("%(num)s claim awaits your word.", "%(num)s claims await your word.")
_TABS = {
    "mine": N_("Awaiting you"),
    "theirs": N_("Awaiting the other side"),
    "settled": N_("Settled"),
    "all": N_("All"),
}


def tabs(*, supplier: bool) -> Mapping[str, Collection[ClaimState]]:
    """The states of each part of a side's list."""
    first, second = OPEN if supplier else reversed(OPEN)
    return {"mine": {first}, "theirs": {second}, "settled": SETTLED, "all": frozenset(ClaimState)}


@dataclass(frozen=True)
class ClaimList:
    """A list of claims as it was read by one side, ``own``: the page of a ``tab``, and how many each state has."""

    own: Organization
    at: datetime
    tab: str
    counts: Mapping[ClaimState, int]
    page: CountedPage[ClaimRow]
    organizations: Mapping[UUID, Organization]
    supplier: bool


@dataclass(frozen=True)
class Row:
    """A claim, with the other side's name; ``due`` only while the supplier has to answer."""

    number: str
    address: str
    state: State
    party: str
    kind: str
    item: str
    amount: str
    order: str
    value: str
    credit: str
    due: Deadline | None


@dataclass(frozen=True)
class ClaimsPage:
    """One side's list of claims: ``rows`` under their ``title``, or else ``nothing``.

    ``statements`` is where what is owed for a month is read.
    """

    address: str
    statements: str
    lead: str
    search: str
    export: str
    tabs: Sequence[Tab]
    title: str
    kept: Sequence[tuple[str, str]]
    columns: Sequence[Heading]
    rows: Sequence[Row]
    nothing: Nothing
    paging: Paging | None


def claims_page(listed: ClaimList, speaks: Language) -> ClaimsPage:
    """A side's list of claims."""
    side = "supplier" if listed.supplier else "buyer"
    here = Narrowed(f"/{side}/claims", replace(listed.page.search, state=listed.tab))
    parts = tabs(supplier=listed.supplier)
    waiting = sum(listed.counts[state] for state in parts["mine"])
    words = listed.page.search.words
    rows = [_row(row, listed, speaks) for row in listed.page.rows]
    return ClaimsPage(
        address=here.path,
        statements=f"/{side}/statements",
        lead=speaks.counted(_MINE if listed.supplier else _TO_CLOSE, waiting) or speaks.gettext("No claim awaits you."),
        search=words,
        export=here.address("/export.csv"),
        tabs=[
            Tab(
                word=speaks.gettext(_TABS[name]),
                address=Narrowed(here.path, listed.page.search).address(state=name),
                count=None if words else sum(listed.counts[state] for state in states),
                current=name == listed.tab,
            )
            for name, states in parts.items()
        ],
        title=speaks.gettext(_TABS[listed.tab]),
        kept=here.kept,
        columns=[
            here.heading(speaks.gettext("Claim"), "number"),
            Heading(speaks.gettext("State")),
            Heading(speaks.gettext("Buyer") if listed.supplier else speaks.gettext("Supplier")),
            Heading(speaks.gettext("Difference")),
            Heading(speaks.gettext("Order"), "hide-t"),
            here.heading(speaks.gettext("Claimed"), "value", "num"),
            here.heading(speaks.gettext("Credit"), "credit", "num hide-m"),
            here.heading(speaks.gettext("Answer by"), "due"),
        ],
        rows=rows,
        nothing=_nothing(here.path, words, speaks),
        paging=counted_paging(here.address(), listed.page, speaks) if rows else None,
    )


def _nothing(address: str, words: str, speaks: Language) -> Nothing:
    everything = f"{address}?state=all", speaks.gettext("See all claims")
    if words:
        return Nothing(
            speaks.gettext("No claim mentions “%(words)s”.", words=words),
            speaks.gettext("Numbers of claims, orders and lots, items, GTINs and names are searched."),
            *everything,
        )
    text = speaks.gettext(
        "A claim opens by itself when a store counts less than was announced, or finds something wrong."
    )
    return Nothing(speaks.gettext("No claim is in this state."), text, *everything)


def _row(row: ClaimRow, listed: ClaimList, speaks: Language) -> Row:
    claim, late = row.claim, overdue(row.claim, row.state, listed.at)
    waits = row.state is ClaimState.TO_ANSWER
    return Row(
        number=claim.number,
        address=claim_address(claim, supplier=listed.supplier),
        state=claim_state(row.state, speaks, supplier=listed.supplier, overdue=late),
        party=speaks.name(listed.organizations[claim.owner_id if listed.supplier else claim.supplier_id]),
        kind=kind_of(claim, speaks),
        item=speaks.name(row.item),
        amount=speaks.quantity(claim.quantity, claim.unit),
        order=row.order_number,
        value=speaks.money(claim.value, claim.currency),
        credit="" if claim.credit is None else speaks.money(claim.credit, claim.currency),
        due=deadline(claim.due_at, listed.at, listed.own, speaks) if waits else None,
    )


def claims_sheet(listed: ClaimList, speaks: Language) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """The same to take away: headings and rows."""
    _ = speaks.gettext
    headings = [
        _("Claim"), _("State"), _("Buyer"), _("Supplier"), _("Order"), _("Item"), "GTIN", _("Lot"), _("Difference"),
        _("Announced"), _("Counted"), _("Quantity"), _("Unit"), _("Claimed"), _("Credit"), _("Currency"),
        _("Opened"), _("Answer by"), _("Closed"),
    ]  # fmt: skip
    return headings, (_cells(row, listed, speaks) for row in listed.page.rows)


def _cells(row: ClaimRow, listed: ClaimList, speaks: Language) -> Sequence[Any]:
    claim, parties = row.claim, listed.organizations
    return [
        claim.number,
        row.state.value,
        speaks.name(parties[claim.owner_id]),
        speaks.name(parties[claim.supplier_id]),
        row.order_number,
        speaks.name(row.item),
        row.item.gtin,
        claim.lot_number,
        kind_of(claim, speaks),
        claim.announced,
        claim.counted,
        claim.quantity,
        claim.unit,
        f"{claim.value:.2f}",
        "" if claim.credit is None else f"{claim.credit:.2f}",
        claim.currency,
        claim.opened_at.isoformat(timespec="minutes"),
        claim.due_at.isoformat(timespec="minutes"),
        claim.closed_at.isoformat(timespec="minutes") if claim.closed_at else "",
    ]
