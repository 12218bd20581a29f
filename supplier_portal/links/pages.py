"""Where the link in a letter leads: one order and its answer, and nothing else of the hub."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Request
from fastapi.responses import Response

from hub import db
from hub.errors import HubError
from hub.models.base import now
from hub.models.trade import PurchaseOrder
from hub.pages.account.entry import UNSAID, keep_link, link_of, spent
from hub.web.deps import PUBLIC, LanguageDep
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import Language
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal.dispatch.dispatch_view import Packing
from supplier_portal.links import answer_links
from supplier_portal.links.answer_links import Opened
from supplier_portal.orders.answering.answer_view import effect_of
from supplier_portal.orders.answering.supplier_pages import Answer, Desk
from supplier_portal.orders.answering.supplier_view import SupplierOrder, supplier_order
from supplier_portal.orders.order_book import UNANSWERED

_HERE = "/answer-order"
router = Router(prefix=_HERE, dependencies=[PUBLIC], include_in_schema=False)


@dataclass(frozen=True)
class LinkedOrder(SupplierOrder):
    """The order of a link; ``who`` answers it, ``over`` says so where there is nothing to answer any more."""

    who: str
    over: str


@router.get("")
def show(request: Request, form: EmptyForm, t: str = "") -> Response:
    """The order of a letter; the link's secret leaves the address bar first."""
    if t:
        return keep_link(t, _HERE)
    try:
        with _opened(request) as (opened, desk):
            return _shown(opened, desk, form)
    except HubError as refused:
        return spent(request, refused, form.language)


@router.post("/answer")
def answer(request: Request, form: Annotated[Filled[Answer], filled(Answer)]) -> Response:
    """Send the answer, or fill in the lines that are still open; what is over is shown and changed no more."""
    try:
        with _opened(request) as (opened, desk):
            link = answer_links.take(desk.session, opened)
            if link is None or desk.sheet(now()).status not in UNANSWERED:
                return go(request, _HERE)
            given = desk.answer(form, now())
            if given is None:
                return _shown(opened, desk, form)
            link.used_at = given.answered_at
            toast = form.language.gettext("Answer sent. %(buyer)s sees it now.", buyer=form.language.name(desk.buyer))
        return go(request, _HERE, toast)
    except HubError as refused:
        return spent(request, refused, form.language)


@router.post("/sum")
def summed(request: Request, speaks: LanguageDep, form: Annotated[Filled[Answer], filled(Answer)]) -> Response:
    """What the answer would say as it stands; nothing is sent."""
    try:
        with _opened(request) as (_, desk):
            return page(request, "orders/_effect.html", effect=effect_of(desk.sheet(now()), form, speaks))
    except HubError as refused:
        return spent(request, refused, speaks)


@contextmanager
def _opened(request: Request) -> Iterator[tuple[Opened, Desk]]:
    """The link that this browser keeps, with its order on the desk, in one transaction."""
    opened = answer_links.open_link(link_of(request))
    with db.session(opened.actor.who) as session:
        yield opened, Desk(request, session, opened.actor, session.get_one(PurchaseOrder, opened.order_id))


def _shown(opened: Opened, desk: Desk, form: Filled[Any]) -> Response:
    speaks, dossier = form.language, desk.dossier(now())
    packing = Packing(planned=[], sources=[], form=form, once="")
    order, own = supplier_order(dossier, packing, speaks), speaks.name(dossier.own)
    over = opened.used or dossier.sheet.status not in UNANSWERED
    shown = LinkedOrder(
        **vars(replace(order, path=_HERE, buyer="", change=None, answer=None if over else order.answer)),
        who=speaks.gettext("You answer as %(name)s for %(organization)s.", name=opened.actor.name, organization=own),
        over=_over(speaks) if over else "",
    )
    status = 422 if form.errors else 200
    return page(desk.request, "orders/linked-order.html", status=status, headers=UNSAID, order=shown, form=form)


def _over(speaks: Language) -> str:
    return speaks.gettext("There is nothing to answer here any more. To change an answer or to ship, sign in.")
