"""The buyer's claims: listed, and closed one by one; goods that go back."""

from typing import Annotated, Literal

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from hub.access import Permission
from hub.inputs import Day, Figure
from hub.models.base import now
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go
from supplier_portal.claims import claims, returns
from supplier_portal.claims.list_pages import Asked, Taken, listed, taken_away
from supplier_portal.claims.pages import ClaimDep, shown
from supplier_portal.claims.words import claim_address


class Returning(BaseModel):
    """How much goes back and when, as it was typed."""

    amount: Figure = Field(max_digits=18, decimal_places=6)
    leaves_on: Day
    remark: str = Field(default="", max_length=200)


router = Router(prefix="/buyer/claims", dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)
_DONE = {
    "take": N_("The claim is settled with the share."),
    "insist": N_("You insisted. A second person at the supplier's is told."),
    "withdraw": N_("The claim is withdrawn."),
}


class Closing(BaseModel):
    """What the buyer does with a claim, and why."""

    do: Literal["take", "insist", "withdraw"]
    words: str = Field(default="", max_length=400)


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
    """One claim, and what can be done with it now."""
    return shown(request, session, actor, claim, form)


@router.post("/{claim_id}")
def close(
    claim: ClaimDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Closing], filled(Closing)],
) -> Response:
    """Take the share, insist once, or withdraw the claim."""
    read = form.read
    if read is not None:
        with form.attempt(session):
            match read.do:
                case "take":
                    claims.take(session, actor, claim, at=now())
                case "insist":
                    claims.insist(session, actor, claim, read.words, at=now())
                case "withdraw":
                    claims.withdraw(session, actor, claim, at=now(), words=read.words)
    if form.read is None or read is None:
        return shown(request, session, actor, claim, form)
    return go(request, claim_address(claim, supplier=False), form.language.gettext(_DONE[read.do]))


@router.post("/{claim_id}/return")
def send_back(
    claim: ClaimDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Returning], filled(Returning)],
) -> Response:
    """Announce that goods of the claim go back."""
    if (read := form.read) is not None:
        sent = returns.SentBack(quantity=read.amount, leaves_on=read.leaves_on, words=read.remark)
        with form.attempt(session, called={"quantity": "amount"}):
            returns.announce(session, actor, claim, sent, at=now())
    if form.read is None:
        return shown(request, session, actor, claim, form)
    return go(request, claim_address(claim, supplier=False), form.language.gettext("The return is announced."))
