"""The supplier's stream: every record in order, how far it is on the ledger, and who signs."""

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from hub.access import Permission
from hub.ledger.log import members
from hub.lists import Search
from hub.models.base import now
from hub.models.party import Organization
from hub.settings import settings
from hub.trace import submissions
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, SortedBy, Words, requires
from hub.web.export import MOST_ROWS, csv_file
from hub.web.routing import Router
from hub.web.templating import page
from supplier_portal import lookup
from supplier_portal.lots import record_book
from supplier_portal.lots.stream_view import StreamSheet, records_page, records_table
from supplier_portal.lots.view import steps_called

router = Router(prefix="/supplier/records", dependencies=[requires(Permission.PUBLISH_EVENTS)], include_in_schema=False)
_A_PAGE = 50


@router.get("")
def stream(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    q: Words = "",
    p: PageNumber = 1,
    sort: SortedBy = "",
) -> HTMLResponse:
    """Records, searched, sorted, page by page; who holds the key, and what waits for a signature."""
    own = session.get_one(Organization, actor.organization_id)
    records = record_book.records(session, actor, Search(q, p, _A_PAGE, sort=sort), steps=steps_called(q, speaks))
    sheet = StreamSheet(
        own=own,
        at=now(),
        records=records,
        lots=lookup.own_lots(session, actor, {link for row in records.rows for link in row.lots}),
        key=members.key_of(session, actor.organization_id),
        unsigned=len(submissions.waiting(session, actor)),
        numbered=submissions.head_of(session, own.member).seq if own.member else None,
        finality=settings().finality,
    )
    return page(request, "lots/records.html", list=records_page(sheet, speaks))


@router.get("/export.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep, q: Words = "", sort: SortedBy = "") -> Response:
    """The same list to take away."""
    search = Search(q, size=MOST_ROWS + 1, sort=sort)
    records = record_book.records(session, actor, search, steps=steps_called(q, speaks))
    header, rows = records_table(records.rows, speaks)
    return csv_file(speaks.gettext("Records"), header, rows)
