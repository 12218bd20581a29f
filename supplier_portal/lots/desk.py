"""A lot of one's own and who works on it: its page is drawn from here, also after a form that was refused."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from hub.access import Actor
from hub.gs1 import digital_link
from hub.models.base import now
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import Organization
from hub.pdf import alone
from hub.settings import settings
from hub.trace import journey, listings, mandates, recall
from hub.trace.labels import codes
from hub.trace.listings import Listing
from hub.web.deps import ActorDep, SessionDep
from hub.web.forms import Filled
from hub.web.templating import page
from supplier_portal import lookup
from supplier_portal.dispatch import consignments
from supplier_portal.lots import lot_book, record_book
from supplier_portal.lots.lot_book import LotRow
from supplier_portal.lots.lot_view import LotSheet, lot_page
from supplier_portal.lots.recording import earlier

FORMS = ("spray", "grow", "harvest", "test", "pack", "recall", "mandates", "dispute")
"""The forms of a lot's page, by the ends of their addresses."""


@dataclass(frozen=True)
class Desk:
    """A lot of one's own, and who asked for it in which session."""

    request: Request
    session: Session
    actor: Actor
    row: LotRow

    @property
    def lot(self) -> Lot:
        """The lot."""
        return self.row.lot

    @property
    def item(self) -> TradeItem:
        """What it is a lot of."""
        return self.row.item

    @property
    def own(self) -> Organization:
        """The lot's producer."""
        return self.session.get_one(Organization, self.actor.organization_id)

    @property
    def link(self) -> str:
        """The lot's canonical link, by which records name it."""
        return digital_link.lot_link(self.item.gtin, self.lot.number)

    @property
    def address(self) -> str:
        """The lot's page."""
        return f"/supplier/lots/{self.lot.id}"

    def label(self, listed: Sequence[Listing]) -> str:
        """What its label says; it names the maker where the article number alone does not."""
        return codes.lot_link(self.item, self.lot, maker=self.own.gln if len(listed) > 1 else "")


def _desk(lot_id: UUID, request: Request, actor: ActorDep, session: SessionDep) -> Desk:
    return Desk(request, session, actor, lot_book.find(session, actor, lot_id))


DeskDep = Annotated[Desk, Depends(_desk)]
"""The lot that an address names, if it is one's own."""


def shown(desk: Desk, form: Filled[Any], sent: str = "") -> HTMLResponse:
    """The lot's page; if one of its forms was ``sent`` and refused, with that form open at what was wrong."""
    forms = {name: replace(form if name == sent else Filled(form.language), scope=name) for name in FORMS}
    lot, status = lot_page(_sheet(desk), form.language), 422 if form.errors else 200
    return page(desk.request, "lots/lot.html", status=status, lot=lot, forms=forms, papers=_papers(desk, form))


def _papers(desk: Desk, form: Filled[Any]) -> list[str]:
    """The pages of the PDF that a form was filled in from, as pictures to read beside it."""
    read = form.value("pages")
    count = min(int(read), alone.MOST_PAGES) if re.fullmatch(r"\d", read) else 0
    return [f"{desk.address}/papers/{form.value('file')}/{number}.png" for number in range(count)]


def _sheet(desk: Desk) -> LotSheet:
    session, actor, row = desk.session, desk.actor, desk.row
    events = lot_book.events(session, row)
    notices = recall.notices_of(session, row.lot)
    listed = listings.of(session, row.item.gtin)
    places = consignments.sources(session, actor, everywhere=True)
    steps = ("test", "pack") if row.lot.made_on else ("spray", "grow", "test")
    return LotSheet(
        own=desk.own,
        at=now(),
        row=row,
        shop=desk.label(listed).removeprefix(settings().base_url),
        records=record_book.with_states(session, events),
        way=journey.of(session, desk.link, events=events).steps,
        notices=notices,
        buyers=lot_book.sold_to(session, row.lot),
        others=lot_book.others_words(session, row),
        asked=mandates.given(session, actor, desk.link),
        partners=lookup.partners(session, actor),
        listed=listed,
        places=places,
        earlier=earlier.of(session, actor, places, steps, row.item),
        organizations=lookup.organizations(session, {row.owner_id for row in [*notices, *events]}),
    )
