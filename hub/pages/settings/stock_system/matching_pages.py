"""What of the stock system is what of ours: settled one by one, by what is suggested, or by a sheet."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Permission
from hub.errors import HubError
from hub.inventory import mapping
from hub.pages.settings.registers.register_pages import add_sheets
from hub.pages.settings.stock_system import matching_view as view
from hub.pages.settings.stock_system.core_pages import of_a_retailer
from hub.registry.matching import MatchedItems, MatchedStores
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page

Kind = Literal["stores", "items"]
SECTIONS = {"stores": view.section(MatchedStores(), "stores"), "items": view.section(MatchedItems(), "items")}

_ASIDE = {"stores": mapping.set_place_aside, "items": mapping.set_item_aside}


class Pair(BaseModel):
    """Something of the core's by its code, and the number of ours that it is."""

    code: str = Field(min_length=1, max_length=60)
    ours: str = Field(min_length=1, max_length=20)


class Code(BaseModel):
    """Something of the core's by its code."""

    code: str = Field(min_length=1, max_length=60)


_DOORS = [requires(Permission.ADMINISTER), Depends(of_a_retailer)]
"""On the inner routers too: a route looks at what stands on its own, before a stranger's body is read."""
router = Router(
    prefix="/settings/core",
    dependencies=_DOORS,
    include_in_schema=False,
)
for _kind, _section in SECTIONS.items():
    _sheets = Router(prefix=f"/{_kind}", dependencies=_DOORS)
    add_sheets(_sheets, _section)
    router.include_router(_sheets)


@router.get("/{kind}")
def show(request: Request, kind: Kind, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """What is matched, and what is open on both sides."""
    return _show(request, session, kind, form)


@router.post("/{kind}/match")
def match(
    request: Request, kind: Kind, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Pair], filled(Pair)]
) -> Response:
    """One of the core's is this one of ours."""
    if form.read is not None:
        settle = mapping.match_place if kind == "stores" else mapping.match_item
        with form.attempt(session, otherwise="ours"):
            settle(session, actor, form.read.code, form.read.ours)
            return go(request, f"/settings/core/{kind}", toast=form.language.gettext(N_("Matched.")))
    return _show(request, session, kind, form)


@router.post("/{kind}/suggested")
def match_suggested(
    request: Request, kind: Kind, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Match whatever an equal number or code suggests."""
    count = mapping.match_suggested(session, actor, kind)
    toast = speaks.ngettext("%(num)s matched.", "%(num)s matched.", count)
    return go(request, f"/settings/core/{kind}", toast=toast)


@router.post("/{kind}/aside")
def set_aside(
    request: Request, kind: Kind, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Code], filled(Code)]
) -> Response:
    """One of the core's is none of ours."""
    put = partial(_ASIDE[kind], session, actor, aside=True)
    return _put(request, kind, form, put, N_("Set aside: it is none of yours."))


@router.post("/{kind}/open")
def settle_again(
    request: Request, kind: Kind, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Code], filled(Code)]
) -> Response:
    """One of the core's is to be settled again."""
    put = partial(_ASIDE[kind], session, actor, aside=False)
    return _put(request, kind, form, put, N_("It waits to be matched."))


def _put(request: Request, kind: Kind, form: Filled[Code], put: Callable[[str], object], word: str) -> Response:
    """Have something done with one of the core's, and say so, or why not."""
    try:
        put(form.value("code"))
    except HubError as refusal:
        word = refusal.sentence
    return go(request, f"/settings/core/{kind}", toast=form.language.gettext(word))


def _show(request: Request, session: Session, kind: Kind, form: Filled[Pair]) -> HTMLResponse:
    matching = mapping.of_places(session) if kind == "stores" else mapping.of_items(session)
    shown = view.matching_page(kind, matching, form, form.language)
    return page(
        request, "settings/stock_system/matching.html", status=422 if form.errors else 200, form=form, matching=shown
    )
