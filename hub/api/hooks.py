"""Webhooks by API: which of an organisation's programs are told, of what, and sending it again."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from hub.access import Permission
from hub.errors import InvalidInput, NotFound
from hub.hooks import hooks
from hub.lists import Search
from hub.models.hook import Hook, HookMessage
from hub.trace.asking.webhooks import BadDestination
from hub.web.deps import ActorDep, PageNumber, SessionDep, requires
from hub.web.idempotency import KeyReused, OnceDep
from hub.web.problems import problems
from hub.web.routing import Router

router = Router(
    prefix="/api/webhooks",
    tags=["Webhooks"],
    dependencies=[requires(Permission.ANSWER_ORDERS, Permission.PLACE_ORDERS, Permission.ADMINISTER)],
)
_PAGE = 100


class NewHook(BaseModel):
    """An `https://` address of the open internet, and the kinds of notices that go there."""

    url: str = Field(max_length=1000)
    kinds: list[str] = Field(min_length=1, max_length=100)


@router.get("")
def list_webhooks(actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """Your programs that are told, and the kinds of notices that you may have told."""
    return {"webhooks": [_shown(hook) for hook in hooks.every(session)], "kinds": hooks.kinds(actor)}


@router.post(
    "", status_code=201, responses=problems(InvalidInput, BadDestination, hooks.TooManyHooks, KeyReused)
)  # fmt: skip
def add_webhook(told: NewHook, actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """Have a program told; `secret` is shown this once, and signs what is sent (Standard Webhooks)."""
    hook, secret = hooks.add(session, actor, told.url, told.kinds)
    return {**_shown(hook), "secret": secret}


@router.delete("/{webhook_id}", status_code=204, responses=problems(NotFound))
def end_webhook(webhook_id: UUID, actor: ActorDep, session: SessionDep) -> Response:
    """Have a program told no longer."""
    hooks.end(session, actor, webhook_id)
    return Response(status_code=204)


@router.get("/{webhook_id}/messages", responses=problems(NotFound))
def list_messages(
    webhook_id: UUID,
    session: SessionDep,
    state: Annotated[Literal["", "waiting", "sent", "given-up"], Query()] = "",
    page: PageNumber = 1,
) -> dict[str, Any]:
    """What a program was or is to be told, the newest first; 100 a page."""
    hook = hooks.find(session, webhook_id)
    found = hooks.messages(session, hook, Search(page=page, size=_PAGE, state=state))
    return {"messages": [_message(row) for row in found.rows], "total": found.total}


@router.post("/{webhook_id}/messages/{message_id}/again", responses=problems(NotFound, hooks.HookOver, KeyReused))
def send_again(
    webhook_id: UUID, message_id: UUID, actor: ActorDep, session: SessionDep, once: OnceDep
) -> JSONResponse:  # fmt: skip
    """Send a message again, as it was."""
    return once.answer(session, lambda: _message(hooks.again(session, actor, webhook_id, message_id)))


def _shown(hook: Hook) -> dict[str, Any]:
    return {
        "id": str(hook.id),
        "url": hook.url,
        "kinds": hook.kinds,
        "stopped": hook.stopped_at.isoformat() if hook.stopped_at else None,
    }


def _message(row: HookMessage) -> dict[str, Any]:
    moments = {"sent": row.sent_at, "given_up": row.given_up_at, "due": row.due_at}
    return {
        "id": f"msg_{row.id}",
        "message": str(row.id),
        "kind": row.kind,
        "attempts": row.attempts,
        "answered": row.answered,
        "problem": row.problem,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
    }
