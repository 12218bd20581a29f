"""Scorecards: a supplier's, as its buyer reads it, and its own with each buyer; lines disputed and ruled on."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Permission
from hub.errors import NotFound
from hub.models.base import now
from hub.models.party import Organization
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import Language
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.scoring import disputes, lines
from supplier_portal.scoring.lines import Span
from supplier_portal.scoring.models import Measure, ScoreDispute
from supplier_portal.scoring.view import PERIODS, Read, score_page

buyers = Router(prefix="/buyer", dependencies=[requires(Permission.PLACE_ORDERS)])
suppliers = Router(prefix="/supplier", dependencies=[requires(Permission.ANSWER_ORDERS)])
router = Router(include_in_schema=False)


class Asked(BaseModel):
    """What is looked at: over how many days, which figure's lines, and for which of them a form is shown."""

    days: int = Field(default=PERIODS[0], ge=1, le=366)
    measure: Measure | None = None
    subject: str = Field(default="", max_length=40)


class AskedOf(Asked):
    """And with which buyer, by its GLN."""

    buyer: str = Field(default="", max_length=20)


class Disputing(BaseModel):
    """Which line a supplier disputes, and why."""

    measure: Measure
    subject: UUID
    days: int = Field(default=PERIODS[0], ge=1, le=366)
    reason: str = Field(default="", max_length=400)


class Ruling(BaseModel):
    """What a buyer says to a dispute."""

    do: str = Field(pattern="^(accept|refuse)$")
    words: str = Field(default="", max_length=400)


def _supplier(gln: str, session: SessionDep) -> Organization:
    return lookup.supplier(session, gln)


def _buyer(gln: str, session: SessionDep) -> Organization:
    return lookup.buyer(session, gln)


def _dispute(dispute_id: UUID, actor: ActorDep, session: SessionDep) -> ScoreDispute:
    return disputes.find(session, actor, dispute_id)


SupplierDep = Annotated[Organization, Depends(_supplier)]
BuyerDep = Annotated[Organization, Depends(_buyer)]
DisputeDep = Annotated[ScoreDispute, Depends(_dispute)]


@buyers.get("/suppliers/{gln}/scorecard")
def of_supplier(
    supplier: SupplierDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    query: Annotated[Asked, Query()],
) -> HTMLResponse:
    """A supplier's scorecard, and the lines behind one figure."""
    own = session.get_one(Organization, actor.organization_id)
    return _shown(request, session, _span(own, supplier, query.days), query, form)


@suppliers.get("/scorecard")
def of_own(
    request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm, query: Annotated[AskedOf, Query()]
) -> HTMLResponse:
    """One's own scorecard with a buyer: the first where none is named."""
    known = lookup.buyers(session)
    if not known and not query.buyer:
        return page(request, "scoring/no-buyer.html")
    buyer = next((one for one in known if one.gln == query.buyer or not query.buyer), None)
    if buyer is None:
        raise NotFound("You have no such buyer.")
    own = session.get_one(Organization, actor.organization_id)
    return _shown(request, session, _span(buyer, own, query.days), query, form, supplier=True)


@suppliers.post("/scorecard/{gln}/dispute")
def dispute(
    buyer: BuyerDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Disputing], filled(Disputing)],
) -> Response:
    """Dispute a line behind a figure."""
    own, read = session.get_one(Organization, actor.organization_id), form.read
    days = read.days if read else PERIODS[0]
    span = _span(buyer, own, days)
    if read is not None:
        with form.attempt(session, otherwise="reason"):
            disputes.dispute(session, actor, span, (read.measure, read.subject, read.reason), at=now())
            toast = form.language.gettext("Sent. %(who)s sees it now.", who=form.language.name(buyer))
            address = f"/supplier/scorecard?buyer={buyer.gln}&days={days}&measure={read.measure.value}#lines"
            return go(request, address, toast)
    asked = Asked(days=days, measure=read.measure if read else None, subject=str(read.subject) if read else "")
    return _shown(request, session, span, asked, form, supplier=True)


@buyers.post("/scorecard/disputes/{dispute_id}")
def rule(
    disputed: DisputeDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Ruling], filled(Ruling)],
) -> Response:
    """Leave a disputed line out, or say why it counts."""
    supplier, read = session.get_one(Organization, disputed.owner_id), form.read
    if read is not None:
        with form.attempt(session, otherwise="words"):
            disputes.rule(session, actor, disputed, accepted=read.do == "accept", words=read.words, at=now())
            address = f"/buyer/suppliers/{supplier.gln}/scorecard?measure={disputed.measure.value}#lines"
            return go(request, address, form.language.gettext("Your supplier sees your answer now."))
    own = session.get_one(Organization, actor.organization_id)
    asked = Asked(days=PERIODS[-1], measure=disputed.measure, subject=str(disputed.subject_id))
    return _shown(request, session, _span(own, supplier, asked.days), asked, form)


def _span(buyer: Organization, supplier: Organization, days: int) -> Span:
    at = now()
    return Span(buyer, supplier, at - timedelta(days=days), at)


def _shown(
    request: Request, session: Session, span: Span, asked: Asked, form: Filled[Any], *, supplier: bool = False
) -> HTMLResponse:
    found = lines.every(session, span)
    items = {line.item_id for of_one in found.values() for line in of_one if line.item_id}
    read = Read(
        span=span,
        lines=found,
        disputes=disputes.between(session, span),
        items=lookup.items(session, items),
        days=asked.days,
        measure=asked.measure,
        subject=asked.subject,
    )
    speaks: Language = form.language
    shown = score_page(read, speaks, supplier=supplier)
    return page(request, "scoring/scorecard.html", status=422 if form.errors else 200, card=shown, form=form)


router.include_router(buyers)
router.include_router(suppliers)
