"""Templates of orders: listed, started from, saved of an order, thrown away."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from hub.access import Permission
from hub.models.base import now
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import Filled, filled
from hub.web.i18n import NN_
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.orders.buying.buyer_pages import OrderDep, shown
from supplier_portal.orders.templates import templates

ADDRESS = "/buyer/orders/templates"
router = Router(prefix="/buyer/orders", dependencies=[requires(Permission.PLACE_ORDERS)], include_in_schema=False)
_ITEMS = NN_("%(num)s item", "%(num)s items")


@dataclass(frozen=True)
class TemplateRow:
    """A template in the list: where an order is started from it, and where it is thrown away."""

    id: str
    name: str
    supplier: str
    lines: str
    start: str
    away: str


class Naming(BaseModel):
    """What a template is called."""

    name: str = Field(max_length=80)


@router.get("/templates")
def listed(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> HTMLResponse:
    """All templates, each with where an order is started from it."""
    rows = templates.kept(session, actor)
    suppliers = lookup.organizations(session, {row.supplier_id for row in rows})
    shown_rows = [
        TemplateRow(
            id=str(row.id),
            name=row.name,
            supplier=speaks.name(suppliers[row.supplier_id]),
            lines=speaks.counted(_ITEMS, len(row.lines)),
            start=f"/buyer/orders/new?template={row.id}",
            away=f"{ADDRESS}/{row.id}/end",
        )
        for row in rows
        if row.supplier_id in suppliers
    ]
    return page(request, "orders/templates.html", rows=shown_rows)


@router.post("/templates/{template_id}/end")
def throw_away(
    template_id: UUID, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Keep a template no more."""
    templates.throw_away(session, actor, templates.find(session, actor, template_id), at=now())
    return go(request, ADDRESS, speaks.gettext("The template is thrown away. Orders stay as they are."))


@router.post("/{number}/template")
def save(
    order: OrderDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Naming], filled(Naming)],
) -> Response:
    """Keep what an order asks for as a template."""
    if form.read is not None:
        with form.attempt(session, otherwise="name"):
            row = templates.save(session, actor, order, form.read.name)
            return go(request, ADDRESS, form.language.gettext("Kept as template “%(name)s”.", name=row.name))
    return shown(request, session, actor, order, form)
