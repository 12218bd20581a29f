"""The administrator's pages: whether all is well, and who did what."""

from typing import Literal
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute, iter_route_contexts
from sqlmodel import col, func, select

from chain_node.errors import LedgerError
from hub import access, outbox
from hub.access import Actor, Permission
from hub.beginning.steps import Step, do_without, put_away, standing
from hub.ledger.log import anchoring
from hub.lists import Page, Search
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.outbox import OutboxMessage
from hub.models.party import Organization, OrganizationKind, User
from hub.models.trace import AnchorState, Event, LogAppend, LogLeaf
from hub.pages.oversight.admin_view import Chain, Health, overview, trail_of
from hub.pages.oversight.audit_pages import newest_appends
from hub.pages.oversight.beginning_view import beginning
from hub.settings import settings
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, may_enter, requires
from hub.web.routing import Router
from hub.web.templating import go, page

router = Router(prefix="/admin", dependencies=[requires(Permission.ADMINISTER)], include_in_schema=False)
_A_PAGE = 50


@router.get("")
def admin(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    steps: Literal["", "shown"] = "",
) -> HTMLResponse:
    """What comes first in a young chain; whether all is well: the ledger's way to the chain, messages that wait."""
    on_the_way = col(LogAppend.state).in_([AnchorState.SEALED, AnchorState.SENT])
    failed = session.exec(
        select(OutboxMessage)
        .where(col(OutboxMessage.handled_at).is_(None), col(OutboxMessage.attempts) > 0)
        .order_by(col(OutboxMessage.id))
    ).all()
    own = session.get_one(Organization, actor.organization_id)
    health = Health(
        own=own,
        at=now(),
        chain=_chain(),
        appends=newest_appends(session),
        entries=session.exec(select(func.count()).select_from(LogLeaf)).one(),
        waiting=session.exec(select(func.count()).select_from(LogAppend).where(on_the_way)).one(),
        unsealed=session.exec(select(func.count()).select_from(Event).where(col(Event.seq).is_(None))).one(),
        failed=failed,
        sealers=settings().sealers,
        finality=settings().finality,
    )
    at = standing(session, own) if own.kind is OrganizationKind.RETAILER else None
    first = beginning(at, _open_to(request, actor), speaks) if at else None
    away = at is not None and at.away and not steps
    return page(
        request,
        "oversight/admin.html",
        overview=overview(health, speaks),
        begin=None if away else first,
        put_away=first if away else None,
    )


def _open_to(request: Request, actor: Actor) -> set[str]:
    """The pages of this hub that the actor may open, by their paths."""
    doors = [door for door in iter_route_contexts(request.app.routes) if isinstance(door.original_route, APIRoute)]
    return {door.path or "" for door in doors if may_enter(actor, door.dependant)}


@router.post("/beginning/away")
def put_away_steps(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Put the first steps away; a link to them stays."""
    put_away(session, actor)
    return go(request, "/admin", toast=speaks.gettext("Put away. A link on this page leads to the first steps."))


@router.post("/beginning/{step}/without")
def go_without(request: Request, step: Step, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Say that the chain does without something that is not indispensable."""
    do_without(session, actor, step)
    return go(request, "/admin", toast=speaks.gettext("Noted. You can set it up whenever you like."))


def _chain() -> Chain | None:
    try:
        ledger = anchoring.ledger()
        latest, head = ledger.block("latest"), ledger.tree_head()
        return Chain(latest.number, ledger.final().number, head.size)
    except LedgerError:
        return None


@router.post("/messages/{message_id}/again")
def try_again(
    request: Request, message_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Have a message tried anew that failed too often."""
    row = outbox.again(session, message_id)
    access.record(session, actor, "message.again", row.type)
    return go(request, "/admin", toast=speaks.gettext("It is being tried again."))


@router.get("/audit-trail")
def audit_trail(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    p: PageNumber = 1,
) -> HTMLResponse:
    """Who did what, the newest first."""
    entries = select(AuditEntry, User).join(User, col(User.id) == col(AuditEntry.created_by), isouter=True)
    search = Search(page=p, size=_A_PAGE)
    newest = entries.order_by(col(AuditEntry.id).desc()).offset(search.before).limit(search.size + 1)
    own = session.get_one(Organization, actor.organization_id)
    trail = trail_of(Page.of(session.exec(newest).all(), search), own, speaks)
    return page(request, "oversight/trail.html", trail=trail)
