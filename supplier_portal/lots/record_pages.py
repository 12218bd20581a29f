"""The supplier's stream: every record in order, how far it is on the ledger, and who signs."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse
from sqlmodel import col, select

from hub.access import Permission
from hub.models.base import now
from hub.models.party import Organization, SigningKey
from hub.settings import settings
from hub.trace import submissions
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.routing import Router
from hub.web.templating import page
from hub.web.words import STEPS
from supplier_portal import lookup
from supplier_portal.lots import record_book

router = Router(prefix="/supplier/records", dependencies=[requires(Permission.PUBLISH_EVENTS)], include_in_schema=False)
_A_PAGE = 50


@router.get("")
def stream(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    q: Annotated[str, Query(max_length=100)] = "",
    p: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """Records, the newest first; who holds the key, and what waits for a signature."""
    key = session.exec(
        select(SigningKey).where(
            col(SigningKey.owner_id) == actor.organization_id, col(SigningKey.revoked_at).is_(None)
        )
    ).one_or_none()
    found = record_book.records(session, actor, search=q, page=p, size=_A_PAGE)
    own = session.get_one(Organization, actor.organization_id)
    return page(
        request,
        "lots/records.html",
        found=found,
        q=q,
        p=p,
        size=_A_PAGE,
        own=own,
        key=key,
        waiting=submissions.waiting(session, actor),
        stream=submissions.head_of(session, own.member) if own.member else None,
        steps=STEPS,
        at=now(),
        lot_number=record_book.lot_number,
        lots=lookup.own_lots(session, actor, {link for row in found.rows for link in row.lots}),
        finality=settings().finality,
    )
