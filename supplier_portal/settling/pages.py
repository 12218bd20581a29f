"""Monthly statements: the buyer's, which it issues, and the supplier's, which it agrees to or disputes."""

from datetime import date
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from hub.access import Actor, Permission
from hub.errors import NotFound
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind
from hub.models.settling import Statement
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.export import xlsx_file
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import Language
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.settling import statements
from supplier_portal.settling.statement_view import Sheet, month_rows, stated, table, would_be

buyers = Router(prefix="/buyer/statements", dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)
suppliers = Router(
    prefix="/supplier/statements", dependencies=[requires(Permission.ANSWER_ORDERS)], include_in_schema=False
)
router = Router()


class Answer(BaseModel):
    """What a supplier says to a statement."""

    do: str = Field(pattern="^(agree|dispute)$")
    words: str = Field(default="", max_length=400)


def _supplier(gln: str, session: SessionDep) -> Organization:
    found = session.exec(select(Organization).where(col(Organization.gln) == gln)).first()
    if found is None or found.kind is not OrganizationKind.SUPPLIER:
        raise NotFound("There is no such supplier.")
    return found


def _month(month: str) -> date:
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        raise NotFound("There is no such month.") from None


def _statement(statement_id: UUID, actor: ActorDep, session: SessionDep) -> Statement:
    return statements.find(session, actor, statement_id)


SupplierDep = Annotated[Organization, Depends(_supplier)]
MonthDep = Annotated[date, Depends(_month)]
StatementDep = Annotated[Statement, Depends(_statement)]


@buyers.get("")
@suppliers.get("")
def list_months(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> HTMLResponse:
    """The months with each other side, the newest first."""
    rows = statements.months(session, actor)
    parties = lookup.organizations(session, {row.other_id for row in rows})
    supplier = actor.kind is OrganizationKind.SUPPLIER
    months = month_rows(rows, parties, speaks, supplier=supplier)
    return page(request, "settling/statements.html", months=months, supplier=supplier)


@buyers.get("/of/{gln}/{month}")
def preview(
    supplier: SupplierDep, month: MonthDep, request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm
) -> Response:
    """What would be stated for a month; where it was stated already, the statement, unless it is disputed."""
    last = statements.latest(session, actor.organization_id, supplier.id, month)
    reply = statements.reply_to(session, last) if last else None
    if last is not None and (reply is None or reply.agrees):
        return go(request, f"/buyer/statements/{last.id}")
    owed = statements.account(session, actor.organization_id, supplier.id, month)
    buyer = session.get_one(Organization, actor.organization_id)
    sheet = would_be(owed, (buyer, supplier), month, form.language)
    return page(request, "settling/statement.html", sheet=sheet, form=form)


@buyers.post("/of/{gln}/{month}")
def issue(
    supplier: SupplierDep, month: MonthDep, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """State what is owed for a month."""
    statement = statements.issue(session, actor, supplier, month, at=now())
    toast = speaks.gettext("Stated. %(who)s is asked to agree.", who=speaks.name(supplier))
    return go(request, f"/buyer/statements/{statement.id}", toast)


@buyers.get("/{statement_id}")
@suppliers.get("/{statement_id}")
def show(
    statement: StatementDep, request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm
) -> HTMLResponse:
    """One statement."""
    return _shown(request, session, actor, statement, form)


@suppliers.post("/{statement_id}")
def answer(
    statement: StatementDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Answer], filled(Answer)],
) -> Response:
    """Agree to a statement, or say what is wrong with it."""
    read = form.read
    if read is not None:
        with form.attempt(session):
            statements.reply(session, actor, statement, agrees=read.do == "agree", words=read.words, at=now())
    if form.read is None:
        return _shown(request, session, actor, statement, form)
    return go(
        request, f"/supplier/statements/{statement.id}", form.language.gettext("Your buyer sees your answer now.")
    )


@buyers.get("/{statement_id}/statement.xlsx")
@suppliers.get("/{statement_id}/statement.xlsx")
def workbook(statement: StatementDep, speaks: LanguageDep) -> Response:
    """A statement as a workbook."""
    headings, rows = table(statement, speaks)
    return xlsx_file(statement.number, headings, rows)


@buyers.get("/{statement_id}/statement.pdf")
@suppliers.get("/{statement_id}/statement.pdf")
def printed(statement: StatementDep, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """A statement as a PDF."""
    from supplier_portal.settling import paper  # only who prints one needs the library

    sheet = _sheet(session, actor, statement, speaks)
    _ = speaks.gettext
    headings = [
        _("Day"), _("Order"), _("Shipment"), _("Item"), _("Lot"), _("Ordered"), _("Announced"), _("Accepted"),
        _("Price"), _("Amount"),
    ]  # fmt: skip
    sums = [(_("Goods"), sheet.goods), (_("Credits"), sheet.credit), (_("Owed, before tax"), sheet.total)]
    if sheet.cancelled:
        sums.insert(2, (_("Called off late"), sheet.cancelled))
    name = f"attachment; filename*=UTF-8''{quote(statement.number)}.pdf"
    content = paper.pdf(sheet, headings, sums)
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": name})


def _sheet(session: Session, actor: Actor, statement: Statement, speaks: Language) -> Sheet:
    parties = tuple(session.get_one(Organization, party) for party in (statement.owner_id, statement.supplier_id))
    reply = statements.reply_to(session, statement)
    supplier = actor.organization_id == statement.supplier_id
    return stated(statement, reply, (parties[0], parties[1]), speaks, supplier=supplier)


def _shown(
    request: Request, session: Session, actor: Actor, statement: Statement, form: Filled[Answer]
) -> HTMLResponse:
    sheet = _sheet(session, actor, statement, form.language)
    status = 422 if form.errors else 200
    return page(request, "settling/statement.html", status=status, sheet=sheet, form=form)


router.include_router(buyers)
router.include_router(suppliers)
