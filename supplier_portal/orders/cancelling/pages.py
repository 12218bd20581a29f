"""Terms for late cancelling: asked for by the supplier, answered by the buyer."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.inputs import Count, Figure
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.orders.cancelling import terms
from supplier_portal.orders.cancelling.models import CancelTerm
from supplier_portal.orders.cancelling.view import terms_page

buyers = Router(prefix=f"/buyer/{terms.ADDRESS}", dependencies=[requires(Permission.PLACE_ORDERS)])
suppliers = Router(prefix=f"/supplier/{terms.ADDRESS}", dependencies=[requires(Permission.ANSWER_ORDERS)])
router = Router(include_in_schema=False)


class Asking(BaseModel):
    """A term as a supplier says it; the share in per cent."""

    hours: Count = Field(ge=0, le=720)
    share: Figure = Field(ge=0, le=100, decimal_places=1)


class Answer(BaseModel):
    """What a buyer says to a term."""

    do: str = Field(pattern="^(agree|refuse)$")
    words: str = Field(default="", max_length=400)


def _buyer(gln: str, session: SessionDep) -> Organization:
    return lookup.buyer(session, gln)


def _term(term_id: UUID, actor: ActorDep, session: SessionDep) -> CancelTerm:
    return terms.find(session, actor, term_id)


BuyerDep = Annotated[Organization, Depends(_buyer)]
TermDep = Annotated[CancelTerm, Depends(_term)]


@buyers.get("")
@suppliers.get("")
def show(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    partner: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """How it stands with each partner; with one of them a form to ask, or to say why not."""
    return _shown(request, session, actor, form, partner)


@suppliers.post("/of/{gln}")
def ask(
    buyer: BuyerDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Asking], filled(Asking)],
) -> Response:
    """Ask a buyer for a term."""
    read = form.read
    if read is not None:
        with form.attempt(session, otherwise="share"):
            terms.state(session, actor, buyer, (read.hours, read.share / Decimal(100)), at=now())
            toast = form.language.gettext("Sent. %(who)s sees it now.", who=form.language.name(buyer))
            return go(request, f"/supplier/{terms.ADDRESS}", toast)
    return _shown(request, session, actor, form, buyer.gln)


@buyers.post("/{term_id}")
def answer(
    term: TermDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Answer], filled(Answer)],
) -> Response:
    """Agree to a term, or say why not."""
    read = form.read
    if read is not None:
        with form.attempt(session, otherwise="words"):
            terms.reply(session, actor, term, agrees=read.do == "agree", words=read.words, at=now())
            return go(request, f"/buyer/{terms.ADDRESS}", form.language.gettext("Your supplier sees your answer now."))
    return _shown(request, session, actor, form, session.get_one(Organization, term.owner_id).gln)


def _shown(request: Request, session: Session, actor: Actor, form: Filled[Any], chosen: str) -> HTMLResponse:
    supplier = actor.kind is OrganizationKind.SUPPLIER
    others = lookup.buyers(session) if supplier else lookup.suppliers(session)
    rows = terms.between(session, actor, others, at=now())
    shown = terms_page(rows, {other.id: other for other in others}, form.language, supplier=supplier, chosen=chosen)
    return page(request, "cancelling/terms.html", status=422 if form.errors else 200, terms=shown, form=form)


router.include_router(buyers)
router.include_router(suppliers)
