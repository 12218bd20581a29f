"""The supplier's claims: listed, answered one by one; goods that came back."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from hub.access import Permission
from hub.inputs import Figure
from hub.models.base import now
from hub.models.claims import ReplyKind
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.routing import Router
from hub.web.templating import go
from supplier_portal.claims import claims, returns
from supplier_portal.claims.claims import Reply
from supplier_portal.claims.list_pages import Asked, Taken, listed, taken_away
from supplier_portal.claims.pages import ClaimDep, shown
from supplier_portal.claims.words import claim_address


class Returned(BaseModel):
    """How much came back, as it was typed."""

    amount: Figure = Field(max_digits=18, decimal_places=6)
    remark: str = Field(default="", max_length=200)


router = Router(prefix="/supplier/claims", dependencies=[requires(Permission.ANSWER_ORDERS)], include_in_schema=False)


@router.get("")
def list_claims(
    request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep, query: Annotated[Asked, Query()]
) -> HTMLResponse:
    """Claims by whose turn it is, searched, page by page."""
    return listed(request, session, actor, query, speaks)


@router.get("/export.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep, query: Annotated[Taken, Query()]) -> Response:
    """The same list to take away."""
    return taken_away(session, actor, query, speaks)


@router.get("/{claim_id}")
def show(claim: ClaimDep, request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """One claim, and what can be said to it now."""
    return shown(request, session, actor, claim, form)


@router.post("/{claim_id}")
def reply(
    claim: ClaimDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Reply], filled(Reply)],
) -> Response:
    """Accept the claim, offer a share, or refuse it."""
    if form.read is not None:
        with form.attempt(session):
            claims.reply(session, actor, claim, _meant(form.read), at=now())
    if form.read is None:
        return shown(request, session, actor, claim, form)
    toast = form.language.gettext("Answer sent. The buyer sees it now.")
    return go(request, claim_address(claim, supplier=True), toast)


@router.post("/{claim_id}/returned")
def returned(
    claim: ClaimDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Returned], filled(Returned)],
) -> Response:
    """Note that the goods came back."""
    if (read := form.read) is not None:
        came = returns.CameBack(quantity=read.amount, words=read.remark)
        with form.attempt(session, called={"quantity": "amount"}):
            returns.note(session, actor, claim, came, at=now())
    if form.read is None:
        return shown(request, session, actor, claim, form)
    return go(request, claim_address(claim, supplier=True), form.language.gettext("Noted: the goods came back."))


def _meant(said: Reply) -> Reply:
    """A reply without what was typed for another kind of it: the form sends those fields too."""
    return said if said.kind is ReplyKind.SHARED else said.model_copy(update={"quantity": None, "credit": None})
